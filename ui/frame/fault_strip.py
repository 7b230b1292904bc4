"""Faults stand here, under the strip, until they are cured; two at a time, the gravest first."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.frame.model import FaultLine
from ui.widgets.cards import empty_layout
from ui.widgets.labels import PlainLabel
from ui.widgets.states import InlineMessage

SHOWN = 2


class FaultStrip(QWidget):
    """`cure_wanted(str)` tells the key of the fault whose button was pressed."""

    cure_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._faults: tuple[FaultLine, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(24, 16, 24, 0)
        self._column.setSpacing(8)
        self.hide()

    def show_faults(self, faults: Sequence[FaultLine]) -> None:
        """Show these; nothing is redone when they are the same."""
        if tuple(faults) == self._faults:
            return
        self._faults = tuple(faults)
        empty_layout(self._column)
        for fault in self._faults[:SHOWN]:
            message = InlineMessage()
            message.show_message("fault", fault.title, fault.text, fault.action)
            message.setProperty("key", fault.key)
            message.acted.connect(self._pressed)
            self._column.addWidget(message)
        more = len(self._faults) - SHOWN
        if more > 0:
            self._column.addWidget(PlainLabel(self.tr("and %n more", "", more), size="small", tone="muted"))
        self.setVisible(bool(self._faults))

    def titles(self) -> list[str]:
        """Titles of all faults, shown or not."""
        return [fault.title for fault in self._faults]

    def _pressed(self) -> None:
        message = self.sender()
        if message is not None:
            self.cure_wanted.emit(str(message.property("key")))
