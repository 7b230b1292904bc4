"""What the administrator's tools do at the model of the hub: tell revocations, release what was brought."""

import json
from typing import Any

from domain import revocation
from domain.certificates import TrustStore, check_chain, parse_chain
from domain.entry import HUB, MalformedEntryError, canonical, parse
from domain.errors import Refusal
from domain.revocation import SignedRevocation
from tests.simulation.hub_journal import genesis
from tests.simulation.hub_state import Invitation, StationRow, TipRow


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
        hub.release(station, epoch, last)
