"""What is known of payments that take several steps, as windows and the command line show it."""

from dataclasses import dataclass
from datetime import datetime

from domain.money import Money
from domain.payments import is_open
from domain.states import PaymentState


@dataclass(frozen=True, slots=True)
class PaymentStanding:
    """A payment that was begun, and what it has come to. `reference` is its order's; `shift`, `cashier` and
    `station` are those it was begun in."""

    payment: str
    order: str
    reference: str
    state: PaymentState
    tender: str
    amount: Money
    started_at: datetime
    shift: str
    station: str
    station_name: str
    cashier: str
    cashier_name: str
    practice: bool = False

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to say if the money has moved."""
        return is_open(self.state)


@dataclass(frozen=True, slots=True)
class DoubtLine:
    """A payment without an end as an X or Z report lists it; `reference` is its order's."""

    payment: str
    order: str
    reference: str
    tender: str
    amount_minor: int
