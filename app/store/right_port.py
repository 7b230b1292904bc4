"""Order rights as sync sees them (what to ask, what the hub said, what to give up), and as a use case sees
them inside its transaction."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.services.views import RightState, ValueGrant
from app.store import rights
from app.store.core import StoreCore
from app.store.journal import Journal
from app.store.reads import StoreReads
from app.store.remembered import Remembered
from domain.actor import SYSTEM
from domain.clock import Clock, to_ms
from domain.entry import CASH, Draft
from domain.ids import RandomBytes, uuid4
from domain.rights import (
    ANSWER_KEPT_MS,
    GRANT_KEPT_MS,
    HUB_ONLY_WHEN_CANCELLED,
    MOST_WANTS,
    Act,
    Kept,
    Why,
    held_number,
    to_release,
)
from sync.ports import RightRequest, RightSet

log = logging.getLogger("gatehouse.rights")

RIGHTS_PER_ENTRY = 500


class StoreRights:
    """See sync.ports.Rights."""

    def __init__(self, core: StoreCore, journal: Journal, clock: Clock) -> None:
        self._core = core
        self._journal = journal
        self._clock = clock
        self._remembered = Remembered(core)

    def request(self) -> RightRequest | None:
        """The oldest request that has no answer."""
        waiting = self._remembered.of("waiting", None, rights.waiting)
        if not waiting:
            return None
        first = waiting[-1]
        return RightRequest(first.request, first.rights[:MOST_WANTS], first.values[:MOST_WANTS])

    def hold(self, said: RightSet) -> None:
        """Put the hub's full set in place of the own one; an older one than that is passed over."""
        with self._core.reading() as connection:
            stale = not said.fresh and said.version < rights.version(connection)
            known = said.version == rights.version(connection) and rights.is_same(connection, said.items)
        if (known or stale) and said.answer is None:
            return
        now_ms = to_ms(self._clock.now())
        with self._core.writing() as work:
            if not stale:
                rights.replace_all(work.connection, said.version, said.items, now_ms)
            if said.answer is not None:
                rights.note_answer(work.connection, said.answer, now_ms)
            work.commit()

    def give_back(self) -> bool:
        """Write the entries that give up rights which are not needed here any more."""
        now_ms = to_ms(self._clock.now())
        if not self._remembered.of("here", None, self._here).drafts(now_ms):
            return False
        with self._core.writing() as work:
            here = self._here(work.connection)
            drafts, going = here.drafts(now_ms), here.due_births(now_ms)
            if going:
                rights.mark_births(work.connection, max(here.places[right.order] for right in going))
            if drafts:
                self._journal.append(work.connection, drafts, SYSTEM, None)
                work.commit()
        if drafts:
            log.info("rights_released", extra={"entries": len(drafts), "selling": here.selling})
        return bool(drafts)

    def _here(self, connection: Connection) -> "_Here":
        read = StoreReads(connection, self._core.cache)
        station = read.station()
        born, places = rights.births(connection, station.epoch)
        return _Here(
            selling=read.running_shift(station.station) is not None,
            born=born,
            places=places,
            granted=rights.granted(connection),
            values=[(held.request, held.since_ms) for held in rights.values_held(connection)],
        )


@dataclass(frozen=True, slots=True)
class _Here:
    """The rights and values that are at this station now. `places`: of births, in the journal; `values`:
    requests and since when they are here."""

    selling: bool
    born: Sequence[Kept]
    places: Mapping[str, int]
    granted: Sequence[Kept]
    values: Sequence[tuple[str, int]]

    def drafts(self, now_ms: int) -> list[Draft]:
        """The entries that give up what is not needed any more."""
        grants = to_release(self.granted, now_ms, selling=self.selling)
        values = [
            request
            for request, since_ms in self.values
            if not self.selling or now_ms - since_ms >= GRANT_KEPT_MS
        ]
        return [given_up(part) for part in _parts([*self.due_births(now_ms), *grants], RIGHTS_PER_ENTRY)] + (
            [Draft("right_released", (CASH,), {"rights": [], "values": values})] if values else []
        )

    def due_births(self, now_ms: int) -> Sequence[Kept]:
        """From the oldest on, as far as each is due, so that one mark tells how far it went."""
        due = {right.order for right in to_release(self.born, now_ms, selling=self.selling)}
        found: dict[str, Kept] = {}
        for right in self.born:
            if right.order not in due:
                break
            found[right.order] = right
        return list(found.values())


def given_up(kept: Sequence[Kept]) -> Draft:
    """The entry that gives rights up."""
    listed = [{"order": right.order, "number": right.number} for right in kept]
    return Draft("right_released", (CASH,), {"rights": listed, "values": []})


def _parts(kept: Sequence[Kept], size: int) -> Sequence[Sequence[Kept]]:
    return [kept[start : start + size] for start in range(0, len(kept), size)]


class WorkRights:
    """See app.services.ports.RightsWork. All of it happens in the transaction of its work."""

    def __init__(
        self, connection: Connection, read: StoreReads, clock: Clock, random_bytes: RandomBytes
    ) -> None:
        self._connection = connection
        self._read = read
        self._clock = clock
        self._random = random_bytes

    def number(self, order: str, act: Act) -> int | None:
        """The number under which this station holds the right now."""
        station = self._read.station()
        facts = rights.facts_of(self._connection, order, station.station)
        mine = rights.mine(
            self._connection, order, facts, station.station, station.epoch, alone=not station.has_hub
        )
        return held_number(facts, mine, act)

    def state(self, order: str, act: Act) -> RightState:
        """Whether it is here, and else what the hub said last."""
        number = self.number(order, act)
        if number is not None:
            request = rights.request_of(self._connection, order) if number else None
            return RightState(number, request=request)
        if self._is_granted_unread(order):
            return RightState(None, Why.ASKED)
        said = rights.last_said(self._connection, order)
        if said is None:
            return RightState(None)
        asked, answer = said
        if asked.answer is None:
            return RightState(None, Why.ASKED)
        age_ms = to_ms(self._clock.now()) - (asked.answered_ms or 0)
        if answer is None or answer.granted or age_ms > ANSWER_KEPT_MS:
            return RightState(None)
        return RightState(None, answer.why, answer.who)

    def _is_granted_unread(self, order: str) -> bool:
        facts = rights.facts_of(self._connection, order, self._read.station().station)
        return rights.is_granted_unread(self._connection, order, facts)

    def ask(self, order: str, act: Act) -> Sequence[Draft]:
        """Note a request for the next exchange. Answers entries to be appended with it: a right of one's own
        that does not suffice any more, since the event was called off, goes to the hub first."""
        station = self._read.station()
        facts = rights.facts_of(self._connection, order, station.station)
        mine = rights.mine(self._connection, order, facts, station.station, station.epoch, alone=False)
        want = {"order": order, "act": act.value}
        rights.add_request(self._connection, uuid4(self._random), to_ms(self._clock.now()), rights=[want])
        own = held_number(facts, mine)
        if own == 0 and act in HUB_ONLY_WHEN_CANCELLED and mine.cancelled:
            return [given_up([Kept(order, 0, 0)])]
        return []

    def used(self, order: str, number: int) -> Sequence[Draft]:
        """The entry that gives a granted right back after its use; a birth stays until its time."""
        return [given_up([Kept(order, number, 0)])] if number > 0 else []

    def value_grant(self, value: str, amount_minor: int) -> ValueGrant | None:
        """An amount that the hub has set aside for this station, at least as large as asked for."""
        for held in rights.values_held(self._connection):
            if held.value == value and held.amount_minor >= amount_minor:
                return ValueGrant(held.request, held.amount_minor, held.currency)
        return None

    def value_said(self, value: str) -> RightState:
        """What the hub said last about a value; `who` is what is left on it, in minor units."""
        for asked in rights.requests(self._connection):
            if not any(want.get("value") == value for want in asked.values):
                continue
            if asked.answer is None:
                return RightState(None, Why.ASKED)
            if to_ms(self._clock.now()) - (asked.answered_ms or 0) > ANSWER_KEPT_MS:
                return RightState(None)
            items: Sequence[Mapping[str, Any]] = asked.answer["values"]
            said = next((each for each in items if each.get("value") == value), {})
            if said.get("granted"):
                return RightState(None)
            return RightState(None, Why.UNKNOWN, str(said.get("why") or ""), said.get("left_minor"))
        return RightState(None)

    def ask_value(self, value: str, amount_minor: int, currency: str) -> None:
        """Note a request for an amount of a value."""
        want = {"value": value, "amount_minor": amount_minor, "currency": currency}
        rights.add_request(self._connection, uuid4(self._random), to_ms(self._clock.now()), values=[want])
