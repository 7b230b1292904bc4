"""Documents: personal data, secrets and free text, beside the journal so that they can be erased.

An entry names a document by its id and by

    hash = SHA-256(32-byte nonce ‖ content)

The nonce lies in the document, so the hash alone tells nothing once the document is gone. A document is
edited by a later version of it, which an entry names again. A tombstone beats every edit and takes the
history with it. Kinds, and which stations may read and write them, are data here and, the same, at the hub.
"""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.clock import Hlc
from domain.entry import CASH, DESK, ORG, Body

NONCE_BYTES = 32
MAX_BYTES = 10_000_000
"""Of the content of one document."""

EVENT = "event"
"""In the tables below: any feed of an event."""

LOWEST = "00000000000000-000000"
"""A version that every other one beats."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FEED = re.compile(r"org|cash|desk|event:[1-9][0-9]{0,9}")
_HASH = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"[0-9]{14}-[0-9]{6}")


class Reason(StrEnum):
    """Why a document was erased: the one thing about it that is kept."""

    REQUEST = "REQUEST"
    """The person asked for it."""
    MISTAKE = "MISTAKE"
    """It should not have been there."""
    RETENTION = "RETENTION"
    """It was kept as long as it may be kept."""
    REPLACED = "REPLACED"
    """Another document has taken its place."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document. `feeds`: classes of feeds it may lie in.

    A station reads it when it follows the document's feed and one of `readers`; writes it when it follows
    one of `writers`. `event` there means: the document lies in the feed of an event (and the writer follows
    it). An empty set asks for nothing more. `marked`: read only by stations that the hub's administrator
    named. `by_event`: a field of the event that lets every station that follows the event read it, too.
    """

    feeds: frozenset[str]
    readers: frozenset[str] = frozenset()
    writers: frozenset[str] = frozenset()
    marked: bool = False
    by_event: str = ""


_OFFICE = frozenset({CASH, DESK})

KINDS: Mapping[str, Kind] = {
    "person": Kind(frozenset({ORG}), writers=_OFFICE),
    "password_verifier": Kind(frozenset({ORG, EVENT}), _OFFICE | {EVENT}, _OFFICE | {EVENT}),
    "support_text": Kind(frozenset({DESK})),
    "attachment": Kind(frozenset({DESK, EVENT, ORG})),
    "picture": Kind(frozenset({ORG, EVENT}), writers=_OFFICE | {EVENT}),
    "ticket_codes": Kind(frozenset({DESK, EVENT}), _OFFICE, _OFFICE),
    "customer": Kind(frozenset({DESK}), writers=_OFFICE),
    "person_note": Kind(frozenset({ORG}), _OFFICE, _OFFICE),
    "guest": Kind(frozenset({EVENT}), _OFFICE, _OFFICE, by_event="names_at_gate"),
    "secret": Kind(frozenset({ORG}), writers=_OFFICE, marked=True),
}


def feed_class(feed: str) -> str:
    """`org`, `cash`, `desk` or `event`."""
    return EVENT if feed.startswith("event:") else feed


def fits_feed(kind: str, feed: str) -> bool:
    """Whether a document of that kind may lie in that feed; False for an unknown kind."""
    return kind in KINDS and is_feed(feed) and feed_class(feed) in KINDS[kind].feeds


def may_read(
    kind: str,
    feed: str,
    scope: Sequence[str] | None,
    granted: Sequence[str] = (),
    said: Collection[str] = (),
) -> bool:
    """Whether a station gets such a document. `scope`: the feeds it follows, None = all of them; `granted`:
    kinds that the hub's administrator named for it; `said`: the fields of the feed's event that are on."""
    if not fits_feed(kind, feed) or not (scope is None or feed in scope):
        return False
    if kind in granted or KINDS[kind].by_event in said:
        return True
    return not KINDS[kind].marked and _follows(KINDS[kind].readers, feed, scope)


def may_write(kind: str, feed: str, scope: Sequence[str] | None, granted: Sequence[str] = ()) -> bool:
    """Whether content that an entry of such a station names is taken."""
    if not fits_feed(kind, feed):
        return False
    return kind in granted or _follows(KINDS[kind].writers, feed, scope)


def _follows(wanted: frozenset[str], feed: str, scope: Sequence[str] | None) -> bool:
    if not wanted or scope is None or not wanted.isdisjoint(scope):
        return True
    return EVENT in wanted and feed_class(feed) == EVENT and feed in scope


def digest(nonce: bytes, content: bytes) -> bytes:
    """SHA-256(nonce ‖ content)."""
    return hashlib.sha256(nonce + content).digest()


def is_id(text: str) -> bool:
    """Whether a text can be the id of a document: a UUID in lower case."""
    return _UUID.fullmatch(text) is not None


def is_feed(text: str) -> bool:
    """Whether a text names a feed."""
    return _FEED.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Head:
    """A version of a document without its content: what two places compare. `hash` is empty and `size` 0
    for a tombstone."""

    document: str
    kind: str
    feed: str
    version: str
    hash: bytes
    size: int
    tombstone: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A version of a document with its content; `content` is empty for a tombstone."""

    head: Head
    nonce: bytes
    content: bytes

    @property
    def whole(self) -> bool:
        """Whether content and head belong together."""
        head = self.head
        return (
            not head.tombstone
            and len(self.nonce) == NONCE_BYTES
            and len(self.content) == head.size <= MAX_BYTES
            and digest(self.nonce, self.content) == head.hash
        )


def tombstone(head: Head) -> Head:
    """What is left of a document."""
    return Head(head.document, head.kind, head.feed, LOWEST, b"", 0, tombstone=True)


def beats(one: Head, other: Head) -> bool:
    """Whether `one` takes the place of `other`: a tombstone beats every edit, then the higher version wins,
    then the higher hash. Nothing beats its equal."""
    return _rank(one) > _rank(other)


def _rank(head: Head) -> tuple[bool, str, bytes]:
    return (True, "", b"") if head.tombstone else (False, head.version, head.hash)


def merge(heads: Sequence[Head]) -> Head:
    """The version that counts of all that are known of one document; the same in every order.

    Raises ValueError without any.
    """
    return max(heads, key=_rank)


def next_version(wall_ms: int, present: str | None) -> str:
    """The version of an edit that is made now, after the one that is there."""
    before = Hlc(0) if present is None else Hlc.parse(present)
    return str(before.tick(wall_ms))


def clamped(version: str, hub_ms: int) -> str:
    """A version as it counts at a hub whose time it is: nothing is later than now, so that a clock that is
    wrong wins over no edit to come."""
    return min(version, str(Hlc(hub_ms)))


def is_version(text: str) -> bool:
    """Whether a text is a version."""
    return _VERSION.fullmatch(text) is not None


def names(body: Body) -> Iterator[tuple[str, bytes]]:
    """(id, hash) of every document that an entry names: by `document` and `document_hash`, or by a list
    `documents` of such objects. What is not of that shape names nothing."""
    inner = body.get("documents")
    for item in (body, *(inner if isinstance(inner, list) else ())):
        found = _name(item)
        if found is not None:
            yield found


def _name(item: Any) -> tuple[str, bytes] | None:
    if not isinstance(item, Mapping):
        return None
    document, known_hash = item.get("document"), item.get("document_hash")
    if not (isinstance(document, str) and isinstance(known_hash, str)):
        return None
    if not (is_id(document) and _HASH.fullmatch(known_hash)):
        return None
    return document, bytes.fromhex(known_hash)
