-- Join, or join again in a later epoch (a fork, a lost disk): as in 0001, but the station may be known already.
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
    UPDATE hub.invitation v SET used_at = clock_timestamp() WHERE v.station = i.station;
    INSERT INTO hub.station (station, role, name, prefix, epoch, scope, seen_at)
        VALUES (i.station, i.role, i.name, i.prefix, i.epoch, i.scope, clock_timestamp())
        ON CONFLICT ON CONSTRAINT station_pkey DO UPDATE SET epoch = excluded.epoch, scope = excluded.scope, seen_at = excluded.seen_at,
            forked_at = NULL;
    INSERT INTO hub.station_tip (station, epoch, seq, hash, genesis)
        VALUES (i.station, i.epoch, 0, hub.genesis(i.station, i.epoch, v_key), hub.genesis(i.station, i.epoch, v_key));
    INSERT INTO hub.certificate (id, station, epoch, key, chain) VALUES (v_leaf ->> 'id', i.station, i.epoch, v_key, v_chain);
    PERFORM hub.append_own('certificate_issued', ARRAY['org'],
        '{"certificates":[' || (SELECT string_agg('{"sig":"' || (c ->> 'sig') || '","text":' || to_json(c ->> 'text')::text || '}',
                                                  ',' ORDER BY o) FROM jsonb_array_elements(v_chain) WITH ORDINALITY AS t(c, o))
        || '],"epoch":' || i.epoch || ',"station":"' || i.station || '"}');
    RETURN v_answer;
END
$$;
