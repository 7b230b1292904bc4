"""A setting as a row: its name, a control, where the value comes from, and a refusal beneath it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui.gate.wrap import WrapRow
from ui.station import words
from ui.station.book import SettingModel
from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.choices import SegmentedControl
from ui.widgets.labels import MeaningName, Pill, PlainLabel

_SOURCE_LOOK: dict[str, MeaningName] = {"default": "neutral", "stored": "accent"}


class SettingRow(QWidget):
    """`kept(name, value)` asks to keep a value: at once for a choice, on Enter or leaving for a field."""

    kept = Signal(str, str)

    def __init__(self, setting: SettingModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._setting = setting
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(tokens.space(1))
        label = words.setting_label(setting.name)
        head.addWidget(PlainLabel(label, size="small", tone="soft", weight=tokens.MEDIUM, elide=True), 1)
        self.source = Pill("")
        head.addWidget(self.source, 0, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(head)
        self.choice: SegmentedControl | None = None
        self.edit: QLineEdit | None = None
        column.addWidget(self._build_control(label))
        self._offers = QWidget()
        self._offers_row = WrapRow(self._offers)
        self._offers.hide()
        column.addWidget(self._offers)
        self._line = PlainLabel(size="small", tone="muted", wrap=True)
        column.addWidget(self._line)
        self.show_setting(setting)

    def _build_control(self, label: str) -> QWidget:
        setting = self._setting
        if setting.control == "choice":
            options = [(key, words.option_label(setting.name, key)) for key in setting.options]
            self.choice = SegmentedControl(options)
            self.choice.setAccessibleName(label)
            self.choice.changed.connect(self._chosen)
            return self.choice
        self.edit = QLineEdit()
        self.edit.setAccessibleName(label)
        self.edit.editingFinished.connect(self._typed)
        self.edit.textEdited.connect(self._retyped)
        return self.edit

    def show_setting(self, setting: SettingModel) -> None:
        """Show value and source; what comes from outside can be read only."""
        self._setting = setting
        self.source.set(words.source_words(setting.source), _SOURCE_LOOK.get(setting.source, "info"))
        if self.choice is not None:
            with QSignalBlocker(self.choice):
                self.choice.set_current(setting.value)
            self.choice.setEnabled(not setting.fixed)
        if self.edit is not None:
            if not self.edit.hasFocus() or self.edit.property("bad") is not True:
                self.edit.setText(setting.value)
            self.edit.setEnabled(not setting.fixed)
        self._offers.setEnabled(not setting.fixed)
        self._say("")

    def offer(self, found: Sequence[tuple[str, str]]) -> None:
        """What is plugged in, as buttons that fill the field: (value, description)."""
        while (item := self._offers_row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for value, description in found:
            text = value if description in {"", value} else f"{value} · {description}"
            button = Button(text, "secondary", icon="plug")
            button.clicked.connect(self._taker(value))
            self._offers_row.addWidget(button)
        self._offers.setVisible(bool(found))

    def refuse(self, said: str) -> None:
        """The value was not taken; without words, the control says itself what would fit."""
        if not said and self._setting.control == "number":
            said = self.tr("This value does not fit. Write a whole number, such as {default}.").format(
                default=self._setting.default or "60"
            )
        self._say(said or self.tr("This value does not fit."), refused=True)

    def refusal(self) -> str:
        """The refusal shown, or empty."""
        return self._line.whole_text() if self._line.property("tone") == "refuse" else ""

    def value(self) -> str:
        """What the control shows now."""
        return self.choice.current() if self.choice is not None else self.edit.text() if self.edit else ""

    def _say(self, refusal: str, *, refused: bool = False) -> None:
        fixed = self.tr("Given when the program was started; cannot be changed here.")
        if not self._setting.allowed:
            fixed = self.tr("A supervisor or an admin changes this.")
        text = refusal or (fixed if self._setting.fixed else words.setting_hint(self._setting.name))
        self._line.set_text(text)
        self._line.set_tone("refuse" if refused else "muted")
        self._line.setVisible(bool(text))
        if self.edit is not None and self.edit.property("bad") is not refused:
            self.edit.setProperty("bad", refused)
            self.edit.style().unpolish(self.edit)
            self.edit.style().polish(self.edit)

    def _chosen(self, key: str) -> None:
        self.kept.emit(self._setting.name, key)

    def _typed(self) -> None:
        if self.edit is not None and self.edit.text().strip() != self._setting.value:
            self.kept.emit(self._setting.name, self.edit.text().strip())

    def _retyped(self, _text: str) -> None:
        self._say("")

    def _taker(self, value: str) -> Callable[[], None]:
        def taken() -> None:
            if self.edit is not None:
                self.edit.setText(value)
                self._typed()

        return taken
