"""What a database error means: by SQLSTATE, class of exception and state of the connection, never by text."""

import socket
import ssl
from enum import StrEnum

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from domain.errors import Fault
from sync.hub_probe import SSL_REQUEST, refusal_state


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
_REFUSAL_STATES = {"28P01": "HUB_PASSWORD", "28000": "HUB_PASSWORD", "3D000": "HUB_DATABASE"}
_OUTDATED = {"42883", "3F000", "42P01"}
"""No such function, schema or table: the hub is older than this program."""

_VERIFY_CODES = {62: "HUB_TLS_HOST", 64: "HUB_TLS_HOST", 9: "HUB_TLS_EXPIRED", 10: "HUB_TLS_EXPIRED"}
"""OpenSSL's numbers for another name, another address, not yet valid, ended."""

REFUSED_CODES = frozenset(
    {
        "HUB_PASSWORD",
        "HUB_DATABASE",
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
    """Why a connection was not made: HUB_PASSWORD, HUB_DATABASE (no such database), HUB_BUSY (no connection
    left), HUB_RIGHTS, HUB_TLS_…, HUB_UNREACHABLE.

    libpq tells no SQLSTATE here, so the server is asked for it once more. Where it cannot be asked (a socket
    in the file system, another way to sign in), it is gone by whether it wanted a password: when it did and
    takes connections, it is this station that it does not take.
    """
    if (fault := tls_fault(conninfo)) is not None:
        return fault
    if not isinstance(error, psycopg.errors.ConnectionTimeout):
        state = refusal_state(conninfo)
        if state is not None:
            return Fault(_REFUSAL_STATES[state]) if state in _REFUSAL_STATES else fault_of_state(state)
    pgconn = getattr(error, "pgconn", None)
    asked = pgconn is not None and (pgconn.used_password or pgconn.needs_password)
    if asked and not isinstance(error, psycopg.errors.ConnectionTimeout) and _takes_connections(conninfo):
        return Fault("HUB_PASSWORD")
    return Fault("HUB_UNREACHABLE")


def tls_fault(conninfo: str) -> Fault | None:
    """What is wrong with the server's TLS where the connection string asks for a verified one.

    libpq tells only in words, so the first steps are taken again here: HUB_TLS_MISSING (the server speaks
    plain text), HUB_TLS_CA (not certified by the organization's authority), HUB_TLS_HOST (another machine's
    certificate), HUB_TLS_EXPIRED. None when it is fine, or nobody answers at all.
    """
    known = conninfo_to_dict(conninfo)
    if known.get("sslmode") != "verify-full" or "," in str(known.get("host") or ""):
        return None
    host, port = str(known.get("host")), int(known.get("port") or 5432)
    try:
        context = ssl.create_default_context(cafile=str(known.get("sslrootcert") or ""))
    except OSError:
        return Fault("HUB_TLS_CA", host=host)
    try:
        with socket.create_connection((host, port), 5) as plain:
            plain.sendall(SSL_REQUEST)
            if plain.recv(1) != b"S":
                return Fault("HUB_TLS_MISSING", host=host)
            with context.wrap_socket(plain, server_hostname=host):
                return None
    except ssl.SSLCertVerificationError as error:
        return Fault(_VERIFY_CODES.get(error.verify_code, "HUB_TLS_CA"), host=host)
    except OSError:
        return None


def _takes_connections(conninfo: str) -> bool:
    return pq.PGconn.ping(make_conninfo(conninfo, connect_timeout=5).encode()) == pq.Ping.OK


def statement_fault(error: psycopg.Error) -> Fault:
    """Why a statement failed."""
    return fault_of_state(error.sqlstate)


def fault_of_state(state: str | None) -> Fault:
    """The same from an SQLSTATE; without one the connection is gone."""
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
