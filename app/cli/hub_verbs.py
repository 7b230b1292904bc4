"""`gatehouse hub`, `enrol` and `sync`: the central PostgreSQL and this station's exchange with it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app import organization_keys
from app.cli import (
    enrol_verbs,
    hub_document_verbs,
    hub_lease_verbs,
    hub_recovery_verbs,
    hub_report_verbs,
    hub_right_verbs,
    hub_trouble_verbs,
    waiting_verbs,
)
from app.cli.console import (
    Console,
    DataOption,
    JsonOption,
    LangOption,
    data_folder,
    language,
    station_at,
    verb,
)
from app.cli.hub_access import (
    DATABASE,
    HUB_TLS,
    ROOT_KEY,
    DsnOption,
    RootOption,
    admin_dsn,
    root_passphrase,
    serve_hub,
)
from app.cli.keys_verbs import keys_json, keys_lines, opened_keys
from app.cli.snapshot_progress import snapshot_progress
from app.cli.stopping import Stopping
from app.cli.systemd_unit import systemd_unit
from app.clock import SystemClock, system_random
from app.organization_keys import OrganizationKeys
from app.services.facade import SyncView
from domain.errors import Fault, Refusal
from sync import hub_admin, hub_tls


def add_to(root: typer.Typer) -> None:
    """Hang the verbs into the program."""
    group = typer.Typer(help="The hub: make it, run it, invite stations", no_args_is_help=True)
    group.command("init")(hub_init)
    group.command("upgrade")(hub_upgrade)
    group.command("serve")(hub_serve)
    group.command("status")(hub_status)
    hub_document_verbs.add_to(group)
    hub_lease_verbs.add_to(group)
    hub_right_verbs.add_to(group)
    hub_trouble_verbs.add_to(group)
    hub_report_verbs.add_to(group)
    hub_recovery_verbs.add_to(group)
    root.add_typer(group, name="hub")
    enrol_verbs.add_to(root, group)
    exchange = typer.Typer(help="Exchange with the hub", invoke_without_command=True)
    exchange.callback()(sync_now)
    exchange.command("status")(sync_status)
    waiting_verbs.add_to(exchange)
    root.add_typer(exchange, name="sync")


@verb
def hub_init(
    name: Annotated[str, typer.Option("--name", help="Name of the organization")] = "Gatehouse",
    dsn: DsnOption = None,
    root_key: RootOption = None,
    from_root: Annotated[
        Path | None,
        typer.Option("--from-root", help="A root key that is there: a station that began alone will join"),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Turn an empty database into a hub, and make the organization's root and recovery key (keep the files
    safe)."""
    folder = data_folder(data)
    console = Console(as_json, language(lang))
    if from_root is not None:
        keys, made = opened_keys(from_root, folder), None
    else:
        keys, made = _new_keys(root_key or folder / ROOT_KEY, folder)
    try:
        status = hub_admin.init(
            admin_dsn(folder, dsn),
            name=name,
            root=keys.root.public,
            now=SystemClock().now(),
            random_bytes=system_random,
            organization=keys.organization,
        )
    except (Fault, Refusal):
        if from_root is None:
            organization_keys.discard_keys(keys.root_path)
        raise
    hub_tls.authority(folder / HUB_TLS, name, SystemClock().now())
    document: dict[str, Any] = {
        "organization": status.organization,
        "incarnation": status.incarnation,
        "schema": status.schema,
        **keys_json(keys, made),
    }
    console.answer(document, f"hub of {name} is ready (schema {status.schema})", *keys_lines(keys, made))


def _new_keys(path: Path, folder: Path) -> tuple[OrganizationKeys, str | None]:
    """Both keys, and the passphrase where it was made here."""
    passphrase, made = root_passphrase(folder, new=True)
    keys = organization_keys.make_keys(path, passphrase, SystemClock().now(), system_random)
    return keys, passphrase if made else None


@verb
def hub_upgrade(
    dsn: DsnOption = None, data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Bring the hub's schema to the newest revision."""
    console = Console(as_json, language(lang))
    revision = hub_admin.upgrade(admin_dsn(data_folder(data), dsn))
    console.answer({"schema": revision}, f"schema {revision}")


@verb
def hub_serve(
    port: Annotated[
        int | None, typer.Option("--port", help="Port; else the one it had, or a free one")
    ] = None,
    host: Annotated[
        str, typer.Option("--host", help="Address to serve; other than this machine's own only with TLS")
    ] = "127.0.0.1",
    name: Annotated[
        list[str] | None, typer.Option("--name", help="A name under which stations reach it (repeatable)")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Start it, leave it running and return")] = False,
    unit: Annotated[
        bool, typer.Option("--unit", help="Only print a systemd unit that runs it, for this installation")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Run a PostgreSQL for a small venue on this machine, until Ctrl+C."""
    console = Console(as_json, language(lang))
    if unit:
        text = systemd_unit(port, host, name or ())
        console.answer({"unit": text}, text.rstrip("\n"))
        return
    stopping = Stopping()
    server = serve_hub(data_folder(data), port, host, name or ())
    console.answer(
        {"host": server.host, "port": server.port, "database": DATABASE, "bundled": server.binaries.bundled},
        f"PostgreSQL {server.binaries.version} on {server.host}:{server.port}, database {DATABASE}",
    )
    if once:
        return
    try:
        stopping.wait()
    finally:
        server.stop()


@verb
def hub_status(
    wait: Annotated[float, typer.Option("--wait", help="Seconds to wait until it answers")] = 0,
    dsn: DsnOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """How the hub is. With --wait: once it answers and its schema is current; else that is a fault."""
    console = Console(as_json, language(lang))
    status = hub_admin.status(admin_dsn(data_folder(data), dsn), wait)
    if wait and not status.current:
        raise Fault("HUB_NOT_CURRENT", schema=status.schema)
    document = {
        "organization": status.organization,
        "name": status.name,
        "incarnation": status.incarnation,
        "schema": status.schema,
        "current": status.current,
        "stations": status.stations,
        "invited": status.invited,
        "entries": status.entries,
        "held": status.held,
        "quarantined": status.quarantined,
        "forks": status.forks,
    }
    console.answer(document, *(f"{key}: {value}" for key, value in document.items()))


@verb
def sync_now(
    context: typer.Context,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until Ctrl+C")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Push what waits and pull what is new, once."""
    if context.invoked_subcommand is not None:
        return
    with station_at(data, lang, as_json=as_json) as (station, console):
        if station.exchange is None:
            raise Refusal("NO_HUB")
        if watch:
            _watch(station, console)
            return
        with snapshot_progress(station.exchange):
            done = station.exchange.run_once()
        if done.code is not None:
            raise Fault(done.code)
        view = station.services.sync.view()
        console.answer(
            {"pushed": done.pushed, "pulled": done.pulled, **_state(view)},
            f"pushed {done.pushed}, pulled {done.pulled}, waiting {view.waiting}",
        )


@verb
def sync_status(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """What waits, and how the last contact with the hub went."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        view = station.services.sync.view()
        console.answer({"pushed": 0, "pulled": 0, **_state(view)}, f"{view.mode}, waiting {view.waiting}")


def _watch(station: Any, console: Console) -> None:
    stopping = Stopping()

    def show(view: SyncView) -> None:
        if console.as_json:
            console.line(_state(view))
        else:
            console.note(f"{view.mode} waiting {view.waiting}")

    forget = station.services.sync.subscribe(show)
    station.start_sync()
    try:
        stopping.wait()
    finally:
        forget()


def _state(view: SyncView) -> dict[str, Any]:
    return {
        "waiting": view.waiting,
        "documents_waiting": view.documents,
        "held": view.held,
        "conflicts": view.conflicts,
        "hub": {
            "mode": view.mode,
            "code": view.code,
            "params": dict(view.params),
            "incarnation": view.incarnation,
            "offset_ms": view.offset_ms,
            "last_contact_at": view.last_contact_at,
        },
    }
