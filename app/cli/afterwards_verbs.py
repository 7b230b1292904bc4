"""`gatehouse refund`, `void`, `pay`, `release`: orders after their sale, for scripts."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

import typer

from app.bootstrap import Station
from app.cli import shapes
from app.cli.approving import with_approval, with_right
from app.cli.console import Console, DataOption, JsonOption, LangOption, sign_in, station_at, verb
from app.formats import format_money
from app.services.access import require
from app.services.afterwards import GivenBack, RefundRequest
from app.services.sell import Item, Tendered
from domain.actor import Actor, Permission
from domain.order import Tender

OrderArgument = Annotated[str, typer.Argument(help="Order reference, receipt number or ticket reference")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, in a few words")]
MinutesOption = Annotated[int, typer.Option("--minutes", min=1, help="How long places are kept")]


def add_to(root: typer.Typer) -> None:
    """Hang the verbs into the program."""
    root.command("refund")(refund)
    root.command("void")(void)
    root.command("release")(release)


@verb
def refund(
    order: OrderArgument,
    reason: ReasonOption,
    item: Annotated[
        list[str] | None, typer.Option("--item", help="Reference of a ticket; may be repeated; default all")
    ] = None,
    tender: Annotated[
        str | None, typer.Option("--tender", help="cash or card; default as it was paid")
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Give the money of an order, or of single tickets of it, back."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        view = station.services.find_orders.by_text(order, actor)
        request = RefundRequest(view.order, reason, tuple(item or ()), _tender(tender))
        refunded = with_approval(
            station, console, actor,
            lambda token: station.services.afterwards.refund(replace(request, approval=token), actor),
        )  # fmt: skip
        _say(console, refunded)


@verb
def void(
    order: OrderArgument,
    reason: ReasonOption,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Undo a whole order as if it had never been sold."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        view = station.services.find_orders.by_text(order, actor)
        request = RefundRequest(view.order, reason)
        undone = with_approval(
            station, console, actor,
            lambda token: station.services.afterwards.void(replace(request, approval=token), actor),
        )  # fmt: skip
        _say(console, undone)


@verb
def release(
    order: Annotated[
        str | None, typer.Argument(help="Order reference, receipt number or ticket reference")
    ] = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="All whose time is over and whose right is here")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Give a reservation up: its places are free again."""
    if (order is None) == (not overdue):
        raise typer.BadParameter("give either an order or --overdue")
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        if order is None:
            _release_overdue(station, console, actor)
            return
        view = station.services.find_orders.by_text(order, actor)
        done = with_right(station, lambda: station.services.afterwards.release(view.order, actor))
        console.answer(shapes.order(done), f"{done.reference}  {done.state}")


def _release_overdue(station: Station, console: Console, actor: Actor) -> None:
    require(actor, Permission.SELL)
    done = [
        station.services.find_orders.show(order, actor)
        for order in station.services.afterwards.release.overdue()
    ]
    console.answer(
        {"orders": [shapes.order(view) for view in done]},
        *(f"{view.reference}  {view.state}" for view in done),
    )


def reserve(
    station: Station, console: Console, items: list[Item], minutes: int, actor: Actor, promo: str = ""
) -> None:
    """`sell --reserve`: keep places without money."""
    until = station.services.clock.now() + timedelta(minutes=minutes)
    kept = station.services.afterwards.reserve.reserve(items, until, actor, promo=promo)
    shown: dict[str, Any] = {**shapes.order(kept.order), "until_at": shapes.at(kept.until)}
    console.answer(shown, f"{kept.order.reference}  {format_money(kept.order.due, console.lang)}")


def pay(station: Station, console: Console, order: str, tendered: list[Tendered], actor: Actor) -> None:
    """`pay ORDER`: take the money for a reservation."""
    view = station.services.find_orders.by_text(order, actor)
    paid = with_right(station, lambda: station.services.afterwards.pay(view.order, tendered, actor))
    console.answer(
        {
            "order": paid.order.order,
            "reference": paid.order.reference,
            "total": shapes.money(paid.order.due),
            "change": shapes.money(paid.change),
            "receipt": paid.order.receipt,
            "receipt_hash": paid.order.receipt_hash,
            "tickets": [
                shapes.ticket(ticket, paid.codes.get(ticket.serial)) for ticket in paid.order.tickets
            ],
        },
        f"{paid.order.receipt}  {paid.order.reference}  {format_money(paid.order.due, console.lang)}",
        f"change {format_money(paid.change, console.lang)}",
    )


def _tender(text: str | None) -> Tender | None:
    if text is None:
        return None
    try:
        return Tender(text.partition(":")[0])
    except ValueError:
        raise typer.BadParameter(f"--tender {text}: cash or card") from None


def _say(console: Console, done: GivenBack) -> None:
    console.answer(
        {
            "order": done.order.order,
            "reference": done.order.reference,
            "refund": done.refund,
            "state": done.order.state,
            "amount": shapes.money(done.amount),
            "payouts": [
                {"tender": out.tender.value, "amount_minor": out.amount_minor} for out in done.payouts
            ],
            "receipt": done.order.receipt,
            "tickets": list(done.tickets),
        },
        f"{done.order.reference}  {done.order.state}  {format_money(done.amount, console.lang)}",
    )
