"""Words for every code and verdict in every language, and how parameters become readable."""

import ast
import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from domain.admission_facts import Verdict
from tests.tools.codes import code_shaped, codes_in
from ui.messages import LANGUAGES, Message, has_words, sentence, value_words, verdict, words_of

NOW = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_of_the_source_has_words(lang: str) -> None:
    codes = codes_in()
    assert len(codes) > 60
    assert sorted(code for code in codes if not has_words(code, lang)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_that_looks_like_a_code_has_words_or_is_known_to_be_something_else(lang: str) -> None:
    strays = {name: where for name, where in code_shaped().items() if not has_words(name, lang)}
    assert strays == {}, "give it words in ui/wording, or list it in tests/tools/codes.NOT_CODES"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_verdict_has_words(lang: str) -> None:
    for name in Verdict:
        assert verdict(name.value, {}, lang).title


def test_all_languages_have_the_same_entries_and_use_the_same_parameters() -> None:
    english, russian = words_of("en"), words_of("ru")
    assert set(english) == set(russian)
    for code in english:
        fields = [set(re.findall(r"\{([a-z_]+)", " ".join(words[code]))) for words in (english, russian)]
        assert fields[0] == fields[1] or code in {"HUB_ENCODING"}, code


def test_parameters_named_in_the_words_are_those_that_the_source_gives() -> None:
    for code, params in codes_in().items():
        readable = {name.removesuffix("_minor") for name in params} | params
        for lang in LANGUAGES:
            words = words_of(lang)[code]
            needed = set()
            for part in words:
                needed |= set(re.findall(r"\{([a-z_]+)", re.sub(r"\[[^\[\]]*\]", "", part)))
            missing = needed - readable - {"device"}
            assert missing == set() or not params, f"{code} in {lang}: {missing}"


def test_russian_words_are_russian() -> None:
    for code, words in words_of("ru").items():
        assert re.search(r"[а-яё]", words[0], re.IGNORECASE) or words[0].isupper(), code


def test_amounts_are_written_in_the_language_of_the_reader() -> None:
    params = {"missing_minor": 125000, "currency": "EUR"}
    assert sentence("TENDER_SHORT", params, "en").reason == "€1,250.00 is missing."
    assert sentence("TENDER_SHORT", params, "ru").reason == "Не хватает 1\u00a0250,00\u00a0€."


def test_times_are_those_of_the_venue_and_short_on_the_same_day() -> None:
    params = {"product": "Adult", "at": "2026-11-21T18:00:00.000Z"}
    today = sentence("SALES_OVER", params, "en", zone="Europe/Berlin", now=NOW)
    assert today.reason == "Sales of Adult ended 19:00."
    later = sentence("SALES_OVER", params, "en", zone="Europe/Berlin")
    assert later.reason == "Sales of Adult ended 21\u00a0Nov, 19:00."


def test_nouns_follow_their_number() -> None:
    assert "1\u00a0attempt left" in sentence("WRONG_PIN", {"left": 1}, "en").reason
    assert "2\u00a0попытки" in sentence("WRONG_PIN", {"left": 2}, "ru").reason
    assert "5\u00a0попыток" in sentence("WRONG_PIN", {"left": 5}, "ru").reason


def test_parts_without_their_parameter_are_left_out() -> None:
    whole = verdict("ALREADY_USED", {"at": None, "gate": "A", "by": ""}, "en")
    assert whole.reason == "It was let in at gate A."
    assert verdict("ALREADY_USED", {}, "en").reason == "It was let in."


def test_names_of_the_program_are_put_into_words() -> None:
    assert "sell tickets" in sentence("NOT_ALLOWED", {"permission": "sell"}, "en").reason
    assert value_words("role", "cashier", "ru") == "Кассир"
    assert value_words("role", "acrobat", "ru") == "acrobat"


def test_an_event_is_named_in_the_language_of_the_reader() -> None:
    params = {"event": "Night", "event_ru": "Ночь", "starts_at": None}
    assert "Ночь" in verdict("WRONG_EVENT", params, "ru").reason
    assert "Night" in verdict("WRONG_EVENT", params, "en").reason


def test_text_from_outside_is_not_read_as_a_template() -> None:
    shown = sentence("ORDER_UNKNOWN", {"text": "{count} [x] <b>"}, "en")
    assert shown.reason == "Nothing was found for {count} [x] <b>."


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert sentence("NEVER_HEARD_OF", {}, "en").reason == "Code NEVER_HEARD_OF."


def test_a_message_joins_reason_and_advice() -> None:
    assert Message("t", "r.", "a.").text == "r. a."
    assert Message("t", "", "a.").text == "a."


def test_the_scan_of_the_source_sees_what_it_should() -> None:
    tree = ast.parse('X = "ABC_D"\nraise Refusal(X, n=1)\nraise Fault("E_F" if a else "G_H")')
    assert dict(codes_of(tree)) == {"ABC_D": {"n"}, "E_F": set(), "G_H": set()}


def codes_of(tree: ast.Module) -> list[tuple[str, set[str]]]:
    from tests.tools.codes import _codes_of

    return list(_codes_of(tree))


def test_the_pseudo_locale_reaches_the_words_of_codes() -> None:
    plain, longer = (sentence("WRONG_PIN", {"left": 3}, lang) for lang in ("en", "pseudo"))
    assert len(longer.title) >= 1.4 * len(plain.title)
    assert "3" in longer.reason
    assert longer.advice == ""
    assert verdict("ADMIT", {}, "pseudo").title != verdict("ADMIT", {}, "en").title


def test_words_and_presenters_need_no_windows() -> None:
    modules = "ui.messages, ui.running, ui.frame.model, ui.signin.presenter, ui.first_run.presenter"
    probe = f"import sys, {modules}; sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0
