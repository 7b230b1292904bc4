"""Reading one value of a catalogue row: each reader answers a checked value or names what is wrong."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.services.catalogue_rows import Row
from domain.errors import Refusal
from domain.money import parse_amount

_TURNS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_PERCENT = re.compile(r"([0-9]{1,2})(?:[.,]([0-9]{1,2}))?")


def only(row: Row, names: Sequence[str]) -> None:
    for name in row.values:
        if name not in names:
            raise row.wrong(name, "unknown_field")


def text(row: Row, name: str) -> str:
    value = row.values.get(name)
    if value is None:
        raise row.wrong(name, "missing")
    if isinstance(value, (Row, list, bool)) or not str(value).strip() or len(str(value)) > 500:
        raise row.wrong(name, "text", value if not isinstance(value, (Row, list)) else None)
    if any(_is_no_text(letter) for letter in str(value)):
        raise row.wrong(name, "control_characters")
    return str(value).strip()


def _is_no_text(letter: str) -> bool:
    """Control characters, halves of characters, and marks that turn the direction of what follows."""
    return unicodedata.category(letter) in {"Cc", "Cs"} or unicodedata.bidirectional(letter) in _TURNS


def given_texts(row: Row, names: Sequence[str]) -> dict[str, Any]:
    return {name: text(row, name) for name in names if name in row.values}


def texts(row: Row, name: str) -> list[str]:
    value = row.values[name]
    if value is None or isinstance(value, (Row, bool)):
        raise row.wrong(name, "list")
    values = value if isinstance(value, list) else [part.strip() for part in str(value).split(",")]
    if not all(isinstance(item, (str, int)) and not isinstance(item, bool) for item in values):
        raise row.wrong(name, "list")
    return [str(item) for item in values]


def code(row: Row) -> str:
    code = text(row, "code")
    if not _CODE.fullmatch(code):
        raise row.wrong("code", "code", code)
    return code


def whole(row: Row, name: str, low: int, high: int) -> int:
    value = row.values.get(name)
    if value is None:
        raise row.wrong(name, "missing")
    text = str(value).strip()
    if isinstance(value, (bool, Row, list)) or not re.fullmatch(r"[0-9]{1,9}", text):
        raise row.wrong(name, "whole_number", None if isinstance(value, (Row, list)) else value)
    if not low <= int(text) <= high:
        raise row.wrong(name, "range", text)
    return int(text)


PRIVACY = ("retention_days", "names_at_gate")


def privacy(row: Row, most_days: int) -> dict[str, Any]:
    """What an event says about its guests' data, as far as the row says it."""
    fields: dict[str, Any] = {}
    if "retention_days" in row.values:
        fields["retention_days"] = whole(row, "retention_days", 0, most_days)
    if "names_at_gate" in row.values:
        fields["names_at_gate"] = flag(row, "names_at_gate")
    return fields


def flag(row: Row, name: str) -> bool:
    """Yes or no, as YAML, JSON and spreadsheets write it."""
    value = row.values[name]
    said = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    text = "" if isinstance(value, (Row, list)) else str(value).strip().lower()
    if text not in said:
        raise row.wrong(name, "choice", None if isinstance(value, (Row, list)) else value)
    return said[text]


def percent(row: Row, name: str) -> int:
    """A rate in per cent with at most two decimals, as basis points."""
    value = row.values[name]
    found = _PERCENT.fullmatch(str(value).strip())
    if not found:
        raise row.wrong(name, "percent", None if isinstance(value, (Row, list)) else value)
    return int(found.group(1)) * 100 + int((found.group(2) or "").ljust(2, "0"))


def choice(row: Row, name: str, words: Sequence[str]) -> str:
    value = text(row, name)
    if value not in words:
        raise row.wrong(name, "choice", value)
    return value


def time_zone(row: Row) -> str:
    name = text(row, "zone")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise row.wrong("zone", "time_zone", name) from None
    return name


def currency(row: Row) -> str:
    code = text(row, "currency").upper()
    try:
        parse_amount("1", code)
    except (Refusal, ValueError, KeyError):
        raise row.wrong("currency", "currency", code) from None
    return code


def pick(row: Row, name: str, among: Mapping[str, Any]) -> Any:
    return pick_one(row, name, text(row, name), among)


def pick_one(row: Row, name: str, text: str, among: Mapping[str, Any]) -> Any:
    if text not in among:
        raise row.wrong(name, "not_found", text)
    return among[text]
