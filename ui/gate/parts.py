"""Parts of the gate screen: what listens, the numbers, and the rows of the last scans."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.services.facade import DeviceStatus
from ui.gate import words
from ui.gate.model import Numbers, ScanLineModel
from ui.gate.wrap import WrapRow
from ui.style import paint, tokens
from ui.style.icons import draw_icon
from ui.style.theme import current_colors
from ui.widgets.buttons import Button, PaintedButton
from ui.widgets.cards import Card, ScrollColumn
from ui.widgets.flow import FlowGrid
from ui.widgets.labels import Pill, PlainLabel

SIGN_ICONS = {
    "admit": "circle-check",
    "refuse": "octagon-x",
    "attention": "triangle-alert",
    "info": "arrow-right",
}
KEYBOARD = DeviceStatus("keyboard", "listening")
GATE_DEVICES = ("camera", "scanner", "keyboard", "turnstile")


class Listening(QWidget):
    """One pill per device that this gate has: who listens, who is lost."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = WrapRow(self)
        self._pills = {name: Pill("", parent=self) for name in GATE_DEVICES}
        for pill in self._pills.values():
            self._row.addWidget(pill)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.show_devices(())

    def show_devices(self, statuses: Sequence[DeviceStatus]) -> None:
        """The keyboard always listens while the page is shown; devices that are not set up are left out."""
        states = {status.device: status for status in (*statuses, KEYBOARD)}
        for name, pill in self._pills.items():
            status = states.get(name)
            shown = status is not None and status.state != "none"
            pill.setVisible(shown)
            if status is not None and shown:
                pill.set(*words.device_words(status))
        self.updateGeometry()

    def texts(self) -> list[str]:
        """What is shown, for people who listen to the screen and for tests."""
        return [pill.text() for pill in self._pills.values() if not pill.isHidden()]


class NumberCell(QWidget):
    """A count: its name, the number at this gate, and beneath it the number of all gates."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._number, self._beneath = name, "–", ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_count(self, here: int, everywhere: int) -> None:
        """Show both numbers; all gates only where they say something else."""
        self._number = str(here)
        self._beneath = "" if here == everywhere else self.tr("{n} in all").format(n=everywhere)
        self.setAccessibleName(f"{self._name} {self._number} {self._beneath}".strip())
        self.update()

    def texts(self) -> tuple[str, str, str]:
        """Name, number, line beneath."""
        return self._name, self._number, self._beneath

    def sizeHint(self) -> QSize:
        return QSize(88, 64)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        painter.setFont(paint.sized(self.font(), tokens.SMALL, tokens.MEDIUM))
        paint.text(painter, QRectF(0, 0, rect.width(), 18), self._name, c.text_soft)
        number = paint.sized(self.font(), tokens.TITLE + 4, tokens.BOLD)
        number.setFeature(QFont.Tag("tnum"), 1)
        painter.setFont(number)
        paint.text(painter, QRectF(0, 18, rect.width(), 28), self._number, c.text)
        painter.setFont(paint.sized(self.font(), tokens.SMALL))
        paint.text(painter, QRectF(0, 46, rect.width(), 18), self._beneath, c.text_muted)


class NumbersCard(Card):
    """Inside, admitted, expected, last minute, refused."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent, margin=1.5)
        self._holder = QWidget()
        self._grid = FlowGrid(self._holder, cell_width=88, gap=1)
        self.inside = NumberCell(self.tr("Inside"))
        self.admitted = NumberCell(self.tr("Let in"))
        self.expected = NumberCell(self.tr("Expected"))
        self.last_minute = NumberCell(self.tr("Last minute"))
        self.refused = NumberCell(self.tr("Refused"))
        for cell in (self.inside, self.admitted, self.expected, self.last_minute, self.refused):
            self._grid.addWidget(cell)
        self.column.addWidget(self._holder)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        margins = self.column.contentsMargins()
        wide = self.width() - margins.left() - margins.right()
        self._holder.setFixedHeight(self._grid.heightForWidth(wide))

    def show_numbers(self, numbers: Numbers) -> None:
        """Fill the cells."""
        here, everywhere = numbers.here, numbers.everywhere
        self.inside.show_count(here.inside, everywhere.inside)
        self.admitted.show_count(here.admitted, everywhere.admitted)
        self.expected.show_count(here.expected, everywhere.expected)
        self.last_minute.show_count(here.last_minute, everywhere.last_minute)
        self.refused.show_count(here.refused, everywhere.refused)


class ScanRowButton(PaintedButton):
    """One of the last scans: sign, word and time, product and reference; a struck word was undone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row: ScanLineModel | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_row(self, row: ScanLineModel) -> None:
        """Show this scan."""
        self.row = row
        self.setText(row.word)
        undone = self.tr("undone") if row.undone else ""
        self.setAccessibleName(
            " ".join(filter(None, (row.when, row.word, row.product, row.reference, undone)))
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 56)

    def paintEvent(self, event: QPaintEvent) -> None:
        row = self.row
        if row is None:
            return
        c = current_colors()
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        if self.hovered or self.isDown():
            paint.box(painter, rect, c.pressed if self.isDown() else c.hover)
        tint = c.meaning("neutral" if row.undone else row.meaning)
        spot = QRectF(8, rect.center().y() - 16, 32, 32)
        paint.box(painter, spot, tint.soft, None, 16)
        icon = "undo-2" if row.undone else SIGN_ICONS[row.meaning]
        draw_icon(painter, icon, tint.on_soft, spot.adjusted(7, 7, -7, -7))
        room = QRectF(48, 0, rect.width() - 56, rect.height())
        middle = room.center().y()
        painter.setFont(paint.sized(self.font(), tokens.SMALL))
        wide = QFontMetrics(painter.font()).horizontalAdvance(row.when) + 4
        upper, lower = (
            QRectF(room.left(), middle - 22, room.width(), 22),
            QRectF(room.left(), middle, room.width(), 20),
        )
        paint.text(painter, upper, row.when, c.text_muted, paint.RIGHT)
        beneath = [self.tr("undone") if row.undone else "", row.product, row.reference]
        paint.text(painter, lower, " · ".join(part for part in beneath if part), c.text_muted)
        word = paint.sized(self.font(), tokens.BODY, tokens.MEDIUM)
        word.setStrikeOut(row.undone)
        painter.setFont(word)
        upper.setRight(upper.right() - wide - 8)
        paint.text(painter, upper, row.word, c.text_muted if row.undone else c.text)
        if self.hasFocus():
            paint.focus_ring(painter, rect, c.focus)


class ScansCard(Card):
    """The last scans, newest first. `chosen` opens one; `undo_wanted` means the newest admission."""

    chosen = Signal(object)
    undo_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent, margin=1)
        self.heading.hide()
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 0, 0)
        head.addWidget(PlainLabel(self.tr("Last scans"), weight=tokens.BOLD, elide=True), 1)
        self.undo = Button(self.tr("Undo"), "quiet", icon="undo-2")
        self.undo.setToolTip(self.tr("Take back the last admission") + " (Ctrl+Z)")
        self.undo.clicked.connect(self.undo_wanted)
        head.addWidget(self.undo)
        self.column.addLayout(head)
        self._empty = PlainLabel(self.tr("Nobody was scanned here yet."), tone="muted", wrap=True)
        self._empty.setContentsMargins(8, 0, 8, 8)
        self.column.addWidget(self._empty)
        self._scroll = ScrollColumn(gap=0)
        self.column.addWidget(self._scroll, 1)
        self.column.setSpacing(tokens.space(0.5))
        self._rows: list[ScanRowButton] = []
        self.show_rows(())

    def show_rows(self, rows: Sequence[ScanLineModel]) -> None:
        """Show these; buttons are kept and filled anew."""
        while len(self._rows) < len(rows):
            button = ScanRowButton()
            button.clicked.connect(self._pressed)
            self._rows.append(button)
            self._scroll.column.addWidget(button)
        for button, row in zip(self._rows, rows, strict=False):
            button.show_row(row)
        for place, button in enumerate(self._rows):
            button.setVisible(place < len(rows))
        self._empty.setVisible(not rows)
        self._scroll.setVisible(bool(rows))
        self.undo.setEnabled(any(row.undoable for row in rows))

    def shown(self) -> list[ScanLineModel]:
        """The rows on screen."""
        return [button.row for button in self._rows if button.row is not None and not button.isHidden()]

    def _pressed(self) -> None:
        button = self.sender()
        if isinstance(button, ScanRowButton) and button.row is not None:
            self.chosen.emit(button.row)


class Stage(QWidget):
    """The middle of the screen: one of two things fills it, the camera while nobody stands here, else the
    verdict."""

    def __init__(self, idle: QWidget, verdict: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._idle, self._verdict = idle, verdict
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(idle)
        column.addWidget(verdict)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.show_idle(camera=False)

    def show_idle(self, *, camera: bool) -> None:
        """The camera's picture where there is a camera, else the calm panel."""
        self._idle.setVisible(camera)
        self._verdict.setVisible(not camera)

    def show_verdict(self) -> None:
        """The verdict fills everything."""
        self._idle.hide()
        self._verdict.show()


class IdlePanel(Card):
    """The camera large, and beneath it what to do."""

    def __init__(self, camera: QWidget, parent: QWidget | None = None) -> None:
        super().__init__("", parent, margin=2)
        self.heading.hide()
        center = Qt.AlignmentFlag.AlignCenter
        self.word = PlainLabel(size="display", weight=tokens.BOLD, align=center)
        self.hold = PlainLabel(size="title", tone="soft", wrap=True, align=center)
        self.mode = Pill("", "info")
        self.column.addWidget(camera, 1)
        self.column.addWidget(self.word)
        self.column.addWidget(self.hold)
        self.column.addWidget(self.mode, 0, center)

    def show_words(self, word: str, hold: str, mode: str) -> None:
        """Word, what to do, and the mode if it is not plain entry."""
        self.word.set_text(word)
        self.hold.set_text(hold)
        self.mode.set(mode, "info", "info")
        self.mode.setVisible(bool(mode))
