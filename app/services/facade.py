"""Everything a window may use, in one value: the use cases of a station, and ports to what runs beside them.

Windows and the command line get this from the composition root; nothing here is built at import time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.services.after_sale import Afterwards
from app.services.approvals import Approve
from app.services.audit import Audit
from app.services.conflicts import ListConflicts, ResolveConflict, ShowConflict
from app.services.drawer import NoteDrawer
from app.services.erasure import ErasePerson
from app.services.event_privacy import EraseDue, EventPrivacy
from app.services.gate import Gatekeeper, OpenTurnstile
from app.services.guests import NameGuest
from app.services.health import CheckReadiness
from app.services.held import ListHeld
from app.services.invitations import ShowInvitation
from app.services.keys import ListKeys
from app.services.lease_view import ShowLeases
from app.services.may_sell import ConfirmDate
from app.services.offers import Board, Offers
from app.services.orders import FindOrders
from app.services.person_export import ExportPerson
from app.services.printing import PrintOrder, PrintQueue, PrintShift
from app.services.promos import FindPromo
from app.services.roles import PeopleDesk
from app.services.sell import SellOrder
from app.services.sessions import ScriptSessions, SessionDesk
from app.services.shifts import CloseShift, OpenShift, ShiftNow
from app.services.signin import AddUser, SetPin, SignIn
from app.services.views import JournalRow, Organization, StationInfo
from domain.actor import Actor
from domain.clock import Clock


@dataclass(frozen=True, slots=True)
class SyncView:
    """What the badge and the sync page show. Times are ISO UTC text; `mode` is alone, connecting, live,
    offline or refused; `code` says why (a fault code)."""

    mode: str
    code: str | None
    since_at: str | None
    last_contact_at: str | None
    waiting: int
    held: int
    conflicts: int
    offset_ms: int | None
    incarnation: str | None
    schema: str | None
    snapshot: tuple[int, int] | None = None
    """(done, of how many) while everything is fetched at once; None else."""
    documents: int = 0
    """Documents that the hub does not have yet."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """What goes with the code."""


class SyncControl(Protocol):
    """The sync driver as windows see it."""

    def view(self) -> SyncView:
        """The state now; quick, never waits for the network."""
        ...

    def subscribe(self, changed: Callable[[SyncView], None]) -> Callable[[], None]:
        """Call `changed` from the driver's thread at each change; answers how to stop that."""
        ...

    def sync_now(self) -> None:
        """Ask for an exchange at once; returns without waiting."""
        ...


@dataclass(frozen=True, slots=True)
class ScannedText:
    """A code as a device delivered it. `corners` are (x, y) in the frame, for cameras only."""

    text: str
    source: str
    corners: Sequence[tuple[int, int]] | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """A camera picture for the preview: RGB888 bytes, row by row."""

    width: int
    height: int
    rgb: bytes
    corners: Sequence[tuple[int, int]] | None = None


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """A device on a page: `state` is none, opening, listening, ready or lost; `code` is a fault's."""

    device: str
    state: str
    code: str | None = None
    detail: str = ""


class GateDevices(Protocol):
    """Camera, scanner and turnstile of a gate. Callbacks come from device threads."""

    def start(
        self,
        scanned: Callable[[ScannedText], None],
        framed: Callable[[Frame], None],
        changed: Callable[[DeviceStatus], None],
    ) -> None:
        """Open what the settings name and begin to listen."""
        ...

    def stop(self) -> None:
        """Close all of it."""
        ...

    def statuses(self) -> Sequence[DeviceStatus]:
        """camera, scanner, turnstile, printer: each with its state."""
        ...

    def test(self, device: str) -> DeviceStatus:
        """Try a device once (open the turnstile, read a frame…). Raises DeviceFault."""
        ...

    def found(self, device: str) -> Sequence[tuple[str, str]]:
        """What is plugged in or installed: (value for the settings, description). May take seconds.
        Raises DeviceFault."""
        ...


class SettingsBook(Protocol):
    """The settings of this station."""

    def text(self, name: str) -> str: ...
    def number(self, name: str) -> int: ...
    def may_change(self, name: str, actor: Actor) -> bool:
        """Whether this person may change the setting."""
        ...

    def store(self, name: str, value: str, actor: Actor) -> None:
        """Keep a value. Raises Refusal NOT_ALLOWED, SETTING_INVALID, SETTING_UNKNOWN."""
        ...

    def listed(self) -> Sequence[Mapping[str, str]]:
        """name, value (secrets masked), source, meaning, default, hint of every setting."""
        ...


class StationFacts(Protocol):
    """Small questions about this station."""

    def organization(self) -> Organization: ...
    def station(self) -> StationInfo: ...
    def journal(self, limit: int = 100, kind: str | None = None) -> Sequence[JournalRow]: ...


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a file of another station's waiting entries brought: whose it is, how many, and how many of them
    are new here, held (a newer program wrote them) or set aside."""

    station_name: str
    entries: int
    applied: int
    held: int
    rejected: int


class WaitingFiles(Protocol):
    """Own entries that the hub does not have yet, carried to another station on a stick."""

    def export(self, path: str) -> int:
        """Write a file; answers how many entries are in it. Raises Refusal NO_HUB, NOTHING_WAITING; Fault
        FILE_NOT_WRITABLE."""
        ...

    def take_in(self, path: str) -> TakenIn:
        """Take in another station's file, all of it or nothing. Raises Refusal NO_HUB, WAITING_…,
        CERTIFICATE_FORGED; Fault FILE_…."""
        ...


@dataclass(frozen=True, slots=True)
class PracticeTicket:
    """A ticket sold in practice, as it is offered to be held before the camera."""

    serial: str
    reference: str
    event: str
    product: str
    state: str


class Practice(Protocol):
    """What stands in for the world where one practises. All of it is quick."""

    def tickets(self, limit: int = 12) -> Sequence[PracticeTicket]:
        """The tickets sold last, the latest first."""
        ...

    def hold(self, serial: str) -> None:
        """Hold a ticket before the camera."""
        ...

    def take_away(self) -> None:
        """Nothing before the camera."""
        ...

    @property
    def held(self) -> str | None: ...
    @property
    def is_jammed(self) -> bool: ...
    @property
    def is_cut(self) -> bool: ...
    def jam_printer(self, *, jammed: bool) -> None: ...
    def cut_network(self, *, cut: bool) -> None: ...


class FileOpener(Protocol):
    """Shows a file with the program that the system has for it. Raises DeviceFault."""

    def open(self, path: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases and ports of one station."""

    clock: Clock
    facts: StationFacts
    sign_in: SignIn
    people: PeopleDesk
    sessions: SessionDesk
    scripts: ScriptSessions
    approve: Approve
    audit: Audit
    add_user: AddUser
    set_pin: SetPin
    erase_person: ErasePerson
    export_person: ExportPerson
    board: Board
    offers: Offers
    find_promo: FindPromo
    sell: SellOrder
    afterwards: Afterwards
    confirm_date: ConfirmDate
    check_readiness: CheckReadiness
    find_orders: FindOrders
    print_order: PrintOrder
    print_queue: PrintQueue
    print_shift: PrintShift
    open_shift: OpenShift
    shift_now: ShiftNow
    close_shift: CloseShift
    gatekeeper: Gatekeeper
    open_turnstile: OpenTurnstile
    list_conflicts: ListConflicts
    show_conflict: ShowConflict
    resolve_conflict: ResolveConflict
    sync: SyncControl
    waiting_files: WaitingFiles
    list_held: ListHeld
    show_leases: ShowLeases
    list_keys: ListKeys
    show_invitation: ShowInvitation
    name_guest: NameGuest
    note_drawer: NoteDrawer
    event_privacy: EventPrivacy
    erase_due: EraseDue
    devices: GateDevices
    settings: SettingsBook
    opener: FileOpener
    practice: Practice | None = None
    """Only where one practises."""
    practise: Callable[[], None] | None = None
    """Opens the practice venue in a window of its own. Raises Fault PRACTICE_NOT_STARTED. None where one
    practises already."""
