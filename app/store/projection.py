"""From an entry to tables: which projector takes which kind, for own entries and others' alike."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from app.store import (
    project_catalogue,
    project_conflicts,
    project_documents,
    project_gate,
    project_guests,
    project_leases,
    project_orders,
    project_people,
    project_rights,
    project_trust,
)
from domain.entry import Body, Entry, MalformedEntryError
from domain.kinds import check_body, known

Projector = Callable[[Connection, Entry], None]

_CATALOGUE = frozenset(
    f"{thing}_{act}"
    for thing in ("event", "performance", "quota", "product", "promo", "gate")
    for act in ("created", "changed")
)

PROJECTORS: Mapping[str, Projector] = {
    **dict.fromkeys(_CATALOGUE, project_catalogue.object_changed),
    "event_published": project_catalogue.event_moved,
    "event_cancelled": project_catalogue.event_moved,
    "event_finished": project_catalogue.event_moved,
    "settings_changed": project_people.settings_changed,
    "user_created": project_people.user_created,
    "user_changed": project_people.user_changed,
    "user_renamed": project_people.user_documents_changed,
    "user_password_set": project_people.user_documents_changed,
    "role_changed": project_people.role_changed,
    "role_asked": project_people.role_asked,
    "role_answered": project_people.role_answered,
    "user_code_issued": project_people.user_code_issued,
    "user_code_used": project_people.user_code_used,
    "session_started": project_people.session_started,
    "session_ended": project_people.session_ended,
    "guest_named": project_guests.guest_named,
    "certificate_issued": project_people.certificate_issued,
    "station_revoked": project_people.station_revoked,
    "order_sold": project_orders.order_sold,
    "order_reserved": project_orders.order_sold,
    "reservation_released": project_rights.released,
    "payment_taken": project_rights.payment_taken,
    "payment_started": project_rights.payment_fact,
    "payment_failed": project_rights.payment_fact,
    "payment_unknown": project_rights.payment_fact,
    "payment_resolved": project_rights.payment_fact,
    "refund_paid": project_rights.given_back,
    "order_voided": project_rights.given_back,
    "exchanged": project_rights.given_back,
    "right_released": project_rights.right_released,
    "right_granted": project_rights.right_granted,
    "right_written_off": project_rights.right_written_off,
    "value_issued": project_rights.value_fact,
    "value_spent": project_rights.value_fact,
    "value_returned": project_rights.value_fact,
    "lease_granted": project_leases.lease_granted,
    "lease_returned": project_leases.lease_returned,
    "fork_noted": project_trust.fork_noted,
    "ticket_printed": project_orders.ticket_printed,
    "ticket_reprinted": project_orders.ticket_reprinted,
    "admitted": project_gate.passed,
    "exited": project_gate.passed,
    "refused": project_gate.refused,
    "admission_undone": project_gate.admission_undone,
    "shift_opened": project_people.shift_opened,
    "shift_closed": project_people.shift_closed,
    "conflict_resolved": project_conflicts.conflict_resolved,
    "document_erased": project_documents.document_erased,
}
"""Kinds without a row here are kept in the journal and change no table."""

_SLOW = _CATALOGUE | {
    "event_published",
    "event_cancelled",
    "event_finished",
    "settings_changed",
    "user_created",
    "user_changed",
    "user_renamed",
    "user_password_set",
    "role_changed",
    "session_started",
    "session_ended",
    "certificate_issued",
    "station_revoked",
    "document_erased",
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
    elif kind == "document_erased":
        project_documents.check_erasure(kind, body)


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
    if orders_before:
        project_rights.sold_again(connection, {*orders_before, entry.body["order"]})
    project_documents.names(connection, entry)
    project_conflicts.after(connection, entry, orders_before)
