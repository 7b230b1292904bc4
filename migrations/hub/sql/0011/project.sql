-- From entries about orders after their sale, values and people to tables: a batch at a time, one statement per table.
-- Where two entries speak of one key, the first by (hlc, entry_id) stays, as at the stations.

-- Until when orders are reserved.
CREATE FUNCTION hub.project_reservations(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hub.reservation AS o
        SELECT DISTINCT ON (1, 2) hub.home_feed(d -> 'feeds'), (d #>> '{body,order}')::uuid, t.id,
               (d #>> '{body,until_at}')::timestamptz, d #>> '{origin,hlc}'
        FROM unnest(p_ids, p_json) AS t(id, d) WHERE d ->> 'kind' = 'order_reserved'
        ORDER BY 1, 2, d #>> '{origin,hlc}' COLLATE "C", t.id
        ON CONFLICT (feed, order_id) DO UPDATE SET (entry_id, until_at, hlc)
            = (excluded.entry_id, excluded.until_at, excluded.hlc)
        WHERE (excluded.hlc, excluded.entry_id) < (o.hlc, o.entry_id)
$$;

-- Payments after the sale, in one step or in several; one resolved as taken is booked where it was resolved.
CREATE FUNCTION hub.project_payments(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE sql AS $$
    WITH e AS MATERIALIZED (
        SELECT hub.home_feed(t.doc -> 'feeds') AS home, t.id, t.doc ->> 'kind' AS kind, t.doc #>> '{origin,hlc}' AS hlc,
               t.doc #>> '{origin,station}' AS station, t.doc ->> 'shift' AS shift,
               (t.doc #>> '{clock,wall_at}')::timestamptz AS at, b.*, r.prefix, r.epoch, r.number,
               coalesce(r.practice, b.practice) AS rehearsed
        FROM unnest(p_ids, p_json) AS t(id, doc),
             jsonb_to_record(t.doc -> 'body') AS b(payment uuid, "order" uuid, tender text, amount_minor bigint,
                 tendered_minor bigint, change_minor bigint, reference text, currency text, taken boolean, practice boolean,
                 receipt jsonb),
             jsonb_to_record(CASE jsonb_typeof(b.receipt) WHEN 'object' THEN b.receipt END)
                 AS r(prefix text, epoch integer, number bigint, practice boolean)
        WHERE t.doc ->> 'kind' IN ('payment_taken', 'payment_started', 'payment_failed', 'payment_unknown', 'payment_resolved')
    ), steps AS (
        INSERT INTO hub.payment_fact
            SELECT e.payment, e.id, e."order", e.kind, e.shift, coalesce(e.tender, ''), coalesce(e.amount_minor, 0), e.hlc, e.at
            FROM e WHERE e.kind <> 'payment_taken' ON CONFLICT DO NOTHING
    ), receipts AS (
        INSERT INTO hub.receipt AS o
            SELECT DISTINCT ON (e.home, e.prefix, e.epoch, e.rehearsed, e.number, e."order") e.home, e.prefix, e.epoch,
                   e.rehearsed, e.number, e."order", e.id, hub.receipt_text(e.prefix, e.epoch, e.number, e.rehearsed),
                   e.shift, e.hlc
            FROM e WHERE e.number IS NOT NULL AND (e.kind = 'payment_taken' OR e.taken)
            ORDER BY e.home, e.prefix, e.epoch, e.rehearsed, e.number, e."order", e.hlc COLLATE "C", e.id
            ON CONFLICT (feed, prefix, epoch, practice, number, order_id) DO UPDATE SET (entry_id, receipt, shift, hlc)
                = (excluded.entry_id, excluded.receipt, excluded.shift, excluded.hlc)
            WHERE (excluded.hlc, excluded.entry_id) < (o.hlc, o.entry_id)
    )
    INSERT INTO hub.payment AS o
        SELECT DISTINCT ON (e.home, e.payment) e.home, e.payment, e."order", e.id, e.hlc, 1000, e.shift, e.rehearsed,
               e.currency, e.tender, e.amount_minor, coalesce(e.tendered_minor, e.amount_minor), coalesce(e.change_minor, 0),
               e.reference, e.station, e.at
        FROM e WHERE e.kind = 'payment_taken' OR e.kind = 'payment_resolved' AND e.taken
        ORDER BY e.home, e.payment, e.hlc COLLATE "C", e.id
        ON CONFLICT (feed, payment) DO UPDATE SET
            (order_id, entry_id, hlc, line, shift, practice, currency, tender, amount_minor, tendered_minor, change_minor,
             reference, station, paid_at)
            = (excluded.order_id, excluded.entry_id, excluded.hlc, excluded.line, excluded.shift, excluded.practice,
               excluded.currency, excluded.tender, excluded.amount_minor, excluded.tendered_minor, excluded.change_minor,
               excluded.reference, excluded.station, excluded.paid_at)
        WHERE (excluded.hlc, excluded.entry_id) < (o.hlc, o.entry_id)
$$;

-- Tickets taken back, for money or because a reservation was given up, and the money by tender.
CREATE FUNCTION hub.project_backs(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE sql AS $$
    WITH e AS MATERIALIZED (
        SELECT hub.home_feed(t.doc -> 'feeds') AS home, t.id, t.doc ->> 'kind' AS kind, t.doc #>> '{origin,hlc}' AS hlc,
               t.doc #>> '{origin,station}' AS station, t.doc ->> 'shift' AS shift, t.doc #>> '{actor,user}' AS user_id,
               (t.doc #>> '{clock,wall_at}')::timestamptz AS at, b.*
        FROM unnest(p_ids, p_json) AS t(id, doc),
             jsonb_to_record(t.doc -> 'body') AS b(refund uuid, "order" uuid, currency text, reason text, practice boolean,
                 amount_minor bigint, "into" uuid, positions jsonb, payouts jsonb)
        WHERE t.doc ->> 'kind' IN ('refund_paid', 'order_voided', 'exchanged', 'reservation_released')
    ), backs AS (
        INSERT INTO hub.give_back
            SELECT e.home, e.id, e.refund, e."order", e.kind, e.currency, e.reason, e.practice, e.user_id, e.station, e.shift,
                   e.amount_minor, e."into", e.hlc, e.at
            FROM e WHERE e.kind <> 'reservation_released' ON CONFLICT DO NOTHING
    ), acts AS (
        INSERT INTO hub.ticket_act
            SELECT DISTINCT ON (p.event, p.serial, e.id) 'event:' || p.event, p.serial, e.id, e."order", e.kind, p.event,
                   coalesce(p.amount_minor, 0),
                   ARRAY(SELECT s COLLATE "C" FROM jsonb_array_elements_text(p.seen) AS s ORDER BY 1), e.hlc, e.at
            FROM e, ROWS FROM (jsonb_to_recordset(e.positions) AS (serial text, event bigint, amount_minor bigint, seen jsonb)
                 ) WITH ORDINALITY AS p(serial, event, amount_minor, seen, line)
            ORDER BY p.event, p.serial, e.id, p.line DESC ON CONFLICT DO NOTHING
    )
    INSERT INTO hub.payout AS o
        SELECT DISTINCT ON (e.home, p.payout) e.home, p.payout, e.id, e."order", e.shift, e.practice, e.currency, p.tender,
               p.amount_minor, p.reference, e.station, e.hlc, e.at
        FROM e, jsonb_to_recordset(e.payouts) AS p(payout uuid, tender text, amount_minor bigint, reference text)
        ORDER BY e.home, p.payout, e.hlc COLLATE "C", e.id
        ON CONFLICT (feed, payout) DO UPDATE SET
            (entry_id, order_id, shift, practice, currency, tender, amount_minor, reference, station, hlc, at)
            = (excluded.entry_id, excluded.order_id, excluded.shift, excluded.practice, excluded.currency, excluded.tender,
               excluded.amount_minor, excluded.reference, excluded.station, excluded.hlc, excluded.at)
        WHERE (excluded.hlc, excluded.entry_id) < (o.hlc, o.entry_id)
$$;

CREATE FUNCTION hub.project_values(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hub.value_fact
        SELECT b.value, t.id, t.doc ->> 'kind', b.amount_minor, b.currency, coalesce(b.spend, ''), coalesce(b.request, ''),
               coalesce(b.at_risk, false), b.expires_at, t.doc #>> '{origin,hlc}', (t.doc #>> '{clock,wall_at}')::timestamptz
        FROM unnest(p_ids, p_json) AS t(id, doc),
             jsonb_to_record(t.doc -> 'body') AS b(value text, amount_minor bigint, currency text, spend text, request text,
                 at_risk boolean, expires_at timestamptz)
        WHERE t.doc ->> 'kind' IN ('value_issued', 'value_spent', 'value_returned')
        ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION hub.project_people(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE sql AS $$
    WITH people AS (
        INSERT INTO hub.person_change
            SELECT d #>> '{body,user}', d #>> '{origin,hlc}', t.id,
                   CASE WHEN jsonb_typeof(d #> '{body,roles}') = 'array' THEN
                       ARRAY(SELECT DISTINCT r COLLATE "C" FROM jsonb_array_elements_text(d #> '{body,roles}') AS r ORDER BY 1) END,
                   (d #>> '{body,enabled}')::boolean
            FROM unnest(p_ids, p_json) AS t(id, d) WHERE d ->> 'kind' = 'user_changed' ON CONFLICT DO NOTHING
    )
    INSERT INTO hub.role_change
        SELECT d #>> '{body,role}', d #>> '{origin,hlc}', t.id,
               ARRAY(SELECT DISTINCT r COLLATE "C" FROM jsonb_array_elements_text(d #> '{body,permissions}') AS r ORDER BY 1),
               d #> '{body,limits}', coalesce(d #>> '{body,title}', ''), coalesce((d #>> '{body,removed}')::boolean, false)
        FROM unnest(p_ids, p_json) AS t(id, d) WHERE d ->> 'kind' = 'role_changed' ON CONFLICT DO NOTHING
$$;

-- All tables of a batch of entries that are known and told apart: whatever kinds are in it, a statement each.
CREATE OR REPLACE FUNCTION hub.fill_tables(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_kinds text[] := ARRAY(SELECT DISTINCT d ->> 'kind' FROM unnest(p_json) AS d);
BEGIN
    IF v_kinds && ARRAY['order_sold', 'order_reserved'] THEN
        PERFORM hub.project_orders(p_ids, p_json);
    END IF;
    IF v_kinds && ARRAY['admitted', 'exited', 'refused', 'admission_undone'] THEN
        PERFORM hub.project_gate(p_ids, p_json);
    END IF;
    IF v_kinds && ARRAY['ticket_printed', 'ticket_reprinted'] THEN
        PERFORM hub.project_prints(p_ids, p_json);
    END IF;
    IF v_kinds <@ ARRAY['order_sold', 'admitted', 'exited', 'refused', 'admission_undone', 'ticket_printed'] THEN
        RETURN;                                    -- nearly always
    END IF;
    IF 'order_reserved' = ANY (v_kinds) THEN
        PERFORM hub.project_reservations(p_ids, p_json);
    END IF;
    IF v_kinds && ARRAY['payment_taken', 'payment_started', 'payment_failed', 'payment_unknown', 'payment_resolved'] THEN
        PERFORM hub.project_payments(p_ids, p_json);
    END IF;
    IF v_kinds && ARRAY['refund_paid', 'order_voided', 'exchanged', 'reservation_released'] THEN
        PERFORM hub.project_backs(p_ids, p_json);
    END IF;
    IF v_kinds && ARRAY['value_issued', 'value_spent', 'value_returned'] THEN
        PERFORM hub.project_values(p_ids, p_json);
    END IF;
    IF v_kinds && ARRAY['user_changed', 'role_changed'] THEN
        PERFORM hub.project_people(p_ids, p_json);
    END IF;
    IF v_kinds && ARRAY['shift_opened', 'shift_closed'] THEN
        PERFORM hub.project_shifts(p_ids, p_json);
    END IF;
    IF v_kinds && ARRAY['settings_changed', 'user_created', 'conflict_resolved'] THEN
        PERFORM hub.project_house(p_ids, p_json);
    END IF;
    IF array_to_string(v_kinds, ' ') ~ '(event|performance|quota|product|gate)_' THEN
        PERFORM hub.project_catalogue(p_ids, p_json);
    END IF;
END
$$;
