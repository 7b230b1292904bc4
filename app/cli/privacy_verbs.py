"""`gatehouse event privacy`, `event retention`, `order name`: what is kept about guests, and for how long."""

from typing import Annotated, Any

import typer

from app.cli.console import DataOption, JsonOption, LangOption, acting, verb
from app.services.event_privacy import KEEP, PrivacyRow
from domain.clock import to_text

EventArgument = Annotated[str | None, typer.Argument(help="Code of an event; all of them without it")]
DEFAULT, NEVER = "default", "never"


def add_to(root: typer.Typer) -> None:
    """Hang the verbs into the program."""
    group = typer.Typer(help="Events: what is kept about their guests", no_args_is_help=True)
    group.command("privacy")(event_privacy)
    group.command("retention")(event_retention)
    root.add_typer(group, name="event")


@verb
def event_privacy(
    event: EventArgument = None,
    retention_days: Annotated[
        str | None,
        typer.Option(
            "--retention-days",
            help="Personal data is erased so many days after its end; `default`: as the organization says, "
            "`never`: it is kept",
        ),
    ] = None,
    names_at_gate: Annotated[
        bool | None, typer.Option("--names-at-gate/--no-names-at-gate", help="Whether its gates see names")
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """What events say about their guests' data; with options, change it for one."""
    days = _days(retention_days)
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        privacy = station.services.event_privacy
        if days is not KEEP or names_at_gate is not None:
            if event is None:
                raise typer.BadParameter("say for which event")
            row = privacy(
                event, actor, retention_days=days,
                names_at_gate=KEEP if names_at_gate is None else names_at_gate,
            )  # fmt: skip
            console.answer(_json(row), _line(row))
            return
        rows = [row for row in privacy.listed(actor) if event in (None, row.code)]
        console.answer({"events": [_json(row) for row in rows]}, *map(_line, rows))


@verb
def event_retention(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Erase now what has been kept for as long as it may be; a running window does it by itself."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        erased = station.services.erase_due(actor)
        console.answer({"erased": erased}, f"{erased} documents erased")


@verb
def order_name(
    reference: Annotated[str, typer.Argument(help="Order reference, receipt number or ticket reference")],
    name: Annotated[str, typer.Argument(help="The name it is put under")],
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Put an order under a guest's name; it is erased with the data of its events."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        view = station.services.find_orders.by_text(reference, actor)
        kept = station.services.name_guest(view.order, name, actor)
        console.answer({"order": view.order, "reference": view.reference, "guest": kept}, kept)


def _days(text: str | None) -> int | object | None:
    if text is None:
        return KEEP
    if text == DEFAULT:
        return None
    if text == NEVER:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise typer.BadParameter("--retention-days: a number of days, default or never")
    return int(text)


def _json(row: PrivacyRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "names_at_gate": row.names_at_gate,
        "retention_days": row.own_days,
        "days": row.days,
        "ended_at": to_text(row.ended_at) if row.ended_at else None,
        "due_at": to_text(row.due_at) if row.due_at else None,
        "left": row.left,
    }


def _line(row: PrivacyRow) -> str:
    kept = "kept" if row.days is None else f"{row.days} days after its end"
    gate = "  names at the gate" if row.names_at_gate else ""
    due = f"  due {to_text(row.due_at)}" if row.due_at else ""
    return f"{row.code}  {row.name}  {kept}{due}  {row.left} documents{gate}"
