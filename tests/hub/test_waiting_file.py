"""A dead laptop's sales on a stick: out of one station, into another, through the inbox to everybody."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg import sql

from app.imports import ImportFolder, export_waiting
from domain import waiting_file
from domain.actor import SYSTEM
from domain.entry import Draft
from domain.errors import Refusal
from sync import hub_inbox
from tests.hub.stations import RealStation, joined
from tests.hub.test_revoke import revoke
from tests.hub.yesterday import Yesterday
from tests.postgres import ROOT, Hub

OPENED = {
    "shift": "00000000-0000-4000-8000-00000000000a", "drawer": "1",
    "float_minor": 0, "currency": "EUR",
}  # fmt: skip
Three = tuple[RealStation, RealStation, RealStation]


@pytest.fixture
def three(hub: Hub, tmp_path: Path) -> Iterator[Three]:
    made = tuple(joined(hub, tmp_path, f"Till {n}", p) for n, p in ((1, "A"), (2, "B"), (3, "C")))
    for station in (*made, *made):
        assert station.sync() is None
    yield made
    for station in made:
        station.close()


def test_a_stick_carries_what_a_dead_laptop_had_not_pushed(hub: Hub, three: Three) -> None:
    dead, helper, third = three
    sent = [dead.write(n) for n in range(250)]
    text = export_waiting(dead.store)
    done = ImportFolder(helper.store).take(text)
    assert (done.station, done.entries, done.outcome.applied) == (dead.id, 250, 250)
    assert "n249" in helper.settings_seen()
    assert helper.sync() is None
    assert list(ImportFolder(helper.store).imported()) == []
    rows = hub_inbox.list_inbox(hub.dsn)
    assert [(row.station, row.count, row.state, row.brought_by) for row in rows] == [
        (dead.id, 250, "waiting", helper.id)
    ]
    assert third.sync() is None
    assert "n0" not in third.settings_seen(), "nobody sees what nobody has checked"
    assert hub_inbox.release(hub.dsn) == hub_inbox.Released(250, 0, 0, 0)
    for station in (third, helper, dead):
        assert station.sync() is None
    assert {f"n{n}" for n in range(250)} <= third.settings_seen()
    with hub.admin() as admin:
        found = admin.execute(
            "SELECT count(*) FROM hub.station_log WHERE station = %s", (dead.id,)
        ).fetchone()
    assert found == (sent[-1].seq,), "the laptop came back after all, and nothing is there twice"


def test_a_hub_put_back_to_a_day_before_a_station_learns_from_the_stick_whose_entries_these_are(
    hub: Hub, tmp_path: Path
) -> None:
    """The station joined after the backup, its disk is gone, and nobody else had heard of it yet."""
    helper = joined(hub, tmp_path, "Till 1", "A")
    assert helper.sync() is None
    yesterday = Yesterday(hub)
    dead = joined(hub, tmp_path, "Till 2", "B")
    for _ in range(2):
        assert dead.sync() is None
    for n in range(3):
        dead.write(n)
    ImportFolder(helper.store).take(export_waiting(dead.store))
    assert "n2" in helper.settings_seen()
    dead.close()
    try:
        yesterday.put_back()
        helper.sync()
        assert helper.sync() is None
        assert hub_inbox.release(hub.dsn).released == 3
        third = joined(hub, tmp_path, "Till 3", "C")
        assert third.sync() is None
        assert {"n0", "n1", "n2"} <= third.settings_seen()
        assert helper.sync() is None
        assert helper.store.verify().clean
        third.close()
    finally:
        helper.close()
        yesterday.drop()


def test_a_file_of_an_older_program_says_nothing_of_the_hub(three: Three) -> None:
    dead, helper, _ = three
    sent = dead.write(1)
    chain = dead.store.own_chain()
    assert chain is not None
    text = waiting_file.write([sent], chain, dead.store.signing_key)
    assert "certified" not in json.loads(text)
    assert ImportFolder(helper.store).take(text).outcome.applied == 1


def test_nothing_else_of_the_hub_is_taken_from_a_stick(three: Three) -> None:
    """Not even from a station that signs what it likes: the hub's entries carry no signature."""
    dead, helper, third = three
    sent, chain = dead.write(1), dead.store.own_chain()
    about_another = third.store.own_certified()
    assert chain is not None
    assert about_another is not None
    for certified in (about_another, replace(about_another, content="{}"), sent):
        text = waiting_file.write([sent], chain, dead.store.signing_key, certified)
        with pytest.raises(Refusal) as refused:
            ImportFolder(helper.store).take(text)
        assert (refused.value.code, refused.value.params) == ("WAITING_INVALID", {"field": "certified"})
    assert "n1" not in helper.settings_seen()


def test_a_courier_applies_only_what_is_of_its_own_feeds(hub: Hub, three: Three, tmp_path: Path) -> None:
    dead, _, third = three
    gate = joined(hub, tmp_path, "Gate 1", "G", ("event:100", "org"))
    assert gate.sync() is None
    dead.write(1)
    with dead.store.begin() as work:
        work.append(Draft("shift_opened", ("cash",), OPENED), SYSTEM)
        work.commit()
    done = ImportFolder(gate.store).take(export_waiting(dead.store))
    assert (done.entries, done.outcome.applied) == (2, 1)
    assert "n1" in gate.settings_seen()
    with gate.store.read() as read:
        assert read.open_shift(dead.id) is None
    assert gate.sync() is None
    assert hub_inbox.release(hub.dsn).released == 2, "all of it was brought"
    assert third.sync() is None
    with third.store.read() as read:
        assert read.open_shift(dead.id) is not None
    gate.close()


def test_an_import_without_the_hub_waits_for_it(hub: Hub, three: Three) -> None:
    dead, helper, _ = three
    dead.write(1)
    hub.server.stop("immediate")
    ImportFolder(helper.store).take(export_waiting(dead.store))
    ImportFolder(helper.store).take(export_waiting(dead.store))
    assert "n1" in helper.settings_seen()
    assert helper.sync() == "HUB_UNREACHABLE"
    hub.server.start()
    assert helper.sync() is None
    assert hub_inbox.release(hub.dsn).released == 1
    assert hub_inbox.release(hub.dsn) == hub_inbox.Released(0, 0, 0, 0)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            lambda f: f["entries"][1].update(content=f["entries"][1]["content"].replace("n1", "n7")),
            "WAITING_FORGED",
        ),
        (lambda f: f["entries"].pop(), "WAITING_FORGED"),
        (lambda f: f["entries"].pop(1), "WAITING_FORGED"),
        (lambda f: f["entries"].append(f["entries"][0]), "WAITING_FORGED"),
        (lambda f: f["entries"][2].update(sig="00" * 64), "WAITING_FORGED"),
        (lambda f: f.update(first_seq=2), "WAITING_FORGED"),
        (lambda f: f.update(epoch="1"), "WAITING_INVALID"),
        (lambda f: f.update(station="00000001"), "WAITING_INVALID"),
        (lambda f: f.update(entries=[]), "WAITING_INVALID"),
        (lambda f: f.update(kind="letter"), "WAITING_INVALID"),
        (lambda f: f["certificates"][0].update(sig="00" * 64), "CERTIFICATE_FORGED"),
        (lambda f: f.pop("sig"), "WAITING_INVALID"),
        (lambda f: f.pop("certified"), "WAITING_FORGED"),
        (lambda f: f["certified"].update(hash="00" * 32), "WAITING_FORGED"),
        (lambda f: f["certified"].update(seq="1"), "WAITING_FORGED"),
        (lambda f: f.update(certified=f["entries"][0]), "WAITING_FORGED"),
    ],
)
def test_a_file_edited_by_hand_is_refused_and_nothing_of_it_is_taken(three: Three, change, code: str) -> None:
    dead, helper, _ = three
    for n in range(3):
        dead.write(n)
    fields = json.loads(export_waiting(dead.store))
    change(fields)
    with pytest.raises(Refusal) as refused:
        ImportFolder(helper.store).take(json.dumps(fields))
    assert refused.value.code == code
    assert "n0" not in helper.settings_seen()
    assert list(ImportFolder(helper.store).imported()) == []


def test_a_file_of_nonsense_of_ones_own_or_of_nothing_is_refused(three: Three) -> None:
    dead, helper, _ = three
    with pytest.raises(Refusal) as refused:
        ImportFolder(helper.store).take("{")
    assert refused.value.code == "WAITING_INVALID"
    dead.write(1)
    with pytest.raises(Refusal) as refused:
        ImportFolder(dead.store).take(export_waiting(dead.store))
    assert refused.value.code == "WAITING_OWN"
    with pytest.raises(Refusal) as refused:
        export_waiting(helper.store)
    assert refused.value.code == "NOTHING_WAITING"


def test_a_revoked_stations_late_entries_reach_the_inbox_and_no_further(hub: Hub, three: Three) -> None:
    gone, helper, third = three
    revoke(hub, gone.id)
    gone.write(1)
    assert helper.sync() is None
    done = ImportFolder(helper.store).take(export_waiting(gone.store))
    assert [code for _, code in done.outcome.rejected] == ["REVOKED_STATION"]
    assert helper.sync() is None
    assert hub_inbox.release(hub.dsn).refused == 1
    assert hub_inbox.list_inbox(hub.dsn)[0].code == "REVOKED_STATION"
    assert third.sync() is None
    assert "n1" not in third.settings_seen()


def test_the_inbox_takes_no_entry_whose_hash_does_not_fit(hub: Hub, three: Three) -> None:
    dead, helper, _ = three
    entry = dead.write(1)
    with hub.admin() as admin:
        admin.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(f"station_{helper.id}")))
        row = admin.execute(
            "SELECT api_1.bring(ARRAY[%s], ARRAY[1], ARRAY[%s::bigint], ARRAY[%s::bytea], ARRAY[%s::bytea],"
            " ARRAY[%s::bytea], ARRAY[%s])",
            (dead.id, entry.seq, entry.prev_hash, entry.hash, entry.sig, entry.content.replace("n1", "n2")),
        ).fetchone()
    assert row == ({"code": "BAD_REQUEST", "field": "hash"},)
    assert hub_inbox.list_inbox(hub.dsn) == []
    assert waiting_file.read(export_waiting(dead.store), ROOT.public).entries[-1] == entry
