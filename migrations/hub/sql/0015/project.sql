-- Of several contents under one id the tables tell the one with the smallest hash, as every station does
-- (app/store/replica.py), whichever came first.

-- The content that counts for each of these ids that has several.
CREATE FUNCTION hub.winners(p_ids uuid[]) RETURNS TABLE (entry_id uuid, content_hash bytea, doc jsonb)
LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (p.entry_id) p.entry_id, l.content_hash, w.content::jsonb
    FROM (SELECT k.entry_id, k.station, k.epoch, k.seq FROM hub.entry_key k
          WHERE k.entry_id IN (SELECT d.entry_id FROM hub.duplicate_id d WHERE d.entry_id = ANY (p_ids))
          UNION ALL SELECT d.entry_id, d.station, d.epoch, d.seq FROM hub.duplicate_id d WHERE d.entry_id = ANY (p_ids)) AS p
         JOIN hub.station_log l ON l.station = p.station AND l.epoch = p.epoch AND l.seq = p.seq
         JOIN hub.log_raw w ON w.station = p.station AND w.epoch = p.epoch AND w.seq = p.seq
    ORDER BY p.entry_id, l.content_hash
$$;

-- What was filled before with another content is computed anew at once where the log is short; else it waits for
-- settle_twins, since nobody's push may take so long.
CREATE FUNCTION hub.note_winners(p_ids uuid[]) RETURNS void LANGUAGE plpgsql SET lock_timeout = '1s' AS $$
DECLARE
    v_changed boolean;
BEGIN
    WITH changed AS (
        INSERT INTO hub.twin AS t (entry_id, content_hash, pending)
            SELECT w.entry_id, w.content_hash, true
            FROM hub.winners(p_ids) w
                 JOIN hub.entry_key k ON k.entry_id = w.entry_id
                 LEFT JOIN hub.twin b ON b.entry_id = w.entry_id
            WHERE w.content_hash <> coalesce(b.content_hash, k.content_hash)
            ON CONFLICT (entry_id) DO UPDATE SET content_hash = excluded.content_hash, pending = true
            RETURNING 1
    ) SELECT EXISTS (SELECT FROM changed) INTO v_changed;
    IF v_changed AND (SELECT sum(s.seq) FROM hub.station_tip s) <= 20000 THEN
        BEGIN
            PERFORM hub.settle_twins();
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            NULL;                                  -- a long report reads the tables: later
        END;
    END IF;
END
$$;

-- Compute the tables anew where they tell a content that does not count; answers for how many ids.
CREATE FUNCTION hub.settle_twins() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_count bigint := (SELECT count(*) FROM hub.twin t WHERE t.pending);
BEGIN
    IF v_count > 0 THEN
        UPDATE hub.twin SET pending = false WHERE pending;
        PERFORM hub.rebuild_projections();
    END IF;
    RETURN v_count;
END
$$;

-- The hook of hub.project. What does not fit is held and takes nothing of its batch with it; places and seen tickets of
-- such an entry are noted all the same. In place of an entry whose id has several contents stands the one that counts.
CREATE OR REPLACE FUNCTION hub.project_tables(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_ids uuid[] := p_ids;
    v_json jsonb[] := p_json;
BEGIN
    IF EXISTS (SELECT FROM hub.duplicate_id d WHERE d.entry_id = ANY (p_ids)) THEN
        SELECT array_agg(e.id), array_agg(e.doc) INTO v_ids, v_json
            FROM (SELECT w.entry_id, w.doc FROM hub.winners(p_ids) w
                  UNION ALL SELECT x.id, x.doc FROM unnest(p_ids, p_json) AS x(id, doc)
                            WHERE NOT EXISTS (SELECT FROM hub.duplicate_id d WHERE d.entry_id = x.id)) AS e(id, doc);
    END IF;
    SELECT array_agg(e.id), array_agg(e.doc) INTO v_ids, v_json
        FROM unnest(v_ids, v_json) AS e(id, doc)
             JOIN hub.known_kind k ON k.kind = (e.doc ->> 'kind') COLLATE "C" AND k.v = (e.doc ->> 'v')::integer;
    IF v_ids IS NOT NULL THEN
        PERFORM hub.fill_or_hold(v_ids, v_json);
    END IF;
    PERFORM hub.note_winners(p_ids) WHERE EXISTS (SELECT FROM hub.duplicate_id d WHERE d.entry_id = ANY (p_ids));
END
$$;

CREATE FUNCTION hub.fill_or_hold(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        PERFORM hub.fill_tables(p_ids, p_json);
        RETURN;
    EXCEPTION
        WHEN serialization_failure OR deadlock_detected OR query_canceled OR operator_intervention
             OR lock_not_available THEN RAISE;
        WHEN OTHERS THEN NULL;
    END;
    FOR i IN 1 .. cardinality(p_ids) LOOP
        BEGIN
            PERFORM hub.fill_tables(p_ids[i : i], p_json[i : i]);
        EXCEPTION
            WHEN serialization_failure OR deadlock_detected OR query_canceled OR operator_intervention
                 OR lock_not_available THEN RAISE;
            WHEN OTHERS THEN
                INSERT INTO hub.held (station, epoch, seq, kind, v, reason)
                    SELECT k.station, k.epoch, k.seq, p_json[i] ->> 'kind', (p_json[i] ->> 'v')::bigint, SQLSTATE
                    FROM hub.entry_key k WHERE k.entry_id = p_ids[i]
                    ON CONFLICT DO NOTHING;
        END;
    END LOOP;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub FROM PUBLIC;

-- What an older program filled by the order of arrival.
SELECT hub.note_winners(ARRAY(SELECT d.entry_id FROM hub.duplicate_id d));
