-- Where several entries that were brought continue a journal in one place (two copies of one station's file), one of
-- them does: the smallest hash, as behind a gap (release_islands).

-- Append checked entries of the inbox that continue a journal, p_first to p_last; answers how many. What is not
-- appended goes on waiting: where its place is taken now, the next look at the inbox refuses it as FORK.
CREATE OR REPLACE FUNCTION hub.release(p_station text, p_epoch integer, p_first bigint, p_last bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    t hub.station_tip;
    v_hash bytea[];
    v_sig bytea[];
    v_content text[];
BEGIN
    SELECT * INTO STRICT t FROM hub.station_tip s WHERE s.station = p_station COLLATE "C" AND s.epoch = p_epoch FOR UPDATE;
    WITH RECURSIVE chain AS (
        SELECT t.seq AS seq, t.hash AS hash, NULL::bytea AS sig, NULL::text AS content
        UNION ALL
        SELECT n.seq, n.hash, n.sig, n.content
        FROM chain c CROSS JOIN LATERAL (
            SELECT i.seq, i.hash, i.sig, i.content FROM hub.inbox i
            WHERE i.station = t.station AND i.epoch = t.epoch AND i.seq = c.seq + 1 AND i.prev_hash = c.hash
              AND i.state = 'waiting' AND i.seq BETWEEN p_first AND p_last
              AND NOT EXISTS (SELECT FROM hub.station_log l
                              WHERE l.station = i.station AND l.epoch = i.epoch AND l.seq = i.seq)
            ORDER BY i.hash LIMIT 1) AS n)
    SELECT array_agg(c.hash ORDER BY c.seq), array_agg(c.sig ORDER BY c.seq), array_agg(c.content ORDER BY c.seq)
        INTO v_hash, v_sig, v_content FROM chain c WHERE c.seq > t.seq;
    IF v_hash IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM hub.append(t, v_content, v_hash, v_sig);
    UPDATE hub.inbox i SET state = 'released'
        FROM unnest(v_hash) WITH ORDINALITY AS e(hash, o)
        WHERE i.station = t.station AND i.epoch = t.epoch AND i.seq = t.seq + e.o AND i.hash = e.hash;
    RETURN cardinality(v_hash);
END
$$;

REVOKE ALL ON FUNCTION hub.release(text, integer, bigint, bigint) FROM PUBLIC;
