"""`gatehouse conflicts` for scripts."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Cli


@pytest.fixture
def doubled(house: Cli, tmp_path: Path) -> str:
    """A house with one ticket at two gates; answers its serial."""
    from app.bootstrap import open_station
    from app.settings import Settings
    from domain.actor import SYSTEM
    from domain.entry import Draft

    sold = house("sell", "--performance", "play-1", "--item", "full", "--tender", "cash:20.00").json
    assert house("admit", sold["tickets"][0]["code"], "--gate", "A").code == 0
    data = tmp_path / "data"
    station = open_station(data, Settings(data))
    entries = station.store.outbox.batch(0, 1000, 10_000_000)
    first = next(entry for entry in entries if entry.kind == "admitted")
    with station.store.begin() as work:
        work.append(Draft("admitted", first.feeds, {**first.body, "gate": "B"}), SYSTEM)
        work.commit()
    station.close()
    serial: str = sold["tickets"][0]["serial"]
    return serial


def test_the_list_is_empty_where_nothing_clashes(house: Cli) -> None:
    assert house("conflicts", "list").json == {"conflicts": []}


def test_a_conflict_is_listed_shown_and_resolved(house: Cli, doubled: str) -> None:
    (row,) = house("conflicts", "list").json["conflicts"]
    assert (row["code"], row["open"], row["subject"]) == ("DUP_ADMISSION", True, f"ticket:{doubled}")
    assert (row["event"], row["urgency"]) == ("play", "now")
    shown: Any = house("conflicts", "show", row["conflict"][:6]).json
    assert {side["gate"] for side in shown["sides"]} == {"A", "B"}
    assert all(side["earliest"] < side["latest"] and not side["measured"] for side in shown["sides"])
    done = house("conflicts", "resolve", row["conflict"], "--reason", "our_mistake").json
    assert (done["open"], [said["reason"] for said in done["resolutions"]]) == (False, ["our_mistake"])
    assert house("conflicts", "list").json == {"conflicts": []}
    assert [one["open"] for one in house("conflicts", "list", "--all").json["conflicts"]] == [False]
    again = house("conflicts", "resolve", row["conflict"], "--reason", "x")
    assert (again.code, again.error) == (1, "CONFLICT_SETTLED")


def test_people_read_it_in_words(house: Cli, doubled: str) -> None:
    listed = house("conflicts", "list", as_json=False).out
    assert "Let in more than once: Full · " in listed
    shown = house("conflicts", "show", listed.split()[1], as_json=False).out
    assert "Till 1 · A" in shown
    assert "ask both for the receipt" in shown
    said = house("conflicts", "resolve", listed.split()[1], "--reason", "accepted", as_json=False).out
    assert said.startswith("✓ ")
    assert doubled not in shown, "people are shown the reference"


def test_refusals_have_codes(house: Cli) -> None:
    assert house("conflicts", "show", "0123456789abcdef").error == "CONFLICT_UNKNOWN"
    assert house("conflicts", "resolve", "0123", "--reason", " ").error == "REASON_MISSING"
    assert house("conflicts", "resolve", "0123").code == 2
