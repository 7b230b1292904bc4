"""What the administrator's tools do at the model of the hub: tell revocations, release what was brought."""

import json
from collections.abc import Sequence
from typing import Any

from domain import revocation
from domain.certificates import TrustStore, check_chain, parse_chain
from domain.entry import HUB, MalformedEntryError, canonical, parse
from domain.errors import Refusal
from domain.revocation import SignedRevocation
from tests.simulation.hub_journal import genesis
from tests.simulation.hub_state import Invitation, StationRow, TipRow

Key = tuple[str, int, int, bytes]


def revoke(hub: Any, signed: SignedRevocation) -> None:
    """As sync.hub_revoke.reapply: once, and only for a station that is known."""
    what = signed.revocation
    row = hub.state.stations.get(what.station)
    if row is not None and row.revoked_ms is None:
        hub.note_revocation(
            what.station,
            what.epoch,
            what.last_trusted_seq,
            signed.text,
            signed.sig.hex(),
            canonical(signed.body()),
        )


def release_inbox(hub: Any) -> None:
    """As sync.hub_inbox.release: the hub's own acts first, then journals as far as they are good."""
    state = hub.state
    waiting = [key for key, row in state.inbox.items() if row["state"] == "waiting"]
    if not waiting:
        return
    for key in sorted(key for key in waiting if key[0] == HUB):
        _take_act(hub, state.inbox[key])
    trust = TrustStore(state.root)
    for _, _, _, chain in state.certificates.values():
        trust.add(parse_chain(chain))
    for station, (epoch, seq, _, _) in state.revocations.items():
        trust.revoke(station, seq, epoch)
    for station, epoch in sorted({key[:2] for key in waiting if key[0] != HUB}):
        _settle(hub, trust, station, epoch)


def _take_act(hub: Any, row: dict[str, object]) -> None:
    doc = json.loads(str(row["content"]))
    row["state"] = "released"
    if doc["kind"] == "station_revoked":
        revoke(hub, revocation.parse(doc["body"]["revocation"]))
    elif doc["kind"] == "certificate_issued":
        _certify_again(hub, doc["body"])
    else:
        row["state"], row["code"] = "refused", "HUB_FORGOT"


def _certify_again(hub: Any, body: dict[str, object]) -> None:
    state = hub.state
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
    hub.append_own("certificate_issued", ["org"], canonical(body))


def _settle(hub: Any, trust: TrustStore, station: str, epoch: int) -> None:
    state = hub.state
    good: set[int] = set()
    rows = state.log.get((station, epoch), {})
    for key in _waiting(hub, station, epoch):
        row = state.inbox[key]
        if key[2] in rows:
            same = rows[key[2]].hash == key[3]
            row["state"], row["code"] = ("released", None) if same else ("refused", "FORK")
            continue
        try:
            entry = parse(station, epoch, key[2], row["content"], row["prev"], key[3], row["sig"])
            code = trust.verify_entry(entry)
        except (MalformedEntryError, Refusal):
            code = "MALFORMED"
        if code is None:
            good.add(key[2])
        elif code != "UNKNOWN_STATION":
            row["state"], row["code"] = "refused", code
    if good and (station, epoch) in state.tips:
        _release(hub, station, epoch, max(good))
        _release_islands(hub, station, epoch, good)


def _waiting(hub: Any, station: str, epoch: int) -> list[Key]:
    """What waits of one journal, by seq and hash."""
    return sorted(
        key
        for key, row in hub.state.inbox.items()
        if key[:2] == (station, epoch) and row["state"] == "waiting"
    )


def _release(hub: Any, station: str, epoch: int, last: int) -> None:
    """As hub.release: what continues a journal, up to a seq; of several in one place the smallest hash."""
    tip = hub.state.tips[station, epoch]
    waiting: dict[tuple[int, bytes], Key] = {}
    for key in _waiting(hub, station, epoch):
        if key[2] <= last:
            waiting.setdefault((key[2], hub.state.inbox[key]["prev"]), key)
    chain: list[Key] = []
    seq, digest = tip.seq + 1, tip.hash
    while (found := waiting.get((seq, digest))) is not None:
        chain.append(found)
        seq, digest = seq + 1, found[3]
    if chain:
        _append(hub, station, tip, chain)


def _release_islands(hub: Any, station: str, epoch: int, good: set[int]) -> None:
    """As hub.release_islands: of a journal that nobody goes on with also what lies behind a gap; the tip
    stays before it."""
    state = hub.state
    row = state.stations.get(station)
    if row is None or (row.epoch <= epoch and row.revoked_ms is None):
        return
    tip, rows = state.tips[station, epoch], state.log[station, epoch]
    found: dict[int, Key] = {}
    for key in _waiting(hub, station, epoch):
        if key[2] in good and key[2] > tip.seq + 1 and key[2] not in rows:
            found.setdefault(key[2], key)
    islands: list[list[Key]] = []
    for seq, key in found.items():
        before = islands[-1][-1] if islands else None
        if before is not None and before[2:] == (seq - 1, state.inbox[key]["prev"]):
            islands[-1].append(key)
        else:
            islands.append([key])
    for island in islands:
        first = island[0]
        _append(hub, station, TipRow(epoch, first[2] - 1, state.inbox[first]["prev"], tip.genesis), island)
    while (after := rows.get(tip.seq + 1)) is not None and (after.raw is None or after.raw[0] == tip.hash):
        tip.seq, tip.hash = tip.seq + 1, after.hash  # as hub.join_islands; an alias keeps no text


def _append(hub: Any, station: str, tip: TipRow, keys: Sequence[Key]) -> None:
    """Append behind a tip what waits under these keys."""
    rows = [hub.state.inbox[key] for key in keys]
    contents, sigs = [row["content"] for row in rows], [row["sig"] for row in rows]
    hub.append(station, tip, contents, [key[3] for key in keys], sigs)
    for row in rows:
        row["state"] = "released"
