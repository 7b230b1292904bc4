"""Drafts of what happens to orders after their sale."""

from typing import Any

from domain.clock import to_text
from domain.entry import Draft
from domain.ids import uuid4
from tests.builders import NOW
from tests.store.station import Sale

FEEDS = ("cash", "event:100")
VALUE = "ab" * 32


def reserved(sale: Sale, until: Any = NOW) -> Draft:
    """The sale as a reservation."""
    body = dict(sale.draft().body)
    receipt = body.pop("receipt")
    del body["payments"], body["sold_at"]
    body |= {
        "reserved_at": to_text(sale.sold_at), "until_at": to_text(until), "practice": receipt["practice"],
    }  # fmt: skip
    return Draft("order_reserved", FEEDS, body)


def paid(sale: Sale, number: int = 1, prefix: str = "K1", tender: str = "cash") -> Draft:
    """Payment in full of a reservation, with a receipt of its own."""
    total = sale.price_minor * sale.count
    body = {
        "payment": uuid4(sale.random), "order": sale.order, "tender": tender, "amount_minor": total,
        "tendered_minor": total, "change_minor": 0, "reference": None, "currency": "EUR", "request": None,
        "receipt": {"prefix": prefix, "epoch": 1, "number": number, "practice": sale.practice},
    }  # fmt: skip
    return Draft("payment_taken", FEEDS, body)


def let_go(sale: Sale) -> Draft:
    """A reservation given up."""
    positions = [
        {"serial": each["serial"], "event": 100, "freed": each["slots"]} for each in sale.positions()
    ]
    body = {"order": sale.order, "reason": "time", "request": None, "positions": positions}
    return Draft("reservation_released", FEEDS, body)


def back(
    sale: Sale, *serials: str, kind: str = "refund_paid", tender: str = "cash", seen: tuple[str, ...] = ()
) -> Draft:
    """Tickets given back (all when none is named)."""
    positions = [
        {
            "serial": each["serial"], "event": 100, "product": each["product"],
            "net_minor": each["net_minor"], "tax_minor": each["tax_minor"],
            "gross_minor": each["gross_minor"], "rounding_minor": each["rounding_minor"],
            "amount_minor": each["gross_minor"] + each["rounding_minor"], "freed": each["slots"],
            "seen": list(seen),
        }
        for each in sale.positions()
        if not serials or each["serial"] in serials
    ]  # fmt: skip
    amount = sum(each["amount_minor"] for each in positions)
    payout = {"payout": uuid4(sale.random), "tender": tender, "amount_minor": amount, "reference": None}
    body: dict[str, Any] = {
        "refund": uuid4(sale.random), "order": sale.order, "currency": "EUR", "reason": "ill",
        "practice": sale.practice, "request": None, "positions": positions, "payouts": [payout],
        "amount_minor": amount,
    }  # fmt: skip
    if kind == "exchanged":
        body["into"] = uuid4(sale.random)
    return Draft(kind, FEEDS, body)


def with_promo(draft: Draft, slot: int = 1) -> Draft:
    """A sale made with a promo code, whose use its first ticket takes."""
    use = {"pool": 600, "lease": "own", "slots": [slot]}
    first, *others = draft.body["positions"]
    first = {**first, "slots": [*first["slots"], use]}
    return Draft(draft.kind, draft.feeds, {**draft.body, "promo": 500, "positions": [first, *others]})


def with_use_back(draft: Draft, serial: str, slot: int = 1) -> Draft:
    """Tickets given back, the last ones of an order that was sold with a promo code."""
    use = {"pool": 600, "lease": "own", "slots": [slot], "serial": serial}
    return Draft(draft.kind, draft.feeds, {**draft.body, "freed": [use]})


def issued(amount: int, value: str = VALUE) -> Draft:
    """A gift card."""
    body = {
        "value": value, "currency": "EUR", "amount_minor": amount, "order": None, "reason": "sold",
        "expires_at": None,
    }  # fmt: skip
    return Draft("value_issued", ("cash",), body)


def spent(amount: int, random: Any, value: str = VALUE) -> Draft:
    """Money taken from it, offline."""
    body = {
        "value": value, "spend": uuid4(random), "currency": "EUR", "amount_minor": amount, "order": None,
        "request": None, "at_risk": True,
    }  # fmt: skip
    return Draft("value_spent", ("cash",), body)


def given_up(*rights: tuple[str, int]) -> Draft:
    """Rights released by their holder."""
    listed = [{"order": order, "number": number} for order, number in rights]
    return Draft("right_released", ("cash",), {"rights": listed, "values": []})


def granted(order: str, station: str, number: int, act: str = "refund") -> Draft:
    """The hub's word."""
    body = {
        "order": order, "station": station, "epoch": 1, "number": number, "act": act,
        "request": "00000000-0000-4000-8000-00000000000f",
    }  # fmt: skip
    return Draft("right_granted", ("cash",), body)


def returned(amount: int, random: Any, value: str = VALUE) -> Draft:
    """Money put back on it."""
    body = {
        "value": value, "spend": uuid4(random), "currency": "EUR", "amount_minor": amount, "order": None,
        "reason": "ill",
    }  # fmt: skip
    return Draft("value_returned", ("cash",), body)


def steps(sale: Sale, number: int = 1, prefix: str = "K1", *, taken: bool = True) -> list[Draft]:
    """A card payment that takes several steps, ends unknown and is resolved by a person."""
    payment, total = uuid4(sale.random), sale.price_minor * sale.count
    both = {"payment": payment, "order": sale.order}
    money = {"tender": "card", "amount_minor": total, "currency": "EUR"}
    receipt = {"prefix": prefix, "epoch": 1, "number": number, "practice": sale.practice}
    resolved = {
        **both, **money, "taken": taken, "reference": "T-1", "reason": "the bank says so",
        "receipt": receipt if taken else None, "practice": sale.practice,
    }  # fmt: skip
    return [
        Draft("payment_started", FEEDS, {**both, **money, "request": None, "slots": []}),
        Draft("payment_unknown", FEEDS, {**both, "reason": "restart"}),
        Draft("payment_failed", FEEDS, {**both, "reason": "declined", "freed": []}),
        Draft("payment_resolved", FEEDS, resolved),
    ]
