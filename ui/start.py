"""What can be seen before there is a station: the first-run screen, and why a station does not open."""

from PySide6.QtCore import QElapsedTimer, QObject
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from domain.errors import GatehouseError
from ui.application import Folders
from ui.bugs import BugReports
from ui.first_run.presenter import FirstRun, FirstRunPresenter
from ui.first_run.view import FirstRunScreen
from ui.i18n import Languages
from ui.messages import error_message
from ui.runner import TaskRunner
from ui.style.theme import apply
from ui.widgets.bug_dialog import BugDialog
from ui.widgets.states import EmptyState

_SIZE = (1100, 720)


class _Uptime(QObject):
    """Milliseconds since this process began to count; enough to throttle error dialogs."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QElapsedTimer()
        self._timer.start()

    def elapsed(self) -> int:
        return int(self._timer.elapsed())


class FirstRunWindow(QWidget):
    """Demo data, a new venue, or joining one. `finished` is True once there is a station."""

    def __init__(
        self,
        app: QApplication,
        service: FirstRun,
        folders: Folders,
        *,
        language: str,
        zone: str,
        currency: str,
    ) -> None:
        super().__init__()
        self.finished = False
        self._app = app
        self.theme = apply(app)
        self._languages = Languages(app, folders.catalogues)
        self._languages.set(language)
        self._uptime = _Uptime()
        self._bugs = BugReports(self._show_bug, self._uptime.elapsed, self)
        self._runner = TaskRunner(self._bugs, self)
        self.setWindowTitle("Gatehouse")
        self.resize(*_SIZE)
        self.presenter = FirstRunPresenter(service, self._runner, self._done, self._language)
        self.screen_ = FirstRunScreen(self.presenter, zone, currency, self._language())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.screen_)

    def _language(self) -> str:
        return self._languages.language

    def _done(self) -> None:
        self.finished = True
        self.finish()
        self._app.quit()

    def finish(self) -> None:
        """Close the window and end its background work."""
        self.presenter.close_camera()
        self._runner.close()
        self._languages.close()
        self.close()

    def _show_bug(self, text: str) -> None:
        BugDialog(text, self).open()


class TroubleWindow(QWidget):
    """A station that does not open says why, and what to do."""

    def __init__(self, app: QApplication, error: GatehouseError, folders: Folders, *, language: str) -> None:
        super().__init__()
        self._theme = apply(app)
        self._languages = Languages(app, folders.catalogues)
        self._languages.set(language)
        words = error_message(error, language)
        self.setWindowTitle("Gatehouse")
        self.resize(*_SIZE)
        state = EmptyState("triangle-alert", words.title, words.text, self.tr("Close"))
        state.acted.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(state)
