"""The window: rail, strip, faults, and the screens, each made when it is first opened and then kept."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.frame.fault_strip import FaultStrip
from ui.frame.guard import InputGuard, LockBar
from ui.frame.help import HelpPanel
from ui.frame.model import ShellModel
from ui.frame.rail import Rail
from ui.frame.screen import Page, ScanSource, Screen
from ui.frame.strip import Strip
from ui.practice.frame import PracticeFrame
from ui.style import tokens
from ui.widgets.states import ToastHost

_LEAST_WIDTH, _LEAST_HEIGHT = 800, 560


class MainWindow(QMainWindow):
    """Everything comes by constructor: what to show (`model`), which screens there are, where help lies.

    `sync_key` names the screen that the sync badge opens. `closing` is asked before the window goes.
    `practice` marks it as one where nothing counts.
    """

    def __init__(
        self,
        model: ShellModel,
        screens: Sequence[Screen],
        help_folder: Path,
        *,
        sync_key: str = "sync",
        account_key: str = "account",
        closing: Callable[[], bool] | None = None,
        practice: bool = False,
    ) -> None:
        super().__init__()
        self._practice = practice
        self._model = model
        self._screens = list(screens)
        self._pages: dict[str, Page] = {}
        self._trail: list[str] = []
        self._sync_key, self._closing = sync_key, closing
        self._account_key = account_key
        self._cover: QWidget | None = None
        self._guard: InputGuard | None = None
        self._bar: LockBar | None = None
        self._left = False
        self._behind: QWidget | None = None
        self.setWindowTitle(self.tr("Gatehouse – PRACTICE") if practice else "Gatehouse")
        self.setMinimumSize(_LEAST_WIDTH, _LEAST_HEIGHT)
        self._build_ui(help_folder)
        self._connect()
        model.watch(self.refresh)
        self.refresh()
        self.user_changed()

    def _build_ui(self, help_folder: Path) -> None:
        self._root = QStackedWidget()
        self.frame = QWidget()
        self.frame.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.frame.setProperty("surface", "canvas")
        self.rail = Rail()
        self.strip = Strip(self._model)
        self.faults = FaultStrip()
        self.stack = QStackedWidget()
        across = QHBoxLayout(self.frame)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self.rail)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(self.faults)
        column.addWidget(self.stack, 1)
        self._column = column
        across.addLayout(column, 1)
        self._root.addWidget(self.frame)
        self.setCentralWidget(PracticeFrame(self._root) if self._practice else self._root)
        self.toasts = ToastHost(self.stack)
        self.help = HelpPanel(self.frame, help_folder)

    def _connect(self) -> None:
        self.rail.chosen.connect(self.open_screen)
        self.strip.sync_wanted.connect(self._open_sync)
        self.strip.account_wanted.connect(self._open_account)
        self.strip.help_wanted.connect(self.show_help)
        self.strip.full_screen_wanted.connect(self.toggle_full_screen)
        self.faults.cure_wanted.connect(self._model.cure)
        QShortcut(QKeySequence("Ctrl+H"), self, self.show_help)
        QShortcut(QKeySequence("Ctrl+L"), self, self._lock)
        for number in range(1, 10):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
            shortcut.setProperty("number", number)
            shortcut.activated.connect(self._open_numbered)
        self._beat = QTimer(self)
        self._beat.setInterval(1000)
        self._beat.timeout.connect(self.strip.tick)
        self._beat.start()

    def refresh(self) -> None:
        """Read strip, badge and faults from the model again."""
        self.strip.refresh()
        self.rail.set_counts({screen.key: screen.count() for screen in self.allowed() if screen.count})
        self.faults.show_faults(self._model.faults())
        self._show_context()

    def user_changed(self) -> None:
        """Somebody signed in or out: offer the screens they may open, and forget pages they may not."""
        open_to = self.allowed()
        keys = {screen.key for screen in open_to}
        for key in [key for key in self._pages if key not in keys]:
            self._drop(key)
        self._trail = [key for key in self._trail if key in keys]
        self.rail.set_screens(open_to)
        self.refresh()
        current = self.current_key()
        if current:
            self.rail.mark(current)
        elif open_to and self._model.user() is not None:
            self.open_screen(open_to[0].key)

    def allowed(self) -> list[Screen]:
        """The screens that the user may open."""
        if self._model.user() is None:
            return []
        may = self._model.may
        return [s for s in self._screens if not s.permissions or any(may(p) for p in s.permissions)]

    def open_screen(self, key: str) -> None:
        """Go to a screen; unknown or forbidden keys do nothing."""
        screen = next((screen for screen in self.allowed() if screen.key == key), None)
        if screen is None or key == self.current_key():
            return
        left = self.current_page()
        if left is not None:
            left.on_leave()
        if key not in self._pages:
            self._pages[key] = screen.factory()
            self.stack.addWidget(self._pages[key])
        self._trail = [*(known for known in self._trail if known != key), key]
        self.stack.setCurrentWidget(self._pages[key])
        self.toasts.lift()
        self.rail.mark(key)
        self._show_context()
        self._enter(self._pages[key])

    def _enter(self, page: Page) -> None:
        """Tell the page, and see that the keyboard is inside it."""
        page.on_enter()
        focus = self.focusWidget()
        if focus is None or not (focus is page or page.isAncestorOf(focus)):
            page.setFocus()

    def current_key(self) -> str:
        """Key of the open screen, or empty."""
        return self._trail[-1] if self._trail and self._trail[-1] in self._pages else ""

    def current_page(self) -> Page | None:
        """The open page."""
        return self._pages.get(self.current_key())

    def set_context(self, text: str) -> None:
        """What stands at the left of the strip: a performance, a gate."""
        self.strip.context.set_text(text)

    def handle_scan(self, text: str, source: ScanSource) -> bool:
        """Give a scanned code to the open page, wherever the focus is; False when nobody wants it."""
        page = self.current_page()
        if page is None or (self._cover is not None and (self._left or not page.goes_on_locked)):
            return False
        if page.handle_scan(text, source):
            return True
        self.toasts.say("info", self.tr("A code was scanned. This screen has no use for codes."))
        return False

    def cover(self, widget: QWidget, *, keep: bool = False) -> None:
        """Hide everything behind `widget` (sign-in, lock). Pages stay as they are; with `keep` (lock) the
        open one is not even told, so that what it is doing goes on."""
        self._drop_cover()
        page = self.current_page()
        if not keep and page is not None and not self._left:
            page.on_leave()
            self._left = True
        if not keep:
            self.help.close_panel()
        self._remember_focus()
        self._cover = widget
        self._root.addWidget(widget)
        self._root.setCurrentWidget(widget)
        widget.setFocus()

    def guard(self, bar: LockBar) -> bool:
        """Lock without hiding a page that goes on when locked; False where the open page is none."""
        page = self.current_page()
        if page is None or not page.goes_on_locked or self._left:
            return False
        self._drop_cover()
        self._remember_focus()
        self._bar = bar
        self._column.insertWidget(0, bar)
        self._guard = InputGuard(self, bar)
        self._guard.touched.connect(bar.unlock_wanted, Qt.ConnectionType.QueuedConnection)
        bar.unlock.setFocus()
        return True

    def uncover(self, *, anew: bool = False) -> None:
        """Take the cover away and delete it. `anew`: it is somebody else's window now, so the page begins
        again; otherwise a page that was kept goes on where it was."""
        if self._cover is None and self._bar is None:
            return
        self._drop_cover()
        page, behind, left = self.current_page(), self._behind, self._left
        self._behind, self._left = None, False
        if page is None or self.current_key() not in {screen.key for screen in self.allowed()}:
            return
        if anew and not left:
            page.on_leave()
        if anew or left:
            self._enter(page)
        elif behind is not None and isValid(behind) and behind.isVisible():
            behind.setFocus(Qt.FocusReason.OtherFocusReason)

    def _drop_cover(self) -> None:
        gone, self._cover = self._cover, None
        if gone is not None:
            self._root.setCurrentWidget(self.frame)
            self._root.removeWidget(gone)
            gone.deleteLater()
        bar, guard = self._bar, self._guard
        self._bar = self._guard = None
        if guard is not None:
            guard.remove()
        if bar is not None:
            self._column.removeWidget(bar)
            bar.hide()
            bar.deleteLater()

    def _remember_focus(self) -> None:
        """Where the keyboard was; menus that are open close."""
        while (menu := QApplication.activePopupWidget()) is not None:
            if not menu.close():
                break
        focus = QApplication.focusWidget()
        if self._behind is None and focus is not None and self.frame.isAncestorOf(focus):
            self._behind = focus

    def covered(self) -> bool:
        """Whether sign-in or lock is on screen."""
        return self._cover is not None

    def guarded(self) -> bool:
        """Whether it is locked with its page still to be seen."""
        return self._bar is not None

    def show_help(self) -> None:
        """The help page of the open screen."""
        if self._cover is None:
            key = self.current_key()
            page = next((screen.help_page for screen in self._screens if screen.key == key), "index")
            self.help.show_page(page, self._model.language())

    def toggle_full_screen(self) -> None:
        """F11."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def retranslate(self) -> None:
        """The language changed: words of the frame anew, pages made anew; their presenters keep the state."""
        key = self.current_key()
        for known in list(self._pages):
            self._drop(known)
        self._trail = []
        self.rail.set_screens(self.allowed())
        self.refresh()
        if key:
            self.open_screen(key)

    def _drop(self, key: str) -> None:
        page = self._pages.pop(key)
        if key == self.current_key() or self.stack.currentWidget() is page:
            page.on_leave()
        self.stack.removeWidget(page)
        page.deleteLater()

    def _show_context(self) -> None:
        page = self.current_page()
        key = self.current_key()
        title = next((screen.title() for screen in self._screens if screen.key == key), "")
        self.set_context((page.context_line() if page is not None else "") or title)

    def _lock(self) -> None:
        """Ctrl+L."""
        if self._cover is None and self._bar is None and self._model.user() is not None:
            self._model.lock()

    def _open_account(self) -> None:
        self.open_screen(self._account_key)

    def _open_sync(self) -> None:
        self.open_screen(self._sync_key)

    def _open_numbered(self) -> None:
        number = self.sender().property("number")
        keys = self.rail.keys()
        if self._cover is None and number <= len(keys):
            self.open_screen(keys[number - 1])

    def go_back(self) -> None:
        """Esc: what the page makes of it, else the screen before."""
        page = self.current_page()
        if self._cover is not None or page is None or page.go_back():
            return
        if self.isFullScreen():
            self.toggle_full_screen()
        elif len(self._trail) > 1:
            self.open_screen(self._trail[-2])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no page took; F11 is a product where products have F-keys, so it is no shortcut here."""
        if event.key() == Qt.Key.Key_Escape:
            self.go_back()
        elif event.key() == Qt.Key.Key_F11:
            self.toggle_full_screen()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            QTimer.singleShot(0, self, self.retranslate)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.rail.set_narrow(self.width() < tokens.FOLD_BELOW)
        self.strip.set_width_class(self.width())

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._closing is not None and not self._closing():
            event.ignore()
            return
        page = self.current_page()
        if page is not None:
            page.on_leave()
        super().closeEvent(event)
