"""Secrets locked away: for the owner of a recovery key, or under a passphrase.

For a key (X25519): a fresh key pair per box, HKDF-SHA256 over the shared secret, ChaCha20-Poly1305. Whoever
seals needs the public half only and cannot open what was sealed. Under a passphrase: scrypt, then the same
cipher. `context` names what is inside, so that a box of one kind is never taken for one of another. A box is
plain JSON with hexadecimal bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from domain.ids import RandomBytes

KEY_BYTES = 32
NONCE_BYTES = 12
SALT_BYTES = 16
SCRYPT_N, SCRYPT_R, SCRYPT_P = 1 << 16, 8, 1
"""64 MiB and about a fifth of a second on a small PC."""
MOST_N = 1 << 20

Box = Mapping[str, Any]


class BoxDamagedError(ValueError):
    """Not a box of that kind, changed on the way, or (under a passphrase) the wrong passphrase."""


@dataclass(frozen=True, slots=True, repr=False)
class RecoveryKey:
    """The private half, 32 bytes; `public` is what is given away."""

    private: bytes

    @property
    def public(self) -> bytes:
        """32 bytes."""
        return X25519PrivateKey.from_private_bytes(self.private).public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return f"RecoveryKey(public={self.public.hex()[:8]}…)"


def seal_for(public: bytes, plain: bytes, context: str, random_bytes: RandomBytes) -> dict[str, str]:
    """Lock bytes away for the owner of a public key. Raises ValueError for a key that is none."""
    once = X25519PrivateKey.from_private_bytes(random_bytes(KEY_BYTES))
    mine = once.public_key().public_bytes_raw()
    key = _shared(once.exchange(X25519PublicKey.from_public_bytes(public)), mine, public, context)
    sealed = ChaCha20Poly1305(key).encrypt(bytes(NONCE_BYTES), plain, context.encode())
    return {"once": mine.hex(), "sealed": sealed.hex(), "to": public.hex()}


def is_for(box: Box, public: bytes) -> bool:
    """Whether a box says that it was sealed for this key."""
    return box.get("to") == public.hex()


def open_with(key: RecoveryKey, box: Box, context: str) -> bytes:
    """Inverse of `seal_for`. Raises BoxDamagedError."""
    try:
        once, sealed = bytes.fromhex(box["once"]), bytes.fromhex(box["sealed"])
        private = X25519PrivateKey.from_private_bytes(key.private)
        secret = _shared(private.exchange(X25519PublicKey.from_public_bytes(once)), once, key.public, context)
        return ChaCha20Poly1305(secret).decrypt(bytes(NONCE_BYTES), sealed, context.encode())
    except (KeyError, TypeError, ValueError, InvalidTag):
        raise BoxDamagedError(context) from None


def seal_under(
    passphrase: str, plain: bytes, context: str, random_bytes: RandomBytes, n: int = SCRYPT_N
) -> dict[str, Any]:
    """Lock bytes away under a passphrase; `n` is what guessing one costs (a power of two)."""
    salt, nonce = random_bytes(SALT_BYTES), random_bytes(NONCE_BYTES)
    key = _stretched(passphrase, salt, n, SCRYPT_R, SCRYPT_P)
    return {
        "n": n,
        "nonce": nonce.hex(),
        "p": SCRYPT_P,
        "r": SCRYPT_R,
        "salt": salt.hex(),
        "sealed": ChaCha20Poly1305(key).encrypt(nonce, plain, context.encode()).hex(),
    }


def open_under(passphrase: str, box: Box, context: str) -> bytes:
    """Inverse of `seal_under`. Raises BoxDamagedError, also for a wrong passphrase: nobody can tell these
    apart."""
    n = box.get("n")
    if type(n) is not int or not 2 <= n <= MOST_N or (box.get("r"), box.get("p")) != (SCRYPT_R, SCRYPT_P):
        raise BoxDamagedError(context)
    try:
        key = _stretched(passphrase, bytes.fromhex(box["salt"]), n, SCRYPT_R, SCRYPT_P)
        sealed = bytes.fromhex(box["sealed"])
        return ChaCha20Poly1305(key).decrypt(bytes.fromhex(box["nonce"]), sealed, context.encode())
    except (KeyError, TypeError, ValueError, InvalidTag):
        raise BoxDamagedError(context) from None


def _shared(secret: bytes, once: bytes, public: bytes, context: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, None, context.encode() + b"\0" + once + public).derive(secret)


def _stretched(passphrase: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return Scrypt(salt, KEY_BYTES, n, r, p).derive(passphrase.encode())
