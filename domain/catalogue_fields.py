"""Catalogue objects as fields of journal entries, and back: one place for both directions.

An entry carries only what was set or changed (`fields`); the object is the fold of all its entries. Field
names are those of the dataclasses in domain.catalogue; times are ISO UTC text, sets of numbers are lists,
validity is its own JSON form. Both directions are strict: a field nobody knows, or of another type, raises
FieldError with the name of the field.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.catalogue import MAX_ZONES, Event, Gate, Performance, Product, Quota, Zone
from domain.clock import from_text, to_text
from domain.entry import canonical
from domain.errors import Refusal
from domain.money import exponent
from domain.promo import WHOLE_BP, Promo, PromoPer
from domain.states import EventState
from domain.validity import Validity
from domain.validity import from_json as validity_from_json
from domain.validity import to_json as validity_to_json

Reader = Callable[[Any], Any]
T = TypeVar("T")


class FieldError(ValueError):
    """A field that does not fit; `field` is its name."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 2000:
        raise ValueError
    return value


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _natural(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise ValueError
    return value


def _positive(value: Any) -> int:
    if _natural(value) < 1:
        raise ValueError
    return int(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError  # noqa: TRY004
    return value


def _optional_natural(value: Any) -> int | None:
    return None if value is None else _natural(value)


def _optional_time(value: Any) -> datetime | None:
    return None if value is None else from_text(_text(value))


def _time(value: Any) -> datetime:
    return from_text(_text(value))


def _numbers(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise ValueError  # noqa: TRY004 - one kind of error for every misfit
    return tuple(_natural(item) for item in value)


def _zone_numbers(value: Any) -> tuple[int, ...]:
    numbers = _numbers(value)
    if any(number >= MAX_ZONES for number in numbers):
        raise ValueError
    return numbers


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError  # noqa: TRY004
    return tuple(_text(item) for item in value)


def _time_zone(value: Any) -> str:
    try:
        ZoneInfo(_text(value))
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError from None
    return str(value)


def _currency(value: Any) -> str:
    exponent(_text(value))
    return str(value)


def _percent_bp(value: Any) -> int:
    if _natural(value) > WHOLE_BP:
        raise ValueError
    return int(value)


def _optional_currency(value: Any) -> str:
    return "" if value == "" else _currency(value)


def _hash(value: Any) -> str:
    if len(_text(value)) != 64 or set(value) - set("0123456789abcdef"):
        raise ValueError
    return str(value)


def _validity(value: Any) -> Validity:
    if not isinstance(value, dict):
        raise ValueError  # noqa: TRY004
    return validity_from_json(value)


def _zones(value: Any) -> tuple[Zone, ...]:
    if not isinstance(value, list):
        raise ValueError  # noqa: TRY004
    return tuple(
        Zone(
            _natural(item["number"]),
            _text(item["name"]),
            _optional_natural(item.get("capacity")),
            _text(item.get("name_ru", "")),
        )
        for item in value
    )


EVENT: Mapping[str, Reader] = dict.fromkeys(
    (
        "code",
        "name",
        "name_ru",
        "category",
        "description",
        "description_ru",
        "venue",
        "venue_ru",
        "address",
        "address_ru",
    ),
    _text,
) | {"zone": _time_zone, "names_at_gate": _flag, "retention_days": _optional_natural}

_LATER: Mapping[str, Any] = {"names_at_gate": False, "retention_days": None}
"""Fields that events did not always have, and what they were then: `base_of` must not differ for that."""

PERFORMANCE: Mapping[str, Reader] = {
    "code": _text,
    "name": _text,
    "name_ru": _text,
    "starts_at": _time,
    "ends_at": _optional_time,
    "doors_at": _optional_time,
    "capacity": _optional_natural,
    "zones": _zones,
    "sales_from_at": _optional_time,
    "sales_until_at": _optional_time,
}

QUOTA: Mapping[str, Reader] = {
    "name": _text,
    "capacity": _natural,
    "performance": _optional_natural,
    "parent": _optional_natural,
}

PRODUCT: Mapping[str, Reader] = {
    "code": _text,
    "name": _text,
    "name_ru": _text,
    "price_minor": _natural,
    "currency": _currency,
    "performances": _numbers,
    "tax_rate_bp": _natural,
    "sales_from_at": _optional_time,
    "sales_until_at": _optional_time,
    "quotas": _numbers,
    "max_per_order": _optional_natural,
    "admits": _positive,
    "validity": _validity,
    "channels": _texts,
    "concession": _optional_text,
    "concession_ru": _optional_text,
    "admits_at": _numbers,
    "zones": _zone_numbers,
    "gates": _texts,
    "price_version": _positive,
}

PROMO: Mapping[str, Reader] = {
    "name": _text,
    "name_ru": _text,
    "code_hash": _hash,
    "percent_bp": _percent_bp,
    "amount_minor": _natural,
    "currency": _optional_currency,
    "per": PromoPer,
    "products": _numbers,
    "from_at": _optional_time,
    "until_at": _optional_time,
    "pool": _optional_natural,
}

GATE: Mapping[str, Reader] = {
    "name": _text, "name_ru": _text, "zone": _optional_natural, "events": _numbers,
}  # fmt: skip


def event_from(number: int, fields: Mapping[str, Any], state: EventState) -> Event:
    """Build an event from folded fields. Raises FieldError."""
    return _build(lambda known: Event(number=number, state=state, **known), EVENT, fields)


def performance_from(number: int, event: int, fields: Mapping[str, Any]) -> Performance:
    """Build a performance from folded fields. Raises FieldError."""
    return _build(lambda known: Performance(number=number, event=event, **known), PERFORMANCE, fields)


def quota_from(number: int, event: int, fields: Mapping[str, Any]) -> Quota:
    """Build a quota from folded fields. Raises FieldError."""
    return _build(lambda known: Quota(number=number, event=event, **known), QUOTA, fields)


def product_from(number: int, event: int, fields: Mapping[str, Any]) -> Product:
    """Build a product from folded fields. Raises FieldError."""
    return _build(lambda known: Product(number=number, event=event, **known), PRODUCT, fields)


def promo_from(number: int, event: int, fields: Mapping[str, Any]) -> Promo:
    """Build a promo code from folded fields. Raises FieldError."""
    return _build(lambda known: Promo(number=number, event=event, **known), PROMO, fields)


def gate_from(code: str, fields: Mapping[str, Any]) -> Gate:
    """Build a gate from folded fields. Raises FieldError."""
    return _build(lambda known: Gate(code=code, **known), GATE, fields)


Thing = Event | Performance | Quota | Product | Promo | Gate


def to_fields(thing: Thing) -> dict[str, Any]:
    """All fields of an object as an entry carries them."""
    readers = _READERS[type(thing)]
    return {name: _plain(getattr(thing, name)) for name in readers}


def base_of(thing: Thing) -> str:
    """What a change was made upon: 16 hexadecimal digits over all fields as its editor saw them. Two stations
    that saw the same name it alike, so changes that did not know of each other are found."""
    fields = {name: value for name, value in to_fields(thing).items() if _LATER.get(name, ...) != value}
    return hashlib.sha256(canonical(fields).encode()).hexdigest()[:16]


def changed_fields(old: Thing, new: Thing) -> dict[str, Any]:
    """Only what differs: the patch that a `…_changed` entry carries."""
    before, after = to_fields(old), to_fields(new)
    return {name: value for name, value in after.items() if before[name] != value}


_READERS: Mapping[type, Mapping[str, Reader]] = {
    Event: EVENT, Performance: PERFORMANCE, Quota: QUOTA, Product: PRODUCT, Promo: PROMO, Gate: GATE,
}  # fmt: skip


def _build(
    make: Callable[[dict[str, Any]], T], readers: Mapping[str, Reader], fields: Mapping[str, Any]
) -> T:
    known: dict[str, Any] = {}
    for name, value in fields.items():
        try:
            known[name] = readers[name](value)
        except (KeyError, ValueError, TypeError, Refusal):
            raise FieldError(name) from None
    try:
        return make(known)
    except TypeError:
        missing = next((name for name in readers if name not in known), "")
        raise FieldError(missing) from None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_text(value)
    if isinstance(value, Validity):
        return validity_to_json(value)
    if isinstance(value, PromoPer):
        return value.value
    if isinstance(value, Zone):
        return {
            "number": value.number,
            "name": value.name,
            "capacity": value.capacity,
            "name_ru": value.name_ru,
        }
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
