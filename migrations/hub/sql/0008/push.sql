-- push answers requests for rights and values; a claim waits for whoever was just granted a refund.

-- One batch of the caller's own journal, beginning at p_first_seq; p_prev_hash is the hash before it.
-- Lock order everywhere: own tip, heads by name (those of requests included), pools by number, gate rows, the hub's
-- own tip. Nothing here notifies: see wake(). p_request carries requests for leases, rights and values; facts never
-- depend on them, and a push without entries may carry them.
CREATE OR REPLACE FUNCTION hub.take_push(p_epoch integer, p_first_seq bigint, p_prev_hash bytea, p_content text[], p_hash bytea[],
                                         p_sig bytea[], p_request jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
    t hub.station_tip;
    v_known integer;
    v_outcomes jsonb := '[]';
    v_answer jsonb;
    v_fault text := coalesce(hub.push_fault(p_epoch, p_first_seq, p_prev_hash, p_content, p_hash, p_sig),
                             CASE WHEN cardinality(p_content) = 0 AND NOT p_request ?| ARRAY['leases', 'rights', 'values']
                                  THEN 'content' END,
                             hub.lease_fault(p_request), hub.right_fault(p_request));
BEGIN
    IF current_setting('synchronous_commit') IN ('off', 'local', 'remote_write') THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    IF hub.barred(me) IS NOT NULL THEN
        RETURN hub.barred(me);
    ELSIF v_fault IS NOT NULL THEN
        RETURN jsonb_build_object('code', 'BAD_REQUEST', 'field', v_fault);
    ELSIF p_epoch > me.epoch THEN
        RETURN jsonb_build_object('code', 'EPOCH_UNKNOWN', 'epoch', me.epoch);
    END IF;
    SELECT * INTO t FROM hub.station_tip s WHERE s.station = me.station AND s.epoch = p_epoch FOR UPDATE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('code', 'EPOCH_UNKNOWN', 'epoch', me.epoch);
    END IF;
    CASE hub.misfit(t, p_first_seq, p_prev_hash, p_hash)
        WHEN 'GAP' THEN RETURN jsonb_build_object('code', 'GAP', 'tip', hub.tip_json(t));
        WHEN 'FORK' THEN RETURN hub.to_fork_inbox(t, p_first_seq, p_content, p_hash, p_sig);
        ELSE NULL;
    END CASE;
    IF p_request ?| ARRAY['leases', 'rights', 'values'] THEN
        PERFORM hub.lock_heads(hub.lease_feeds(p_request) || hub.right_feeds(p_request), p_content);
    END IF;
    v_known := least(cardinality(p_content), t.seq - p_first_seq + 1);
    IF v_known < cardinality(p_content) THEN
        IF p_epoch < me.epoch THEN
            RETURN hub.to_fork_inbox(t, p_first_seq, p_content, p_hash, p_sig);
        END IF;
        v_outcomes := hub.append(t, p_content[v_known + 1 :], p_hash[v_known + 1 :], p_sig[v_known + 1 :]);
        SELECT * INTO STRICT t FROM hub.station_tip s WHERE s.station = me.station AND s.epoch = p_epoch;
    END IF;
    IF p_epoch = me.epoch THEN
        PERFORM hub.grant_leases(me, p_request);
        v_answer := hub.grant_rights(me, p_request);
    END IF;
    RETURN hub.standing(me) || jsonb_build_object('acked', hub.tip_json(t), 'outcomes', v_outcomes,
                                                  'right_answer', v_answer);
END
$$;

-- May the caller open a gate for a ticket, knowing of it what p_seen names? As before, and: a ticket whose refund, void,
-- exchange or reprint was granted to a till is shown like another gate's claim, with the till's `act`.
CREATE OR REPLACE FUNCTION api_1.claim(p_feed text, p_serial text, p_seen uuid[], p_entry uuid, p_gate text, p_lane text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station;
    v_unseen jsonb;
    v_claims jsonb;
BEGIN
    SELECT s.* INTO me FROM hub.station s WHERE s.role = session_user::text COLLATE "C";
    IF me.station IS NULL OR me.revoked_at IS NOT NULL THEN
        RETURN hub.barred(me);
    ELSIF p_feed IS NULL OR p_feed !~ '^event:[1-9][0-9]{0,9}$' OR p_serial IS NULL OR p_serial !~ '^[0-9a-f]{16}$'
          OR p_entry IS NULL OR p_seen IS NULL OR cardinality(p_seen) > 1000 OR array_position(p_seen, NULL) IS NOT NULL
          OR p_gate IS NULL OR p_gate !~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$' OR p_lane IS NULL OR length(p_lane) > 40 THEN
        RETURN '{"code": "BAD_REQUEST", "field": "claim"}';
    ELSIF me.scope IS NOT NULL AND NOT p_feed = ANY (me.scope) THEN
        RETURN jsonb_build_object('code', 'NOT_IN_SCOPE', 'feed', p_feed);
    END IF;
    IF current_setting('synchronous_commit') IN ('off', 'local', 'remote_write') THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    PERFORM set_config('lock_timeout', '250ms', true);
    INSERT INTO hub.gate_row (feed, serial) VALUES (p_feed, p_serial) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        PERFORM FROM hub.gate_row g WHERE g.feed = p_feed COLLATE "C" AND g.serial = p_serial COLLATE "C" FOR UPDATE;
    END IF;
    PERFORM FROM hub.ticket_seen s WHERE s.feed = p_feed COLLATE "C" AND s.serial = p_serial COLLATE "C"
        AND s.entry_id <> ALL (p_seen) LIMIT 1;
    IF FOUND THEN
        v_unseen := hub.unseen(p_feed, p_serial, p_seen);
    END IF;
    -- A station knows all its own admissions: an old claim of its own that it has not seen fulfilled was lost with
    -- the process that made it. A younger one is of another lane, and there the station's own file decides.
    PERFORM FROM hub.gate_claim c WHERE c.feed = p_feed COLLATE "C" AND c.serial = p_serial COLLATE "C" LIMIT 1;
    IF FOUND THEN
        DELETE FROM hub.gate_claim c
            WHERE c.feed = p_feed COLLATE "C" AND c.serial = p_serial COLLATE "C" AND c.station = me.station
              AND c.entry_id <> p_entry AND c.entry_id <> ALL (p_seen)
              AND c.claimed_at < clock_timestamp() - hub.claim_confirms_in();
        SELECT jsonb_agg(jsonb_build_object(
                'entry_id', c.entry_id, 'station', c.station, 'gate', c.gate, 'lane', c.lane, 'at', hub.at_text(c.claimed_at),
                'unconfirmed', c.claimed_at < clock_timestamp() - hub.claim_confirms_in()) ORDER BY c.claimed_at)
            INTO v_claims
            FROM hub.gate_claim c
            WHERE c.feed = p_feed COLLATE "C" AND c.serial = p_serial COLLATE "C" AND c.station <> me.station
              AND c.entry_id <> ALL (p_seen);
    END IF;
    PERFORM FROM hub.gate_mark m WHERE m.feed = p_feed COLLATE "C" AND m.serial = p_serial COLLATE "C" LIMIT 1;
    IF FOUND THEN
        SELECT coalesce(v_claims, '[]') || jsonb_agg(jsonb_build_object(
                'entry_id', m.order_id, 'station', m.station, 'gate', '', 'lane', '', 'act', m.act, 'at', hub.at_text(m.since),
                'unconfirmed', false) ORDER BY m.since)
            INTO v_claims
            FROM hub.gate_mark m WHERE m.feed = p_feed COLLATE "C" AND m.serial = p_serial COLLATE "C";
    END IF;
    IF v_unseen IS NULL AND v_claims IS NULL
       AND NOT EXISTS (SELECT FROM hub.claim_ended x WHERE x.entry_id = p_entry)
       AND NOT EXISTS (SELECT FROM hub.entry_key k WHERE k.entry_id = p_entry) THEN
        INSERT INTO hub.gate_claim (entry_id, feed, serial, station, gate, lane)
            VALUES (p_entry, p_feed, p_serial, me.station, p_gate, p_lane) ON CONFLICT DO NOTHING;
    END IF;
    RETURN jsonb_build_object('granted', v_unseen IS NULL AND v_claims IS NULL, 'unseen', coalesce(v_unseen, '[]'),
                              'claims', coalesce(v_claims, '[]'));
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub FROM PUBLIC;
REVOKE ALL ON FUNCTION hub.take_push(integer, bigint, bytea, text[], bytea[], bytea[], jsonb) FROM gatehouse_station;
REVOKE ALL ON FUNCTION api_1.claim(text, text, uuid[], uuid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_1.claim(text, text, uuid[], uuid, text, text) TO gatehouse_station;
