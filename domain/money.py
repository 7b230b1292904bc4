"""Money in integer minor units: currencies, amounts as people type them, tax, allocation, cash rounding.

Nothing here ever uses a float. Every split of an amount adds up to the amount again.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import total_ordering
from types import MappingProxyType

from domain.errors import Refusal

BASIS_POINTS = 10_000

_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_TWO_DIGITS = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF "
    "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR "
    "MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD "
    "SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR "
    "ZMW ZWG"
)

EXPONENTS: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(_NO_DIGITS.split(), 0)
    | dict.fromkeys(_THREE_DIGITS.split(), 3)
    | dict.fromkeys(_TWO_DIGITS.split(), 2)
)
"""ISO 4217: currency code → number of decimal digits of its minor unit."""

_AMOUNT = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]+))?")


class TaxMode(StrEnum):
    """Whether a price has its tax inside or gets it on top; one setting for the organization."""

    INCLUDED = "included"
    ADDED = "added"


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents, kopecks, yen) of one currency. Mixing currencies raises ValueError."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.minor * times, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other).minor

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} with {other.currency}")
        return other


def exponent(currency: str) -> int:
    """Decimal digits of the currency's minor unit. Raises Refusal CURRENCY_UNKNOWN (currency)."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise Refusal("CURRENCY_UNKNOWN", currency=currency) from None


def parse_amount(text: str, currency: str) -> Money:
    """Read what a person typed: whole units, or with exactly the currency's digits after a point or comma.

    `20`, `20.00` and `20,00` are twenty euros; `20.0`, `1.000,00` and `-5` are not amounts.
    Raises Refusal AMOUNT_INVALID (text), CURRENCY_UNKNOWN (currency).
    """
    digits = exponent(currency)
    match = _AMOUNT.fullmatch(text)
    if match is None or (match[2] is not None and len(match[2]) != digits):
        raise Refusal("AMOUNT_INVALID", text=text)
    return Money(int(match[1]) * 10**digits + int(match[2] or 0), currency)


def format_plain(money: Money) -> str:
    """The amount for JSON, CSV and the command line: digits, a point, no currency sign: `20.00`, `-0.05`."""
    digits = exponent(money.currency)
    whole, part = divmod(abs(money.minor), 10**digits)
    sign = "-" if money.minor < 0 else ""
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"


def allocate(total_minor: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split an amount by weights so that the parts add up exactly (method of the largest remainder).

    Parts have the sign of the total; a zero weight gets nothing unless all weights are zero, when the split
    is even; ties go to the earlier. No part exceeds its weight when the total does not exceed their sum.
    Raises ValueError for a negative weight, or for an amount with nothing to put it on.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a negative weight")
    if not weights:
        if total_minor:
            raise ValueError("an amount and nothing to put it on")
        return ()
    shares = weights if any(weights) else [1] * len(weights)
    base, size = sum(shares), abs(total_minor)
    parts = [size * share // base for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda index: -(size * shares[index] % base))
    for index in by_remainder[: size - sum(parts)]:
        parts[index] += 1
    return tuple(-part for part in parts) if total_minor < 0 else tuple(parts)


def tax_of(amount_minor: int, rate_bp: int, mode: TaxMode) -> tuple[int, int, int]:
    """(net, tax, gross) of an amount at a rate in basis points (2000 = 20 %), halves rounded away from zero.

    INCLUDED: the amount is the gross; ADDED: it is the net. Net + tax = gross, always, and a refund of
    `-amount` is the exact mirror. Raises ValueError for a negative rate.
    """
    if rate_bp < 0:
        raise ValueError("a negative tax rate")
    if mode is TaxMode.INCLUDED:
        tax = _divide(amount_minor * rate_bp, BASIS_POINTS + rate_bp)
        return amount_minor - tax, tax, amount_minor
    tax = _divide(amount_minor * rate_bp, BASIS_POINTS)
    return amount_minor, tax, amount_minor + tax


def round_cash(minor: int, smallest_coin: int) -> tuple[int, int]:
    """(rounded, difference) to the nearest multiple of the smallest coin, halves away from zero.

    rounded = minor + difference. Raises ValueError for a coin below 1.
    """
    if smallest_coin < 1:
        raise ValueError("the smallest coin is at least 1")
    rounded = _divide(minor, smallest_coin) * smallest_coin
    return rounded, rounded - minor


def _divide(numerator: int, denominator: int) -> int:
    """Integer division with halves away from zero."""
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size
