"""People, settings, and which station speaks with which key."""

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from app.store.facts import at_ms, bump_version, first_wins, last_wins, ms
from app.store.schema import CERTIFICATE, PERSON, REVOCATION, SETTING, SHIFT_CLOSED, SHIFT_OPENED
from app.store.schema_people import (
    PERSON_CHANGE,
    PERSON_CODE,
    PERSON_CODE_USED,
    ROLE_ANSWER,
    ROLE_CHANGE,
    ROLE_REQUEST,
    SESSION,
    SESSION_END,
)
from app.store.schema_trail import ROLE_NOTE
from domain import certificates, revocation
from domain.entry import Body, Entry, MalformedEntryError, canonical
from domain.errors import Refusal

_PERSON = first_wins(PERSON)
_SETTING = last_wins(SETTING)
_OPENED = first_wins(SHIFT_OPENED)
_CLOSED = first_wins(SHIFT_CLOSED)
_REQUEST = first_wins(ROLE_REQUEST)
_ANSWER = first_wins(ROLE_ANSWER)
_NOTE = first_wins(ROLE_NOTE)
_CODE = first_wins(PERSON_CODE)
_CODE_USED = first_wins(PERSON_CODE_USED)
_SESSION = first_wins(SESSION)
_SESSION_END = first_wins(SESSION_END)


def check_certificate(_kind: str, body: Body) -> None:
    """Raises MalformedEntryError for a chain that cannot be read; whether it is good the root key decides."""
    try:
        certificates.parse_chain(body["certificates"])
    except Refusal as refusal:
        raise MalformedEntryError(f"certificate_issued: {refusal}") from None


def check_revocation(_kind: str, body: Body) -> None:
    """Raises MalformedEntryError for a revocation that cannot be read, or that is another station's."""
    try:
        signed = revocation.parse(body["revocation"])
    except Refusal as refusal:
        raise MalformedEntryError(f"station_revoked: {refusal}") from None
    if signed.body() != dict(body):
        raise MalformedEntryError("station_revoked: the signed text says something else")


def user_created(connection: Connection, entry: Entry) -> None:
    """A person with a login and roles; the name is in the document."""
    body = entry.body
    connection.execute(
        _PERSON,
        {
            "user": body["user"],
            "login": body["login"],
            "roles": canonical(sorted(body["roles"])),
            "document": body.get("document"),
            "hlc": entry.origin.hlc,
            "entry_id": entry.entry_id,
        },
    )
    bump_version(connection)


def user_changed(connection: Connection, entry: Entry) -> None:
    """Somebody's roles were set, or they were let in or shut out."""
    body = entry.body
    roles, enabled = body.get("roles"), body.get("enabled")
    connection.execute(
        insert(PERSON_CHANGE),
        {
            "user": body["user"],
            "hlc": entry.origin.hlc,
            "entry_id": entry.entry_id,
            "roles": None if roles is None else canonical(sorted(set(roles))),
            "enabled": None if enabled is None else int(enabled),
        },
    )
    bump_version(connection)


def user_documents_changed(connection: Connection, entry: Entry) -> None:
    """A name or a password verifier: the documents that the entry names are read where they are needed."""
    del entry
    bump_version(connection)


def role_changed(connection: Connection, entry: Entry) -> None:
    """A role was defined anew."""
    body = entry.body
    connection.execute(
        insert(ROLE_CHANGE),
        {
            "role": body["role"],
            "hlc": entry.origin.hlc,
            "entry_id": entry.entry_id,
            "permissions": canonical(sorted(set(body["permissions"]))),
            "limits": canonical(body["limits"]),
            "title": body.get("title") or "",
            "removed": int(bool(body.get("removed"))),
        },
    )
    bump_version(connection)


def role_asked(connection: Connection, entry: Entry) -> None:
    """Somebody asks for a role."""
    body = entry.body
    row = {name: body[name] for name in ("request", "user", "role")}
    connection.execute(_REQUEST, {**row, **_stamp(entry)})


def role_answered(connection: Connection, entry: Entry) -> None:
    """An admin granted or declined; of two answers the first holds."""
    body = entry.body
    row = {name: body[name] for name in ("request", "user", "role")}
    made = {"granted": int(body["granted"]), "by": entry.actor.user}
    connection.execute(_ANSWER, {**row, **made, **_stamp(entry)})
    if document := body.get("document"):
        note = {"request": body["request"], "document": document}
        connection.execute(_NOTE, {**note, "entry_id": entry.entry_id, "hlc": entry.origin.hlc})


def user_code_issued(connection: Connection, entry: Entry) -> None:
    """A one-time code for a person was given out: only its hash is here."""
    body = entry.body
    row = {name: body[name] for name in ("code", "user", "purpose", "code_hash")}
    more = {"expires_ms": ms(body["expires_at"]), "by": entry.actor.user}
    connection.execute(_CODE, {**row, **more, **_stamp(entry)})


def user_code_used(connection: Connection, entry: Entry) -> None:
    """A one-time code is spent."""
    connection.execute(_CODE_USED, {"code": entry.body["code"], **_stamp(entry)})


def session_started(connection: Connection, entry: Entry) -> None:
    """Somebody signed in at a station."""
    body = entry.body
    row = {name: body[name] for name in ("session", "user", "purpose")}
    more = {"station": entry.origin.station, "expires_ms": ms(body.get("expires_at"))}
    connection.execute(_SESSION, {**row, **more, **_stamp(entry)})
    bump_version(connection)


def session_ended(connection: Connection, entry: Entry) -> None:
    """A session is over, here or from afar."""
    body = entry.body
    row = {"session": body["session"], "reason": body["reason"], "by": entry.actor.user}
    connection.execute(_SESSION_END, {**row, **_stamp(entry)})
    bump_version(connection)


def _stamp(entry: Entry) -> dict[str, str | int]:
    return {"entry_id": entry.entry_id, "hlc": entry.origin.hlc, "at_ms": at_ms(entry)}


def settings_changed(connection: Connection, entry: Entry) -> None:
    """Settings of the organization: for each name the latest stamp counts."""
    rows = [
        {"name": name, "value": canonical(value), "hlc": entry.origin.hlc, "entry_id": entry.entry_id}
        for name, value in entry.body["values"].items()
    ]
    if rows:
        connection.execute(_SETTING, rows)
    bump_version(connection)


def certificate_issued(connection: Connection, entry: Entry) -> None:
    """An act of the hub: a station's chain, signed by the organization's root."""
    leaf = certificates.parse_chain(entry.body["certificates"])[-1].certificate
    connection.execute(
        insert(CERTIFICATE),
        {
            "entry_id": entry.entry_id,
            "station": leaf.station,
            "name": leaf.name,
            "chain": canonical(entry.body["certificates"]),
            "hlc": entry.origin.hlc,
        },
    )
    bump_version(connection)


def station_revoked(connection: Connection, entry: Entry) -> None:
    """An act of the hub: nothing of that station after a seq is believed any more."""
    connection.execute(
        insert(REVOCATION),
        {
            "station": entry.body["station"],
            "entry_id": entry.entry_id,
            "last_trusted_seq": entry.body["last_trusted_seq"],
        },
    )
    bump_version(connection)


def shift_opened(connection: Connection, entry: Entry) -> None:
    """A shift begins; station and cashier are those of the entry."""
    body = entry.body
    connection.execute(
        _OPENED,
        {
            "shift": body["shift"],
            "entry_id": entry.entry_id,
            "hlc": entry.origin.hlc,
            "station": entry.origin.station,
            "cashier": entry.actor.user,
            "drawer": body["drawer"],
            "currency": body["currency"],
            "float_minor": body["float_minor"],
            "at_ms": at_ms(entry),
        },
    )


def shift_closed(connection: Connection, entry: Entry) -> None:
    """A shift ends with its numbered report."""
    body, receipts = entry.body, entry.body["receipts"]
    connection.execute(
        _CLOSED,
        {
            "shift": body["shift"],
            "entry_id": entry.entry_id,
            "hlc": entry.origin.hlc,
            "station": entry.origin.station,
            "number": body["number"],
            "expected_minor": body["expected_minor"],
            "counted_minor": body["counted_minor"],
            "difference_minor": body["difference_minor"],
            "receipts_first": receipts.get("first"),
            "receipts_last": receipts.get("last"),
            "receipts_count": receipts["count"],
            "tenders": canonical(body["tenders"]),
            "at_ms": at_ms(entry),
        },
    )
