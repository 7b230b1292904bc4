"""Others' history is forgotten at some stations, after seconds instead of weeks: the housekeeping that nobody
sees, at random moments, broken off anywhere, and long after everything has come to rest.

What must hold at that very moment is looked at here; what must hold afterwards by invariants.horizon.
"""

import json
import random
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.store.forgetting import StoreForgetting
from app.store.horizon import StoreHorizon
from domain.errors import Fault, Refusal
from domain.horizon import DAY_MS
from domain.ticket_code import decode
from domain.validity import SIGNED_MARGIN
from sync.control import ControlErrand
from tests.simulation import house

if TYPE_CHECKING:
    from tests.simulation.machine import Machine, Process
    from tests.simulation.world import World

STEPS = ("before_begin", "before_commit", "after_commit", "horizon_rest")
EVERY_MS = 2_000
"""So often a station asks how far the hub has come."""
MOST_TICKETS = 40
WRONG_MS = 15_000
"""By so much a station may be wrong about the hub's time: half of the slowest answer, and what drifted."""
EXPECTED = {"DISK_FULL", "STORE_READ_ONLY", "STORE_IO_ERROR"}
_NEW = "SELECT entry_id, station, epoch, seq, content FROM short_entry"
_DISPUTED = "SELECT each.value FROM conflict, json_each(conflict.entries) each"
_NEEDED = (
    "SELECT 1 FROM meta n WHERE n.name = 'snapshot_needed' AND n.value ="
    " coalesce((SELECT d.value FROM meta d WHERE d.name = 'snapshot_done'), '')"
)


def prepare(process: "Process") -> None:
    """The station asks the hub how far it has come, and lets others write between two pieces."""
    world, store = process.world, process.store
    if world.swarm.horizon_ms is None:
        return

    def differs(feed: str) -> None:
        world.violated(36, f"{process.machine.name}: {feed} adds up to something else at the hub")

    errand = ControlErrand(store.control, process.machine.clock, differs, EVERY_MS)
    process.exchange.ask_for_sums(errand)
    store._ask_for_snapshot()  # of what stands in the place of its own
    process.keeper = Keeper(world, process)
    store.horizon = StoreHorizon(process.core, process.keeper.rest)
    store.forgetting = StoreForgetting(process.core, process.keeper.rest)


def begin(process: "Process") -> None:
    """Now and then, as long as it runs."""
    if process.keeper is not None:
        process.spawn("housekeeping", process.keeper)


def waits_for_snapshot(machine: "Machine") -> bool:
    """Whether its tables must come anew and have not come yet."""
    return bool(machine.rows(_NEEDED))


class Keeper:
    """The housekeeping of one process, as app.build_people puts it together, with a horizon of seconds."""

    def __init__(self, world: "World", process: "Process") -> None:
        self.world, self.process, self.machine = world, process, process.machine
        self.chance = random.Random(world.apart.getrandbits(64))
        self.resting = False
        self._pausing = False

    def __call__(self) -> None:
        while True:
            self.world.scheduler.sleep(int(self.chance.expovariate(1 / (10 * self.world.swarm.gap_ms))) + 1)
            if self.world.phase != "trouble":
                self.close_shift()
            self.look(broken_off=self.world.phase == "trouble" and self.chance.random() < 0.15)

    def rest(self, seconds: float) -> None:
        """Between two pieces: others go on, or nobody does, and then nothing else can have changed."""
        self.machine.trouble.step("horizon_rest")
        if self._pausing:
            self.world.scheduler.sleep(int(1000 * seconds) + self.chance.randint(0, 500))

    def look(self, *, broken_off: bool = False) -> None:
        """Once, by the hub's time and while it is heard; `broken_off`: the process may end within."""
        now_ms = self.process.store.hub_now_ms()
        if self.resting or self.process.exchange.is_away() or now_ms is None:
            return
        step = self.chance.choice(STEPS)
        if broken_off:
            self.machine.trouble.crash_at.setdefault(step, self.chance.randint(1, 3))
        self._pausing = self.chance.random() < 0.3
        try:
            self._forget(now_ms + DAY_MS - (self.world.swarm.horizon_ms or 0))
        except Fault as fault:
            if fault.code not in EXPECTED:
                self.world.bug(f"{self.machine.name} housekeeping", fault)
        except Exception as error:  # noqa: BLE001 - a defect of the program is what is looked for
            self.world.bug(f"{self.machine.name} housekeeping", error)
        if broken_off:
            self.machine.trouble.crash_at.pop(step, None)

    def close_shift(self) -> None:
        """The evening is over: only what a closed shift took is forgotten."""
        try:
            shift = self.process.shift_now(house.CASHIER)
            if shift is not None and not self.machine.revoked:
                self.process.close_shift(shift.expected.minor, house.CASHIER)
                self.world.did("shift_closed", self.machine)
        except (Refusal, Fault) as error:
            self.world.note(f"{self.machine.name} shift stays open: {error.code}")

    def _forget(self, now_ms: int) -> None:
        before, known = {row[0] for row in self.machine.rows(_NEW)}, self._verdicts()
        short = self.process.store.horizon.shorten(now_ms, 1)
        forgotten = self.process.store.forgetting.forget(now_ms, 1)
        self._rightly(before)
        self._too_early()
        if not self._pausing:
            self._same_verdicts(known)
        if short:
            self.world.did("shortened", self.machine, f"{short}")
        if forgotten:
            self.world.did("forgotten", self.machine, f"{forgotten}")

    # What must hold.

    def _rightly(self, before: set[str]) -> None:
        """Nothing of one's own, of the organization, of what two contradict each other about, or of what the
        hub has not heard of."""
        disputed = {row[0] for row in self.machine.rows(_DISPUTED)}
        standings = self.world.hub.standings()
        latest_ms = self.world.scheduler.now_ms + self.world.hub_ahead_ms + WRONG_MS
        for entry_id, station, epoch, seq, content in self.machine.rows(_NEW):
            if entry_id in before:
                continue
            what, doc = f"{self.machine.name} shortens {entry_id} of {station}", json.loads(content)
            if station == self.machine.station or "org" in doc["feeds"]:
                self.world.violated(34, what)
            if int(doc["origin"]["hlc"][:14]) >= latest_ms - (self.world.swarm.horizon_ms or 0):
                self.world.violated(34, f"{what}, too early")
            if entry_id in disputed and not self._pausing:
                self.world.violated(34, f"{what}, which is in a conflict")
            there = standings.get(station)
            ended = there is not None and epoch == there.epoch and seq > there.seq
            if ended and not self.world.flags["restored"]:
                self.world.violated(34, f"{what}, of which the hub has not heard")

    def _too_early(self) -> None:
        """Only what is over is forgotten, whatever the clock on the wall says."""
        latest_ms = self.world.scheduler.now_ms + self.world.hub_ahead_ms + WRONG_MS
        ends_ms = _over_ms(self.world) + (self.world.swarm.horizon_ms or 0)
        for (event,) in self.machine.rows("SELECT event FROM forgotten_event"):
            if event != house.MATINEE_EVENT or latest_ms < ends_ms:
                self.world.violated(35, f"{self.machine.name} forgets of {event}, which is not over")

    def _verdicts(self) -> dict[str, Any]:
        """What a gate would know of some tickets of events that are not over."""
        serials = [serial for serial, code in self.world.tickets if self._goes_on(code)]
        some = self.chance.sample(serials, min(MOST_TICKETS, len(serials)))
        with self.process.store.read() as read:
            return {serial: (read.facts(serial), read.seen_entries(serial)) for serial in some}

    def _goes_on(self, code: str) -> bool:
        if house.home(decode(code).code.product) != house.MATINEE_EVENT:
            return True
        latest_ms = self.world.scheduler.now_ms + self.world.hub_ahead_ms + WRONG_MS
        return latest_ms < _over_ms(self.world)

    def _same_verdicts(self, known: dict[str, Any]) -> None:
        with self.process.store.read() as read:
            for serial, before in known.items():
                after = (read.facts(serial), read.seen_entries(serial))
                if after != before:
                    self.world.violated(
                        35, f"{self.machine.name} knows {serial} otherwise: {before} / {after}"
                    )


def _over_ms(world: "World") -> int:
    """When the last ticket of the early event is good no more."""
    margin = SIGNED_MARGIN if world.swarm.overnight else timedelta()
    return world.start_ms + world.swarm.matinee_ms + int(margin.total_seconds() * 1000)


def long_after(world: "World", caught_up: Callable[[], bool]) -> None:
    """Everything is at rest. What is old is forgotten everywhere; the tables stand what is held against them;
    some stations are computed anew, and forget again or do not."""
    if world.swarm.horizon_ms is None:
        return
    world.phase = "long after"
    processes = [each.processes[0] for each in world.machines if each.processes and not each.revoked]
    for process in processes[:2]:
        _settle(world, process)
    world.scheduler.run(world.scheduler.now_ms + WRONG_MS)
    morning_ms = max(world.scheduler.now_ms, _over_ms(world)) + world.swarm.horizon_ms
    if world.swarm.overnight:
        for machine in world.machines:
            machine.sleep(morning_ms)
    world.scheduler.run(morning_ms + 2 * WRONG_MS)
    for process in processes:
        _verified(world, process)
        if world.apart.random() < 0.5 and process.store.rebuild().by_snapshot:
            world.count("tables_anew")
            if process.keeper is not None:
                process.keeper.resting = world.apart.random() < 0.5
    world.looked_ms = 0
    world.scheduler.run(world.scheduler.now_ms + 240_000, caught_up)
    for process in processes:
        _verified(world, process)
    world.looked_ms = 0
    world.caught_up = world.caught_up and caught_up()


def _settle(world: "World", process: "Process") -> None:
    """What is disputed is talked over: nothing of an event is forgotten while anything of it is open."""
    try:
        for row in process.list_conflicts(house.SUPERVISOR):
            process.resolve(row.conflict, "talked_to_guest", house.SUPERVISOR)
            world.did("conflict_resolved", process.machine)
    except (Refusal, Fault) as error:
        world.note(f"{process.machine.name} leaves disputes: {error.code}")


def _verified(world: "World", process: "Process") -> None:
    """As `gatehouse verify` would say, where nothing was written past the checks of our own program."""
    if process.machine.wrote_past_checks or not process.alive:
        return
    report = process.store.verify()
    if report.problems:
        world.violated(36, f"{process.machine.name} does not verify: {report.problems[:2]}")
