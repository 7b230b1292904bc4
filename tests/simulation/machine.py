"""One simulated machine: a disk, clocks, and the real program on it.

The station is put together by plain constructor calls as app.bootstrap does it, over the real store, use
cases, exchange, engine, driver, errands and claims. Only what touches the outside is simulated.
"""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlcipher3 import dbapi2

from app.claims import StationClaims
from app.exchange import Exchange
from app.gate_setup import gate_setup
from app.imports import ImportFolder
from app.services.conflicts import ListConflicts, ResolveConflict
from app.services.gate import Gatekeeper
from app.services.orders import FindOrders
from app.services.printing import PrintOrder
from app.services.sell import SellOrder
from app.services.shifts import CloseShift, OpenShift, ShiftNow
from app.settings import Settings
from app.signer import StationSigner
from app.store import migrate
from app.store.journal import Identity
from app.store.keys import Secrets
from app.store.opening import DATABASE
from app.store.rebuild import rebuild
from app.store.snapshot import StoreSnapshots
from app.store.store import StationStore
from domain.errors import GatehouseError
from domain.ticket_code import SigningKey
from sync.claims import Breaker, HubClaims
from sync.control import ControlErrand
from sync.document_lane import DocumentLane
from sync.documents import DocumentExchange
from sync.driver import SyncDriver
from sync.engine import Engine, Timing
from sync.errands import Errands
from sync.hub_client import HubClient
from sync.steps import Action, Connected, Event, Lane, Started
from tests.simulation import forgetting
from tests.simulation.clocks import SimClock
from tests.simulation.disk import SimCore, Trouble
from tests.simulation.network import SimLine, unwatched
from tests.simulation.tasks import Scheduler, SimBell, SimLock, SimQueue, Task, Waiters

if TYPE_CHECKING:
    from tests.simulation.world import World


class SimEvent:
    """threading.Event over simulated time."""

    def __init__(self, world: Scheduler) -> None:
        self._world, self._is_set = world, False
        self._waiters: Waiters = []

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        self._is_set = True
        self._world.notify(self._waiters)

    def clear(self) -> None:
        self._is_set = False

    def wait(self, seconds: float) -> bool:
        return self._is_set or self._world.wait(self._waiters, int(seconds * 1000)) or self._is_set


class FolderLock:
    """The lock file of a folder: one process at a time."""

    def __init__(self) -> None:
        self.holder: object = None


class _ProcessLock:
    """fasteners.InterProcessLock of one process."""

    def __init__(self, lock: FolderLock, process: object) -> None:
        self._lock, self._process = lock, process

    def acquire(self, *, blocking: bool) -> bool:
        if self._lock.holder in (None, self._process):
            self._lock.holder = self._process
            return True
        return False

    def release(self) -> None:
        if self._lock.holder is self._process:
            self._lock.holder = None


class SimDriver(SyncDriver):
    """The real driver; its workers are tasks and its connections simulated."""

    def __init__(self, process: "Process", **parts: Any) -> None:
        super().__init__(**parts)
        self._process = process
        world = process.world.scheduler
        self._bells = {lane: SimBell(world) for lane in Lane}  # type: ignore[assignment]
        self._work = {lane: SimQueue(world) for lane in Lane}  # type: ignore[assignment]

    def start(self) -> None:
        for lane in Lane:
            self._process.spawn(f"sync-{lane}", lambda lane=lane: self._run_lane(lane))
        self._let_in(Started())

    def _connect(self, lane: Lane) -> Event:
        if (old := self._clients.pop(lane, None)) is not None:
            old.close()
        machine = self._process.machine
        line = self._process.world.network.connect(machine.role, who=machine.name)
        self._clients[lane] = HubClient(line, keeper=unwatched)  # type: ignore[arg-type]
        return Connected(lane)

    def _do(self, action: Action) -> Event | None:
        try:
            return super()._do(action)
        except GatehouseError:
            raise
        except Exception as error:
            self._process.world.bug(f"{self._process.machine.name} sync {type(action).__name__}", error)
            raise


class SimExchange(Exchange):
    """The real exchange with its turn-taking as a task."""

    def __init__(self, process: "Process", **parts: Any) -> None:
        super().__init__(dsn="", password="", **parts)
        self._process = process
        self._process_lock = _ProcessLock(process.machine.folder_lock, process)
        self._stopping = SimEvent(process.world.scheduler)  # type: ignore[assignment]

    def ask_for_sums(self, errand: ControlErrand) -> None:
        """More often than every few minutes, since a run takes no longer."""
        self._control_errand = errand

    def start(self) -> None:
        self._process.spawn("sync-turn", self._take_turn)

    def stop(self) -> None:
        driver, self._driver = self._driver, None
        if driver is not None:
            driver._close()
        self._process_lock.release()

    def _made(self) -> SyncDriver:
        return SimDriver(
            self._process, dsn="", password="", outbox=self._outbox, replica=self._replica, clock=self._clock,
            engine=Engine(self._process.chance.random, self._timing), program="simulated",
            on_state=self._changed, errands=self._errands, leases=self._leases, snapshots=self._snapshots,
            rights=self._rights, documents=self._documents, control=self._control_errand,
        )  # fmt: skip


class SimHubClaims(HubClaims):
    """The real line for claims; its keeper is a task."""

    process: "Process"
    _began = False

    def begin(self) -> None:
        if not self._began:
            self._began = True
            self.process.spawn("gate-claims", self._keep)


class SimClaims(StationClaims):
    """The real claims of a station over a simulated line."""

    def __init__(self, process: "Process", store: StationStore) -> None:
        world, machine = process.world, process.machine

        def seconds() -> float:
            return world.scheduler.now_ms / 1000

        super().__init__(store, "", "", machine.clock, process.random_bytes, seconds)
        hub = SimHubClaims(
            lambda: SimLine(world.network.connect(machine.role), seconds),  # type: ignore[arg-type, return-value]
            Breaker(process.chance.random), store.shut.told, self._drop_lost, seconds,
        )  # fmt: skip
        hub.process = process
        hub._lane = SimLock(world.scheduler)  # type: ignore[assignment]
        hub._state = SimLock(world.scheduler)  # type: ignore[assignment]
        self._hub = hub


class _Paper:
    """Renderer, sink and printer that cost nothing: what is printed is not what is simulated."""

    def tickets(self, *_: object) -> bytes:
        return b"%PDF"

    receipt = shift_report = tickets

    def save(self, name: str, content: bytes, folder: str | None = None) -> str:
        return name

    def print_pdf(self, path: str, title: str) -> None:
        return None


class Process:
    """The program, started once on a machine."""

    def __init__(self, machine: "Machine", core: SimCore | None = None) -> None:
        self.machine, self.world = machine, machine.world
        self.tasks: list[Task] = []
        self.alive = True
        self.keeper: forgetting.Keeper | None = None
        self.chance = random.Random(machine.chance.getrandbits(64))
        self.random_bytes: Callable[[int], bytes] = self.chance.randbytes
        self.core = core or SimCore(machine.folder / DATABASE, machine.trouble)
        if self.core.unlock():
            self._upgrade()
        identity = Identity(
            machine.station, machine.epoch, SigningKey.from_seed(machine.secrets.signing_seed)
        )
        self.store = StationStore(
            machine.folder, self.core, identity, machine.secrets, _NoKeys(), machine.clock, self.random_bytes
        )
        self._build()

    def _upgrade(self) -> None:
        """The file is an older program's, as app.store.opening.open_store finds it."""
        with self.core.writing() as work:
            migrate.upgrade(work.connection)
            rebuild(work.connection, self.machine.station)
            work.commit()
        self.world.count("upgrade")

    def _build(self) -> None:
        store, clock, random_bytes = self.store, self.machine.clock, self.random_bytes
        self.exchange = SimExchange(
            self, outbox=store.outbox, replica=store.replica, clock=clock, timing=Timing(),
            measured=store.note_hub_time, conflicts=store.open_conflicts, told=store.shut.told,
            errands=Errands(ImportFolder(store)), lock_file=store.folder / "sync.lock", leases=store.leases,
            snapshots=self._snapshots(), rights=store.rights,
            documents=DocumentLane(DocumentExchange(store.documents)) if self.world.swarm.documents else None,
        )  # fmt: skip
        forgetting.prepare(self)
        nudge = self.exchange.nudge
        self.claims = SimClaims(self, store) if self.machine.gate else None
        signer = StationSigner(store.signing_key, practice=False)
        self.sell = SellOrder(store, signer, clock, random_bytes, nudge)
        self.open_shift = OpenShift(store, random_bytes, nudge)
        self.close_shift = CloseShift(store, nudge)
        self.shift_now = ShiftNow(store)
        self.orders = FindOrders(store, signer)
        self.list_conflicts = ListConflicts(store)
        self.resolve = ResolveConflict(store, nudge, self.exchange.announce)
        paper = _Paper()
        self.print_order = PrintOrder(store, signer, paper, paper, paper, nudge)
        self.gates = {lane: self._gate(lane) for lane in ("1", "2")} if self.machine.gate else {}

    def _snapshots(self) -> StoreSnapshots:
        """Taken early in some runs, and slowly: others go on meanwhile; the process may end at each step."""
        far_behind, slow = self.world.swarm.far_behind, self.world.swarm.slow_snapshots

        def watch(step: str) -> None:
            self.machine.trouble.step(f"snapshot_{step}")
            if slow and step in {"begun", "organization", "piece", "built"}:
                self.world.count("long_snapshot")
                self.world.scheduler.sleep(self.chance.randint(1, 4_000))
            if step == "merged":
                self.world.count("snapshot")

        made = StoreSnapshots(
            self.core, self.store.identity, self.store.keys, self.machine.clock, self.random_bytes,
            far_behind=far_behind, workers=1, watch=watch,
        )  # fmt: skip
        self.store.snapshots = made
        return made

    def _gate(self, lane: str) -> Gatekeeper:
        settings = Settings(
            self.machine.folder, {"GATEHOUSE_GATE_CODE": self.machine.gate, "GATEHOUSE_GATE_UNKNOWN": "admit"}
        )
        setup = gate_setup(settings, None, lane, practice=False, revoked=self.store.shut.is_shut)
        return Gatekeeper(
            self.store, self.store.keys, self.machine.clock, self.exchange.confidence, setup,
            self.exchange.nudge, self.claims,
        )  # fmt: skip

    def is_selling(self) -> bool:
        """Whether a shift is open here."""
        with self.store.read() as read:
            return read.running_shift(self.machine.station) is not None

    def start(self) -> None:
        """Begin to exchange."""
        self.exchange.start()
        if self.claims is not None:
            self.claims.begin()
        forgetting.begin(self)

    def spawn(self, name: str, body: Callable[[], object]) -> Task:
        task = self.world.scheduler.spawn(f"{self.machine.name} {name}", body, self.machine)
        self.tasks.append(task)
        return task

    def die(self) -> None:
        """The process is killed: nothing is closed properly."""
        if not self.alive:
            return
        self.alive = False
        self.world.scheduler.kill(self.tasks)
        self.exchange.stop()
        self.world.network.cut(self.machine.role)
        self.core.close()


class _NoKeys:
    """The keystore of a simulated machine: its secrets are in the machine itself."""

    where = "file"

    def read(self, installation: str) -> None:
        return None

    def write(self, secrets: Secrets) -> None:
        return None

    forget = write  # type: ignore[assignment]


class Machine:
    """A computer of the organization. `gate`: the code of the gate it stands at, '' for a till."""

    def __init__(
        self, world: "World", name: str, *, station: str, prefix: str, gate: str, chance: random.Random,
        clock: SimClock,
    ) -> None:  # fmt: skip
        self.world, self.name, self.station, self.prefix, self.gate = world, name, station, prefix, gate
        self.chance, self.clock = chance, clock
        self.role = f"station_{station}"
        self.epoch = 1
        self.asleep_until_ms = 0
        self.postponed: list[Callable[[], None]] = []
        self.trouble = Trouble()
        self.trouble.met = world.count
        self.folder_lock = FolderLock()
        self.processes: list[Process] = []
        self.former: list[str] = []
        self.revoked = False
        self.clock_was_set = False
        self.wrote_past_checks = False
        self.twin_of = ""
        self.scope: tuple[str, ...] | None = None
        self._look: Any = None
        self.folder = Path()
        self.down_until_ms = 0
        self.new_secrets()

    def new_secrets(self) -> None:
        self.secrets = Secrets(
            self.chance.randbytes(16).hex(), "", bytes(32), self.chance.randbytes(32), None
        )

    @property
    def up(self) -> bool:
        return bool(self.processes) and self.asleep_until_ms <= self.world.scheduler.now_ms

    def sleep(self, until_ms: int) -> None:
        """The lid is closed: nothing runs here until then."""
        self.asleep_until_ms = until_ms
        self.world.scheduler.at(until_ms, lambda: self.wake(until_ms))

    def wake(self, until_ms: int | None = None) -> None:
        """The lid is opened: everything that came due meanwhile happens now."""
        if until_ms not in (None, self.asleep_until_ms):
            return
        self.asleep_until_ms = 0
        going, self.postponed = self.postponed, []
        for act in going:
            self.world.scheduler.after(0, act)

    def boot(self) -> Process:
        """Start the program."""
        core = SimCore(self.folder / DATABASE, self.trouble)
        try:
            process = Process(self, core)
        except BaseException:
            core.close()
            raise
        self.processes.append(process)
        process.start()
        return process

    def crash(self) -> None:
        """All processes end at once."""
        going, self.processes = self.processes, []
        self.folder_lock.holder = None
        for process in going:
            process.die()

    def any(self) -> Process:
        """One of the running processes."""
        return self.chance.choice(self.processes)

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Raw rows of its file, for checks."""
        if self._look is None:
            self._look = dbapi2.connect(
                f"file:{self.folder / DATABASE}?mode=ro", uri=True, check_same_thread=False
            )
        return list(self._look.execute(query, tuple(values)).fetchall())

    def look_away(self) -> None:
        """The file is about to move."""
        if self._look is not None:
            self._look.close()
            self._look = None
