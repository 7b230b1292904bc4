"""`gatehouse user`, `session` and `audit` for scripts."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli


def invited(house: Cli, login: str, role: str) -> None:
    """A person who has accepted; PIN 2580."""
    made = house("user", "invite", login, "--name", login.title(), "--role", role).json
    words = ("--code", made["code"], "--password", f"secret words of {login}", "--pin", "2580")
    assert house("user", "accept", login, *words).json["roles"] == [role]


def test_a_person_is_invited_listed_and_shut_out(house: Cli) -> None:
    invited(house, "carla", "cashier")
    row = next(one for one in house("user", "list").json["users"] if one["login"] == "carla")
    assert (row["name"], row["roles"], row["enabled"], row["has_pin"]) == ("Carla", ["cashier"], True, True)
    assert "sell" in row["permissions"]
    assert house("user", "disable", "carla", "--reason", "left").json["permissions"] == []
    assert house("user", "enable", "carla").json["enabled"] is True
    assert house("user", "role", "carla", "--role", "gate").json["roles"] == ["gate"]
    assert house("user", "rename", "carla", "--name", "Carla K.").json["name"] == "Carla K."


def test_codes_that_are_wrong_or_used_are_refused(house: Cli) -> None:
    made = house("user", "invite", "carla", "--role", "cashier").json
    secrets = ("--password", "secret words", "--pin", "1111")
    assert house("user", "accept", "carla", "--code", "0000", *secrets).error == "CODE_WRONG"
    assert house("user", "accept", "carla", "--code", made["code"], *secrets).code == 0
    assert house("user", "accept", "carla", "--code", made["code"], *secrets).error == "CODE_USED"
    assert house("user", "reset", "carla").json["login"] == "carla"


def test_the_last_admin_stays(house: Cli) -> None:
    answer = house("user", "disable", "anna")
    assert (answer.code, answer.error) == (1, "LAST_ADMIN")


def test_a_refusal_says_who_may(house: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    invited(house, "gary", "gate")
    monkeypatch.setenv("GATEHOUSE_USER", "gary")
    answer = house("user", "list")
    assert answer.error == "NOT_ALLOWED"
    assert answer.json["error"]["params"] == {"permission": "people", "roles": "admin", "people": "anna"}
    assert "It takes: Admin. Ask anna." in house("user", "list", as_json=False).err


def test_a_role_is_asked_for_and_granted(house: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    invited(house, "gary", "gate")
    monkeypatch.setenv("GATEHOUSE_USER", "gary")
    request = house("user", "ask", "cashier").json["request"]
    monkeypatch.setenv("GATEHOUSE_USER", "anna")
    assert house("user", "requests").json["requests"][0]["granted"] is None
    assert house("user", "answer", request, "--grant").json["granted"] is True
    monkeypatch.setenv("GATEHOUSE_USER", "gary")
    mine = house("user", "me").json
    assert mine["roles"] == ["cashier", "gate"]
    assert [notice["kind"] for notice in mine["notices"]] == ["role_granted"]


def test_roles_are_defined_and_taken_away(house: Cli) -> None:
    words = ("--permission", "admit", "--limit", "override:2", "--limit", "refund:none")
    made = house("user", "define-role", "usher", *words).json
    assert (made["permissions"], made["limits"]) == (["admit", "check"], {"override": 2, "refund": None})
    assert "usher" in [one["role"] for one in house("user", "rights").json["roles"]]
    assert house("user", "remove-role", "usher").json["removed"] is True
    assert house("user", "define-role", "usher", "--permission", "fly").code == 2
    assert house("user", "define-role", "usher", "--permission", "admit", "--limit", "refund:x").code == 2
    assert house("user", "remove-role", "cashier").error == "ROLE_LOCKED"


def test_ones_own_password_is_set_with_the_pin(house: Cli) -> None:
    assert house("user", "password", "--old", "2580", "--password", "words of anna").code == 0
    wrong = house("user", "password", "--old", "2580", "--password", "other words")
    assert wrong.error == "WRONG_PASSWORD"
    assert house("user", "pin", "--pin", "9999").code == 0
    assert house("user", "me").error == "WRONG_PIN"


def test_a_session_stands_for_login_and_pin(
    house: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = house("session", "start").json
    assert (made["user"], made["offline_until"]) == ("anna", None)
    for name in ("GATEHOUSE_USER", "GATEHOUSE_PIN"):
        monkeypatch.delenv(name)
    assert house("user", "me").error == "NOT_SIGNED_IN"
    monkeypatch.setenv("GATEHOUSE_SESSION", made["token"])
    assert house("user", "me").json["login"] == "anna"
    assert "token" not in house("session", "verify").json
    assert house("session", "renew").json["session"] == made["session"]
    assert [row["purpose"] for row in house("session", "list").json["sessions"]] == ["script"]
    assert made["token"] not in house("settings", "list").out
    assert house("session", "end").json == {"ended": True}
    assert house("user", "me").error == "SESSION_UNKNOWN"
    assert house("session", "verify", "--token", "0" * 64).error == "SESSION_UNKNOWN"


def test_a_session_is_ended_by_its_id(house: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    made = house("session", "start").json
    assert house("session", "end", made["session"]).json["reason"] == "signed_out"
    monkeypatch.setenv("GATEHOUSE_SESSION", made["token"])
    assert house("user", "me").error == "SESSION_ENDED"


def test_the_trail_is_searched_and_exported(house: Cli, tmp_path: Path) -> None:
    sold = house("sell", "--performance", "play-1", "--item", "full", "--tender", "cash:20.00").json
    (row,) = house("audit", "--order", sold["reference"]).json["rows"]
    assert (row["kind"], row["login"], row["amount_minor"], row["currency"]) == (
        "order_sold",
        "anna",
        2000,
        "EUR",
    )
    assert (
        house("audit", "--person", "anna", "--kind", "shift_opened").json["rows"][0]["station_name"]
        == "Till 1"
    )
    assert house("audit", "--since", "2099-01-01T00:00:00Z").json["rows"] == []
    assert house("audit", "--since", "yesterday").code == 2
    assert house("audit", "--limit", "0").error == "LIMIT_INVALID"
    house("user", "invite", "x1", "--name", "=cmd|' /C calc'!A0", "--role", "gate")
    house("user", "disable", "x1", "--reason", "=1+1")
    out = tmp_path / "trail.csv"
    assert house("audit", "--out", str(out)).json["rows"] > 3
    cells = [cell for line in csv.reader(io.StringIO(out.read_text("utf-8"))) for cell in line]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert house("audit", "--out", str(tmp_path / "t.json"), "--format", "json").code == 0
    assert json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))["rows"]
    assert house("audit", "--out", str(out), "--format", "xml").error == "FORMAT_UNKNOWN"
    assert house("audit", "--out", str(tmp_path / "no" / "t.csv")).error == "FILE_NOT_WRITABLE"


def test_patterns_name_the_person_and_the_acts(house: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEHOUSE_PIN", "0000")
    for _ in range(5):
        house("user", "me")
    monkeypatch.setenv("GATEHOUSE_PIN", "2580")
    assert house("user", "me").error == "LOCKED_OUT"
    assert house("shift", "close", "--counted", "1.00").error == "LOCKED_OUT"


def test_a_close_with_a_difference_is_a_pattern(house: Cli) -> None:
    assert house("shift", "close", "--counted", "90.00").code == 0
    (row,) = house("audit", "--patterns").json["patterns"]
    assert (row["pattern"], row["login"], row["count"], row["amount_minor"]) == (
        "close_differences",
        "anna",
        1,
        -1000,
    )
    assert "close_differences" in house("audit", "--patterns", as_json=False).out
