"""Payments in steps and promo codes through the command line."""

from pathlib import Path
from typing import Any

from tests.cli.conftest import Answer, Cli
from tests.cli.test_afterwards import eur, reserve

MINE = "0e4e7fd4-55c8-4b4c-9d1a-3f7f3f0c8a11"
PROMOS = """
events:
  - code: play
    promos:
      - {code: SPRING, name: Spring, percent: 25}
      - {code: ONCE, name: Once, amount: "5.00", limit: 1}
"""


def start(house: Cli, *more: str, item: str = "full:2") -> dict[str, Any]:
    answer = house("payment", "start", "--performance", "play-1", "--item", item, *more)
    assert answer.code == 0, answer
    return answer.json


def failed(answer: Answer) -> tuple[int, str]:
    return answer.code, answer.error


def test_a_payment_is_begun_and_taken(house: Cli) -> None:
    begun = start(house, "--id", MINE)
    assert (begun["payment"], begun["state"], begun["amount"]) == (MINE, "started", eur(4000))
    assert start(house, "--id", MINE)["order"] == begun["order"], "asked twice, begun once"
    doubt = house("shift", "x").json["unknown"]
    assert [(one["payment"], one["amount"]) for one in doubt] == [(MINE, eur(4000))]
    taken = house("payment", "take", MINE, "--reference", "T-1")
    assert (taken.code, taken.json["state"]) == (0, "paid")
    assert all(ticket["code"] for ticket in taken.json["tickets"])
    assert taken.json["payments"][0]["reference"] == "T-1"
    report = house("shift", "x").json
    assert (report["tenders"], report["unknown"]) == ({"card": 4000}, [])
    assert failed(house("payment", "fail", MINE, "--reason", "no")) == (1, "PAYMENT_STATE")


def test_a_payment_for_a_reservation_fails_and_leaves_it(house: Cli) -> None:
    kept = reserve(house)
    begun = house("payment", "start", "--order", kept["reference"]).json
    assert failed(house("pay", kept["reference"], "--tender", "cash:40.00")) == (1, "PAYMENT_OPEN")
    done = house("payment", "fail", begun["payment"], "--reason", "declined")
    assert (done.code, done.json["state"]) == (0, "reserved")
    assert house("pay", kept["reference"], "--tender", "cash:40.00").json["receipt"] == "K1-000001"


def test_what_nobody_knows_is_listed_and_cleared_up(house: Cli) -> None:
    lost = start(house)["payment"]
    assert house("payment", "unknown", lost, "--reason", "line dead").json["state"] == "unknown"
    other = start(house, item="half")["payment"]
    listed = house("payment", "list").json["payments"]
    assert [(one["payment"], one["state"]) for one in listed] == [(lost, "unknown"), (other, "started")]
    done = house("payment", "resolve", lost, "--taken", "--reason", "bank", "--reference", "T-2")
    assert (done.code, done.json["state"]) == (0, "paid")
    closed = house("shift", "close", "--counted", "100.00").json
    assert (closed["tenders"], [one["payment"] for one in closed["unknown"]]) == ({"card": 4000}, [other])
    gone = house("payment", "resolve", other, "--not-taken", "--reason", "bank")
    assert (gone.code, gone.json["state"]) == (0, "released")
    assert house("payment", "list").json["payments"] == []


def test_wrong_use_and_unknown_payments(house: Cli) -> None:
    assert house("payment", "start").code == 2
    assert house("payment", "start", "--item", "full").code == 2
    assert house("payment", "resolve", MINE, "--reason", "x").code == 2, "taken or not: that is the point"
    assert failed(house("payment", "take", MINE)) == (1, "PAYMENT_NOT_FOUND")
    assert failed(house("payment", "start", "--performance", "play-1", "--item", "full", "--id", "7")) == (
        1,
        "ID_INVALID",
    )


def test_people_read_lines(house: Cli) -> None:
    begun = house("payment", "start", "--performance", "play-1", "--item", "full", as_json=False)
    assert "started" in begun.out
    assert "€20.00" in house("payment", "list", as_json=False).out


def test_a_promo_code_takes_something_off(house: Cli, tmp_path: Path) -> None:
    file = tmp_path / "promos.yaml"
    file.write_text(PROMOS)
    assert house("catalogue", "import", str(file)).json["created"] == 3
    listed = next(one for one in house("catalogue", "list").json["events"] if one["code"] == "play")
    assert [(one["name"], one["limit"], one["left"]) for one in listed["promos"]] == [
        ("Once", 1, 1),
        ("Spring", None, None),
    ]
    sale = ("sell", "--performance", "play-1", "--item", "full", "--tender", "cash:20.00", "--promo")
    sold = house(*sale, "spring").json
    assert (sold["total"], sold["discount"], sold["promo"]) == (eur(1500), eur(500), "Spring")
    assert house(*sale, "once").json["total"] == eur(1500)
    assert failed(house(*sale, "once")) == (1, "PROMO_OVER")
    assert failed(house(*sale, "nosuch")) == (1, "PROMO_UNKNOWN")
    exported = house("catalogue", "export").out
    assert "code_hash" in exported
    assert "SPRING" not in exported


def test_a_promo_code_counts_for_reservations_and_payments_too(house: Cli, tmp_path: Path) -> None:
    file = tmp_path / "promos.yaml"
    file.write_text(PROMOS)
    house("catalogue", "import", str(file))
    kept = house("sell", "--performance", "play-1", "--item", "full", "--reserve", "--promo", "spring").json
    assert kept["total"] == eur(1500)
    assert start(house, "--promo", "once", item="full")["amount"] == eur(1500)


def test_people_read_what_a_code_takes_off(house: Cli, tmp_path: Path) -> None:
    file = tmp_path / "promos.yaml"
    file.write_text(PROMOS)
    house("catalogue", "import", str(file))
    text = house("catalogue", "list", as_json=False).out
    assert "Spring  −25% / order" in text
    assert "Once  −€5.00 / order" in text
