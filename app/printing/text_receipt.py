"""Receipts and shift reports as plain lines for ESC/POS printers, 32, 42 or 48 columns wide.

Every line is at most as wide as the paper and holds letters, digits and signs only: control bytes are taken
out before anything else happens (a name must not open the drawer), and signs that code pages of receipt
printers lack are written in ASCII. Currencies stand as codes beside the total, amounts without a sign.
"""

import textwrap
import unicodedata
from collections.abc import Sequence

from app.formats import DateStyle, format_amount, format_datetime, format_number, format_rate
from app.printing.labels import Labels
from app.printing.model import ReceiptPrint, ShiftReportKind, ShiftReportPrint, TaxLine, VenuePrint
from app.printing.receipt_layout import drawer_steps, sums_of
from domain.money import Money

COLUMNS = (32, 42, 48)
_PLAIN = str.maketrans(
    {
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-", "–": "-", "—": "-", "‑": "-", "×": "x",
        "…": "...", "·": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    }
)  # fmt: skip
_UNSEEN = ("C", "Z", "M")


def receipt_lines(receipt: ReceiptPrint, columns: int) -> list[str]:
    """The receipt in lines of at most `columns` characters. The QR (`receipt.lookup`) is the printer's to
    draw.

    Raises ValueError for fewer than 24 columns.
    """
    page = _Page(columns, receipt.language)
    labels = page.labels
    page.head(receipt.venue)
    if receipt.practice:
        page.banner(labels("practice_receipt"))
    if receipt.copy:
        page.banner(labels("copy", number=receipt.copy))
    page.text(labels("receipt", number=receipt.number))
    page.text(format_datetime(receipt.at, receipt.venue.time_zone, receipt.language, DateStyle.MEDIUM))
    page.text(f"{labels('station')} {receipt.station}, {labels('cashier')} {receipt.cashier}")
    page.rule()
    for line in receipt.lines:
        page.pair(line.name, page.amount(line.total))
        if line.quantity != 1 or line.unit != line.total:
            page.text(f"  {format_number(line.quantity, receipt.language)} x {page.amount(line.unit)}")
        page.text(line.detail, indent="  ")
    page.rule()
    for words, money in sums_of(receipt):
        page.pair(words, page.amount(money))
    page.pair(f"{labels('total').upper()} {receipt.total.currency}", page.amount(receipt.total))
    for tender in receipt.tenders:
        page.pair(f"{labels.tender(tender.tender)} {tender.reference}", page.amount(tender.amount))
    if receipt.change is not None and receipt.change.minor:
        page.pair(labels("change"), page.amount(receipt.change))
    page.taxes(receipt.taxes)
    page.rule()
    page.pair(labels("order"), receipt.order)
    page.pair(labels("journal"), receipt.hash8)
    page.text(receipt.footer, centered=True)
    return page.lines


def shift_report_lines(report: ShiftReportPrint, columns: int) -> list[str]:
    """The X or Z report in lines of at most `columns` characters. Raises ValueError for fewer than 24."""
    page = _Page(columns, report.language)
    labels, closing = page.labels, report.kind is ShiftReportKind.Z
    page.head(report.venue)
    if report.practice:
        page.banner(labels("practice_report"))
    if report.copy:
        page.banner(labels("copy", number=report.copy))
    page.text(labels("report_z", number=report.number) if closing else labels("report_x"))
    zone = report.venue.time_zone
    page.pair(labels("station"), report.station)
    page.pair(labels("cashier"), report.cashier)
    page.pair(labels("opened"), format_datetime(report.opened_at, zone, report.language, DateStyle.NUMERIC))
    page.pair(
        labels("closed" if closing else "read_at"),
        format_datetime(report.at, zone, report.language, DateStyle.NUMERIC),
    )
    page.rule()
    for tender in report.sales:
        count = "" if tender.count is None else f" ({tender.count})"
        page.pair(labels.tender(tender.tender) + count, page.amount(tender.amount))
    if report.refunds.minor:
        page.pair(labels("refunds"), page.amount(report.refunds))
    page.taxes(report.taxes)
    _drawer_lines(page, report)
    if report.unknown:
        page.rule()
        page.text(labels("unknown_payments"))
        for one in report.unknown:
            page.pair(f"{labels.tender(one.tender)} {one.reference}", page.amount(one.amount))
    page.rule()
    page.pair(labels("receipts"), format_number(report.receipts, report.language))
    if report.receipts:
        page.text(f"{report.first_receipt} - {report.last_receipt}")
    if report.unsynced:
        page.pair(labels("unsynced"), format_number(report.unsynced, report.language))
    else:
        page.text(labels("synced_all"))
    return page.lines


def _drawer_lines(page: "_Page", report: ShiftReportPrint) -> None:
    labels = page.labels
    results = [("expected", report.expected), ("counted", report.counted), ("difference", report.difference)]
    told = [(labels(key), money) for key, money in results if money is not None]
    page.rule()
    page.text(f"{labels('drawer')}, {report.float_amount.currency}")
    for words, money in [*drawer_steps(report), *told]:
        page.pair(words, page.amount(money))


class _Page:
    """Lines of one width."""

    def __init__(self, columns: int, language: str) -> None:
        if columns < 24:
            raise ValueError(f"{columns} columns are too few for a receipt")
        self.columns = columns
        self.language = language
        self.labels = Labels(language)
        self.lines: list[str] = []

    def amount(self, money: Money) -> str:
        return plain(format_amount(money, self.language))

    def head(self, venue: VenuePrint) -> None:
        self.text(venue.name.upper(), centered=True)
        for line in venue.address.splitlines():
            self.text(line, centered=True)
        if venue.tax_id:
            self.text(self.labels("tax_id", number=venue.tax_id), centered=True)
        self.lines.append("")

    def text(self, words: str, *, centered: bool = False, indent: str = "") -> None:
        """Wrapped text; nothing when nothing printable is left."""
        lead = indent or words[: len(words) - len(words.lstrip(" "))]
        for block in words.splitlines():
            for line in textwrap.wrap(plain(block), self.columns - len(lead)):
                self.lines.append((line.center(self.columns) if centered else lead + line).rstrip())

    def banner(self, words: str) -> None:
        for line in textwrap.wrap(plain(words), self.columns - 6):
            self.lines.append(f" {line} ".center(self.columns, "*"))

    def rule(self) -> None:
        self.lines.append("-" * self.columns)

    def pair(self, left: str, right: str) -> None:
        """Words on the left, a value on the right end of the last of their lines."""
        value = plain(right)[: self.columns]
        words = textwrap.wrap(plain(left), max(self.columns - len(value) - 1, 8)) or [""]
        if len(value) > self.columns - 9:
            self.lines += [*words, value.rjust(self.columns)]
            return
        first, *more = words
        self.lines.append(first + value.rjust(self.columns - len(first)))
        self.lines += [f"  {line}" for line in more if len(line) <= self.columns - 2]

    def taxes(self, lines: Sequence[TaxLine]) -> None:
        """One line per rate and two amounts below it, since four columns do not fit on narrow paper."""
        for line in lines:
            rate = format_rate(line.rate, self.language)
            self.pair(f"{self.labels('tax_rate')} {rate}", self.amount(line.tax))
            self.pair(f"  {self.labels('tax_net')}", self.amount(line.net))


def plain(text: str) -> str:
    """One line without control characters, marks and spaces of odd widths, with ASCII signs."""
    composed = unicodedata.normalize("NFC", text).translate(_PLAIN)
    kept = "".join(
        letter if unicodedata.category(letter)[0] not in _UNSEEN else (" " if letter.isspace() else "")
        for letter in composed
    )
    return " ".join(kept.split())
