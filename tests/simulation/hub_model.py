"""The hub as a model in Python: the functions of api_1 with the same arguments and the same JSON as in
SQL, and what an administrator does. A test holds it against the SQL, call by call."""

import hashlib
import json
import pickle
import random
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from domain.entry import canonical
from domain.kinds import SHAPES
from domain.revocation import SignedRevocation
from tests.simulation import hub_office
from tests.simulation.hub_acts import Acts
from tests.simulation.hub_documents import Documents
from tests.simulation.hub_journal import JournalHub, content_fault, genesis, parsed
from tests.simulation.hub_places import CONFIRMS_MS, Places
from tests.simulation.hub_port import Standing
from tests.simulation.hub_rights import Rights
from tests.simulation.hub_snapshot import SnapshotHub
from tests.simulation.hub_state import HUB, Claim, HubState, Invitation, StationRow, TipRow

__all__ = ["HubModel", "content_fault"]
STARTED_MS = 1_767_225_600_000
"""When its server began, as hub_database has it."""
LATER = 1_000_000
"""Random values that a restored hub may not draw again."""


class HubModel(SnapshotHub, JournalHub):
    """One hub. `now_ms` is its own clock, `chance` makes its ids."""

    def __init__(
        self, now_ms: Callable[[], int], chance: random.Random, organization: str, root: bytes
    ) -> None:
        self.now_ms = now_ms
        self._drawn = chance.getrandbits(40)
        self._began = self._drawn
        self.started_ms = STARTED_MS
        self.known_kinds = frozenset(SHAPES)
        self.state = HubState(organization=organization, root=root)
        self.state.id = self.uuid()
        first = genesis(HUB, 1, b"")
        self.state.tips[HUB, 1] = TipRow(1, 0, first, first)
        self.places = Places(self)
        self.rights = Rights(self)
        self.documents = Documents(self)
        self.acts = Acts(self)
        self.listeners: list[Callable[[Iterable[str]], None]] = []

    def uuid(self) -> str:
        """As hub.gen_random_uuid of hub_database: both hubs of one seed draw the same."""
        self._drawn += 1
        drawn = hashlib.md5(f"chance {self._drawn}".encode(), usedforsecurity=False).hexdigest()
        return str(uuid.UUID(f"{drawn[:12]}4{drawn[13:16]}8{drawn[17:]}"))

    def call(self, role: str, function: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
        """What a station asks: rows as the driver would give them."""
        answer = getattr(self, function)(role, *arguments)
        return answer if function in {"pull", "pull_documents", "snapshot_entries"} else [(answer,)]

    def in_vain(self, role: str, function: str, arguments: Sequence[Any]) -> str:
        """Here is nobody else."""
        return ""

    # Claims.

    def claim(
        self, role: str, feed: str, serial: str, seen: Sequence[str], entry: str, gate: str, lane: str
    ) -> dict[str, Any]:
        me = self.me(role)
        if (barred := self.barred(me)) is not None or me is None:
            return barred or {}
        if me.scope is not None and feed not in me.scope:
            return {"code": "NOT_IN_SCOPE", "feed": feed}
        known = self.state.ticket_seen.get((feed, serial), {})
        unseen = sorted(each for each in known if each not in set(seen))[:100]
        old = self.now_ms() - CONFIRMS_MS
        others = []
        for claim_id in sorted(self.state.claims_of.get((feed, serial), ())):
            claim = self.state.claims[claim_id]
            if claim_id in seen:
                continue
            if claim.station == me.station:
                if claim_id != entry and claim.claimed_ms < old:
                    del self.state.claims[claim_id]
                    self.state.claims_of[feed, serial].discard(claim_id)
            else:
                others.append(claim)
        marks = self.rights.marked(feed, serial)
        if (
            not unseen
            and not others
            and not marks
            and entry not in self.state.claim_ended
            and entry not in self.state.entry_key
        ):
            mine = Claim(entry, feed, serial, me.station, gate, lane, self.now_ms())
            if self.state.claims.setdefault(entry, mine) is mine:  # used again, an id claims no second ticket
                self.state.claims_of[feed, serial].add(entry)
        return {
            "granted": not unseen and not others and not marks,
            "unseen": [self._shown(each) for each in unseen],
            "claims": [
                {
                    "entry_id": each.entry_id,
                    "station": each.station,
                    "gate": each.gate,
                    "lane": each.lane,
                    "at": self.at_text(each.claimed_ms),
                    "unconfirmed": each.claimed_ms < old,
                }
                for each in sorted(others, key=lambda each: each.claimed_ms)
            ]
            + marks,
        }

    def _shown(self, entry_id: str) -> dict[str, Any]:
        _, station, epoch, seq = self.state.entry_key[entry_id]
        raw = self.state.log[station, epoch][seq].raw
        assert raw is not None
        prev, digest, sig, content = raw
        return {
            "station": station,
            "epoch": epoch,
            "seq": seq,
            "content": content,
            "prev_hash": prev.hex(),
            "hash": digest.hex(),
            "sig": sig.hex(),
        }

    def claims(self, role: str) -> dict[str, Any]:
        me = self.me(role)
        if (barred := self.barred(me)) is not None or me is None:
            return barred or {}
        old = self.now_ms() - CONFIRMS_MS
        mine = [each for each in self.state.claims.values() if each.station == me.station]
        lost = sorted((each for each in mine if each.claimed_ms < old), key=lambda each: each.claimed_ms)
        fields = ("entry_id", "feed", "serial", "gate", "lane")
        return {"items": [{name: getattr(each, name) for name in fields} for each in lost[:100]]}

    def wake(self, role: str, feeds: Sequence[str]) -> dict[str, Any]:
        me = self.me(role)
        if (barred := self.barred(me)) is not None:
            return barred
        told = [feed for feed in feeds[:200] if feed in self.state.feeds]
        for listener in self.listeners:
            listener(told)
        return {}

    # Documents.

    def offer_documents(self, role: str, *columns: Sequence[Any]) -> dict[str, Any]:
        me = self.me(role)
        return self._shut(me) or self.documents.offer(me, columns)  # type: ignore[arg-type]

    def put_documents(self, role: str, *columns: Sequence[Any]) -> dict[str, Any]:
        me = self.me(role)
        return self._shut(me) or self.documents.put(me, columns)  # type: ignore[arg-type]

    def _shut(self, me: StationRow | None) -> dict[str, Any] | None:
        return self.barred(me) or self.forked(me)

    def pull_documents(
        self, role: str, stamp: str, cursors: Mapping[str, Any], limit: int
    ) -> list[tuple[Any, ...]]:
        me = self.me(role)
        if (barred := self.barred(me)) is not None or me is None:
            return [(barred, *(None,) * 9)]
        return self.documents.pull(me, stamp, cursors, limit)

    def document_piece(self, role: str, document: str, digest: bytes, start: int) -> bytes | None:
        me = self.me(role)
        if self.barred(me) is not None or me is None:
            return None
        return self.documents.piece(me, document, digest, start)

    # Trouble.

    def tips(self, role: str) -> dict[str, Any]:
        if (barred := self.barred(self.me(role))) is not None:
            return barred
        tips = sorted(self.state.tips)
        return {
            "mode": self.state.mode,
            "tips": [{"station": s, "epoch": e, "seq": self.state.tips[s, e].seq} for s, e in tips],
        }

    def bring(
        self,
        role: str,
        stations: Sequence[str],
        epochs: Sequence[int],
        seqs: Sequence[int],
        prevs: Sequence[bytes],
        hashes: Sequence[bytes],
        sigs: Sequence[bytes],
        contents: Sequence[str],
    ) -> dict[str, Any]:
        me = self.me(role)
        if (barred := self.barred(me)) is not None or me is None:
            return barred or {}
        if not 1 <= len(contents) <= 200:
            return {"code": "BAD_REQUEST", "field": "entries"}
        if sum(len(content.encode()) for content in contents) > 1_048_576:
            return {"code": "BAD_REQUEST", "field": "bytes"}
        kept = 0
        for station, epoch, seq, prev, digest, sig, content in zip(
            stations, epochs, seqs, prevs, hashes, sigs, contents, strict=True
        ):
            row = self.state.log.get((station, epoch), {}).get(seq)
            key = (station, epoch, seq, digest)
            if (row is not None and row.hash == digest) or key in self.state.inbox:
                continue
            self.state.inbox[key] = {
                "prev": prev,
                "sig": sig,
                "content": content,
                "by": me.station,
                "state": "waiting",
                "code": None,
            }
            kept += 1
        if HUB in stations:
            self.acts.take(200)
        return {"kept": kept, "known": len(contents) - kept}

    def reported(self, role: str) -> dict[str, Any]:
        me = self.me(role)
        if (barred := self.barred(me)) is not None or me is None:
            return barred or {}
        if self.state.recovery.get(me.station) == "":
            self.state.recovery[me.station] = "reported"
        return {"mode": self.end_recovery()}

    # Joining.

    def enrol(self, role: str, request: Mapping[str, Any]) -> dict[str, Any]:
        invited = next((each for each in self.state.invitations.values() if each.role == role), None)
        if invited is None:
            return {"code": "NOT_INVITED"}
        chain = request["certificates"]
        leaf = parsed(chain[1]["text"])
        answer = {
            "station": invited.station,
            "epoch": invited.epoch,
            "organization": self.state.organization,
            "root": self.state.root.hex(),
            "incarnation": self.incarnation(),
            "hub_at": self.at_text(self.now_ms()),
        }
        if invited.used_ms is not None:
            known = self.state.certificates.get(leaf["id"])
            if known is not None and known[3] == chain:
                return answer
            return {"code": "ENROLMENT_USED", "used_at": self.at_text(invited.used_ms)}
        if invited.expires_ms <= self.now_ms():
            return {"code": "ENROLMENT_EXPIRED", "expired_at": self.at_text(invited.expires_ms)}
        key = bytes.fromhex(leaf["key"])
        invited.used_ms = self.now_ms()
        self._note_station(invited, key, chain, leaf["id"])
        return answer

    def _note_station(self, invited: Invitation, key: bytes, chain: Any, certificate: str) -> None:
        known = self.state.stations.get(invited.station)
        if known is None:
            self.state.stations[invited.station] = StationRow(
                invited.station, invited.role, invited.name, invited.prefix, invited.epoch, invited.scope
            )
        else:
            known.epoch, known.scope, known.forked_ms = invited.epoch, invited.scope, None
        first = genesis(invited.station, invited.epoch, key)
        self.state.tips[invited.station, invited.epoch] = TipRow(invited.epoch, 0, first, first)
        self.state.certificates[certificate] = (invited.station, invited.epoch, key, chain)
        links = ",".join(
            f'{{"sig":{json.dumps(link["sig"])},"text":{json.dumps(link["text"], ensure_ascii=False)}}}'
            for link in chain
        )
        body = f'{{"certificates":[{links}],"epoch":{invited.epoch},"station":"{invited.station}"}}'
        self.append_own("certificate_issued", ["org"], body)

    # What the simulation looks at.

    def organization(self) -> str:
        return self.state.organization

    def mode(self) -> str:
        return self.state.mode

    def heads(self) -> dict[str, int]:
        return {name: feed.position for name, feed in self.state.feeds.items() if feed.position}

    def lease_span(self, lease: str) -> tuple[int, int] | None:
        known = self.state.leases.get(lease)
        return None if known is None else (known.granted_ms, known.ttl_ms)

    def epochs(self, station: str) -> list[int]:
        return [epoch for each, epoch in self.state.tips if each == station]

    def standings(self) -> dict[str, Standing]:
        return {
            row.station: Standing(
                row.epoch, self.state.tips[row.station, row.epoch].seq, row.forked_ms is not None
            )
            for row in self.state.stations.values()
        }

    # What an administrator does.

    def invite(self, invited: Invitation) -> None:
        self.state.invitations[invited.station] = invited

    def revoke(self, signed: SignedRevocation) -> None:
        hub_office.revoke(self, signed)

    def reclaim(self, station: str, risk: int) -> dict[int, int]:
        return self.places.reclaim(station, risk)

    def release_inbox(self) -> None:
        hub_office.release_inbox(self)

    def close(self) -> None:
        """There is nothing to give back."""

    def note_revocation(self, station: str, epoch: int, seq: int, text: str, sig: str, body: str) -> None:
        """A root-signed revocation, in tables and feed."""
        row = self.state.stations[station]
        row.revoked_ms, row.trusted_seq = self.now_ms(), seq
        self.state.revocations.setdefault(station, (epoch, seq, text, sig))
        self.append_own("station_revoked", ["org"], body)
        self.end_recovery()

    def begin_recovery(self) -> None:
        """After a restore: another hub to every cursor, waiting for its stations."""
        self.state.mode = "recovery"
        self.state.id = self.uuid()
        last = max(epoch for station, epoch in self.state.tips if station == HUB)
        first = genesis(HUB, last + 1, b"")
        hlc_ms = max(tip.hlc_ms for (station, _), tip in self.state.tips.items() if station == HUB)
        self.state.tips[HUB, last + 1] = TipRow(last + 1, 0, first, first, hlc_ms)
        living = [row.station for row in self.state.stations.values() if row.revoked_ms is None]
        self.state.recovery = dict.fromkeys(living, "")
        self.end_recovery()

    def end_recovery(self) -> str:
        self.acts.take()
        missing = [
            station
            for station, said in self.state.recovery.items()
            if not said and self.state.stations[station].revoked_ms is None
        ]
        if self.state.mode == "recovery" and not missing:
            self.rights.mark_again()
            self.state.mode = "normal"
        return self.state.mode

    def write_off(self, station: str, risk: int = 0) -> bool:
        """Stop waiting for a station, with a stated risk; whether it was waited for."""
        if self.state.recovery.get(station) != "":
            return False
        self.state.recovery[station] = "written off"
        self.append_own("recovery_written_off", ["org"], canonical({"station": station, "risk": risk}))
        self.end_recovery()
        return True

    def write_off_rights(self, station: str, risk: int, value_risk: int) -> tuple[int, int]:
        return self.rights.write_off(station, risk, value_risk)

    def backup(self) -> bytes:
        """Everything, as it is now."""
        return pickle.dumps(self.state)

    def restore(self, copy: bytes, revocations: Sequence[SignedRevocation]) -> None:
        self.state = pickle.loads(copy)
        self._drawn += LATER - (self._drawn - self._began) % LATER
        for signed in revocations:
            self.revoke(signed)
        self.begin_recovery()

    def promote(self) -> None:
        """A standby takes over: another timeline of the same hub."""
        self.state.timeline = f"{int(self.state.timeline, 16) + 1:08X}"

    def dump(self) -> dict[str, Any]:
        """Everything that the invariants look at, as plain values."""
        state = self.state
        raw = {
            (station, epoch, seq): row.raw
            for (station, epoch), rows in state.log.items()
            for seq, row in rows.items()
            if row.raw is not None
        }
        return {
            "mode": state.mode,
            "log": {
                place: {seq: (row.hash, row.entry_id, row.state) for seq, row in rows.items()}
                for place, rows in state.log.items()
                if rows
            },
            "raw": raw,
            "feeds": {name: list(feed.log) for name, feed in state.feeds.items() if feed.log},
            "fork_inbox": {key[3] for key in state.fork_inbox},
            "inbox": {key[3] for key in state.inbox},
            "pools": {pool.pool: (pool.leased, pool.used, pool.outside) for pool in state.pools.values()},
            "leases": {
                each.lease: {"pool": each.pool, "size": each.size, "used": each.used, "back": each.back}
                for each in state.leases.values()
            },
            "slots": {key: (pool, holder) for key, (pool, holder, _) in state.lease_slot.items()},
            "clashes": {(lease, slot) for lease, slot, _ in state.slot_clash},
            "documents": {row.document for row in state.documents.values() if row.content is not None},
            **self._dump_more(),
        }

    def _dump_more(self) -> dict[str, Any]:
        """What else the hub keeps: nobody looks at it but the comparison of the two hubs."""
        state = self.state
        return {
            "stations": {
                row.station: (row.epoch, row.revoked_ms is not None, row.lease_version, row.right_version)
                for row in state.stations.values()
            },
            "tips": {place: (tip.seq, tip.hash) for place, tip in state.tips.items()},
            "brought": {key[3]: (row["state"], row["code"]) for key, row in state.inbox.items()},
            "held": dict(state.held),
            "claims": {each.entry_id: (each.feed, each.serial) for each in state.claims.values()},
            "claims_ended": set(state.claim_ended),
            "seen": {key: frozenset(ids) for key, ids in state.ticket_seen.items() if ids},
            "rights": {
                each.order: (
                    each.station,
                    each.epoch,
                    each.number,
                    each.act,
                    each.request,
                    sorted(each.tickets),
                )
                for each in state.rights.values()
            },
            "marks": {key: mark[:2] for key, mark in state.marks.items()},
            "freed": set(state.freed),
            "values": {
                each.value: (each.currency, each.issued, each.spent, each.reserved)
                for each in state.values.values()
            },
            "value_grants": {
                key: (each.station, each.epoch, each.amount, each.state)
                for key, each in state.value_grants.items()
            },
            "document_versions": {
                each.document: (each.feed, each.position, each.version, each.tombstone)
                for each in state.documents.values()
            },
            "early_back": set(state.early_back),
        }
