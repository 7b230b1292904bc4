"""A gate on plain lists for tests and pictures: answers are looked up by the scanned text.

Decisions are built as the domain builds them; nothing is written anywhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from app.services.facade import DeviceStatus, Frame, ScannedText, Services, SyncView, TakenIn
from app.services.gate import GateAnswer, GateSetup, ScanInput
from app.services.lease_view import LeaseRow
from app.services.views import (
    GateCounters,
    JournalRow,
    Organization,
    PerformanceRow,
    Person,
    ScanRow,
    StationInfo,
    TicketView,
)
from app.services.views_sync import HeldRow
from domain.actor import Actor, Role
from domain.admission import SEVERITIES, Decision, Severity, Verdict
from domain.catalogue import Gate
from domain.errors import GatehouseError, Refusal
from domain.ids import short_reference
from tests.builders import (
    BERLIN,
    NOW,
    SERIAL,
    FakeClock,
    make_decision,
    make_event,
    make_facts,
    make_gate,
    make_performance,
    make_policy,
    make_product,
    make_use,
)

GATE_ACTOR = Actor(user="u-otto", login="otto", roles=frozenset({Role.GATE}))
SUPERVISOR = Actor(user="u-ada", login="ada", roles=frozenset({Role.SUPERVISOR}))

PARAMS: Mapping[Verdict, Mapping[str, Any]] = {
    Verdict.FORGED: {"reason": "bad_signature"},
    Verdict.WRONG_EVENT: {
        "event": "Night boat", "event_ru": "Ночной катер", "starts_at": "2026-11-22T18:00:00.000Z",
    },
    Verdict.REPLACED: {"at": "2026-11-21T17:10:00.000Z", "where": "Till 2"},
    Verdict.CANCELLED: {"at": "2026-11-20T17:10:00.000Z", "reason": "ticket"},
    Verdict.REFUNDED: {"at": "2026-11-20T17:10:00.000Z"},
    Verdict.UNPAID: {"amount_minor": 2000, "currency": "EUR"},
    Verdict.BLOCKED: {"reason": "stolen"},
    Verdict.TOO_EARLY: {
        "opens_at": "2026-11-21T19:30:00.000Z", "starts_at": "2026-11-21T20:00:00.000Z", "minutes": 45,
    },
    Verdict.TOO_LATE: {
        "closed_at": "2026-11-21T18:15:00.000Z", "starts_at": "2026-11-21T17:00:00.000Z", "minutes": 30,
    },
    Verdict.WRONG_GATE: {"gate": "A", "gates": "B, C", "zone": 1},
    Verdict.OFF_HOURS: {"hours": "10:00-16:00", "weekdays": "1, 2, 3"},
    Verdict.ALREADY_USED: {"at": "2026-11-21T18:12:00.000Z", "gate": "B", "by": "u-otto"},
    Verdict.ALREADY_INSIDE: {"at": "2026-11-21T18:12:00.000Z", "gate": "B", "by": "u-otto"},
    Verdict.NOT_INSIDE: {"inside": 0, "people": 1},
    Verdict.IN_PROGRESS: {"gate": "B", "at": "2026-11-21T18:44:56.000Z"},
    Verdict.WAIT: {"seconds": 95, "until_at": "2026-11-21T18:46:35.000Z"},
    Verdict.NO_ENTRIES_LEFT: {
        "period": "day", "left": 0, "again_at": "2026-11-22T04:00:00.000Z",
        "at": "2026-11-21T11:02:00.000Z", "gate": "A", "by": "u-otto",
    },
    Verdict.FULL: {"occupancy": 400, "capacity": 400},
    Verdict.REPEAT: {"verdict": "ADMIT", "opened": True, "seconds": 2},
}  # fmt: skip
"""What each verdict carries, as domain.admission_rules makes it."""


def decision(verdict: Verdict, **changes: Any) -> Decision:
    """A decision of this verdict about the evening's ticket."""
    plain: dict[str, Any] = {
        "severity": SEVERITIES.get(verdict, Severity.REFUSE),
        "params": PARAMS.get(verdict, {}),
        "facts": None if verdict in {Verdict.UNREADABLE, Verdict.UNKNOWN, Verdict.FORGED} else make_facts(),
    }
    return make_decision(verdict, **plain | changes)


@dataclass
class FakeKeeper:
    """Says what `answers` holds for a text (or serial); else that it is no ticket."""

    clock: FakeClock
    answers: dict[str, Decision | GatehouseError] = field(default_factory=dict)
    tickets: list[TicketView] = field(default_factory=list)
    rows: list[ScanRow] = field(default_factory=list)
    asked: list[tuple[str, ScanInput]] = field(default_factory=list)
    undone: list[tuple[str, str]] = field(default_factory=list)
    refuse_undo: GatehouseError | None = None
    count: int = 0
    here: GateCounters = field(default_factory=lambda: GateCounters(184, 7, 176, 216, 12))
    everywhere: GateCounters = field(default_factory=lambda: GateCounters(402, 19, 391, 216, 25))

    def admit(self, scan: ScanInput, actor: Actor) -> GateAnswer:
        answer = self._answer("admit", scan)
        if answer.decision.verdict in (Verdict.REPEAT, Verdict.UNREADABLE):
            return answer
        self.count += 1
        entry = f"e{self.count}"
        product = answer.decision.facts.product if answer.decision.facts else None
        self.rows.insert(
            0,
            ScanRow(entry, answer.at, answer.decision.verdict.value, scan.direction.value, "A", "1",
                    answer.serial, answer.reference, product, actor.user, False),
        )  # fmt: skip
        return GateAnswer(
            answer.decision, entry, answer.at, answer.serial, answer.reference, answer.gate, answer.lane,
            answer.direction,
        )  # fmt: skip

    def check(self, scan: ScanInput, actor: Actor) -> GateAnswer:
        return self._answer("check", scan)

    def _answer(self, how: str, scan: ScanInput) -> GateAnswer:
        self.asked.append((how, scan))
        found = self.answers.get(scan.serial or scan.text) or decision(Verdict.UNREADABLE)
        if isinstance(found, GatehouseError):
            raise found
        serial = found.facts.serial if found.facts else None
        return GateAnswer(found, None, self.clock.now(), serial, short_reference(serial) if serial else None,
                          make_gate(), "1", scan.direction)  # fmt: skip

    def undo(self, serial: str, reason: str, actor: Actor) -> ScanRow:
        if self.refuse_undo is not None:
            raise self.refuse_undo
        self.undone.append((serial, reason))
        for place, row in enumerate(self.rows):
            if row.serial == serial and not row.undone and row.verdict in {"ADMIT", "EXIT", "UNKNOWN"}:
                changed = {name: getattr(row, name) for name in ScanRow.__slots__}
                self.rows[place] = ScanRow(**changed | {"undone": True})
                return row
        raise Refusal("NOTHING_TO_UNDO", serial=serial[:4])

    def search(self, text: str, actor: Actor) -> Sequence[TicketView]:
        return [ticket for ticket in self.tickets if ticket.reference == text.upper()]

    def last_scans(self, actor: Actor, limit: int = 30) -> Sequence[ScanRow]:
        return self.rows[:limit]

    def counters(self, actor: Actor) -> tuple[GateCounters, GateCounters]:
        return self.here, self.everywhere

    def setup(self) -> GateSetup:
        return GateSetup(make_gate(name_ru="Главный вход"), "1", (), None, make_policy())

    def gates(self) -> Sequence[Gate]:
        return [make_gate(name_ru="Главный вход"), make_gate(code="B", name="Garden", name_ru="Сад")]


@dataclass
class FakeDevices:
    """Devices of which a test says the state; callbacks are kept so that it can call them."""

    states: list[DeviceStatus] = field(
        default_factory=lambda: [
            DeviceStatus("camera", "listening", detail="0"),
            DeviceStatus("scanner", "none"),
            DeviceStatus("turnstile", "none"),
            DeviceStatus("printer", "ready"),
        ]
    )
    running: bool = False
    faults: dict[str, GatehouseError] = field(default_factory=dict)
    tested: list[str] = field(default_factory=list)
    scanned: Callable[[ScannedText], None] | None = None
    framed: Callable[[Frame], None] | None = None
    changed: Callable[[DeviceStatus], None] | None = None

    def start(self, scanned: Any, framed: Any, changed: Any) -> None:
        self.scanned, self.framed, self.changed, self.running = scanned, framed, changed, True

    def stop(self) -> None:
        self.running = False

    def statuses(self) -> Sequence[DeviceStatus]:
        return list(self.states)

    def test(self, device: str) -> DeviceStatus:
        self.tested.append(device)
        if device in self.faults:
            raise self.faults[device]
        return next(status for status in self.states if status.device == device)

    def found(self, device: str) -> Sequence[tuple[str, str]]:
        return {"camera": [("0", "HD Webcam")], "scanner": [("/dev/ttyACM0", "Symbol")]}.get(device, [])

    def has_turnstile(self) -> "FakeDevices":
        self.states[2] = DeviceStatus("turnstile", "ready")
        return self


HINTS = {
    "lang": "auto|en|ru", "theme": "system|light|dark", "sound": "on|off", "print.paper": "A4|A6",
    "print.after_sale": "save|open|print", "gate.unknown": "admit|refuse",
}  # fmt: skip


class FakeSettings:
    """The settings of a station that were never stored."""

    def __init__(self, **values: str) -> None:
        self.values = {
            "gate.code": "A", "gate.lane": "1", "gate.performance": "", "gate.verdict_seconds": "8",
            "gate.unknown": "admit", "gate.events": "", "gate.early_minutes": "90", "gate.late_minutes": "0",
            "camera.source": "0", "scanner.port": "", "scanner.baud": "9600", "scanner.gap_ms": "60",
            "turnstile.port": "", "turnstile.pulse_ms": "500", "wedge.gap_ms": "35",
            "turnstile.baud": "9600", "turnstile.open": "A0 01 01 A2", "turnstile.close": "A0 01 00 A1",
            "lang": "auto", "theme": "system", "sound": "on", "print.folder": "", "print.paper": "A4",
            "print.printer": "", "print.after_sale": "save",
        } | {name.replace("__", "."): value for name, value in values.items()}  # fmt: skip
        self.sources: dict[str, str] = {}
        self.stored: list[tuple[str, str]] = []

    def text(self, name: str) -> str:
        return self.values[name]

    def number(self, name: str) -> int:
        return int(self.values[name])

    def may_change(self, name: str, actor: Actor) -> bool:
        return actor.user is not None

    def store(self, name: str, value: str, actor: Actor) -> None:
        if name.endswith(("_ms", "_minutes", "_seconds", ".baud")) and not value.isdigit():
            raise Refusal("SETTING_INVALID", name=name, source="stored", hint="")
        self.values[name] = value
        self.sources[name] = "stored"
        self.stored.append((name, value))

    def listed(self) -> Sequence[Mapping[str, str]]:
        return [
            {"name": name, "value": value, "source": self.sources.get(name, "default"), "meaning": name,
             "default": "", "hint": HINTS.get(name, "")}
            for name, value in self.values.items()
        ]  # fmt: skip


class FakeFacts:
    """Facts of a station, and a short journal."""

    def __init__(self, rows: Sequence[JournalRow] = ()) -> None:
        self.rows = list(rows)
        self.asked: list[tuple[int, str | None]] = []

    def organization(self) -> Organization:
        return Organization("Old Theatre", BERLIN, "EUR", name_ru="Старый театр")

    def station(self) -> StationInfo:
        return StationInfo("0a1b2c3d", "Gate A", "G1", 1, True)

    def journal(self, limit: int = 100, kind: str | None = None) -> Sequence[JournalRow]:
        self.asked.append((limit, kind))
        return [row for row in self.rows if kind is None or row.kind == kind][:limit]


class FakeFiles:
    """Waiting entries as files, as a test wants them to turn out."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.error: GatehouseError | None = None

    def export(self, path: str) -> int:
        self._note(path)
        return 12

    def take_in(self, path: str) -> TakenIn:
        self._note(path)
        return TakenIn("Till 2", 5, 4, 0, 1)

    def _note(self, path: str) -> None:
        if self.error is not None:
            raise self.error
        self.paths.append(path)


class FakeSync:
    """A sync driver that does what the test says."""

    def __init__(self, view: SyncView | None = None) -> None:
        self.state = view or SyncView(
            "live", None, None, "2026-11-21T18:44:58.000Z", 0, 0, 0, 12, "7f3a9c", "1"
        )
        self.listeners: list[Callable[[SyncView], None]] = []
        self.asked = 0

    def view(self) -> SyncView:
        return self.state

    def subscribe(self, changed: Callable[[SyncView], None]) -> Callable[[], None]:
        self.listeners.append(changed)
        return lambda: self.listeners.remove(changed)

    def sync_now(self) -> None:
        self.asked += 1

    def change(self, view: SyncView) -> None:
        self.state = view
        for listener in list(self.listeners):
            listener(view)


@dataclass
class Kit:
    """All of it, and the `Services` that windows get."""

    clock: FakeClock = field(default_factory=FakeClock)
    devices: FakeDevices = field(default_factory=FakeDevices)
    settings: FakeSettings = field(default_factory=FakeSettings)
    facts: FakeFacts = field(default_factory=FakeFacts)
    sync: FakeSync = field(default_factory=FakeSync)
    opened: list[GateAnswer] = field(default_factory=list)
    turnstile_fault: GatehouseError | None = None
    sounds: list[str] = field(default_factory=list)
    leases: list[LeaseRow] = field(default_factory=list)
    held: list[HeldRow] = field(default_factory=list)
    files: "FakeFiles" = field(default_factory=FakeFiles)

    def __post_init__(self) -> None:
        self.keeper = FakeKeeper(self.clock)

    def open_turnstile(self, answer: GateAnswer, actor: Actor) -> None:
        if self.turnstile_fault is not None:
            raise self.turnstile_fault
        self.opened.append(answer)

    def board(self, actor: Actor) -> Sequence[PerformanceRow]:
        later = make_performance(number=201, code="HAMLET-2", starts_at=NOW + timedelta(days=1))
        return [
            PerformanceRow(make_event(), make_performance(), 400, 184, 500),
            PerformanceRow(make_event(), later, 120, 0, 500),
            PerformanceRow(make_event(number=101, name="Museum", name_ru="Музей"), None, 9, 2, None),
        ]

    def services(self) -> Services:
        people = [Person("u-otto", "otto", "Otto", ("gate",), True)]
        return cast(
            Services,
            SimpleNamespace(
                clock=self.clock, gatekeeper=self.keeper, open_turnstile=self.open_turnstile,
                board=self.board,
                devices=self.devices, settings=self.settings, facts=self.facts, sync=self.sync,
                show_leases=lambda: list(self.leases), list_held=lambda _actor: list(self.held),
                waiting_files=self.files,
                sign_in=SimpleNamespace(people=lambda: people),
            ),
        )  # fmt: skip


def ticket(serial: str = SERIAL, reference: str | None = None, **changes: Any) -> TicketView:
    """A ticket as a search answers it."""
    plain: dict[str, Any] = {
        "serial": serial, "reference": reference or short_reference(serial), "order": "K1-000042",
        "product": make_product(), "event": make_event(), "performance": make_performance(),
        "price": make_product().price, "tax_minor": 131, "tax_rate_bp": 700, "state": "active",
        "print_number": 1, "seat": None, "zones": 0, "valid_from_at": None, "valid_until_at": None,
    }  # fmt: skip
    return TicketView(**plain | changes)


def first_use(minutes: int = 33) -> Any:
    """A use some minutes ago at gate B."""
    return make_use(NOW - timedelta(minutes=minutes))


def at(text: str) -> datetime:
    """A UTC time."""
    return datetime.fromisoformat(text)
