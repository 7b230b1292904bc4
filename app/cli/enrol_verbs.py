"""`gatehouse hub enrol` and `gatehouse enrol`: inviting a station, and joining with the invitation.

An invitation is a file, and the same as a few QR codes for a machine that has a camera and no way for files.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from app import organization_keys
from app.bootstrap import enrol_station
from app.cli.console import Console, DataOption, JsonOption, LangOption, data_folder, language, verb
from app.cli.hub_access import (
    DATABASE,
    HUB_TLS,
    ROOT_KEY,
    DsnOption,
    RootOption,
    admin_dsn,
    root_passphrase,
    write_private,
)
from app.cli.snapshot_progress import snapshot_progress
from app.clock import SystemClock, system_random
from app.invitations import picture_texts, read_text
from app.printing.files import save_file
from app.printing.qr import sheet_png
from app.settings import Settings
from domain import enrolment
from domain.certificates import EVERYTHING, Scope
from domain.clock import to_text
from domain.enrolment import EnrolmentFile, HubAddress
from domain.enrolment_codes import Collection, split
from domain.entry import CASH, DESK, ORG
from domain.errors import Fault
from domain.joining import JoinRequest
from domain.joining import read as read_joining
from domain.scope_seen import Seen, seen_by
from sync import hub_admin, hub_joining, hub_server, hub_tls
from sync.root_key import read_root_key

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".pdf"})


def add_to(root: typer.Typer, hub: typer.Typer) -> None:
    """Hang the verbs into the program and into its group `hub`."""
    hub.command("enrol")(hub_enrol)
    root.command("enrol")(enrol)


@verb
def hub_enrol(
    station: Annotated[str, typer.Argument(help="Name of the new station, for people")],
    out: Annotated[Path, typer.Option("--out", help="The enrolment file to write")],
    qr: Annotated[
        Path | None, typer.Option("--qr", help="The same as QR codes: a PNG to hold to the camera")
    ] = None,
    prefix: Annotated[
        str | None, typer.Option("--prefix", help="What its receipt numbers begin with; else from the name")
    ] = None,
    events: Annotated[str, typer.Option("--events", help="Event numbers it follows; * = all")] = "*",
    gate_only: Annotated[
        bool, typer.Option("--gate-only", help="Sees its events alone: no takings, no support, no customers")
    ] = False,
    host: Annotated[
        str | None, typer.Option("--host", help="The hub's address as the station sees it")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="For a station that is known: its next epoch (fork, lost disk)")
    ] = False,
    joining: Annotated[
        Path | None,
        typer.Option(
            "--joining", help="File of a station that began alone (`keys request`): with its history"
        ),
    ] = None,
    dsn: DsnOption = None,
    root_key: RootOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Invite a station: writes a file that joins one station, once, within three days."""
    folder = data_folder(data)
    console = Console(as_json, language(lang))
    scope = _scope(events, gate_only=gate_only)
    root = read_root_key(root_key or folder / ROOT_KEY, root_passphrase(folder, new=False)[0])
    recovery = organization_keys.public_beside(root_key or folder / ROOT_KEY)
    where = admin_dsn(folder, dsn)
    address, now = _address(where, host, folder), SystemClock().now()
    if joining is not None:
        request = replace(read_request(joining), name=station)
        file, text = hub_joining.invite_joining(
            where, request, root=root, now=now, random_bytes=system_random, recovery=recovery,
            prefix=prefix, address=address,
        )  # fmt: skip
    else:
        file, text = hub_admin.invite(
            where, name=station, prefix=prefix or prefix_from(station), scope=scope, root=root, now=now,
            random_bytes=system_random, address=address, again=again, recovery=recovery,
        )  # fmt: skip
    _tell_invited(console, out, qr, file, text)


@verb
def enrol(
    file: Annotated[
        list[Path], typer.Argument(help="The enrolment file, or pictures of its QR codes in any order")
    ],
    show: Annotated[
        bool, typer.Option("--show", help="Only say what this machine would be able to see")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Join a hub with an enrolment file; this machine becomes a station of the organization."""
    folder = data_folder(data)
    settings = Settings(folder)
    console = Console(as_json, language(lang, settings))
    text = invitation_text(file)
    invited = enrolment.read(text, SystemClock().now())
    if show:
        console.answer({"joined": False, **_invited_json(invited)}, *_seen_lines(invited))
        return
    station = enrol_station(folder, settings, text)
    try:
        if station.exchange is not None:
            with snapshot_progress(station.exchange):
                station.exchange.run_once()
        info = station.services.facts.station()
        console.answer(
            {
                "station_id": info.station, "epoch": info.epoch, "name": info.name, "data": str(folder),
                "sees": _seen_json(seen_by(invited.scope)),
            },
            f"{info.name} ({info.station}) has joined",
            *_seen_lines(invited)[1:],
        )  # fmt: skip
    finally:
        station.close()


def invitation_text(files: Sequence[Path]) -> str:
    """The text of an enrolment file, or of the codes in pictures. Raises Refusal ENROLMENT_CODES_…; Fault
    FILE_UNREADABLE, DeviceFault PICTURE_…."""
    if len(files) == 1 and files[0].suffix.lower() not in PICTURES:
        return read_text(files[0])
    found = Collection()
    for path in files:
        for text in picture_texts(path):
            found.take(text)
    return found.text()


def read_request(path: Path) -> JoinRequest:
    """A station's request to join with its history. Raises Refusal JOINING_INVALID, Fault FILE_UNREADABLE."""
    try:
        return read_joining(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise Fault("FILE_UNREADABLE", file=path.name) from None


def prefix_from(name: str) -> str:
    """Up to 4 capitals or digits of a name, for receipt numbers: `Till 1` gives `TIL1`."""
    letters = "".join(letter for letter in name.upper() if letter.isascii() and letter.isalnum())
    digits = "".join(letter for letter in letters if letter.isdigit())[-2:]
    words = "".join(letter for letter in letters if not letter.isdigit())
    return (words[: 4 - len(digits)] + digits) or "K1"


def _scope(events: str, *, gate_only: bool) -> Scope:
    if events == "*":
        if gate_only:
            raise typer.BadParameter("--gate-only names its events: --events 12,34")
        return EVERYTHING
    feeds = [f"event:{one.strip()}" for one in events.split(",")]
    return tuple(sorted([ORG, *feeds] if gate_only else [CASH, DESK, *feeds, ORG]))


def _tell_invited(console: Console, out: Path, qr: Path | None, file: EnrolmentFile, text: str) -> None:
    write_private(out, text)
    codes = split(text) if qr is not None else []
    if qr is not None:
        save_file(sheet_png(codes), qr.parent, qr.name)
    console.answer(
        {
            "file": str(out),
            "qr": str(qr) if qr is not None else None,
            "codes": len(codes),
            **_invited_json(file),
        },
        f"{out}: joins “{file.name}” as {file.prefix}; use it once, like a password",
        *([f"{qr}: the same as {len(codes)} QR codes"] if qr is not None else ()),
        *_seen_lines(file)[1:],
    )


def _invited_json(file: EnrolmentFile) -> dict[str, Any]:
    return {
        "station_id": file.station,
        "name": file.name,
        "prefix": file.prefix,
        "expires_at": to_text(file.expires_at),
        "hub": f"{file.hub.host}:{file.hub.port}",
        "sees": _seen_json(seen_by(file.scope)),
    }


def _seen_json(seen: Seen) -> dict[str, Any]:
    return {
        "events": "*" if seen.events is None else list(seen.events),
        "cash": seen.cash,
        "support": seen.support,
        "customers": seen.customers,
        "people": seen.people,
    }


def _seen_lines(file: EnrolmentFile) -> list[str]:
    seen = seen_by(file.scope)
    events = "all events" if seen.events is None else f"events {', '.join(map(str, seen.events))}"
    rest = [name for name in ("cash", "support", "customers", "people") if getattr(seen, name)]
    return [
        (
            f"{file.name} ({file.station}), receipts {file.prefix}, hub {file.hub.host}:{file.hub.port}, "
            f"until {to_text(file.expires_at)}"
        ),
        f"it will see: {', '.join([events, *rest])}",
    ]


def _address(dsn: str, host: str | None, folder: Path) -> HubAddress | None:
    """Where the station will look for the hub. Served over TLS by us, it gets the authority and checks it."""
    if host is None:
        return None
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    port, dbname = int(parts.get("port") or 5432), str(parts.get("dbname") or DATABASE)
    authority = folder / HUB_TLS / hub_tls.CA_CERTIFICATE
    if host in hub_server.LOOPBACK or not authority.exists():
        return HubAddress(host, port, dbname, "")
    return HubAddress(host, port, dbname, "", "verify-full", authority.read_text(encoding="ascii"))
