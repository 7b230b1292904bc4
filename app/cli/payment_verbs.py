"""`gatehouse payment`: payments that take several steps, for terminals that are driven by a script."""

from typing import Annotated, Any

import typer

from app.cli import shapes
from app.cli.approving import with_right
from app.cli.console import DataOption, JsonOption, LangOption, sign_in, station_at, verb
from app.cli.sale_verbs import PromoOption, items_of
from app.formats import format_money
from app.services.payments import PaymentRequest
from app.services.reservations import PaidNow
from app.services.views import OrderView
from app.services.views_payments import PaymentStanding

PaymentArgument = Annotated[
    str, typer.Argument(help="Id of the payment, as `payment start` or `list` gave it")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, in a few words")]
ReferenceOption = Annotated[
    str, typer.Option("--reference", help="The terminal's own number, never a card's")
]


def add_to(root: typer.Typer) -> None:
    """Hang the verbs into the program."""
    payments = typer.Typer(help="Payments in steps: start, take, fail, clear up", no_args_is_help=True)
    payments.command("start")(start)
    payments.command("take")(take)
    payments.command("fail")(fail)
    payments.command("unknown")(unknown)
    payments.command("resolve")(resolve)
    payments.command("list")(listed)
    root.add_typer(payments, name="payment")


@verb
def start(
    order: Annotated[str | None, typer.Option("--order", help="Reference of a reservation")] = None,
    item: Annotated[
        list[str] | None, typer.Option("--item", help="PRODUCT or PRODUCT:N; may be repeated")
    ] = None,
    performance: Annotated[str | None, typer.Option("--performance", help="Code of the performance")] = None,
    event: Annotated[str | None, typer.Option("--event", help="Code of the event, for passes")] = None,
    payment: Annotated[
        str | None, typer.Option("--id", help="An id of your own (UUID): the same again begins nothing new")
    ] = None,
    promo: PromoOption = "",
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Begin a payment before the terminal is asked: its places are kept until it ends."""
    if (order is None) == (not item):
        raise typer.BadParameter("give either --order or --item")
    if item and (performance is None) == (event is None):
        raise typer.BadParameter("give either --performance or --event")
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        if order is not None:
            view = station.services.find_orders.by_text(order, actor)
            request = PaymentRequest(order=view.order, payment=payment)
        else:
            items = items_of(station, item or [], performance, event)
            request = PaymentRequest(items, payment=payment, promo=promo)
        begun = with_right(station, lambda: station.services.afterwards.start_payment(request, actor))
        console.answer(
            {**_standing(begun.standing), "tickets": [shapes.ticket(one) for one in begun.order.tickets]},
            _line(begun.standing, console.lang),
        )


@verb
def take(
    payment: PaymentArgument,
    reference: ReferenceOption = "",
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """The terminal said yes: the order is paid."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        paid = station.services.afterwards.take_payment(payment, reference, actor)
        console.answer(_paid(paid), _order_line(paid.order, console.lang))


@verb
def fail(
    payment: PaymentArgument,
    reason: ReasonOption,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """The terminal said no: the places are free again."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        view = station.services.afterwards.fail_payment(payment, reason, actor)
        console.answer(shapes.order(view), _order_line(view, console.lang))


@verb
def unknown(
    payment: PaymentArgument,
    reason: ReasonOption,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Nobody knows what the terminal did: it stands in the reports until somebody has found out."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        standing = station.services.afterwards.lose_payment(payment, reason, actor)
        console.answer(_standing(standing), _line(standing, console.lang))


@verb
def resolve(
    payment: PaymentArgument,
    reason: ReasonOption,
    taken: Annotated[bool, typer.Option("--taken/--not-taken", help="Whether the money has moved")],
    reference: ReferenceOption = "",
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Say what became of a payment; money that has moved is booked in the open shift of this station."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        done = with_right(
            station,
            lambda: station.services.afterwards.resolve_payment(
                payment, actor, taken=taken, reason=reason, reference=reference
            ),
        )
        console.answer(_paid(done), _order_line(done.order, console.lang))


@verb
def listed(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Payments that have no end yet and that you may clear up."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        found = station.services.afterwards.resolve_payment.open(sign_in(station, console))
        console.answer(
            {"payments": [_standing(one) for one in found]}, *(_line(one, console.lang) for one in found)
        )


def _standing(one: PaymentStanding) -> dict[str, Any]:
    return {
        "payment": one.payment,
        "order": one.order,
        "reference": one.reference,
        "state": one.state.value,
        "tender": one.tender,
        "amount": shapes.money(one.amount),
        "started_at": shapes.at(one.started_at),
        "station": one.station_name,
        "cashier": one.cashier_name,
    }


def _paid(done: PaidNow) -> dict[str, Any]:
    return {
        **shapes.order(done.order),
        "tickets": [shapes.ticket(one, done.codes.get(one.serial)) for one in done.order.tickets],
    }


def _line(one: PaymentStanding, lang: str) -> str:
    amount = format_money(one.amount, lang)
    return f"{one.payment}  {one.reference}  {one.state.value}  {amount}  {one.station_name}"


def _order_line(view: OrderView, lang: str) -> str:
    return f"{view.receipt or '-'}  {view.reference}  {view.state}  {format_money(view.due, lang)}"
