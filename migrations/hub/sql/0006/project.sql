-- From entries to tables, a batch at a time, one statement per table. Where two entries speak of one key, the
-- first or the last by (hlc, entry_id) stays, as app/store/facts.py has it.

-- The feed in which an entry's order lies: its first event, else its first feed.
CREATE FUNCTION hub.home_feed(p_feeds jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce((SELECT f FROM pg_catalog.jsonb_array_elements_text(p_feeds) WITH ORDINALITY AS t(f, o)
                     WHERE f LIKE 'event:%' ORDER BY o LIMIT 1), p_feeds ->> 0)
$$;

-- The letters of a journal's epoch in receipt numbers: none for the first, B, C … Z, AA …
CREATE FUNCTION hub.epoch_letters(p_epoch integer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_epoch integer := p_epoch;
    v_letters text := '';
BEGIN
    WHILE p_epoch > 1 AND v_epoch > 0 LOOP
        v_letters := chr(65 + (v_epoch - 1) % 26) || v_letters;
        v_epoch := (v_epoch - 1) / 26;
    END LOOP;
    RETURN v_letters;
END
$$;

-- In plpgsql, so that its plan is kept for the session.
CREATE FUNCTION hub.project_orders(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH e AS MATERIALIZED (
        SELECT hub.home_feed(t.doc -> 'feeds') AS home, t.id, t.doc #>> '{origin,hlc}' AS hlc,
               t.doc #>> '{origin,station}' AS station, (t.doc #>> '{origin,epoch}')::integer AS epoch,
               (t.doc #>> '{origin,seq}')::bigint AS seq, t.doc #>> '{actor,user}' AS cashier, t.doc ->> 'shift' AS shift,
               coalesce((b.part ->> 'number')::integer, 1) AS part_number, b.*, r.*, s.*
        FROM unnest(p_ids, p_json) AS t(id, doc),
             jsonb_to_record(t.doc -> 'body') AS b("order" uuid, reference text, channel text, currency text, customer uuid,
                 key_id text, sold_at timestamptz, receipt jsonb, totals jsonb, part jsonb, positions jsonb, payments jsonb),
             jsonb_to_record(b.receipt) AS r(prefix text, number bigint, practice boolean),
             jsonb_to_record(b.totals) AS s(gross_minor bigint, discount_minor bigint, net_minor bigint, tax_minor bigint,
                 rounding_minor bigint, due_minor bigint)
        WHERE t.doc ->> 'kind' = 'order_sold'
    ), orders AS (
        INSERT INTO hub.orders AS o
            SELECT DISTINCT ON (e.home, e."order") e.home, e."order", e.id, e.hlc, e.part_number, e.station, e.epoch, e.seq,
                   e.cashier, e.shift, e.channel, e.reference, e.currency, e.customer, e.key_id, e.sold_at,
                   e.prefix || hub.epoch_letters((e.receipt ->> 'epoch')::integer) || '-' || CASE WHEN e.practice THEN 'P' ELSE '' END
                       || lpad(e.number::text, greatest(6, length(e.number::text)), '0'),
                   e.prefix, (e.receipt ->> 'epoch')::integer, e.number, e.practice,
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

CREATE FUNCTION hub.project_gate(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hub.gate_fact
        SELECT CASE WHEN b.event > 0 THEN 'event:' || b.event WHEN b.at_event > 0 THEN 'event:' || b.at_event
                    ELSE t.doc #>> '{feeds,0}' END,
               coalesce(b.serial, ''), t.id, k.kind, t.doc #>> '{origin,hlc}', (t.doc #>> '{clock,wall_at}')::timestamptz,
               coalesce(b.event, 0), coalesce(b.at_event, b.event, 0), coalesce(b.product, 0), coalesce(b.performance, 0),
               CASE WHEN k.kind = 'undone' THEN '' ELSE b.gate END, coalesce(b.lane, ''),
               coalesce(nullif(b.direction, ''), CASE WHEN k.kind = 'exited' THEN 'exit' ELSE 'entry' END),
               coalesce(b.verdict, ''), coalesce(b.via, ''), coalesce(b.confidence, ''), coalesce(nullif(b.people, 0), 1),
               t.doc #>> '{actor,user}', t.doc #>> '{origin,station}',
               CASE WHEN k.kind = 'undone' THEN b.admission ELSE '' END, coalesce(b.print_number, 0)
        FROM unnest(p_ids, p_json) AS t(id, doc),
             LATERAL (SELECT CASE t.doc ->> 'kind' WHEN 'admission_undone' THEN 'undone' ELSE t.doc ->> 'kind' END) AS k(kind),
             jsonb_to_record(t.doc -> 'body') AS b(serial text, event bigint, at_event bigint, product bigint,
                 performance bigint, gate text, lane text, direction text, verdict text, via text, confidence text,
                 people bigint, admission text, print_number bigint)
        WHERE t.doc ->> 'kind' IN ('admitted', 'exited', 'refused', 'admission_undone')
        ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION hub.project_prints(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hub.print_fact
        SELECT hub.home_feed(t.doc -> 'feeds'), s.serial, t.id, b."order", coalesce(b.print_number, 1), coalesce(b.medium, ''),
               coalesce(b.receipt, false), coalesce(b.key_id, ''), t.doc #>> '{origin,station}', t.doc #>> '{origin,hlc}',
               (t.doc #>> '{clock,wall_at}')::timestamptz
        FROM unnest(p_ids, p_json) AS t(id, doc),
             jsonb_to_record(t.doc -> 'body') AS b("order" uuid, serials jsonb, serial text, print_number bigint, medium text,
                 receipt boolean, key_id text),
             LATERAL (SELECT b.serial WHERE t.doc ->> 'kind' = 'ticket_reprinted'
                      UNION SELECT x FROM jsonb_array_elements_text(b.serials) AS x
                      UNION SELECT '' WHERE b.serials = '[]') AS s(serial)
        WHERE t.doc ->> 'kind' IN ('ticket_printed', 'ticket_reprinted')
        ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION hub.project_shifts(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE sql AS $$
    WITH opened AS (
        INSERT INTO hub.shift_opened AS o
            SELECT DISTINCT ON (d #>> '{body,shift}') d #>> '{body,shift}', t.id, d #>> '{origin,hlc}', d #>> '{origin,station}',
                   d #>> '{actor,user}', d #>> '{body,drawer}', d #>> '{body,currency}', (d #>> '{body,float_minor}')::bigint,
                   (d #>> '{clock,wall_at}')::timestamptz
            FROM unnest(p_ids, p_json) AS t(id, d) WHERE d ->> 'kind' = 'shift_opened'
            ORDER BY d #>> '{body,shift}', d #>> '{origin,hlc}' COLLATE "C", t.id
            ON CONFLICT (shift) DO UPDATE SET (entry_id, hlc, station, cashier, drawer, currency, float_minor, at)
                = (excluded.entry_id, excluded.hlc, excluded.station, excluded.cashier, excluded.drawer, excluded.currency,
                   excluded.float_minor, excluded.at)
            WHERE (excluded.hlc, excluded.entry_id) < (o.hlc, o.entry_id)
    )
    INSERT INTO hub.shift_closed AS o
        SELECT DISTINCT ON (b.shift) b.shift, t.id, d #>> '{origin,hlc}', d #>> '{origin,station}', b.number, b.currency,
               b.expected_minor, b.counted_minor, b.difference_minor, b.receipts ->> 'first', b.receipts ->> 'last',
               (b.receipts ->> 'count')::bigint, b.tenders, (d #>> '{clock,wall_at}')::timestamptz
        FROM unnest(p_ids, p_json) AS t(id, d),
             jsonb_to_record(d -> 'body') AS b(shift text, number bigint, currency text, expected_minor bigint,
                 counted_minor bigint, difference_minor bigint, receipts jsonb, tenders jsonb)
        WHERE d ->> 'kind' = 'shift_closed' ORDER BY b.shift, d #>> '{origin,hlc}' COLLATE "C", t.id
        ON CONFLICT (shift) DO UPDATE SET (entry_id, hlc, station, number, currency, expected_minor, counted_minor,
                difference_minor, receipts_first, receipts_last, receipts_count, tenders, at)
            = (excluded.entry_id, excluded.hlc, excluded.station, excluded.number, excluded.currency, excluded.expected_minor,
               excluded.counted_minor, excluded.difference_minor, excluded.receipts_first, excluded.receipts_last,
               excluded.receipts_count, excluded.tenders, excluded.at)
        WHERE (excluded.hlc, excluded.entry_id) < (o.hlc, o.entry_id)
$$;

-- Objects from their patches; one that was never made here has no row.
CREATE FUNCTION hub.fold_catalogue(p_objects text[], p_names text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hub.catalogue_object AS o (object, name, event, made, fields)
        SELECT w.object, w.name, f.event, f.hlc, coalesce((
                   SELECT jsonb_object_agg(v.key, v.value ORDER BY p.made DESC, p.hlc, p.entry_id)
                   FROM hub.catalogue_patch p, jsonb_each(p.fields) AS v
                   WHERE p.object = w.object AND p.name = w.name), '{}')
        FROM (SELECT DISTINCT a COLLATE "C" AS object, b COLLATE "C" AS name FROM unnest(p_objects, p_names) AS x(a, b)) AS w,
             LATERAL (SELECT p.event, p.hlc FROM hub.catalogue_patch p WHERE p.object = w.object AND p.name = w.name AND p.made
                      ORDER BY p.hlc, p.entry_id LIMIT 1) AS f
        ON CONFLICT (object, name) DO UPDATE SET event = excluded.event, made = excluded.made, fields = excluded.fields
$$;

CREATE FUNCTION hub.project_catalogue(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_objects text[];
    v_names text[];
BEGIN
    WITH i AS (
        INSERT INTO hub.catalogue_patch (object, name, hlc, entry_id, made, event, fields, base, station, at)
            SELECT k.p[1], d -> 'body' ->> k.p[1], d #>> '{origin,hlc}', t.id, k.p[2] = 'created',
                   coalesce((d #>> '{body,event}')::bigint, 0), d #> '{body,fields}', d #>> '{body,base}',
                   d #>> '{origin,station}', (d #>> '{clock,wall_at}')::timestamptz
            FROM unnest(p_ids, p_json) AS t(id, d),
                 LATERAL (SELECT regexp_match(d ->> 'kind', '^(event|performance|quota|product|gate)_(created|changed)$')) AS k(p)
            WHERE k.p IS NOT NULL
            ON CONFLICT DO NOTHING RETURNING object, name
    ) SELECT array_agg(i.object), array_agg(i.name) INTO v_objects, v_names FROM i;
    PERFORM hub.fold_catalogue(v_objects, v_names);
    INSERT INTO hub.event_fact (event, entry_id, kind, hlc, at, reason, rule)
        SELECT (d #>> '{body,event}')::bigint, t.id, d ->> 'kind', d #>> '{origin,hlc}', (d #>> '{clock,wall_at}')::timestamptz,
               coalesce(d #>> '{body,reason}', ''), coalesce(d #>> '{body,rule}', '')
        FROM unnest(p_ids, p_json) AS t(id, d) WHERE d ->> 'kind' IN ('event_published', 'event_cancelled', 'event_finished')
        ON CONFLICT DO NOTHING;
END
$$;

CREATE FUNCTION hub.project_house(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE sql AS $$
    WITH settings AS (
        INSERT INTO hub.setting AS o
            SELECT DISTINCT ON (v.key COLLATE "C") v.key, v.value, d #>> '{origin,hlc}', t.id
            FROM unnest(p_ids, p_json) AS t(id, d), jsonb_each(d #> '{body,values}') AS v WHERE d ->> 'kind' = 'settings_changed'
            ORDER BY v.key COLLATE "C", d #>> '{origin,hlc}' COLLATE "C" DESC, t.id DESC
            ON CONFLICT (name) DO UPDATE SET value = excluded.value, hlc = excluded.hlc, entry_id = excluded.entry_id
            WHERE (excluded.hlc, excluded.entry_id) > (o.hlc, o.entry_id)
    ), people AS (
        INSERT INTO hub.person AS o
            SELECT DISTINCT ON (d #>> '{body,user}') d #>> '{body,user}', d #>> '{body,login}',
                   ARRAY(SELECT r COLLATE "C" FROM jsonb_array_elements_text(d #> '{body,roles}') AS r ORDER BY 1),
                   d #>> '{body,document}', d #>> '{origin,hlc}', t.id
            FROM unnest(p_ids, p_json) AS t(id, d) WHERE d ->> 'kind' = 'user_created'
            ORDER BY d #>> '{body,user}', d #>> '{origin,hlc}' COLLATE "C", t.id
            ON CONFLICT (user_id) DO UPDATE SET (login, roles, document, hlc, entry_id)
                = (excluded.login, excluded.roles, excluded.document, excluded.hlc, excluded.entry_id)
            WHERE (excluded.hlc, excluded.entry_id) < (o.hlc, o.entry_id)
    )
    INSERT INTO hub.conflict_resolution
        SELECT d #>> '{body,conflict}', t.id, d #>> '{body,code}', d #>> '{body,subject}',
               ARRAY(SELECT s COLLATE "C" FROM jsonb_array_elements_text(d #> '{body,seen}') AS s ORDER BY 1),
               d #>> '{body,reason}', d #>> '{actor,user}', d #>> '{origin,station}', d #>> '{origin,hlc}',
               (d #>> '{clock,wall_at}')::timestamptz
        FROM unnest(p_ids, p_json) AS t(id, d) WHERE d ->> 'kind' = 'conflict_resolved'
        ON CONFLICT DO NOTHING
$$;

-- All tables of a batch of entries that are known and told apart: whatever kinds are in it, a statement each.
CREATE FUNCTION hub.fill_tables(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_kinds text[] := ARRAY(SELECT DISTINCT d ->> 'kind' FROM unnest(p_json) AS d);
BEGIN
    IF 'order_sold' = ANY (v_kinds) THEN
        PERFORM hub.project_orders(p_ids, p_json);
    END IF;
    IF v_kinds && ARRAY['admitted', 'exited', 'refused', 'admission_undone'] THEN
        PERFORM hub.project_gate(p_ids, p_json);
    END IF;
    IF v_kinds && ARRAY['ticket_printed', 'ticket_reprinted'] THEN
        PERFORM hub.project_prints(p_ids, p_json);
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

-- The hook of hub.project. What does not fit is held and takes nothing of its batch with it; places and seen
-- tickets of such an entry are noted all the same. A second content under a known id is for nobody to project.
CREATE OR REPLACE FUNCTION hub.project_tables(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_ids uuid[];
    v_json jsonb[];
BEGIN
    SELECT array_agg(e.id), array_agg(e.doc) INTO v_ids, v_json
        FROM unnest(p_ids, p_json) AS e(id, doc)
             JOIN hub.known_kind k ON k.kind = (e.doc ->> 'kind') COLLATE "C" AND k.v = (e.doc ->> 'v')::integer;
    IF v_ids IS NULL THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM hub.duplicate_id d WHERE d.entry_id = ANY (v_ids)) THEN
        SELECT array_agg(e.id), array_agg(e.doc) INTO v_ids, v_json
            FROM unnest(v_ids, v_json) AS e(id, doc) JOIN hub.entry_key k ON k.entry_id = e.id
                 JOIN hub.log_raw w ON w.station = k.station AND w.epoch = k.epoch AND w.seq = k.seq
            WHERE w.content::jsonb = e.doc;
        IF v_ids IS NULL THEN
            RETURN;
        END IF;
    END IF;
    BEGIN
        PERFORM hub.fill_tables(v_ids, v_json);
        RETURN;
    EXCEPTION
        WHEN serialization_failure OR deadlock_detected OR query_canceled OR operator_intervention
             OR lock_not_available THEN RAISE;
        WHEN OTHERS THEN NULL;
    END;
    FOR i IN 1 .. cardinality(v_ids) LOOP
        BEGIN
            PERFORM hub.fill_tables(v_ids[i : i], v_json[i : i]);
        EXCEPTION
            WHEN serialization_failure OR deadlock_detected OR query_canceled OR operator_intervention
                 OR lock_not_available THEN RAISE;
            WHEN OTHERS THEN
                INSERT INTO hub.held (station, epoch, seq, kind, v, reason)
                    SELECT k.station, k.epoch, k.seq, v_json[i] ->> 'kind', (v_json[i] ->> 'v')::bigint, SQLSTATE
                    FROM hub.entry_key k WHERE k.entry_id = v_ids[i]
                    ON CONFLICT DO NOTHING;
        END;
    END LOOP;
END
$$;
