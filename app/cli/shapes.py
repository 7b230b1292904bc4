"""The JSON of answers: views turned into plain documents with stable keys."""

from datetime import datetime
from typing import Any

from app.services.gate import GateAnswer
from app.services.views import OrderView, ShiftView, TicketView
from domain.admission import Decision, Use
from domain.clock import to_text
from domain.money import Money


def at(when: datetime) -> str:
    """A time as ISO text in UTC."""
    return to_text(when)


def money(amount: Money) -> dict[str, Any]:
    """{"minor": 2400, "currency": "EUR"}."""
    return {"minor": amount.minor, "currency": amount.currency}


def use(one: Use | None) -> dict[str, Any] | None:
    """When, where and by whom a ticket was used."""
    return {"at": to_text(one.at), "gate": one.gate, "by": one.by} if one is not None else None


def ticket(view: TicketView, code: str | None = None, pdf: str | None = None) -> dict[str, Any]:
    """One ticket of an order."""
    shown: dict[str, Any] = {
        "serial": view.serial,
        "reference": view.reference,
        "product": view.product.code,
        "event": view.event.code,
        "performance": view.performance.code if view.performance else None,
        "price": money(view.price),
        "state": view.state,
        "print": view.print_number,
        "uses": [use(one) for one in view.uses],
    }
    if code is not None:
        shown["code"] = code
    if pdf is not None:
        shown["pdf"] = pdf
    return shown


def order(view: OrderView) -> dict[str, Any]:
    """An order with positions, payments and where it stands."""
    return {
        "order": view.order,
        "reference": view.reference,
        "state": view.state,
        "sold_at": to_text(view.sold_at),
        "station": view.station_name,
        "cashier": view.cashier_name,
        "shift": view.shift,
        "receipt": view.receipt,
        "receipt_hash": view.receipt_hash,
        "total": money(view.due),
        "tax": money(view.tax),
        "tickets": [ticket(one) for one in view.tickets],
        "payments": [
            {
                "payment": paid.payment,
                "tender": paid.tender,
                "amount": money(paid.amount),
                "tendered": money(paid.tendered),
                "change": money(paid.change),
                "reference": paid.reference,
            }
            for paid in view.payments
        ],
        "synced": view.synced,
        "printed": view.printed,
    }


def shift(view: ShiftView) -> dict[str, Any]:
    """A shift's numbers, as X and Z report them."""
    return {
        "shift": view.shift,
        "number": view.number,
        "opened_at": to_text(view.opened_at),
        "closed_at": to_text(view.closed_at) if view.closed_at else None,
        "cashier": view.cashier_name,
        "float": money(view.float_),
        "tenders": dict(view.tenders),
        "expected": money(view.expected),
        "counted": money(view.counted) if view.counted else None,
        "difference": money(view.difference) if view.difference else None,
        "receipts": {
            "first": view.receipts_first,
            "last": view.receipts_last,
            "count": view.receipts_count,
        },
        "not_synced": view.not_synced,
        "unknown": [
            {
                "payment": one.payment,
                "order": one.order,
                "reference": one.reference,
                "tender": one.tender,
                "amount": money(Money(one.amount_minor, view.float_.currency)),
            }
            for one in view.unknown
        ],
    }


def confidence(decision: Decision) -> str:
    """`live`, `alone`, or `offline since <time>`."""
    known = decision.confidence
    return f"offline since {to_text(known.since_at)}" if known.since_at else known.mode.value


def answer(given: GateAnswer, ms: float) -> dict[str, Any]:
    """A gate's answer. `ms` is how long it took."""
    decision = given.decision
    facts = decision.facts
    return {
        "verdict": decision.verdict.value,
        "opens": given.opens,
        "severity": decision.severity.value,
        "serial": given.serial,
        "reference": given.reference,
        "guest": given.guest,
        "product": facts.product.code if facts else None,
        "event": facts.event.code if facts else None,
        "first": use(decision.first),
        "entries_left": decision.entries_left,
        "confidence": confidence(decision),
        "params": dict(decision.params),
        "entry_id": given.entry_id,
        "trace": [
            {"rule": step.rule.value, "passed": step.passed, "values": step.values} for step in decision.trace
        ],
        "ms": round(ms, 2),
    }
