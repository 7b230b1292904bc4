"""A clock that is off: one yellow bar over the screens, and one question at the till before it sells."""

from datetime import timedelta

from tests.builders import NOW
from tests.ui.gate_kit import Kit
from tests.ui.test_sell_presenter import Counter
from tests.ui.test_sell_presenter import counter as counter  # noqa: PLC0414 - a fixture
from tests.ui.test_sell_presenter import make_counter as make_counter  # noqa: PLC0414 - a fixture
from tests.ui.test_station_pages import sync_view
from ui.session import CLOCK_FAULT, Session

FAR_MS = 40 * 60_000


def session_of(kit: Kit) -> Session:
    return Session(
        kit.services(),
        language=lambda: "en",
        choose_theme=lambda _choice: None,
        choose_language=lambda _choice: None,
        cover=lambda _only: None,
    )


def clock_bar(session: Session) -> str:
    return next((f"{one.title} {one.text}" for one in session.faults() if one.key == CLOCK_FAULT), "")


def test_a_clock_more_than_a_minute_off_is_one_bar_until_it_is_set() -> None:
    kit = Kit()
    session = session_of(kit)
    session.take_sync(sync_view(offset_ms=59_000))
    assert clock_bar(session) == ""
    session.take_sync(sync_view(offset_ms=90_000))
    session.take_sync(sync_view(offset_ms=90_000))
    assert clock_bar(session).startswith("The clock is behind By 90\u00a0seconds against the hub.")
    assert len([one for one in session.faults() if one.key == CLOCK_FAULT]) == 1
    session.take_sync(sync_view(offset_ms=-FAR_MS))
    assert clock_bar(session).startswith("The clock is ahead By 40\u00a0minutes against the hub.")
    session.take_sync(sync_view(offset_ms=40))
    assert clock_bar(session) == ""


def test_a_year_that_cannot_be_is_said_without_any_hub() -> None:
    kit = Kit()
    kit.clock.advance(-timedelta(days=400).total_seconds())
    kit.sync.state = sync_view(mode="alone", offset_ms=None)
    assert clock_bar(session_of(kit)).startswith("The clock is wrong")
    assert kit.clock.now() < NOW


def test_the_till_asks_for_the_date_once_and_then_sells(counter: Counter) -> None:
    counter.till.store.note_hub_time(FAR_MS)
    counter.presenter.refresh()
    assert counter.notice == "CLOCK_UNCONFIRMED"
    sold_before = counter.till.store.outbox.tip().seq
    counter.presenter.add(1)
    counter.presenter.sell_exact()
    assert (counter.notice, counter.till.store.outbox.tip().seq) == ("CLOCK_UNCONFIRMED", sold_before)
    counter.presenter.confirm_date()
    assert counter.notice is None
    assert counter.lines, "the cart is as it was"
    assert [row.kind for row in counter.till.facts.journal(1)] == ["clock_stepped"]
    counter.presenter.sell_exact()
    assert not counter.lines
