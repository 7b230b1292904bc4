"""Entries behind a gap of a journal that nobody goes on with: the model of the hub and its SQL append the
same, and keep the tip in the same place."""

from collections.abc import Iterator

import pytest

from domain.entry import Entry, reissue
from sync.hub_server import Server
from tests.journal import Journal
from tests.postgres import Hubs
from tests.simulation.hub_database import SimulatedHubs
from tests.simulation.two_hubs import Station, TwoHubs

pytestmark = [pytest.mark.slow]

PUSHED = 3
WRITTEN = 10


@pytest.fixture(scope="module")
def simulated(hub_server: Server, hubs: Hubs) -> Iterator[SimulatedHubs]:
    made_here = SimulatedHubs.on(hub_server, hubs)
    yield made_here
    made_here.close()


class Story:
    """A station whose journal is known to the hub as far as PUSHED; another one holds the rest."""

    def __init__(self, simulated: SimulatedHubs) -> None:
        self.hubs = TwoHubs(simulated, 1)
        self.bearer, self.lost = self.hubs.stations[:2]
        self.journal = self.lost.journal
        for _ in range(WRITTEN):
            self.journal.add()
        self.push(self.lost, self.journal.entries[:PUSHED])

    def push(self, station: Station, entries: list[Entry]) -> dict[str, object]:
        first = entries[0]
        said = self.hubs.call(
            station.role, "push", first.epoch, first.seq, first.prev_hash,
            [each.content for each in entries], [each.hash for each in entries],
            [each.sig for each in entries], {},
        )  # fmt: skip
        self.hubs.same_tables()
        return dict(said)

    def bring(self, *seqs: int, journal: Journal | None = None) -> None:
        """What the bearer has of it; then somebody looks at the inbox."""
        entries = (journal or self.journal).entries
        self.hubs.bring(self.bearer, [entries[seq - 1] for seq in seqs])
        self.release()

    def release(self) -> None:
        self.hubs.both("release_inbox")
        self.hubs.call(self.bearer.role, "tips")
        self.hubs.same_tables()

    @property
    def known(self) -> list[int]:
        """The seqs that both hubs have of the lost journal."""
        return sorted(self.hubs.model.state.log[self.lost.id, 1])

    @property
    def tip(self) -> int:
        return self.hubs.model.state.tips[self.lost.id, 1].seq

    def state(self, entry: Entry) -> tuple[str, str | None]:
        row = self.hubs.model.state.inbox[entry.station, entry.epoch, entry.seq, entry.hash]
        return row["state"], row["code"]


@pytest.fixture
def story(simulated: SimulatedHubs) -> Iterator[Story]:
    made_here = Story(simulated)
    yield made_here
    made_here.hubs.close()


def twin_of(journal: Journal, shared: int, count: int) -> Journal:
    """A copy of the file that went on in its own way behind `shared` entries."""
    twin = Journal(journal.station, journal.key, journal.epoch, journal.entries[:shared])
    for number in range(count):
        twin.add(body={"values": {"twin": number}})
    return twin


def test_nothing_is_released_behind_a_gap_that_may_still_be_filled(story: Story) -> None:
    story.bring(5, 6)
    assert (story.known, story.tip) == ([1, 2, 3], 3)
    assert story.state(story.journal.entries[4]) == ("waiting", None)


def test_what_waited_is_an_island_once_its_station_goes_on_elsewhere(story: Story) -> None:
    story.bring(5, 6)
    story.hubs.join_again(story.lost)
    story.release()
    assert (story.known, story.tip) == ([1, 2, 3, 5, 6], 3)
    assert story.state(story.journal.entries[4]) == ("released", None)


def test_the_tip_moves_over_islands_as_their_gaps_are_filled(story: Story) -> None:
    story.hubs.join_again(story.lost)
    story.bring(5, 6, 8, 10)
    assert (story.known, story.tip) == ([1, 2, 3, 5, 6, 8, 10], 3)
    story.bring(9)  # two islands become one
    assert (story.known, story.tip) == ([1, 2, 3, 5, 6, 8, 9, 10], 3)
    story.bring(4)
    assert story.tip == 6
    story.bring(7)
    assert (story.known, story.tip) == (list(range(1, 11)), 10)


def test_what_continues_the_tip_and_what_does_not_may_come_together(story: Story) -> None:
    story.hubs.join_again(story.lost)
    story.bring(4, 5, 7, 8)
    assert (story.known, story.tip) == ([1, 2, 3, 4, 5, 7, 8], 5)
    story.bring(6, 7)
    assert (story.known, story.tip) == ([1, 2, 3, 4, 5, 6, 7, 8], 8)


def test_of_a_revoked_station_islands_are_taken_up_to_what_is_trusted(story: Story) -> None:
    story.hubs.shut_out(story.lost, 8)
    story.bring(5, 7, 8, 9)
    assert (story.known, story.tip) == ([1, 2, 3, 5, 7, 8], 3)
    assert story.state(story.journal.entries[8]) == ("refused", "REVOKED_STATION")


def test_of_two_contents_in_one_place_the_smaller_hash_is_taken_and_the_other_refused(story: Story) -> None:
    twin = twin_of(story.journal, 4, 2)
    story.hubs.join_again(story.lost)
    both = [story.journal.entries[4], twin.entries[4]]
    story.hubs.bring(story.bearer, both)
    story.release()
    assert (story.known, story.tip) == ([1, 2, 3, 5], 3)
    taken, other = sorted(both, key=lambda entry: entry.hash)
    assert (story.state(taken), story.state(other)) == (("released", None), ("waiting", None))
    story.release()
    assert story.state(other) == ("refused", "FORK")


@pytest.mark.parametrize("goes_on", ["in its epoch", "in another epoch"])
def test_of_two_copies_that_go_on_from_the_tip_one_is_taken_and_goes_on(story: Story, goes_on: str) -> None:
    twin = twin_of(story.journal, PUSHED, 3)
    if goes_on == "in another epoch":
        story.hubs.join_again(story.lost)
    copies = sorted((story.journal, twin), key=lambda each: each.entries[3].hash)
    taken, other = copies
    story.hubs.bring(story.bearer, [each.entries[at] for at in (3, 4) for each in copies])
    story.release()
    assert (story.known, story.tip) == ([1, 2, 3, 4, 5], 5)
    assert not story.hubs.model.state.quarantine
    assert [story.state(taken.entries[at]) for at in (3, 4)] == [("released", None)] * 2
    assert [story.state(other.entries[at]) for at in (3, 4)] == [("waiting", None)] * 2
    story.bring(6, journal=taken)
    assert (story.known, story.tip) == ([1, 2, 3, 4, 5, 6], 6)
    assert not story.hubs.model.state.quarantine
    assert [story.state(other.entries[at]) for at in (3, 4)] == [("refused", "FORK")] * 2
    story.bring(6, journal=other)
    assert story.state(other.entries[5]) == ("refused", "FORK")


@pytest.mark.parametrize("winner", [0, 1])
def test_the_copy_that_was_taken_may_push_on_and_the_other_one_is_told(story: Story, winner: int) -> None:
    copies = [story.journal, twin_of(story.journal, PUSHED, 3)]
    story.hubs.bring(story.bearer, [each.entries[3] for each in copies])
    story.release()
    copies.sort(key=lambda each: each.entries[3].hash)
    said = story.push(story.lost, copies[winner].entries[3:6])
    if winner == 0:
        assert ("code" not in said, story.tip) == (True, 6)
    else:
        assert (said["code"], story.tip) == ("FORK", 4)
    assert not story.hubs.model.state.quarantine


def test_a_tip_does_not_move_onto_another_chain(story: Story) -> None:
    twin = twin_of(story.journal, 4, 2)
    story.hubs.join_again(story.lost)
    story.hubs.bring(story.bearer, [story.journal.entries[4], twin.entries[5]])
    story.release()  # neighbours, and an island each
    story.bring(4)
    assert (story.known, story.tip) == ([1, 2, 3, 4, 5, 6], 5)
    assert not story.hubs.model.state.quarantine
    story.bring(7)
    assert (story.known, story.tip) == ([1, 2, 3, 4, 5, 6, 7], 5)


def test_a_tip_moves_over_an_entry_that_was_issued_again(story: Story) -> None:
    """Its text is kept once, under the epoch that came first."""
    story.hubs.join_again(story.lost)
    new = story.lost.journal
    again = reissue(story.journal.entries[5], epoch=new.epoch, seq=1, prev_hash=new.tip, sign=new.key.sign)
    assert "code" not in story.push(story.lost, [again])
    story.bring(5, 6, 7)
    assert story.hubs.model.state.log[story.lost.id, 1][6].state == "alias"
    story.bring(4)
    assert (story.known, story.tip) == ([1, 2, 3, 4, 5, 6, 7], 7)


def test_a_push_of_the_former_epoch_meets_an_island(story: Story) -> None:
    story.hubs.join_again(story.lost)
    story.bring(5, 6)
    entries = story.journal.entries
    for first, last in ((1, 3), (2, 6), (4, 6), (5, 7)):
        story.push(story.lost, entries[first - 1 : last])
    assert (story.known, story.tip) == ([1, 2, 3, 5, 6], 3)


def test_islands_come_back_with_a_backup(story: Story) -> None:
    story.hubs.join_again(story.lost)
    story.bring(5, 6)
    story.hubs.backup()
    story.bring(4, 8)
    assert story.tip == 6
    story.hubs.restore()
    story.release()
    assert (story.known, story.tip) == ([1, 2, 3, 5, 6], 3)
    story.bring(4, 5)
    assert (story.known, story.tip) == ([1, 2, 3, 4, 5, 6], 6)
