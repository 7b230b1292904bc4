-- Documents: named and erased by entries, brought and read by stations. Lock order: after gate rows, the heads of
-- documents by name, then single documents.

-- Whether a document of that kind may lie in that feed.
CREATE FUNCTION hub.document_fits(p_kind text, p_feed text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT p_feed ~ '^(org|cash|desk|event:[1-9][0-9]{0,9})$' AND EXISTS (
        SELECT FROM hub.document_kind k WHERE k.kind = p_kind COLLATE "C" AND split_part(p_feed, ':', 1) = ANY (k.feeds))
$$;

CREATE FUNCTION hub.document_follows(p_wanted text[], p_feed text, p_scope text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT cardinality(p_wanted) = 0 OR p_scope IS NULL OR p_wanted && p_scope
        OR ('event' = ANY (p_wanted) AND p_feed LIKE 'event:%' AND p_feed = ANY (p_scope))
$$;

CREATE FUNCTION hub.may_read(p_who hub.station, p_kind text, p_feed text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT hub.in_scope(p_who, p_feed) AND hub.document_fits(p_kind, p_feed) AND (
        p_kind = ANY (p_who.kinds)
        OR (SELECT NOT k.marked AND hub.document_follows(k.readers, p_feed, p_who.scope)
            FROM hub.document_kind k WHERE k.kind = p_kind COLLATE "C"))
$$;

CREATE FUNCTION hub.may_write(p_who hub.station, p_kind text, p_feed text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT hub.document_fits(p_kind, p_feed) AND (
        p_kind = ANY (p_who.kinds)
        OR (SELECT hub.document_follows(k.writers, p_feed, p_who.scope)
            FROM hub.document_kind k WHERE k.kind = p_kind COLLATE "C"))
$$;

-- What a station's cursors of documents belong to: this hub, and what the station may read here.
CREATE FUNCTION hub.document_stamp(p_me hub.station) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT hub.incarnation() || '/' || substr(encode(sha256(convert_to(
        coalesce(p_me.scope::text, '*') || ' ' || p_me.kinds::text, 'UTF8')), 'hex'), 1, 16)
$$;

-- The version that counts for what is brought now: nothing is later than the hub's clock.
CREATE FUNCTION hub.document_version(p_version text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT least(p_version COLLATE "C", lpad(hub.ms(clock_timestamp())::text, 14, '0') || '-000000')
$$;

-- What the hub thinks of a version: wanted · known · stale · erased · unnamed · denied · malformed. A version
-- counts by the station whose entry names it; whoever may read or write such a document may carry it.
CREATE FUNCTION hub.document_outcome(p_me hub.station, p_document uuid, p_kind text, p_feed text, p_version text,
                                     p_hash bytea, p_size integer) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    d hub.document;
BEGIN
    IF p_document IS NULL OR coalesce(p_version, '') !~ '^[0-9]{14}-[0-9]{6}$' OR coalesce(octet_length(p_hash), 0) <> 32
       OR coalesce(p_size, -1) NOT BETWEEN 0 AND 10000000 THEN
        RETURN 'malformed';
    END IF;
    SELECT * INTO d FROM hub.document x WHERE x.document = p_document;
    IF d.tombstone THEN
        RETURN 'erased';
    ELSIF d.hash = p_hash THEN
        RETURN 'known';
    ELSIF NOT (hub.may_read(p_me, p_kind, p_feed) OR hub.may_write(p_me, p_kind, p_feed))
          OR (d.document IS NOT NULL AND (d.kind, d.feed) <> (p_kind, p_feed)) THEN
        RETURN 'denied';
    ELSIF NOT EXISTS (SELECT FROM hub.document_name n WHERE n.document = p_document AND n.hash = p_hash) THEN
        RETURN 'unnamed';
    ELSIF NOT EXISTS (SELECT FROM hub.document_name n JOIN hub.station s ON s.station = n.station
                      WHERE n.document = p_document AND n.hash = p_hash AND hub.may_write(s, p_kind, p_feed)) THEN
        RETURN 'denied';
    ELSIF d.document IS NOT NULL AND (hub.document_version(p_version), p_hash) < (d.version, d.hash) THEN
        RETURN 'stale';
    END IF;
    RETURN 'wanted';
END
$$;

-- Make and lock the heads of documents, in order.
CREATE FUNCTION hub.lock_document_heads(p_feeds text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_names text[] COLLATE "C" := ARRAY(SELECT DISTINCT f COLLATE "C" FROM unnest(p_feeds) f ORDER BY 1);
BEGIN
    INSERT INTO hub.document_head (feed) SELECT f FROM unnest(v_names) WITH ORDINALITY AS t(f, o) ORDER BY o
        ON CONFLICT DO NOTHING;
    PERFORM FROM hub.document_head h WHERE h.feed = ANY (v_names) ORDER BY h.feed FOR UPDATE;
END
$$;

CREATE FUNCTION hub.next_document(p_feed text) RETURNS bigint LANGUAGE sql AS $$
    UPDATE hub.document_head h SET position = h.position + 1 WHERE h.feed = p_feed COLLATE "C" RETURNING h.position
$$;

-- The row about one version as stations read it; `have`: bytes of it that this station has brought so far, `reads`:
-- whether it is to keep what it has brought.
CREATE FUNCTION hub.document_told(p_me hub.station, p_document uuid, p_kind text, p_feed text, p_hash bytea,
                                  p_outcome text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('document', p_document, 'outcome', p_outcome,
        'reads', coalesce(hub.may_read(p_me, p_kind, p_feed), false),
        'version', coalesce((SELECT d.version FROM hub.document d WHERE d.document = p_document), ''),
        'have', coalesce((SELECT sum(octet_length(p.content)) FROM hub.document_part p
                          WHERE p.station = p_me.station AND p.document = p_document AND p.hash = p_hash), 0))
$$;

-- Versions that the caller has: which of them are wanted here. At most 1000; equal arrays. Nothing is stored.
CREATE FUNCTION api_1.offer_documents(p_document uuid[], p_kind text[], p_feed text[], p_version text[], p_hash bytea[],
                                      p_size integer[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
    n CONSTANT integer := coalesce(cardinality(p_document), 0);
BEGIN
    IF coalesce(hub.barred(me), hub.forked(me)) IS NOT NULL THEN
        RETURN coalesce(hub.barred(me), hub.forked(me));
    ELSIF n NOT BETWEEN 1 AND 1000 OR cardinality(p_kind) <> n OR cardinality(p_feed) <> n OR cardinality(p_version) <> n
          OR cardinality(p_hash) <> n OR cardinality(p_size) <> n THEN
        RETURN '{"code": "BAD_REQUEST", "field": "documents"}';
    END IF;
    RETURN jsonb_build_object('documents', (
        SELECT jsonb_agg(hub.document_told(me, e.d, e.k, e.f, e.h,
                                           hub.document_outcome(me, e.d, e.k, e.f, e.v, e.h, e.s)) ORDER BY e.o)
        FROM unnest(p_document, p_kind, p_feed, p_version, p_hash, p_size) WITH ORDINALITY AS e(d, k, f, v, h, s, o)));
END
$$;

-- Bring content: whole documents, or the next piece of a large one, p_start bytes into it. At most 200, and a
-- mebibyte in all. Each has its own outcome: stored, wanted (the rest of it), or as in document_outcome.
CREATE FUNCTION api_1.put_documents(p_document uuid[], p_kind text[], p_feed text[], p_version text[], p_hash bytea[],
                                    p_size integer[], p_nonce bytea[], p_start integer[], p_content bytea[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
    n CONSTANT integer := coalesce(cardinality(p_document), 0);
    v_outcome text;
    v_told jsonb := '[]';
BEGIN
    IF coalesce(hub.barred(me), hub.forked(me)) IS NOT NULL THEN
        RETURN coalesce(hub.barred(me), hub.forked(me));
    ELSIF n NOT BETWEEN 1 AND 200 OR cardinality(p_kind) <> n OR cardinality(p_feed) <> n OR cardinality(p_version) <> n
          OR cardinality(p_hash) <> n OR cardinality(p_size) <> n OR cardinality(p_nonce) <> n OR cardinality(p_start) <> n
          OR cardinality(p_content) <> n THEN
        RETURN '{"code": "BAD_REQUEST", "field": "documents"}';
    ELSIF (SELECT sum(octet_length(c)) FROM unnest(p_content) c) > 1048576 THEN
        RETURN '{"code": "BAD_REQUEST", "field": "bytes"}';
    END IF;
    IF current_setting('synchronous_commit') IN ('off', 'local', 'remote_write') THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    PERFORM set_config('lock_timeout', '3s', true);
    PERFORM hub.lock_document_heads(ARRAY(
        SELECT e.f FROM unnest(p_kind, p_feed) AS e(k, f)
        WHERE hub.document_fits(e.k, e.f) AND (hub.may_read(me, e.k, e.f) OR hub.may_write(me, e.k, e.f))));
    FOR i IN 1 .. n LOOP
        v_outcome := hub.document_outcome(me, p_document[i], p_kind[i], p_feed[i], p_version[i], p_hash[i], p_size[i]);
        IF v_outcome = 'wanted' THEN
            v_outcome := hub.take_document(me, p_document[i], p_kind[i], p_feed[i], p_version[i], p_hash[i], p_size[i],
                                           p_nonce[i], p_start[i], p_content[i]);
        END IF;
        v_told := v_told || hub.document_told(me, p_document[i], p_kind[i], p_feed[i], p_hash[i], v_outcome);
    END LOOP;
    RETURN jsonb_build_object('documents', v_told);
END
$$;

-- Take one version that is wanted, or a piece of it; the head of its feed is locked.
CREATE FUNCTION hub.take_document(p_me hub.station, p_document uuid, p_kind text, p_feed text, p_version text, p_hash bytea,
                                  p_size integer, p_nonce bytea, p_start integer, p_content bytea) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_content bytea := p_content;
BEGIN
    IF coalesce(octet_length(p_nonce), 0) <> 32 OR p_content IS NULL OR p_start IS NULL
       OR p_start + octet_length(p_content) > p_size THEN
        RETURN 'malformed';
    END IF;
    IF octet_length(p_content) < p_size THEN
        DELETE FROM hub.document_part p WHERE p.station = p_me.station AND (p.document, p.hash) <> (p_document, p_hash);
        IF p_start <> (SELECT coalesce(sum(octet_length(p.content)), 0) FROM hub.document_part p
                       WHERE p.station = p_me.station AND p.document = p_document AND p.hash = p_hash) THEN
            RETURN 'wanted';
        END IF;
        INSERT INTO hub.document_part (station, document, hash, start, content)
            VALUES (p_me.station, p_document, p_hash, p_start, p_content);
        IF p_start + octet_length(p_content) < p_size THEN
            RETURN 'wanted';
        END IF;
        SELECT string_agg(p.content, ''::bytea ORDER BY p.start) INTO v_content FROM hub.document_part p
            WHERE p.station = p_me.station AND p.document = p_document AND p.hash = p_hash;
        DELETE FROM hub.document_part p WHERE p.station = p_me.station AND p.document = p_document;
    END IF;
    IF sha256(p_nonce || v_content) <> p_hash THEN
        RETURN 'malformed';
    END IF;
    INSERT INTO hub.document AS x (document, kind, feed, position, version, hash, nonce, content, size, brought_by)
        VALUES (p_document, p_kind, p_feed, hub.next_document(p_feed), hub.document_version(p_version), p_hash, p_nonce,
                v_content, p_size, p_me.station)
        ON CONFLICT (document) DO UPDATE SET position = excluded.position, version = excluded.version, hash = excluded.hash,
            nonce = excluded.nonce, content = excluded.content, size = excluded.size, brought_by = excluded.brought_by,
            brought_at = clock_timestamp()
        WHERE NOT x.tombstone AND x.feed = excluded.feed;
    RETURN CASE WHEN FOUND THEN 'stored' ELSE 'erased' END;
END
$$;

-- Documents that entries waiting to be checked would erase: not shown to anybody meanwhile.
CREATE FUNCTION hub.about_to_go() RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT (hub.parse_all(ARRAY[i.content]))[1] #>> '{body,document}' FROM hub.inbox i
    WHERE i.state = 'waiting' AND i.content LIKE '%"kind":"document_erased"%'
$$;

-- What was changed since p_cursors ({feed: position}) among the documents that the caller may read: one row each, in
-- the order of positions; contents above 262144 bytes are fetched by document_piece. The last row has only `reply`:
-- {cursors, more}, or {code: INCARNATION, stamp}. While a restored hub recovers it shows no content, since
-- it may have forgotten erasures.
CREATE FUNCTION api_1.pull_documents(p_stamp text, p_cursors jsonb, p_limit integer)
RETURNS TABLE (reply jsonb, document uuid, kind text, feed text, version text, hash bytea, nonce bytea, size integer,
               tombstone boolean, content bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    me hub.station := hub.me();
    v_left integer := least(greatest(coalesce(p_limit, 200), 1), 1000);
    v_bytes bigint := 524288;
    v_cursors jsonb := '{}';
    v_going text[];
    v_position bigint;
    v_cut boolean := false;
    h record;
BEGIN
    IF hub.barred(me) IS NOT NULL THEN
        reply := hub.barred(me);
    ELSIF p_stamp IS DISTINCT FROM hub.document_stamp(me) THEN
        reply := jsonb_build_object('code', 'INCARNATION', 'stamp', hub.document_stamp(me));
    ELSIF jsonb_typeof(p_cursors) IS DISTINCT FROM 'object' OR EXISTS (
        SELECT FROM jsonb_each(p_cursors) c WHERE coalesce(c.value #>> '{}', '') !~ '^[0-9]{1,18}$') THEN
        reply := '{"code": "BAD_REQUEST", "field": "cursors"}';
    ELSIF (SELECT x.mode FROM hub.hub x) = 'recovery' THEN
        reply := '{"cursors": {}, "more": false}';
    END IF;
    IF reply IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    v_going := ARRAY(SELECT g FROM hub.about_to_go() g WHERE g IS NOT NULL);
    FOR h IN SELECT f.feed, f.position, coalesce((p_cursors ->> f.feed)::bigint, 0) AS after FROM hub.document_head f
             WHERE hub.in_scope(me, f.feed) AND f.position > coalesce((p_cursors ->> f.feed)::bigint, 0)
             ORDER BY array_position(ARRAY['org', 'cash', 'desk'], f.feed), f.feed
    LOOP
        EXIT WHEN v_cut;
        FOR document, kind, feed, version, hash, nonce, size, tombstone, content, v_position IN
            SELECT d.document, d.kind, d.feed, d.version, d.hash, d.nonce, d.size, d.tombstone,
                   CASE WHEN d.size <= 262144 THEN d.content END, d.position
            FROM hub.document d
            WHERE d.feed = h.feed AND d.position > h.after AND (d.tombstone OR d.document::text <> ALL (v_going))
              AND d.kind IN (SELECT k.kind FROM hub.document_kind k WHERE hub.may_read(me, k.kind, h.feed))
            ORDER BY d.position LIMIT v_left
        LOOP
            RETURN NEXT;
            v_left := v_left - 1;
            v_bytes := v_bytes - size;
            v_cut := v_left <= 0 OR v_bytes <= 0;
            EXIT WHEN v_cut;
        END LOOP;
        v_cursors := v_cursors || jsonb_build_object(h.feed, CASE WHEN v_cut THEN v_position ELSE h.position END);
    END LOOP;
    RETURN QUERY SELECT jsonb_build_object('cursors', v_cursors, 'more', v_cut), NULL::uuid, NULL::text, NULL::text,
        NULL::text, NULL::bytea, NULL::bytea, NULL::integer, NULL::boolean, NULL::bytea;
END
$$;

-- A stretch of a content, at most 262144 bytes; none when that version is not here, or not the caller's to read.
CREATE FUNCTION api_1.document_piece(p_document uuid, p_hash bytea, p_start integer) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
BEGIN
    IF hub.barred(me) IS NOT NULL OR p_start IS NULL OR p_start < 0 OR (SELECT x.mode FROM hub.hub x) = 'recovery'
       OR p_document::text IN (SELECT g FROM hub.about_to_go() g) THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT substr(d.content, p_start + 1, 262144) FROM hub.document d
            WHERE d.document = p_document AND d.hash = p_hash AND hub.may_read(me, d.kind, d.feed));
END
$$;

-- What entries say of documents: whose versions they name, and which are erased. A tombstone is made for a document
-- that is not here, too, so that it never comes in after its end.
CREATE OR REPLACE FUNCTION hub.project_documents(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_feed text;
    r record;
BEGIN
    IF NOT EXISTS (SELECT FROM unnest(p_json) AS d WHERE d -> 'body' ?| ARRAY['document_hash', 'documents']
                   OR d ->> 'kind' = 'document_erased') THEN
        RETURN;
    END IF;
    INSERT INTO hub.document_name (document, hash, entry_id, station)
        SELECT DISTINCT (n.name ->> 'document')::uuid, decode(n.name ->> 'document_hash', 'hex'), e.id, e.doc #>> '{origin,station}'
        FROM unnest(p_ids, p_json) AS e(id, doc),
             LATERAL (SELECT e.doc -> 'body' UNION ALL
                      SELECT jsonb_path_query(e.doc -> 'body', 'lax $.documents[*]')) AS n(name)
        WHERE jsonb_typeof(n.name) = 'object'
          AND n.name ->> 'document' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
          AND n.name ->> 'document_hash' ~ '^[0-9a-f]{64}$'
        ON CONFLICT DO NOTHING;
    IF NOT EXISTS (SELECT FROM unnest(p_json) AS d WHERE d ->> 'kind' = 'document_erased') THEN
        RETURN;
    END IF;
    PERFORM hub.lock_document_heads(ARRAY(
        SELECT d.doc #>> '{body,feed}' FROM unnest(p_json) AS d(doc) WHERE d.doc ->> 'kind' = 'document_erased'
        UNION SELECT x.feed FROM unnest(p_json) AS d(doc) JOIN hub.document x ON x.document::text = d.doc #>> '{body,document}'
        WHERE d.doc ->> 'kind' = 'document_erased'));
    FOR r IN SELECT DISTINCT ON (1) (d.doc #>> '{body,document}')::uuid AS document, d.doc #>> '{body,kind}' AS kind,
                    d.doc #>> '{body,feed}' AS feed, d.doc #>> '{origin,station}' AS station
             FROM unnest(p_json) AS d(doc) WHERE d.doc ->> 'kind' = 'document_erased' ORDER BY 1
    LOOP
        DELETE FROM hub.document_part p WHERE p.document = r.document;
        SELECT x.feed INTO v_feed FROM hub.document x WHERE x.document = r.document;
        v_feed := coalesce(v_feed, r.feed);
        INSERT INTO hub.document AS x (document, kind, feed, position, version, size, tombstone, brought_by)
            VALUES (r.document, r.kind, v_feed, hub.next_document(v_feed), '00000000000000-000000', 0, true, r.station)
            ON CONFLICT (document) DO UPDATE SET position = excluded.position, version = excluded.version, hash = NULL,
                nonce = NULL, content = NULL, size = 0, tombstone = true, brought_by = excluded.brought_by,
                brought_at = clock_timestamp()
            WHERE NOT x.tombstone;
    END LOOP;
END
$$;

-- As in 0001, but a lock that somebody else holds is no fault of an entry: push ends who holds it, and tries again.
CREATE OR REPLACE FUNCTION hub.project_or_hold(p_station text, p_epoch integer, p_seq bigint[], p_ids uuid[], p_json jsonb[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hub.held (station, epoch, seq, kind, v, reason)
        SELECT p_station, p_epoch, e.seq, e.doc ->> 'kind', (e.doc ->> 'v')::bigint, 'UNKNOWN_KIND'
        FROM unnest(p_seq, p_json) AS e(seq, doc)
        WHERE NOT EXISTS (SELECT FROM hub.known_kind k WHERE k.kind = e.doc ->> 'kind' AND k.v = (e.doc ->> 'v')::integer);
    BEGIN
        PERFORM hub.project(p_ids, p_json);
        RETURN;
    EXCEPTION
        WHEN serialization_failure OR deadlock_detected OR lock_not_available OR query_canceled
             OR operator_intervention THEN RAISE;
        WHEN OTHERS THEN NULL;
    END;
    FOR i IN 1 .. cardinality(p_ids) LOOP
        BEGIN
            PERFORM hub.project(p_ids[i : i], p_json[i : i]);
        EXCEPTION
            WHEN serialization_failure OR deadlock_detected OR lock_not_available OR query_canceled OR operator_intervention THEN RAISE;
            WHEN OTHERS THEN
                INSERT INTO hub.held (station, epoch, seq, kind, v, reason)
                    VALUES (p_station, p_epoch, p_seq[i], p_json[i] ->> 'kind', (p_json[i] ->> 'v')::bigint, SQLSTATE)
                    ON CONFLICT DO NOTHING;
        END;
    END LOOP;
END
$$;

-- What entries said of documents before the hub kept any.
DO $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT k.entry_id, w.content::jsonb AS doc
             FROM hub.station_log k JOIN hub.log_raw w USING (station, epoch, seq)
             WHERE k.state = 'ok' AND (w.content LIKE '%"document_hash"%' OR w.content LIKE '%"kind":"document_erased"%')
    LOOP
        BEGIN
            PERFORM hub.project_documents(ARRAY[r.entry_id], ARRAY[r.doc]);
        EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
            RAISE NOTICE 'entry % says nothing of documents', r.entry_id;
        END;
    END LOOP;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub, api_1 FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    api_1.offer_documents(uuid[], text[], text[], text[], bytea[], integer[]),
    api_1.put_documents(uuid[], text[], text[], text[], bytea[], integer[], bytea[], integer[], bytea[]),
    api_1.pull_documents(text, jsonb, integer), api_1.document_piece(uuid, bytea, integer) TO gatehouse_station;
