-- Functions of the hub that nobody outside calls: small tools, then the parts of push.

CREATE FUNCTION hub.at_text(p_at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

CREATE FUNCTION hub.ms(p_at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_catalog.floor(EXTRACT(epoch FROM p_at) * 1000)::bigint
$$;

-- Names a hub and the branch of its history: another id or timeline means that cursors are worth nothing.
CREATE FUNCTION hub.incarnation() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT h.id::text || '/' || pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8)
    FROM hub.hub h
$$;

CREATE FUNCTION hub.raw_bytes(p_station text, p_epoch integer, p_seq bigint, p_content text)
RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_catalog.convert_to(
        '{"content":' || p_content || ',"epoch":' || p_epoch || ',"seq":' || p_seq
        || ',"station":"' || p_station || '"}', 'UTF8')
$$;

CREATE FUNCTION hub.genesis(p_station text, p_epoch integer, p_key bytea)
RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_catalog.sha256(
        pg_catalog.convert_to('gatehouse-genesis-1', 'UTF8') || '\x00'::bytea
        || pg_catalog.convert_to(p_station, 'UTF8') || '\x00'::bytea
        || pg_catalog.convert_to(p_epoch::text, 'UTF8') || '\x00'::bytea || p_key)
$$;

CREATE FUNCTION hub.uuid7(p_ms bigint) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (pg_catalog.lpad(pg_catalog.to_hex(p_ms), 12, '0') || '7'
            || pg_catalog.substr(pg_catalog.replace(pg_catalog.gen_random_uuid()::text, '-', ''), 14, 19))::uuid
$$;

-- What is wrong with a parsed content, NULL when nothing is. Never raises.
CREATE FUNCTION hub.content_fault(p_json jsonb, p_station text, p_epoch integer, p_seq bigint)
RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_feeds text[];
BEGIN
    IF p_json IS NULL OR jsonb_typeof(p_json) <> 'object' OR p_json -> 'format' IS DISTINCT FROM '1'::jsonb
       OR coalesce(p_json ->> 'entry_id', '') !~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
       OR coalesce(p_json ->> 'kind', '') !~ '^[a-z][a-z0-9_]{1,47}$'
       OR coalesce(p_json ->> 'v', '') !~ '^[1-9][0-9]{0,8}$' OR jsonb_typeof(p_json -> 'v') <> 'number'
       OR jsonb_typeof(p_json -> 'body') IS DISTINCT FROM 'object'
       OR jsonb_typeof(p_json -> 'feeds') IS DISTINCT FROM 'array' THEN
        RETURN 'MALFORMED';
    END IF;
    IF p_json ->> 'feeds' !~ '^\["(org|cash|desk|event:[1-9][0-9]{0,9})"(, "(org|cash|desk|event:[1-9][0-9]{0,9})")*\]$'
       OR jsonb_array_length(p_json -> 'feeds') > 64 THEN
        RETURN 'MALFORMED';
    END IF;
    IF jsonb_array_length(p_json -> 'feeds') > 1 THEN
        v_feeds := ARRAY(SELECT jsonb_array_elements_text(p_json -> 'feeds'));
        IF v_feeds IS DISTINCT FROM ARRAY(SELECT DISTINCT f COLLATE "C" FROM unnest(v_feeds) f ORDER BY 1) THEN
            RETURN 'MALFORMED';
        END IF;
    END IF;
    IF p_json #>> '{origin,station}' IS DISTINCT FROM p_station
       OR coalesce(p_json #>> '{origin,epoch}', '') !~ '^[0-9]{1,9}$'
       OR (p_json #>> '{origin,epoch}')::integer > p_epoch
       OR ((p_json #>> '{origin,epoch}')::integer = p_epoch
           AND p_json #>> '{origin,seq}' IS DISTINCT FROM p_seq::text) THEN
        RETURN 'FOREIGN_ORIGIN';
    END IF;
    RETURN NULL;
END
$$;

-- Texts as jsonb, NULL for those that are none. One bad text costs a slower second pass, not the batch.
CREATE FUNCTION hub.parse_all(p_content text[]) RETURNS jsonb[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_json jsonb[] := '{}';
    v_text text;
BEGIN
    BEGIN
        RETURN ARRAY(SELECT c::jsonb FROM unnest(p_content) WITH ORDINALITY AS t(c, o) ORDER BY o);
    EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
        v_json := '{}';
    END;
    FOREACH v_text IN ARRAY p_content LOOP
        BEGIN
            v_json := array_append(v_json, v_text::jsonb);
        EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
            v_json := array_append(v_json, NULL::jsonb);
        END;
    END LOOP;
    RETURN v_json;
END
$$;

-- Give entries their places in their feeds: heads are made and locked in order, and stay locked to commit.
CREATE FUNCTION hub.append_to_feeds(p_station text, p_epoch integer, p_seq bigint[], p_hash bytea[], p_feeds jsonb[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_names text[] COLLATE "C";
    v_feeds text[] := '{}';
    v_positions bigint[] := '{}';
    v_seqs bigint[] := '{}';
    v_hashes bytea[] := '{}';
    v_feed text := '';
    v_position bigint;
    v_hash bytea;
    r record;
BEGIN
    v_names := ARRAY(SELECT DISTINCT f COLLATE "C" FROM unnest(p_feeds) AS a, jsonb_array_elements_text(a) AS f ORDER BY 1);
    IF cardinality(v_names) = 0 THEN
        RETURN;
    END IF;
    INSERT INTO hub.feed_head (feed) SELECT f FROM unnest(v_names) WITH ORDINALITY AS t(f, o) ORDER BY o
        ON CONFLICT DO NOTHING;
    PERFORM FROM hub.feed_head h WHERE h.feed = ANY (v_names) ORDER BY h.feed FOR UPDATE;
    FOR r IN
        SELECT f.feed COLLATE "C" AS feed, e.seq, e.hash, h.position AS head_position, h.hash AS head_hash
        FROM unnest(p_seq, p_hash, p_feeds) AS e(seq, hash, feeds),
             jsonb_array_elements_text(e.feeds) AS f(feed)
             JOIN hub.feed_head h ON h.feed = f.feed COLLATE "C"
        ORDER BY 1, e.seq
    LOOP
        IF r.feed <> v_feed THEN
            v_feed := r.feed;
            v_position := r.head_position;
            v_hash := r.head_hash;
        END IF;
        v_position := v_position + 1;
        v_hash := sha256(v_hash || r.hash);
        v_feeds := v_feeds || v_feed;
        v_positions := v_positions || v_position;
        v_seqs := v_seqs || r.seq;
        v_hashes := v_hashes || v_hash;
    END LOOP;
    INSERT INTO hub.feed_log (feed, position, station, epoch, seq, hash)
        SELECT t.f, t.p, p_station, p_epoch, t.s, t.h FROM unnest(v_feeds, v_positions, v_seqs, v_hashes) AS t(f, p, s, h);
    UPDATE hub.feed_head u SET position = n.p, hash = n.h
        FROM (SELECT DISTINCT ON (t.f) t.f, t.p, t.h FROM unnest(v_feeds, v_positions, v_hashes) AS t(f, p, h)
              ORDER BY t.f, t.p DESC) AS n
        WHERE u.feed = n.f COLLATE "C";
END
$$;

-- What is derived from entries. Later versions of this function project orders, payments and the rest.
CREATE FUNCTION hub.project(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hub.ticket_seen (feed, serial, entry_id)
        SELECT DISTINCT f.feed, s.serial #>> '{}', e.id
        FROM unnest(p_ids, p_json) AS e(id, doc),
             jsonb_array_elements_text(e.doc -> 'feeds') AS f(feed),
             LATERAL (SELECT jsonb_path_query(e.doc -> 'body', 'lax $.positions[*].serial')
                      UNION ALL SELECT jsonb_path_query(e.doc -> 'body', 'lax $.serials[*]')
                      UNION ALL SELECT e.doc #> '{body,serial}') AS s(serial)
        WHERE f.feed LIKE 'event:%' AND jsonb_typeof(s.serial) = 'string' AND s.serial #>> '{}' ~ '^[0-9a-f]{16}$'
        ON CONFLICT DO NOTHING;
    PERFORM hub.project_slots(p_ids, p_json);
END
$$;

-- The leased places that entries name: by positions, or by the entry itself.
CREATE FUNCTION hub.slots_of(p_ids uuid[], p_json jsonb[])
RETURNS TABLE (lease text, slot bigint, pool bigint, holder text, entry_id uuid) LANGUAGE sql STABLE AS $$
    SELECT u.item ->> 'lease', (n.slot #>> '{}')::bigint, (u.item ->> 'pool')::bigint,
           coalesce(e.doc #>> '{body,order}', e.id::text), e.id
    FROM unnest(p_ids, p_json) AS e(id, doc),
         LATERAL (SELECT jsonb_path_query(e.doc -> 'body', 'lax $.positions[*].slots[*]')
                  UNION ALL SELECT jsonb_path_query(e.doc -> 'body', 'lax $.slots[*]')) AS u(item),
         LATERAL jsonb_path_query(u.item, 'lax $.slots[*]') AS n(slot)
    WHERE jsonb_typeof(u.item -> 'lease') = 'string' AND jsonb_typeof(n.slot) = 'number'
    ORDER BY 1, 2, 5
$$;

-- Places of leases that entries say they use; the first user keeps the row, another one is a clash.
CREATE FUNCTION hub.project_slots(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_named bigint;
    v_new bigint;
BEGIN
    WITH s AS MATERIALIZED (SELECT * FROM hub.slots_of(p_ids, p_json)),
         i AS (INSERT INTO hub.lease_slot (lease, slot, pool, holder, entry_id)
               SELECT s.lease, s.slot, s.pool, s.holder, s.entry_id FROM s ON CONFLICT DO NOTHING RETURNING 1)
    SELECT (SELECT count(*) FROM s), (SELECT count(*) FROM i) INTO v_named, v_new;
    IF v_new < v_named THEN
        INSERT INTO hub.slot_clash (lease, slot, holder, entry_id)
            SELECT s.lease, s.slot, s.holder, s.entry_id
            FROM hub.slots_of(p_ids, p_json) s
                 JOIN hub.lease_slot l ON l.lease = s.lease AND l.slot = s.slot AND l.holder <> s.holder
            ON CONFLICT DO NOTHING;
    END IF;
END
$$;

-- Project a batch at once; if that fails, one by one, each in its own subtransaction. Returns what is held.
CREATE FUNCTION hub.project_or_hold(p_station text, p_epoch integer, p_seq bigint[], p_ids uuid[], p_json jsonb[])
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
        WHEN serialization_failure OR deadlock_detected OR query_canceled OR operator_intervention THEN RAISE;
        WHEN OTHERS THEN NULL;
    END;
    FOR i IN 1 .. cardinality(p_ids) LOOP
        BEGIN
            PERFORM hub.project(p_ids[i : i], p_json[i : i]);
        EXCEPTION
            WHEN serialization_failure OR deadlock_detected OR query_canceled OR operator_intervention THEN RAISE;
            WHEN OTHERS THEN
                INSERT INTO hub.held (station, epoch, seq, kind, v, reason)
                    VALUES (p_station, p_epoch, p_seq[i], p_json[i] ->> 'kind', (p_json[i] ->> 'v')::bigint, SQLSTATE)
                    ON CONFLICT DO NOTHING;
        END;
    END LOOP;
END
$$;

-- Append one act of the hub itself (station 00000000): chained like any journal, unsigned.
-- `p_body` is canonical JSON made by the caller; `p_feeds` sorted names.
CREATE FUNCTION hub.append_own(p_kind text, p_feeds text[], p_body text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    t hub.station_tip;
    v_now timestamptz;
    v_id uuid;
    v_content text;
    v_hash bytea;
    v_hlc_ms bigint;
BEGIN
    SELECT * INTO STRICT t FROM hub.station_tip s WHERE s.station = '00000000' ORDER BY s.epoch DESC LIMIT 1 FOR UPDATE;
    v_now := clock_timestamp();
    v_id := hub.uuid7(hub.ms(v_now));
    v_hlc_ms := greatest(hub.ms(v_now), t.hlc_ms);
    v_content := '{"actor":{"approvals":[],"practice":false,"user":null},"body":' || p_body
        || ',"clock":{"boot":' || to_json(hub.incarnation())::text
        || ',"mono_ms":' || hub.ms(v_now) - hub.ms(pg_postmaster_start_time())
        || ',"offset_age_ms":null,"offset_ms":null,"wall_at":"' || hub.at_text(v_now)
        || '"},"entry_id":"' || v_id || '","feeds":' || replace(to_json(p_feeds)::text, ', ', ',')
        || ',"format":1,"kind":"' || p_kind || '","origin":{"epoch":' || t.epoch
        || ',"hlc":"' || lpad(v_hlc_ms::text, 14, '0') || '-' || lpad((t.seq % 1000000)::text, 6, '0')
        || '","seq":' || t.seq + 1 || ',"station":"00000000"},"shift":null,"v":1}';
    v_hash := sha256(t.hash || hub.raw_bytes(t.station, t.epoch, t.seq + 1, v_content));
    INSERT INTO hub.entry_key VALUES (v_id, sha256(convert_to(v_content, 'UTF8')), t.station, t.epoch, t.seq + 1);
    INSERT INTO hub.station_log VALUES
        (t.station, t.epoch, t.seq + 1, v_hash, sha256(convert_to(v_content, 'UTF8')), v_id, 'ok', v_now);
    INSERT INTO hub.log_raw VALUES (t.station, t.epoch, t.seq + 1, t.hash, v_hash, '', v_content);
    PERFORM hub.append_to_feeds(t.station, t.epoch, ARRAY[t.seq + 1], ARRAY[v_hash], ARRAY[to_jsonb(p_feeds)]);
    PERFORM hub.project_or_hold(t.station, t.epoch, ARRAY[t.seq + 1], ARRAY[v_id], ARRAY[v_content::jsonb]);
    UPDATE hub.station_tip s SET seq = t.seq + 1, hash = v_hash, hlc_ms = v_hlc_ms WHERE s.station = t.station AND s.epoch = t.epoch;
    RETURN v_id;
END
$$;
