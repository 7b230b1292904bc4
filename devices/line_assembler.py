"""Bytes of a serial scanner become codes: by terminator, or by silence where the scanner sends no suffix.

Pure: bytes and times come in as arguments, nothing is read and nobody waits.
"""

from dataclasses import dataclass

CR, LF, TAB, ETX = 0x0D, 0x0A, 0x09, 0x03
ALL_TERMINATORS = frozenset({CR, LF, TAB, ETX})
FORGET_MS = 2000
SUFFIX_PATIENCE = 5
"""How many times the gap a scanner is given whose last code had a terminator: it will send another one."""
_SPACE, _DELETE = 0x20, 0x7F


@dataclass(frozen=True, slots=True)
class LineRules:
    """How a scanner marks the end of a code.

    `terminators` are byte values; `idle_gap_ms` is the silence after which a code without a terminator is
    complete, None when the scanner is known to send a terminator (then a rest without one is forgotten after
    two seconds). A code of more than `max_length` bytes is dropped whole. `prefix` is taken off if there.
    """

    terminators: frozenset[int] = ALL_TERMINATORS
    idle_gap_ms: int | None = 60
    max_length: int = 4096
    prefix: bytes = b""


class LineAssembler:
    """Collects bytes into codes. Times are milliseconds of one monotonic clock and never go back."""

    def __init__(self, rules: LineRules | None = None) -> None:
        self._rules = rules or LineRules()
        self._pending = bytearray()
        self._overlong = False
        self._last_ms: int | None = None
        self._sends_suffix = False

    @property
    def waiting(self) -> bool:
        """Whether a code has begun and is not complete."""
        return bool(self._pending) or self._overlong

    def feed(self, received: bytes, at_ms: int) -> list[str]:
        """Codes completed by these bytes, in their order.

        Bytes that come late are still part of the same code: only `flush`, called when there was nothing
        to read, may conclude that the scanner is silent. (A busy machine reads late what was sent in time.)
        """
        codes: list[str] = []
        for byte in received:
            if byte in self._rules.terminators:
                self._sends_suffix = True
                codes += self._complete()
            elif byte >= _SPACE and byte != _DELETE:
                self._append(byte)
        if received:
            self._last_ms = at_ms
        return codes

    def flush(self, at_ms: int) -> list[str]:
        """The code that silence until `at_ms` completes, if any. Call when there was nothing to read."""
        if self._last_ms is None or not self.waiting:
            return []
        silence = at_ms - self._last_ms
        if self._rules.idle_gap_ms is None:
            if silence >= FORGET_MS:
                self.drop()
            return []
        if silence < self._rules.idle_gap_ms * (SUFFIX_PATIENCE if self._sends_suffix else 1):
            return []
        self._sends_suffix = False
        return self._complete()

    def drop(self) -> None:
        """Forget an unfinished code: the port vanished in mid-line."""
        self._pending.clear()
        self._overlong = False

    def _append(self, byte: int) -> None:
        if self._overlong:
            return
        self._pending.append(byte)
        if len(self._pending) > self._rules.max_length:
            self._pending.clear()
            self._overlong = True

    def _complete(self) -> list[str]:
        line = bytes(self._pending).removeprefix(self._rules.prefix)
        self.drop()
        text = _text(line).strip()
        return [text] if text else []


def _text(line: bytes) -> str:
    """UTF-8 where it is, else Latin-1, which every byte has a letter in."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")
