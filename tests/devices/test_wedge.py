"""Keyboard-wedge scanners: a person's keys come back exactly, a scanner's never do."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.keyboard_layouts import (
    CALIBRATION_TEXT,
    LayoutRepair,
    Platform,
    TypedKey,
    built_in_maps,
    learn,
    native_table,
)
from devices.wedge import KeyEvent, Modifiers, WedgeRecogniser, WedgeRules
from domain.errors import DeviceFault
from tests.devices import pictures

SHIFT_KEY = 0x01000020
TICKET = "AE" + "QZ7YXW2345" * 15
PEOPLE_LETTERS = "abcdefghijklmnopqrstuvwxyzйцукенABC0123456789 .,-@"


@dataclass
class Desk:
    """A window that does what the recogniser says, in the order its text demands."""

    wedge: WedgeRecogniser = field(default_factory=WedgeRecogniser)
    now: int = 10_000
    typed: list = field(default_factory=list)
    """(text, pressed) as they reach the focused widget."""
    delays: list = field(default_factory=list)
    scans: list = field(default_factory=list)
    wake: int | None = None

    def key(self, text, gap=0, **changes):
        """A key goes down `gap` ms after the last thing that happened; timers that are due fire before."""
        self.wait(gap)
        event = KeyEvent(text=text, at_ms=self.now, key=ord(text[0]) if text else 1, **changes)
        self._do(self.wedge.on_key(event), event)
        return event

    def tap(self, text, gap=0, hold=0, **changes):
        """A key goes down, and up after `hold` ms."""
        self.key(text, gap, **changes)
        self.key(text, hold, pressed=False, **changes)

    def wait(self, ms):
        until = self.now + ms
        while self.wake is not None and self.wake <= until:
            self.now, due = max(self.now, self.wake), self.wake
            self.wake = None
            self._do(self.wedge.on_timeout(due), None)
        self.now = until

    def settle(self):
        self.wait(1000)

    def _do(self, step, event):
        for held in step.replay:
            self._deliver(held)
        if step.scan is not None:
            self.scans.append(step.scan)
        if event is not None and not step.swallow:
            self._deliver(event)
        self.wake = step.wake_at_ms

    def _deliver(self, event):
        self.typed.append((event.text, event.pressed))
        self.delays.append(self.now - event.at_ms)

    @property
    def text(self):
        return "".join(text for text, pressed in self.typed if pressed)


def scan(desk, text, gap=5, suffix="\r", hold=1, **changes):
    for letter in text:
        desk.tap(letter, gap, hold, **changes)
    if suffix:
        desk.tap(suffix, gap, hold)


@given(
    st.lists(
        st.tuples(st.sampled_from(PEOPLE_LETTERS + "\r\t\b"), st.integers(36, 900), st.integers(0, 35)),
        max_size=40,
    )
)
def test_what_a_person_types_reaches_the_field_exactly_and_soon(keys):
    desk = Desk()
    for letter, gap, hold in keys:
        desk.tap(letter, gap, hold)
    desk.settle()
    assert desk.typed == [(letter, pressed) for letter, _, _ in keys for pressed in (True, False)]
    assert desk.scans == []
    assert all(delay <= 36 for delay in desk.delays)


@given(st.lists(st.tuples(st.text(PEOPLE_LETTERS, min_size=1, max_size=5), st.integers(0, 35)), max_size=12))
def test_quick_runs_of_a_fast_typist_are_replayed_in_order_within_sixty_milliseconds(runs):
    """Rolling over up to five keys faster than a scanner, with a breath between the runs."""
    desk = Desk()
    for letters, gap in runs:
        desk.wait(60)
        for letter in letters:
            desk.key(letter, gap)
        last = desk.now
        desk.wait(60)
        assert desk.text.endswith(letters)
        assert not desk.wedge.holding
        assert desk.now - last == 60
    assert desk.text == "".join(letters for letters, _ in runs)
    assert desk.scans == []


@given(
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567-./", min_size=8, max_size=200).filter(
        lambda t: len(set(t)) > 1
    ),
    st.data(),
    st.sampled_from(["\r", "\t", "\n", ""]),
)
def test_a_scan_is_one_text_and_never_reaches_a_field(text, data, suffix):
    desk = Desk()
    gaps = data.draw(st.lists(st.integers(0, 34), min_size=len(text), max_size=len(text)))
    for letter, gap in zip(text, gaps, strict=True):
        desk.tap(letter, gap, min(1, 34 - gap))
    if suffix:
        desk.tap(suffix, 5, 1)
    desk.settle()
    assert desk.typed == []
    assert desk.scans == [text]


@given(st.data())
def test_people_and_scanners_taking_turns_are_told_apart(data):
    desk, written, scanned = Desk(), "", []
    for _ in range(data.draw(st.integers(1, 6))):
        desk.wait(200)
        if data.draw(st.booleans()):
            word = data.draw(st.text(PEOPLE_LETTERS, min_size=1, max_size=9))
            for letter in word:
                desk.tap(letter, data.draw(st.integers(36, 300)), 20)
            written += word
        else:
            code = data.draw(st.text("ABC234", min_size=6, max_size=30).filter(lambda t: len(set(t)) > 1))
            scan(desk, code, gap=data.draw(st.integers(0, 30)))
            scanned.append(code)
    desk.settle()
    assert (desk.text, desk.scans) == (written, scanned)


def test_a_ticket_is_scanned_whole_and_its_enter_presses_nothing():
    desk = Desk()
    scan(desk, TICKET)
    desk.settle()
    assert (desk.scans, desk.typed) == ([TICKET], [])


def test_enter_pressed_by_a_person_passes_at_once():
    desk = Desk()
    desk.tap("\r", 500, 40)
    assert desk.typed == [("\r", True), ("\r", False)]
    assert desk.delays == [0, 0]


def test_enter_right_after_a_person_s_last_letter_keeps_the_order():
    desk = Desk()
    desk.key("5", 100)
    desk.key("\r", 20)
    assert desk.text == "5\r"


def test_a_second_suffix_and_a_late_one_are_the_scanner_s():
    desk = Desk()
    scan(desk, "ABC123", suffix="\r")
    desk.tap("\n", 5, 1)
    desk.settle()
    scan(desk, "ABCD1234", suffix="")
    desk.tap("\r", 100, 1)
    desk.settle()
    assert desk.typed == []
    assert desk.scans == ["ABC123", "ABCD1234"]
    desk.tap("\r", 1, 1)
    assert desk.text == "\r"


def test_a_function_key_in_the_middle_of_a_burst_sells_nothing():
    desk = Desk()
    for letter in "ABC123":
        desk.key(letter, 5)
    desk.key("", 5)
    scan(desk, "456")
    desk.settle()
    assert (desk.scans, desk.typed) == (["ABC123456"], [])


def test_function_keys_arrows_and_shortcuts_of_a_person_pass_at_once_and_in_order():
    desk = Desk()
    desk.key("", 100)
    desk.key("x", 100)
    desk.key("", 10)
    desk.key("k", 10, modifiers=Modifiers.CTRL)
    assert [text for text, _ in desk.typed] == ["", "x", "", "k"]
    assert desk.delays[0] == 0


def test_a_key_held_down_repeats_into_the_field():
    for repeats in ({"auto_repeat": True}, {}):
        desk = Desk()
        desk.key("a", 100)
        for _ in range(30):
            desk.key("a", 30, **repeats)
        desk.settle()
        assert (desk.text, desk.scans) == ("a" * 31, [])


def test_shift_itself_always_passes_and_never_breaks_a_burst():
    desk = Desk()
    for letter in "ABCDEF2":
        shift = KeyEvent("", desk.now, SHIFT_KEY, modifiers=Modifiers.SHIFT)
        assert not desk.wedge.on_key(shift).swallow
        desk.tap(letter, 4, 1, modifiers=Modifiers.SHIFT)
    desk.tap("\r", 4, 1)
    desk.settle()
    assert (desk.scans, desk.typed) == (["ABCDEF2"], [])


def test_a_space_is_pressed_and_released_in_that_order():
    """A release that overtook its press would leave a button stuck down."""
    desk = Desk()
    desk.key(" ", 100)
    desk.key(" ", 10, pressed=False)
    assert desk.typed == []
    desk.settle()
    assert desk.typed == [(" ", True), (" ", False)]


def test_the_release_of_a_scanned_key_that_comes_late_is_swallowed():
    desk = Desk()
    for letter in "ABC123\r":
        desk.key(letter, 3)
    for letter in "ABC123\r":
        desk.key(letter, 3, pressed=False)
    assert (desk.scans, desk.typed) == (["ABC123"], [])


def test_keys_that_a_busy_window_hands_over_late_are_judged_by_their_own_times():
    """Half a second of a person's typing arrives at once: the times of the system tell it from a burst."""
    desk = Desk()
    desk.now += 500
    for index, letter in enumerate("hello world"):
        event = KeyEvent(letter, desk.now - 500 + 45 * index, ord(letter))
        desk._do(desk.wedge.on_key(event), event)
    desk.settle()
    assert (desk.text, desk.scans) == ("hello world", [])


def test_a_late_timer_does_not_cut_a_burst_whose_keys_still_wait_in_the_queue():
    wedge = WedgeRecogniser()
    for index, letter in enumerate("ABC"):
        step = wedge.on_key(KeyEvent(letter, 1000 + 5 * index, index))
    late = wedge.on_timeout(1500)
    assert (late.replay, late.scan, late.wake_at_ms) == ((), None, 1510)
    for index, letter in enumerate("DEF\r", 3):
        step = wedge.on_key(KeyEvent(letter, 1000 + 5 * index, index))
    assert step.scan == "ABCDEF"


def test_a_timer_that_fires_early_changes_nothing():
    wedge = WedgeRecogniser()
    wedge.on_key(KeyEvent("A", 1000, 1))
    assert wedge.on_timeout(1035).wake_at_ms == 1036
    assert [event.text for event in wedge.on_timeout(1036).replay] == ["A"]
    assert wedge.on_timeout(2000).wake_at_ms is None


def test_losing_the_focus_gives_a_person_s_keys_back():
    wedge = WedgeRecogniser()
    assert wedge.on_focus_lost().replay == ()
    wedge.on_key(KeyEvent("A", 1000, 1, payload="kept"))
    assert wedge.holding
    assert [event.payload for event in wedge.on_focus_lost().replay] == ["kept"]
    assert not wedge.holding


def test_a_prefix_marks_a_slow_and_short_scan_and_is_taken_off():
    desk = Desk(WedgeRecogniser(WedgeRules(prefix="~#")))
    scan(desk, "~#", suffix="")
    scan(desk, "A1B2", gap=50, suffix="")
    desk.settle()
    assert (desk.scans, desk.typed) == (["A1B2"], [])


def test_without_its_required_prefix_a_burst_is_a_person_s():
    desk = Desk(WedgeRecogniser(WedgeRules(prefix="~", prefix_required=True)))
    scan(desk, "PASTED-TEXT", suffix="")
    desk.settle()
    scan(desk, "~CODE99")
    assert (desk.text, desk.scans) == ("PASTED-TEXT", ["CODE99"])


def test_an_endless_burst_is_dropped():
    desk = Desk(WedgeRecogniser(WedgeRules(max_length=50)))
    scan(desk, "AB" * 26, suffix="")
    scan(desk, "")
    desk.settle()
    assert desk.scans == []


def test_alt_gr_types_and_does_not_command():
    desk = Desk()
    for letter in "AB12@{":
        desk.key(letter, 4, modifiers=Modifiers.CTRL | Modifiers.ALT)
    desk.key("\r", 4)
    assert desk.scans == ["AB12@{"]


def through(layout, text):
    """The letters that a US scanner's `text` becomes on a system with this layout."""
    arriving = {meant: typed for typed, meant in built(layout).letters.items()}
    return "".join(arriving.get(letter, letter) for letter in text)


def built(name):
    return next(layout for layout in built_in_maps() if layout.name == name)


def keys_of(text, native=None):
    return [TypedKey(letter, native[index] if native else None) for index, letter in enumerate(text)]


@pytest.mark.parametrize("layout", ["ЙЦУКЕН", "AZERTY"])
@pytest.mark.parametrize("caps_lock", [False, True])
def test_a_ticket_typed_through_another_layout_is_repaired(layout, caps_lock):
    arrived = through(layout, TICKET.swapcase() if caps_lock else TICKET)
    assert arrived != TICKET
    assert LayoutRepair().text(keys_of(arrived)) == TICKET


def test_a_ticket_through_qwertz_needs_key_codes_calibration_or_a_check_of_the_signature():
    arrived = through("QWERTZ", TICKET)
    assert LayoutRepair().text(keys_of(arrived)) == arrived
    assert LayoutRepair(accepts=lambda text: text == TICKET).text(keys_of(arrived)) == TICKET
    learned = learn(through("QWERTZ", CALIBRATION_TEXT))
    assert LayoutRepair(learned=learned).text(keys_of(arrived)) == TICKET


def test_after_a_ticket_other_codes_are_read_the_same_way():
    repair = LayoutRepair()
    foreign = "ABC-123"
    assert repair.text(keys_of(through("AZERTY", foreign))) != foreign
    repair.text(keys_of(through("AZERTY", TICKET)))
    assert repair.text(keys_of(through("AZERTY", foreign))) == foreign


def test_cyrillic_letters_of_a_foreign_code_are_repaired_at_once():
    assert LayoutRepair().text(keys_of(through("ЙЦУКЕН", "ABC-123"))) == "ABC-123"


@pytest.mark.parametrize("platform", list(Platform))
def test_key_codes_of_the_system_tell_the_text_whatever_the_layout(platform):
    codes = {
        letter: (code, shifted)
        for code, pair in native_table(platform).items()
        for shifted, letter in enumerate(pair)
    }
    assert len(native_table(platform)) == 48
    text = CALIBRATION_TEXT + "~\\ "
    keys = [TypedKey("ж", codes[letter][0], bool(codes[letter][1])) for letter in text]
    assert LayoutRepair(platform).text(keys) == text
    assert LayoutRepair(platform).text([*keys, TypedKey("Q", 9999)]) != text


@pytest.mark.parametrize(
    ("platform", "code", "letter"),
    [
        (Platform.EVDEV, 24, "q"),
        (Platform.EVDEV, 52, "z"),
        (Platform.EVDEV, 11, "2"),
        (Platform.WINDOWS, 0x1E, "a"),
        (Platform.WINDOWS, 0x32, "m"),
        (Platform.MACOS, 0, "a"),
        (Platform.MACOS, 0x10, "y"),
        (Platform.MACOS, 0x1A, "7"),
    ],
)
def test_known_key_codes_mean_what_the_systems_say(platform, code, letter):
    assert native_table(platform)[code][0] == letter


def test_a_scanner_set_to_the_system_s_layout_is_read_as_it_came():
    keys = [TypedKey("y", 52), TypedKey("-", 61)]  # QWERTZ keys that a US keyboard calls z and /
    assert LayoutRepair(Platform.EVDEV).text(keys) == "z/"
    assert LayoutRepair(Platform.EVDEV, system_layout=True).text(keys) == "y-"


def test_a_calibration_that_lost_or_mixed_up_characters_is_refused():
    for arrived in (CALIBRATION_TEXT[:-1], "A" * len(CALIBRATION_TEXT), ""):
        with pytest.raises(DeviceFault) as raised:
            learn(arrived)
        assert raised.value.code == "CALIBRATION_MISMATCH"


def test_every_character_of_the_calibration_text_and_of_a_ticket_is_in_it_once():
    assert len(set(CALIBRATION_TEXT)) == len(CALIBRATION_TEXT)
    assert set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") <= set(CALIBRATION_TEXT)


def test_a_ticket_on_a_russian_keyboard_comes_through_the_whole_way():
    import numpy as np

    ticket = pictures.ticket_text(np.random.default_rng(77))
    desk = Desk()
    scan(desk, through("ЙЦУКЕН", ticket))
    assert (desk.scans, desk.typed) == ([ticket], [])
