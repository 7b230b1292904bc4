"""`gatehouse hub reclaim`: places of a station that is gone."""

from typing import Annotated

import typer

from app.cli.console import Console, DataOption, JsonOption, LangOption, data_folder, language, verb
from app.cli.hub_access import DsnOption, admin_dsn
from domain.errors import Refusal
from sync import hub_leases
from sync.hub_leases import Drained, Risk, Sold, Way


def add_to(group: typer.Typer) -> None:
    """Hang the verb into `gatehouse hub`."""
    group.command("reclaim")(hub_reclaim)


@verb
def hub_reclaim(
    station: Annotated[str, typer.Argument(help="Name or id of the station")],
    drained: Annotated[
        bool, typer.Option("--drained", help="Its disk was read: what it sold is here or in the inbox")
    ] = False,
    sold: Annotated[
        int | None,
        typer.Option("--sold", help="Places it has sold in all, by its last receipt or Z"),
    ] = None,
    pool: Annotated[
        int | None, typer.Option("--pool", help="Performance or quota that --sold is about")
    ] = None,
    risk: Annotated[
        int | None,
        typer.Option(
            "--risk", help="Places per pool that it may have sold unheard of and that may be sold twice"
        ),
    ] = None,
    dsn: DsnOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Put unsold places of a dead station back on sale: one of --drained, --sold, --risk."""
    console = Console(as_json, language(lang))
    ways: list[Way] = [
        *([Drained()] if drained else []),
        *([Sold(sold, pool)] if sold is not None else []),
        *([Risk(risk)] if risk is not None else []),
    ]
    if len(ways) != 1:
        raise Refusal("RECLAIM_WAY", given=len(ways))
    done = hub_leases.reclaim(admin_dsn(data_folder(data), dsn), station, ways[0])
    total = sum(done.freed.values())
    console.answer(
        {
            "station_id": done.station,
            "name": done.name,
            "freed": {str(number): count for number, count in done.freed.items()},
            "places": total,
        },
        f"{done.name} ({done.station}): {total} places are free again in {len(done.freed)} pools",
    )
