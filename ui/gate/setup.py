"""Reads where a gate stands, and the choices there are: gates, and the performances of these days."""

from app import formats
from app.services.facade import Services
from app.services.views import PerformanceRow
from domain.actor import Actor
from domain.catalogue import localized
from ui.gate.model import Choice, Locale, SetupModel

GATE, LANE, PERFORMANCE = "gate.code", "gate.lane", "gate.performance"
FIXED_SOURCES = frozenset({"flag", "environment", ".env"})


def read_setup(services: Services, actor: Actor, locale: Locale) -> SetupModel:
    """Ask the use cases and settings. Refuses NOT_SIGNED_IN, NOT_ALLOWED."""
    setup = services.gatekeeper.setup()
    gates = tuple(
        Choice(gate.code, _gate_label(gate.code, localized(gate.name, gate.name_ru, locale.language)))
        for gate in services.gatekeeper.gates()
    )
    performances = tuple(
        Choice(row.performance.code, _performance_label(row, locale, services))
        for row in services.board(actor)
        if row.performance is not None
    )
    chosen = services.settings.text(PERFORMANCE)
    names = {choice.key: choice.label for choice in performances}
    pinned = {
        row["name"]
        for row in services.settings.listed()
        if row["name"] in {GATE, LANE, PERFORMANCE} and row["source"] in FIXED_SOURCES
    }
    return SetupModel(
        gate=setup.gate.code,
        gate_name=localized(setup.gate.name, setup.gate.name_ru, locale.language),
        lane=setup.lane,
        performance=chosen,
        performance_name=names.get(chosen, chosen),
        gates=gates or (Choice(setup.gate.code, setup.gate.code),),
        performances=performances,
        pinned=frozenset(pinned),
    )


def _gate_label(code: str, name: str) -> str:
    return f"{code} · {name}" if name and name != code else code


def _performance_label(row: PerformanceRow, locale: Locale, services: Services) -> str:
    performance = row.performance
    name = localized(row.event.name, row.event.name_ru, locale.language)
    if performance is None:
        return name
    when = formats.relative_datetime(
        performance.starts_at, services.clock.now(), row.event.zone, locale.language
    )
    return f"{when} · {name}"
