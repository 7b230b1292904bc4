"""What an older program could not read is kept, and comes to the same when a newer one reads it."""

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.store import replica
from app.store.verify import projection_sums
from domain import kinds
from sync import hub_admin
from sync.hub_client import HubClient
from sync.messages import PushReply
from tests.hub.histories import History, journal_of
from tests.hub.stations import joined
from tests.hub.test_projections import assert_equal_tables
from tests.postgres import Hub

LEARNED_LATER = ("order_sold", "admitted", "admission_undone", "product_changed", "shift_closed")


@pytest.mark.parametrize("seed", [11, 12])
def test_a_hub_that_learns_kinds_later_comes_to_the_same_tables(hub: Hub, tmp_path: Path, seed: int) -> None:
    rnd = random.Random(seed)
    enrolled = hub.join("Till 1", "A")
    journal = journal_of(enrolled, rnd)
    History(seed).written([journal], 200)
    with hub.admin() as admin:
        admin.execute("DELETE FROM hub.known_kind WHERE kind = ANY (%s)", (list(LEARNED_LATER),))
    client = HubClient.connect(enrolled.dsn, enrolled.password, "test")
    held = []
    for first in range(0, len(journal.entries), 50):
        reply = client.push(journal.entries[first : first + 50])
        assert isinstance(reply, PushReply)
        held += [outcome.entry_id for outcome in reply.outcomes if outcome.outcome == "held"]
    client.close()
    unread = [entry.entry_id for entry in journal.entries if entry.kind in LEARNED_LATER]
    assert held == unread
    with hub.admin() as admin:
        of_unread = "SELECT count(*) FROM hub.orders WHERE entry_id = ANY (%s::uuid[])"
        assert admin.execute(of_unread, (unread,)).fetchone() == (0,)
        admin.execute(
            "INSERT INTO hub.known_kind SELECT k, 1 FROM unnest(%s::text[]) k", (list(LEARNED_LATER),)
        )
    hub_admin.upgrade(hub.dsn)
    assert hub_admin.status(hub.dsn).held == 0
    station = joined(hub, tmp_path, "Office", "C")
    for _ in range(3):
        assert station.sync() is None
    assert_equal_tables(hub, station)
    station.close()


def test_an_entry_that_does_not_fit_is_held_alone_and_stays_held(hub: Hub) -> None:
    enrolled = hub.join("Till 1", "A")
    journal = journal_of(enrolled, random.Random(5))
    History(5).written([journal], 20)
    bad = journal.add("order_sold", ["cash", "event:100"], {"order": "not a number", "positions": []})
    good = journal.add("shift_opened", ["cash"], {
        "shift": "00000000-0000-4000-8000-0000000000ff", "drawer": "1", "float_minor": 1, "currency": "EUR",
    })  # fmt: skip
    client = HubClient.connect(enrolled.dsn, enrolled.password, "test")
    reply = client.push(journal.entries)
    client.close()
    assert isinstance(reply, PushReply)
    assert [(one.entry_id, one.outcome) for one in reply.outcomes] == [(bad.entry_id, "held")]
    with hub.admin() as admin:
        shifts = admin.execute("SELECT entry_id::text FROM hub.shift_opened").fetchall()
        assert (good.entry_id,) in shifts, "one poison entry delays nothing else"
        assert admin.execute("SELECT hub.replay_held()").fetchone() == (0,)
        assert admin.execute("SELECT count(*) FROM hub.held").fetchone() == (1,)


def test_a_station_that_learns_kinds_later_comes_to_the_same_tables(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rnd = random.Random(21)
    enrolled = hub.join("Till 1", "A")
    journal = journal_of(enrolled, rnd)
    History(21).written([journal], 150)
    client = HubClient.connect(enrolled.dsn, enrolled.password, "test")
    assert isinstance(client.push(journal.entries[:100]), PushReply)
    assert isinstance(client.push(journal.entries[100:]), PushReply)
    client.close()
    modern = joined(hub, tmp_path, "Office", "C")
    old = joined(hub, tmp_path, "Old office", "D")

    def known_by_the_old(kind: str, v: int) -> bool:
        return kind not in LEARNED_LATER and kinds.known(kind, v)

    with monkeypatch.context() as patched:
        patched.setattr(replica, "known", known_by_the_old)
        for _ in range(3):
            assert old.sync() is None
        with old.store._core.reading() as connection:
            held = connection.exec_driver_sql("SELECT DISTINCT kind FROM held_entry").scalars().all()
        assert set(held) == {entry.kind for entry in journal.entries} & set(LEARNED_LATER)
    old.reopen()
    for _ in range(3):
        assert modern.sync() is None
        assert old.sync() is None
    assert _sums(old) == _sums(modern)
    modern.close()
    old.close()


def _sums(station: object) -> Mapping[str, str]:
    with station.store._core.reading() as connection:  # type: ignore[attr-defined]
        return projection_sums(connection)
