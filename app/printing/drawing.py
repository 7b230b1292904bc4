"""Draws laid-out sheets into a PDF, with the faces embedded and QR symbols as vectors."""

import io
import math
from collections.abc import Iterable

from reportlab.pdfgen.canvas import Canvas

from app.printing.fonts import Typesetter
from app.printing.layout import Align, Box, FrameBox, MarkBox, QrBox, RuleBox, Sheet, TextBox
from app.printing.qr import QUIET_MODULES, rectangles, text_matrix, ticket_matrix

_CAP_HALF = 0.349
"""Half the cap height of the family in ems: capitals stand in the middle of their line."""


def draw_pdf(sheets: Iterable[Sheet], setter: Typesetter, *, title: str, language: str) -> bytes:
    """A PDF of the sheets, one page each; the same sheets always give the same bytes.

    Raises ValueError when there is no sheet, or for a QR text that does not fit its symbol.
    """
    out = io.BytesIO()
    canvas: Canvas | None = None
    for sheet in sheets:
        size = (sheet.width, sheet.height)
        if canvas is None:
            canvas = Canvas(out, pagesize=size, invariant=1, pageCompression=1, lang=language)
            canvas.setTitle(setter.clean(title))
            canvas.setCreator("Gatehouse")
            canvas.setProducer("Gatehouse")
        canvas.setPageSize(size)
        for box in sheet.boxes:
            _draw(canvas, box, sheet.height, setter)
        canvas.showPage()
    if canvas is None:
        raise ValueError("nothing to print")
    canvas.save()
    return out.getvalue()


def _draw(canvas: Canvas, box: Box, height: float, setter: Typesetter) -> None:
    match box:
        case TextBox():
            _draw_text(canvas, box, height, setter)
        case RuleBox():
            _draw_rule(canvas, box, height)
        case QrBox():
            _draw_qr(canvas, box, height)
        case FrameBox():
            _draw_frame(canvas, box, height)
        case MarkBox():
            _draw_mark(canvas, box, height)


def _draw_text(canvas: Canvas, box: TextBox, height: float, setter: Typesetter) -> None:
    canvas.setFillGray(box.ink)
    canvas.setFont(box.face, box.size)
    baseline = height - box.top - box.leading / 2 - box.size * _CAP_HALF
    for line in box.lines:
        spare = box.width - setter.width(line, box.face, box.size) if box.align is not Align.LEFT else 0.0
        canvas.drawString(box.x + (spare / 2 if box.align is Align.CENTER else spare), baseline, line)
        baseline -= box.leading


def _draw_rule(canvas: Canvas, box: RuleBox, height: float) -> None:
    middle = height - box.top - box.weight / 2
    canvas.setStrokeGray(0)
    canvas.setLineWidth(box.weight)
    canvas.setDash([box.dash, box.dash] if box.dash else [])
    canvas.line(box.x, middle, box.x + box.width, middle)


def _draw_qr(canvas: Canvas, box: QrBox, height: float) -> None:
    matrix = ticket_matrix(box.text) if box.ticket else text_matrix(box.text)
    modules = len(matrix)
    bottom = height - box.top - box.side
    canvas.setFillGray(1)
    canvas.rect(box.x, bottom, box.side, box.side, stroke=0, fill=1)
    canvas.saveState()
    canvas.setFillGray(0)
    canvas.translate(box.x, bottom)
    canvas.scale(box.side / (modules + 2 * QUIET_MODULES), box.side / (modules + 2 * QUIET_MODULES))
    top = modules + QUIET_MODULES
    marks = (
        f"{x + QUIET_MODULES} {top - y - tall} {wide} {tall} re" for x, y, wide, tall in rectangles(matrix)
    )
    canvas.addLiteral(" ".join(marks) + " f")  # one path, so that no viewer shows seams between the modules
    canvas.restoreState()


def _draw_frame(canvas: Canvas, box: FrameBox, height: float) -> None:
    bottom = height - box.top - box.height
    canvas.setFillGray(0)
    canvas.setStrokeGray(0)
    canvas.setLineWidth(0.8)
    canvas.setDash([])
    inset = 0.0 if box.filled else 0.4
    canvas.roundRect(
        box.x + inset,
        bottom + inset,
        box.width - 2 * inset,
        box.height - 2 * inset,
        3,
        stroke=0 if box.filled else 1,
        fill=1 if box.filled else 0,
    )
    canvas.setFillGray(1 if box.filled else 0)
    canvas.setFont(box.face, box.size)
    canvas.drawCentredString(box.x + box.width / 2, bottom + box.height / 2 - box.size * _CAP_HALF, box.line)


def _draw_mark(canvas: Canvas, box: MarkBox, height: float) -> None:
    canvas.saveState()
    canvas.setStrokeGray(0.72)
    canvas.setLineWidth(0.7)
    canvas.setDash([])
    canvas.translate(box.x + box.width / 2, height - box.top - box.height / 2)
    canvas.rotate(math.degrees(math.atan2(box.height, box.width)))
    words = canvas.beginText()
    words.setTextRenderMode(1)
    words.setFont(box.face, box.size)
    words.setTextOrigin(-canvas.stringWidth(box.line, box.face, box.size) / 2, -box.size * _CAP_HALF)
    words.textOut(box.line)
    canvas.drawText(words)
    canvas.restoreState()
