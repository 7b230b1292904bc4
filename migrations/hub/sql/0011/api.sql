-- Control sums with what was given back, and computing anew with the new tables.

-- What a feed adds up to, as flat numbers. The same as app/store/control.py; zero sums are left out. A payment that came
-- before its order waits for it, as it does there.
CREATE OR REPLACE FUNCTION hub.control_sums(p_feed text) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_object_agg(t.name, t.amount), '{}') FROM (
        SELECT 'tickets' AS name, count(*)::bigint AS amount FROM hub.position p WHERE p.feed = p_feed COLLATE "C"
        UNION ALL SELECT 'people', sum(p.admits)::bigint FROM hub.position p WHERE p.feed = p_feed COLLATE "C"
        UNION ALL SELECT 'gross:' || p.currency, sum(p.gross_minor)::bigint FROM hub.position p
            WHERE p.feed = p_feed COLLATE "C" GROUP BY p.currency
        UNION ALL SELECT a.kind, count(*) FROM hub.ticket_act a WHERE a.feed = p_feed COLLATE "C" GROUP BY a.kind
        UNION ALL SELECT 'returned', sum(a.amount_minor)::bigint FROM hub.ticket_act a WHERE a.feed = p_feed COLLATE "C"
        UNION ALL SELECT g.kind, sum(g.people)::bigint FROM hub.gate_passage g WHERE g.feed = p_feed COLLATE "C" GROUP BY g.kind
        UNION ALL SELECT g.kind, count(*) FROM hub.gate_fact g
            WHERE g.feed = p_feed COLLATE "C" AND g.kind IN ('refused', 'undone') GROUP BY g.kind
        UNION ALL SELECT 'paid:' || p.currency || ':' || p.tender, sum(p.amount_minor)::bigint FROM hub.payment p
            WHERE p_feed = 'cash' AND (p.line < 1000 OR EXISTS (SELECT FROM hub.orders o WHERE o.order_id = p.order_id))
            GROUP BY p.currency, p.tender
        UNION ALL SELECT 'given_back:' || p.currency || ':' || p.tender, sum(p.amount_minor)::bigint FROM hub.payout p
            WHERE p_feed = 'cash' GROUP BY p.currency, p.tender
        UNION ALL SELECT v.kind || ':' || v.currency, sum(v.amount_minor)::bigint FROM hub.value_fact v
            WHERE p_feed = 'cash' GROUP BY v.kind, v.currency
        UNION ALL SELECT 'reservations', count(*) FROM (SELECT DISTINCT r.order_id FROM hub.reservation r) r WHERE p_feed = 'cash'
        UNION ALL SELECT 'shifts_opened', count(*) FROM hub.shift_opened WHERE p_feed = 'cash'
        UNION ALL SELECT 'shifts_closed', count(*) FROM hub.shift_closed WHERE p_feed = 'cash'
        UNION ALL SELECT 'difference', sum(c.difference_minor)::bigint FROM hub.shift_closed c WHERE p_feed = 'cash'
    ) AS t WHERE t.amount <> 0
$$;

-- Empty the tables and fill them from the log, in chunks; answers how many entries were read. Pushes wait for it.
CREATE OR REPLACE FUNCTION hub.rebuild_projections() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_station text COLLATE "C" := '';
    v_epoch integer := 0;
    v_seq bigint := 0;
    v_ids uuid[];
    v_json jsonb[];
    v_read bigint := 0;
BEGIN
    TRUNCATE hub.orders, hub.position, hub.payment, hub.gate_fact, hub.print_fact, hub.shift_opened, hub.shift_closed,
             hub.catalogue_patch, hub.catalogue_object, hub.event_fact, hub.setting, hub.person,
             hub.conflict_resolution, hub.control_sum, hub.reservation, hub.receipt, hub.give_back, hub.ticket_act, hub.payout,
             hub.payment_fact, hub.value_fact, hub.person_change, hub.role_change;
    LOOP
        SELECT array_agg(c.entry_id), array_agg(c.content::jsonb), max(c.station), max(c.epoch), max(c.seq)
            INTO v_ids, v_json, v_station, v_epoch, v_seq
            FROM (SELECT k.entry_id, w.content, k.station, k.epoch, k.seq
                  FROM (SELECT l.station, l.epoch FROM hub.station_tip l
                        WHERE (l.station, l.epoch) >= (v_station, v_epoch)
                          AND EXISTS (SELECT FROM hub.station_log x WHERE x.station = l.station AND x.epoch = l.epoch
                                      AND ((l.station, l.epoch) > (v_station, v_epoch) OR x.seq > v_seq))
                        ORDER BY 1, 2 LIMIT 1) AS j
                       JOIN hub.station_log k ON k.station = j.station AND k.epoch = j.epoch
                            AND ((j.station, j.epoch) > (v_station, v_epoch) OR k.seq > v_seq)
                       LEFT JOIN hub.log_raw w ON w.station = k.station AND w.epoch = k.epoch AND w.seq = k.seq AND k.state = 'ok'
                  ORDER BY k.seq LIMIT 1000) AS c;
        EXIT WHEN v_ids IS NULL;
        SELECT array_agg(e.id), array_agg(e.doc) INTO v_ids, v_json
            FROM unnest(v_ids, v_json) AS e(id, doc) WHERE e.doc IS NOT NULL;
        IF v_ids IS NOT NULL THEN
            v_read := v_read + cardinality(v_ids);
            PERFORM hub.project_tables(v_ids, v_json);
        END IF;
    END LOOP;
    RETURN v_read;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub FROM PUBLIC;

SELECT hub.rebuild_projections();
