"""Boxes for a recovery key and under a passphrase: they open for the right one only, and only unchanged."""

import os

import pytest

from domain import recovery
from domain.errors import Refusal
from domain.sealing import BoxDamagedError, RecoveryKey, is_for, open_under, open_with, seal_for, seal_under
from domain.ticket_code import SigningKey
from tests.builders import seeded_random_bytes

KEY, OTHER = RecoveryKey(bytes(range(32))), RecoveryKey(bytes(range(1, 33)))
CHEAP = 1 << 4


def test_what_is_sealed_for_a_key_opens_with_it_and_with_no_other() -> None:
    box = seal_for(KEY.public, b"secret", "test", os.urandom)
    assert open_with(KEY, box, "test") == b"secret"
    assert (is_for(box, KEY.public), is_for(box, OTHER.public)) == (True, False)
    for key, context in ((OTHER, "test"), (KEY, "another kind")):
        with pytest.raises(BoxDamagedError):
            open_with(key, box, context)


def test_the_same_secret_never_makes_the_same_box() -> None:
    boxes = {seal_for(KEY.public, b"secret", "test", os.urandom)["sealed"] for _ in range(8)}
    assert len(boxes) == 8
    assert seal_for(KEY.public, b"s", "t", seeded_random_bytes()) == seal_for(
        KEY.public, b"s", "t", seeded_random_bytes()
    )


@pytest.mark.parametrize("field", ["once", "sealed"])
def test_a_box_with_any_byte_changed_does_not_open(field: str) -> None:
    box = seal_for(KEY.public, b"secret", "test", os.urandom)
    raw = bytes.fromhex(box[field])
    for place in range(len(raw)):
        if field == "once" and place == 31:
            continue  # X25519 ignores the top bit of the last byte; the tests of the other bits are enough
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(BoxDamagedError):
            open_with(KEY, {**box, field: changed.hex()}, "test")


def test_a_passphrase_opens_its_box_and_no_other_does() -> None:
    box = seal_under("open sesame", b"secret", "test", os.urandom, CHEAP)
    assert open_under("open sesame", box, "test") == b"secret"
    for passphrase, context in (("open Sesame", "test"), ("", "test"), ("open sesame", "tset")):
        with pytest.raises(BoxDamagedError):
            open_under(passphrase, box, context)


@pytest.mark.parametrize(
    "change",
    [
        {"n": 1 << 40},
        {"n": 0},
        {"n": "16"},
        {"n": 15},
        {"r": 10**9},
        {"p": 2},
        {"salt": "zz"},
        {"nonce": ""},
        {"sealed": None},
    ],
)
def test_a_box_that_asks_for_the_impossible_is_damaged(change: dict[str, object]) -> None:
    box = seal_under("open sesame", b"secret", "test", os.urandom, CHEAP)
    with pytest.raises(BoxDamagedError):
        open_under("open sesame", {**box, **change}, "test")


def test_a_key_says_its_public_half_only() -> None:
    assert KEY.private.hex() not in repr(KEY)


def test_a_recovery_key_that_the_root_has_not_signed_is_refused() -> None:
    root, liar = SigningKey.from_seed(bytes(32)), SigningKey.from_seed(bytes(31) + b"\1")
    good = recovery.state("organization", KEY.public, root)
    assert recovery.parse_public(good.to_json()) == good
    forged = {"text": good.text, "sig": liar.sign(recovery.CONTEXT + good.text.encode()).hex()}
    for bad in (forged, {}, None, [], {"text": "{}", "sig": ""}, {**good.to_json(), "text": good.text + " "}):
        with pytest.raises(Refusal) as refused:
            recovery.parse_public(bad)
        assert refused.value.code == "RECOVERY_KEY_INVALID"
