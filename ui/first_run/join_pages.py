"""Joining a venue: the file or the camera, what is still to be held up, and what this machine would see."""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.formats import format_datetime
from app.services.invitations import Invitation
from domain.enrolment_codes import Taken
from domain.scope_seen import Seen
from ui.gate.camera_view import CameraView
from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.cards import Panel, TimelineRow, empty_layout
from ui.widgets.labels import MeaningName, PlainLabel
from ui.widgets.states import InlineMessage


class SeenList(QWidget):
    """What a station sees and what it does not, one line each, with a word and not by colour alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_seen(self, seen: Seen) -> None:
        """Show this."""
        count = None if seen.events is None else len(seen.events)
        events = self.tr("one event") if count == 1 else self.tr("%n events", "", count or 0)
        if count is None:
            events = self.tr("all events")
        lines = [
            (self.tr("Sales, tickets and admissions: {events}").replace("{events}", events), True),
            (self.tr("Shifts and takings of all stations"), seen.cash),
            (self.tr("Conversations with guests"), seen.support),
            (self.tr("Names and addresses of guests"), seen.customers),
            (self.tr("Names of those who work here"), seen.people),
        ]
        empty_layout(self._column)
        for at, (words, yes) in enumerate(lines):
            meaning: MeaningName = "admit" if yes else "neutral"
            said = self.tr("Sees") if yes else self.tr("Does not see")
            self._column.addWidget(TimelineRow(said, words, meaning=meaning, last=at == len(lines) - 1))


class CameraPage(Panel):
    """The camera's picture, and which codes are still missing."""

    back_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("card", margin=3, gap=1.5)
        self.column.addWidget(
            PlainLabel(self.tr("Hold the codes to the camera"), size="title", weight=tokens.BOLD, wrap=True)
        )
        self.column.addWidget(
            PlainLabel(
                self.tr("One after the other, in any order, until all of them are read."),
                tone="soft",
                wrap=True,
            )
        )
        self.camera = CameraView(grounded=True)
        self.camera.setMinimumHeight(200)
        self.camera.set_words("camera", self.tr("The camera is being opened…"))
        self.words = PlainLabel(weight=tokens.MEDIUM, wrap=True)
        self.trouble = InlineMessage()
        self.back = Button(self.tr("Back"), "quiet", icon="arrow-left")
        self.column.addWidget(self.camera, 1)
        self.column.addWidget(self.words)
        self.column.addWidget(self.trouble)
        foot = QHBoxLayout()
        foot.addWidget(self.back)
        foot.addStretch(1)
        self.column.addLayout(foot)
        self.back.clicked.connect(self.back_wanted)

    def show_codes(self, missing: list[int], of: int, said: Taken | None) -> None:
        """See `FirstRunView`."""
        if said is Taken.FOREIGN:
            words = self.tr("That is no enrolment code.")
        elif of == 0:
            words = self.tr("No code has been read yet.")
        else:
            words = self.tr("{have} of {of} codes read.").replace("{have}", str(of - len(missing)))
            words = words.replace("{of}", str(of))
            if missing:
                words += " " + self.tr("Still missing: code {numbers}").replace(
                    "{numbers}", ", ".join(map(str, missing))
                )
        if said is Taken.OTHER_SET:
            words = self.tr("That code belongs to another file: begun anew with it.") + " " + words
        self.words.set_text(words)

    def show_trouble(self, title: str, text: str) -> None:
        """See `FirstRunView.show_camera`."""
        if title:
            self.camera.clear()
            self.camera.set_words("camera-off", title)
            self.trouble.show_message("fault", title, text)
        else:
            self.trouble.hide()


class LookPage(Panel):
    """What the invitation makes of this machine; joining is the next press."""

    back_wanted = Signal()
    join_wanted = Signal()

    def __init__(self, lang: str) -> None:
        super().__init__("card", margin=4, gap=1.5)
        self._lang = lang
        self.title = PlainLabel(size="title", weight=tokens.BOLD, wrap=True)
        self.about = PlainLabel(tone="soft", wrap=True)
        self.warning = InlineMessage()
        self.seen = SeenList()
        self.back = Button(self.tr("Back"), "quiet", icon="arrow-left")
        self.join = Button(self.tr("Join"), "primary")
        for part in (self.title, self.about, self.warning):
            self.column.addWidget(part)
        self.column.addWidget(PlainLabel(self.tr("What this machine will see"), weight=tokens.MEDIUM))
        self.column.addWidget(self.seen)
        foot = QHBoxLayout()
        foot.addWidget(self.back)
        foot.addStretch(1)
        foot.addWidget(self.join)
        self.column.addLayout(foot)
        self.back.clicked.connect(self.back_wanted)
        self.join.clicked.connect(self.join_wanted)

    def show_invitation(self, invitation: Invitation, zone: str) -> None:
        """Show this one; times are of `zone`, an IANA name."""
        title = self.tr("This machine becomes “{name}”")
        self.title.set_text(title.replace("{name}", invitation.name))
        about = self.tr("Hub {hub} · receipts {prefix} · the file is valid until {time}")
        about = about.replace("{hub}", invitation.hub).replace("{prefix}", invitation.prefix)
        self.about.set_text(about.replace("{time}", self._time(invitation.expires_at, zone)))
        self.seen.show_seen(invitation.sees)
        if invitation.secure:
            self.warning.hide()
        else:
            self.warning.show_message(
                "info",
                self.tr("The connection is not encrypted by the venue's own certificate"),
                self.tr("That is right on one machine; over a network ask for a file with TLS."),
            )

    def _time(self, at: datetime, zone: str) -> str:
        return format_datetime(at, zone, self._lang)
