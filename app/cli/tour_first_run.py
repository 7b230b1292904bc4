"""The tour's walk through the first start: joining by codes, and what a machine is told before it joins."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from app.clock import SystemClock, system_random
from app.services.facade import DeviceStatus, Frame, ScannedText
from app.services.invitations import Invitation
from domain.clock import to_ms
from domain.enrolment import HubAddress, write
from domain.enrolment_codes import Taken
from domain.errors import Refusal
from domain.ids import uuid7
from domain.scope_seen import Seen
from domain.ticket_code import SigningKey
from sync.hub_admin import LEASED_FOR, Invited, enrolment_file
from ui.first_run.presenter import NewVenue
from ui.start import FirstRunWindow

GATE = Invitation(
    station="0c3f81aa",
    name="Gate 2",
    prefix="GA2",
    hub="hub.example:5432",
    expires_at=datetime(2026, 11, 24, 12, 0, tzinfo=UTC),
    sees=Seen(events=(3141592653, 2718281828), cash=False, support=False, customers=False, people=True),
    history=False,
    secure=True,
    text="",
)
"""What the pictures show: a machine that is only a gate."""


def walk_joining(window: FirstRunWindow, shoot: Callable[[str], object]) -> None:
    """Codes held to the camera, then what this machine would be."""
    screen = window.screen_
    screen.show_step("camera")
    screen.show_codes([2], 3, Taken.NEW)
    shoot("first-run-camera")
    screen.show_invitation(GATE)
    screen.show_step("look")
    shoot("first-run-look")


def sample_file(folder: Path) -> str:
    """An enrolment file to look at, of a root key that nobody has; its path."""
    now, root = SystemClock().now(), SigningKey.from_seed(system_random(32))
    hub = HubAddress("hub.example", 5432, "gatehouse", f"station_{GATE.station}")
    invited = Invited(GATE.station, GATE.name, GATE.prefix, ("event:3141592653", "org"), 1)
    organization = uuid7(to_ms(now), system_random)
    file = enrolment_file(organization, hub, invited, root, now, now + LEASED_FOR, system_random)
    path = folder / "gate-2.json"
    path.write_text(write(file, root), encoding="utf-8")
    return str(path)


class NothingYet:
    """The first-run screen is only looked at."""

    def start_demo(self) -> None:
        """Never pressed in a tour."""

    def make_venue(self, _venue: NewVenue) -> None:
        """Never pressed in a tour."""

    def look_at_file(self, _file: Path) -> Invitation:
        """Never pressed in a tour."""
        raise Refusal("ENROLMENT_INVALID", field="json")

    def look_at(self, _text: str) -> Invitation:
        """Never pressed in a tour."""
        raise Refusal("ENROLMENT_INVALID", field="json")

    def join(self, _invitation: Invitation) -> None:
        """Never pressed in a tour."""

    def watch(
        self,
        _scanned: Callable[[ScannedText], None],
        _framed: Callable[[Frame], None],
        _changed: Callable[[DeviceStatus], None],
    ) -> None:
        """Never pressed in a tour."""

    def unwatch(self) -> None:
        """Never pressed in a tour."""
