"""`gatehouse user`: what is done about people from the command line."""

import json
from pathlib import Path
from typing import Annotated

import typer

from app.cli import people_verbs
from app.cli.console import DataOption, JsonOption, LangOption, acting, verb
from app.printing.files import save_file
from domain.documents import Reason

LoginArgument = Annotated[str, typer.Argument(help="Login of the person")]


def add_to(root: typer.Typer) -> None:
    """Hang the verbs into the program."""
    group = typer.Typer(help="People, roles, one's own account", no_args_is_help=True)
    people_verbs.add_to_group(group)
    group.command("erase")(user_erase)
    group.command("export")(user_export)
    root.add_typer(group, name="user")


@verb
def user_erase(
    login: LoginArgument,
    reason: Annotated[Reason, typer.Option("--reason", help="Why; the one thing that is kept")] = (
        Reason.REQUEST
    ),
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Erase what is known about a person, here and, with the next exchange, everywhere; for ever."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        erased = station.services.erase_person(login, actor, reason)
        console.answer({"login": login, "erased": erased}, f"{login}: {erased} documents erased")


@verb
def user_export(
    login: Annotated[str, typer.Argument(help="Login of the person")],
    out: Annotated[Path | None, typer.Option("--out", help="File to write; else standard output")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Everything that is kept here about one person, as one JSON document: for that person."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        document = dict(station.services.export_person(login, actor))
        text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
        if out is None:
            console.answer(document, text)
            return
        saved = save_file((text + "\n").encode(), out.parent, out.name)
        counts = {name: len(document[name]) for name in ("documents", "entries")}
        console.answer({"file": str(saved), **counts}, str(saved))
