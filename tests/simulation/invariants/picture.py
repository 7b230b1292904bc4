"""What lies in the files and at the hub after a run, read with plain SQL and plain JSON: all that the
invariants see."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

HUB = "00000000"


@dataclass(frozen=True)
class Link:
    """One row of a journal, of a replica or of the hub's log."""

    station: str
    epoch: int
    seq: int
    entry_id: str
    content: str
    prev: bytes
    hash: bytes
    sig: bytes
    doc: dict[str, Any] = field(compare=False, hash=False)

    @property
    def kind(self) -> str:
        return str(self.doc["kind"])

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = self.doc["body"]
        return body

    @property
    def hlc(self) -> str:
        return str(self.doc["origin"]["hlc"])


@dataclass
class File:
    """One station file: a live one, one that was set aside, or one that was lost."""

    name: str
    path: Path
    station: str
    live: bool
    revoked: bool
    lost: bool
    scope: tuple[str, ...] | None
    journal: list[Link] = field(default_factory=list)
    keys: dict[int, bytes] = field(default_factory=dict)
    acked: dict[int, int] = field(default_factory=dict)
    open: Any = None

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        if self.open is None:
            self.open = dbapi2.connect(f"file:{self.path}?mode=ro", uri=True)
        return list(self.open.execute(query, values).fetchall())

    def close(self) -> None:
        if self.open is not None:
            self.open.close()


class Picture:
    """Everything at the end of a run."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.files: list[File] = []
        for machine in [*world.machines, *world.retired]:
            live = machine in world.machines
            self._add(machine, machine.folder / "station.db", live=live, lost=False)
            for folder in sorted(machine.folder.glob("former/*")):
                self._add(machine, folder / "station.db", live=False, lost=False)
            for folder in sorted(machine.folder.parent.glob(f"{machine.name}-lost-*")):
                self._add(machine, folder / "station.db", live=False, lost=True)
                for former in sorted(folder.glob("former/*")):
                    self._add(machine, former / "station.db", live=False, lost=True)
        self.hub: dict[str, Any] = world.hub.dump()
        self.log: dict[tuple[str, int], dict[int, tuple[bytes, str | None, str]]] = self.hub["log"]
        self.entries: dict[tuple[str, int, int], Link] = {}
        self.feeds: dict[str, list[tuple[str, int, int, bytes]]] = self.hub["feeds"]
        for (station, epoch, seq), (prev, digest, sig, content) in self.hub["raw"].items():
            doc = json.loads(content)
            link = Link(station, epoch, seq, doc["entry_id"], content, prev, digest, sig, doc)
            self.entries[station, epoch, seq] = link
        self.by_id: dict[str, list[Link]] = defaultdict(list)
        for link in self.entries.values():
            self.by_id[link.entry_id].append(link)
        if world.flags["restored"]:
            self._forgotten()

    def _forgotten(self) -> None:
        """Two disasters: a hub that forgot what it had confirmed, and a station that has begun another epoch
        since and speaks for the former one no more. What nobody had read meanwhile is lost."""
        lost = self.world.flags.setdefault("lost", set())
        for file in self.files:
            if not file.live:
                lost.update(link.entry_id for link in file.journal if link.entry_id not in self.by_id)

    def _add(self, machine: Any, path: Path, *, live: bool, lost: bool) -> None:
        file = File(path.parent.name, path, machine.station, live, machine.revoked, lost, machine.scope)
        for epoch, seq, entry_id, content, prev, digest, sig in file.rows(
            "SELECT epoch, seq, entry_id, content, prev_hash, hash, sig FROM journal ORDER BY position"
        ):
            doc = json.loads(content)
            file.journal.append(Link(machine.station, epoch, seq, entry_id, content, prev, digest, sig, doc))
        for epoch, key, acked in file.rows("SELECT epoch, public_key, acked_seq FROM own_epoch"):
            file.keys[epoch], file.acked[epoch] = key, acked
        self.files.append(file)

    @property
    def living(self) -> list[File]:
        return [file for file in self.files if file.live and not file.revoked]

    def shown(self) -> list[Link]:
        """The entries that count for everybody, each once: none that a revoked station wrote behind its last
        trusted one, and of several contents of one identity that with the smallest hash."""
        found: dict[str, Link] = {}
        for link in reversed(list(self.entries.values())):
            trusted = self.world.flags["revoked"].get(link.station)
            if trusted is not None and (link.epoch, link.seq) > trusted[:2]:
                continue
            found[link.entry_id] = counted(link, found.get(link.entry_id, link))
        return list(found.values())


def counted(one: Link, other: Link) -> Link:
    """Of two contents of one identity the one that counts."""
    return min(one, other, key=lambda link: hashlib.sha256(link.content.encode()).digest())
