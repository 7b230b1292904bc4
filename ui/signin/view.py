"""The sign-in screen: tiles of people, the PIN pad for the chosen one, fields for a password or a code."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from domain.errors import GatehouseError
from ui.messages import sentence, value_words
from ui.signin.form import SignInForm
from ui.signin.presenter import PersonTile, SignInPresenter, Step
from ui.style import paint, tokens
from ui.style.theme import current_colors
from ui.widgets.buttons import Button, PaintedButton
from ui.widgets.cards import Panel, ScrollColumn
from ui.widgets.flow import FlowGrid
from ui.widgets.labels import PlainLabel
from ui.widgets.pads import PinPad
from ui.widgets.states import BusyBar, EmptyState

_NARROW = 420
_PIN = 1
"""The page with the pad, in the stack."""


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
        practise: Callable[[], None] | None = None,
    ) -> None:
        """`hint` stands below the screen for everybody to read: a demo and practice have one. `practise`
        opens the practice venue; None where there is none to open."""
        super().__init__(parent)
        self._presenter = presenter
        self._practise = practise
        self._demo = PlainLabel(hint, size="small", tone="muted", wrap=True)
        self._demo.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._demo.setVisible(bool(hint))
        self._station, self._language = station, language
        self._tiles: list[PersonButton] = []
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("surface", "canvas")
        self._says = ""
        self._build_ui()
        self.pad.entered.connect(presenter.enter)
        self._back.clicked.connect(presenter.back)
        self.first_time.clicked.connect(presenter.first_time)
        self.have_code.clicked.connect(presenter.have_code)
        self.form.password_given.connect(presenter.give_password)
        self.form.code_given.connect(presenter.give_code)
        self.form.back_wanted.connect(presenter.back)
        presenter.attach(self)

    def _build_ui(self) -> None:
        self._pages = QStackedWidget()
        self._pages.addWidget(self._build_people())
        self._pages.addWidget(self._build_pin())
        self.form = SignInForm()
        self._pages.addWidget(self.form)
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
            self.tr(
                "An admin invites people. The very first one of an organization is added here by “gatehouse "
                "user first”."
            ),
        )
        self._nobody.hide()
        column.addWidget(self._nobody, 4)
        self._people_refusal = PlainLabel(tone="refuse", wrap=True, align=Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._people_refusal)
        column.addLayout(self._build_others())
        return page

    def _build_others(self) -> QHBoxLayout:
        self.first_time = Button(self.tr("Somebody else"), "secondary", icon="log-in")
        self.have_code = Button(self.tr("I have a code"), "quiet", icon="key-round")
        line = QHBoxLayout()
        line.setSpacing(tokens.space(1))
        line.addStretch(1)
        line.addWidget(self.first_time)
        line.addWidget(self.have_code)
        self.practise = Button(self.tr("Practise"), "quiet", icon="drama")
        self.practise.setVisible(self._practise is not None)
        self.practise.clicked.connect(self._start_practice)
        line.addWidget(self.practise)
        line.addStretch(1)
        return line

    def _start_practice(self) -> None:
        if self._practise is None:
            return
        try:
            self._practise()
        except GatehouseError as error:
            words = sentence(error.code, error.params, self._language)
            self._people_refusal.set_tone("refuse")
            self._people_refusal.set_text(f"{words.title} · {words.advice}")
        else:
            self._people_refusal.set_tone("muted")
            self._people_refusal.set_text(self.tr("Practice opens in a window of its own."))

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
            self._tiles[0].show()  # what is hidden until the next layout cannot take the keyboard
            self._tiles[0].setFocus()

    def show_pin(self, person: PersonTile, *, locked: bool) -> None:
        """See `SignInView`."""
        self._avatar.person = person
        self._avatar.update()
        self._avatar.show()
        self._name.set_text(person.name)
        self._says = (
            self.tr("Locked. Your PIN brings everything back.") if locked else self.tr("Type your PIN")
        )
        self._back.set_text(self.tr("Switch user") if locked else self.tr("Somebody else"))
        self._back.set_icon("users-round" if locked else "arrow-left")
        self._show_pad()

    def show_new_pin(self, name: str, *, again: bool) -> None:
        """See `SignInView`."""
        self._avatar.hide()
        self._name.set_text(name)
        first = self.tr("Choose a PIN for this station: 4 to 12 figures")
        self._says = self.tr("The same PIN once more") if again else first
        self._back.set_text(self.tr("Back"))
        self._back.set_icon("arrow-left")
        self._show_pad()

    def show_form(self, step: Step, person: PersonTile | None) -> None:
        """See `SignInView`."""
        self._pages.setCurrentWidget(self.form)
        self.form.show_step(step, person)

    def show_busy(self, *, busy: bool) -> None:
        """See `SignInView`."""
        for part in (self.pad, self._back, self.form.back):
            part.setEnabled(not busy)
        self.form.set_open(to_type=not busy)
        for bar in (self._busy, self.form.busy):
            if busy:
                bar.start()
            else:
                bar.stop()
        if not busy and self._pages.currentIndex() == _PIN:
            self.pad.setFocus()

    def show_refusal(self, title: str, advice: str, *, locked: bool) -> None:
        """See `SignInView`."""
        words = " · ".join(part for part in (title, advice) if part)
        self._people_refusal.set_tone("refuse")
        self._people_refusal.set_text(words)
        self._hint.set_text(words or self._says)
        self._hint.set_tone("refuse" if words else "muted")
        self.form.show_words(words)
        self.form.set_open(to_type=not locked)
        self.pad.setEnabled(not locked)
        self.pad.clear(bad=bool(words))
        if self._pages.currentIndex() == _PIN and not locked:
            self.pad.setFocus()

    def _show_pad(self) -> None:
        self._hint.set_text(self._says)
        self._hint.set_tone("muted")
        self.pad.clear()
        self.form.clear_secrets()
        self._pages.setCurrentIndex(_PIN)
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
        if key == Qt.Key.Key_Escape and self._pages.currentIndex() != 0:
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
        self.form.clear_secrets()
        super().hideEvent(event)
