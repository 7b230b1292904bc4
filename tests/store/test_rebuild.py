"""Tables computed again from the entries: because a person asks, or an older file is brought up to date."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config

import migrations
from app.store import engine
from app.store.verify import projection_sums
from domain import kinds
from domain.clock import to_text
from domain.conflicts import Code
from domain.entry import Draft
from domain.ids import uuid4
from tests.builders import NOW
from tests.store.station import (
    Sale,
    Station,
    printed,
    refused,
    resolved,
    scanned,
    shift_closed,
    shift_opened,
)

OLDEST = ("0001", "0002", "0003", "0004", "0007")
SINCE_0004 = ("document", "document_aside", "document_cursor", "document_name", "document_erasure")


def raw(station: Station, path: Path) -> Any:
    found = station.keystore.read(station.store.installation)
    assert found is not None
    return engine.connect(path, found.store_key, writing=True)


def live(station: Station) -> Path:
    return station.folder / "station.db"


def sums(station: Station) -> dict[str, str]:
    with station.store._core.reading() as connection:
        return projection_sums(connection)


@pytest.fixture
def evening(theatre: Station) -> Station:
    """A day with one of everything: a shift, sales, a reservation, admissions and a conflict, places given
    back, a person, a note that names a document."""
    shift = uuid4(theatre.random)
    theatre.append(shift_opened(shift))
    first = Sale(theatre.random)
    theatre.append(first.draft(), shift=shift)
    theatre.append(Sale(theatre.random, number=2, first_slot=5, tender="card").draft(), shift=shift)
    theatre.append(printed(first.order, first.serials))
    theatre.append(scanned("admitted", first.serials[0]), refused(first.serials[0]))
    theatre.append(scanned("admitted", first.serials[0], gate="B"))
    theatre.append(resolved(Code.DUP_ADMISSION, first.serials[0], []))
    held = Sale(theatre.random, number=3, first_slot=9).draft()
    body = dict(held.body)
    del body["payments"], body["receipt"]
    body |= {
        "reserved_at": body.pop("sold_at"),
        "until_at": to_text(NOW + timedelta(hours=1)),
        "practice": False,
    }
    theatre.append(Draft("order_reserved", held.feeds, body), shift=shift)
    theatre.append(
        Draft(
            "lease_returned",
            ("event:100",),
            {"lease": "L1", "pool": 200, "event": 100, "ranges": [[30, 40], [50, 50]]},
        )
    )
    theatre.append(shift_closed(shift), shift=shift)
    return theatre


def test_tables_that_were_damaged_are_computed_again(evening: Station) -> None:
    before = sums(evening)
    evening.store.close()
    connection = raw(evening, live(evening))
    for table in ("tally", "gate_fact", "conflict", "receipt", "person_state", "lease_fact"):
        connection.execute(f"DELETE FROM {table}")
    connection.execute("UPDATE position SET gross_minor = 1")
    connection.close()
    evening.reopen()
    assert {problem.code for problem in evening.store.verify().problems} == {"PROJECTION_DIFFERS"}
    assert evening.store.rebuild().clean
    assert evening.store.verify().problems == []
    assert sums(evening) == before


def test_a_rebuild_of_sound_tables_changes_none_of_them(evening: Station) -> None:
    before = sums(evening)
    report = evening.store.rebuild()
    assert (report.clean, report.entries) == (True, evening.store.outbox.tip().seq)
    assert sums(evening) == before


def test_an_own_entry_that_an_older_program_cannot_read_is_held_and_released(
    evening: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sums(evening)
    with monkeypatch.context() as older:
        shapes = {key: shape for key, shape in kinds.SHAPES.items() if key[0] != "ticket_printed"}
        older.setattr(kinds, "SHAPES", shapes)
        assert evening.store.rebuild().clean
        assert sums(evening) != before
        assert evening.store.replica.kept_aside() == (1, 0)
        assert evening.store.verify().clean
        with evening.store.read() as read:
            assert [row.kind for row in read.held_entries()] == ["ticket_printed"]
    evening.reopen()
    assert evening.store.replica.kept_aside() == (0, 0)
    assert sums(evening) == before
    assert evening.store.verify().clean


def test_where_the_journal_is_broken_nothing_is_rebuilt(evening: Station) -> None:
    evening.store.close()
    connection = raw(evening, live(evening))
    connection.execute("DROP TRIGGER journal_no_update")
    connection.execute("UPDATE journal SET content = replace(content, 'cash', 'card') WHERE seq = 11")
    connection.execute("DELETE FROM gate_fact")
    connection.close()
    evening.reopen()
    before = sums(evening)
    assert [problem.code for problem in evening.store.rebuild().problems] == ["CHAIN_BROKEN"]
    assert sums(evening) == before


def test_readers_that_keep_the_catalogue_in_memory_see_what_was_computed_again(evening: Station) -> None:
    with evening.store.read() as read:
        assert read.event(100) is not None
    with evening.store._core.writing() as work:
        work.connection.exec_driver_sql("DELETE FROM event")
        work.commit()
    assert evening.store.rebuild().clean
    with evening.store.read() as read:
        found = read.event(100)
        assert found is not None
        assert found.state == "published"


def made_old(station: Station, revision: str) -> None:
    """Put a file of an older revision in the place of the present one: the same entries, and of every table
    that the older program had what it would have kept there."""
    station.store.close()
    old = station.folder / "old.db"
    found = station.keystore.read(station.store.installation)
    assert found is not None
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent / "station"))
    config.set_main_option("path_separator", "os")
    old.touch()
    made = engine.opened(old, found.store_key, writing=True)
    with made.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    made.dispose()
    connection = raw(station, old)
    connection.execute(f"ATTACH DATABASE ? AS now KEY \"x'{found.store_key.hex()}'\"", (str(live(station)),))
    for (table,) in connection.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'").fetchall():
        if table in SINCE_0004 or table == "alembic_version":
            continue
        columns = {
            schema: [row[1] for row in connection.execute(f"PRAGMA {schema}.table_info('{table}')")]
            for schema in ("main", "now")
        }
        chosen = ", ".join(f'"{name}"' for name in columns["main"] if name in columns["now"])
        connection.execute(f'INSERT INTO main."{table}" ({chosen}) SELECT {chosen} FROM now."{table}"')
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    for path in station.folder.glob("station.db*"):
        path.unlink()
    old.rename(live(station))


@pytest.mark.parametrize("revision", OLDEST)
def test_a_file_of_an_older_program_is_whole_after_its_upgrade(evening: Station, revision: str) -> None:
    before = sums(evening)
    with evening.store.read() as read:
        shown = read.conflicts()
    made_old(evening, revision)
    evening.reopen()
    assert evening.store.verify().problems == []
    assert sums(evening) == before
    with evening.store.read() as read:
        assert read.conflicts() == shown
        assert read.overdue_reservations(NOW + timedelta(hours=2)) != []
    evening.append(scanned("exited", uuid4(evening.random)[:8] * 2))
    assert evening.store.verify().clean
    assert list((evening.folder / "backups").glob("before-upgrade-*.db"))
