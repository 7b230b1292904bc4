-- A station that joins brings its former epochs over what others have brought of them already. Since 0015 a journal in
-- station_log may have gaps: what lies behind its tip (station_tip) is an island, there before what it continues. Only a
-- journal that nobody goes on with has islands, and only bring_history, release and release_islands append to such a one.

-- A batch of a former epoch of a station that joins with its history; answers {tip} or {code}. What is there
-- already changes nothing, so it may be sent again. Locks: own tip, then heads by name.
CREATE OR REPLACE FUNCTION api_1.bring_history(p_epoch integer, p_first_seq bigint, p_prev_hash bytea, p_content text[],
                                               p_hash bytea[], p_sig bytea[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
    t hub.station_tip;
    v_last bigint;
    v_fault text := hub.push_fault(p_epoch, p_first_seq, p_prev_hash, p_content, p_hash, p_sig);
BEGIN
    IF hub.barred(me) IS NOT NULL THEN
        RETURN hub.barred(me);
    ELSIF v_fault IS NOT NULL OR cardinality(p_content) = 0 THEN
        RETURN jsonb_build_object('code', 'BAD_REQUEST', 'field', coalesce(v_fault, 'content'));
    END IF;
    SELECT e.seq INTO v_last FROM hub.joining_epoch e WHERE e.station = me.station AND e.epoch = p_epoch;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('code', 'EPOCH_UNKNOWN', 'epoch', me.epoch);
    ELSIF p_first_seq + cardinality(p_content) - 1 > v_last THEN
        RETURN '{"code": "BAD_REQUEST", "field": "first_seq"}';
    END IF;
    SELECT * INTO STRICT t FROM hub.station_tip s WHERE s.station = me.station AND s.epoch = p_epoch FOR UPDATE;
    CASE coalesce(hub.misfit(t, p_first_seq, p_prev_hash, p_hash), hub.island_misfit(t, p_first_seq, p_prev_hash, p_hash))
        WHEN 'GAP' THEN RETURN jsonb_build_object('code', 'GAP', 'tip', hub.tip_json(t));
        WHEN 'FORK' THEN RETURN jsonb_build_object('code', 'FORK', 'tip', hub.tip_json(t));
        ELSE NULL;
    END CASE;
    IF p_first_seq + cardinality(p_content) - 1 > t.seq THEN
        PERFORM hub.append_between(t, p_first_seq, p_prev_hash, p_content, p_hash, p_sig);
        SELECT * INTO STRICT t FROM hub.station_tip s WHERE s.station = me.station AND s.epoch = p_epoch;
    END IF;
    RETURN jsonb_build_object('tip', hub.tip_json(t));
END
$$;

-- Whether a batch fits the islands that it covers: NULL, or FORK when one of them has another entry in a place, or
-- follows another one. An alias keeps no text; its hash is enough.
CREATE FUNCTION hub.island_misfit(p_tip hub.station_tip, p_first bigint, p_prev bytea, p_hash bytea[])
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT 'FORK' WHERE EXISTS (
        SELECT FROM unnest(p_hash, p_prev || p_hash[1 : cardinality(p_hash) - 1]) WITH ORDINALITY AS e(hash, prev, o)
            JOIN hub.station_log l ON l.station = p_tip.station AND l.epoch = p_tip.epoch AND l.seq = p_first + e.o - 1
            LEFT JOIN hub.log_raw w ON w.station = l.station AND w.epoch = l.epoch AND w.seq = l.seq
        WHERE l.seq > p_tip.seq AND (l.hash <> e.hash OR w.prev_hash <> e.prev))
$$;

-- Append of a batch that fits (misfit, island_misfit) what is not there yet, then move the tip over what it has reached.
-- The tip is locked; the heads are locked at once for all of it.
CREATE FUNCTION hub.append_between(p_tip hub.station_tip, p_first bigint, p_prev bytea, p_content text[], p_hash bytea[],
                                   p_sig bytea[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    t hub.station_tip := p_tip;
    r record;
BEGIN
    PERFORM hub.lock_heads('{}', p_content);
    FOR r IN
        SELECT min(u.o) AS first, max(u.o) AS last FROM (
            SELECT e.o, e.o - row_number() OVER (ORDER BY e.o) AS run
            FROM generate_series(1, cardinality(p_content)) AS e(o)
            WHERE NOT EXISTS (SELECT FROM hub.station_log l WHERE l.station = p_tip.station AND l.epoch = p_tip.epoch
                              AND l.seq = p_first + e.o - 1)) AS u
        GROUP BY u.run ORDER BY 1
    LOOP
        t.seq := p_first + r.first - 2;
        t.hash := (p_prev || p_hash)[r.first];
        PERFORM hub.append(t, p_content[r.first : r.last], p_hash[r.first : r.last], p_sig[r.first : r.last]);
    END LOOP;
    PERFORM hub.join_islands(p_tip.station, p_tip.epoch);
END
$$;

REVOKE ALL ON FUNCTION hub.island_misfit(hub.station_tip, bigint, bytea, bytea[]),
    hub.append_between(hub.station_tip, bigint, bytea, text[], bytea[], bytea[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION api_1.bring_history(integer, bigint, bytea, text[], bytea[], bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_1.bring_history(integer, bigint, bytea, text[], bytea[], bytea[]) TO gatehouse_station;
