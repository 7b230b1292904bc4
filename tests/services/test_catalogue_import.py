"""Importing a catalogue: what a wrong row says, that it changes nothing, and what a second import changes."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.actor import Role
from domain.errors import Refusal
from domain.states import EventState
from tests.builders import utc
from tests.services.house import CATALOGUE, SUPERVISOR, House, somebody

BASE = """
events:
  - code: show
    name: Show
    performances:
      - {code: s-1, starts: "2026-12-01 19:30"}
    quotas:
      - {name: all, capacity: 10}
      - {name: part, capacity: 5, parent: all}
    products:
      - {code: p, name: P, price: "5.00"}
"""


def wrong(house: House, text: str) -> dict[str, Any]:
    """What the refusal says; nothing may have changed."""
    before = house.station.store.outbox.tip()
    with pytest.raises(Refusal) as caught:
        house.import_text(text, "new.yaml")
    assert caught.value.code == "CATALOGUE_INVALID"
    assert caught.value.params["file"] == "new.yaml"
    assert house.station.store.outbox.tip() == before
    return dict(caught.value.params)


WRONG = [
    ('{code: p, name: P, price: "5.00"}', '{code: p, price: "5.00"}', 11, "name", "missing"),
    ('{code: p, name: P, price: "5.00"}', "{code: p, name: P}", 11, "price", "missing"),
    ('price: "5.00"', 'price: "-5.00"', 11, "price", "amount"),
    ('price: "5.00"', 'price: "5.0"', 11, "price", "amount"),
    ('price: "5.00"', "price: [5]", 11, "price", "amount"),
    ('price: "5.00"', 'price: "5.00", tax: lots', 11, "tax", "percent"),
    ('price: "5.00"', 'price: "5.00", tax: {a: b}', 11, "tax", "percent"),
    ('price: "5.00"', 'price: "5.00", admits: 0', 11, "admits", "range"),
    ('price: "5.00"', 'price: "5.00", admits: 501', 11, "admits", "range"),
    ('price: "5.00"', 'price: "5.00", max_per_order: yes', 11, "max_per_order", "whole_number"),
    ('price: "5.00"', 'price: "5.00", max_per_order:', 11, "max_per_order", "missing"),
    ('price: "5.00"', 'price: "5.00", quotas: [nowhere]', 11, "quotas", "not_found"),
    ('price: "5.00"', 'price: "5.00", quotas:', 11, "quotas", "list"),
    ('price: "5.00"', 'price: "5.00", gates: {a: b}', 11, "gates", "list"),
    ('price: "5.00"', 'price: "5.00", channels: [[a]]', 11, "channels", "list"),
    ('price: "5.00"', 'price: "5.00", performances: s-9', 11, "performances", "not_found"),
    ('price: "5.00"', 'price: "5.00", admits_at: opera', 11, "admits_at", "not_found"),
    ('price: "5.00"', 'price: "5.00", validity: day', 11, "validity", "mapping"),
    ('price: "5.00"', 'price: "5.00", validity: {kind: year}', 11, "validity", "value"),
    ('price: "5.00"', 'price: "5.00", validity: {n: 3}', 11, "validity", "value"),
    ('price: "5.00"', 'price: "5.00", validity: {kind: day, hours: [{a: b}]}', 11, "validity", "value"),
    ('price: "5.00"', 'price: "5.00", sales_from: whenever', 11, "sales_from", "time"),
    ('price: "5.00"', 'price: "5.00", sales_from: "2026-13-01 10:00"', 11, "sales_from", "time"),
    ('price: "5.00"', 'price: "5.00", sales_from: "+9999d 25:00"', 11, "sales_from", "time"),
    (
        'price: "5.00"',
        'price: "5.00", sales_from: "+2d 10:00", sales_until: "+1d 10:00"',
        11,
        "sales_until",
        "order",
    ),
    ('starts: "2026-12-01 19:30"', "capacity: 5", 6, "starts", "missing"),
    ('starts: "2026-12-01 19:30"', "starts:", 6, "starts", "time"),
    ('starts: "2026-12-01 19:30"', "starts: [1]", 6, "starts", "time"),
    ('starts: "2026-12-01 19:30"', 'starts: "2026-12-01 19:30", doors: 2000', 6, "doors", "range"),
    ('starts: "2026-12-01 19:30"', 'starts: "2026-12-01 19:30", minutes: 0', 6, "minutes", "range"),
    ('starts: "2026-12-01 19:30"', 'starts: "2026-12-01 19:30", capacity: -1', 6, "capacity", "whole_number"),
    ("{name: all, capacity: 10}", "{name: all}", 8, "capacity", "missing"),
    ("{name: all, capacity: 10}", "{name: all, capacity: 10, parent: part}", 8, "parent", "not_found"),
    (
        "{name: all, capacity: 10}",
        "{name: all, capacity: 1, performance: s-7}",
        8,
        "performance",
        "not_found",
    ),
    ("capacity: 5, parent: all", "capacity: 5, parent: part", 9, "parent", "not_found"),
    ("name: part", "name: all", 9, "name", "duplicate"),
    ("name: Show", "state: published", 3, "name", "missing"),
    ("name: Show", "name: true", 4, "name", "text"),
    ("name: Show", "name: [Show]", 4, "name", "text"),
    ("name: Show", 'name: "Sh\\tow"', 4, "name", "control_characters"),
    ("name: Show", f"name: {'x' * 501}", 4, "name", "text"),
    ("name: Show", "name: Show\n    state: open", 5, "state", "choice"),
    ("name: Show", "name: Show\n    zone: Mars/Olympus", 5, "zone", "time_zone"),
    ("name: Show", "name: Show\n    colour: red", 5, "colour", "unknown_field"),
    ("code: show", 'code: "-show"', 3, "code", "code"),
    ("code: show", "colour: red", 3, "colour", "unknown_field"),
    ("    quotas:", "    quotas: 5\n    products: []\n#", 7, "quotas", "list"),
]


@pytest.mark.parametrize(("old", "new", "row", "field", "problem"), WRONG)
def test_a_wrong_row_names_file_row_and_field_and_nothing_is_imported(
    make_house: Callable[..., House], old: str, new: str, row: int, field: str, problem: str
) -> None:
    house = make_house(None, shift=False)
    assert old in BASE
    text = BASE.replace(old, new, 1)
    if "products: []" in new:
        text = text[: text.index("#")]
    said = wrong(house, text)
    assert (said["row"], said["field"], said["problem"]) == (row, field, problem)


@pytest.mark.parametrize(
    ("text", "field", "problem"),
    [
        ("organization: {zone: Nowhere}", "zone", "time_zone"),
        ("organization: {currency: QQQ}", "currency", "currency"),
        ("organization: {currency: CHF}", "currency", "in_use"),
        ("organization: {tax_mode: none}", "tax_mode", "choice"),
        ("organization: {smallest_coin: 0}", "smallest_coin", "range"),
        ("organization: {day_ends_hour: 24}", "day_ends_hour", "range"),
        ("organization: {boss: me}", "boss", "unknown_field"),
        ("gates: [{code: C, events: [opera]}]", "events", "not_found"),
        ("gates: [{name: C}]", "code", "missing"),
        ("customers: [{shoe_size: 44}]", "shoe_size", "unknown_field"),
        ("customers: [{name: ''}]", "name", "text"),
        ("events: [{code: play}, {code: play}]", "code", "duplicate"),
        ('events: [{code: play, performances: [{code: n, starts: "+1d 10:00"}, {code: n}]}]', "code",
         "duplicate"),
        ("events: [{code: play, products: [{code: full}, {code: full}]}]", "code", "duplicate"),
        ("events: [{code: play, state: draft}]", "state", "transition"),
        ('events: [{code: museum, products: [{code: x, name: X, price: "1.00"}]}]', "validity",
         "single_needs_performance"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_or_the_station_is_named(
    house: House, text: str, field: str, problem: str
) -> None:
    said = wrong(house, text)
    assert (said["field"], said["problem"]) == (field, problem)


def test_quotas_never_lie_inside_themselves(house: House) -> None:
    house.import_text(
        "events: [{code: play, quotas: [{name: a, capacity: 9}, {name: b, capacity: 5, parent: a}, "
        "{name: c, capacity: 2, parent: b}]}]"
    )
    for text in ("{name: a, parent: a}", "{name: a, parent: c}"):
        said = wrong(house, f"events: [{{code: play, quotas: [{text}]}}]")
        assert (said["field"], said["problem"]) == ("parent", "cycle")


def test_importing_the_same_file_again_changes_nothing(house: House) -> None:
    more = "gates: [{code: C, events: [play]}]\ncustomers: [{name: Ann, email: a@example.org}]\n" + BASE
    first = house.import_text(more)
    assert (first.created, first.changed, first.customers, first.events) == (6, 0, 1, ["show"])
    before = house.station.store.outbox.tip()
    for text in (more, CATALOGUE):
        again = house.import_text(text)
        assert (again.created, again.changed, again.customers) == (0, 0, 0)
    assert house.station.store.outbox.tip() == before
    with house.station.store.read() as read:
        assert len(read.documents("customer")) == 1
        assert len(read.event_quotas(house.event("show").number)) == 2


def test_a_second_import_records_only_the_fields_that_differ(house: House) -> None:
    number, before = house.product("full").number, house.seq
    result = house.import_text(
        'events: [{code: play, name: Another Play, products: [{code: full, price: "25.00"}]}]'
    )
    assert (result.created, result.changed) == (0, 2)
    entries = house.entries()[before:]
    assert [(entry.kind, dict(entry.body["fields"])) for entry in entries] == [
        ("event_changed", {"name": "Another Play"}),
        ("product_changed", {"price_minor": 2500, "price_version": 2}),
    ]
    product = house.product("full")
    assert (product.number, product.name, product.tax_rate_bp) == (number, "Full", 700)
    assert house.event("play").name_ru == "Пьеса"


def test_doors_and_end_move_with_a_new_start(house: House) -> None:
    house.import_text('events: [{code: play, performances: [{code: play-1, starts: "2026-11-28 20:00"}]}]')
    moved = house.performance("play-1")
    assert (moved.starts_at, moved.doors_at, moved.ends_at) == (
        utc("2026-11-28 19:00"), utc("2026-11-28 18:30"), utc("2026-11-28 21:30"),
    )  # fmt: skip
    assert moved.capacity == 400


def test_states_move_as_they_may_and_are_recorded(house: House) -> None:
    def state(wanted: str) -> EventState:
        house.import_text(f"events: [{{code: show, name: Show, state: {wanted}}}]")
        return house.event("show").state

    assert [state(one) for one in ("draft", "published", "published", "cancelled")] == [
        EventState.DRAFT, EventState.PUBLISHED, EventState.PUBLISHED, EventState.CANCELLED,
    ]  # fmt: skip
    assert [entry.kind for entry in house.entries()][-3:] == [
        "event_created", "event_published", "event_cancelled",
    ]  # fmt: skip
    said = wrong(house, "events: [{code: show, state: published}]")
    assert (said["problem"], said["value"]) == ("transition", "cancelled → published")


def test_an_event_cannot_jump_over_a_state(house: House) -> None:
    said = wrong(house, "events: [{code: show, name: Show, state: finished}]")
    assert (said["problem"], said["value"]) == ("transition", "draft → finished")


def test_relative_times_count_from_the_day_of_import_in_the_events_zone(house: House) -> None:
    house.import_text(
        """
events:
  - code: rel
    name: Rel
    zone: Asia/Vladivostok
    performances:
      - {code: r-1, starts: "+2d 19:30"}
      - {code: r-2, starts: "now+50m"}
      - {code: r-3, starts: "-1d 08:00"}
      - {code: r-4, starts: "2026-12-24T18:00"}
    products: [{code: p, name: P, price: 5}]
"""
    )
    # it is 18:45 UTC, so the day in Vladivostok (UTC+10) is the 22nd already
    assert [house.performance(f"r-{at}").starts_at for at in (1, 2, 3, 4)] == [
        utc("2026-11-24 09:30"), utc("2026-11-21 19:40"), utc("2026-11-20 22:00"), utc("2026-12-24 08:00"),
    ]  # fmt: skip


def test_the_organization_is_changed_only_where_it_differs(make_house: Callable[..., House]) -> None:
    house = make_house(None, shift=False)
    text = (
        "organization: {name: Haus, name_ru: Дом, zone: Europe/Moscow, currency: jpy, tax_mode: added, "
        "smallest_coin: 5, day_ends_hour: 4, language: ru, address: Street 1, tax_id: DE123}"
    )
    assert house.import_text(text).changed == 1
    organization = house.services.facts.organization()
    assert (organization.currency, organization.zone, organization.tax_mode) == (
        "JPY",
        "Europe/Moscow",
        "added",
    )
    assert (organization.smallest_coin, organization.day_ends_hour, organization.tax_id) == (5, 4, "DE123")
    assert house.import_text(text).changed == 0
    house.import_text('events: [{code: e, name: E, performances: [{code: e-1, starts: "+1d 10:00"}], '
                      'products: [{code: p, name: P, price: 500}]}]')  # fmt: skip
    product = house.product("p")
    assert (product.price_minor, product.currency) == (500, "JPY")
    assert house.event("e").zone == "Europe/Moscow"


def test_a_gate_and_a_product_may_be_changed_field_by_field(house: House) -> None:
    house.import_text(
        "gates: [{code: B, name: New door, events: [museum]}]\n"
        "events: [{code: play, products: [{code: half, gates: 'B, A', channels: [desk], admits_at: [museum],"
        " performances: play-2, concession_ru: студент, max_per_order: 4}]}]"
    )
    with house.station.store.read() as read:
        gate = next(gate for gate in read.gates() if gate.code == "B")
    half = house.product("half")
    museum = house.event("museum").number
    assert (gate.name, gate.events) == ("New door", (museum,))
    assert (half.gates, half.channels, half.admits_at) == (("B", "A"), ("desk",), (museum,))
    assert half.performances == (house.performance("play-2").number,)
    assert (half.concession, half.concession_ru, half.max_per_order) == ("student card", "студент", 4)


def test_codes_and_phones_keep_the_text_they_were_written_with(house: House) -> None:
    house.import_text(
        "customers: [{name: Ann, phone: +4930123}]\n"
        'events: [{code: 007, name: 1984, performances: [{code: 0x1F, starts: "+1d 10:00"}], '
        "products: [{code: 1_000, name: Thousand, price: 010.50}]}]".replace("010.50", "10.50")
    )
    assert house.event("007").name == "1984"
    assert house.performance("0x1F").event == house.event("007").number
    assert house.product("1_000").price_minor == 1050
    with house.station.store.read() as read:
        assert read.documents("customer") == [{"name": "Ann", "phone": "+4930123"}]


def test_only_the_organizer_imports(house: House) -> None:
    with pytest.raises(Refusal, match="NOT_ALLOWED"):
        house.import_text(BASE, actor=SUPERVISOR)
    assert house.import_text(BASE, actor=somebody(Role.ORGANIZER)).created == 5
