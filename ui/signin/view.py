"""The sign-in screen: tiles of people at first, then the PIN pad for the one who was chosen."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from ui.messages import value_words
from ui.signin.presenter import PersonTile, SignInPresenter
from ui.style import paint, tokens
from ui.style.theme import current_colors
from ui.widgets.buttons import Button, PaintedButton
from ui.widgets.cards import Panel, ScrollColumn
from ui.widgets.flow import FlowGrid
from ui.widgets.labels import PlainLabel
from ui.widgets.pads import PinPad
from ui.widgets.states import BusyBar, EmptyState

_NARROW = 420


class PersonButton(PaintedButton):
    """A person: avatar, name, roles."""

    def __init__(self, person: PersonTile, roles: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.person = person
        self._roles = roles
        self.setText(person.name)
        self.setAccessibleName(f"{person.name}, {roles}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(240, 88)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        fill = c.pressed if self.isDown() else c.hover if self.hovered else c.surface
        paint.box(painter, rect, fill, c.line_strong if self.hovered else c.line, tokens.RADIUS_LARGE)
        spot = QRectF(16, rect.center().y() - 24, 48, 48)
        draw_avatar(painter, spot, self.person)
        room = rect.adjusted(80, 0, -12, 0)
        middle = rect.center().y()
        painter.setFont(paint.sized(self.font(), tokens.BODY, tokens.BOLD))
        paint.text(painter, QRectF(room.left(), middle - 23, room.width(), 24), self.text(), c.text)
        painter.setFont(paint.sized(self.font(), tokens.SMALL))
        paint.text(painter, QRectF(room.left(), middle + 1, room.width(), 20), self._roles, c.text_muted)
        if self.hasFocus():
            paint.focus_ring(painter, rect, c.focus, tokens.RADIUS_LARGE)


def draw_avatar(painter: QPainter, spot: QRectF, person: PersonTile) -> None:
    """Initials on a quiet ground."""
    c = current_colors()
    paint.box(painter, spot, c.accent_soft, None, spot.height() / 2)
    pixels = tokens.BODY if spot.height() < 60 else tokens.TITLE
    painter.setFont(paint.sized(painter.font(), pixels, tokens.BOLD))
    paint.text(painter, spot, person.initials, c.on_accent_soft, paint.CENTER)


class _Avatar(QWidget):
    """The large avatar above the PIN pad."""

    def __init__(self) -> None:
        super().__init__()
        self.person: PersonTile | None = None
        self.setFixedSize(72, 72)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.person is not None:
            draw_avatar(paint.begin(self), QRectF(self.rect()), self.person)


class SignInScreen(QWidget):
    """The widget behind `SignInView`; covers the whole window."""

    def __init__(
        self,
        presenter: SignInPresenter,
        station: str,
        language: str,
        parent: QWidget | None = None,
        *,
        hint: str = "",
    ) -> None:
        """`hint` stands below the screen for everybody to read: only a demo has one."""
        super().__init__(parent)
        self._presenter = presenter
        self._demo = PlainLabel(hint, size="small", tone="muted", wrap=True)
        self._demo.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._demo.setVisible(bool(hint))
        self._station, self._language = station, language
        self._tiles: list[PersonButton] = []
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("surface", "canvas")
        self._build_ui()
        self.pad.entered.connect(presenter.enter)
        self._back.clicked.connect(presenter.back)
        presenter.attach(self)

    def _build_ui(self) -> None:
        self._pages = QStackedWidget()
        self._pages.addWidget(self._build_people())
        self._pages.addWidget(self._build_pin())
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.addWidget(self._pages, 1)
        column.addWidget(self._demo)

    def _build_people(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.space(1))
        column.addStretch(1)
        column.addWidget(PlainLabel(self._station, tone="muted", align=Qt.AlignmentFlag.AlignHCenter))
        who = PlainLabel(self.tr("Who is here?"), size="display", weight=tokens.BOLD)
        who.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(who)
        column.addSpacing(tokens.space(2))
        self._scroll = ScrollColumn()
        holder = QWidget()
        holder.setProperty("surface", "clear")
        self._grid = FlowGrid(holder, cell_width=240)
        self._scroll.column.addWidget(holder)
        self._scroll.setMaximumWidth(796)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self._scroll, 100)
        line.addStretch(1)
        column.addLayout(line, 4)
        self._nobody = EmptyState(
            "users-round",
            self.tr("Nobody can sign in here yet"),
            self.tr("An admin gives people a PIN on this station."),
        )
        self._nobody.hide()
        column.addWidget(self._nobody, 4)
        self._people_refusal = PlainLabel(tone="refuse", wrap=True, align=Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._people_refusal)
        return page

    def _build_pin(self) -> QWidget:
        page = QWidget()
        card = Panel("card", margin=4, gap=1)
        card.setFixedWidth(_NARROW)
        self._avatar = _Avatar()
        self._name = PlainLabel(size="title", weight=tokens.BOLD, elide=True)
        self._name.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._hint = PlainLabel(self.tr("Type your PIN"), tone="muted", wrap=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._hint.setMinimumHeight(44)
        self.pad = PinPad(least=4, most=12)
        self._busy = BusyBar()
        self._back = Button(self.tr("Somebody else"), "quiet", icon="arrow-left", key="Esc")
        card.column.addWidget(self._avatar, 0, Qt.AlignmentFlag.AlignHCenter)
        card.column.addWidget(self._name)
        card.column.addWidget(self._hint)
        card.column.addWidget(self.pad, 1)
        card.column.addWidget(self._busy)
        card.column.addWidget(self._back)
        card.setMaximumHeight(640)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addStretch(1)
        column.addWidget(card, 100, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return page

    def show_people(self, people: Sequence[PersonTile]) -> None:
        """See `SignInView`."""
        self._grid.clear()
        self._tiles = []
        for person in people:
            roles = ", ".join(value_words("role", role, self._language) for role in person.roles)
            tile = PersonButton(person, roles)
            tile.clicked.connect(self._chosen)
            self._tiles.append(tile)
            self._grid.addWidget(tile)
        self._scroll.setVisible(bool(people))
        self._nobody.setVisible(not people)
        self._pages.setCurrentIndex(0)
        if self._tiles:
            self._tiles[0].setFocus()

    def show_pin(self, person: PersonTile) -> None:
        """See `SignInView`."""
        self._avatar.person = person
        self._avatar.update()
        self._name.set_text(person.name)
        self.pad.clear()
        self._pages.setCurrentIndex(1)
        self.pad.setFocus()

    def show_busy(self, *, busy: bool) -> None:
        """See `SignInView`."""
        self.pad.setEnabled(not busy)
        self._back.setEnabled(not busy)
        if busy:
            self._busy.start()
        else:
            self._busy.stop()
            self.pad.setFocus()

    def show_refusal(self, title: str, advice: str, *, locked: bool) -> None:
        """See `SignInView`."""
        words = " · ".join(part for part in (title, advice) if part)
        self._people_refusal.set_text(words)
        self._hint.set_text(words or self.tr("Type your PIN"))
        self._hint.set_tone("refuse" if words else "muted")
        self.pad.setEnabled(not locked)
        self.pad.clear(bad=bool(words))
        if self._pages.currentIndex() == 1 and not locked:
            self.pad.setFocus()

    def refusal(self) -> str:
        """The words shown, for tests and screen readers."""
        return self._people_refusal.whole_text()

    def tiles(self) -> list[PersonButton]:
        """The people shown."""
        return list(self._tiles)

    def _chosen(self) -> None:
        tile = self.sender()
        if isinstance(tile, PersonButton):
            self._presenter.choose(tile.person.user_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key)
        if key == Qt.Key.Key_Escape and self._pages.currentIndex() == 1:
            self._presenter.back()
        elif self._pages.currentIndex() == 0 and key in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            columns = self._grid.columns(self._grid.geometry().width())
            self._move(columns if key == Qt.Key.Key_Down else -columns)
        elif self._pages.currentIndex() == 0 and step is not None:
            self._move(step)
        else:
            super().keyPressEvent(event)

    def _move(self, step: int) -> None:
        focused = next((place for place, tile in enumerate(self._tiles) if tile.hasFocus()), 0)
        if self._tiles:
            place = min(max(focused + step, 0), len(self._tiles) - 1)
            self._tiles[place].setFocus(Qt.FocusReason.TabFocusReason)
            self._scroll.ensureWidgetVisible(self._tiles[place])

    def hideEvent(self, event: QHideEvent) -> None:
        self.pad.clear()
        super().hideEvent(event)
