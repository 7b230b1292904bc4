"""From an entry to tables: which projector takes which kind, for own entries and others' alike."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from app.store import (
    project_catalogue,
    project_conflicts,
    project_gate,
    project_orders,
    project_people,
)
from domain.entry import Body, Entry, MalformedEntryError
from domain.kinds import check_body, known

Projector = Callable[[Connection, Entry], None]

_CATALOGUE = frozenset(
    f"{thing}_{act}"
    for thing in ("event", "performance", "quota", "product", "gate")
    for act in ("created", "changed")
)

PROJECTORS: Mapping[str, Projector] = {
    **dict.fromkeys(_CATALOGUE, project_catalogue.object_changed),
    "event_published": project_catalogue.event_moved,
    "event_cancelled": project_catalogue.event_moved,
    "event_finished": project_catalogue.event_moved,
    "settings_changed": project_people.settings_changed,
    "user_created": project_people.user_created,
    "certificate_issued": project_people.certificate_issued,
    "station_revoked": project_people.station_revoked,
    "order_sold": project_orders.order_sold,
    "lease_returned": project_orders.lease_returned,
    "ticket_printed": project_orders.ticket_printed,
    "ticket_reprinted": project_orders.ticket_reprinted,
    "admitted": project_gate.passed,
    "exited": project_gate.passed,
    "refused": project_gate.refused,
    "admission_undone": project_gate.admission_undone,
    "shift_opened": project_people.shift_opened,
    "shift_closed": project_people.shift_closed,
    "conflict_resolved": project_conflicts.conflict_resolved,
}
"""Kinds without a row here are kept in the journal and change no table."""

_SLOW = _CATALOGUE | {
    "event_published",
    "event_cancelled",
    "event_finished",
    "settings_changed",
    "user_created",
    "certificate_issued",
    "station_revoked",
}


def touches_slow_data(kind: str) -> bool:
    """Whether such an entry changes what readers keep in memory: catalogue, people, settings, stations."""
    return kind in _SLOW


def check(kind: str, v: int, body: Body) -> None:
    """Raises MalformedEntryError when the body is not one that `apply` can take; KeyError: unknown kind."""
    check_body(kind, v, body)
    if kind in _CATALOGUE:
        project_catalogue.check(kind, body)
    elif kind == "certificate_issued":
        project_people.check_certificate(kind, body)
    elif kind == "station_revoked":
        project_people.check_revocation(kind, body)


def check_own(kind: str, v: int, body: Body) -> None:
    """The same for a draft of our own, where an unknown kind is a misfit too."""
    if not known(kind, v):
        raise MalformedEntryError(f"unknown kind {kind} {v}")
    check(kind, v, body)


def apply(connection: Connection, entry: Entry) -> None:
    """Project a checked entry. To be called once per entry, in the transaction that stores it."""
    orders_before = project_conflicts.before(connection, entry)
    if projector := PROJECTORS.get(entry.kind):
        projector(connection, entry)
    project_conflicts.after(connection, entry, orders_before)
