"""Short texts of the conflict desk: urgency, age, what a side did, which came first."""

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from app.formats import DateStyle, format_date, format_time, local
from app.services.views import ConflictSide
from ui.widgets.labels import MeaningName

Look = tuple[str, MeaningName, str]
"""Word, meaning, icon."""


def urgency_look(urgency: str, *, still_open: bool = True) -> Look:
    """How soon somebody should look."""
    translate = QCoreApplication.translate
    if not still_open:
        return translate("ConflictWords", "Resolved"), "admit", "check"
    looks: dict[str, Look] = {
        "now": (translate("ConflictWords", "Now"), "refuse", "octagon-alert"),
        "today": (translate("ConflictWords", "Today"), "attention", "triangle-alert"),
        "note": (translate("ConflictWords", "Note"), "info", "info"),
    }
    return looks[urgency]


def age(at: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that fits."""
    translate = QCoreApplication.translate
    minutes = max(0, int((now - at).total_seconds()) // 60)
    if minutes < 60:
        return translate("ConflictWords", "{n} min").format(n=minutes)
    if minutes < 48 * 60:
        return translate("ConflictWords", "{n} h").format(n=minutes // 60)
    return translate("ConflictWords", "{n} d").format(n=minutes // (24 * 60))


def act(side: ConflictSide) -> str:
    """What this side is about."""
    translate = QCoreApplication.translate
    if side.kind == "admitted":
        return translate("ConflictWords", "Let in at gate {gate}").format(gate=side.gate)
    acts = {
        "exited": translate("ConflictWords", "Left"),
        "order_sold": translate("ConflictWords", "Sold"),
        "order_reserved": translate("ConflictWords", "Reserved"),
        "reservation_released": translate("ConflictWords", "Reservation given up"),
        "payment_taken": translate("ConflictWords", "Paid"),
        "payment_resolved": translate("ConflictWords", "Paid"),
        "refund_paid": translate("ConflictWords", "Refunded"),
        "order_voided": translate("ConflictWords", "Voided"),
        "exchanged": translate("ConflictWords", "Exchanged"),
        "value_issued": translate("ConflictWords", "Gift card issued"),
        "value_spent": translate("ConflictWords", "Gift card used"),
        "value_returned": translate("ConflictWords", "Gift card refilled"),
        "event_cancelled": translate("ConflictWords", "Event cancelled"),
        "ticket_reprinted": translate("ConflictWords", "Printed again"),
        "ticket_printed": translate("ConflictWords", "Printed"),
        "admission_undone": translate("ConflictWords", "Admission undone"),
        "shift_opened": translate("ConflictWords", "Shift opened"),
        "shift_closed": translate("ConflictWords", "Shift closed"),
        "settings_changed": translate("ConflictWords", "Settings changed"),
        "user_created": translate("ConflictWords", "User added"),
        "conflict_resolved": translate("ConflictWords", "Conflict resolved"),
    }
    changed = translate("ConflictWords", "Catalogue changed")
    return acts.get(side.kind, changed if side.kind.endswith("_changed") else side.kind)


def when(at: datetime, now: datetime, zone: str, lang: str, *, seconds: bool = True) -> str:
    """A time; its day only where that is not today."""
    time = format_time(at, zone, lang, seconds=seconds)
    if local(at, zone).date() == local(now, zone).date():
        return time
    return f"{format_date(at, zone, lang, DateStyle.SHORT)}, {time}"


def by_hub(side: ConflictSide, zone: str, lang: str) -> str:
    """The same by the hub's clock, as exactly as it is known."""
    translate = QCoreApplication.translate
    if not side.measured:
        return translate("ConflictWords", "clock never compared with the hub")
    first, last = (format_time(at, zone, lang, seconds=True) for at in (side.earliest, side.latest))
    same_day = local(side.earliest, zone).date() == local(side.at, zone).date()
    prefix = "" if same_day else f"{local(side.earliest, zone):%d.%m.} "
    if first == last:
        return f"{prefix}{first}"
    return f"{prefix}{first} – {last}"


def order_text(order: str) -> str:
    """What is known of which came first."""
    translate = QCoreApplication.translate
    return {
        "knew": translate("ConflictWords", "The later gate knew of the earlier scan."),
        "apart": translate(
            "ConflictWords", "Neither gate knew of the other. By their clocks the order is as shown."
        ),
        "unknown": translate(
            "ConflictWords",
            "Order unknown: neither gate knew of the other, and their clocks cannot tell which was first.",
        ),
    }.get(order, "")
