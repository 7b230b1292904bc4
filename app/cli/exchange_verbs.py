"""`gatehouse exchange` and `reprint`: other tickets for those of an order, a lost one printed again."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from app.bootstrap import Station
from app.cli import shapes
from app.cli.afterwards_verbs import OrderArgument, ReasonOption
from app.cli.approving import with_approval, with_right
from app.cli.console import Console, DataOption, JsonOption, LangOption, sign_in, station_at, verb
from app.cli.sale_verbs import ItemOption, TenderOption, items_of, tendered_of
from app.formats import format_money
from app.services.exchanges import Exchanged, ExchangeRequest
from domain.actor import Actor

PdfOption = Annotated[Path | None, typer.Option("--pdf", help="Folder for the tickets")]


def add_to(root: typer.Typer) -> None:
    """Hang the verbs into the program."""
    root.command("exchange")(exchange)
    root.command("reprint")(reprint)


@verb
def exchange(
    order: OrderArgument,
    item: ItemOption,
    reason: ReasonOption,
    ticket: Annotated[
        list[str] | None,
        typer.Option("--ticket", help="Reference of a ticket that goes back; may be repeated; default all"),
    ] = None,
    tender: TenderOption = None,
    performance: Annotated[str | None, typer.Option("--performance", help="Code of the performance")] = None,
    event: Annotated[str | None, typer.Option("--event", help="Code of the event, for passes")] = None,
    pdf: PdfOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Take tickets back and sell others for them; only the difference is paid."""
    if (performance is None) == (event is None):
        raise typer.BadParameter("give either --performance or --event")
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        view = station.services.find_orders.by_text(order, actor)
        currency = station.services.facts.organization().currency
        request = ExchangeRequest(
            view.order,
            items_of(station, item, performance, event),
            reason,
            tuple(ticket or ()),
            tuple(tendered_of(text, currency) for text in tender or ()),
        )
        done = with_approval(
            station, console, actor,
            lambda token: station.services.afterwards.exchange(replace(request, approval=token), actor),
        )  # fmt: skip
        made = _print(station, console, done.order.order, list(done.codes), actor, pdf)
        _say(console, done, made)


@verb
def reprint(
    ticket: Annotated[str, typer.Argument(help="Reference or serial of the ticket")],
    reason: ReasonOption,
    pdf: PdfOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Print a lost ticket again: the code of every older print is dead from now on."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        done = with_right(station, lambda: station.services.afterwards.reprint(ticket, reason, actor))
        made = _print(station, console, done.order.order, [done.ticket.serial], actor, pdf)
        console.answer(
            {
                "order": done.order.order,
                "reference": done.order.reference,
                "tickets": [shapes.ticket(done.ticket, done.code, made)],
            },
            f"{done.ticket.reference}  {done.ticket.print_number}  {done.code}",
        )


def _print(
    station: Station, console: Console, order: str, serials: list[str], actor: Actor, pdf: Path | None
) -> str | None:
    """The PDF of these tickets, where one was asked for."""
    if pdf is None:
        return None
    printed = station.services.print_order(
        order, actor, what="tickets", lang=console.lang, folder=str(pdf),
        paper=station.settings.text("print.paper"), only=serials,
    )  # fmt: skip
    return printed.files[0]


def _say(console: Console, done: Exchanged, pdf: str | None) -> None:
    console.answer(
        {
            "order": done.order.order,
            "reference": done.order.reference,
            "exchanged": {"order": done.before.order, "state": done.before.state},
            "total": shapes.money(done.order.due),
            "returned": shapes.money(done.returned),
            "change": shapes.money(done.change),
            "receipt": done.order.receipt,
            "receipt_hash": done.order.receipt_hash,
            "tickets": [
                shapes.ticket(ticket, done.codes.get(ticket.serial), pdf) for ticket in done.order.tickets
            ],
        },
        f"{done.order.receipt}  {done.order.reference}  {format_money(done.order.due, console.lang)}",
        f"returned {format_money(done.returned, console.lang)}",
        f"change {format_money(done.change, console.lang)}",
        *(f"{ticket.reference}  {done.codes.get(ticket.serial, '')}" for ticket in done.order.tickets),
    )
