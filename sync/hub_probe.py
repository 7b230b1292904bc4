"""Asks a PostgreSQL for the SQLSTATE with which it refuses a connection.

libpq tells why a connection was refused only in words, and words are nothing to decide by. So after a refusal
the first messages are exchanged once more here: start, password (SCRAM-SHA-256), and then either the server
is ready or it says its code.
"""

import base64
import hashlib
import hmac
import secrets
import socket
import ssl
import struct
from collections.abc import Iterator

from psycopg.conninfo import conninfo_to_dict

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
_PROTOCOL_3 = 196608
_SASL, _SASL_CONTINUE, _OK = 10, 11, 0
_TIMEOUT_S = 5.0
_MOST = 1 << 20


def refusal_state(conninfo: str) -> str | None:
    """The SQLSTATE of the refusal. None when the server takes the connection, nobody answers, or it asks for
    what is not spoken here. Takes up to 5 s for each answer; the password is never shown to the server."""
    known = {name: str(value) for name, value in conninfo_to_dict(conninfo).items() if value is not None}
    host = known.get("host", "").split(",")[0]
    if not host or host.startswith("/"):
        return None
    try:
        with _opened(host, int(known.get("port", "5432").split(",")[0]), known) as line:
            return _ask(line, known)
    except (OSError, ValueError, KeyError, IndexError, struct.error):
        return None


def _opened(host: str, port: int, known: dict[str, str]) -> socket.socket:
    plain = socket.create_connection((host, port), _TIMEOUT_S)
    try:
        mode = known.get("sslmode", "prefer")
        if mode == "disable":
            return plain
        plain.sendall(SSL_REQUEST)
        if plain.recv(1) != b"S":
            return plain
        context = ssl.create_default_context(cafile=known.get("sslrootcert") or None)
        if mode != "verify-full":
            context.check_hostname = False
            context.verify_mode = ssl.CERT_REQUIRED if mode == "verify-ca" else ssl.CERT_NONE
        return context.wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


def _ask(line: socket.socket, known: dict[str, str]) -> str | None:
    words = {"user": known["user"], "database": known.get("dbname", known["user"])}
    pairs = b"".join(f"{name}\0{value}\0".encode() for name, value in words.items())
    start = struct.pack("!i", _PROTOCOL_3) + pairs + b"\0"
    line.sendall(struct.pack("!i", len(start) + 4) + start)
    scram = _Scram(known.get("password", ""))
    for kind, body in _messages(line):
        if kind == b"E":
            return _field(body, b"C")
        if kind == b"Z":
            return None
        if kind == b"R":
            code = struct.unpack("!i", body[:4])[0]
            if code == _SASL and "password" not in known:
                return None  # it comes from a file or service that only libpq reads
            if code == _SASL:
                first = scram.first()
                answer = b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first
            elif code == _SASL_CONTINUE:
                answer = scram.final(body[4:])
            else:
                continue
            line.sendall(b"p" + struct.pack("!i", len(answer) + 4) + answer)
    return None


def _messages(line: socket.socket) -> Iterator[tuple[bytes, bytes]]:
    while head := _exactly(line, 5):
        size = struct.unpack("!i", head[1:])[0] - 4
        if not 0 <= size <= _MOST:
            return
        yield head[:1], _exactly(line, size)


def _exactly(line: socket.socket, size: int) -> bytes:
    """So many bytes; fewer, where the server hangs up."""
    found = b""
    while len(found) < size and (part := line.recv(size - len(found))):
        found += part
    return found


def _field(body: bytes, wanted: bytes) -> str | None:
    """One field of an ErrorResponse."""
    return next((each[1:].decode("ascii") for each in body.split(b"\0") if each[:1] == wanted), None)


class _Scram:
    """The client's side of SCRAM-SHA-256 without channel binding (RFC 5802, RFC 7677)."""

    def __init__(self, password: str) -> None:
        self._password = password.encode()
        self._bare = f"n=,r={secrets.token_urlsafe(18)}".encode()

    def first(self) -> bytes:
        """The client-first-message."""
        return b"n,," + self._bare

    def final(self, server_first: bytes) -> bytes:
        """The client-final-message. Raises ValueError, KeyError for what is no server-first-message."""
        fields = dict(part.split(b"=", 1) for part in server_first.split(b","))
        salted = hashlib.pbkdf2_hmac(
            "sha256", self._password, base64.b64decode(fields[b"s"]), int(fields[b"i"])
        )
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        without_proof = b"c=biws,r=" + fields[b"r"]
        message = b",".join((self._bare, server_first, without_proof))
        signature = hmac.digest(hashlib.sha256(client_key).digest(), message, "sha256")
        proof = bytes(one ^ two for one, two in zip(client_key, signature, strict=True))
        return without_proof + b",p=" + base64.b64encode(proof)
