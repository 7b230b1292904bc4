"""Builds the use cases about sales, about orders after their sale, and about gift cards."""

from collections.abc import Callable
from dataclasses import dataclass

from app.disk import free_on
from app.exchange import Exchange, NoExchange
from app.services.after_sale import Afterwards
from app.services.afterwards import RefundOrder, RightsDesk, VoidOrder
from app.services.exchanges import ExchangeTickets, ReprintTicket
from app.services.payments import (
    FailPayment,
    MarkPaymentUnknown,
    ResolvePayment,
    StartPayment,
    TakePayment,
)
from app.services.ports import CodeSigner
from app.services.reservations import PayReservation, ReleaseReservation
from app.services.sell import ReserveOrder, SellOrder
from app.services.values import IssueValue, SpendValue
from app.store.store import StationStore
from domain.clock import Clock
from domain.errors import GatehouseError
from domain.ids import RandomBytes


@dataclass(frozen=True, slots=True)
class Sales:
    """Selling, and what comes after it."""

    sell: SellOrder
    afterwards: Afterwards


def build_sales(
    store: StationStore,
    signer: CodeSigner,
    clock: Clock,
    random_bytes: RandomBytes,
    sync: Exchange | NoExchange,
    may_sell: Callable[[], GatehouseError | None],
) -> Sales:
    """Put them together around an open store."""
    nudge, away, revoked, free = sync.nudge, sync.is_away, store.shut.is_shut, free_on(store.folder)
    desk = RightsDesk(store, nudge, away, revoked)
    sell = SellOrder(store, signer, clock, random_bytes, nudge, revoked, free, may_sell)
    reserve = ReserveOrder(store, signer, clock, random_bytes, nudge, revoked, free, may_sell)
    afterwards = Afterwards(
        refund=RefundOrder(store, random_bytes, nudge, desk),
        void=VoidOrder(store, random_bytes, nudge, desk),
        exchange=ExchangeTickets(store, signer, clock, random_bytes, nudge, desk, sell),
        reprint=ReprintTicket(store, signer, nudge, desk, sell),
        reserve=reserve,
        pay=PayReservation(store, signer, random_bytes, nudge, desk),
        release=ReleaseReservation(store, clock, nudge, desk),
        issue_value=IssueValue(store, nudge, revoked),
        spend_value=SpendValue(store, clock, random_bytes, nudge, away, revoked),
        start_payment=StartPayment(store, clock, random_bytes, nudge, desk, reserve),
        take_payment=TakePayment(store, signer, nudge, desk),
        fail_payment=FailPayment(store, clock, nudge, desk),
        lose_payment=MarkPaymentUnknown(store, clock, nudge, desk),
        resolve_payment=ResolvePayment(store, signer, clock, nudge, desk),
    )
    return Sales(sell, afterwards)
