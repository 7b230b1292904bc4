-- What reports, BI tools and other systems may read: views with names that stay, owned by gatehouse_owner, for the
-- role gatehouse_reader. Money is in minor units of the currency beside it. Practice is left out. Times are UTC.

-- Admissions and exits that nobody took back.
CREATE VIEW hub.gate_passage AS
    SELECT f.* FROM hub.gate_fact f
    WHERE f.kind IN ('admitted', 'exited')
      AND NOT EXISTS (SELECT FROM hub.gate_fact u WHERE u.kind = 'undone' AND u.serial = f.serial
                      AND u.target = f.entry_id::text);

-- What the passages of one ticket add up to; leaving without having come counts for nothing.
CREATE VIEW hub.ticket_use AS
    WITH p AS (
        SELECT g.serial, g.kind, g.people, g.event, g.performance, g.at,
               row_number() OVER w AS n,
               sum(CASE g.kind WHEN 'admitted' THEN g.people ELSE -g.people END) OVER w AS so_far
        FROM hub.gate_passage g WINDOW w AS (PARTITION BY g.serial ORDER BY g.at, g.hlc, g.entry_id
                                             ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    )
    SELECT p.serial, coalesce(sum(p.people) FILTER (WHERE p.kind = 'admitted'), 0)::bigint AS entered,
           ((array_agg(p.so_far ORDER BY p.n DESC))[1] - least(0, min(p.so_far)))::bigint AS inside,
           (array_agg(p.event ORDER BY p.n))[1] AS event, (array_agg(p.performance ORDER BY p.n))[1] AS performance,
           min(p.at) FILTER (WHERE p.kind = 'admitted') AS first_at
    FROM p GROUP BY p.serial;

CREATE VIEW hub.event_state AS
    SELECT f.event, CASE WHEN bool_or(f.kind = 'event_cancelled') THEN 'cancelled'
                         WHEN bool_or(f.kind = 'event_finished') THEN 'finished' ELSE 'published' END AS state
    FROM hub.event_fact f GROUP BY f.event;

-- What the facts of one serial add up to, as the table `ticket` at the stations: people it was sold to, come,
-- inside, and the newest print. A ticket that was never sold here shows only what the gates saw.
CREATE VIEW hub.ticket AS
    SELECT coalesce(p.serial, u.serial, n.serial) AS serial, coalesce(p.event, u.event, 0) AS event,
           coalesce(p.performance, u.performance, 0) AS performance, coalesce(p.admits, 0) AS sold,
           CASE WHEN p.serial IS NULL THEN coalesce(u.entered, 0) ELSE least(coalesce(u.entered, 0), p.admits) END AS admitted,
           coalesce(u.inside, 0) AS inside, coalesce(n.print_number, 1) AS print_number,
           coalesce(u.entered, 0) AS entered, u.first_at
    FROM hub.position p
         FULL JOIN hub.ticket_use u ON u.serial = p.serial
         FULL JOIN (SELECT f.serial, max(f.print_number) AS print_number FROM hub.print_fact f
                    WHERE f.print_number > 1 GROUP BY f.serial) n ON n.serial = coalesce(p.serial, u.serial);

-- How many uses a product has in all, null = without limit (domain.validity.Validity.use_limit).
CREATE VIEW hub.product_use AS
    SELECT o.name::bigint AS product,
           CASE coalesce(o.fields #>> '{validity,kind}', 'single') WHEN 'single' THEN 1
                WHEN 'entries' THEN least((o.fields #>> '{validity,n}')::bigint, (o.fields #>> '{validity,uses_total}')::bigint)
                ELSE (o.fields #>> '{validity,uses_total}')::bigint END AS use_limit
    FROM hub.catalogue_object o WHERE o.object = 'product';

CREATE SCHEMA report;

CREATE VIEW report.events AS
    SELECT o.name::bigint AS event, o.fields ->> 'code' AS code, o.fields ->> 'name' AS name,
           o.fields ->> 'name_ru' AS name_ru, coalesce(s.state, 'draft') AS state, o.fields ->> 'category' AS category,
           o.fields ->> 'zone' AS time_zone
    FROM hub.catalogue_object o LEFT JOIN hub.event_state s ON s.event = o.name::bigint WHERE o.object = 'event';

CREATE VIEW report.performances AS
    SELECT o.name::bigint AS performance, o.event, o.fields ->> 'code' AS code,
           (o.fields ->> 'starts_at')::timestamptz AS starts_at, (o.fields ->> 'ends_at')::timestamptz AS ends_at,
           (o.fields ->> 'capacity')::bigint AS capacity
    FROM hub.catalogue_object o WHERE o.object = 'performance';

CREATE VIEW report.products AS
    SELECT o.name::bigint AS product, o.event, o.fields ->> 'code' AS code, o.fields ->> 'name' AS name,
           o.fields ->> 'name_ru' AS name_ru, (o.fields ->> 'price_minor')::bigint AS price_minor,
           o.fields ->> 'currency' AS currency, (o.fields ->> 'tax_rate_bp')::bigint AS tax_rate_bp
    FROM hub.catalogue_object o WHERE o.object = 'product';

CREATE VIEW report.sales AS
    SELECT p.event, p.product, p.performance, date_trunc('hour', p.sold_at) AS hour, p.station, p.currency,
           count(*) AS tickets, sum(p.admits)::bigint AS people, sum(p.price_minor)::bigint AS price_minor,
           sum(p.discount_minor)::bigint AS discount_minor, sum(p.net_minor)::bigint AS net_minor,
           sum(p.tax_minor)::bigint AS tax_minor, sum(p.gross_minor)::bigint AS gross_minor,
           sum(p.rounding_minor)::bigint AS rounding_minor
    FROM hub.position p WHERE NOT p.practice GROUP BY 1, 2, 3, 4, 5, 6;

CREATE VIEW report.orders AS
    SELECT o.order_id, o.receipt, o.reference, o.station, o.cashier, o.shift, o.channel, o.sold_at, o.currency,
           o.gross_minor, o.discount_minor, o.net_minor, o.tax_minor, o.rounding_minor, o.due_minor
    FROM hub.orders o WHERE NOT o.practice;

CREATE VIEW report.payments AS
    SELECT p.shift, p.station, p.tender, p.currency, count(*) AS payments, sum(p.amount_minor)::bigint AS amount_minor,
           sum(p.tendered_minor)::bigint AS tendered_minor, sum(p.change_minor)::bigint AS change_minor,
           min(p.paid_at) AS first_at, max(p.paid_at) AS last_at
    FROM hub.payment p WHERE NOT p.practice GROUP BY 1, 2, 3, 4;

CREATE VIEW report.admissions AS
    SELECT f.at_event AS event, f.gate, date_bin('15 minutes', f.at, '2020-01-01T00:00:00Z') AS quarter,
           coalesce(sum(f.people) FILTER (WHERE f.kind = 'admitted' AND u.target IS NULL), 0)::bigint AS admitted,
           coalesce(sum(f.people) FILTER (WHERE f.kind = 'exited' AND u.target IS NULL), 0)::bigint AS exited,
           count(*) FILTER (WHERE f.kind = 'refused') AS refused,
           count(*) FILTER (WHERE u.target IS NOT NULL) AS undone
    FROM hub.gate_fact f
         LEFT JOIN (SELECT DISTINCT serial, target FROM hub.gate_fact WHERE kind = 'undone') u
                ON f.kind IN ('admitted', 'exited') AND u.serial = f.serial AND u.target = f.entry_id::text
    WHERE f.kind <> 'undone' GROUP BY 1, 2, 3;

CREATE VIEW report.refusals AS
    SELECT f.at_event AS event, f.gate, f.verdict, date_bin('15 minutes', f.at, '2020-01-01T00:00:00Z') AS quarter,
           count(*) AS refused
    FROM hub.gate_fact f WHERE f.kind = 'refused' GROUP BY 1, 2, 3, 4;

CREATE VIEW report.tickets AS
    SELECT p.serial, p.order_id, p.order_reference, p.event, p.performance, p.product, p.seat, p.sold_at, p.station, p.currency,
           p.gross_minor, p.admits, t.admitted AS entered, t.inside, t.first_at AS first_entry_at, t.print_number,
           CASE WHEN t.entered >= p.admits * v.use_limit THEN 'used'
                WHEN s.state = 'cancelled' THEN 'cancelled' ELSE 'active' END AS state
    FROM hub.position p
         JOIN hub.ticket t ON t.serial = p.serial AND t.event = p.event
         LEFT JOIN hub.event_state s ON s.event = p.event
         LEFT JOIN hub.product_use v ON v.product = p.product
    WHERE NOT p.practice;

CREATE VIEW report.shifts AS
    SELECT coalesce(o.shift, c.shift) AS shift, coalesce(o.station, c.station) AS station, o.cashier, o.drawer,
           coalesce(o.currency, c.currency) AS currency, o.at AS opened_at, c.at AS closed_at, c.number,
           o.float_minor, c.expected_minor, c.counted_minor, c.difference_minor, c.receipts_first, c.receipts_last,
           c.receipts_count
    FROM hub.shift_opened o FULL JOIN hub.shift_closed c ON c.shift = o.shift;

CREATE VIEW report.pools AS
    SELECT p.pool, p.event, c.object AS kind, coalesce(c.fields ->> 'code', c.fields ->> 'name') AS name, p.capacity,
           p.used + p.outside AS sold, p.leased - p.used AS at_stations,
           greatest(0, p.used + p.outside - p.capacity) AS oversold
    FROM hub.pool p LEFT JOIN hub.catalogue_object c ON c.object IN ('performance', 'quota') AND c.name = p.pool::text;

CREATE VIEW report.conflicts_resolved AS
    SELECT r.conflict, r.code, r.subject, r.user_id AS resolved_by, r.station, r.at AS resolved_at
    FROM hub.conflict_resolution r;

CREATE VIEW report.stations AS
    SELECT s.station, s.name, s.prefix, s.epoch, s.enrolled_at, s.seen_at, s.program, s.revoked_at, s.forked_at,
           t.seq AS entries, l.received_at AS last_entry_at,
           (SELECT count(*) FROM hub.held h WHERE h.station = s.station) AS held,
           (SELECT count(*) FROM hub.quarantine q WHERE q.station = s.station) AS quarantined
    FROM hub.station s
         LEFT JOIN hub.station_tip t ON t.station = s.station AND t.epoch = s.epoch
         LEFT JOIN hub.station_log l ON l.station = t.station AND l.epoch = t.epoch AND l.seq = t.seq;

CREATE VIEW report.feeds AS
    SELECT h.feed, h.position, c.position AS summed_at_position, c.sums, c.computed_at
    FROM hub.feed_head h LEFT JOIN hub.control_sum c ON c.feed = h.feed;

COMMENT ON SCHEMA report IS 'Views for reports, BI tools and other systems. Names and columns stay; new ones are added.';
COMMENT ON VIEW report.events IS 'Events with their names and state: draft, published, finished, cancelled.';
COMMENT ON VIEW report.performances IS 'Performances of events; capacity in people, null = unlimited.';
COMMENT ON VIEW report.products IS 'Ticket types with their present price, in minor units of the currency.';
COMMENT ON VIEW report.sales IS 'Tickets sold and their money by event, product, performance, hour (UTC) and station. gross = net + tax.';
COMMENT ON VIEW report.orders IS 'Orders with their totals, in minor units; cashier is a user id.';
COMMENT ON VIEW report.payments IS 'Money taken by shift, station, tender and currency; amount = tendered - change.';
COMMENT ON VIEW report.admissions IS 'People let in and out, scans refused and admissions taken back, by event, gate and quarter of an hour.';
COMMENT ON VIEW report.refusals IS 'Refused scans by event, gate, verdict and quarter of an hour.';
COMMENT ON VIEW report.tickets IS 'Every ticket with its state: active, used, cancelled (its event was). entered, inside: people.';
COMMENT ON VIEW report.shifts IS 'Shifts with what was expected and counted; difference below zero: money is missing. closed_at null: open.';
COMMENT ON VIEW report.pools IS 'Pools of places: capacity (null = unlimited), sold, held by stations for sale, oversold.';
COMMENT ON VIEW report.conflicts_resolved IS 'Conflicts that a person has dealt with.';
COMMENT ON VIEW report.stations IS 'Sync health: when each station was last seen, how far its journal has come, what is held or quarantined.';
COMMENT ON VIEW report.feeds IS 'How far each feed goes, and the control sums last computed for it.';

REVOKE ALL ON SCHEMA report, hub_part FROM PUBLIC;
GRANT USAGE ON SCHEMA report TO gatehouse_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA report TO gatehouse_reader;
