-- Projection of places: whose lease a sale names, pools that are heard of late, returns before their grant.

DROP FUNCTION hub.slots_of(uuid[], jsonb[]) CASCADE;

-- The leased places that entries name: by positions, or by the entry itself; `station` is who wrote the entry.
CREATE FUNCTION hub.places_of(p_ids uuid[], p_json jsonb[])
RETURNS TABLE (lease text, slot bigint, pool bigint, holder text, entry_id uuid, station text) LANGUAGE sql STABLE AS $$
    SELECT u.item ->> 'lease', (n.slot #>> '{}')::bigint, (u.item ->> 'pool')::bigint,
           coalesce(e.doc #>> '{body,order}', e.id::text), e.id, e.doc #>> '{origin,station}'
    FROM unnest(p_ids, p_json) AS e(id, doc),
         LATERAL (SELECT jsonb_path_query(e.doc -> 'body', 'lax $.positions[*].slots[*]')
                  UNION ALL SELECT jsonb_path_query(e.doc -> 'body', 'lax $.slots[*]')) AS u(item),
         LATERAL jsonb_path_query(u.item, 'lax $.slots[*]') AS n(slot)
    WHERE jsonb_typeof(u.item -> 'lease') = 'string' AND jsonb_typeof(n.slot) = 'number'
    ORDER BY 1, 2, 5
$$;

-- Places that entries use; the first user of a slot keeps the row, another one is a clash, and so is whoever
-- names the lease of another station. What lies in no lease is counted outside: it is sold, whoever allowed it.
CREATE OR REPLACE FUNCTION hub.project_slots(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_named bigint;
    v_pools bigint[];
    v_new jsonb;
BEGIN
    PERFORM hub.project_pools(p_ids, p_json);
    WITH s AS MATERIALIZED (SELECT * FROM hub.places_of(p_ids, p_json)),
         i AS (INSERT INTO hub.lease_slot (lease, slot, pool, holder, entry_id)
               SELECT s.lease, s.slot, s.pool, s.holder, s.entry_id FROM s
               WHERE NOT EXISTS (SELECT FROM hub.lease l WHERE l.lease = s.lease COLLATE "C" AND l.station <> s.station COLLATE "C")
               ON CONFLICT DO NOTHING RETURNING lease, slot, pool)
    SELECT (SELECT count(*) FROM s), (SELECT array_agg(DISTINCT s.pool ORDER BY s.pool) FROM s WHERE s.pool IS NOT NULL),
           (SELECT jsonb_agg(jsonb_build_object('lease', i.lease, 'slot', i.slot, 'pool', i.pool)) FROM i)
        INTO v_named, v_pools, v_new;
    IF v_pools IS NOT NULL THEN
        INSERT INTO hub.pool (pool, event) SELECT n, 0 FROM unnest(v_pools) n ON CONFLICT DO NOTHING;
        PERFORM FROM hub.pool p WHERE p.pool = ANY (v_pools) ORDER BY p.pool FOR UPDATE;
    END IF;
    IF v_named > coalesce(jsonb_array_length(v_new), 0) THEN
        PERFORM hub.note_clashes(p_ids, p_json);
    END IF;
    IF v_new IS NOT NULL THEN
        PERFORM hub.count_places(v_new);
    END IF;
    PERFORM hub.note_returns(p_ids, p_json);
END
$$;

CREATE FUNCTION hub.note_clashes(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE sql AS $$
    WITH s AS MATERIALIZED (
        SELECT n.* FROM hub.places_of(p_ids, p_json) n
            LEFT JOIN hub.lease_slot u ON u.lease = n.lease COLLATE "C" AND u.slot = n.slot
            LEFT JOIN hub.lease l ON l.lease = n.lease COLLATE "C"
        WHERE u.holder <> n.holder COLLATE "C" OR l.station <> n.station COLLATE "C"
    ), c AS (
        INSERT INTO hub.slot_clash (lease, slot, holder, entry_id)
            SELECT DISTINCT ON (s.lease, s.slot, s.holder) s.lease, s.slot, s.holder, s.entry_id FROM s
            ORDER BY s.lease, s.slot, s.holder, s.entry_id
            ON CONFLICT DO NOTHING RETURNING lease, slot, holder)
    UPDATE hub.pool p SET outside = p.outside + n.count
        FROM (SELECT s.pool, count(DISTINCT (c.lease, c.slot, c.holder)) FROM c
                  JOIN s ON s.lease = c.lease AND s.slot = c.slot AND s.holder = c.holder GROUP BY 1) AS n
        WHERE p.pool = n.pool
$$;

-- Count places that are used for the first time: within their lease, or outside of any.
CREATE FUNCTION hub.count_places(p_new jsonb) RETURNS void LANGUAGE sql AS $$
    WITH n AS (
        SELECT (e ->> 'pool')::bigint AS pool, e ->> 'lease' COLLATE "C" AS lease,
               coalesce(l.pool = (e ->> 'pool')::bigint AND hub.covers(l, (e ->> 'slot')::bigint), false) AS covered,
               count(*) AS count
        FROM jsonb_array_elements(p_new) e LEFT JOIN hub.lease l ON l.lease = e ->> 'lease' COLLATE "C"
        GROUP BY 1, 2, 3
    ), u AS (
        UPDATE hub.lease x SET used = x.used + n.count FROM n WHERE n.covered AND x.lease = n.lease
    )
    UPDATE hub.pool p SET used = p.used + t.inside, outside = p.outside + t.beyond
        FROM (SELECT n.pool, coalesce(sum(n.count) FILTER (WHERE n.covered), 0) AS inside,
                     coalesce(sum(n.count) FILTER (WHERE NOT n.covered), 0) AS beyond FROM n GROUP BY 1) AS t
        WHERE p.pool = t.pool
$$;

-- Places given back by their holder; of a lease that is not known here the return waits for the grant.
CREATE FUNCTION hub.note_returns(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT e.id, e.doc #>> '{origin,station}' AS station, e.doc #>> '{body,lease}' AS lease,
                    e.doc #> '{body,ranges}' AS ranges
             FROM unnest(p_ids, p_json) WITH ORDINALITY AS e(id, doc, o)
             WHERE e.doc ->> 'kind' = 'lease_returned' ORDER BY e.o
    LOOP
        PERFORM hub.take_back(l.lease, r.ranges, r.id) FROM hub.lease l
            WHERE l.lease = r.lease COLLATE "C" AND l.station = r.station COLLATE "C";
        IF NOT FOUND AND r.lease IS NOT NULL AND jsonb_typeof(r.ranges) = 'array'
           AND NOT EXISTS (SELECT FROM hub.lease l WHERE l.lease = r.lease COLLATE "C") THEN
            INSERT INTO hub.lease_early_back (lease, entry_id, station, ranges)
                VALUES (r.lease, r.id, r.station, r.ranges) ON CONFLICT DO NOTHING;
        END IF;
    END LOOP;
END
$$;
