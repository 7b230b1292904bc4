"""What may be done to an order after its sale, and with gift cards, in one value for windows and verbs."""

from dataclasses import dataclass

from app.services.afterwards import RefundOrder, VoidOrder
from app.services.exchanges import ExchangeTickets, ReprintTicket
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
