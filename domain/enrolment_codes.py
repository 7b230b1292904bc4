"""An enrolment file as a few QR codes: shown in turn on one screen, held to the camera of another.

    GHE1:<part>/<of>:<set>:<text>

The file is compressed and cut into parts that a webcam reads from a screen without effort; they come in any
order. `set` is the beginning of the SHA-256 of all of it, so parts of two files are never put together, and
a part that was read wrongly is noticed. All letters belong to QR's alphanumeric set. The codes are worth as
much as the file: whoever films them can join in its place.
"""

import base64
import binascii
import hashlib
import json
import re
import zlib
from dataclasses import dataclass, field
from enum import StrEnum

from domain.enrolment import MAX_TEXT
from domain.entry import canonical
from domain.errors import Refusal

PART_LETTERS = 560
"""Text of one code: with its head it fits QR version 15 at level M, 77 modules a side."""
MOST_PARTS = 40
_SET_DIGITS = 12
_CODE = re.compile(rf"GHE1:([0-9]{{1,2}})/([0-9]{{1,2}}):([0-9A-F]{{{_SET_DIGITS}}}):([A-Z2-7]+)")


class Taken(StrEnum):
    """What a code that was read turned out to be."""

    NEW = "new"
    KNOWN = "known"
    OTHER_SET = "other_set"
    """Of another file: the collection begins anew with it."""
    FOREIGN = "foreign"
    """No enrolment code at all."""


def split(text: str) -> list[str]:
    """The codes of an enrolment file. Raises Refusal ENROLMENT_INVALID (`field`) for what is no such file."""
    try:
        packed = zlib.compress(canonical(json.loads(text)).encode(), 9)
    except (ValueError, RecursionError):
        raise Refusal("ENROLMENT_INVALID", field="json") from None
    letters = base64.b32encode(packed).decode().rstrip("=")
    count = max(1, -(-len(letters) // PART_LETTERS))
    if count > MOST_PARTS:
        raise Refusal("ENROLMENT_INVALID", field="size")
    size = -(-len(letters) // count)  # parts of one size: the codes look alike, and none is needlessly large
    parts = [letters[start : start + size] for start in range(0, len(letters), size)]
    name = _set_of(packed)
    return [f"GHE1:{at}/{len(parts)}:{name}:{part}" for at, part in enumerate(parts, 1)]


@dataclass(slots=True)
class Collection:
    """The codes that have been read so far of one file."""

    of: int = 0
    parts: dict[int, str] = field(default_factory=dict)
    _set: str = ""

    @property
    def complete(self) -> bool:
        """Whether all of them are here."""
        return 0 < self.of == len(self.parts)

    @property
    def missing(self) -> list[int]:
        """Numbers of the codes that are still to be read."""
        return [number for number in range(1, self.of + 1) if number not in self.parts]

    def take(self, text: str) -> Taken:
        """Put a code that was read to the others."""
        found = _CODE.fullmatch(text.strip())
        if found is None:
            return Taken.FOREIGN
        at, of, name, part = int(found[1]), int(found[2]), found[3], found[4]
        if not 1 <= at <= of <= MOST_PARTS or len(part) > PART_LETTERS:
            return Taken.FOREIGN
        if (of, name) != (self.of, self._set):
            begun = bool(self.parts)
            self.of, self._set, self.parts = of, name, {at: part}
            return Taken.OTHER_SET if begun else Taken.NEW
        if self.parts.get(at) == part:
            return Taken.KNOWN
        self.parts[at] = part
        return Taken.NEW

    def text(self) -> str:
        """The file. Raises Refusal ENROLMENT_CODES_MISSING (`have`, `of`), ENROLMENT_CODES_DAMAGED: then
        nothing that was read is kept."""
        if not self.complete:
            raise Refusal("ENROLMENT_CODES_MISSING", have=len(self.parts), of=self.of)
        letters = "".join(self.parts[number] for number in range(1, self.of + 1))
        found = _unpacked(letters, self._set)
        if found is None:
            self.of, self._set, self.parts = 0, "", {}
            raise Refusal("ENROLMENT_CODES_DAMAGED")
        return found


def _unpacked(letters: str, name: str) -> str | None:
    """The text of a set of codes; None when they are not what they say."""
    try:
        packed = base64.b32decode(letters + "=" * (-len(letters) % 8))
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(packed, MAX_TEXT + 1) if _set_of(packed) == name else b""
        return raw.decode() if unpacker.eof and len(raw) <= MAX_TEXT else None
    except (ValueError, binascii.Error, zlib.error):
        return None


def _set_of(packed: bytes) -> str:
    return hashlib.sha256(packed).hexdigest()[:_SET_DIGITS].upper()
