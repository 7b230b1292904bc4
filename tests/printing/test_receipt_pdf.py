"""Receipts and shift reports: as PDF strips and as plain lines."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.printing.fonts import Typesetter
from app.printing.layout import TextBox
from app.printing.model import ReceiptLine, ShiftReportKind, TaxLine, TenderLine, UnknownPayment
from app.printing.receipt_layout import MARGIN, WIDTH, lay_out_receipt, lay_out_shift_report
from app.printing.receipt_pdf import render_receipt, render_shift_report
from app.printing.text_receipt import COLUMNS, receipt_lines, shift_report_lines
from domain.money import Money
from tests.printing.prints import (
    TEATR,
    codes_in,
    euros,
    overlaps,
    page_pictures,
    page_texts,
    receipt,
    shift_report,
    typesetter,
)


@pytest.fixture(scope="module")
def setter() -> Typesetter:
    return typesetter()


def test_a_receipt_carries_all_that_it_must() -> None:
    (text,) = page_texts(render_receipt(receipt()))
    for words in (
        "Riverside Theatre", "Tax ID DE 123 456 789", "Receipt K1-000042", "Sat 21 Nov 2026, 19:30",
        "Station Counter 1", "Cashier Anna B.", "The Cherry Orchard – Adult", "48.00", "2 × 24.00",
        "Total €53.00", "Cash 100.00", "Change 47.00", "7% 44.86 3.14 48.00", "19% 4.20 0.80 5.00",
        "Order R7KQ-22", "Journal 1a2b3c4d",
    ):  # fmt: skip
        assert words in text
    assert "COPY" not in text
    assert "PRACTICE" not in text
    assert "Subtotal" not in text


def test_the_qr_of_a_receipt_is_its_own_reference_and_no_ticket_code() -> None:
    (picture,) = page_pictures(render_receipt(receipt()), 150)
    assert codes_in(picture) == ["K1-000042"]


def test_a_reprint_says_copy_and_how_many() -> None:
    (text,) = page_texts(render_receipt(receipt(copy=2)))
    assert "COPY 2" in text
    assert "КОПИЯ 3" in page_texts(render_receipt(receipt(copy=3, language="ru")))[0]


def test_a_practice_receipt_is_marked() -> None:
    (text,) = page_texts(render_receipt(receipt(practice=True)))
    assert "PRACTICE – NOT A RECEIPT" in text


def test_discount_added_tax_and_rounding_lead_from_the_lines_to_the_total() -> None:
    (text,) = page_texts(
        render_receipt(
            receipt(discount=euros(-300), rounding=euros(2), tax_included=False, total=euros(5396))
        )
    )
    assert re.search(
        r"Subtotal 53\.00 Discount −3\.00 Tax 3\.14 Tax 0\.80 Rounding 0\.02 Total €53\.96", text
    )


def test_a_tender_without_words_is_printed_as_it_is_called() -> None:
    tenders = (TenderLine("card", euros(3000), "ref 9918"), TenderLine("Gutschein Süd", euros(2300)))
    (text,) = page_texts(render_receipt(receipt(tenders=tenders, change=euros(0))))
    assert "Card ref 9918 30.00" in text
    assert "Gutschein Süd 23.00" in text
    assert "Change" not in text


def test_a_z_report_shows_how_the_expected_cash_comes_about() -> None:
    (text,) = page_texts(render_shift_report(shift_report()))
    for words in (
        "Z report 17", "Cash · 31 742.00", "Card · 11 310.50", "All payments 1,052.50", "Float 200.00",
        "Cash taken 742.00", "Cash refunds −12.00", "Paid out −5.00", "Dropped to safe −300.00",
        "Expected 625.00", "Counted 624.50", "Difference −€0.50", "Number 42", "First K1-000001",
        "Last K1-000042", "Not yet at the hub 3",
    ):  # fmt: skip
        assert words in text
    assert "Paid in" not in text


def test_an_x_report_says_that_the_shift_stays_open_and_may_be_blind() -> None:
    blind = shift_report(
        kind=ShiftReportKind.X,
        number="",
        language="ru",
        expected=None,
        counted=None,
        difference=None,
        unsynced=0,
    )
    (text,) = page_texts(render_shift_report(blind))
    assert "X-отчёт Смена не закрыта" in text
    assert "Все записи переданы в центр" in text
    assert not any(words in text for words in ("Должно быть", "Пересчитано", "Расхождение", "Подпись"))


words_in = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="WЩ", max_size=60),
    st.lists(st.text(alphabet="абвгABCD", min_size=1, max_size=14), max_size=12).map(" ".join),
)
amounts = st.integers(-(10**12), 10**12).map(lambda minor: Money(minor, "RUB"))
lines = st.builds(
    ReceiptLine, name=words_in, quantity=st.integers(1, 9999), unit=amounts, total=amounts, detail=words_in
)
taxes = st.builds(TaxLine, rate=st.integers(0, 9999), net=amounts, tax=amounts, gross=amounts)
tenders = st.builds(TenderLine, tender=st.sampled_from(["cash", "card"]) | words_in, amount=amounts)
receipts = st.builds(
    receipt,
    venue=st.just(TEATR),
    language=st.sampled_from(["en", "ru"]),
    lines=st.lists(lines, max_size=6).map(tuple),
    taxes=st.lists(taxes, max_size=3).map(tuple),
    tenders=st.lists(tenders, max_size=3).map(tuple),
    total=amounts, discount=amounts, rounding=amounts, change=amounts, footer=words_in, cashier=words_in,
    station=words_in, copy=st.integers(0, 99), practice=st.booleans(), tax_included=st.booleans(),
)  # fmt: skip
reports = st.builds(
    shift_report, language=st.sampled_from(["en", "ru"]), kind=st.sampled_from(list(ShiftReportKind)),
    float_amount=amounts, refunds=amounts, cash_refunds=amounts, paid_in=amounts, drops=amounts,
    expected=amounts | st.none(), difference=amounts | st.none(), sales=st.just(()),
    taxes=st.lists(taxes, max_size=2).map(tuple), station=words_in, cashier=words_in,
    unsynced=st.integers(0, 10**6), practice=st.booleans(), copy=st.integers(0, 3),
)  # fmt: skip


@given(receipts)
@settings(max_examples=80)
def test_on_a_receipt_nothing_overlaps_and_all_stays_inside_the_strip(
    setter: Typesetter, one: object
) -> None:
    check_strip(setter, lay_out_receipt(one, setter))  # type: ignore[arg-type]


@given(reports)
@settings(max_examples=60)
def test_on_a_shift_report_nothing_overlaps_and_all_stays_inside(setter: Typesetter, one: object) -> None:
    check_strip(setter, lay_out_shift_report(one, setter))  # type: ignore[arg-type]


def check_strip(setter: Typesetter, sheet: object) -> None:
    assert sheet.width == WIDTH  # type: ignore[attr-defined]
    assert overlaps(sheet.boxes) == []  # type: ignore[attr-defined]
    for box in sheet.boxes:  # type: ignore[attr-defined]
        left, top, right, bottom = box.bounds
        assert left >= MARGIN - 0.01, box
        assert top >= MARGIN - 0.01, box
        assert right <= WIDTH - MARGIN + 0.01, box
        assert bottom <= sheet.height - MARGIN + 0.01, box  # type: ignore[attr-defined]
        if isinstance(box, TextBox):
            assert max(setter.width(line, box.face, box.size) for line in box.lines) <= box.width + 0.01, box


@pytest.mark.parametrize("columns", COLUMNS)
def test_a_text_receipt_lines_up_its_amounts_at_the_right_edge(columns: int) -> None:
    printed = receipt_lines(receipt(), columns)
    assert all(len(line) <= columns for line in printed)
    for words, amount in (
        ("The Cherry Orchard", "48.00"),
        ("TOTAL EUR", "53.00"),
        ("Cash", "100.00"),
        ("Change", "47.00"),
    ):
        (line,) = [line for line in printed if line.startswith(words)]
        assert line.endswith(amount)
        assert len(line) == columns
    assert any(line.split() == ["Journal", "1a2b3c4d"] for line in printed)


def test_a_name_cannot_open_the_drawer_of_a_text_printer() -> None:
    evil = ReceiptLine("Ev\x1bp\x00\x19\xfail\x10\x14", 1, euros(100), euros(100), detail="\x1b@\x9b")
    printed = receipt_lines(receipt(lines=(evil,), cashier="\x1bp\x00", footer="a\r\n\x07b"), 42)
    assert all(letter.isprintable() for line in printed for letter in line)


def test_a_russian_text_receipt_has_no_sign_that_receipt_printers_lack() -> None:
    printed = receipt_lines(receipt(language="ru", copy=1, discount=euros(-100)), 32)
    assert "ИТОГО EUR" in "\n".join(printed)
    assert any(line.startswith("*") and "КОПИЯ 1" in line for line in printed)
    for line in printed:
        line.encode("cp866")


@given(receipts, st.sampled_from([24, *COLUMNS]))
@settings(max_examples=60)
def test_no_line_of_a_text_receipt_is_wider_than_the_paper(one: object, columns: int) -> None:
    printed = receipt_lines(one, columns)  # type: ignore[arg-type]
    assert all(len(line) <= columns for line in printed)
    assert all(letter.isprintable() for line in printed for letter in line)


@given(reports, st.sampled_from(COLUMNS))
@settings(max_examples=40)
def test_no_line_of_a_text_shift_report_is_wider_than_the_paper(one: object, columns: int) -> None:
    assert all(len(line) <= columns for line in shift_report_lines(one, columns))  # type: ignore[arg-type]


def test_a_text_shift_report_shows_the_drawer_and_what_the_hub_lacks() -> None:
    printed = "\n".join(" ".join(line.split()) for line in shift_report_lines(shift_report(), 42))
    for words in (
        "Z report 17",
        "Cash (31) 742.00",
        "Expected 625.00",
        "Difference -0.50",
        "Not yet at the hub 3",
    ):
        assert words in printed


def test_paper_that_is_too_narrow_is_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        receipt_lines(receipt(), 20)


def test_a_promo_code_is_named_beside_what_it_took_off() -> None:
    spring = receipt(discount=euros(-100), discount_name="Spring")
    assert any("Spring" in line and "1.00" in line for line in receipt_lines(spring, 32))
    assert "Discount · Spring" in page_texts(render_receipt(spring))[0]


def test_a_payment_without_an_end_stands_on_the_report_and_in_no_sum() -> None:
    doubt = UnknownPayment("ABCD-EFG7", "card", euros(4000))
    printed = shift_report_lines(shift_report(unknown=(doubt,)), 40)
    at = next(number for number, line in enumerate(printed) if "without an end" in line)
    assert "ABCD-EFG7" in printed[at + 1] or "ABCD-EFG7" in printed[at + 2]
    assert "without an end" in page_texts(render_shift_report(shift_report(unknown=(doubt,))))[0]
    assert "without an end" not in page_texts(render_shift_report(shift_report()))[0]
