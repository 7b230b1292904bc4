"""What a keyboard-wedge scanner meant, whatever layout the system typed it through.

Scanners act as a US keyboard unless set up otherwise. On an AZERTY, QWERTZ or ЙЦУКЕН system the letters that
arrive are others. They are repaired by the keys' own codes where the system gives them, else by a map:
learned from a calibration code, or one of the three built in.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from devices.protocols import FaultCode, fault

TICKET_CODE = re.compile(r"[A-Z2-7]{152}")
CALIBRATION_TEXT = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz-=[];',./!@#$%&*()_+{}:<>?"
"""The text of the code that is scanned to learn a layout; every character once."""

_US_ROWS = ("1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./")
_US_SHIFTED = ("!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"', "ZXCVBNM<>?")

_LAYOUTS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "ЙЦУКЕН": (
        ("1234567890-=", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю."),
        ('!"№;%:?*()_+', "ЙЦУКЕНГШЩЗХЪ", "ФЫВАПРОЛДЖЭ", "ЯЧСМИТЬБЮ,"),
    ),
    "AZERTY": (
        ("&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù", "wxcvbn,;:!"),
        ("1234567890°+", "AZERTYUIOP¨£", "QSDFGHJKLM%", "WXCVBN?./§"),
    ),
    "QWERTZ": (
        ("1234567890ß´", "qwertzuiopü+", "asdfghjklöä", "yxcvbnm,.-"),
        ('!"§$%&/()=?`', "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ", "YXCVBNM;:_"),
    ),
}


class Platform(StrEnum):
    """Whose key codes `KeyEvent.native` holds."""

    EVDEV = "evdev"
    """X11 and Wayland: evdev code + 8, as QKeyEvent.nativeScanCode() gives it."""
    WINDOWS = "windows"
    """Scan code set 1, as QKeyEvent.nativeScanCode() gives it (an extended key has bit 8 set)."""
    MACOS = "macos"
    """Virtual key code, as QKeyEvent.nativeVirtualKey() gives it."""


@dataclass(frozen=True, slots=True)
class TypedKey:
    """One character of a burst: what the system made of it, the key's own code, whether Shift was down."""

    text: str
    native: int | None = None
    shift: bool = False


@dataclass(frozen=True, slots=True)
class LayoutMap:
    """Characters that arrive on this system → characters that the scanner meant."""

    name: str
    letters: Mapping[str, str]

    def repair(self, text: str) -> str:
        """The text as the scanner meant it; characters that are not in the map stay."""
        return "".join(self.letters.get(letter, letter) for letter in text)


def has_ticket_form(text: str) -> bool:
    """Whether a text has the form of a ticket code: 152 characters of RFC 4648 base32."""
    return TICKET_CODE.fullmatch(text) is not None


def built_in_maps() -> tuple[LayoutMap, ...]:
    """The maps for ЙЦУКЕН, AZERTY and QWERTZ."""
    return tuple(
        LayoutMap(name, _pairs((*plain, *shifted), (*_US_ROWS, *_US_SHIFTED)))
        for name, (plain, shifted) in _LAYOUTS.items()
    )


def _pairs(arriving: Iterable[str], meant: Iterable[str]) -> dict[str, str]:
    letters: dict[str, str] = {}
    for typed, us in zip(arriving, meant, strict=True):
        letters.update(zip(typed, us, strict=True))
    return letters


def learn(arrived: str, expected: str = CALIBRATION_TEXT) -> LayoutMap:
    """The map of this system, from what arrived when a code of the text `expected` was scanned.

    Raises DeviceFault CALIBRATION_MISMATCH (params expected, arrived: numbers of characters) when the lengths
    differ or one arriving character would stand for two: then characters were lost, or it was another code.
    """
    letters: dict[str, str] = {}
    contradiction = len(arrived) != len(expected)
    for typed, meant in zip(arrived, expected, strict=False):
        contradiction = contradiction or letters.setdefault(typed, meant) != meant
    if contradiction:
        raise fault(FaultCode.CALIBRATION_MISMATCH, "wedge", expected=len(expected), arrived=len(arrived))
    return LayoutMap("learned", letters)


class LayoutRepair:
    """Turns bursts of keys into the scanned text, and remembers which way worked.

    `accepts` says whether a reading is a ticket code; from the first one on, codes of other systems are read
    the same way. Until then: the learned map, else the keys' own codes, else the text as it came.
    The default only knows the form, which QWERTZ's swapped Y and Z keep: where neither key codes nor a
    learned map are at hand, pass a check of the signature. `system_layout` is for scanners that were set to
    the layout of the system: the text as it came is then trusted first.
    """

    def __init__(
        self,
        platform: Platform | None = None,
        learned: LayoutMap | None = None,
        *,
        system_layout: bool = False,
        accepts: Callable[[str], bool] | None = None,
    ) -> None:
        self._table = native_table(platform)
        self._learned = learned
        self._system_layout = system_layout
        self._accepts = accepts or has_ticket_form
        self._maps = built_in_maps()
        self._worked: str | None = None

    def text(self, keys: Sequence[TypedKey]) -> str:
        """The scanned text of a burst of keys."""
        readings = self._readings(keys)
        for way, reading in readings.items():
            if self._accepts(reading):
                self._worked = way
                return reading
        for reading in readings.values():
            if self._accepts(reading.swapcase()):  # Caps Lock is on
                return reading.swapcase()
        return next(iter(readings.values()))

    def _readings(self, keys: Sequence[TypedKey]) -> dict[str, str]:
        """Possible texts by the way they were read, the most trusted first."""
        arrived = "".join(key.text for key in keys)
        maps = {layout.name: layout.repair(arrived) for layout in self._maps}
        by_code = self._by_native_codes(keys)
        readings: dict[str, str] = {}
        if self._system_layout:
            readings["as typed"] = arrived
        if self._learned is not None:
            readings["learned"] = self._learned.repair(arrived)
        if by_code is not None:
            readings["native"] = by_code
        if any("\u0400" <= letter <= "\u04ff" for letter in arrived):
            # codes at a gate are ASCII: Cyrillic letters are the system's doing
            readings["ЙЦУКЕН"] = maps["ЙЦУКЕН"]
        readings = readings | {"as typed": arrived} | maps
        if self._worked in readings:
            return {self._worked: readings[self._worked]} | readings
        return readings

    def _by_native_codes(self, keys: Sequence[TypedKey]) -> str | None:
        letters: list[str] = []
        for key in keys:
            pair = self._table.get(key.native) if key.native is not None else None
            if pair is None:
                return None
            letters.append(pair[key.shift])
        return "".join(letters)


def native_table(platform: Platform | None) -> Mapping[int, tuple[str, str]]:
    """Key code → (character, character with Shift) of a US keyboard; empty where codes are not known."""
    if platform is None:
        return {}
    codes = {
        Platform.EVDEV: _rows(offset=8),
        Platform.WINDOWS: _rows(offset=0),
        Platform.MACOS: _MACOS,
    }[platform]
    plain, shifted = "".join(_US_ROWS), "".join(_US_SHIFTED)
    table = {code: pair for code, *pair in zip(codes, plain, shifted, strict=True)}
    space, grave, backslash = _SPACE_GRAVE_BACKSLASH[platform]
    table |= {space: [" ", " "], grave: ["`", "~"], backslash: ["\\", "|"]}
    return {code: (pair[0], pair[1]) for code, pair in table.items()}


def _rows(offset: int) -> list[int]:
    """Scan code set 1, which evdev numbers follow for these keys: 1 = 2, q = 16, a = 30, z = 44."""
    return [
        first + offset + step
        for first, count in ((2, 12), (16, 12), (30, 11), (44, 10))
        for step in range(count)
    ]


_MACOS = (
    *(18, 19, 20, 21, 23, 22, 26, 28, 25, 29, 27, 24),
    *(12, 13, 14, 15, 17, 16, 32, 34, 31, 35, 33, 30),
    *(0, 1, 2, 3, 5, 4, 38, 40, 37, 41, 39),
    *(6, 7, 8, 9, 11, 45, 46, 43, 47, 44),
)
"""Virtual key codes in the order of the US rows (HIToolbox Events.h, kVK_ANSI_…)."""

_SPACE_GRAVE_BACKSLASH = {
    Platform.EVDEV: (65, 49, 51),
    Platform.WINDOWS: (57, 41, 43),
    Platform.MACOS: (49, 50, 42),
}
