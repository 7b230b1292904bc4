"""Where a gate stands and by which rules it lets people in, read from the settings at each scan."""

from collections.abc import Callable

from app.services.gate import GateSetup
from app.services.ports import Reads
from app.settings import Settings
from domain.admission import GatePolicy, UnknownPolicy
from domain.catalogue import Gate
from domain.errors import Refusal


def gate_setup(
    settings: Settings,
    gate: str | None,
    lane: str | None,
    *,
    practice: bool,
    revoked: Callable[[], bool] = lambda: False,
) -> Callable[[Reads], GateSetup]:
    """Where this station stands, read from the settings each time so that a change is seen at once."""

    def setup(read: Reads) -> GateSetup:
        if revoked():
            raise Refusal("REVOKED")
        code = gate or settings.text("gate.code")
        known = next((one for one in read.gates() if one.code == code), Gate(code=code))
        late = settings.number("gate.late_minutes")
        chosen = settings.text("gate.performance")
        performance = read.performance_by_code(chosen) if chosen else None
        if chosen and performance is None:
            raise Refusal("PERFORMANCE_UNKNOWN", performance=chosen)
        return GateSetup(
            gate=known,
            lane=lane or settings.text("gate.lane"),
            events=_gate_events(read, settings) or known.events,
            performance=performance.number if performance else None,
            policy=GatePolicy(
                zone=read.organization().zone,
                unknown=_policy(settings.text("gate.unknown")),
                unknown_key=_policy(settings.text("gate.unknown_key")),
                early_minutes=settings.number("gate.early_minutes"),
                late_minutes=late or None,
                practice=practice,
            ),
        )

    return setup


def _policy(word: str) -> UnknownPolicy:
    return UnknownPolicy.ADMIT_AND_FLAG if word == "admit" else UnknownPolicy.REFUSE


def _gate_events(read: Reads, settings: Settings) -> tuple[int, ...]:
    codes = [code.strip() for code in settings.text("gate.events").split(",") if code.strip()]
    found = {code: read.event_by_code(code) for code in codes}
    for code, event in found.items():
        if event is None:
            raise Refusal("EVENT_UNKNOWN", event=code)
    return tuple(event.number for event in found.values() if event is not None)
