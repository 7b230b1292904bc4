"""Payments of which nobody knows whether the money has moved, without a window: listed, cleared up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from app.services.after_sale import Afterwards
from app.services.reservations import PaidNow
from app.services.views_payments import PaymentStanding
from domain.actor import Actor, Permission
from ui.running import STORE, Runner, as_known
from ui.sell.facts import Trouble


class DoubtServices(Protocol):
    """What clearing up needs."""

    @property
    def afterwards(self) -> Afterwards: ...


@dataclass(frozen=True, slots=True)
class DoubtFacts:
    """The payments that whoever is signed in may clear up. `busy` names the one that is being cleared up,
    `trouble` belongs to the one it names."""

    payments: Sequence[PaymentStanding] = ()
    busy: str = ""
    trouble: tuple[str, Trouble] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person found out: `taken` or not, why, and the terminal's reference."""

    payment: str
    taken: bool
    reason: str
    reference: str = ""


class Doubts:
    """The list, and one thing that can be done about each."""

    def __init__(
        self,
        services: DoubtServices,
        runner: Runner,
        actor: Callable[[], Actor],
        changed: Callable[[DoubtFacts], None],
        settled: Callable[[], None],
    ) -> None:
        """`settled` is told when one was cleared up: sums have changed."""
        self._services = services
        self._runner = runner
        self._actor = actor
        self._changed = changed
        self._settled = settled
        self._facts = DoubtFacts()

    @property
    def facts(self) -> DoubtFacts:
        """The list as it was last seen."""
        return self._facts

    def look(self, payments: Sequence[PaymentStanding]) -> None:
        """What the store says now; what was refused stays said while its payment is there."""
        known = {one.payment for one in payments}
        trouble = self._facts.trouble if self._facts.trouble and self._facts.trouble[0] in known else None
        self._show(DoubtFacts(payments, self._facts.busy, trouble))

    def clear_up(self, said: Verdict) -> None:
        """Say what became of a payment; one at a time."""
        if self._facts.busy:
            return
        self._show(DoubtFacts(self._facts.payments, said.payment))
        job = partial(
            self._services.afterwards.resolve_payment,
            said.payment,
            self._actor(),
            taken=said.taken,
            reason=said.reason,
            reference=said.reference,
        )
        self._runner.submit(STORE, job, partial(self._done, said), partial(self._refused, said))

    def _done(self, said: Verdict, _paid: PaidNow) -> None:
        self._show(DoubtFacts([one for one in self._facts.payments if one.payment != said.payment]))
        self._settled()

    def _refused(self, said: Verdict, error: Exception) -> None:
        trouble = (said.payment, Trouble.of(as_known(error)))
        self._show(DoubtFacts(self._facts.payments, trouble=trouble))

    def _show(self, facts: DoubtFacts) -> None:
        changed, self._facts = facts != self._facts, facts
        if changed:
            self._changed(facts)


def open_payments(services: DoubtServices, actor: Actor) -> Sequence[PaymentStanding]:
    """Those that this person may clear up; none for somebody who does not sell."""
    return services.afterwards.resolve_payment.open(actor) if actor.may(Permission.SELL) else ()
