"""The board, the tiles, orders by any of their names, and small facts of the station."""

import pytest

from domain.errors import Refusal
from domain.ids import short_reference
from tests.builders import utc
from tests.services.house import CASHIER, SUPPORT, House


def test_the_board_shows_what_has_not_long_ended_and_events_without_performances(house: House) -> None:
    house.sell(house.item("full", 2))
    house.admit(house.code())

    def shown() -> list[tuple[str, str | None, int, int]]:
        return [
            (row.event.code, row.performance.code if row.performance else None, row.sold, row.admitted)
            for row in house.services.board(SUPPORT)
        ]

    assert shown() == [("play", "play-1", 3, 1), ("play", "play-2", 0, 0), ("museum", None, 0, 0)]
    house.clock.set_wall(utc("2026-11-22 03:00"))
    assert [row[1] for row in shown()] == ["play-1", "play-2", None]
    house.clock.set_wall(utc("2026-11-22 04:00"))
    assert [row[1] for row in shown()] == ["play-2", None]


def test_offers_of_an_event_nobody_knows_are_refused(house: House) -> None:
    with pytest.raises(Refusal, match="EVENT_UNKNOWN"):
        house.services.offers(4711, None, CASHIER)


def test_a_tile_speaks_of_the_product_whatever_the_shift(house: House) -> None:
    house.services.close_shift(10_000, CASHIER)
    at = house.performance("play-1")
    offers = house.services.offers(at.event, at.number, CASHIER)
    assert [(offer.product.code, offer.refusal) for offer in offers] == [
        ("full", None), ("half", None), ("group", None),
    ]  # fmt: skip


def test_a_tile_says_that_sales_are_over(house: House) -> None:
    house.clock.set_wall(utc("2026-11-21 21:30"))
    at = house.performance("play-1")
    offer = house.services.offers(at.event, at.number, CASHIER)[0]
    assert (offer.refusal, offer.refusal_params["at"]) == ("SALES_OVER", "2026-11-21T21:30:00.000Z")


def test_an_order_is_found_by_each_of_its_names(house: House) -> None:
    house.sell("half")
    sold = house.sell("full").order
    ticket = sold.tickets[0]
    orders = house.services.find_orders
    for name in (
        sold.order,
        sold.reference,
        sold.receipt,
        sold.receipt.lower(),
        ticket.reference,
        ticket.serial,
    ):
        assert orders.by_text(f" {name} ", CASHIER).order == sold.order
        assert [row.order for row in orders.find(name, CASHIER)] == [sold.order]
    assert [row.receipt for row in orders.find("", CASHIER)] == ["K1-000002", "K1-000001"]
    assert len(orders.find("", CASHIER, limit=1)) == 1
    row = orders.find("", CASHIER)[0]
    assert (row.what, row.tickets, row.due.minor, row.printed) == ("A Play", 1, 2000, False)


def test_an_order_nobody_knows_is_named_in_the_refusal(house: House) -> None:
    orders = house.services.find_orders
    for ask in (orders.show, orders.by_text, orders.by_code):
        with pytest.raises(Refusal) as caught:
            ask("K1-000099", CASHIER)
        assert (caught.value.code, caught.value.params["text"]) == ("ORDER_UNKNOWN", "K1-000099")


def test_a_name_of_two_orders_is_ambiguous(house: House) -> None:
    one, two = house.sell("full").order, house.sell("full").order
    with house.station.store._core.writing() as work:
        work.connection.exec_driver_sql(
            "UPDATE orders SET reference = ? WHERE order_id = ?", (one.reference, two.order)
        )
        work.commit()
    with pytest.raises(Refusal) as caught:
        house.services.find_orders.by_text(one.reference, CASHIER)
    assert (caught.value.code, caught.value.params["count"]) == ("ORDER_AMBIGUOUS", 2)


def test_a_scanned_ticket_leads_to_its_order_and_a_strange_one_does_not(house: House) -> None:
    sold = house.sell("full")
    (code,) = sold.codes.values()
    orders = house.services.find_orders
    assert orders.by_code(f"{code}\n", CASHIER).order == sold.order.order
    assert orders.by_code(sold.order.receipt, CASHIER).order == sold.order.order
    assert orders.codes(sold.order) == sold.codes
    from tests.builders import SERIAL, make_code_text

    with pytest.raises(Refusal) as caught:
        orders.by_code(make_code_text(), CASHIER)
    assert (caught.value.code, caught.value.params) == ("TICKET_UNKNOWN", {"text": short_reference(SERIAL)})


def test_the_station_tells_who_it_is_and_what_it_wrote(house: House) -> None:
    facts = house.services.facts
    assert (facts.station().name, facts.station().prefix, facts.station().has_hub) == ("Till K1", "K1", False)
    assert facts.organization().name == "Old Theatre"
    house.sell("full")
    assert [row.kind for row in facts.journal(2)] == ["order_sold", "shift_opened"]
    assert [row.kind for row in facts.journal(kind="order_sold")] == ["order_sold"]
