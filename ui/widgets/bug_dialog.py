"""The one dialog of the program: something unexpected happened, it is in the log, here is what to pass on."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.labels import PlainLabel


class BugDialog(QDialog):
    """Shows the trace and copies it. Never blocks: open it with `show()`."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.setWindowTitle(self.tr("Something unexpected happened"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self._build_ui()

    def _build_ui(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(tokens.space(2))
        column.addWidget(PlainLabel(self.windowTitle(), size="title", weight=tokens.BOLD, wrap=True))
        column.addWidget(
            PlainLabel(
                self.tr(
                    "What you did before is safe: each step is recorded on its own. The error is in the log; "
                    "copy it for whoever helps you."
                ),
                tone="soft",
                wrap=True,
            )
        )
        shown = QPlainTextEdit(self._text)
        shown.setReadOnly(True)
        shown.setMinimumSize(480, 160)
        column.addWidget(shown, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        self.copy_button = Button(self.tr("Copy"), "secondary", icon="copy")
        self.copy_button.clicked.connect(self._copy)
        close = Button(self.tr("Close"), "primary")
        close.clicked.connect(self.close)
        foot.addWidget(self.copy_button)
        foot.addWidget(close)
        column.addLayout(foot)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self.copy_button.set_text(self.tr("Copied"))
