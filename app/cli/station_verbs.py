"""`gatehouse init`, `verify`, `backup` and `settings`: looking after a station."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from app.bootstrap import Station, create_station, discard_station
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
from app.cli.enrol_verbs import prefix_from
from app.cli.keys_verbs import keys_json, keys_lines, made_keys, opened_keys
from app.clock import SystemClock, system_random
from app.organization_keys import OrganizationKeys, certify_alone, discard_keys
from app.services.catalogue_rows import CatalogueFile
from app.services.views import StationInfo
from app.settings import Settings, Value
from app.store.opening import store_exists
from domain.actor import SYSTEM
from domain.errors import GatehouseError, Refusal


def add_to(root: typer.Typer) -> None:
    """Hang the verbs into the program."""
    root.command("init")(init)
    root.command("verify")(verify)
    root.command("backup")(backup)
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
    keys_dir: Annotated[
        Path | None,
        typer.Option(
            "--keys-dir", help="Folder for the organization's two key files; else one beside the data folder"
        ),
    ] = None,
    root_key: Annotated[
        Path | None,
        typer.Option("--root-key", help="Root key of an organization that has one already: none is made"),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Make a new station that works by itself (to join a hub, use `enrol`), and the organization's root and
    recovery key, which certify it and open it again when its own key is lost."""
    del no_hub  # a station made here has no hub; the option says so aloud in scripts
    if (admin is None) != (admin_pin is None):
        raise typer.BadParameter("--admin and --admin-pin go together")
    from app.catalogue_files import read_catalogue

    rows = read_catalogue(catalogue) if catalogue is not None else None
    folder = data_folder(data)
    settings = Settings(folder)
    console = Console(as_json, language(lang, settings))
    keys, shown, info = _make(
        _New(folder, settings, station, prefix, admin, admin_pin, rows, keys_dir, root_key)
    )
    console.answer(
        {
            "station_id": info.station,
            "data": str(folder),
            "prefix": info.prefix,
            **keys_json(keys, shown),
        },
        f"{info.name} ({info.station}) in {folder}",
        *keys_lines(keys, shown),
    )


@dataclass(frozen=True, slots=True)
class _New:
    """What `init` was asked for."""

    folder: Path
    settings: Settings
    station: str
    prefix: str | None
    admin: str | None
    admin_pin: str | None
    rows: CatalogueFile | None
    keys_dir: Path | None
    root_key: Path | None


def _make(new: _New) -> tuple[OrganizationKeys, str | None, StationInfo]:
    """Keys, station, first administrator and catalogue: all of it or nothing."""
    if store_exists(new.folder):
        raise Refusal("STORE_EXISTS", folder=str(new.folder))
    shown: str | None = None
    if new.root_key is not None:
        keys = opened_keys(new.root_key, new.folder)
    else:
        keys, shown = made_keys(new.folder, new.keys_dir)
    made: Station | None = None
    try:
        made = create_station(new.folder, new.settings, new.station, new.prefix or prefix_from(new.station))
        certify_alone(made.store, keys, SystemClock().now(), system_random)
        if new.admin is not None and new.admin_pin is not None:
            made.services.add_user.first(new.admin, new.admin, new.admin_pin)
        if new.rows is not None:
            made.import_catalogue(new.rows, SYSTEM)
        info = made.services.facts.station()
    except GatehouseError:
        if made is not None:
            discard_station(made)
        if new.root_key is None:
            discard_keys(keys.root_path)
        raise
    made.close()
    return keys, shown, info


@verb
def verify(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="First compute all tables again from the entries")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Check the journal's chain and signatures, the database, and that its tables follow from the journal.

    With --rebuild the tables are thrown away and computed again first, in one transaction, where chain and
    signatures are good: else nothing is changed."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        done = station.store.rebuild() if rebuild else None
        rebuilt = done is not None and done.clean and not done.by_snapshot
        report = station.verify()
        console.answer(
            {
                "ok": report.clean,
                "rebuilt": rebuilt,
                "entries": report.entries,
                "short": report.short,
                "control_sums": report.control_sums,
                "problems": [{"code": one.code, "params": one.params} for one in report.problems],
            },
            f"{'ok' if report.clean else 'PROBLEMS'}: {report.entries} entries"
            f"{', tables computed again' if rebuilt else ''}"
            f"{', tables come anew with the next exchange' if done and done.by_snapshot else ''}",
            f"control sums: {report.control_sums} feeds agree with the hub",
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
    """Copy the encrypted store while it is in use.

    The copy opens on this machine, with the organization's recovery key, and with the passphrase in
    GATEHOUSE_BACKUP_PASSPHRASE where one is set.
    """
    with station_at(data, lang, as_json=as_json) as (station, console):
        made = station.backup(file)
        opened_by = ["this machine", *(str(each["kind"]) for each in made.keys)]
        console.answer(
            {"file": str(file), "bytes": made.size, "opened_by": opened_by},
            f"{file}: {made.size:,} bytes; opened by: {', '.join(opened_by)}",
        )


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
