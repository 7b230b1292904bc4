"""Orders after their sale through the command line: reserved, paid, given back, exchanged, printed again."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.clock import SystemClock
from tests.builders import seeded_random_bytes
from tests.cli.conftest import Cli
from tests.cli.test_box_office import sell
from tests.cli.test_people import invited
from tests.hub.stations import joined
from tests.postgres import Hub
from tests.store import rights_drafts as after
from tests.store.station import CASHIER, Sale, shift_opened

SHIFT = "00000000-0000-4000-8000-00000000000a"


def eur(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "EUR"}


def reserve(house: Cli, item: str = "full:2") -> dict[str, Any]:
    answer = house("sell", "--performance", "play-1", "--item", item, "--reserve", "--minutes", "5")
    assert answer.code == 0, answer
    return answer.json


class Later(SystemClock):
    """The same clock, ten minutes on."""

    def now(self) -> datetime:
        return super().now() + timedelta(minutes=10)


def test_an_order_is_refunded_as_it_was_paid(house: Cli) -> None:
    sold = sell(house, item="full:2")
    done = house("refund", sold["reference"], "--reason", "ill")
    assert done.code == 0, done
    assert (done.json["state"], done.json["amount"], done.json["order"]) == (
        "refunded", eur(4000), sold["order"],
    )  # fmt: skip
    assert done.json["payouts"] == [{"tender": "cash", "amount_minor": 4000}]
    assert done.json["receipt"] == sold["receipt"]
    assert sorted(done.json["tickets"]) == sorted(ticket["serial"] for ticket in sold["tickets"])
    assert house("check", sold["tickets"][0]["code"]).json["verdict"] == "REFUNDED"
    again = house("refund", sold["reference"], "--reason", "ill")
    assert (again.code, again.error) == (1, "ORDER_STATE")
    assert house("shift", "x").json["expected"] == eur(10_000)


def test_a_single_ticket_is_refunded_with_the_tender_asked_for(house: Cli) -> None:
    sold = sell(house, item="full:2")
    one = sold["tickets"][1]["reference"]
    done = house("refund", sold["receipt"], "--item", one, "--tender", "card", "--reason", "ill")
    assert (done.json["state"], done.json["amount"]) == ("partly_refunded", eur(2000))
    assert done.json["payouts"] == [{"tender": "card", "amount_minor": 2000}]
    wrong = house("refund", sold["receipt"], "--item", "NOSUCH77", "--reason", "ill")
    assert (wrong.code, wrong.error) == (1, "TICKET_UNKNOWN")
    assert house("refund", sold["receipt"], "--tender", "shells", "--reason", "ill").code == 2
    assert house("refund", sold["receipt"]).code == 2, "a reason is no option"


def test_beyond_the_limit_a_supervisor_approves_by_environment(
    house: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    invited(house, "carla", "cashier")
    invited(house, "susi", "supervisor")
    sold = sell(house, item="full:3", tender="cash:60.00")
    monkeypatch.setenv("GATEHOUSE_USER", "carla")
    asked = house("refund", sold["reference"], "--reason", "ill")
    assert (asked.code, asked.error) == (1, "APPROVAL_NEEDED")
    assert asked.json["error"]["params"]["asked_minor"] == 6000
    monkeypatch.setenv("GATEHOUSE_APPROVER", "susi")
    monkeypatch.setenv("GATEHOUSE_APPROVER_PIN", "9999")
    wrong = house("refund", sold["reference"], "--reason", "ill")
    assert (wrong.code, wrong.error) == (1, "WRONG_PIN")
    monkeypatch.setenv("GATEHOUSE_APPROVER_PIN", "2580")
    monkeypatch.setenv("GATEHOUSE_APPROVER", "carla")
    assert house("refund", sold["reference"], "--reason", "ill").error == "NOT_ALLOWED", "not by oneself"
    monkeypatch.setenv("GATEHOUSE_APPROVER", "susi")
    done = house("refund", sold["reference"], "--reason", "ill")
    assert (done.code, done.json["amount"]) == (0, eur(6000)), done
    assert "2580" not in done.out + done.err


def test_an_order_is_voided_whole(house: Cli) -> None:
    sold = sell(house, item="full:2")
    done = house("void", sold["reference"], "--reason", "slip")
    assert (done.code, done.json["state"], done.json["amount"]) == (0, "void", eur(4000))
    assert house("check", sold["tickets"][0]["code"]).json["verdict"] == "CANCELLED"
    used = sell(house, item="half")
    house("admit", used["tickets"][0]["code"])
    answer = house("void", used["reference"], "--reason", "slip")
    assert (answer.code, answer.error) == (1, "TICKET_USED")


def test_places_are_reserved_paid_later_and_then_good(house: Cli) -> None:
    kept = reserve(house)
    assert (kept["state"], kept["receipt"], kept["total"]) == ("reserved", "", eur(4000))
    assert kept["until_at"] > kept["sold_at"]
    assert house("sell", "--performance", "play-1", "--item", "full:2", "--reserve").error == "SOLD_OUT"
    short = house("pay", kept["reference"], "--tender", "cash:10.00")
    assert (short.code, short.error) == (1, "TENDER_SHORT")
    paid = house("pay", kept["reference"], "--tender", "cash:50.00")
    assert paid.code == 0, paid
    assert (paid.json["total"], paid.json["change"]) == (eur(4000), eur(1000))
    assert paid.json["receipt"] == "K1-000001"
    assert len(paid.json["receipt_hash"]) == 8
    assert house("check", paid.json["tickets"][0]["code"]).json["verdict"] == "ADMIT"
    assert house("pay", kept["reference"], "--tender", "cash:50.00").error == "ORDER_STATE"


def test_a_reservation_is_given_up_by_hand_and_its_places_are_sold(house: Cli) -> None:
    kept = reserve(house, "full:3")
    done = house("release", kept["reference"])
    assert (done.code, done.json["state"]) == (0, "released")
    sell(house, item="full:2")
    assert house("release", kept["reference"]).error == "ORDER_STATE"
    assert house("release").code == 2
    assert house("release", kept["reference"], "--overdue").code == 2


def test_what_nobody_paid_in_time_is_given_up(house: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = reserve(house)
    assert house("release", "--overdue").json == {"orders": []}
    monkeypatch.setattr("app.bootstrap.SystemClock", Later)
    done = house("release", "--overdue").json["orders"]
    assert [(one["order"], one["state"]) for one in done] == [(kept["order"], "released")]
    assert house("release", "--overdue").json == {"orders": []}


def test_a_ticket_is_exchanged_and_only_the_difference_is_paid(house: Cli, tmp_path: Path) -> None:
    sold = sell(house, item="half:2")
    old = sold["tickets"][0]
    words = ("exchange", sold["reference"], "--ticket", old["reference"], "--performance", "play-1",
             "--item", "full", "--reason", "no student")  # fmt: skip
    assert house(*words).error == "TENDER_SHORT"
    done = house(*words, "--tender", "cash:15.00", "--pdf", str(tmp_path / "prints"))
    assert done.code == 0, done
    said = done.json
    assert (said["total"], said["returned"], said["change"]) == (eur(2000), eur(0), eur(500))
    assert said["exchanged"] == {"order": sold["order"], "state": "partly_refunded"}
    assert said["receipt"] == "K1-000002"
    assert house("check", old["code"]).json["verdict"] == "CANCELLED"
    assert house("check", said["tickets"][0]["code"]).json["verdict"] == "ADMIT"
    read = house("decode", said["tickets"][0]["pdf"]).json["files"][0]["codes"]
    assert said["tickets"][0]["code"] in {one["text"] for one in read}
    assert house("exchange", sold["reference"], "--item", "full", "--reason", "x").code == 2


def test_a_lost_ticket_is_printed_again_alone(house: Cli, tmp_path: Path) -> None:
    sold = sell(house, item="full:2")
    lost, other = sold["tickets"]
    done = house("reprint", lost["reference"], "--reason", "lost", "--pdf", str(tmp_path / "prints"))
    assert done.code == 0, done
    again = done.json["tickets"][0]
    assert (again["serial"], again["print"]) == (lost["serial"], 2)
    assert house("check", lost["code"]).json["verdict"] == "REPLACED"
    assert house("check", again["code"]).json["verdict"] == "ADMIT"
    texts = {one["text"] for one in house("decode", again["pdf"]).json["files"][0]["codes"]}
    assert again["code"] in texts
    assert not texts & {lost["code"], other["code"]}
    assert house("reprint", "NOSUCH77", "--reason", "lost").error == "TICKET_UNKNOWN"


@pytest.mark.hub
def test_what_a_dead_till_alone_might_change_is_written_off_at_a_stated_risk(
    cli: Cli, hub: Hub, tmp_path: Path
) -> None:
    till = joined(hub, tmp_path, "Till 1", "A")
    rnd = seeded_random_bytes(3)
    sales = [Sale(rnd, number=at, first_slot=10 * at) for at in (1, 2, 3)]
    with till.store.begin() as work:
        drafts = [shift_opened(SHIFT), *(sale.draft() for sale in sales), after.issued(5_000)]
        work.append_many(drafts, CASHIER, shift=SHIFT)
        work.commit()
    assert till.sync() is None
    words = ("hub", "write-off", "Till 1", "--dsn", hub.dsn)
    none = cli(*words, "--risk", "0")
    assert (none.code, none.error) == (1, "RISK_INVALID")
    assert cli(*words).code == 2, "the risk is stated, never assumed"
    assert cli("hub", "write-off", "Till 9", "--risk", "1", "--dsn", hub.dsn).error == "STATION_UNKNOWN"
    done = cli(*words, "--risk", "2", "--values", "900")
    assert done.code == 0, done
    assert done.json == {"station_id": till.id, "name": "Till 1", "rights": 2, "amount_minor": 0}
    assert cli(*words, "--risk", "5").json["rights"] == 1, "what was left"
    till.close()
