"""`gatehouse audit`: the trail, searched, exported, and looked through for patterns."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import DataOption, JsonOption, LangOption, acting, verb
from app.services.audit import pattern_json, to_json
from app.services.views_people import AuditQuery, AuditRow, SuspicionRow
from domain.clock import from_text, to_text
from domain.errors import Fault


def add_to(root: typer.Typer) -> None:
    """Hang the verb into the program."""
    root.command("audit")(audit)


def _time(text: str, option: str) -> datetime | None:
    try:
        return from_text(text) if text else None
    except ValueError:
        raise typer.BadParameter(f"{option} {text}: a time such as 2026-12-24T18:40:00+01:00") from None


@verb
def audit(
    person: Annotated[
        str, typer.Option("--person", help="Login: what they did and what was done to them")
    ] = "",
    kind: Annotated[str, typer.Option("--kind", help="Kind of entry, such as shift_closed")] = "",
    order: Annotated[str, typer.Option("--order", help="Reference, receipt number or id of an order")] = "",
    at_station: Annotated[str, typer.Option("--station", help="Id of a station")] = "",
    since: Annotated[str, typer.Option("--since", help="Not before (ISO 8601)")] = "",
    until: Annotated[str, typer.Option("--until", help="Not after (ISO 8601)")] = "",
    limit: Annotated[int, typer.Option("--limit", help="At most so many, the newest")] = 200,
    patterns: Annotated[bool, typer.Option("--patterns", help="What deserves a look, per person")] = False,
    form: Annotated[str, typer.Option("--format", help="csv or json, with --out")] = "csv",
    out: Annotated[Path | None, typer.Option("--out", help="Write the rows to this file")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Who did what, when, at which station, with whose approval."""
    query = AuditQuery(
        person, kind, order, at_station, _time(since, "--since"), _time(until, "--until"), limit
    )
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        trail = station.services.audit
        if patterns:
            every = trail.suspicions(actor, since_at=query.since_at, until_at=query.until_at)
            found = [row for row in every if person in ("", row.login)]
            if out is not None:
                _write(out, trail.report(found, form))
                console.answer({"file": str(out), "rows": len(found)}, str(out))
                return
            console.answer({"patterns": [pattern_json(row) for row in found]}, *map(_pattern_line, found))
        elif out is not None:
            _write(out, trail.export(query, form, actor))
            console.answer({"file": str(out), "rows": len(trail(query, actor))}, str(out))
        else:
            rows = trail(query, actor)
            console.answer({"rows": [to_json(row) for row in rows]}, *map(_line, rows))


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise Fault("FILE_NOT_WRITABLE", file=out.name) from error


def _line(row: AuditRow) -> str:
    approved = f"  ✓ {', '.join(row.approved_by)}" if row.approved_by else ""
    return f"{to_text(row.at)}  {row.station_name}  {row.login or '-'}  {row.kind}  {row.about}{approved}"


def _pattern_line(row: SuspicionRow) -> str:
    return f"{row.login}  {row.pattern}  {row.count}  {to_text(row.first_at)} – {to_text(row.last_at)}"
