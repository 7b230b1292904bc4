"""An id with two contents, and the station of the second one joins again before it heard that the hub has it:
the hub shows that content once more, and nobody counts it twice."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.store.schema import CONFLICT, ORDER
from app.store.verify import projection_sums
from domain.actor import SYSTEM
from domain.entry import Draft, Entry
from domain.ids import uuid7
from tests.builders import seeded_random_bytes
from tests.hub.stations import RealStation, joined
from tests.hub.test_again import again, rejoin
from tests.hub.test_projections import assert_equal_tables, read_all
from tests.journal import WALL_MS
from tests.postgres import Hub
from tests.store.station import Sale

PAIRS = 12


def sell(station: RealStation, entry_id: str, number: int, prefix: str, rnd: Any) -> Entry:
    sale = Sale(rnd, number=number, prefix=prefix, lease=prefix, first_slot=10 * number)
    draft = sale.draft()
    with station.store.begin() as work:
        entry = work.append(Draft(draft.kind, draft.feeds, draft.body, entry_id=entry_id), SYSTEM)
        work.commit()
    return entry


def told(station: RealStation) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """The tables of a station, its conflicts, and which orders count."""
    with station.store._core.reading() as connection:
        conflicts = connection.execute(select(CONFLICT.c.conflict, CONFLICT.c.entries))
        return (
            projection_sums(connection),
            {row.conflict: row.entries for row in conflicts},
            sorted(connection.execute(select(ORDER.c.order_id)).scalars()),
        )


@pytest.mark.parametrize("between", [True, False], ids=["read before", "read after"])
def test_a_second_content_that_is_shown_twice_counts_as_if_it_was_shown_once(
    hub: Hub, tmp_path: Path, between: bool
) -> None:
    one, two = joined(hub, tmp_path, "Till 1", "A"), joined(hub, tmp_path, "Till 2", "B")
    reader = joined(hub, tmp_path, "Office", "C")
    rnd = seeded_random_bytes(5)
    ids = [uuid7(WALL_MS + at, rnd) for at in range(PAIRS)]
    first = [sell(one, each, at + 1, "A", rnd) for at, each in enumerate(ids)]
    second = [sell(two, each, at + 1, "B", rnd) for at, each in enumerate(ids)]
    smaller = [a.content_hash < b.content_hash for a, b in zip(first, second, strict=True)]
    assert {True, False} == set(smaller), "of some the first counts, of some the second"
    assert one.sync() is None
    assert two.sync() is None
    if between:
        read_all(reader)
        before = told(reader)
    with two.store._core.writing() as work:  # the answer never came
        work.connection.exec_driver_sql("UPDATE own_epoch SET acked_seq = 0")
        work.commit()
    rejoin(two, again(hub, "Till 2"))
    assert two.store.identity.epoch == 2
    for _ in range(2):
        assert two.sync() is None
        assert one.sync() is None
    read_all(reader)
    with hub.admin() as admin:
        shown = admin.execute(
            "SELECT l.entry_id::text, count(*) FROM hub.station_log l WHERE l.state IN ('ok', 'duplicate') "
            "AND l.entry_id = ANY (%s::uuid[]) GROUP BY 1",
            (ids,),
        ).fetchall()
    assert dict(shown) == dict.fromkeys(ids, 3), "the hub shows both contents, the second one twice"

    wanted = sorted(
        (a if first_counts else b).body["order"]
        for a, b, first_counts in zip(first, second, smaller, strict=True)
    )
    counted = told(reader)
    assert counted[2] == wanted
    assert sum("DUPLICATE_ID" in each.code for each in _conflicts(reader)) == PAIRS
    if between:
        assert (counted[1], counted[2]) == (before[1], before[2])
        moved = {name for name in before[0] if before[0][name] != counted[0][name]}
        assert moved <= {"certificate", "right_fact"}, "the new epoch's certificate, rights given up since"
    late = joined(hub, tmp_path, "Late", "D")
    read_all(late)
    for station in (reader, one, two, late):
        assert station.store.verify().problems == []
        assert told(station)[1:] == counted[1:]
    assert_equal_tables(hub, reader)
    for station in (reader, one, two, late):
        station.close()


def _conflicts(station: RealStation) -> list[Any]:
    with station.store.read() as read:
        return list(read.conflicts())
