"""Answers of the hub are read strictly: more is ignored, less or other is a fault with the field."""

import copy
import hashlib
import os

import psycopg
import pytest

from domain.errors import Fault
from domain.ticket_code import SigningKey
from sync.hub_client import HubClient, read_pages
from sync.hub_errors import Kind, kind_of, statement_fault
from sync.messages import Denied, HelloReply, PushReply, read_hello, read_push
from sync.ports import Cursor
from tests.journal import Journal

STANDING = {
    "hub_at": "2026-11-21T12:00:00.000Z",
    "hub_ms": 5,
    "retry_after_ms": 0,
    "max_batch": 200,
    "max_bytes": 262144,
    "leases": {"version": 0, "items": []},
    "rights": {"version": 0, "items": [{"order": "o"}]},
}
HELLO = STANDING | {
    "incarnation": "hub/1",
    "schema": "0001",
    "mode": "normal",
    "organization": "org",
    "tip": {"epoch": 1, "seq": 3, "hash": "ab" * 32},
}
PUSH = STANDING | {
    "acked": {"epoch": 1, "seq": 3, "hash": "ab" * 32},
    "outcomes": [{"seq": 3, "outcome": "held", "code": "UNKNOWN_KIND", "entry_id": "x"}],
}


def field_of(action, *arguments) -> object:
    with pytest.raises(Fault) as fault:
        action(*arguments)
    assert fault.value.code == "HUB_REPLY"
    return fault.value.params["field"]


def test_good_answers_are_read_and_what_is_unknown_is_ignored() -> None:
    hello = read_hello(HELLO | {"news": {"of": ["tomorrow"]}})
    assert isinstance(hello, HelloReply)
    assert hello.tip.seq == 3
    push = read_push(PUSH | {"news": 1})
    assert isinstance(push, PushReply)
    assert push.outcomes[0].outcome == "held"


def test_a_refusal_is_read_with_its_plain_parameters() -> None:
    assert read_push({"code": "FORK", "seq": 3, "tip": {"seq": 1}}) == Denied("FORK", {"seq": 3})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("hub_ms",), "5"),
        (("hub_ms",), True),
        (("hub_ms",), -1),
        (("hub_ms",), 1.5),
        (("hub_ms",), None),
        (("tip",), []),
        (("tip", "seq"), None),
        (("tip", "hash"), "ab"),
        (("tip", "hash"), "zz" * 32),
        (("leases", "items"), {}),
        (("rights", "items"), [1]),
        (("incarnation",), 7),
    ],
)
def test_a_field_of_another_type_is_a_fault_that_names_it(path: tuple[str, ...], value: object) -> None:
    answer = copy.deepcopy(HELLO)
    place = answer
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert str(field_of(read_hello, answer)).startswith(".".join(path))


@pytest.mark.parametrize("name", sorted(HELLO.keys() - {"hub_at"}))
def test_every_field_of_hello_is_needed(name: str) -> None:
    assert str(field_of(read_hello, {key: value for key, value in HELLO.items() if key != name}))


@pytest.mark.parametrize("answer", [None, [], "text", 5])
def test_an_answer_that_is_no_object_is_a_fault(answer: object) -> None:
    assert field_of(read_push, answer) == "reply"


def rows(journal: Journal, feed: str = "org") -> list[tuple]:
    made, running = [], bytes(32)
    for position, e in enumerate(journal.entries, 1):
        running = hashlib.sha256(running + e.hash).digest()
        made.append(
            (None, feed, position, e.station, e.epoch, e.seq, e.content, e.prev_hash, e.hash, e.sig, running)
        )
    return made


def journal(count: int = 3) -> Journal:
    made = Journal("aaaa0001", SigningKey.from_seed(os.urandom(32)))
    for _ in range(count):
        made.add()
    return made


def test_pages_carry_the_cursor_after_their_last_entry() -> None:
    source = journal()
    (page,) = read_pages(rows(source), {})
    assert page.entries == source.entries
    assert page.cursor == Cursor(3, rows(source)[-1][-1])


def test_a_page_that_does_not_continue_its_cursor_is_a_fault() -> None:
    made = rows(journal())
    assert field_of(read_pages, made[1:], {}) == "position"
    assert field_of(read_pages, [made[0], made[2]], {}) == "position"
    assert field_of(read_pages, made, {"org": Cursor(0, os.urandom(32))}) == "feed_hash"


def test_what_is_no_entry_is_set_aside_and_the_rest_of_the_page_stays() -> None:
    source = journal()
    made = rows(source)
    made[1] = (*made[1][:6], made[1][6].replace('"v":1', '"v": 1'), *made[1][7:])
    (page,) = read_pages(made, {})
    assert page.entries == [source.entries[0], source.entries[2]]
    assert [(each.position, each.seq) for each in page.damaged] == [(2, 2)]
    assert page.cursor.position == 3


@pytest.mark.parametrize(("column", "name"), [(1, "feed"), (5, "seq"), (6, "content"), (8, "hash")])
def test_a_row_with_a_wrong_type_is_a_fault(column: int, name: str) -> None:
    made = [list(row) for row in rows(journal(1))]
    made[0][column] = None
    assert field_of(read_pages, [tuple(made[0])], {}) == name
    assert field_of(read_pages, [tuple(made[0][:5])], {}) == "row"


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (psycopg.errors.AdminShutdown, "HUB_UNREACHABLE", Kind.RETRY),
        (psycopg.errors.CrashShutdown, "HUB_UNREACHABLE", Kind.RETRY),
        (psycopg.OperationalError, "HUB_UNREACHABLE", Kind.RETRY),
        (psycopg.errors.SerializationFailure, "HUB_BUSY", Kind.RETRY),
        (psycopg.errors.DeadlockDetected, "HUB_BUSY", Kind.RETRY),
        (psycopg.errors.LockNotAvailable, "HUB_BUSY", Kind.RETRY),
        (psycopg.errors.QueryCanceled, "HUB_BUSY", Kind.RETRY),
        (psycopg.errors.TooManyConnections, "HUB_BUSY", Kind.RETRY),
        (psycopg.errors.DiskFull, "HUB_BUSY", Kind.RETRY),
        (psycopg.errors.ReadOnlySqlTransaction, "HUB_STANDBY", Kind.RETRY),
        (psycopg.errors.UndefinedFunction, "HUB_OUTDATED", Kind.REFUSED),
        (psycopg.errors.InsufficientPrivilege, "HUB_RIGHTS", Kind.REFUSED),
        (psycopg.errors.DivisionByZero, "HUB_ERROR", Kind.RETRY),
    ],
)
def test_an_error_is_judged_by_its_sqlstate(error: type[psycopg.Error], code: str, kind: Kind) -> None:
    fault = statement_fault(error("words that nobody reads"))
    assert (fault.code, kind_of(fault.code)) == (code, kind)


def test_a_connection_string_that_is_none_is_a_fault() -> None:
    with pytest.raises(Fault) as fault:
        HubClient.connect("host=a nonsense", "x", "test")
    assert fault.value.code == "HUB_DSN"


def test_a_port_where_nobody_listens_is_unreachable() -> None:
    with pytest.raises(Fault) as fault:
        HubClient.connect("host=127.0.0.1 port=1 dbname=x user=x", "x", "test")
    assert fault.value.code == "HUB_UNREACHABLE"
