"""`gatehouse hub revoke`, `inbox`, `snapshot`, `restore-done`: what an administrator does in trouble."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import Console, DataOption, JsonOption, LangOption, data_folder, language, verb
from app.cli.hub_access import (
    DATABASE,
    HUB_FOLDER,
    HUB_WAL,
    ROOT_KEY,
    DsnOption,
    RootOption,
    admin_dsn,
    root_passphrase,
    serve_hub,
)
from app.clock import SystemClock
from domain.errors import Refusal
from sync import hub_backup, hub_inbox, hub_revoke, hub_server
from sync.root_key import read_root_key

REVOCATIONS = "revocations.jsonl"
HUB_BACKUPS = "hub-backups"


def add_to(group: typer.Typer) -> None:
    """Hang the verbs into `gatehouse hub`."""
    group.command("revoke")(hub_revoke_station)
    group.command("snapshot")(hub_snapshot)
    group.command("restore-done")(hub_restore_done)
    inbox = typer.Typer(help="What stations brought for others", no_args_is_help=True)
    inbox.command("list")(hub_inbox_list)
    inbox.command("release")(hub_inbox_release)
    group.add_typer(inbox, name="inbox")


@verb
def hub_revoke_station(
    station: Annotated[str, typer.Argument(help="Name or id of the station")],
    last_seq: Annotated[
        int | None, typer.Option("--last-seq", help="Last entry of it to believe; else what the hub has")
    ] = None,
    purge: Annotated[
        bool,
        typer.Option("--purge", help="It is to make its own data unreadable when it hears of it (stolen)"),
    ] = False,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Shut its sign-in now, although it has not heard of it")
    ] = False,
    dsn: DsnOption = None,
    root_key: RootOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Shut a station out for good: its codes, its entries and its sign-in.

    One that is away keeps a sign-in that can do nothing but hear of it; run this again to shut that too.
    """
    folder = data_folder(data)
    console = Console(as_json, language(lang))
    root = read_root_key(root_key or folder / ROOT_KEY, root_passphrase(folder, new=False)[0])
    where, file = admin_dsn(folder, dsn), (root_key.parent if root_key else folder) / REVOCATIONS
    try:
        done = hub_revoke.revoke(
            where, station, root=root, now=SystemClock().now(), last_trusted_seq=last_seq,
            at_once=at_once, purge=purge,
        )  # fmt: skip
        hub_revoke.remember(file, done.signed)
    except Refusal as refusal:
        if refusal.code != "STATION_REVOKED" or purge or last_seq is not None:
            raise
        done = hub_revoke.finish(where, station, at_once=at_once)
    what = done.signed.revocation
    waits = "its sign-in stays until it has heard of it: run this again then, or with --at-once"
    console.answer(
        {
            "station_id": done.station,
            "name": done.name,
            "epoch": what.epoch,
            "last_trusted_seq": what.last_trusted_seq,
            "told": done.told,
            "shut": done.shut,
            "file": str(file),
        },
        f"{done.name} ({done.station}) is revoked; believed up to entry {what.last_trusted_seq}",
        "it has heard of it, and its sign-in is shut"
        if done.told
        else waits
        if not done.shut
        else "it has not heard of it; its sign-in is shut",
        f"noted in {file}: keep it with the root key",
    )


@verb
def hub_inbox_list(
    dsn: DsnOption = None, data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """What lies in the inbox, by station."""
    console = Console(as_json, language(lang))
    rows = [asdict(row) for row in hub_inbox.list_inbox(admin_dsn(data_folder(data), dsn))]
    console.answer(
        {"inbox": rows},
        *(
            f"{row['station']}/{row['epoch']}: {row['count']} entries {row['first']}-{row['last']}, "
            f"{row['state']} {row['code'] or ''}, brought by {row['brought_by']}"
            for row in rows
        ),
    )


@verb
def hub_inbox_release(
    dsn: DsnOption = None, data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Check the signatures of what waits in the inbox, and append what is good."""
    console = Console(as_json, language(lang))
    done = hub_inbox.release(admin_dsn(data_folder(data), dsn))
    console.answer(
        asdict(done),
        f"released {done.released}, known {done.known}, refused {done.refused}, waiting {done.waiting}",
    )


@verb
def hub_snapshot(
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to; else hub-backups in the data folder")
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Back up the hub served from this folder; the copy is restored on trial before it counts."""
    folder = data_folder(data)
    console = Console(as_json, language(lang))
    made = hub_backup.snapshot(serve_hub(folder), out or folder / HUB_BACKUPS, SystemClock().now(), DATABASE)
    hub_backup.prune_archive(folder / HUB_WAL, made.folder)
    console.answer(
        {
            "folder": str(made.folder),
            "made_at": made.made_at,
            "schema": made.schema,
            "stations": made.stations,
            "entries": made.entries,
            "tested": True,
        },
        f"{made.folder}: {made.entries} entries of {made.stations} stations, restored on trial",
        "it holds the hub's keys: keep it like them",
    )


@verb
def hub_restore_done(
    snapshot: Annotated[
        Path | None, typer.Option("--from", help="Put this snapshot in the hub's place first")
    ] = None,
    revocations: Annotated[
        Path | None,
        typer.Option("--revocations", help="File of revocations; else the one in the data folder"),
    ] = None,
    dsn: DsnOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """A hub was restored: stations push again what it forgot. Say it before any of them comes."""
    folder = data_folder(data)
    console = Console(as_json, language(lang))
    known = hub_revoke.remembered(revocations or folder / REVOCATIONS)
    if snapshot is not None:
        hub_backup.restore(snapshot, hub_server.open_server(folder / HUB_FOLDER), folder / HUB_WAL)
    state = hub_backup.restore_done(admin_dsn(folder, dsn), known)
    console.answer(
        {"mode": state.mode, "revoked_again": state.revoked_again, "missing": list(state.missing)},
        f"mode {state.mode}; {state.revoked_again} revocations told again",
        *(f"has not reported yet: {name}" for name in state.missing),
    )
