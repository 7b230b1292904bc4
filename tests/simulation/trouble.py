"""What goes wrong, and how it is put right again. Each fault is drawn by the swarm's weights and counted
by its kind."""

import random
from typing import TYPE_CHECKING

from tests.simulation import disasters
from tests.simulation.disk import SimCrash
from tests.simulation.machine import Machine
from tests.simulation.network import WATCHDOG_MS, Weather

if TYPE_CHECKING:
    from tests.simulation.world import World

STEPS = ("before_begin", "before_commit", "after_commit", "before_commit", "after_commit")

SNAPSHOT_STEPS = (
    "begun",
    "organization",
    "piece",
    "building",
    "built",
    "copying",
    "copied",
    "locked",
    "merging",
    "merged",
)


class Trouble:
    """Makes trouble until peace comes."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.chance = random.Random(world.chance.getrandbits(64))
        self.names = list(world.swarm.faults)
        self.weights = list(world.swarm.faults.values())

    def begin(self) -> None:
        """Something happens, and later something else, until peace. Not a task: it kills tasks."""
        self.world.scheduler.after(
            int(self.chance.expovariate(1 / self.world.swarm.fault_gap_ms)) + 1, self._step
        )

    def _step(self) -> None:
        if self.world.phase == "trouble" and self.names:
            getattr(self, f"make_{self.chance.choices(self.names, self.weights)[0]}")()
            self.begin()

    def _machine(self) -> Machine:
        return self.chance.choice(self.world.machines)

    def _until(self, most_ms: int) -> int:
        return self.world.scheduler.now_ms + self.chance.randint(200, most_ms)

    # Network.

    def make_weather(self) -> None:
        """A way that is bad for the rest of the day; its losses are counted as they happen."""
        weather = self.world.network.weather_of(self._machine().role)
        share = self.chance.choice((0.02, 0.1, 0.3))
        for name in self.chance.sample(self.world.swarm.weather, 2):
            setattr(weather, name, share)
        weather.latency_ms = self.chance.choice(((1, 12), (20, 200), (1, 900)))

    def make_partition(self) -> None:
        machine = self._machine()
        weather = self.world.network.weather_of(machine.role)
        weather.up_until_ms = weather.down_until_ms = self._until(max(60_000, 30 * self.world.swarm.gap_ms))
        self.world.count("partition")

    def make_one_way(self) -> None:
        weather = self.world.network.weather_of(self._machine().role)
        if self.chance.random() < 0.5:
            weather.up_until_ms = self._until(30_000)
        else:
            weather.down_until_ms = self._until(30_000)
        self.world.count("one_way")

    def make_flap(self) -> None:
        machine = self._machine()
        for at in range(0, 12_000, 1_500):
            self.world.scheduler.after(at, lambda: self.world.network.cut(machine.role))
        self.world.count("flap")

    def make_slow(self) -> None:
        self.world.network.weather_of(self._machine().role).slow_until_ms = self._until(40_000)

    def make_cut(self) -> None:
        if self.world.network.cut(self._machine().role):
            self.world.count("cut")

    # The hub.

    def make_hub_crash(self) -> None:
        self.world.network.hub_down_until_ms = self._until(20_000)
        self.world.network.cut()
        self.world.count("hub_crash")

    def make_limit(self) -> None:
        self.world.network.limit = self.chance.choice((0, 1, 2))
        self.world.scheduler.after(10_000, lambda: setattr(self.world.network, "limit", None))

    def make_hung(self) -> None:
        """A client stands in the middle of a transaction with its locks, until the watchdog ends it."""
        self.world.network.hung_until_ms = self.world.scheduler.now_ms + WATCHDOG_MS
        self.world.count("hung_client")

    def make_move(self) -> None:
        """The hub is dumped, and restored on another machine: nothing is lost, and its history is another."""
        disasters.move(self.world, self.chance)

    def make_hub_clock(self) -> None:
        self.world.hub_skew_ms += self.chance.choice((-120_000, -5_000, 5_000, 120_000, 3_600_000))
        self.world.flags["hub_clock"] = True
        self.world.hub_ahead_ms = max(self.world.hub_ahead_ms, self.world.hub_skew_ms)
        self.world.count("hub_clock_step")

    def make_promote(self) -> None:
        self.world.network.cut()
        self.world.hub.promote()
        self.world.count("promotion")

    def make_restore(self) -> None:
        disasters.restore(self.world, self.chance)

    # Processes and machines.

    def make_kill(self) -> None:
        machine = self._machine()
        if machine.processes:
            self.world.count("kill")
            self.world.crash(machine)

    def make_kill_step(self) -> None:
        """Dies at the next, or one of the next, labelled steps of a commit or of a snapshot."""
        trouble = self._machine().trouble
        if self.world.swarm.far_behind < 1_000 and self.chance.random() < 0.5:
            trouble.crash_at[f"snapshot_{self.chance.choice(SNAPSHOT_STEPS)}"] = 1
        else:
            trouble.crash_at[self.chance.choice(STEPS)] = self.chance.choice((1, 1, 2, 5, 9))

    def make_suspend(self) -> None:
        machine = self._machine()
        away = self.chance.choice((1_000, 5_000, 60_000, 600_000, 12 * 3_600_000))
        machine.sleep(self.world.scheduler.now_ms + away)
        if away > 20_000:
            self.world.network.cut(machine.role)
        self.world.count("suspend")

    def make_reboot(self) -> None:
        machine = self._machine()
        self.world.crash(machine)
        machine.clock.reboot()
        self.world.count("reboot")

    def make_second(self) -> None:
        """Another process on the same folder: a command line beside the window."""
        machine = self._machine()
        if len(machine.processes) != 1:
            return
        try:
            process = machine.boot()
        except SimCrash as crash:  # it writes when it starts: what it can read now, and could not before
            self.world.count(f"kill_{crash.step}")
            return
        if self.world.on_boot is not None:
            self.world.on_boot(process)
        self.world.count("second_process")
        self.world.scheduler.after(
            self.chance.randint(2_000, 60_000), lambda: self.world.crash(machine, process)
        )

    def make_wall(self) -> None:
        machine = self._machine()
        machine.clock.skew_ms += self.chance.choice((-3_600_000, 3_600_000, -2_000, 45_000, 365 * 86_400_000))
        machine.clock_was_set = True
        self.world.count("wall_clock_step")

    # Disks.

    def make_full(self) -> None:
        self._disk("full")

    def make_read_only(self) -> None:
        self._disk("read_only")

    def _disk(self, what: str) -> None:
        trouble = self._machine().trouble
        setattr(trouble, what, True)
        self.world.scheduler.after(self.chance.randint(500, 20_000), lambda: setattr(trouble, what, False))

    # Identities.

    def make_clone(self) -> None:
        disasters.clone(self.world, self._machine(), self.chance)

    def make_lost_disk(self) -> None:
        disasters.lose_disk(self.world, self._machine())

    def make_revoke(self) -> None:
        disasters.revoke(self.world, self._machine(), self.chance)

    def make_reclaim(self) -> None:
        disasters.reclaim(self.world, self._machine(), self.chance)

    def make_re_enrol(self) -> None:
        disasters.re_enrol(self.world, self._machine(), self.chance)

    def make_upgrade(self) -> None:
        disasters.upgrade(self.world, self._machine(), self.chance)

    def make_write_off(self) -> None:
        disasters.write_off(self.world, self._machine(), self.chance)

    def make_old_version(self) -> None:
        disasters.old_version(self.world, self._machine(), self.chance)


def heal(world: "World") -> None:
    """The trouble is over: lines are good, disks are well, machines are awake, the hub runs."""
    network = world.network
    network.limit, network.hub_down_until_ms = None, 0
    for role in list(network.weather):
        network.weather[role] = Weather()
    for machine in world.machines:
        machine.trouble.crash_at.clear()
        machine.trouble.full = machine.trouble.read_only = False
        machine.wake()
        disasters.update(world, machine)
        world.boot(machine)


def settled(world: "World") -> bool:
    """Whether stations that are refused have heard of it, and a restored hub is whole again."""
    if not world.look_now():
        return False
    return disasters.nothing_left(world)


def repair(world: "World") -> None:
    """What only a person can put right: forked and refused stations join again."""
    disasters.repair(world)
