"""The arithmetic of the counter: what is given, what is still to pay, the change, and likely notes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.services.sell import Tendered
from domain.errors import Refusal
from domain.money import Money, exponent, parse_amount
from domain.order import Tender, Totals, check_reference

NOTES = {
    "EUR": (5, 10, 20, 50, 100, 200),
    "USD": (1, 5, 10, 20, 50, 100),
    "GBP": (5, 10, 20, 50),
    "RUB": (50, 100, 200, 500, 1000, 2000, 5000),
    "JPY": (1000, 2000, 5000, 10_000),
}
"""Bank notes in whole units, smallest first."""

OTHER_NOTES = (5, 10, 20, 50, 100, 200, 500, 1000)
"""For currencies that have no row of their own."""

Price = Callable[[Sequence[Tender], int], Totals]
"""Prices the cart for these tenders with so much paid otherwise than in cash."""


def quick_amounts(due: Money, most: int = 5) -> tuple[Money, ...]:
    """What a guest is likely to hand over when it is not exact: the next round sums that notes make."""
    if due.minor <= 0:
        return ()
    unit = 10 ** exponent(due.currency)
    notes = [note * unit for note in NOTES.get(due.currency, OTHER_NOTES)]
    sums = {-(-due.minor // note) * note for note in notes}
    likely = sorted(amount for amount in sums if amount > due.minor)
    return tuple(Money(amount, due.currency) for amount in likely[:most])


def read_amount(text: str, currency: str) -> Money:
    """What was typed, with spaces forgiven. Refuses AMOUNT_INVALID."""
    return parse_amount("".join(text.split()), currency)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a payment stands. `remaining` is for the chosen tender; `typed` None = nothing readable typed.

    `change` or `missing` is set, never both; both None while what is typed cannot be read.
    """

    due: Money
    remaining: Money
    typed: Money | None
    change: Money | None
    missing: Money | None


class Payments:
    """Parts already given, and the part that is being typed now."""

    def __init__(self, price: Price) -> None:
        self._price = price
        self.given: list[Tendered] = []
        self.tender = Tender.CASH
        self.amount_text = ""
        self.reference = ""

    def remaining(self) -> Money:
        """What is still to pay with the chosen tender; cash is rounded to the smallest coin."""
        totals = self._totals()
        return Money(max(0, totals.due_minor - self._given_minor()), totals.currency)

    def standing(self) -> Standing:
        """All numbers at once."""
        remaining = self.remaining()
        due = Money(remaining.minor + self._given_minor(), remaining.currency)
        typed = self._typed(remaining)
        if typed is None:
            return Standing(due, remaining, None, None, None)
        over = typed - remaining
        if over.minor < 0:
            return Standing(due, remaining, typed, None, -over)
        return Standing(due, remaining, typed, over, None)

    def part(self) -> Tendered:
        """The part that is being typed; nothing typed means exactly what remains.

        Refuses AMOUNT_INVALID, TENDER_OVER (more than the total without cash), REFERENCE_IS_CARD.
        """
        remaining = self.remaining()
        amount = read_amount(self.amount_text, remaining.currency) if self.amount_text.strip() else remaining
        reference = self.reference.strip() if self.tender is not Tender.CASH else ""
        check_reference(reference)
        return Tendered(self.tender, amount.minor, reference)

    def covers(self, part: Tendered) -> bool:
        """Whether nothing is left to pay after this part."""
        return part.amount_minor >= self.remaining().minor

    def keep(self, part: Tendered) -> None:
        """Keep a part of the payment and go on with the other tender."""
        self.given.append(part)
        self.choose(Tender.CARD if part.tender is Tender.CASH else Tender.CASH)

    def choose(self, tender: Tender) -> None:
        """Pay the rest with this tender."""
        self.tender = tender
        self.amount_text = self.reference = ""

    def drop(self, place: int) -> None:
        """Take a kept part back."""
        del self.given[place]

    def whole(self, part: Tendered) -> tuple[Tendered, ...]:
        """What a sale is paid with; nothing at all when nothing is due."""
        kept = [*self.given, part] if part.amount_minor else self.given
        return tuple(kept)

    def exact_cash(self) -> tuple[Tendered, ...]:
        """Kept parts, and the rest in cash to the coin."""
        self.choose(Tender.CASH)
        return self.whole(Tendered(Tender.CASH, self.remaining().minor))

    def _typed(self, remaining: Money) -> Money | None:
        if not self.amount_text.strip():
            return remaining
        try:
            return read_amount(self.amount_text, remaining.currency)
        except Refusal:
            return None

    def _given_minor(self) -> int:
        return sum(part.amount_minor for part in self.given)

    def _totals(self) -> Totals:
        """A card pays to the cent: it is rounded only for cash that was given beside it or will be."""
        tenders = [part.tender for part in self.given]
        noncash = sum(part.amount_minor for part in self.given if part.tender is not Tender.CASH)
        if self.tender is Tender.CASH:
            return self._price([*tenders, Tender.CASH], noncash)
        return self._price([], 0)
