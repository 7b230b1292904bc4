"""One seed from its beginning to its verdict: set up, trouble, heal, drain, check."""

import gc
from collections import Counter
from dataclasses import dataclass, field
from time import process_time

from app.imports import FOLDER as IMPORTED
from domain.actor import SYSTEM
from domain.clock import to_ms
from tests.simulation import forgetting, house, memo, trouble
from tests.simulation.actions import Worker
from tests.simulation.checks import check
from tests.simulation.joining import join
from tests.simulation.machine import Machine
from tests.simulation.world import ROOT, MakeHub, World, quiet_logs

SET_UP_MS = 60_000
DRAIN_FLOOR_MS = 80_000
PER_ENTRY_MS = 2
SETTLE_MS = 120_000


@dataclass
class Outcome:
    """What one seed came to."""

    seed: int
    violations: list[str]
    trace: str
    counts: Counter[str]
    faults: Counter[str]
    kinds: Counter[str]
    station_ms: int
    stations: int
    seconds: float
    checked: Counter[int]
    history: list[str] = field(default_factory=list)

    @property
    def committed(self) -> int:
        """Actions that were committed."""
        return sum(count for kind, count in self.counts.items() if " " not in kind)


def run(
    seed: int, hub: MakeHub | None = None, *, read: bool = False, focus: str = "", brief: bool = False
) -> Outcome:
    """Run a seed; `read` keeps the history for readers; `focus`: a swarm of one kind (swarm.FOCUSES);
    `brief`: with half as much trouble."""
    quiet_logs()
    with memo.planted():
        return _run(seed, hub, read=read, focus=focus, brief=brief)


def _run(seed: int, hub: MakeHub | None, *, read: bool, focus: str, brief: bool) -> Outcome:
    began = process_time()
    world = World(seed, hub, read=read, focus=focus, brief=brief)
    checked: Counter[int] = Counter()
    try:
        _set_up(world)
        _trouble(world)
        _heal(world)
        _drain(world)
        forgetting.long_after(world, lambda: _caught_up(world))
        if not world.scheduler.errors:
            checked = check(world)
    except Exception as error:  # noqa: BLE001 - a defect of the program is what is looked for
        world.bug(f"while {world.phase}", error)
    finally:
        world.close()
        gc.collect(0)
    everyone = len(world.machines) + len(world.retired)
    return Outcome(
        seed,
        world.violations,
        world.trace(),
        world.counts,
        world.faults,
        world.kinds,
        everyone * (world.scheduler.now_ms - world.start_ms),
        everyone,
        process_time() - began,
        checked,
        world.history,
    )


def _set_up(world: World) -> None:
    """Machines join, the catalogue is written by the first, the others read it."""
    names = [(f"till{n}", f"K{n}", "") for n in range(1, world.swarm.tills + 1)]
    names += [(f"gate{n}", f"G{n}", "ABC"[n - 1]) for n in range(1, world.swarm.gates + 1)]
    events = house.EVENTS if world.swarm.horizon_ms is None else (*house.EVENTS, house.MATINEE_EVENT)
    narrow = ("cash", *(f"event:{event}" for event in events), "org")
    for at, (name, prefix, gate) in enumerate(names):
        machine = world.make_machine(name, prefix, gate, at)
        join(world, machine, narrow if gate and world.swarm.scope else None, ROOT)
    world.editor = world.machines[0]
    for machine in world.machines:
        world.boot(machine)
    first = world.machines[0].processes[0]
    with first.store.begin() as work:
        work.append_many(house.catalogue(world.swarm), SYSTEM)
        work.commit()
    first.exchange.nudge()
    world.scheduler.run(world.start_ms + SET_UP_MS, lambda: _caught_up(world))


def _trouble(world: World) -> None:
    world.phase = "trouble"
    world.on_boot = lambda process: process.spawn("worker", Worker(world, process))
    for machine in world.machines:
        for process in machine.processes:
            world.on_boot(process)
    trouble.Trouble(world).begin()
    if world.swarm.jump is not None and to_ms(world.swarm.jump[1]) > world.scheduler.now_ms:
        name, at = world.swarm.jump
        world.scheduler.at(to_ms(at), lambda: world.count(name))
    world.scheduler.run(world.scheduler.now_ms + world.swarm.trouble_ms)


def _heal(world: World) -> None:
    world.phase = "heal"
    world.note("heal")
    trouble.heal(world)
    world.scheduler.run(world.scheduler.now_ms + SETTLE_MS, lambda: trouble.settled(world))
    trouble.repair(world)


def _drain(world: World) -> None:
    """Nobody acts any more; everything must come to the hub, and back to everybody, in time."""
    world.phase = "drain"
    waiting = sum(_waiting(machine) for machine in world.machines if not machine.revoked)
    world.note(f"drain {waiting}")
    limit = DRAIN_FLOOR_MS + PER_ENTRY_MS * waiting
    began = world.scheduler.now_ms
    world.scheduler.run(began + limit, lambda: _emptied(world))
    world.looked_ms = 0
    world.drained = _emptied(world)
    world.scheduler.run(world.scheduler.now_ms + SETTLE_MS, lambda: _caught_up(world))
    if world.flags.get("releasing"):  # whoever sits at the hub looks once more: a stick may have come last
        world.hub.release_inbox()
        world.scheduler.run(world.scheduler.now_ms + SETTLE_MS, lambda: _caught_up(world))
    world.looked_ms = 0
    world.caught_up = _caught_up(world)


def _waiting(machine: Machine) -> int:
    rows = machine.rows(
        "SELECT coalesce(max(j.seq), 0) - e.acked_seq FROM own_epoch e"
        " LEFT JOIN journal j ON j.epoch = e.epoch"
        " WHERE e.epoch = ?",
        (machine.epoch,),
    )
    return int(rows[0][0])


def _emptied(world: World) -> bool:
    if not world.look_now():
        return False
    return all(_waiting(each) <= 0 for each in world.machines if not each.revoked)


def _caught_up(world: World) -> bool:
    """Whether everybody has read to the end of what they follow, and pushed all they have, and brought what
    came on sticks."""
    if not world.look_now():
        return False
    heads = world.hub.heads()
    for machine in world.machines:
        if machine.revoked:
            continue
        if _waiting(machine) > 0 or any((machine.folder / IMPORTED).glob("*.json")):
            return False
        cursors = dict(machine.rows("SELECT feed, position FROM feed_cursor"))
        wanted = [name for name in heads if machine.scope is None or name in machine.scope]
        if behind := [name for name in wanted if cursors.get(name, 0) < heads[name]]:
            world.behind = f"{machine.name}: {behind}"
            return False
        if forgetting.waits_for_snapshot(machine):
            world.behind = f"{machine.name}: no snapshot"
            return False
    return True
