-- push takes a request for leases, also without entries; hello tells the new schema.

-- The shape of a push as a call: NULL when it may be looked at, else the field that is wrong.
CREATE OR REPLACE FUNCTION hub.push_fault(p_epoch integer, p_first bigint, p_prev bytea, p_content text[], p_hash bytea[], p_sig bytea[])
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_epoch IS NULL THEN 'epoch'
        WHEN p_first IS NULL OR p_first < 1 OR p_first > 4611686018427387904 THEN 'first_seq'
        WHEN p_prev IS NULL OR octet_length(p_prev) <> 32 THEN 'prev_hash'
        WHEN p_content IS NULL OR cardinality(p_content) > 200 OR array_ndims(p_content) <> 1
             OR array_position(p_content, NULL) IS NOT NULL THEN 'content'
        WHEN cardinality(p_hash) IS DISTINCT FROM cardinality(p_content)
             OR EXISTS (SELECT FROM unnest(p_hash) h WHERE h IS NULL OR octet_length(h) <> 32) THEN 'hash'
        WHEN cardinality(p_sig) IS DISTINCT FROM cardinality(p_content)
             OR array_position(p_sig, NULL) IS NOT NULL THEN 'sig'
        WHEN cardinality(p_content) > 1
             AND (SELECT sum(octet_length(c)) FROM unnest(p_content) c) > 262144 THEN 'bytes'
    END
$$;

-- Make and lock the heads of these feeds and of all feeds that the entries name, in order.
CREATE FUNCTION hub.lock_heads(p_feeds text[], p_content text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_names text[] COLLATE "C";
BEGIN
    v_names := ARRAY(
        SELECT DISTINCT f COLLATE "C" FROM (
            SELECT unnest(p_feeds) UNION ALL
            SELECT jsonb_path_query(d, 'lax $.feeds[*]') #>> '{}' FROM unnest(hub.parse_all(p_content)) d) AS t(f)
        WHERE f ~ '^(org|cash|desk|event:[1-9][0-9]{0,9})$' ORDER BY 1);
    INSERT INTO hub.feed_head (feed) SELECT f FROM unnest(v_names) WITH ORDINALITY AS t(f, o) ORDER BY o
        ON CONFLICT DO NOTHING;
    PERFORM FROM hub.feed_head h WHERE h.feed = ANY (v_names) ORDER BY h.feed FOR UPDATE;
END
$$;

-- One batch of the caller's own journal, beginning at p_first_seq; p_prev_hash is the hash before it.
-- Lock order everywhere: own tip, heads by name (those of top-ups included), pools by number. Nothing here
-- notifies: see wake(). p_request carries a request for leases; facts never depend on it, and a push without
-- entries may carry one.
CREATE OR REPLACE FUNCTION api_1.push(p_epoch integer, p_first_seq bigint, p_prev_hash bytea, p_content text[], p_hash bytea[],
                           p_sig bytea[], p_request jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
    t hub.station_tip;
    v_known integer;
    v_outcomes jsonb := '[]';
    v_fault text := coalesce(hub.push_fault(p_epoch, p_first_seq, p_prev_hash, p_content, p_hash, p_sig),
                             CASE WHEN cardinality(p_content) = 0 AND p_request -> 'leases' IS NULL THEN 'content' END,
                             hub.lease_fault(p_request));
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
    IF p_request -> 'leases' IS NOT NULL THEN
        PERFORM hub.lock_heads(hub.lease_feeds(p_request), p_content);
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
    END IF;
    RETURN hub.standing(me) || jsonb_build_object('acked', hub.tip_json(t), 'outcomes', v_outcomes);
END
$$;

-- request: {protocol: {min, max}, epoch, seq, hash, incarnation, schema, program}
CREATE OR REPLACE FUNCTION api_1.hello(p_request jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
    h hub.hub;
    t hub.station_tip;
    v_epoch integer;
BEGIN
    IF hub.barred(me) IS NOT NULL THEN
        RETURN hub.barred(me);
    END IF;
    IF coalesce(p_request ->> 'epoch', '') !~ '^[0-9]{1,9}$'
       OR coalesce(p_request #>> '{protocol,min}', '') !~ '^[0-9]{1,4}$'
       OR coalesce(p_request #>> '{protocol,max}', '') !~ '^[0-9]{1,4}$' THEN
        RETURN '{"code": "BAD_REQUEST", "field": "hello"}';
    END IF;
    IF (p_request #>> '{protocol,max}')::integer < 1 THEN
        RETURN '{"code": "MUST_UPGRADE", "protocol": 1}';
    ELSIF (p_request #>> '{protocol,min}')::integer > 1 THEN
        RETURN '{"code": "HUB_OUTDATED", "protocol": 1}';
    END IF;
    v_epoch := (p_request ->> 'epoch')::integer;
    IF v_epoch <> me.epoch THEN
        RETURN jsonb_build_object('code', CASE WHEN v_epoch < me.epoch THEN 'FORK' ELSE 'EPOCH_UNKNOWN' END,
                                  'epoch', me.epoch);
    END IF;
    SELECT * INTO STRICT h FROM hub.hub;
    SELECT * INTO STRICT t FROM hub.station_tip s WHERE s.station = me.station AND s.epoch = me.epoch;
    UPDATE hub.station s SET seen_at = clock_timestamp(), program = left(p_request ->> 'program', 40)
        WHERE s.station = me.station;
    RETURN hub.standing(me) || jsonb_build_object(
        'protocol', 1, 'schema', '0003', 'incarnation', hub.incarnation(), 'mode', h.mode,
        'organization', h.organization, 'station', me.station, 'tip', hub.tip_json(t), 'notices', '[]'::jsonb);
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub, api_1 FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA api_1 TO gatehouse_station;
