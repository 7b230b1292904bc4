"""`gatehouse hub reclaim`: places of a station that is gone."""

from typing import Annotated

import typer

from app.cli.console import Console, DataOption, JsonOption, LangOption, data_folder, language, verb
from app.cli.hub_access import DsnOption, admin_dsn
from sync import hub_leases


def add_to(group: typer.Typer) -> None:
    """Hang the verb into `gatehouse hub`."""
    group.command("reclaim")(hub_reclaim)


@verb
def hub_reclaim(
    station: Annotated[str, typer.Argument(help="Name or id of the station")],
    risk: Annotated[
        int,
        typer.Option(
            "--risk", help="Places per pool that it may have sold unheard of and that may be sold twice"
        ),
    ],
    dsn: DsnOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Put unsold places of a dead station back on sale, up to a stated risk."""
    console = Console(as_json, language(lang))
    done = hub_leases.reclaim(admin_dsn(data_folder(data), dsn), station, risk)
    total = sum(done.freed.values())
    console.answer(
        {
            "station_id": done.station,
            "name": done.name,
            "freed": {str(pool): count for pool, count in done.freed.items()},
            "places": total,
        },
        f"{done.name} ({done.station}): {total} places are free again in {len(done.freed)} pools",
    )
