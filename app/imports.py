"""Waiting entries as files: written for another station, read from one, and kept until the hub has them.

An imported file is applied to the replica at once and lies in the data folder until its entries are in the
hub's inbox, whenever the hub is next reached.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.store.store import StationStore
from domain import waiting_file
from domain.certificates import EVERYTHING
from domain.entry import Entry
from domain.errors import Fault, Refusal
from sync.errands import Places
from sync.ports import PageOutcome

FOLDER = "imports"


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file brought: whose, how many, and what became of them here."""

    station: str
    name: str
    entries: int
    outcome: PageOutcome


class ImportFolder:
    """The station's imported files; implements sync.errands.Holdings."""

    def __init__(self, store: StationStore) -> None:
        self._store = store
        self._folder = store.folder / FOLDER

    def imported(self) -> Iterator[tuple[str, Sequence[Entry]]]:
        """Files that wait to be brought to the hub."""
        root = self._store.root()
        for path in sorted(self._folder.glob("*.json")) if root is not None else ():
            found = waiting_file.read(path.read_text(encoding="utf-8"), root or b"")
            yield path.name, _with_certified(found, found.entries)

    def brought(self, name: str) -> None:
        """The hub has what was in that file."""
        (self._folder / name).unlink(missing_ok=True)

    def held_beyond(self, places: Places) -> Iterator[Entry]:
        """Others' entries in the replica beyond these places."""
        return self._store.replica.held_beyond(places)

    def reported_to(self) -> str | None:
        """See sync.errands.Holdings."""
        return self._store.replica.reported_to()

    def note_reported(self, incarnation: str) -> None:
        """See sync.errands.Holdings."""
        self._store.replica.note_reported(incarnation)

    def take(self, text: str) -> Imported:
        """Check a file, keep it for the hub, and apply here what is of this station's feeds. Nothing is
        changed when it does not check.

        Raises Refusal NO_HUB, WAITING_…, CERTIFICATE_FORGED, WAITING_OWN; Fault FILE_NOT_WRITABLE.
        """
        root = self._store.root()
        if root is None:
            raise Refusal("NO_HUB")
        found = waiting_file.read(text, root)
        if found.station == self._store.identity.station:
            raise Refusal("WAITING_OWN")
        self._keep(text)
        scope = _scope(self._store)
        ours = [entry for entry in found.entries if scope is None or not scope.isdisjoint(entry.feeds)]
        outcome = self._store.replica.take_loose(found.chain, _with_certified(found, ours))
        return Imported(found.station, found.name, len(found.entries), outcome)

    def _keep(self, text: str) -> None:
        target = self._folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"
        part = target.with_suffix(".part")
        try:
            self._folder.mkdir(exist_ok=True)
            with part.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
        except OSError:
            raise Fault("FILE_NOT_WRITABLE", file=str(target)) from None


def _with_certified(found: waiting_file.WaitingFile, entries: Sequence[Entry]) -> Sequence[Entry]:
    """What tells whose entries these are comes before them."""
    return entries if found.certified is None else [found.certified, *entries]


def _scope(store: StationStore) -> frozenset[str] | None:
    """The feeds that this station follows, None = all of them."""
    chain = store.own_chain()
    scope = chain[-1].certificate.scope if chain else EVERYTHING
    return None if scope == EVERYTHING else frozenset(scope)


def export_waiting(store: StationStore) -> str:
    """The text of a file with every own entry that the hub has not confirmed.

    Raises Refusal NO_HUB, NOTHING_WAITING.
    """
    chain = store.own_chain()
    if chain is None:
        raise Refusal("NO_HUB")
    after = store.outbox.acked_seq()
    count = store.outbox.tip().seq - after
    if count == 0:
        raise Refusal("NOTHING_WAITING")
    entries = store.outbox.batch(after, count, waiting_file.MAX_TEXT)
    return waiting_file.write(entries, chain, store.signing_key, store.own_certified())
