"""Two copies of one journal brought by others, and a station that joins over what others brought of it."""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app import joining as joining_alone
from app.bootstrap import create_station, enrol_station, open_keystore, open_station
from app.settings import Settings
from app.store.new_epoch import rotate
from domain import joining
from domain.actor import SYSTEM
from domain.entry import Draft, Entry
from domain.errors import Fault
from domain.joining import Announced, EpochKey, JoinRequest
from domain.ticket_code import SigningKey
from sync import enrolment, hub_inbox
from sync.enrolment import Enrolled
from sync.hub_client import HubClient
from sync.hub_inbox import Released
from sync.hub_joining import invite_joining
from sync.messages import Denied, PushReply
from tests.journal import Journal
from tests.postgres import ROOT, Hub

pytestmark = pytest.mark.hub

LONE = "cccc0001"
EVENT = 100
WRITTEN = 9


def now() -> datetime:
    return datetime.now(UTC)


def client_of(enrolled: Enrolled) -> HubClient:
    return HubClient.connect(enrolled.dsn, enrolled.password, "test")


@pytest.fixture
def bearer(hub: Hub) -> Iterator[HubClient]:
    """Whoever brings the entries of others; it has none of its own."""
    client = client_of(hub.join("Till 9", "Z"))
    yield client
    client.close()


def journal_at(hub: Hub, station: str, epoch: int = 1) -> list[tuple[int, bytes, str, int]]:
    """What the hub has of a journal: seq, hash, state, and in how many feeds it stands."""
    with hub.admin() as admin:
        return admin.execute(
            "SELECT l.seq, l.hash, l.state, (SELECT count(*) FROM hub.feed_log f WHERE f.station = l.station"
            " AND f.epoch = l.epoch AND f.seq = l.seq) FROM hub.station_log l"
            " WHERE l.station = %s AND l.epoch = %s ORDER BY l.seq",
            (station, epoch),
        ).fetchall()


def as_written(entries: Sequence[Entry]) -> list[tuple[int, bytes, str, int]]:
    return [(entry.seq, entry.hash, "ok", 1) for entry in entries]


def tip_at(hub: Hub, station: str, epoch: int = 1) -> tuple[int, bytes]:
    with hub.admin() as admin:
        found = admin.execute(
            "SELECT seq, hash FROM hub.station_tip WHERE station = %s AND epoch = %s", (station, epoch)
        ).fetchone()
    assert found is not None
    return found


def count(hub: Hub, table: str) -> int:
    with hub.admin() as admin:
        found = admin.execute(f"SELECT count(*) FROM hub.{table}".encode()).fetchone()
    return found[0] if found else 0


def inbox(hub: Hub, entry: Entry) -> tuple[str, str | None]:
    with hub.admin() as admin:
        found = admin.execute(
            "SELECT state, code FROM hub.inbox WHERE station = %s AND hash = %s", (entry.station, entry.hash)
        ).fetchone()
    assert found is not None
    return found


def twin_of(journal: Journal, shared: int, written: int) -> Journal:
    """A copy of the same file that went on in its own way behind `shared` entries."""
    twin = Journal(journal.station, journal.key, journal.epoch, journal.entries[:shared])
    for number in range(written):
        twin.add(body={"values": {"twin": number}})
    return twin


class TestTwoCopies:
    """Three entries are at the hub; then there are two files, and nobody pushes: others bring them."""

    @pytest.fixture
    def owner(self, hub: Hub) -> Iterator[tuple[Journal, HubClient]]:
        enrolled = hub.join("Till 1", "A")
        journal, client = Journal(enrolled.station, SigningKey.from_seed(enrolled.seed)), client_of(enrolled)
        for _ in range(8):
            journal.add()
        assert isinstance(client.push(journal.entries[:3]), PushReply)
        yield journal, client
        client.close()

    @pytest.fixture
    def copies(self, owner: tuple[Journal, HubClient]) -> tuple[Journal, Journal]:
        """The one whose next entry has the smaller hash first."""
        twin = twin_of(owner[0], 3, 5)
        taken, other = sorted((owner[0], twin), key=lambda each: each.entries[3].hash)
        return taken, other

    def test_one_is_in_the_journal_and_goes_on_and_the_other_is_refused(
        self, hub: Hub, bearer: HubClient, owner: tuple[Journal, HubClient], copies: tuple[Journal, Journal]
    ) -> None:
        taken, other = copies
        bearer.bring([other.entries[3], taken.entries[3]])
        assert hub_inbox.release(hub.dsn) == Released(released=1, known=0, refused=0, waiting=1)
        assert (inbox(hub, taken.entries[3]), inbox(hub, other.entries[3])) == (
            ("released", None),
            ("waiting", None),
        )
        assert journal_at(hub, taken.station) == as_written(taken.entries[:4])
        assert tip_at(hub, taken.station) == (4, taken.entries[3].hash)

        bearer.bring([other.entries[4], taken.entries[4]])
        assert hub_inbox.release(hub.dsn) == Released(released=1, known=0, refused=1, waiting=1)
        assert inbox(hub, other.entries[3]) == ("refused", "FORK")
        reply = owner[1].push(taken.entries[3:8])
        assert isinstance(reply, PushReply)
        assert (reply.acked.seq, reply.outcomes) == (8, [])
        assert hub_inbox.release(hub.dsn) == Released(released=0, known=0, refused=1, waiting=0)
        assert journal_at(hub, taken.station) == as_written(taken.entries)
        assert count(hub, "quarantine") == 0

    def test_whole_copies_may_come_at_once_and_only_what_was_appended_is_released(
        self, hub: Hub, bearer: HubClient, copies: tuple[Journal, Journal]
    ) -> None:
        taken, other = copies
        bearer.bring([each.entries[at] for at in range(3, 8) for each in copies])
        assert hub_inbox.release(hub.dsn) == Released(released=5, known=0, refused=0, waiting=5)
        assert journal_at(hub, taken.station) == as_written(taken.entries)
        assert hub_inbox.release(hub.dsn) == Released(released=0, known=0, refused=5, waiting=0)
        assert {inbox(hub, entry) for entry in taken.entries[3:]} == {("released", None)}
        assert {inbox(hub, entry) for entry in other.entries[3:]} == {("refused", "FORK")}
        assert count(hub, "quarantine") == 0

    def test_the_owner_of_the_other_copy_is_told_of_the_fork(
        self, hub: Hub, bearer: HubClient, owner: tuple[Journal, HubClient], copies: tuple[Journal, Journal]
    ) -> None:
        taken, other = copies
        bearer.bring([taken.entries[3], other.entries[3]])
        hub_inbox.release(hub.dsn)
        said = owner[1].push(other.entries[3:6])
        assert isinstance(said, Denied)
        assert said.code == "FORK"
        assert journal_at(hub, taken.station) == as_written(taken.entries[:4])


class Lone:
    """A station with a former epoch that has joined, of which the hub has nothing yet."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.former = Journal(LONE, SigningKey.from_seed(os.urandom(32)))
        for _ in range(WRITTEN):
            self.former.add()
        seed = os.urandom(32)
        epochs = (
            EpochKey(1, self.former.key.public, WRITTEN),
            EpochKey(2, SigningKey.from_seed(seed).public, 0),
        )
        request = JoinRequest(LONE, "Till 5", "K5", None, epochs)
        file, _ = invite_joining(hub.dsn, request, root=ROOT, now=now(), random_bytes=os.urandom)
        made = enrolment.prepare(file, now(), os.urandom, seed)
        self.client = client_of(enrolment.join(file, made, None, Announced(2, 0, [EVENT], {})))

    def islands(self, bearer: HubClient, *seqs: int, journal: Journal | None = None) -> None:
        """Others bring some of the former epoch, and somebody looks at the inbox."""
        bearer.bring([(journal or self.former).entries[seq - 1] for seq in seqs])
        assert hub_inbox.release(self.hub.dsn).released == len(seqs)

    def bring(self, first: int, last: int, journal: Journal | None = None) -> dict | Denied:
        answer = self.client.bring_history((journal or self.former).entries[first - 1 : last])
        return answer if isinstance(answer, Denied) else dict(answer["tip"])

    @property
    def is_waited_for(self) -> bool:
        with self.hub.admin() as admin:
            found = admin.execute("SELECT hub.is_joining(%s)", (EVENT,)).fetchone()
        return bool(found and found[0])


class TestJoining:
    @pytest.fixture
    def lone(self, hub: Hub) -> Iterator[Lone]:
        made = Lone(hub)
        yield made
        made.client.close()

    @pytest.mark.parametrize("batch", [1, 2, 4, WRITTEN])
    @pytest.mark.parametrize("there", [(5, 6), (2, 4, 6, 8), (8, 9), (2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 5, 7)])
    def test_what_others_brought_is_passed_over(
        self, hub: Hub, bearer: HubClient, lone: Lone, there: tuple[int, ...], batch: int
    ) -> None:
        lone.islands(bearer, *there)
        assert lone.is_waited_for
        for first in range(1, WRITTEN + 1, batch):
            tip = lone.bring(first, first + batch - 1)
            assert isinstance(tip, dict), tip
            assert tip["seq"] >= min(first + batch - 1, WRITTEN)
        entries = lone.former.entries
        assert journal_at(hub, LONE) == as_written(entries)
        assert tip_at(hub, LONE) == (WRITTEN, entries[-1].hash)
        assert not lone.is_waited_for
        assert count(hub, "quarantine") == 0
        assert isinstance(lone.bring(1, WRITTEN), dict), "sent again it changes nothing"
        assert journal_at(hub, LONE) == as_written(entries)

    def test_the_tip_is_behind_an_island_that_a_batch_ends_at(
        self, bearer: HubClient, hub: Hub, lone: Lone
    ) -> None:
        lone.islands(bearer, 4, 5)
        answer = lone.bring(1, 3)
        assert (answer, tip_at(hub, LONE)[0]) == (
            {"epoch": 1, "seq": 5, "hash": lone.former.hash_at(5).hex()}, 5
        )  # fmt: skip

    @pytest.mark.parametrize(("batch", "kept"), [(WRITTEN, 0), (4, 4)])
    def test_an_island_of_another_content_is_a_fork(
        self, hub: Hub, bearer: HubClient, lone: Lone, batch: int, kept: int
    ) -> None:
        twin = twin_of(lone.former, 4, 3)
        lone.islands(bearer, 6, 7, journal=twin)
        answers = [lone.bring(first, first + batch - 1) for first in range(1, WRITTEN, batch)]
        denied = next(answer for answer in answers if isinstance(answer, Denied))
        assert denied.code == "FORK"
        assert journal_at(hub, LONE) == as_written([*lone.former.entries[:kept], *twin.entries[5:7]])
        assert tip_at(hub, LONE) == (kept, lone.former.hash_at(kept))
        assert lone.is_waited_for

    def test_a_batch_that_leads_elsewhere_than_to_the_island_is_a_fork_and_leaves_nothing(
        self, hub: Hub, bearer: HubClient, lone: Lone
    ) -> None:
        lone.islands(bearer, 5, 6)
        twin = twin_of(lone.former, 3, 1)
        mixed = Journal(LONE, lone.former.key, 1, [*twin.entries, *lone.former.entries[4:6]])
        answer = lone.bring(1, 6, journal=mixed)
        assert isinstance(answer, Denied)
        assert answer.code == "FORK"
        assert journal_at(hub, LONE) == as_written(lone.former.entries[4:6])
        assert tip_at(hub, LONE)[0] == 0

    def test_a_release_stops_before_an_island_that_came_between_two_looks_at_the_inbox(
        self, hub: Hub, bearer: HubClient, lone: Lone
    ) -> None:
        """Another administrator was faster: what waits for the place of an island is not appended."""
        lone.islands(bearer, 3)
        twin = twin_of(lone.former, 2, 1)
        bearer.bring([*lone.former.entries[:2], twin.entries[2]])
        with hub.admin() as admin:
            assert admin.execute("SELECT hub.release(%s, 1, 1, 9)", (LONE,)).fetchone() == (2,)
        assert journal_at(hub, LONE) == as_written(lone.former.entries[:3])
        assert hub_inbox.release(hub.dsn) == Released(released=0, known=0, refused=1, waiting=0)
        assert inbox(hub, twin.entries[2]) == ("refused", "FORK")

    def test_nothing_is_brought_between_the_look_at_signatures_and_the_append(
        self, hub: Hub, bearer: HubClient, lone: Lone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bearer.bring(lone.former.entries[:2])
        waits: list[bool] = []
        settle = hub_inbox._settle

        def meanwhile(*around: Any) -> None:
            with hub.admin() as other:
                other.execute("SET lock_timeout = '50ms'")
                with pytest.raises(psycopg.errors.LockNotAvailable):
                    other.execute("INSERT INTO hub.inbox SELECT * FROM hub.inbox")
            waits.append(True)
            settle(*around)

        monkeypatch.setattr(hub_inbox, "_settle", meanwhile)
        hub_inbox.release(hub.dsn)
        assert waits
        assert [inbox(hub, entry)[0] for entry in lone.former.entries[:2]] != ["waiting", "waiting"]

    def test_a_tip_does_not_move_over_an_island_that_follows_another_entry(
        self, hub: Hub, bearer: HubClient, lone: Lone
    ) -> None:
        twin = twin_of(lone.former, 4, 2)
        lone.islands(bearer, 6, journal=twin)
        assert lone.bring(1, 5) == {"epoch": 1, "seq": 5, "hash": lone.former.hash_at(5).hex()}
        answer = lone.bring(6, WRITTEN)
        assert isinstance(answer, Denied)
        assert answer.code == "FORK"
        assert tip_at(hub, LONE)[0] == 5


class Window:
    """A real station that began alone and has changed its key; its first attempt to join was cut off."""

    def __init__(self, hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.settings = folder, Settings(folder, {"GATEHOUSE_KEY_DIR": f"{folder}-keys"})
        station = create_station(folder, self.settings, "Till 5", "K5")
        self.key = station.store.signing_key
        for number in range(WRITTEN):
            with station.store.begin() as work:
                work.append(Draft("settings_changed", ("org",), {"values": {f"n{number}": number}}), SYSTEM)
                work.commit()
        station.close()
        rotate(folder, open_keystore(self.settings), os.urandom)
        station = open_station(folder, self.settings)
        request = joining.read(joining_alone.request(station.store))
        self.former = station.store.history.batch(1, 0, 100, 1_000_000)
        self.id = station.store.identity.station
        station.close()
        _, self.text = invite_joining(hub.dsn, request, root=ROOT, now=now(), random_bytes=os.urandom)
        with monkeypatch.context() as patched:
            patched.setattr(HubClient, "bring_history", self._cut)
            with pytest.raises(Fault):
                enrol_station(folder, self.settings, self.text)

    @staticmethod
    def _cut(*_: object) -> object:
        raise Fault("HUB_UNREACHABLE")

    def join(self) -> str | None:
        """What stopped its first round with the hub."""
        station = enrol_station(self.folder, self.settings, self.text)
        assert station.exchange is not None
        code = station.exchange.run_once().code
        assert station.store.verify().problems == []
        station.close()
        return code


class TestWindow:
    def test_it_finishes_joining_over_what_others_brought_meanwhile(
        self, hub: Hub, bearer: HubClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        window = Window(hub, tmp_path / "window", monkeypatch)
        bearer.bring([window.former[at] for at in (3, 4, 7)])
        assert hub_inbox.release(hub.dsn).released == 3
        assert window.join() is None
        assert journal_at(hub, window.id) == as_written(window.former)
        assert tip_at(hub, window.id) == (len(window.former), window.former[-1].hash)

    def test_it_is_told_that_another_copy_of_its_journal_is_there(
        self, hub: Hub, bearer: HubClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        window = Window(hub, tmp_path / "window", monkeypatch)
        twin = twin_of(Journal(window.id, window.key, 1, window.former), 4, 2)
        bearer.bring(twin.entries[5:6])
        assert hub_inbox.release(hub.dsn).released == 1
        with pytest.raises(Fault) as told:
            window.join()
        assert (told.value.code, told.value.params["why"]) == ("HUB_REFUSED", "FORK")
        assert tip_at(hub, window.id)[0] == 0
        station = open_station(window.folder, window.settings)
        assert station.exchange is None, "it still works by itself"
        station.close()
