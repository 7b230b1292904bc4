-- Requests for rights and values. The lock order is that of push: own tip, heads, pools, gate rows, the hub's own tip.

-- What is wrong with a request, NULL when nothing is.
-- {rights: {id, wants: [{order, act}]}, values: {id, wants: [{value, amount_minor, currency}]}}
CREATE FUNCTION hub.right_fault(p_request jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_part text;
BEGIN
    IF p_request IS NULL OR jsonb_typeof(p_request) <> 'object' THEN
        RETURN NULL;
    END IF;
    FOREACH v_part IN ARRAY ARRAY['rights', 'values'] LOOP
        IF p_request -> v_part IS NULL THEN
            CONTINUE;
        ELSIF coalesce(p_request #>> ARRAY[v_part, 'id'], '') !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
            RETURN v_part || '.id';
        ELSIF jsonb_typeof(p_request #> ARRAY[v_part, 'wants']) IS DISTINCT FROM 'array'
              OR jsonb_array_length(p_request #> ARRAY[v_part, 'wants']) > 50 THEN
            RETURN v_part || '.wants';
        END IF;
    END LOOP;
    IF EXISTS (SELECT FROM jsonb_path_query(p_request, 'lax $.rights.wants[*]') w
               WHERE coalesce(w ->> 'order', '') !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                  OR coalesce(w ->> 'act', '') NOT IN ('pay', 'release', 'void', 'refund', 'exchange', 'reprint', 'hand_out')) THEN
        RETURN 'rights.wants';
    ELSIF EXISTS (SELECT FROM jsonb_path_query(p_request, 'lax $.values.wants[*]') w
                  WHERE coalesce(w ->> 'value', '') !~ '^[0-9a-f]{64}$' OR coalesce(w ->> 'currency', '') !~ '^[A-Z]{3}$'
                     OR coalesce(w ->> 'amount_minor', '') !~ '^[1-9][0-9]{0,14}$') THEN
        RETURN 'values.wants';
    END IF;
    RETURN NULL;
END
$$;

-- The feeds in which an answer is written: the station reads in them everything that was before its grant.
CREATE FUNCTION hub.right_feeds(p_request jsonb) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_request -> 'rights' IS NULL AND p_request -> 'values' IS NULL THEN '{}'::text[] ELSE
        ARRAY['cash'] || ARRAY(
            SELECT DISTINCT t ->> 0 FROM jsonb_path_query(p_request, 'lax $.rights.wants[*]') w
                JOIN hub.order_right o ON o.order_id = (w ->> 'order')::uuid, jsonb_array_elements(o.tickets) t) END
$$;

-- The number of the next grant of a right: after a restore it is above any that was forgotten.
CREATE FUNCTION hub.next_right(p_number bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT greatest(p_number, 1000000000 * ((SELECT max(s.epoch) - min(s.epoch) FROM hub.station_tip s
                                             WHERE s.station = '00000000'))::bigint) + 1
$$;

-- One line of a request for rights. Gate rows and the order's row are locked.
CREATE FUNCTION hub.grant_right(p_me hub.station, p_request text, p_order uuid, p_act text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    o hub.order_right;
    v_feeds text[];
    v_gate text;
    v_number bigint;
    v_no jsonb := jsonb_build_object('order', p_order, 'granted', false);
BEGIN
    SELECT * INTO o FROM hub.order_right x WHERE x.order_id = p_order;
    v_feeds := ARRAY['cash'] || ARRAY(SELECT DISTINCT (t ->> 0) COLLATE "C" FROM jsonb_array_elements(o.tickets) t ORDER BY 1);
    IF o.order_id IS NULL OR cardinality(v_feeds) = 1 OR NOT coalesce(v_feeds <@ p_me.scope, true) THEN
        RETURN v_no || '{"why": "unknown"}';
    ELSIF o.station = p_me.station AND o.epoch = p_me.epoch THEN
        RETURN jsonb_build_object('order', p_order, 'granted', true, 'number', o.number);
    ELSIF o.station <> '00000000' THEN
        RETURN v_no || jsonb_build_object('why', 'held', 'who', o.station);
    END IF;
    IF p_act IN ('void', 'refund', 'exchange', 'reprint') THEN
        SELECT c.gate INTO v_gate FROM jsonb_array_elements(o.tickets) t
            JOIN hub.gate_claim c ON c.feed = (t ->> 0) COLLATE "C" AND c.serial = (t ->> 1) COLLATE "C" LIMIT 1;
        IF FOUND THEN
            RETURN v_no || jsonb_build_object('why', 'at_gate', 'who', v_gate);
        END IF;
        INSERT INTO hub.gate_mark (feed, serial, order_id, act, station)
            SELECT DISTINCT t ->> 0, t ->> 1, p_order, p_act, p_me.station FROM jsonb_array_elements(o.tickets) t
            ON CONFLICT DO NOTHING;
    END IF;
    v_number := hub.next_right(o.number);
    PERFORM hub.append_own('right_granted', v_feeds,
        '{"act":"' || p_act || '","epoch":' || p_me.epoch || ',"number":' || v_number || ',"order":"' || p_order
        || '","request":"' || p_request || '","station":"' || p_me.station || '"}');
    RETURN jsonb_build_object('order', p_order, 'granted', true, 'number', v_number);
END
$$;

-- One line of a request for values: an amount that is there is set aside for the caller.
CREATE FUNCTION hub.grant_value(p_me hub.station, p_request text, p_want jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    a hub.value_account;
    v_amount bigint := (p_want ->> 'amount_minor')::bigint;
    v_left bigint;
    v_answer jsonb := jsonb_build_object('value', p_want ->> 'value');
BEGIN
    SELECT * INTO a FROM hub.value_account x WHERE x.value = (p_want ->> 'value') COLLATE "C";
    v_left := greatest(0, a.issued - a.spent - a.reserved);
    IF a.value IS NULL OR a.issued = 0 OR a.currency <> (p_want ->> 'currency') COLLATE "C" THEN
        RETURN v_answer || '{"granted": false, "why": "unknown"}';
    ELSIF a.expires_at < clock_timestamp() THEN
        RETURN v_answer || '{"granted": false, "why": "expired"}';
    ELSIF v_left < v_amount THEN
        RETURN v_answer || jsonb_build_object('granted', false, 'why', 'short', 'left_minor', v_left);
    END IF;
    PERFORM hub.append_own('value_granted', ARRAY['cash'],
        '{"amount_minor":' || v_amount || ',"currency":"' || a.currency || '","epoch":' || p_me.epoch || ',"request":"'
        || p_request || '","station":"' || p_me.station || '","value":"' || a.value || '"}');
    RETURN v_answer || jsonb_build_object('granted', true, 'amount_minor', v_amount, 'left_minor', v_left - v_amount);
END
$$;

-- Answer requests once; NULL without any. A restored hub does not know what it has granted, so it grants nothing.
CREATE FUNCTION hub.grant_rights(p_me hub.station, p_request jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_id text := coalesce(p_request #>> '{rights,id}', p_request #>> '{values,id}');
    v_known jsonb;
    v_rights jsonb;
    v_values jsonb;
BEGIN
    IF v_id IS NULL THEN
        RETURN NULL;
    ELSIF (SELECT h.mode FROM hub.hub h) <> 'normal' THEN
        RETURN jsonb_build_object('id', v_id,
            'rights', coalesce((SELECT jsonb_agg(jsonb_build_object('order', w ->> 'order', 'granted', false, 'why', 'recovery'))
                                FROM jsonb_path_query(p_request, 'lax $.rights.wants[*]') w), '[]'),
            'values', coalesce((SELECT jsonb_agg(jsonb_build_object('value', w ->> 'value', 'granted', false, 'why', 'recovery'))
                                FROM jsonb_path_query(p_request, 'lax $.values.wants[*]') w), '[]'));
    END IF;
    SELECT q.answer INTO v_known FROM hub.right_request q WHERE q.station = p_me.station AND q.request = v_id COLLATE "C";
    IF FOUND THEN
        RETURN v_known;
    END IF;
    INSERT INTO hub.gate_row (feed, serial)
        SELECT DISTINCT (t ->> 0) COLLATE "C", (t ->> 1) COLLATE "C" FROM jsonb_path_query(p_request, 'lax $.rights.wants[*]') w
            JOIN hub.order_right o ON o.order_id = (w ->> 'order')::uuid, jsonb_array_elements(o.tickets) t
        ORDER BY 1, 2 ON CONFLICT DO NOTHING;
    PERFORM FROM hub.gate_row g WHERE (g.feed, g.serial) IN (
        SELECT (t ->> 0) COLLATE "C", (t ->> 1) COLLATE "C" FROM jsonb_path_query(p_request, 'lax $.rights.wants[*]') w
            JOIN hub.order_right o ON o.order_id = (w ->> 'order')::uuid, jsonb_array_elements(o.tickets) t)
        ORDER BY g.feed, g.serial FOR UPDATE;
    SELECT coalesce(jsonb_agg(hub.grant_right(p_me, v_id, w.id, w.act) ORDER BY w.id), '[]') INTO v_rights FROM (
        SELECT DISTINCT ON (1) (w ->> 'order')::uuid AS id, w ->> 'act' AS act
        FROM jsonb_path_query(p_request, 'lax $.rights.wants[*]') w ORDER BY 1, 2) AS w;
    SELECT coalesce(jsonb_agg(hub.grant_value(p_me, v_id, w.want) ORDER BY w.value), '[]') INTO v_values FROM (
        SELECT DISTINCT ON (1) w ->> 'value' AS value, w AS want
        FROM jsonb_path_query(p_request, 'lax $.values.wants[*]') w ORDER BY 1) AS w;
    v_known := jsonb_build_object('id', v_id, 'rights', v_rights, 'values', v_values);
    INSERT INTO hub.right_request (station, request, answer) VALUES (p_me.station, v_id, v_known);
    UPDATE hub.station s SET right_version = s.right_version + 1 WHERE s.station = p_me.station;
    RETURN v_known;
END
$$;

-- What was granted to the caller and not given up, with the version that orders such sets. Births are not in it: the
-- station knows them from its own journal.
CREATE FUNCTION hub.right_set(p_me hub.station) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'version', (SELECT s.right_version FROM hub.station s WHERE s.station = p_me.station),
        'items', coalesce((
            SELECT jsonb_agg(jsonb_build_object('order', o.order_id, 'number', o.number, 'act', o.act, 'request', o.request)
                             ORDER BY o.order_id)
            FROM hub.order_right o WHERE o.station = p_me.station AND o.epoch = p_me.epoch AND o.number > 0
                AND o.station <> '00000000'), '[]') || coalesce((
            SELECT jsonb_agg(jsonb_build_object('value', g.value, 'request', g.request, 'amount_minor', g.amount,
                                                'currency', g.currency) ORDER BY g.request, g.value)
            FROM hub.value_grant g WHERE g.station = p_me.station AND g.epoch = p_me.epoch AND g.state = 'held'), '[]'))
$$;

CREATE OR REPLACE FUNCTION hub.standing(p_me hub.station) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'hub_at', hub.at_text(clock_timestamp()), 'hub_ms', hub.ms(clock_timestamp()),
        'leases', hub.lease_set(p_me), 'rights', hub.right_set(p_me),
        'retry_after_ms', 0, 'max_batch', 200, 'max_bytes', 262144)
$$;

-- Take up to p_risk order rights, and amounts up to p_value_risk, from a station that is gone: if it has used them
-- after all, money was moved twice for no more than that. Answers {rights, requests, amount_minor}.
CREATE FUNCTION hub.write_off_rights(p_station text, p_risk bigint, p_value_risk bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    r record;
    v_rights bigint := 0;
    v_requests bigint := 0;
    v_amount bigint := 0;
BEGIN
    PERFORM hub.lock_heads(ARRAY['cash'], '{}');
    FOR r IN
        SELECT x.epoch, x.part, string_agg('{"number":' || x.number || ',"order":"' || x.order_id || '"}', ',' ORDER BY x.order_id) AS body,
               count(*) AS count
        FROM (SELECT o.epoch, o.order_id, o.number, (row_number() OVER (ORDER BY o.epoch, o.order_id) - 1) / 500 AS part
              FROM hub.order_right o WHERE o.station = p_station COLLATE "C" ORDER BY o.epoch, o.order_id LIMIT p_risk) AS x
        GROUP BY x.epoch, x.part ORDER BY 1, 2
    LOOP
        PERFORM hub.append_own('right_written_off', ARRAY['cash'],
            '{"epoch":' || r.epoch || ',"rights":[' || r.body || '],"risk":' || p_risk || ',"station":"' || p_station || '"}');
        v_rights := v_rights + r.count;
    END LOOP;
    FOR r IN
        SELECT x.epoch, to_jsonb(array_agg(DISTINCT x.request)) AS requests, sum(x.amount) AS amount, count(*) AS count
        FROM (SELECT g.epoch, g.request, g.amount, sum(g.amount) OVER (ORDER BY g.granted_at, g.request, g.value) AS so_far
              FROM hub.value_grant g WHERE g.station = p_station COLLATE "C" AND g.state = 'held') AS x
        WHERE x.so_far <= p_value_risk GROUP BY x.epoch ORDER BY 1
    LOOP
        PERFORM hub.append_own('value_written_off', ARRAY['cash'],
            '{"amount_minor":' || r.amount || ',"epoch":' || r.epoch || ',"requests":' || replace(r.requests::text, ', ', ',')
            || ',"station":"' || p_station || '"}');
        v_requests := v_requests + r.count;
        v_amount := v_amount + r.amount;
    END LOOP;
    RETURN jsonb_build_object('rights', v_rights, 'requests', v_requests, 'amount_minor', v_amount);
END
$$;
