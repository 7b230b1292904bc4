-- Acts of the hub itself: written last, sealed where a restored hub must know them for its own.

-- Canonical JSON text, as stations write it: sorted keys, no spaces.
CREATE FUNCTION hub.act_text(p_value jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN jsonb_typeof(p_value) = 'array' AND p_value::text !~ '["{]' THEN replace(p_value::text, ' ', '')
        WHEN jsonb_typeof(p_value) = 'array' THEN
            '[' || (SELECT string_agg(hub.act_text(a.value), ',' ORDER BY a.o)
                    FROM jsonb_array_elements(p_value) WITH ORDINALITY AS a(value, o)) || ']'
        WHEN jsonb_typeof(p_value) = 'object' THEN
            '{' || coalesce((SELECT string_agg(to_json(e.key)::text || ':' || hub.act_text(e.value), ','
                                               ORDER BY e.key COLLATE "C")
                             FROM jsonb_each(p_value) AS e), '') || '}'
        ELSE p_value::text END
$$;

-- The seal of an act: over its kind and its body without the seal.
CREATE FUNCTION hub.mac(p_kind text, p_body jsonb) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(s.outer_key || sha256(s.inner_key || convert_to(
        'gatehouse-act-1' || chr(10) || p_kind || chr(10) || (p_body - 'mac')::text, 'UTF8'))), 'hex')
    FROM hub.seal s
$$;

CREATE FUNCTION hub.sealed(p_kind text, p_body jsonb) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT hub.act_text(p_body || jsonb_build_object('mac', hub.mac(p_kind, p_body)))
$$;

-- Append a text as the next entry of the hub's own journal, whose tip is locked.
CREATE FUNCTION hub.append_act(p_tip hub.station_tip, p_id uuid, p_content text, p_hlc_ms bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_json CONSTANT jsonb := p_content::jsonb;
    v_content_hash CONSTANT bytea := sha256(convert_to(p_content, 'UTF8'));
    v_hash bytea;
BEGIN
    v_hash := sha256(p_tip.hash || hub.raw_bytes(p_tip.station, p_tip.epoch, p_tip.seq + 1, p_content));
    INSERT INTO hub.entry_key (entry_id, content_hash, station, epoch, seq)
        VALUES (p_id, v_content_hash, p_tip.station, p_tip.epoch, p_tip.seq + 1);
    INSERT INTO hub.station_log (station, epoch, seq, hash, content_hash, entry_id, state, received_at)
        VALUES (p_tip.station, p_tip.epoch, p_tip.seq + 1, v_hash, v_content_hash, p_id, 'ok', clock_timestamp());
    INSERT INTO hub.log_raw (station, epoch, seq, prev_hash, hash, sig, content)
        VALUES (p_tip.station, p_tip.epoch, p_tip.seq + 1, p_tip.hash, v_hash, '', p_content);
    PERFORM hub.append_to_feeds(p_tip.station, p_tip.epoch, ARRAY[p_tip.seq + 1], ARRAY[v_hash], ARRAY[v_json -> 'feeds']);
    PERFORM hub.project_or_hold(p_tip.station, p_tip.epoch, ARRAY[p_tip.seq + 1], ARRAY[p_id], ARRAY[v_json]);
    UPDATE hub.station_tip s SET seq = p_tip.seq + 1, hash = v_hash, hlc_ms = greatest(s.hlc_ms, p_hlc_ms)
        WHERE s.station = p_tip.station AND s.epoch = p_tip.epoch;
END
$$;

-- The tip of the hub's own journal, locked: the last lock of every function that takes it. Whoever writes several
-- acts has locked the heads of all of them before.
CREATE FUNCTION hub.own_tip() RETURNS hub.station_tip LANGUAGE plpgsql AS $$
DECLARE
    t hub.station_tip;
BEGIN
    SELECT * INTO STRICT t FROM hub.station_tip s WHERE s.station = '00000000' ORDER BY s.epoch DESC LIMIT 1 FOR UPDATE;
    RETURN t;
END
$$;

-- Append one act of the hub itself (station 00000000): chained like any journal, unsigned.
-- `p_body` is canonical JSON made by the caller; `p_feeds` sorted names. Heads first, then the tip.
CREATE OR REPLACE FUNCTION hub.append_own(p_kind text, p_feeds text[], p_body text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    t hub.station_tip;
    v_now timestamptz;
    v_id uuid;
    v_hlc_ms bigint;
BEGIN
    PERFORM hub.lock_heads(p_feeds, '{}');
    t := hub.own_tip();
    v_now := clock_timestamp();
    v_id := hub.uuid7(hub.ms(v_now));
    v_hlc_ms := greatest(hub.ms(v_now), t.hlc_ms);
    PERFORM hub.append_act(t, v_id,
        '{"actor":{"approvals":[],"practice":false,"user":null},"body":' || p_body
        || ',"clock":{"boot":' || to_json(hub.incarnation())::text
        || ',"mono_ms":' || hub.ms(v_now) - hub.ms(pg_postmaster_start_time())
        || ',"offset_age_ms":null,"offset_ms":null,"wall_at":"' || hub.at_text(v_now)
        || '"},"entry_id":"' || v_id || '","feeds":' || replace(to_json(p_feeds)::text, ', ', ',')
        || ',"format":1,"kind":"' || p_kind || '","origin":{"epoch":' || t.epoch
        || ',"hlc":"' || lpad(v_hlc_ms::text, 14, '0') || '-' || lpad((t.seq % 1000000)::text, 6, '0')
        || '","seq":' || t.seq + 1 || ',"station":"00000000"},"shift":null,"v":1}', v_hlc_ms);
    RETURN v_id;
END
$$;

-- Keep what does not continue the journal known here; the first time everybody is told of the fork.
CREATE OR REPLACE FUNCTION hub.to_fork_inbox(p_tip hub.station_tip, p_first bigint, p_content text[], p_hash bytea[],
                                             p_sig bytea[]) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hub.fork_inbox (station, epoch, seq, hash, sig, content)
        SELECT p_tip.station, p_tip.epoch, p_first + e.o - 1, e.hash, e.sig, e.content
        FROM unnest(p_content, p_hash, p_sig) WITH ORDINALITY AS e(content, hash, sig, o)
        WHERE NOT EXISTS (SELECT FROM hub.station_log l WHERE l.station = p_tip.station AND l.epoch = p_tip.epoch
                          AND l.seq = p_first + e.o - 1 AND l.hash = e.hash)
        ON CONFLICT DO NOTHING;
    UPDATE hub.station s SET forked_at = clock_timestamp()
        WHERE s.station = p_tip.station AND s.epoch = p_tip.epoch AND s.forked_at IS NULL;
    IF FOUND THEN
        PERFORM hub.append_own('fork_noted', ARRAY['org'], hub.act_text(jsonb_build_object(
            'station', p_tip.station, 'epoch', p_tip.epoch, 'seq', p_tip.seq)));
    END IF;
    RETURN jsonb_build_object('code', 'FORK', 'tip', hub.tip_json(p_tip));
END
$$;
