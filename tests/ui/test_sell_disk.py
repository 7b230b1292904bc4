"""The sell screen says that the disk is nearly full before a guest is asked for money."""

from tests.ui.test_sell_presenter import Counter
from tests.ui.test_sell_presenter import counter as counter  # noqa: PLC0414 - a fixture
from tests.ui.test_sell_presenter import make_counter as make_counter  # noqa: PLC0414 - a fixture

LOW = 100 * 1024 * 1024


def test_a_full_disk_is_said_before_the_sale_and_goes_when_there_is_room(counter: Counter) -> None:
    assert counter.notice is None
    counter.till.free_bytes = LOW
    counter.presenter.refresh()
    assert counter.notice == "DISK_LOW"
    assert counter.view.seen["notice"].fault
    counter.till.free_bytes = None
    counter.presenter.refresh()
    assert counter.notice is None


def test_a_refusal_is_said_first_and_the_disk_again_after_it(counter: Counter) -> None:
    counter.till.free_bytes = LOW
    counter.presenter.refresh()
    counter.presenter.add(1)
    assert counter.notice == "DISK_LOW", "a cart may be filled; the words stay"
    sold_before = counter.till.store.outbox.tip().seq
    counter.presenter.sell_exact()
    assert counter.notice == "DISK_LOW"
    assert counter.till.store.outbox.tip().seq == sold_before
    assert counter.lines, "the cart is as it was"
