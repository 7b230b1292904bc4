"""What every implementation of sync.ports must do, as checks that take a harness.

A test module is parametrized over `CHECKS` and gives each a fresh `Harness`, which tells how to append an own
entry and how to make the store believe another station, since those are outside the ports.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass

from domain.entry import Entry
from domain.ticket_code import SigningKey
from sync.ports import Cursor, Outbox, Page, Replica
from tests.journal import Journal


@dataclass
class Harness:
    """One fresh store: its two ports, `append` (one own entry), `trust` (another station's key)."""

    outbox: Outbox
    replica: Replica
    append: Callable[[], Entry]
    trust: Callable[[str, SigningKey], None]


def other(harness: Harness, station: str = "bbbb0002") -> Journal:
    """Another station that the store believes."""
    key = SigningKey.from_seed(os.urandom(32))
    harness.trust(station, key)
    return Journal(station, key)


def page(feed: str, entries: list[Entry], after: Cursor | None = None) -> Page:
    """Entries as the hub would send them after a cursor."""
    cursor = after or Cursor()
    for entry in entries:
        cursor = Cursor(cursor.position + 1, hashlib.sha256(cursor.hash + entry.hash).digest())
    return Page(feed, entries, cursor)


def an_empty_journal_has_its_genesis_as_tip(harness: Harness) -> None:
    tip = harness.outbox.tip()
    if tip.seq == 0:
        assert tip.hash == harness.outbox.hash_at(0)
    assert harness.outbox.hash_at(tip.seq + 1) is None
    assert len(tip.hash) == 32


def the_tip_follows_each_own_entry(harness: Harness) -> None:
    before = harness.outbox.tip()
    entry = harness.append()
    after = harness.outbox.tip()
    assert (after.epoch, after.seq, after.hash) == (before.epoch, before.seq + 1, entry.hash)
    assert entry.prev_hash == before.hash
    assert harness.outbox.hash_at(before.seq) == before.hash


def a_batch_begins_after_the_given_seq_and_keeps_order(harness: Harness) -> None:
    start = harness.outbox.tip().seq
    made = [harness.append() for _ in range(5)]
    batch = harness.outbox.batch(start + 1, 3, 1_000_000)
    assert [entry.seq for entry in batch] == [start + 2, start + 3, start + 4]
    assert [entry.hash for entry in batch] == [entry.hash for entry in made[1:4]]


def a_batch_keeps_its_limit_of_bytes_but_is_never_empty(harness: Harness) -> None:
    start = harness.outbox.tip().seq
    made = [harness.append() for _ in range(3)]
    assert len(harness.outbox.batch(start, 200, 1)) == 1
    two = len(made[0].content.encode()) + len(made[1].content.encode())
    assert len(harness.outbox.batch(start, 200, two + 200)) == 2


def nothing_is_left_beyond_the_tip(harness: Harness) -> None:
    harness.append()
    assert list(harness.outbox.batch(harness.outbox.tip().seq, 200, 1_000_000)) == []


def an_acknowledgement_never_goes_back(harness: Harness) -> None:
    harness.append()
    last = harness.append()
    harness.outbox.acknowledge(last.seq, {})
    harness.outbox.acknowledge(last.seq - 1, {})
    assert harness.outbox.acked_seq() == last.seq


def a_page_and_its_cursor_land_together(harness: Harness) -> None:
    harness.replica.adopt_incarnation("one/00000001")
    journal = other(harness)
    sent = page("org", [journal.add(), journal.add()])
    outcome = harness.replica.apply(sent)
    assert (outcome.applied, outcome.known, list(outcome.rejected)) == (2, 0, [])
    assert harness.replica.cursors()["org"] == sent.cursor


def a_repeated_page_changes_nothing(harness: Harness) -> None:
    harness.replica.adopt_incarnation("one/00000001")
    journal = other(harness)
    sent = page("org", [journal.add(), journal.add()])
    harness.replica.apply(sent)
    outcome = harness.replica.apply(sent)
    assert (outcome.applied, outcome.known) == (0, 2)


def an_own_entry_that_comes_back_is_an_echo(harness: Harness) -> None:
    harness.replica.adopt_incarnation("one/00000001")
    entry = harness.append()
    outcome = harness.replica.apply(page("org", [entry]))
    assert (outcome.applied, outcome.known) == (0, 1)


def an_unknown_kind_is_held(harness: Harness) -> None:
    harness.replica.adopt_incarnation("one/00000001")
    journal = other(harness)
    outcome = harness.replica.apply(page("org", [journal.add("kind_of_tomorrow"), journal.add(v=99)]))
    assert outcome.held >= 1
    assert list(outcome.rejected) == []


def an_entry_with_a_wrong_signature_is_set_aside_and_delays_nothing(harness: Harness) -> None:
    harness.replica.adopt_incarnation("one/00000001")
    journal = other(harness)
    liar = Journal(journal.station, SigningKey.from_seed(os.urandom(32)))
    forged, good = liar.add(), journal.add()
    sent = page("org", [forged, good])
    outcome = harness.replica.apply(sent)
    assert [code for _, code in outcome.rejected] == ["BAD_SIGNATURE"]
    assert outcome.applied == 1
    assert harness.replica.cursors()["org"] == sent.cursor


def another_incarnation_resets_cursors_and_keeps_entries(harness: Harness) -> None:
    harness.replica.adopt_incarnation("one/00000001")
    journal = other(harness)
    sent = page("org", [journal.add()])
    harness.replica.apply(sent)
    harness.replica.adopt_incarnation("two/00000001")
    assert harness.replica.incarnation() == "two/00000001"
    assert harness.replica.cursors().get("org", Cursor()) == Cursor()
    assert harness.replica.apply(sent).known == 1


CHECKS: tuple[Callable[[Harness], None], ...] = (
    an_empty_journal_has_its_genesis_as_tip,
    the_tip_follows_each_own_entry,
    a_batch_begins_after_the_given_seq_and_keeps_order,
    a_batch_keeps_its_limit_of_bytes_but_is_never_empty,
    nothing_is_left_beyond_the_tip,
    an_acknowledgement_never_goes_back,
    a_page_and_its_cursor_land_together,
    a_repeated_page_changes_nothing,
    an_own_entry_that_comes_back_is_an_echo,
    an_unknown_kind_is_held,
    an_entry_with_a_wrong_signature_is_set_aside_and_delays_nothing,
    another_incarnation_resets_cursors_and_keeps_entries,
)
