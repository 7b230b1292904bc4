"""People, settings, and which station speaks with which key."""

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from app.store.facts import at_ms, bump_version, first_wins, last_wins
from app.store.schema import CERTIFICATE, PERSON, REVOCATION, SETTING, SHIFT_CLOSED, SHIFT_OPENED
from domain import certificates, revocation
from domain.entry import Body, Entry, MalformedEntryError, canonical
from domain.errors import Refusal

_PERSON = first_wins(PERSON)
_SETTING = last_wins(SETTING)
_OPENED = first_wins(SHIFT_OPENED)
_CLOSED = first_wins(SHIFT_CLOSED)


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
