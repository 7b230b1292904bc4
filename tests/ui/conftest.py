"""Windows are tested without a screen; the theme is applied once, as the program does."""

import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from ui.style.theme import Theme


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp)


@pytest.fixture(autouse=True)
def light(theme: Theme) -> Iterator[None]:
    theme.set("light")
    yield
    theme.set("light")
