"""`gatehouse init`, `verify`, `backup`, `doctor`, `settings` and `logs`: looking after a station."""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from app.bootstrap import create_station, discard_station, open_keystore
from app.cli.console import (
    FAULT,
    REFUSED,
    Console,
    DataOption,
    JsonOption,
    LangOption,
    data_folder,
    error_json,
    language,
    station_at,
    verb,
    words,
)
from app.cli.hub_verbs import prefix_from
from app.doctor import examine
from app.logs import LOG_FOLDER, LOG_NAME
from app.settings import Settings, Value
from domain.actor import SYSTEM, Role
from domain.clock import from_text
from domain.errors import Fault, GatehouseError

LEVELS = ("debug", "info", "warning", "error", "critical")


def add_to(root: typer.Typer) -> None:
    """Hang the verbs into the program."""
    root.command("init")(init)
    root.command("verify")(verify)
    root.command("backup")(backup)
    root.command("doctor")(doctor)
    root.command("logs")(show_logs)
    group = typer.Typer(help="Every setting with its source", no_args_is_help=True)
    group.command("list")(settings_list)
    group.command("get")(settings_get)
    group.command("set")(settings_set)
    group.command("check")(settings_check)
    root.add_typer(group, name="settings")


@verb
def init(
    station: Annotated[str, typer.Option("--station", help="Name of the station, for people")],
    prefix: Annotated[str | None, typer.Option("--prefix", help="Begins receipt numbers")] = None,
    catalogue: Annotated[Path | None, typer.Option("--catalogue", help="Catalogue file to import")] = None,
    admin: Annotated[str | None, typer.Option("--admin", help="Login of the first administrator")] = None,
    admin_pin: Annotated[
        str | None, typer.Option("--admin-pin", help="PIN of the first administrator")
    ] = None,
    no_hub: Annotated[
        bool, typer.Option("--no-hub", help="Works by itself; it can join a hub later")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Make a new station that works by itself (to join a hub, use `enrol`)."""
    del no_hub  # a station made here has no hub; the option says so aloud in scripts
    if (admin is None) != (admin_pin is None):
        raise typer.BadParameter("--admin and --admin-pin go together")
    from app.catalogue_files import read_catalogue

    rows = read_catalogue(catalogue) if catalogue is not None else None
    folder = data_folder(data)
    settings = Settings(folder)
    console = Console(as_json, language(lang, settings))
    made = create_station(folder, settings, station, prefix or prefix_from(station))
    try:
        if admin is not None and admin_pin is not None:
            everything = [Role.ADMIN, Role.ORGANIZER, Role.SUPERVISOR]
            made.services.add_user(admin, admin, everything, admin_pin, SYSTEM)
        if rows is not None:
            made.import_catalogue(rows, SYSTEM)
        info = made.services.facts.station()
    except GatehouseError:
        discard_station(made)
        raise
    made.close()
    console.answer(
        {"station_id": info.station, "data": str(folder), "prefix": info.prefix},
        f"{info.name} ({info.station}) in {folder}",
    )


@verb
def verify(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Check the journal's chain and signatures, the database, and that its tables follow from the journal."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        report = station.verify()
        console.answer(
            {
                "ok": report.clean,
                "entries": report.entries,
                "problems": [{"code": one.code, "params": one.params} for one in report.problems],
            },
            f"{'ok' if report.clean else 'PROBLEMS'}: {report.entries} entries",
            *(f"  {one.code} {one.params}" for one in report.problems),
        )
    if not report.clean:
        raise typer.Exit(FAULT)


@verb
def backup(
    file: Annotated[Path, typer.Argument(help="Where the copy goes")],
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Copy the encrypted store while it is in use."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        done = station.backup(file)
        console.answer({"file": str(file), "bytes": done}, f"{file}: {done:,} bytes")


@verb
def doctor(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Look at everything a station needs: each green, amber with advice, or red."""
    folder = data_folder(data)
    settings = Settings(folder)
    console = Console(as_json, language(lang, settings))
    checks = examine(folder, settings, open_keystore(settings))
    documents: list[dict[str, Any]] = []
    lines: list[str] = []
    for check in checks:
        advice = words(check.advice, console.lang) if check.advice is not None else ""
        documents.append({"name": check.name, "state": check.state, "advice": advice, "facts": check.facts})
        lines.append(f"{check.state:5}  {check.name}  {advice or check.facts}")
    console.answer({"checks": documents}, *lines)
    if any(check.state == "red" for check in checks):
        raise typer.Exit(FAULT)


@verb
def show_logs(
    follow: Annotated[bool, typer.Option("--follow", help="Go on as lines are written")] = False,
    level: Annotated[str, typer.Option("--level", help="Least important level shown")] = "info",
    since: Annotated[str, typer.Option("--since", help="Only lines at or after this time (ISO 8601)")] = "",
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show the structured log."""
    if level not in LEVELS:
        raise typer.BadParameter(f"--level: one of {', '.join(LEVELS)}")
    try:
        begin = from_text(since) if since else None
    except ValueError:
        raise typer.BadParameter(f"--since {since}: a time such as 2026-12-24T18:40:00+01:00") from None
    console = Console(as_json, language(lang))
    path = data_folder(data) / LOG_FOLDER / LOG_NAME
    for record in _records(path, follow=follow):
        named = str(record.get("level", "info"))
        if named in LEVELS and LEVELS.index(named) < LEVELS.index(level):
            continue
        if begin is not None and not _is_since(record, begin):
            continue
        if as_json:
            console.line(record)
        else:
            rest = " ".join(
                f"{key}={value}"
                for key, value in record.items()
                if key not in ("timestamp", "level", "event")
            )
            typer.echo(f"{record.get('timestamp')} {named:8} {record.get('event')} {rest}")


def _is_since(record: Mapping[str, Any], begin: datetime) -> bool:
    try:
        return from_text(str(record.get("timestamp"))) >= begin
    except ValueError:
        return False


def _records(path: Path, *, follow: bool) -> Iterator[dict[str, Any]]:
    """The lines of the log file. Raises Fault FILE_UNREADABLE; a log that is not there yet has no lines."""
    begun = ""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            while True:
                begun += file.readline()
                if begun.endswith("\n") or (begun and not follow):
                    yield _record(begun)
                    begun = ""
                elif follow:
                    time.sleep(0.25)
                else:
                    return
    except FileNotFoundError:
        return
    except OSError:
        raise Fault("FILE_UNREADABLE", file=path.name) from None


def _record(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    return record if isinstance(record, dict) else {"level": "warning", "event": "unreadable line"}


@verb
def settings_list(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Every setting: value, source, meaning."""
    settings = Settings(data_folder(data))
    console = Console(as_json, language(lang, settings))
    values = settings.all()
    console.answer(
        {"settings": [_setting(value) for value in values]},
        *(
            f"{value.setting.name} = {value.shown}  ({value.source})  {value.setting.meaning}"
            for value in values
        ),
    )


@verb
def settings_get(
    name: Annotated[str, typer.Argument()],
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """One setting."""
    settings = Settings(data_folder(data))
    value = settings.value(name)
    Console(as_json, language(lang, settings)).answer({"settings": [_setting(value)]}, value.shown)


@verb
def settings_set(
    name: Annotated[str, typer.Argument()],
    value: Annotated[str, typer.Argument()],
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Store a setting of this station."""
    settings = Settings(data_folder(data))
    settings.store(name, value)
    now = settings.value(name)
    Console(as_json, language(lang, settings)).answer(
        {"settings": [_setting(now)]}, f"{name} = {now.shown} ({now.source})"
    )


@verb
def settings_check(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Check that every value fits and every name is known."""
    settings = Settings(data_folder(data))
    console = Console(as_json, language(lang))
    problems = settings.problems()
    console.answer(
        {"ok": not problems, "problems": [error_json(one, words(one, console.lang)) for one in problems]},
        *(words(one, console.lang) for one in problems),
    )
    if problems:
        raise typer.Exit(REFUSED)


def _setting(value: Value) -> dict[str, str]:
    return {
        "name": value.setting.name,
        "value": value.shown,
        "source": value.source,
        "default": value.setting.default,
        "meaning": value.setting.meaning,
        "variable": value.setting.variable,
    }
