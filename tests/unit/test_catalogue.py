"""Values of the catalogue."""

import builders
import pytest

from domain.catalogue import Zone, localized, zone_mask
from domain.money import Money
from domain.validity import ValidityKind


@pytest.mark.parametrize(
    ("lang", "shown"),
    [("en", "Hamlet"), ("ru", "Гамлет"), ("ru_RU", "Гамлет"), ("RU-ru", "Гамлет"), ("de", "Hamlet")],
)
def test_a_name_is_shown_in_the_language_of_the_reader(lang, shown):
    assert localized("Hamlet", "Гамлет", lang) == shown


def test_a_name_without_translation_is_shown_as_it_is():
    assert localized("Hamlet", "", "ru") == "Hamlet"


def test_a_zone_mask_has_one_bit_per_zone_and_zero_means_all():
    assert zone_mask((0, 3, 3)) == 0b1001
    assert zone_mask(()) == 0
    assert zone_mask(tuple(range(16))) == 0xFFFF


def test_sixteen_zones_fit_into_a_mask():
    assert [Zone(number, "Zone").number for number in (0, 15)] == [0, 15]


@pytest.mark.parametrize("number", [-1, 16])
def test_a_zone_number_beyond_the_mask_is_an_error(number):
    with pytest.raises(ValueError):
        Zone(number, "Balcony")


def test_a_product_opens_its_own_event_unless_it_lists_others():
    assert builders.make_product().opens == (100,)
    assert builders.make_product(admits_at=(100, 101)).opens == (100, 101)


def test_a_product_knows_its_price_and_whether_it_is_a_pass():
    assert builders.make_product().price == Money(2000, "EUR")
    assert not builders.make_product().is_pass
    assert builders.make_pass(ValidityKind.MONTH).is_pass


def test_a_product_for_all_performances_is_sold_for_each_of_its_event():
    product = builders.make_product()
    assert product.sold_for(builders.make_performance())
    assert product.sold_for(None)
    assert not product.sold_for(builders.make_performance(event=101))


def test_a_product_for_one_performance_is_sold_for_that_one_only():
    product = builders.make_product(performances=(200,))
    assert product.sold_for(builders.make_performance(number=200))
    assert not product.sold_for(builders.make_performance(number=201))
    assert not product.sold_for(None)
