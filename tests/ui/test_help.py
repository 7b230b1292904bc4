"""Help pages: the same in every language, with links that lead somewhere, readable by the window."""

import re

import pytest

from ui.assets import asset

PAGES = ("index", "cashier", "gate", "people", "practice", "technician")


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_exists_and_its_links_lead_to_pages(language: str, page: str) -> None:
    text = asset("help", language, f"{page}.md").read_text(encoding="utf-8")
    assert text.startswith("# ")
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert asset("help", language, link).is_file()


@pytest.mark.parametrize("page", PAGES)
def test_pages_of_both_languages_have_the_same_parts(page: str) -> None:
    parts = [
        [line.split(" ")[0] for line in asset("help", language, f"{page}.md").read_text("utf-8").splitlines()
         if line.startswith("#")]
        for language in ("en", "ru")
    ]  # fmt: skip
    assert parts[0] == parts[1]
