"""A hub as it was: a copy of its database that can be put in its place, as after a restored backup."""

import psycopg
from psycopg import sql

from sync import hub_backup, hub_roles
from sync.hub_backup import Recovery
from tests.postgres import Hub


def _copy(hub: Hub, source: str, target: str) -> None:
    with psycopg.connect(hub.server.dsn(), autocommit=True) as connection:
        for name in (source, target):
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(target)))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(target), sql.Identifier(source))
        )


class Yesterday:
    """What a hub is now, to go back to later."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._name = f"{hub.dbname}_yesterday"
        _copy(hub, hub.dbname, self._name)

    def put_back(self) -> Recovery:
        """The hub is again as it was, and recovery has begun."""
        _copy(self._hub, self._name, self._hub.dbname)
        with self._hub.admin() as connection:
            hub_roles.grant_database(connection)
        return hub_backup.restore_done(self._hub.dsn, [])

    def drop(self) -> None:
        """Remove the copy."""
        with psycopg.connect(self._hub.server.dsn(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self._name)))
