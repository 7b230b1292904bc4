"""Paying and selling: from a full cart to a durable sale, exactly once.

Two guards keep a stray key from selling: nothing is taken while a sale is being recorded, and nothing for
half a second after one. A refusal leaves cart and payments as they were.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal, Protocol

from app.services.sell import SaleRequest, SellOrder, Sold, Tendered
from app.services.views import Organization
from domain.actor import Actor
from domain.clock import Clock
from domain.errors import Refusal
from domain.order import Tender
from ui.running import STORE, Runner, as_known
from ui.sell.cart import Cart
from ui.sell.facts import PayFacts, Trouble
from ui.sell.tender import Payments, quick_amounts

DEAD_MS = 500
"""How long after a sale no key may sell or close anything."""


class SaleServices(Protocol):
    """What a sale needs."""

    @property
    def clock(self) -> Clock: ...
    @property
    def sell(self) -> SellOrder: ...


class CheckoutListener(Protocol):
    """Who is told how a payment goes."""

    def pay_changed(self, pay: PayFacts) -> None:
        """The pay panel has other content."""
        ...

    def sale_begun(self) -> None:
        """A sale is being recorded; the cart is frozen."""
        ...

    def sale_made(self, sold: Sold, *, express: bool) -> None:
        """It is durable. `express`: exact cash by its own key, no done view."""
        ...

    def sale_refused(self, trouble: Trouble, *, express: bool) -> None:
        """Nothing was sold."""
        ...


class Checkout:
    """One payment at a time."""

    def __init__(
        self,
        services: SaleServices,
        runner: Runner,
        actor: Callable[[], Actor],
        cart: Cart,
        listener: CheckoutListener,
    ) -> None:
        self._services = services
        self._runner = runner
        self._actor = actor
        self._cart = cart
        self._listener = listener
        self._organization: Organization | None = None
        self._payments: Payments | None = None
        self._busy = False
        self._dead_until_ms = 0

    @property
    def busy(self) -> bool:
        """Whether a sale is being recorded now."""
        return self._busy

    @property
    def dead(self) -> bool:
        """Whether a sale was made less than half a second ago."""
        return self._services.clock.monotonic_ms() < self._dead_until_ms

    def begin(self, organization: Organization) -> None:
        """Open the payment of the cart as it is now."""
        self._organization = organization
        self._payments = Payments(partial(self._cart.totals, organization))
        self._tell()

    def cancel(self) -> None:
        """Give the payment up; the cart stays. Not while a sale is being recorded."""
        if not self._busy:
            self._payments = None

    def choose_tender(self, tender: Tender) -> None:
        """Pay the rest with this."""
        if (payments := self._open()) is not None and payments.tender is not tender:
            payments.choose(tender)
            self._tell()

    def type_amount(self, text: str) -> None:
        """The amount field holds this now."""
        if (payments := self._open()) is not None and payments.amount_text != text:
            payments.amount_text = text
            self._tell()

    def type_reference(self, text: str) -> None:
        """The field for the terminal's reference holds this now."""
        if (payments := self._open()) is not None and payments.reference != text:
            payments.reference = text
            self._tell()

    def drop_part(self, place: int) -> None:
        """Take a kept part of a split payment back."""
        if (payments := self._open()) is not None and 0 <= place < len(payments.given):
            payments.drop(place)
            self._tell()

    def take(self) -> None:
        """Take what is typed: the whole sale when it covers the rest, else one part of it."""
        payments = self._open()
        if payments is None or self.dead:
            return
        try:
            part = payments.part()
        except Refusal as refusal:
            places: dict[str, Literal["amount", "reference"]] = {"REFERENCE_IS_CARD": "reference"}
            self._tell(Trouble.of(refusal), places.get(refusal.code, "amount"))
            return
        if payments.covers(part):
            self._sell(payments.whole(part), express=False)
        elif part.amount_minor > 0:
            payments.keep(part)
            self._tell()

    def sell_exact(self, organization: Organization) -> None:
        """Sell the cart for exact cash, or finish an open payment with it."""
        if self._busy or self.dead:
            return
        payments = self._payments or Payments(partial(self._cart.totals, organization))
        self._sell(payments.exact_cash(), express=True)

    def _sell(self, tendered: Sequence[Tendered], *, express: bool) -> None:
        self._busy = True
        request = SaleRequest(self._cart.items(), tuple(tendered), promo=self._cart.promo_code)
        self._listener.sale_begun()
        if self._payments is not None:
            self._tell()
        self._runner.submit(
            STORE,
            partial(self._services.sell, request, self._actor()),
            partial(self._sold, express=express),
            partial(self._refused, express=express),
        )

    def _sold(self, sold: Sold, *, express: bool) -> None:
        self._busy = False
        self._payments = None
        self._dead_until_ms = self._services.clock.monotonic_ms() + DEAD_MS
        self._cart.sold()
        self._listener.sale_made(sold, express=express)

    def _refused(self, error: Exception, *, express: bool) -> None:
        self._busy = False
        self._listener.sale_refused(Trouble.of(as_known(error)), express=express)

    def tell(self, trouble: Trouble) -> None:
        """Show a refusal of the sale in the open pay panel."""
        self._tell(trouble)

    def _open(self) -> Payments | None:
        return None if self._busy else self._payments

    def _tell(
        self, trouble: Trouble | None = None, at: Literal["amount", "reference", "sale"] = "sale"
    ) -> None:
        if self._payments is not None:
            facts = pay_facts(self._payments, busy=self._busy)
            self._listener.pay_changed(replace(facts, trouble=trouble, trouble_at=at))


def pay_facts(payments: Payments, *, busy: bool) -> PayFacts:
    """The pay panel of a payment as it stands."""
    standing = payments.standing()
    return PayFacts(
        due=standing.due,
        remaining=standing.remaining,
        tender=payments.tender,
        given=tuple(payments.given),
        amount_text=payments.amount_text,
        reference=payments.reference,
        quick=quick_amounts(standing.remaining) if payments.tender is Tender.CASH else (),
        change=standing.change,
        missing=standing.missing,
        busy=busy,
    )
