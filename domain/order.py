"""An order: positions, payments, and the arithmetic that makes everything add up.

Discount, tax and cash rounding are computed for the order and allocated to the positions by largest
remainder at the sale; the parts are stored, so that a refund gives back exactly what was taken.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.catalogue import Performance, Product
from domain.errors import Refusal
from domain.money import Money, TaxMode, allocate, round_cash, tax_of
from domain.states import OrderState, PaymentState

CARD_DIGITS = range(13, 20)


class Tender(StrEnum):
    """What a payment is made with."""

    CASH = "cash"
    CARD = "card"
    TRANSFER = "transfer"
    VOUCHER = "voucher"
    COMP = "comp"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """`count` tickets of one product in a cart. `performance` is None for a pass."""

    product: Product
    performance: Performance | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Amounts:
    """The money of one position in minor units.

    price − discount = net (tax added) or gross (tax included); net + tax = gross; gross + rounding = what
    the guest pays for it.
    """

    price_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    tax_rate_bp: int
    rounding_minor: int = 0

    @property
    def paid_minor(self) -> int:
        """What the guest pays for the position, and what a whole refund gives back."""
        return self.gross_minor + self.rounding_minor


@dataclass(frozen=True, slots=True)
class PricedPosition:
    """One product once, priced but not yet sold."""

    product: Product
    performance: Performance | None
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Totals:
    """A priced cart; every total is the sum over `positions`. All amounts in minor units of `currency`."""

    currency: str
    tax_mode: TaxMode
    positions: tuple[PricedPosition, ...]
    subtotal_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    rounding_minor: int

    @property
    def due_minor(self) -> int:
        """What has to be paid."""
        return self.gross_minor + self.rounding_minor

    @property
    def due(self) -> Money:
        """What has to be paid."""
        return Money(self.due_minor, self.currency)


@dataclass(frozen=True, slots=True)
class Position:
    """One product once, sold: carries one ticket. `performance` is a number, None for a pass."""

    serial: str
    product: int
    performance: int | None
    amounts: Amounts
    admits: int = 1
    seat: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money taken (or asked for) with one tender. `reference`: the terminal's own number, never a card's."""

    tender: Tender
    amount: Money
    reference: str = ""
    state: PaymentState = PaymentState.TAKEN


@dataclass(frozen=True, slots=True)
class Order:
    """A sale as a whole. `change` was given back in cash; `shift`, `cashier`, `station` are ids."""

    order_id: str
    reference: str
    state: OrderState
    station: str
    cashier: str
    shift: str
    sold_at: datetime
    currency: str
    tax_mode: TaxMode
    positions: tuple[Position, ...]
    payments: tuple[Payment, ...]
    change: Money
    customer: str | None = None

    @property
    def total(self) -> Money:
        """What was paid for all positions."""
        return Money(sum(position.amounts.paid_minor for position in self.positions), self.currency)


def price_cart(
    lines: Sequence[OrderLine],
    currency: str,
    tax_mode: TaxMode,
    discount_minor: int = 0,
    smallest_coin: int = 1,
    tenders: Iterable[Tender] = (),
    noncash_minor: int = 0,
    discounts: Sequence[int] | None = None,
) -> Totals:
    """Price a cart: one position per ticket, in the order of the lines.

    The discount is spread over the positions by price, or is what `discounts` says for each ticket. Tax is
    computed per rate over the order, then spread. What is left to pay in cash (`noncash_minor` is paid
    otherwise) is rounded to the smallest coin when cash is among the tenders. Raises ValueError for a product
    in another currency or a count below 1, Refusal DISCOUNT_TOO_LARGE (discount_minor, max_minor, currency).
    """
    items = [line for line in lines for _ in range(_count(line, currency))]
    prices = [line.product.price_minor for line in items]
    subtotal = sum(prices)
    if not 0 <= discount_minor <= subtotal:
        raise Refusal(
            "DISCOUNT_TOO_LARGE", discount_minor=discount_minor, max_minor=subtotal, currency=currency
        )
    if discounts is None:
        discounts = allocate(discount_minor, prices)
    else:
        discount_minor = _checked_sum(discounts, prices)
    amounts = [price - discount for price, discount in zip(prices, discounts, strict=True)]
    rates = [line.product.tax_rate_bp for line in items]
    taxes = _taxes(amounts, rates, tax_mode)
    added = tax_mode is TaxMode.ADDED
    grosses = [amount + tax if added else amount for amount, tax in zip(amounts, taxes, strict=True)]
    rounding = _rounding(sum(grosses), smallest_coin, tenders, noncash_minor)
    roundings = allocate(rounding, grosses)
    positions = tuple(
        PricedPosition(
            line.product,
            line.performance,
            Amounts(
                price_minor=prices[at],
                discount_minor=discounts[at],
                net_minor=grosses[at] - taxes[at],
                tax_minor=taxes[at],
                gross_minor=grosses[at],
                tax_rate_bp=rates[at],
                rounding_minor=roundings[at],
            ),
        )
        for at, line in enumerate(items)
    )
    gross, tax = sum(grosses), sum(taxes)
    return Totals(currency, tax_mode, positions, subtotal, discount_minor, gross - tax, tax, gross, rounding)


def _checked_sum(discounts: Sequence[int], prices: Sequence[int]) -> int:
    """The whole discount. Raises ValueError for one that would make a position negative."""
    if any(not 0 <= off <= price for off, price in zip(discounts, prices, strict=True)):
        raise ValueError("a discount beyond the price")
    return sum(discounts)


def change_due(total: Money, payments: Iterable[Payment]) -> Money:
    """What goes back to the guest; only cash gives change, and never below zero.

    Raises Refusal TENDER_SHORT (missing_minor, currency) when too little is given, TENDER_OVER (over_minor,
    currency) when more than the total is given without cash. ValueError for another currency.
    """
    given, cash = Money(0, total.currency), Money(0, total.currency)
    for payment in payments:
        given += payment.amount
        if payment.tender is Tender.CASH:
            cash += payment.amount
    change = given - total
    if change.minor < 0:
        raise Refusal("TENDER_SHORT", missing_minor=-change.minor, currency=total.currency)
    if change > cash:
        raise Refusal("TENDER_OVER", over_minor=(change - cash).minor, currency=total.currency)
    return change


def check_reference(reference: str) -> None:
    """Refuse a payment reference that looks like a card number, which must never be stored.

    13 to 19 digits in a row (spaces, dashes and points left out) with a right Luhn check (ISO/IEC 7812-1).
    Raises Refusal REFERENCE_IS_CARD, which does not repeat the number.
    """
    for run in re.findall(r"\d+", re.sub(r"[\s\-\u2010-\u2015.·]", "", reference)):
        if len(run) in CARD_DIGITS and _luhn(run):
            raise Refusal("REFERENCE_IS_CARD")


def _luhn(digits: str) -> bool:
    total = 0
    for index, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if index % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _count(line: OrderLine, currency: str) -> int:
    if line.product.currency != currency:
        raise ValueError(f"{line.product.currency} in an order in {currency}")
    if line.count < 1:
        raise ValueError("a count below 1")
    return line.count


def _taxes(amounts: Sequence[int], rates: Sequence[int], tax_mode: TaxMode) -> list[int]:
    taxes = [0] * len(amounts)
    for rate in set(rates):
        group = [at for at, own in enumerate(rates) if own == rate]
        weights = [amounts[at] for at in group]
        _, tax, _ = tax_of(sum(weights), rate, tax_mode)
        for at, part in zip(group, allocate(tax, weights), strict=True):
            taxes[at] = part
    return taxes


def _rounding(gross: int, smallest_coin: int, tenders: Iterable[Tender], noncash_minor: int) -> int:
    """Only what is left for cash is rounded: a card pays to the cent."""
    left = gross - noncash_minor
    if Tender.CASH not in set(tenders) or left <= 0:
        return 0
    return round_cash(left, smallest_coin)[1]
