"""The enrolment file, format 1: everything a new station needs to join a hub, once and for a short time.

It holds the hub's address with a one-time password and an enrolment certificate with its secret key, and is
signed as a whole by the organization's root: `Ed25519("gatehouse-enrolment-1\\0" ‖ canonical JSON without
"sig")`. Whoever has the file can join *one* station until it expires, so it is handled like a password.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from domain import certificates
from domain.certificates import Certificate, Scope, SignedCertificate, Usage
from domain.clock import from_text, to_text
from domain.entry import canonical
from domain.errors import Refusal
from domain.recovery import RecoveryPublic, parse_public
from domain.ticket_code import SigningKey, verify_signature

FORMAT = 1
KIND = "gatehouse-enrolment"
CONTEXT = b"gatehouse-enrolment-1\0"
MAX_TEXT = 64 * 1024

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HubAddress:
    """Where the hub is and who connects. `ca` is a PEM text for verify-full, None where there is no TLS."""

    host: str
    port: int
    dbname: str
    role: str
    sslmode: str = "prefer"
    ca: str | None = None


@dataclass(frozen=True, slots=True)
class EnrolmentFile:
    """A checked enrolment file. `secret` is the one-time password, `seed` the enrolment key's 32 bytes.

    `recovery`: the organization's recovery key, where it has one; `joins`: for a station that began alone and
    brings its journal.
    """

    organization: str
    root: bytes
    hub: HubAddress
    secret: str = field(repr=False)
    certificate: SignedCertificate
    seed: bytes = field(repr=False)
    epoch: int
    expires_at: datetime
    recovery: RecoveryPublic | None = None
    joins: bool = False

    @property
    def station(self) -> str:
        """Id of the station that may join."""
        return self.certificate.certificate.station

    @property
    def name(self) -> str:
        """The name it was given."""
        return self.certificate.certificate.name

    @property
    def prefix(self) -> str:
        """What its receipt numbers begin with."""
        return self.certificate.certificate.prefix

    @property
    def scope(self) -> Scope:
        """Which feeds it will follow."""
        return self.certificate.certificate.scope


def write(file: EnrolmentFile, root: SigningKey) -> str:
    """The signed text of the file. Raises ValueError when `root` is not the root it names."""
    if root.public != file.root:
        raise ValueError("the file names another root key")
    fields = _fields(file)
    fields["sig"] = root.sign(CONTEXT + canonical(fields).encode()).hex()
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def read(text: str, now: datetime) -> EnrolmentFile:
    """Parse and check an enrolment file.

    Raises Refusal: ENROLMENT_INVALID (`field`) for anything that is not such a file, ENROLMENT_FORGED
    (`field`) when a signature or a part does not fit the rest, ENROLMENT_EXPIRED (`expired_at`).
    """
    fields = _load(text)
    file = _parse(fields)
    sig = _get(fields, "sig", bytes.fromhex)
    unsigned = {name: value for name, value in fields.items() if name != "sig"}
    if not verify_signature(file.root, sig, CONTEXT + canonical(unsigned).encode()):
        raise Refusal("ENROLMENT_FORGED", field="sig")
    _check_certificate(file)
    if now >= file.expires_at:
        raise Refusal("ENROLMENT_EXPIRED", expired_at=to_text(file.expires_at))
    return file


def _check_certificate(file: EnrolmentFile) -> None:
    certificate: Certificate = file.certificate.certificate
    if not file.certificate.signed_by(file.root) or certificate.usage != {Usage.ENROL}:
        raise Refusal("ENROLMENT_FORGED", field="certificate")
    if SigningKey.from_seed(file.seed).public != certificate.key:
        raise Refusal("ENROLMENT_FORGED", field="seed")
    if certificate.organization != file.organization or certificate.not_after != file.expires_at:
        raise Refusal("ENROLMENT_FORGED", field="certificate")
    if file.recovery is not None and file.recovery.root != file.root:
        raise Refusal("ENROLMENT_FORGED", field="recovery")


def _fields(file: EnrolmentFile) -> dict[str, Any]:
    later: dict[str, Any] = {}  # what files did not always have
    if file.recovery is not None:
        later["recovery"] = file.recovery.to_json()
    if file.joins:
        later["joins"] = True
    return later | {
        "certificate": file.certificate.to_json(),
        "epoch": file.epoch,
        "expires_at": to_text(file.expires_at),
        "format": FORMAT,
        "hub": {
            "ca": file.hub.ca,
            "dbname": file.hub.dbname,
            "host": file.hub.host,
            "port": file.hub.port,
            "role": file.hub.role,
            "sslmode": file.hub.sslmode,
        },
        "kind": KIND,
        "organization": file.organization,
        "root": file.root.hex(),
        "secret": file.secret,
        "seed": file.seed.hex(),
    }


def _load(text: str) -> dict[str, Any]:
    if len(text) > MAX_TEXT:
        raise Refusal("ENROLMENT_INVALID", field="size")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal("ENROLMENT_INVALID", field="json") from None
    if not isinstance(fields, dict) or fields.get("kind") != KIND:
        raise Refusal("ENROLMENT_INVALID", field="kind")
    if fields.get("format") != FORMAT:
        raise Refusal("ENROLMENT_INVALID", field="format")
    try:
        canonical(fields)
    except (ValueError, RecursionError):
        raise Refusal("ENROLMENT_INVALID", field="json") from None
    return fields


def _parse(fields: dict[str, Any]) -> EnrolmentFile:
    hub = _get(fields, "hub", _dict)
    try:
        certificate = certificates.parse(fields.get("certificate"))
    except Refusal:
        raise Refusal("ENROLMENT_INVALID", field="certificate") from None
    try:
        found = fields.get("recovery")
        recovery = None if found is None else parse_public(found)
    except Refusal:
        raise Refusal("ENROLMENT_INVALID", field="recovery") from None
    return EnrolmentFile(
        organization=_get(fields, "organization", _word),
        root=_get(fields, "root", _bytes32),
        hub=HubAddress(
            host=_get(hub, "host", _word, "hub."),
            port=_get(hub, "port", _port, "hub."),
            dbname=_get(hub, "dbname", _word, "hub."),
            role=_get(hub, "role", _word, "hub."),
            sslmode=_get(hub, "sslmode", _word, "hub."),
            ca=_get(hub, "ca", lambda value: None if value is None else _word(value), "hub."),
        ),
        secret=_get(fields, "secret", _word),
        certificate=certificate,
        seed=_get(fields, "seed", _bytes32),
        epoch=_get(fields, "epoch", _positive),
        expires_at=_get(fields, "expires_at", from_text),
        recovery=recovery,
        joins=fields.get("joins") is True,
    )


def _get(fields: dict[str, Any], name: str, read_value: Callable[[Any], T], path: str = "") -> T:
    try:
        return read_value(fields[name])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refusal("ENROLMENT_INVALID", field=path + name) from None


def _dict(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("an object expected")
    return value


def _word(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("text expected")
    return value


def _positive(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("a positive number expected")
    return value


def _port(value: object) -> int:
    port = _positive(value)
    if port > 65535:
        raise ValueError("not a port")
    return port


def _bytes32(value: str) -> bytes:
    raw = bytes.fromhex(value)
    if len(raw) != 32:
        raise ValueError("32 bytes expected")
    return raw
