"""What all verbs about the hub need: where it is, its served PostgreSQL, the root key's passphrase."""

import getpass
import os
import secrets
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from psycopg import sql

from app.clock import SystemClock
from app.settings import Settings
from domain.errors import Fault, Refusal
from sync import hub_admin, hub_backup, hub_server, hub_tls

DATABASE = "gatehouse"
HUB_FOLDER = "hub"
HUB_TLS = "hub-tls"
HUB_WAL = "hub-wal"
ROOT_KEY = "organization-root.pem"

DsnOption = Annotated[
    str | None,
    typer.Option(
        "--dsn", help="The administrator's connection; else GATEHOUSE_HUB_DSN, PG* or the served hub"
    ),
]
RootOption = Annotated[Path | None, typer.Option("--root-key", help="File of the organization's root key")]


def serve_hub(
    folder: Path, port: int | None = None, host: str = "127.0.0.1", names: Sequence[str] = ()
) -> hub_server.Server:
    """Start the PostgreSQL in a data folder and make its database; a hub that exists is upgraded.

    Another `host` than loopback is served over TLS only, certified for it and for `names`.
    """
    tls = None
    if host not in hub_server.LOOPBACK:
        hosts = list(dict.fromkeys([*names, host, socket.gethostname(), "localhost", "127.0.0.1"]))
        hosts = [name for name in hosts if name not in {"0.0.0.0", "::"}]  # noqa: S104 - never a name
        tls = hub_tls.prepare(folder / HUB_TLS, "Gatehouse", hosts, SystemClock().now())
    server = hub_server.open_server(
        folder / HUB_FOLDER, port=port, host=host, tls=tls, archive=folder / HUB_WAL
    )
    server.start()
    hub_backup.await_writable(server.dsn())
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
            return server
    try:
        status = hub_admin.status(server.dsn(DATABASE))
    except Refusal:
        return server  # the database is there, `hub init` comes next
    if not status.current:
        hub_admin.upgrade(server.dsn(DATABASE))
    return server


def admin_dsn(folder: Path, option: str | None) -> str:
    """Option, setting, libpq's own variables, the hub served from this folder."""
    if option:
        return option
    if stored := Settings(folder).text("hub.dsn"):
        return stored
    if os.environ.get("PGHOST") or os.environ.get("PGSERVICE"):
        return ""
    if (folder / HUB_FOLDER / "PG_VERSION").exists():
        return serve_hub(folder).dsn(DATABASE)
    raise Refusal("HUB_DSN_MISSING")


def root_passphrase(folder: Path, *, new: bool) -> tuple[str, bool]:
    """The root key's passphrase, and whether it was made here just now (then it must be shown)."""
    if given := Settings(folder).text("root_passphrase"):
        return given, False
    if sys.stdin.isatty():
        return getpass.getpass("Passphrase of the root key: "), False
    if new:
        return secrets.token_urlsafe(15), True
    raise Refusal("PASSPHRASE_MISSING")


def recovery_passphrase(folder: Path) -> str:
    """The recovery key's passphrase: its own setting, else the root key's, else a prompt."""
    settings = Settings(folder)
    if given := settings.text("recovery_passphrase") or settings.text("root_passphrase"):
        return given
    if sys.stdin.isatty():
        return getpass.getpass("Passphrase of the recovery key: ")
    raise Refusal("PASSPHRASE_MISSING")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read. Raises Fault FILE_NOT_WRITABLE."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        raise Fault("FILE_NOT_WRITABLE", file=str(path)) from None
