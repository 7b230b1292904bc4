-- What every login may use by default and a station could abuse. Needs a superuser: on a managed PostgreSQL
-- this is refused, the hub works, and its status says "reduced". Run again at every upgrade.

DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN
        SELECT p.oid::regprocedure FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
          AND (p.proname ~ '^pg_(try_)?advisory_' OR p.proname ~ '^lo_' OR p.proname IN (
               'lowrite', 'loread', 'pg_sleep', 'pg_sleep_for', 'pg_sleep_until', 'pg_notify', 'query_to_xml',
               'query_to_xml_and_xmlschema', 'database_to_xml', 'schema_to_xml', 'table_to_xml', 'cursor_to_xml',
               'pg_logical_emit_message', 'pg_export_snapshot', 'pg_cancel_backend', 'pg_terminate_backend',
               'txid_current', 'pg_current_xact_id'))
    LOOP
        EXECUTE pg_catalog.format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION %s TO gatehouse_owner', f);
    END LOOP;
END
$$;
REVOKE USAGE ON LANGUAGE plpgsql, sql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql, sql TO gatehouse_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
