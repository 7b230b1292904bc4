"""Answers that are cut in the middle or say more than is known: nothing is lost, nothing comes twice."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from app.bootstrap import HUB_DSN
from domain.errors import Fault
from sync.messages import Denied, read_hello, read_push
from tests.hub.cutting_proxy import Cut, CuttingProxy
from tests.hub.stations import RealStation, joined
from tests.postgres import Hub
from tests.unit.test_hub_messages import HELLO, PUSH

PLACES = (0, 1, 5, 30, 200, 700, 2_000, 20_000)
"""After how many bytes an answer is cut; a pull of many entries is longer than any of them."""


@pytest.fixture
def proxy(hub: Hub) -> Iterator[CuttingProxy]:
    with CuttingProxy("127.0.0.1", hub.server.port) as made:
        yield made


@pytest.fixture
def pair(hub: Hub, proxy: CuttingProxy, tmp_path: Path) -> Iterator[tuple[RealStation, RealStation]]:
    """Two stations; the first speaks through the proxy."""
    made = joined(hub, tmp_path, "Till 1", "A"), joined(hub, tmp_path, "Till 2", "B")
    store = made[0].store
    through = make_conninfo(store.local_setting(HUB_DSN), host="127.0.0.1", port=proxy.port)
    store.set_local_setting(HUB_DSN, through)
    made[0].reopen()
    for station in made:
        assert station.sync() is None
    yield made
    for station in made:
        station.close()


def own_entries(hub: Hub, station: RealStation) -> list[int]:
    with hub.admin() as admin:
        rows = admin.execute(
            "SELECT seq FROM hub.station_log WHERE station = %s ORDER BY seq", [station.id]
        ).fetchall()
    return [row[0] for row in rows]


def cut_round(proxy: CuttingProxy, station: RealStation, word: bytes, after: int) -> bool:
    """One round in which the answer to a question is cut; whether it was long enough for that."""
    proxy.cut = cut = Cut(word, after)
    code = station.sync()
    proxy.cut = None
    assert code == ("HUB_UNREACHABLE" if cut.done else None)
    return cut.done


def test_an_answer_to_a_push_that_is_cut_anywhere_loses_and_doubles_nothing(
    hub: Hub, proxy: CuttingProxy, pair: tuple[RealStation, RealStation]
) -> None:
    one, two = pair
    cuts = 0
    for number, after in enumerate(PLACES):
        one.write(number)
        cuts += cut_round(proxy, one, b"api_1.push", after)
        assert own_entries(hub, one) == list(range(1, one.store.outbox.tip().seq + 1))
        assert one.sync() is None
        assert one.store.outbox.acked_seq() == one.store.outbox.tip().seq
    assert cuts >= 5
    assert two.sync() is None
    assert two.settings_seen() >= {f"n{number}" for number in range(len(PLACES))}
    assert one.store.verify().clean


def test_an_answer_to_a_pull_that_is_cut_anywhere_loses_and_doubles_nothing(
    proxy: CuttingProxy, pair: tuple[RealStation, RealStation]
) -> None:
    one, two = pair
    for round_number, after in enumerate(PLACES):
        for number in range(40):
            two.write(1000 * (round_number + 1) + number)
        assert two.sync() is None
        before = dict(one.store.replica.cursors())
        assert cut_round(proxy, one, b"api_1.pull", after)
        assert dict(one.store.replica.cursors()) == before, "half an answer is no answer"
        assert one.sync() is None
    with one.store._core.reading() as connection:
        row = connection.exec_driver_sql(
            "SELECT count(*), count(DISTINCT entry_id), max(seq) FROM replica_entry WHERE station = ?",
            (two.id,),
        ).one()
    assert tuple(row) == (two.store.outbox.tip().seq,) * 3
    assert one.settings_seen() == two.settings_seen()
    assert one.store.verify().clean


def test_an_answer_to_hello_that_is_cut_is_asked_for_again(
    hub: Hub, proxy: CuttingProxy, pair: tuple[RealStation, RealStation]
) -> None:
    one, _ = pair
    one.write(1)
    for after in PLACES[:5]:
        assert cut_round(proxy, one, b"api_1.hello", after)
        assert own_entries(hub, one) == []
    assert one.sync() is None
    assert own_entries(hub, one) == [1]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in an answer something stands."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, (*path, key))


def holder(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        value = value[key]
    return value


READERS = [(read_hello, HELLO), (read_push, PUSH)]


@pytest.mark.parametrize(("read", "good"), READERS)
def test_a_field_that_nobody_knows_is_passed_over_wherever_it_stands(read: Any, good: Any) -> None:
    wanted = read(good)
    for path in places(good):
        told = copy.deepcopy(good)
        found = told if not path else holder(told, path)[path[-1]]
        if isinstance(found, dict):
            found["tomorrow"] = {"of": [1, None, "x"]}
            said = read(told)
            assert not isinstance(said, Denied)
            assert (said.standing.hub_ms, said.standing.max_batch) == (wanted.standing.hub_ms, 200), path


@pytest.mark.parametrize(("read", "good"), READERS)
def test_a_field_that_is_missing_or_of_another_type_is_a_fault_with_its_name_or_does_not_matter(
    read: Any, good: Any
) -> None:
    wanted = read(good)
    faults: list[tuple[tuple[Any, ...], Fault]] = []
    others: tuple[Any, ...] = (None, [], {}, "", "x", -1, 1.5, True, [None], {"": 0}, KeyError)
    for path in list(places(good))[1:]:
        for other in others:
            told = copy.deepcopy(good)
            if other is not KeyError:
                holder(told, path)[path[-1]] = other
            elif isinstance(holder(told, path), dict):
                del holder(told, path)[path[-1]]
            try:
                assert type(read(told)) is type(wanted)
            except Fault as fault:
                faults.append((path, fault))
    assert len(faults) > 60
    assert {fault.code for _, fault in faults} == {"HUB_REPLY"}
    for path, fault in faults:
        assert str(fault.params["field"]).startswith(str(path[0])), path


@pytest.mark.parametrize(("read", "good"), READERS)
def test_an_answer_cut_at_any_byte_is_no_answer(read: Any, good: Any) -> None:
    text = json.dumps(good)
    for length in range(len(text)):
        with pytest.raises((ValueError, Fault)):
            read(json.loads(text[:length]))
    assert read(json.loads(text)) == read(good)
