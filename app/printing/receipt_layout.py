"""Where everything stands on an 80 mm strip: receipts and shift reports, as long as they need to be.

Black only: thermal printers have no grey. Amounts are right-aligned in tabular figures.
"""

from collections.abc import Sequence

from app.formats import DateStyle, format_amount, format_datetime, format_money, format_number, format_rate
from app.printing.fonts import Face, Step, Typesetter
from app.printing.labels import Labels
from app.printing.layout import MM, Align, Flow, FrameBox, MarkBox, QrBox, Sheet, Style, TextBox
from app.printing.model import (
    ReceiptLine,
    ReceiptPrint,
    ShiftReportKind,
    ShiftReportPrint,
    TaxLine,
    VenuePrint,
)
from domain.money import Money

WIDTH = 80 * MM
MARGIN = 5 * MM


def _style(face: Face, *steps: tuple[float, int], leading: float = 1.3, align: Align = Align.LEFT) -> Style:
    return Style(face, tuple(Step(size, lines) for size, lines in steps), leading, align)


VENUE = _style(Face.BOLD, (13, 1), (11, 2), (9, 3))
HEADING = _style(Face.SEMIBOLD, (11, 1), (9, 2))
SECTION = _style(Face.SEMIBOLD, (9, 1), (8, 2))
SMALL = _style(Face.REGULAR, (8, 6))
NAME = _style(Face.MEDIUM, (9.5, 3), (8.5, 4))
AMOUNT = _style(Face.MEDIUM, (9.5, 1), (8, 1), (6, 1), align=Align.RIGHT)
PLAIN = _style(Face.REGULAR, (9, 2), (8, 3))
PLAIN_AMOUNT = _style(Face.REGULAR, (9, 1), (8, 1), (6, 1), align=Align.RIGHT)
TOTAL = _style(Face.BOLD, (15, 1), (12, 2))
TOTAL_AMOUNT = _style(Face.BOLD, (17, 1), (14, 1), (11, 1), (8, 1), align=Align.RIGHT)
FACT = _style(Face.REGULAR, (9, 1), (8, 3), align=Align.RIGHT)
MONO = _style(Face.MONO, (9, 1), (7, 1), align=Align.RIGHT)
CENTERED = _style(Face.REGULAR, (8, 3), align=Align.CENTER)


class _Strip:
    """What receipts and shift reports share: head, amounts, tax table, marks, and the cut at the end."""

    def __init__(self, setter: Typesetter, language: str) -> None:
        self.setter = setter
        self.language = language
        self.labels = Labels(language)
        self.flow = Flow(setter, MARGIN, MARGIN, WIDTH - 2 * MARGIN)

    def head(self, venue: VenuePrint) -> None:
        """Who sells, where, and the tax number."""
        self.flow.text(venue.name, VENUE)
        self.flow.gap(1)
        self.flow.text(venue.address, SMALL)
        if venue.tax_id:
            self.flow.text(self.labels("tax_id", number=venue.tax_id), SMALL)
        self.flow.gap(7)

    def bar(self, words: str) -> None:
        """White words on black, for what nobody may overlook."""
        fitted = self.flow.fit(words, _style(Face.BOLD, (10.5, 1), (8.5, 1), (7, 1)), self.flow.width - 8)
        for line in fitted.lines:
            bar = FrameBox(self.flow.x, self.flow.top, self.flow.width, 19, line, Face.BOLD, fitted.size)
            self.flow.boxes.append(bar)
            self.flow.top += 19
        self.flow.gap(6)

    def section(self, words: str) -> None:
        """A thin line and the heading of a part."""
        self.flow.gap(6)
        self.flow.rule()
        self.flow.gap(6)
        if words:
            self.flow.text(words, SECTION)
            self.flow.gap(2)

    def amount(self, words: str, money: Money | None, *, strong: bool = False) -> None:
        """A line with an amount; no line when there is none."""
        if money is not None:
            value = format_amount(money, self.language)
            self.flow.pair(words, value, NAME if strong else PLAIN, AMOUNT if strong else PLAIN_AMOUNT)

    def fact(self, words: str, value: str, *, mono: bool = False) -> None:
        """A line with a short text on the right; no line when it is empty."""
        if value:
            self.flow.pair(words, value, PLAIN, MONO if mono else FACT)

    def total(self, words: str, money: Money) -> None:
        """The line that is read first."""
        self.flow.pair(words, format_money(money, self.language), TOTAL, TOTAL_AMOUNT)

    def taxes(self, lines: Sequence[TaxLine]) -> None:
        """Rate, net, tax and gross in four columns, all at the size at which the widest amount fits."""
        if not lines:
            return
        keys = ("tax_rate", "tax_net", "tax_tax", "tax_gross")
        rows = [tuple(self.labels(key) for key in keys)]
        rows += [
            (format_rate(line.rate, self.language), *(
                format_amount(money, self.language) for money in (line.net, line.tax, line.gross)
            ))
            for line in lines
        ]  # fmt: skip
        size = 8.5
        rates = max(self.setter.width(row[0], Face.REGULAR, size) for row in rows)
        rate_width = max(rates, self.flow.width * 0.16)
        width = (self.flow.width - rate_width) / 3
        widest = max(self.setter.width(cell, Face.REGULAR, 1) for row in rows for cell in row[1:])
        size = min(size, (width - 7) / widest)
        for row in rows:
            x = self.flow.x
            for index, cell in enumerate(row):
                room = width if index else rate_width
                align = Align.RIGHT if index else Align.LEFT
                self.flow.boxes.append(
                    TextBox(x, self.flow.top, room, (cell,), Face.REGULAR, size, 11.5, align)
                )
                x += room
            self.flow.top += 11.5

    def sheet(self, mark: str) -> Sheet:
        """The strip cut below its last line, with a word across it when it is practice."""
        height = self.flow.top + MARGIN
        boxes = tuple(self.flow.boxes)
        if mark:
            room = min(height - 2 * MARGIN, self.flow.width * 1.6)
            size = 0.8 * (room**2 + self.flow.width**2) ** 0.5 / self.setter.width(mark, Face.BOLD, 1)
            top = (height - room) / 2
            boxes = (MarkBox(MARGIN, top, self.flow.width, room, mark, Face.BOLD, min(size, 48)), *boxes)
        return Sheet(WIDTH, height, boxes)


def lay_out_receipt(receipt: ReceiptPrint, setter: Typesetter) -> Sheet:
    """The strip of one receipt."""
    strip = _Strip(setter, receipt.language)
    labels, flow = strip.labels, strip.flow
    strip.head(receipt.venue)
    if receipt.practice:
        strip.bar(labels("practice_receipt"))
    if receipt.copy:
        strip.bar(labels("copy", number=receipt.copy))
    flow.text(labels("receipt", number=receipt.number), HEADING)
    at = format_datetime(receipt.at, receipt.venue.time_zone, receipt.language, DateStyle.MEDIUM)
    flow.text(at, PLAIN)
    flow.text(f"{labels('station')} {receipt.station} · {labels('cashier')} {receipt.cashier}", SMALL)
    strip.section("")
    for line in receipt.lines:
        _line(strip, line)
    _sums(strip, receipt)
    if receipt.taxes:
        strip.section("")
        strip.taxes(receipt.taxes)
    strip.section("")
    strip.fact(labels("order"), receipt.order)
    strip.fact(labels("journal"), receipt.hash8, mono=True)
    _lookup(strip, receipt)
    return strip.sheet(labels("practice") if receipt.practice else "")


def _line(strip: _Strip, line: ReceiptLine) -> None:
    flow, language = strip.flow, strip.language
    flow.pair(line.name, format_amount(line.total, language), NAME, AMOUNT)
    times = f"{format_number(line.quantity, language)} × {format_amount(line.unit, language)}"
    details = [times if line.quantity != 1 or line.unit != line.total else "", line.detail]
    flow.text(" · ".join(part for part in details if part), SMALL)
    flow.gap(4)


def sums_of(receipt: ReceiptPrint) -> list[tuple[str, Money]]:
    """How the total comes about: the sum of the lines, then discount, added taxes and rounding; empty when
    the total is the sum of the lines and there is nothing to explain."""
    labels = Labels(receipt.language)
    added = [] if receipt.tax_included else [(labels("tax_added"), line.tax) for line in receipt.taxes]
    off = " · ".join(part for part in (labels("discount"), receipt.discount_name) if part)
    steps = [(off, receipt.discount), *added, (labels("rounding"), receipt.rounding)]
    told = [(words, money) for words, money in steps if money is not None and money.minor]
    lines = Money(sum(line.total.minor for line in receipt.lines), receipt.total.currency)
    return [(labels("subtotal"), lines), *told] if told else []


def _sums(strip: _Strip, receipt: ReceiptPrint) -> None:
    labels, flow = strip.labels, strip.flow
    flow.gap(2)
    flow.rule()
    flow.gap(5)
    steps = sums_of(receipt)
    if steps:
        for words, money in steps:
            strip.amount(words, money)
        flow.gap(2)
    strip.total(labels("total"), receipt.total)
    flow.gap(4)
    for tender in receipt.tenders:
        words = labels.tender(tender.tender)
        strip.amount(f"{words} {tender.reference}".strip(), tender.amount)
    if receipt.change is not None and receipt.change.minor:
        strip.amount(labels("change"), receipt.change, strong=True)


def _lookup(strip: _Strip, receipt: ReceiptPrint) -> None:
    flow, side = strip.flow, 27 * MM
    flow.gap(6)
    flow.boxes.append(QrBox(flow.x + (flow.width - side) / 2, flow.top, side, receipt.lookup, ticket=False))
    flow.top += side
    flow.text(strip.labels("lookup"), CENTERED)
    if receipt.footer:
        flow.gap(6)
        flow.text(receipt.footer, _style(Face.REGULAR, (8.5, 12), align=Align.CENTER))


def lay_out_shift_report(report: ShiftReportPrint, setter: Typesetter) -> Sheet:
    """The strip of an X or Z report."""
    strip = _Strip(setter, report.language)
    labels = strip.labels
    strip.head(report.venue)
    if report.practice:
        strip.bar(labels("practice_report"))
    if report.copy:
        strip.bar(labels("copy", number=report.copy))
    _report_head(strip, report)
    strip.section(labels("sales"))
    for tender in report.sales:
        count = "" if tender.count is None else f" · {tender.count}"
        strip.amount(labels.tender(tender.tender) + count, tender.amount)
    total = sum(tender.amount.minor for tender in report.sales)
    strip.amount(labels("sales_total"), Money(total, report.float_amount.currency), strong=True)
    if report.refunds.minor:
        strip.amount(labels("refunds"), report.refunds)
    if report.taxes:
        strip.section(labels("taxes"))
        strip.taxes(report.taxes)
    _drawer(strip, report)
    if report.unknown:
        strip.section(labels("unknown_payments"))
        for one in report.unknown:
            strip.amount(f"{labels.tender(one.tender)} {one.reference}", one.amount)
    strip.section(labels("receipts"))
    strip.fact(labels("receipts_count"), format_number(report.receipts, report.language))
    strip.fact(labels("receipts_first"), report.first_receipt)
    strip.fact(labels("receipts_last"), report.last_receipt)
    if report.unsynced:
        strip.fact(labels("unsynced"), format_number(report.unsynced, report.language))
    else:
        strip.flow.text(labels("synced_all"), PLAIN)
    if report.kind is ShiftReportKind.Z:
        strip.flow.gap(40)
        strip.flow.rule()
        strip.flow.gap(2)
        strip.flow.text(labels("signature_cashier"), SMALL)
    return strip.sheet(labels("practice") if report.practice else "")


def _report_head(strip: _Strip, report: ShiftReportPrint) -> None:
    labels, zone = strip.labels, report.venue.time_zone
    closing = report.kind is ShiftReportKind.Z
    strip.flow.text(labels("report_z", number=report.number) if closing else labels("report_x"), TOTAL)
    if not closing:
        strip.flow.text(labels("report_x_note"), PLAIN)
    strip.flow.gap(3)
    strip.fact(labels("station"), report.station)
    strip.fact(labels("cashier"), report.cashier)
    strip.fact(labels("opened"), format_datetime(report.opened_at, zone, report.language))
    strip.fact(labels("closed" if closing else "read_at"), format_datetime(report.at, zone, report.language))


def drawer_steps(report: ShiftReportPrint) -> list[tuple[str, Money]]:
    """How the expected cash comes about, with signs; what is nothing is left out, but for float and cash."""
    labels = Labels(report.language)
    cash = sum(tender.amount.minor for tender in report.sales if tender.tender == "cash")
    movements = [
        ("cash_refunds", -report.cash_refunds),
        ("paid_in", report.paid_in),
        ("paid_out", -report.paid_out),
        ("drops", -report.drops),
    ]
    return [
        (labels("float"), report.float_amount),
        (labels("cash_sales"), Money(cash, report.float_amount.currency)),
        *((labels(key), money) for key, money in movements if money.minor),
    ]


def _drawer(strip: _Strip, report: ShiftReportPrint) -> None:
    labels = strip.labels
    strip.section(labels("drawer"))
    for words, money in drawer_steps(report):
        strip.amount(words, money)
    strip.amount(labels("expected"), report.expected, strong=True)
    strip.amount(labels("counted"), report.counted, strong=True)
    if report.difference is not None:
        strip.flow.gap(3)
        strip.total(labels("difference"), report.difference)
