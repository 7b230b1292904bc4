"""The window put together: theme, language, frame, screens, sign-in, scanner keys, background work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication

from app.services.facade import Services, SyncView
from domain.actor import Actor, Permission
from ui.bugs import BugReports
from ui.frame.screen import Screen
from ui.frame.shell import MainWindow
from ui.i18n import Languages
from ui.runner import QtTimers, TaskRunner
from ui.screens import ScreenKit, all_screens
from ui.session import Session, SignInService
from ui.signin.presenter import PersonTile, SignInPresenter
from ui.signin.view import SignInScreen
from ui.sounds import Sounds
from ui.style.theme import Theme, apply
from ui.wedge_filter import MakeKey, WedgeFilter, WedgeRecognizer
from ui.widgets.bug_dialog import BugDialog


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
            cover=self.show_sign_in,
        )
        self.kit = ScreenKit(
            services=services,
            runner=self.runner,
            timers=self.timers,
            actor=self.session.actor,
            lang=self._language,
            sounds=self.sounds,
            session=self.session,
            set_context=self._set_context,
        )
        self.screens: Sequence[Screen] = all_screens(self.kit)
        self.theme.set(self.session.theme())
        self.window = MainWindow(self.session, self.screens, folders.help)
        self.wedge = WedgeFilter(app, wedge, make_key, self._scanned, services.clock.monotonic_ms)
        self._bridge = SyncBridge(self._take_sync)
        self._stop_watching = services.sync.subscribe(self._bridge.take_view)

    def show_sign_in(self, only: str | None = None) -> None:
        """Cover the window until somebody has given their PIN."""
        presenter = SignInPresenter(
            SignInService(self._services),
            self.runner,
            self.timers,
            self.welcome,
            self._language,
            only,
        )
        self.window.user_changed()
        self.window.cover(
            SignInScreen(presenter, self.session.station_name(), self._language(), hint=self._hint)
        )

    def welcome(self, actor: Actor, person: PersonTile) -> None:
        """Somebody has given the right PIN: show what they may open."""
        self.session.signed_in(actor, person)
        self.window.uncover()
        self.window.user_changed()

    def close(self) -> None:
        """Stop listening, end the background lanes, close the window."""
        self._stop_watching()
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

    def _language(self) -> str:
        return self.languages.language

    def _scanned(self, text: str) -> None:
        """A scanner typed a code: the open screen takes it; the till's scanner looks tickets up."""
        if self.window.current_key() == "sell" and self.session.may(Permission.ORDERS):
            self.window.open_screen("orders")
        self.window.handle_scan(text, "wedge")

    def _set_context(self, text: str) -> None:
        self.window.set_context(text)

    def _show_bug(self, text: str) -> None:
        BugDialog(text, self.window).open()
