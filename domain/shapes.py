"""Checks of the fields of an entry's body, and shapes made of them.

A shape maps field names to checks; a body may carry no field that its shape does not name, and must carry
every field that is not optional.
"""

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.clock import from_text

Check = Callable[[Any], bool]
Shape = Mapping[str, "Field"]

_SERIAL = re.compile(r"[0-9a-f]{16}")
_HEX = re.compile(r"(?:[0-9a-f]{2})+")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
MAX_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body: its check, and whether it may be left out or be null."""

    check: Check
    optional: bool = False


_BEYOND = 2**63


def is_text(value: object) -> bool:
    """A text of a sane length."""
    return isinstance(value, str) and len(value) <= MAX_TEXT


def is_integer(value: object) -> bool:
    """A whole number that every database here can keep."""
    return type(value) is int and -_BEYOND < value < _BEYOND


def is_natural(value: object) -> bool:
    """A whole number from 0."""
    return type(value) is int and 0 <= value < _BEYOND


def is_number(value: object) -> bool:
    """A number of the catalogue: 1 to 2³² − 1."""
    return type(value) is int and 1 <= value < 2**32


def is_flag(value: object) -> bool:
    """True or False."""
    return isinstance(value, bool)


def is_at(value: object) -> bool:
    """A time in the one form that entries use, and one that the calendar has."""
    return isinstance(value, str) and _is_time(value)


@functools.lru_cache(maxsize=4096)
def _is_time(value: str) -> bool:
    """The times of an event come back with every ticket of it."""
    if _AT.fullmatch(value) is None:
        return False
    try:
        from_text(value)
    except ValueError:
        return False
    return True


def matches(pattern: re.Pattern[str]) -> Check:
    """A text that the pattern matches as a whole."""
    whole = pattern.fullmatch
    return lambda value: isinstance(value, str) and whole(value) is not None


def is_record(value: object) -> bool:
    """An object; what is in it is checked where it is used."""
    return isinstance(value, dict)


def list_of(check: Check) -> Check:
    """A list whose items all pass."""
    return lambda value: isinstance(value, list) and all(map(check, value))


def span(value: object) -> bool:
    """[first, last] of slot numbers."""
    return (
        isinstance(value, list) and len(value) == 2 and all(map(is_natural, value)) and value[0] <= value[1]
    )


def shaped(shape: Shape) -> Check:
    """An object of a shape."""
    inner = _compiled(shape)
    return lambda value: isinstance(value, dict) and inner(value) is None


TEXT, INTEGER, NATURAL, NUMBER, FLAG = (
    Field(c) for c in (is_text, is_integer, is_natural, is_number, is_flag)
)
SERIAL, HEX, UUID, CODE = (Field(matches(p)) for p in (_SERIAL, _HEX, _UUID, _CODE))
AT = Field(is_at)
RECORD = Field(is_record)


def opt(field: Field) -> Field:
    """The field may be left out or be null."""
    return Field(field.check, optional=True)


def many(field: Field) -> Field:
    """A list of such fields."""
    return Field(list_of(field.check))


def each(shape: Shape) -> Field:
    """A list of objects of a shape."""
    return Field(list_of(shaped(shape)))


def one(shape: Shape) -> Field:
    """An object of a shape."""
    return Field(shaped(shape))


def misfit(shape: Shape, body: Mapping[str, Any]) -> str | None:
    """The name of the first field that does not fit, None when all do."""
    known = _COMPILED.get(id(shape))
    if known is None or known[0] is not shape:
        known = _COMPILED[id(shape)] = (shape, _compiled(shape))
    return known[1](body)


_Misfit = Callable[[Mapping[str, Any]], str | None]
_COMPILED: dict[int, tuple[Shape, _Misfit]] = {}
"""By identity, since shapes are made once and their fields are functions; the shape is kept, so that no other
can come to lie in its place."""

_INLINE: Mapping[Check, str] = {
    is_text: "isinstance(v, str) and len(v) <= most",
    is_integer: "type(v) is int and -beyond < v < beyond",
    is_natural: "type(v) is int and 0 <= v < beyond",
    is_number: "type(v) is int and 1 <= v < 4294967296",
    is_flag: "isinstance(v, bool)",
    is_record: "isinstance(v, dict)",
}
"""The commonest checks as expressions: a call of its own for each field is most of what a check costs, and a
snapshot checks some hundred million fields."""


def _compiled(shape: Shape) -> _Misfit:
    """A shape as one function, without a call per field."""
    names: dict[str, Any] = {"known": shape.keys(), "beyond": _BEYOND, "most": MAX_TEXT}
    lines = [
        "def misfit(body):",
        " get = body.get",
        " if not body.keys() <= known:",
        "  return next(name for name in body if name not in known)",
    ]
    for at, (name, field) in enumerate(shape.items()):
        names[f"check{at}"] = field.check
        fits = _INLINE.get(field.check, f"check{at}(v)")
        alone = "is not None and" if field.optional else "is None or"
        lines += [f" v = get({name!r})", f" if v {alone} not ({fits}):", f"  return {name!r}"]
    exec("\n".join([*lines, " return None"]), names)  # noqa: S102 - of shapes written in this program
    made: _Misfit = names["misfit"]
    return made
