-- Claims: granted by comparing sets; the rules of admission stay with the gates.

-- What is derived from entries. Lock order: pools (in project_slots), then gate rows. Entries that speak of a
-- ticket become visible to claims together with the end of the claims that they fulfil.
CREATE OR REPLACE FUNCTION hub.project(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_feeds text[];
    v_serials text[];
    v_ids uuid[];
    v_made bigint;
BEGIN
    PERFORM hub.project_slots(p_ids, p_json);
    SELECT array_agg(t.feed), array_agg(t.serial), array_agg(t.id) INTO v_feeds, v_serials, v_ids FROM (
        SELECT DISTINCT f.feed COLLATE "C" AS feed, (s.serial #>> '{}') COLLATE "C" AS serial,
               CASE WHEN e.doc ->> 'kind' <> 'claim_dropped' THEN e.id END AS id
        FROM unnest(p_ids, p_json) AS e(id, doc),
             jsonb_array_elements_text(e.doc -> 'feeds') AS f(feed),
             LATERAL (SELECT jsonb_path_query(e.doc -> 'body', 'lax $.positions[*].serial')
                      UNION ALL SELECT jsonb_path_query(e.doc -> 'body', 'lax $.serials[*]')
                      UNION ALL SELECT e.doc #> '{body,serial}') AS s(serial)
        WHERE f.feed LIKE 'event:%' AND jsonb_typeof(s.serial) = 'string' AND s.serial #>> '{}' ~ '^[0-9a-f]{16}$'
        ORDER BY 1, 2) AS t;
    IF v_feeds IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO hub.gate_row (feed, serial)
        SELECT DISTINCT t.f COLLATE "C", t.s COLLATE "C" FROM unnest(v_feeds, v_serials) AS t(f, s) ORDER BY 1, 2
        ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_made = ROW_COUNT;
    IF v_made < cardinality(v_feeds) THEN          -- a row made here is locked as it is
        PERFORM FROM hub.gate_row g
            WHERE (g.feed, g.serial) IN (SELECT t.f COLLATE "C", t.s COLLATE "C" FROM unnest(v_feeds, v_serials) AS t(f, s))
            ORDER BY g.feed, g.serial FOR UPDATE;
    END IF;
    INSERT INTO hub.ticket_seen (feed, serial, entry_id)
        SELECT t.f, t.s, t.id FROM unnest(v_feeds, v_serials, v_ids) AS t(f, s, id) WHERE t.id IS NOT NULL
        ON CONFLICT DO NOTHING;
    PERFORM hub.end_claims(p_ids, p_json);
END
$$;

-- A claim ends by the entry that it announced, or by `claim_dropped`; both from the station that made it.
CREATE FUNCTION hub.end_claims(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM hub.gate_claim c USING unnest(p_ids, p_json) AS e(id, doc)
        WHERE c.entry_id = e.id AND c.station = e.doc #>> '{origin,station}' COLLATE "C";
    IF NOT EXISTS (SELECT FROM unnest(p_json) AS d WHERE d ->> 'kind' = 'claim_dropped') THEN
        RETURN;
    END IF;
    WITH d AS (
        INSERT INTO hub.claim_ended (entry_id, station)
            SELECT (e.doc #>> '{body,claim}')::uuid, e.doc #>> '{origin,station}'
            FROM unnest(p_json) AS e(doc) WHERE e.doc ->> 'kind' = 'claim_dropped'
            ON CONFLICT DO NOTHING RETURNING entry_id, station)
    DELETE FROM hub.gate_claim c USING d WHERE c.entry_id = d.entry_id AND c.station = d.station;
END
$$;

-- How long others take a claim for one that is about to be confirmed.
CREATE FUNCTION hub.claim_confirms_in() RETURNS interval LANGUAGE sql IMMUTABLE AS $$
    SELECT interval '30 seconds'
$$;

-- Entries of a feed that speak of a ticket and are not among those seen: raw, oldest first, at most 100.
CREATE FUNCTION hub.unseen(p_feed text, p_serial text, p_seen uuid[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(jsonb_build_object('station', u.station, 'epoch', u.epoch, 'seq', u.seq, 'content', u.content,
                                        'prev_hash', encode(u.prev_hash, 'hex'), 'hash', encode(u.hash, 'hex'),
                                        'sig', encode(u.sig, 'hex')) ORDER BY u.entry_id)
    FROM (SELECT s.entry_id, r.* FROM hub.ticket_seen s
              JOIN hub.entry_key k ON k.entry_id = s.entry_id
              JOIN hub.log_raw r ON r.station = k.station AND r.epoch = k.epoch AND r.seq = k.seq
          WHERE s.feed = p_feed COLLATE "C" AND s.serial = p_serial COLLATE "C" AND s.entry_id <> ALL (p_seen)
          ORDER BY s.entry_id LIMIT 100) AS u
$$;

-- May the caller open a gate for a ticket, knowing of it what p_seen names? `granted` when nothing speaks of the
-- ticket that the caller has not seen, live claims of other stations included; else what it is. p_entry is the id
-- of the admission to come. Takes no feed head. Asked again with the same p_entry it is the same claim.
-- The common case (nothing unseen, nobody else) calls no function in SQL: those are planned anew at each call.
CREATE FUNCTION api_1.claim(p_feed text, p_serial text, p_seen uuid[], p_entry uuid, p_gate text, p_lane text) RETURNS jsonb
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

-- The caller's own claims that have been open for too long: {items: [{entry_id, feed, serial, gate, lane}]}.
CREATE FUNCTION api_1.claims() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
BEGIN
    IF hub.barred(me) IS NOT NULL THEN
        RETURN hub.barred(me);
    END IF;
    RETURN jsonb_build_object('items', coalesce((
        SELECT jsonb_agg(jsonb_build_object('entry_id', c.entry_id, 'feed', c.feed, 'serial', c.serial, 'gate', c.gate,
                                            'lane', c.lane) ORDER BY c.claimed_at)
        FROM (SELECT * FROM hub.gate_claim g WHERE g.station = me.station
                  AND g.claimed_at < clock_timestamp() - hub.claim_confirms_in()
              ORDER BY g.claimed_at LIMIT 100) AS c), '[]'));
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub, api_1 FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA api_1 TO gatehouse_station;
