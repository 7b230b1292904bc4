-- The watchdog looks in hello and in a gate's look at its claims too, not only in pushes that wait. A claim itself
-- pays nothing for it: one that finds its row locked is late, the gate decides by itself, and when it opens its line
-- again it asks for its claims here, which ends who sits in an open transaction for more than 3 s.

-- The caller's own claims that have been open for too long: {items: [{entry_id, feed, serial, gate, lane}]}.
CREATE OR REPLACE FUNCTION api_1.claims() RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
BEGIN
    IF hub.barred(me) IS NOT NULL THEN
        RETURN hub.barred(me);
    END IF;
    PERFORM hub.end_idle();
    RETURN jsonb_build_object('items', coalesce((
        SELECT jsonb_agg(jsonb_build_object('entry_id', c.entry_id, 'feed', c.feed, 'serial', c.serial, 'gate', c.gate,
                                            'lane', c.lane) ORDER BY c.claimed_at)
        FROM (SELECT * FROM hub.gate_claim g WHERE g.station = me.station
                  AND g.claimed_at < clock_timestamp() - hub.claim_confirms_in()
              ORDER BY g.claimed_at LIMIT 100) AS c), '[]'));
END
$$;

-- Hello as it was, which never waits for a lock longer than the watchdog: an earlier connection of the same station
-- may hang with its own tip locked.
ALTER FUNCTION api_1.hello(jsonb) SET SCHEMA hub;
ALTER FUNCTION hub.hello(jsonb) RENAME TO greet;
REVOKE ALL ON FUNCTION hub.greet(jsonb) FROM PUBLIC, gatehouse_station;

CREATE FUNCTION api_1.hello(p_request jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('lock_timeout', '3s', true);
    BEGIN
        RETURN hub.greet(p_request);
    EXCEPTION WHEN lock_not_available THEN
        IF hub.end_idle() = 0 THEN
            RAISE;
        END IF;
    END;
    RETURN hub.greet(p_request);
END
$$;

REVOKE ALL ON FUNCTION api_1.hello(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_1.hello(jsonb) TO gatehouse_station;

-- People sign in with their password for the first time on a station, so a station that is only a gate gets the
-- verifiers of the organization's people too, unless the administrator takes them away (`hub documents … --off`).
CREATE FUNCTION hub.kinds_at_birth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.scope IS NOT NULL AND NOT NEW.scope && ARRAY['cash', 'desk']
       AND NOT 'password_verifier' = ANY (NEW.kinds) THEN
        NEW.kinds := NEW.kinds || 'password_verifier'::text;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER kinds_at_birth BEFORE INSERT ON hub.station FOR EACH ROW EXECUTE FUNCTION hub.kinds_at_birth();
UPDATE hub.station s SET kinds = s.kinds || 'password_verifier'::text
    WHERE s.scope IS NOT NULL AND NOT s.scope && ARRAY['cash', 'desk'] AND NOT 'password_verifier' = ANY (s.kinds);

REVOKE ALL ON FUNCTION hub.kinds_at_birth() FROM PUBLIC;
