"""The signed code: round trip, and everything that is not exactly what was signed is refused."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import OTHER_KEY, TILL_KEY, make_code, make_code_text, utc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from domain.ticket_code import (
    CONTEXT,
    MINUTES_SINCE,
    PAYLOAD_BYTES,
    TEXT_LENGTH,
    NotATicketCodeError,
    SigningKey,
    TicketCode,
    decode,
    encode,
    key_id,
    verify_signature,
)

MINUTES = st.none() | st.integers(1, 2**24 - 1).map(
    lambda minutes: MINUTES_SINCE + timedelta(minutes=minutes)
)
CODES = st.builds(
    TicketCode,
    key_id=st.just(key_id(TILL_KEY.public)),
    serial=st.binary(min_size=8, max_size=8).map(bytes.hex),
    product=st.integers(0, 2**32 - 1),
    performance=st.integers(0, 2**32 - 1),
    zones=st.integers(0, 2**16 - 1),
    valid_from_at=MINUTES,
    valid_until_at=MINUTES,
    print_number=st.integers(0, 255),
    practice=st.booleans(),
    is_pass=st.booleans(),
)
TEXT = make_code_text()
RAW = base64.b32decode(TEXT)


def is_refused(text):
    """Not a code, or not signed by the till."""
    try:
        return not decode(text).signed_by(TILL_KEY.public)
    except NotATicketCodeError:
        return True


def text_of(raw):
    return base64.b32encode(raw).decode().rstrip("=")


def signed(payload, key=TILL_KEY):
    return text_of(payload + key.sign(CONTEXT + payload))


@given(CODES)
def test_every_code_reads_back(code):
    text = encode(code, TILL_KEY)
    scanned = decode(text)
    assert scanned.code == code
    assert scanned.signed_by(TILL_KEY.public)
    assert len(text) == TEXT_LENGTH


def test_the_layout_is_as_written():
    code = make_code(
        product=0x01020304,
        performance=0x05060708,
        zones=0x090A,
        valid_from_at=MINUTES_SINCE + timedelta(minutes=0x0B0C0D),
        valid_until_at=MINUTES_SINCE + timedelta(minutes=0x0E0F10),
        print_number=0x11,
        practice=True,
        is_pass=True,
    )
    expected = (
        "01" + key_id(TILL_KEY.public).hex() + "00112233445566aa" + "0102030405060708090a0b0c0d0e0f101103"
    )
    assert code.payload.hex() == expected
    assert len(code.payload) == PAYLOAD_BYTES


def test_every_single_flipped_bit_is_refused():
    for bit in range(len(RAW) * 8):
        flipped = bytearray(RAW)
        flipped[bit // 8] ^= 1 << bit % 8
        assert is_refused(text_of(bytes(flipped))), f"bit {bit}"


def test_every_truncation_is_refused():
    assert all(is_refused(TEXT[:length]) for length in range(TEXT_LENGTH))
    assert all(is_refused(text_of(RAW[:length])) for length in range(len(RAW)))


@pytest.mark.parametrize("more", ["A", "=", " ", "\n", "AAAAAAAA", "\0"])
def test_every_extension_is_refused(more):
    assert is_refused(TEXT + more)
    assert is_refused(more + TEXT)


def test_every_other_character_at_every_place_is_refused():
    for place in range(0, TEXT_LENGTH, 7):
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567":
            if letter != TEXT[place]:
                assert is_refused(TEXT[:place] + letter + TEXT[place + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT.lower(),
        f"{TEXT[:-1]}=",
        f"{TEXT[:76]} {TEXT[76:]}",
        f"{TEXT[:-1]}1",
        f"{TEXT[:-1]}А",
        base64.b64encode(RAW).decode(),
        RAW.hex().upper(),
        "A" * TEXT_LENGTH,
    ],
)
def test_only_the_canonical_text_is_read(text):
    with pytest.raises(NotATicketCodeError):
        decode(text)


def test_another_format_is_refused_even_with_a_good_signature():
    with pytest.raises(NotATicketCodeError):
        decode(signed(b"\x02" + RAW[1:PAYLOAD_BYTES]))


@pytest.mark.parametrize("flags", [4, 128, 255])
def test_unknown_flags_are_refused_even_with_a_good_signature(flags):
    with pytest.raises(NotATicketCodeError):
        decode(signed(RAW[: PAYLOAD_BYTES - 1] + bytes([flags])))


def test_another_key_did_not_sign_it():
    code = make_code()
    assert code.signed_by(TILL_KEY.public)
    assert not code.signed_by(OTHER_KEY.public)
    assert not decode(signed(code.payload, OTHER_KEY)).signed_by(TILL_KEY.public)


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(32), b"\xff" * 32])
def test_a_key_that_is_none_signed_nothing(key):
    assert not verify_signature(key, RAW[PAYLOAD_BYTES:], RAW[:PAYLOAD_BYTES])


@given(st.binary(max_size=80), st.integers(0, 8 * 64 - 1))
def test_what_another_implementation_signs_is_believed_and_nothing_beside_it(message, bit):
    theirs = Ed25519PrivateKey.from_private_bytes(TILL_KEY.seed()).sign(message)
    assert verify_signature(TILL_KEY.public, theirs, message)
    flipped = (int.from_bytes(theirs, "big") ^ (1 << bit)).to_bytes(64, "big")
    assert not verify_signature(TILL_KEY.public, flipped, message)
    assert not verify_signature(TILL_KEY.public, theirs, message + b"\0")
    assert not verify_signature(TILL_KEY.public, theirs + message[:1], message[1:]) or not message


def test_a_second_form_of_a_signature_is_refused():
    """S and S + L say the same (RFC 8032, 5.1.7): only the smaller is a signature."""
    message = b"a ticket"
    sig = TILL_KEY.sign(message)
    order = 2**252 + 27742317777372353535851937790883648493
    larger = sig[:32] + (int.from_bytes(sig[32:], "little") + order).to_bytes(32, "little")
    assert verify_signature(TILL_KEY.public, sig, message)
    assert not verify_signature(TILL_KEY.public, larger, message)


def test_a_key_for_which_anybody_can_sign_signed_nothing():
    """The point of order one: with it the equation of RFC 8032 holds for every message."""
    neutral = b"\x01" + bytes(31)
    for_all = neutral + bytes(32)
    Ed25519PublicKey.from_public_bytes(neutral).verify(for_all, b"whatever")
    assert not verify_signature(neutral, for_all, b"whatever")


def test_a_signature_of_something_else_is_not_a_ticket():
    payload = RAW[:PAYLOAD_BYTES]
    assert is_refused(text_of(payload + TILL_KEY.sign(payload)))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    assert is_refused(text)


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=TEXT_LENGTH, max_size=TEXT_LENGTH))
def test_any_text_of_the_right_shape_is_refused(text):
    assert is_refused(text)


def test_times_round_outwards_to_whole_minutes():
    at = utc("2026-11-21 19:00:30")
    code = make_code(valid_from_at=at, valid_until_at=at).code
    assert (code.valid_from_at, code.valid_until_at) == (utc("2026-11-21 19:00"), utc("2026-11-21 19:01"))


@pytest.mark.parametrize(
    "changes",
    [
        {"serial": "00"},
        {"serial": "00112233445566AA"},
        {"product": 2**32},
        {"product": -1},
        {"zones": 2**16},
        {"print_number": 256},
        {"valid_from_at": utc("2019-12-31 23:59")},
        {"valid_from_at": MINUTES_SINCE},
        {"valid_until_at": MINUTES_SINCE},
        {"valid_until_at": utc("2060-01-01 00:00")},
    ],
)
def test_a_field_that_does_not_fit_is_an_error(changes):
    with pytest.raises(ValueError):
        make_code_text(**changes)


def test_a_code_names_the_key_that_signs_it():
    code = make_code().code
    with pytest.raises(ValueError):
        encode(code, OTHER_KEY)
    with pytest.raises(ValueError):
        encode(replace(code, key_id=b"abc"), TILL_KEY)


def test_a_key_hides_its_secret():
    assert TILL_KEY.seed() == bytes(range(32))
    assert TILL_KEY.seed().hex() not in repr(TILL_KEY)
    assert TILL_KEY.public.hex()[:8] in repr(TILL_KEY)
    with pytest.raises(ValueError):
        SigningKey.from_seed(b"short")


def test_signing_is_deterministic():
    assert make_code_text() == make_code_text()
