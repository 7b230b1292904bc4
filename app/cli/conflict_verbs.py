"""`gatehouse conflicts`: list, show, resolve."""

from typing import Annotated, Any

import typer

from app.cli.console import DataOption, JsonOption, LangOption, sign_in, station_at, verb
from app.formats import format_datetime
from app.services.views import ConflictRow, ConflictSide, ConflictView
from domain.catalogue import localized
from domain.clock import to_text

ConflictArgument = Annotated[str, typer.Argument(help="Id of the conflict, or how it begins")]


def add_to(root: typer.Typer) -> None:
    """Hang the verbs into the program."""
    conflicts = typer.Typer(help="Conflicts: list, show, resolve", no_args_is_help=True)
    conflicts.command("list")(conflicts_list)
    conflicts.command("show")(conflicts_show)
    conflicts.command("resolve")(conflicts_resolve)
    root.add_typer(conflicts, name="conflicts")


@verb
def conflicts_list(
    every: Annotated[bool, typer.Option("--all", help="Those already resolved, too")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """List the conflicts that wait for a person, the most urgent first."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        rows = station.services.list_conflicts(sign_in(station, console), open_only=not every)
        zone = station.services.facts.organization().zone
        console.answer(
            {"conflicts": [row_json(row) for row in rows]},
            *(_line(row, zone, console.lang) for row in rows),
        )


@verb
def conflicts_show(
    conflict: ConflictArgument,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show a conflict with both of its sides and the suggested way out."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        view = station.services.show_conflict(conflict, sign_in(station, console))
        zone = station.services.facts.organization().zone
        console.answer(view_json(view), *_lines(view, zone, console.lang))


@verb
def conflicts_resolve(
    conflict: ConflictArgument,
    reason: Annotated[str, typer.Option("--reason", help="What was done about it")],
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Say what was done about a conflict; it opens again if more facts come."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        view = station.services.resolve_conflict(conflict, reason, sign_in(station, console))
        zone = station.services.facts.organization().zone
        console.answer(view_json(view), _line(view.row, zone, console.lang))


def row_json(row: ConflictRow) -> dict[str, Any]:
    """A conflict in a list."""
    return {
        "conflict": row.conflict,
        "code": row.code,
        "urgency": row.urgency,
        "subject": row.subject,
        "window": row.window,
        "at": to_text(row.at),
        "about": row.about,
        "event": row.event.code if row.event is not None else None,
        "stations": list(row.stations),
        "open": row.open,
        "entries": list(row.entries),
    }


def view_json(view: ConflictView) -> dict[str, Any]:
    """A conflict whole."""
    return {
        **row_json(view.row),
        "order": view.order or None,
        "order_reference": view.order_reference or None,
        "sides": [_side(side) for side in view.sides],
        "resolutions": [
            {
                "at": to_text(said.at),
                "who": said.who,
                "station": said.station_name,
                "reason": said.reason,
                "whole": said.whole,
            }
            for said in view.resolutions
        ],
    }


def _side(side: ConflictSide) -> dict[str, Any]:
    return {
        "entry_id": side.entry_id,
        "kind": side.kind,
        "station": side.station_name,
        "operator": side.operator or None,
        "at": to_text(side.at),
        "earliest": to_text(side.earliest),
        "latest": to_text(side.latest),
        "measured": side.measured,
        "gate": side.gate or None,
        "verdict": side.verdict or None,
        "confidence": side.confidence or None,
        "print": side.print_number or None,
        "receipt": side.receipt or None,
        "detail": side.detail or None,
    }


def _line(row: ConflictRow, zone: str, lang: str) -> str:
    from ui.messages import sentence

    title = sentence(row.code, {}, lang).title
    when = format_datetime(row.at, zone, lang)
    mark = "!" if row.open else "✓"
    return f"{mark} {row.conflict[:8]}  {when}  {title}: {localized(row.about, row.about_ru, lang)}"


def _lines(view: ConflictView, zone: str, lang: str) -> list[str]:
    from ui.messages import sentence, value_words

    words = sentence(view.row.code, {}, lang)
    lines = [_line(view.row, zone, lang), words.reason]
    for side in view.sides:
        place = " · ".join(
            part for part in (side.station_name, side.gate, side.operator, side.receipt) if part
        )
        when = format_datetime(side.at, zone, lang)
        lines.append(f"  {when}  {place}  {side.verdict} {side.detail}".rstrip())
    lines.append(words.advice)
    for said in view.resolutions:
        reason = value_words("resolution", said.reason, lang)
        lines.append(f"  ✓ {format_datetime(said.at, zone, lang)}  {said.who}: {reason}")
    return lines
