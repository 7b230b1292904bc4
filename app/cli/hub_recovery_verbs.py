"""`gatehouse hub recovery`: how far a restored hub is, and how to stop waiting for a station."""

from typing import Annotated

import typer

from app.cli.console import Console, DataOption, JsonOption, LangOption, data_folder, language, verb
from app.cli.hub_access import DsnOption, admin_dsn
from sync import hub_backup
from sync.hub_backup import Recovery


def add_to(group: typer.Typer) -> None:
    """Hang the verbs into `gatehouse hub`."""
    verbs = typer.Typer(help="A hub that was restored and waits for its stations", no_args_is_help=True)
    verbs.command("status")(hub_recovery_status)
    verbs.command("write-off")(hub_recovery_write_off)
    group.add_typer(verbs, name="recovery")


@verb
def hub_recovery_status(
    dsn: DsnOption = None, data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Whether the hub waits, and for whom."""
    _tell(Console(as_json, language(lang)), hub_backup.recovery(admin_dsn(data_folder(data), dsn)))


@verb
def hub_recovery_write_off(
    station: Annotated[str, typer.Argument(help="Name or id of the station that will not come")],
    risk: Annotated[
        int,
        typer.Option(
            "--risk",
            help="Places per pool that it may have been granted after the backup with nobody else knowing",
        ),
    ],
    dsn: DsnOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Stop waiting for a station, and say by how much places may be oversold for it."""
    state = hub_backup.write_off(admin_dsn(data_folder(data), dsn), station, risk)
    _tell(Console(as_json, language(lang)), state)


def _tell(console: Console, state: Recovery) -> None:
    words = (
        "the hub is whole: places, rights and values are granted"
        if state.mode == "normal"
        else "the hub waits for its stations: sales and admissions go on, nothing new is granted"
    )
    console.answer(
        {
            "mode": state.mode,
            "missing": list(state.missing),
            "reported": list(state.reported),
            "written_off": dict(state.written_off),
            "waiting_in_inbox": state.in_inbox,
        },
        words,
        *(f"has not reported yet: {name}" for name in state.missing),
        *(f"has reported: {name}" for name in state.reported),
        *(
            f"written off: {name}, at most {risk} places of a pool"
            for name, risk in state.written_off.items()
        ),
        *([f"{state.in_inbox} entries wait in the inbox: hub inbox release"] if state.in_inbox else []),
    )
