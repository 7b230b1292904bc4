"""Verifiers of PINs and passwords, and hashes of one-time codes.

A PIN has few digits, so it is keyed before it is hashed: with the keystore's secret of this installation, a
verifier from a stolen file cannot even be tried. A password's verifier is read by all stations in scope, so
it is Argon2id alone. A code is random enough (80 bits) for a plain hash.
"""

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Callable

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import Refusal
from domain.ids import CROCKFORD, RandomBytes

PIN_LENGTHS = range(4, 13)
PASSWORD_LENGTHS = range(8, 129)
CODE_LENGTH = 16
KEYED = "keyed$"
LANES = 4
_CODE_TAG = b"gatehouse-one-time-code-1\0"
_LIKE = {"O": "0", "I": "1", "L": "1"}


class PinHasher:
    """Argon2id for PINs and passwords (RFC 9106, the low-memory choice: a counter PC must not stall for it).

    `pepper` gives the secret that keys PINs, 32 bytes; without it they are hashed as they are.
    """

    def __init__(
        self,
        time_cost: int = 3,
        memory_kib: int = 64 * 1024,
        pepper: Callable[[], bytes] | None = None,
    ) -> None:
        self._hasher = argon2.PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=LANES)
        self._pepper = pepper
        self._nobody = _fitting_nothing(time_cost, memory_kib)

    def hash(self, pin: str) -> str:
        """A verifier for storing. Raises Refusal PIN_UNFIT (digits only, 4 to 12 of them)."""
        if not (pin.isascii() and pin.isdigit() and len(pin) in PIN_LENGTHS):
            raise Refusal("PIN_UNFIT", least=PIN_LENGTHS.start, most=PIN_LENGTHS.stop - 1)
        if self._pepper is None:
            return self._hasher.hash(pin)
        return KEYED + self._hasher.hash(self._keyed(pin))

    def matches(self, verifier: str | None, pin: str) -> bool:
        """Whether the PIN is right; without a verifier the same work is done for nothing. Verifiers from
        before PINs were keyed are still good."""
        if verifier is not None and verifier.startswith(KEYED):
            return self._verified(verifier.removeprefix(KEYED), self._keyed(pin))
        return self._verified(verifier, pin)

    def is_keyed(self, verifier: str) -> bool:
        """Whether a verifier is as `hash` makes them now."""
        return self._pepper is None or verifier.startswith(KEYED)

    def hash_password(self, password: str, login: str) -> str:
        """A verifier for a document. Raises Refusal PASSWORD_UNFIT (8 to 128 signs, not the login, not one
        sign again and again)."""
        text = _normal(password)
        plain = len(text) in PASSWORD_LENGTHS and text.isprintable()
        if not plain or text.casefold() == login.casefold() or len(set(text)) < 3:
            raise Refusal("PASSWORD_UNFIT", least=PASSWORD_LENGTHS.start, most=PASSWORD_LENGTHS.stop - 1)
        return self._hasher.hash(text)

    def matches_password(self, verifier: str | None, password: str) -> bool:
        """Whether the password is right; without a verifier the same work is done for nothing."""
        return self._verified(verifier, _normal(password))

    def _verified(self, verifier: str | None, secret: str) -> bool:
        try:
            self._hasher.verify(verifier or self._nobody, secret)
        except (VerificationError, InvalidHashError):
            return False
        return verifier is not None

    def _keyed(self, pin: str) -> str:
        key = self._pepper() if self._pepper is not None else b""
        return hmac.new(key, pin.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _fitting_nothing(time_cost: int, memory_kib: int) -> str:
    """A verifier of nobody's, at the same cost as everybody's: checking it is all that an unknown login
    takes, the first time too."""
    salt, digest = (base64.b64encode(bytes(size)).decode().rstrip("=") for size in (16, 32))
    cost = f"m={memory_kib},t={time_cost},p={LANES}"
    return f"$argon2id$v={argon2.low_level.ARGON2_VERSION}${cost}${salt}${digest}"


def new_code(random_bytes: RandomBytes) -> str:
    """A one-time code: 16 signs of Crockford base32 (80 bits), shown as `XXXX-XXXX-XXXX-XXXX`."""
    value = int.from_bytes(random_bytes(10), "big")
    signs = "".join(CROCKFORD[(value >> shift) & 31] for shift in range(75, -1, -5))
    return "-".join(signs[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def code_hash(code: str, user: str) -> str:
    """What the journal keeps of a code: hexadecimal SHA-256, bound to the person. Small letters, dashes,
    spaces and the letters O, I, L may be typed."""
    letters = "".join(_LIKE.get(letter, letter) for letter in code.upper() if letter not in "- ")
    raw = _CODE_TAG + user.encode() + b"\0" + letters.encode("utf-8", "surrogatepass")
    return hashlib.sha256(raw).hexdigest()


def token_hash(token: str, tag: str) -> str:
    """What the file keeps of a token of 256 random bits: hexadecimal SHA-256; `tag` says what it is for and
    binds it to an installation."""
    return hashlib.sha256(f"gatehouse-{tag}\0{token}".encode("utf-8", "surrogatepass")).hexdigest()


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password[:1024].encode("utf-8", "replace").decode("utf-8"))
