"""Others' entries: believed or not, read or not, and never in the way of the next."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.services.views_sync import WhyHeld
from app.store import replica
from app.store.opening import open_store
from app.store.schema import HELD_ENTRY, REJECTED_ENTRY, SETTING
from domain import kinds, revocation
from domain.certificates import Chain
from domain.clock import Hlc, from_ms
from domain.entry import HUB, Entry
from domain.errors import Fault
from domain.ticket_code import SigningKey, key_id
from sync.ports import Cursor, DamagedEntry, Page, PageOutcome
from tests.journal import WALL_MS, Journal
from tests.postgres import ROOT
from tests.store.station import CASHIER, Sale, Station, scanned
from tests.store.test_journal import STARTED
from tests.sync.test_memory_store import root_certificate

KEY = SigningKey.from_seed(bytes(range(32)))


def certificate_entry(hub: Journal, chain: Chain) -> Entry:
    body = {
        "station": chain[-1].certificate.station,
        "epoch": 1,
        "certificates": [link.to_json() for link in chain],
    }
    return replace(hub.add("certificate_issued", ("org",), body), sig=b"")


class Pulling:
    """A station that has joined, a hub, and another station whose certificate may still be on its way."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.store = station.store
        own = root_certificate(self.store.outbox.station(), self.store.signing_key)
        self.store.adopt_root(ROOT.public, (own,))
        self.hub = Journal(HUB, SigningKey.from_seed(bytes(32)))
        self.other = Journal("bbbb0002", KEY)
        self.position = 0

    def pull(self, *entries: Entry, feed: str = "org", damaged: tuple[DamagedEntry, ...] = ()) -> PageOutcome:
        self.position += len(entries) + len(damaged)
        return self.store.replica.apply(Page(feed, entries, Cursor(self.position, bytes(32)), damaged))

    def certify(self) -> PageOutcome:
        return self.pull(certificate_entry(self.hub, (root_certificate("bbbb0002", KEY),)))


@pytest.fixture
def pulling(theatre: Station) -> Pulling:
    theatre.clock.set_wall(from_ms(WALL_MS))
    return Pulling(theatre)


def test_a_sale_of_another_station_is_here_after_the_pull(pulling: Pulling) -> None:
    pulling.certify()
    sale = Sale(pulling.station.random, prefix="K2")
    draft = sale.draft()
    pulling.pull(pulling.other.add(draft.kind, draft.feeds, draft.body), feed="event:100")
    with pulling.store.read() as read:
        order = read.order(sale.order)
        assert read.facts(sale.serials[0]) is not None
        assert read.used_slots([200]) == {200: 2}
    assert order is not None
    assert (order.station_name, order.receipt, order.synced) == ("Till", "K2-000001", True)


def test_entries_that_came_before_their_certificate_are_taken_when_it_comes(pulling: Pulling) -> None:
    sale = Sale(pulling.station.random, prefix="K2")
    draft = sale.draft()
    early = pulling.pull(pulling.other.add(draft.kind, draft.feeds, draft.body), feed="event:100")
    assert [code for _, code in early.rejected] == ["UNKNOWN_STATION"]
    assert pulling.store.replica.kept_aside() == (0, 1)
    outcome = pulling.certify()
    assert outcome.applied == 2
    assert pulling.store.replica.kept_aside() == (0, 0)
    with pulling.store.read() as read:
        assert read.order(sale.order) is not None


def test_entries_of_a_next_epoch_are_taken_when_its_certificate_comes_and_speak_against_nobody(
    pulling: Pulling,
) -> None:
    pulling.certify()
    fresh = SigningKey.from_seed(bytes(range(1, 33)))
    early = pulling.pull(Journal("bbbb0002", fresh, epoch=2).add())
    assert [code for _, code in early.rejected] == ["BAD_SIGNATURE"]
    assert pulling.store.open_conflicts() == 1
    outcome = pulling.pull(certificate_entry(pulling.hub, (root_certificate("bbbb0002", fresh),)))
    assert outcome.applied == 2
    assert pulling.store.replica.kept_aside() == (0, 0)
    assert pulling.store.open_conflicts() == 0


def test_a_certificate_counts_for_what_stands_behind_it_in_the_same_page(pulling: Pulling) -> None:
    chain = (root_certificate("bbbb0002", KEY),)
    outcome = pulling.pull(certificate_entry(pulling.hub, chain), pulling.other.add())
    assert (outcome.applied, list(outcome.rejected)) == (2, [])
    assert pulling.store.keys.public_key(key_id(KEY.public)) == KEY.public


def test_a_certificate_that_another_process_has_pulled_counts_here(pulling: Pulling) -> None:
    station = pulling.station
    second = open_store(station.folder, station.keystore, station.clock, station.random)
    pulling.certify()
    pulling.position += 1
    outcome = second.replica.apply(
        Page("org", (pulling.other.add(),), Cursor(pulling.position, bytes(32)), ())
    )
    second.close()
    assert (outcome.applied, list(outcome.rejected)) == (1, [])


def test_a_certificate_that_no_root_signed_is_kept_and_not_believed(pulling: Pulling) -> None:
    chain = (root_certificate("bbbb0002", KEY),)
    forged = replace(chain[0], sig=bytes(64))
    pulling.pull(certificate_entry(pulling.hub, (forged,)))
    assert pulling.store.keys.public_key(key_id(KEY.public)) is None
    assert pulling.store.keys.distrusted == ("CERTIFICATE_FORGED",)
    assert [problem.code for problem in pulling.store.verify().problems] == ["CERTIFICATE_NOT_HELD"]


def test_a_revoked_station_is_no_longer_believed_and_its_codes_are_revoked(pulling: Pulling) -> None:
    pulling.certify()
    pulling.pull(pulling.other.add())
    assert not pulling.store.keys.is_revoked(key_id(KEY.public))
    body = revocation.issue(
        revocation.Revocation("organization", "bbbb0002", 1, 1, from_ms(WALL_MS)), ROOT
    ).body()
    pulling.pull(replace(pulling.hub.add("station_revoked", ("org",), body), sig=b""))
    outcome = pulling.pull(pulling.other.add())
    assert [code for _, code in outcome.rejected] == ["REVOKED_STATION"]
    assert pulling.store.keys.is_revoked(key_id(KEY.public))
    pulling.station.reopen()
    assert pulling.station.store.keys.is_revoked(key_id(KEY.public))


def test_a_station_without_a_root_believes_nobody(station: Station) -> None:
    other = Journal("bbbb0002", KEY)
    outcome = station.store.replica.apply(Page("org", [other.add()], Cursor(1, bytes(32))))
    assert [code for _, code in outcome.rejected] == ["UNKNOWN_STATION"]
    assert station.store.keys.public_key(key_id(station.store.signing_key.public)) is not None


def test_the_receipt_of_a_sale_whose_id_another_took_is_never_given_out_again(pulling: Pulling) -> None:
    """Of two contents of one id the one with the smaller hash counts: our own sale may be the other."""
    pulling.certify()
    own = pulling.station.append(Sale(pulling.station.random, prefix="K1", number=7).draft())[0]
    with pulling.store.read() as read:
        assert read.next_receipt_number("K1", 1, False) == 8
    twins = (
        Journal("bbbb0002", KEY).add(body={"values": {"n": n}}, entry_id=own.entry_id) for n in range(200)
    )
    pulling.pull(next(twin for twin in twins if twin.content_hash < own.content_hash))
    with pulling.store.read() as read:
        assert read.order(str(own.body["order"])) is None, "it counts no more"
        assert read.next_receipt_number("K1", 1, False) == 8
        assert read.next_receipt_number("K1", 2, False) == 1


def test_an_entry_with_a_known_id_and_other_content_is_kept_aside(pulling: Pulling) -> None:
    pulling.certify()
    first = pulling.other.add()
    twin = pulling.other.add(body={"values": {"n": "another"}}, entry_id=first.entry_id)
    outcome = pulling.pull(first, twin)
    assert [code for _, code in outcome.rejected] == ["DUPLICATE_ID"]


def test_what_a_newer_program_wrote_is_held_and_read_after_the_update(
    pulling: Pulling, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.certify()
    sale = Sale(pulling.station.random, prefix="K2")
    draft = sale.draft()
    with monkeypatch.context() as older:
        shapes = {key: shape for key, shape in kinds.SHAPES.items() if key[0] != "order_sold"}
        older.setattr(kinds, "SHAPES", shapes)
        outcome = pulling.pull(pulling.other.add(draft.kind, draft.feeds, draft.body))
        assert (outcome.applied, outcome.held) == (0, 1)
        assert pulling.store.replica.kept_aside() == (1, 0)
    store = pulling.station.reopen()
    assert store.replica.kept_aside() == (0, 0)
    with store.read() as read:
        assert read.order(sale.order) is not None
    assert store.verify().clean


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("event_created", {"event": 100, "fields": {}}),
        (
            "certificate_issued",
            {"station": "bbbb0002", "epoch": 1, "certificates": [{"sig": "00", "text": "{}"}]},
        ),
        ("app_started", {"version": "1"}),
    ],
)
def test_a_poison_entry_delays_nothing_behind_it(pulling: Pulling, kind: str, body: dict) -> None:
    pulling.certify()
    outcome = pulling.pull(pulling.other.add(kind, ("org",), body), pulling.other.add())
    assert (outcome.held, outcome.applied) == (1, 1)
    assert pulling.store.verify().clean


def test_values_that_do_not_fit_together_are_held_and_leave_nothing_behind(pulling: Pulling) -> None:
    pulling.certify()
    sale = Sale(pulling.station.random, prefix="K2")
    body = dict(sale.draft().body)
    body["receipt"] = {"prefix": "K2", "epoch": 0, "number": 1, "practice": False}
    outcome = pulling.pull(pulling.other.add("order_sold", ("cash",), body))
    assert outcome.held == 1
    with pulling.store.read() as read:
        assert read.order(sale.order) is None
        assert read.used_slots([200]) == {200: 0}


def test_an_entry_with_a_senseless_stamp_is_held(pulling: Pulling) -> None:
    entry = pulling.other.add()
    odd = replace(entry, origin=replace(entry.origin, hlc="never"))
    late = replace(entry, clocks=replace(entry.clocks, wall_at="yesterday"))
    loose = replace(entry, origin=replace(entry.origin, hlc="1-1"))
    assert [replica.misfit(one) for one in (entry, odd, late, loose)] == [None, *["MALFORMED"] * 3]


def test_what_is_no_entry_at_all_is_kept_aside_whole(pulling: Pulling) -> None:
    damaged = DamagedEntry(1, "bbbb0002", 1, 1, "{broken", bytes(32), bytes([7]) * 32, bytes(64), "not JSON")
    outcome = pulling.pull(damaged=(damaged,))
    assert list(outcome.rejected) == [("07" * 32, "MALFORMED")]
    with pulling.store._core.reading() as connection:
        row = connection.execute(select(REJECTED_ENTRY)).one()
    assert (row.content, row.station, row.code) == ("{broken", "bbbb0002", "MALFORMED")


def test_our_stamps_follow_those_we_have_read_but_not_those_of_a_mad_clock(pulling: Pulling) -> None:
    pulling.certify()
    ahead = pulling.other.add()
    pulling.station.clock.set_wall(from_ms(WALL_MS - 3_600_000))
    pulling.pull(ahead)
    ours = pulling.station.append(STARTED)[0]
    assert Hlc.parse(ours.origin.hlc) > Hlc.parse(ahead.origin.hlc)
    pulling.station.clock.set_wall(from_ms(WALL_MS - 10 * 86_400_000))
    mad = pulling.other.add()
    pulling.pull(mad)
    assert Hlc.parse(pulling.station.append(STARTED)[0].origin.hlc) < Hlc.parse(mad.origin.hlc)


def test_a_page_that_fails_leaves_no_trace_in_what_is_believed(
    pulling: Pulling, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Fault("DISK_FULL")

    entry = certificate_entry(pulling.hub, (root_certificate("bbbb0002", KEY),))
    with monkeypatch.context() as broken:
        broken.setattr(replica, "merge_hlc", full)
        with pytest.raises(Fault):
            pulling.pull(entry)
    assert pulling.store.keys.public_key(key_id(KEY.public)) is None
    assert pulling.store.replica.cursors()["org"] == Cursor()
    assert pulling.pull(entry).applied == 1


def test_the_feeds_that_are_followed_grow_with_the_catalogue(pulling: Pulling) -> None:
    assert set(pulling.store.replica.cursors()) == {"org", "cash", "desk", "event:100"}


def test_a_station_with_a_scope_follows_that_and_nothing_else(theatre: Station) -> None:
    whole = root_certificate(theatre.store.outbox.station(), theatre.store.signing_key).certificate
    from domain.certificates import issue

    narrow = issue(replace(whole, scope=("event:100", "org")), ROOT)
    theatre.store.adopt_root(ROOT.public, (narrow,))
    assert set(theatre.store.replica.cursors()) == {"event:100", "org"}
    assert theatre.store.own_chain() == (narrow,)
    assert theatre.store.root() == ROOT.public


def test_an_admission_elsewhere_is_known_here(pulling: Pulling) -> None:
    pulling.certify()
    sale = Sale(pulling.station.random)
    pulling.station.append(sale.draft(), actor=CASHIER)
    draft = scanned("admitted", sale.serials[0], gate="B")
    pulling.pull(pulling.other.add(draft.kind, draft.feeds, draft.body), feed="event:100")
    with pulling.store.read() as read:
        facts = read.facts(sale.serials[0])
    assert facts is not None
    assert [(use.gate, use.station) for use in facts.uses] == [("B", "bbbb0002")]


def test_a_repeated_page_never_moves_a_cursor_back(pulling: Pulling) -> None:
    pulling.certify()
    pulling.pull(pulling.other.add())
    pulling.store.replica.apply(Page("org", [], Cursor(1, bytes([9]) * 32)))
    assert pulling.store.replica.cursors()["org"] == Cursor(2, bytes(32))


def test_held_entries_name_their_reason(pulling: Pulling) -> None:
    pulling.certify()
    pulling.pull(pulling.other.add("kind_of_tomorrow"), pulling.other.add("app_started", body={}))
    with pulling.store._core.reading() as connection:
        reasons = (
            connection.execute(select(HELD_ENTRY.c.reason).order_by(HELD_ENTRY.c.reason)).scalars().all()
        )
    assert reasons == ["MALFORMED", "UNKNOWN_KIND"]


def test_held_entries_are_listed_with_whose_they_are_and_why(pulling: Pulling) -> None:
    pulling.certify()
    pulling.pull(pulling.other.add("kind_of_tomorrow"), pulling.other.add("app_started", body={}))
    with pulling.store.read() as read:
        rows = read.held_entries()
    assert {(row.kind, row.why) for row in rows} == {
        ("kind_of_tomorrow", WhyHeld.NEWER),
        ("app_started", WhyHeld.MISFIT),
    }
    assert all(row.at is not None and row.seq and row.station_name for row in rows)


def test_what_the_hub_holds_and_what_was_set_aside_is_listed_too(pulling: Pulling) -> None:
    pulling.pull(pulling.other.add())
    with pulling.store.read() as read:
        (aside,) = read.held_entries()
    assert (aside.why, aside.code) == (WhyHeld.ASIDE, "UNKNOWN_STATION")
    own = pulling.store.outbox.batch(0, 1, 100_000)[0]
    pulling.store.outbox.acknowledge(own.seq, {own.entry_id: "held"})
    with pulling.store.read() as read:
        rows = read.held_entries()
    assert [(row.entry_id, row.kind) for row in rows if row.why is WhyHeld.AT_HUB] == [
        (own.entry_id, own.kind)
    ]


def setting(pulling: Pulling) -> object:
    """What the organization has set under `n`, as this station has it."""
    with pulling.store._core.reading() as connection:
        return json.loads(
            connection.execute(select(SETTING.c.value).where(SETTING.c.name == "n")).scalar_one()
        )


def revoked(pulling: Pulling, last_trusted_seq: int) -> Entry:
    said = revocation.Revocation("organization", "bbbb0002", 1, last_trusted_seq, from_ms(WALL_MS))
    return replace(pulling.hub.add("station_revoked", ("org",), revocation.issue(said, ROOT).body()), sig=b"")


def test_what_a_revoked_station_wrote_behind_its_last_trusted_entry_is_taken_back(pulling: Pulling) -> None:
    pulling.certify()
    early, late = Sale(pulling.station.random, prefix="K2"), Sale(pulling.station.random, prefix="K2")
    for sale in (early, late):
        draft = sale.draft()
        pulling.pull(pulling.other.add(draft.kind, draft.feeds, draft.body), feed="event:100")
    pulling.pull(revoked(pulling, last_trusted_seq=1))
    with pulling.store.read() as read:
        assert read.order(early.order) is not None
        assert read.order(late.order) is None
    assert pulling.store.replica.kept_aside() == (0, 1)
    assert pulling.store.verify().clean


@pytest.mark.parametrize("first", ["twin", "revocation"])
def test_a_second_content_of_a_revoked_station_is_set_aside_for_that_whichever_came_first(
    pulling: Pulling, first: str
) -> None:
    pulling.certify()
    with pulling.store.begin() as work:
        own = work.append(STARTED, CASHIER)
        work.commit()
    twins = (pulling.other.add(body={"values": {"n": n}}, entry_id=own.entry_id) for n in range(100))
    twin = next(each for each in twins if each.content_hash > own.content_hash)
    both = [twin, revoked(pulling, last_trusted_seq=0)]
    pulling.pull(*(both if first == "twin" else reversed(both)))
    with pulling.store.read() as read:
        codes = sorted(row.code for row in read.conflicts())
        assert [row.code for row in read.held_entries() if row.code] == ["REVOKED_STATION"]
    assert codes == ["REVOKED_STATION"]
    assert pulling.store.verify().clean


def test_an_own_entry_that_cannot_be_read_is_held_when_it_is_issued_again(
    pulling: Pulling, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Journal(pulling.store.outbox.station(), pulling.store.signing_key)
    sale = Sale(pulling.station.random)
    draft = sale.draft()
    former = own.add(draft.kind, draft.feeds, draft.body)
    with monkeypatch.context() as older:
        shapes = {key: shape for key, shape in kinds.SHAPES.items() if key[0] != "order_sold"}
        older.setattr(kinds, "SHAPES", shapes)
        assert pulling.store.reissue([former]) == 1
        assert pulling.store.replica.kept_aside() == (1, 0)
    pulling.station.reopen()
    with pulling.station.store.read() as read:
        assert read.order(sale.order) is not None
    assert pulling.station.store.replica.kept_aside() == (0, 0)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_contents_of_one_id_the_same_counts_whichever_came_first(
    pulling: Pulling, order: tuple[int, int]
) -> None:
    pulling.certify()
    first = pulling.other.add(body={"values": {"n": 1}})
    twin = pulling.other.add(body={"values": {"n": 2}}, entry_id=first.entry_id)
    both = (first, twin)
    pulling.pull(*(both[at] for at in order))
    wanted = min(both, key=lambda entry: entry.content_hash)
    with pulling.store.read() as read:
        assert setting(pulling) == wanted.body["values"]["n"]
        assert read.open_conflicts() == 1
    assert pulling.store.replica.kept_aside() == (0, 1)
    assert pulling.store.verify().clean


def test_an_own_entry_gives_way_to_the_content_that_counts(pulling: Pulling) -> None:
    pulling.certify()
    with pulling.store.begin() as work:
        own = work.append(STARTED, CASHIER)
        work.commit()
    twins = (pulling.other.add(body={"values": {"n": n}}, entry_id=own.entry_id) for n in range(100))
    smaller = next(each for each in twins if each.content_hash < own.content_hash)
    pulling.pull(smaller)
    assert setting(pulling) == smaller.body["values"]["n"]
    pulling.pull(own)
    pulling.pull(smaller)  # by another of its feeds
    assert pulling.store.replica.kept_aside() == (0, 1)
    assert pulling.store.verify().clean


@pytest.mark.parametrize("smaller", ["own", "other"])
def test_an_own_entry_that_is_issued_again_counts_only_where_no_other_content_does(
    pulling: Pulling, smaller: str
) -> None:
    pulling.certify()
    own = Journal(pulling.store.outbox.station(), pulling.store.signing_key)
    former = own.add(body={"values": {"n": 1_000}})
    twins = (pulling.other.add(body={"values": {"n": n}}, entry_id=former.entry_id) for n in range(100))
    twin = next(each for each in twins if (each.content_hash < former.content_hash) == (smaller == "other"))
    pulling.pull(twin)
    assert pulling.store.reissue([former]) == 1
    assert setting(pulling) == (former if smaller == "own" else twin).body["values"]["n"]
    with pulling.store.read() as read:
        assert [row.code for row in read.conflicts()] == ["DUPLICATE_ID"]
    assert pulling.store.replica.kept_aside() == (0, 1)
    assert pulling.store.verify().clean
    assert pulling.store.reissue([former]) == 0


def test_a_sale_whose_id_has_another_content_in_the_own_journal_can_be_given_back(pulling: Pulling) -> None:
    pulling.certify()
    with pulling.store.begin() as work:
        own = work.append(STARTED, CASHIER)
        work.commit()
    sales = (Sale(pulling.station.random, number=number, prefix="K2") for number in range(1, 100))
    drafts = ((sale, sale.draft()) for sale in sales)
    twins = (
        (sale, pulling.other.add(draft.kind, draft.feeds, draft.body, entry_id=own.entry_id))
        for sale, draft in drafts
    )
    sale, twin = next((sale, twin) for sale, twin in twins if twin.content_hash < own.content_hash)
    pulling.pull(twin, feed="event:100")
    with pulling.store.read() as read:
        parts = read.sold_parts(sale.order)
    assert [(part.serial, part.places) for part in parts] == [
        (position["serial"], position["slots"]) for position in twin.body["positions"]
    ]


def test_a_store_opens_on_a_disk_that_takes_nothing(
    pulling: Pulling, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.certify()
    sale = Sale(pulling.station.random, prefix="K2")
    draft = sale.draft()
    with monkeypatch.context() as older:
        shapes = {key: shape for key, shape in kinds.SHAPES.items() if key[0] != "order_sold"}
        older.setattr(kinds, "SHAPES", shapes)
        pulling.pull(pulling.other.add(draft.kind, draft.feeds, draft.body))
    with monkeypatch.context() as full:

        def refuse(*_: object) -> int:
            raise Fault("DISK_FULL")

        full.setattr(replica, "release_held", refuse)
        assert pulling.station.reopen().replica.kept_aside() == (1, 0)
    assert pulling.station.reopen().replica.kept_aside() == (0, 0)


def test_what_a_restored_hub_may_have_forgotten_waits_again(pulling: Pulling) -> None:
    with pulling.store.begin() as work:
        work.append(STARTED, CASHIER)
        work.commit()
    pulling.store.replica.adopt_incarnation("one/1")
    pulling.store.outbox.acknowledge(1, {})
    pulling.store.replica.adopt_incarnation("one/2")
    assert pulling.store.outbox.acked_seq() == 0
    pulling.store.outbox.acknowledge(1, {})
    pulling.store.replica.adopt_incarnation("one/2")
    assert pulling.store.outbox.acked_seq() == 1
