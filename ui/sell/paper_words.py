"""Where the paper of a sale is, in words."""

from pathlib import PurePath

from PySide6.QtCore import QCoreApplication

from ui.sell.facts import Paper
from ui.sell.words import Manner


def paper_text(paper: Paper, manner: Manner, *, short: bool = False) -> str:
    """One line; empty before anything was asked for. `short` leaves the names of files out."""
    translate = QCoreApplication.translate
    match paper.state:
        case "none":
            return ""
        case "working":
            return {
                "save": translate("PaperWords", "Saving the PDFs…"),
                "open": translate("PaperWords", "Opening the tickets…"),
                "print": translate("PaperWords", "Printing…"),
            }[paper.doing]
        case "saved" if short:
            return translate("PaperWords", "Saved as PDF")
        case "saved":
            names = ", ".join(PurePath(file).name for file in paper.files)
            return translate("PaperWords", "Saved: {files}").format(files=names)
        case "opened":
            return translate("PaperWords", "Tickets are open in the PDF viewer")
        case "printed":
            return translate("PaperWords", "Sent to the printer")
        case "failed":
            return manner.say(paper.trouble).title if paper.trouble is not None else ""
