"""From stored orders and shifts to paper: the ports that the use cases print through."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.paths import resource
from app.printing.model import ShiftReportKind
from app.printing.renderer import PdfRenderer, receipt_print, shift_print, ticket_prints, venue_of
from app.services.ports import TicketRenderer
from app.services.views import OrderView, Organization, PaymentView, ShiftView, TicketView
from domain.catalogue import Event, Performance, Product, Zone
from domain.money import Money
from domain.validity import Validity, ValidityKind, ValidityStart
from tests.printing.prints import EVENING, code_of, codes_in, euros, page_pictures, page_texts

ORGANIZATION = Organization("Riverside", "Europe/Berlin", "EUR", address="Quay 1", tax_id="DE 1")
EVENT = Event(1, "cherry", "The Cherry Orchard", "Europe/Berlin", name_ru="Вишнёвый сад")
SHOW = Performance(2, "p1", 1, EVENING, zones=(Zone(0, "Stalls", name_ru="Партер"), Zone(1, "Circle")))
ADULT = Product(3, "adult", 1, "Adult", 2000, "EUR", name_ru="Взрослый", tax_rate_bp=700)
BAR = Product(4, "drink", 1, "Welcome drink", 600, "EUR", tax_rate_bp=1900, concession="proof of age")
WEEK = Validity(ValidityKind.WEEK, start=ValidityStart.FIRST_USE)


def sold(serial: str, product: Product, tax_minor: int, **changes: Any) -> TicketView:
    plain = TicketView(
        serial, "K7QD3MX9", "o1", product, EVENT, SHOW, product.price, tax_minor, product.tax_rate_bp,
        "active", 1, "Row 7, seat 12", 1, None, None,
    )  # fmt: skip
    return replace(plain, **changes)


def order(**changes: Any) -> OrderView:
    """Three tickets, 46.00 less 10 % discount, tax included, 50.00 given."""
    tickets = (sold("a" * 16, ADULT, 118), sold("b" * 16, ADULT, 118), sold("c" * 16, BAR, 86))
    tickets = tuple(replace(one, gross_minor=one.price.minor * 9 // 10) for one in tickets)
    plain = OrderView(
        order="o1", reference="R7KQ22", state="paid", sold_at=EVENING, station="0000000a",
        station_name="Counter 1", cashier="u1", cashier_name="Anna", shift="s1", receipt="K1-000042",
        receipt_hash="1a2b3c4d", practice=False, currency="EUR", gross=euros(4140), discount=euros(460),
        net=euros(3818), tax=euros(322), rounding=euros(0), due=euros(4140), tickets=tickets,
        payments=(PaymentView("p1", "cash", euros(4140), euros(5000), euros(860), None),), synced=True,
        printed=False, entry_id="e", seq=1,
    )  # fmt: skip
    return replace(plain, **changes)


def codes(view: OrderView) -> dict[str, str]:
    return {ticket.serial: code_of(ticket.serial) for ticket in view.tickets}


@pytest.fixture
def make_renderer() -> Callable[[], TicketRenderer]:
    return lambda: PdfRenderer(resource("fonts"), lambda: ORGANIZATION, lambda: EVENING)


@pytest.mark.parametrize("paper", ["A4", "a6"])
def test_each_ticket_of_an_order_has_its_page_with_its_code(
    make_renderer: Callable[[], TicketRenderer], paper: str
) -> None:
    view = order()
    pictures = page_pictures(make_renderer().tickets(view, codes(view), paper, "en"), 120)
    assert [codes_in(picture)[0] for picture in pictures] == list(codes(view).values())


def test_only_tickets_with_a_code_are_printed_and_counted(
    make_renderer: Callable[[], TicketRenderer],
) -> None:
    view = order()
    some = {serial: code for serial, code in codes(view).items() if serial[0] != "b"}
    texts = page_texts(make_renderer().tickets(view, some, "A4", "en"))
    assert ["Ticket 1 of 2" in texts[0], "Ticket 2 of 2" in texts[1]] == [True, True]


def test_an_unknown_paper_is_an_error(make_renderer: Callable[[], TicketRenderer]) -> None:
    with pytest.raises(ValueError, match="a3"):
        make_renderer().tickets(order(), codes(order()), "A3", "en")


def test_a_ticket_shows_what_was_paid_after_discount_and_the_zone_it_opens() -> None:
    view = order()
    prints = ticket_prints(view, codes(view), venue_of(ORGANIZATION), "ru")
    assert [one.price.minor for one in prints] == [1800, 1800, 540]
    assert (prints[0].event, prints[0].product, prints[0].zone) == ("Вишнёвый сад", "Взрослый", "Партер")
    assert prints[2].concession == "proof of age"


def test_a_pass_that_begins_with_its_first_use_says_so_until_it_was_used() -> None:
    week = replace(ADULT, validity=WEEK)
    fresh = sold("d" * 16, week, 0, performance=None)
    view = order(tickets=(fresh,), discount=euros(0), gross=euros(2000))
    (one,) = ticket_prints(view, codes(view), venue_of(ORGANIZATION), "en")
    assert one.from_first_use
    assert one.is_pass


def test_a_receipt_adds_up_line_by_line_and_rate_by_rate() -> None:
    printed = receipt_print(order(), venue_of(ORGANIZATION), 0, "en")
    assert [(line.quantity, line.total.minor) for line in printed.lines] == [(2, 4000), (1, 600)]
    assert [(line.rate, line.net.minor, line.tax.minor, line.gross.minor) for line in printed.taxes] == [
        (700, 3364, 236, 3600),
        (1900, 454, 86, 540),
    ]
    assert sum(line.gross.minor for line in printed.taxes) == printed.total.minor
    assert (printed.tenders[0].amount, printed.change) == (euros(5000), euros(860))
    assert printed.tax_included


def test_tax_that_was_added_is_shown_as_a_step_to_the_total(
    make_renderer: Callable[[], TicketRenderer],
) -> None:
    tickets = (sold("a" * 16, ADULT, 140, gross_minor=2140),)
    view = order(tickets=tickets, discount=euros(0), gross=euros(2140), net=euros(2000), due=euros(2140))
    printed = receipt_print(view, venue_of(ORGANIZATION), 0, "en")
    assert not printed.tax_included
    assert printed.taxes[0].gross == euros(2140)
    (text,) = page_texts(make_renderer().receipt(view, 0, "en"))
    assert "Subtotal 20.00 Tax 1.40 Total €21.40" in text


def test_a_reprinted_receipt_is_a_copy(make_renderer: Callable[[], TicketRenderer]) -> None:
    assert "КОПИЯ 1" in page_texts(make_renderer().receipt(order(), 1, "ru"))[0]


def test_an_open_shift_gives_an_x_and_a_closed_one_a_z(make_renderer: Callable[[], TicketRenderer]) -> None:
    shift = ShiftView(
        "s1", "0000000a", "Drawer 1", "u1", "Anna", EVENING - timedelta(hours=4), None, None, euros(10000),
        {"cash": 4140, "card": 0}, euros(14140), None, None, "K1-000042", "K1-000042", 1, 2,
    )  # fmt: skip
    venue = venue_of(ORGANIZATION)
    x_report = shift_print(shift, venue, EVENING, "en")
    assert (x_report.kind, x_report.at) == (ShiftReportKind.X, EVENING)
    closed_at = datetime(2026, 11, 21, 23, tzinfo=UTC)
    closed = replace(
        shift, closed_at=closed_at, number=17, counted=Money(14100, "EUR"), difference=Money(-40, "EUR")
    )
    z_report = shift_print(closed, venue, EVENING, "en")
    assert (z_report.kind, z_report.number, z_report.at) == (ShiftReportKind.Z, "17", closed_at)
    (text,) = page_texts(make_renderer().shift_report(closed, "en"))
    for words in ("Z report 17", "Cash 41.40", "Expected 141.40", "Counted 141.00", "Difference −€0.40"):
        assert words in text
