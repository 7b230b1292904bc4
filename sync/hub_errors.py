"""What a database error means: by SQLSTATE, class of exception and state of the connection, never by text."""

from enum import StrEnum

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo

from domain.errors import Fault


class Kind(StrEnum):
    """What to do about a fault."""

    RETRY = "retry"
    """The network, a restart, a lock: the same again later."""
    REFUSED = "refused"
    """The hub does not want us as we are: a person has to do something."""


_RETRY_CLASSES = {"08": "HUB_UNREACHABLE", "57": "HUB_UNREACHABLE", "53": "HUB_BUSY", "58": "HUB_ERROR"}
_RETRY_STATES = {
    "40001": "HUB_BUSY",
    "40P01": "HUB_BUSY",
    "55P03": "HUB_BUSY",
    "57014": "HUB_BUSY",
    "25P03": "HUB_BUSY",
    "25006": "HUB_STANDBY",
}
_OUTDATED = {"42883", "3F000", "42P01"}
"""No such function, schema or table: the hub is older than this program."""

REFUSED_CODES = frozenset(
    {
        "HUB_PASSWORD",
        "HUB_RIGHTS",
        "FORK",
        "REVOKED",
        "MUST_UPGRADE",
        "HUB_OUTDATED",
        "NOT_ENROLLED",
        "EPOCH_UNKNOWN",
        "HUB_OTHER",
    }
)
"""Codes after which trying again changes nothing until a person has acted."""


def kind_of(code: str) -> Kind:
    """Whether a code calls for another try soon or for a person."""
    return Kind.REFUSED if code in REFUSED_CODES else Kind.RETRY


def connect_fault(error: psycopg.Error, conninfo: str) -> Fault:
    """Why a connection was not made.

    libpq tells no SQLSTATE here. But it tells whether the server asked for a password: when it did, and the
    server says of itself that it takes connections, then it is this station that it does not take (a wrong
    password, a role that may not sign in). Anything else is a network or a server that is not there.
    """
    pgconn = getattr(error, "pgconn", None)
    asked = pgconn is not None and (pgconn.used_password or pgconn.needs_password)
    if asked and not isinstance(error, psycopg.errors.ConnectionTimeout) and _takes_connections(conninfo):
        return Fault("HUB_PASSWORD")
    return Fault("HUB_UNREACHABLE")


def _takes_connections(conninfo: str) -> bool:
    return pq.PGconn.ping(make_conninfo(conninfo, connect_timeout=5).encode()) == pq.Ping.OK


def statement_fault(error: psycopg.Error) -> Fault:
    """Why a statement failed."""
    state = error.sqlstate
    if state is None:
        return Fault("HUB_UNREACHABLE")
    if state in _RETRY_STATES:
        return Fault(_RETRY_STATES[state])
    if state in _OUTDATED:
        return Fault("HUB_OUTDATED")
    if state == "42501":
        return Fault("HUB_RIGHTS")
    if state[:2] in _RETRY_CLASSES:
        return Fault(_RETRY_CLASSES[state[:2]])
    return Fault("HUB_ERROR", sqlstate=state)
