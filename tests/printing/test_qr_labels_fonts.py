"""The parts of printing: QR symbols, fixed words, the typeface."""

import string

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase.ttfonts import TTFont

from app.paths import resource
from app.printing.fonts import Face, Step, Typesetter
from app.printing.labels import LABELS, Labels
from app.printing.qr import (
    TICKET_CAPACITY,
    TICKET_MODULES,
    qr_png,
    rectangles,
    text_matrix,
    ticket_matrix,
)
from tests.printing.prints import code_of, codes_in, typesetter


@pytest.fixture(scope="module")
def setter() -> Typesetter:
    return typesetter()


def test_a_ticket_symbol_holds_154_letters_and_not_one_more() -> None:
    assert len(ticket_matrix("A" * TICKET_CAPACITY)) == TICKET_MODULES == 41
    with pytest.raises(ValueError, match="too long"):
        ticket_matrix("A" * (TICKET_CAPACITY + 1))


@given(st.text(alphabet=string.ascii_uppercase + "234567", min_size=152, max_size=152))
def test_every_code_can_be_read_back_from_its_png(code: str) -> None:
    picture = cv2.imdecode(np.frombuffer(qr_png(code, module=4), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert codes_in(picture) == [code]


def test_short_texts_get_a_small_symbol_and_russian_ones_any() -> None:
    assert len(text_matrix("K1-000042")) == 21
    picture = cv2.imdecode(np.frombuffer(qr_png("Чек К1-000042"), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert codes_in(picture) == ["Чек К1-000042"]
    long = "x" * 500
    picture = cv2.imdecode(np.frombuffer(qr_png(long), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert codes_in(picture) == [long]


def test_the_rectangles_cover_the_dark_modules_once_each() -> None:
    matrix = ticket_matrix(code_of(7))
    covered = np.zeros((41, 41), int)
    for x, y, wide, tall in rectangles(matrix):
        covered[y : y + tall, x : x + wide] += 1
    assert (covered == np.array(matrix, int)).all()


def test_every_label_has_words_in_both_languages_with_the_same_parameters() -> None:
    def parameters(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for key, words in LABELS.items():
        assert set(words) == {"en", "ru"}, key
        assert all(text.strip() for text in words.values()), key
        assert parameters(words["en"]) == parameters(words["ru"]), key


def test_russian_labels_are_russian_and_every_label_can_be_printed(setter: Typesetter) -> None:
    for key, words in LABELS.items():
        if key != "valid_range":
            assert any("а" <= letter.lower() <= "я" for letter in words["ru"]), key
        for text in words.values():
            assert setter.clean(text) == text, key


def test_a_label_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        Labels("en")("no such label")


@pytest.mark.parametrize("face", list(Face))
def test_figures_are_tabular_and_cyrillic_and_signs_are_there(face: Face) -> None:
    font = TTFont("probe", str(resource("fonts", f"{face}.ttf"))).face
    assert len({font.charWidths[ord(digit)] for digit in string.digits}) == 1
    wanted = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя₽№€£$×–−…·’«»\u00a0\ufffd"
    assert [letter for letter in wanted if ord(letter) not in font.charToGlyph] == []


def test_the_licence_of_the_fonts_comes_with_them() -> None:
    assert "SIL OPEN FONT LICENSE Version 1.1" in resource("fonts", "OFL.txt").read_text("utf-8")
    assert sum(file.stat().st_size for file in resource("fonts").iterdir()) < 3_000_000


@given(st.text(max_size=300))
def test_cleaning_leaves_only_what_the_typeface_can_show_and_is_done_once(
    setter: Typesetter, text: str
) -> None:
    font = TTFont("probe", str(resource("fonts", "IBMPlexSans-Regular.ttf"))).face
    cleaned = setter.clean(text)
    assert all(ord(letter) in font.charToGlyph for letter in cleaned)
    assert setter.clean(cleaned) == cleaned


@given(st.text(max_size=120), st.floats(20, 400))
def test_fitted_lines_are_never_wider_than_their_measure_nor_more_than_allowed(
    setter: Typesetter, text: str, width: float
) -> None:
    fitted = setter.fit(text, Face.BOLD, (Step(20, 1), Step(12, 2), Step(8, 3)), width, balance=True)
    assert len(fitted.lines) <= 3
    assert all(setter.width(line, Face.BOLD, fitted.size) <= width + 0.01 for line in fitted.lines)


def test_a_heading_that_wraps_is_balanced_and_keeps_its_short_words(setter: Typesetter) -> None:
    fitted = setter.fit("Сказка о царе Салтане и о князе", Face.BOLD, (Step(20, 2),), 200, balance=True)
    assert len(fitted.lines) == 2
    assert not any(line.endswith((" о", " и")) for line in fitted.lines)
    widths = [setter.width(line, Face.BOLD, 20) for line in fitted.lines]
    assert min(widths) / max(widths) > 0.6
