"""The printing ports of the use cases: orders and shifts as they are stored become what is printed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from app.formats import format_datetime
from app.printing.files import safe_name, save_file
from app.printing.fonts import Typesetter
from app.printing.model import (
    ReceiptLine,
    ReceiptPrint,
    ShiftReportKind,
    ShiftReportPrint,
    TaxLine,
    TenderLine,
    TenderTotal,
    TicketPrint,
    UnknownPayment,
    VenuePrint,
)
from app.printing.receipt_pdf import render_receipt, render_shift_report
from app.printing.ticket_layout import Paper
from app.printing.ticket_pdf import render_tickets
from app.services.views import OrderView, Organization, ShiftView, TicketView
from domain.catalogue import localized
from domain.money import Money
from domain.validity import ValidityStart


class PdfRenderer:
    """Implements `TicketRenderer`. The organization is asked for at each print, since it may be edited."""

    def __init__(
        self, fonts: Path, organization: Callable[[], Organization], now: Callable[[], datetime]
    ) -> None:
        """`fonts` is the folder with the font files, `now` tells UTC time. Raises Fault FONT_MISSING."""
        self._setter = Typesetter(fonts)
        self._organization = organization
        self._now = now

    def tickets(self, order: OrderView, codes: Mapping[str, str], paper: str, lang: str) -> bytes:
        """The tickets of the order whose serial is in `codes`; `paper` is A4 or A6 in any case.

        Raises ValueError for another paper or when no ticket has a code.
        """
        venue = venue_of(self._organization())
        prints = ticket_prints(order, codes, venue, lang)
        return render_tickets(prints, Paper(paper.lower()), setter=self._setter)

    def receipt(self, order: OrderView, copy: int, lang: str) -> bytes:
        """The receipt; `copy` is 0 for the first print."""
        venue = venue_of(self._organization())
        return render_receipt(receipt_print(order, venue, copy, lang), setter=self._setter)

    def shift_report(self, shift: ShiftView, lang: str) -> bytes:
        """The Z report of a closed shift, the X report of an open one."""
        venue = venue_of(self._organization())
        return render_shift_report(shift_print(shift, venue, self._now(), lang), setter=self._setter)


class FolderSink:
    """Implements `FileSink`: whole PDFs or none, in a folder of one's choice or the usual one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, name: str, content: bytes, folder: str | None = None) -> str:
        """Path of the file. Raises Fault PRINT_FOLDER_NOT_WRITABLE (folder, reason), DISK_FULL (folder,
        bytes).
        """
        target = Path(folder).expanduser() if folder else self._folder
        stem, dot, suffix = name.rpartition(".")
        return str(save_file(content, target, safe_name(stem, dot + suffix) if dot else safe_name(name, "")))


def venue_of(organization: Organization) -> VenuePrint:
    """Who sells, as it stands on paper."""
    return VenuePrint(organization.name, organization.address, organization.zone, organization.tax_id)


def ticket_prints(
    order: OrderView, codes: Mapping[str, str], venue: VenuePrint, lang: str
) -> list[TicketPrint]:
    """What to print for each ticket of the order that has a code, in the order of its positions."""
    paid = _paid(order)
    chosen = [ticket for ticket in order.tickets if ticket.serial in codes]
    return [
        _ticket_print(
            order, ticket, codes[ticket.serial], venue, lang, paid[ticket.serial], (at, len(chosen))
        )
        for at, ticket in enumerate(chosen, start=1)
    ]


def _ticket_print(
    order: OrderView,
    ticket: TicketView,
    code: str,
    venue: VenuePrint,
    lang: str,
    paid: Money,
    place: tuple[int, int],
) -> TicketPrint:
    product, performance = ticket.product, ticket.performance
    from_first_use = product.is_pass and product.validity.start is ValidityStart.FIRST_USE and not ticket.uses
    return TicketPrint(
        venue=_place(ticket, venue, lang),
        language=lang,
        event=localized(ticket.event.name, ticket.event.name_ru, lang),
        product=localized(product.name, product.name_ru, lang),
        price=paid,
        code=code,
        reference=ticket.reference,
        order=order.reference,
        performance=localized(performance.name, performance.name_ru, lang) if performance else "",
        starts_at=performance.starts_at if performance else None,
        doors_at=performance.doors_at if performance else None,
        seat=ticket.seat or "",
        zone=_zone_names(ticket, lang),
        tax_rate=ticket.tax_rate_bp,
        tax=Money(ticket.tax_minor, ticket.price.currency),
        valid_from_at=ticket.valid_from_at,
        valid_until_at=ticket.valid_until_at,
        from_first_use=from_first_use,
        is_pass=product.is_pass,
        admits=product.admits,
        concession=localized(product.concession or "", product.concession_ru or "", lang),
        print_number=ticket.print_number,
        place=place[0],
        of=place[1],
        practice=order.practice,
    )


def _place(ticket: TicketView, seller: VenuePrint, lang: str) -> VenuePrint:
    """Where the event takes place; the seller's own house where the event names none."""
    event = ticket.event
    if not event.venue:
        return VenuePrint(seller.name, seller.address, event.zone, seller.tax_id)
    address = localized(event.address, event.address_ru, lang)
    return VenuePrint(localized(event.venue, event.venue_ru, lang), address, event.zone)


def _zone_names(ticket: TicketView, lang: str) -> str:
    zones = ticket.performance.zones if ticket.performance else ()
    allowed = [zone for zone in zones if ticket.zones >> zone.number & 1]
    return ", ".join(localized(zone.name, zone.name_ru, lang) for zone in allowed)


def _paid(order: OrderView) -> dict[str, Money]:
    """What each ticket cost after discount, with its tax."""
    return {ticket.serial: Money(ticket.gross_minor, order.currency) for ticket in order.tickets}


def _tax_included(order: OrderView) -> bool:
    """Prices less the discount are the gross exactly when the tax was inside them (or is nothing)."""
    return sum(ticket.price.minor for ticket in order.tickets) - order.discount.minor == order.gross.minor


def receipt_print(order: OrderView, venue: VenuePrint, copy: int, lang: str) -> ReceiptPrint:
    """What to print as the receipt of the order; `copy` is 0 for the first print."""
    change = sum(payment.change.minor for payment in order.payments)
    return ReceiptPrint(
        venue=venue,
        language=lang,
        number=order.receipt,
        hash8=order.receipt_hash,
        at=order.sold_at,
        station=order.station_name,
        cashier=order.cashier_name,
        order=order.reference,
        lines=_lines(order, lang),
        total=order.due,
        tenders=tuple(
            TenderLine(payment.tender, payment.tendered, payment.reference or "")
            for payment in order.payments
        ),
        lookup=order.receipt,
        taxes=_taxes(order),
        discount=-order.discount,
        discount_name=order.promo.named(lang) if order.promo else "",
        rounding=order.rounding,
        change=Money(change, order.currency),
        tax_included=_tax_included(order),
        copy=copy,
        practice=order.practice,
    )


def _lines(order: OrderView, lang: str) -> tuple[ReceiptLine, ...]:
    """Equal tickets on one line, in the order in which they were first sold."""
    groups: dict[tuple[int, int | None, int], list[TicketView]] = {}
    for ticket in order.tickets:
        performance = ticket.performance.number if ticket.performance else None
        groups.setdefault((ticket.product.number, performance, ticket.price.minor), []).append(ticket)
    return tuple(_line(group, lang) for group in groups.values())


def _line(group: list[TicketView], lang: str) -> ReceiptLine:
    first = group[0]
    event = localized(first.event.name, first.event.name_ru, lang)
    product = localized(first.product.name, first.product.name_ru, lang)
    at = format_datetime(first.performance.starts_at, first.event.zone, lang) if first.performance else ""
    return ReceiptLine(
        name=f"{event} – {product}",
        quantity=len(group),
        unit=first.price,
        total=first.price * len(group),
        tax_rate=first.tax_rate_bp,
        detail=at,
    )


def _taxes(order: OrderView) -> tuple[TaxLine, ...]:
    paid = _paid(order)
    lines = []
    for rate in sorted({ticket.tax_rate_bp for ticket in order.tickets}):
        tickets = [ticket for ticket in order.tickets if ticket.tax_rate_bp == rate]
        gross = sum(paid[ticket.serial].minor for ticket in tickets)
        tax = sum(ticket.tax_minor for ticket in tickets)
        net, currency = gross - tax, order.currency
        lines.append(TaxLine(rate, Money(net, currency), Money(tax, currency), Money(gross, currency)))
    return tuple(lines)


def shift_print(shift: ShiftView, venue: VenuePrint, now: datetime, lang: str) -> ShiftReportPrint:
    """What to print of a shift: Z when it is closed, X as of `now` while it is open."""
    currency = shift.float_.currency
    nothing = Money(0, currency)
    closed = shift.closed_at is not None
    return ShiftReportPrint(
        venue=venue,
        language=lang,
        kind=ShiftReportKind.Z if closed else ShiftReportKind.X,
        number=str(shift.number) if shift.number is not None else "",
        station=shift.station_name or shift.drawer,
        cashier=shift.cashier_name,
        opened_at=shift.opened_at,
        at=shift.closed_at or now,
        sales=tuple(
            TenderTotal(tender, None, Money(minor, currency))
            for tender, minor in sorted(shift.tenders.items())
        ),
        float_amount=shift.float_,
        refunds=nothing,
        cash_refunds=nothing,
        paid_in=nothing,
        paid_out=nothing,
        drops=nothing,
        receipts=shift.receipts_count,
        unsynced=shift.not_synced,
        first_receipt=shift.receipts_first or "",
        last_receipt=shift.receipts_last or "",
        expected=shift.expected,
        counted=shift.counted,
        difference=shift.difference,
        practice=shift.practice,
        unknown=tuple(
            UnknownPayment(one.reference, one.tender, Money(one.amount_minor, currency))
            for one in shift.unknown
        ),
    )
