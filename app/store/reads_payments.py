"""Reading payments that take several steps: what each has come to, and those that nobody knows the end of."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select, text

from app.services.views_payments import DoubtLine, PaymentStanding
from app.store.prepared import Prepared
from app.store.reads_base import ReadsBase, money
from app.store.schema import JOURNAL, ORDER, PAYMENT, REPLICA_ENTRY, SHIFT_OPENED, SHORT_ENTRY
from app.store.schema_rights import PAYMENT_FACT
from domain.clock import from_ms, to_ms
from domain.payments import FAILED, RESOLVED, STARTED, UNANSWERED_MS, UNKNOWN, Steps, payment_state

_BOOKED = select(PAYMENT.c.payment).where(PAYMENT.c.payment == PAYMENT_FACT.c.payment).exists()
_OTHER = PAYMENT_FACT.alias("other")


def _said(*kinds: str) -> Any:
    """Whether an entry of these kinds speaks of the payment."""
    return (
        select(_OTHER.c.payment)
        .where(_OTHER.c.payment == PAYMENT_FACT.c.payment, _OTHER.c.kind.in_(kinds))
        .exists()
    )


_STARTED = (
    select(PAYMENT_FACT, ORDER.c.reference, ORDER.c.currency, ORDER.c.practice, SHIFT_OPENED.c.station)
    .add_columns(SHIFT_OPENED.c.cashier, _BOOKED.label("booked"))
    .join(ORDER, ORDER.c.order_id == PAYMENT_FACT.c.order_id)
    .outerjoin(SHIFT_OPENED, SHIFT_OPENED.c.shift == PAYMENT_FACT.c.shift)
    .where(PAYMENT_FACT.c.kind == STARTED)
    .order_by(PAYMENT_FACT.c.at_ms, PAYMENT_FACT.c.payment)
)
_ONE = _STARTED.where(PAYMENT_FACT.c.payment == bindparam("of_payment"))
_OPEN = _STARTED.where(~_BOOKED, ~_said(FAILED, RESOLVED))
_OPEN_OF_SHIFT = _OPEN.where(PAYMENT_FACT.c.shift == bindparam("of_shift"))
_OPEN_OF_ORDER = _OPEN.where(PAYMENT_FACT.c.order_id == bindparam("of_order"))
_UNANSWERED = _OPEN.where(
    SHIFT_OPENED.c.station == bindparam("of_station"),
    PAYMENT_FACT.c.at_ms <= bindparam("before_ms"),
    ~_said(UNKNOWN),
)

_ANY_OF_SHIFT = Prepared(
    text("SELECT 1 FROM payment_fact WHERE shift = :of_shift AND kind = 'payment_started' LIMIT 1")
)

OPEN_ORDERS = select(PAYMENT_FACT.c.order_id).where(
    PAYMENT_FACT.c.kind == STARTED, ~_BOOKED, ~_said(FAILED, RESOLVED)
)
"""Orders with a payment of which nobody knows yet whether the money has moved."""
WAITING_ORDERS = OPEN_ORDERS.where(~_said(UNKNOWN))
"""Those of them where a terminal is being waited for."""


class PaymentReads(ReadsBase):
    """See app.services.ports.Reads."""

    def payment(self, payment: str) -> PaymentStanding | None:
        """One payment that takes several steps."""
        return next(iter(self._standings(_ONE, of_payment=payment)), None)

    def open_payments(self) -> Sequence[PaymentStanding]:
        """Payments of which nobody knows yet whether the money has moved, of all stations, oldest first."""
        return self._standings(_OPEN)

    def open_payment_of(self, order: str) -> PaymentStanding | None:
        """The one of an order; the oldest where there are several."""
        return next(iter(self._standings(_OPEN_OF_ORDER, of_order=order)), None)

    def unanswered_payments(self, station: str, now: datetime) -> Sequence[PaymentStanding]:
        """Those begun at a station whose terminal has been silent for too long."""
        return self._standings(_UNANSWERED, of_station=station, before_ms=to_ms(now) - UNANSWERED_MS)

    def unknown_payments(self, shift: str) -> Sequence[DoubtLine]:
        """Payments of an open shift whose end nobody knows, as its X report lists them."""
        if _ANY_OF_SHIFT.first(self._connection, {"of_shift": shift}) is None:
            return ()  # asked with every sale, and nearly always so
        return [
            DoubtLine(each.payment, each.order, each.reference, each.tender, each.amount.minor)
            for each in self._standings(_OPEN_OF_SHIFT, of_shift=shift)
        ]

    def unknown_at_close(self, entry_id: str) -> Sequence[DoubtLine]:
        """Those that stand on a Z report, by the entry that closed the shift: what was known then, whatever
        was found out since. None where the raw entry of another station is not kept here any more."""
        for table in (JOURNAL, REPLICA_ENTRY, SHORT_ENTRY):
            content = self._connection.execute(
                select(table.c.content).where(table.c.entry_id == entry_id)
            ).scalar()
            if content is not None:
                listed = json.loads(content)["body"].get("unknown") or []
                return [
                    DoubtLine(
                        one["payment"], one["order"], one["reference"], one["tender"], one["amount_minor"]
                    )
                    for one in listed
                ]
        return ()

    def _standings(self, statement: Select[Any], **values: object) -> list[PaymentStanding]:
        rows = self._connection.execute(statement, values).all()
        found: dict[str, PaymentStanding] = {}
        for row in rows:
            found.setdefault(row.payment, self._standing(row))
        return list(found.values())

    def _standing(self, row: Any) -> PaymentStanding:
        kinds = self._connection.execute(
            select(PAYMENT_FACT.c.kind).where(PAYMENT_FACT.c.payment == row.payment)
        )
        return PaymentStanding(
            payment=row.payment,
            order=row.order_id,
            reference=row.reference,
            state=payment_state(Steps(frozenset(kinds.scalars()), bool(row.booked))),
            tender=row.tender,
            amount=money(row.amount_minor, row.currency),
            started_at=from_ms(row.at_ms),
            shift=row.shift or "",
            station=row.station or "",
            station_name=self._station_name(row.station or ""),
            cashier=row.cashier or "",
            cashier_name=self._name_of(row.cashier),
            practice=bool(row.practice),
        )
