-- After a restore: grants and reclaims that stations bring back are known by their seal and done again.

-- Whether an act that was brought was made by this hub.
CREATE FUNCTION hub.is_own_act(p_doc jsonb, p_epoch integer, p_seq bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(hub.content_fault(p_doc, '00000000', p_epoch, p_seq) IS NULL
                    AND p_doc #>> '{body,mac}' = hub.mac(p_doc ->> 'kind', p_doc -> 'body'), false)
$$;

-- A grant that was forgotten. Sales from it that came before it were counted outside. Its pools are locked.
CREATE FUNCTION hub.grant_again(p_body jsonb, p_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_item jsonb;
    l hub.lease;
    v_used bigint;
BEGIN
    FOR v_item IN SELECT e FROM jsonb_array_elements(p_body -> 'leases') e LOOP
        INSERT INTO hub.lease (lease, pool, station, epoch, request, first_slot, last_slot, slots, size, ttl_ms, granted_at)
            SELECT v_item ->> 'lease', (v_item ->> 'pool')::bigint, p_body ->> 'station', (p_body ->> 'epoch')::integer,
                   p_body ->> 'request',
                   CASE WHEN NOT (v_item -> 'seats')::boolean THEN min(s.slot) END,
                   CASE WHEN NOT (v_item -> 'seats')::boolean THEN max(s.slot) END,
                   CASE WHEN (v_item -> 'seats')::boolean THEN array_agg(s.slot ORDER BY s.slot) END,
                   count(*), (v_item ->> 'ttl_ms')::bigint, p_at
            FROM jsonb_array_elements(v_item -> 'ranges') r,
                 LATERAL generate_series((r ->> 0)::bigint, (r ->> 1)::bigint) AS s(slot)
            ON CONFLICT DO NOTHING RETURNING * INTO l;
        CONTINUE WHEN NOT FOUND;
        SELECT count(*) INTO v_used FROM hub.lease_slot s WHERE s.lease = l.lease AND s.pool = l.pool AND hub.covers(l, s.slot);
        UPDATE hub.lease x SET used = v_used WHERE x.lease = l.lease;
        UPDATE hub.pool p SET leased = p.leased + l.size, used = p.used + v_used, outside = p.outside - v_used,
                              last_slot = greatest(p.last_slot, coalesce(l.last_slot, 0)) WHERE p.pool = l.pool;
        UPDATE hub.station s SET lease_version = s.lease_version + 1 WHERE s.station = l.station;
        PERFORM hub.take_back(b.lease, b.ranges, b.entry_id) FROM hub.lease_early_back b
            WHERE b.lease = l.lease AND b.station IN (l.station, '00000000');
        DELETE FROM hub.lease_early_back b WHERE b.lease = l.lease;
    END LOOP;
    UPDATE hub.lease x SET request = p_body ->> 'request', granted_at = p_at, ttl_ms = (e ->> 'ttl_ms')::bigint
        FROM jsonb_array_elements(p_body -> 'renewed') e WHERE x.lease = e ->> 'lease' COLLATE "C" AND x.granted_at < p_at;
END
$$;

-- A reclaim that was forgotten; of a lease that is not known (yet) it waits for the grant.
CREATE FUNCTION hub.reclaim_again(p_body jsonb, p_entry uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hub.lease_early_back (lease, entry_id, station, ranges)
        SELECT e ->> 'lease', p_entry, '00000000', e -> 'ranges' FROM jsonb_array_elements(p_body -> 'leases') e
        WHERE NOT EXISTS (SELECT FROM hub.lease l WHERE l.lease = e ->> 'lease' COLLATE "C") ON CONFLICT DO NOTHING;
    SELECT hub.take_back(l.lease, e -> 'ranges', p_entry) FROM jsonb_array_elements(p_body -> 'leases') e
        JOIN hub.lease l ON l.lease = e ->> 'lease' COLLATE "C";
$$;

-- Issue a forgotten act again: text, origin and id stay, so those who have it know it.
CREATE FUNCTION hub.issue_again(p_content text, p_doc jsonb) RETURNS void LANGUAGE sql AS $$
    SELECT hub.append_act(hub.own_tip(), (p_doc ->> 'entry_id')::uuid, p_content,
                          split_part(p_doc #>> '{origin,hlc}', '-', 1)::bigint)
$$;

-- Do again what stations brought of the hub's own acts about places, at most so many; answers how many were done.
CREATE FUNCTION hub.take_acts(p_most bigint DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    i record;
    v_found jsonb;
    v_done bigint := 0;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('epoch', w.epoch, 'seq', w.seq, 'hash', encode(w.hash, 'hex'), 'content', w.content,
                                        'doc', (hub.parse_all(ARRAY[w.content]))[1]) ORDER BY w.epoch, w.seq)
        INTO v_found FROM (
            SELECT * FROM hub.inbox b WHERE b.station = '00000000' AND b.state = 'waiting'
                AND b.content ~ '"kind":"lease_(granted|reclaimed)"' ORDER BY b.epoch, b.seq LIMIT p_most) AS w;
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
            ELSE
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

-- Hand over entries of others: see take_brought. Of the hub's own acts those about places are done again at once.
ALTER FUNCTION api_1.bring(text[], integer[], bigint[], bytea[], bytea[], bytea[], text[]) SET SCHEMA hub;
ALTER FUNCTION hub.bring(text[], integer[], bigint[], bytea[], bytea[], bytea[], text[]) RENAME TO take_brought;
REVOKE ALL ON FUNCTION hub.take_brought(text[], integer[], bigint[], bytea[], bytea[], bytea[], text[])
    FROM PUBLIC, gatehouse_station;
CREATE FUNCTION api_1.bring(p_station text[], p_epoch integer[], p_seq bigint[], p_prev bytea[], p_hash bytea[],
                            p_sig bytea[], p_content text[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_answer jsonb := hub.take_brought(p_station, p_epoch, p_seq, p_prev, p_hash, p_sig, p_content);
BEGIN
    IF NOT v_answer ? 'code' AND '00000000' = ANY (p_station) THEN
        PERFORM hub.take_acts(200);
    END IF;
    RETURN v_answer;
END
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
        UPDATE hub.hub SET mode = 'normal';
        v_mode := 'normal';
    END IF;
    RETURN v_mode;
END
$$;

-- Stop waiting for a station, with the places per pool that it may have been granted and nobody else knows of.
-- Whether it was waited for.
CREATE FUNCTION hub.write_off(p_station text, p_risk bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE hub.recovery r SET written_off_at = clock_timestamp(), risk = p_risk
        WHERE r.station = p_station COLLATE "C" AND r.reported_at IS NULL AND r.written_off_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM hub.append_own('recovery_written_off', ARRAY['org'],
        hub.act_text(jsonb_build_object('station', p_station, 'risk', p_risk)));
    PERFORM hub.end_recovery();
    RETURN true;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub FROM PUBLIC;
REVOKE ALL ON FUNCTION api_1.bring(text[], integer[], bigint[], bytea[], bytea[], bytea[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_1.bring(text[], integer[], bigint[], bytea[], bytea[], bytea[], text[]) TO gatehouse_station;
