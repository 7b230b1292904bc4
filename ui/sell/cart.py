"""The cart: what a guest is about to buy. Plain Python; every change is a new line or a new count."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.services.sell import Item
from app.services.views import Offer, Organization
from domain.catalogue import Event, Performance, Product
from domain.errors import Refusal
from domain.money import Money, TaxMode
from domain.order import OrderLine, Tender, Totals, price_cart
from domain.promo import PricedTicket, Promo, discounts

LineKey = tuple[int, int | None]
"""Product number, and performance number or None: what tells the lines of a cart apart."""


@dataclass(frozen=True, slots=True)
class CartLine:
    """`count` tickets of one product for one performance, at the price that the guest was shown."""

    product: Product
    event: Event
    performance: Performance | None
    count: int

    @property
    def key(self) -> LineKey:
        """Tells the lines of a cart apart."""
        return self.product.number, self.performance.number if self.performance else None

    @property
    def total(self) -> Money:
        """Price of all tickets of the line, before tax that is added and before rounding."""
        return self.product.price * self.count


class Cart:
    """Lines in the order in which they were begun. The last removal can be taken back."""

    def __init__(self) -> None:
        self._lines: list[CartLine] = []
        self._before: list[CartLine] | None = None
        self.promo: Promo | None = None
        self.promo_code = ""

    @property
    def lines(self) -> tuple[CartLine, ...]:
        """All lines; none of them is empty."""
        return tuple(self._lines)

    @property
    def tickets(self) -> int:
        """Tickets in all lines together."""
        return sum(line.count for line in self._lines)

    @property
    def can_undo(self) -> bool:
        """Whether something was removed and may come back."""
        return self._before is not None

    def count_of(self, key: LineKey) -> int:
        """Tickets of one line, 0 when there is no such line."""
        return next((line.count for line in self._lines if line.key == key), 0)

    def line(self, key: LineKey) -> CartLine | None:
        """One line."""
        return next((line for line in self._lines if line.key == key), None)

    def add(self, offer: Offer) -> None:
        """One more of an offer. Refuses what the offer says, ORDER_LIMIT, and SOLD_OUT for what is seen here.

        The sale decides again on fresh facts; this spares the guest a refusal at the end.
        """
        if offer.refusal is not None:
            raise Refusal(offer.refusal, **offer.refusal_params)
        line = CartLine(offer.product, offer.event, offer.performance, 1)
        wanted = self.count_of(line.key) + 1
        check_count(offer, wanted)
        self._before = None
        if wanted == 1:
            self._lines.append(line)
        else:
            self.set_count(line.key, wanted)

    def set_count(self, key: LineKey, count: int) -> None:
        """Another count for a line; 0 removes it, and can be taken back."""
        if count <= 0:
            self.remove(key)
            return
        self._before = None
        self._lines = [replace(line, count=count) if line.key == key else line for line in self._lines]

    def remove(self, key: LineKey) -> None:
        """Take a line out; `undo` brings it back."""
        if self.line(key) is not None:
            self._before = list(self._lines)
            self._lines = [line for line in self._lines if line.key != key]

    def empty(self) -> None:
        """Take everything out; `undo` brings it back, but for the promo code."""
        if self._lines:
            self._before, self._lines = self._lines, []
        self.drop_promo()

    def undo(self) -> None:
        """Bring back what was removed last."""
        if self._before is not None:
            self._lines, self._before = self._before, None

    def sold(self) -> None:
        """Begin anew after a sale; nothing comes back."""
        self._lines, self._before = [], None
        self.drop_promo()

    def use_promo(self, code: str, promo: Promo) -> None:
        """Put a promo code on the cart, as it was shown."""
        self.promo, self.promo_code = promo, code

    def drop_promo(self) -> None:
        """Take the promo code off."""
        self.promo, self.promo_code = None, ""

    def priced_tickets(self) -> list[PricedTicket]:
        """One by one, as a promo code looks at them."""
        return [
            PricedTicket(line.product.number, line.event.number, line.product.price_minor)
            for line in self._lines
            for _ in range(line.count)
        ]

    def discounts(self) -> list[int]:
        """What the promo code takes off each ticket."""
        tickets = self.priced_tickets()
        return [0] * len(tickets) if self.promo is None else discounts(self.promo, tickets)

    def reprice(self, products: Iterable[Product]) -> None:
        """Take over present prices; the lines stay as they are otherwise."""
        known = {product.number: product for product in products}
        self._lines = [
            replace(line, product=known.get(line.product.number, line.product)) for line in self._lines
        ]

    def items(self) -> tuple[Item, ...]:
        """The lines as a sale wants them."""
        return tuple(
            Item(line.key[0], line.key[1], line.count, line.product.price_minor) for line in self._lines
        )

    def totals(
        self, organization: Organization, tenders: Sequence[Tender] = (), noncash_minor: int = 0
    ) -> Totals:
        """Priced by the same function as the sale. `noncash_minor` is paid otherwise than in cash."""
        return price_cart(
            [OrderLine(line.product, line.performance, line.count) for line in self._lines],
            organization.currency,
            TaxMode(organization.tax_mode),
            smallest_coin=organization.smallest_coin,
            tenders=tenders,
            noncash_minor=noncash_minor,
            discounts=self.discounts(),
        )


def check_count(offer: Offer, wanted: int) -> None:
    """Refuses ORDER_LIMIT and SOLD_OUT as far as the offer tells."""
    product, here = offer.product, offer.places.here
    if product.max_per_order is not None and wanted > product.max_per_order:
        raise Refusal("ORDER_LIMIT", product=product.code, max=product.max_per_order, wanted=wanted)
    if here is not None and wanted * product.admits > here:
        raise Refusal(
            "SOLD_OUT",
            product=product.code,
            left_here=here,
            left_all=offer.places.in_all,
            wanted=wanted * product.admits,
        )
