"""Tickets as a PDF, one page each."""

from collections.abc import Sequence
from pathlib import Path

from app.paths import resource
from app.printing.drawing import draw_pdf
from app.printing.files import save_file
from app.printing.fonts import Typesetter
from app.printing.model import TicketPrint
from app.printing.ticket_layout import Paper, TicketLayout


def render_tickets(
    tickets: Sequence[TicketPrint],
    paper: Paper,
    out: Path | None = None,
    *,
    setter: Typesetter | None = None,
) -> bytes:
    """The PDF of all the tickets, a page each, also saved as `out` when that is given.

    `setter` keeps its measurements between calls; without one a new one is made. Raises ValueError for no
    ticket at all or a code that is no ticket code; Fault FONT_MISSING, PRINT_FOLDER_NOT_WRITABLE,
    DISK_FULL.
    """
    if not tickets:
        raise ValueError("no ticket to print")
    setter = setter or Typesetter(resource("fonts"))
    layout = TicketLayout(setter, paper)
    first = tickets[0]
    data = draw_pdf(
        (layout(ticket) for ticket in tickets),
        setter,
        title=f"{first.event} – {first.order}",
        language=first.language,
    )
    if out is not None:
        save_file(data, out.parent, out.name)
    return data
