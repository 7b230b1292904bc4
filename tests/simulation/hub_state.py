"""What the model of the hub keeps: the tables of the SQL hub as plain values, so that a backup is a copy
of them."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

HUB = "00000000"
ZERO = bytes(32)


@dataclass
class StationRow:
    station: str
    role: str
    name: str
    prefix: str
    epoch: int
    scope: tuple[str, ...] | None
    revoked_ms: int | None = None
    trusted_seq: int | None = None
    lease_version: int = 0
    right_version: int = 0
    forked_ms: int | None = None


@dataclass
class Invitation:
    station: str
    role: str
    name: str
    prefix: str
    scope: tuple[str, ...] | None
    epoch: int
    certificate: str
    certificate_sig: str
    key: bytes
    expires_ms: int
    used_ms: int | None = None


@dataclass
class TipRow:
    epoch: int
    seq: int
    hash: bytes
    genesis: bytes
    hlc_ms: int = 0

    def json(self) -> dict[str, Any]:
        return {"epoch": self.epoch, "seq": self.seq, "hash": self.hash.hex()}


@dataclass
class LogRow:
    """A link of a station's chain; `raw` is (prev, hash, sig, content), None for an alias or a bad link."""

    hash: bytes
    content_hash: bytes
    entry_id: str | None
    state: str
    raw: tuple[bytes, bytes, bytes, str] | None = None


@dataclass
class Feed:
    position: int = 0
    hash: bytes = ZERO
    log: list[tuple[str, int, int, bytes]] = field(default_factory=list)


@dataclass
class Pool:
    pool: int
    event: int
    capacity: int | None
    last_slot: int = 0
    leased: int = 0
    used: int = 0
    outside: int = 0


@dataclass
class Lease:
    lease: str
    pool: int
    station: str
    epoch: int
    request: str
    first: int | None
    last: int | None
    slots: tuple[int, ...] | None
    size: int
    ttl_ms: int
    granted_ms: int
    used: int = 0
    back: int = 0

    def every(self) -> list[int]:
        if self.slots is not None:
            return list(self.slots)
        assert self.first is not None
        assert self.last is not None
        return list(range(self.first, self.last + 1))


@dataclass
class Claim:
    entry_id: str
    feed: str
    serial: str
    station: str
    gate: str
    lane: str
    claimed_ms: int


@dataclass
class Right:
    """Who alone may change an order; `tickets` are (home feed, serial)."""

    order: str
    station: str
    epoch: int
    number: int = 0
    act: str | None = None
    request: str | None = None
    tickets: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Value:
    """A gift card: left = issued − spent − reserved."""

    value: str
    currency: str
    issued: int = 0
    spent: int = 0
    reserved: int = 0
    expires_ms: int | None = None


@dataclass
class ValueGrant:
    request: str
    value: str
    station: str
    epoch: int
    amount: int
    currency: str
    granted_ms: int
    state: str = "held"


@dataclass
class DocumentRow:
    """The version that counts; a tombstone has no content."""

    document: str
    kind: str
    feed: str
    position: int
    version: str
    hash: bytes | None
    nonce: bytes | None
    content: bytes | None
    size: int
    tombstone: bool = False


@dataclass
class HubState:
    """Everything that a backup brings back."""

    id: str = ""
    timeline: str = "00000001"
    organization: str = ""
    root: bytes = ZERO
    mode: str = "normal"
    stations: dict[str, StationRow] = field(default_factory=dict)
    invitations: dict[str, Invitation] = field(default_factory=dict)
    certificates: dict[str, tuple[str, int, bytes, Any]] = field(default_factory=dict)
    tips: dict[tuple[str, int], TipRow] = field(default_factory=dict)
    entry_key: dict[str, tuple[bytes, str, int, int]] = field(default_factory=dict)
    log: dict[tuple[str, int], dict[int, LogRow]] = field(default_factory=lambda: defaultdict(dict))
    feeds: dict[str, Feed] = field(default_factory=dict)
    held: dict[tuple[str, int, int], str] = field(default_factory=dict)
    quarantine: dict[tuple[str, int, int], tuple[str, bytes, bytes, str]] = field(default_factory=dict)
    duplicates: set[tuple[str, str, int, int]] = field(default_factory=set)
    fork_inbox: dict[tuple[str, int, int, bytes], tuple[bytes, str]] = field(default_factory=dict)
    inbox: dict[tuple[str, int, int, bytes], dict[str, Any]] = field(default_factory=dict)
    revocations: dict[str, tuple[int, int, str, str]] = field(default_factory=dict)
    recovery: dict[str, str] = field(default_factory=dict)
    ticket_seen: dict[tuple[str, str], dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    claims: dict[str, Claim] = field(default_factory=dict)
    claims_of: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    claim_ended: dict[str, str] = field(default_factory=dict)
    pools: dict[int, Pool] = field(default_factory=dict)
    patches: dict[int, dict[str, tuple[str, bool, int, bool, int | None]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    ended: dict[int, str] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    lease_back: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    lease_slot: dict[tuple[str, int], tuple[int | None, str, str]] = field(default_factory=dict)
    slot_clash: dict[tuple[str, int, str], str] = field(default_factory=dict)
    lease_request: dict[tuple[str, str], int] = field(default_factory=dict)
    reclaimed: list[tuple[str, int, int]] = field(default_factory=list)
    early_back: dict[tuple[str, str], tuple[str, Any]] = field(default_factory=dict)
    rights: dict[str, Right] = field(default_factory=dict)
    marks: dict[tuple[str, str, str], tuple[str, str, int]] = field(default_factory=dict)
    right_request: dict[tuple[str, str], Any] = field(default_factory=dict)
    freed: dict[tuple[str, int, str], tuple[int | None, str]] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    value_grants: dict[tuple[str, str], ValueGrant] = field(default_factory=dict)
    documents: dict[str, DocumentRow] = field(default_factory=dict)
    document_heads: dict[str, int] = field(default_factory=dict)
    document_names: dict[tuple[str, bytes], set[str]] = field(default_factory=lambda: defaultdict(set))
    document_parts: dict[tuple[str, str, bytes], bytes] = field(default_factory=dict)
