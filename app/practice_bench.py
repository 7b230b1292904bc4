"""What stands in for the world where one practises: camera, turnstile, printer and the network.

The camera is held before tickets that were just sold, the printer fills a folder and jams on request, and
"cut the network" shows what people at the till see when the hub is gone. There is no hub here to be gone.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from app.exchange import NoExchange
from app.gate_devices import DeviceSet
from app.printing.qr import ticket_matrix
from app.services.facade import PracticeTicket, SyncView
from app.services.orders import codes_of
from app.services.ports import CodeSigner
from app.settings import Settings
from app.store.store import StationStore
from devices.camera_sources import FrameFeeder, OpenSource
from devices.held_code import held_code
from devices.printers import FilePrinter
from domain.admission import LIVE, Confidence, ConfidenceMode
from domain.clock import Clock, to_text

PRINTED = "printed"


class PracticePrinter:
    """The printer of the use cases: jobs land in a folder as numbered files."""

    def __init__(self, folder: Path) -> None:
        self._printer = FilePrinter("practice printer", folder)

    @property
    def jammed(self) -> bool:
        """Whether every job fails."""
        return self._printer.jammed

    def jam(self, *, jammed: bool) -> None:
        """Jam it, or clear it."""
        self._printer.jammed = jammed

    def print_pdf(self, path: str, title: str) -> None:
        """Raises DeviceFault PRINTER_GONE while jammed, PRINT_FOLDER_NOT_WRITABLE."""
        del title
        self._printer.print_pdf(Path(path))

    def check(self) -> None:
        """Raises DeviceFault PRINTER_GONE while jammed."""
        self._printer.check()

    def present(self) -> bool:
        """A practice printer is always there."""
        return True


class PracticeExchange(NoExchange):
    """SyncControl of a practice venue: says what a station with a hub would say; nothing ever leaves."""

    def __init__(self, conflicts: Callable[[], int], tip: Callable[[], int], clock: Clock) -> None:
        super().__init__(conflicts)
        self._tip = tip
        self._clock = clock
        self._cut_at: datetime | None = None
        self._cut_after = 0

    @property
    def is_cut(self) -> bool:
        """Whether the network is out."""
        return self._cut_at is not None

    def cut(self, *, cut: bool) -> None:
        """Take the network away, or bring it back."""
        if cut == self.is_cut:
            return
        self._cut_at = self._clock.now() if cut else None
        self._cut_after = self._tip()
        self.announce()

    def view(self) -> SyncView:
        """Live, or offline with what has piled up since."""
        at = None if self._cut_at is None else to_text(self._cut_at)
        return SyncView(
            mode="offline" if at else "live",
            code="HUB_UNREACHABLE" if at else None,
            since_at=at,
            last_contact_at=at or to_text(self._clock.now()),
            waiting=self._tip() - self._cut_after if at else 0,
            held=0,
            conflicts=self._conflicts(),
            offset_ms=None,
            incarnation=None,
            schema=None,
        )

    def confidence(self) -> Confidence:
        """What a gate says beside its verdict."""
        return LIVE if self._cut_at is None else Confidence(ConfidenceMode.OFFLINE, self._cut_at)

    def nudge(self) -> None:
        """Something was written: the count of what waits may have risen."""
        self.announce()


class PracticeBench:
    """Implements app.services.facade.Practice."""

    def __init__(self, store: StationStore, signer: CodeSigner, clock: Clock) -> None:
        self._store = store
        self._signer = signer
        self._clock = clock
        self.camera = FrameFeeder()
        self.printer = PracticePrinter(store.folder / PRINTED)
        self.exchange = PracticeExchange(store.open_conflicts, lambda: store.outbox.tip().seq, clock)
        self._held: str | None = None

    def devices(self, settings: Settings) -> DeviceSet:
        """Simulated devices in the place of all that could move or print."""
        return DeviceSet(settings, self._clock, camera_at=self.camera_at, printer=self.printer)

    def camera_at(self, _address: str) -> OpenSource:
        """Whatever address is asked for: the one simulated camera."""
        return self.camera.open

    def tickets(self, limit: int = 12) -> Sequence[PracticeTicket]:
        """The tickets sold last, the latest first."""
        with self._store.read() as read:
            orders = [read.order(row.order) for row in read.find_orders("", limit)]
        return [
            PracticeTicket(
                ticket.serial, ticket.reference, ticket.event.name, ticket.product.name, ticket.state
            )
            for order in orders
            for ticket in (order.tickets if order is not None else ())
        ][:limit]

    def hold(self, serial: str) -> None:
        """Hold a ticket before the camera until another one is held or it is taken away."""
        with self._store.read() as read:
            ticket = read.ticket(serial)
            order = read.order(ticket.order) if ticket is not None else None
        code = None if order is None else codes_of(order, self._signer).get(serial)
        if code is not None:
            self._held = serial
            self.camera.show(held_code(ticket_matrix(code)))

    def take_away(self) -> None:
        """Nothing before the camera."""
        self._held = None
        self.camera.clear()

    @property
    def held(self) -> str | None:
        """Serial of the ticket before the camera."""
        return self._held

    @property
    def is_jammed(self) -> bool:
        """Whether the printer is jammed."""
        return self.printer.jammed

    def jam_printer(self, *, jammed: bool) -> None:
        """Jam the printer, or clear it."""
        self.printer.jam(jammed=jammed)

    @property
    def is_cut(self) -> bool:
        """Whether the network is out."""
        return self.exchange.is_cut

    def cut_network(self, *, cut: bool) -> None:
        """Take the network away, or bring it back."""
        self.exchange.cut(cut=cut)
