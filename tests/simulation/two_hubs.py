"""The model of the hub and its SQL side by side: every question goes to both, and the answers are compared to
the last byte. Both have one clock and draw the same chances, so even what they write themselves is equal."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from domain.certificates import STATION_USAGE, Certificate, Chain, Usage, issue
from domain.clock import from_ms
from domain.entry import Entry
from domain.ids import uuid7
from domain.revocation import Revocation
from domain.revocation import issue as revoke
from domain.ticket_code import SigningKey
from tests.journal import WALL_MS, Journal
from tests.simulation.hub_database import SimulatedHubs
from tests.simulation.hub_model import HubModel
from tests.simulation.hub_real import RealHub
from tests.simulation.hub_state import Invitation
from tests.simulation.world import ORGANIZATION, ROOT

SCOPES = (None, None, ("event:100", "org"))


@dataclass
class Station:
    """One station as its hub sees it: a role, and a journal of which some is pushed."""

    role: str
    journal: Journal
    scope: tuple[str, ...] | None
    cursors: dict[str, Any] = field(default_factory=dict)
    former: list[Journal] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.journal.station

    def request(self, entries: list[Entry], first: int, wants: dict[str, Any]) -> list[Any]:
        """The arguments of a push of these entries."""
        contents = [entry.content for entry in entries]
        hashes, sigs = [entry.hash for entry in entries], [entry.sig for entry in entries]
        return [self.journal.epoch, first, self.journal.hash_at(first - 1), contents, hashes, sigs, wants]


def _settled(row: Any) -> tuple[Any, ...]:
    """A row with lists in one order whose order is that of times, where times are equal."""
    first = row[0]
    for name, key in (("claims", "at"), ("items", "feed")):
        if isinstance(first, dict) and name in first:
            first = {**first, name: sorted(first[name], key=lambda each: (each[key], each["entry_id"]))}
    return (first, *row[1:])


class TwoHubs:
    """Both hubs, and three stations that have joined them."""

    def __init__(self, hubs: SimulatedHubs, seed: int) -> None:
        self.now_ms = WALL_MS
        self.chance = random.Random(seed)
        self.model = HubModel(self._now, random.Random(seed), ORGANIZATION, ROOT.public)
        self.real = RealHub(hubs, self._now, random.Random(seed))
        self.copies: tuple[Any, Any] | None = None
        self.stations = [self._joined(at, scope) for at, scope in enumerate(SCOPES)]

    def _now(self) -> int:
        return self.now_ms

    def call(self, role: str, function: str, *arguments: Any) -> Any:
        """The answer of both, which must be one."""
        modelled = [_settled(row) for row in self.model.call(role, function, list(arguments))]
        said = [_settled(row) for row in self.real.call(role, function, list(arguments))]
        assert said == modelled, (
            f"{function}{arguments!r:.600}\n  SQL   {said!r:.2000}\n  model {modelled!r:.2000}"
        )
        return said if function.startswith(("pull", "snapshot_e")) else said[0][0]

    def both(self, act: str, *arguments: Any) -> Any:
        """The same for what an administrator does."""
        modelled = getattr(self.model, act)(*arguments)
        said = getattr(self.real, act)(*arguments)
        assert said == modelled, f"{act}{arguments!r:.600}: SQL {said!r:.600}, model {modelled!r:.600}"
        return said

    def same_tables(self) -> None:
        """Everything that both keep."""
        tables, model = self.real.dump(), self.model.dump()
        assert {name for name in model if tables[name] != model[name]} == set()

    def backup(self) -> None:
        self.copies = (self.model.backup(), self.real.backup())

    def restore(self) -> None:
        assert self.copies is not None
        self.model.restore(self.copies[0], [])
        self.real.restore(self.copies[1], [])

    def close(self) -> None:
        self.real.close()

    def join_again(self, station: Station) -> None:
        """Its disk is lost: the same station begins another epoch."""
        old, key = station.journal, SigningKey.from_seed(self.chance.randbytes(32))
        station.former.append(old)
        station.journal = Journal(old.station, key, old.epoch + 1, random_bytes=old.random_bytes)
        self._enrol(station, self.stations.index(station))

    def shut_out(self, station: Station, trusted: int) -> None:
        """Revoked for good, with the last seq that is trusted."""
        journal, at = station.journal, from_ms(self.now_ms)
        self.both("revoke", revoke(Revocation(ORGANIZATION, station.id, journal.epoch, trusted, at), ROOT))

    def bring(self, by: Station, entries: list[Entry]) -> Any:
        """What a station hands over of another one's journal."""
        return self.call(
            by.role,
            "bring",
            [entry.station for entry in entries],
            [entry.epoch for entry in entries],
            [entry.seq for entry in entries],
            [entry.prev_hash for entry in entries],
            [entry.hash for entry in entries],
            [entry.sig for entry in entries],
            [entry.content for entry in entries],
        )

    def _joined(self, at: int, scope: tuple[str, ...] | None) -> Station:
        seed = bytes([at + 1]) * 32
        journal = Journal(f"bbbb000{at}", SigningKey.from_seed(seed), random_bytes=self.chance.randbytes)
        station = Station(f"station_{journal.station}", journal, scope)
        self._enrol(station, at)
        return station

    def _enrol(self, station: Station, at: int) -> None:
        links = [link.to_json() for link in self._chain(station, at)]
        assert "code" not in self.call(station.role, "enrol", {"certificates": links})

    def _chain(self, station: Station, at: int) -> Chain:
        now, key = from_ms(self.now_ms), SigningKey.from_seed(bytes([at + 101, station.journal.epoch]) * 16)
        common: dict[str, Any] = {
            "organization": ORGANIZATION, "station": station.id, "name": f"Station {at}", "prefix": f"S{at}",
            "scope": station.scope or "*", "not_before": now,
        }  # fmt: skip
        enrol = Certificate(
            id=uuid7(self.now_ms, self.chance.randbytes), key=key.public, usage=frozenset({Usage.ENROL}),
            not_after=now + timedelta(days=3), issuer=ROOT.public, **common,
        )  # fmt: skip
        first = issue(enrol, ROOT)
        leaf = Certificate(
            id=uuid7(self.now_ms, self.chance.randbytes), key=station.journal.key.public, usage=STATION_USAGE,
            not_after=now + timedelta(days=365), issuer=key.public, **common,
        )  # fmt: skip
        invited = Invitation(
            station.id, station.role, common["name"], common["prefix"], station.scope,
            station.journal.epoch, first.text, first.sig.hex(), key.public, self.now_ms + 3 * 86_400_000,
        )  # fmt: skip
        self.both("invite", invited)
        return (first, issue(leaf, key))
