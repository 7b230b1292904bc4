"""Logs: lines of JSON, nothing secret in them whatever the call, and a folder that cannot be written."""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from app import logs
from domain.errors import Refusal
from tests.builders import make_code_text

CODE = make_code_text()
PASSWORD = "correct-horse-7"
EMAIL = "irina.larina+box@mail.example.org"
PIN = "258046"
HEX_KEY = "0f" * 32
SECRETS = (CODE, PASSWORD, EMAIL, PIN, HEX_KEY)

pytestmark = pytest.mark.logs_expected


@pytest.fixture
def logged(tmp_path: Path) -> Iterator["Logged"]:
    before = logging.getLogger().level
    yield Logged(tmp_path)
    logs.configure(None, "warning", stderr=False)
    logging.getLogger().setLevel(before)
    structlog.reset_defaults()


class Logged:
    """What the log file of a data folder says."""

    def __init__(self, data: Path) -> None:
        self.data = data
        logs.configure(data, "debug", stderr=False)

    @property
    def text(self) -> str:
        return (self.data / logs.LOG_FOLDER / logs.LOG_NAME).read_text(encoding="utf-8")

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


def test_a_line_says_time_level_event_and_what_was_bound(logged: Logged) -> None:
    structlog.get_logger().bind(station="0a0b0c0d").info("sold", order="o-1", duration_ms=12)
    (line,) = logged.lines
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "info",
        "event": "sold",
        "station": "0a0b0c0d",
        "order": "o-1",
        "duration_ms": 12,
    }


def test_records_of_the_standard_library_keep_their_extra_fields(logged: Logged) -> None:
    logging.getLogger("gatehouse.sync").info("sync_failed", extra={"lane": "up", "code": "HUB_UNREACHABLE"})
    (line,) = logged.lines
    assert (line["event"], line["lane"], line["code"]) == ("sync_failed", "up", "HUB_UNREACHABLE")


def test_the_code_of_a_refusal_is_no_secret_but_that_of_a_ticket_is(logged: Logged) -> None:
    structlog.get_logger().info("refused", code="SOLD_OUT")
    structlog.get_logger().info("scanned", code=CODE)
    assert [line["code"] for line in logged.lines] == ["SOLD_OUT", logs.MASK]


def test_the_least_level_is_kept_to(tmp_path: Path, logged: Logged) -> None:
    logs.configure(tmp_path, "warning", stderr=False)
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in logged.lines] == ["loud"]


SENTENCES = (
    f"code {CODE} read", f"scanned:{CODE}.", f"x{CODE}y", CODE.lower(),
    f"dsn host=h password={PASSWORD} user=u", f"password = '{PASSWORD}'", f"password='a \\' {PASSWORD}'",
    f"postgresql://anna:{PASSWORD}@hub.example/db", f"postgresql://anna:p@{PASSWORD}@hub/db",
    f'{{"password": "{PASSWORD}"}}', f"{{'pin': {PIN}}}", f"PIN {PIN} wrong", f"pin={PIN}",
    f"Authorization: Bearer {PASSWORD}", f"token: {PASSWORD}", f"<{EMAIL}>", f"mail to {EMAIL}, please",
    f"key {HEX_KEY}", HEX_KEY.upper(),
)  # fmt: skip


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_secret_inside_a_sentence_is_masked(sentence: str) -> None:
    shown = logs.redact_text(sentence).lower()
    assert not any(secret.lower() in shown for secret in SECRETS)
    assert "larina" not in shown


def test_the_rest_of_a_sentence_stays_readable() -> None:
    assert logs.redact_text("pushed 12 entries to hub 10.0.0.1:5432 in 3 ms") == (
        "pushed 12 entries to hub 10.0.0.1:5432 in 3 ms"
    )
    assert logs.redact_text("postgresql://anna:x@hub/db") == f"postgresql://anna:{logs.MASK}@hub/db"


NAMES = st.sampled_from(
    [
        "pin",
        "new_pin",
        "password",
        "hub_password",
        "secret",
        "token",
        "seed",
        "store_key",
        "passphrase",
        "code",
        "codes",
        "name",
        "names",
        "guest_name",
        "email",
        "emails",
        "phone",
        "authorization",
        "PIN",
        "Password",
    ]
)
VALUE = st.sampled_from(
    [*SECRETS, int(PIN), PASSWORD.encode(), Path(PASSWORD), {"value": PASSWORD}, [CODE, int(PIN)]]
)
SHAPED = st.sampled_from([CODE, EMAIL, HEX_KEY, f"password={PASSWORD}", f"u://a:{PASSWORD}@h", f"pin={PIN}"])
WRAP = st.sampled_from(
    [
        lambda value: value,
        lambda value: [value],
        lambda value: {"inner": value},
        lambda value: (1, {"a": [value]}),
        lambda value: f"«{value}»" if isinstance(value, str) else value,
        Exception,
    ]
)


@given(
    named=st.dictionaries(NAMES, VALUE, max_size=4),
    shaped=st.lists(st.tuples(SHAPED, WRAP), max_size=4),
    before=st.text(alphabet="abc xyz(", max_size=5),
    how=st.sampled_from(["structlog", "stdlib", "exception"]),
)
def test_no_secret_reaches_a_line_whatever_the_call(
    tmp_path_factory: pytest.TempPathFactory,
    named: dict[str, Any],
    shaped: list[tuple[str, Any]],
    before: str,
    how: str,
) -> None:
    data = tmp_path_factory.getbasetemp() / "redaction"
    logs.configure(data, "debug", stderr=False)
    path = data / logs.LOG_FOLDER / logs.LOG_NAME
    start = path.stat().st_size
    free = {f"detail{at}": wrap(value) for at, (value, wrap) in enumerate(shaped)}
    message = before + " " + " ".join(value for value, _ in shaped)
    if how == "structlog":
        structlog.get_logger().info(message, **named, **free)
    elif how == "stdlib":
        extra = {key: value for key, value in named.items() if key != "name"} | free
        logging.getLogger("x").warning("%s and %s", message, [value for value, _ in shaped], extra=extra)
    else:
        error = Refusal("X", text=message)
        structlog.get_logger().error("bug", exc_info=error, **named)
    text = path.read_bytes()[start:].decode()
    logs.configure(None, "warning", stderr=False)
    structlog.reset_defaults()
    assert text
    for line in text.splitlines():
        json.loads(line)
    for secret in SECRETS:
        assert secret not in text


def test_a_full_file_is_put_aside_and_only_so_many_are_kept(
    tmp_path: Path, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 2000)
    monkeypatch.setattr(logs, "FILES", 3)
    logs.configure(tmp_path, "info", stderr=False)
    for number in range(100):
        structlog.get_logger().info("line", number=number, filler="x" * 50)
    files = sorted((tmp_path / logs.LOG_FOLDER).iterdir())
    assert [file.name for file in files] == ["gatehouse.jsonl", "gatehouse.jsonl.1", "gatehouse.jsonl.2"]
    assert all(file.stat().st_size <= 2000 for file in files)
    assert logged.lines[-1]["number"] == 99


def test_a_folder_that_cannot_be_written_costs_the_file_and_is_said_once(
    tmp_path: Path, logged: Logged, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file is in the way")
    logs.configure(blocked, "info")
    structlog.get_logger().info("goes on")
    structlog.get_logger().info("goes on")
    assert capsys.readouterr().err.count("no log file") == 1
    (tmp_path / "other" / logs.LOG_FOLDER / logs.LOG_NAME).mkdir(parents=True)
    logs.configure(tmp_path / "other", "info")
    structlog.get_logger().info("goes on")
    said = capsys.readouterr().err
    assert said.count("no log file") == 1
    assert "Traceback" not in said


def test_a_file_that_breaks_in_the_middle_is_said_once_and_stops_nothing(
    logged: Logged, capsys: pytest.CaptureFixture[str]
) -> None:
    (handler,) = [one for one in logging.getLogger().handlers if getattr(one, "gatehouse", False)]
    assert isinstance(handler, logging.FileHandler)
    handler.stream.close()
    for _ in range(3):
        structlog.get_logger().info("goes on")
    said = capsys.readouterr().err
    assert said.count("no log file") == 1
    assert "Traceback" not in said
    handler.stream = (logged.data / "rest").open("w")


def test_people_read_warnings_on_standard_error_without_secrets(
    tmp_path: Path, logged: Logged, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(tmp_path, "info", stderr=True)
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud", pin=PIN, note=EMAIL)
    said = capsys.readouterr().err
    assert "loud" in said
    assert "quiet" not in said
    assert PIN not in said
    assert EMAIL not in said
    assert sys.stderr is not None


def test_configuring_again_replaces_the_handlers(tmp_path: Path, logged: Logged) -> None:
    for _ in range(3):
        logs.configure(tmp_path, "info", stderr=False)
    structlog.get_logger().info("once")
    assert [line["event"] for line in logged.lines] == ["once"]
