"""The window put together: theme, language, frame, screens, sign-in, scanner keys, background work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication

from app.services.facade import Services, SyncView
from domain.actor import Actor, Permission
from domain.errors import GatehouseError
from ui.approval.panel import ApprovalPanel
from ui.approval.presenter import ApprovalPresenter, Granted, need_of
from ui.bugs import BugReports
from ui.frame.guard import LockBar
from ui.frame.idle import ActivityFilter, IdleWatch
from ui.frame.screen import Screen
from ui.frame.shell import MainWindow
from ui.i18n import Languages
from ui.runner import QtTimers, TaskRunner
from ui.running import STORE
from ui.screens import SECRETS, ScreenKit, all_screens
from ui.session import Session
from ui.signin.presenter import PersonTile, SignInPresenter
from ui.signin.service import SignInService
from ui.signin.standing import StandingWatch
from ui.signin.view import SignInScreen
from ui.sounds import Sounds
from ui.style.theme import Theme, apply
from ui.wedge_filter import MakeKey, WedgeFilter, WedgeRecognizer
from ui.widgets.bug_dialog import BugDialog

PAD_IDLE_MS = 20_000


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the files of the program lie."""

    help: Path
    sounds: Path
    catalogues: Path


class SyncBridge(QObject):
    """From the exchange's threads to the thread of the window."""

    crossed = Signal(object)

    def __init__(self, take: Callable[[SyncView], None]) -> None:
        super().__init__()
        self._take = take
        self.crossed.connect(self._arrived, Qt.ConnectionType.QueuedConnection)

    def take_view(self, view: SyncView) -> None:
        """Called from any thread; returns at once."""
        self.crossed.emit(view)

    @Slot(object)
    def _arrived(self, view: object) -> None:
        if isinstance(view, SyncView):
            self._take(view)


class Desk(QObject):
    """One station's window and everything behind it. `close` gives all of it back."""

    def __init__(
        self,
        app: QApplication,
        services: Services,
        folders: Folders,
        *,
        language: str,
        wedge: WedgeRecognizer,
        make_key: MakeKey,
        hint: str = "",
    ) -> None:
        """`hint` stands under the people on the sign-in screen (a demo shows its PINs)."""
        super().__init__(app)
        self._hint = hint
        self._signing_in: SignInPresenter | None = None
        self._services = services
        self._app = app
        self.theme: Theme = apply(app)
        self.languages = Languages(app, folders.catalogues)
        self.languages.set(language)
        self.bugs = BugReports(self._show_bug, services.clock.monotonic_ms, self)
        self.runner = TaskRunner(self.bugs, self)
        self.timers = QtTimers(self)
        self.sounds = Sounds(folders.sounds, self, muted=services.settings.text("sound") == "off")
        self.session = Session(
            services,
            language=self._language,
            choose_theme=self.theme.set,
            choose_language=self.languages.set,
            cover=self._cover,
            end=self._end_session,
        )
        self.standing = StandingWatch(
            self.session, self.runner, self.timers, self._turned_out, self._has_news
        )
        self.approvals = ApprovalPresenter(
            services, self.runner, self.timers, self.session.actor, self._language, SECRETS
        )
        self.kit = self._make_kit()
        self.screens: Sequence[Screen] = all_screens(self.kit)
        self.theme.set(self.session.theme())
        self.window = MainWindow(
            self.session, self.screens, folders.help, practice=services.practice is not None
        )
        self.wedge = WedgeFilter(app, wedge, make_key, self._scanned, services.clock.monotonic_ms)
        self._keep_watch(app)
        self._bridge = SyncBridge(self._take_sync)
        self._stop_watching = services.sync.subscribe(self._bridge.take_view)

    def _make_kit(self) -> ScreenKit:
        return ScreenKit(
            services=self._services,
            runner=self.runner,
            timers=self.timers,
            actor=self.session.actor,
            lang=self._language,
            sounds=self.sounds,
            session=self.session,
            set_context=self._set_context,
            ask_approval=self.ask_approval,
            open_screen=self._open_screen,
        )

    def _keep_watch(self, app: QApplication) -> None:
        """Notice when nobody is there, and when somebody may no longer be."""
        monotonic_ms = self._services.clock.monotonic_ms
        self.idle = IdleWatch(monotonic_ms, self.timers, self._idle_ms, self._nobody_there)
        self._pad_idle = IdleWatch(monotonic_ms, self.timers, lambda: PAD_IDLE_MS, self._nobody_at_the_pad)
        self._activity = ActivityFilter(app, self._touched)
        for watch in (self.idle, self._pad_idle, self.standing):
            watch.start()

    def show_sign_in(self, only: str | None = None, *, said: GatehouseError | None = None) -> None:
        """Cover the window until somebody has given their PIN. `said`: why nobody is signed in any more."""
        self._end_sign_in()
        self._signing_in = SignInPresenter(
            SignInService(self._services),
            self.runner,
            self.timers,
            self.welcome,
            self._language,
            only,
            lane=SECRETS,
            said=said,
        )
        if not self.session.locked():
            self.window.user_changed()
        screen = SignInScreen(
            self._signing_in, self.session.station_name(), self._language(), hint=self._hint,
            practise=self._services.practise,
        )  # fmt: skip
        self.window.cover(screen, keep=self.session.locked())

    def welcome(self, actor: Actor, person: PersonTile) -> None:
        """Somebody has given the right PIN: show what they may open."""
        self._end_sign_in()
        before = self.session.user()
        self.session.signed_in(actor, person)
        self.window.uncover(anew=before is None or before.user_id != person.user_id)
        self.window.user_changed()
        self.standing.look()
        self.kit.health.watch()

    def ask_approval(self, error: GatehouseError, granted: Granted) -> bool:
        """Let a supervisor agree to what was refused; the act is tried again with the token."""
        if need_of(error) is None:
            return False
        panel = ApprovalPanel(self.window.frame, self.approvals, self._language())
        panel.closed.connect(panel.deleteLater)
        return self.approvals.ask(error, granted)

    def _end_sign_in(self) -> None:
        if self._signing_in is not None:
            self._signing_in.close()
            self._signing_in = None

    def _cover(self, only: str | None) -> None:
        """Locked: a gate goes on in sight, anything else is hidden. Signed out: the people of the station."""
        if only is None or not self._guard():
            self.show_sign_in(only)

    def _guard(self) -> bool:
        person = self.session.user()
        if person is None:
            return False
        bar = LockBar(person.name)
        bar.unlock_wanted.connect(self._unlock)
        if self.window.guard(bar):
            self._end_sign_in()
            return True
        bar.deleteLater()
        return False

    @Slot()
    def _unlock(self) -> None:
        person = self.session.user()
        if self.session.locked() and person is not None and self.window.guarded():
            self.show_sign_in(person.user_id)

    def _nobody_there(self) -> None:
        """Nobody has touched anything for a while."""
        if self.session.user() is not None and not self.session.locked():
            self.session.lock()

    def _nobody_at_the_pad(self) -> None:
        """Somebody wanted to unlock a gate and went: its verdicts are to be seen again."""
        if self.session.locked() and self.window.covered():
            self._guard()

    def _end_session(self, actor: Actor) -> None:
        """Signed out: the session is over, here and in the lists."""
        session = actor.session
        if session is not None:
            end = self._services.sessions.end
            self.runner.submit(STORE, lambda: end(session, actor), _ignore, _ignore)

    def _has_news(self, actor: Actor) -> bool:
        return any(not notice.seen for notice in self._services.people.requests.notices(actor))

    def _turned_out(self, error: GatehouseError) -> None:
        """Shut out, or the session was ended from afar."""
        self.session.forget()
        self.show_sign_in(said=error)

    def close(self) -> None:
        """Stop listening, end the background lanes, close the window."""
        self._stop_watching()
        for watch in (self.idle, self._pad_idle, self.standing):
            watch.stop()
        self._end_sign_in()
        self._activity.uninstall()
        self.wedge.uninstall()
        self.window.close()
        self.kit.close()
        self.runner.close()
        self.languages.close()
        self.window.deleteLater()
        self.deleteLater()

    def _take_sync(self, view: SyncView) -> None:
        """The badge; and a sound for whoever leads the shift when there is one conflict more than before."""
        before = self.session.sync().conflicts
        self.session.take_sync(view)
        if view.conflicts > before and self.session.may(Permission.CONFLICTS):
            self.sounds.play("attention")
            if self.window.current_key() != "conflicts":
                self.window.toasts.say("info", self.tr("A new conflict is waiting."))

    def _idle_ms(self) -> int:
        return self._services.settings.number("session.idle_minutes") * 60_000

    def _touched(self) -> None:
        self.idle.touched()
        self._pad_idle.touched()

    def _language(self) -> str:
        return self.languages.language

    def _scanned(self, text: str) -> None:
        """A scanner typed a code: the open screen takes it; the till's scanner looks tickets up."""
        if (
            not self.session.locked()
            and self.window.current_key() == "sell"
            and self.session.may(Permission.ORDERS)
        ):
            self.window.open_screen("orders")
        self.window.handle_scan(text, "wedge")

    def _open_screen(self, key: str) -> None:
        self.window.open_screen(key)

    def _set_context(self, text: str) -> None:
        self.window.set_context(text)

    def _show_bug(self, text: str) -> None:
        BugDialog(text, self.window).open()


def _ignore(_answer: object) -> None:
    """Ending a session is a courtesy: one that is over already, or a disk that is full, changes nothing for
    whoever has gone."""
