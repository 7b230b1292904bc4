"""What the store answers about sales, tickets, gates and shifts."""

from datetime import timedelta
from pathlib import Path

import pytest

from domain.actor import SYSTEM, Actor
from domain.admission import Direction
from domain.entry import Draft
from domain.ids import short_reference
from domain.leases import Instant
from domain.states import EventState
from tests.builders import NOW, make_event, make_gate, make_performance, make_product
from tests.store.station import (
    CASHIER,
    CASHIER_ID,
    Sale,
    Station,
    changed,
    made,
    printed,
    refused,
    reprinted,
    scanned,
    shift_closed,
    shift_opened,
    undone,
)

SHIFT = "00000000-0000-4000-8000-00000000000a"
OTTO = Actor(user="00000000-0000-4000-8000-000000000002", login="otto")


def with_people(station: Station) -> None:
    with station.store.begin() as work:
        document = "00000000-0000-4000-8000-0000000000d1"
        digest = work.put_document(document, "person", "org", {"user": CASHIER_ID, "name": "Anna Ivanova"})
        body = {
            "user": CASHIER_ID, "login": "anna", "roles": ["cashier"],
            "document": document, "document_hash": digest,
        }  # fmt: skip
        work.append(Draft("user_created", ("org",), body), SYSTEM)
        work.commit()


def test_an_order_is_read_back_whole(theatre: Station) -> None:
    with_people(theatre)
    sale = Sale(theatre.random)
    entry = theatre.append(sale.draft(), shift=SHIFT)[0]
    with theatre.store.read() as read:
        order = read.order(sale.order)
    assert order is not None
    assert (order.reference, order.receipt, order.state) == (sale.reference, "K1-000001", "paid")
    assert (order.receipt_hash, order.seq, order.entry_id) == (entry.short_hash, entry.seq, entry.entry_id)
    assert (order.cashier_name, order.station_name, order.shift) == ("Anna Ivanova", "Till 1", SHIFT)
    assert (order.due.minor, order.tax.minor, order.net.minor) == (4000, 200, 3800)
    assert [ticket.serial for ticket in order.tickets] == sale.serials
    assert [ticket.state for ticket in order.tickets] == ["active", "active"]
    assert order.tickets[0].reference == short_reference(sale.serials[0])
    assert (order.tickets[0].price.minor, order.tickets[0].key_id) == (2000, "00000000")
    assert [(paid.tender, paid.amount.minor, paid.change.minor) for paid in order.payments] == [
        ("cash", 4000, 500)
    ]
    assert order.synced
    assert not order.printed


def test_a_group_in_parts_is_one_order(theatre: Station) -> None:
    group = Sale(theatre.random, count=4)
    theatre.append(group.draft(part=(1, 2), serials=2), group.draft(part=(2, 2), serials=2))
    with theatre.store.read() as read:
        order = read.order(group.order)
        assert order is not None
        assert [ticket.serial for ticket in order.tickets] == group.serials
        assert len(order.payments) == 1
        assert read.used_slots([200, 400, 7]) == {200: 4, 400: 4, 7: 0}
        assert len(read.find_orders("")) == 1


def test_orders_are_found_by_everything_that_is_printed_on_them(theatre: Station) -> None:
    first, second = Sale(theatre.random), Sale(theatre.random, number=2, sold_at=NOW + timedelta(minutes=1))
    theatre.append(first.draft(), second.draft())
    with theatre.store.read() as read:
        assert [row.order for row in read.find_orders("")] == [second.order, first.order]
        assert [row.order for row in read.find_orders("", limit=1)] == [second.order]
        for text in (
            first.order,
            first.reference,
            first.reference.lower().replace("-", ""),
            "k1-000001",
            first.serials[1],
            short_reference(first.serials[0]),
        ):
            assert [row.order for row in read.find_orders(text)] == [first.order], text
        assert read.find_orders("nothing like it") == []
        assert read.last_sale(theatre.store.outbox.station()) == second.order
        row = read.find_orders("K1-000002")[0]
    assert (row.what, row.tickets, row.due.minor, row.synced) == ("Hamlet", 2, 4000, True)


def test_receipt_numbers_follow_each_other_in_each_series(theatre: Station) -> None:
    theatre.append(Sale(theatre.random, number=41).draft())
    theatre.append(Sale(theatre.random, number=7, practice=True).draft())
    with theatre.store.read() as read:
        assert read.next_receipt_number("K1", 1, False) == 42
        assert read.next_receipt_number("K1", 1, True) == 8
        assert read.next_receipt_number("K1", 2, False) == 1
        assert read.find_orders("K1-P000007")[0].receipt == "K1-P000007"


def test_places_go_down_with_each_sale(theatre: Station) -> None:
    product, performance = make_product(quotas=(400,)), make_performance()
    with theatre.store.read() as read:
        before = read.places(product, performance, Instant.of(theatre.clock))
        assert read.next_slot(400, "own") == 1
    theatre.append(Sale(theatre.random, count=3).draft())
    with theatre.store.read() as read:
        after = read.places(product, performance, Instant.of(theatre.clock))
        assert read.next_slot(400, "own") == 4
        assert read.next_slot(400, "another") == 1
    assert (before.here, after.here, after.capacity) == (50, 47, 100)


def test_what_is_printed_is_counted_and_a_reprint_replaces(theatre: Station) -> None:
    sale = Sale(theatre.random)
    theatre.append(sale.draft())
    theatre.append(printed(sale.order, sale.serials))
    theatre.append(reprinted(sale.order, sale.serials[0], 2))
    with theatre.store.read() as read:
        order = read.order(sale.order)
        assert order is not None
        assert order.printed
        assert [ticket.print_number for ticket in order.tickets] == [2, 1]
        assert [ticket.printed for ticket in order.tickets] == [2, 1]
        facts = read.facts(sale.serials[0])
    assert facts is not None
    assert (facts.print_number, facts.replaced_where) == (2, "Till 1")
    assert facts.replaced_at == NOW + timedelta(seconds=3)


def test_the_facts_of_a_ticket_are_all_that_a_gate_needs(theatre: Station) -> None:
    with_people(theatre)
    sale = Sale(theatre.random)
    theatre.append(sale.draft())
    serial = sale.serials[0]
    with theatre.store.read() as read:
        unused, nothing = read.facts(serial), read.seen_digest(serial)
    came = theatre.append(scanned("admitted", serial))[0]
    theatre.append(scanned("exited", serial, gate="B"))
    with theatre.store.read() as read:
        used = read.facts(serial)
        assert read.seen_digest(serial) != nothing
        assert read.facts("ffffffffffffffff") is None
    assert unused is not None
    assert used is not None
    assert (unused.uses, unused.order, unused.admits) == ((), sale.reference, 1)
    assert unused.event.state is EventState.PUBLISHED
    assert unused.performance == make_performance()
    assert [(use.gate, use.direction, use.by) for use in used.uses] == [
        ("A", Direction.ENTRY, "Anna Ivanova"),
        ("B", Direction.EXIT, "Anna Ivanova"),
    ]
    assert used.uses[0].entry_id == came.entry_id
    assert not used.inside


def test_an_undone_admission_no_longer_counts(theatre: Station) -> None:
    sale = Sale(theatre.random)
    theatre.append(sale.draft())
    came = theatre.append(scanned("admitted", sale.serials[0]))[0]
    with theatre.store.read() as read:
        assert read.gate_counters((), None, "A", NOW).admitted == 1
    theatre.append(undone(came.entry_id, sale.serials[0]))
    with theatre.store.read() as read:
        facts = read.facts(sale.serials[0])
        assert facts is not None
        assert facts.uses == ()
        assert read.last_admission(sale.serials[0]) is None
        counters = read.gate_counters((), None, "A", NOW)
        scan = read.scan(came.entry_id)
    assert (counters.admitted, counters.inside, counters.expected) == (0, 0, 2)
    assert scan is not None
    assert scan.undone


def test_the_gate_counts_people_refusals_and_who_is_still_to_come(theatre: Station) -> None:
    sale = Sale(theatre.random, count=4)
    theatre.append(sale.draft())
    first, second, third, _ = sale.serials
    theatre.append(scanned("admitted", first), scanned("admitted", second, gate="B"))
    theatre.clock.advance(minutes=5)
    theatre.append(scanned("admitted", third), scanned("exited", first, gate="B"))
    theatre.append(refused(first), refused(None, "FORGED"))
    with theatre.store.read() as read:
        here = read.gate_counters((100,), 200, "A", theatre.clock.now())
        all_of_them = read.gate_counters((), None, None, theatre.clock.now())
        nowhere = read.gate_counters((999,), None, None, theatre.clock.now())
        scans = read.scans("A")
        everywhere = read.scans(None, limit=3)
        board = read.board(NOW)
    assert (here.admitted, here.refused, here.inside, here.expected, here.last_minute) == (2, 2, 2, 1, 1)
    assert (all_of_them.admitted, all_of_them.refused, all_of_them.last_minute) == (3, 2, 1)
    assert (nowhere.admitted, nowhere.expected) == (0, 0)
    assert [scan.verdict for scan in scans[:2]] == ["FORGED", "ALREADY_USED"]
    assert len(scans) == 4
    assert [scan.serial for scan in everywhere] == [None, first, first]
    assert (board[0].sold, board[0].admitted, board[0].capacity) == (4, 3, 100)


def test_a_single_scan_is_found_by_its_entry(theatre: Station) -> None:
    serial = "00000000000000ff"
    entry = theatre.append(refused(serial))[0]
    nameless = theatre.append(refused(None, "FORGED"))[0]
    with theatre.store.read() as read:
        scan, other = read.scan(entry.entry_id), read.scan(nameless.entry_id)
        assert read.scan("no such entry") is None
    assert scan is not None
    assert other is not None
    assert (scan.serial, scan.reference, scan.verdict) == (serial, short_reference(serial), "ALREADY_USED")
    assert (other.serial, other.reference) == (None, None)


def test_a_ticket_nobody_sold_here_keeps_what_gates_saw_of_it(theatre: Station) -> None:
    theatre.append(scanned("admitted", "00000000000000ff"))
    with theatre.store.read() as read:
        assert read.facts("00000000000000ff") is None
        assert [use.gate for use in read.uses("00000000000000ff")] == ["A"]
        assert read.ticket("00000000000000ff") is None


@pytest.mark.parametrize(("scans", "state"), [(0, "cancelled"), (1, "used")])
def test_a_cancelled_event_voids_what_was_not_used(theatre: Station, scans: int, state: str) -> None:
    sale = Sale(theatre.random, count=1)
    theatre.append(sale.draft())
    for _ in range(scans):
        theatre.append(scanned("admitted", sale.serials[0]))
    theatre.append(Draft("event_cancelled", ("org",), {"event": 100, "reason": "fire", "rule": "all"}))
    with theatre.store.read() as read:
        ticket = read.ticket(sale.serials[0])
        assert read.board(NOW) == []
    assert ticket is not None
    assert ticket.state == state


def test_of_a_sale_without_its_product_it_is_known_that_its_event_was_cancelled(theatre: Station) -> None:
    sale = Sale(theatre.random, product=999)
    theatre.append(sale.draft())
    with theatre.store.read() as read:
        assert read.facts(sale.serials[0]) is None
        before = read.heard(sale.serials[0]).event_state
        assert read.heard("00000000000000ff").event_state is None
    theatre.append(Draft("event_cancelled", ("org",), {"event": 100, "reason": "fire", "rule": "all"}))
    with theatre.store.read() as read:
        assert (before, read.heard(sale.serials[0]).event_state) == (
            EventState.PUBLISHED,
            EventState.CANCELLED,
        )


def test_that_an_event_was_cancelled_is_known_where_the_event_itself_is_not(tmp_path: Path) -> None:
    station = Station(tmp_path)
    sale, unsold = Sale(station.random, count=1), "00000000000000ff"
    station.append(made(make_product()), sale.draft(), actor=SYSTEM)
    with station.store.read() as read:
        before = read.heard(unsold, 300).event_state
        assert read.heard(sale.serials[0]).event_state is EventState.DRAFT
    station.append(
        Draft("event_published", ("org",), {"event": 100}),
        Draft("event_cancelled", ("org",), {"event": 100, "reason": "fire", "rule": "all"}),
    )
    with station.store.read() as read:
        assert (read.event(100), read.facts(sale.serials[0])) == (None, None)
        assert read.heard(sale.serials[0]).event_state is EventState.CANCELLED
        assert (before, read.heard(unsold, 300).event_state) == (EventState.DRAFT, EventState.CANCELLED)
        assert read.heard(unsold, 999).event_state is None
        ticket = read.ticket(sale.serials[0])
    station.store.close()
    assert ticket is not None
    assert (ticket.state, ticket.event.name, ticket.event.state) == ("cancelled", "#100", "cancelled")


def test_an_order_whose_product_has_not_come_yet_is_shown_all_the_same(theatre: Station) -> None:
    sale = Sale(theatre.random, product=999, count=1)
    theatre.append(sale.draft())
    with theatre.store.read() as read:
        ticket = read.tickets_by_reference(short_reference(sale.serials[0]))[0]
        assert read.facts(sale.serials[0]) is None
    assert (ticket.product.number, ticket.product.name, ticket.event.name) == (999, "#999", "Hamlet")


def test_an_open_shift_adds_up_what_was_sold_in_it(theatre: Station) -> None:
    with_people(theatre)
    station = theatre.store.outbox.station()
    with theatre.store.read() as read:
        assert read.open_shift(station) is None
    theatre.append(shift_opened(SHIFT), shift=SHIFT)
    theatre.append(Sale(theatre.random).draft(), shift=SHIFT)
    theatre.append(Sale(theatre.random, number=2, tender="card").draft(), shift=SHIFT)
    theatre.append(Sale(theatre.random, number=1, practice=True).draft(), shift=SHIFT)
    theatre.append(Sale(theatre.random, number=3).draft())
    with theatre.store.read() as read:
        shift = read.open_shift(station)
    assert shift is not None
    assert (shift.shift, shift.cashier_name, shift.drawer) == (SHIFT, "Anna Ivanova", "1")
    assert shift.tenders == {"card": 4000, "cash": 4000}
    assert (shift.float_.minor, shift.expected.minor) == (10_000, 14_000)
    assert (shift.receipts_first, shift.receipts_last, shift.receipts_count) == ("K1-000001", "K1-000002", 2)
    assert (shift.number, shift.counted, shift.closed_at) == (None, None, None)


def test_a_closed_shift_shows_what_its_report_said(theatre: Station) -> None:
    station = theatre.store.outbox.station()
    theatre.append(shift_opened(SHIFT), shift=SHIFT)
    theatre.append(shift_closed(SHIFT), shift=SHIFT)
    theatre.store.set_station(has_hub=True)
    with theatre.store.read() as read:
        assert read.open_shift(station) is None
        assert read.next_shift_number(station) == 2
        assert read.last_shift(station) == read.shift(SHIFT)
        shift = read.shift(SHIFT)
        assert read.shift("no such shift") is None
    assert shift is not None
    assert shift.counted is not None
    assert shift.difference is not None
    assert (shift.number, shift.counted.minor, shift.difference.minor) == (1, 13_950, -50)
    assert (shift.tenders, shift.receipts_count, shift.not_synced) == ({"cash": 4000}, 1, 2)


def test_the_catalogue_is_asked_for_by_number_and_by_code(theatre: Station) -> None:
    theatre.append(
        made(make_event(number=101, code="LEAR", name="Anna Karenina")),
        made(make_performance(number=201, code="HAMLET-0", starts_at=NOW - timedelta(days=2), ends_at=None)),
        changed(make_gate(), name="Side door"),
    )
    with theatre.store.read() as read:
        assert [event.name for event in read.events()] == ["Anna Karenina", "Hamlet"]
        assert read.event_by_code("LEAR") == read.event(101)
        assert read.event_by_code("NONE") is None
        assert [one.number for one in read.performances(100)] == [201, 200]
        assert [one.number for one in read.performances(ends_after=NOW)] == [200]
        assert read.performances(101) == []
        found = read.performance_by_code("HAMLET-0")
        assert read.performance_by_code("NONE") is None
        assert [product.code for product in read.products(100)] == ["FULL", "STUDENT"]
        assert read.products(101) == []
        assert list(read.quotas([400, 999])) == [400]
        assert [gate.name for gate in read.gates()] == ["Side door"]
    assert found is not None
    assert found.number == 201


def test_a_published_event_without_performances_stands_last_on_the_board(theatre: Station) -> None:
    theatre.append(
        made(make_event(number=101, code="PASS", name="A pass")),
        Draft("event_published", ("org",), {"event": 101}),
    )
    with theatre.store.read() as read:
        board = read.board(NOW)
        late = read.board(NOW + timedelta(days=9))
    assert [(row.event.code, row.performance is None) for row in board] == [("HAMLET", False), ("PASS", True)]
    assert [row.event.code for row in late] == ["PASS"]


def test_people_have_the_names_of_their_documents(theatre: Station) -> None:
    with_people(theatre)
    with theatre.store.begin() as work:
        work.set_pin(CASHIER_ID, "verifier")
        assert work.read.person(CASHIER_ID).has_pin
        work.commit()
    with theatre.store.read() as read:
        person = read.person_by_login("anna")
        assert read.people() == [person]
        assert read.person("nobody") is None
        document = read.document("00000000-0000-4000-8000-0000000000d1")
    assert person is not None
    assert (person.name, person.has_pin, list(person.roles)) == ("Anna Ivanova", True, ["cashier"])
    assert document == {"user": CASHIER_ID, "name": "Anna Ivanova"}


def test_failed_pins_are_counted_over_a_restart_and_forgiven_by_success(theatre: Station) -> None:
    until = NOW + timedelta(seconds=30)
    with theatre.store.begin() as work:
        work.set_pin(CASHIER_ID, "verifier")
        work.commit()
    assert theatre.store.pins.failures(CASHIER_ID) == (0, None)
    assert [theatre.store.pins.failed(CASHIER_ID, None) for _ in range(2)] == [1, 2]
    assert theatre.store.pins.failed(CASHIER_ID, until) == 3
    theatre.reopen()
    assert theatre.store.pins.failures(CASHIER_ID) == (3, until)
    theatre.store.pins.succeeded(CASHIER_ID)
    assert theatre.store.pins.failures(CASHIER_ID) == (0, None)
    assert theatre.store.pins.verifier(CASHIER_ID) == "verifier"
    assert theatre.store.pins.verifier("nobody") is None
    assert theatre.store.pins.failed("nobody", None) == 1
    with theatre.store.read() as read:
        assert read.person("nobody") is None


def test_print_jobs_are_kept_until_they_are_done(theatre: Station) -> None:
    with theatre.store.begin() as work:
        job = work.add_print_job("order-1", "tickets+receipt")
        work.commit()
    theatre.reopen()
    with theatre.store.begin() as work:
        work.set_print_job(job, "failed", "PRINT_FOLDER_NOT_WRITABLE")
        with pytest.raises(ValueError):
            work.set_print_job(job, "vanished")
        work.commit()
    with theatre.store.read() as read:
        waiting = read.print_jobs()
    assert [(one.state, one.attempts, one.last_code) for one in waiting] == [
        ("failed", 1, "PRINT_FOLDER_NOT_WRITABLE")
    ]
    with theatre.store.begin() as work:
        work.set_print_job(job, "done")
        work.commit()
    with theatre.store.read() as read:
        assert read.print_jobs() == []
        assert [one.attempts for one in read.print_jobs(open_only=False)] == [2]


def test_the_journal_is_shown_newest_first_and_by_kind(theatre: Station) -> None:
    theatre.append(Sale(theatre.random).draft(), actor=CASHIER)
    with theatre.store.read() as read:
        rows = read.journal_rows(2)
        created = read.journal_rows(kind="product_created")
    assert [row.kind for row in rows] == ["order_sold", "event_published"]
    assert rows[0].user == CASHIER_ID
    assert len(created) == 2


def test_settings_of_one_station_stay_there(station: Station) -> None:
    assert station.store.local_setting("gate") is None
    station.store.set_local_setting("gate", "A")
    station.store.set_local_setting("gate", "B")
    assert station.reopen().local_setting("gate") == "B"
    station.store.set_local_setting("gate", None)
    assert station.store.local_setting("gate") is None


def test_a_renamed_station_is_called_so_at_once(station: Station) -> None:
    station.store.set_station(name="Box office", prefix="BO")
    with station.store.read() as read:
        assert (read.station().name, read.station().prefix) == ("Box office", "BO")


def test_the_password_of_the_hub_is_in_the_keystore_only(station: Station) -> None:
    station.store.set_hub_password("secret of the hub")
    assert station.reopen().hub_password() == "secret of the hub"
    found = [path for path in station.folder.rglob("*") if b"secret of the hub" in path.read_bytes()]
    assert found == []


def test_readers_in_many_threads_see_whole_states(theatre: Station) -> None:
    import threading

    sums: list[tuple[int, int]] = []

    def look() -> None:
        for _ in range(30):
            with theatre.store.read() as read:
                sums.append((read.used_slots([200])[200], len(read.find_orders("", limit=1000)) * 2))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(10):
        theatre.append(Sale(theatre.random, number=number + 1, first_slot=1 + 2 * number).draft())
    for thread in threads:
        thread.join()
    assert all(places == tickets for places, tickets in sums)
    with theatre.store.read() as read:
        assert read.used_slots([200]) == {200: 20}
