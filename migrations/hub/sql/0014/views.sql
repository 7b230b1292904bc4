-- What reports see of promo codes, and of payments of which nobody knows whether the money has moved.

CREATE VIEW report.promos AS
    WITH u AS (
        SELECT DISTINCT ON (p.order_id) p.* FROM hub.promo_use p WHERE NOT p.practice ORDER BY p.order_id, p.hlc, p.entry_id
    )
    SELECT o.name::bigint AS promo, o.event, o.fields ->> 'name' AS name, o.fields ->> 'name_ru' AS name_ru,
           (o.fields ->> 'percent_bp')::bigint AS percent_bp, (o.fields ->> 'amount_minor')::bigint AS amount_minor,
           nullif(o.fields ->> 'currency', '') AS currency, o.fields ->> 'per' AS per,
           (o.fields ->> 'from_at')::timestamptz AS from_at, (o.fields ->> 'until_at')::timestamptz AS until_at,
           p.capacity AS use_limit, coalesce(n.orders, 0) AS orders, coalesce(n.discount_minor, 0)::bigint AS discount_minor
    FROM hub.catalogue_object o
         LEFT JOIN hub.pool p ON p.pool = (o.fields ->> 'pool')::bigint
         LEFT JOIN (SELECT u.promo, count(*) AS orders, sum(u.discount_minor) AS discount_minor
                    FROM u LEFT JOIN hub.order_state s ON s.order_id = u.order_id
                    WHERE coalesce(s.state, 'paid') NOT IN ('released', 'void', 'refunded') GROUP BY 1) AS n
                ON n.promo = o.name::bigint
    WHERE o.object = 'promo';

CREATE VIEW report.open_payments AS
    SELECT f.payment, f.order_id, o.station, f.shift, f.tender, o.currency, f.amount_minor, f.at AS started_at,
           EXISTS (SELECT FROM hub.payment_fact u WHERE u.payment = f.payment AND u.kind = 'payment_unknown') AS unknown
    FROM hub.payment_fact f
         JOIN (SELECT DISTINCT ON (x.order_id) x.order_id, x.currency, x.station, x.practice FROM hub.orders x
               ORDER BY x.order_id, x.part, x.hlc, x.entry_id) o ON o.order_id = f.order_id
    WHERE f.kind = 'payment_started' AND NOT o.practice
      AND NOT EXISTS (SELECT FROM hub.payment p WHERE p.payment = f.payment)
      AND NOT EXISTS (SELECT FROM hub.payment_fact e WHERE e.payment = f.payment
                      AND e.kind IN ('payment_failed', 'payment_resolved'));

COMMENT ON VIEW report.promos IS 'Promo codes with what they take off, their limit (null = none), the orders that use them and what these were given; orders given back or given up are left out.';
COMMENT ON VIEW report.open_payments IS 'Payments that were begun and of which nobody has said whether the money has moved; unknown: somebody has to find out.';

GRANT SELECT ON ALL TABLES IN SCHEMA report TO gatehouse_reader;
