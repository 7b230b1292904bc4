"""Certificates, format 1: which key speaks for which station, and how far that is to be believed.

The organization's root key signs either a station's certificate at once (a station that works alone), or a
one-time, expiring *enrolment* certificate whose key signs the station's (so the root key stays in its safe
while a laptop joins). A certificate is canonical JSON; the signature is

    Ed25519("gatehouse-certificate-1\\0" ‖ UTF-8 of the text)

`not_after` limits selling: tickets signed before it stay good, so certificates are kept after they ended.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, NamedTuple, Protocol

from domain.clock import from_text, to_text
from domain.entry import HUB, SIGNATURE_CONTEXT, canonical
from domain.errors import Refusal
from domain.ticket_code import SigningKey, key_id, verify_signature

FORMAT = 1
CONTEXT = b"gatehouse-certificate-1\0"
EVERYTHING: Literal["*"] = "*"
MAX_TEXT = 8 * 1024

Scope = tuple[str, ...] | Literal["*"]

_STATION = re.compile(r"[0-9a-f]{8}")
_PREFIX = re.compile(r"[A-Z0-9]{1,8}")


class Usage(StrEnum):
    """What a key may do: sign journal entries, sign ticket codes, sign one station's certificate."""

    JOURNAL = "journal"
    SELL = "sell"
    ENROL = "enrol"


STATION_USAGE = frozenset({Usage.JOURNAL, Usage.SELL})


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is certified. Keys are 32-byte Ed25519 public keys; times are aware UTC, `not_after` None = open.

    `scope` is the sorted feeds the station follows, or "*" for all; `prefix` begins its receipt numbers.
    """

    id: str
    organization: str
    station: str
    name: str
    prefix: str
    key: bytes
    usage: frozenset[Usage]
    scope: Scope
    not_before: datetime
    not_after: datetime | None
    issuer: bytes

    def text(self) -> str:
        """The canonical JSON that is signed."""
        return canonical(
            {
                "format": FORMAT,
                "id": self.id,
                "issuer": self.issuer.hex(),
                "key": self.key.hex(),
                "name": self.name,
                "not_after": None if self.not_after is None else to_text(self.not_after),
                "not_before": to_text(self.not_before),
                "organization": self.organization,
                "prefix": self.prefix,
                "scope": scope_json(self.scope),
                "station": self.station,
                "usage": sorted(self.usage),
            }
        )

    def may_sell_at(self, at: datetime) -> bool:
        """Whether new tickets may be signed with this key at that time."""
        return Usage.SELL in self.usage and self.holds_at(at)

    def holds_at(self, at: datetime) -> bool:
        """Whether `at` lies within the certificate's time."""
        return self.not_before <= at and (self.not_after is None or at <= self.not_after)


@dataclass(frozen=True, slots=True)
class SignedCertificate:
    """A certificate with the exact text that was signed and the issuer's 64-byte signature."""

    certificate: Certificate
    text: str
    sig: bytes

    def signed_by(self, public_key: bytes) -> bool:
        """Whether that key made the signature and is the issuer that the text names."""
        return self.certificate.issuer == public_key and verify_signature(
            public_key, self.sig, CONTEXT + self.text.encode()
        )

    def to_json(self) -> dict[str, str]:
        """Plain form for entries, files and the wire."""
        return {"sig": self.sig.hex(), "text": self.text}


Chain = tuple[SignedCertificate, ...]


def issue(certificate: Certificate, key: SigningKey) -> SignedCertificate:
    """Sign; what comes back is read from the text (times in whole milliseconds).

    Raises ValueError when the key is not the issuer that the certificate names, Refusal CERTIFICATE_INVALID
    for a field that nobody could read.
    """
    if certificate.issuer != key.public:
        raise ValueError("the certificate names another issuer")
    text = certificate.text()
    return parse({"sig": key.sign(CONTEXT + text.encode()).hex(), "text": text})


def scope_json(scope: Scope) -> str | list[str]:
    """A scope as plain JSON: "*" or a sorted list."""
    return "*" if scope == "*" else sorted(set(scope))


def parse_scope(value: object) -> Scope:
    """Inverse of `scope_json`; raises ValueError."""
    if value == "*":
        return EVERYTHING
    if not isinstance(value, list) or not all(isinstance(feed, str) for feed in value):
        raise ValueError("scope is neither * nor a list of feeds")
    return tuple(sorted(set(value)))


def parse(value: object) -> SignedCertificate:
    """Read `SignedCertificate.to_json()` without judging the signature.

    Raises Refusal CERTIFICATE_INVALID with the field that is wrong.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("text"), str):
        raise Refusal("CERTIFICATE_INVALID", field="text")
    text = value["text"]
    try:
        sig = bytes.fromhex(value["sig"])
    except (KeyError, TypeError, ValueError):
        raise Refusal("CERTIFICATE_INVALID", field="sig") from None
    try:
        if len(text.encode()) > MAX_TEXT:
            raise Refusal("CERTIFICATE_INVALID", field="text")
        fields = json.loads(text)
    except (ValueError, RecursionError):  # a lone surrogate has no UTF-8
        raise Refusal("CERTIFICATE_INVALID", field="text") from None
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise Refusal("CERTIFICATE_INVALID", field="format")
    certificate = _from_fields(fields)
    if certificate.text() != text:
        raise Refusal("CERTIFICATE_INVALID", field="text")
    return SignedCertificate(certificate, text, sig)


def parse_chain(value: object) -> Chain:
    """Read a list of one or two certificates; raises Refusal CERTIFICATE_INVALID."""
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= 2:
        raise Refusal("CERTIFICATE_INVALID", field="certificates")
    return tuple(parse(item) for item in value)


def _from_fields(fields: dict[str, Any]) -> Certificate:
    field = "text"
    try:
        values: dict[str, Any] = {}
        for field, read in _READERS.items():
            values[field] = read(fields[field])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refusal("CERTIFICATE_INVALID", field=field) from None
    return Certificate(**values)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value or len(value) > 200:
        raise ValueError("text of 1 to 200 characters expected")
    return value


def _station(value: object) -> str:
    if not isinstance(value, str) or not _STATION.fullmatch(value) or value == HUB:
        raise ValueError("not a station id")
    return value


def _prefix(value: object) -> str:
    if not isinstance(value, str) or not _PREFIX.fullmatch(value):
        raise ValueError("1 to 8 capital letters or digits expected")
    return value


def _key(value: str) -> bytes:
    key = bytes.fromhex(value)
    if len(key) != 32:
        raise ValueError("32 bytes expected")
    return key


_READERS: Mapping[str, Any] = {
    "id": _text,
    "organization": _text,
    "station": _station,
    "name": _text,
    "prefix": _prefix,
    "key": _key,
    "usage": lambda value: frozenset(Usage(item) for item in value),
    "scope": parse_scope,
    "not_before": from_text,
    "not_after": lambda value: None if value is None else from_text(value),
    "issuer": _key,
}


def check_chain(root: bytes, chain: Sequence[SignedCertificate]) -> Certificate:
    """Follow a chain from the root key to a station's certificate and return that.

    One link: signed by the root. Two: the root signed an enrolment certificate, its key signed the station's
    with the same organization, station and prefix, no wider scope, and beginning before the enrolment ended.
    Raises Refusal CERTIFICATE_FORGED (`field` says what does not fit).
    """
    if not 1 <= len(chain) <= 2 or not chain[0].signed_by(root):
        raise Refusal("CERTIFICATE_FORGED", field="root")
    leaf = chain[-1].certificate
    if len(chain) == 2:
        enrolment = chain[0].certificate
        if enrolment.usage != {Usage.ENROL}:
            raise Refusal("CERTIFICATE_FORGED", field="usage")
        if not chain[1].signed_by(enrolment.key):
            raise Refusal("CERTIFICATE_FORGED", field="issuer")
        for field in ("organization", "station", "prefix"):
            if getattr(leaf, field) != getattr(enrolment, field):
                raise Refusal("CERTIFICATE_FORGED", field=field)
        if not _within(leaf.scope, enrolment.scope):
            raise Refusal("CERTIFICATE_FORGED", field="scope")
        if not enrolment.holds_at(leaf.not_before):
            raise Refusal("CERTIFICATE_FORGED", field="not_before")
    if not leaf.usage or Usage.ENROL in leaf.usage:
        raise Refusal("CERTIFICATE_FORGED", field="usage")
    return leaf


def _within(inner: Scope, outer: Scope) -> bool:
    return outer == "*" or (inner != "*" and set(inner) <= set(outer))


class Spoken(Protocol):
    """What is judged of an entry: its place in a journal, and the signature over its hash."""

    @property
    def station(self) -> str:
        """Whose journal."""
        ...

    @property
    def epoch(self) -> int:
        """Which of its epochs."""
        ...

    @property
    def seq(self) -> int:
        """Its number there."""
        ...

    @property
    def hash(self) -> bytes:
        """What was signed."""
        ...

    @property
    def sig(self) -> bytes:
        """The signature."""
        ...


class Signed(NamedTuple):
    """That of an entry which is not taken apart."""

    station: str
    epoch: int
    seq: int
    hash: bytes
    sig: bytes


class TrustStore:
    """The keys an organization's stations speak with, and up to where each is believed.

    Filled from the station's own chain and from `certificate_issued` and revocation entries in feed `org`;
    every station that has read the same feed holds the same.
    """

    def __init__(
        self, root: bytes, chains: Iterable[Chain] = (), revocations: Mapping[str, int] | None = None
    ) -> None:
        self.root = root
        self._by_station: dict[str, list[Certificate]] = {}
        self._by_key_id: dict[bytes, list[Certificate]] = {}
        self._journal_keys: dict[str, list[bytes]] = {}
        self._enrolments_used: dict[bytes, bytes] = {}
        self._revoked: dict[str, tuple[int, int]] = {}
        for station, last_trusted_seq in (revocations or {}).items():
            self.revoke(station, last_trusted_seq)
        for chain in chains:
            self.add(chain)

    def add(self, chain: Sequence[SignedCertificate]) -> Certificate:
        """Believe a chain from now on; adding it again changes nothing.

        Raises Refusal CERTIFICATE_FORGED, or ENROLMENT_USED when the enrolment key has already signed
        another station key.
        """
        leaf = check_chain(self.root, chain)
        known = self._by_station.setdefault(leaf.station, [])
        if leaf in known:
            return leaf
        if len(chain) == 2:
            used_for = self._enrolments_used.setdefault(chain[0].certificate.key, leaf.key)
            if used_for != leaf.key:
                raise Refusal("ENROLMENT_USED", station=leaf.station)
        known.append(leaf)
        known.sort(key=lambda each: (each.not_before, each.id))
        self._by_key_id.setdefault(key_id(leaf.key), []).append(leaf)
        speaking = [each.key for each in reversed(known) if Usage.JOURNAL in each.usage]
        self._journal_keys[leaf.station] = speaking
        return leaf

    def revoke(self, station: str, last_trusted_seq: int, epoch: int = 1) -> None:
        """Believe nothing of that station after `last_trusted_seq` of `epoch`; the earliest ever named
        counts."""
        after = (epoch, last_trusted_seq)
        self._revoked[station] = min(after, self._revoked.get(station, after))

    def revoked_after(self, station: str) -> int | None:
        """The last trusted seq of a revoked station, None when it is not revoked."""
        found = self._revoked.get(station)
        return None if found is None else found[1]

    def key_for_station(self, station: str) -> Certificate | None:
        """The newest certificate of a station, None when it is not known here."""
        known = self._by_station.get(station)
        return known[-1] if known else None

    def certificates(self, station: str) -> Sequence[Certificate]:
        """All certificates of a station, the oldest first."""
        return tuple(self._by_station.get(station, ()))

    def key_by_id(self, four_bytes: bytes) -> Sequence[Certificate]:
        """The certificates that a ticket code's key id may mean: almost always one, never judged by time."""
        return tuple(self._by_key_id.get(four_bytes, ()))

    def stations(self) -> Sequence[str]:
        """Ids of all stations known here, sorted."""
        return sorted(station for station, known in self._by_station.items() if known)

    def verify_entry(self, entry: Spoken) -> str | None:
        """None when the entry is to be believed, else why not.

        UNKNOWN_STATION (its certificate has not come yet) · REVOKED_STATION · BAD_SIGNATURE. The hub's own
        entries are chained and unsigned: what they carry is signed by the root inside the body.
        """
        if entry.station == HUB:
            return None if entry.sig == b"" else "BAD_SIGNATURE"
        keys = self._journal_keys.get(entry.station)
        if not keys:
            return "UNKNOWN_STATION"
        message = SIGNATURE_CONTEXT + entry.hash
        if not any(verify_signature(key, entry.sig, message) for key in keys):
            return "BAD_SIGNATURE"
        trusted = self._revoked.get(entry.station)
        after = trusted is not None and (entry.epoch, entry.seq) > trusted
        return "REVOKED_STATION" if after else None
