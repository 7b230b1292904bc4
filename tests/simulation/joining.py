"""How machines come to the organization: invited by the administrator, certified, enrolled; and again
after a fork or a lost disk, the way app.bootstrap.enrol_station goes."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app import rejoining
from app.store.opening import DATABASE
from domain.certificates import STATION_USAGE, Certificate, Chain, Usage, issue
from domain.clock import from_ms
from domain.ids import uuid7
from domain.ticket_code import SigningKey
from tests.simulation.disk import SimCore, SimCrash
from tests.simulation.hub_state import Invitation
from tests.simulation.machine import Machine, Process

if TYPE_CHECKING:
    from tests.simulation.world import World


def invite(world: "World", machine: Machine, scope: tuple[str, ...] | None, root: SigningKey) -> Chain:
    """The chain of a station that is about to join, and its invitation at the hub."""
    now = from_ms(world.hub_ms())
    until = now + timedelta(days=3)
    key = SigningKey.from_seed(machine.chance.randbytes(32))
    organization = world.hub.organization()
    common: dict[str, Any] = {
        "organization": organization, "station": machine.station, "name": machine.name,
        "prefix": machine.prefix, "scope": scope or "*",
    }  # fmt: skip
    enrol = Certificate(
        id=uuid7(world.hub_ms(), machine.chance.randbytes), key=key.public, usage=frozenset({Usage.ENROL}),
        not_before=now, not_after=until, issuer=root.public, **common,
    )  # fmt: skip
    first = issue(enrol, root)
    leaf = Certificate(
        id=uuid7(world.hub_ms(), machine.chance.randbytes),
        key=SigningKey.from_seed(machine.secrets.signing_seed).public, usage=STATION_USAGE, not_before=now,
        not_after=now + timedelta(days=365), issuer=key.public, **common,
    )  # fmt: skip
    world.hub.invite(
        Invitation(
            machine.station, machine.role, machine.name, machine.prefix, scope, machine.epoch, first.text,
            first.sig.hex(), key.public, world.hub_ms() + 3 * 86_400_000,
        )
    )  # fmt: skip
    return (first, issue(leaf, key))


def join(world: "World", machine: Machine, scope: tuple[str, ...] | None, root: SigningKey) -> None:
    """Make a machine's store in its present epoch and enrol it; what waited before is issued again."""
    machine.scope = scope
    chain = invite(world, machine, scope, root)
    machine.folder = world.disks.make(
        machine.name, machine.secrets, station=machine.station, title=machine.name, prefix=machine.prefix,
        epoch=machine.epoch,
    )  # fmt: skip
    while True:
        try:
            _enrol(world, machine, chain, root)
            break
        except SimCrash as crash:  # the same file is given once more
            world.count(f"kill_join_{crash.step}")
    world.note(f"{machine.name} joined as {machine.station} in epoch {machine.epoch}")


def _enrol(world: "World", machine: Machine, chain: Chain, root: SigningKey) -> None:
    """Ask the hub, and settle in with its answer: may be cut off anywhere, and repeated."""
    links = [link.to_json() for link in chain]
    answer = world.hub.call(machine.role, "enrol", [{"certificates": links}])[0][0]
    if "code" in answer:
        raise AssertionError(f"not enrolled: {json.dumps(answer)}")
    core = SimCore(machine.folder / DATABASE, machine.trouble)
    try:
        process = Process(machine, core)
        process.store.adopt_root(root.public, chain)
        rejoining.issue_again(machine.folder, process.store)
        process.store.set_station(has_hub=True)
    finally:
        core.close()


def rejoin(
    world: "World", machine: Machine, root: SigningKey, *, disk_lost: bool = False,
    crash_at: dict[str, int] | None = None,
) -> None:  # fmt: skip
    """The same station in its next epoch. `crash_at`: where it dies on the way."""
    machine.crash()
    machine.look_away()
    machine.trouble.crash_at.clear()
    machine.trouble.full = machine.trouble.read_only = False
    epochs = world.hub.epochs(machine.station)
    if disk_lost:
        lost = machine.folder.with_name(f"{machine.folder.name}-lost-{machine.epoch}")
        machine.folder.rename(lost)
    else:
        process = Process(machine)
        rejoining.set_aside(machine.folder, process.store)
        target = machine.folder / rejoining.FORMER / f"epoch-{machine.epoch}"
        machine.former.append(str(target / DATABASE))
    machine.epoch = max([*epochs, machine.epoch]) + 1
    machine.new_secrets()
    world.network.cut(machine.role)
    machine.trouble.crash_at = crash_at or {}
    join(world, machine, machine.scope, root)
