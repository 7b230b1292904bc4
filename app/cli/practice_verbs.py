"""`gatehouse practice`: rehearse with simulated devices in a venue of its own, outside every total."""

import json
from typing import Annotated, Any

import typer

from app import practice
from app.bootstrap import Station
from app.cli.console import Console, DataOption, JsonOption, LangOption, data_folder, language, verb
from app.practice_station import note_practice, open_practice
from app.settings import Settings


def add_to(root: typer.Typer) -> None:
    """Hang the verb into the program."""
    root.command("practice")(practise)


@verb
def practise(
    reset: Annotated[
        bool, typer.Option("--reset", help="Throw away what was practised and begin afresh")
    ] = False,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Only make the practice venue ready; do not open the window")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Practise: a copy of the catalogue, simulated devices, tickets that no real gate admits. What is done
    there is outside every total and never reaches a hub; it lasts a day. Other verbs work on it with
    `--data` and the folder that `--prepare` answers."""
    folder = data_folder(data)
    settings = Settings(folder)
    console = Console(as_json, language(lang, settings))
    station = open_practice(folder, settings, afresh=reset)
    answer = _answer(station)
    station.close()
    if prepare or as_json:
        console.answer(answer, *(f"{name}: {json.dumps(value)}" for name, value in answer.items()))
        return
    note_practice(folder, settings)
    from app.cli.window import run_window

    raise typer.Exit(run_window(station.store.folder, Settings(station.store.folder)))


def _answer(station: Station) -> dict[str, Any]:
    return {
        "data": str(station.store.folder),
        "station_id": station.services.facts.station().station,
        "people": [
            {"login": one.login, "pin": one.pin, "roles": [role.value for role in one.roles]}
            for one in practice.PEOPLE
        ],
    }
