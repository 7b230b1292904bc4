"""`gatehouse hub documents`: which kinds of documents a station gets beyond what its feeds give it."""

from typing import Annotated

import typer

from app.cli.console import Console, DataOption, JsonOption, LangOption, data_folder, language, verb
from app.cli.hub_access import DsnOption, admin_dsn
from sync import hub_document_rights


def add_to(group: typer.Typer) -> None:
    """Hang the verb into `gatehouse hub`."""
    group.command("documents")(hub_grant)


@verb
def hub_grant(
    station: Annotated[str, typer.Argument(help="Name or id of the station")],
    kind: Annotated[str, typer.Argument(help="Kind of documents, such as secret")],
    off: Annotated[bool, typer.Option("--off", help="No more")] = False,
    dsn: DsnOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Let a station read and write a kind of documents, such as secrets for the one that sends mail."""
    console = Console(as_json, language(lang))
    named = hub_document_rights.grant(admin_dsn(data_folder(data), dsn), station, kind, on=not off)
    console.answer(
        {"station_id": named, "kind": kind, "on": not off},
        f"{station} ({named}): {kind} {'no more' if off else 'from now on'}",
    )
