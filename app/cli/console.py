"""What every verb shares: options, who acts, how answers and errors are printed, exit codes.

Exit codes: 0 done · 1 a rule said no · 2 wrong use · 3 fault. Under `--json` standard output carries one JSON
document and nothing else; logs and progress go to standard error.
"""

import functools
import getpass
import json
import locale
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import structlog
import typer
from platformdirs import user_data_path

from app import logs
from app.bootstrap import Station, open_station
from app.formats import language_of
from app.settings import Settings
from domain.actor import Actor
from domain.errors import Fault, GatehouseError, Refusal

P = ParamSpec("P")
Json = Mapping[str, Any]

DONE, REFUSED, USAGE, FAULT = 0, 1, 2, 3
FOLDER_NAME = "gatehouse"

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Data folder of the station", envvar="GATEHOUSE_DATA", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output")]
LangOption = Annotated[str | None, typer.Option("--lang", help="Language of messages: en or ru")]


@dataclass(frozen=True, slots=True)
class Console:
    """Where a verb's answer goes, and in which language."""

    as_json: bool
    lang: str

    def answer(self, document: Json, *lines: str) -> None:
        """Print the document, or the lines where people read."""
        if self.as_json:
            sys.stdout.write(json.dumps(document, ensure_ascii=False, sort_keys=True) + "\n")
        else:
            sys.stdout.write("".join(line + "\n" for line in lines))
        sys.stdout.flush()

    def line(self, document: Json) -> None:
        """One JSON document on a line of its own: for verbs that answer many times."""
        sys.stdout.write(json.dumps(document, ensure_ascii=False, sort_keys=True) + "\n")
        sys.stdout.flush()

    def note(self, text: str) -> None:
        """Progress for people, on standard error."""
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def error(self, error: GatehouseError) -> int:
        """Print a refusal or a fault; answers the exit code."""
        message = words(error, self.lang)
        if self.as_json:
            self.line({"error": error_json(error, message)})
        else:
            self.note(message)
        return REFUSED if isinstance(error, Refusal) else FAULT


def error_json(error: GatehouseError, message: str) -> dict[str, Any]:
    """The body of `error` in JSON answers."""
    return {"kind": error.kind, "code": error.code, "message": message, "params": dict(error.params)}


def words(error: GatehouseError, lang: str) -> str:
    """What happened and what to do, in the person's language."""
    from ui.messages import sentence

    message = sentence(error.code, error.params, lang)
    return " ".join(part for part in (message.title, message.reason, message.advice) if part)


def data_folder(data: Path | None) -> Path:
    """The folder named by the option, else the platform's."""
    return data if data is not None else user_data_path(FOLDER_NAME, appauthor=False)


def language(option: str | None, settings: Settings | None = None) -> str:
    """Option, setting, locale: the first that says something."""
    if option:
        return language_of(option)
    chosen = settings.text("lang") if settings is not None else os.environ.get("GATEHOUSE_LANG", "auto")
    if chosen != "auto":
        return language_of(chosen)
    return language_of(locale.getlocale()[0] or os.environ.get("LANG", "en"))


def verb(function: Callable[P, None]) -> Callable[P, None]:
    """Turn refusals and faults of a verb into words and exit codes; a bug is logged, never shown raw.

    The verb must take `as_json` and `lang` as keyword arguments, as typer passes them.
    """

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        as_json, lang = bool(kwargs.get("as_json", False)), kwargs.get("lang")
        console = Console(as_json, language(lang if isinstance(lang, str) else None))
        try:
            function(*args, **kwargs)
        except GatehouseError as error:
            raise typer.Exit(console.error(error)) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except (typer.Exit, typer.BadParameter, typer.Abort):
            raise
        except Exception as bug:  # noqa: BLE001 - the outermost frame: log it, say it in words, exit 3
            structlog.get_logger().exception("bug", type=type(bug).__name__)
            raise typer.Exit(console.error(Fault("BUG", type=type(bug).__name__))) from None

    return guarded


@contextmanager
def station_at(data: Path | None, lang: str | None, *, as_json: bool) -> Iterator[tuple[Station, Console]]:
    """Open the station in a data folder for one verb. Raises Fault STORE_MISSING and the like."""
    folder = data_folder(data)
    settings = Settings(folder)
    logs.configure(folder, settings.text("log"))
    station = open_station(folder, settings)
    try:
        yield station, Console(as_json, language(lang, settings))
    finally:
        station.close()


@contextmanager
def acting(data: Path | None, lang: str | None, *, as_json: bool) -> Iterator[tuple[Station, Console, Actor]]:
    """The same with whoever acts, signed in."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        yield station, console, sign_in(station, console)


def sign_in(station: Station, console: Console) -> Actor:
    """Who acts: `GATEHOUSE_SESSION`, else `GATEHOUSE_USER` and `GATEHOUSE_PIN`, else a prompt where somebody
    can answer it."""
    if token := station.settings.text("session"):
        return station.services.sign_in.by_session(station.services.scripts.verify(token))
    login = station.settings.text("user")
    pin = station.settings.text("pin")
    interactive = sys.stdin.isatty() and not console.as_json
    if not login and interactive:
        login = input("User: ").strip()
    if login and not pin and interactive:
        pin = getpass.getpass("PIN: ")
    if not login:
        raise Refusal("NOT_SIGNED_IN")
    return station.services.sign_in.by_login(login, pin)
