"""The model's documents: named and erased by entries, brought and read by stations; as revisions 0005 and
0016 have them in SQL."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tests.simulation.hub_state import DocumentRow, HubState, StationRow

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HASH = re.compile(r"[0-9a-f]{64}")
VERSION = re.compile(r"[0-9]{14}-[0-9]{6}")
LOWEST = "00000000000000-000000"
ORDER = {"org": 0, "cash": 1, "desk": 2}
MOST, INLINE, PAGE = 10_000_000, 262_144, 524_288
_OFFICE = frozenset({"cash", "desk"})
_ALL = _OFFICE | {"event"}

FEEDS: Mapping[str, frozenset[str]] = {
    "person": frozenset({"org"}),
    "password_verifier": frozenset({"org", "event"}),
    "support_text": frozenset({"desk"}),
    "attachment": frozenset({"desk", "event", "org"}),
    "picture": frozenset({"event", "org"}),
    "ticket_codes": frozenset({"desk", "event"}),
    "customer": frozenset({"desk"}),
    "person_note": frozenset({"org"}),
    "guest": frozenset({"event"}),
    "secret": frozenset({"org"}),
}
READERS = {"password_verifier": _ALL, "ticket_codes": _OFFICE, "person_note": _OFFICE, "guest": _OFFICE}
"""No event of the simulated house lets its gates read names."""
WRITERS = {
    "password_verifier": _ALL,
    "picture": _ALL,
    **dict.fromkeys(("person", "ticket_codes", "customer", "person_note", "guest", "secret"), _OFFICE),
}
MARKED = {"secret"}
Told = dict[str, Any]


def kinds_at_birth(scope: Sequence[str] | None) -> frozenset[str]:
    """What the administrator gives a new station beyond its feeds: a gate gets the verifiers of people."""
    narrow = scope is not None and not _OFFICE & set(scope)
    return frozenset({"password_verifier"}) if narrow else frozenset()


class Documents:
    """Works on the hub's state; `hub` is the model."""

    def __init__(self, hub: Any) -> None:
        self._hub = hub

    @property
    def _s(self) -> HubState:
        state: HubState = self._hub.state
        return state

    # Rights.

    @staticmethod
    def _fits(kind: str, feed: str) -> bool:
        return feed.partition(":")[0] in FEEDS.get(kind, frozenset())

    @staticmethod
    def _follows(wanted: frozenset[str], feed: str, scope: Sequence[str] | None) -> bool:
        if not wanted or scope is None or wanted & set(scope):
            return True
        return "event" in wanted and feed.startswith("event:") and feed in scope

    def _reads(self, who: StationRow, kind: str, feed: str) -> bool:
        if not self._fits(kind, feed) or not (who.scope is None or feed in who.scope):
            return False
        if kind in kinds_at_birth(who.scope):
            return True
        return kind not in MARKED and self._follows(READERS.get(kind, frozenset()), feed, who.scope)

    def _writes(self, who: StationRow, kind: str, feed: str) -> bool:
        if not self._fits(kind, feed):
            return False
        named = kind in kinds_at_birth(who.scope)
        return named or self._follows(WRITERS.get(kind, frozenset()), feed, who.scope)

    def stamp(self, me: StationRow) -> str:
        """What a station's cursors of documents belong to."""
        scope = "*" if me.scope is None else "{" + ",".join(me.scope) + "}"
        text = f"{scope} {{{','.join(sorted(kinds_at_birth(me.scope)))}}}"
        return f"{self._hub.incarnation()}/{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    # Projection.

    def apply(self, docs: Sequence[dict[str, Any]]) -> None:
        """What entries say of documents: whose versions they name, and which are erased."""
        erased: dict[str, dict[str, Any]] = {}
        for doc in docs:
            inner = doc["body"].get("documents")
            for item in (doc["body"], *(inner if isinstance(inner, list) else ())):
                if not isinstance(item, dict):
                    continue
                document, known = str(item.get("document")), str(item.get("document_hash"))
                if UUID.fullmatch(document) and HASH.fullmatch(known):
                    self._s.document_names[document, bytes.fromhex(known)].add(doc["origin"]["station"])
            if doc["kind"] == "document_erased":
                erased.setdefault(doc["body"]["document"], doc)
        for document in sorted(erased):
            self._erase(document, erased[document]["body"])

    def _erase(self, document: str, body: dict[str, Any]) -> None:
        for key in [key for key in self._s.document_parts if key[1] == document]:
            del self._s.document_parts[key]
        known = self._s.documents.get(document)
        feed = known.feed if known is not None else body["feed"]
        position = self._next(feed)
        if known is None or not known.tombstone:
            kind = known.kind if known is not None else body["kind"]
            self._s.documents[document] = DocumentRow(
                document, kind, feed, position, LOWEST, None, None, None, 0, tombstone=True
            )

    def _next(self, feed: str) -> int:
        self._s.document_heads[feed] = self._s.document_heads.get(feed, 0) + 1
        return self._s.document_heads[feed]

    # What stations ask.

    def _clamped(self, version: str) -> str:
        return min(version, f"{self._hub.now_ms():014d}-000000")

    def _outcome(
        self, me: StationRow, document: str, kind: str, feed: str, version: str, digest: bytes, size: int
    ) -> str:
        if not VERSION.fullmatch(version) or len(digest) != 32 or not 0 <= size <= MOST:
            return "malformed"
        known = self._s.documents.get(document)
        if known is not None and known.tombstone:
            return "erased"
        if known is not None and known.hash == digest:
            return "known"
        mine = self._reads(me, kind, feed) or self._writes(me, kind, feed)
        if not mine or (known is not None and (known.kind, known.feed) != (kind, feed)):
            return "denied"
        names = self._s.document_names.get((document, digest), set())
        if not names:
            return "unnamed"
        rows = [self._s.stations[each] for each in names if each in self._s.stations]
        if not any(self._writes(row, kind, feed) for row in rows):
            return "denied"
        if known is not None and (self._clamped(version), digest) < (known.version, known.hash):
            return "stale"
        return "wanted"

    def _told(self, me: StationRow, document: str, kind: str, feed: str, digest: bytes, outcome: str) -> Told:
        known = self._s.documents.get(document)
        return {
            "document": document, "outcome": outcome, "reads": self._reads(me, kind, feed),
            "version": known.version if known is not None else "",
            "have": len(self._s.document_parts.get((me.station, document, digest), b"")),
        }  # fmt: skip

    def offer(self, me: StationRow, columns: Sequence[Sequence[Any]]) -> dict[str, Any]:
        """Which versions are wanted here."""
        if not 1 <= len(columns[0]) <= 1000:
            return {"code": "BAD_REQUEST", "field": "documents"}
        told = []
        for document, kind, feed, version, digest, size in zip(*columns, strict=True):
            outcome = self._outcome(me, document, kind, feed, version, digest, size)
            told.append(self._told(me, document, kind, feed, digest, outcome))
        return {"documents": told}

    def put(self, me: StationRow, columns: Sequence[Sequence[Any]]) -> dict[str, Any]:
        """Bring content, whole or in pieces."""
        if not 1 <= len(columns[0]) <= 200:
            return {"code": "BAD_REQUEST", "field": "documents"}
        if sum(len(content) for content in columns[8]) > 1_048_576:
            return {"code": "BAD_REQUEST", "field": "bytes"}
        told = []
        for document, kind, feed, version, digest, size, nonce, start, content in zip(*columns, strict=True):
            outcome = self._outcome(me, document, kind, feed, version, digest, size)
            if outcome == "wanted":
                row = DocumentRow(
                    document, kind, feed, 0, self._clamped(version), digest, nonce, content, size
                )
                outcome = self._take(me, row, start, content)
            told.append(self._told(me, document, kind, feed, digest, outcome))
        return {"documents": told}

    def _take(self, me: StationRow, row: DocumentRow, start: int, content: bytes) -> str:
        assert row.hash is not None
        if len(row.nonce or b"") != 32 or start + len(content) > row.size:
            return "malformed"
        if len(content) < row.size:
            key = (me.station, row.document, row.hash)
            for other in [each for each in self._s.document_parts if each[0] == me.station and each != key]:
                del self._s.document_parts[other]
            if start != len(self._s.document_parts.get(key, b"")):
                return "wanted"
            self._s.document_parts[key] = self._s.document_parts.get(key, b"") + content
            if start + len(content) < row.size:
                return "wanted"
            row.content = self._s.document_parts.pop(key)
        if hashlib.sha256((row.nonce or b"") + (row.content or b"")).digest() != row.hash:
            return "malformed"
        row.position = self._next(row.feed)
        self._s.documents[row.document] = row
        return "stored"

    def _going(self) -> set[str]:
        """Documents that entries waiting to be checked would erase."""
        found = set()
        for row in self._s.inbox.values():
            if row["state"] == "waiting" and '"kind":"document_erased"' in row["content"]:
                found |= set(re.findall(r'"document":"([0-9a-f-]{36})"', row["content"]))
        return found

    def pull(
        self, me: StationRow, stamp: str, cursors: Mapping[str, Any], limit: int
    ) -> list[tuple[Any, ...]]:
        """What was changed since: rows, then the reply."""
        nothing = (None,) * 9
        if stamp != self.stamp(me):
            return [({"code": "INCARNATION", "stamp": self.stamp(me)}, *nothing)]
        if self._s.mode == "recovery":
            return [({"cursors": {}, "more": False}, *nothing)]
        rows: list[tuple[Any, ...]] = []
        left, size, cut, told, going = min(max(limit, 1), 1000), PAGE, False, {}, self._going()
        for feed in sorted(self._s.document_heads, key=lambda each: (ORDER.get(each, 3), each)):
            after = int(cursors.get(feed, 0))
            outside = me.scope is not None and feed not in me.scope
            if cut or outside or self._s.document_heads[feed] <= after:
                continue
            position = after
            for row in sorted(self._s.documents.values(), key=lambda each: each.position):
                if row.feed != feed or row.position <= after or not self._reads(me, row.kind, feed):
                    continue
                if not row.tombstone and row.document in going:
                    continue
                content = row.content if row.size <= INLINE else None
                rows.append(
                    (None, row.document, row.kind, feed, row.version, row.hash, row.nonce, row.size,
                     row.tombstone, content)
                )  # fmt: skip
                left, size, position = left - 1, size - row.size, row.position
                cut = left <= 0 or size <= 0
                if cut:
                    break
            told[feed] = position if cut else self._s.document_heads[feed]
        return [*rows, ({"cursors": told, "more": cut}, *nothing)]

    def piece(self, me: StationRow, document: str, digest: bytes, start: int) -> bytes | None:
        """A stretch of a large content."""
        row = self._s.documents.get(document)
        if start < 0 or self._s.mode == "recovery" or document in self._going() or row is None:
            return None
        if row.hash != digest or row.content is None or not self._reads(me, row.kind, row.feed):
            return None
        return row.content[start : start + INLINE]
