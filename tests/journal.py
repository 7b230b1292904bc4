"""A small real journal for tests: sealed, chained and signed entries without a store."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.entry import Clocks, Draft, Entry, Who, genesis, seal
from domain.ids import uuid7
from domain.ticket_code import SigningKey

WALL_MS = 1_800_000_000_000


@dataclass
class Journal:
    """One station's journal in memory; `add` appends, `entries` is all of it."""

    station: str
    key: SigningKey
    epoch: int = 1
    entries: list[Entry] = field(default_factory=list)
    random_bytes: Callable[[int], bytes] = os.urandom
    user: str | None = "user-1"

    @property
    def tip(self) -> bytes:
        """The hash that the next entry follows."""
        return self.hash_at(len(self.entries))

    def hash_at(self, seq: int) -> bytes:
        """Hash of an entry, genesis for 0."""
        return self.entries[seq - 1].hash if seq else genesis(self.station, self.epoch, self.key.public)

    def add(
        self,
        kind: str = "settings_changed",
        feeds: Sequence[str] = ("org",),
        body: Mapping[str, Any] | None = None,
        *,
        entry_id: str | None = None,
        v: int = 1,
    ) -> Entry:
        """Append one entry."""
        seq = len(self.entries) + 1
        entry = seal(
            Draft(kind, tuple(feeds), body if body is not None else {"values": {"n": seq}}, v),
            station=self.station,
            epoch=self.epoch,
            seq=seq,
            entry_id=entry_id or uuid7(WALL_MS + seq, self.random_bytes),
            hlc=f"{WALL_MS + seq:014d}-000000",
            clocks=Clocks("2027-01-15T08:00:00.000Z", seq, "test"),
            actor=Who(self.user),
            shift=None,
            prev_hash=self.tip,
            sign=self.key.sign,
        )
        self.entries.append(entry)
        return entry
