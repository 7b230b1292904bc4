"""Pictures of the window around the screens, of sign-in and first run, in sizes, themes and languages.

`python -m tests.tools.frame_gallery OUTDIR`
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from domain.actor import Actor, Permission
from domain.errors import Refusal
from tests.tools.gallery import tiles
from tests.ui.shell_model import PlainShellModel
from ui.assets import asset
from ui.first_run.presenter import FirstRunPresenter
from ui.first_run.view import FirstRunScreen
from ui.frame.model import FaultLine, SyncState
from ui.frame.screen import Page, Screen
from ui.frame.shell import MainWindow
from ui.i18n import Languages
from ui.running import InlineRunner, ManualTimers
from ui.signin.presenter import PersonTile, SignInPresenter
from ui.signin.view import SignInScreen
from ui.style.theme import Theme, apply

PEOPLE = (
    PersonTile("1", "anna", "Anna Petrova", ("cashier",)),
    PersonTile("2", "boris", "Борис Соколов", ("gate",)),
    PersonTile("3", "kim", "Kim van der Berg", ("supervisor", "cashier")),
    PersonTile("4", "maria", "María José Álvarez de la Concepción", ("organizer",)),
    PersonTile("5", "admin", "Admin", ("admin",)),
)


class SamplePage(Page):
    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(tiles())

    def context_line(self) -> str:
        return "Night at the theatre · today 19:00"


def screens() -> list[Screen]:
    def made(key: str, title: str, icon: str, place: str = "top", **more: frozenset[Permission]) -> Screen:
        return Screen(key, lambda: title, icon, SamplePage, place=place, **more)  # type: ignore[arg-type]

    return [
        made("sell", "Sell", "shopping-cart"),
        made("orders", "Orders", "receipt-text"),
        made("shift", "Shift", "wallet"),
        made("gate", "Gate", "scan-line"),
        made("sync", "Sync and station", "refresh-cw", "bottom"),
    ]


class Door:
    """Refuses every PIN but 1234."""

    def people(self) -> tuple[PersonTile, ...]:
        return PEOPLE

    def sign_in(self, user_id: str, pin: str) -> Actor:
        if pin == "0000":
            raise Refusal("LOCKED_OUT", seconds=30)
        raise Refusal("WRONG_PIN", left=3)


class Nothing:
    def start_demo(self) -> None: ...
    def make_venue(self, venue: object) -> None: ...
    def join(self, file: Path) -> None: ...


def signed_in(_actor: Actor, _person: PersonTile) -> None:
    """Nobody gets that far here."""


def shell(state: str) -> QWidget:
    model = PlainShellModel()
    if state != "live":
        since = datetime(2026, 11, 21, 11, 4, tzinfo=UTC)
        model.state = SyncState("offline", since, waiting=12, conflicts=1 if state == "conflict" else 0)
    if state == "conflict":
        model.lines = (
            FaultLine("printer", "The printer is out of paper", "The sale is recorded.", "Print again"),
        )
    window = MainWindow(model, screens(), asset("help"))
    if state == "help":
        window.show_help()
    if state == "live":
        window.toasts.say("success", "Shift opened", "")
    return window


def sign_in(pin: str, language: str) -> QWidget:
    presenter = SignInPresenter(Door(), InlineRunner(), ManualTimers(), signed_in, lambda: language)
    screen = SignInScreen(presenter, "Till 1", language)
    if pin:
        presenter.choose("3")
        if pin != "choose":
            presenter.enter(pin)
    return screen


def first_run(step: str, language: str) -> QWidget:
    presenter = FirstRunPresenter(Nothing(), InlineRunner(), lambda: None, lambda: language)
    screen = FirstRunScreen(presenter, "Europe/Berlin", "EUR")
    presenter.go(step)  # type: ignore[arg-type]
    return screen


def shoot(app: QApplication, out: Path, name: str, widget: QWidget, size: tuple[int, int]) -> None:
    widget.resize(*size)
    widget.show()
    for _ in range(3):
        app.processEvents()
    widget.grab().save(str(out / f"{name}.png"))
    widget.close()
    widget.deleteLater()
    app.processEvents()


def tour(app: QApplication, theme: Theme, languages: Languages, out: Path) -> None:
    big, pos, tablet, laptop = (1920, 1080), (1024, 600), (800, 1280), (1366, 768)
    for language, look in (("en", "light"), ("ru", "dark"), ("pseudo", "light")):
        languages.set(language)
        theme.set(look)  # type: ignore[arg-type]
        for state, size in (("live", laptop), ("conflict", pos), ("offline", tablet), ("help", big)):
            shoot(app, out, f"shell-{state}-{language}", shell(state), size)
        for pin, size in (("", laptop), ("choose", pos), ("1111", tablet), ("0000", laptop)):
            shoot(app, out, f"signin-{pin or 'people'}-{language}", sign_in(pin, language), size)
        for step, size in (("choose", laptop), ("new", pos), ("join", tablet)):
            shoot(app, out, f"first-{step}-{language}", first_run(step, language), size)


def main(out: Path) -> None:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    out.mkdir(parents=True, exist_ok=True)
    tour(app, apply(app, "light"), Languages(app, asset("i18n"), out / "cache"), out)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
