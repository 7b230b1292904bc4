"""Finds text that is cut off: labels and buttons with less room than their words need."""

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QWidget

from ui.widgets.buttons import Button
from ui.widgets.labels import Pill, PlainLabel


def cut_texts(widget: QWidget) -> list[str]:
    """Words of visible parts that do not fit; labels that shorten themselves on purpose do not count."""
    found = []
    for label in widget.findChildren(QLabel):
        if not label.isVisible() or not label.text() or (isinstance(label, PlainLabel) and label._elide):
            continue
        if label.wordWrap():
            fits = label.height() + 1 >= label.heightForWidth(label.width())
        else:
            fits = label.width() + 1 >= QFontMetrics(label.font()).horizontalAdvance(label.text())
        if not fits:
            found.append(label.text())
    parts = (*widget.findChildren(Button), *widget.findChildren(Pill))
    return found + [
        part.text() for part in parts if part.isVisible() and part.width() < part.sizeHint().width()
    ]
