-- api_1: everything that a station may call. Who calls is told by session_user and by nothing else.
-- Answers are jsonb objects; `code` is there when the hub says no, and then nothing else was done.

CREATE FUNCTION hub.me() RETURNS hub.station LANGUAGE sql STABLE AS $$
    SELECT s FROM hub.station s WHERE s.role = session_user::text COLLATE "C"
$$;

-- Why this station is not served, NULL when it is.
CREATE FUNCTION hub.barred(p_me hub.station) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN p_me.station IS NULL THEN '{"code": "NOT_ENROLLED"}'::jsonb
        WHEN p_me.revoked_at IS NOT NULL THEN
            jsonb_build_object('code', 'REVOKED', 'revoked_at', hub.at_text(p_me.revoked_at))
    END
$$;

CREATE FUNCTION hub.tip_json(p_tip hub.station_tip) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('epoch', p_tip.epoch, 'seq', p_tip.seq, 'hash', encode(p_tip.hash, 'hex'))
$$;

-- What every good answer carries besides its own fields.
CREATE FUNCTION hub.standing(p_me hub.station) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'hub_at', hub.at_text(clock_timestamp()), 'hub_ms', hub.ms(clock_timestamp()),
        'leases', jsonb_build_object('version', p_me.lease_version, 'items', '[]'::jsonb),
        'rights', jsonb_build_object('version', p_me.right_version, 'items', '[]'::jsonb),
        'retry_after_ms', 0, 'max_batch', 200, 'max_bytes', 262144)
$$;

CREATE FUNCTION hub.in_scope(p_me hub.station, p_feed text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT p_me.scope IS NULL OR p_feed = ANY (p_me.scope)
$$;

-- A feed's name as the name of its channel.
CREATE FUNCTION hub.channel(p_feed text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'gatehouse ' || p_feed
$$;

-- request: {protocol: {min, max}, epoch, seq, hash, incarnation, schema, program}
CREATE FUNCTION api_1.hello(p_request jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
    h hub.hub;
    t hub.station_tip;
    v_epoch integer;
BEGIN
    IF hub.barred(me) IS NOT NULL THEN
        RETURN hub.barred(me);
    END IF;
    IF coalesce(p_request ->> 'epoch', '') !~ '^[0-9]{1,9}$'
       OR coalesce(p_request #>> '{protocol,min}', '') !~ '^[0-9]{1,4}$'
       OR coalesce(p_request #>> '{protocol,max}', '') !~ '^[0-9]{1,4}$' THEN
        RETURN '{"code": "BAD_REQUEST", "field": "hello"}';
    END IF;
    IF (p_request #>> '{protocol,max}')::integer < 1 THEN
        RETURN '{"code": "MUST_UPGRADE", "protocol": 1}';
    ELSIF (p_request #>> '{protocol,min}')::integer > 1 THEN
        RETURN '{"code": "HUB_OUTDATED", "protocol": 1}';
    END IF;
    v_epoch := (p_request ->> 'epoch')::integer;
    IF v_epoch <> me.epoch THEN
        RETURN jsonb_build_object('code', CASE WHEN v_epoch < me.epoch THEN 'FORK' ELSE 'EPOCH_UNKNOWN' END,
                                  'epoch', me.epoch);
    END IF;
    SELECT * INTO STRICT h FROM hub.hub;
    SELECT * INTO STRICT t FROM hub.station_tip s WHERE s.station = me.station AND s.epoch = me.epoch;
    UPDATE hub.station s SET seen_at = clock_timestamp(), program = left(p_request ->> 'program', 40)
        WHERE s.station = me.station;
    RETURN hub.standing(me) || jsonb_build_object(
        'protocol', 1, 'schema', '0001', 'incarnation', hub.incarnation(), 'mode', h.mode,
        'organization', h.organization, 'station', me.station, 'tip', hub.tip_json(t), 'notices', '[]'::jsonb);
END
$$;

-- Keep what does not continue the journal known here, and say so.
CREATE FUNCTION hub.to_fork_inbox(p_tip hub.station_tip, p_first bigint, p_content text[], p_hash bytea[], p_sig bytea[])
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hub.fork_inbox (station, epoch, seq, hash, sig, content)
        SELECT p_tip.station, p_tip.epoch, p_first + e.o - 1, e.hash, e.sig, e.content
        FROM unnest(p_content, p_hash, p_sig) WITH ORDINALITY AS e(content, hash, sig, o)
        WHERE NOT EXISTS (SELECT FROM hub.station_log l WHERE l.station = p_tip.station AND l.epoch = p_tip.epoch
                          AND l.seq = p_first + e.o - 1 AND l.hash = e.hash)
        ON CONFLICT DO NOTHING;
    RETURN jsonb_build_object('code', 'FORK', 'tip', hub.tip_json(p_tip));
END
$$;

-- Whether what is pushed continues the journal known here: NULL, or GAP or FORK.
CREATE FUNCTION hub.misfit(p_tip hub.station_tip, p_first bigint, p_prev bytea, p_hash bytea[])
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_before bytea;
BEGIN
    IF p_first > p_tip.seq + 1 THEN
        RETURN 'GAP';
    ELSIF p_first = p_tip.seq + 1 THEN
        v_before := p_tip.hash;
    ELSIF p_first = 1 THEN
        v_before := p_tip.genesis;
    ELSE
        SELECT l.hash INTO v_before FROM hub.station_log l
            WHERE l.station = p_tip.station AND l.epoch = p_tip.epoch AND l.seq = p_first - 1;
    END IF;
    IF v_before IS DISTINCT FROM p_prev OR EXISTS (
        SELECT FROM unnest(p_hash) WITH ORDINALITY AS e(hash, o)
            JOIN hub.station_log l ON l.station = p_tip.station AND l.epoch = p_tip.epoch AND l.seq = p_first + e.o - 1
        WHERE p_first <= p_tip.seq AND l.hash <> e.hash) THEN
        RETURN 'FORK';
    END IF;
    RETURN NULL;
END
$$;

-- The shape of a push as a call: NULL when it may be looked at, else the field that is wrong.
CREATE FUNCTION hub.push_fault(p_epoch integer, p_first bigint, p_prev bytea, p_content text[], p_hash bytea[], p_sig bytea[])
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_epoch IS NULL THEN 'epoch'
        WHEN p_first IS NULL OR p_first < 1 OR p_first > 4611686018427387904 THEN 'first_seq'
        WHEN p_prev IS NULL OR octet_length(p_prev) <> 32 THEN 'prev_hash'
        WHEN p_content IS NULL OR cardinality(p_content) NOT BETWEEN 1 AND 200 OR array_ndims(p_content) <> 1
             OR array_position(p_content, NULL) IS NOT NULL THEN 'content'
        WHEN cardinality(p_hash) IS DISTINCT FROM cardinality(p_content)
             OR EXISTS (SELECT FROM unnest(p_hash) h WHERE h IS NULL OR octet_length(h) <> 32) THEN 'hash'
        WHEN cardinality(p_sig) IS DISTINCT FROM cardinality(p_content)
             OR array_position(p_sig, NULL) IS NOT NULL THEN 'sig'
        WHEN cardinality(p_content) > 1
             AND (SELECT sum(octet_length(c)) FROM unnest(p_content) c) > 262144 THEN 'bytes'
    END
$$;

-- Chain links that cannot be shown to anybody: kept beside, so that the ones after them go on.
CREATE FUNCTION hub.quarantine_links(p_tip hub.station_tip, p_prev bytea[], p_content text[], p_hash bytea[],
                                     p_sig bytea[], p_code text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hub.quarantine (station, epoch, seq, code, prev_hash, hash, sig, content, length)
        SELECT p_tip.station, p_tip.epoch, p_tip.seq + e.o, e.code, e.prev, e.hash, e.sig,
               CASE WHEN octet_length(e.content) <= 1048576 THEN e.content END, octet_length(e.content)
        FROM unnest(p_prev, p_content, p_hash, p_sig, p_code) WITH ORDINALITY AS e(prev, content, hash, sig, code, o)
        WHERE e.code IS NOT NULL;
$$;

-- Append verified continuation to the station's log and everything that hangs on it. The tip is locked.
-- Returns the outcomes that are not plainly `ok`.
CREATE FUNCTION hub.append(p_tip hub.station_tip, p_content text[], p_hash bytea[], p_sig bytea[])
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    n CONSTANT integer := cardinality(p_content);
    v_prev bytea[] := p_tip.hash || p_hash[1 : n - 1];
    v_json jsonb[] := hub.parse_all(p_content);
    v_code text[];
    v_ids uuid[];
    v_content_hash bytea[];
    v_state text[];
    v_seq bigint[];
    v_shown_ids uuid[];
    v_shown_hash bytea[];
    v_shown_json jsonb[];
BEGIN
    WITH x AS MATERIALIZED (                      -- so that each check runs once
        SELECT e.o, e.content, e.doc, CASE
                   WHEN sha256(e.prev || r.raw) <> e.hash THEN 'BAD_CHAIN'
                   WHEN octet_length(r.raw) > 65536 THEN 'OVERSIZE'
                   WHEN octet_length(e.sig) <> 64 THEN 'UNSIGNED'
                   ELSE hub.content_fault(e.doc, p_tip.station, p_tip.epoch, p_tip.seq + e.o) END AS code
        FROM unnest(v_prev, p_content, p_hash, p_sig, v_json) WITH ORDINALITY AS e(prev, content, hash, sig, doc, o),
             LATERAL (SELECT hub.raw_bytes(p_tip.station, p_tip.epoch, p_tip.seq + e.o, e.content) AS raw OFFSET 0) AS r)
    SELECT array_agg(x.code ORDER BY x.o),
           array_agg(CASE WHEN x.code IS NULL THEN (x.doc ->> 'entry_id')::uuid END ORDER BY x.o),
           array_agg(sha256(convert_to(x.content, 'UTF8')) ORDER BY x.o)
        INTO v_code, v_ids, v_content_hash
        FROM x;

    INSERT INTO hub.entry_key (entry_id, content_hash, station, epoch, seq)
        SELECT DISTINCT ON (e.id) e.id, e.ch, p_tip.station, p_tip.epoch, p_tip.seq + e.o
        FROM unnest(v_ids, v_content_hash) WITH ORDINALITY AS e(id, ch, o) WHERE e.id IS NOT NULL ORDER BY e.id, e.o
        ON CONFLICT DO NOTHING;
    SELECT array_agg(CASE WHEN e.id IS NULL THEN 'quarantined'
                          WHEN (k.station, k.epoch, k.seq) = (p_tip.station, p_tip.epoch, p_tip.seq + e.o) THEN 'ok'
                          WHEN k.content_hash = e.ch THEN 'alias' ELSE 'duplicate' END ORDER BY e.o)
        INTO v_state
        FROM unnest(v_ids, v_content_hash) WITH ORDINALITY AS e(id, ch, o)
             LEFT JOIN hub.entry_key k ON k.entry_id = e.id;

    INSERT INTO hub.station_log (station, epoch, seq, hash, content_hash, entry_id, state, received_at)
        SELECT p_tip.station, p_tip.epoch, p_tip.seq + e.o, e.hash, e.ch, e.id, e.state, clock_timestamp()
        FROM unnest(p_hash, v_content_hash, v_ids, v_state) WITH ORDINALITY AS e(hash, ch, id, state, o);
    INSERT INTO hub.log_raw (station, epoch, seq, prev_hash, hash, sig, content)
        SELECT p_tip.station, p_tip.epoch, p_tip.seq + e.o, e.prev, e.hash, e.sig, e.content
        FROM unnest(v_prev, p_hash, p_sig, p_content, v_state) WITH ORDINALITY AS e(prev, hash, sig, content, state, o)
        WHERE e.state IN ('ok', 'duplicate');
    INSERT INTO hub.duplicate_id (entry_id, station, epoch, seq)
        SELECT e.id, p_tip.station, p_tip.epoch, p_tip.seq + e.o
        FROM unnest(v_ids, v_state) WITH ORDINALITY AS e(id, state, o) WHERE e.state = 'duplicate';
    PERFORM hub.quarantine_links(p_tip, v_prev, p_content, p_hash, p_sig, v_code);

    SELECT array_agg(p_tip.seq + e.o ORDER BY e.o), array_agg(e.id ORDER BY e.o),
           array_agg(e.hash ORDER BY e.o), array_agg(e.doc ORDER BY e.o)
        INTO v_seq, v_shown_ids, v_shown_hash, v_shown_json
        FROM unnest(v_ids, p_hash, v_json, v_state) WITH ORDINALITY AS e(id, hash, doc, state, o)
        WHERE e.state IN ('ok', 'duplicate');
    IF v_seq IS NOT NULL THEN
        PERFORM hub.append_to_feeds(p_tip.station, p_tip.epoch, v_seq, v_shown_hash,
                                    ARRAY(SELECT d -> 'feeds' FROM unnest(v_shown_json) WITH ORDINALITY AS t(d, o) ORDER BY o));
        PERFORM hub.project_or_hold(p_tip.station, p_tip.epoch, v_seq, v_shown_ids, v_shown_json);
    END IF;
    UPDATE hub.station_tip s SET seq = p_tip.seq + n, hash = p_hash[n]
        WHERE s.station = p_tip.station AND s.epoch = p_tip.epoch;
    RETURN coalesce((
        SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                   'seq', p_tip.seq + e.o, 'entry_id', e.id,
                   'outcome', CASE WHEN e.state = 'duplicate' THEN 'conflict' WHEN e.state = 'ok' THEN 'held' ELSE e.state END,
                   'code', CASE WHEN e.state = 'duplicate' THEN 'DUPLICATE_ID' ELSE coalesce(e.code, d.reason) END)) ORDER BY e.o)
        FROM unnest(v_ids, v_state, v_code) WITH ORDINALITY AS e(id, state, code, o)
             LEFT JOIN hub.held d ON d.station = p_tip.station AND d.epoch = p_tip.epoch AND d.seq = p_tip.seq + e.o
        WHERE e.state <> 'ok' OR d.seq IS NOT NULL), '[]'::jsonb);
END
$$;

-- One batch of the caller's own journal, beginning at p_first_seq; p_prev_hash is the hash before it.
-- Lock order everywhere: own tip, entry keys by id, heads by name. Nothing here notifies: see wake().
-- p_request carries requests (leases, rights) that come with a push; facts never depend on it.
CREATE FUNCTION api_1.push(p_epoch integer, p_first_seq bigint, p_prev_hash bytea, p_content text[], p_hash bytea[],
                           p_sig bytea[], p_request jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
    t hub.station_tip;
    v_known integer;
    v_outcomes jsonb := '[]';
    v_fault text := hub.push_fault(p_epoch, p_first_seq, p_prev_hash, p_content, p_hash, p_sig);
BEGIN
    IF current_setting('synchronous_commit') IN ('off', 'local', 'remote_write') THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    IF hub.barred(me) IS NOT NULL THEN
        RETURN hub.barred(me);
    ELSIF v_fault IS NOT NULL THEN
        RETURN jsonb_build_object('code', 'BAD_REQUEST', 'field', v_fault);
    ELSIF p_epoch > me.epoch THEN
        RETURN jsonb_build_object('code', 'EPOCH_UNKNOWN', 'epoch', me.epoch);
    END IF;
    SELECT * INTO t FROM hub.station_tip s WHERE s.station = me.station AND s.epoch = p_epoch FOR UPDATE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('code', 'EPOCH_UNKNOWN', 'epoch', me.epoch);
    END IF;
    CASE hub.misfit(t, p_first_seq, p_prev_hash, p_hash)
        WHEN 'GAP' THEN RETURN jsonb_build_object('code', 'GAP', 'tip', hub.tip_json(t));
        WHEN 'FORK' THEN RETURN hub.to_fork_inbox(t, p_first_seq, p_content, p_hash, p_sig);
        ELSE NULL;
    END CASE;
    v_known := least(cardinality(p_content), t.seq - p_first_seq + 1);
    IF v_known < cardinality(p_content) THEN
        IF p_epoch < me.epoch THEN
            RETURN hub.to_fork_inbox(t, p_first_seq, p_content, p_hash, p_sig);
        END IF;
        v_outcomes := hub.append(t, p_content[v_known + 1 :], p_hash[v_known + 1 :], p_sig[v_known + 1 :]);
        SELECT * INTO STRICT t FROM hub.station_tip s WHERE s.station = me.station AND s.epoch = p_epoch;
    END IF;
    RETURN hub.standing(me) || jsonb_build_object('acked', hub.tip_json(t), 'outcomes', v_outcomes);
END
$$;

-- Pages of the feeds in the caller's scope. p_cursors: {feed: {"position": n, "hash": hex}}; a feed that is not
-- named begins at 0. The first row has only `reply`; the others are entries, by feed, in feed order. `reply`:
-- {incarnation, hub_at, heads: {feed: position}, more} or {code: INCARNATION | CURSOR, ...}. STABLE: one snapshot.
CREATE FUNCTION api_1.pull(p_incarnation text, p_cursors jsonb, p_limit integer)
RETURNS TABLE (reply jsonb, feed text, "position" bigint, station text, epoch integer, seq bigint, content text,
               prev_hash bytea, hash bytea, sig bytea, feed_hash bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    me hub.station := hub.me();
    v_left integer := least(greatest(coalesce(p_limit, 500), 1), 1000);
    v_bytes bigint := 1048576;
    v_wrong jsonb;
    v_heads jsonb;
    v_total bigint;
    h record;
BEGIN
    IF hub.barred(me) IS NOT NULL THEN
        RETURN QUERY SELECT hub.barred(me), NULL::text, NULL::bigint, NULL::text, NULL::integer, NULL::bigint, NULL::text,
            NULL::bytea, NULL::bytea, NULL::bytea, NULL::bytea;
        RETURN;
    END IF;
    v_wrong := hub.cursor_fault(p_incarnation, p_cursors);
    IF v_wrong IS NULL THEN
        SELECT coalesce(jsonb_object_agg(f.feed, f.position), '{}'),
               coalesce(sum(f.position - coalesce((p_cursors #>> ARRAY[f.feed, 'position'])::bigint, 0)), 0)
            INTO v_heads, v_total FROM hub.feed_head f WHERE hub.in_scope(me, f.feed);
    END IF;
    RETURN QUERY SELECT
        coalesce(v_wrong, jsonb_build_object('incarnation', hub.incarnation(), 'hub_at', hub.at_text(clock_timestamp()),
                                             'hub_ms', hub.ms(clock_timestamp()), 'heads', v_heads, 'waiting', v_total)),
        NULL::text, NULL::bigint, NULL::text, NULL::integer, NULL::bigint, NULL::text, NULL::bytea, NULL::bytea,
        NULL::bytea, NULL::bytea;
    IF v_wrong IS NOT NULL THEN
        RETURN;
    END IF;
    FOR h IN SELECT f.feed, coalesce((p_cursors #>> ARRAY[f.feed, 'position'])::bigint, 0) AS after FROM hub.feed_head f
             WHERE hub.in_scope(me, f.feed) AND f.position > coalesce((p_cursors #>> ARRAY[f.feed, 'position'])::bigint, 0)
             ORDER BY array_position(ARRAY['org', 'cash', 'desk'], f.feed), f.feed
    LOOP
        EXIT WHEN v_left <= 0 OR v_bytes <= 0;
        FOR reply, feed, position, station, epoch, seq, content, prev_hash, hash, sig, feed_hash IN
            SELECT NULL::jsonb, l.feed, l.position, r.station, r.epoch, r.seq, r.content, r.prev_hash, r.hash, r.sig, l.hash
            FROM hub.feed_log l JOIN hub.log_raw r ON r.station = l.station AND r.epoch = l.epoch AND r.seq = l.seq
            WHERE l.feed = h.feed AND l.position > h.after AND l.position <= h.after + v_left ORDER BY l.position
        LOOP
            RETURN NEXT;
            v_left := v_left - 1;
            v_bytes := v_bytes - octet_length(content);
            EXIT WHEN v_bytes <= 0;
        END LOOP;
    END LOOP;
END
$$;

-- Why these cursors cannot be read from, NULL when they can.
CREATE FUNCTION hub.cursor_fault(p_incarnation text, p_cursors jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_feed text;
BEGIN
    IF p_incarnation IS DISTINCT FROM hub.incarnation() THEN
        RETURN jsonb_build_object('code', 'INCARNATION', 'incarnation', hub.incarnation());
    ELSIF jsonb_typeof(p_cursors) IS DISTINCT FROM 'object' OR EXISTS (
        SELECT FROM jsonb_each(p_cursors) c WHERE coalesce(c.value ->> 'position', '') !~ '^[0-9]{1,18}$'
            OR coalesce(c.value ->> 'hash', '') !~ '^[0-9a-f]{64}$') THEN
        RETURN '{"code": "BAD_REQUEST", "field": "cursors"}';
    END IF;
    SELECT c.key INTO v_feed FROM jsonb_each(p_cursors) c
        LEFT JOIN hub.feed_log l ON l.feed = c.key COLLATE "C" AND l.position = (c.value ->> 'position')::bigint
        WHERE coalesce(encode(l.hash, 'hex'), CASE WHEN c.value ->> 'position' = '0' THEN repeat('00', 32) END)
              IS DISTINCT FROM c.value ->> 'hash'
        ORDER BY c.key LIMIT 1;
    IF FOUND THEN
        RETURN jsonb_build_object('code', 'CURSOR', 'feed', v_feed, 'incarnation', hub.incarnation());
    END IF;
    RETURN NULL;
END
$$;

-- A hint to whoever listens. Its own statement, because NOTIFY takes a database-wide lock at commit.
CREATE FUNCTION api_1.wake(p_feeds text[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
BEGIN
    IF hub.barred(me) IS NOT NULL THEN
        RETURN hub.barred(me);
    END IF;
    PERFORM pg_notify(hub.channel(f.feed), '') FROM hub.feed_head f WHERE f.feed = ANY (p_feeds[1 : 200]);
    RETURN '{}';
END
$$;

-- Join, once. request: {certificates: [{text, sig}, {text, sig}]} = the enrolment certificate and the station's own.
-- Signatures are checked by every station that pulls the entry made here; the hub has only hashes.
CREATE FUNCTION api_1.enrol(p_request jsonb) RETURNS jsonb
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
        VALUES (i.station, i.role, i.name, i.prefix, i.epoch, i.scope, clock_timestamp());
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
