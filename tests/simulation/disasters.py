"""Trouble that a person has to put right: a restored hub, a copied or a lost disk, a station that is shut
out."""

import random
from typing import TYPE_CHECKING

from domain import revocation
from domain.clock import from_ms
from domain.revocation import Revocation
from tests.simulation import administrator
from tests.simulation.joining import rejoin
from tests.simulation.machine import Machine

if TYPE_CHECKING:
    from tests.simulation.world import World

ROUND_MS = 3_000
COMMIT_STEPS = ("before_begin", "before_commit", "after_commit")


def restore(world: "World", chance: random.Random) -> None:
    """The hub's disk is lost: an older copy comes back, and it waits for its stations."""
    copies = world.flags.setdefault("backups", [])
    if not copies:
        begin_backups(world)
        return
    world.network.cut()
    administrator.restore(world, chance.choice(copies))
    world.flags["restored"] = True
    world.count("hub_restore")


def begin_backups(world: "World") -> None:
    """From now on copies are taken, every twenty seconds."""
    if world.phase != "trouble":
        return
    world.flags.setdefault("backups", []).append(world.hub.backup())
    del world.flags["backups"][:-4]
    world.scheduler.after(20_000, lambda: begin_backups(world))


def move(world: "World", chance: random.Random) -> None:
    """The hub goes to another machine: a dump of now, restored there."""
    world.network.cut()
    world.network.hub_down_until_ms = world.scheduler.now_ms + chance.randint(1_000, 15_000)
    administrator.restore(world, world.hub.backup())
    world.count("dump_and_restore")


def clone(world: "World", machine: Machine, chance: random.Random) -> None:
    """The same file on a second machine, with the keystore of the first: both go on."""
    if world.flags.get("cloned") or machine.revoked or not machine.processes:
        return
    from sqlcipher3 import dbapi2

    world.flags["cloned"] = True
    world.flags["fork"] = True
    twin = world.make_machine(f"{machine.name}x", machine.prefix, machine.gate, len(world.machines))
    twin.station, twin.role, twin.epoch, twin.secrets = (
        machine.station,
        machine.role,
        machine.epoch,
        machine.secrets,
    )
    twin.folder = world.disks.root / twin.name
    twin.folder.mkdir()
    source = dbapi2.connect(f"file:{machine.folder / 'station.db'}?mode=ro", uri=True)
    target = dbapi2.connect(str(twin.folder / "station.db"))
    source.backup(target)
    source.close()
    target.close()
    (twin.folder / "station.json").write_text("{}\n", encoding="utf-8")
    twin.twin_of = machine.name
    world.boot(twin)
    world.count("clone")


def lose_disk(world: "World", machine: Machine) -> None:
    """A disk is gone; the station joins again in its next epoch. What was never pushed is lost with it."""
    if machine.revoked or machine.twin_of or world.flags.get("cloned") or world.hub.mode() != "normal":
        return
    lost = machine.rows(
        "SELECT j.entry_id FROM journal j JOIN own_epoch e ON e.epoch = j.epoch"
        " WHERE j.epoch = ? AND j.seq > e.acked_seq",
        (machine.epoch,),
    )
    world.flags.setdefault("lost", set()).update(row[0] for row in lost)
    world.flags["lost_disk"] = True
    from tests.simulation.world import ROOT

    rejoin(world, machine, ROOT, disk_lost=True)
    world.boot(machine)
    world.count("lost_disk")


def revoke(world: "World", machine: Machine, chance: random.Random) -> None:
    """A station is shut out for good; the last one stays."""
    living = [each for each in world.machines if not each.revoked]
    if (
        machine.revoked
        or len(living) < 3
        or machine is world.editor
        or machine.twin_of
        or world.flags.get("cloned")
    ):
        return
    from tests.simulation.world import ROOT

    epoch, tip, _ = world.hub.standings()[machine.station]
    trusted = chance.choice((tip, max(0, tip - chance.randint(1, 20))))
    signed = revocation.issue(
        Revocation(world.hub.organization(), machine.station, epoch, trusted, from_ms(world.hub_ms())), ROOT
    )
    world.flags.setdefault("revocations", []).append(signed)
    world.hub.revoke(signed)
    machine.revoked = True
    world.flags["revoked"][machine.station] = (epoch, trusted, tip)
    world.scheduler.after(5_000, lambda: _shut_out(world, machine))
    world.count("revocation")


def _shut_out(world: "World", machine: Machine) -> None:
    world.network.shut_out.add(machine.role)
    world.network.cut(machine.role)


def reclaim(world: "World", machine: Machine, chance: random.Random) -> None:
    """An operator believes a machine dead and takes its places back, with a stated risk."""
    risk = chance.choice((1, 2, 5))
    freed = world.hub.reclaim(machine.station, risk)
    for pool, count in freed.items():
        world.flags["risk"][pool] += count
    if any(freed.values()):
        world.count("reclaim")


def write_off(world: "World", machine: Machine, chance: random.Random) -> None:
    """An operator stops waiting for a station that a restored hub misses, or takes back the rights and
    amounts of one that is believed dead, with a stated risk."""
    if world.hub.mode() == "recovery":
        if world.hub.write_off(machine.station, chance.choice((0, 1, 3))):
            world.count("recovery_written_off")
        return
    if machine.revoked or machine.station not in world.hub.standings():
        return
    rights, amount = world.hub.write_off_rights(machine.station, chance.choice((1, 5)), 2_000)
    if rights or amount:
        world.flags["rights_risk"] = True
        world.count("rights_written_off")


def old_version(world: "World", machine: Machine, chance: random.Random) -> None:
    """The machine runs an older program that does not know some kinds, until it is updated."""
    if machine.trouble.unknown_kinds:
        return
    kinds = ["gate_opened", "claim_dropped", "lease_returned", "admission_undone", "ticket_printed"]
    if not machine.gate:  # what lets people in is decided by programs of one version
        kinds += ["admitted", "ticket_reprinted"]
    machine.trouble.unknown_kinds = frozenset(chance.sample(kinds, 2))
    world.crash(machine)
    world.count("old_program")


def re_enrol(world: "World", machine: Machine, chance: random.Random) -> None:
    """A healthy station joins again in its next epoch, as after a lost keystore; it may die on the way."""
    if machine.revoked or machine.twin_of or world.flags.get("cloned") or world.hub.mode() != "normal":
        return
    from tests.simulation.world import ROOT

    steps = {chance.choice(COMMIT_STEPS): chance.randint(1, 4)} if chance.random() < 0.6 else {}
    rejoin(world, machine, ROOT, crash_at=steps)
    world.boot(machine)
    world.count("re_enrolment")


def upgrade(world: "World", machine: Machine, chance: random.Random) -> None:
    """The file was an older program's, and today's is started on it; it may die while it upgrades it."""
    if machine.asleep_until_ms > world.scheduler.now_ms:
        return
    world.crash(machine)
    machine.look_away()
    world.disks.age(machine.folder)
    machine.trouble.crash_at = {step: chance.randint(1, 2) for step in COMMIT_STEPS if chance.random() < 0.5}
    world.boot(machine)


def update(world: "World", machine: Machine) -> None:
    """The newest program is installed: what was held is read again at its start."""
    if machine.trouble.unknown_kinds:
        machine.trouble.unknown_kinds = frozenset()
        world.crash(machine)


def nothing_left(world: "World") -> bool:
    """Whether a restored hub has heard everybody."""
    return bool(world.hub.mode() == "normal")


def repair(world: "World") -> None:
    """Forked stations join again, one after the other; twins give way to the first of them."""
    from tests.simulation.world import ROOT

    for _ in range(4):
        world.hub.release_inbox()
        forked = [station for station, each in world.hub.standings().items() if each.forked]
        if forked and not world.flags.get("cloned") and not world.flags["restored"]:
            world.violated(23, f"{forked} forked though nobody copied a file")
        if world.flags.get("cloned"):
            forked += [each.station for each in world.machines if each.twin_of]
        forked += [each.station for each in world.machines if not each.revoked and _forgotten(world, each)]
        for station in sorted(set(forked)):
            _rejoin_all(world, station, ROOT)
        for machine in world.machines:
            world.boot(machine)
        world.scheduler.run(world.scheduler.now_ms + 100 * ROUND_MS, lambda: administrator.quiet(world))
        if administrator.whole(world):
            return


def _forgotten(world: "World", machine: Machine) -> bool:
    """Whether a restored hub does not know this station, or not in this epoch."""
    known = world.hub.standings().get(machine.station)
    return known is None or known.epoch != machine.epoch


def _rejoin_all(world: "World", station: str, root: object) -> None:
    """Everybody who speaks as this station begins anew: the twin first, as what it is not any more."""
    same = [each for each in world.machines if each.station == station]
    for machine in same[1:]:
        if not machine.revoked:
            rejoin(world, machine, root)  # type: ignore[arg-type]
            world.boot(machine)
            world.scheduler.run(
                world.scheduler.now_ms + 60 * ROUND_MS, lambda m=machine: administrator.drained(m)
            )  # type: ignore[misc]
        administrator.retire(world, machine)
    if same and not same[0].revoked:
        rejoin(world, same[0], root)  # type: ignore[arg-type]
