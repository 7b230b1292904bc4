"""The verbs for trouble, from the command line: a stick, the inbox, revocation, a backup and its restore."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.hub_access import HUB_FOLDER
from sync.hub_server import open_server
from tests.cli.conftest import Cli


@pytest.fixture
def office(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Cli, Path]]:
    """A served hub with two tills; a folder that the server's account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="gh-cli-"))
    folder.chmod(0o755)
    monkeypatch.setenv("GATEHOUSE_ROOT_PASSPHRASE", "correct horse battery")
    hub = folder / "office"
    assert cli("hub", "serve", "--once", data=hub).code == 0
    assert cli("hub", "init", "--name", "Riverside", data=hub).code == 0
    for till in ("one", "two"):
        file = folder / f"{till}.json"
        made = cli("hub", "enrol", f"Till {till}", "--prefix", till.upper(), "--out", str(file), data=hub)
        assert made.code == 0, made
        assert cli("enrol", str(file), data=folder / till).code == 0
    yield cli, folder
    open_server(hub / HUB_FOLDER).stop("immediate")
    shutil.rmtree(folder)


def test_trouble_from_the_command_line(office: tuple[Cli, Path]) -> None:
    cli, folder = office
    hub, one, two, stick = folder / "office", folder / "one", folder / "two", folder / "stick.json"
    assert cli("sync", data=one).code == 0
    assert cli("sync", data=two).code == 0
    assert cli("sync", "export", str(stick), data=one).error == "NOTHING_WAITING"
    made = cli("hub", "snapshot", data=hub)
    assert made.code == 0, made
    assert made.json["tested"] is True
    assert cli("hub", "inbox", "list", data=hub).json == {"inbox": []}
    assert cli("hub", "inbox", "release", data=hub).json["released"] == 0

    stick.write_text("{}")
    assert cli("sync", "import", str(stick), data=two).error == "WAITING_INVALID"
    assert cli("sync", "import", str(folder / "none"), data=two).error == "FILE_UNREADABLE"

    revoked = cli("hub", "revoke", "Till one", data=hub)
    assert revoked.code == 0, revoked
    assert Path(revoked.json["file"]).exists()
    assert (revoked.json["told"], revoked.json["shut"]) == (False, False)
    assert cli("sync", data=one).error == "REVOKED"
    shut = cli("hub", "revoke", "Till one", data=hub)
    assert (shut.json["told"], shut.json["shut"]) == (True, True)
    assert cli("hub", "revoke", "Till one", data=hub).error == "STATION_REVOKED"
    assert (
        cli("hub", "enrol", "Till one", "--again", "--out", str(stick), data=hub).error == "STATION_REVOKED"
    )
    assert cli("sync", data=one).error == "HUB_PASSWORD"

    server = open_server(hub / HUB_FOLDER)
    assert cli("hub", "restore-done", "--from", made.json["folder"], data=hub).error == "HUB_RUNNING"
    server.stop("fast")
    done = cli("hub", "restore-done", "--from", made.json["folder"], data=hub)
    assert done.code == 0, done
    assert (done.json["mode"], done.json["missing"]) == ("recovery", ["Till two"])
    state = cli("hub", "recovery", "status", data=hub).json
    assert (state["mode"], state["missing"], state["reported"]) == ("recovery", ["Till two"], [])
    assert cli("hub", "recovery", "write-off", "Till two", "--risk", "-1", data=hub).error == "RISK_INVALID"
    state = cli("hub", "recovery", "write-off", "Till two", "--risk", "4", data=hub).json
    assert (state["mode"], state["written_off"]) == ("normal", {"Till two": 4})
    assert cli("sync", data=two).code == 0
    state = cli("hub", "recovery", "status", data=hub).json
    assert (state["reported"], state["written_off"]) == (["Till two"], {}), "it came after all"

    assert cli("hub", "reclaim", "Till two", data=hub).error == "RECLAIM_WAY"
    assert cli("hub", "reclaim", "Till two", "--drained", "--risk", "1", data=hub).error == "RECLAIM_WAY"
    assert cli("hub", "reclaim", "Till two", "--risk", "0", data=hub).error == "RISK_INVALID"
    assert cli("hub", "reclaim", "Till two", "--sold", "-1", data=hub).error == "SOLD_INVALID"
    for way in (["--drained"], ["--sold", "3"], ["--sold", "3", "--pool", "200"], ["--risk", "2"]):
        assert cli("hub", "reclaim", "Till two", *way, data=hub).json["places"] == 0, way
