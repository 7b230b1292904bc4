"""`gatehouse shift`, `sell` and `order`: the box office for scripts."""

from pathlib import Path
from typing import Annotated

import structlog
import typer

from app.bootstrap import Station
from app.cli import afterwards_verbs, shapes
from app.cli.approving import with_approval
from app.cli.console import DataOption, JsonOption, LangOption, sign_in, station_at, verb
from app.cli.privacy_verbs import order_name
from app.formats import format_datetime, format_money
from app.services.sell import Item, SaleRequest, Tendered
from app.services.views import OrderView
from domain.errors import Fault, Refusal
from domain.money import format_plain, parse_amount
from domain.order import Tender

ItemOption = Annotated[list[str], typer.Option("--item", help="PRODUCT or PRODUCT:N; may be repeated")]
TenderOption = Annotated[
    list[str] | None,
    typer.Option("--tender", help="cash:20.00, card:5.00 or card:5.00:REFERENCE; may be repeated"),
]


PromoOption = Annotated[str, typer.Option("--promo", help="A promo code, as the guest shows it")]


def add_to(root: typer.Typer) -> None:
    """Hang the verbs into the program."""
    shifts = typer.Typer(help="Shifts: open, X report, close", no_args_is_help=True)
    shifts.command("open")(shift_open)
    shifts.command("x")(shift_x)
    shifts.command("close")(shift_close)
    shifts.command("drawer")(shift_drawer)
    root.add_typer(shifts, name="shift")
    root.command("sell")(sell)
    root.command("pay")(pay)
    orders = typer.Typer(help="Orders: show, find", no_args_is_help=True)
    orders.command("show")(order_show)
    orders.command("find")(order_find)
    orders.command("name")(order_name)
    root.add_typer(orders, name="order")


@verb
def shift_open(
    float_: Annotated[str, typer.Option("--float", help="Cash put into the drawer")] = "0",
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Open the shift of this station."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        amount = parse_amount(float_, station.services.facts.organization().currency)
        view = station.services.open_shift(amount.minor, actor)
        console.answer(shapes.shift(view), f"open since {view.opened_at:%H:%M} UTC")
        _ask_for_places(station)


def _ask_for_places(station: Station) -> None:
    """A till sells from leased places; scripts have no background exchange that would ask for them."""
    if station.exchange is None:
        return
    try:
        station.exchange.run_once()
    except Fault as fault:  # another process of this station exchanges, or the hub is away: both may be
        structlog.get_logger().info("no_exchange", code=fault.code)


@verb
def shift_x(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Show what the open shift has taken so far."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        view = station.services.shift_now(sign_in(station, console))
        if view is None:
            raise Refusal("NO_SHIFT")
        console.answer(
            shapes.shift(view),
            f"receipts {view.receipts_count} ({view.receipts_first} – {view.receipts_last})",
            f"cash expected {format_money(view.expected, console.lang)}",
        )


@verb
def shift_close(
    counted: Annotated[str, typer.Option("--counted", help="Cash counted in the drawer")],
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Close the shift with the count of the drawer."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        amount = parse_amount(counted, station.services.facts.organization().currency)
        view = with_approval(
            station, console, actor, lambda token: station.services.close_shift(amount.minor, actor, token)
        )
        difference = view.difference
        console.answer(
            shapes.shift(view),
            f"Z {view.number}: expected {format_money(view.expected, console.lang)}, "
            f"difference {format_money(difference, console.lang) if difference else '0'}",
        )


@verb
def sell(
    item: ItemOption,
    tender: TenderOption = None,
    performance: Annotated[str | None, typer.Option("--performance", help="Code of the performance")] = None,
    event: Annotated[str | None, typer.Option("--event", help="Code of the event, for passes")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="Folder for tickets and receipt")] = None,
    reserve: Annotated[bool, typer.Option("--reserve", help="Keep the places, pay later")] = False,
    minutes: afterwards_verbs.MinutesOption = 120,
    promo: PromoOption = "",
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Sell tickets: one order, paid, with codes and, if asked for, PDFs."""
    if (performance is None) == (event is None):
        raise typer.BadParameter("give either --performance or --event")
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        items = items_of(station, item, performance, event)
        if reserve:
            afterwards_verbs.reserve(station, console, items, minutes, actor, promo)
            return
        currency = station.services.facts.organization().currency
        request = SaleRequest(
            items,
            [tendered_of(text, currency) for text in tender or ()],
            print_what="tickets+receipt" if pdf is not None else "",
            promo=promo,
        )
        sold = station.services.sell(request, actor)
        files: dict[str, str] = {}
        if pdf is not None:
            printed = station.services.print_order(
                sold.order.order, actor, lang=console.lang, folder=str(pdf),
                paper=station.settings.text("print.paper"),
            )  # fmt: skip
            files = {"tickets": printed.files[0], "receipt": printed.files[1]}
        console.answer(
            {
                "order": sold.order.order,
                "reference": sold.order.reference,
                "total": shapes.money(sold.order.due),
                "discount": shapes.money(sold.order.discount),
                "promo": sold.order.promo.name if sold.order.promo else None,
                "change": shapes.money(sold.change),
                "receipt": sold.order.receipt,
                "receipt_hash": sold.order.receipt_hash,
                "tickets": [
                    shapes.ticket(ticket, sold.codes.get(ticket.serial), files.get("tickets"))
                    for ticket in sold.order.tickets
                ],
                "receipt_pdf": files.get("receipt"),
            },
            f"{sold.order.receipt}  {sold.order.reference}  {format_money(sold.order.due, console.lang)}",
            f"change {format_money(sold.change, console.lang)}",
            *(f"{ticket.reference}  {sold.codes.get(ticket.serial, '')}" for ticket in sold.order.tickets),
        )


@verb
def pay(
    order: afterwards_verbs.OrderArgument,
    tender: TenderOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Pay a reservation."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        currency = station.services.facts.organization().currency
        tendered = [tendered_of(text, currency) for text in tender or ()]
        afterwards_verbs.pay(station, console, order, tendered, actor)


@verb
def shift_drawer(
    reason: Annotated[str, typer.Option("--reason", help="Why it is opened although nothing is sold")],
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Note that the drawer is opened without a sale; it stands in the audit trail."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        shift = station.services.note_drawer(reason, sign_in(station, console))
        console.answer({"shift": shift}, "noted")


@verb
def order_show(
    reference: Annotated[str, typer.Argument(help="Order reference, receipt number or ticket reference")],
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show one order whole."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        view = station.services.find_orders.by_text(reference, sign_in(station, console))
        console.answer(shapes.order(view), *_order_lines(view, console.lang))


@verb
def order_find(
    text: Annotated[str, typer.Argument(help="Part of what is known; empty for the latest")] = "",
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Find orders."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        rows = station.services.find_orders.find(text, sign_in(station, console))
        console.answer(
            {
                "orders": [
                    {
                        "order": row.order,
                        "reference": row.reference,
                        "receipt": row.receipt,
                        "state": row.state,
                        "total": shapes.money(row.due),
                        "tickets": row.tickets,
                        "synced": row.synced,
                    }
                    for row in rows
                ]
            },
            *(
                f"{row.receipt}  {row.reference}  {format_money(row.due, console.lang)}  {row.what}"
                for row in rows
            ),
        )


def items_of(station: Station, texts: list[str], performance: str | None, event: str | None) -> list[Item]:
    """What `--item` names. Refuses PERFORMANCE_UNKNOWN, EVENT_UNKNOWN, PRODUCT_UNKNOWN."""
    with station.store.read() as read:
        at = read.performance_by_code(performance) if performance is not None else None
        if performance is not None and at is None:
            raise Refusal("PERFORMANCE_UNKNOWN", performance=performance)
        found = read.event(at.event) if at is not None else read.event_by_code(event or "")
        if found is None:
            raise Refusal("EVENT_UNKNOWN", event=event or "")
        products = {product.code: product for product in read.products(found.number)}
    items = []
    for text in texts:
        code, _, count = text.partition(":")
        if code not in products:
            raise Refusal("PRODUCT_UNKNOWN", product=code)
        if count and not (count.isascii() and count.isdigit() and 0 < int(count) <= 10_000):
            raise typer.BadParameter(f"--item {text}: the number of tickets must be 1 to 10000")
        items.append(Item(products[code].number, at.number if at else None, int(count or 1)))
    return items


def tendered_of(text: str, currency: str) -> Tendered:
    """What one `--tender` says."""
    kind, _, rest = text.partition(":")
    amount, _, reference = rest.partition(":")
    try:
        tender = Tender(kind)
    except ValueError:
        raise typer.BadParameter(f"--tender {text}: cash or card") from None
    if tender not in (Tender.CASH, Tender.CARD):
        raise typer.BadParameter(f"--tender {text}: cash or card")
    return Tendered(tender, parse_amount(amount, currency).minor, reference)


def _order_lines(view: OrderView, lang: str) -> list[str]:
    zone = view.tickets[0].event.zone if view.tickets else "UTC"
    return [
        f"{view.receipt}  {view.reference}  {view.state}  {format_datetime(view.sold_at, zone, lang)}",
        *(
            f"  {ticket.reference}  {ticket.product.name}  {format_money(ticket.price, lang)}  {ticket.state}"
            for ticket in view.tickets
        ),
        *(f"  {paid.tender}  {format_plain(paid.amount)} {paid.amount.currency}" for paid in view.payments),
    ]
