"""`gatehouse hub write-off`: order rights and gift card amounts of a station that is gone."""

from typing import Annotated

import typer

from app.cli.console import Console, DataOption, JsonOption, LangOption, data_folder, language, verb
from app.cli.hub_access import DsnOption, admin_dsn
from sync import hub_rights


def add_to(group: typer.Typer) -> None:
    """Hang the verb into `gatehouse hub`."""
    group.command("write-off")(hub_write_off)


@verb
def hub_write_off(
    station: Annotated[str, typer.Argument(help="Name or id of the station")],
    risk: Annotated[
        int, typer.Option("--risk", help="Orders that it may have changed unheard of, and that may be twice")
    ],
    values: Annotated[
        int, typer.Option("--values", help="The same for gift cards: an amount in the smallest unit")
    ] = 0,
    dsn: DsnOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Take what a dead station alone might change, up to a stated risk."""
    console = Console(as_json, language(lang))
    done = hub_rights.write_off(admin_dsn(data_folder(data), dsn), station, risk, values)
    console.answer(
        {
            "station_id": done.station,
            "name": done.name,
            "rights": done.rights,
            "amount_minor": done.amount_minor,
        },
        f"{done.name} ({done.station}): {done.rights} orders, {done.amount_minor} on gift cards written off",
    )
