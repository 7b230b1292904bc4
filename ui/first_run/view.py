"""The first screen of all: three ways to begin, and a short form for two of them."""

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.services.invitations import Invitation
from domain.enrolment_codes import Taken
from ui.first_run.join_pages import CameraPage, LookPage
from ui.first_run.presenter import FirstRunPresenter, NewVenue, Step
from ui.gate.bridge import DeviceBridge
from ui.style import paint, tokens
from ui.style.icons import draw_icon
from ui.style.theme import current_colors
from ui.widgets.buttons import Button, PaintedButton
from ui.widgets.cards import Panel, ScrollColumn
from ui.widgets.fields import TextField
from ui.widgets.flow import Columns
from ui.widgets.labels import PlainLabel
from ui.widgets.states import BusyBar, InlineMessage

_STEPS: tuple[Step, ...] = ("choose", "new", "join", "camera", "look")


class ChoiceCard(PaintedButton):
    """One way to begin: icon, title, and what it means."""

    def __init__(self, icon: str, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._words = icon, text
        self.setText(title)
        self.setAccessibleName(f"{title}. {text}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        return QSize(264, 216)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 152)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        fill = c.pressed if self.isDown() else c.hover if self.hovered else c.surface
        paint.box(painter, rect, fill, c.line_strong if self.hovered else c.line, tokens.RADIUS_LARGE)
        room = rect.adjusted(24, 24, -24, -20)
        spot = QRectF(room.left(), room.top(), 48, 48)
        paint.box(painter, spot, c.accent_soft, None, 24)
        draw_icon(painter, self._icon, c.on_accent_soft, spot.adjusted(12, 12, -12, -12))
        room.setTop(spot.bottom() + 14)
        head = paint.fitting_font(
            self.font(),
            self.text(),
            QRectF(0, 0, room.width(), 52),
            tokens.TITLE,
            tokens.SMALL,
            tokens.BOLD,
            wrap=True,
        )
        high = paint.wrapped_height(head, self.text(), room.width())
        flags = (
            int(Qt.AlignmentFlag.AlignLeft) | int(Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
        )
        painter.setFont(head)
        painter.setPen(c.text)
        painter.drawText(QRectF(room.left(), room.top(), room.width(), high + 2), flags, self.text())
        room.setTop(room.top() + high + 6)
        painter.setFont(
            paint.fitting_font(self.font(), self._words, room, tokens.BODY, 11, tokens.REGULAR, wrap=True)
        )
        painter.setPen(c.text_soft)
        painter.drawText(room, flags, self._words)
        if self.hasFocus():
            paint.focus_ring(painter, rect, c.focus, tokens.RADIUS_LARGE)


class FirstRunScreen(QWidget):
    """The widget behind `FirstRunView`; covers the whole window."""

    def __init__(
        self,
        presenter: FirstRunPresenter,
        zone: str,
        currency: str,
        lang: str = "en",
        parent: QWidget | None = None,
    ) -> None:
        """`zone` and `currency` are proposals, from the system."""
        super().__init__(parent)
        self._presenter = presenter
        self._zone = zone
        self._bridge = DeviceBridge(self)
        self._fields: dict[str, TextField] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("surface", "canvas")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._build_choice())
        self._pages.addWidget(self._build_new(zone, currency))
        self._pages.addWidget(self._build_join())
        self.camera_page, self.look_page = CameraPage(), LookPage(lang)
        for page in (self.camera_page, self.look_page):
            self._pages.addWidget(self._framed(page))
        self._message = InlineMessage(closable=True)
        self._busy = BusyBar()
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 24)
        column.addWidget(self._busy)
        column.addWidget(self._message)
        column.addWidget(self._pages, 1)
        self._connect()
        presenter.attach(self)

    def _connect(self) -> None:
        presenter = self._presenter
        self.camera_page.back_wanted.connect(lambda: presenter.go("join"))
        self.look_page.back_wanted.connect(lambda: presenter.go("join"))
        self.look_page.join_wanted.connect(presenter.join)
        self._bridge.scanned.connect(presenter.take_code)
        self._bridge.changed.connect(presenter.camera_changed)
        self._bridge.framed.connect(self.camera_page.camera.show_frame)

    def _framed(self, card: Panel) -> QWidget:
        scroll = ScrollColumn()
        card.setMaximumWidth(720)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(card, 100)
        line.addStretch(1)
        scroll.column.addLayout(line)
        return scroll

    def _build_choice(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setSpacing(tokens.space(1))
        column.addStretch(1)
        head = PlainLabel(self.tr("Welcome to Gatehouse"), size="display", weight=tokens.BOLD, wrap=True)
        head.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(head)
        column.addWidget(
            PlainLabel(self.tr("How do you want to begin?"), tone="soft", align=Qt.AlignmentFlag.AlignHCenter)
        )
        column.addSpacing(tokens.space(3))
        demo = ChoiceCard(
            "play",
            self.tr("Start with demo data"),
            self.tr("A theatre, a museum and a ferry line, ready to sell and scan."),
        )
        new = ChoiceCard(
            "building-2",
            self.tr("New venue"),
            self.tr("Name, currency, time zone and the first admin. Two minutes."),
        )
        join = ChoiceCard(
            "link",
            self.tr("Join a venue"),
            self.tr("With the enrolment file or the QR codes that an admin gave you for this machine."),
        )
        demo.clicked.connect(self._presenter.demo)
        new.clicked.connect(lambda: self._presenter.go("new"))
        join.clicked.connect(lambda: self._presenter.go("join"))
        self.choices = (demo, new, join)
        row = Columns([(demo, 1), (new, 1), (join, 1)], stack_below=720)
        row.setMaximumWidth(920)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(row, 100)
        line.addStretch(1)
        column.addLayout(line)
        column.addStretch(2)
        return page

    def _form(self, title: str, text: str) -> tuple[QWidget, Panel]:
        scroll = ScrollColumn()
        card = Panel("card", margin=4, gap=2)
        card.setMaximumWidth(640)
        card.column.addWidget(PlainLabel(title, size="title", weight=tokens.BOLD, wrap=True))
        card.column.addWidget(PlainLabel(text, tone="soft", wrap=True))
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(card, 100)
        line.addStretch(1)
        scroll.column.addLayout(line)
        return scroll, card

    def _build_new(self, zone: str, currency: str) -> QWidget:
        page, card = self._form(
            self.tr("New venue"), self.tr("All of this can be changed later in the settings.")
        )
        secret = {"pin", "pin_again"}
        grid = QGridLayout()
        grid.setSpacing(tokens.space(2))
        for place, (name, label, text, hint) in enumerate(
            (
                ("organization", self.tr("Name of the venue"), "", ""),
                ("station", self.tr("Name of this station"), self.tr("Till 1"), ""),
                ("currency", self.tr("Currency"), currency, self.tr("Three letters, such as EUR.")),
                ("zone", self.tr("Time zone"), zone, self.tr("Such as Europe/Berlin.")),
                ("admin_name", self.tr("Name of the first admin"), "", ""),
                ("login", self.tr("Login"), "admin", ""),
                ("pin", self.tr("PIN"), "", self.tr("4 to 12 figures.")),
                ("pin_again", self.tr("PIN again"), "", ""),
            )
        ):
            field = TextField(label, text=text, hint=hint, secret=name in secret)
            self._fields[name] = field
            grid.addWidget(field, place // 2, place % 2, Qt.AlignmentFlag.AlignTop)
        card.column.addLayout(grid)
        make = Button(self.tr("Make the venue"), "primary")
        make.clicked.connect(self._make)
        card.column.addLayout(self._foot(make))
        return page

    def _build_join(self) -> QWidget:
        page, card = self._form(
            self.tr("Join a venue"),
            self.tr("The file is valid once and for a short time. It stays on this machine only."),
        )
        file = TextField(self.tr("Enrolment file"))
        self._fields["file"] = file
        choose = Button(self.tr("Choose…"), "secondary", icon="folder-open")
        choose.clicked.connect(self._choose_file)
        self.hold = Button(self.tr("Hold its codes to the camera"), "secondary", icon="scan-qr-code")
        self.hold.clicked.connect(self._open_camera)
        card.column.addWidget(file)
        ways = QHBoxLayout()
        ways.setSpacing(tokens.space(1))
        ways.addWidget(choose)
        ways.addWidget(self.hold)
        ways.addStretch(1)
        card.column.addLayout(ways)
        look = Button(self.tr("Go on"), "primary")
        look.clicked.connect(lambda: self._presenter.open_file(self._fields["file"].text()))
        card.column.addLayout(self._foot(look))
        return page

    def _open_camera(self) -> None:
        self._bridge.open()
        bridge = self._bridge
        self._presenter.open_camera(bridge.take_scan, bridge.take_frame, bridge.take_status)

    def _foot(self, forward: Button) -> QHBoxLayout:
        back = Button(self.tr("Back"), "quiet", icon="arrow-left")
        back.clicked.connect(lambda: self._presenter.go("choose"))
        foot = QHBoxLayout()
        foot.addWidget(back)
        foot.addStretch(1)
        foot.addWidget(forward)
        return foot

    def show_step(self, step: Step) -> None:
        """See `FirstRunView`."""
        self._pages.setCurrentIndex(_STEPS.index(step))
        focus: dict[Step, QWidget] = {
            "choose": self.choices[0], "new": self._fields["organization"], "join": self._fields["file"],
            "camera": self.camera_page.back, "look": self.look_page.join,
        }  # fmt: skip
        if step != "camera":
            self._bridge.close()
            self.camera_page.camera.clear()
        focus[step].setFocus()

    def show_codes(self, missing: list[int], of: int, said: Taken | None) -> None:
        """See `FirstRunView`."""
        self.camera_page.show_codes(missing, of, said)

    def show_camera(self, title: str, text: str) -> None:
        """See `FirstRunView`."""
        self.camera_page.show_trouble(title, text)

    def show_invitation(self, invitation: Invitation) -> None:
        """See `FirstRunView`."""
        self.look_page.show_invitation(invitation, self._zone)

    def show_busy(self, *, busy: bool) -> None:
        """See `FirstRunView`."""
        self._pages.setEnabled(not busy)
        if busy:
            self._busy.start()
        else:
            self._busy.stop()

    def show_refusal(self, field: str, words: str) -> None:
        """See `FirstRunView`."""
        if not words:
            self._message.hide()
            for known in self._fields.values():
                known.refuse("")
        elif field in self._fields:
            self._fields[field].refuse(words)
            self._fields[field].setFocus()
        else:
            self._message.show_message("refusal", words)

    def field(self, name: str) -> TextField:
        """A field by its name."""
        return self._fields[name]

    def _make(self) -> None:
        text = {name: field.text() for name, field in self._fields.items()}
        venue = NewVenue(
            organization=text["organization"],
            currency=text["currency"].upper(),
            zone=text["zone"],
            station=text["station"],
            login=text["login"],
            admin_name=text["admin_name"],
            pin=text["pin"],
        )
        self._presenter.make(venue, text["pin_again"])

    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Enrolment file"),
            str(Path.home()),
            self.tr(
                "Enrolment files and pictures of their codes (*.json *.enrol *.png *.jpg);;All files (*)"
            ),
        )
        if chosen:
            self._fields["file"].set_text(chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            deeper = self._pages.currentIndex() >= _STEPS.index("camera")
            self._presenter.go("join" if deeper else "choose")
            return
        super().keyPressEvent(event)
