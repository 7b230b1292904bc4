"""Builders of things to print, and ways to read a PDF back: its words, its picture, its boxes."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import zxingcpp

from app.paths import resource
from app.printing.fonts import Typesetter
from app.printing.layout import Box, MarkBox, QrBox
from app.printing.model import (
    ReceiptLine,
    ReceiptPrint,
    ShiftReportKind,
    ShiftReportPrint,
    TaxLine,
    TenderLine,
    TenderTotal,
    TicketPrint,
    VenuePrint,
)
from app.printing.qr import QUIET_MODULES, TICKET_MODULES
from domain.money import Money

EVENING = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
VENUE = VenuePrint("Riverside Theatre", "12 Harbour Street\n20457 Hamburg", "Europe/Berlin", "DE 123 456 789")
TEATR = VenuePrint("Театр на Набережной", "Малая Морская улица, 14\n190000 Санкт-Петербург", "Europe/Moscow")


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def code_of(seed: object) -> str:
    """152 letters of the ticket alphabet, different for each seed."""
    return base64.b32encode(hashlib.shake_256(str(seed).encode()).digest(95)).decode()


def ticket(**changes: Any) -> TicketPrint:
    plain = TicketPrint(
        venue=VENUE,
        language="en",
        event="The Cherry Orchard",
        product="Adult",
        price=euros(2400),
        code=code_of(1),
        reference="K7QD-3MX9",
        order="K1-000042",
        starts_at=EVENING,
        doors_at=EVENING - timedelta(minutes=30),
        seat="Row 7, seat 12",
        zone="Stalls",
        tax_rate=700,
        tax=euros(157),
    )
    return replace(plain, **changes)


def russian_ticket(**changes: Any) -> TicketPrint:
    words = {
        "venue": TEATR,
        "language": "ru",
        "event": "Вишнёвый сад",
        "product": "Взрослый",
        "seat": "Ряд 7, место 12",
        "zone": "Партер",
        "price": Money(240000, "RUB"),
        "tax": Money(40000, "RUB"),
        "tax_rate": 2000,
    }
    return ticket(**{**words, **changes})


def month_pass(**changes: Any) -> TicketPrint:
    begin = datetime(2026, 11, 20, 23, tzinfo=UTC)
    words = {
        "event": "Harbour Ferry Line 62",
        "product": "Month ticket",
        "starts_at": None,
        "doors_at": None,
        "seat": "",
        "zone": "Zones A and B",
        "is_pass": True,
        "valid_from_at": begin,
        "valid_until_at": begin + timedelta(days=30),
    }
    return ticket(**{**words, **changes})


def receipt(**changes: Any) -> ReceiptPrint:
    plain = ReceiptPrint(
        venue=VENUE,
        language="en",
        number="K1-000042",
        hash8="1a2b3c4d",
        at=EVENING,
        station="Counter 1",
        cashier="Anna B.",
        order="R7KQ-22",
        lines=(
            ReceiptLine(
                "The Cherry Orchard – Adult", 2, euros(2400), euros(4800), 700, "Sat 21 Nov 2026, 19:30"
            ),
            ReceiptLine("Programme", 1, euros(500), euros(500), 1900),
        ),
        total=euros(5300),
        tenders=(TenderLine("cash", euros(10000)),),
        lookup="K1-000042",
        taxes=(
            TaxLine(700, euros(4486), euros(314), euros(4800)),
            TaxLine(1900, euros(420), euros(80), euros(500)),
        ),
        change=euros(4700),
    )
    return replace(plain, **changes)


def shift_report(**changes: Any) -> ShiftReportPrint:
    plain = ShiftReportPrint(
        venue=VENUE,
        language="en",
        kind=ShiftReportKind.Z,
        number="17",
        station="Counter 1",
        cashier="Anna B.",
        opened_at=EVENING - timedelta(hours=5),
        at=EVENING,
        sales=(TenderTotal("cash", 31, euros(74200)), TenderTotal("card", 11, euros(31050))),
        float_amount=euros(20000),
        refunds=euros(1200),
        cash_refunds=euros(1200),
        paid_in=euros(0),
        paid_out=euros(500),
        drops=euros(30000),
        receipts=42,
        unsynced=3,
        first_receipt="K1-000001",
        last_receipt="K1-000042",
        taxes=(TaxLine(700, euros(98364), euros(6886), euros(105250)),),
        expected=euros(62500),
        counted=euros(62450),
        difference=euros(-50),
    )
    return replace(plain, **changes)


def typesetter() -> Typesetter:
    return Typesetter(resource("fonts"))


def page_texts(pdf: bytes) -> list[str]:
    """The words of each page, blanks and line ends made single spaces."""
    document = pdfium.PdfDocument(pdf)
    texts = []
    for page in document:
        words = page.get_textpage()
        texts.append(" ".join(words.get_text_range().replace("\ufffe", "-").split()))
        words.close()
        page.close()
    document.close()
    return texts


def page_pictures(pdf: bytes, dpi: int) -> list[np.ndarray]:
    """Each page as a grey picture."""
    document = pdfium.PdfDocument(pdf)
    pictures = []
    for page in document:
        bitmap = page.render(scale=dpi / 72, grayscale=True)
        pictures.append(bitmap.to_numpy().copy())
        bitmap.close()
        page.close()
    document.close()
    return pictures


def codes_in(picture: np.ndarray) -> list[str]:
    """Texts of the QR codes in a picture; among their modules some pattern may pass for a code of bars."""
    picture = np.ascontiguousarray(picture.squeeze())
    return [found.text for found in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)]


def overlaps(boxes: tuple[Box, ...]) -> list[tuple[Box, Box]]:
    """Pairs of boxes that cover common ground; a mark lies behind the rest and does not count."""
    solid = [box for box in boxes if not isinstance(box, MarkBox)]
    found = []
    for index, one in enumerate(solid):
        left, top, right, bottom = one.bounds
        for other in solid[index + 1 :]:
            left2, top2, right2, bottom2 = other.bounds
            if min(right, right2) - max(left, left2) > 0.01 and min(bottom, bottom2) - max(top, top2) > 0.01:
                found.append((one, other))
    return found


def inked(box: Box) -> tuple[float, float, float, float]:
    """The bounds of a box without the white that a QR symbol brings along."""
    left, top, right, bottom = box.bounds
    if isinstance(box, QrBox) and box.ticket:
        quiet = box.side * QUIET_MODULES / (TICKET_MODULES + 2 * QUIET_MODULES)
        return left + quiet, top + quiet, right - quiet, bottom - quiet
    return box.bounds
