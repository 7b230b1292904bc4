-- Amounts that were spent, given back or written off before their grant came back to a restored hub: they are not set
-- aside again when it does.

CREATE TABLE hub.value_grant_over (
    request text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,               -- '': whatever the request named
    station text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    PRIMARY KEY (request, value, station)
);
ALTER TABLE hub.value_grant_over ENABLE ROW LEVEL SECURITY;

-- Amounts reserved on values that are free again.
CREATE OR REPLACE FUNCTION hub.end_value_grants(p_requests text[], p_station text, p_state text, p_value text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hub.value_grant_over (request, value, station, state)
        SELECT DISTINCT r, coalesce(p_value, ''), p_station, p_state FROM unnest(p_requests) r WHERE r IS NOT NULL
        ON CONFLICT DO NOTHING;
    WITH g AS (
        UPDATE hub.value_grant x SET state = p_state
            WHERE x.request = ANY (p_requests) AND x.station = p_station COLLATE "C" AND x.state = 'held'
                AND x.value = coalesce(p_value COLLATE "C", x.value)
            RETURNING x.value, x.amount)
    UPDATE hub.value_account a SET reserved = a.reserved - t.amount
        FROM (SELECT g.value, sum(g.amount) AS amount FROM g GROUP BY 1) AS t WHERE a.value = t.value;
    UPDATE hub.station s SET right_version = s.right_version + 1 WHERE s.station = p_station COLLATE "C";
END
$$;

-- What the hub itself said, also where it comes back to a restored hub that had forgotten it.
CREATE OR REPLACE FUNCTION hub.project_grant(p_json jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    b jsonb := p_json -> 'body';
    v_state text;
BEGIN
    CASE p_json ->> 'kind'
        WHEN 'right_granted' THEN
            INSERT INTO hub.order_right AS o (order_id, station, epoch, number, act, request)
                VALUES ((b ->> 'order')::uuid, b ->> 'station', (b ->> 'epoch')::integer, (b ->> 'number')::bigint,
                        b ->> 'act', b ->> 'request')
                ON CONFLICT (order_id) DO UPDATE SET station = excluded.station, epoch = excluded.epoch,
                    number = excluded.number, act = excluded.act, request = excluded.request, since = clock_timestamp()
                WHERE o.number < excluded.number;
        WHEN 'right_written_off' THEN
            PERFORM hub.give_up(b -> 'rights', b ->> 'station');
        WHEN 'value_granted' THEN
            v_state := coalesce((SELECT x.state FROM hub.value_grant_over x
                                 WHERE x.request = (b ->> 'request') COLLATE "C" AND x.station = (b ->> 'station') COLLATE "C"
                                   AND x.value IN ('', (b ->> 'value') COLLATE "C") LIMIT 1), 'held');
            INSERT INTO hub.value_grant (request, value, station, epoch, amount, currency, state)
                VALUES (b ->> 'request', b ->> 'value', b ->> 'station', (b ->> 'epoch')::integer,
                        (b ->> 'amount_minor')::bigint, b ->> 'currency', v_state) ON CONFLICT DO NOTHING;
            IF FOUND AND v_state = 'held' THEN
                INSERT INTO hub.value_account AS a (value, currency, reserved)
                    VALUES (b ->> 'value', b ->> 'currency', (b ->> 'amount_minor')::bigint)
                    ON CONFLICT (value) DO UPDATE SET reserved = a.reserved + excluded.reserved;
            END IF;
        WHEN 'value_written_off' THEN
            PERFORM hub.end_value_grants(ARRAY(SELECT jsonb_array_elements_text(b -> 'requests')), b ->> 'station',
                                         'written_off');
        ELSE NULL;
    END CASE;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub FROM PUBLIC;
