"""One run: a hub, machines, a network between them, people who work and things that go wrong; then peace,
and checks.

Everything is drawn from the seed. `trace` is a running hash over all that happened, `history` the same for
readers.
"""

import hashlib
import logging
import random
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from domain.clock import from_ms, to_ms, to_text
from domain.errors import Fault
from domain.ticket_code import SigningKey
from tests.simulation import swarm
from tests.simulation.clocks import SimClock
from tests.simulation.disk import Disks, SimCrash
from tests.simulation.hub_model import HubModel
from tests.simulation.ledger import Ledger
from tests.simulation.machine import Machine, Process
from tests.simulation.network import Network
from tests.simulation.tasks import Scheduler, Task

ROOT = SigningKey.from_seed(b"root key of the simulated house!"[:32])
DISK_FAULTS = {"DISK_FULL", "STORE_READ_ONLY", "STORE_IO_ERROR"}
"""Answers of a disk in trouble."""
ORGANIZATION = "01990000-0000-7000-8000-000000000001"
MakeHub = Callable[[Callable[[], int], random.Random], Any]
"""Makes a hub that asks the world for the time, and draws what is random about it."""


def modelled(now_ms: Callable[[], int], chance: random.Random) -> HubModel:
    """The hub of the fast tier."""
    return HubModel(now_ms, chance, ORGANIZATION, ROOT.public)


@dataclass
class Ack:
    """Something that a person was told is done: it must never be lost or doubled."""

    kind: str
    machine: str
    at_ms: int
    order: str = ""
    entry_id: str = ""
    serials: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


class World(Ledger):
    """The state of one run."""

    def __init__(
        self, seed: int, hub: MakeHub | None = None, *,
        read: bool = False, focus: str = "", brief: bool = False,
    ) -> None:  # fmt: skip
        self.seed = seed
        self.chance = random.Random(seed)
        self.swarm = swarm.draw(random.Random(self.chance.getrandbits(64)), focus, brief=brief)
        self.apart = random.Random(f"horizon {seed}")
        if focus in {"", "horizon"}:
            swarm.with_horizon(self.swarm, self.apart, always=focus == "horizon")
        self.start_ms = to_ms(self.swarm.begins_at)
        self.scheduler = Scheduler(self.start_ms)
        self.scheduler.on_error = self._ended
        self.counts: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.violations: list[str] = []
        self.acks: list[Ack] = []
        self.history: list[str] = []
        self.keep_history = read
        self._trace = hashlib.sha256()
        self.phase = "set up"
        self.hub_skew_ms = 0
        self.hub_ahead_ms = 0
        """The furthest that its clock ever was ahead."""
        self.disks = Disks()
        hub_chance = random.Random(self.chance.getrandbits(64))
        self.hub: Any = (hub or modelled)(self.hub_ms, hub_chance)
        self.network = Network(
            self.scheduler, self.hub, random.Random(self.chance.getrandbits(64)), self.count
        )
        self.network.told = self._hub_answered
        self.network.page, self.network.deaf = self.swarm.page, self.swarm.deaf
        self.machines: list[Machine] = []
        self.retired: list[Machine] = []
        self.tickets: list[tuple[str, str]] = []
        self.reserved: list[str] = []
        self.cards: list[str] = []
        self.spent: list[tuple[str, str, int]] = []
        self.codes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.payments: list[tuple[str, str]] = []
        self.flags: dict[str, Any] = {
            "fork": False,
            "risk": Counter(),
            "restored": False,
            "revoked": {},
            "duplicate_id": False,
        }
        self.editor: Machine | None = None
        self.looked_ms = 0
        self.behind = ""
        self.drained = self.caught_up = False
        self.on_boot: Callable[[Process], object] | None = None

    # Telling.

    def hub_ms(self) -> int:
        return self.scheduler.now_ms + self.hub_skew_ms

    def note(self, text: str) -> None:
        """One line of the history."""
        line = f"{self.scheduler.now_ms - self.start_ms:>9} {text}"
        self._trace.update(line.encode())
        if self.keep_history:
            self.history.append(line)

    def trace(self) -> str:
        return self._trace.hexdigest()

    def count(self, kind: str) -> None:
        """A fault that took effect."""
        self.faults[kind] += 1
        self.note(f"fault {kind}")

    def did(self, kind: str, machine: Machine, detail: str = "") -> None:
        """An action that is committed."""
        self.counts[kind] += 1
        self.note(f"{machine.name} {kind} {detail}")

    def violated(self, number: int, text: str) -> None:
        self.violations.append(f"invariant {number}: {text}")
        self.note(f"VIOLATION {number} {text}")

    def bug(self, where: str, error: BaseException) -> None:
        """The program raised what it should not."""
        place = "".join(traceback.format_exception(error)[-3:]).strip().replace("\n", " | ")
        self.violations.append(f"defect: {where}: {place}")
        self.note(f"DEFECT {where} {type(error).__name__}")

    def _hub_answered(self, role: str, function: str, arguments: Any, rows: Any) -> None:
        reply = rows[0][0] if rows else None
        said = reply.get("code", "") if isinstance(reply, dict) else ""
        if function == "push" and not said and self.hub.mode() == "recovery":
            fresh = {each["lease"] for each in reply["leases"]["items"]} - self.flags["known_leases"]
            if fresh:
                self.violated(24, f"{role} is granted {sorted(fresh)[:2]} while the hub recovers")
        size = len(arguments[3]) if function == "push" else len(rows) - 1
        self.note(f"hub {role[8:]} {function} {size} {said}")

    def look_now(self) -> bool:
        """Whether it is time to look whether all is done: twice a second."""
        if self.scheduler.now_ms < self.looked_ms + 500:
            return False
        self.looked_ms = self.scheduler.now_ms
        return True

    # Processes.

    def _ended(self, task: Task, error: BaseException) -> bool:
        machine = task.owner
        if isinstance(error, SimCrash) and isinstance(machine, Machine):
            self.count(f"kill_{error.step}")
            process = next((one for one in machine.processes if task in one.tasks), None)
            self.scheduler.after(0, lambda: self.crash(machine, process))
            return True
        self.bug(task.name, error)
        return True

    def crash(self, machine: Machine, process: Process | None = None) -> None:
        """A process (or all of a machine) ends at once and is started again after a while."""
        if process is not None and process not in machine.processes:
            return
        going = machine.processes if process is None else [process]
        machine.processes = [one for one in machine.processes if one not in going]
        for one in going:
            one.die()
        self.note(f"{machine.name} died")
        if not machine.processes:
            pause = machine.chance.choice((100, 2_000, 30_000)) if self.phase == "trouble" else 100
            self.scheduler.after(pause, lambda: self.boot(machine))

    def boot(self, machine: Machine) -> None:
        """Start the program, unless it runs or its machine is given up."""
        if machine.processes or machine not in self.machines:
            return
        try:
            process = machine.boot()
        except SimCrash as crash:
            self.count(f"kill_{crash.step}")
            self.scheduler.after(500, lambda: self.boot(machine))
            return
        except Fault as fault:
            if fault.code not in DISK_FAULTS:
                self.bug(f"{machine.name} start", fault)
            self.scheduler.after(1_000, lambda: self.boot(machine))
            return
        self.note(f"{machine.name} up")
        if self.on_boot is not None:
            self.on_boot(process)

    # Making.

    def make_machine(self, name: str, prefix: str, gate: str, at: int) -> Machine:
        chance = random.Random(self.chance.getrandbits(64))
        skews, drifts = self.swarm.skews_ms, self.swarm.drifts_ppm
        clock = SimClock(
            self.scheduler, skew_ms=skews[at % len(skews)], drift_ppm=drifts[at % len(drifts)], name=name
        )
        station = f"{chance.getrandbits(32):08x}"
        machine = Machine(self, name, station=station, prefix=prefix, gate=gate, chance=chance, clock=clock)
        self.machines.append(machine)
        return machine

    def when(self) -> str:
        return to_text(from_ms(self.scheduler.now_ms))

    def close(self) -> None:
        self.scheduler.end()
        for machine in [*self.machines, *self.retired]:
            machine.look_away()
            for process in machine.processes:
                process.core.close()
        self.hub.close()
        self.disks.close()


def quiet_logs() -> None:
    """The program's own log of what went wrong is no news here."""
    logging.getLogger("gatehouse").setLevel(logging.CRITICAL)
