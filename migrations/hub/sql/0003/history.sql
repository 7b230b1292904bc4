-- What the hub knew before there were leases: capacities, events that have ended, places sold by stations that
-- counted for themselves.

DO $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT k.station, k.epoch, k.seq, k.entry_id, w.content::jsonb AS doc
             FROM hub.station_log k JOIN hub.log_raw w USING (station, epoch, seq)
             WHERE k.state = 'ok' AND w.content ~ '"kind":"(performance|quota|event)_'
    LOOP
        BEGIN
            PERFORM hub.project_pools(ARRAY[r.entry_id], ARRAY[r.doc]);
        EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
            INSERT INTO hub.held (station, epoch, seq, kind, v, reason)
                VALUES (r.station, r.epoch, r.seq, r.doc ->> 'kind', (r.doc ->> 'v')::bigint, SQLSTATE)
                ON CONFLICT DO NOTHING;
        END;
    END LOOP;
END
$$;
UPDATE hub.pool p SET outside = s.count
    FROM (SELECT l.pool, count(*) FROM hub.lease_slot l GROUP BY 1) AS s WHERE p.pool = s.pool;
