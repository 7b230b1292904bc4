"""Keyboard-wedge scanners: which keys were a scanner's and which a person's, told by rhythm. No Qt here.

A scanner types a burst: six keys or more, each within 35 ms of the one before, as a rule ended by Enter or
Tab. Characters are held back until it is clear whose they are. A person's keys are replayed in their order,
at most `end_gap_ms` (55 ms) after the last one; a scanner's never reach a field or a button.

How to drive it (an event filter on the application object, in the GUI thread):

* For each KeyPress and KeyRelease that is not being replayed, call `on_key(KeyEvent(...))`. `at_ms` must be
  the time at which the *system* saw the key (QKeyEvent.timestamp()), not the time of the call: after a busy
  moment a person's keys arrive all at once and would look like a burst. `payload` is anything, for instance
  a clone of the event and the widget that had the focus; it comes back unchanged.
* Do what the `Step` says, in this order: deliver `step.replay` to the focus widget (guarded, so that the
  filter lets these pass), hand `step.scan` to the scan handler, then let the event itself pass
  (`not step.swallow`) or eat it.
* Keep one single-shot timer. After every call, if `wake_at_ms` is not None start it for that time, else stop
  it; when it fires call `on_timeout(now_ms)` on the same time base and treat the Step alike. A timer that
  fires late means that the GUI was busy and keys may still wait in the queue: then one more round is asked.
* ShortcutOverride comes before a KeyPress of the same key: accept it while `holding` is true, so that a
  shortcut is not taken from the middle of a burst.
* Time base: where timestamp() is 0 (synthetic events) use the station's monotonic milliseconds; else
  `now_ms` is those minus the smallest difference (monotonic − timestamp) seen so far.
* When the application loses the focus call `on_focus_lost()`.
"""

from dataclasses import dataclass
from enum import Enum, IntFlag, auto

from devices.keyboard_layouts import LayoutRepair, TypedKey

LATE_MS = 15
GRACE_MS = 10


class Modifiers(IntFlag):
    """Modifier keys that are down; map macOS Command to META."""

    NONE = 0
    SHIFT = auto()
    CTRL = auto()
    ALT = auto()
    META = auto()


_COMMANDS = Modifiers.CTRL | Modifiers.ALT | Modifiers.META


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """One key going down or up.

    `text` is what the system made of it (QKeyEvent.text(): Enter is "\\r", Tab "\\t"; empty for Shift, arrows
    and function keys), `native` the key's own code (see keyboard_layouts.Platform), None where unknown;
    `key` identifies the physical key for pairing press and release (the native code, else Qt's key number).
    `at_ms` is the system's time of the event in milliseconds.
    """

    text: str
    at_ms: int
    key: int
    native: int | None = None
    modifiers: Modifiers = Modifiers.NONE
    pressed: bool = True
    auto_repeat: bool = False
    payload: object = None


@dataclass(frozen=True, slots=True)
class Step:
    """What to do now: replay these keys, report this scan, then let the present event pass or swallow it.

    `wake_at_ms` is when `on_timeout` must be called if no key comes before; None for not at all.
    """

    swallow: bool
    replay: tuple[KeyEvent, ...] = ()
    scan: str | None = None
    wake_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class WedgeRules:
    """What makes a burst a scan.

    `key_gap_ms`: longest pause between two keys of a scanner. `end_gap_ms`: silence that ends a burst once
    it is long enough to be a scan. `min_length`: fewest characters of a scan; `min_length_bare`: the same
    without a suffix. `prefix`: text that scanners were set up to send first, taken off (empty: none);
    with `prefix_required` a burst without it is a person's. `tail_ms`: how long after a scan Enter and Tab
    are still the scanner's.
    """

    key_gap_ms: int = 35
    end_gap_ms: int = 55
    min_length: int = 6
    min_length_bare: int = 8
    max_length: int = 4096
    suffixes: frozenset[str] = frozenset({"\r", "\n", "\t"})
    prefix: str = ""
    prefix_required: bool = False
    tail_ms: int = 120


class _Kind(Enum):
    CHARACTER = auto()
    SUFFIX = auto()
    MODIFIER = auto()
    """Shift and its like: no text, never delivers anything by itself."""
    COMMAND = auto()
    """Shortcuts, arrows, function keys, backspace: a person's."""


MODIFIER_KEYS = frozenset({0x01000020, 0x01000021, 0x01000022, 0x01000023, 0x01000024, 0x01001103})
"""Qt's numbers of Shift, Control, Meta, Alt, Caps Lock and AltGr; pass one as `key` for such a key."""


class WedgeRecogniser:
    """Decides key by key; see the module's text for how to drive it. Not thread-safe: one GUI thread."""

    def __init__(self, rules: WedgeRules | None = None, repair: LayoutRepair | None = None) -> None:
        self._rules = rules or WedgeRules()
        self._repair = repair or LayoutRepair()
        self._held: list[KeyEvent] = []
        self._characters: list[KeyEvent] = []
        self._last_ms = 0
        self._graced = False
        self._swallowed: set[int] = set()
        self._scanned_ms: int | None = None

    @property
    def holding(self) -> bool:
        """Whether keys are held back now."""
        return bool(self._held)

    def on_key(self, event: KeyEvent) -> Step:
        """A key went down or up."""
        kind = _kind(event, self._rules)
        if kind is _Kind.MODIFIER:
            return self._step(swallow=False)
        if not event.pressed:
            return self._on_release(event)
        if self._held and self._too_late(event.at_ms):
            before = self._conclude()
            after = self._on_press(event, kind)
            return Step(after.swallow, before.replay + after.replay, before.scan, after.wake_at_ms)
        return self._on_press(event, kind)

    def on_timeout(self, now_ms: int) -> Step:
        """The time asked for by `wake_at_ms` has come (a call before it changes nothing)."""
        due_ms = self._wake_at_ms()
        if due_ms is None or now_ms < due_ms:
            return self._step(swallow=True)
        if now_ms > due_ms + LATE_MS and not self._graced:
            self._graced = True
            return Step(swallow=True, wake_at_ms=now_ms + GRACE_MS)
        return self._conclude()

    def on_focus_lost(self) -> Step:
        """The window is no longer in front: what is held is decided now."""
        return self._conclude() if self._held else self._step(swallow=False)

    def _on_press(self, event: KeyEvent, kind: _Kind) -> Step:
        if event.auto_repeat:
            return self._a_person(event)
        if kind is _Kind.CHARACTER:
            return self._hold(event)
        committed = self._committed()
        if kind is _Kind.SUFFIX:
            if self._held and self._is_scan(ended=True):
                return self._scan(event)
            if not self._held and self._in_tail(event.at_ms):
                return self._swallow(event)
        elif committed:
            # in the middle of a burst even a function key is the scanner's
            return self._swallow(event)
        return self._a_person(event)

    def _on_release(self, event: KeyEvent) -> Step:
        if any(held.key == event.key and held.pressed for held in self._held):
            self._held.append(event)
            return self._step(swallow=True)
        if event.key in self._swallowed:
            self._swallowed.discard(event.key)
            return self._step(swallow=True)
        return self._step(swallow=False)

    def _hold(self, event: KeyEvent) -> Step:
        self._held.append(event)
        self._characters.append(event)
        self._last_ms = event.at_ms
        self._graced = False
        if len(self._characters) > self._rules.max_length:
            self._keep_releases(self._held)
            self._forget()
        return self._step(swallow=True)

    def _a_person(self, event: KeyEvent) -> Step:
        """Everything held was a person's, and so is this key: all of it, in order."""
        replay = self._forget()
        self._swallowed.discard(event.key)
        return Step(swallow=False, replay=replay)

    def _swallow(self, event: KeyEvent) -> Step:
        self._swallowed.add(event.key)
        if self._held:
            self._last_ms = event.at_ms
        else:
            self._scanned_ms = event.at_ms
        return self._step(swallow=True)

    def _scan(self, suffix: KeyEvent) -> Step:
        text = self._text()
        self._keep_releases(self._held)
        self._forget()
        self._swallowed.add(suffix.key)
        self._scanned_ms = suffix.at_ms
        return Step(swallow=True, scan=text)

    def _conclude(self) -> Step:
        """Silence: the burst is over. A scan without a suffix, or a person."""
        if not self._is_scan(ended=False):
            return Step(swallow=True, replay=self._forget())
        text, last_ms = self._text(), self._last_ms
        self._keep_releases(self._held)
        self._forget()
        self._scanned_ms = last_ms
        return Step(swallow=True, scan=text)

    def _keep_releases(self, held: list[KeyEvent]) -> None:
        """Keys of a scan that are still down: their going up is swallowed as well."""
        down: set[int] = set()
        for event in held:
            (down.add if event.pressed else down.discard)(event.key)
        self._swallowed |= down

    def _forget(self) -> tuple[KeyEvent, ...]:
        held = tuple(self._held)
        self._held.clear()
        self._characters.clear()
        self._graced = False
        return held

    def _too_late(self, at_ms: int) -> bool:
        return at_ms - self._last_ms > self._gap_ms()

    def _gap_ms(self) -> int:
        return self._rules.end_gap_ms if self._committed() else self._rules.key_gap_ms

    def _wake_at_ms(self) -> int | None:
        return self._last_ms + self._gap_ms() + 1 if self._held else None

    def _in_tail(self, at_ms: int) -> bool:
        return self._scanned_ms is not None and 0 <= at_ms - self._scanned_ms <= self._rules.tail_ms

    def _committed(self) -> bool:
        """So long, or begun in such a way, that it is a scanner's whatever comes next."""
        long_enough = len(self._characters) >= self._rules.min_length and self._is_varied()
        return long_enough or self._prefixed()

    def _prefixed(self) -> bool:
        """Whether the burst begins with the prefix, as it came or as the scanner meant it."""
        start = self._characters[: len(self._rules.prefix)]
        if not start or len(start) < len(self._rules.prefix):
            return False
        arrived = "".join(event.text for event in start)
        return self._rules.prefix in (arrived, self._repair.text(_typed(start)))

    def _is_varied(self) -> bool:
        """One letter many times is a key held down, on systems that do not mark its repeats."""
        return len({event.text for event in self._characters}) > 1

    def _is_scan(self, *, ended: bool) -> bool:
        prefixed = self._prefixed()
        if self._rules.prefix_required and not prefixed:
            return False
        enough = self._rules.min_length if ended or prefixed else self._rules.min_length_bare
        return len(self._characters) >= enough and self._is_varied()

    def _text(self) -> str:
        begin = len(self._rules.prefix) if self._prefixed() else 0
        return self._repair.text(_typed(self._characters[begin:]))

    def _step(self, *, swallow: bool) -> Step:
        return Step(swallow=swallow, wake_at_ms=self._wake_at_ms())


def _typed(events: list[KeyEvent]) -> list[TypedKey]:
    return [TypedKey(at.text, at.native, bool(at.modifiers & Modifiers.SHIFT)) for at in events]


def _kind(event: KeyEvent, rules: WedgeRules) -> _Kind:
    if event.key in MODIFIER_KEYS:
        return _Kind.MODIFIER
    if event.modifiers & _COMMANDS and not _is_alt_gr(event):
        return _Kind.COMMAND
    if event.text in rules.suffixes:
        return _Kind.SUFFIX
    return _Kind.CHARACTER if len(event.text) == 1 and event.text.isprintable() else _Kind.COMMAND


def _is_alt_gr(event: KeyEvent) -> bool:
    """AltGr is Ctrl + Alt on Windows; with a printable character it types, it does not command."""
    both = Modifiers.CTRL | Modifiers.ALT
    return event.modifiers & both == both and event.text.isprintable() and bool(event.text)
