-- The schema in hello follows the history by itself, and a projection has places for later parts.

CREATE FUNCTION hub.schema_revision() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT a.version_num FROM hub.alembic_version a
$$;

-- request: see take_hello. A tip that this hub knows otherwise is a copy of the same file.
CREATE OR REPLACE FUNCTION api_1.hello(p_request jsonb) RETURNS jsonb
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
        v_answer := v_answer || jsonb_build_object('schema', hub.schema_revision());
    END IF;
    RETURN v_answer;
END
$$;

-- What is derived from entries, part by part. Later revisions replace the parts, not this.
ALTER FUNCTION hub.project(uuid[], jsonb[]) RENAME TO project_gates_and_places;
CREATE FUNCTION hub.project_documents(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE FUNCTION hub.project_tables(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE FUNCTION hub.project_rights(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE FUNCTION hub.project(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hub.project_gates_and_places(p_ids, p_json);
    PERFORM hub.project_documents(p_ids, p_json);
    PERFORM hub.project_tables(p_ids, p_json);
    PERFORM hub.project_rights(p_ids, p_json);
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub, api_1 FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_1.hello(jsonb) TO gatehouse_station;
