"""`gatehouse hub reader` and `hub reproject`: what reports and other systems read."""

from typing import Annotated

import typer

from app.cli.console import Console, DataOption, JsonOption, LangOption, data_folder, language, verb
from app.cli.hub_access import DsnOption, admin_dsn
from app.clock import system_random
from sync import hub_readers


def add_to(group: typer.Typer) -> None:
    """Hang the verbs into `gatehouse hub`."""
    group.command("reader")(hub_reader)
    group.command("reproject")(hub_reproject)


@verb
def hub_reader(
    name: Annotated[str, typer.Argument(help="Whose login it is: small letters, digits and _")],
    dsn: DsnOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Make a login that reads the views in schema report and nothing else; its address is shown once."""
    console = Console(as_json, language(lang))
    made = hub_readers.make_reader(admin_dsn(data_folder(data), dsn), name, system_random)
    console.answer(
        {"role": made.role, "dsn": made.dsn, "again": made.again},
        f"{made.role}: {'a new password' if made.again else 'made'}",
        f"its address, shown once: {made.dsn}",
    )


@verb
def hub_reproject(
    dsn: DsnOption = None, data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Compute the hub's tables for reports anew from its log. Stations push when it is done."""
    console = Console(as_json, language(lang))
    entries = hub_readers.reproject(admin_dsn(data_folder(data), dsn))
    console.answer({"entries": entries}, f"{entries:,} entries read again")
