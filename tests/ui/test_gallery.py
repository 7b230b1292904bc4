"""Everything paints in both themes and all languages, and no word is cut off."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.tools import frame_gallery, gallery
from tests.ui.whole import cut_texts
from ui.assets import asset
from ui.i18n import Languages
from ui.style.theme import Theme, current_colors
from ui.style.tokens import DARK, LIGHT
from ui.widgets.buttons import Button
from ui.widgets.labels import PlainLabel

SIZES = [(1024, 600), (800, 1280), (1366, 768), (1920, 1080)]


@pytest.fixture
def languages(qapp: QApplication, tmp_path: Path) -> Iterator[Languages]:
    made = Languages(qapp, asset("i18n"), tmp_path)
    yield made
    made.set("en")


@pytest.mark.parametrize("name", sorted(gallery.PAGES))
def test_every_widget_paints_in_both_themes(name: str, theme: Theme, qtbot: QtBot) -> None:
    make, wide, high = gallery.PAGES[name]
    page = make()
    qtbot.addWidget(page)
    page.resize(wide, high)
    page.show()
    light = page.grab().toImage()
    theme.set("dark")
    dark = page.grab().toImage()
    assert light != dark
    assert light.pixelColor(2, 2).lightness() > 120
    assert dark.pixelColor(2, 2).lightness() < 60


@pytest.mark.parametrize("language", ["en", "ru", "pseudo"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_of_sign_in_and_first_run_is_cut_off(
    language: str, size: tuple[int, int], languages: Languages, qtbot: QtBot
) -> None:
    languages.set(language)
    pages: list[QWidget] = [frame_gallery.sign_in(pin, language) for pin in ("", "choose", "1111", "0000")]
    pages += [frame_gallery.first_run(step, language) for step in ("choose", "new", "join")]
    for page in pages:
        qtbot.addWidget(page)
        page.resize(*size)
        page.show()
        QApplication.processEvents()
        assert (page.width(), page.height()) == size
        assert cut_texts(page) == []


@pytest.mark.parametrize("language", ["en", "ru", "pseudo"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", ["live", "conflict", "help"])
def test_nothing_of_the_frame_is_cut_off(
    state: str, language: str, size: tuple[int, int], languages: Languages, qtbot: QtBot
) -> None:
    languages.set(language)
    window = frame_gallery.shell(state)
    qtbot.addWidget(window)
    window.resize(*size)
    window.show()
    QApplication.processEvents()
    assert (window.width(), window.height()) == size
    assert cut_texts(window) == []


def test_cut_text_is_found(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    label, button = PlainLabel("A long line of words", holder), Button("A long button", parent=holder)
    label.setGeometry(0, 0, 30, 20)
    button.setGeometry(0, 30, 40, 44)
    holder.show()
    assert cut_texts(holder) == ["A long line of words", "A long button"]


def test_the_theme_follows_the_system_unless_one_is_chosen(
    theme: Theme, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheme = [Qt.ColorScheme.Dark]
    monkeypatch.setattr(type(qapp.styleHints()), "colorScheme", lambda _hints: scheme[0])
    theme.set("system")
    assert theme.choice == "system"
    assert current_colors() is DARK
    scheme[0] = Qt.ColorScheme.Light
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert current_colors() is LIGHT
    theme.set("dark")
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert current_colors() is DARK
