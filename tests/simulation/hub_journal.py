"""The model's journal: hello, push, pull, the hub's own acts; as revisions 0001, 0003, 0004, 0008 and 0009
have them in SQL. Behind a tip there may be islands (hub_office)."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from domain.clock import from_ms, to_text
from domain.entry import canonical
from tests.simulation.hub_acts import Acts
from tests.simulation.hub_documents import Documents
from tests.simulation.hub_places import Places, PoisonError, unfit
from tests.simulation.hub_rights import Rights, right_fault
from tests.simulation.hub_state import HUB, Feed, HubState, LogRow, StationRow, TipRow

SCHEMA = "0017"
MAX_RAW = 65_536
FEED = re.compile(r"org|cash|desk|event:[1-9][0-9]{0,9}")
ENTRY_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
KIND = re.compile(r"[a-z][a-z0-9_]{1,47}")
HASH = re.compile(r"[0-9a-f]{64}")
DIGITS = re.compile(r"[0-9]{1,18}")
ORDER = {"org": 0, "cash": 1, "desk": 2}
NOBODY = (None,) * 10


def raw_bytes(station: str, epoch: int, seq: int, content: str) -> bytes:
    return f'{{"content":{content},"epoch":{epoch},"seq":{seq},"station":"{station}"}}'.encode()


def genesis(station: str, epoch: int, key: bytes) -> bytes:
    return hashlib.sha256(f"gatehouse-genesis-1\0{station}\0{epoch}\0".encode() + key).digest()


def parsed(content: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def content_fault(doc: Any, station: str, epoch: int, seq: int) -> str | None:
    """What is wrong with a content, as hub.content_fault."""
    if not isinstance(doc, dict) or doc.get("format") != 1 or isinstance(doc.get("format"), bool):
        return "MALFORMED"
    if not ENTRY_ID.fullmatch(str(doc.get("entry_id"))) or not KIND.fullmatch(str(doc.get("kind"))):
        return "MALFORMED"
    v, feeds = doc.get("v"), doc.get("feeds")
    if not isinstance(v, int) or isinstance(v, bool) or not 1 <= v < 1_000_000_000:
        return "MALFORMED"
    if not isinstance(doc.get("body"), dict) or not isinstance(feeds, list) or not 1 <= len(feeds) <= 64:
        return "MALFORMED"
    if not all(isinstance(feed, str) and FEED.fullmatch(feed) for feed in feeds):
        return "MALFORMED"
    if feeds != sorted(set(feeds)):
        return "MALFORMED"
    origin = doc.get("origin")
    origin = origin if isinstance(origin, dict) else {}
    of, number = origin.get("epoch"), origin.get("seq")
    if origin.get("station") != station or not isinstance(of, int) or of > epoch or of < 0:
        return "FOREIGN_ORIGIN"
    return "FOREIGN_ORIGIN" if of == epoch and str(number) != str(seq) else None


class JournalHub:
    """The part of the model that keeps journals and feeds; HubModel.call comes to the methods here."""

    state: HubState
    places: Places
    rights: Rights
    documents: Documents
    acts: Acts
    now_ms: Callable[[], int]
    uuid: Callable[[], str]
    started_ms: int
    known_kinds: frozenset[tuple[str, int]]

    # Small tools.

    def incarnation(self) -> str:
        return f"{self.state.id}/{self.state.timeline}"

    def me(self, role: str) -> StationRow | None:
        return next((row for row in self.state.stations.values() if row.role == role), None)

    def barred(self, me: StationRow | None) -> dict[str, Any] | None:
        if me is None:
            return {"code": "NOT_ENROLLED"}
        if me.revoked_ms is not None:
            return {"code": "REVOKED", "revoked_at": self.at_text(me.revoked_ms)}
        return None

    def forked(self, me: StationRow | None) -> dict[str, Any] | None:
        if me is None or me.forked_ms is None or me.revoked_ms is not None:
            return None
        return {"code": "FORK", "forked_at": self.at_text(me.forked_ms), "epoch": me.epoch}

    @staticmethod
    def at_text(ms: int) -> str:
        return to_text(from_ms(ms))

    def standing(self, me: StationRow) -> dict[str, Any]:
        now = self.now_ms()
        return {
            "hub_at": self.at_text(now), "hub_ms": now, "leases": self.places.lease_set(me),
            "rights": self.rights.right_set(me), "retry_after_ms": 0, "max_batch": 200, "max_bytes": 262_144,
        }  # fmt: skip

    # hello and push.

    def hello(self, role: str, request: Mapping[str, Any]) -> dict[str, Any]:
        me = self.me(role)
        if (forked := self.forked(me)) is not None:
            return forked
        if (barred := self.barred(me)) is not None or me is None:
            return barred or {}
        tip = self.state.tips[me.station, me.epoch]
        if request["epoch"] == me.epoch:
            known = self._hash_at(me.station, tip, request["seq"])
            if known is not None and known.hex() != request["hash"]:
                return self.to_fork_inbox(me.station, tip, 1, [], [], [])
        else:
            code = "FORK" if request["epoch"] < me.epoch else "EPOCH_UNKNOWN"
            return {"code": code, "epoch": me.epoch}
        return self.standing(me) | {
            "protocol": 1, "schema": SCHEMA, "incarnation": self.incarnation(), "mode": self.state.mode,
            "organization": self.state.organization, "station": me.station, "tip": tip.json(), "notices": [],
        }  # fmt: skip

    def _hash_at(self, station: str, tip: TipRow, seq: int) -> bytes | None:
        if seq == 0:
            return tip.genesis
        row = self.state.log[station, tip.epoch].get(seq)
        return None if row is None else row.hash

    def push(
        self, role: str, epoch: int, first: int, prev: bytes, contents: Sequence[str],
        hashes: Sequence[bytes], sigs: Sequence[bytes], request: Mapping[str, Any],
    ) -> dict[str, Any]:  # fmt: skip
        me = self.me(role)
        if (forked := self.forked(me)) is not None:
            return forked
        if (barred := self.barred(me)) is not None or me is None:
            return barred or {}
        if (fault := _push_fault(contents, request)) is not None:
            return {"code": "BAD_REQUEST", "field": fault}
        tip = self.state.tips.get((me.station, epoch))
        if epoch > me.epoch or tip is None:
            return {"code": "EPOCH_UNKNOWN", "epoch": me.epoch}
        wrong = self._misfit(me.station, tip, first, prev, hashes)
        if wrong == "GAP":
            return {"code": "GAP", "tip": tip.json()}
        if wrong == "FORK":
            return self.to_fork_inbox(me.station, tip, first, contents, hashes, sigs)
        if {"leases", "rights", "values"} & set(request):
            self.lock_heads(self.places.feeds_of(request) + self.rights.feeds_of(request) + _feeds(contents))
        outcomes: list[dict[str, Any]] = []
        known = min(len(contents), tip.seq - first + 1)
        if known < len(contents):
            if epoch < me.epoch:
                return self.to_fork_inbox(me.station, tip, first, contents, hashes, sigs)
            outcomes = self.append(me.station, tip, contents[known:], hashes[known:], sigs[known:])
        answer = None
        if epoch == me.epoch:
            self.places.grant(me, request)
            answer = self.rights.grant(me, request)
        return self.standing(me) | {"acked": tip.json(), "outcomes": outcomes, "right_answer": answer}

    def _misfit(
        self, station: str, tip: TipRow, first: int, prev: bytes, hashes: Sequence[bytes]
    ) -> str | None:
        if first > tip.seq + 1:
            return "GAP"
        if first == tip.seq + 1:
            return None if tip.hash == prev else "FORK"
        rows = self.state.log[station, tip.epoch]
        before = tip.genesis if first == 1 else rows[first - 1].hash
        same = all(at not in rows or rows[at].hash == digest for at, digest in enumerate(hashes, first))
        return None if before == prev and same else "FORK"

    def lock_heads(self, feeds: Iterable[str]) -> None:
        """Heads that are locked are there from then on, empty if need be."""
        for name in feeds:
            if FEED.fullmatch(name):
                self.state.feeds.setdefault(name, Feed())

    def to_fork_inbox(
        self, station: str, tip: TipRow, first: int, contents: Sequence[str], hashes: Sequence[bytes],
        sigs: Sequence[bytes],
    ) -> dict[str, Any]:  # fmt: skip
        rows = self.state.log[station, tip.epoch]
        for at, (content, digest, sig) in enumerate(zip(contents, hashes, sigs, strict=True), first):
            if at not in rows or rows[at].hash != digest:
                self.state.fork_inbox.setdefault((station, tip.epoch, at, digest), (sig, content))
        row = self.state.stations[station]
        if row.epoch == tip.epoch and row.forked_ms is None:
            row.forked_ms = self.now_ms()
            body = {"station": station, "epoch": tip.epoch, "seq": tip.seq}
            self.append_own("fork_noted", ["org"], canonical(body))
        return {"code": "FORK", "tip": tip.json()}

    def append(
        self,
        station: str,
        tip: TipRow,
        contents: Sequence[str],
        hashes: Sequence[bytes],
        sigs: Sequence[bytes],
    ) -> list[dict[str, Any]]:
        """Append verified continuation; the outcomes that are not plainly ok."""
        outcomes, shown = [], []
        prev = tip.hash
        for seq, (content, digest, sig) in enumerate(zip(contents, hashes, sigs, strict=True), tip.seq + 1):
            doc = parsed(content)
            code = self._link_fault(station, tip.epoch, seq, prev, content, digest, sig, doc)
            raw = (prev, digest, sig, content)
            prev = digest
            content_hash = hashlib.sha256(content.encode()).digest()
            entry_id = doc["entry_id"] if code is None else None
            state = "quarantined"
            if entry_id is not None:
                mine = (content_hash, station, tip.epoch, seq)
                key = self.state.entry_key.setdefault(entry_id, mine)
                state = "ok" if key[1:] == mine[1:] else "alias" if key[0] == content_hash else "duplicate"
            kept = raw if state in {"ok", "duplicate"} else None
            self.state.log[station, tip.epoch][seq] = LogRow(digest, content_hash, entry_id, state, kept)
            if state == "duplicate":
                self.state.duplicates.add((str(entry_id), station, tip.epoch, seq))
            if code is not None:
                self.state.quarantine[station, tip.epoch, seq] = (code, digest, sig, content)
            if kept is not None:
                shown.append((seq, entry_id, digest, doc))
            outcomes.append((seq, entry_id, state, code))
        if shown:
            self._show(station, tip.epoch, shown)
        tip.seq, tip.hash = tip.seq + len(contents), prev
        return [said for each in outcomes if (said := self._outcome(station, tip.epoch, *each)) is not None]

    @staticmethod
    def _link_fault(
        station: str, epoch: int, seq: int, prev: bytes, content: str, digest: bytes, sig: bytes, doc: Any
    ) -> str | None:
        raw = raw_bytes(station, epoch, seq, content)
        if hashlib.sha256(prev + raw).digest() != digest:
            return "BAD_CHAIN"
        if len(raw) > MAX_RAW:
            return "OVERSIZE"
        if len(sig) != 64:
            return "UNSIGNED"
        return content_fault(doc, station, epoch, seq)

    def _outcome(
        self, station: str, epoch: int, seq: int, entry_id: str | None, state: str, code: str | None
    ) -> dict[str, Any] | None:
        reason = self.state.held.get((station, epoch, seq))
        if state == "ok" and reason is None:
            return None
        said: dict[str, Any] = {"seq": seq}
        if entry_id is not None:
            said["entry_id"] = entry_id
        said["outcome"] = {"duplicate": "conflict", "ok": "held"}.get(state, state)
        why = "DUPLICATE_ID" if state == "duplicate" else code or reason
        if why is not None:
            said["code"] = why
        return said

    def _show(self, station: str, epoch: int, shown: Sequence[tuple[int, Any, bytes, Any]]) -> None:
        """Give entries their places in their feeds, then project them."""
        for seq, _, digest, doc in shown:
            for name in doc["feeds"]:
                feed = self.state.feeds.setdefault(name, Feed())
                feed.position += 1
                feed.hash = hashlib.sha256(feed.hash + digest).digest()
                feed.log.append((station, epoch, seq, feed.hash))
        for seq, entry_id, _, doc in shown:
            if (doc["kind"], doc["v"]) not in self.known_kinds:
                self.state.held[station, epoch, seq] = "UNKNOWN_KIND"
                continue
            counts = self.state.entry_key[entry_id][1:] == (station, epoch, seq)
            if counts and (reason := unfit(doc["kind"], doc["body"])) is not None:
                self.state.held[station, epoch, seq] = reason
        ids, docs = [each[1] for each in shown], [each[3] for each in shown]
        try:
            said = self.places.read(ids, docs)
        except PoisonError:
            for seq, entry_id, _, doc in shown:
                try:
                    self._project([entry_id], [doc], self.places.read([entry_id], [doc]))
                except PoisonError as error:
                    self.state.held.setdefault((station, epoch, seq), str(error))
        else:
            self._project(ids, docs, said)

    def _project(self, ids: Sequence[str], docs: Sequence[Any], said: Any) -> None:
        self.places.apply(ids, docs, said)
        self.documents.apply(docs)
        self.rights.apply(ids, docs)

    def append_own(self, kind: str, feeds: Sequence[str], body: str) -> str:
        """One act of the hub itself, chained and unsigned."""
        epoch = max(of for station, of in self.state.tips if station == HUB)
        tip = self.state.tips[HUB, epoch]
        now = self.now_ms()
        bare = self.uuid().replace("-", "")
        entry = f"{now:012x}7{bare[13:]}"
        entry_id = f"{entry[:8]}-{entry[8:12]}-{entry[12:16]}-{entry[16:20]}-{entry[20:]}"
        hlc_ms = max(now, tip.hlc_ms)
        content = (
            '{"actor":{"approvals":[],"practice":false,"user":null},"body":' + body
            + ',"clock":{"boot":' + json.dumps(self.incarnation()) + f',"mono_ms":{now - self.started_ms}'
            + f',"offset_age_ms":null,"offset_ms":null,"wall_at":"{self.at_text(now)}"}}'
            + f',"entry_id":"{entry_id}","feeds":' + json.dumps(list(feeds), separators=(",", ":"))
            + f',"format":1,"kind":"{kind}","origin":{{"epoch":{epoch}'
            + f',"hlc":"{hlc_ms:014d}-{tip.seq % 1_000_000:06d}"'
            + f',"seq":{tip.seq + 1},"station":"{HUB}"}},"shift":null,"v":1}}'
        )  # fmt: skip
        self._append_act(epoch, tip, entry_id, content, hlc_ms)
        return entry_id

    def issue_again(self, content: str, doc: Any) -> None:
        """A forgotten act: text, origin and id stay."""
        epoch = max(of for station, of in self.state.tips if station == HUB)
        stamp = int(doc["origin"]["hlc"].split("-")[0])
        self._append_act(epoch, self.state.tips[HUB, epoch], doc["entry_id"], content, stamp)

    def _append_act(self, epoch: int, tip: TipRow, entry_id: str, content: str, hlc_ms: int) -> None:
        seq = tip.seq + 1
        digest = hashlib.sha256(tip.hash + raw_bytes(HUB, epoch, seq, content)).digest()
        content_hash = hashlib.sha256(content.encode()).digest()
        self.state.entry_key[entry_id] = (content_hash, HUB, epoch, seq)
        row = LogRow(digest, content_hash, entry_id, "ok", (tip.hash, digest, b"", content))
        self.state.log[HUB, epoch][seq] = row
        tip.seq, tip.hash, tip.hlc_ms = seq, digest, max(tip.hlc_ms, hlc_ms)
        self._show(HUB, epoch, [(seq, entry_id, digest, json.loads(content))])

    # pull.

    def pull(
        self, role: str, incarnation: str, cursors: Mapping[str, Any], limit: int
    ) -> list[tuple[Any, ...]]:
        me = self.me(role)
        if (barred := self.barred(me)) is not None or me is None:
            return [(barred, *NOBODY)]
        if (wrong := self._cursor_fault(incarnation, cursors)) is not None:
            return [(wrong, *NOBODY)]
        heads = {
            name: feed.position
            for name, feed in self.state.feeds.items()
            if me.scope is None or name in me.scope
        }
        after = {name: int(cursors.get(name, {}).get("position", 0)) for name in heads}
        now = self.now_ms()
        reply = {
            "incarnation": self.incarnation(), "hub_at": self.at_text(now), "hub_ms": now, "heads": heads,
            "waiting": sum(heads[name] - after[name] for name in heads),
        }  # fmt: skip
        rows: list[tuple[Any, ...]] = [(reply, *NOBODY)]
        left, size = min(max(limit, 1), 1000), 1_048_576
        for name in sorted(heads, key=lambda each: (ORDER.get(each, 3), each)):
            if heads[name] <= after[name]:
                continue
            if left <= 0 or size <= 0:
                break
            log = self.state.feeds[name].log[after[name] : after[name] + left]
            for position, (station, epoch, seq, feed_hash) in enumerate(log, after[name] + 1):
                raw = self.state.log[station, epoch][seq].raw
                assert raw is not None
                prev, digest, sig, content = raw
                rows.append(
                    (None, name, position, station, epoch, seq, content, prev, digest, sig, feed_hash)
                )
                left -= 1
                size -= len(content.encode())
                if size <= 0:
                    break
        return rows

    def _cursor_fault(self, incarnation: str, cursors: Mapping[str, Any]) -> dict[str, Any] | None:
        if incarnation != self.incarnation():
            return {"code": "INCARNATION", "incarnation": self.incarnation()}
        for name in sorted(cursors):
            position, digest = int(cursors[name]["position"]), cursors[name]["hash"]
            feed = self.state.feeds.get(name, Feed())
            known: bytes | None = bytes(32) if position == 0 else None
            if 0 < position <= len(feed.log):
                known = feed.log[position - 1][3]
            if known is None or known.hex() != digest:
                return {"code": "CURSOR", "feed": name, "incarnation": self.incarnation()}
        return None


def _push_fault(contents: Sequence[str], request: Mapping[str, Any]) -> str | None:
    if len(contents) > 200:
        return "content"
    if len(contents) > 1 and sum(len(content.encode()) for content in contents) > 262_144:
        return "bytes"
    if not contents and not {"leases", "rights", "values"} & set(request):
        return "content"
    return right_fault(request)


def _feeds(contents: Sequence[str]) -> list[str]:
    """All feeds that contents name."""
    found = [doc.get("feeds") for content in contents if isinstance(doc := parsed(content), dict)]
    return [feed for feeds in found if isinstance(feeds, list) for feed in feeds if isinstance(feed, str)]
