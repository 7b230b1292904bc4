"""After a busy day nothing personal and no secret lies in clear where a thief or a helper would look."""

import json
from pathlib import Path

import pytest

from app.services.audit import to_json
from app.services.views_people import AuditQuery
from domain.actor import Actor, Role
from tests.hostile.busy_day import Day, found_in, live_a_day, readable
from tests.postgres import Hub

PRINTS = "prints/"
STICK = "waiting.json"


@pytest.fixture
def day(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Day:
    made = live_a_day(hub, tmp_path, monkeypatch)
    yield made
    for station in made.stations:
        station.close()


@pytest.mark.logs_expected
def test_a_stolen_laptop_and_whoever_reads_along_get_nothing(day: Day, hub: Hub) -> None:
    _data_file_wal_backup_and_settings_show_nothing(day)
    _the_log_shows_nothing_and_is_not_empty(day)
    _a_printed_ticket_holds_its_code_and_nobody(day)
    _the_names_of_files_tell_nobody(day)
    _what_is_carried_on_a_stick_names_nobody(day)
    _lists_and_the_trail_show_references_only(day)
    _the_journal_names_nobody_and_the_hub_keeps_verifiers(day, hub)


def _data_file_wal_backup_and_settings_show_nothing(day: Day) -> None:
    seen = set()
    for path in day.files(but=(PRINTS, "-keys/")):
        assert found_in(path.read_bytes(), day.secrets) == set(), path
        seen.add(path.name)
    assert {"station.db", "station.db-wal", "copy.db"} <= seen
    for station in day.stations:  # and with the write-ahead log folded in
        station.close()
    for path in day.files(but=(PRINTS, "-keys/")):
        assert found_in(path.read_bytes(), day.secrets) == set(), path
    for station in day.stations:
        station.reopen()


def _the_log_shows_nothing_and_is_not_empty(day: Day) -> None:
    logs = [path for path in day.files() if "logs" in path.parts]
    text = b"".join(path.read_bytes() for path in logs)
    assert len(text.splitlines()) > 3
    assert b'"bug"' in text
    assert found_in(text, day.secrets) == set()
    assert b"password=\xe2\x80\xa2" in text, "what was masked shows that it was there"


def _a_printed_ticket_holds_its_code_and_nobody(day: Day) -> None:
    prints = [path for path in day.files() if PRINTS in str(path)]
    assert len(prints) == 6
    for path in prints:
        assert path.stat().st_mode & 0o077 == 0, "only the owner may read a ticket"
        kinds = found_in(readable(path), day.secrets)
        assert kinds <= {"name"}, "a receipt names its cashier, a ticket nobody"
        if path.name.endswith("-tickets.pdf"):
            assert kinds == set()


def _the_names_of_files_tell_nobody(day: Day) -> None:
    names = "\n".join(str(path.relative_to(day.root)) for path in day.files()).encode()
    assert found_in(names, day.secrets) == set()


def _what_is_carried_on_a_stick_names_nobody(day: Day) -> None:
    (stick,) = [path for path in day.files() if path.name == STICK]
    assert b"order_sold" in stick.read_bytes()
    assert found_in(stick.read_bytes(), day.secrets) == set()
    assert stick.stat().st_mode & 0o077 == 0


def _lists_and_the_trail_show_references_only(day: Day) -> None:
    till = day.stations[0].station
    actor = Actor(user="x", roles=frozenset({Role.ADMIN, Role.SUPERVISOR}))
    without_names = {kind: texts for kind, texts in day.secrets.items() if kind != "name"}
    trail = json.dumps([to_json(row) for row in till.services.audit(AuditQuery(), actor)])
    assert "order_sold" in trail
    assert found_in(trail.encode(), without_names) == set()
    rows = repr(till.services.find_orders.find("", actor))
    assert "K1-000003" in rows
    assert found_in(rows.encode(), without_names) == set()


def _the_journal_names_nobody_and_the_hub_keeps_verifiers(day: Day, hub: Hub) -> None:
    for station in day.stations:
        for entry in station.store.outbox.batch(0, 10_000, 100_000_000):
            assert found_in(entry.content.encode(), day.secrets) == set(), entry.kind
    with hub.admin() as admin:
        rows = admin.execute("SELECT content FROM hub.document WHERE NOT tombstone")
        kept = [bytes(row[0]) for row in rows]
    assert found_in(b"".join(kept), day.secrets) == {"name", "mail", "phone"}, "documents can be erased"
