"""The codes of an enrolment file, one after the other, large enough for the camera of another machine."""

from PySide6.QtCore import QRectF, QSize, QTimer, Signal
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.formats import format_datetime
from app.services.invitations import InvitationCodes, Matrix
from ui.style import paint, tokens
from ui.widgets.buttons import IconButton
from ui.widgets.labels import PlainLabel
from ui.widgets.side_panel import SidePanel

TURN_MS = 1600
"""How long each code stands: a camera needs a moment to find it."""
QUIET_MODULES = 4
WIDTH = 640


class CodeView(QWidget):
    """A QR symbol in black on white, whatever the theme, on whole pixels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._matrix: Matrix = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_code(self, matrix: Matrix) -> None:
        """Show this one."""
        self._matrix = matrix
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH - 64, WIDTH - 64)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 240)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = paint.begin(self)
        count = len(self._matrix) + 2 * QUIET_MODULES
        scale = self.devicePixelRatioF()
        module = max(1, int(min(self.width(), self.height()) * scale // count)) / scale
        side = module * count
        left, top = round((self.width() - side) / 2), round((self.height() - side) / 2)
        painter.setRenderHint(painter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(left, top, side, side), QColor("white"))
        for y, row in enumerate(self._matrix):
            for x, dark in enumerate(row):
                if dark:
                    place = QRectF(
                        left + (x + QUIET_MODULES) * module,
                        top + (y + QUIET_MODULES) * module,
                        module,
                        module,
                    )
                    painter.fillRect(place, QColor("black"))


class CodesPanel(SidePanel):
    """Turns the codes by itself; the arrows turn them by hand and stop that."""

    turned = Signal(int)

    def __init__(self, host: QWidget, lang: str) -> None:
        super().__init__(host, "", width=WIDTH)
        self._lang = lang
        self._codes: list[Matrix] = []
        self._at = 0
        self._timer = QTimer(self)
        self._timer.setInterval(TURN_MS)
        self._timer.timeout.connect(self._turn)
        self._build_ui()
        self.closed.connect(self._forget)

    def _build_ui(self) -> None:
        self.column.setContentsMargins(24, 16, 24, 16)
        self.about = PlainLabel(tone="soft", wrap=True)
        self.code = CodeView()
        self.place = PlainLabel(weight=tokens.MEDIUM)
        self.before = IconButton("chevron-left", self.tr("Code before"))
        self.after = IconButton("chevron-right", self.tr("Next code"))
        row = QHBoxLayout()
        row.addStretch(1)
        for part in (self.before, self.place, self.after):
            row.addWidget(part)
        row.addStretch(1)
        self.column.addWidget(self.about)
        self.column.addWidget(self.code, 1)
        self.column.addLayout(row)
        self.before.clicked.connect(lambda: self._step(-1))
        self.after.clicked.connect(lambda: self._step(1))

    def show_codes(self, shown: InvitationCodes, zone: str) -> None:
        """Open with these; times are of `zone`."""
        invitation = shown.invitation
        self.set_title(self.tr("Codes for “{name}”").replace("{name}", invitation.name))
        about = self.tr("On the new machine: Join a venue, then its camera. Valid once, until {time}.")
        self.about.set_text(about.replace("{time}", format_datetime(invitation.expires_at, zone, self._lang)))
        self._codes = list(shown.codes)
        several = len(self._codes) > 1
        for part in (self.before, self.after):
            part.setVisible(several)
        self._show(0)
        self.open_panel(self.after)
        if several:
            self._timer.start()

    def number(self) -> int:
        """Which code is on screen, from 1."""
        return self._at + 1

    def _turn(self) -> None:
        self._show(self._at + 1)

    def _step(self, by: int) -> None:
        self._timer.stop()
        self._show(self._at + by)

    def _show(self, at: int) -> None:
        if not self._codes:
            return
        self._at = at % len(self._codes)
        self.code.show_code(self._codes[self._at])
        words = self.tr("Code {number} of {all}").replace("{number}", str(self._at + 1))
        self.place.set_text(words.replace("{all}", str(len(self._codes))))
        self.turned.emit(self._at)

    def _forget(self) -> None:
        """Closed: nothing that opens a door to the hub stays on screen or in memory here."""
        self._timer.stop()
        self._codes = []
        self.code.show_code(())
