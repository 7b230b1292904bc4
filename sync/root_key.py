"""The organization's root key as a file: PKCS #8, encrypted with a passphrase, kept away from stations."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from domain.errors import Fault, Refusal
from domain.ids import RandomBytes
from domain.ticket_code import SigningKey

MIN_PASSPHRASE = 8


def make_root_key(path: Path, passphrase: str, random_bytes: RandomBytes) -> SigningKey:
    """Make a key and write it to a file that must not exist yet, readable by its owner only.

    Raises Refusal PASSPHRASE_SHORT (`least`), ROOT_KEY_EXISTS (`path`), Fault ROOT_KEY_UNWRITABLE (`path`).
    """
    if len(passphrase) < MIN_PASSPHRASE:
        raise Refusal("PASSPHRASE_SHORT", least=MIN_PASSPHRASE)
    seed = random_bytes(32)
    pem = Ed25519PrivateKey.from_private_bytes(seed).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode())
    )
    write_key_file(path, pem)
    return SigningKey.from_seed(seed)


def write_key_file(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet, readable by its owner only, durably.

    Raises Refusal ROOT_KEY_EXISTS (`path`), Fault ROOT_KEY_UNWRITABLE (`path`).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise Refusal("ROOT_KEY_EXISTS", path=str(path)) from None
    except OSError:
        raise Fault("ROOT_KEY_UNWRITABLE", path=str(path)) from None


def read_root_key(path: Path, passphrase: str) -> SigningKey:
    """Open the file. Raises Fault ROOT_KEY_MISSING, Refusal PASSPHRASE_WRONG, ROOT_KEY_INVALID (`path`)."""
    try:
        pem = path.read_bytes()
    except OSError:
        raise Fault("ROOT_KEY_MISSING", path=str(path)) from None
    if not pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----"):
        raise Refusal("ROOT_KEY_INVALID", path=str(path))
    try:
        key = load_pem_private_key(pem, passphrase.encode())
    except ValueError:
        raise Refusal("PASSPHRASE_WRONG") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Refusal("ROOT_KEY_INVALID", path=str(path))
    return SigningKey(key)
