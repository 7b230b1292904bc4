"""Documents of real stations through a real hub: names that show elsewhere, and that go for good."""

import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from app.store.documents import TAMPERED
from domain.actor import SYSTEM, Role
from domain.documents import MAX_BYTES, Reason
from domain.entry import Draft
from domain.errors import Refusal
from domain.ids import uuid4
from sync import hub_admin, hub_backup
from sync.document_lane import DocumentLane
from sync.documents import DocumentExchange
from sync.hub_client import HubClient
from sync.hub_server import FORGETFUL, open_server
from tests.hub.stations import RealStation, joined
from tests.postgres import ROOT, Hub

NAME = "Ludmila Gurchenko"
PAGE, RESERVED = 4096, 80
"""SQLCipher 4: the initialization vector and the HMAC lie at the end of each page."""
NOW = datetime.now(UTC)


@pytest.fixture
def pair(hub: Hub, tmp_path: Path) -> Iterator[tuple[RealStation, RealStation]]:
    one, two = joined(hub, tmp_path, "Till 1", "A"), joined(hub, tmp_path, "Till 2", "B")
    yield one, two
    for station in (one, two):
        station.close()


def hire(station: RealStation, login: str = "anna", name: str = NAME) -> str:
    return station.station.services.add_user(login, name, [Role.CASHIER], None, SYSTEM)


def erase(station: RealStation, login: str = "anna") -> int:
    return station.station.services.erase_person(login, SYSTEM)


def names(station: RealStation) -> dict[str, str]:
    with station.store.read() as read:
        return {person.login: person.name for person in read.people()}


def put(station: RealStation, kind: str, feed: str, content: Any, document: str | None = None) -> str:
    document = document or uuid4(os.urandom)
    with station.store.begin() as work:
        known_hash = work.put_document(document, kind, feed, content)
        named = {"document": document, "document_hash": known_hash, "kind": kind}
        work.append(Draft("document_written", (feed,), {"documents": [named]}), SYSTEM)
        work.commit()
    return document


def sync(*stations: RealStation) -> None:
    assert [station.sync() for station in stations] == [None] * len(stations)


def in_file(station: RealStation, text: str) -> list[str]:
    """Tables of a station's file, decrypted, that hold a text anywhere."""
    found = []
    with station.store._core.reading() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'table'").scalars()
        for table in tables.all():
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"').all()
            if any(text.encode() in _bytes(value) for row in rows for value in row):
                found.append(table)
    return found


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def in_pages(station: RealStation, text: str) -> bool:
    """Whether the text is anywhere in the decrypted pages, free ones included."""
    with station.store._core.writing() as work:
        raw = work.connection.connection.driver_connection
        raw.execute("ROLLBACK")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.execute("BEGIN IMMEDIATE")
    content = (station.folder / "station.db").read_bytes()
    plain = b""
    for start in range(0, len(content), PAGE):
        page = content[start : start + PAGE]
        cipher = Cipher(algorithms.AES(station.store._core.key), modes.CBC(page[PAGE - RESERVED :][:16]))
        first = 16 if start == 0 else 0  # the salt of the file
        plain += cipher.decryptor().update(page[first : PAGE - RESERVED])
    assert b"CREATE TABLE document_name" in plain
    return text.encode() in plain


def at_hub(hub: Hub, text: str) -> list[str]:
    """Tables of the hub that hold a text anywhere."""
    needle = text.encode().hex()
    with hub.admin() as admin:
        tables = admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'hub'").fetchall()
        return [
            table
            for (table,) in tables
            if admin.execute(
                f"SELECT 1 FROM hub.{table} t WHERE t::text LIKE %s OR t::text LIKE %s LIMIT 1".encode(),
                (f"%{text}%", f"%{needle}%"),
            ).fetchone()
        ]


def test_a_name_given_here_shows_at_the_other_till(pair: tuple[RealStation, RealStation]) -> None:
    one, two = pair
    hire(one)
    assert one.store.documents.waiting() == 1
    sync(one, two)
    assert names(two) == {"anna": NAME}
    assert (one.store.documents.waiting(), two.store.documents.waiting()) == (0, 0)
    assert one.station.exchange._last.documents == 0


def test_an_erased_person_is_gone_from_both_files_and_the_hub(
    hub: Hub, pair: tuple[RealStation, RealStation]
) -> None:
    one, two = pair
    user = hire(one)
    put(one, "password_verifier", "org", {"user": user, "verifier": f"$argon2id$ of {NAME}"})
    put(one, "person", "org", {"user": "somebody else", "name": "Otto"})
    sync(one, two)
    assert (in_file(one, NAME), in_file(two, NAME), at_hub(hub, NAME)) == (
        ["document"],
        ["document"],
        ["document"],
    )

    assert erase(two) == 2
    assert erase(two) == 0
    assert names(two) == {"anna": "anna"}
    sync(two, one)
    assert names(one) == {"anna": "anna"}
    for station in pair:
        assert in_file(station, NAME) == []
        assert in_file(station, "Otto") == ["document"]
        assert station.store.verify().problems == []
    assert at_hub(hub, NAME) == []
    with one.store.read() as read:
        assert read.document_erased(user)
        assert read.document(user) is None
    with pytest.raises(Refusal) as refused, one.store.begin() as work:
        work.put_document(user, "person", "org", {"user": user, "name": NAME})
    assert refused.value.code == "DOCUMENT_ERASED"


def test_nothing_of_an_erased_name_is_left_in_free_pages(pair: tuple[RealStation, RealStation]) -> None:
    one, _ = pair
    document = put(one, "person", "org", {"user": "x", "name": NAME * 3000})
    assert in_pages(one, NAME)
    with one.store.begin() as work:
        work.erase_document(document, "person", "org", Reason.REQUEST, SYSTEM)
        work.commit()
    assert not in_pages(one, NAME)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Hub]:
    """A hub with a server of its own, since it will be torn down and restored."""
    folder = Path(tempfile.mkdtemp(prefix="gh-doc-"))
    folder.chmod(0o755)
    server = open_server(folder / "data", settings=FORGETFUL)
    server.start()
    hub_admin.create_database(server.dsn(), "gatehouse")
    hub_admin.init(
        server.dsn("gatehouse"), name="Riverside", root=ROOT.public, now=NOW, random_bytes=os.urandom
    )
    yield Hub(server, "gatehouse")
    server.stop("immediate")
    shutil.rmtree(folder)


def test_an_erasure_outlives_an_older_backup_and_a_till_that_still_has_the_name(
    own: Hub, tmp_path: Path
) -> None:
    one, two = joined(own, tmp_path, "Till 1", "A"), joined(own, tmp_path, "Till 2", "B")
    stale = joined(own, tmp_path, "Till 3", "C")
    hire(one)
    sync(one, two, stale)
    made = hub_backup.snapshot(own.server, tmp_path / "backups", NOW)
    erase(one)
    later = put(one, "person", "org", {"user": "x", "name": "Otto"})
    sync(one, two)
    assert at_hub(own, NAME) == []

    own.server.stop("immediate")
    hub_backup.restore(made.folder, own.server)
    open_server(own.server.data, settings=FORGETFUL, port=own.server.port).start()
    hub_backup.restore_done(own.dsn, [])
    assert at_hub(own, NAME) == ["document"], "the backup has it again"
    new = joined(own, tmp_path, "Till 4", "D")
    sync(new)
    assert in_file(new, NAME) == [], "a hub that recovers shows nobody what may have been erased"
    sync(stale)
    assert in_file(stale, NAME) == ["document"]
    sync(two)
    sync(one)
    assert hub_backup.recovery(own.dsn).mode == "normal"
    assert at_hub(own, NAME) == []
    sync(stale, two, one, new)
    sync(stale, two, one, new)
    for station in (one, two, stale, new):
        assert in_file(station, NAME) == []
        with station.store.read() as read:
            assert read.document(later) == {"user": "x", "name": "Otto"}, "what the backup forgot came again"
        assert station.store.verify().problems == []
        station.close()
    assert at_hub(own, NAME) == []


def test_an_erasure_of_a_station_that_never_comes_back_hides_the_document_until_it_is_released(
    hub: Hub, pair: tuple[RealStation, RealStation], tmp_path: Path
) -> None:
    one, two = pair
    user = hire(one)
    sync(one, two)
    content = f'{{"body":{{"document":"{user}"}},"kind":"document_erased"}}'
    with hub.admin() as admin:
        admin.execute(
            "INSERT INTO hub.inbox (station, epoch, seq, hash, prev_hash, sig, content, brought_by)"
            " VALUES ('0000000a', 1, 1, '', '', '', %s, %s)",
            (content, two.id),
        )
    third = joined(hub, tmp_path, "Till 3", "C")
    sync(third)
    assert names(third) == {"anna": "anna"}
    third.close()


def test_content_that_was_changed_at_the_hub_is_kept_apart(
    hub: Hub, pair: tuple[RealStation, RealStation]
) -> None:
    one, two = pair
    user = hire(one)
    other = hire(one, "otto", "Otto")
    sync(one)
    with hub.admin() as admin:
        admin.execute("UPDATE hub.document SET content = %s, size = 3 WHERE document = %s", (b"Eve", user))
        nonce = bytes(32)
        forged = b'{"user":"' + other.encode() + b'","name":"Eve"}'
        admin.execute(
            "UPDATE hub.document SET content = %s, size = %s, nonce = %s, hash = %s WHERE document = %s",
            (forged, len(forged), nonce, hashlib.sha256(nonce + forged).digest(), other),
        )
    sync(two)
    assert names(two) == {"anna": "anna", "otto": "otto"}, "neither is shown"
    assert two.store.documents.aside() == (1, 1)
    with two.store._core.reading() as connection:
        rows = connection.exec_driver_sql("SELECT document FROM document_aside WHERE code = ?", (TAMPERED,))
        assert rows.scalars().all() == [user]
    assert two.store.verify().problems == []


def test_ten_megabytes_reach_the_other_till_and_more_is_refused(
    pair: tuple[RealStation, RealStation],
) -> None:
    one, two = pair
    content = os.urandom(MAX_BYTES)
    picture = put(one, "picture", "org", content)
    with pytest.raises(Refusal) as refused:
        put(one, "picture", "org", content + b"!")
    assert (refused.value.code, dict(refused.value.params)) == (
        "DOCUMENT_TOO_LARGE", {"size": MAX_BYTES + 1, "most": MAX_BYTES},
    )  # fmt: skip
    sync(one, two)
    with two.store.read() as read:
        assert read.document_bytes(picture) == content


def client_of(station: RealStation) -> HubClient:
    from app.bootstrap import HUB_DSN

    return HubClient.connect(station.store.local_setting(HUB_DSN), station.store.hub_password(), "test")


def cut_after(calls: int, cut: Callable[[], None]) -> Callable[[], bool]:
    """A `go_on` that ends the connection after so many questions."""
    left = iter(range(calls))

    def go_on() -> bool:
        if next(left, None) is None:
            cut()
        return True

    return go_on


def test_a_connection_that_is_cut_costs_only_the_piece_that_was_under_way(
    hub: Hub, pair: tuple[RealStation, RealStation]
) -> None:
    one, two = pair
    content = os.urandom(2_000_000)
    picture = put(one, "picture", "org", content)
    sync_entries_only(one)
    lane = DocumentLane(DocumentExchange(one.store.documents))
    from sync.steps import Lane

    client = client_of(one)
    assert lane.rest(Lane.UP, client, 0, cut_after(3, client.close))
    client.close()
    with hub.admin() as admin:
        (there,) = admin.execute("SELECT sum(octet_length(content)) FROM hub.document_part").fetchone()
    assert 0 < there < len(content)
    assert one.store.documents.waiting() == 1
    sync(one)
    client = client_of(two)
    sync_entries_only(two)
    assert DocumentLane(DocumentExchange(two.store.documents)).rest(
        Lane.DOWN, client, 0, cut_after(2, client.close)
    )
    with two.store.read() as read:
        assert read.document(picture) is None
    sync(two)
    with two.store.read() as read:
        assert read.document_bytes(picture) == content


def sync_entries_only(station: RealStation) -> None:
    exchange = station.station.exchange
    kept, exchange._documents = exchange._documents, None
    try:
        sync(station)
    finally:
        exchange._documents = kept


def test_documents_that_fail_delay_no_entry(hub: Hub, pair: tuple[RealStation, RealStation]) -> None:
    one, two = pair
    hire(one)
    with hub.admin() as admin:
        admin.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA api_1 FROM gatehouse_station")
        admin.execute(
            "DO $$ DECLARE f regprocedure; BEGIN FOR f IN SELECT p.oid::regprocedure FROM pg_proc p"
            " WHERE pronamespace = 'api_1'::regnamespace AND proname !~ 'document' LOOP"
            " EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO gatehouse_station', f); END LOOP; END $$"
        )
    one.write(7)
    sync(one, two)
    assert "n7" in two.settings_seen()
    assert names(two) == {"anna": "anna"}
    assert one.store.documents.waiting() == 1


def test_a_gate_has_names_and_no_customers(
    hub: Hub, pair: tuple[RealStation, RealStation], tmp_path: Path
) -> None:
    one, _ = pair
    hire(one)
    customer = put(one, "customer", "desk", {"name": "Eve Guest"})
    sync(one)
    _, text = hub.invite("Gate 1", "G", ("event:1", "org"))
    gate = RealStation(tmp_path / "G", text)
    sync(gate)
    assert names(gate) == {"anna": NAME}
    assert in_file(gate, "Eve Guest") == []
    with gate.store.read() as read:
        assert read.document(customer) is None
    gate.close()


def test_a_customer_written_by_a_till_that_does_not_follow_the_desk_does_not_stay_there(
    hub: Hub, pair: tuple[RealStation, RealStation], tmp_path: Path
) -> None:
    """It would never hear of an erasure in a feed that it does not follow."""
    one, _ = pair
    _, text = hub.invite("Till 3", "C", ("cash", "event:1", "org"))
    till = RealStation(tmp_path / "C", text)
    customer = put(till, "customer", "desk", {"name": "Eve Guest"})
    sync(till, one)
    with one.store.read() as read:
        assert read.document(customer) == {"name": "Eve Guest"}
    assert in_file(till, "Eve Guest") == []
    till.close()


def test_a_secret_leaves_the_station_that_wrote_it_and_reaches_the_one_named_for_it(
    hub: Hub, pair: tuple[RealStation, RealStation]
) -> None:
    from sync.hub_document_rights import grant

    one, two = pair
    secret = put(one, "secret", "org", {"smtp": "hunter22"})
    sync(one, two)
    assert (in_file(one, "hunter22"), in_file(two, "hunter22")) == ([], [])
    grant(hub.dsn, "Till 2", "secret", on=True)
    sync(two)
    with two.store.read() as read:
        assert read.document(secret) == {"smtp": "hunter22"}
    grant(hub.dsn, "Till 2", "secret", on=False)
    sync(two)
    assert in_file(two, "hunter22") == []


def test_the_edit_that_was_made_later_counts_at_both(pair: tuple[RealStation, RealStation]) -> None:
    one, two = pair
    document = put(one, "person", "org", {"name": "first"})
    sync(one, two)
    put(two, "person", "org", {"name": "second"}, document)
    written = time.time_ns()
    while (
        time.time_ns() < written + 5_000_000
    ):  # stations that have not met order nothing within a millisecond
        pass
    put(one, "person", "org", {"name": "third"}, document)
    sync(two, one, two, one)
    for station in pair:
        with station.store.read() as read:
            assert read.document(document) == {"name": "third"}
        assert station.store.documents.aside() == (0, 0)


def test_documents_that_waited_go_along_into_the_next_epoch(hub: Hub, tmp_path: Path) -> None:
    from app.bootstrap import enrol_station

    one = joined(hub, tmp_path, "Till 1", "A")
    sync(one)
    hire(one)
    _, text = hub_admin.invite(
        hub.dsn, name="Till 1", prefix="A", scope="*", root=ROOT, now=datetime.now(UTC),
        random_bytes=os.urandom, again=True,
    )  # fmt: skip
    one.station.close()
    one.station = enrol_station(one.folder, one.settings, text)
    sync(one)
    two = joined(hub, tmp_path, "Till 2", "B")
    sync(two)
    assert names(two) == {"anna": NAME}
    one.close()
    two.close()


def test_a_name_travels_while_both_tills_run(pair: tuple[RealStation, RealStation]) -> None:
    one, two = pair
    for station in pair:
        station.station.start_sync()
    pause = threading.Event()
    hire(one)
    one.station.exchange.nudge()
    for _ in range(4000):  # two idle pauses and more
        if names(two).get("anna") == NAME:
            break
        pause.wait(0.02)
    assert names(two) == {"anna": NAME}
    assert erase(two) == 1
    for _ in range(1500):
        if names(one) == {"anna": "anna"}:
            break
        pause.wait(0.02)
    assert names(one) == {"anna": "anna"}


def test_the_reasons_are_the_only_thing_that_is_kept(pair: tuple[RealStation, RealStation]) -> None:
    one, _ = pair
    document = put(one, "customer", "desk", {"name": "Eve"})
    with one.store.begin() as work:
        work.erase_document(document, "customer", "desk", Reason.RETENTION, SYSTEM)
        work.commit()
    with one.store._core.reading() as connection:
        rows = connection.exec_driver_sql("SELECT document, reason FROM document_erasure").all()
        left = connection.exec_driver_sql("SELECT content, nonce, hash, tombstone FROM document").all()
    assert [tuple(row) for row in rows] == [(document, "RETENTION")]
    assert [tuple(row) for row in left] == [(b"", b"", b"", 1)]
