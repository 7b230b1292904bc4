"""The typeface of printed things: embedding, cleaning text to what it can show, measuring and fitting it.

Text from outside is text: nothing is ever read as markup. What has no business on paper (control
characters, bidi marks, emoji) is taken out; a letter that the typeface lacks becomes a simpler form of
itself, or `\ufffd`.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from domain.errors import Fault

ELLIPSIS = "…"
UNKNOWN = "\ufffd"
_SPACES = re.compile(r"[ \t]+")
_SHORT_WORD = re.compile(
    r"(?<![\w-])([авикосуяжб]|на|по|за|из|до|от|не|но|об|со|во|ко|же|ни) ", re.IGNORECASE
)
_BEFORE_NUMBER = re.compile(r"(?<=[^\W\d_]) (?=\d)")
_BREAKS = re.compile(r"(?<=[-/–—])(?=\w\w)| ")
_DROPPED = ("Cf", "Cs", "Co", "Cn", "Me", "Mn", "So", "Sk")
_SPACED = ("Cc", "Zl", "Zp", "Zs")


class Face(StrEnum):
    """The faces of the family by the name of their file and in the PDF."""

    REGULAR = "IBMPlexSans-Regular"
    MEDIUM = "IBMPlexSans-Medium"
    SEMIBOLD = "IBMPlexSans-SemiBold"
    BOLD = "IBMPlexSans-Bold"
    MONO = "IBMPlexMono-Medium"


@dataclass(frozen=True, slots=True)
class Fitted:
    """Text broken into lines at a size (points); `whole` is False when it had to be cut off."""

    lines: tuple[str, ...]
    size: float
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One attempt at fitting: a size in points and how many lines it may take."""

    size: float
    lines: int = 1


Steps = Sequence[Step]


class Typesetter:
    """Cleans, measures and fits text; remembers what it has done, since the tickets of a batch repeat most
    of it.

    Built from the folder with the font files; registering the same faces again changes nothing.
    Raises Fault FONT_MISSING (file).
    """

    def __init__(self, folder: Path) -> None:
        self._widths: dict[str, Mapping[int, float]] = {}
        self._default: dict[str, float] = {}
        for face in Face:
            font = _registered(face, folder)
            self._widths[face] = font.face.charWidths
            self._default[face] = font.face.defaultWidth
        self._letters = _Letters(pdfmetrics.getFont(Face.REGULAR).face.charToGlyph)
        self._fitted: dict[tuple[str, str, Steps, float, bool], Fitted] = {}

    def clean(self, text: str) -> str:
        """One line that can be printed: see the module's text."""
        return _SPACES.sub(" ", unicodedata.normalize("NFC", text).translate(self._letters)).strip()

    def width(self, text: str, face: str, size: float) -> float:
        """Width in points of clean text."""
        widths, default = self._widths[face], self._default[face]
        return sum(widths.get(ord(letter), default) for letter in text) * size / 1000

    def fit(self, text: str, face: str, steps: Steps, width: float, *, balance: bool = False) -> Fitted:
        """Break text into lines no wider than `width`, with the first step (tuple of `Step`) that holds it
        whole.

        `\\n` in the text starts a new line. Words are broken, and the end is cut off with an ellipsis, only
        at the last step. `balance` evens out the lines of a heading. Text that is empty once cleaned has no
        lines.
        """
        key = (text, face, steps, width, balance)
        if key not in self._fitted:
            self._fitted[key] = self._fit(text, face, steps, width, balance)
        return self._fitted[key]

    def _fit(self, text: str, face: str, steps: Steps, width: float, balance: bool) -> Fitted:
        blocks = [_glue(block) for block in map(self.clean, text.splitlines()) if block]
        for step in steps:
            words_fit = all(
                self.width(word, face, step.size) <= width
                for block in blocks
                for word in _BREAKS.split(block)
            )
            if not words_fit:
                continue
            lines = self._wrap_all(blocks, face, step.size, width)
            if len(lines) <= step.lines:
                if balance and len(blocks) == 1:
                    lines = self._balanced(blocks[0], face, step.size, width, lines)
                return Fitted(tuple(lines), step.size)
        last = steps[-1]
        lines = self._wrap_all(blocks, face, last.size, width)
        if len(lines) <= last.lines:
            return Fitted(tuple(lines), last.size)
        kept = lines[: last.lines]
        kept[-1] = self._cut(kept[-1], face, last.size, width)
        return Fitted(tuple(kept), last.size, whole=False)

    def _wrap_all(self, blocks: Sequence[str], face: str, size: float, width: float) -> list[str]:
        return [line for block in blocks for line in self._wrap(block, face, size, width)]

    def _wrap(self, text: str, face: str, size: float, width: float) -> list[str]:
        lines: list[str] = []
        line = ""
        for piece in self._pieces(text, face, size, width):
            if line and self.width(line + piece.rstrip(" "), face, size) > width:
                lines.append(line.rstrip(" "))
                line = piece.lstrip(" ")
            else:
                line += piece
        return [*lines, line.rstrip(" ")] if line.strip() else lines

    def _pieces(self, text: str, face: str, size: float, width: float) -> list[str]:
        """The text in pieces between which a line may end; joined they are the text."""
        pieces = []
        for word in re.findall(r"[^ ]+ ?", text):
            for part in re.split(r"(?<=[-/–—])(?=\w\w)", word):
                pieces += self._split_word(part, face, size, width)
        return pieces

    def _split_word(self, word: str, face: str, size: float, width: float) -> list[str]:
        if self.width(word.rstrip(" "), face, size) <= width:
            return [word]
        parts, part = [], ""
        for letter in word:
            if part and self.width((part + letter).rstrip(" "), face, size) > width:
                parts.append(part)
                part = ""
            part += letter
        return [*parts, part]

    def _balanced(self, text: str, face: str, size: float, width: float, lines: list[str]) -> list[str]:
        """The same number of lines in the narrowest measure that still gives that number."""
        low, high, best = width / max(len(lines), 1), width, lines
        widest_word = max((self.width(word, face, size) for word in _BREAKS.split(text)), default=0.0)
        low = max(low, widest_word)
        for _ in range(8 if len(lines) > 1 else 0):
            middle = (low + high) / 2
            trial = self._wrap(text, face, size, middle)
            if len(trial) > len(lines):
                low = middle
            else:
                high, best = middle, trial
        return best

    def _cut(self, line: str, face: str, size: float, width: float) -> str:
        while line and self.width(line + ELLIPSIS, face, size) > width:
            line = line[:-1]
        return line.rstrip(" \u00a0,.;:–—-") + ELLIPSIS


def _glue(text: str) -> str:
    """Keep short words with what follows, numbers with what they count, dashes off line starts."""
    glued = _BEFORE_NUMBER.sub("\u00a0", _SHORT_WORD.sub("\\1\u00a0", text))
    return glued.replace(" – ", "\u00a0– ").replace(" — ", "\u00a0— ")


class _Letters(dict[int, str]):
    """What each character is printed as; worked out when it is first met (for `str.translate`)."""

    def __init__(self, covered: Mapping[int, int]) -> None:
        super().__init__()
        self._covered = covered

    def __missing__(self, code: int) -> str:
        self[code] = shown = self._shown(chr(code))
        return shown

    def _shown(self, letter: str) -> str:
        category = unicodedata.category(letter)
        if category in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            return " " if category in _SPACED else ""
        if ord(letter) in self._covered:
            return letter
        if category in _SPACED:
            return " "
        simpler = [
            part
            for part in unicodedata.normalize("NFKD", letter)
            if unicodedata.category(part) not in _DROPPED
        ]
        if simpler and simpler != [letter] and all(ord(part) in self._covered for part in simpler):
            return "".join(simpler)
        return "" if category in _DROPPED else UNKNOWN


def _registered(face: Face, folder: Path) -> TTFont:
    if face not in pdfmetrics.getRegisteredFontNames():
        path = folder / f"{face}.ttf"
        try:
            pdfmetrics.registerFont(TTFont(str(face), str(path)))
        except (TTFError, OSError) as error:
            raise Fault("FONT_MISSING", file=path.name) from error
    return pdfmetrics.getFont(face)
