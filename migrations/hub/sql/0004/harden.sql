-- What the watchdog and revocation need, and what else a station could abuse. Needs a superuser.

GRANT pg_signal_backend, pg_read_all_stats TO gatehouse_owner;
DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN
        SELECT p.oid::regprocedure FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname IN (
              'pg_stat_get_activity', 'pg_stat_get_progress_info', 'pg_lock_status', 'pg_prepared_xact',
              'pg_current_wal_lsn', 'pg_current_wal_insert_lsn', 'pg_walfile_name', 'pg_database_size',
              'pg_tablespace_size', 'pg_relation_size', 'pg_total_relation_size', 'ts_stat')
    LOOP
        EXECUTE pg_catalog.format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION %s TO gatehouse_owner', f);
    END LOOP;
END
$$;
REVOKE SELECT ON pg_catalog.pg_stat_activity, pg_catalog.pg_locks, pg_catalog.pg_roles, pg_catalog.pg_user,
    pg_catalog.pg_stat_replication, pg_catalog.pg_db_role_setting, pg_catalog.pg_auth_members FROM PUBLIC;
GRANT SELECT ON pg_catalog.pg_stat_activity, pg_catalog.pg_locks, pg_catalog.pg_roles, pg_catalog.pg_user,
    pg_catalog.pg_stat_replication, pg_catalog.pg_db_role_setting, pg_catalog.pg_auth_members TO gatehouse_owner;

-- Every login may enter these by default, and is nowhere else held in.
REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC;
