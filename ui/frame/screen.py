"""What a screen is to the window: a description, and a page that is made when it is first opened."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from domain.actor import Permission

ScanSource = Literal["wedge", "serial", "camera", "typed"]


class Page(QWidget):
    """Base of every screen's widget. The window calls these; override what the screen needs.

    A page is made once and kept, so it remembers where it was.
    """

    goes_on_locked = False
    """Whether the page works on while its window is locked: a gate that scans is never stopped."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(type(self).__name__)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def on_enter(self) -> None:
        """The page is on screen now: refresh, take the focus."""

    def on_leave(self) -> None:
        """Another page comes: stop cameras and timers."""

    def handle_scan(self, text: str, source: ScanSource) -> bool:
        """Take a scanned code; False when this page has no use for codes."""
        return False

    def go_back(self) -> bool:
        """Esc was pressed and nothing inside took it; False lets the window go to the screen before."""
        return False

    def context_line(self) -> str:
        """What the strip shows at the left: a performance, a gate. Empty for the screen's title."""
        return ""

    def fill(self, widget: QWidget) -> None:
        """Make one widget fill the page."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(widget)


@dataclass(frozen=True, slots=True)
class Screen:
    """One entry of the rail.

    `title` is called when it is shown, so that it follows the language; `factory` is called when the screen
    is first opened. Any one of `permissions` suffices (none: open to everyone signed in). `help_page` is the
    name of a page in resources/help without language and ending. `place` is where it stands in the rail:
    `top`, `bottom`, or `hidden` (reached from elsewhere only). `count` says how much waits there;
    the rail shows it, nothing at 0.
    """

    key: str
    title: Callable[[], str]
    icon: str
    factory: Callable[[], Page]
    permissions: frozenset[Permission] = field(default_factory=frozenset)
    help_page: str = "index"
    place: Literal["top", "bottom", "hidden"] = "top"
    count: Callable[[], int] | None = None
