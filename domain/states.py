"""State machines: an enum with a sentence per state, transitions as data, one `move`.

A state's `sentence` says what it means, for the reference and for logs; words for people stand in the
interface. Listing a state among its own successors means that the step may be repeated.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from domain.errors import Refusal


class State(StrEnum):
    """Base of all machines' states: the value is what is stored, `sentence` says what it means."""

    _value_: str
    sentence: str

    def __new__(cls, value: str, sentence: str = "") -> "State":
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member


class EventState(State):
    """An event from its first draft to its end."""

    DRAFT = "draft", "Being prepared; nothing is sold."
    PUBLISHED = "published", "On sale within its windows."
    CANCELLED = "cancelled", "Will not take place; every ticket that is left is void."
    FINISHED = "finished", "Has taken place; nothing is sold any more."


class OrderState(State):
    """An order from cart to refund."""

    OPEN = "open", "Being put together or paid."
    RESERVED = "reserved", "Places are kept, payment is due later."
    PAID = "paid", "Paid in full."
    PARTLY_REFUNDED = "partly_refunded", "Some of the money was given back."
    REFUNDED = "refunded", "All of the money was given back."
    VOID = "void", "Undone as if it had never been sold."
    RELEASED = "released", "The reservation was given up; places are free again."


class TicketState(State):
    """A ticket as a whole; how often a pass may still be used is derived from its admissions."""

    ACTIVE = "active", "May be used."
    USED = "used", "Used up."
    CANCELLED = "cancelled", "Void; never admits again."


class ShiftState(State):
    """A cashier's shift."""

    OPEN = "open", "Selling."
    COUNTED = "counted", "The drawer was counted, the report is not yet closed."
    CLOSED = "closed", "Closed with a numbered Z report."


class SupportState(State):
    """A support ticket; `closed` is final."""

    OPEN = "open", "Waiting for a first answer."
    ANSWERED = "answered", "Staff answered; the clock stands still."
    WAIT_ANSWER = "wait_answer", "The guest wrote again; the clock runs."
    CLOSED = "closed", "Final: no status change, no comment."


class PaymentState(State):
    """A payment or a refund at a tender."""

    STARTED = "started", "Asked for; the answer is not known yet."
    TAKEN = "taken", "The money has moved."
    FAILED = "failed", "The money has not moved."
    UNKNOWN = "unknown", "Broken off in the middle; a person has to find out."


class PrintJobState(State):
    """One thing to be printed."""

    WAITING = "waiting", "Not yet begun."
    PRINTING = "printing", "Handed to the printer."
    DONE = "done", "On paper, as far as the printer can tell."
    FAILED = "failed", "The printer refused; may be tried again."


class LeaseState(State):
    """A number of places that a station may sell without asking."""

    HELD = "held", "May be sold from."
    EXPIRED = "expired", "Out of time: not sold from, and still not free for others."
    RETURNED = "returned", "Given back by the station that held it."
    WRITTEN_OFF = "written_off", "Declared lost by an operator who accepted the risk."


class NotificationState(State):
    """Delivery of one fact over one channel."""

    WAITING = "waiting", "To be sent, now or after a pause."
    SENT = "sent", "The far side has it."
    FAILED = "failed", "The last attempt failed."
    IN_DOUBT = "in_doubt", "Broken off between the far side's yes and our record."
    DEAD = "dead", "Given up after the last attempt; a person may send it again."


_E, _O, _T, _S, _U = EventState, OrderState, TicketState, ShiftState, SupportState
_P, _J, _L, _N = PaymentState, PrintJobState, LeaseState, NotificationState

TRANSITIONS: Mapping[type[State], Mapping[State, tuple[State, ...]]] = MappingProxyType(
    {
        EventState: {
            _E.DRAFT: (_E.PUBLISHED,),
            _E.PUBLISHED: (_E.CANCELLED, _E.FINISHED),
        },
        OrderState: {
            _O.OPEN: (_O.RESERVED, _O.PAID, _O.VOID),
            _O.RESERVED: (_O.PAID, _O.RELEASED),
            _O.PAID: (_O.PARTLY_REFUNDED, _O.REFUNDED, _O.VOID),
            _O.PARTLY_REFUNDED: (_O.PARTLY_REFUNDED, _O.REFUNDED),
        },
        TicketState: {
            _T.ACTIVE: (_T.USED, _T.CANCELLED),
            _T.USED: (_T.ACTIVE,),
        },
        ShiftState: {
            _S.OPEN: (_S.COUNTED,),
            _S.COUNTED: (_S.COUNTED, _S.CLOSED),
        },
        SupportState: {
            _U.OPEN: (_U.ANSWERED, _U.CLOSED),
            _U.ANSWERED: (_U.WAIT_ANSWER, _U.CLOSED),
            _U.WAIT_ANSWER: (_U.ANSWERED, _U.CLOSED),
        },
        PaymentState: {
            _P.STARTED: (_P.TAKEN, _P.FAILED, _P.UNKNOWN),
            _P.UNKNOWN: (_P.TAKEN, _P.FAILED),
        },
        PrintJobState: {
            _J.WAITING: (_J.PRINTING, _J.FAILED),
            _J.PRINTING: (_J.DONE, _J.FAILED, _J.WAITING),
            _J.FAILED: (_J.WAITING,),
        },
        LeaseState: {
            _L.HELD: (_L.EXPIRED, _L.RETURNED, _L.WRITTEN_OFF),
            _L.EXPIRED: (_L.HELD, _L.RETURNED, _L.WRITTEN_OFF),
        },
        NotificationState: {
            _N.WAITING: (_N.SENT, _N.FAILED, _N.IN_DOUBT),
            _N.FAILED: (_N.WAITING, _N.DEAD),
            _N.IN_DOUBT: (_N.WAITING, _N.SENT),
            _N.DEAD: (_N.WAITING,),
        },
    }
)
"""Machine → state → the states that may follow. A state without a row is final."""

S = TypeVar("S", bound=State)


def machine_name(machine: type[State]) -> str:
    """`EventState` → `event`, `PrintJobState` → `print_job`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", machine.__name__.removesuffix("State")).lower()


def allowed(old: State) -> tuple[State, ...]:
    """The states that may follow `old`, in the order of the table; empty for a final one."""
    return TRANSITIONS[type(old)].get(old, ())


def move(old: S, new: S) -> S:
    """`new`, if it may follow `old`.

    Raises Refusal STATE_NOT_ALLOWED (machine, old, new, allowed: the possible states joined by ", ").
    """
    if new not in allowed(old):
        raise Refusal(
            "STATE_NOT_ALLOWED",
            machine=machine_name(type(old)),
            old=old.value,
            new=new.value,
            allowed=", ".join(allowed(old)),
        )
    return new
