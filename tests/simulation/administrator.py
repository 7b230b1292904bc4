"""What the administrator's tools do at the hub: restore, release what was brought, look whether all is
well."""

import json
from typing import TYPE_CHECKING

from domain import revocation
from domain.certificates import TrustStore, check_chain, parse_chain
from domain.entry import HUB, MalformedEntryError, canonical, parse
from domain.errors import Refusal
from tests.simulation.hub_journal import genesis
from tests.simulation.hub_state import Invitation, StationRow, TipRow
from tests.simulation.machine import Machine

if TYPE_CHECKING:
    from tests.simulation.world import World


def restore(world: "World", copy: bytes) -> None:
    """An older state; revocations are told it first, as `gatehouse hub restore` does."""
    world.hub.restore(copy)
    world.flags["backups"] = [copy]
    for signed in world.flags.get("revocations", []):
        _revoke_again(world, signed)
    world.hub.begin_recovery()
    if not world.flags.get("releasing"):
        world.flags["releasing"] = True
        _keep_releasing(world)


def _keep_releasing(world: "World") -> None:
    """Somebody sits at the hub and releases what is brought."""
    release_inbox(world)
    world.scheduler.after(5_000, lambda: _keep_releasing(world))


def _revoke_again(world: "World", signed: revocation.SignedRevocation) -> None:
    what = signed.revocation
    row = world.hub.state.stations.get(what.station)
    if row is not None and row.revoked_ms is None:
        world.hub.note_revocation(
            what.station,
            what.epoch,
            what.last_trusted_seq,
            signed.text,
            signed.sig.hex(),
            canonical(signed.body()),
        )


def release_inbox(world: "World") -> None:
    """As sync.hub_inbox.release: the hub's own acts first, then journals as far as they are good."""
    state = world.hub.state
    waiting = [key for key, row in state.inbox.items() if row["state"] == "waiting"]
    for key in sorted(key for key in waiting if key[0] == HUB):
        _take_act(world, state.inbox[key])
    trust = TrustStore(state.root)
    for _, _, _, chain in state.certificates.values():
        trust.add(parse_chain(chain))
    for station, (epoch, seq, _, _) in state.revocations.items():
        trust.revoke(station, seq, epoch)
    for station, epoch in sorted({key[:2] for key in waiting if key[0] != HUB}):
        _settle(world, trust, station, epoch)


def _take_act(world: "World", row: dict[str, object]) -> None:
    doc = json.loads(str(row["content"]))
    row["state"] = "released"
    if doc["kind"] == "station_revoked":
        _revoke_again(world, revocation.parse(doc["body"]["revocation"]))
    elif doc["kind"] == "certificate_issued":
        _certify_again(world, doc["body"])
    else:
        row["state"], row["code"] = "refused", "HUB_FORGOT"


def _certify_again(world: "World", body: dict[str, object]) -> None:
    state = world.hub.state
    chain = parse_chain(body["certificates"])
    leaf = check_chain(state.root, chain)
    epoch = int(str(body["epoch"]))
    if any(each[:2] == (leaf.station, epoch) for each in state.certificates.values()):
        return
    scope = None if leaf.scope == "*" else tuple(leaf.scope)
    role = f"station_{leaf.station}"
    state.invitations[leaf.station] = Invitation(
        leaf.station, role, leaf.name, leaf.prefix, scope, epoch, chain[0].text, chain[0].sig.hex(),
        chain[0].certificate.key, 0, 0,
    )  # fmt: skip
    row = state.stations.get(leaf.station)
    if row is None:
        state.stations[leaf.station] = StationRow(leaf.station, role, leaf.name, leaf.prefix, epoch, scope)
    else:
        row.epoch = max(row.epoch, epoch)
    first = genesis(leaf.station, epoch, leaf.key)
    state.tips.setdefault((leaf.station, epoch), TipRow(epoch, 0, first, first))
    links = [link.to_json() for link in chain]
    state.certificates[leaf.id] = (leaf.station, epoch, leaf.key, links)
    world.hub.append_own("certificate_issued", ["org"], canonical(body))


def _settle(world: "World", trust: TrustStore, station: str, epoch: int) -> None:
    state = world.hub.state
    last = 0
    mine = sorted(
        key for key, row in state.inbox.items() if key[:2] == (station, epoch) and row["state"] == "waiting"
    )
    rows = state.log.get((station, epoch), [])
    for key in mine:
        row = state.inbox[key]
        if key[2] <= len(rows):
            same = rows[key[2] - 1].hash == key[3]
            row["state"], row["code"] = ("released", None) if same else ("refused", "FORK")
            continue
        try:
            entry = parse(station, epoch, key[2], row["content"], row["prev"], key[3], row["sig"])
            code = trust.verify_entry(entry)
        except (MalformedEntryError, Refusal):
            code = "MALFORMED"
        if code is None:
            last = max(last, key[2])
        elif code != "UNKNOWN_STATION":
            row["state"], row["code"] = "refused", code
    if last and (station, epoch) in state.tips:
        world.hub.release(station, epoch, last)


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
    if not world.look_now() or world.hub.state.mode != "normal":
        return False
    for machine in world.machines:
        world.looked_ms = 0
        if not machine.revoked and not drained(machine):
            return False
    return True


def whole(world: "World") -> bool:
    """Whether nobody is forked and the hub is in its normal mode."""
    return world.hub.state.mode == "normal" and all(
        row.forked_ms is None for row in world.hub.state.stations.values()
    )
