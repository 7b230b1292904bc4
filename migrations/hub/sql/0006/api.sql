-- Computing everything anew, replaying what was held, and control sums.

-- Empty the tables and fill them from the log, in chunks; answers how many entries were read. Pushes wait for it.
CREATE FUNCTION hub.rebuild_projections() RETURNS bigint LANGUAGE plpgsql AS $$
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
             hub.conflict_resolution, hub.control_sum;
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

-- Project what is held and can be read by now, each entry in its own subtransaction; answers how many.
CREATE FUNCTION hub.replay_held() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_replayed bigint := 0;
    r record;
BEGIN
    PERFORM FROM hub.feed_head h WHERE h.feed IN (
        SELECT f FROM hub.held d JOIN hub.log_raw w ON w.station = d.station AND w.epoch = d.epoch AND w.seq = d.seq,
             jsonb_array_elements_text(w.content::jsonb -> 'feeds') AS f) ORDER BY h.feed FOR UPDATE;
    FOR r IN SELECT d.station, d.epoch, d.seq, k.entry_id, w.content::jsonb AS doc
             FROM hub.held d JOIN hub.station_log k USING (station, epoch, seq) JOIN hub.log_raw w USING (station, epoch, seq)
                  JOIN hub.known_kind n ON n.kind = d.kind COLLATE "C" AND n.v = d.v
             WHERE k.state = 'ok' ORDER BY d.station, d.epoch, d.seq
    LOOP
        BEGIN
            DELETE FROM hub.held d WHERE d.station = r.station AND d.epoch = r.epoch AND d.seq = r.seq;
            PERFORM hub.project(ARRAY[r.entry_id], ARRAY[r.doc]);
            IF NOT EXISTS (SELECT FROM hub.held d WHERE d.station = r.station AND d.epoch = r.epoch AND d.seq = r.seq) THEN
                v_replayed := v_replayed + 1;
            END IF;
        EXCEPTION
            WHEN serialization_failure OR deadlock_detected OR query_canceled OR operator_intervention THEN RAISE;
            WHEN OTHERS THEN NULL;                 -- held as before
        END;
    END LOOP;
    IF v_replayed > 0 THEN
        DELETE FROM hub.control_sum;
    END IF;
    RETURN v_replayed;
END
$$;

-- What a feed adds up to, as flat numbers. The same as app/store/control.py; zero sums are left out.
CREATE FUNCTION hub.control_sums(p_feed text) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_object_agg(t.name, t.amount), '{}') FROM (
        SELECT 'tickets' AS name, count(*)::bigint AS amount FROM hub.position p WHERE p.feed = p_feed COLLATE "C"
        UNION ALL SELECT 'people', sum(p.admits)::bigint FROM hub.position p WHERE p.feed = p_feed COLLATE "C"
        UNION ALL SELECT 'gross:' || p.currency, sum(p.gross_minor)::bigint FROM hub.position p
            WHERE p.feed = p_feed COLLATE "C" GROUP BY p.currency
        UNION ALL SELECT g.kind, sum(g.people)::bigint FROM hub.gate_passage g WHERE g.feed = p_feed COLLATE "C" GROUP BY g.kind
        UNION ALL SELECT g.kind, count(*) FROM hub.gate_fact g
            WHERE g.feed = p_feed COLLATE "C" AND g.kind IN ('refused', 'undone') GROUP BY g.kind
        UNION ALL SELECT 'paid:' || p.currency || ':' || p.tender, sum(p.amount_minor)::bigint FROM hub.payment p
            WHERE p_feed = 'cash' GROUP BY p.currency, p.tender
        UNION ALL SELECT 'shifts_opened', count(*) FROM hub.shift_opened WHERE p_feed = 'cash'
        UNION ALL SELECT 'shifts_closed', count(*) FROM hub.shift_closed WHERE p_feed = 'cash'
        UNION ALL SELECT 'difference', sum(c.difference_minor)::bigint FROM hub.shift_closed c WHERE p_feed = 'cash'
    ) AS t WHERE t.amount <> 0
$$;

-- Heads, sums and the ends of all journals, all as of one moment (STABLE: the snapshot of whoever asks).
CREATE FUNCTION hub.control_now(p_feeds text[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'incarnation', hub.incarnation(),
        'feeds', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                      'feed', h.feed, 'position', h.position, 'sums', coalesce(c.sums, hub.control_sums(h.feed)),
                      'held', (SELECT count(*) FROM hub.held d JOIN hub.log_raw w USING (station, epoch, seq)
                               WHERE w.content::jsonb -> 'feeds' ? h.feed)) ORDER BY h.feed), '[]')
                  FROM hub.feed_head h LEFT JOIN hub.control_sum c ON c.feed = h.feed AND c.position = h.position
                  WHERE h.feed = ANY (p_feeds)),
        'tips', (SELECT coalesce(jsonb_agg(jsonb_build_object('station', s.station, 'epoch', s.epoch, 'seq', s.seq)
                                           ORDER BY s.station, s.epoch), '[]') FROM hub.station_tip s))
$$;

-- Control sums of feeds in the caller's scope, as of the heads: computed once for each position of a feed.
-- {incarnation, feeds: [{feed, position, sums: {name: amount}, held}], tips: [{station, epoch, seq}]}
CREATE FUNCTION api_1.control(p_feeds text[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
    v_answer jsonb;
BEGIN
    IF hub.barred(me) IS NOT NULL THEN
        RETURN hub.barred(me);
    ELSIF p_feeds IS NULL OR cardinality(p_feeds) > 1000 OR array_position(p_feeds, NULL) IS NOT NULL THEN
        RETURN '{"code": "BAD_REQUEST", "field": "feeds"}';
    END IF;
    v_answer := hub.control_now(ARRAY(SELECT f COLLATE "C" FROM unnest(p_feeds) AS f WHERE hub.in_scope(me, f)));
    INSERT INTO hub.control_sum AS c (feed, position, sums)
        SELECT f ->> 'feed', (f ->> 'position')::bigint, f -> 'sums' FROM jsonb_array_elements(v_answer -> 'feeds') AS f ORDER BY 1
        ON CONFLICT (feed) DO UPDATE SET position = excluded.position, sums = excluded.sums, computed_at = clock_timestamp()
        WHERE c.position < excluded.position;
    RETURN v_answer;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub, api_1 FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_1.control(text[]) TO gatehouse_station;

SELECT hub.rebuild_projections();
