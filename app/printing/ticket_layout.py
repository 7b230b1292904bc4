"""Where everything stands on a ticket: A4 for printing at home, A6 for ticket printers and wallets.

The parts have fixed places, so that tickets of a venue look alike and gate staff finds things without
reading; only what is inside a part shrinks or wraps. All text is black or dark grey and no area is tinted:
it has to survive a monochrome printer that is low on toner.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.formats import DateStyle
from app.printing import ticket_words as words
from app.printing.fonts import Face, Step, Typesetter
from app.printing.labels import Labels
from app.printing.layout import (
    BLACK,
    GREY,
    MM,
    Align,
    Flow,
    FrameBox,
    MarkBox,
    QrBox,
    RuleBox,
    Sheet,
    Style,
)
from app.printing.model import TicketPrint
from app.printing.qr import QUIET_MODULES, TICKET_MODULES

QUIET = QUIET_MODULES / (TICKET_MODULES + 2 * QUIET_MODULES)
"""The quiet zone as a part of the symbol's whole side: symbols are aligned by what is dark in them."""


class Paper(StrEnum):
    """What tickets are printed on."""

    A4 = "a4"
    A6 = "a6"


@dataclass(frozen=True, slots=True)
class _Design:
    """Measures and styles of one paper, in points."""

    width: float
    height: float
    margin: float
    venue: Style
    address: Style
    small: Style
    event: Style
    performance: Style
    eyebrow: Style
    date: Style
    validity: Style
    clock: Style
    name: Style
    value: Style
    reference: Style
    date_style: DateStyle


def _style(
    face: Face, *steps: tuple[float, int], leading: float = 1.3, align: Align = Align.LEFT, ink: float = BLACK
) -> Style:
    return Style(face, tuple(Step(size, lines) for size, lines in steps), leading, align, ink)


def _heading(face: Face, *steps: tuple[float, int], leading: float = 1.18) -> Style:
    return Style(face, tuple(Step(size, lines) for size, lines in steps), leading, balance=True)


def _a4() -> _Design:
    return _Design(
        width=210 * MM,
        height=297 * MM,
        margin=15 * MM,
        venue=_style(Face.SEMIBOLD, (12, 1), (10, 1), (9, 2)),
        address=_style(Face.REGULAR, (9, 2), (8, 3), ink=GREY),
        small=_style(Face.REGULAR, (9, 1), (8, 1), (7, 1), ink=GREY),
        event=_heading(Face.BOLD, (31, 2), (25, 3), (20, 3), (17, 4)),
        performance=_style(Face.MEDIUM, (13, 1), (12, 2), (10, 2)),
        eyebrow=_style(Face.REGULAR, (9, 1), (7, 1), ink=GREY),
        date=_style(Face.SEMIBOLD, (16, 1), (14, 1), (12, 1), (9, 1), leading=1.25),
        validity=_heading(Face.BOLD, (24, 2), (20, 2), (16, 3)),
        clock=_style(Face.BOLD, (44, 1), leading=1.18),
        name=_style(Face.REGULAR, (8, 1), (7, 1), (6, 1), ink=GREY),
        value=_style(Face.SEMIBOLD, (15, 1), (12, 2), (10, 2), (8, 3), leading=1.22),
        reference=_style(Face.MONO, (21, 1), (12, 1), align=Align.CENTER),
        date_style=DateStyle.FULL,
    )


def _a6() -> _Design:
    return _Design(
        width=105 * MM,
        height=148 * MM,
        margin=8 * MM,
        venue=_style(Face.SEMIBOLD, (10, 1), (8.5, 1), (7, 2)),
        address=_style(Face.REGULAR, (7.5, 1), (7, 2), (6, 2), ink=GREY),
        small=_style(Face.REGULAR, (7, 1), (6, 1), ink=GREY),
        event=_heading(Face.BOLD, (21, 2), (17, 2), (14, 3), (11.5, 4)),
        performance=_style(Face.MEDIUM, (9.5, 1), (8.5, 2), (7, 2)),
        eyebrow=_style(Face.REGULAR, (7.5, 1), (6, 1), ink=GREY),
        date=_style(Face.SEMIBOLD, (12, 1), (10.5, 1), (9, 2), leading=1.25),
        validity=_heading(Face.BOLD, (15, 2), (13, 2), (11, 2)),
        clock=_style(Face.BOLD, (29, 1), leading=1.18),
        name=_style(Face.REGULAR, (7, 1), (6, 1), ink=GREY),
        value=_style(Face.SEMIBOLD, (11, 1), (9, 2), (7.5, 3), leading=1.22),
        reference=_style(Face.MONO, (16, 1), (10, 1), align=Align.CENTER),
        date_style=DateStyle.MEDIUM,
    )


class TicketLayout:
    """Lays out tickets on one paper; build once, use for a whole batch."""

    def __init__(self, setter: Typesetter, paper: Paper) -> None:
        self._setter = setter
        self._paper = paper
        self._design = _a4() if paper is Paper.A4 else _a6()

    @property
    def margin(self) -> float:
        """Nothing is printed nearer than this to the edge of the paper (points)."""
        return self._design.margin

    def __call__(self, ticket: TicketPrint) -> Sheet:
        """The page of one ticket."""
        flow = self._flow(self._design.margin, self._design.margin)
        if ticket.practice:
            self._mark(flow, ticket)
        self._header(flow, ticket)
        if self._paper is Paper.A4:
            self._a4_body(flow, ticket)
        else:
            self._a6_body(flow, ticket)
        return Sheet(self._design.width, self._design.height, tuple(flow.boxes))

    def _flow(self, x: float, top: float, width: float | None = None) -> Flow:
        return Flow(self._setter, x, top, width or self._design.width - self._design.margin - x)

    def _mark(self, flow: Flow, ticket: TicketPrint) -> None:
        top = self._design.margin
        height = 130 * MM if self._paper is Paper.A4 else self._design.height - 2 * top
        line = Labels(ticket.language)("practice")
        room = (flow.width**2 + height**2) ** 0.5 * 0.82
        size = min(110.0, room / max(self._setter.width(line, Face.BOLD, 1), 0.1))
        flow.boxes.append(MarkBox(flow.x, top, flow.width, height, line, Face.BOLD, size))

    def _header(self, flow: Flow, ticket: TicketPrint) -> None:
        """Venue and address; at most 60 points high on A4, 46 on A6."""
        design = self._design
        place = flow.fit(words.place_words(ticket), design.small, flow.width / 3)
        taken = max((self._setter.width(line, Face.REGULAR, place.size) for line in place.lines), default=0.0)
        if place.lines:
            flow.put(place, design.small, flow.x + flow.width - taken, taken)
        room = flow.width - (taken + 12 if taken else 0)
        left = self._flow(flow.x, flow.top, room)
        left.text(ticket.venue.name, design.venue)
        left.text(ticket.venue.address, design.address)
        flow.boxes += left.boxes
        flow.top = max(left.top, flow.top + len(place.lines) * place.size * design.small.leading) + 6
        flow.rule(1.0)

    def _title(self, flow: Flow, ticket: TicketPrint) -> None:
        flow.text(ticket.event if self._setter.clean(ticket.event) else ticket.product, self._design.event)
        if ticket.performance and ticket.performance != ticket.event:
            flow.gap(3)
            flow.text(ticket.performance, self._design.performance)

    def _fields(self, flow: Flow, ticket: TicketPrint, columns: int, bottom: float) -> None:
        """A table of names and values; rows that would reach below `bottom` are left out, the last first."""
        fields = [field for field in words.fields_of(ticket) if self._setter.clean(field.value)]
        gap = 12.0
        width = (flow.width - gap * (columns - 1)) / columns
        for start in range(0, len(fields), columns):
            row = fields[start : start + columns]
            cells = []
            for index, field in enumerate(row):
                span = columns - index if index == len(row) - 1 else 1
                x, room = flow.x + index * (width + gap), width * span + gap * (span - 1)
                cells.append(self._cell(x, flow.top, room, field))
            lowest = max(cell.top for cell in cells)
            if lowest > bottom:
                return
            for cell in cells:
                flow.boxes += cell.boxes
            flow.top = lowest + 7

    def _cell(self, x: float, top: float, width: float, field: words.TicketField) -> Flow:
        cell = self._flow(x, top, width)
        cell.text(field.name, self._design.name)
        cell.text(field.value, self._design.value)
        cell.text(field.below, self._design.name)
        return cell

    def _a4_body(self, flow: Flow, ticket: TicketPrint) -> None:
        design, top = self._design, flow.top + 16
        side = 62 * MM
        left = self._flow(flow.x, top, flow.width - side - 18)
        self._title(left, ticket)
        left.gap(13)
        self._a4_when(left, ticket)
        right = self._flow(flow.x + flow.width - side + QUIET * side, top - QUIET * side + 4, side)
        self._qr(right, ticket)
        order = f"{Labels(ticket.language)('order')} {ticket.order}"
        self._below_qr(right, order, _style(Face.REGULAR, (9, 1), (7, 1), align=Align.CENTER, ink=GREY))
        flow.boxes += left.boxes + right.boxes
        flow.top = max(left.top + 14, right.top + 10, 325.0)
        flow.rule(0.6)
        flow.gap(8)
        self._fields(flow, ticket, columns=4, bottom=design.height * 0.6)
        if ticket.concession:
            self._concession(flow, ticket, 22, 11)
        if words.print_words(ticket):
            flow.text(words.print_words(ticket), _style(Face.SEMIBOLD, (9, 1), (8, 2)))
        flow.top = max(flow.top + 10, design.height / 2)
        self._a4_notes(flow, ticket)

    def _a4_when(self, flow: Flow, ticket: TicketPrint) -> None:
        design, when = self._design, words.when_of(ticket, self._design.date_style)
        if not when.clock:
            flow.text(when.eyebrow, design.eyebrow)
            flow.text(words.capital(when.headline), design.validity)
            flow.text(when.note, _style(Face.MEDIUM, (11, 1), (9, 2)))
            return
        flow.text(when.headline, design.date)
        clock = flow.fit(when.clock, design.clock)
        taken = self._setter.width(when.clock, design.clock.face, clock.size)
        if when.note:
            note = self._flow(flow.x + taken + 14, flow.top + clock.size * 0.49, flow.width - taken - 14)
            note.text(when.note, _style(Face.MEDIUM, (13, 1), (10, 1)))
            flow.boxes += note.boxes
        flow.put(clock, design.clock, flow.x, taken)
        flow.top += clock.size * design.clock.leading

    def _qr(self, flow: Flow, ticket: TicketPrint) -> None:
        flow.boxes.append(QrBox(flow.x, flow.top, flow.width, ticket.code))
        flow.top += flow.width
        self._below_qr(flow, ticket.reference, self._design.reference)

    def _below_qr(self, flow: Flow, text: str, style: Style) -> None:
        """A line as wide as what is dark in the symbol above it."""
        inner = self._flow(flow.x + QUIET * flow.width, flow.top, flow.width * (1 - 2 * QUIET))
        inner.text(text, style)
        flow.boxes += inner.boxes
        flow.top = inner.top

    def _concession(self, flow: Flow, ticket: TicketPrint, height: float, size: float) -> None:
        line = Labels(ticket.language)("please_show", what=ticket.concession)
        style = _style(Face.SEMIBOLD, (size, 1), (size * 0.8, 1), (size * 0.65, 1))
        fitted = flow.fit(line, style, flow.width - 16)
        taken = self._setter.width(fitted.lines[0], Face.SEMIBOLD, fitted.size) + 20
        flow.boxes.append(
            FrameBox(
                flow.x, flow.top, min(taken, flow.width), height, fitted.lines[0], Face.SEMIBOLD, fitted.size,
                filled=False,
            )
        )  # fmt: skip
        flow.top += height + 6

    def _a4_notes(self, flow: Flow, ticket: TicketPrint) -> None:
        """The lower half: below the fold, what the venue wants said and how the ticket is used."""
        flow.boxes.append(RuleBox(flow.x, flow.top, flow.width, 0.5, 2.5))
        flow.gap(22)
        if ticket.practice:
            self._practice_bar(flow, ticket, 26, 12)
            flow.gap(16)
        flow.text(Labels(ticket.language)("good_to_know"), _style(Face.SEMIBOLD, (12, 1)))
        flow.gap(6)
        body = _style(Face.REGULAR, (9.5, 4), leading=1.45)
        column = self._flow(flow.x, flow.top, flow.width * 0.72)
        for note in words.notes_of(ticket):
            column.text(note, body)
            column.gap(5)
        room = self._design.height - self._design.margin - column.top
        steps = [(size, int(room // (size * 1.45))) for size in (9.5, 8.0)]
        column.text(ticket.footer, _style(Face.REGULAR, *steps, leading=1.45))
        flow.boxes += column.boxes

    def _practice_bar(self, flow: Flow, ticket: TicketPrint, height: float, size: float) -> None:
        line = Labels(ticket.language)("practice_ticket")
        flow.boxes.append(FrameBox(flow.x, flow.top, flow.width, height, line, Face.BOLD, size))
        flow.top += height

    def _a6_body(self, flow: Flow, ticket: TicketPrint) -> None:
        design = self._design
        flow.gap(8)
        self._title(flow, ticket)
        flow.gap(6)
        self._a6_when(flow, ticket)
        flow.top = max(flow.top + 6, 172.0)
        flow.rule(0.6)
        foot = design.height - design.margin - 34
        below = design.reference.steps[0].size * design.reference.leading
        side = min(49 * MM, foot - flow.top - below)
        left = self._flow(flow.x - QUIET * side, flow.top, side)
        self._qr(left, ticket)
        right = self._flow(flow.x + side, flow.top + QUIET * side - 2, flow.width - side)
        self._fields(right, ticket, columns=1, bottom=foot)
        flow.boxes += left.boxes + right.boxes
        flow.top = foot
        self._a6_foot(flow, ticket)

    def _a6_when(self, flow: Flow, ticket: TicketPrint) -> None:
        design, when = self._design, words.when_of(ticket, self._design.date_style)
        if not when.clock:
            flow.text(when.eyebrow, design.eyebrow)
            flow.text(words.capital(when.headline), design.validity)
            flow.text(when.note, design.small)
            return
        clock = flow.fit(when.clock, design.clock)
        taken = self._setter.width(when.clock, design.clock.face, clock.size)
        flow.put(clock, design.clock, flow.x, taken)
        beside = self._flow(flow.x + taken + 12, flow.top + 3, flow.width - taken - 12)
        beside.text(when.headline, design.date)
        beside.text(when.note, _style(Face.MEDIUM, (9, 1), (7.5, 1)))
        flow.boxes += beside.boxes
        flow.top = max(flow.top + clock.size * design.clock.leading, beside.top)

    def _a6_foot(self, flow: Flow, ticket: TicketPrint) -> None:
        """The last 34 points: the concession or the practice bar, then one small line."""
        if ticket.practice:
            self._practice_bar(flow, ticket, 18, 9)
            flow.gap(4)
        elif ticket.concession:
            self._concession(flow, ticket, 18, 9)
        else:
            flow.gap(22)
        order = f"{Labels(ticket.language)('order')} {ticket.order}"
        line = " · ".join(part for part in (order, words.print_words(ticket)) if part)
        flow.text(line, self._design.small)
