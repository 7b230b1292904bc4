"""Help pages: Markdown files of resources/help/<language>/, shown in a panel beside their screen."""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QColor,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser, QWidget

from ui.style import tokens
from ui.style.theme import current_colors
from ui.widgets.side_panel import SidePanel

FALLBACK_LANGUAGE = "en"


def help_text(folder: Path, language: str, page: str) -> str:
    """Markdown of a page in this language, else in English, else of the index page."""
    for wanted in (
        folder / language / f"{page}.md",
        folder / FALLBACK_LANGUAGE / f"{page}.md",
        folder / language / "index.md",
        folder / FALLBACK_LANGUAGE / "index.md",
    ):
        if wanted.is_file():
            return wanted.read_text(encoding="utf-8")
    return ""


def dress_document(document: QTextDocument) -> None:
    """Give a Markdown document our distances (Qt has no style sheet for Markdown)."""
    block = document.begin()
    while block.isValid():
        shape, cursor = block.blockFormat(), QTextCursor(block)
        level = shape.headingLevel()
        in_table = cursor.currentTable() is not None
        shape.setTopMargin(tokens.space(3) if level > 1 else 0)
        shape.setBottomMargin(0 if in_table else tokens.space(0.75 if block.textList() else 1.5))
        shape.setLineHeight(112, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.setBlockFormat(shape)
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _dress_table(frame)


def _dress_table(table: QTextTable) -> None:
    shape = table.format().toTableFormat()
    shape.setCellPadding(tokens.space(1))
    shape.setCellSpacing(0)
    shape.setBorder(1)
    shape.setBorderCollapse(True)
    shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    shape.setBorderBrush(QColor(current_colors().line))
    shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    table.setFormat(shape)


class HelpPanel(SidePanel):
    """Ctrl+H: the page of this screen; links lead to other pages."""

    def __init__(self, host: QWidget, folder: Path) -> None:
        super().__init__(host, "", width=560)
        self.set_title(self.tr("Help"))
        self._folder = folder
        self._language = FALLBACK_LANGUAGE
        self._page = ""
        self.reader = QTextBrowser()
        self.reader.setOpenLinks(False)
        self.reader.document().setDocumentMargin(tokens.space(1))
        self.reader.anchorClicked.connect(self._follow)
        self.column.setContentsMargins(16, 8, 8, 8)
        self.column.addWidget(self.reader, 1)

    def show_page(self, page: str, language: str) -> None:
        """Open on this page."""
        self._page, self._language = page, language
        self.reader.setMarkdown(help_text(self._folder, language, page))
        dress_document(self.reader.document())
        self.open_panel(self.reader)

    def page(self) -> str:
        """The page shown last."""
        return self._page

    def _follow(self, link: QUrl) -> None:
        name = Path(link.path()).stem
        if name:
            self.show_page(name, self._language)
