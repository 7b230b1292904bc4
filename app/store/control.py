"""Control sums on the station's side: the same sums as hub.control_sums, over the tables of this file.

Compared only where both sides must have the same entries: the cursor stands at the position that the hub
summed at, and no entry of the feed is here that the hub did not have, or that one of both keeps aside unread.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from app.store.core import StoreCore
from app.store.journal import Identity
from app.store.prepared import driver
from app.store.replica import read_meta
from app.store.schema import (
    FEED_CURSOR,
    FORGOTTEN_SUM,
    HELD_ENTRY,
    JOURNAL,
    LOCAL_SETTING,
    REJECTED_ENTRY,
    REPLICA_ENTRY,
)
from domain.entry import CASH, ORG, event_feed
from sync.control import Compared, ControlAnswer, Difference, control_json, read_control
from sync.messages import Denied

ANSWER = "control_answer"
DIFFERS = "control_differs"
CONTROL_DIFFERS = "CONTROL_DIFFERS"

_OF_ORDERS = "(SELECT value FROM json_each(:orders))"
_OF_SERIALS = "(SELECT value FROM json_each(:serials))"


def _part(query: str, column: str, among: str) -> str:
    """A query over a whole table, asked of some orders or tickets only."""
    return query.replace(" GROUP BY", f" WHERE {column} IN {among} GROUP BY")


_SOLD = (
    "SELECT event, currency, count(*), sum(admits), sum(gross_minor) FROM position GROUP BY event, currency"
)
_PASSED = (
    "SELECT CASE WHEN event > 0 THEN event ELSE at_event END AS home, kind,"
    " CASE WHEN kind IN ('admitted', 'exited') THEN sum(people * live) ELSE count(*) END"
    " FROM gate_fact GROUP BY home, kind"
)
_PAID = (
    "SELECT o.currency, p.tender, sum(p.amount_minor) FROM payment p JOIN orders o ON o.order_id = p.order_id"
    " GROUP BY o.currency, p.tender"
)
_TICKETS_BACK = "SELECT event, kind, count(*), sum(amount_minor) FROM ticket_act GROUP BY event, kind"
_GIVEN_BACK = (
    "SELECT g.currency, p.tender, sum(p.amount_minor) FROM payout p"
    " JOIN give_back g ON g.entry_id = p.entry_id GROUP BY g.currency, p.tender"
)
_VALUES = "SELECT kind, currency, sum(amount_minor) FROM value_fact GROUP BY kind, currency"
_KEPT = "SELECT count(*) FROM reservation GROUP BY order_id"
_CLOSED = "SELECT count(*), coalesce(sum(difference_minor), 0) FROM shift_closed"


def sums(connection: Connection) -> dict[str, dict[str, int]]:
    """Feed → its sums, zero sums left out: what is in the tables, and what was forgotten of them. One pass
    over each table."""
    found = _of_tables(connection, (_SOLD, _PASSED, _TICKETS_BACK, _PAID, _GIVEN_BACK), {})
    cash = found[CASH]
    for kind, currency, amount in connection.exec_driver_sql(_VALUES):
        cash[f"{kind}:{currency}"] += amount
    cash["reservations"] += connection.exec_driver_sql("SELECT count(*) FROM reservation").scalar_one()
    cash["shifts_opened"] = connection.exec_driver_sql("SELECT count(*) FROM shift_opened").scalar_one()
    cash["shifts_closed"], cash["difference"] = connection.exec_driver_sql(_CLOSED).one()
    for row in connection.execute(select(FORGOTTEN_SUM)):
        found[row.feed][row.name] += row.amount
    return _without_zeros(found)


def sums_of(
    connection: Connection, orders: Sequence[str], serials: Sequence[str]
) -> dict[str, dict[str, int]]:
    """What these orders, with these tickets, add to the sums."""
    marks = {"orders": json.dumps(list(orders)), "serials": json.dumps(list(serials))}
    queries = (
        _part(_SOLD, "order_id", _OF_ORDERS),
        _part(_PASSED, "serial", _OF_SERIALS),
        _part(_TICKETS_BACK, "order_id", _OF_ORDERS),
        _part(_PAID, "p.order_id", _OF_ORDERS),
        _part(_GIVEN_BACK, "p.order_id", _OF_ORDERS),
    )
    found = _of_tables(connection, queries, marks)
    kept = driver(connection).execute(_part(_KEPT, "order_id", _OF_ORDERS), marks)
    found[CASH]["reservations"] += sum(row[0] for row in kept)
    return _without_zeros(found)


def _of_tables(
    connection: Connection, queries: Sequence[str], marks: Mapping[str, str]
) -> dict[str, dict[str, int]]:
    raw = driver(connection)
    sold, passed, tickets_back, paid, given_back = (raw.execute(query, marks) for query in queries)
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for event, currency, tickets, people, gross in sold:
        feed = found[event_feed(event)]
        feed["tickets"] += tickets
        feed["people"] += people
        feed[f"gross:{currency}"] += gross
    for home, kind, amount in passed:
        found[event_feed(home) if home else ORG][kind] += amount
    for event, kind, tickets, amount in tickets_back:
        found[event_feed(event)][kind] += tickets
        found[event_feed(event)]["returned"] += amount
    for name, rows in (("paid", paid), ("given_back", given_back)):
        for currency, tender, amount in rows:
            found[CASH][f"{name}:{currency}:{tender}"] += amount
    return found


def _without_zeros(found: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    return {feed: {name: amount for name, amount in each.items() if amount} for feed, each in found.items()}


def unequal_feeds(connection: Connection, identity: Identity, answer: ControlAnswer) -> set[str]:
    """Feeds with entries that only one side has, or has read: nothing can be said about them."""
    feeds = {one.feed for one in answer.feeds if one.held}
    for content in _beyond(connection, identity, answer.tips):
        feeds.update(_feeds(content))
    for table in (REPLICA_ENTRY, JOURNAL):
        held = select(table.c.content).join(HELD_ENTRY, HELD_ENTRY.c.entry_id == table.c.entry_id)
        for content in connection.execute(held).scalars():
            feeds.update(_feeds(content))
    for row in connection.execute(select(REJECTED_ENTRY.c.feed, REJECTED_ENTRY.c.content)):
        feeds.update((row.feed, *_feeds(row.content)))
    return feeds


def _beyond(connection: Connection, identity: Identity, tips: Mapping[tuple[str, int], int]) -> Iterator[str]:
    """Contents of entries here that the hub did not have."""
    own = select(JOURNAL.c.epoch, func.max(JOURNAL.c.seq)).group_by(JOURNAL.c.epoch)
    for epoch, last in connection.execute(own).all():
        if last > (known := tips.get((identity.station, epoch), 0)):
            newer = select(JOURNAL.c.content).where(JOURNAL.c.epoch == epoch, JOURNAL.c.seq > known)
            yield from connection.execute(newer).scalars()
    place = (REPLICA_ENTRY.c.station, REPLICA_ENTRY.c.epoch)
    ends = select(*place, func.max(REPLICA_ENTRY.c.seq)).group_by(*place)
    for station, epoch, last in connection.execute(ends).all():
        if last > (known := tips.get((station, epoch), 0)):
            others = select(REPLICA_ENTRY.c.content).where(
                place[0] == station, place[1] == epoch, REPLICA_ENTRY.c.seq > known
            )
            yield from connection.execute(others).scalars()


def _feeds(content: str) -> Collection[str]:
    try:
        found = json.loads(content)["feeds"]
    except (ValueError, KeyError, TypeError):
        return ()
    return [str(feed) for feed in found] if isinstance(found, list) else ()


class StoreControl:
    """See sync.control.ControlBook. What differs is kept, so that every process of the station shows it."""

    def __init__(self, core: StoreCore, identity: Identity) -> None:
        self._core = core
        self._identity = identity

    def positions(self) -> Mapping[str, int]:
        """How far each feed has been read."""
        with self._core.reading() as connection:
            return _positions(connection)

    def note_answer(self, answer: ControlAnswer) -> None:
        """Keep what the hub said last."""
        self._keep(ANSWER, json.dumps(control_json(answer)))

    def compare(self, answer: ControlAnswer) -> Compared:
        """Hold an answer against the tables, in one state of the file."""
        found = self._compared(answer)
        if found.agree or found.differ:
            self._remember(found)
        return found

    def again(self) -> Compared:
        """The last answer once more, as far as the cursors still stand where the hub summed."""
        kept = self._kept(ANSWER)
        answer = read_control(json.loads(kept)) if kept else None
        return Compared() if answer is None or isinstance(answer, Denied) else self.compare(answer)

    def alarm(self) -> Mapping[str, Any] | None:
        """The first difference that stands: feed, name, here, hub. None when all agreed."""
        kept = self._kept(DIFFERS)
        found: dict[str, Any] = json.loads(kept) if kept else {}
        return next((found[feed] for feed in sorted(found)), None)

    def _compared(self, answer: ControlAnswer) -> Compared:
        with self._core.reading() as connection:
            if read_meta(connection, "incarnation") != answer.incarnation:
                return Compared()
            positions = _positions(connection)
            here = [one for one in answer.feeds if positions.get(one.feed) == one.position]
            later = [one.feed for one in answer.feeds if positions.get(one.feed, 0) < one.position]
            unequal = unequal_feeds(connection, self._identity, answer) if here else set()
            here = [one for one in here if one.feed not in unequal]
            mine = sums(connection) if here else {}
        differ = [
            Difference(one.feed, name, mine.get(one.feed, {}).get(name, 0), one.sums.get(name, 0))
            for one in here
            for name in sorted({*one.sums, *mine.get(one.feed, {})})
            if mine.get(one.feed, {}).get(name, 0) != one.sums.get(name, 0)
        ]
        wrong = {one.feed for one in differ}
        return Compared([one.feed for one in here if one.feed not in wrong], differ, later)

    def _remember(self, found: Compared) -> None:
        kept = self._kept(DIFFERS)
        before: dict[str, Any] = json.loads(kept) if kept else {}
        after = {feed: each for feed, each in before.items() if feed not in found.agree}
        for one in reversed(found.differ):
            after[one.feed] = {"feed": one.feed, "name": one.name, "here": one.here, "hub": one.hub}
        if after != before:
            self._keep(DIFFERS, json.dumps(after) if after else None)

    def _kept(self, name: str) -> str | None:
        with self._core.reading() as connection:
            found: str | None = connection.execute(
                select(LOCAL_SETTING.c.value).where(LOCAL_SETTING.c.name == name)
            ).scalar()
        return found

    def _keep(self, name: str, value: str | None) -> None:
        with self._core.writing() as work:
            if value is None:
                work.connection.execute(delete(LOCAL_SETTING).where(LOCAL_SETTING.c.name == name))
            else:
                fresh = insert(LOCAL_SETTING)
                work.connection.execute(
                    fresh.on_conflict_do_update(
                        index_elements=["name"], set_={"value": fresh.excluded.value}
                    ),
                    {"name": name, "value": value},
                )
            work.commit()


def _positions(connection: Connection) -> dict[str, int]:
    return {row.feed: row.position for row in connection.execute(select(FEED_CURSOR))}
