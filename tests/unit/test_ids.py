"""Numbers, serials and the short reference that people type."""

import re

import pytest
from builders import seeded_random_bytes
from hypothesis import given
from hypothesis import strategies as st

from domain import ids
from domain.ids import CROCKFORD, normalize_reference, short_reference

SERIALS = st.binary(min_size=8, max_size=8).map(bytes.hex)


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_a_uuid7_carries_its_time_and_its_version(wall_ms, noise):
    text = ids.uuid7(wall_ms, lambda size: noise[:size])
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", text)
    assert int(text[:8] + text[9:13], 16) == wall_ms


def test_uuids_of_later_times_sort_later():
    noise = seeded_random_bytes()
    made = [ids.uuid7(ms, noise) for ms in range(1_790_000_000_000, 1_790_000_000_050)]
    assert made == sorted(made)


@given(st.binary(min_size=16, max_size=16))
def test_a_uuid4_carries_its_version(noise):
    text = ids.uuid4(lambda size: noise[:size])
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", text)


def test_numbers_are_never_zero():
    parts = iter([bytes(4), bytes(4), b"\0\0\0\x07"])
    assert ids.number32(lambda _: next(parts)) == 7
    parts = iter([bytes(4), b"\0\0\0\x0a"])
    assert ids.station_id(lambda _: next(parts)) == "0000000a"


def test_a_serial_is_eight_random_bytes():
    serial = ids.ticket_serial(seeded_random_bytes())
    assert re.fullmatch(r"[0-9a-f]{16}", serial)
    assert serial == ids.ticket_serial(seeded_random_bytes())


@given(SERIALS)
def test_a_reference_reads_back_however_it_is_typed(serial):
    reference = short_reference(serial)
    assert re.fullmatch(rf"[{CROCKFORD}]{{4}}-[{CROCKFORD}]{{4}}", reference)
    for typed in (
        reference,
        reference.lower(),
        reference.replace("-", ""),
        f" {reference.replace('-', ' ')} ",
    ):
        assert normalize_reference(typed) == reference


@given(SERIALS)
def test_letters_that_look_like_digits_are_read_as_digits(serial):
    reference = short_reference(serial)
    typed = reference.replace("0", "O").replace("1", "l")
    assert normalize_reference(typed) == reference
    assert normalize_reference(reference.replace("1", "I")) == reference


@given(SERIALS, st.integers(0, 7), st.sampled_from(CROCKFORD))
def test_one_wrong_character_is_noticed(serial, place, wrong):
    letters = list(short_reference(serial).replace("-", ""))
    right, letters[place] = letters[place], wrong
    told_apart = {right, wrong} != {"0", "Z"} and right != wrong
    if told_apart:
        assert normalize_reference("".join(letters)) is None


@given(SERIALS, st.integers(0, 5))
def test_two_swapped_characters_are_noticed(serial, place):
    letters = list(short_reference(serial).replace("-", ""))
    one, other = letters[place], letters[place + 1]
    letters[place], letters[place + 1] = other, one
    if one != other and {one, other} != {"0", "Z"}:
        assert normalize_reference("".join(letters)) is None


@pytest.mark.parametrize("text", ["", "ABCD", "ABCD-EFG7-X", "ABCD-EFGU", "АБВГ-ДЕЖЗ", "*" * 8])
def test_what_is_not_a_reference_is_none(text):
    assert normalize_reference(text) is None


@given(st.text(max_size=12))
def test_any_text_is_a_reference_or_none(text):
    found = normalize_reference(text)
    assert found is None or normalize_reference(found) == found


def test_references_of_different_tickets_hardly_ever_collide():
    noise = seeded_random_bytes(7)
    references = {short_reference(ids.ticket_serial(noise)) for _ in range(20_000)}
    assert len(references) > 19_980
