"""Catalogue objects as fields of entries, and back: strict both ways."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import catalogue_fields as fields_of
from domain.catalogue import Zone
from domain.catalogue_fields import FieldError
from domain.entry import canonical
from domain.states import EventState
from domain.validity import Reentry, Validity, ValidityKind
from tests.builders import make_event, make_gate, make_performance, make_product, make_quota

EVENT = make_event(category="theatre", description="Ein Stück", venue="Hall", address_ru="Улица 1")
PERFORMANCE = make_performance(
    name="Premiere",
    zones=(Zone(0, "Stalls", 300, "Партер"), Zone(3, "Balcony")),
    sales_from_at=datetime(2026, 10, 1, tzinfo=UTC),
)
PRODUCT = make_product(
    performances=(200, 201),
    quotas=(400,),
    validity=Validity(ValidityKind.ENTRIES, n=10, reentry=Reentry.AFTER_EXIT, hours=((540, 960),)),
    channels=("desk",),
    concession="student card",
    admits=2,
    admits_at=(100, 101),
    zones=(0, 15),
    gates=("A",),
    max_per_order=6,
    price_version=3,
)
QUOTA = make_quota(performance=200, parent=401)
GATE = make_gate(zone=2, events=(100,), name_ru="Вход")


def rebuilt(thing: Any, fields: dict[str, Any]) -> Any:
    match type(thing).__name__:
        case "Event":
            return fields_of.event_from(thing.number, fields, thing.state)
        case "Performance":
            return fields_of.performance_from(thing.number, thing.event, fields)
        case "Quota":
            return fields_of.quota_from(thing.number, thing.event, fields)
        case "Product":
            return fields_of.product_from(thing.number, thing.event, fields)
    return fields_of.gate_from(thing.code, fields)


EVERYTHING = [EVENT, PERFORMANCE, PRODUCT, QUOTA, GATE]
EVERYTHING += [make_event(), make_performance(ends_at=None, capacity=None), make_product(), make_quota()]


@pytest.mark.parametrize("thing", EVERYTHING, ids=lambda thing: type(thing).__name__)
def test_an_object_becomes_fields_and_the_same_object_again(thing: Any) -> None:
    fields = fields_of.to_fields(thing)
    assert rebuilt(thing, fields) == thing
    canonical(fields)


@pytest.mark.parametrize("thing", [EVENT, PERFORMANCE, PRODUCT, QUOTA, GATE], ids=lambda t: type(t).__name__)
def test_every_field_of_the_object_travels(thing: Any) -> None:
    own = {name for name in thing.__slots__ if name not in ("number", "event", "state")}
    own -= {"code"} if type(thing).__name__ == "Gate" else set()
    assert set(fields_of.to_fields(thing)) == own


def test_a_change_carries_only_what_differs() -> None:
    later = make_product(price_minor=2500, price_version=2)
    assert fields_of.changed_fields(make_product(), later) == {"price_minor": 2500, "price_version": 2}
    assert fields_of.changed_fields(PRODUCT, PRODUCT) == {}
    cancelled = make_event(state=EventState.CANCELLED)
    assert fields_of.changed_fields(make_event(), cancelled) == {}


@pytest.mark.parametrize(
    ("thing", "field", "value"),
    [
        (EVENT, "colour", "red"),
        (EVENT, "name", 5),
        (EVENT, "name", None),
        (EVENT, "name", "x" * 2001),
        (EVENT, "zone", "Mars/Olympus"),
        (EVENT, "zone", "../../etc/passwd"),
        (EVENT, "zone", ""),
        (EVENT, "zone", None),
        (PERFORMANCE, "starts_at", None),
        (PERFORMANCE, "starts_at", "2026-11-21T19:00:00"),
        (PERFORMANCE, "starts_at", "0001-01-01T00:00:00+14:00"),
        (PERFORMANCE, "ends_at", 5),
        (PERFORMANCE, "capacity", -1),
        (PERFORMANCE, "capacity", True),
        (PERFORMANCE, "capacity", 2**53),
        (PERFORMANCE, "zones", {}),
        (PERFORMANCE, "zones", ["Stalls"]),
        (PERFORMANCE, "zones", [{"name": "Stalls"}]),
        (PERFORMANCE, "zones", [{"number": 16, "name": "Stalls"}]),
        (PRODUCT, "price_minor", "20.00"),
        (PRODUCT, "price_minor", -1),
        (PRODUCT, "price_minor", 1.5),
        (PRODUCT, "currency", "QQQ"),
        (PRODUCT, "currency", 5),
        (PRODUCT, "admits", 0),
        (PRODUCT, "price_version", 0),
        (PRODUCT, "quotas", 400),
        (PRODUCT, "quotas", ["400"]),
        (PRODUCT, "zones", [16]),
        (PRODUCT, "zones", [2**50]),
        (PRODUCT, "gates", "A"),
        (PRODUCT, "gates", [None]),
        (PRODUCT, "validity", "day"),
        (PRODUCT, "validity", {}),
        (PRODUCT, "validity", {"kind": "year"}),
        (PRODUCT, "validity", {"kind": "day", "range_from_at": "9999-12-31T23:59:59-14:00"}),
        (QUOTA, "capacity", None),
        (QUOTA, "parent", "all"),
        (GATE, "zone", -1),
        (GATE, "events", [1, None]),
    ],
)
def test_a_field_nobody_knows_or_of_another_type_is_named(thing: Any, field: str, value: object) -> None:
    with pytest.raises(FieldError) as caught:
        rebuilt(thing, fields_of.to_fields(thing) | {field: value})
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("thing", "field"),
    [
        (EVENT, "name"),
        (EVENT, "code"),
        (PERFORMANCE, "starts_at"),
        (PRODUCT, "price_minor"),
        (QUOTA, "capacity"),
    ],
)
def test_a_field_that_must_be_there_and_is_not_is_named(thing: Any, field: str) -> None:
    fields = fields_of.to_fields(thing)
    del fields[field]
    with pytest.raises(FieldError):
        rebuilt(thing, fields)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["day", "EUR", "UTC"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([EVENT, PERFORMANCE, PRODUCT, QUOTA, GATE]), st.data())
def test_whatever_an_entry_says_it_is_built_or_refused_with_a_field(thing: Any, data: st.DataObject) -> None:
    fields = fields_of.to_fields(thing)
    name = data.draw(st.sampled_from(sorted(fields)))
    value = data.draw(PLAIN)
    wrong, built = None, None
    try:
        built = rebuilt(thing, fields | {name: value})
    except FieldError as error:
        wrong = error.field
    assert wrong in (None, name)
    assert wrong is not None or rebuilt(thing, fields_of.to_fields(built)) == built
