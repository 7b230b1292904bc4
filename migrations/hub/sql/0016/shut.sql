-- A station that was revoked while it was away is told at its next contact: until then it may sign in to hear of it,
-- and every function says REVOKED. With an order to purge its data, which the root has signed, it hears of that too.

ALTER TABLE hub.revocation ADD COLUMN purge text;
ALTER TABLE hub.revocation ADD COLUMN purge_sig text;
ALTER TABLE hub.revocation ADD COLUMN told_at timestamptz;

ALTER FUNCTION api_1.hello(jsonb) SET SCHEMA hub;
ALTER FUNCTION hub.hello(jsonb) RENAME TO greet_watched;
REVOKE ALL ON FUNCTION hub.greet_watched(jsonb) FROM PUBLIC, gatehouse_station;

CREATE FUNCTION api_1.hello(p_request jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
    v_answer jsonb := hub.greet_watched(p_request);
    r hub.revocation;
BEGIN
    IF v_answer ->> 'code' IS DISTINCT FROM 'REVOKED' THEN
        RETURN v_answer;
    END IF;
    UPDATE hub.revocation x SET told_at = coalesce(x.told_at, clock_timestamp())
        WHERE x.station = me.station RETURNING * INTO r;
    IF r.purge IS NOT NULL THEN
        v_answer := v_answer || jsonb_build_object('purge', r.purge, 'purge_sig', r.purge_sig);
    END IF;
    RETURN v_answer;
END
$$;

REVOKE ALL ON FUNCTION api_1.hello(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_1.hello(jsonb) TO gatehouse_station;
