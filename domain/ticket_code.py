"""The signed ticket code, format 1: what stands in the QR, and how it is made and read.

31 bytes, big endian, then a 64-byte Ed25519 signature over `gatehouse-ticket-1\\0` ‖ those bytes:

    1 format = 1 · 4 key id (first bytes of SHA-256 of the selling station's public key) · 8 ticket serial
    4 product number · 4 performance number (0 = none) · 2 zone mask (0 = all)
    3 valid from and 3 valid until (minutes since 2020-01-01 UTC, 0 = open) · 1 print number
    1 flags (bit 0 practice ticket, bit 1 pass)

The text is RFC 4648 base32 in upper case without padding: 152 characters, which a QR of version 6 at level M
holds in alphanumeric mode. Only the canonical text is accepted: encoding again must give the same text, so
nobody can make a second text for the same ticket out of the unused last bits.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

FORMAT = 1
PAYLOAD_BYTES = 31
SIGNATURE_BYTES = 64
TEXT_LENGTH = 152
CONTEXT = b"gatehouse-ticket-1\0"
MINUTES_SINCE = datetime(2020, 1, 1, tzinfo=UTC)
FLAG_PRACTICE = 1
FLAG_PASS = 2

_TEXT = re.compile(rf"[A-Z2-7]{{{TEXT_LENGTH}}}")
_SERIAL = re.compile(r"[0-9a-f]{16}")


class NotATicketCodeError(ValueError):
    """The text is not a ticket code of ours, whoever signed it; the message says which part is wrong."""


@dataclass(frozen=True, slots=True)
class TicketCode:
    """What the signed bytes say. Times are whole minutes in UTC, None = open."""

    key_id: bytes
    serial: str
    product: int
    performance: int = 0
    zones: int = 0
    valid_from_at: datetime | None = None
    valid_until_at: datetime | None = None
    print_number: int = 1
    practice: bool = False
    is_pass: bool = False


@dataclass(frozen=True, slots=True)
class SignedCode:
    """A decoded code with what is needed to check who signed it."""

    code: TicketCode
    payload: bytes
    signature: bytes

    def signed_by(self, public_key: bytes) -> bool:
        """Whether the 32-byte Ed25519 key made the signature."""
        return verify_signature(public_key, self.signature, CONTEXT + self.payload)


def key_id(public_key: bytes) -> bytes:
    """The 4 bytes by which a code names the key that signed it."""
    return hashlib.sha256(public_key).digest()[:4]


def verify_signature(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Ed25519 (RFC 8032); False for a wrong signature as for a key or signature of the wrong length.

    By libsodium, since a first snapshot checks hundreds of thousands and a gate one in each verdict: it takes
    two thirds of the time of OpenSSL, and also refuses keys of small order, for which anybody can sign.
    """
    if len(signature) != SIGNATURE_BYTES:
        return False
    try:
        crypto_sign_open(signature + message, public_key)
    except (BadSignatureError, ValueError):
        return False
    return True


class SigningKey:
    """An Ed25519 private key in memory. Never printed: its repr shows the public part only."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._key = private_key
        self.public: bytes = private_key.public_key().public_bytes_raw()

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """From the 32 secret bytes of RFC 8032; raises ValueError for another length."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def seed(self) -> bytes:
        """The 32 secret bytes, for writing into a keystore only."""
        return self._key.private_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """64 bytes; the same message always gives the same signature."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public.hex()[:8]}…)"


def encode(code: TicketCode, key: SigningKey) -> str:
    """The text for the QR. `code.key_id` must be the key's; raises ValueError for a field out of range."""
    if code.key_id != key_id(key.public):
        raise ValueError("the code names another key")
    payload = _pack(code)
    return _text(payload + key.sign(CONTEXT + payload))


def decode(text: str) -> SignedCode:
    """Read a scanned text. Raises NotATicketCodeError for anything but a canonical code of format 1."""
    if not _TEXT.fullmatch(text):
        raise NotATicketCodeError("not 152 characters of base32")
    try:
        raw = base64.b32decode(text)
    except binascii.Error:
        raise NotATicketCodeError("not base32") from None
    if len(raw) != PAYLOAD_BYTES + SIGNATURE_BYTES or _text(raw) != text:
        raise NotATicketCodeError("not the canonical text")
    payload, signature = raw[:PAYLOAD_BYTES], raw[PAYLOAD_BYTES:]
    if payload[0] != FORMAT:
        raise NotATicketCodeError(f"format {payload[0]}")
    return SignedCode(_unpack(payload), payload, signature)


def _text(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")


def _pack(code: TicketCode) -> bytes:
    if not _SERIAL.fullmatch(code.serial) or len(code.key_id) != 4:
        raise ValueError("serial or key id out of range")
    flags = (FLAG_PRACTICE if code.practice else 0) | (FLAG_PASS if code.is_pass else 0)
    try:
        return b"".join(
            (
                bytes([FORMAT]),
                code.key_id,
                bytes.fromhex(code.serial),
                code.product.to_bytes(4, "big"),
                code.performance.to_bytes(4, "big"),
                code.zones.to_bytes(2, "big"),
                _minutes(code.valid_from_at, round_up=False).to_bytes(3, "big"),
                _minutes(code.valid_until_at, round_up=True).to_bytes(3, "big"),
                code.print_number.to_bytes(1, "big"),
                bytes([flags]),
            )
        )
    except OverflowError as error:
        raise ValueError(f"a field does not fit: {error}") from None


def _unpack(payload: bytes) -> TicketCode:
    def number(start: int, size: int) -> int:
        return int.from_bytes(payload[start : start + size], "big")

    flags = payload[30]
    if flags & ~(FLAG_PRACTICE | FLAG_PASS):
        raise NotATicketCodeError("unknown flags")
    return TicketCode(
        key_id=payload[1:5],
        serial=payload[5:13].hex(),
        product=number(13, 4),
        performance=number(17, 4),
        zones=number(21, 2),
        valid_from_at=_from_minutes(number(23, 3)),
        valid_until_at=_from_minutes(number(26, 3)),
        print_number=payload[29],
        practice=bool(flags & FLAG_PRACTICE),
        is_pass=bool(flags & FLAG_PASS),
    )


def _minutes(at: datetime | None, *, round_up: bool) -> int:
    if at is None:
        return 0
    whole, rest = divmod(at - MINUTES_SINCE, timedelta(minutes=1))
    minutes = whole + (1 if round_up and rest else 0)
    if minutes == 0:
        raise ValueError("the first minute of 2020 would be read as no limit")
    return minutes


def _from_minutes(minutes: int) -> datetime | None:
    return MINUTES_SINCE + timedelta(minutes=minutes) if minutes else None
