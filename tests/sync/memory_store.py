"""The sync ports in memory: what the engine's and driver's tests run against. It passes port_contract."""

import os
from collections.abc import Iterable, Mapping, Sequence

from domain.certificates import Chain, TrustStore, parse_chain
from domain.entry import Entry
from domain.errors import Refusal
from domain.ticket_code import SigningKey
from sync.enrolment import Enrolled
from sync.ports import Cursor, Page, PageOutcome, Tip
from tests.journal import Journal

KNOWN_KINDS = {"settings_changed", "order_sold", "admitted", "certificate_issued"}


class MemoryStation:
    """Own journal and replica of one station; `applied` are the entries of others, in order of arrival."""

    def __init__(self, station: str, key: SigningKey, root: bytes, chains: Iterable[Chain] = ()) -> None:
        self.journal = Journal(station, key)
        self.trust = TrustStore(root, chains)
        self.applied: list[Entry] = []
        self.held: list[Entry] = []
        self.aside: list[tuple[str, str]] = []
        self.outcomes: dict[str, str] = {}
        self._acked = 0
        self._incarnation: str | None = None
        self._cursors: dict[str, Cursor] = {}
        self._known: set[bytes] = set()

    @classmethod
    def of(cls, enrolled: Enrolled) -> "MemoryStation":
        """The station that has just joined."""
        made = cls(enrolled.station, SigningKey.from_seed(enrolled.seed), enrolled.root, [enrolled.chain])
        made.adopt_incarnation(enrolled.incarnation)
        return made

    # Outbox
    def station(self) -> str:
        return self.journal.station

    def tip(self) -> Tip:
        return Tip(self.journal.epoch, len(self.journal.entries), self.journal.tip)

    def hash_at(self, seq: int) -> bytes | None:
        return self.journal.hash_at(seq) if 0 <= seq <= len(self.journal.entries) else None

    def acked_seq(self) -> int:
        return self._acked

    def batch(self, after_seq: int, max_entries: int, max_bytes: int) -> Sequence[Entry]:
        chosen: list[Entry] = []
        size = 0
        for entry in self.journal.entries[after_seq : after_seq + max_entries]:
            size += len(entry.content.encode())
            if chosen and size > max_bytes:
                break
            chosen.append(entry)
        return chosen

    def acknowledge(self, seq: int, outcomes: Mapping[str, str]) -> None:
        self._acked = max(self._acked, seq)
        self.outcomes.update(outcomes)

    # Replica
    def incarnation(self) -> str | None:
        return self._incarnation

    def adopt_incarnation(self, incarnation: str) -> None:
        self._incarnation = incarnation
        self._cursors.clear()

    def cursors(self) -> Mapping[str, Cursor]:
        return dict(self._cursors)

    def apply(self, page: Page) -> PageOutcome:
        applied = known = held = 0
        rejected: list[tuple[str, str]] = [(item.hash.hex(), "MALFORMED") for item in page.damaged]
        for entry in page.entries:
            if entry.station == self.journal.station or entry.hash in self._known:
                known += 1
            elif (code := self._judge(entry)) is not None:
                rejected.append((entry.entry_id, code))
            elif entry.kind not in KNOWN_KINDS:
                held += 1
                self._known.add(entry.hash)
                self.held.append(entry)
            else:
                applied += 1
                self._known.add(entry.hash)
                self.applied.append(entry)
        self.aside += rejected
        self._cursors[page.feed] = page.cursor
        return PageOutcome(applied, known, held, rejected)

    def _judge(self, entry: Entry) -> str | None:
        if (code := self.trust.verify_entry(entry)) is not None:
            return code
        if entry.kind == "certificate_issued":
            try:
                self.trust.add(parse_chain(entry.body["certificates"]))
            except Refusal as refusal:
                return refusal.code
        return None


def alone(root: SigningKey, seed: bytes | None = None, station: str = "aaaa0001") -> MemoryStation:
    """A station that has joined nothing."""
    return MemoryStation(station, SigningKey.from_seed(seed or os.urandom(32)), root.public)
