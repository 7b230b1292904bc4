-- A journal that nobody goes on with (its disk is lost, its station has begun another epoch or was revoked) may have
-- entries behind a gap that nobody holds any more. They are facts all the same.

-- Append checked entries of the inbox, p_good, that do not continue the journal known here. The tip stays before the gap,
-- so that who holds what is missing still brings it. Answers how many.
CREATE FUNCTION hub.release_islands(p_station text, p_epoch integer, p_good bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    t hub.station_tip;
    v_tip hub.station_tip;
    v_count bigint := 0;
    r record;
BEGIN
    IF NOT EXISTS (SELECT FROM hub.station s WHERE s.station = p_station COLLATE "C"
                   AND (s.epoch > p_epoch OR s.revoked_at IS NOT NULL)) THEN
        RETURN 0;
    END IF;
    SELECT * INTO STRICT v_tip FROM hub.station_tip s WHERE s.station = p_station COLLATE "C" AND s.epoch = p_epoch FOR UPDATE;
    FOR r IN
        WITH found AS (
            SELECT DISTINCT ON (i.seq) i.* FROM hub.inbox i
            WHERE i.station = v_tip.station AND i.epoch = p_epoch AND i.state = 'waiting' AND i.seq = ANY (p_good)
              AND i.seq > v_tip.seq + 1
              AND NOT EXISTS (SELECT FROM hub.station_log l WHERE l.station = i.station AND l.epoch = i.epoch AND l.seq = i.seq)
            ORDER BY i.seq, i.hash
        ), begun AS (
            SELECT f.*, CASE WHEN f.prev_hash = lag(f.hash) OVER w AND f.seq = lag(f.seq) OVER w + 1 THEN 0 ELSE 1 END AS is_first
            FROM found f WINDOW w AS (ORDER BY f.seq)
        ), island AS (
            SELECT b.*, sum(b.is_first) OVER (ORDER BY b.seq) AS number FROM begun b
        )
        SELECT min(d.seq) AS first, (array_agg(d.prev_hash ORDER BY d.seq))[1] AS prev_hash,
               array_agg(d.hash ORDER BY d.seq) AS hashes, array_agg(d.sig ORDER BY d.seq) AS sigs,
               array_agg(d.content ORDER BY d.seq) AS contents
        FROM island d GROUP BY d.number ORDER BY 1
    LOOP
        t := v_tip;
        t.seq := r.first - 1;
        t.hash := r.prev_hash;
        PERFORM hub.append(t, r.contents, r.hashes, r.sigs);
        UPDATE hub.inbox i SET state = 'released'
            WHERE i.station = v_tip.station AND i.epoch = p_epoch AND i.hash = ANY (r.hashes);
        v_count := v_count + cardinality(r.hashes);
    END LOOP;
    UPDATE hub.station_tip s SET seq = v_tip.seq, hash = v_tip.hash WHERE s.station = v_tip.station AND s.epoch = p_epoch;
    PERFORM hub.join_islands(p_station, p_epoch);
    RETURN v_count;
END
$$;

-- Move a tip over what lies behind it already.
CREATE FUNCTION hub.join_islands(p_station text, p_epoch integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_seq bigint;
    v_hash bytea;
BEGIN
    WITH RECURSIVE onward AS (
        SELECT s.seq, s.hash FROM hub.station_tip s WHERE s.station = p_station COLLATE "C" AND s.epoch = p_epoch
        UNION ALL
        SELECT l.seq, l.hash
        FROM onward o
             JOIN hub.station_log l ON l.station = p_station COLLATE "C" AND l.epoch = p_epoch AND l.seq = o.seq + 1
             LEFT JOIN hub.log_raw w ON w.station = l.station AND w.epoch = l.epoch AND w.seq = l.seq
        WHERE w.prev_hash IS NULL OR w.prev_hash = o.hash)     -- an alias keeps no text
    SELECT o.seq, o.hash INTO v_seq, v_hash FROM onward o ORDER BY o.seq DESC LIMIT 1;
    UPDATE hub.station_tip s SET seq = v_seq, hash = v_hash
        WHERE s.station = p_station COLLATE "C" AND s.epoch = p_epoch AND s.seq < v_seq;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub FROM PUBLIC;
