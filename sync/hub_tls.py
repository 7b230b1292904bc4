"""The organization's certificate authority for the hub's TLS, and a server certificate made by it.

ECDSA P-256, since Ed25519 server certificates break channel binding. The authority's key lies with the hub's
own files (who has those has the hub anyway), readable by their owner only; stations get the authority's
certificate in their enrolment file and ask for `verify-full`.
"""

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from domain.errors import Fault

CA_CERTIFICATE, CA_KEY = "ca.pem", "ca.key"
SERVER_CERTIFICATE, SERVER_KEY = "server.pem", "server.key"
CA_DAYS, SERVER_DAYS, RENEW_DAYS = 3650, 825, 60
_BACKDATED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Tls:
    """Files for PostgreSQL, and the authority's certificate as text for enrolment files."""

    certificate: Path
    key: Path
    ca: Path
    ca_text: str


def authority(folder: Path, organization: str, now: datetime) -> str:
    """The authority's certificate as PEM text; made in `folder` when it is missing. Raises HUB_FOLDER."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / CA_KEY).exists():
            _make_authority(folder, organization, now)
        return (folder / CA_CERTIFICATE).read_text(encoding="ascii")
    except OSError:
        raise Fault("HUB_FOLDER", path=str(folder)) from None


def prepare(folder: Path, organization: str, hosts: Sequence[str], now: datetime) -> Tls:
    """The authority and a server certificate for `hosts` (names or addresses) in `folder`: made where
    missing, the server's again when its hosts differ or it ends within 60 days.

    Raises Fault HUB_FOLDER, TLS_FILES (`path`).
    """
    authority(folder, organization, now)
    try:
        if not _serves(folder / SERVER_CERTIFICATE, hosts, now):
            _make_server(folder, hosts, now)
        text = (folder / CA_CERTIFICATE).read_text(encoding="ascii")
    except OSError:
        raise Fault("HUB_FOLDER", path=str(folder)) from None
    except ValueError:
        raise Fault("TLS_FILES", path=str(folder)) from None
    return Tls(folder / SERVER_CERTIFICATE, folder / SERVER_KEY, folder / CA_CERTIFICATE, text)


def _make_authority(folder: Path, organization: str, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization[:64] or "Gatehouse"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Gatehouse hub authority"),
        ]
    )
    certificate = (
        _builder(name, name, key.public_key(), now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(folder / CA_CERTIFICATE, certificate.public_bytes(Encoding.PEM), 0o644)
    _write(folder / CA_KEY, _pem(key), 0o600)


def _make_server(folder: Path, hosts: Sequence[str], now: datetime) -> None:
    authority = x509.load_pem_x509_certificate((folder / CA_CERTIFICATE).read_bytes())
    signer = load_pem_private_key((folder / CA_KEY).read_bytes(), None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise Fault("TLS_FILES", path=str(folder))
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:64])])
    certificate = (
        _builder(name, authority.subject, key.public_key(), now, SERVER_DAYS)
        .add_extension(x509.SubjectAlternativeName([_name(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )
    _write(folder / SERVER_CERTIFICATE, certificate.public_bytes(Encoding.PEM), 0o644)
    _write(folder / SERVER_KEY, _pem(key), 0o600)


def _serves(path: Path, hosts: Sequence[str], now: datetime) -> bool:
    if not path.exists():
        return False
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    lasts = certificate.not_valid_after_utc - now > timedelta(days=RENEW_DAYS)
    return lasts and set(names) == {_name(host) for host in hosts}


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes, mode: int) -> None:
    part = path.with_suffix(path.suffix + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
