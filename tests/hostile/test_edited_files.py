"""A copied folder, an edited file, a flipped byte: found at the start, by `verify`, or at the next push."""

import random
import shutil
from pathlib import Path

import pytest

from app.bootstrap import enrol_station, open_station
from app.practice_station import open_practice
from app.services.gate import ScanInput
from app.settings import Settings
from app.store import engine
from app.store.schema import PROJECTED
from domain.errors import Fault, GatehouseError, Refusal
from tests.hub.stations import joined
from tests.postgres import Hub
from tests.services.house import GATE, House

FLIPS = 24


def busy(house: House) -> None:
    """A little of everything, so that most tables have rows."""
    code = house.code()
    house.code("half")
    house.admit(code)
    house.station.gatekeeper("B").admit(ScanInput(code, via="camera"), GATE)
    house.admit("A" * 152)


def raw(house: House) -> object:
    secrets = house.station.store._secrets
    return engine.connect(house.data / "station.db", secrets.store_key, writing=True)


def found(house: House) -> set[str]:
    return {problem.code for problem in house.reopen().verify().problems}


def test_a_copied_folder_opens_nowhere(house: House, tmp_path: Path) -> None:
    busy(house)
    house.station.close()
    copy = tmp_path / "copy"
    shutil.copytree(house.data, copy)
    with pytest.raises(Fault) as refused:
        open_station(copy, Settings(copy, house.env))
    assert refused.value.code == "STORE_COPIED"
    thief = {"GATEHOUSE_KEY_DIR": str(tmp_path / "thief-keys")}
    with pytest.raises(Fault) as refused:
        open_station(copy, Settings(copy, thief))
    assert refused.value.code == "STORE_KEY_MISSING"
    house.reopen()


def test_whatever_row_is_changed_with_the_right_key_is_found(house: House) -> None:
    busy(house)
    house.station.close()
    tables = 0
    for table in PROJECTED:
        keys = [column.name for column in table.primary_key]
        columns = [column.name for column in table.columns if not column.primary_key]
        if not columns:
            continue
        name, where = columns[-1], " AND ".join(f'"{key}" IS ?' for key in keys)
        connection = raw(house)
        listed = ", ".join(f'"{key}"' for key in (*keys, name))
        row = connection.execute(f'SELECT {listed} FROM "{table.name}" LIMIT 1').fetchone()
        if row is None:
            connection.close()
            continue
        tables += 1
        change = f'UPDATE "{table.name}" SET "{name}" = ? WHERE {where}'
        connection.execute(change, (_other(row[-1]), *row[:-1]))
        connection.close()
        assert found(house) & {"PROJECTION_DIFFERS", "STRUCTURE_DAMAGED"}, f"{table.name}.{name}"
        house.station.close()
        connection = raw(house)
        connection.execute(change, (row[-1], *row[:-1]))
        connection.close()
    assert tables > 12
    assert found(house) == set(), "put back, it is as it was"


def _other(value: object) -> object:
    """Another value of the same type."""
    return (
        value + 1
        if isinstance(value, int)
        else 7
        if value is None
        else b"x"
        if isinstance(value, bytes)
        else f"{value}x"
    )


def test_one_flipped_byte_anywhere_in_the_file_is_found(house: House) -> None:
    busy(house)
    house.station.close()
    file = house.data / "station.db"
    whole = file.read_bytes()
    chance = random.Random(11)
    places = [0, 16, 100, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(FLIPS))]
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        file.write_bytes(damaged)
        try:
            problems = found(house)
        except GatehouseError as error:
            problems = {error.code}
        else:
            house.station.close()
        assert problems & {"PAGE_DAMAGED", "STORE_DAMAGED", "STORE_WRONG_KEY"}, place
    file.write_bytes(whole)
    assert found(house) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE journal SET content = replace(content, '2000', '1000') WHERE kind = 'order_sold'",
            "CHAIN_BROKEN"),
        ("UPDATE journal SET user = 'x' WHERE seq = 4", "CHAIN_BROKEN"),
        ("UPDATE journal SET hlc = '0' WHERE seq = 4", "CHAIN_BROKEN"),
        ("UPDATE journal SET sig = zeroblob(64) WHERE seq = 4", "SIGNATURE_BAD"),
    ],
)  # fmt: skip
def test_a_journal_that_was_rewritten_is_found(house: House, change: str, code: str) -> None:
    busy(house)
    house.station.close()
    connection = raw(house)
    connection.execute("DROP TRIGGER journal_no_update")
    connection.execute(change)
    connection.close()
    assert code in found(house)


def test_the_hub_takes_no_rewritten_entry(hub: Hub, tmp_path: Path) -> None:
    till = joined(hub, tmp_path, "Till 1", "K1")
    assert till.sync() is None
    entry = till.write(1)
    connection = engine.connect(till.folder / "station.db", till.store._secrets.store_key, writing=True)
    connection.execute("DROP TRIGGER journal_no_update")
    connection.execute(
        "UPDATE journal SET content = replace(content, '\"n1\":1', '\"n1\":9') WHERE seq = ?", (entry.seq,)
    )
    connection.close()
    assert till.sync() == "STORE_DAMAGED"
    with hub.admin() as admin:
        (kept,) = admin.execute(
            "SELECT count(*) FROM hub.station_log WHERE station = %s AND seq >= %s", (till.id, entry.seq)
        ).fetchone()
    assert kept == 0
    assert {problem.code for problem in till.station.verify().problems} == {"CHAIN_BROKEN"}
    till.close()


def test_an_enrolment_file_is_good_once_and_never_for_practice(
    hub: Hub, house: House, tmp_path: Path
) -> None:
    _, text = hub.invite("Till 1", "K1")
    stage = open_practice(house.data, house.settings, clock=house.clock, random_bytes=house.random)
    folder = stage.store.folder
    stage.close()
    with pytest.raises(Refusal) as refused:
        enrol_station(folder, Settings(folder, house.env), text)
    assert refused.value.code == "PRACTICE_STANDS_ALONE"
    first = enrol_station(tmp_path / "one", Settings(tmp_path / "one", house.env), text)
    first.close()
    second = tmp_path / "two"
    with pytest.raises(Refusal) as refused:
        enrol_station(second, Settings(second, house.env), text)
    assert refused.value.code == "ENROLMENT_USED"
    assert not (second / "station.db").exists()
