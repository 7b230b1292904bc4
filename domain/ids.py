"""Names of things: UUIDv7 for entries, random 32-bit numbers for the catalogue, 64-bit ticket serials.

Randomness is an argument (`random_bytes(n)`), so that a simulation can replay it.
"""

import hashlib
from collections.abc import Callable

RandomBytes = Callable[[int], bytes]

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FROM_CROCKFORD = {letter: value for value, letter in enumerate(CROCKFORD)} | {"O": 0, "I": 1, "L": 1}
_PAIRS = [high + low for high in CROCKFORD for low in CROCKFORD]
"""Ten bits at once: a reference is made of every ticket that is read."""
_CHECK_TAG = b"gatehouse-reference-1\0"


def uuid7(wall_ms: int, random_bytes: RandomBytes) -> str:
    """RFC 9562 UUID version 7: 48 bits of Unix milliseconds, then 74 random bits."""
    return _uuid(wall_ms.to_bytes(6, "big") + random_bytes(10), version=7)


def uuid4(random_bytes: RandomBytes) -> str:
    """RFC 9562 UUID version 4: for orders, shifts, users and documents, whose time nobody needs to see."""
    return _uuid(random_bytes(16), version=4)


def _uuid(raw: bytes, version: int) -> str:
    marked = bytearray(raw)
    marked[6] = version << 4 | (marked[6] & 0x0F)
    marked[8] = 0x80 | (marked[8] & 0x3F)
    text = marked.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def number32(random_bytes: RandomBytes) -> int:
    """A number for a station, event, performance or product: random, 1 … 2³²−1 (0 means none)."""
    while True:
        if number := int.from_bytes(random_bytes(4), "big"):
            return number


def station_id(random_bytes: RandomBytes) -> str:
    """Eight hexadecimal digits, never all zero (`00000000` is the hub)."""
    return f"{number32(random_bytes):08x}"


def ticket_serial(random_bytes: RandomBytes) -> str:
    """Sixteen hexadecimal digits: the 8 random bytes a ticket is known by everywhere."""
    return random_bytes(8).hex()


def short_reference(serial: str) -> str:
    """What people type instead of scanning, shown as `ABCD-EFG7`.

    Seven Crockford base32 digits taken from SHA-256 of the serial, then one check digit. For typing with
    the permission to search; among a million tickets a few collide, so a search may offer several.
    """
    value = int.from_bytes(hashlib.sha256(_CHECK_TAG + bytes.fromhex(serial)).digest()[:8], "big") >> 29
    first, second, third, fourth = value >> 30, value >> 20 & 1023, value >> 10 & 1023, value & 1023
    total = first + 2 * (second >> 5) + 3 * (second & 31) + 4 * (third >> 5) + 5 * (third & 31)
    total += 6 * (fourth >> 5) + 7 * (fourth & 31)
    text = f"{CROCKFORD[first]}{_PAIRS[second]}{_PAIRS[third]}{_PAIRS[fourth]}{CROCKFORD[total % 31]}"
    return f"{text[:4]}-{text[4:]}"


def normalize_reference(text: str) -> str | None:
    """The canonical form of a typed reference, or None when it is not one (length, letter, check digit)."""
    try:
        digits = "".join(CROCKFORD[_FROM_CROCKFORD[letter]] for letter in text.upper() if letter not in "- ")
    except KeyError:
        return None
    if len(digits) != 8 or _check_digit(digits[:7]) != digits[7]:
        return None
    return f"{digits[:4]}-{digits[4:]}"


def _check_digit(digits: str) -> str:
    """Weighted sum modulo 31: weights 1…7 find every single wrong digit but for one pair of symbols,
    and every swap of neighbours that changes the sum."""
    total = sum(weight * _FROM_CROCKFORD[digit] for weight, digit in enumerate(digits, 1))
    return CROCKFORD[total % 31]
