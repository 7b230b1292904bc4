"""Reading shifts. Every sale asks for the open one, so its totals come from indexes alone."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, func, select

from app.services.views import ShiftView
from app.store.journal import acked_seq
from app.store.prepared import Prepared
from app.store.reads_base import at_or_none, money
from app.store.reads_payments import PaymentReads
from app.store.schema import JOURNAL, ORDER, PAYMENT, SHIFT_CLOSED, SHIFT_OPENED, place
from app.store.schema_rights import PAYOUT, RECEIPT
from domain.clock import from_ms
from domain.order import Tender
from domain.shift import expected_cash

_HERE: BindParameter[int] = bindparam("is_practice")
"""Real totals count real sales only; where one practises, a shift counts what was sold there."""

_BOTH = SHIFT_OPENED.outerjoin(SHIFT_CLOSED, SHIFT_CLOSED.c.shift == SHIFT_OPENED.c.shift)
_SHIFTS = select(
    SHIFT_OPENED,
    SHIFT_CLOSED.c.number,
    SHIFT_CLOSED.c.expected_minor,
    SHIFT_CLOSED.c.counted_minor,
    SHIFT_CLOSED.c.difference_minor,
    SHIFT_CLOSED.c.receipts_first,
    SHIFT_CLOSED.c.receipts_last,
    SHIFT_CLOSED.c.receipts_count,
    SHIFT_CLOSED.c.tenders,
    SHIFT_CLOSED.c.at_ms.label("closed_ms"),
    SHIFT_CLOSED.c.entry_id.label("closed_by"),
).select_from(_BOTH)
_OF_STATION = _SHIFTS.where(SHIFT_OPENED.c.station == bindparam("of_station")).limit(1)
_OPEN = _OF_STATION.where(SHIFT_CLOSED.c.shift.is_(None)).order_by(
    SHIFT_OPENED.c.at_ms.desc(), SHIFT_OPENED.c.hlc.desc()
)
_RUNNING = Prepared(_OPEN.with_only_columns(SHIFT_OPENED.c.shift))
_LAST = _OF_STATION.where(SHIFT_CLOSED.c.shift.is_not(None)).order_by(
    SHIFT_CLOSED.c.number.desc(), SHIFT_CLOSED.c.at_ms.desc()
)
_BY_ID = _SHIFTS.where(SHIFT_OPENED.c.shift == bindparam("of_shift"))
_LAST_NUMBER = select(func.max(SHIFT_CLOSED.c.number)).where(
    SHIFT_CLOSED.c.station == bindparam("of_station")
)
_TENDERS = Prepared(
    select(PAYMENT.c.tender, func.sum(PAYMENT.c.tendered_minor - PAYMENT.c.change_minor))
    .where(PAYMENT.c.shift == bindparam("of_shift"), PAYMENT.c.practice == _HERE)
    .group_by(PAYMENT.c.tender)
    .order_by(PAYMENT.c.tender)
)
_BACK = Prepared(
    select(PAYOUT.c.tender, func.sum(PAYOUT.c.amount_minor))
    .where(PAYOUT.c.shift == bindparam("of_shift"), PAYOUT.c.practice == _HERE)
    .group_by(PAYOUT.c.tender)
    .order_by(PAYOUT.c.tender)
)
_UNCONFIRMED = Prepared(
    select(func.count())
    .select_from(JOURNAL)
    .where(JOURNAL.c.shift == bindparam("of_shift"), JOURNAL.c.position > bindparam("after"))
)


def _counted(statement: Select[Any]) -> Select[Any]:
    """Of one shift, practice or real as the station is; a reservation has no receipt of its own."""
    return statement.where(
        ORDER.c.shift == bindparam("of_shift"), ORDER.c.practice == _HERE, ORDER.c.receipt_number > 0
    )


def _end_receipt(*order: ColumnElement[Any]) -> Any:
    return _counted(select(ORDER.c.receipt)).order_by(*order).limit(1).scalar_subquery()


_RECEIPTS = Prepared(
    _counted(
        select(
            _end_receipt(ORDER.c.receipt_epoch, ORDER.c.receipt_number),
            _end_receipt(ORDER.c.receipt_epoch.desc(), ORDER.c.receipt_number.desc()),
            func.count(),
        ).select_from(ORDER)
    )
)
_LATER_RECEIPTS = Prepared(
    select(RECEIPT.c.receipt)
    .where(RECEIPT.c.shift == bindparam("of_shift"), RECEIPT.c.practice == _HERE)
    .order_by(RECEIPT.c.epoch, RECEIPT.c.number)
)


class ShiftReads(PaymentReads):
    """See app.services.ports.Reads."""

    def open_shift(self, station: str) -> ShiftView | None:
        """The open shift of a station with its totals so far; of several the latest."""
        return self._shift_of(_OPEN, {"of_station": station})

    def running_shift(self, station: str) -> str | None:
        """The id of `open_shift`, without its totals."""
        row = _RUNNING.first(self._connection, {"of_station": station})
        return None if row is None else row[0]

    def shift(self, shift: str) -> ShiftView | None:
        """A shift by its id."""
        return self._shift_of(_BY_ID, {"of_shift": shift})

    def last_shift(self, station: str) -> ShiftView | None:
        """The latest closed shift of a station."""
        return self._shift_of(_LAST, {"of_station": station})

    def clock_confirmed(self, shift: str) -> bool:
        """Whether the date was confirmed in this shift."""
        said = select(JOURNAL.c.position).where(JOURNAL.c.shift == shift, JOURNAL.c.kind == "clock_stepped")
        return self._connection.execute(said.limit(1)).first() is not None

    def next_shift_number(self, station: str) -> int:
        """The number of the next Z report of a station."""
        last = self._connection.execute(_LAST_NUMBER, {"of_station": station}).scalar()
        return (last or 0) + 1

    def _shift_of(self, statement: Select[Any], values: Mapping[str, str]) -> ShiftView | None:
        row = self._connection.execute(statement, values).first()
        return None if row is None else self._shift_view(row)

    def _shift_view(self, row: Any) -> ShiftView:
        closed = row.closed_ms is not None
        practice = self._slow.station(self._connection).practice
        if closed:
            tenders = json.loads(row.tenders)
            first, last, count = row.receipts_first, row.receipts_last, row.receipts_count
            expected = row.expected_minor
        else:
            mine = {"of_shift": row.shift, "is_practice": int(practice)}
            came = {each[0]: each[1] for each in _TENDERS.all(self._connection, mine)}
            back = {each[0]: each[1] for each in _BACK.all(self._connection, mine)}
            tenders = {tender: came.get(tender, 0) - back.get(tender, 0) for tender in sorted({*came, *back})}
            first, last, count = self._receipts(mine)
            cash = Tender.CASH.value
            expected = expected_cash(row.float_minor, came.get(cash, 0), 0, back.get(cash, 0))
        return ShiftView(
            shift=row.shift,
            station=row.station,
            drawer=row.drawer,
            cashier=row.cashier or "",
            cashier_name=self._name_of(row.cashier),
            opened_at=from_ms(row.at_ms),
            closed_at=at_or_none(row.closed_ms),
            number=row.number,
            float_=money(row.float_minor, row.currency),
            tenders=tenders,
            expected=money(expected, row.currency),
            counted=money(row.counted_minor, row.currency) if closed else None,
            difference=money(row.difference_minor, row.currency) if closed else None,
            receipts_first=first,
            receipts_last=last,
            receipts_count=count,
            not_synced=self._unconfirmed(row.shift),
            station_name=self._station_name(row.station),
            practice=practice,
            unknown=self.unknown_at_close(row.closed_by) if closed else self.unknown_payments(row.shift),
        )

    def _receipts(self, of_shift: Mapping[str, Any]) -> tuple[str | None, str | None, int]:
        """First, last and how many, of sales and of reservations paid; they share one series."""
        first, last, count = _RECEIPTS.first(self._connection, of_shift) or (None, None, 0)
        later = [row[0] for row in _LATER_RECEIPTS.all(self._connection, of_shift)]
        if not later:
            return first, last, count
        ends = [receipt for receipt in (first, last, later[0], later[-1]) if receipt]
        ends.sort(key=lambda receipt: (len(receipt), receipt))
        return ends[0], ends[-1], count + len(later)

    def _unconfirmed(self, shift: str) -> int:
        """Entries of a shift that the hub has not confirmed; 0 for a station without a hub."""
        own = self._slow.station(self._connection)
        if not own.has_hub:
            return 0
        after = place(own.epoch, acked_seq(self._connection, own.epoch))
        waiting: int = _UNCONFIRMED.scalar(self._connection, {"of_shift": shift, "after": after})
        return waiting
