"""Every visible string has its Russian; languages switch; the pseudo-locale is longer."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.tools import strings
from tests.ui.shell_model import PlainShellModel
from ui.assets import asset
from ui.frame.model import SyncState
from ui.frame.strip import SyncBadge
from ui.i18n import Languages, compile_catalogue, find_catalogue
from ui.wording.pseudo import pseudo


@pytest.fixture
def languages(qapp: QApplication, tmp_path: Path) -> Iterator[Languages]:
    made = Languages(qapp, asset("i18n"), tmp_path / "cache")
    yield made
    made.set("en")


def test_the_catalogue_knows_every_string_of_the_source(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.ts"
    strings.update(fresh)
    in_source = {(context, text) for context, known in strings.read(fresh).items() for text in known}
    in_catalogue = {(context, text) for context, known in strings.read().items() for text in known}
    assert in_source - in_catalogue == set(), "run: python -m tests.tools.strings update"
    assert in_catalogue - in_source == set(), "run: python -m tests.tools.strings update"


def test_every_string_has_its_russian() -> None:
    assert strings.missing() == {}


def test_translations_keep_the_fields_of_their_source() -> None:
    import re

    for context, known in strings.read().items():
        for source, made in known.items():
            for form in made if isinstance(made, list) else [made]:
                fields = [sorted(re.findall(r"\{\w+\}|%n", text)) for text in (source, form)]
                assert fields[0] == fields[1], f"{context}: {source}"


def test_nothing_is_marked_obsolete() -> None:
    kinds = {element.get("type") for element in ET.parse(strings.CATALOGUE).getroot().iter("translation")}
    assert kinds <= {None}


def test_russian_shows_in_widgets_with_the_right_plural(languages: Languages, qtbot: QtBot) -> None:
    languages.set("ru")
    badge, model = SyncBadge(), PlainShellModel()
    qtbot.addWidget(badge)
    texts = [badge.words(SyncState("live", waiting=n), model.zone, model.fixed.now())[1] for n in (1, 2, 5)]
    assert len(set(texts)) >= 2
    assert QCoreApplication.translate("Strip", "Sign out") != "Sign out"
    languages.set("en")
    assert QCoreApplication.translate("Strip", "Sign out") == "Sign out"


def test_a_catalogue_is_compiled_once_into_the_cache(tmp_path: Path) -> None:
    folder, cache = tmp_path / "i18n", tmp_path / "cache"
    folder.mkdir()
    (folder / "gatehouse_ru.ts").write_bytes(strings.CATALOGUE.read_bytes())
    made = find_catalogue(folder, "ru", cache)
    assert made == cache / "gatehouse_ru.qm"
    assert made is not None
    stamp = made.stat().st_mtime_ns
    assert find_catalogue(folder, "ru", cache) == made
    assert made.stat().st_mtime_ns == stamp
    assert find_catalogue(folder, "fr", cache) is None
    assert find_catalogue(folder, "ru", None) is None


@pytest.mark.logs_expected
def test_a_broken_catalogue_leaves_english(tmp_path: Path) -> None:
    broken = tmp_path / "gatehouse_ru.ts"
    broken.write_text("<TS", encoding="utf-8")
    assert not compile_catalogue(broken, tmp_path / "out.qm")


@pytest.mark.logs_expected
def test_a_language_without_a_catalogue_stays_english(qapp: QApplication, tmp_path: Path) -> None:
    languages = Languages(qapp, tmp_path)
    languages.set("ru")
    assert QCoreApplication.translate("Strip", "Sign out") == "Sign out"
    languages.set("en")


def test_the_pseudo_locale_is_longer_and_keeps_fields_and_keys(languages: Languages) -> None:
    shown = pseudo("Pay {amount} for %n\tF11")
    assert "{amount}" in shown
    assert "%n" in shown
    assert shown.endswith("\tF11")
    assert len(shown) >= 1.4 * len("Pay {amount} for %n\tF11") - 2
    languages.set("pseudo")
    assert QCoreApplication.translate("Strip", "Sign out") == pseudo("Sign out")
    assert QCoreApplication.translate("QDialog", "OK") == "OK"
