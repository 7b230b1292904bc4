"""Text from outside is text: on screen, in PDFs, on paper, in spreadsheets, and however long or odd it is."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from app.cli.window import open_desk
from app.services.audit import safe_cell
from app.services.views_people import AuditQuery
from devices.printers import FilePrinter
from domain.actor import SYSTEM, Role
from domain.errors import Refusal
from tests.hostile.nasty import NASTY
from tests.printing.prints import page_texts
from tests.services.house import CASHIER, House
from ui.frame.shell import MainWindow
from ui.signin.presenter import PersonTile

KICK = b"\x1bp\x00\x19\xfa"
INVISIBLE = ("\u202e", "\u2066", "\u200f", "\x1b", "\x00", "\r", "\n", "\x7f")


def tried(act: Callable[[], Any]) -> tuple[Any, Refusal | None]:
    """What an act answers, or the refusal; anything else breaks the test."""
    try:
        return act(), None
    except Refusal as refusal:
        return None, refusal


@pytest.mark.parametrize("kind", NASTY)
def test_a_name_is_kept_clean_or_refused_in_words(house: House, kind: str) -> None:
    user, refusal = tried(
        lambda: house.services.add_user("nasty", NASTY[kind], [Role.CASHIER], "1357", SYSTEM)
    )
    if refusal is not None:
        assert refusal.code in {"NAME_TOO_LONG", "NAME_EMPTY"}
        assert "nasty" not in {one.login for one in house.services.sign_in.people()}
        return
    with house.station.store.read() as read:
        name = read.person(user).name
    assert not any(sign in name for sign in INVISIBLE)
    assert 0 < len(name) <= 200
    actor = house.services.sign_in.by_login("nasty", "1357")
    assert actor.user == user
    trail = house.services.audit.export(AuditQuery(), "csv", house.services.sign_in.by_login("anna", "2580"))
    for row in csv.reader(io.StringIO(trail)):
        assert not any(cell[:1] in "=+@\t\r" and cell for cell in row), row


@pytest.mark.parametrize("kind", NASTY)
def test_a_catalogue_with_such_a_name_is_refused_whole_or_sold_and_printed_as_text(
    house: House, kind: str
) -> None:
    before = house.seq
    text = json.dumps(
        {
            "events": [
                {
                    "code": "odd", "name": NASTY[kind], "state": "published",
                    "description": NASTY[kind][:400],
                    "performances": [{"code": "odd-1", "starts": "2026-11-21 20:00", "capacity": 9}],
                    "products": [{"code": "odd-full", "name": NASTY[kind], "price": "5.00"}],
                }
            ]
        }
    )  # fmt: skip
    _, refusal = tried(lambda: house.import_text(text, "odd.json"))
    if refusal is not None:
        assert refusal.code == "CATALOGUE_INVALID"
        assert refusal.params["field"] in {"name", "description", ""}
        assert house.seq == before, "nothing of it was kept"
        return
    sold = house.sell(house.item("odd-full", performance="odd-1"))
    printed = house.services.print_order(sold.order.order, CASHIER)
    for file in printed.files:
        pages = page_texts(Path(file).read_bytes())
        assert pages
        assert not any(sign in page for page in pages for sign in INVISIBLE if sign != "\n")
    assert kind not in {"bidi", "surrogate", "drawer", "lines"}, "refused before it comes to that"
    if kind == "markup":
        shown = "".join("".join(page_texts(Path(file).read_bytes())) for file in printed.files)
        assert "<b>" in "".join(shown.split()), "markup is shown as it was written"
    assert house.admit(next(iter(sold.codes.values()))).opens
    with house.station.store.read() as read:
        assert read.board(house.clock.now())


@pytest.mark.parametrize("kind", NASTY)
def test_no_name_opens_the_drawer_of_a_receipt_printer(kind: str, tmp_path: Path) -> None:
    printer = FilePrinter("bar", tmp_path)
    printer.print_lines([NASTY[kind], f"Total {NASTY[kind]}"])
    (job,) = tmp_path.iterdir()
    data = job.read_bytes()
    assert KICK not in data
    assert not set(data) & (set(range(32)) - {10})


def test_no_cell_can_become_a_formula() -> None:
    for text in ("=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "＝1+1"):
        assert safe_cell(text)[:1] == "'", repr(text)
    for text in ("Otto", "1,000.00", "Anna = Maria", ""):
        assert safe_cell(text) == text


def rich(widget: QWidget) -> list[str]:
    """Labels below a widget that would take their text for markup."""
    labels = widget.findChildren(QLabel)
    return [label.text() for label in labels if label.textFormat() is not Qt.TextFormat.PlainText]


def test_no_label_of_any_screen_takes_its_text_for_markup(
    house: House, qapp: QApplication, qtbot: object
) -> None:
    """Every screen of a real window, with a name in it that would load a picture."""
    house.services.add_user("nasty", NASTY["markup"], list(Role), "1357", SYSTEM)
    desk = open_desk(qapp, house.station, "en")
    try:
        desk.show_sign_in()
        desk.window.show()
        QApplication.processEvents()
        seen, found = set(), rich(desk.window)
        actor = house.services.sign_in.by_login("nasty", "1357")
        desk.welcome(actor, PersonTile(actor.user, "nasty", NASTY["markup"], tuple(actor.roles)))
        for screen in desk.screens:
            desk.window.open_screen(screen.key)
            qtbot.waitUntil(lambda: desk.runner.busy() == 0)
            seen.add(desk.window.current_key())
            found += rich(desk.window)
        assert found == []
        assert {"sell", "gate", "orders", "shift", "sync", "settings"} <= seen
        assert _tips(desk.window) == []
    finally:
        desk.close()


def _tips(window: MainWindow) -> list[str]:
    """Tool tips that Qt would take for markup with a foreign name in it."""
    tips = [widget.toolTip() for widget in window.findChildren(QWidget)]
    return [tip for tip in tips if "<img" in tip]
