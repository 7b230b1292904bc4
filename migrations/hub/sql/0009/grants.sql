-- Grants and reclaims as acts: known to every station in scope, and to a restored hub for its own.

-- Heads that a request for places needs: of its events, and cash, so that in whatever feed a sale is read its
-- grant was read before.
CREATE OR REPLACE FUNCTION hub.lease_feeds(p_request jsonb) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT 'cash' UNION SELECT 'event:' || p.event FROM jsonb_array_elements(p_request #> '{leases,wants}') w
                 JOIN hub.pool p ON p.pool = (w ->> 'pool')::bigint ORDER BY 1)
$$;

-- Slot numbers as [[first, last], …].
CREATE FUNCTION hub.ranges(p_slots bigint[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_array(g.first, g.last) ORDER BY g.first), '[]') FROM (
        SELECT min(t.s) AS first, max(t.s) AS last FROM (
            SELECT s, s - row_number() OVER (ORDER BY s) AS island FROM unnest(p_slots) s) AS t
        GROUP BY t.island) AS g
$$;

DROP FUNCTION hub.grant_places(hub.station, text, jsonb, bigint) CASCADE;

-- Grant one line of a request: up to the station's fair share, never more than is free. The pool is locked.
-- Answers {event, granted: [lease], renewed: [lease]}, NULL for nothing.
CREATE FUNCTION hub.grant_places(p_me hub.station, p_request text, p_want jsonb, p_sellers bigint) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    p hub.pool;
    v_mine bigint;
    v_unsold bigint;
    v_renewed jsonb := '[]';
    v_lease text;
    v_seats bigint[] := ARRAY(SELECT DISTINCT (n #>> '{}')::bigint FROM jsonb_array_elements(coalesce(p_want -> 'slots', '[]')) n
                              ORDER BY 1);
    n bigint;
BEGIN
    SELECT * INTO p FROM hub.pool x WHERE x.pool = (p_want ->> 'pool')::bigint;
    IF NOT FOUND OR p.capacity IS NULL OR NOT hub.in_scope(p_me, 'event:' || p.event)
       OR EXISTS (SELECT FROM hub.event_ended e WHERE e.event = p.event) THEN
        RETURN NULL;
    END IF;
    v_unsold := p.capacity - p.outside - p.used;
    IF (p_want ->> 'renew')::boolean THEN
        WITH u AS (
            UPDATE hub.lease l SET request = p_request, granted_at = clock_timestamp(),
                                   ttl_ms = hub.lease_ms(v_unsold, p_sellers)
                WHERE l.station = p_me.station AND l.epoch = p_me.epoch AND l.pool = p.pool AND l.size > l.used + l.back
                RETURNING l.lease, l.ttl_ms)
        SELECT coalesce(jsonb_agg(jsonb_build_object('lease', u.lease, 'pool', p.pool, 'ttl_ms', u.ttl_ms) ORDER BY u.lease), '[]')
            INTO v_renewed FROM u;
    END IF;
    SELECT coalesce(sum(l.size - l.used - l.back), 0) INTO v_mine FROM hub.lease l
        WHERE l.station = p_me.station AND l.epoch = p_me.epoch AND l.pool = p.pool;
    n := least((p_want ->> 'count')::bigint, hub.fair_share(v_unsold, p_sellers) - v_mine,
               p.capacity - p.leased - p.outside);
    IF cardinality(v_seats) > 0 THEN               -- at most 1,000: an entry has a size
        v_seats := ARRAY(
            SELECT s FROM unnest(v_seats) s
            WHERE NOT EXISTS (SELECT FROM hub.lease_slot u WHERE u.pool = p.pool AND u.slot = s)
              AND NOT EXISTS (SELECT FROM hub.lease l WHERE l.pool = p.pool AND hub.covers(l, s))
            ORDER BY 1 LIMIT greatest(0, least(cardinality(v_seats), 1000, p.capacity - p.leased - p.outside)));
        n := cardinality(v_seats);
    END IF;
    IF n > 0 THEN
        INSERT INTO hub.lease (lease, pool, station, epoch, request, first_slot, last_slot, slots, size, ttl_ms)
            VALUES (gen_random_uuid()::text, p.pool, p_me.station, p_me.epoch, p_request,
                    CASE WHEN cardinality(v_seats) = 0 THEN p.last_slot + 1 END,
                    CASE WHEN cardinality(v_seats) = 0 THEN p.last_slot + n END,
                    CASE WHEN cardinality(v_seats) > 0 THEN v_seats END, n, hub.lease_ms(v_unsold, p_sellers))
            RETURNING lease INTO v_lease;
        UPDATE hub.pool x SET leased = x.leased + n,
                              last_slot = CASE WHEN cardinality(v_seats) = 0 THEN x.last_slot + n ELSE x.last_slot END
            WHERE x.pool = p.pool;
    ELSIF v_renewed = '[]' THEN
        RETURN NULL;
    END IF;
    RETURN jsonb_build_object('event', p.event, 'renewed', v_renewed, 'granted', coalesce(
        (SELECT jsonb_build_array(hub.lease_item(l)) FROM hub.lease l WHERE l.lease = v_lease), '[]'));
END
$$;

-- A lease as its grant tells it.
CREATE FUNCTION hub.lease_item(p_lease hub.lease) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'lease', p_lease.lease, 'pool', p_lease.pool, 'seats', p_lease.slots IS NOT NULL, 'ttl_ms', p_lease.ttl_ms,
        'ranges', CASE WHEN p_lease.slots IS NULL THEN jsonb_build_array(jsonb_build_array(p_lease.first_slot, p_lease.last_slot))
                       ELSE hub.ranges(p_lease.slots) END)
$$;

-- Write down what was granted: an act for each event, and more where one would outgrow an entry. The heads of
-- these events and of cash are locked.
CREATE FUNCTION hub.note_grants(p_station text, p_epoch integer, p_request text, p_done jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    FOR r IN
        WITH d AS (
            SELECT (t.d ->> 'event')::bigint AS event, t.d, t.o,
                   sum(octet_length(t.d::text)) OVER (PARTITION BY t.d ->> 'event' ORDER BY t.o) / 30000 AS part
            FROM jsonb_array_elements(p_done) WITH ORDINALITY AS t(d, o))
        SELECT d.event, d.part,
               coalesce(jsonb_agg(g.item ORDER BY d.o) FILTER (WHERE g.made), '[]') AS granted,
               coalesce(jsonb_agg(g.item ORDER BY d.o) FILTER (WHERE NOT g.made), '[]') AS renewed
        FROM d, LATERAL (SELECT e AS item, true AS made FROM jsonb_array_elements(d.d -> 'granted') e
                         UNION ALL SELECT e, false FROM jsonb_array_elements(d.d -> 'renewed') e) AS g
        GROUP BY d.event, d.part ORDER BY d.event, d.part
    LOOP
        PERFORM hub.append_own('lease_granted', ARRAY['cash', 'event:' || r.event], hub.sealed('lease_granted',
            jsonb_build_object('event', r.event, 'station', p_station, 'epoch', p_epoch, 'request', p_request,
                               'leases', r.granted, 'renewed', r.renewed)));
    END LOOP;
END
$$;

-- Answer a request once. The heads of its feeds are locked already.
CREATE OR REPLACE FUNCTION hub.grant_leases(p_me hub.station, p_request jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_id text := p_request #>> '{leases,id}';
    v_sellers bigint;
    v_done jsonb;
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
    SELECT jsonb_agg(g.done) INTO v_done FROM (
        SELECT hub.grant_places(p_me, v_id, t.w, v_sellers) AS done FROM (
            SELECT DISTINCT ON ((w ->> 'pool')::bigint) w FROM jsonb_array_elements(p_request #> '{leases,wants}') w
            ORDER BY (w ->> 'pool')::bigint) AS t(w) OFFSET 0) AS g
        WHERE g.done IS NOT NULL;
    IF v_done IS NULL THEN
        RETURN;
    END IF;
    UPDATE hub.station s SET lease_version = s.lease_version + 1 WHERE s.station = p_me.station;
    PERFORM hub.note_grants(p_me.station, p_me.epoch, v_id, v_done);
END
$$;

DROP FUNCTION hub.reclaim(text, bigint);

-- Give places of a station that is gone back to their pools, the last ones first, since it sells the first ones
-- first. p_way: `drained` (its disk was read: all that are unsold), `sold` (p_count places of p_pool are sold in
-- all, by its own paper), `risk` (at most p_count of each pool, which may be oversold by as many).
-- p_pool NULL: every pool. Answers {pool: freed}.
CREATE FUNCTION hub.reclaim(p_station text, p_way text, p_count bigint, p_pool bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_freed jsonb := '{}';
    v_acts jsonb := '[]';
    v_taken jsonb;
    v_pool record;
    v_left bigint;
    v_before bigint;
    v_slots bigint[];
    l hub.lease;
BEGIN
    PERFORM hub.lock_heads(ARRAY(SELECT 'cash' UNION SELECT 'event:' || p.event FROM hub.lease x JOIN hub.pool p ON p.pool = x.pool
                                 WHERE x.station = p_station COLLATE "C"), '{}');
    FOR v_pool IN SELECT p.pool, p.event FROM hub.pool p WHERE EXISTS (
                      SELECT FROM hub.lease x WHERE x.pool = p.pool AND x.station = p_station COLLATE "C" AND x.size > x.used + x.back)
                  AND (p_pool IS NULL OR p.pool = p_pool) ORDER BY p.pool FOR UPDATE
    LOOP
        SELECT CASE p_way WHEN 'risk' THEN p_count
                          WHEN 'drained' THEN sum(x.size - x.used - x.back)
                          ELSE sum(x.size - x.used - x.back) - greatest(0, p_count - sum(x.used)) END
            INTO v_left FROM hub.lease x WHERE x.station = p_station COLLATE "C" AND x.pool = v_pool.pool;
        v_before := v_left;
        v_taken := '[]';
        FOR l IN SELECT * FROM hub.lease x WHERE x.station = p_station COLLATE "C" AND x.pool = v_pool.pool
                 AND x.size > x.used + x.back ORDER BY x.granted_at DESC, x.lease
        LOOP
            EXIT WHEN v_left <= 0;
            v_slots := ARRAY(SELECT s FROM hub.unused_slots(l) s ORDER BY 1 DESC LIMIT v_left);
            v_left := v_left - hub.take_back(l.lease, hub.ranges(v_slots), NULL);
            v_taken := v_taken || jsonb_build_object('lease', l.lease, 'ranges', hub.ranges(v_slots));
        END LOOP;
        INSERT INTO hub.lease_reclaim VALUES (gen_random_uuid(), p_station, v_pool.pool, greatest(0, v_before - v_left));
        v_freed := v_freed || jsonb_build_object(v_pool.pool::text, greatest(0, v_before - v_left));
        IF v_taken <> '[]' THEN
            v_acts := v_acts || jsonb_build_object('event', v_pool.event, 'station', p_station, 'pool', v_pool.pool,
                                                   'way', p_way, 'stated', coalesce(p_count, 0), 'leases', v_taken);
        END IF;
    END LOOP;
    PERFORM hub.append_own('lease_reclaimed', ARRAY['cash', 'event:' || (a ->> 'event')], hub.sealed('lease_reclaimed', a))
        FROM jsonb_array_elements(v_acts) a;
    RETURN v_freed;
END
$$;

-- Leases from before there were such acts: every station in scope learns of them, and a restored hub knows them.
DO $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT l.station, l.epoch, jsonb_agg(jsonb_build_object('event', p.event, 'renewed', '[]'::jsonb,
                    'granted', jsonb_build_array(hub.lease_item(l))) ORDER BY p.event, l.lease) AS done
             FROM hub.lease l JOIN hub.pool p ON p.pool = l.pool GROUP BY 1, 2 ORDER BY 1, 2
    LOOP
        PERFORM hub.note_grants(r.station, r.epoch, '', r.done);
    END LOOP;
END
$$;
