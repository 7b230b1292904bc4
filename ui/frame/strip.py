"""The top strip: where we are, how sync stands, which station, who, and what time it is."""

from datetime import datetime, tzinfo

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from ui.frame.model import ShellModel, SignedIn, SyncState
from ui.style import paint, tokens
from ui.style.icons import draw_icon, icon
from ui.style.theme import current_colors
from ui.widgets.buttons import PaintedButton
from ui.widgets.cards import Panel
from ui.widgets.labels import MeaningName, PlainLabel


class SyncBadge(PaintedButton):
    """live · offline since 12:04 · 12 waiting · 1 conflict; a press opens the sync page."""

    def __init__(self) -> None:
        super().__init__()
        self._words: list[str] = []
        self._meaning: MeaningName = "neutral"
        self._icon = "cloud"
        self._short = False
        self.setFont(paint.sized(self.font(), tokens.SMALL, tokens.BOLD))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def words(self, state: SyncState, zone: tzinfo, now: datetime) -> list[str]:
        """The parts, the most important first: "Offline since 12:04", "12 waiting", "1 conflict"."""
        if state.fetched_percent is not None:
            words = [self.tr("Fetching all: {share} %").format(share=state.fetched_percent)]
        elif state.mode == "live":
            words = [self.tr("Live")]
        elif state.mode == "alone":
            words = [self.tr("On its own")]
        elif state.mode == "waiting_for_hub":
            words = [self.tr("Hub is being upgraded")]
        elif state.since_at is None:
            words = [self.tr("Offline")]
        else:
            at = state.since_at.astimezone(zone)
            same_day = at.date() == now.astimezone(zone).date()
            shown = f"{at:%H:%M}" if same_day else f"{at:%d.%m. %H:%M}"
            words = [self.tr("Offline since {time}").format(time=shown)]
        if state.waiting:
            words.append(self.tr("%n waiting", "", state.waiting))
        if state.conflicts == 1:
            words.append(self.tr("1 conflict"))
        elif state.conflicts:
            words.append(self.tr("%n conflicts", "", state.conflicts))
        return words

    def show_state(self, state: SyncState, zone: tzinfo, now: datetime) -> None:
        """Show how sync stands."""
        self._words = self.words(state, zone, now)
        if state.conflicts:
            self._meaning, self._icon = "refuse", "triangle-alert"
        elif state.fetched_percent is not None:
            self._meaning, self._icon = "info", "download"
        elif state.mode == "live":
            self._meaning, self._icon = "admit", "cloud-check"
        elif state.mode == "alone":
            self._meaning, self._icon = "neutral", "monitor"
        else:
            self._meaning, self._icon = "attention", "cloud-off"
        whole = " · ".join(self._words)
        self.setText(whole)
        self.setAccessibleName(whole)
        self.setToolTip(whole)
        self.updateGeometry()
        self.update()

    def set_short(self, short: bool) -> None:
        """In a narrow window only the most important part is written out."""
        self._short = short
        self.updateGeometry()
        self.update()

    def shown_text(self) -> str:
        """The words as they are painted."""
        if self._short and len(self._words) > 1:
            return self._words[-1]
        return " · ".join(self._words)

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(self.font()).horizontalAdvance(self.shown_text()) + 50, tokens.TOUCH)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        meaning = c.meaning(self._meaning)
        painter = paint.begin(self)
        rect = QRectF(self.rect()).adjusted(0, 6, 0, -6)
        paint.box(painter, rect, meaning.soft, meaning.line, rect.height() / 2)
        draw_icon(painter, self._icon, meaning.on_soft, QRectF(12, rect.center().y() - 8, 16, 16))
        paint.text(painter, rect.adjusted(34, 0, -8, 0), self.shown_text(), meaning.on_soft)
        if self.hasFocus():
            paint.focus_ring(painter, QRectF(self.rect()).adjusted(0, 3, 0, -3), c.focus, 19)


class UserButton(PaintedButton):
    """Avatar with initials and the name; a press opens the menu."""

    def __init__(self) -> None:
        super().__init__()
        self._user: SignedIn | None = None
        self._short = False
        self._news = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFont(paint.sized(self.font(), tokens.BODY, tokens.MEDIUM))

    def show_user(self, user: SignedIn | None) -> None:
        """Whose name to show."""
        self._user = user
        self.setText(user.name if user else "")
        self.setAccessibleName(self.text())
        self.setToolTip("")
        self.updateGeometry()
        self.update()

    def set_news(self, news: bool) -> None:
        """A dot: something waits in the person's account."""
        if news != self._news:
            self._news = news
            self.setAccessibleDescription(self.tr("There is news in your account") if news else "")
            self.update()

    def has_news(self) -> bool:
        """Whether the dot is shown."""
        return self._news

    def set_short(self, short: bool) -> None:
        """The avatar only."""
        self._short = short
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        name = min(180, QFontMetrics(self.font()).horizontalAdvance(self.text()))
        return QSize(tokens.TOUCH + (0 if self._short else name + 34), tokens.TOUCH)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        if self.hovered or self.isDown():
            paint.box(painter, rect, c.hover)
        spot = QRectF(5, rect.center().y() - 17, 34, 34)
        paint.box(painter, spot, c.accent_soft, None, 17)
        painter.setFont(paint.sized(self.font(), tokens.SMALL, tokens.BOLD))
        if self._user is None:
            draw_icon(painter, "user-round", c.on_accent_soft, spot.adjusted(8, 8, -8, -8))
        else:
            paint.text(painter, spot, self._user.initials, c.on_accent_soft, paint.CENTER)
        if self._news:
            dot = QRectF(spot.right() - 11, spot.top() - 1, 12, 12)
            paint.box(painter, dot, c.surface, None, 6)
            paint.box(painter, dot.adjusted(2, 2, -2, -2), c.meaning("attention").fill, None, 4)
        if not self._short:
            painter.setFont(self.font())
            paint.text(painter, rect.adjusted(48, 0, -26, 0), self.text(), c.text)
            draw_icon(
                painter,
                "chevron-down",
                c.text_muted,
                QRectF(rect.right() - 22, rect.center().y() - 8, 16, 16),
            )
        if self.hasFocus():
            paint.focus_ring(painter, rect, c.focus)


class Strip(Panel):
    """The strip itself; `sync_wanted` fires when the badge is pressed, `help_wanted` from the menu."""

    sync_wanted = Signal()
    help_wanted = Signal()
    full_screen_wanted = Signal()
    account_wanted = Signal()

    def __init__(self, model: ShellModel, parent: QWidget | None = None) -> None:
        super().__init__("strip", parent, margin=0, gap=0)
        self._model = model
        self.setFixedHeight(tokens.STRIP_HEIGHT)
        self.context = PlainLabel(size="title", weight=tokens.BOLD, elide=True)
        self.badge = SyncBadge()
        self.station = PlainLabel(tone="soft")
        self.user = UserButton()
        self.time = PlainLabel(weight=tokens.MEDIUM, align=Qt.AlignmentFlag.AlignCenter)
        line = QHBoxLayout()
        line.setContentsMargins(24, 0, 16, 0)
        line.setSpacing(tokens.space(2))
        line.addWidget(self.context, 1)
        for part in (self.badge, self.station, self.time, self.user):
            line.addWidget(part)
        self.column.addLayout(line)
        self.badge.clicked.connect(self.sync_wanted)
        self.user.clicked.connect(self._open_menu)

    def refresh(self) -> None:
        """Read everything from the model again."""
        now = self._model.clock.now()
        self.badge.show_state(self._model.sync(), self._model.zone, now)
        self.station.set_text(self._model.station_name())
        self.user.show_user(self._model.user())
        self.user.set_news(self._model.news())
        self.tick()

    def tick(self) -> None:
        """Show the time of the venue."""
        shown = f"{self._model.clock.now().astimezone(self._model.zone):%H:%M}"
        if shown != self.time.whole_text():
            self.time.set_text(shown)

    def set_width_class(self, width: int) -> None:
        """Leave out, one after the other, what a narrow window has no room for."""
        self.badge.set_short(width < 1000)
        self.user.set_short(width < 1100)
        self.station.setVisible(width >= 700)

    def menu(self) -> QMenu:
        """The user menu: switch, lock, sign out, theme, language, help."""
        menu = QMenu(self)
        c = current_colors()
        for label, name, act in (
            (self.tr("Switch user"), "users-round", self._model.switch_user),
            (self.tr("Lock\tCtrl+L"), "lock", self._model.lock),
            (self.tr("Sign out"), "log-out", self._model.sign_out),
        ):
            menu.addAction(icon(name, c), label, act)
        menu.addAction(icon("user-round", c), self.tr("My account"), self.account_wanted.emit)
        menu.addSeparator()
        self._add_themes(menu)
        self._add_languages(menu)
        menu.addSeparator()
        menu.addAction(icon("maximize", c), self.tr("Full screen\tF11"), self.full_screen_wanted.emit)
        menu.addAction(icon("circle-question-mark", c), self.tr("Help\tCtrl+H"), self.help_wanted.emit)
        return menu

    def _add_themes(self, menu: QMenu) -> None:
        choices = menu.addMenu(icon("contrast", current_colors()), self.tr("Theme"))
        group = QActionGroup(choices)
        for key, label in (
            ("system", self.tr("As the system")), ("light", self.tr("Light")), ("dark", self.tr("Dark"))
        ):  # fmt: skip
            action = choices.addAction(label)
            action.setCheckable(True)
            action.setChecked(self._model.theme() == key)
            action.setData(key)
            group.addAction(action)
        choices.triggered.connect(lambda action: self._model.set_theme(action.data()))

    def _add_languages(self, menu: QMenu) -> None:
        choices = menu.addMenu(icon("languages", current_colors()), self.tr("Language"))
        for key, label in (("en", "English"), ("ru", "Русский")):
            action = choices.addAction(label)
            action.setCheckable(True)
            action.setChecked(self._model.language() == key)
            action.setData(key)
        choices.triggered.connect(lambda action: self._model.set_language(action.data()))

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        corner = self.user.mapToGlobal(self.user.rect().bottomRight())
        menu.popup(QPoint(corner.x() - menu.sizeHint().width(), corner.y() + 4))
