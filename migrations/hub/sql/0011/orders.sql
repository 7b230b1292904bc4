-- Orders, now reservations too: a reservation is an order without money, and its receipt comes with the payment.

-- K1-000042, K1B-P000001: app/store and domain/shift.py have the same.
CREATE FUNCTION hub.receipt_text(p_prefix text, p_epoch integer, p_number bigint, p_practice boolean) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_prefix || hub.epoch_letters(p_epoch) || '-' || CASE WHEN p_practice THEN 'P' ELSE '' END
           || pg_catalog.lpad(p_number::text, greatest(6, pg_catalog.length(p_number::text)), '0')
$$;

-- In plpgsql, so that its plan is kept for the session.
CREATE OR REPLACE FUNCTION hub.project_orders(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH e AS MATERIALIZED (
        SELECT hub.home_feed(t.doc -> 'feeds') AS home, t.id, t.doc #>> '{origin,hlc}' AS hlc,
               t.doc #>> '{origin,station}' AS station, (t.doc #>> '{origin,epoch}')::integer AS epoch,
               (t.doc #>> '{origin,seq}')::bigint AS seq, t.doc #>> '{actor,user}' AS cashier, t.doc ->> 'shift' AS shift,
               coalesce((b.part ->> 'number')::integer, 1) AS part_number, b."order", b.reference, b.channel, b.currency,
               b.customer, b.key_id, coalesce(b.sold_at, b.reserved_at) AS sold_at, b.positions, b.payments,
               coalesce(r.prefix, '') AS prefix, coalesce(r.epoch, 0) AS receipt_epoch, coalesce(r.number, 0) AS number,
               coalesce(r.practice, b.practice) AS practice, s.*
        FROM unnest(p_ids, p_json) AS t(id, doc),
             jsonb_to_record(t.doc -> 'body') AS b("order" uuid, reference text, channel text, currency text, customer uuid,
                 key_id text, sold_at timestamptz, reserved_at timestamptz, practice boolean, receipt jsonb, totals jsonb,
                 part jsonb, positions jsonb, payments jsonb),
             jsonb_to_record(b.receipt) AS r(prefix text, epoch integer, number bigint, practice boolean),
             jsonb_to_record(b.totals) AS s(gross_minor bigint, discount_minor bigint, net_minor bigint, tax_minor bigint,
                 rounding_minor bigint, due_minor bigint)
        WHERE t.doc ->> 'kind' IN ('order_sold', 'order_reserved')
    ), orders AS (
        INSERT INTO hub.orders AS o
            SELECT DISTINCT ON (e.home, e."order") e.home, e."order", e.id, e.hlc, e.part_number, e.station, e.epoch, e.seq,
                   e.cashier, e.shift, e.channel, e.reference, e.currency, e.customer, e.key_id, e.sold_at,
                   CASE WHEN e.number > 0 THEN hub.receipt_text(e.prefix, e.receipt_epoch, e.number, e.practice) ELSE '' END,
                   e.prefix, e.receipt_epoch, e.number, e.practice,
                   e.gross_minor, e.discount_minor, e.net_minor, e.tax_minor, e.rounding_minor, e.due_minor
            FROM e ORDER BY e.home, e."order", e.part_number, e.hlc, e.id
            ON CONFLICT (feed, order_id) DO UPDATE SET
                (entry_id, hlc, part, station, epoch, seq, cashier, shift, channel, reference, currency, customer, key_id,
                 sold_at, receipt, receipt_prefix, receipt_epoch, receipt_number, practice, gross_minor, discount_minor,
                 net_minor, tax_minor, rounding_minor, due_minor)
                = (excluded.entry_id, excluded.hlc, excluded.part, excluded.station, excluded.epoch, excluded.seq,
                   excluded.cashier, excluded.shift, excluded.channel, excluded.reference, excluded.currency,
                   excluded.customer, excluded.key_id, excluded.sold_at, excluded.receipt, excluded.receipt_prefix,
                   excluded.receipt_epoch, excluded.receipt_number, excluded.practice, excluded.gross_minor,
                   excluded.discount_minor, excluded.net_minor, excluded.tax_minor, excluded.rounding_minor,
                   excluded.due_minor)
            WHERE (excluded.part, excluded.hlc, excluded.entry_id) < (o.part, o.hlc, o.entry_id)
    ), positions AS (
        INSERT INTO hub.position AS o
            SELECT DISTINCT ON (p.event, p.serial) 'event:' || p.event, p.serial, e."order", e.id, e.hlc,
                   p.line - 1 + 10000 * (e.part_number - 1), e.reference, p.product, p.event, coalesce(p.performance, 0),
                   e.currency, p.price_minor, p.discount_minor, p.net_minor, p.tax_minor, p.gross_minor,
                   coalesce(p.rounding_minor, 0), p.tax_rate_bp, p.price_version, p.admits, p.zones, p.seat, e.sold_at,
                   p.valid_from_at, p.valid_until_at, p.is_pass, e.station, e.practice
            FROM e, ROWS FROM (jsonb_to_recordset(e.positions) AS (serial text, product bigint, event bigint,
                    performance bigint, price_minor bigint, discount_minor bigint, net_minor bigint, tax_minor bigint,
                    gross_minor bigint, rounding_minor bigint, tax_rate_bp bigint, price_version bigint, admits bigint,
                    zones bigint, seat text, valid_from_at timestamptz, valid_until_at timestamptz, is_pass boolean)
                 ) WITH ORDINALITY AS p(serial, product, event, performance, price_minor, discount_minor, net_minor,
                    tax_minor, gross_minor, rounding_minor, tax_rate_bp, price_version, admits, zones, seat,
                    valid_from_at, valid_until_at, is_pass, line)
            ORDER BY p.event, p.serial, e.hlc, e.id
            ON CONFLICT (feed, serial) DO UPDATE SET
                (order_id, entry_id, hlc, line, order_reference, product, event, performance, currency, price_minor,
                 discount_minor, net_minor, tax_minor, gross_minor, rounding_minor, tax_rate_bp, price_version, admits,
                 zones, seat, sold_at, valid_from_at, valid_until_at, is_pass, station, practice)
                = (excluded.order_id, excluded.entry_id, excluded.hlc, excluded.line, excluded.order_reference,
                   excluded.product, excluded.event, excluded.performance, excluded.currency, excluded.price_minor,
                   excluded.discount_minor, excluded.net_minor, excluded.tax_minor, excluded.gross_minor,
                   excluded.rounding_minor, excluded.tax_rate_bp, excluded.price_version, excluded.admits, excluded.zones,
                   excluded.seat, excluded.sold_at, excluded.valid_from_at, excluded.valid_until_at, excluded.is_pass,
                   excluded.station, excluded.practice)
            WHERE (excluded.hlc, excluded.entry_id) < (o.hlc, o.entry_id)
    )
    INSERT INTO hub.payment AS o
        SELECT DISTINCT ON (e.home, p.payment) e.home, p.payment, e."order", e.id, e.hlc, p.line - 1, e.shift, e.practice,
               e.currency, p.tender, p.amount_minor, p.tendered_minor, p.change_minor, p.reference, e.station, e.sold_at
        FROM e, ROWS FROM (jsonb_to_recordset(e.payments) AS (payment uuid, tender text, amount_minor bigint,
                tendered_minor bigint, change_minor bigint, reference text)
             ) WITH ORDINALITY AS p(payment, tender, amount_minor, tendered_minor, change_minor, reference, line)
        ORDER BY e.home, p.payment, e.hlc, e.id
        ON CONFLICT (feed, payment) DO UPDATE SET
            (order_id, entry_id, hlc, line, shift, practice, currency, tender, amount_minor, tendered_minor, change_minor,
             reference, station, paid_at)
            = (excluded.order_id, excluded.entry_id, excluded.hlc, excluded.line, excluded.shift, excluded.practice,
               excluded.currency, excluded.tender, excluded.amount_minor, excluded.tendered_minor, excluded.change_minor,
               excluded.reference, excluded.station, excluded.paid_at)
        WHERE (excluded.hlc, excluded.entry_id) < (o.hlc, o.entry_id);
END
$$;
