"""`gatehouse keys`, `recover`, `restore`: the organization's keys, and the ways back from a loss."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from app import joining, organization_keys, recovering, restoring
from app.bootstrap import open_keystore
from app.cli import purge_verbs
from app.cli.console import (
    Console,
    DataOption,
    JsonOption,
    LangOption,
    data_folder,
    language,
    station_at,
    verb,
)
from app.cli.hub_access import recovery_passphrase, root_passphrase, write_private
from app.clock import SystemClock, system_random
from app.organization_keys import OrganizationKeys
from app.services.keys import KeyRow
from app.settings import Settings
from app.store.new_epoch import rotate as rotate_key
from domain.clock import to_text
from domain.errors import Fault, Refusal
from domain.ids import uuid7
from sync.root_key import read_root_key

RootKeyOption = Annotated[Path | None, typer.Option("--root-key", help="File of the organization's root key")]


def add_to(root: typer.Typer) -> None:
    """Hang the verbs into the program."""
    group = typer.Typer(help="Keys and certificates", no_args_is_help=True)
    group.command("list")(keys_list)
    group.command("show")(keys_show)
    group.command("root")(keys_root)
    group.command("rotate")(keys_rotate)
    group.command("request")(keys_request)
    purge_verbs.add_to(group)
    root.add_typer(group, name="keys")
    root.command("recover")(recover)
    root.command("restore")(restore)


@verb
def keys_list(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Certificates that are believed here, and which stations were revoked."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        rows = station.services.list_keys.listed()
        console.answer({"keys": [_row(row) for row in rows]}, *(_line(row) for row in rows))


@verb
def keys_show(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """What this station speaks with, and how it could be recovered."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        own = station.services.list_keys.own()
        document: dict[str, Any] = {
            "station_id": own.station,
            "epoch": own.epoch,
            "key": own.key,
            "organization": own.organization,
            "root": own.root,
            "recovery": own.recovery,
            "keystore": own.keystore,
            "wrapped": own.wrapped,
            "certified": own.certified,
            "epochs": [{"epoch": each.epoch, "entries": each.seq} for each in own.epochs],
        }
        lines = [f"{name}: {value}" for name, value in document.items() if name != "epochs"]
        console.answer(document, *lines)


@verb
def keys_root(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the two key files; else one beside the data folder"),
    ] = None,
    root_key: RootKeyOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Make the organization's root and recovery key for a station that works by itself, and certify it.

    With --root-key the station is certified by a root key that is there already.
    """
    with station_at(data, lang, as_json=as_json) as (station, console):
        if root_key is not None:
            keys, shown = opened_keys(root_key, station.store.folder), None
        else:
            if station.store.root() is not None:
                raise Refusal("ROOT_KNOWN")
            keys, shown = made_keys(station.store.folder, out)
        try:
            organization_keys.certify_alone(station.store, keys, SystemClock().now(), system_random)
        except (Fault, Refusal):
            if root_key is None:
                organization_keys.discard_keys(keys.root_path)
            raise
        console.answer(keys_json(keys, shown), *keys_lines(keys, shown))


@verb
def keys_rotate(
    root_key: RootKeyOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Give a station that works by itself a new signing key, in its next epoch. Old tickets stay good.

    A station of a hub gets its new key by being enrolled again: `hub enrol NAME --again`, then `enrol FILE`.
    """
    folder = data_folder(data)
    with station_at(data, lang, as_json=as_json) as (station, _):
        if station.services.facts.station().has_hub:
            raise Refusal("ROTATE_AT_HUB", station=station.services.facts.station().name)
        known = station.store.root()
    keys = None
    if known is not None:
        keys = opened_keys(root_key or _default_root(folder), folder)
        if keys.root.public != known:
            raise Refusal("ROOT_KEY_WRONG")
    rotate_key(folder, open_keystore(Settings(folder)), system_random)
    with station_at(data, lang, as_json=as_json) as (station, console):
        if keys is not None:
            organization_keys.certify_alone(station.store, keys, SystemClock().now(), system_random)
        own = station.services.list_keys.own()
        console.answer(
            {"station_id": own.station, "epoch": own.epoch, "key": own.key},
            f"epoch {own.epoch}, key {own.key}",
        )


@verb
def keys_request(
    out: Annotated[Path, typer.Option("--out", help="The file to write")],
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Ask to join a hub with the whole history of a station that began alone: writes a file without secrets
    for the hub's administrator (`hub enrol --joining FILE`)."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        write_private(out, joining.request(station.store))
        name = station.services.facts.station().name
        console.answer(
            {"file": str(out), "station_id": station.store.identity.station},
            f"{out}: give it to the administrator, who runs",
            f"  gatehouse hub enrol “{name}” --joining {out.name} --out FILE",
            "and here comes then: gatehouse enrol FILE",
        )


@verb
def recover(
    key: Annotated[Path, typer.Option("--key", help="File of the organization's recovery key")],
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Open a station again whose keystore was lost. It goes on with the same key, in the same epoch.

    Only for the data folder as it was left; put an older copy back with `restore`.
    """
    folder = data_folder(data)
    settings = Settings(folder)
    opened = organization_keys.read_recovery_key(key, recovery_passphrase(folder))
    recovering.recover(folder, open_keystore(settings), opened)
    with station_at(data, lang, as_json=as_json) as (station, console):
        info = station.services.facts.station()
        console.answer(
            {"station_id": info.station, "epoch": info.epoch, "name": info.name, "data": str(folder)},
            f"{info.name} ({info.station}) opens again, in the same epoch",
        )


@verb
def restore(
    file: Annotated[Path, typer.Argument(help="The backup; its .json lies beside it")],
    recovery_key: Annotated[
        Path | None,
        typer.Option("--recovery-key", help="File of the recovery key, where this machine has no key for it"),
    ] = None,
    root_key: RootKeyOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Put a backup back in a fresh folder. It begins a new epoch and owns nothing that was lent.

    A station of a hub takes no entry before it is enrolled again. One that works by itself goes on at once;
    --root-key certifies its new key.
    """
    folder = data_folder(data)
    settings = Settings(folder)
    console = Console(as_json, language(lang, settings))
    key = None
    if recovery_key is not None:
        key = organization_keys.read_recovery_key(recovery_key, recovery_passphrase(folder))
    keys = opened_keys(root_key, folder) if root_key is not None else None
    done = restoring.restore(
        folder,
        file,
        open_keystore(settings),
        system_random,
        key=key,
        passphrase=settings.text("backup_passphrase") or None,
    )
    with station_at(data, lang, as_json=as_json) as (station, _):
        if keys is not None and not done.must_enrol:
            organization_keys.certify_alone(station.store, keys, SystemClock().now(), system_random)
        info = station.services.facts.station()
    again = f"gatehouse hub enrol “{info.name}” --again --out FILE"
    console.answer(
        {
            "station_id": info.station,
            "epoch": info.epoch,
            "name": info.name,
            "data": str(folder),
            "made_at": done.made_at,
            "must_enrol": done.must_enrol,
            "then": [again, "gatehouse enrol FILE"] if done.must_enrol else [],
        },
        f"{info.name} ({info.station}) as of {done.made_at}",
        *(
            [f"it sells again once it is enrolled. At the hub: {again}", "and here: gatehouse enrol FILE"]
            if done.must_enrol
            else [f"epoch {info.epoch}: receipts go on under another number, old tickets stay good"]
        ),
    )


def made_keys(folder: Path, out: Path | None) -> tuple[OrganizationKeys, str | None]:
    """New root and recovery keys; the passphrase too when it was made here and must be shown once."""
    where = (out or organization_keys.default_folder(folder)).resolve()
    data = folder.resolve()
    if where == data or data in where.parents:
        raise Refusal("KEY_FOLDER_INSIDE_DATA", folder=str(where))
    passphrase, made = root_passphrase(folder, new=True)
    keys = organization_keys.make_keys(
        where / organization_keys.ROOT_FILE, passphrase, SystemClock().now(), system_random
    )
    return keys, passphrase if made else None


def opened_keys(path: Path, folder: Path) -> OrganizationKeys:
    """A root key that is there; a recovery key is made beside it where it has none yet."""
    passphrase = root_passphrase(folder, new=False)[0]
    root = read_root_key(path, passphrase)
    public = organization_keys.public_beside(path)
    if public is None:
        organization = uuid7(int(SystemClock().now().timestamp() * 1000), system_random)
        public = organization_keys.add_recovery_key(path, root, organization, passphrase, system_random)
    if public.root != root.public:
        raise Refusal("RECOVERY_KEY_OTHER")
    return OrganizationKeys(root, public, path, organization_keys.recovery_path(path))


def keys_json(keys: OrganizationKeys, passphrase: str | None) -> dict[str, Any]:
    """Where the key files are; the passphrase only when it was made here."""
    shown = {"passphrase": passphrase} if passphrase is not None else {}
    return {"root_key": str(keys.root_path), "recovery_key": str(keys.recovery_path), **shown}


def keys_lines(keys: OrganizationKeys, passphrase: str | None) -> Sequence[str]:
    """The same for people."""
    lines = [f"root key: {keys.root_path}", f"recovery key: {keys.recovery_path}"]
    if passphrase is not None:
        lines.append(f"their passphrase, shown once: {passphrase}")
    return [*lines, "keep both files and the passphrase off this machine: nobody can make them again"]


def _default_root(folder: Path) -> Path:
    return organization_keys.default_folder(folder) / organization_keys.ROOT_FILE


def _row(row: KeyRow) -> dict[str, Any]:
    return {
        "station_id": row.station,
        "name": row.name,
        "prefix": row.prefix,
        "key": row.key,
        "usage": list(row.usage),
        "not_before": to_text(row.not_before),
        "not_after": None if row.not_after is None else to_text(row.not_after),
        "days_left": row.days_left,
        "state": row.state,
        "own": row.own,
    }


def _line(row: KeyRow) -> str:
    until = "open" if row.not_after is None else f"{row.not_after:%Y-%m-%d}"
    mine = " (this station)" if row.own else ""
    return f"{row.state:8} {row.key}  {row.name}{mine}  {', '.join(row.usage)}  until {until}"
