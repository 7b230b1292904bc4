"""`gatehouse check`, `admit`, `undo` and `decode`: the gate for scripts."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from app.bootstrap import Station
from app.cli import shapes
from app.cli.console import (
    DONE,
    FAULT,
    REFUSED,
    Console,
    DataOption,
    JsonOption,
    LangOption,
    error_json,
    language,
    sign_in,
    station_at,
    verb,
    words,
)
from app.services.gate import GateAnswer, ScanInput
from domain.actor import Actor
from domain.admission import Direction
from domain.clock import from_text, to_text
from domain.errors import DeviceFault, GatehouseError, Refusal
from domain.ids import normalize_reference

GateOption = Annotated[
    str | None, typer.Option("--gate", help="Code of the gate; else the station's setting")
]
DirectionOption = Annotated[Direction, typer.Option("--direction", help="entry or exit")]
AtOption = Annotated[str | None, typer.Option("--at", help="Door time instead of now, ISO 8601 with a zone")]


def add_to(root: typer.Typer) -> None:
    """Hang the verbs into the program."""
    root.command("check")(check)
    root.command("admit")(admit)
    root.command("undo")(undo)
    root.command("decode")(decode_files)


@verb
def check(
    code: Annotated[str, typer.Argument(help="Text of the ticket's QR, or its short reference")],
    gate: GateOption = None,
    direction: DirectionOption = Direction.ENTRY,
    at: AtOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Say what the gate would say, and use nothing up."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        started = time.perf_counter()
        answer = station.gatekeeper(gate).check(_scan(code, direction, at), actor)
        _show(console, answer, started)


@verb
def admit(
    codes: Annotated[list[str], typer.Argument(help="Texts or references; - reads them from standard input")],
    gate: GateOption = None,
    direction: DirectionOption = Direction.ENTRY,
    at: AtOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Admit tickets. A refused scan is a fact too; the exit code is 1 when any ticket was refused, 3 when the
    turnstile did not open for one that was let in."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        gatekeeper = station.gatekeeper(gate)
        streaming = codes == ["-"]
        worst = DONE
        for code in _lines_of(sys.stdin) if streaming else codes:
            started = time.perf_counter()
            try:
                answer = gatekeeper.admit(_scan(code, direction, at), actor)
            except GatehouseError as error:
                if not streaming:
                    raise
                console.line({"error": error_json(error, words(error, console.lang))})
                worst = max(worst, REFUSED if isinstance(error, Refusal) else FAULT)
                continue
            fault = _moved(station, answer, actor)
            _show(console, answer, started, fault, as_line=streaming)
            worst = max(worst, FAULT if fault else DONE if answer.opens else REFUSED)
    if worst != DONE:
        raise typer.Exit(worst)


@verb
def undo(
    serial: Annotated[str, typer.Argument(help="Serial or short reference of the ticket")],
    reason: Annotated[str, typer.Option("--reason", help="Why")] = "mistake",
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Take back the last admission of a ticket."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        found = _serial(station, serial, actor)
        row = station.gatekeeper(None).undo(found, reason, actor)
        console.answer(
            {"serial": found, "admission": row.entry_id, "admitted_at": to_text(row.at)},
            f"{row.reference} {row.gate}",
        )


@verb
def decode_files(
    files: Annotated[list[Path], typer.Argument(help="Pictures, PDFs or videos")],
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Read the QR codes in files."""
    from devices.picture_files import decode_file

    console = Console(as_json, language(lang))
    answers: list[dict[str, Any]] = []
    lines: list[str] = []
    for file in files:
        found = decode_file(file)
        answers.append(
            {
                "file": str(file),
                "codes": [
                    {
                        "text": one.text,
                        "symbology": one.symbology,
                        "corners": [list(corner) for corner in one.corners],
                    }
                    for one in found
                ],
            }
        )
        lines.extend(f"{file}  {one.symbology}  {one.text}" for one in found)
    console.answer({"files": answers}, *lines)


def _scan(code: str, direction: Direction, at: str | None) -> ScanInput:
    try:
        moment = from_text(at) if at else None
    except ValueError:
        raise typer.BadParameter(f"--at {at}: a time such as 2026-12-24T18:40:00+01:00") from None
    text = code.strip()
    return ScanInput(
        text=text, via="manual" if normalize_reference(text) else "script", direction=direction, at=moment
    )


def _lines_of(stream: Any) -> Iterator[str]:
    for line in stream:
        if text := line.strip():
            yield text


def _serial(station: Station, text: str, actor: Actor) -> str:
    if normalize_reference(text) is None:
        return text.lower()
    found = station.gatekeeper(None).search(text, actor)
    if len(found) > 1:
        raise Refusal("REFERENCE_AMBIGUOUS", count=len(found))
    if not found:
        raise Refusal("TICKET_UNKNOWN", text=text)
    return found[0].serial


def _moved(station: Station, answer: GateAnswer, actor: Actor) -> DeviceFault | None:
    """Open the turnstile. One that does not answer leaves the admission as it is, so it is told beside it."""
    try:
        station.move(answer, actor)
    except DeviceFault as fault:
        return fault
    return None


def _show(
    console: Console,
    answer: GateAnswer,
    started: float,
    fault: DeviceFault | None = None,
    *,
    as_line: bool = False,
) -> None:
    from ui.messages import verdict

    document = shapes.answer(answer, (time.perf_counter() - started) * 1000)
    if fault is not None:
        document["fault"] = error_json(fault, words(fault, console.lang))
    if as_line:
        console.line(document)
        return
    message = verdict(answer.decision.verdict.value, answer.decision.params, console.lang)
    console.answer(
        document,
        f"{answer.decision.verdict.value}: {message.title} {message.reason}".strip(),
        *([words(fault, console.lang)] if fault is not None else []),
    )
