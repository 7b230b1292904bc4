-- A fork bars both copies from hello and push until they are enrolled again; what others do they still see.
CREATE FUNCTION hub.forked(p_me hub.station) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_me.forked_at IS NOT NULL AND p_me.revoked_at IS NULL THEN
        jsonb_build_object('code', 'FORK', 'forked_at', hub.at_text(p_me.forked_at), 'epoch', p_me.epoch) END
$$;

-- Keep what does not continue the journal known here, note the fork so that the other copy hears of it too.
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
    RETURN jsonb_build_object('code', 'FORK', 'tip', hub.tip_json(p_tip));
END
$$;

-- End stations' backends that sit in an open transaction: they may hold a head. Answers how many.
CREATE FUNCTION hub.end_idle(p_seconds numeric DEFAULT 3) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_ended integer;
BEGIN
    SELECT count(*) FILTER (WHERE pg_terminate_backend(a.pid)) INTO v_ended
        FROM pg_stat_activity a JOIN hub.invitation i ON i.role = a.usename::text COLLATE "C"
        WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
          AND a.state IN ('idle in transaction', 'idle in transaction (aborted)')
          AND a.state_change < clock_timestamp() - make_interval(secs => p_seconds);
    RETURN v_ended;
EXCEPTION WHEN insufficient_privilege THEN
    RETURN 0;                                      -- a managed PostgreSQL: "reduced"
END
$$;

-- hello and push as they were, behind what looks for trouble first.
ALTER FUNCTION api_1.hello(jsonb) SET SCHEMA hub;
ALTER FUNCTION hub.hello(jsonb) RENAME TO take_hello;
ALTER FUNCTION api_1.push(integer, bigint, bytea, text[], bytea[], bytea[], jsonb) SET SCHEMA hub;
ALTER FUNCTION hub.push(integer, bigint, bytea, text[], bytea[], bytea[], jsonb) RENAME TO take_push;
REVOKE ALL ON FUNCTION hub.take_hello(jsonb),
    hub.take_push(integer, bigint, bytea, text[], bytea[], bytea[], jsonb) FROM PUBLIC, gatehouse_station;

-- request: see take_hello. A tip that this hub knows otherwise is a copy of the same file.
CREATE FUNCTION api_1.hello(p_request jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
    t hub.station_tip;
    v_known bytea;
    v_answer jsonb;
BEGIN
    IF hub.forked(me) IS NOT NULL THEN
        RETURN hub.forked(me);
    END IF;
    IF hub.barred(me) IS NULL AND p_request ->> 'epoch' = me.epoch::text
       AND coalesce(p_request ->> 'seq', '') ~ '^[0-9]{1,18}$'
       AND coalesce(p_request ->> 'hash', '') ~ '^[0-9a-f]{64}$' THEN
        SELECT * INTO STRICT t FROM hub.station_tip s WHERE s.station = me.station AND s.epoch = me.epoch;
        IF (p_request ->> 'seq')::bigint = 0 THEN
            v_known := t.genesis;
        ELSE
            SELECT l.hash INTO v_known FROM hub.station_log l WHERE l.station = me.station AND l.epoch = me.epoch
                AND l.seq = (p_request ->> 'seq')::bigint;
        END IF;
        IF v_known IS NOT NULL AND encode(v_known, 'hex') <> p_request ->> 'hash' THEN
            RETURN hub.to_fork_inbox(t, 1, '{}', '{}', '{}');
        END IF;
    END IF;
    v_answer := hub.take_hello(p_request);
    IF v_answer ? 'schema' THEN
        v_answer := v_answer || '{"schema": "0004"}';
    END IF;
    RETURN v_answer;
END
$$;

-- One batch of the caller's own journal: see take_push. Whoever waits here for a lock longer than a push takes
-- ends the backends that hold locks and do nothing, and tries once more.
CREATE FUNCTION api_1.push(p_epoch integer, p_first_seq bigint, p_prev_hash bytea, p_content text[], p_hash bytea[],
                           p_sig bytea[], p_request jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
BEGIN
    IF hub.forked(me) IS NOT NULL THEN
        RETURN hub.forked(me);
    END IF;
    PERFORM set_config('lock_timeout', '3s', true);
    BEGIN
        RETURN hub.take_push(p_epoch, p_first_seq, p_prev_hash, p_content, p_hash, p_sig, p_request);
    EXCEPTION WHEN lock_not_available THEN
        IF hub.end_idle() = 0 THEN
            RAISE;
        END IF;
    END;
    RETURN hub.take_push(p_epoch, p_first_seq, p_prev_hash, p_content, p_hash, p_sig, p_request);
END
$$;

-- Where the journals of all stations end here: what a station needs to know which entries it holds were forgotten.
CREATE FUNCTION api_1.tips() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
BEGIN
    IF hub.barred(me) IS NOT NULL THEN
        RETURN hub.barred(me);
    END IF;
    RETURN jsonb_build_object('mode', (SELECT h.mode FROM hub.hub h), 'tips', coalesce((
        SELECT jsonb_agg(jsonb_build_object('station', s.station, 'epoch', s.epoch, 'seq', s.seq)
                         ORDER BY s.station, s.epoch) FROM hub.station_tip s), '[]'));
END
$$;

-- Hand over entries of others: kept in the inbox until the administrator's tool has checked them. At most 200
-- entries; equal arrays. All or nothing. {kept, known}: new in the inbox · at the hub or in the inbox already.
CREATE FUNCTION api_1.bring(p_station text[], p_epoch integer[], p_seq bigint[], p_prev bytea[], p_hash bytea[],
                            p_sig bytea[], p_content text[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
    n CONSTANT integer := coalesce(cardinality(p_content), 0);
    v_kept integer;
BEGIN
    IF hub.barred(me) IS NOT NULL THEN
        RETURN hub.barred(me);
    ELSIF n NOT BETWEEN 1 AND 200 OR cardinality(p_station) <> n OR cardinality(p_epoch) <> n OR cardinality(p_seq) <> n
          OR cardinality(p_prev) <> n OR cardinality(p_hash) <> n OR cardinality(p_sig) <> n THEN
        RETURN '{"code": "BAD_REQUEST", "field": "entries"}';
    ELSIF (SELECT sum(octet_length(c)) FROM unnest(p_content) c) > 1048576 THEN
        RETURN '{"code": "BAD_REQUEST", "field": "bytes"}';
    ELSIF (SELECT count(*) FROM hub.inbox i WHERE i.brought_by = me.station AND i.state = 'waiting') > 200000 THEN
        RETURN '{"code": "INBOX_FULL"}';
    ELSIF EXISTS (
        SELECT FROM unnest(p_station, p_epoch, p_seq, p_prev, p_hash, p_sig, p_content) AS e(s, ep, q, prev, h, sig, c)
        WHERE e.s IS NULL OR e.s !~ '^[0-9a-f]{8}$' OR e.ep IS NULL OR e.ep < 0 OR e.q IS NULL OR e.q < 1 OR e.c IS NULL
           OR e.sig IS NULL OR octet_length(e.sig) <> CASE WHEN e.s = '00000000' THEN 0 ELSE 64 END
           OR coalesce(octet_length(e.prev), 0) <> 32 OR octet_length(e.c) > 65536
           OR sha256(e.prev || hub.raw_bytes(e.s, e.ep, e.q, e.c)) IS DISTINCT FROM e.h) THEN
        RETURN '{"code": "BAD_REQUEST", "field": "hash"}';
    END IF;
    INSERT INTO hub.inbox (station, epoch, seq, hash, prev_hash, sig, content, brought_by)
        SELECT e.s, e.ep, e.q, e.h, e.prev, e.sig, e.c, me.station
        FROM unnest(p_station, p_epoch, p_seq, p_prev, p_hash, p_sig, p_content) AS e(s, ep, q, prev, h, sig, c)
        WHERE NOT EXISTS (SELECT FROM hub.station_log l WHERE l.station = e.s COLLATE "C" AND l.epoch = e.ep
                          AND l.seq = e.q AND l.hash = e.h)
        ORDER BY 1, 2, 3
        ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_kept = ROW_COUNT;
    RETURN jsonb_build_object('kept', v_kept, 'known', n - v_kept);
END
$$;

-- After a restore: this station has pushed what it had and brought what it held. The last one ends the recovery.
CREATE FUNCTION api_1.reported() RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
BEGIN
    IF hub.barred(me) IS NOT NULL THEN
        RETURN hub.barred(me);
    END IF;
    UPDATE hub.recovery r SET reported_at = clock_timestamp() WHERE r.station = me.station AND r.reported_at IS NULL;
    RETURN jsonb_build_object('mode', hub.end_recovery());
END
$$;

-- Back to normal once nobody is missing any more; answers the mode.
CREATE FUNCTION hub.end_recovery() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_mode text;
BEGIN
    SELECT h.mode INTO STRICT v_mode FROM hub.hub h FOR UPDATE;
    IF v_mode = 'recovery' AND NOT EXISTS (
        SELECT FROM hub.recovery r JOIN hub.station s ON s.station = r.station
        WHERE r.reported_at IS NULL AND r.written_off_at IS NULL AND s.revoked_at IS NULL) THEN
        UPDATE hub.hub SET mode = 'normal';
        v_mode := 'normal';
    END IF;
    RETURN v_mode;
END
$$;

-- After a restore: the hub speaks in a new epoch of its own journal (what it said after the backup may be out
-- there), is another hub to every cursor, and waits for its stations.
CREATE FUNCTION hub.begin_recovery() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_missing integer;
    v_epoch integer;
BEGIN
    UPDATE hub.hub SET mode = 'recovery', id = gen_random_uuid();
    SELECT max(s.epoch) + 1 INTO v_epoch FROM hub.station_tip s WHERE s.station = '00000000';
    INSERT INTO hub.station_tip (station, epoch, seq, hash, genesis, hlc_ms)
        SELECT '00000000', v_epoch, 0, g, g, (SELECT max(s.hlc_ms) FROM hub.station_tip s WHERE s.station = '00000000')
        FROM hub.genesis('00000000', v_epoch, '') AS g;
    DELETE FROM hub.recovery;
    INSERT INTO hub.recovery (station) SELECT s.station FROM hub.station s WHERE s.revoked_at IS NULL;
    GET DIAGNOSTICS v_missing = ROW_COUNT;
    PERFORM hub.end_recovery();
    RETURN v_missing;
END
$$;

-- Append checked entries of the inbox that continue a journal, p_first to p_last; answers how many.
CREATE FUNCTION hub.release(p_station text, p_epoch integer, p_first bigint, p_last bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    t hub.station_tip;
    v_hash bytea[];
    v_sig bytea[];
    v_content text[];
BEGIN
    SELECT * INTO STRICT t FROM hub.station_tip s WHERE s.station = p_station COLLATE "C" AND s.epoch = p_epoch FOR UPDATE;
    WITH RECURSIVE chain AS (
        SELECT i.* FROM hub.inbox i WHERE i.station = t.station AND i.epoch = t.epoch AND i.seq = t.seq + 1
            AND i.prev_hash = t.hash AND i.state = 'waiting' AND i.seq BETWEEN p_first AND p_last
        UNION ALL
        SELECT i.* FROM chain c JOIN hub.inbox i ON i.station = c.station AND i.epoch = c.epoch AND i.seq = c.seq + 1
            AND i.prev_hash = c.hash AND i.state = 'waiting' AND i.seq <= p_last)
    SELECT array_agg(c.hash ORDER BY c.seq), array_agg(c.sig ORDER BY c.seq), array_agg(c.content ORDER BY c.seq)
        INTO v_hash, v_sig, v_content FROM chain c;
    IF v_hash IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM hub.append(t, v_content, v_hash, v_sig);
    UPDATE hub.inbox i SET state = 'released' WHERE i.station = t.station AND i.epoch = t.epoch AND i.hash = ANY (v_hash);
    RETURN cardinality(v_hash);
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub, api_1 FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_1.hello(jsonb),
    api_1.push(integer, bigint, bytea, text[], bytea[], bytea[], jsonb), api_1.tips(), api_1.reported(),
    api_1.bring(text[], integer[], bigint[], bytea[], bytea[], bytea[], text[]) TO gatehouse_station;
