-- Projection: capacities of pools, places that are used, places that come back.

-- The capacity that a pool has by all entries known here: made ones first, then by stamp; the last one counts.
CREATE FUNCTION hub.fold_pools(p_pools bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hub.pool (pool, event, capacity)
        SELECT DISTINCT ON (p.pool) p.pool, p.event,
               (SELECT q.capacity FROM hub.pool_patch q WHERE q.pool = p.pool AND q.says
                ORDER BY q.made, q.hlc DESC, q.entry_id DESC LIMIT 1)
        FROM hub.pool_patch p WHERE p.pool = ANY (p_pools) AND p.made
        ORDER BY p.pool, p.hlc, p.entry_id
        ON CONFLICT (pool) DO UPDATE SET capacity = excluded.capacity, event = excluded.event;
$$;

-- What the catalogue's entries say of capacities and of events that have ended.
CREATE FUNCTION hub.project_pools(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_pools bigint[];
BEGIN
    IF NOT EXISTS (SELECT FROM unnest(p_json) AS d WHERE d ->> 'kind' ~ '^(performance|quota|event)_') THEN
        RETURN;
    END IF;
    WITH e AS (
        SELECT t.id, split_part(t.doc ->> 'kind', '_', 1) AS thing, split_part(t.doc ->> 'kind', '_', 2) AS act, t.doc
        FROM unnest(p_ids, p_json) AS t(id, doc)
        WHERE t.doc ->> 'kind' IN ('performance_created', 'performance_changed', 'quota_created', 'quota_changed')
    ), i AS (
        INSERT INTO hub.pool_patch (pool, entry_id, hlc, made, event, says, capacity)
            SELECT (e.doc #> ARRAY['body', e.thing])::bigint, e.id, e.doc #>> '{origin,hlc}', e.act = 'created',
                   (e.doc #> '{body,event}')::bigint, e.doc #> '{body,fields}' ? 'capacity',
                   (e.doc #>> '{body,fields,capacity}')::bigint
            FROM e ON CONFLICT DO NOTHING RETURNING pool
    ) SELECT array_agg(DISTINCT i.pool ORDER BY i.pool) INTO v_pools FROM i;
    IF v_pools IS NOT NULL THEN
        PERFORM hub.fold_pools(v_pools);
    END IF;
    INSERT INTO hub.event_ended (event, kind)
        SELECT DISTINCT ON (1) (d #> '{body,event}')::bigint, d ->> 'kind' FROM unnest(p_json) AS d
        WHERE d ->> 'kind' IN ('event_cancelled', 'event_finished') ORDER BY 1, 2
        ON CONFLICT DO NOTHING;
END
$$;

-- Whether a slot still belongs to a lease.
CREATE FUNCTION hub.covers(p_lease hub.lease, p_slot bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_lease.slots IS NULL THEN p_slot BETWEEN p_lease.first_slot AND p_lease.last_slot
                ELSE p_slot = ANY (p_lease.slots) END
       AND NOT EXISTS (SELECT FROM hub.lease_back b WHERE b.lease = p_lease.lease
                       AND p_slot BETWEEN b.first_slot AND b.last_slot)
$$;

-- All slots of a lease that it still has and that nobody used.
CREATE FUNCTION hub.unused_slots(p_lease hub.lease) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT n.slot FROM (
        SELECT generate_series(p_lease.first_slot, p_lease.last_slot) AS slot WHERE p_lease.slots IS NULL
        UNION ALL SELECT unnest(p_lease.slots)) AS n
    WHERE NOT EXISTS (SELECT FROM hub.lease_slot s WHERE s.lease = p_lease.lease AND s.slot = n.slot)
      AND NOT EXISTS (SELECT FROM hub.lease_back b WHERE b.lease = p_lease.lease
                      AND n.slot BETWEEN b.first_slot AND b.last_slot)
$$;

-- Take slots from a lease; answers how many it had. `p_ranges`: [[first, last], …].
CREATE FUNCTION hub.take_back(p_lease text, p_ranges jsonb, p_entry uuid) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    l hub.lease;
    v_count bigint;
BEGIN
    SELECT * INTO l FROM hub.lease x WHERE x.lease = p_lease COLLATE "C" FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    SELECT count(*) INTO v_count FROM hub.unused_slots(l) AS n(slot)
        WHERE EXISTS (SELECT FROM jsonb_array_elements(p_ranges) r
                      WHERE n.slot BETWEEN (r ->> 0)::bigint AND (r ->> 1)::bigint);
    INSERT INTO hub.lease_back (lease, first_slot, last_slot, entry_id)
        SELECT l.lease, (r ->> 0)::bigint, (r ->> 1)::bigint, p_entry FROM jsonb_array_elements(p_ranges) r
        ON CONFLICT DO NOTHING;
    UPDATE hub.lease x SET back = x.back + v_count WHERE x.lease = l.lease;
    UPDATE hub.pool p SET leased = p.leased - v_count WHERE p.pool = l.pool;
    UPDATE hub.station s SET lease_version = s.lease_version + 1 WHERE s.station = l.station;
    RETURN v_count;
END
$$;

-- Places that entries use; the first user of a slot keeps the row, another one is a clash. What lies in no lease
-- is counted outside: it is sold, whoever allowed it.
CREATE OR REPLACE FUNCTION hub.project_slots(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_named bigint;
    v_new jsonb;
    r record;
BEGIN
    PERFORM hub.project_pools(p_ids, p_json);
    WITH s AS MATERIALIZED (SELECT * FROM hub.slots_of(p_ids, p_json)),
         i AS (INSERT INTO hub.lease_slot (lease, slot, pool, holder, entry_id)
               SELECT s.lease, s.slot, s.pool, s.holder, s.entry_id FROM s ON CONFLICT DO NOTHING
               RETURNING lease, slot, pool)
    SELECT (SELECT count(*) FROM s),
           (SELECT jsonb_agg(jsonb_build_object('lease', i.lease, 'slot', i.slot, 'pool', i.pool)) FROM i)
        INTO v_named, v_new;
    IF v_named > coalesce(jsonb_array_length(v_new), 0) THEN
        WITH c AS (
            INSERT INTO hub.slot_clash (lease, slot, holder, entry_id)
                SELECT s.lease, s.slot, s.holder, s.entry_id
                FROM hub.slots_of(p_ids, p_json) s
                     JOIN hub.lease_slot l ON l.lease = s.lease AND l.slot = s.slot AND l.holder <> s.holder
                ON CONFLICT DO NOTHING RETURNING lease, slot)
        UPDATE hub.pool p SET outside = p.outside + n.count
            FROM (SELECT l.pool, count(*) FROM c JOIN hub.lease_slot l ON l.lease = c.lease AND l.slot = c.slot
                  GROUP BY 1) AS n WHERE p.pool = n.pool;
    END IF;
    IF v_new IS NOT NULL THEN
        PERFORM FROM hub.pool p WHERE p.pool IN (SELECT (e ->> 'pool')::bigint FROM jsonb_array_elements(v_new) e)
            ORDER BY p.pool FOR UPDATE;
        WITH n AS (
            SELECT (e ->> 'pool')::bigint AS pool, e ->> 'lease' COLLATE "C" AS lease,
                   coalesce(l.pool = (e ->> 'pool')::bigint AND hub.covers(l, (e ->> 'slot')::bigint), false) AS covered,
                   count(*) AS count
            FROM jsonb_array_elements(v_new) e LEFT JOIN hub.lease l ON l.lease = e ->> 'lease' COLLATE "C"
            GROUP BY 1, 2, 3
        ), u AS (
            UPDATE hub.lease x SET used = x.used + n.count FROM n WHERE n.covered AND x.lease = n.lease
        )
        UPDATE hub.pool p SET used = p.used + t.inside, outside = p.outside + t.beyond
            FROM (SELECT n.pool, coalesce(sum(n.count) FILTER (WHERE n.covered), 0) AS inside,
                         coalesce(sum(n.count) FILTER (WHERE NOT n.covered), 0) AS beyond FROM n GROUP BY 1) AS t
            WHERE p.pool = t.pool;
    END IF;
    FOR r IN SELECT e.id, e.doc FROM unnest(p_ids, p_json) WITH ORDINALITY AS e(id, doc, o)
             WHERE e.doc ->> 'kind' = 'lease_returned' ORDER BY e.o
    LOOP
        PERFORM hub.take_back(l.lease, r.doc #> '{body,ranges}', r.id) FROM hub.lease l
            WHERE l.lease = r.doc #>> '{body,lease}' COLLATE "C" AND l.station = r.doc #>> '{origin,station}' COLLATE "C";
    END LOOP;
END
$$;

-- As domain.leases has it.
CREATE FUNCTION hub.is_scarce(p_unsold bigint, p_sellers bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT p_unsold <= 2 * p_sellers
$$;

CREATE FUNCTION hub.fair_share(p_unsold bigint, p_sellers bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_unsold <= 0 THEN 0
                WHEN hub.is_scarce(p_unsold, p_sellers) THEN 1
                ELSE -div(-p_unsold, p_sellers + CASE WHEN p_unsold > 20 * p_sellers THEN 1 ELSE 0 END)
                     + CASE WHEN p_unsold % (p_sellers + CASE WHEN p_unsold > 20 * p_sellers THEN 1 ELSE 0 END) > 0
                            THEN 1 ELSE 0 END END
$$;

CREATE FUNCTION hub.lease_ms(p_unsold bigint, p_sellers bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN hub.is_scarce(p_unsold, p_sellers) THEN 300000 ELSE 72000000 END::bigint
$$;

-- How many stations share what is left: those that have asked in the last 30 days, and never fewer than two
-- where there is more than one.
CREATE FUNCTION hub.sellers() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT greatest(
        (SELECT count(DISTINCT q.station) FROM hub.lease_request q JOIN hub.station s ON s.station = q.station
         WHERE q.asked_at > clock_timestamp() - interval '30 days' AND s.revoked_at IS NULL),
        (SELECT least(2, count(*)) FROM hub.station s WHERE s.revoked_at IS NULL), 1)
$$;

-- The feeds of the pools that a request names, in the caller's scope: their heads are locked with those of the
-- entries, before any pool.
CREATE FUNCTION hub.lease_feeds(p_request jsonb) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT DISTINCT 'event:' || p.event FROM jsonb_array_elements(p_request #> '{leases,wants}') w
                 JOIN hub.pool p ON p.pool = (w ->> 'pool')::bigint ORDER BY 1)
$$;

-- What is wrong with a request, NULL when nothing is. {leases: {id, wants: [{pool, count, renew, slots}]}}
CREATE FUNCTION hub.lease_fault(p_request jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF p_request IS NULL OR jsonb_typeof(p_request) <> 'object' OR p_request -> 'leases' IS NULL THEN
        RETURN NULL;
    ELSIF coalesce(p_request #>> '{leases,id}', '') !~ '^[0-9a-f-]{36}$' THEN
        RETURN 'leases.id';
    ELSIF jsonb_typeof(p_request #> '{leases,wants}') IS DISTINCT FROM 'array'
          OR jsonb_array_length(p_request #> '{leases,wants}') > 200 THEN
        RETURN 'leases.wants';
    ELSIF EXISTS (
        SELECT FROM jsonb_array_elements(p_request #> '{leases,wants}') w
        WHERE coalesce(w ->> 'pool', '') !~ '^[0-9]{1,10}$' OR coalesce(w ->> 'count', '') !~ '^[0-9]{1,9}$'
           OR coalesce(w ->> 'renew', 'false') NOT IN ('true', 'false')
           OR jsonb_typeof(coalesce(w -> 'slots', '[]')) <> 'array'
           OR EXISTS (SELECT FROM jsonb_array_elements(CASE WHEN jsonb_typeof(w -> 'slots') = 'array'
                                                            THEN w -> 'slots' ELSE '[]' END) n
                      WHERE n #>> '{}' !~ '^[0-9]{1,15}$')) THEN
        RETURN 'leases.wants';
    END IF;
    RETURN NULL;
END
$$;

-- Grant one line of a request: up to the station's fair share, never more than is free. The pool is locked.
CREATE FUNCTION hub.grant_places(p_me hub.station, p_request text, p_want jsonb, p_sellers bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    p hub.pool;
    v_mine bigint;
    v_unsold bigint;
    v_seats bigint[] := ARRAY(SELECT DISTINCT (n #>> '{}')::bigint FROM jsonb_array_elements(coalesce(p_want -> 'slots', '[]')) n
                              ORDER BY 1);
    n bigint;
BEGIN
    SELECT * INTO p FROM hub.pool x WHERE x.pool = (p_want ->> 'pool')::bigint;
    IF NOT FOUND OR p.capacity IS NULL OR NOT hub.in_scope(p_me, 'event:' || p.event)
       OR EXISTS (SELECT FROM hub.event_ended e WHERE e.event = p.event) THEN
        RETURN;
    END IF;
    v_unsold := p.capacity - p.outside - p.used;
    IF (p_want ->> 'renew')::boolean THEN
        UPDATE hub.lease l SET request = p_request, granted_at = clock_timestamp(),
                               ttl_ms = hub.lease_ms(v_unsold, p_sellers)
            WHERE l.station = p_me.station AND l.epoch = p_me.epoch AND l.pool = p.pool AND l.size > l.used + l.back;
    END IF;
    SELECT coalesce(sum(l.size - l.used - l.back), 0) INTO v_mine FROM hub.lease l
        WHERE l.station = p_me.station AND l.epoch = p_me.epoch AND l.pool = p.pool;
    n := least((p_want ->> 'count')::bigint, hub.fair_share(v_unsold, p_sellers) - v_mine,
               p.capacity - p.leased - p.outside);
    IF cardinality(v_seats) > 0 THEN
        v_seats := ARRAY(
            SELECT s FROM unnest(v_seats) s
            WHERE NOT EXISTS (SELECT FROM hub.lease_slot u WHERE u.pool = p.pool AND u.slot = s)
              AND NOT EXISTS (SELECT FROM hub.lease l WHERE l.pool = p.pool AND hub.covers(l, s))
            ORDER BY 1 LIMIT greatest(0, least(cardinality(v_seats), p.capacity - p.leased - p.outside)));
        n := cardinality(v_seats);
    END IF;
    IF n <= 0 THEN
        RETURN;
    END IF;
    INSERT INTO hub.lease (lease, pool, station, epoch, request, first_slot, last_slot, slots, size, ttl_ms)
        VALUES (gen_random_uuid()::text, p.pool, p_me.station, p_me.epoch, p_request,
                CASE WHEN cardinality(v_seats) = 0 THEN p.last_slot + 1 END,
                CASE WHEN cardinality(v_seats) = 0 THEN p.last_slot + n END,
                CASE WHEN cardinality(v_seats) > 0 THEN v_seats END, n, hub.lease_ms(v_unsold, p_sellers));
    UPDATE hub.pool x SET leased = x.leased + n,
                          last_slot = CASE WHEN cardinality(v_seats) = 0 THEN x.last_slot + n ELSE x.last_slot END
        WHERE x.pool = p.pool;
END
$$;

-- Answer a request once. The heads of its feeds are locked already.
CREATE FUNCTION hub.grant_leases(p_me hub.station, p_request jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_id text := p_request #>> '{leases,id}';
    v_sellers bigint;
BEGIN
    IF v_id IS NULL OR (SELECT h.mode FROM hub.hub h) <> 'normal' THEN
        RETURN;                                    -- a restored hub does not know what it has granted
    END IF;
    INSERT INTO hub.lease_request (station, request) VALUES (p_me.station, v_id) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    v_sellers := hub.sellers();
    PERFORM FROM hub.pool p WHERE p.pool IN (SELECT (w ->> 'pool')::bigint FROM jsonb_array_elements(p_request #> '{leases,wants}') w)
        ORDER BY p.pool FOR UPDATE;
    PERFORM hub.grant_places(p_me, v_id, w, v_sellers) FROM (
        SELECT DISTINCT ON ((w ->> 'pool')::bigint) w FROM jsonb_array_elements(p_request #> '{leases,wants}') w
        ORDER BY (w ->> 'pool')::bigint) AS t(w);
    UPDATE hub.station s SET lease_version = s.lease_version + 1 WHERE s.station = p_me.station;
END
$$;

-- The caller's leases that have places left, with the version that orders such sets.
CREATE FUNCTION hub.lease_set(p_me hub.station) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'version', (SELECT s.lease_version FROM hub.station s WHERE s.station = p_me.station),
        'items', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                       'lease', l.lease, 'pool', l.pool, 'first', l.first_slot, 'last', l.last_slot,
                       'slots', to_jsonb(l.slots), 'request', l.request, 'ttl_ms', l.ttl_ms) ORDER BY l.pool, l.lease)
            FROM hub.lease l
            WHERE l.station = p_me.station AND l.epoch = p_me.epoch AND l.size > l.used + l.back), '[]'))
$$;

CREATE OR REPLACE FUNCTION hub.standing(p_me hub.station) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'hub_at', hub.at_text(clock_timestamp()), 'hub_ms', hub.ms(clock_timestamp()),
        'leases', hub.lease_set(p_me),
        'rights', jsonb_build_object('version', p_me.right_version, 'items', '[]'::jsonb),
        'retry_after_ms', 0, 'max_batch', 200, 'max_bytes', 262144)
$$;

-- Give places of a station that is gone back to their pools, at most p_risk of each pool: if it has sold them
-- after all, the pool is oversold by no more than that. Answers {pool: freed}.
CREATE FUNCTION hub.reclaim(p_station text, p_risk bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_freed jsonb := '{}';
    v_pool bigint;
    v_left bigint;
    v_slots bigint[];
    l hub.lease;
BEGIN
    PERFORM FROM hub.feed_head h JOIN (
        SELECT DISTINCT 'event:' || p.event AS feed FROM hub.lease x JOIN hub.pool p ON p.pool = x.pool
        WHERE x.station = p_station COLLATE "C") f ON f.feed = h.feed ORDER BY h.feed FOR UPDATE OF h;
    FOR v_pool IN SELECT DISTINCT x.pool FROM hub.lease x WHERE x.station = p_station COLLATE "C"
                  AND x.size > x.used + x.back ORDER BY 1
    LOOP
        PERFORM FROM hub.pool p WHERE p.pool = v_pool FOR UPDATE;
        v_left := p_risk;
        FOR l IN SELECT * FROM hub.lease x WHERE x.station = p_station COLLATE "C" AND x.pool = v_pool
                 AND x.size > x.used + x.back ORDER BY x.granted_at DESC, x.lease
        LOOP
            EXIT WHEN v_left <= 0;
            v_slots := ARRAY(SELECT s FROM hub.unused_slots(l) s ORDER BY 1 DESC LIMIT v_left);
            v_left := v_left - hub.take_back(l.lease, (SELECT jsonb_agg(jsonb_build_array(s, s)) FROM unnest(v_slots) s), NULL);
        END LOOP;
        INSERT INTO hub.lease_reclaim VALUES (gen_random_uuid(), p_station, v_pool, p_risk - v_left);
        v_freed := v_freed || jsonb_build_object(v_pool::text, p_risk - v_left);
    END LOOP;
    RETURN v_freed;
END
$$;
