"""All that is printed, as plain frozen values: use cases fill them, the renderers only lay them out.

Texts come as they were typed in; the renderers strip what a printer must not see. Times are aware UTC times
and are printed in the venue's zone. Rates are in hundredths of a percent (1900 = 19 %). `language` is `en`
or `ru`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.money import Money


@dataclass(frozen=True, slots=True)
class VenuePrint:
    """Who sells. `address` may have several lines; `time_zone` is an IANA name; `tax_id` may be empty."""

    name: str
    address: str
    time_zone: str
    tax_id: str = ""


@dataclass(frozen=True, slots=True)
class TicketPrint:
    """One ticket. `code` is the signed text of 152 characters, `reference` the short one (`ABCD-EFG7`).

    A ticket with `starts_at` shows date and time large; one without shows its validity (`valid_from_at`,
    `valid_until_at`, or from the first use). `place` and `of` count the tickets of the order; a
    `print_number` above 1 is said on the ticket, since it makes the earlier prints void.
    """

    venue: VenuePrint
    language: str
    event: str
    product: str
    price: Money
    code: str
    reference: str
    order: str
    performance: str = ""
    starts_at: datetime | None = None
    doors_at: datetime | None = None
    seat: str = ""
    zone: str = ""
    tax_rate: int | None = None
    tax: Money | None = None
    valid_from_at: datetime | None = None
    valid_until_at: datetime | None = None
    from_first_use: bool = False
    is_pass: bool = False
    admits: int = 1
    holder: str = ""
    concession: str = ""
    print_number: int = 1
    place: int = 1
    of: int = 1
    practice: bool = False
    footer: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """`quantity` times one product. `detail` says which performance or seat; a line's total is its own
    fact.
    """

    name: str
    quantity: int
    unit: Money
    total: Money
    tax_rate: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TaxLine:
    """What one rate adds up to: net + tax = gross."""

    rate: int
    net: Money
    tax: Money
    gross: Money


@dataclass(frozen=True, slots=True)
class TenderLine:
    """Money given. `tender` is a code that has words (`cash`, `card`, …) or a name that is printed as it
    is.
    """

    tender: str
    amount: Money
    reference: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptPrint:
    """One receipt. `hash8` are the first 8 hexadecimal digits of the journal entry; `lookup` stands in the
    QR.

    `total` is what was to be paid, after `discount` (negative; `discount_name`: of its promo code) and
    `rounding` (either sign). `copy` is 0 for the first print and counts the reprints. `tax_included` says
    whether prices carry the tax or it was added.
    """

    venue: VenuePrint
    language: str
    number: str
    hash8: str
    at: datetime
    station: str
    cashier: str
    order: str
    lines: tuple[ReceiptLine, ...]
    total: Money
    tenders: tuple[TenderLine, ...]
    lookup: str
    taxes: tuple[TaxLine, ...] = ()
    discount: Money | None = None
    discount_name: str = ""
    rounding: Money | None = None
    change: Money | None = None
    tax_included: bool = True
    copy: int = 0
    practice: bool = False
    footer: str = ""


class ShiftReportKind(StrEnum):
    """X reads and changes nothing, Z closes."""

    X = "X"
    Z = "Z"


@dataclass(frozen=True, slots=True)
class TenderTotal:
    """What came in by one tender, and by how many payments (None where that is not counted)."""

    tender: str
    count: int | None
    amount: Money


@dataclass(frozen=True, slots=True)
class UnknownPayment:
    """A payment of which nobody knows whether the money has moved; `reference` is its order's."""

    reference: str
    tender: str
    amount: Money


@dataclass(frozen=True, slots=True)
class ShiftReportPrint:
    """An X or Z report. `number` is the Z number (empty on an X); amounts paid out and dropped are positive.

    Movements that are nothing (refunds, paid in or out, drops) are left off the paper. `expected`,
    `counted` and `difference` concern the drawer; counted is None while nobody has counted, and expected is
    None where the count is blind. `unsynced` are entries that the hub does not have yet. `unknown` payments
    are in no sum.
    """

    venue: VenuePrint
    language: str
    kind: ShiftReportKind
    number: str
    station: str
    cashier: str
    opened_at: datetime
    at: datetime
    sales: tuple[TenderTotal, ...]
    float_amount: Money
    refunds: Money
    cash_refunds: Money
    paid_in: Money
    paid_out: Money
    drops: Money
    receipts: int
    unsynced: int
    first_receipt: str = ""
    last_receipt: str = ""
    taxes: tuple[TaxLine, ...] = ()
    expected: Money | None = None
    counted: Money | None = None
    difference: Money | None = None
    copy: int = 0
    practice: bool = False
    unknown: tuple[UnknownPayment, ...] = ()
