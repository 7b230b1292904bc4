"""Guests' data, the drawer, approval of a close, and a machine that is given away, from the command line."""

from pathlib import Path

import pytest

from tests.cli.conftest import Cli


def sold(house: Cli) -> tuple[str, str]:
    """The reference of an order just sold, and the code of its ticket."""
    done = house("sell", "--performance", "play-1", "--item", "full", "--tender", "cash:20.00")
    assert done.code == 0, done
    return done.json["reference"], done.json["tickets"][0]["code"]


def test_an_order_is_put_under_a_name_that_gates_see_when_the_event_says_so(house: Cli) -> None:
    reference, code = sold(house)
    named = house("order", "name", reference, " Ada \u202eLovelace")
    assert (named.code, named.json["guest"]) == (0, "Ada Lovelace")
    assert house("check", code).json["guest"] is None
    said = house("event", "privacy", "play", "--names-at-gate", "--retention-days", "30")
    assert (said.json["names_at_gate"], said.json["days"]) == (True, 30)
    assert house("check", code).json["guest"] == "Ada Lovelace"
    assert house("event", "retention").json == {"erased": 0}
    rows = {row["code"]: row for row in house("event", "privacy").json["events"]}
    assert (rows["play"]["left"], rows["museum"]["retention_days"]) == (1, None)
    assert house("event", "privacy", "play", "--retention-days", "never").json["days"] is None
    assert house("event", "privacy", "play", "--retention-days", "default").json["retention_days"] is None


def test_wrong_use_is_told_from_what_a_rule_refuses(house: Cli) -> None:
    assert house("event", "privacy", "play", "--retention-days", "soon").code == 2
    assert house("event", "privacy", "--names-at-gate").code == 2
    assert house("event", "privacy", "nothing", "--retention-days", "3").error == "EVENT_UNKNOWN"
    assert house("event", "privacy", "play", "--retention-days", "9999").error == "DAYS_INVALID"
    assert house("order", "name", "ZZZZ-ZZZZ", "Ada").code == 1


def test_the_drawer_without_a_sale_takes_a_reason_and_stands_in_the_trail(house: Cli, tmp_path: Path) -> None:
    assert house("shift", "drawer", "--reason", "").error == "REASON_NEEDED"
    assert house("shift", "drawer", "--reason", "change for the bar").code == 0
    (row,) = house("audit", "--kind", "drawer_opened").json["rows"]
    assert row["detail"]["reason"] == "change for the bar"
    (pattern,) = [
        row for row in house("audit", "--patterns").json["patterns"] if row["pattern"] == "no_sale_openings"
    ]
    assert (pattern["login"], pattern["count"]) == ("anna", 1)
    report = tmp_path / "anna.csv"
    told = house("audit", "--patterns", "--person", "anna", "--out", str(report))
    assert told.json["rows"] >= 1
    assert "anna,anna,no_sale_openings,1," in report.read_text()
    assert house("audit", "--patterns", "--person", "nobody").json["patterns"] == []
    assert house("audit", "--patterns", "--out", str(report), "--format", "xml").error == "FORMAT_UNKNOWN"


def test_a_close_that_is_far_off_takes_a_supervisor_s_word(
    house: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house("shift", "close", "--counted", "100.00").code == 0
    for login, role, pin in (("carla", "cashier", "4444"), ("sam", "supervisor", "1234")):
        assert house("user", "add", login, "--role", role, "--pin", pin).code == 0
    monkeypatch.setenv("GATEHOUSE_USER", "carla")
    monkeypatch.setenv("GATEHOUSE_PIN", "4444")
    assert house("shift", "open", "--float", "100.00").code == 0
    assert house("shift", "close", "--counted", "50.00").error == "APPROVAL_NEEDED"
    monkeypatch.setenv("GATEHOUSE_APPROVER", "sam")
    monkeypatch.setenv("GATEHOUSE_APPROVER_PIN", "1234")
    closed = house("shift", "close", "--counted", "50.00")
    assert closed.code == 0, closed
    monkeypatch.setenv("GATEHOUSE_USER", "anna")
    monkeypatch.setenv("GATEHOUSE_PIN", "2580")
    rows = house("audit", "--kind", "shift_closed").json["rows"]
    assert rows[0]["approved_by"] == ["sam"]


def test_a_request_is_declined_with_a_reason_that_the_person_reads(
    house: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house("user", "add", "gary", "--role", "gate", "--pin", "1357").code == 0
    monkeypatch.setenv("GATEHOUSE_USER", "gary")
    monkeypatch.setenv("GATEHOUSE_PIN", "1357")
    asked = house("user", "ask", "cashier").json["request"]
    monkeypatch.setenv("GATEHOUSE_USER", "anna")
    monkeypatch.setenv("GATEHOUSE_PIN", "2580")
    done = house("user", "answer", asked, "--decline", "--reason", "in May")
    assert (done.json["granted"], done.json["reason"]) == (False, "in May")
    monkeypatch.setenv("GATEHOUSE_USER", "gary")
    monkeypatch.setenv("GATEHOUSE_PIN", "1357")
    (told,) = house("user", "me").json["notices"]
    assert (told["kind"], told["reason"]) == ("role_declined", "in May")


def test_a_machine_that_is_given_away_opens_no_more_but_with_the_recovery_key(
    house: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold(house)
    assert house("keys", "purge", "--confirm", "Till 2").error == "PURGE_NAME_DIFFERS"
    monkeypatch.setenv("GATEHOUSE_ROOT_PASSPHRASE", "a long passphrase")
    made = house("keys", "root", "--out", str(tmp_path / "safe"))
    if made.code:
        assert made.error == "ROOT_KNOWN"
    done = house("keys", "purge", "--confirm", "Till 1")
    assert (done.code, done.json["purged"]) == (0, True)
    assert house("order", "find").error == "STORE_PURGED"
    assert not (tmp_path / "data" / "prints").exists()
    if made.code == 0:
        key = made.json["recovery_key"]
        assert house("recover", "--key", key).code == 0
        assert house("order", "find").code == 0


def test_whoever_may_not_look_after_keys_purges_nothing(house: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert house("user", "add", "gary", "--role", "supervisor", "--pin", "1357").code == 0
    monkeypatch.setenv("GATEHOUSE_USER", "gary")
    monkeypatch.setenv("GATEHOUSE_PIN", "1357")
    assert house("keys", "purge", "--confirm", "Till 1").error == "NOT_ALLOWED"
    assert house("order", "find").code == 0
