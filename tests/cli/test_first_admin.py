"""The first administrator of an organization that began with its hub."""

from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.postgres import Hub

FIRST = ("--name", "Anna", "--pin", "2580")


def joined(cli: Cli, hub: Hub, data: Path, name: str, prefix: str) -> None:
    _, text = hub.invite(name, prefix)
    file = data.with_suffix(".enrol")
    file.write_text(text)
    assert cli("enrol", str(file), data=data).code == 0


def test_the_first_station_adds_the_first_administrator_and_no_other_does(
    cli: Cli, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    joined(cli, hub, one, "Till 1", "T1")
    joined(cli, hub, two, "Till 2", "T2")
    assert cli("user", "first", "anna", *FIRST, data=one).json["roles"] == [
        "admin",
        "organizer",
        "supervisor",
    ]
    assert cli("user", "first", "boris", *FIRST, data=one).error == "PEOPLE_EXIST"
    assert cli("sync", data=one).code == 0
    assert cli("user", "first", "boris", *FIRST, data=two).error == "PEOPLE_EXIST"
    monkeypatch.setenv("GATEHOUSE_USER", "anna")
    monkeypatch.setenv("GATEHOUSE_PIN", "2580")
    assert [person["login"] for person in cli("user", "list", data=one).json["users"]] == ["anna"]


def test_without_a_word_of_the_hub_nobody_is_first(cli: Cli, hub: Hub, tmp_path: Path) -> None:
    data = tmp_path / "one"
    joined(cli, hub, data, "Till 1", "T1")
    hub.server.stop("immediate")
    try:
        assert cli("user", "first", "anna", *FIRST, data=data).error == "HUB_UNREACHABLE"
    finally:
        hub.server.start()
