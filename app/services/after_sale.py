"""What may be done to an order after its sale, and with gift cards, in one value for windows and verbs."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.services.afterwards import RefundOrder, VoidOrder
from app.services.exchanges import ExchangeTickets, ReprintTicket
from app.services.payments import (
    FailPayment,
    MarkPaymentUnknown,
    ResolvePayment,
    StartPayment,
    TakePayment,
)
from app.services.reservations import PayReservation, ReleaseReservation
from app.services.sell import ReserveOrder
from app.services.values import IssueValue, SpendValue


@dataclass(frozen=True, slots=True)
class Afterwards:
    """The use cases."""

    refund: RefundOrder
    void: VoidOrder
    exchange: ExchangeTickets
    reprint: ReprintTicket
    reserve: ReserveOrder
    pay: PayReservation
    release: ReleaseReservation
    issue_value: IssueValue
    spend_value: SpendValue
    start_payment: StartPayment
    take_payment: TakePayment
    fail_payment: FailPayment
    lose_payment: MarkPaymentUnknown
    resolve_payment: ResolvePayment

    def overdue(self) -> Sequence[str]:
        """What has to be done from time to time: note payments whose terminal is silent, give up what nobody
        paid in time; answers the orders given up."""
        self.lose_payment.unanswered()
        return self.release.overdue()
