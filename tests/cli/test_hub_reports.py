"""Reports and control sums from the command line."""

from pathlib import Path

import psycopg

from app.cli.hub_access import HUB_FOLDER
from sync.hub_server import open_server
from tests.cli.conftest import Cli
from tests.cli.test_hub_trouble import office as office  # noqa: PLC0414 - a fixture


def test_a_reader_is_made_and_sums_are_held_against_the_hub(office: tuple[Cli, Path]) -> None:
    cli, folder = office
    hub, one = folder / "office", folder / "one"
    for _ in range(2):
        assert cli("sync", data=one).code == 0
    verified = cli("verify", data=one)
    assert verified.code == 0, verified
    assert verified.json["control_sums"] >= 1
    assert "control sums: " in cli("verify", data=one, as_json=False).out
    assert cli("sync", "status", data=one).json["hub"]["params"] == {}

    made = cli("hub", "reader", "bi", data=hub)
    assert made.code == 0, made
    with psycopg.connect(made.json["dsn"]) as reading:
        names = reading.execute("SELECT name FROM report.stations ORDER BY 1").fetchall()
    assert names == [("Till one",), ("Till two",)]
    assert cli("hub", "reader", "bi", data=hub).json["again"] is True
    assert cli("hub", "reader", "B I", data=hub).error == "READER_NAME"

    with psycopg.connect(open_server(hub / HUB_FOLDER).dsn("gatehouse")) as admin:
        admin.execute("UPDATE hub.setting SET value = '1'; DELETE FROM hub.control_sum")
        kept = admin.execute("SELECT count(*) FROM hub.station_log WHERE state = 'ok'").fetchone()
    done = cli("hub", "reproject", data=hub)
    assert done.json == {"entries": kept[0]}
