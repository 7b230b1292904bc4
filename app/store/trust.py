"""Whose keys this station believes: its own, and those that the organization's root has certified."""

import functools
import json
from collections.abc import Sequence

from sqlalchemy import Connection, select

from app.store.cache import version_of
from app.store.core import StoreCore
from app.store.replica import read_meta
from app.store.schema import CERTIFICATE, OWN_EPOCH, REPLICA_ENTRY, REVOCATION
from domain import revocation
from domain.certificates import Certificate, Chain, TrustStore, parse_chain
from domain.entry import Entry, canonical, parse
from domain.errors import Refusal
from domain.ticket_code import SigningKey, key_id

NO_ROOT = "UNKNOWN_STATION"


class StoreKeys:
    """See app.services.ports.KeyRing; also judges the signatures of pulled entries.

    Kept in memory. What this process pulls is told to it at once; what another process has pulled is noticed
    by the version number, which every reader looks at.
    """

    def __init__(self, core: StoreCore, own: SigningKey) -> None:
        self._core = core
        self._own = own
        self._own_id = key_id(own.public)
        self._former: dict[bytes, bytes] = {}
        self._version = -1
        self._trust: TrustStore | None = None
        self.distrusted: tuple[str, ...] = ()
        self.reload()

    def public_key(self, four_bytes: bytes) -> bytes | None:
        """The public key that a ticket code names; None when nobody here has heard of it."""
        self._look_again()
        if four_bytes == self._own_id:
            return self._own.public
        if four_bytes in self._former:
            return self._former[four_bytes]
        certificates = self._trust.key_by_id(four_bytes) if self._trust else ()
        return certificates[0].key if certificates else None

    def is_revoked(self, four_bytes: bytes) -> bool:
        """Whether the station that the key belongs to was revoked."""
        self._look_again()
        trust = self._trust
        return trust is not None and any(
            trust.revoked_after(certificate.station) is not None
            for certificate in trust.key_by_id(four_bytes)
        )

    def verify_entry(self, entry: Entry) -> str | None:
        """None when an entry is to be believed, else why not; a station without a root believes nobody."""
        return self._trust.verify_entry(entry) if self._trust else NO_ROOT

    def believe(self, entry: Entry) -> str | None:
        """Take note of a certificate or revocation; answers the station whose certificate is new."""
        if self._trust is None:
            return None
        try:
            return learn(self._trust, entry)
        except Refusal as refusal:
            self.distrusted = (*self.distrusted, refusal.code)
            return None

    def certified(self) -> Sequence[tuple[Certificate, bool]]:
        """Every certificate believed here, by station and from the oldest on, and whether its station was
        revoked."""
        self._look_again()
        trust = self._trust
        if trust is None:
            return ()
        return [
            (certificate, trust.revoked_after(station) is not None)
            for station in trust.stations()
            for certificate in trust.certificates(station)
        ]

    def own_certificates(self) -> Sequence[Certificate]:
        """What the organization says of this station's present key; empty where there is no root."""
        self._look_again()
        return self._trust.key_by_id(self._own_id) if self._trust else ()

    def own_is_revoked(self) -> bool:
        """Whether this very station was revoked, as far as it has heard."""
        return self.is_revoked(self._own_id)

    def add_chain(self, chain: Chain) -> None:
        """Believe a certificate that came beside entries, until those of the file are read again: what stays
        is the hub's own entry about it. Raises Refusal CERTIFICATE_FORGED, ENROLMENT_USED."""
        if self._trust is not None:
            self._trust.add(chain)

    def reload(self) -> None:
        """Read everything again from the file."""
        with self._core.reading() as connection:
            self._load(connection)

    def catch_up(self, connection: Connection) -> None:
        """Before entries are judged, inside a write transaction: what another process has pulled since."""
        if version_of(connection) > self._version:
            self._load(connection)

    def _load(self, connection: Connection) -> None:
        self._version = version_of(connection)
        self._trust, self.distrusted = load_trust(connection)
        keys = connection.execute(select(OWN_EPOCH.c.public_key)).scalars()
        self._former = {key_id(bytes(each)): bytes(each) for each in keys}

    def _look_again(self) -> None:
        if self._core.cache.version > self._version:
            self.reload()


def own_chain(connection: Connection) -> Chain | None:
    """This station's own certificate, None before one was adopted."""
    found = read_meta(connection, "own_chain")
    return _read_chain(found) if found else None


def own_certified(connection: Connection) -> Entry | None:
    """The hub's entry about this station's own certificate, None where it has not come (or come back) yet."""
    chain = own_chain(connection)
    if chain is None:
        return None
    said = canonical([link.to_json() for link in chain])
    row = connection.execute(
        select(REPLICA_ENTRY)
        .join(CERTIFICATE, CERTIFICATE.c.entry_id == REPLICA_ENTRY.c.entry_id)
        .where(CERTIFICATE.c.station == chain[-1].certificate.station, CERTIFICATE.c.chain == said)
        .order_by(REPLICA_ENTRY.c.position)
    ).first()
    if row is None or not row.content:
        return None
    return parse(row.station, row.epoch, row.seq, row.content, row.prev_hash, row.hash, row.sig)


@functools.lru_cache(maxsize=64)
def _read_chain(text: str) -> Chain:
    """The own chain is looked at with every exchange."""
    return parse_chain(json.loads(text))


def load_trust(connection: Connection) -> tuple[TrustStore | None, tuple[str, ...]]:
    """Everything certified and revoked, as of the connection's snapshot; and the codes of chains that do not
    hold. None where there is no root yet."""
    root = read_meta(connection, "root")
    if not root:
        return None, ()
    trust = TrustStore(bytes.fromhex(root))
    own = read_meta(connection, "own_chain")
    texts = [own] if own else []
    texts += connection.execute(
        select(CERTIFICATE.c.chain).order_by(CERTIFICATE.c.hlc, CERTIFICATE.c.entry_id)
    ).scalars()
    distrusted = []
    for text in texts:
        try:
            trust.add(parse_chain(json.loads(text)))
        except Refusal as refusal:
            distrusted.append(refusal.code)
    revoking = select(REPLICA_ENTRY.c.content).join(
        REVOCATION, REVOCATION.c.entry_id == REPLICA_ENTRY.c.entry_id
    )
    for content in connection.execute(revoking).scalars():
        _revoke(trust, json.loads(content)["body"]["revocation"])
    return trust, tuple(distrusted)


def learn(trust: TrustStore, entry: Entry) -> str | None:
    """Take note of a certificate or revocation; answers the station whose certificate it is. Raises Refusal
    for a chain that does not hold."""
    if entry.kind == "station_revoked":
        _revoke(trust, entry.body["revocation"])
    if entry.kind != "certificate_issued":
        return None
    return trust.add(parse_chain(entry.body["certificates"])).station


def _revoke(trust: TrustStore, value: object) -> None:
    """Take note of a revocation that the organization's root has signed; any other says nothing."""
    signed = revocation.parse(value)
    if signed.signed_by(trust.root):
        what = signed.revocation
        trust.revoke(what.station, what.last_trusted_seq, what.epoch)
