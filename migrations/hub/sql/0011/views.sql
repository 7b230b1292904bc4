-- What orders have come to (domain/afterwards.py), and reports net of what was given back. Columns that were there stay.

-- Orders of which more is known than their sale; every other is paid.
CREATE VIEW hub.order_state AS
    WITH touched AS (
        SELECT r.order_id FROM hub.reservation r UNION SELECT a.order_id FROM hub.ticket_act a
    ), o AS (
        SELECT DISTINCT ON (x.order_id) x.order_id, x.due_minor FROM touched t JOIN hub.orders x ON x.order_id = t.order_id
        ORDER BY x.order_id, x.part, x.hlc, x.entry_id
    ), held AS (
        SELECT DISTINCT ON (r.order_id) r.order_id, r.until_at FROM hub.reservation r ORDER BY r.order_id, r.hlc, r.entry_id
    ), sold AS (
        SELECT p.order_id, count(*) AS tickets FROM touched t JOIN hub.position p ON p.order_id = t.order_id GROUP BY 1
    ), acts AS (
        SELECT a.order_id, bool_or(a.kind = 'order_voided') AS voided, bool_or(a.kind = 'reservation_released') AS released,
               count(DISTINCT p.serial) FILTER (WHERE a.kind IN ('refund_paid', 'exchanged')) AS back
        FROM hub.ticket_act a LEFT JOIN hub.position p ON p.serial = a.serial AND p.order_id = a.order_id GROUP BY 1
    ), paid AS (
        SELECT p.order_id, count(*) AS payments, sum(p.amount_minor)::bigint AS paid_minor
        FROM touched t JOIN hub.payment p ON p.order_id = t.order_id GROUP BY 1
    ), course AS (
        SELECT o.order_id, o.due_minor, h.until_at, coalesce(s.tickets, 0) AS tickets, coalesce(a.back, 0) AS back,
               coalesce(a.voided, false) AS voided, coalesce(a.released, false) AS released,
               coalesce(p.paid_minor, 0) AS paid_minor, coalesce(p.payments, 0) > 0 AND p.paid_minor >= o.due_minor AS is_paid
        FROM o LEFT JOIN held h ON h.order_id = o.order_id LEFT JOIN sold s ON s.order_id = o.order_id
               LEFT JOIN acts a ON a.order_id = o.order_id LEFT JOIN paid p ON p.order_id = o.order_id
    )
    SELECT c.order_id, c.due_minor, c.paid_minor, c.until_at, c.tickets, c.back,
           CASE WHEN c.voided THEN 'void'
                WHEN c.back > 0 AND c.back = c.tickets THEN 'refunded'
                WHEN c.until_at IS NOT NULL AND NOT c.is_paid THEN CASE WHEN c.released THEN 'released' ELSE 'reserved' END
                WHEN c.back > 0 THEN 'partly_refunded' ELSE 'paid' END AS state,
           CASE WHEN c.until_at IS NOT NULL THEN coalesce((
               SELECT r.receipt FROM hub.receipt r WHERE r.order_id = c.order_id ORDER BY r.hlc, r.entry_id LIMIT 1), '') END AS receipt
    FROM course c;

-- Tickets that may not be used as they were sold; an ordinary one has no row.
CREATE VIEW hub.ticket_hold AS
    SELECT h.* FROM (
        SELECT p.serial, min(a.at) FILTER (WHERE a.kind = 'refund_paid') AS refunded_at,
               min(a.at) FILTER (WHERE a.kind IN ('order_voided', 'exchanged')
                                 OR a.kind = 'reservation_released' AND s.state = 'released') AS cancelled_at,
               CASE s.state WHEN 'reserved' THEN greatest(0, s.due_minor - s.paid_minor) ELSE 0 END AS unpaid_minor
        FROM hub.order_state s
             JOIN hub.position p ON p.order_id = s.order_id
             LEFT JOIN hub.ticket_act a ON a.serial = p.serial AND a.order_id = p.order_id
        GROUP BY p.serial, s.state, s.due_minor, s.paid_minor) AS h
    WHERE h.refunded_at IS NOT NULL OR h.cancelled_at IS NOT NULL OR h.unpaid_minor > 0;

-- As before; with a ticket that was given back nobody is expected any more.
CREATE OR REPLACE VIEW hub.ticket AS
    SELECT coalesce(p.serial, u.serial, n.serial) AS serial, coalesce(p.event, u.event, 0) AS event,
           coalesce(p.performance, u.performance, 0) AS performance,
           CASE WHEN h.refunded_at IS NOT NULL OR h.cancelled_at IS NOT NULL THEN least(coalesce(u.entered, 0), p.admits)
                ELSE coalesce(p.admits, 0) END AS sold,
           CASE WHEN p.serial IS NULL THEN coalesce(u.entered, 0) ELSE least(coalesce(u.entered, 0), p.admits) END AS admitted,
           coalesce(u.inside, 0) AS inside, coalesce(n.print_number, 1) AS print_number,
           coalesce(u.entered, 0) AS entered, u.first_at
    FROM hub.position p
         LEFT JOIN hub.ticket_hold h ON h.serial = p.serial
         FULL JOIN hub.ticket_use u ON u.serial = p.serial
         FULL JOIN (SELECT f.serial, max(f.print_number) AS print_number FROM hub.print_fact f
                    WHERE f.print_number > 1 GROUP BY f.serial) n ON n.serial = coalesce(p.serial, u.serial);

-- Money given back for tickets, each once for every time it was given.
CREATE VIEW hub.ticket_back AS
    SELECT a.serial, a.order_id, min(a.at) AS at, sum(a.amount_minor)::bigint AS amount_minor
    FROM hub.ticket_act a WHERE a.kind IN ('refund_paid', 'order_voided', 'exchanged') GROUP BY 1, 2;

CREATE OR REPLACE VIEW report.sales AS
    SELECT p.event, p.product, p.performance, date_trunc('hour', p.sold_at) AS hour, p.station, p.currency,
           count(*) AS tickets, sum(p.admits)::bigint AS people, sum(p.price_minor)::bigint AS price_minor,
           sum(p.discount_minor)::bigint AS discount_minor, sum(p.net_minor)::bigint AS net_minor,
           sum(p.tax_minor)::bigint AS tax_minor, sum(p.gross_minor)::bigint AS gross_minor,
           sum(p.rounding_minor)::bigint AS rounding_minor, count(b.serial) AS returned_tickets,
           coalesce(sum(b.amount_minor), 0)::bigint AS returned_minor,
           (sum(p.gross_minor + p.rounding_minor) - coalesce(sum(b.amount_minor), 0))::bigint AS kept_minor
    FROM hub.position p
         LEFT JOIN hub.order_state s ON s.order_id = p.order_id
         LEFT JOIN hub.ticket_back b ON b.serial = p.serial AND b.order_id = p.order_id
    WHERE NOT p.practice AND coalesce(s.state, 'paid') NOT IN ('reserved', 'released') GROUP BY 1, 2, 3, 4, 5, 6;

CREATE OR REPLACE VIEW report.orders AS
    SELECT o.order_id, coalesce(s.receipt, o.receipt) AS receipt, o.reference, o.station, o.cashier, o.shift, o.channel,
           o.sold_at, o.currency, o.gross_minor, o.discount_minor, o.net_minor, o.tax_minor, o.rounding_minor, o.due_minor,
           coalesce(s.state, 'paid') AS state, s.until_at AS reserved_until, coalesce(s.paid_minor, o.due_minor) AS paid_minor,
           coalesce(b.amount_minor, 0) AS returned_minor
    FROM hub.orders o
         LEFT JOIN hub.order_state s ON s.order_id = o.order_id
         LEFT JOIN (SELECT g.feed, g.order_id, sum(g.amount_minor)::bigint AS amount_minor FROM hub.give_back g GROUP BY 1, 2) b
                ON b.feed = o.feed AND b.order_id = o.order_id
    WHERE NOT o.practice;

CREATE OR REPLACE VIEW report.tickets AS
    SELECT p.serial, p.order_id, p.order_reference, p.event, p.performance, p.product, p.seat, p.sold_at, p.station, p.currency,
           p.gross_minor, p.admits, t.admitted AS entered, t.inside, t.first_at AS first_entry_at, t.print_number,
           CASE WHEN h.refunded_at IS NOT NULL OR h.cancelled_at IS NOT NULL THEN 'cancelled'
                WHEN t.entered >= p.admits * v.use_limit THEN 'used'
                WHEN s.state = 'cancelled' THEN 'cancelled' ELSE 'active' END AS state,
           least(h.refunded_at, h.cancelled_at) AS returned_at, coalesce(h.unpaid_minor, 0) > 0 AS is_unpaid
    FROM hub.position p
         JOIN hub.ticket t ON t.serial = p.serial AND t.event = p.event
         LEFT JOIN hub.ticket_hold h ON h.serial = p.serial
         LEFT JOIN hub.event_state s ON s.event = p.event
         LEFT JOIN hub.product_use v ON v.product = p.product
    WHERE NOT p.practice;

CREATE VIEW report.refunds AS
    SELECT g.refund, CASE g.kind WHEN 'refund_paid' THEN 'refund' WHEN 'order_voided' THEN 'void' ELSE 'exchange' END AS kind,
           g.order_id, g.into_order, a.event, p.product, p.performance, g.station, g.user_id AS given_by, g.shift, g.currency,
           g.at, count(*) AS tickets, sum(a.amount_minor)::bigint AS amount_minor,
           floor(extract(epoch FROM g.at - (c.fields ->> 'starts_at')::timestamptz) / 60)::bigint AS minutes_after_start
    FROM hub.give_back g
         JOIN hub.ticket_act a ON a.entry_id = g.entry_id
         LEFT JOIN hub.position p ON p.serial = a.serial AND p.order_id = a.order_id
         LEFT JOIN hub.catalogue_object c ON c.object = 'performance' AND c.name = p.performance::text
    WHERE NOT g.practice GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, c.fields;

CREATE VIEW report.payouts AS
    SELECT p.shift, p.station, p.tender, p.currency, count(*) AS payouts, sum(p.amount_minor)::bigint AS amount_minor,
           min(p.at) AS first_at, max(p.at) AS last_at
    FROM hub.payout p WHERE NOT p.practice GROUP BY 1, 2, 3, 4;

CREATE VIEW report.reservations AS
    SELECT o.order_id, o.reference, o.station, o.cashier, o.sold_at AS reserved_at, s.until_at,
           s.until_at < now() AS is_overdue, s.tickets, o.currency, s.due_minor, s.paid_minor
    FROM hub.order_state s
         JOIN (SELECT DISTINCT ON (x.order_id) x.* FROM hub.orders x ORDER BY x.order_id, x.part, x.hlc, x.entry_id) o
           ON o.order_id = s.order_id
    WHERE s.state = 'reserved' AND NOT o.practice;

CREATE VIEW report.payment_values AS
    SELECT t.currency, count(*) AS cards, sum(t.issued)::bigint AS issued_minor, sum(t.spent)::bigint AS spent_minor,
           sum(greatest(0, t.issued - t.spent))::bigint AS left_minor, sum(t.at_risk)::bigint AS at_risk_minor,
           count(*) FILTER (WHERE t.spent > t.issued) AS overspent
    FROM (SELECT v.value, v.currency, coalesce(sum(v.amount_minor) FILTER (WHERE v.kind = 'value_issued'), 0) AS issued,
                 coalesce(sum(v.amount_minor) FILTER (WHERE v.kind = 'value_spent'), 0)
                 - coalesce(sum(v.amount_minor) FILTER (WHERE v.kind = 'value_returned'), 0) AS spent,
                 coalesce(sum(v.amount_minor) FILTER (WHERE v.kind = 'value_spent' AND v.at_risk), 0) AS at_risk
          FROM hub.value_fact v GROUP BY 1, 2) AS t GROUP BY 1;

COMMENT ON VIEW report.sales IS 'Tickets sold and their money by event, product, performance, hour (UTC) and station; reservations count once they are paid. gross = net + tax; kept = gross + rounding - returned.';
COMMENT ON VIEW report.orders IS 'Orders with their totals, in minor units, and what they have come to: paid, partly_refunded, refunded, void, reserved, released; cashier is a user id.';
COMMENT ON VIEW report.tickets IS 'Every ticket with its state: active, used, cancelled (given back, given up, or its event was cancelled). entered, inside: people.';
COMMENT ON VIEW report.refunds IS 'Money given back by entry, event, product and performance: refund, void or exchange; minutes_after_start below zero: before the performance began.';
COMMENT ON VIEW report.payouts IS 'Money given back by shift, station, tender and currency.';
COMMENT ON VIEW report.reservations IS 'Reservations that nobody has paid or given up.';
COMMENT ON VIEW report.payment_values IS 'Gift cards and vouchers by currency: put on them, spent, left, spent offline at a risk, overspent.';

GRANT SELECT ON ALL TABLES IN SCHEMA report TO gatehouse_reader;
