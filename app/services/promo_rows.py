"""Promo codes in a catalogue file: one row each, read into fields of the catalogue."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app.services import catalogue_cells as cells
from app.services.catalogue_rows import Row
from domain.catalogue import Product
from domain.clock import to_text
from domain.errors import Refusal
from domain.money import parse_amount
from domain.promo import WHOLE_BP, Promo, PromoPer, promo_hash

FIELDS = ("code", "name", "name_ru", "percent", "amount", "per", "products", "from", "until", "limit")
MOST_USES = 1_000_000


def hash_of(item: Row, event: int) -> str:
    """The hash of the row's code, which is kept nowhere else."""
    text = cells.text(item, "code")
    try:
        return promo_hash(text, event)
    except Refusal:
        raise item.wrong("code", "code") from None


def fields_of_promo(
    item: Row,
    old: Promo | None,
    products: Mapping[str, Product],
    currency: str,
    moment: Callable[[str], datetime],
) -> dict[str, Any]:
    """What the row says, but for its limit. Either `percent` or `amount` is needed for a new one; the one
    that is given replaces the other. Refuses CATALOGUE_INVALID."""
    cells.only(item, FIELDS)
    fields: dict[str, Any] = cells.given_texts(item, ("name", "name_ru"))
    if old is None and "name" not in fields:
        raise item.wrong("name", "missing")
    fields |= _discount(item, old, currency)
    if "per" in item.values:
        fields["per"] = cells.choice(item, "per", [per.value for per in PromoPer])
    if "products" in item.values:
        named = cells.texts(item, "products")
        fields["products"] = [cells.pick_one(item, "products", text, products).number for text in named]
    window = {name: moment(name) for name in ("from", "until") if item.values.get(name) is not None}
    if len(window) == 2 and window["from"] >= window["until"]:
        raise item.wrong("until", "order")
    return fields | {f"{name}_at": to_text(at) for name, at in window.items()}


def _discount(item: Row, old: Promo | None, currency: str) -> dict[str, Any]:
    if "percent" in item.values and "amount" in item.values:
        raise item.wrong("amount", "contradiction")
    if "percent" in item.values:
        whole = str(item.values["percent"]).strip() == "100"
        rate = WHOLE_BP if whole else cells.percent(item, "percent")
        if not rate:
            raise item.wrong("percent", "range", rate)
        return {"percent_bp": rate, "amount_minor": 0, "currency": ""}
    if "amount" in item.values:
        return {"percent_bp": 0, "amount_minor": _amount(item, currency), "currency": currency}
    if old is None:
        raise item.wrong("percent", "missing")
    return {}


def _amount(item: Row, currency: str) -> int:
    value = item.values["amount"]
    shown = None if isinstance(value, (Row, list)) else value
    try:
        minor = parse_amount(str(value), currency).minor
    except Refusal:
        raise item.wrong("amount", "amount", shown) from None
    if minor < 1:
        raise item.wrong("amount", "range", shown)
    return minor
