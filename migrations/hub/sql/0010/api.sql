-- Joining with a history: what enrol checks, what is frozen meanwhile, how former epochs come in.

-- {epoch, seq, events: [n], numbers: {performance: [n], product: [n], quota: [n]}}: what a station that began
-- alone says of itself. NULL when it may join, else the answer.
CREATE FUNCTION hub.joining_fault(p_station text, p_epoch integer, p_said jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_taken record;
BEGIN
    IF jsonb_typeof(p_said) IS DISTINCT FROM 'object'
       OR coalesce(p_said ->> 'seq', '') !~ '^[0-9]{1,15}$' OR p_said ->> 'epoch' IS DISTINCT FROM p_epoch::text
       OR jsonb_typeof(p_said -> 'events') IS DISTINCT FROM 'array'
       OR jsonb_typeof(p_said -> 'numbers') IS DISTINCT FROM 'object'
       OR jsonb_path_exists(p_said, '$.events[*] ? (@.type() != "number" || @ < 1 || @ > 4294967295)')
       OR jsonb_path_exists(p_said, '$.numbers.*[*] ? (@.type() != "number" || @ < 1 || @ > 4294967295)') THEN
        RETURN '{"code": "BAD_REQUEST", "field": "joining"}';
    END IF;
    SELECT o.object, o.name INTO v_taken FROM hub.catalogue_object o
        JOIN (SELECT 'event' AS object, e #>> '{}' AS name FROM jsonb_array_elements(p_said -> 'events') e
              UNION ALL
              SELECT n.key, e #>> '{}' FROM jsonb_each(p_said -> 'numbers') n, jsonb_array_elements(n.value) e) AS mine
        ON mine.object = o.object AND mine.name = o.name
        ORDER BY 1, 2 LIMIT 1;
    IF FOUND THEN
        RETURN jsonb_build_object('code', 'JOINING_COLLISION', 'thing', v_taken.object, 'number', v_taken.name);
    END IF;
    SELECT 'event' AS object, substr(h.feed, 7) AS name INTO v_taken FROM hub.feed_head h
        WHERE h.position > 0
          AND h.feed IN (SELECT 'event:' || (e #>> '{}') FROM jsonb_array_elements(p_said -> 'events') e) LIMIT 1;
    IF FOUND THEN
        RETURN jsonb_build_object('code', 'JOINING_COLLISION', 'thing', v_taken.object, 'number', v_taken.name);
    END IF;
    RETURN NULL;
END
$$;

-- A certificate as the hub's own entry in feed org.
CREATE FUNCTION hub.tell_certificate(p_station text, p_epoch integer, p_chain jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hub.append_own('certificate_issued', ARRAY['org'],
        '{"certificates":[' || (SELECT string_agg('{"sig":"' || (c ->> 'sig') || '","text":' || to_json(c ->> 'text')::text || '}',
                                                  ',' ORDER BY o) FROM jsonb_array_elements(p_chain) WITH ORDINALITY AS t(c, o))
        || '],"epoch":' || p_epoch || ',"station":"' || p_station || '"}');
END
$$;

-- Note that a station has joined with its history: former epochs get their tips, its events are frozen.
CREATE FUNCTION hub.begin_joining(p_station text, p_said jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    UPDATE hub.joining j SET joined_at = clock_timestamp(), seq = (p_said ->> 'seq')::bigint,
            events = ARRAY(SELECT (e #>> '{}')::bigint FROM jsonb_array_elements(p_said -> 'events') e ORDER BY 1)
        WHERE j.station = p_station COLLATE "C";
    FOR r IN SELECT * FROM hub.joining_epoch e WHERE e.station = p_station COLLATE "C" ORDER BY e.epoch
    LOOP
        INSERT INTO hub.station_tip (station, epoch, seq, hash, genesis)
            VALUES (r.station, r.epoch, 0, hub.genesis(r.station, r.epoch, r.key), hub.genesis(r.station, r.epoch, r.key));
        INSERT INTO hub.certificate (id, station, epoch, key, chain)
            VALUES ((r.chain #>> '{0,text}')::jsonb ->> 'id', r.station, r.epoch, r.key, r.chain);
        PERFORM hub.tell_certificate(r.station, r.epoch, r.chain);
    END LOOP;
END
$$;

-- Join, or join again in a later epoch (a fork, a lost disk), or join with a history of one's own. As in 0004,
-- but an invitation with a row in `joining` brings {certificates, joining: see joining_fault}.
CREATE OR REPLACE FUNCTION api_1.enrol(p_request jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    i hub.invitation;
    h hub.hub;
    v_text text := p_request #>> '{certificates,1,text}';
    v_chain jsonb := p_request -> 'certificates';
    v_leaf jsonb := (hub.parse_all(ARRAY[coalesce(v_text, 'null')]))[1];
    v_key bytea;
    v_answer jsonb;
    v_joins boolean;
BEGIN
    SELECT * INTO i FROM hub.invitation v WHERE v.role = session_user::text COLLATE "C" FOR UPDATE;
    IF NOT FOUND THEN
        RETURN '{"code": "NOT_INVITED"}';
    END IF;
    SELECT * INTO STRICT h FROM hub.hub;
    v_answer := jsonb_build_object('station', i.station, 'epoch', i.epoch, 'organization', h.organization,
        'root', encode(h.root, 'hex'), 'incarnation', hub.incarnation(), 'hub_at', hub.at_text(clock_timestamp()));
    IF i.used_at IS NOT NULL THEN
        IF EXISTS (SELECT FROM hub.certificate c WHERE c.station = i.station AND c.epoch = i.epoch AND c.chain = v_chain) THEN
            IF p_request #>> '{joining,seq}' ~ '^[0-9]{1,15}$' THEN  -- asked again: it may have sold more since
                UPDATE hub.joining j SET seq = greatest(j.seq, (p_request #>> '{joining,seq}')::bigint)
                    WHERE j.station = i.station AND j.epoch = i.epoch;
            END IF;
            RETURN v_answer;
        END IF;
        RETURN jsonb_build_object('code', 'ENROLMENT_USED', 'used_at', hub.at_text(i.used_at));
    ELSIF i.expires_at <= clock_timestamp() THEN
        RETURN jsonb_build_object('code', 'ENROLMENT_EXPIRED', 'expired_at', hub.at_text(i.expires_at));
    END IF;
    IF jsonb_array_length(CASE WHEN jsonb_typeof(v_chain) = 'array' THEN v_chain ELSE '[]' END) <> 2
       OR v_chain #>> '{0,text}' IS DISTINCT FROM i.certificate
       OR v_chain #>> '{0,sig}' IS DISTINCT FROM encode(i.certificate_sig, 'hex')
       OR coalesce(v_chain #>> '{1,sig}', '') !~ '^[0-9a-f]{128}$'
       OR octet_length(v_text) > 8192
       OR jsonb_typeof(v_leaf) IS DISTINCT FROM 'object'
       OR v_leaf ->> 'station' IS DISTINCT FROM i.station OR v_leaf ->> 'prefix' IS DISTINCT FROM i.prefix
       OR v_leaf ->> 'organization' IS DISTINCT FROM h.organization
       OR v_leaf ->> 'issuer' IS DISTINCT FROM encode(i.key, 'hex')
       OR coalesce(v_leaf ->> 'id', '') = '' OR coalesce(v_leaf ->> 'key', '') !~ '^[0-9a-f]{64}$'
       OR coalesce(v_leaf -> 'usage', '[]') ? 'enrol' THEN
        RETURN '{"code": "ENROLMENT_FORGED", "field": "certificate"}';
    END IF;
    v_key := decode(v_leaf ->> 'key', 'hex');
    IF EXISTS (SELECT FROM hub.certificate c WHERE c.id = v_leaf ->> 'id' OR c.key = v_key) THEN
        RETURN '{"code": "ENROLMENT_FORGED", "field": "key"}';
    END IF;
    v_joins := EXISTS (SELECT FROM hub.joining j WHERE j.station = i.station AND j.epoch = i.epoch);
    IF v_joins AND hub.joining_fault(i.station, i.epoch, p_request -> 'joining') IS NOT NULL THEN
        RETURN hub.joining_fault(i.station, i.epoch, p_request -> 'joining');
    END IF;
    UPDATE hub.invitation v SET used_at = clock_timestamp() WHERE v.station = i.station;
    INSERT INTO hub.station (station, role, name, prefix, epoch, scope, seen_at)
        VALUES (i.station, i.role, i.name, i.prefix, i.epoch, i.scope, clock_timestamp())
        ON CONFLICT ON CONSTRAINT station_pkey DO UPDATE SET epoch = excluded.epoch, scope = excluded.scope, seen_at = excluded.seen_at,
            forked_at = NULL;
    INSERT INTO hub.station_tip (station, epoch, seq, hash, genesis)
        VALUES (i.station, i.epoch, 0, hub.genesis(i.station, i.epoch, v_key), hub.genesis(i.station, i.epoch, v_key));
    INSERT INTO hub.certificate (id, station, epoch, key, chain) VALUES (v_leaf ->> 'id', i.station, i.epoch, v_key, v_chain);
    IF v_joins THEN
        PERFORM hub.begin_joining(i.station, p_request -> 'joining');
    END IF;
    PERFORM hub.tell_certificate(i.station, i.epoch, v_chain);
    RETURN v_answer;
END
$$;

-- A batch of a former epoch of a station that joins with its history; answers {tip} or {code}. What is there
-- already changes nothing, so it may be sent again. Locks: own tip, then heads by name.
CREATE FUNCTION api_1.bring_history(p_epoch integer, p_first_seq bigint, p_prev_hash bytea, p_content text[], p_hash bytea[],
                                    p_sig bytea[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
    t hub.station_tip;
    v_last bigint;
    v_known integer;
    v_fault text := hub.push_fault(p_epoch, p_first_seq, p_prev_hash, p_content, p_hash, p_sig);
BEGIN
    IF hub.barred(me) IS NOT NULL THEN
        RETURN hub.barred(me);
    ELSIF v_fault IS NOT NULL OR cardinality(p_content) = 0 THEN
        RETURN jsonb_build_object('code', 'BAD_REQUEST', 'field', coalesce(v_fault, 'content'));
    END IF;
    SELECT e.seq INTO v_last FROM hub.joining_epoch e WHERE e.station = me.station AND e.epoch = p_epoch;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('code', 'EPOCH_UNKNOWN', 'epoch', me.epoch);
    ELSIF p_first_seq + cardinality(p_content) - 1 > v_last THEN
        RETURN '{"code": "BAD_REQUEST", "field": "first_seq"}';
    END IF;
    SELECT * INTO STRICT t FROM hub.station_tip s WHERE s.station = me.station AND s.epoch = p_epoch FOR UPDATE;
    CASE hub.misfit(t, p_first_seq, p_prev_hash, p_hash)
        WHEN 'GAP' THEN RETURN jsonb_build_object('code', 'GAP', 'tip', hub.tip_json(t));
        WHEN 'FORK' THEN RETURN jsonb_build_object('code', 'FORK', 'tip', hub.tip_json(t));
        ELSE NULL;
    END CASE;
    v_known := least(cardinality(p_content), t.seq - p_first_seq + 1);
    IF v_known < cardinality(p_content) THEN
        PERFORM hub.append(t, p_content[v_known + 1 :], p_hash[v_known + 1 :], p_sig[v_known + 1 :]);
        SELECT * INTO STRICT t FROM hub.station_tip s WHERE s.station = me.station AND s.epoch = p_epoch;
    END IF;
    RETURN jsonb_build_object('tip', hub.tip_json(t));
END
$$;

-- Whether the history of the station that owns an event is still on its way: nothing of it is granted.
CREATE FUNCTION hub.is_joining(p_event bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM hub.joining j JOIN hub.station s ON s.station = j.station AND s.revoked_at IS NULL
        WHERE p_event = ANY (j.events) AND (
            EXISTS (SELECT FROM hub.station_tip t WHERE t.station = j.station AND t.epoch = j.epoch AND t.seq < j.seq)
            OR EXISTS (SELECT FROM hub.joining_epoch e JOIN hub.station_tip t ON t.station = e.station AND t.epoch = e.epoch
                       WHERE e.station = j.station AND t.seq < e.seq)))
$$;

ALTER FUNCTION hub.grant_places(hub.station, text, jsonb, bigint) RENAME TO grant_settled;
CREATE FUNCTION hub.grant_places(p_me hub.station, p_request text, p_want jsonb, p_sellers bigint) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM hub.pool p WHERE p.pool = (p_want ->> 'pool')::bigint AND hub.is_joining(p.event)) THEN
        RETURN NULL;
    END IF;
    RETURN hub.grant_settled(p_me, p_request, p_want, p_sellers);
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub, api_1 FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_1.enrol(jsonb),
    api_1.bring_history(integer, bigint, bytea, text[], bytea[], bytea[]) TO gatehouse_station;
