"""Reading orders and tickets, whole and in lists."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from app.services.views import BackView, OrderRow, OrderView, PaymentView, PayoutView, TicketView
from app.store.journal import acked_seq
from app.store.prepared import Prepared
from app.store.reads_base import at_or_none, money
from app.store.reads_gate import GateReads
from app.store.reads_payments import OPEN_ORDERS
from app.store.schema import (
    JOURNAL,
    ORDER,
    PAYMENT,
    POSITION,
    PRINT_FACT,
    REJECTED_ENTRY,
    REPLICA_ENTRY,
    SHORT_ENTRY,
    TICKET,
)
from app.store.schema_rights import GIVE_BACK, PAYOUT, RECEIPT, RESERVATION, TICKET_ACT, TICKET_HOLD
from domain.admission import Direction, Use
from domain.catalogue import Event, Product
from domain.clock import from_ms, to_ms
from domain.ids import normalize_reference
from domain.promo import Promo
from domain.states import EventState, OrderState, TicketState

_SERIAL = re.compile(r"[0-9a-f]{16}")
_ORDER_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_PRINTED = (
    select(PRINT_FACT.c.serial, func.count().label("printed"))
    .where(PRINT_FACT.c.serial.in_(bindparam("serials", expanding=True)))
    .group_by(PRINT_FACT.c.serial)
)
_NEWEST_REPRINT = (
    select(PRINT_FACT.c.key_id)
    .where(PRINT_FACT.c.serial == POSITION.c.serial, PRINT_FACT.c.key_id != "")
    .order_by(PRINT_FACT.c.print_number.desc(), PRINT_FACT.c.hlc.desc())
    .limit(1)
    .correlate(POSITION)
    .scalar_subquery()
)
_TICKETS = (
    select(
        POSITION,
        TICKET.c.print_number,
        func.coalesce(_NEWEST_REPRINT, ORDER.c.key_id).label("key_id"),
        func.coalesce(TICKET_HOLD.c.refunded_ms, TICKET_HOLD.c.cancelled_ms).label("void_ms"),
    )
    .outerjoin(TICKET, TICKET.c.serial == POSITION.c.serial)
    .outerjoin(TICKET_HOLD, TICKET_HOLD.c.serial == POSITION.c.serial)
    .outerjoin(ORDER, ORDER.c.order_id == POSITION.c.order_id)
)
_OF_ORDER = _TICKETS.where(POSITION.c.order_id == bindparam("of_order")).order_by(
    POSITION.c.line, POSITION.c.serial
)
_PAYMENTS = (
    select(PAYMENT)
    .where(PAYMENT.c.order_id == bindparam("of_order"))
    .order_by(PAYMENT.c.line, PAYMENT.c.payment)
)
_LAST_RECEIPT = Prepared(
    select(func.max(ORDER.c.receipt_number)).where(
        ORDER.c.receipt_prefix == bindparam("prefix"),
        ORDER.c.receipt_epoch == bindparam("epoch"),
        ORDER.c.practice == bindparam("is_practice"),
    )
)
_LAST_LATER_RECEIPT = Prepared(
    select(func.max(RECEIPT.c.number)).where(
        RECEIPT.c.prefix == bindparam("prefix"),
        RECEIPT.c.epoch == bindparam("epoch"),
        RECEIPT.c.practice == bindparam("is_practice"),
    )
)
_RECEIPT_OUTVOTED = func.json_extract(REJECTED_ENTRY.c.content, "$.body.receipt.number")
_LAST_OUTVOTED_RECEIPT = Prepared(
    select(func.max(_RECEIPT_OUTVOTED)).where(
        REJECTED_ENTRY.c.code == "DUPLICATE_ID",
        func.json_extract(REJECTED_ENTRY.c.content, "$.body.receipt.prefix") == bindparam("prefix"),
        func.json_extract(REJECTED_ENTRY.c.content, "$.body.receipt.epoch") == bindparam("epoch"),
        func.json_extract(REJECTED_ENTRY.c.content, "$.body.receipt.practice") == bindparam("is_practice"),
    )
)
"""Of sales whose id another content has taken: the guest has their receipt all the same."""
_BACKS = (
    select(GIVE_BACK)
    .where(GIVE_BACK.c.order_id == bindparam("of_order"))
    .order_by(GIVE_BACK.c.hlc, GIVE_BACK.c.entry_id)
)
_PAYOUTS = (
    select(PAYOUT).where(PAYOUT.c.order_id == bindparam("of_order")).order_by(PAYOUT.c.hlc, PAYOUT.c.payout)
)
_ORDER = select(ORDER).where(ORDER.c.order_id == bindparam("of_order"))
_WAS_PRINTED = Prepared(
    select(PRINT_FACT.c.entry_id).where(PRINT_FACT.c.order_id == bindparam("of_order")).limit(1)
)
_RECEIPT_PRINTS = Prepared(
    select(func.count(PRINT_FACT.c.entry_id.distinct())).where(
        PRINT_FACT.c.order_id == bindparam("of_order"), PRINT_FACT.c.receipt == 1
    )
)
_UNTIL = Prepared(select(RESERVATION.c.until_ms).where(RESERVATION.c.order_id == bindparam("of_order")))
_HAS_BACKS = Prepared(
    select(GIVE_BACK.c.entry_id).where(GIVE_BACK.c.order_id == bindparam("of_order")).limit(1)
)


class OrderReads(GateReads):
    """See app.services.ports.Reads."""

    def ticket(self, serial: str) -> TicketView | None:
        """One ticket; None when it was never sold as far as this station knows."""
        rows = self._connection.execute(_TICKETS.where(POSITION.c.serial == serial)).all()
        return next(iter(self._tickets(rows)), None)

    def tickets_by_reference(self, reference: str) -> Sequence[TicketView]:
        """Tickets with this short reference (canonical form), latest sale first."""
        statement = _TICKETS.where(POSITION.c.reference == reference).order_by(
            POSITION.c.sold_ms.desc(), POSITION.c.serial
        )
        return self._tickets(self._connection.execute(statement).all())

    def order(self, order: str) -> OrderView | None:
        """An order whole."""
        row = self._connection.execute(_ORDER, {"of_order": order}).first()
        if row is None:
            return None
        tickets = self._tickets(self._connection.execute(_OF_ORDER, {"of_order": order}).all())
        currency = row.currency
        return OrderView(
            order=order,
            reference=row.reference,
            state=row.state,
            sold_at=from_ms(row.sold_ms),
            station=row.station,
            station_name=self._station_name(row.station),
            cashier=row.cashier,
            cashier_name=self._name_of(row.cashier),
            shift=row.shift,
            receipt=row.receipt,
            receipt_hash=row.short_hash,
            practice=bool(row.practice),
            currency=currency,
            gross=money(row.gross_minor, currency),
            discount=money(row.discount_minor, currency),
            net=money(row.net_minor, currency),
            tax=money(row.tax_minor, currency),
            rounding=money(row.rounding_minor, currency),
            due=money(row.due_minor, currency),
            tickets=tickets,
            payments=self._payments(order, currency),
            synced=self._is_synced(row),
            printed=self._was_printed(order),
            entry_id=row.entry_id,
            seq=row.seq,
            receipt_prints=_RECEIPT_PRINTS.scalar(self._connection, {"of_order": order}),
            until_at=at_or_none(self._until(order)),
            backs=self._backs(order, currency),
            promo=self._promo_of(row),
        )

    def _promo_of(self, row: Any) -> Promo | None:
        """The promo code of an order, as its entry names it; only one with a discount can have one."""
        if not row.discount_minor:
            return None
        for table in (JOURNAL, REPLICA_ENTRY, SHORT_ENTRY):
            statement = select(func.json_extract(table.c.content, "$.body.promo"))
            found = self._connection.execute(statement.where(table.c.entry_id == row.entry_id)).first()
            if found is not None:
                promos = self._slow.promos(self._connection)
                return next((promo for promo in promos if promo.number == found[0]), None)
        return None

    def _until(self, order: str) -> int | None:
        found: int | None = _UNTIL.scalar(self._connection, {"of_order": order})
        return found

    def _backs(self, order: str, currency: str) -> list[BackView]:
        if _HAS_BACKS.first(self._connection, {"of_order": order}) is None:
            return []
        rows = self._connection.execute(_BACKS, {"of_order": order}).all()
        payouts = self._connection.execute(_PAYOUTS, {"of_order": order}).all()
        acts = self._connection.execute(
            select(TICKET_ACT.c.entry_id, TICKET_ACT.c.serial)
            .where(TICKET_ACT.c.order_id == order)
            .order_by(TICKET_ACT.c.serial)
        ).all()
        return [
            BackView(
                refund=row.refund,
                kind=row.kind,
                at=from_ms(row.at_ms),
                reason=row.reason,
                amount=money(row.amount_minor, currency),
                serials=tuple(act.serial for act in acts if act.entry_id == row.entry_id),
                payouts=tuple(
                    PayoutView(out.tender, money(out.amount_minor, currency), out.reference)
                    for out in payouts
                    if out.entry_id == row.entry_id
                ),
                station_name=self._station_name(row.station),
                cashier_name=self._name_of(row.user),
            )
            for row in rows
        ]

    def overdue_reservations(self, now: datetime) -> Sequence[str]:
        """Reservations that nobody paid in time, the oldest first; none that is just being paid."""
        rows = self._connection.execute(
            select(RESERVATION.c.order_id)
            .join(ORDER, ORDER.c.order_id == RESERVATION.c.order_id)
            .where(
                RESERVATION.c.until_ms <= to_ms(now),
                ORDER.c.state == OrderState.RESERVED.value,
                RESERVATION.c.order_id.not_in(OPEN_ORDERS),
            )
            .order_by(RESERVATION.c.until_ms, RESERVATION.c.order_id)
        )
        return rows.scalars().all()

    def _payments(self, order: str, currency: str) -> list[PaymentView]:
        return [
            PaymentView(
                payment=paid.payment,
                tender=paid.tender,
                amount=money(paid.amount_minor, currency),
                tendered=money(paid.tendered_minor, currency),
                change=money(paid.change_minor, currency),
                reference=paid.reference,
            )
            for paid in self._connection.execute(_PAYMENTS, {"of_order": order})
        ]

    def find_orders(self, text: str, limit: int = 50) -> Sequence[OrderRow]:
        """By order reference, ticket reference, receipt number, order id or serial, newest first; empty text:
        the latest of all."""
        statement = select(ORDER).order_by(ORDER.c.sold_ms.desc(), ORDER.c.order_id).limit(limit)
        if text:
            statement = statement.where(ORDER.c.order_id.in_(self._orders_named(text)))
        return [self._order_row(row) for row in self._connection.execute(statement).all()]

    def last_sale(self, station: str) -> str | None:
        """Order id of the latest sale of a station."""
        found: str | None = self._connection.execute(
            select(ORDER.c.order_id)
            .where(ORDER.c.station == station)
            .order_by(ORDER.c.sold_ms.desc(), ORDER.c.hlc.desc())
            .limit(1)
        ).scalar()
        return found

    def next_receipt_number(self, prefix: str, epoch: int, practice: bool) -> int:
        """The number after the highest of a series; series have no gaps."""
        series = {"prefix": prefix, "epoch": epoch, "is_practice": int(practice)}
        last: int | None = _LAST_RECEIPT.scalar(self._connection, series)
        later: int | None = _LAST_LATER_RECEIPT.scalar(self._connection, series)
        outvoted: int | None = _LAST_OUTVOTED_RECEIPT.scalar(self._connection, series)
        return max(last or 0, later or 0, outvoted or 0) + 1

    def _orders_named(self, text: str) -> Sequence[str]:
        folded = text.lower()
        if _ORDER_ID.fullmatch(folded):
            return [folded]
        if _SERIAL.fullmatch(folded):
            return self._order_ids(POSITION.c.serial == folded)
        found = list(
            self._connection.execute(
                select(ORDER.c.order_id).where(ORDER.c.receipt == text.upper())
            ).scalars()
        )
        found += self._connection.execute(
            select(RECEIPT.c.order_id).where(RECEIPT.c.receipt == text.upper())
        ).scalars()
        if (reference := normalize_reference(text)) is not None:
            found += self._connection.execute(
                select(ORDER.c.order_id).where(ORDER.c.reference == reference)
            ).scalars()
            found += self._order_ids(POSITION.c.reference == reference)
        return found

    def _order_ids(self, condition: Any) -> Sequence[str]:
        return self._connection.execute(select(POSITION.c.order_id).where(condition)).scalars().all()

    def _order_row(self, row: Any) -> OrderRow:
        positions = self._connection.execute(
            select(POSITION.c.event).where(POSITION.c.order_id == row.order_id).order_by(POSITION.c.line)
        )
        events = positions.scalars().all()
        shown = [self._event_shown(number) for number in dict.fromkeys(events)]
        return OrderRow(
            order=row.order_id,
            reference=row.reference,
            receipt=row.receipt,
            state=row.state,
            sold_at=from_ms(row.sold_ms),
            due=money(row.due_minor, row.currency),
            tickets=len(events),
            what=", ".join(event.name for event in shown),
            what_ru=", ".join(event.name_ru or event.name for event in shown),
            station_name=self._station_name(row.station),
            synced=self._is_synced(row),
            printed=self._was_printed(row.order_id),
        )

    def _is_synced(self, row: Any) -> bool:
        """Others' orders came from the hub; our own are there when it has confirmed them. A station without
        a hub waits for nobody."""
        own = self._slow.station(self._connection)
        if row.station != own.station or not own.has_hub:
            return True
        return bool(row.epoch < own.epoch or row.seq <= acked_seq(self._connection, own.epoch))

    def _was_printed(self, order: str) -> bool:
        return _WAS_PRINTED.first(self._connection, {"of_order": order}) is not None

    def _tickets(self, rows: Sequence[Any]) -> list[TicketView]:
        if not rows:
            return []
        wanted = {"serials": [row.serial for row in rows]}
        printed = {row.serial: row.printed for row in self._connection.execute(_PRINTED, wanted)}
        return [self._ticket(row, printed.get(row.serial, 0)) for row in rows]

    def _ticket(self, row: Any, printed: int) -> TicketView:
        product = self._product_shown(row.product, row.event, row.currency)
        event = self._event_shown(row.event)
        uses = self.uses(row.serial)
        return TicketView(
            serial=row.serial,
            reference=row.reference,
            order=row.order_id,
            product=product,
            event=event,
            performance=self._performance_or_none(row.performance),
            price=money(row.price_minor, row.currency),
            tax_minor=row.tax_minor,
            tax_rate_bp=row.tax_rate_bp,
            state=ticket_state(product, event, uses, row.admits, void=row.void_ms is not None).value,
            print_number=row.print_number or 1,
            seat=row.seat,
            zones=row.zones,
            valid_from_at=at_or_none(row.valid_from_ms),
            valid_until_at=at_or_none(row.valid_until_ms),
            uses=uses,
            printed=printed,
            key_id=row.key_id or "",
            gross_minor=row.gross_minor,
        )


def ticket_state(
    product: Product, event: Event, uses: Sequence[Use], admits: int, *, void: bool = False
) -> TicketState:
    """`cancelled` when it was given back or given up, `used` when no entry is left, `cancelled` when the
    event was called off before that, else `active`."""
    if void:
        return TicketState.CANCELLED
    limit = product.validity.use_limit
    entered = sum(use.people for use in uses if use.direction is Direction.ENTRY)
    if limit is not None and entered >= limit * admits:
        return TicketState.USED
    return TicketState.CANCELLED if event.state is EventState.CANCELLED else TicketState.ACTIVE
