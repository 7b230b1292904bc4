"""What a station does for others at the hub once its own journal is in: bring entries that it holds.

Two kinds: files that were imported here (another station's waiting entries), and, while a restored hub
recovers, whatever this station's replica has and the hub forgot. Runs on the UP lane's connection, after the
own journal; all of it may be repeated.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from domain.entry import Entry
from domain.errors import Fault
from sync.hub_client import HubClient
from sync.messages import Denied

BATCH = 100
BATCH_BYTES = 512 * 1024
RECOVERY = "recovery"

Places = Mapping[tuple[str, int], int]
"""(station, epoch) → the last seq."""


class Holdings(Protocol):
    """What errands need from the local store."""

    def imported(self) -> Iterator[tuple[str, Sequence[Entry]]]:
        """Files that wait to be brought: a name, and the entries in it."""
        ...

    def brought(self, name: str) -> None:
        """The hub has what was in that file."""
        ...

    def held_beyond(self, places: Places) -> Iterator[Entry]:
        """Others' entries held here that lie beyond these places, by station, epoch and seq; a station and
        epoch that is not named begins at 0."""
        ...

    def reported_to(self) -> str | None:
        """The incarnation of the hub that was told last of everything held here."""
        ...

    def note_reported(self, incarnation: str) -> None:
        """This one was told."""
        ...


class Errands:
    """One station's errands; `run` is called whenever the outbox is empty."""

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings

    def run(self, client: HubClient, mode: str, incarnation: str) -> bool:
        """Bring what there is; whether the hub was told of everything held here, after which it may give back
        what it had forgotten.

        A hub is told once in each of its incarnations, also when it has stopped waiting for this station.
        Raises Fault by hub_errors; HUB_REFUSED (`why`): the hub does not take it.
        """
        for name, entries in self._holdings.imported():
            self._bring(client, iter(entries))
            self._holdings.brought(name)
        if self._holdings.reported_to() == incarnation:
            return False
        tips = _good(client.tips())
        places = {(item["station"], item["epoch"]): item["seq"] for item in tips["tips"]}
        self._bring(client, self._holdings.held_beyond(places))
        _good(client.reported())
        self._holdings.note_reported(incarnation)
        return mode == RECOVERY

    @staticmethod
    def _bring(client: HubClient, entries: Iterator[Entry]) -> None:
        while batch := list(itertools.islice(entries, BATCH)):
            while batch:
                some = _within(batch)
                _good(client.bring(some))
                batch = batch[len(some) :]


def _within(batch: list[Entry]) -> list[Entry]:
    """As many from the front as fit into one call, at least one."""
    size, count = 0, 0
    for entry in batch:
        size += len(entry.content.encode())
        if count and size > BATCH_BYTES:
            break
        count += 1
    return batch[:count]


def _good(answer: "Mapping[str, Any] | Denied") -> Mapping[str, Any]:
    if isinstance(answer, Denied):
        raise Fault("HUB_REFUSED", why=answer.code)
    return answer
