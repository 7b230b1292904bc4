"""Shapes as patterns of canonical text: what matches is canonical JSON, and fits its shape.

To take an entry's text apart, to write it again so as to see whether it was canonical, and to look at each of
its fields is most of what reading an entry costs. One match says all of it. The patterns are made of the
shapes themselves; they know less than those (no escapes in texts, no number near its limit), and whatever
does not match is read as ever.
"""

from collections.abc import Collection, Mapping

from domain.shapes import AT, FLAG, HEX, INTEGER, NATURAL, NUMBER, SERIAL, TEXT, UUID, Check, Field, Shape

PLAIN_TEXT = r'"[^"\\\x00-\x1f\ud800-\udfff]{0,200}+"'
"""A text that JSON writes as it is, and not a long one."""
WHOLE = r"(?:0|-?[1-9][0-9]{0,17}+)"
COUNT = r"(?:0|[1-9][0-9]{0,17}+)"
TIME = r'"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"'
"""A time in the form of entries; whether the calendar has it is another question."""
IDENTIFIER = r'"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"'
TRUTH = "(?:true|false)"
_PATTERNS: Mapping[Check, str] = {
    field.check: pattern
    for field, pattern in (
        (TEXT, PLAIN_TEXT),
        (INTEGER, WHOLE),
        (NATURAL, COUNT),
        (NUMBER, "[1-9][0-9]{0,8}+"),
        (FLAG, TRUTH),
        (SERIAL, '"[0-9a-f]{16}"'),
        (HEX, '"(?:[0-9a-f]{2}){1,100}+"'),
        (UUID, IDENTIFIER),
        (AT, TIME),
    )
}


def null_or(pattern: str) -> str:
    """That, or null."""
    return f"(?:null|{pattern})"


def list_of(pattern: str) -> str:
    """A list of such things."""
    return rf"\[(?:{pattern}(?:,{pattern})*+)?+\]"


def object_of(shape: Shape, inner: Mapping[str, str], kept: Collection[str] = (), prefix: str = "") -> str:
    """An object of a shape. `inner`: patterns of the fields that are objects and lists. The fields of `kept`
    are groups of the match, by their names behind `prefix`. Raises ValueError for a shape whose first field
    may be left out, KeyError for a field that there is no pattern for."""
    parts: list[str] = []
    for name in sorted(shape):
        field = shape[name]
        pattern = _of(field, inner.get(name))
        whole = f'"{name}":' + (f"(?P<{prefix}{name}>{pattern})" if name in kept else pattern)
        if not parts and field.optional:
            raise ValueError(name)
        parts.append(f"(?:,{whole})?+" if parts and field.optional else f",{whole}" if parts else whole)
    return rf"\{{{''.join(parts)}\}}"


def _of(field: Field, inner: str | None) -> str:
    pattern = _PATTERNS[field.check] if inner is None else inner
    return null_or(pattern) if field.optional else pattern
