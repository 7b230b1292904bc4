"""The gate's own words around those of verdicts: details, devices, modes. Every string is translatable."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from app.services.facade import DeviceStatus
from ui.gate.model import SetupModel, VerdictModel
from ui.widgets.labels import MeaningName
from ui.widgets.verdict import VerdictFacts

translate = QCoreApplication.translate


def verdict_facts(model: VerdictModel) -> VerdictFacts:
    """A verdict laid out: word, reason, what to do, then the ticket in few lines that can be read from 2 m.

    Where a verdict needs no reason (come in), the product takes its place: that is what staff look at.
    """
    ticket = _joined(model.product, model.seat, _people(model))
    advice = model.advice
    if model.concession and model.meaning in {"admit", "info"}:
        advice = _joined(translate("Gate", "Check: {what}").format(what=model.concession), advice)
    word, meaning = model.word, model.meaning
    if model.checked:
        advice = _joined(translate("Gate", "Only checked: nothing was used up"), advice)
        if meaning == "admit":  # green and "come in" are for people who are let in
            word, meaning = translate("Gate", "Valid"), "info"
    if model.reason:
        lead, lines = model.reason, [_joined(ticket, model.event, model.when)]
    else:
        lead, lines = ticket, [_joined(model.event, model.when)]
    lines += [_joined(_first_use(model), model.reference, model.guest), _joined(_left(model), _until(model))]
    details = tuple(line for line in lines if line)
    return VerdictFacts(meaning, word, lead, advice, details, confidence(model))


def confidence(model: VerdictModel) -> str:
    """How sure the gate is."""
    if model.confidence == "offline" and model.since:
        return translate("Gate", "Offline since {when}").format(when=model.since)
    return {
        "live": translate("Gate", "Live"),
        "offline": translate("Gate", "Offline"),
        "alone": translate("Gate", "This station alone"),
    }.get(model.confidence, "")


def listening_facts(
    statuses: Sequence[DeviceStatus], *, leaving: bool, checking: bool
) -> tuple[str, str, str]:
    """The idle state: word, what to do, and the mode in force (empty for plain entry)."""
    states = {status.device: status.state for status in statuses}
    camera, scanner = states.get("camera") == "listening", states.get("scanner") == "listening"
    if camera and scanner:
        hold = translate("Gate", "Hold the code to the camera or the scanner")
    elif camera:
        hold = translate("Gate", "Hold the code to the camera")
    elif scanner:
        hold = translate("Gate", "Hold the code to the scanner")
    elif states.get("camera") == "opening":
        hold = translate("Gate", "The camera is starting. Keyboard scanners and typing work already")
    else:
        hold = translate("Gate", "Use a keyboard scanner, or type the reference from the ticket")
    return translate("Gate", "Listening"), hold, mode_words(leaving=leaving, checking=checking)


def mode_words(*, leaving: bool, checking: bool) -> str:
    """What differs from plain entry."""
    if checking:
        return translate("Gate", "Check only: nothing is used up, nothing opens")
    return translate("Gate", "Exit: people are let out here") if leaving else ""


def device_words(status: DeviceStatus) -> tuple[str, MeaningName, str]:
    """A device's pill: words, meaning and icon."""
    names = {
        "camera": translate("Gate", "Camera"),
        "scanner": translate("Gate", "Scanner"),
        "keyboard": translate("Gate", "Keyboard"),
        "turnstile": translate("Gate", "Turnstile"),
        "printer": translate("Gate", "Printer"),
    }
    states = {
        "none": translate("Gate", "none"),
        "opening": translate("Gate", "starting…"),
        "listening": translate("Gate", "listening"),
        "ready": translate("Gate", "ready"),
        "lost": translate("Gate", "lost"),
    }
    icons = {
        "camera": "camera",
        "scanner": "scan-line",
        "keyboard": "keyboard",
        "turnstile": "door-open",
        "printer": "printer",
    }
    meanings: dict[str, MeaningName] = {"listening": "admit", "ready": "admit", "lost": "refuse"}
    icon = icons.get(status.device, "plug")
    if status.state == "lost":
        icon = "camera-off" if status.device == "camera" else "unlink"
    text = translate("Gate", "{device}: {state}").format(
        device=names.get(status.device, status.device), state=states.get(status.state, status.state)
    )
    return text, meanings.get(status.state, "neutral"), icon


def place(setup: SetupModel | None) -> str:
    """Where this gate stands, in one line."""
    if setup is None:
        return ""
    gate = translate("Gate", "Gate {code}").format(code=setup.gate)
    lane = translate("Gate", "lane {lane}").format(lane=setup.lane) if setup.lane else ""
    return _joined(gate, setup.gate_name if setup.gate_name != setup.gate else "", lane)


def performance(setup: SetupModel | None) -> str:
    """Which performance is let in."""
    return (setup.performance_name if setup else "") or translate("Gate", "All performances")


def _people(model: VerdictModel) -> str:
    return translate("Gate", "admits {n}").format(n=model.people) if model.people > 1 else ""


def _first_use(model: VerdictModel) -> str:
    if not model.first_used or model.verdict in {"ALREADY_USED", "ALREADY_INSIDE"}:
        return ""  # the reason says when
    if not model.first_gate:
        return translate("Gate", "First used {when}").format(when=model.first_used)
    return translate("Gate", "First used {when}, gate {gate}").format(
        when=model.first_used, gate=model.first_gate
    )


def _left(model: VerdictModel) -> str:
    return (
        ""
        if model.entries_left is None
        else translate("Gate", "Entries left: {n}").format(n=model.entries_left)
    )


def _until(model: VerdictModel) -> str:
    return translate("Gate", "Valid until {when}").format(when=model.valid_until) if model.valid_until else ""


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
