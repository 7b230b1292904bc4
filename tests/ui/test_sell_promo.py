"""Promo codes on the sell screen: asked for, on the cart, refused, gone after the sale."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.catalogue_files import read_catalogue
from app.services.catalogue_import import ImportCatalogue
from domain.actor import SYSTEM
from domain.money import Money
from tests.ui import test_sell_window
from tests.ui.test_sell_presenter import Counter
from tests.ui.test_sell_window import Show, sell_page
from tests.ui.till import Till
from tests.ui.whole import cut_texts
from ui.running import InlineRunner, ManualRunner
from ui.sell.facts import Stage
from ui.sell.screen import SellPage

show = test_sell_window.show
till = test_sell_window.till

PROMOS = """
events:
  - code: seagull
    promos:
      - {code: SPRING, name: Spring, name_ru: Весна, percent: 10}
      - {code: ONCE, name: Once only, amount: "5.00", limit: 1, products: stalls}
"""


def with_promos(till: Till, root: Path) -> Till:
    file = root / "promos.yaml"
    file.write_text(PROMOS, encoding="utf-8")
    ImportCatalogue(till.store, till.clock, till.random, lambda: None)(read_catalogue(file), SYSTEM)
    return till


@pytest.fixture
def make_counter(tmp_path: Path) -> Iterator[Callable[..., Counter]]:
    made: list[Counter] = []

    def make(runner: Any = None) -> Counter:
        made.append(Counter(tmp_path, runner))
        with_promos(made[-1].till, tmp_path)
        return made[-1]

    yield make
    for counter in made:
        counter.till.close()


@pytest.fixture
def counter(make_counter: Callable[..., Counter]) -> Counter:
    made = make_counter()
    made.presenter.add(1)
    return made


def total(counter: Counter) -> int:
    return int(counter.cart.total.minor)


def test_a_code_takes_something_off_the_cart_and_the_sale(counter: Counter) -> None:
    price = total(counter)
    counter.presenter.promo.apply(" spring ")
    facts = counter.cart.promo
    assert (facts.state, facts.name, facts.left) == ("on", "Spring", None)
    assert facts.off == Money(price // 10, "EUR")
    assert total(counter) == price - price // 10
    counter.presenter.add(1)
    assert total(counter) == 2 * (price - price // 10)
    counter.presenter.sell_exact()
    with counter.till.store.read() as read:
        sold = read.order(str(read.last_sale(read.station().station)))
    assert sold is not None
    assert (sold.due.minor, sold.discount.minor) == (2 * (price - price // 10), 2 * (price // 10))
    counter.wait()
    counter.presenter.add(1)
    assert (counter.cart.promo.state, total(counter)) == ("none", price), "the next guest has no code"


def test_the_name_is_in_the_language_of_the_till(counter: Counter) -> None:
    counter.lang = "ru"
    counter.presenter.promo.apply("spring")
    assert counter.cart.promo.name == "Весна"


def test_a_code_that_is_none_is_refused_beside_its_field(counter: Counter) -> None:
    price = total(counter)
    counter.presenter.promo.apply("nosuch")
    assert counter.cart.promo.trouble.code == "PROMO_UNKNOWN"
    assert total(counter) == price
    counter.presenter.promo.apply("once")
    assert (counter.cart.promo.state, counter.cart.promo.left) == ("on", 1)
    counter.presenter.promo.take_off()
    assert (counter.cart.promo.state, total(counter)) == ("none", price)


def test_a_used_up_code_is_refused_by_the_sale_too(counter: Counter) -> None:
    counter.presenter.promo.apply("once")
    counter.presenter.sell_exact()
    counter.wait()
    counter.presenter.add(1)
    counter.presenter.promo.apply("once")
    assert counter.cart.promo.trouble.code == "PROMO_OVER"


def test_a_cart_that_the_code_does_not_fit_says_so_and_is_not_sold_with_it(counter: Counter) -> None:
    counter.presenter.promo.apply("once")
    key = counter.cart.lines[0].key
    counter.presenter.add(2)
    counter.presenter.remove(key)
    assert counter.cart.promo.trouble.code == "PROMO_NOT_FOR_THESE"
    counter.presenter.sell_exact()
    assert counter.notice == "PROMO_NOT_FOR_THESE"
    assert counter.lines == [("balcony", 1)]


def test_nothing_is_looked_up_twice_at_once_nor_while_somebody_pays(
    make_counter: Callable[..., Counter],
) -> None:
    runner = ManualRunner()
    counter = make_counter(runner)
    runner.run_all()
    counter.presenter.add(1)
    counter.presenter.promo.apply("spring")
    counter.presenter.promo.apply("once")
    runner.run_all()
    assert counter.cart.promo.name == "Spring"
    counter.presenter.open_pay()
    assert counter.presenter.stage is Stage.PAYING
    counter.presenter.promo.take_off()
    assert counter.cart.promo.name == "Spring"


# In the window.


@pytest.fixture
def page(till: Till, show: Show, tmp_path: Path) -> SellPage:
    with_promos(till, tmp_path)
    till.begin_shift()
    made = show(sell_page(till, InlineRunner()))
    assert isinstance(made, SellPage)
    return made


def test_enter_in_the_field_is_for_the_code_and_not_for_the_sale(page: SellPage, qtbot: QtBot) -> None:
    row = page.cart.promo
    assert not row.isVisible(), "an empty cart has no code"
    qtbot.keyClick(page, Qt.Key.Key_F1)
    assert row.isVisible()
    qtbot.mouseClick(row.ask, Qt.MouseButton.LeftButton)
    assert row.edit.hasFocus()
    qtbot.keyClicks(row.edit, "spring")
    qtbot.keyClick(row.edit, Qt.Key.Key_Return)
    assert page._presenter.stage is Stage.SELLING
    assert row.remove.isVisible()
    qtbot.mouseClick(row.remove, Qt.MouseButton.LeftButton)
    assert row.ask.isVisible()


def test_what_is_wrong_with_a_code_stands_under_its_field(page: SellPage, qtbot: QtBot) -> None:
    row = page.cart.promo
    qtbot.keyClick(page, Qt.Key.Key_F1)
    qtbot.mouseClick(row.ask, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(row.edit, "nosuch")
    qtbot.mouseClick(row.apply, Qt.MouseButton.LeftButton)
    assert row.edit.text() == "nosuch"
    assert "No such promo code" in row._about.whole_text()
    qtbot.keyClick(row.edit, Qt.Key.Key_Escape)
    assert row.ask.isVisible()
    assert not row._about.isVisible()


@pytest.mark.parametrize("lang", ["en", "ru", "pseudo"])
@pytest.mark.parametrize("size", [(1024, 560), (800, 1200), (1158, 704)])
def test_nothing_is_cut_off(
    till: Till, show: Show, tmp_path: Path, qtbot: QtBot, lang: str, size: tuple[int, int]
) -> None:
    with_promos(till, tmp_path)
    till.begin_shift()
    page = show(sell_page(till, InlineRunner(), lang), *size)
    assert isinstance(page, SellPage)
    qtbot.keyClick(page, Qt.Key.Key_F1)
    page._presenter.promo.apply("nosuch")
    assert cut_texts(page.cart) == []
    page._presenter.promo.apply("once")
    assert cut_texts(page.cart) == []
