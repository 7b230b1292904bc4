"""The gate's work without a window: scans from all sources go through one line, each is decided and recorded
before the metal moves, and the view is told what to show.

The page drives time: it calls `tick` with the station's monotonic milliseconds while it is on screen.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from app.services.facade import DeviceStatus, Frame, ScannedText, Services
from app.services.gate import GateAnswer, ScanInput
from app.services.views import GateCounters, ScanRow, TicketView
from domain.actor import Actor, Permission
from domain.admission import Direction, Verdict
from domain.errors import GatehouseError, Refusal
from domain.ids import normalize_reference
from ui.gate.line import ScanLine, Sight, Sightings, Waiting
from ui.gate.model import (
    Locale,
    Meaning,
    Numbers,
    ScanLineModel,
    SetupModel,
    Trouble,
    VerdictModel,
    failure_model,
    hit,
    listening,
    lost_error,
    scan_line,
    trouble,
    verdict_model,
)
from ui.gate.setup import read_setup
from ui.gate.view import GateView, Nobody
from ui.running import STORE, Latest, Runner, as_known

LOOK, TURNSTILE, DEVICES = "look", "turnstile", "devices"
"""Lanes: look-ups for the screen (never before a decision), the turnstile, opening and closing devices."""

SLOW_MS = 250
REFRESH_MS = 5_000
SHOWN_SCANS = 30
DEFAULT_VERDICT_S = 8

Source = Literal["wedge", "serial", "camera", "typed"]


class GatePresenter:
    """State of the gate screen; it outlives the page, which is made anew when the language changes."""

    def __init__(
        self,
        services: Services,
        runner: Runner,
        actor: Callable[[], Actor],
        language: Callable[[], str],
        sound: Callable[[Meaning], None],
    ) -> None:
        """`actor` and `language` are asked each time; `sound` plays a verdict's sound at once."""
        self._services = services
        self._runner = runner
        self._actor = actor
        self._language = language
        self._sound = sound
        self._view: GateView = Nobody()
        self._zone = "UTC"
        self._people: dict[str, str] = {}
        self._line = ScanLine()
        self._sightings = Sightings()
        self._look: Latest[tuple[Sequence[ScanRow], tuple[GateCounters, GateCounters]]] = Latest(runner, LOOK)
        self._troubles: dict[str, Trouble] = {}
        self._devices: dict[str, DeviceStatus] = {}
        self._opened: set[str] = set()
        self._rows: tuple[ScanLineModel, ...] = ()
        self._setup: SetupModel | None = None
        self._shown: VerdictModel | None = None
        self._shown_key = ""
        self._fade_ms = 0
        self._next_look_ms = 0
        self._deciding_shown = False
        self._verdict_ms = DEFAULT_VERDICT_S * 1000
        self.direction = Direction.ENTRY
        self.checking = False

    # --- on screen and off

    def attach(self, view: GateView) -> None:
        """A page was made; show it what is known."""
        self._view = view
        if self._setup is not None:
            view.show_setup(self._setup)
        view.show_devices(tuple(self._devices.values()))
        view.show_scans(self._rows)
        view.show_troubles(tuple(self._troubles.values()))
        self._show_again()

    def enter(
        self,
        scanned: Callable[[ScannedText], None],
        framed: Callable[[Frame], None],
        changed: Callable[[DeviceStatus], None],
    ) -> None:
        """The page is on screen: open the devices and read setup, scans and numbers.

        The callbacks are called on device threads and must hand over to `scan` and `device_changed` on the
        window's own.
        """
        devices = self._services.devices

        def started() -> Sequence[DeviceStatus]:
            devices.start(scanned, framed, changed)
            return devices.statuses()

        self._runner.submit(DEVICES, started, self._devices_known, self._device_failed)
        self.reload()

    def leave(self) -> None:
        """Another page comes: close the devices; who waited is forgotten."""
        self._view = Nobody()
        self._line.clear()
        self._runner.submit(DEVICES, self._services.devices.stop, _ignore, self._device_failed)

    def reload(self) -> None:
        """Read where the gate stands, then scans and numbers."""
        services, actor, locale = self._services, self._actor(), self._locale()

        def read() -> tuple[str, dict[str, str], int, SetupModel]:
            seconds = services.settings.number("gate.verdict_seconds")
            people = {person.user: person.name for person in services.sign_in.people()}
            return services.facts.organization().zone, people, seconds, read_setup(services, actor, locale)

        self._runner.submit(LOOK, read, self._setup_known, self._lookup_failed)

    def tick_now(self) -> None:
        """`tick` with the station's own clock."""
        self.tick(self._now_ms())

    def tick(self, now_ms: int) -> None:
        """Time went on: fade a verdict, say that a decision takes long, begin the next scan, refresh."""
        if self._line.slow(now_ms, SLOW_MS) and not self._deciding_shown and not self._hand_is_reminder():
            self._deciding_shown = True
            self._shown = None
            self._view.show_deciding()
        if self._shown is not None and now_ms >= self._fade_ms:
            self._shown, self._shown_key = None, ""
            self._view.show_listening()
        self._begin(now_ms)
        if now_ms >= self._next_look_ms and self._line.in_hand is None:
            self._refresh(now_ms)

    # --- scans

    def scan(self, text: str, source: Source) -> None:
        """A code from any source. All of them stand in one line."""
        now_ms = self._now_ms()
        if source != "camera":
            via = "manual" if source == "typed" else source
            self._join(Waiting(text, via), now_ms)
            return
        sight = self._sightings.look(text, now_ms)
        if text == self._shown_key:
            self._fade_ms = max(self._fade_ms, now_ms + self._verdict_ms)
        if sight is Sight.NEW:
            self._join(Waiting(text, "camera"), now_ms)
        elif sight is Sight.REMIND and not self.checking:
            at = self._services.clock.now()
            self._join(Waiting(text, "camera", reminder=True, at=at), now_ms)

    def enter_text(self, text: str) -> None:
        """Somebody typed: a short reference is looked up, anything else is taken as a code."""
        typed = text.strip()
        if not typed:
            return
        if normalize_reference(typed) is None:
            self.scan(typed, "typed")
            return
        actor = self._actor()
        self._runner.submit(
            STORE,
            lambda: self._services.gatekeeper.search(typed, actor),
            self._found,
            self._entry_failed,
        )

    def choose(self, serial: str, reference: str = "") -> None:
        """A ticket was chosen among several."""
        self._join(Waiting(reference, "manual", serial), self._now_ms())

    def set_direction(self, direction: Direction) -> None:
        """Entry or exit."""
        self.direction = direction

    def set_checking(self, checking: bool) -> None:
        """Info only: say what the gate would say, use nothing up, open nothing."""
        self.checking = checking

    # --- undo and setup

    def last_admission(self) -> ScanLineModel | None:
        """What `undo` without a choice would take back."""
        return next((row for row in self._rows if row.undoable), None)

    def undo(self, row: ScanLineModel, reason: str) -> None:
        """Take back an admission, with the reason that goes into the journal."""
        serial, actor = row.serial, self._actor()
        if serial is None:
            return
        self._runner.submit(
            STORE,
            lambda: self._services.gatekeeper.undo(serial, reason, actor),
            self._undone,
            self._undo_failed,
        )

    def set_up(self, name: str, value: str) -> None:
        """Keep a setting of the gate (`gate.code`, `gate.lane`, `gate.performance`)."""

        def refused(error: Exception) -> None:
            known = as_known(error)
            said = trouble(name, known.code, known, self._locale(), self._now())
            self._view.refuse_setup(name, said.text or said.title)

        actor = self._actor()
        self._runner.submit(
            LOOK, lambda: self._services.settings.store(name, value, actor), self._set_up, refused
        )

    def may(self, permission: Permission) -> bool:
        """Whether the person may do this (the use case decides; the window only offers)."""
        return self._actor().may(permission)

    def device_changed(self, status: DeviceStatus) -> None:
        """A device listens, or is lost."""
        self._devices[status.device] = status
        if status.state == "lost" and status.code is not None:
            error = lost_error(status)
            self._trouble(trouble(status.device, status.code, error, self._locale(), self._now()))
        else:
            self._cured(status.device)
        self._view.show_devices(tuple(self._devices.values()))

    def devices(self) -> tuple[DeviceStatus, ...]:
        """The devices as last heard of."""
        return tuple(self._devices.values())

    # --- inside: the line

    def _join(self, scan: Waiting, now_ms: int) -> None:
        if self._line.join(scan):
            self._begin(now_ms)

    def _begin(self, now_ms: int) -> None:
        scan = self._line.take(now_ms)
        if scan is None:
            return
        self._deciding_shown = False
        actor, checked, keeper = self._actor(), self.checking, self._services.gatekeeper
        asked = ScanInput(scan.text, scan.via, self.direction, scan.serial, scan.at)

        def decide() -> GateAnswer:
            return keeper.check(asked, actor) if checked else keeper.admit(asked, actor)

        self._runner.submit(
            STORE,
            decide,
            lambda answer: self._decided(scan, answer, actor, checked=checked),
            lambda error: self._undecided(scan, as_known(error)),
        )

    def _decided(self, scan: Waiting, answer: GateAnswer, actor: Actor, *, checked: bool) -> None:
        if scan.reminder and (answer.decision.verdict is Verdict.REPEAT or not answer.opens):
            self._done()  # it still lies there; what was said of it stands
            return
        model = verdict_model(answer, self._locale(), self._now(), checked=checked)
        self._show(scan.key, model)
        if answer.entry_id is not None and answer.opens:
            self._opened.add(answer.entry_id)
        if checked or not answer.opens or not self._has_turnstile():
            self._done()
            return
        self._runner.submit(
            TURNSTILE,
            lambda: self._services.open_turnstile(answer, actor),
            self._turned,
            self._not_turned,
        )

    def _undecided(self, scan: Waiting, error: GatehouseError) -> None:
        self._show(scan.key, failure_model(error, self._locale(), self._now()))
        self._done()

    def _show(self, key: str, model: VerdictModel) -> None:
        now_ms = self._now_ms()
        self._shown, self._shown_key = model, key
        self._fade_ms = now_ms + self._verdict_ms
        self._line.shown(key, now_ms)
        self._view.show_verdict(model)
        self._sound(model.meaning)

    def _turned(self, _nothing: None) -> None:
        self._cured("turnstile")
        self._done()

    def _not_turned(self, error: Exception) -> None:
        known = as_known(error)
        self._trouble(trouble("turnstile", known.code, known, self._locale(), self._now()))
        self._done()

    def _done(self) -> None:
        self._line.done()
        now_ms = self._now_ms()
        self._begin(now_ms)
        if self._line.in_hand is None:
            self._refresh(now_ms)

    def _hand_is_reminder(self) -> bool:
        return self._line.in_hand is not None and self._line.in_hand.reminder

    def _has_turnstile(self) -> bool:
        known = self._devices.get("turnstile")
        return known is not None and known.state != "none"

    # --- inside: answers

    def _refresh(self, now_ms: int) -> None:
        self._next_look_ms = now_ms + REFRESH_MS
        keeper, actor = self._services.gatekeeper, self._actor()
        self._look.ask(
            lambda: (keeper.last_scans(actor, SHOWN_SCANS), keeper.counters(actor)),
            self._looked,
            self._lookup_failed,
        )

    def _looked(self, answer: tuple[Sequence[ScanRow], tuple[GateCounters, GateCounters]]) -> None:
        rows, (here, everywhere) = answer
        locale, opened = self._locale(), frozenset(self._opened)
        self._rows = tuple(scan_line(row, locale, opened) for row in rows)
        self._cured("lookup")
        self._view.show_scans(self._rows)
        self._view.show_numbers(Numbers(here, everywhere))

    def _lookup_failed(self, error: Exception) -> None:
        known = as_known(error)
        self._trouble(trouble("lookup", known.code, known, self._locale(), self._now()))

    def _setup_known(self, answer: tuple[str, dict[str, str], int, SetupModel]) -> None:
        self._zone, self._people, seconds, self._setup = answer
        self._verdict_ms = seconds * 1000
        self._view.show_setup(self._setup)
        self._refresh(self._now_ms())

    def _set_up(self, _nothing: None) -> None:
        self.reload()

    def _found(self, tickets: Sequence[TicketView]) -> None:
        if not tickets:
            error = Refusal("TICKET_NOT_FOUND")
            self._entry_failed(error)
        elif len(tickets) == 1:
            self.choose(tickets[0].serial, tickets[0].reference)
        else:
            locale, now = self._locale(), self._now()
            self._view.show_hits(tuple(hit(ticket, locale, now) for ticket in tickets))

    def _entry_failed(self, error: Exception) -> None:
        known = as_known(error)
        said = trouble("entry", known.code, known, self._locale(), self._now())
        self._view.refuse_entry(said.title, said.text)

    def _undone(self, _row: ScanRow) -> None:
        self._sightings.mute()
        self._cured("undo")
        if self._shown is not None:
            self._shown, self._shown_key = None, ""
            self._view.show_listening()
        self._refresh(self._now_ms())

    def _undo_failed(self, error: Exception) -> None:
        known = as_known(error)
        self._trouble(trouble("undo", known.code, known, self._locale(), self._now()))

    def _devices_known(self, statuses: Sequence[DeviceStatus]) -> None:
        for status in statuses:
            self._devices[status.device] = status
        self._cured("devices")
        self._view.show_devices(tuple(self._devices.values()))

    def _device_failed(self, error: Exception) -> None:
        known = as_known(error)
        self._trouble(trouble("devices", known.code, known, self._locale(), self._now()))

    def _trouble(self, said: Trouble) -> None:
        self._troubles[said.key] = said
        self._view.show_troubles(tuple(self._troubles.values()))

    def _cured(self, key: str) -> None:
        if self._troubles.pop(key, None) is not None:
            self._view.show_troubles(tuple(self._troubles.values()))

    def dismiss(self) -> None:
        """The person has read the status line."""
        self._troubles.clear()
        self._view.show_troubles(())

    def _show_again(self) -> None:
        if self._shown is None:
            self._view.show_listening()
        else:
            self._view.show_verdict(self._shown)

    def hears(self, device: str) -> bool:
        """Whether codes can come from this device now."""
        return listening(self.devices(), device)

    def _locale(self) -> Locale:
        return Locale(self._language(), self._zone, self._people)

    def _now(self) -> datetime:
        return self._services.clock.now()

    def _now_ms(self) -> int:
        return self._services.clock.monotonic_ms()


def _ignore(_answer: object) -> None:
    """Nothing to tell."""
