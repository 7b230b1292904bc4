-- From entries about promo codes to tables, beside what is filled already.

CREATE OR REPLACE FUNCTION hub.project_catalogue(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_objects text[];
    v_names text[];
BEGIN
    WITH i AS (
        INSERT INTO hub.catalogue_patch (object, name, hlc, entry_id, made, event, fields, base, station, at)
            SELECT k.p[1], d -> 'body' ->> k.p[1], d #>> '{origin,hlc}', t.id, k.p[2] = 'created',
                   coalesce((d #>> '{body,event}')::bigint, 0), d #> '{body,fields}', d #>> '{body,base}',
                   d #>> '{origin,station}', (d #>> '{clock,wall_at}')::timestamptz
            FROM unnest(p_ids, p_json) AS t(id, d),
                 LATERAL (SELECT regexp_match(d ->> 'kind', '^(event|performance|quota|product|promo|gate)_(created|changed)$'))
                     AS k(p)
            WHERE k.p IS NOT NULL
            ON CONFLICT DO NOTHING RETURNING object, name
    ) SELECT array_agg(i.object), array_agg(i.name) INTO v_objects, v_names FROM i;
    PERFORM hub.fold_catalogue(v_objects, v_names);
    INSERT INTO hub.event_fact (event, entry_id, kind, hlc, at, reason, rule)
        SELECT (d #>> '{body,event}')::bigint, t.id, d ->> 'kind', d #>> '{origin,hlc}', (d #>> '{clock,wall_at}')::timestamptz,
               coalesce(d #>> '{body,reason}', ''), coalesce(d #>> '{body,rule}', '')
        FROM unnest(p_ids, p_json) AS t(id, d) WHERE d ->> 'kind' IN ('event_published', 'event_cancelled', 'event_finished')
        ON CONFLICT DO NOTHING;
END
$$;

CREATE FUNCTION hub.project_promo_uses(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hub.promo_use
        SELECT (d #>> '{body,order}')::uuid, t.id, (d #>> '{body,promo}')::bigint, d #>> '{body,currency}',
               (d #>> '{body,totals,discount_minor}')::bigint,
               coalesce((d #>> '{body,receipt,practice}')::boolean, (d #>> '{body,practice}')::boolean),
               d #>> '{origin,station}', d #>> '{origin,hlc}', (d #>> '{clock,wall_at}')::timestamptz
        FROM unnest(p_ids, p_json) AS t(id, d)
        WHERE d ->> 'kind' IN ('order_sold', 'order_reserved') AND jsonb_typeof(d #> '{body,promo}') = 'number'
        ON CONFLICT DO NOTHING
$$;

-- What was filled goes on as it was; promo codes come after it.
ALTER FUNCTION hub.fill_tables(uuid[], jsonb[]) RENAME TO fill_other_tables;

CREATE FUNCTION hub.fill_tables(p_ids uuid[], p_json jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_catalogue boolean;
    v_uses boolean;
BEGIN
    PERFORM hub.fill_other_tables(p_ids, p_json);
    SELECT coalesce(bool_or(d ->> 'kind' IN ('promo_created', 'promo_changed')), false),
           coalesce(bool_or(d -> 'body' ? 'promo'), false)
        INTO v_catalogue, v_uses FROM unnest(p_json) AS d;
    IF v_catalogue THEN
        PERFORM hub.project_catalogue(p_ids, p_json);
    END IF;
    IF v_uses THEN
        PERFORM hub.project_promo_uses(p_ids, p_json);
    END IF;
END
$$;

ALTER FUNCTION hub.rebuild_projections() RENAME TO rebuild_other_projections;

CREATE FUNCTION hub.rebuild_projections() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE hub.promo_use;
    RETURN hub.rebuild_other_projections();
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub FROM PUBLIC;
