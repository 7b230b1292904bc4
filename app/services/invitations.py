"""Enrolment files for people: what a machine would be able to see, and the file as codes for its camera."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.services.access import require
from domain import enrolment
from domain.actor import Actor, Permission
from domain.clock import Clock
from domain.enrolment_codes import split
from domain.scope_seen import Seen, seen_by

Matrix = Sequence[Sequence[bool]]
"""Rows of a QR symbol's modules, True is dark, without the quiet zone."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An enrolment file that was read and checked. `text` is the file; `sees` what the station gets from the
    hub; `history`: for one that began alone; `secure`: the hub's name is checked, nobody reads along."""

    station: str
    name: str
    prefix: str
    hub: str
    expires_at: datetime
    sees: Seen
    history: bool
    secure: bool
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class InvitationCodes:
    """An invitation with its codes, to be shown in turn."""

    invitation: Invitation
    codes: Sequence[Matrix] = field(repr=False)


def look_at(text: str, now: datetime) -> Invitation:
    """Read and check an enrolment file. Refuses ENROLMENT_INVALID, ENROLMENT_FORGED, ENROLMENT_EXPIRED."""
    file = enrolment.read(text, now)
    return Invitation(
        station=file.station,
        name=file.name,
        prefix=file.prefix,
        hub=f"{file.hub.host}:{file.hub.port}",
        expires_at=file.expires_at,
        sees=seen_by(file.scope),
        history=file.joins,
        secure=file.hub.sslmode == "verify-full",
        text=text,
    )


class ShowInvitation:
    """Shows an enrolment file on screen, for a machine that has a camera and no other way to get it."""

    def __init__(self, read: Callable[[str], str], matrix: Callable[[str], Matrix], clock: Clock) -> None:
        """`read` reads a text file by its path; `matrix` makes a QR symbol."""
        self._read = read
        self._matrix = matrix
        self._clock = clock

    def __call__(self, path: str, actor: Actor) -> InvitationCodes:
        """Refuses NOT_ALLOWED, ENROLMENT_…; Fault FILE_UNREADABLE (file)."""
        require(actor, Permission.KEYS)
        invitation = look_at(self._read(path), self._clock.now())
        return InvitationCodes(invitation, [self._matrix(code) for code in split(invitation.text)])
