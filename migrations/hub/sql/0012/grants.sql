-- Grants of rights and values are sealed as grants of places are: a restored hub to which they are brought knows them
-- for its own, and who holds what is again what it was.

-- One line of a request for rights. Gate rows and the order's row are locked.
CREATE OR REPLACE FUNCTION hub.grant_right(p_me hub.station, p_request text, p_order uuid, p_act text) RETURNS jsonb LANGUAGE plpgsql AS $$
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
    PERFORM hub.append_own('right_granted', v_feeds, hub.sealed('right_granted', jsonb_build_object(
        'act', p_act, 'epoch', p_me.epoch, 'number', v_number, 'order', p_order, 'request', p_request,
        'station', p_me.station)));
    RETURN jsonb_build_object('order', p_order, 'granted', true, 'number', v_number);
END
$$;

-- One line of a request for values: an amount that is there is set aside for the caller.
CREATE OR REPLACE FUNCTION hub.grant_value(p_me hub.station, p_request text, p_want jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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
    PERFORM hub.append_own('value_granted', ARRAY['cash'], hub.sealed('value_granted', jsonb_build_object(
        'amount_minor', v_amount, 'currency', a.currency, 'epoch', p_me.epoch, 'request', p_request,
        'station', p_me.station, 'value', a.value)));
    RETURN v_answer || jsonb_build_object('granted', true, 'amount_minor', v_amount, 'left_minor', v_left - v_amount);
END
$$;

-- Take rights and amounts from a station that is gone, up to the stated risk. Answers {rights, requests, amount_minor}.
CREATE OR REPLACE FUNCTION hub.write_off_rights(p_station text, p_risk bigint, p_value_risk bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
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
        PERFORM hub.append_own('right_written_off', ARRAY['cash'], hub.sealed('right_written_off', jsonb_build_object(
            'epoch', r.epoch, 'rights', ('[' || r.body || ']')::jsonb, 'risk', p_risk, 'station', p_station)));
        v_rights := v_rights + r.count;
    END LOOP;
    FOR r IN
        SELECT x.epoch, to_jsonb(array_agg(DISTINCT x.request)) AS requests, sum(x.amount) AS amount, count(*) AS count
        FROM (SELECT g.epoch, g.request, g.amount, sum(g.amount) OVER (ORDER BY g.granted_at, g.request, g.value) AS so_far
              FROM hub.value_grant g WHERE g.station = p_station COLLATE "C" AND g.state = 'held') AS x
        WHERE x.so_far <= p_value_risk GROUP BY x.epoch ORDER BY 1
    LOOP
        PERFORM hub.append_own('value_written_off', ARRAY['cash'], hub.sealed('value_written_off', jsonb_build_object(
            'amount_minor', r.amount, 'epoch', r.epoch, 'requests', r.requests, 'station', p_station)));
        v_requests := v_requests + r.count;
        v_amount := v_amount + r.amount;
    END LOOP;
    RETURN jsonb_build_object('rights', v_rights, 'requests', v_requests, 'amount_minor', v_amount);
END
$$;

-- Do again what stations brought of the hub's own acts, at most so many; answers how many were done. Rights and values
-- follow from the acts themselves when they are projected. What carries no seal is left to the administrator's tool.
CREATE OR REPLACE FUNCTION hub.take_acts(p_most bigint DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    i record;
    v_found jsonb;
    v_done bigint := 0;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('epoch', w.epoch, 'seq', w.seq, 'hash', encode(w.hash, 'hex'), 'content', w.content,
                                        'doc', (hub.parse_all(ARRAY[w.content]))[1]) ORDER BY w.epoch, w.seq)
        INTO v_found FROM (
            SELECT * FROM hub.inbox b WHERE b.station = '00000000' AND b.state = 'waiting'
                AND (b.content ~ '"kind":"lease_(granted|reclaimed)"'
                     OR b.content ~ '"kind":"(right|value)_(granted|written_off)"' AND b.content ~ '"mac":"')
            ORDER BY b.epoch, b.seq LIMIT p_most) AS w;
    IF v_found IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM hub.lock_heads(ARRAY(SELECT jsonb_path_query(v_found, 'lax $[*].doc.feeds[*]') #>> '{}'), '{}');
    INSERT INTO hub.pool (pool, event)
        SELECT DISTINCT ON (1) (e #>> '{}')::bigint, 0 FROM jsonb_path_query(v_found, 'lax $[*].doc.body.**.pool') e
        WHERE e #>> '{}' ~ '^[0-9]{1,10}$' ORDER BY 1 ON CONFLICT DO NOTHING;
    PERFORM FROM hub.pool p WHERE p.pool IN (
        SELECT (e #>> '{}')::bigint FROM jsonb_path_query(v_found, 'lax $[*].doc.body.**.pool') e
        WHERE e #>> '{}' ~ '^[0-9]{1,10}$') ORDER BY p.pool FOR UPDATE;
    FOR i IN SELECT (e ->> 'epoch')::integer AS epoch, (e ->> 'seq')::bigint AS seq, decode(e ->> 'hash', 'hex') AS hash,
                    e ->> 'content' AS content, e -> 'doc' AS doc, (e #>> '{doc,entry_id}') AS id,
                    hub.is_own_act(e -> 'doc', (e ->> 'epoch')::integer, (e ->> 'seq')::bigint) AS own
             FROM jsonb_array_elements(v_found) WITH ORDINALITY AS t(e, o) ORDER BY o
    LOOP
        IF i.own AND NOT EXISTS (SELECT FROM hub.entry_key k WHERE k.entry_id = i.id::uuid) THEN
            IF i.doc ->> 'kind' = 'lease_granted' THEN
                PERFORM hub.grant_again(i.doc -> 'body', (i.doc #>> '{clock,wall_at}')::timestamptz);
            ELSIF i.doc ->> 'kind' = 'lease_reclaimed' THEN
                PERFORM hub.reclaim_again(i.doc -> 'body', i.id::uuid);
            END IF;
            PERFORM hub.issue_again(i.content, i.doc);
            v_done := v_done + 1;
        END IF;
        UPDATE hub.inbox b SET state = CASE WHEN i.own THEN 'released' ELSE 'refused' END,
                               code = CASE WHEN NOT i.own THEN 'BAD_SIGNATURE' END
            WHERE b.station = '00000000' AND b.epoch = i.epoch AND b.seq = i.seq AND b.hash = i.hash;
    END LOOP;
    RETURN v_done;
END
$$;

-- Tickets of orders whose refund, void, exchange or reprint is granted to a till: a gate that asks is told to wait.
CREATE FUNCTION hub.mark_again() RETURNS void LANGUAGE sql AS $$
    INSERT INTO hub.gate_mark (feed, serial, order_id, act, station)
        SELECT DISTINCT t ->> 0, t ->> 1, o.order_id, o.act, o.station
        FROM hub.order_right o, jsonb_array_elements(o.tickets) t
        WHERE o.number > 0 AND o.station <> '00000000' AND o.act IN ('void', 'refund', 'exchange', 'reprint')
        ON CONFLICT DO NOTHING
$$;

-- Back to normal once nobody is missing any more, and everything that was brought of grants is done; the mode.
CREATE OR REPLACE FUNCTION hub.end_recovery() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_mode text;
BEGIN
    PERFORM hub.take_acts();
    SELECT h.mode INTO STRICT v_mode FROM hub.hub h FOR UPDATE;
    IF v_mode = 'recovery' AND NOT EXISTS (
        SELECT FROM hub.recovery r JOIN hub.station s ON s.station = r.station
        WHERE r.reported_at IS NULL AND r.written_off_at IS NULL AND s.revoked_at IS NULL) THEN
        PERFORM hub.mark_again();
        UPDATE hub.hub SET mode = 'normal';
        v_mode := 'normal';
    END IF;
    RETURN v_mode;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub FROM PUBLIC;
