-- Projection of what happens to orders after their sale. Everything here is under the heads of the entries' feeds.

-- A place that its order no longer takes: out of its lease, back into its pool; a new lease names it anew. Does
-- nothing while the sale has not come.
CREATE FUNCTION hub.free_slot(p_freed hub.slot_freed) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    s hub.lease_slot;
    l hub.lease;
BEGIN
    DELETE FROM hub.slot_clash c WHERE c.lease = p_freed.lease AND c.slot = p_freed.slot AND c.holder = p_freed.holder;
    IF FOUND THEN
        UPDATE hub.pool p SET outside = p.outside - 1 WHERE p.pool = p_freed.pool;
    END IF;
    DELETE FROM hub.lease_slot x WHERE x.lease = p_freed.lease AND x.slot = p_freed.slot AND x.holder = p_freed.holder
        RETURNING * INTO s;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT * INTO l FROM hub.lease x WHERE x.lease = s.lease FOR UPDATE;
    IF FOUND AND l.pool = s.pool AND hub.covers(l, s.slot) THEN
        UPDATE hub.lease x SET used = x.used - 1, back = x.back + 1 WHERE x.lease = l.lease;
        UPDATE hub.pool p SET used = p.used - 1, leased = p.leased - 1 WHERE p.pool = s.pool;
    ELSE
        UPDATE hub.pool p SET outside = p.outside - 1 WHERE p.pool = s.pool;
    END IF;
    INSERT INTO hub.lease_back (lease, first_slot, last_slot, entry_id) VALUES (s.lease, s.slot, s.slot, p_freed.entry_id)
        ON CONFLICT DO NOTHING;
END
$$;

-- Places that entries give back, and places of their orders that were given back before the sale was heard of.
CREATE FUNCTION hub.project_freed(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    f hub.slot_freed;
BEGIN
    INSERT INTO hub.slot_freed (lease, slot, holder, pool, entry_id)
        SELECT u.item ->> 'lease', (n.slot #>> '{}')::bigint, e.doc #>> '{body,order}', (u.item ->> 'pool')::bigint, e.id
        FROM unnest(p_ids, p_json) AS e(id, doc),
             LATERAL (SELECT jsonb_path_query(e.doc -> 'body', 'lax $.positions[*].freed[*]')
                      UNION ALL SELECT jsonb_path_query(e.doc -> 'body', 'lax $.freed[*]')) AS u(item),
             LATERAL jsonb_path_query(u.item, 'lax $.slots[*]') AS n(slot)
        WHERE e.doc ->> 'kind' IN ('refund_paid', 'order_voided', 'exchanged', 'reservation_released', 'payment_failed')
          AND jsonb_typeof(u.item -> 'lease') = 'string' AND jsonb_typeof(n.slot) = 'number'
          AND e.doc #>> '{body,order}' IS NOT NULL
        ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING;
    FOR f IN SELECT x.* FROM hub.slot_freed x
             WHERE x.holder IN (SELECT (d #>> '{body,order}') COLLATE "C" FROM unnest(p_json) d) ORDER BY x.lease, x.slot
    LOOP
        PERFORM hub.free_slot(f);
    END LOOP;
END
$$;

-- Rights that were given up, by their holder or in its place by an operator. A number above the known one was granted
-- before a restore that forgot it.
CREATE FUNCTION hub.give_up(p_rights jsonb, p_station text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_orders uuid[];
BEGIN
    WITH r AS (
        SELECT (e ->> 'order')::uuid AS id, max((e ->> 'number')::bigint) AS number
        FROM jsonb_array_elements(p_rights) e GROUP BY 1 ORDER BY 1
    ), u AS (
        INSERT INTO hub.order_right AS o (order_id, station, epoch, number)
            SELECT r.id, '00000000', 0, r.number FROM r ORDER BY 1
            ON CONFLICT (order_id) DO UPDATE SET station = '00000000', epoch = 0, number = excluded.number,
                act = NULL, request = NULL, since = clock_timestamp()
            WHERE o.number < excluded.number OR (o.number = excluded.number AND o.station = p_station COLLATE "C")
            RETURNING o.order_id
    ) SELECT array_agg(u.order_id) INTO v_orders FROM u;
    DELETE FROM hub.gate_mark m WHERE m.order_id = ANY (v_orders);
    UPDATE hub.station s SET right_version = s.right_version + 1 WHERE s.station = p_station COLLATE "C";
END
$$;

-- Amounts reserved on values that are free again.
CREATE FUNCTION hub.end_value_grants(p_requests text[], p_station text, p_state text, p_value text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH g AS (
        UPDATE hub.value_grant x SET state = p_state
            WHERE x.request = ANY (p_requests) AND x.station = p_station COLLATE "C" AND x.state = 'held'
                AND x.value = coalesce(p_value COLLATE "C", x.value)
            RETURNING x.value, x.amount)
    UPDATE hub.value_account a SET reserved = a.reserved - t.amount
        FROM (SELECT g.value, sum(g.amount) AS amount FROM g GROUP BY 1) AS t WHERE a.value = t.value;
    UPDATE hub.station s SET right_version = s.right_version + 1 WHERE s.station = p_station COLLATE "C";
END
$$;

-- What was put on values and taken from them.
CREATE FUNCTION hub.project_value(p_json jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_kind text := p_json ->> 'kind';
    b jsonb := p_json -> 'body';
    v_amount bigint := (b ->> 'amount_minor')::bigint;
    v_station text := p_json #>> '{origin,station}';
BEGIN
    INSERT INTO hub.value_account AS a (value, currency, issued, spent, expires_at)
        VALUES (b ->> 'value', b ->> 'currency',
                CASE WHEN v_kind = 'value_issued' THEN v_amount ELSE 0 END,
                CASE v_kind WHEN 'value_spent' THEN v_amount WHEN 'value_returned' THEN -v_amount ELSE 0 END,
                (b ->> 'expires_at')::timestamptz)
        ON CONFLICT (value) DO UPDATE SET issued = a.issued + excluded.issued, spent = a.spent + excluded.spent,
            expires_at = coalesce(greatest(a.expires_at, excluded.expires_at), a.expires_at, excluded.expires_at);
    IF v_kind = 'value_spent' AND b ->> 'request' IS NOT NULL THEN
        PERFORM hub.end_value_grants(ARRAY[b ->> 'request'], v_station, 'spent', b ->> 'value');
    END IF;
END
$$;

-- What the hub itself said, also where it comes back to a restored hub that had forgotten it.
CREATE FUNCTION hub.project_grant(p_json jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    b jsonb := p_json -> 'body';
BEGIN
    CASE p_json ->> 'kind'
        WHEN 'right_granted' THEN
            INSERT INTO hub.order_right AS o (order_id, station, epoch, number, act, request)
                VALUES ((b ->> 'order')::uuid, b ->> 'station', (b ->> 'epoch')::integer, (b ->> 'number')::bigint,
                        b ->> 'act', b ->> 'request')
                ON CONFLICT (order_id) DO UPDATE SET station = excluded.station, epoch = excluded.epoch,
                    number = excluded.number, act = excluded.act, request = excluded.request, since = clock_timestamp()
                WHERE o.number < excluded.number;
        WHEN 'right_written_off' THEN
            PERFORM hub.give_up(b -> 'rights', b ->> 'station');
        WHEN 'value_granted' THEN
            INSERT INTO hub.value_grant (request, value, station, epoch, amount, currency)
                VALUES (b ->> 'request', b ->> 'value', b ->> 'station', (b ->> 'epoch')::integer,
                        (b ->> 'amount_minor')::bigint, b ->> 'currency') ON CONFLICT DO NOTHING;
            IF FOUND THEN
                INSERT INTO hub.value_account AS a (value, currency, reserved)
                    VALUES (b ->> 'value', b ->> 'currency', (b ->> 'amount_minor')::bigint)
                    ON CONFLICT (value) DO UPDATE SET reserved = a.reserved + excluded.reserved;
            END IF;
        WHEN 'value_written_off' THEN
            PERFORM hub.end_value_grants(ARRAY(SELECT jsonb_array_elements_text(b -> 'requests')), b ->> 'station',
                                         'written_off');
        ELSE NULL;
    END CASE;
END
$$;

CREATE OR REPLACE FUNCTION hub.project_rights(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_kinds text[] := ARRAY(SELECT DISTINCT d ->> 'kind' FROM unnest(p_json) d);
    r record;
BEGIN
    IF v_kinds && ARRAY['order_sold', 'order_reserved'] THEN
        INSERT INTO hub.order_right AS o (order_id, station, epoch, tickets)
            SELECT (d #>> '{body,order}')::uuid, min(d #>> '{origin,station}'), min((d #>> '{origin,epoch}')::integer),
                   coalesce(jsonb_agg(jsonb_build_array('event:' || (p ->> 'event'), p ->> 'serial'))
                            FILTER (WHERE p ->> 'serial' IS NOT NULL AND p ->> 'event' IS NOT NULL), '[]')
            FROM unnest(p_json) d LEFT JOIN LATERAL jsonb_path_query(d -> 'body', 'lax $.positions[*]') p ON true
            WHERE d ->> 'kind' IN ('order_sold', 'order_reserved')
              AND coalesce(d #>> '{body,order}', '') ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
            GROUP BY 1 ORDER BY 1
            ON CONFLICT (order_id) DO UPDATE SET tickets = o.tickets || excluded.tickets;
    END IF;
    IF v_kinds && ARRAY['refund_paid', 'order_voided', 'exchanged', 'reservation_released', 'payment_failed']
       OR EXISTS (SELECT FROM unnest(p_json) d JOIN hub.slot_freed f ON f.holder = (d #>> '{body,order}') COLLATE "C") THEN
        PERFORM hub.project_freed(p_ids, p_json);
    END IF;
    IF NOT v_kinds && ARRAY['right_released', 'value_issued', 'value_spent', 'value_returned', 'right_granted',
                            'right_written_off', 'value_granted', 'value_written_off'] THEN
        RETURN;
    END IF;
    FOR r IN SELECT e.doc, e.doc ->> 'kind' AS kind, e.doc #>> '{origin,station}' AS station
             FROM unnest(p_json) WITH ORDINALITY AS e(doc, o) ORDER BY e.o
    LOOP
        IF r.kind = 'right_released' THEN
            PERFORM hub.give_up(r.doc #> '{body,rights}', r.station);
            PERFORM hub.end_value_grants(ARRAY(SELECT jsonb_array_elements_text(r.doc #> '{body,values}')), r.station,
                                         'released');
        ELSIF r.kind IN ('value_issued', 'value_spent', 'value_returned') THEN
            PERFORM hub.project_value(r.doc);
        ELSIF r.station = '00000000' THEN
            PERFORM hub.project_grant(r.doc);
        END IF;
    END LOOP;
END
$$;
