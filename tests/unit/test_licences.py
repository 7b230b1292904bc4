"""Everything that is installed has a licence that an MIT program may use."""

import re

from tests.tools import licences

FREE = re.compile(r"MIT|BSD|Apache|MPL|Mozilla|LGPL|ISC|PSF|[Zz]lib|OSI|any-OSI|HPND|Unlicense|CC0")


def test_every_locked_package_stands_on_the_page_of_licences() -> None:
    assert sorted(licences.listed()) == licences.locked()


def test_no_package_is_gpl_only_and_none_is_without_a_free_licence() -> None:
    unfit = {name: text for name, text in licences.listed().items() if not FREE.search(text)}
    assert unfit == {}


def test_an_installed_package_says_what_the_page_says() -> None:
    assert licences.said("requests") == licences.listed()["requests"]
