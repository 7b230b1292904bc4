"""The shift screen without a window: open, X, count, close, Z; over the real use cases and store."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.money import Money
from tests.ui.recorders import Recorder
from tests.ui.till import Till
from ui.running import InlineRunner, ManualRunner, ManualTimers
from ui.sell.presenter import SellPresenter
from ui.shift.presenter import ShiftPresenter, ShiftStage


class Drawer:
    """A till with its shift screen."""

    def __init__(self, root: Path, runner: Any = None) -> None:
        self.till = Till(root)
        self.timers = ManualTimers()
        self.view = Recorder()
        self.runner = runner or InlineRunner()
        self.presenter = ShiftPresenter(self.till, self.runner, self.timers, self.till.who, lambda: "en")
        self.presenter.attach(self.view)
        self.presenter.enter()

    @property
    def count(self) -> Any:
        return self.view.seen["count"][0]

    @property
    def report(self) -> Any:
        return self.view.seen["report"]


@pytest.fixture
def drawer(tmp_path: Path) -> Iterator[Drawer]:
    made = Drawer(tmp_path)
    yield made
    made.till.close()


def test_at_first_there_is_no_shift_and_no_report(drawer: Drawer):
    assert drawer.presenter.stage is ShiftStage.NONE
    assert drawer.report is None
    assert drawer.view.seen["opening"][0] == "EUR"


def test_a_shift_is_opened_with_what_was_typed(drawer: Drawer):
    drawer.presenter.open_shift("150.00")
    assert drawer.presenter.stage is ShiftStage.OPEN
    assert drawer.report.shift.float_ == Money(15_000, "EUR")


def test_a_float_that_cannot_be_read_is_refused_beside_the_field(drawer: Drawer):
    drawer.presenter.open_shift("1.5")
    assert drawer.view.seen["opening"][1].code == "AMOUNT_INVALID"
    assert drawer.presenter.stage is ShiftStage.NONE


def test_the_x_report_follows_the_sales(drawer: Drawer):
    drawer.presenter.open_shift("100")
    drawer.till.sold_by_hand("stalls", 2)
    drawer.till.sold_by_hand("student", 1)
    drawer.timers.advance(5000)
    shift = drawer.report.shift
    assert (shift.expected, shift.receipts_count) == (Money(16_000, "EUR"), 2)
    assert (shift.receipts_first, shift.receipts_last) == ("K1-000001", "K1-000002")


@pytest.mark.parametrize(("typed", "difference"), [("148", 0), ("146.00", -200), ("150,00", 200)])
def test_a_count_is_judged_while_it_is_typed(drawer: Drawer, typed: str, difference: int):
    drawer.presenter.open_shift("100")
    drawer.till.sold_by_hand("stalls", 2)
    drawer.presenter.refresh()
    drawer.presenter.type_count(typed)
    assert drawer.count.difference == Money(difference, "EUR")


def test_a_count_is_judged_again_when_a_sale_comes_in_between(drawer: Drawer):
    drawer.presenter.open_shift("100")
    drawer.presenter.type_count("100")
    drawer.till.sold_by_hand("stalls", 2)
    drawer.presenter.refresh()
    assert drawer.count.difference == Money(-4800, "EUR")


def test_nothing_is_closed_without_a_count(drawer: Drawer):
    drawer.presenter.open_shift("100")
    drawer.presenter.close_shift()
    assert drawer.count.trouble.code == "AMOUNT_INVALID"
    assert drawer.presenter.stage is ShiftStage.OPEN


def test_closing_numbers_the_z_report_and_keeps_it_at_hand(drawer: Drawer):
    for number in (1, 2):
        drawer.presenter.open_shift("100")
        drawer.presenter.type_count("98")
        drawer.presenter.close_shift()
        assert drawer.presenter.stage is ShiftStage.NONE
        assert (drawer.report.shift.number, drawer.report.shift.difference) == (number, Money(-200, "EUR"))


def test_the_last_z_report_stays_at_hand_in_the_next_shift(drawer: Drawer):
    drawer.presenter.open_shift("100")
    drawer.presenter.type_count("100")
    drawer.presenter.close_shift()
    drawer.presenter.open_shift("50")
    assert (drawer.report.which, drawer.report.both) == ("now", True)
    drawer.presenter.choose_report("last")
    assert drawer.report.shift.number == 1


def test_the_next_count_begins_empty(drawer: Drawer):
    drawer.presenter.open_shift("100")
    drawer.presenter.type_count("100")
    drawer.presenter.close_shift()
    drawer.presenter.open_shift("50")
    assert drawer.count.text == ""


def test_a_shift_is_closed_once_however_often_the_button_is_pressed(tmp_path: Path):
    drawer = Drawer(tmp_path, ManualRunner())
    drawer.runner.run_all()
    drawer.presenter.open_shift("100")
    drawer.presenter.open_shift("200")
    drawer.runner.run_all()
    drawer.presenter.type_count("100")
    drawer.presenter.close_shift()
    drawer.presenter.close_shift()
    drawer.presenter.type_count("999")
    assert drawer.runner.waiting() == ["store"]
    drawer.runner.run_all()
    assert drawer.report.shift.counted == Money(10_000, "EUR")
    assert drawer.report.shift.number == 1
    drawer.till.close()


def test_a_shift_closed_at_another_window_is_told_and_not_closed_twice(drawer: Drawer):
    drawer.presenter.open_shift("100")
    drawer.presenter.type_count("100")
    drawer.till.close_shift(10_000, drawer.till.actor)
    drawer.presenter.close_shift()
    assert drawer.presenter.stage is ShiftStage.NONE
    assert drawer.report.shift.number == 1


def test_closing_never_waits_for_paper_and_a_fault_of_the_folder_undoes_nothing(drawer: Drawer):
    drawer.presenter.open_shift("100")
    drawer.till.folder.locked = True
    drawer.presenter.type_count("100")
    drawer.presenter.close_shift()
    assert drawer.report.shift.number == 1
    drawer.presenter.open_pdf()
    assert drawer.view.seen["paper"].trouble.code == "PRINT_FOLDER_NOT_WRITABLE"
    drawer.till.folder.locked = False
    drawer.presenter.open_pdf()
    assert drawer.till.tray.opened == ["Z-000001-Till-1.pdf"]


def test_a_report_is_saved_into_the_chosen_folder(drawer: Drawer, tmp_path: Path):
    drawer.presenter.open_shift("100")
    drawer.presenter.save_pdf(str(tmp_path / "stick"))
    paper = drawer.view.seen["paper"]
    assert paper.state == "saved"
    assert Path(paper.file).parent == tmp_path / "stick"


def test_closing_a_shift_leaves_an_open_cart_alone(drawer: Drawer):
    drawer.presenter.open_shift("100")
    sell = SellPresenter(drawer.till, drawer.runner, drawer.timers, drawer.till.who, lambda: "en")
    view = Recorder()
    sell.attach(view)
    sell.enter()
    sell.add(1)
    drawer.presenter.type_count("100")
    drawer.presenter.close_shift()
    sell.refresh()
    assert [line.product.code for line in view.seen["cart"].lines] == ["stalls"]
