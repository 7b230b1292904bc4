"""Receipts and shift reports as PDF strips, 80 mm wide."""

from pathlib import Path

from app.paths import resource
from app.printing.drawing import draw_pdf
from app.printing.files import save_file
from app.printing.fonts import Typesetter
from app.printing.model import ReceiptPrint, ShiftReportPrint
from app.printing.receipt_layout import lay_out_receipt, lay_out_shift_report


def render_receipt(
    receipt: ReceiptPrint, out: Path | None = None, *, setter: Typesetter | None = None
) -> bytes:
    """The PDF of a receipt, one page as long as it needs, also saved as `out` when that is given.

    Raises Fault FONT_MISSING, PRINT_FOLDER_NOT_WRITABLE, DISK_FULL.
    """
    setter = setter or Typesetter(resource("fonts"))
    sheet = lay_out_receipt(receipt, setter)
    return _saved(draw_pdf([sheet], setter, title=receipt.number, language=receipt.language), out)


def render_shift_report(
    report: ShiftReportPrint, out: Path | None = None, *, setter: Typesetter | None = None
) -> bytes:
    """The PDF of an X or Z report, also saved as `out` when that is given. Faults as for a receipt."""
    setter = setter or Typesetter(resource("fonts"))
    sheet = lay_out_shift_report(report, setter)
    title = f"{report.kind} {report.number}".strip()
    return _saved(draw_pdf([sheet], setter, title=title, language=report.language), out)


def _saved(data: bytes, out: Path | None) -> bytes:
    if out is not None:
        save_file(data, out.parent, out.name)
    return data
