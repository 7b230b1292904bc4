"""`gatehouse keys purge`: making this machine's data unreadable before it is given away."""

from typing import Annotated

import typer

from app.bootstrap import open_keystore
from app.cli.console import DataOption, JsonOption, LangOption, sign_in, station_at, verb
from app.purging import Purging
from app.services.access import require
from app.settings import Settings
from domain.actor import Permission
from domain.errors import Refusal


def add_to(group: typer.Typer) -> None:
    """Hang the verb into `gatehouse keys`."""
    group.command("purge")(keys_purge)


@verb
def keys_purge(
    confirm: Annotated[str, typer.Option("--confirm", help="The name of this station, typed out")],
    with_waiting: Annotated[
        bool, typer.Option("--with-waiting", help="Although the hub does not have all of its entries")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Forget the keys of this station's data on this machine: nothing in the folder opens any more.

    With the organization's recovery key, which lies elsewhere, `recover` opens it again.
    """
    with station_at(data, lang, as_json=as_json) as (station, console):
        require(sign_in(station, console), Permission.KEYS)
        info = station.services.facts.station()
        if confirm != info.name:
            raise Refusal("PURGE_NAME_DIFFERS", name=info.name)
        waiting = station.services.sync.view().waiting
        if waiting and not with_waiting:
            raise Refusal("PURGE_WAITING", count=waiting)
        own = station.services.list_keys.own()
        Purging(station.store, open_keystore(Settings(station.store.folder))).now()
        kept = "the recovery key opens it" if own.wrapped else "nothing opens it: there is no recovery key"
        console.answer(
            {"station_id": info.station, "purged": True, "recoverable": own.wrapped},
            f"{info.name}: unreadable on this machine; {kept}",
        )
