"""The promo code of a cart: a quiet button, a field, or what the code takes off."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from ui.sell.facts import PromoFacts
from ui.sell.words import Manner
from ui.style import tokens
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import MoneyLabel, PlainLabel

_ASK, _TYPE, _ON = range(3)
_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class PromoRow(QWidget):
    """Signals ask; the cart answers with `show_facts`."""

    code_given = Signal(str)
    taken_off = Signal()

    def __init__(self, manner: Manner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._manner = manner
        self._build_ui()
        self.ask.clicked.connect(self._begin)
        self.apply.clicked.connect(self._give)
        self.edit.returnPressed.connect(self._give)
        self._cancel.clicked.connect(self._give_up)
        self.remove.clicked.connect(self.taken_off)

    def _build_ui(self) -> None:
        self.ask = Button(self.tr("Promo code"), "quiet", icon="tag")
        self.ask.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(self.tr("Promo code"))
        self.edit.setAccessibleName(self.tr("Promo code"))
        self.apply = Button(self.tr("Apply"))
        self._cancel = IconButton("x", self.tr("No promo code"))
        self._name = PlainLabel(weight=tokens.MEDIUM, elide=True)
        self._off = MoneyLabel(weight=tokens.BOLD)
        self.remove = IconButton("trash-2", self.tr("Take the promo code off"))
        for button in (self.apply, self._cancel, self.remove):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._pages = QStackedWidget()
        self._pages.setMaximumHeight(tokens.TOUCH)
        self._pages.addWidget(self._line((self.ask, 0), stretch=True))
        self._pages.addWidget(self._line((self.edit, 1), (self.apply, 0), (self._cancel, 0)))
        self._pages.addWidget(self._line((self._name, 1), (self._off, 0), (self.remove, 0)))
        self._about = PlainLabel(size="small", tone="muted", wrap=True)
        self._about.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._pages)
        column.addWidget(self._about)

    @staticmethod
    def _line(*parts: tuple[QWidget, int], stretch: bool = False) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.space(1))
        for part, share in parts:
            row.addWidget(part, share)
        if stretch:
            row.addStretch(1)
        return holder

    def show_facts(self, facts: PromoFacts, *, frozen: bool) -> None:
        """Show where the code stands; what is being typed stays."""
        asking = facts.state == "asking"
        self.setEnabled(not frozen and not asking)
        if facts.state == "on" and facts.off is not None:
            self._name.set_text(facts.name)
            self._off.set_text(self._manner.money(-facts.off))
            self._pages.setCurrentIndex(_ON)
        elif facts.trouble is not None or asking:
            self._pages.setCurrentIndex(_TYPE)
        elif self._pages.currentIndex() == _ON:
            self.edit.clear()
            self._pages.setCurrentIndex(_ASK)
        self._say(facts)

    def reset(self) -> None:
        """A new cart begins: nothing is typed any more."""
        self.edit.clear()
        self._pages.setCurrentIndex(_ASK)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in the field is for the code, not for the sale; Esc leaves the field."""
        if event.key() in _ENTER:
            event.accept()
        elif event.key() == Qt.Key.Key_Escape and self._pages.currentIndex() == _TYPE:
            self._give_up()
        else:
            super().keyPressEvent(event)

    def _say(self, facts: PromoFacts) -> None:
        words, tone = "", "muted"
        if facts.trouble is not None:
            message = self._manner.say(facts.trouble)
            words, tone = f"{message.title}. {message.text}", "refuse"
        elif facts.state == "on" and facts.left is not None:
            words = self.tr("%n uses left here", "", facts.left)
        self._about.set_text(words)
        self._about.set_tone("refuse" if tone == "refuse" else "muted")
        self._about.setVisible(bool(words))

    def _begin(self) -> None:
        self._pages.setCurrentIndex(_TYPE)
        self.edit.setFocus()

    def _give(self) -> None:
        self.code_given.emit(self.edit.text())

    def _give_up(self) -> None:
        self.reset()
        self.taken_off.emit()
