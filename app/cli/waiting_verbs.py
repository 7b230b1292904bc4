"""`gatehouse sync export` and `sync import`: waiting entries that travel on a stick."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import DataOption, JsonOption, LangOption, station_at, verb
from app.cli.hub_access import write_private
from app.imports import ImportFolder, export_waiting
from domain.errors import Fault


def add_to(group: typer.Typer) -> None:
    """Hang the verbs into `gatehouse sync`."""
    group.command("export")(sync_export)
    group.command("import")(sync_import)


@verb
def sync_export(
    file: Annotated[Path, typer.Argument(help="The file to write")],
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Write every entry that the hub does not have yet to a file, for another station to import."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        waiting = station.services.sync.view().waiting
        write_private(file, export_waiting(station.store))
        console.answer({"file": str(file), "entries": waiting}, f"{file}: {waiting} entries")


@verb
def sync_import(
    file: Annotated[Path, typer.Argument(help="A file that another station has written")],
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Take in another station's waiting entries and hand them to the hub when it is next reached."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Fault("FILE_UNREADABLE", file=file.name) from None
    with station_at(data, lang, as_json=as_json) as (station, console):
        done = ImportFolder(station.store).take(text)
        code = station.exchange.run_once().code if station.exchange is not None else None
        console.answer(
            {
                "station_id": done.station,
                "name": done.name,
                "entries": done.entries,
                "applied": done.outcome.applied,
                "known": done.outcome.known,
                "held": done.outcome.held,
                "rejected": len(done.outcome.rejected),
                "hub_has_them": code is None,
            },
            f"{done.name}: {done.entries} entries, {done.outcome.applied} new here",
        )
