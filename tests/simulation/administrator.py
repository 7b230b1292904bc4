"""What the administrator does, seen from the world: restore, sit at the inbox, look whether all is well."""

from typing import TYPE_CHECKING, Any

from tests.simulation.machine import Machine

if TYPE_CHECKING:
    from tests.simulation.world import World


def restore(world: "World", copy: Any) -> None:
    """An older state; revocations are told it first, as `gatehouse hub restore` does."""
    known = world.flags.setdefault("known_leases", set())
    known.update(world.hub.dump()["leases"])  # what is forgotten now may be brought back
    world.hub.restore(copy, world.flags.get("revocations", []))
    world.flags["backups"] = [copy]
    begin_releasing(world)


def begin_releasing(world: "World") -> None:
    """Somebody begins to look at what is brought, and goes on to do so."""
    if not world.flags.get("releasing"):
        world.flags["releasing"] = True
        _keep_releasing(world)


def _keep_releasing(world: "World") -> None:
    """Somebody sits at the hub and releases what is brought."""
    world.hub.release_inbox()
    world.scheduler.after(5_000, lambda: _keep_releasing(world))


def retire(world: "World", machine: Machine) -> None:
    """A twin is switched off; its file is kept, and what it wrote was issued by nobody else."""
    machine.crash()
    world.machines.remove(machine)
    world.retired.append(machine)
    world.note(f"{machine.name} retired")


def drained(machine: Machine) -> bool:
    """Whether the hub has confirmed all that this machine wrote in its present epoch."""
    return machine.world.look_now() and not machine.rows(
        "SELECT 1 FROM journal j JOIN own_epoch e ON e.epoch = j.epoch"
        " WHERE j.epoch = ? AND j.seq > e.acked_seq",
        (machine.epoch,),
    )


def quiet(world: "World") -> bool:
    """Whether everything that can move has moved."""
    if not world.look_now() or world.hub.mode() != "normal":
        return False
    for machine in world.machines:
        world.looked_ms = 0
        if not machine.revoked and not drained(machine):
            return False
    return True


def whole(world: "World") -> bool:
    """Whether nobody is forked and the hub is in its normal mode."""
    return world.hub.mode() == "normal" and not any(each.forked for each in world.hub.standings().values())
