"""Journal entry, format 1: canonical text, content hash, chain hash, signature.

An entry's `content` is canonical JSON (sorted keys, no spaces, no floats, UTF-8). Its `raw` form is

    {"content":<content>,"epoch":<int>,"seq":<int>,"station":"<8 hex>"}

which is canonical JSON again, so raw can be rebuilt anywhere from the three chain fields and the content,
and the same content can be issued again under another epoch with an equal `content_hash`.

    content_hash = SHA-256(content)
    hash         = SHA-256(prev_hash ‖ raw)
    genesis      = SHA-256("gatehouse-genesis-1\\0" ‖ station ‖ "\\0" ‖ epoch ‖ "\\0" ‖ public key)
    sig          = Ed25519("gatehouse-entry-1\\0" ‖ hash)
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FORMAT = 1
MAX_RAW_BYTES = 64 * 1024
SIGNATURE_CONTEXT = b"gatehouse-entry-1\0"
GENESIS_CONTEXT = b"gatehouse-genesis-1\0"
HUB = "00000000"
"""The station id under which the hub keeps the journal of its own acts."""

_STATION = re.compile(r"[0-9a-f]{8}")
_ENTRY_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_FEED = re.compile(r"org|cash|desk|event:[1-9][0-9]{0,9}")
_KIND = re.compile(r"[a-z][a-z0-9_]{1,47}")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_PLAIN = frozenset({str, int, bool, type(None)})

ORG, CASH, DESK = "org", "cash", "desk"

Body = Mapping[str, Any]
Sign = Callable[[bytes], bytes]


class MalformedEntryError(ValueError):
    """Bytes that claim to be an entry and are not; says which part is wrong."""


def event_feed(event: int) -> str:
    """Name of the feed that belongs to one event."""
    return f"event:{event}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an entry was first issued; stays the same when it is issued again in a later epoch."""

    station: str
    epoch: int
    seq: int
    hlc: str


@dataclass(frozen=True, slots=True)
class Clocks:
    """Raw clocks at the time of the act, kept so that a wrong clock can be understood later.

    `wall_at` is ISO UTC text; `mono_ms` counts within `boot`; `offset_ms` is hub time minus wall time as
    last measured, `offset_age_ms` how long ago that was (both None when the hub was never met).
    """

    wall_at: str
    mono_ms: int
    boot: str
    offset_ms: int | None = None
    offset_age_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a use case wants to have recorded; the journal adds identity, clocks, chain and signature.

    `entry_id`: the id that was announced for it (a claim's), None = the journal makes one.
    """

    kind: str
    feeds: tuple[str, ...]
    body: Body
    v: int = 1
    entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """The actor as recorded: user id, approving users, practice flag."""

    user: str | None
    approvals: tuple[str, ...] = ()
    practice: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A sealed entry. `content` is the exact text that was hashed; the other fields are parsed from it."""

    station: str
    epoch: int
    seq: int
    origin: Origin
    entry_id: str
    feeds: tuple[str, ...]
    kind: str
    v: int
    clocks: Clocks
    actor: Who
    shift: str | None
    body: Body
    content: str
    content_hash: bytes
    prev_hash: bytes
    hash: bytes
    sig: bytes

    @property
    def short_hash(self) -> str:
        """The first 8 hexadecimal digits of what it says, as printed on receipts: the same when it is issued
        again in another epoch."""
        return self.content_hash.hex()[:8]


def canonical(value: object) -> str:
    """Canonical JSON text of plain values. Raises MalformedEntryError for floats, odd keys, deep nesting."""
    try:
        if not _is_plain(value):
            _refuse_odd(value)
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        if "\\u0000" in text or (not text.isascii() and _UNSTORABLE.search(text)):
            _refuse_odd(value)
    except RecursionError:
        raise MalformedEntryError("nested too deep") from None
    return text


def _is_plain(value: object) -> bool:
    """Whether a value is made of nothing but plain things, as nearly all are. Quick, since each entry is
    looked at more than once. What it cannot tell at sight, and what texts say, is for `_refuse_odd`."""
    waiting: list[Any] = [value]
    while waiting:
        thing = waiting.pop()
        kind = type(thing)
        if kind is dict:
            if not all(type(key) is str for key in thing):
                return False
            waiting.extend(inner for inner in thing.values() if type(inner) not in _PLAIN)
        elif kind is list or kind is tuple:
            waiting.extend(inner for inner in thing if type(inner) not in _PLAIN)
        elif kind not in _PLAIN:
            return False
    return True


def _refuse_odd(value: object) -> None:
    """Plain values only, and texts that can be kept."""
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise MalformedEntryError("a character that PostgreSQL or UTF-8 cannot hold")
    elif value is None or isinstance(value, (bool, int)):
        return
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _refuse_odd(inner)
    elif isinstance(value, (dict, Mapping)):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise MalformedEntryError(f"a key that is not text: {key!r}")
            _refuse_odd(key)
            _refuse_odd(inner)
    elif isinstance(value, float):
        raise MalformedEntryError("a float in an entry")
    else:
        raise MalformedEntryError(f"a value of type {type(value).__name__} in an entry")


def raw_text(station: str, epoch: int, seq: int, content: str) -> str:
    """The text that is chained: canonical JSON around the content."""
    return f'{{"content":{content},"epoch":{epoch},"seq":{seq},"station":"{station}"}}'


def genesis(station: str, epoch: int, public_key: bytes) -> bytes:
    """The `prev_hash` of a station's first entry in an epoch."""
    return hashlib.sha256(
        GENESIS_CONTEXT + station.encode() + b"\0" + str(epoch).encode() + b"\0" + public_key
    ).digest()


def chain_hash(prev_hash: bytes, raw: str) -> bytes:
    """SHA-256(prev_hash ‖ raw)."""
    return hashlib.sha256(prev_hash + raw.encode()).digest()


def seal(
    draft: Draft,
    *,
    station: str,
    epoch: int,
    seq: int,
    entry_id: str,
    hlc: str,
    clocks: Clocks,
    actor: Who,
    shift: str | None,
    prev_hash: bytes,
    sign: Sign,
) -> Entry:
    """Make the next entry of a journal. Raises MalformedEntryError when it is too large or not plain data."""
    feeds = tuple(sorted(set(draft.feeds)))
    content = canonical(
        {
            "actor": {
                "approvals": list(actor.approvals),
                "practice": actor.practice,
                "user": actor.user,
            },
            "body": draft.body,
            "clock": {
                "boot": clocks.boot,
                "mono_ms": clocks.mono_ms,
                "offset_age_ms": clocks.offset_age_ms,
                "offset_ms": clocks.offset_ms,
                "wall_at": clocks.wall_at,
            },
            "entry_id": entry_id,
            "feeds": list(feeds),
            "format": FORMAT,
            "kind": draft.kind,
            "origin": {"epoch": epoch, "hlc": hlc, "seq": seq, "station": station},
            "shift": shift,
            "v": draft.v,
        }
    )
    raw = raw_text(station, epoch, seq, content)
    if len(raw.encode()) > MAX_RAW_BYTES:
        raise MalformedEntryError(f"an entry of {len(raw.encode())} bytes; at most {MAX_RAW_BYTES}")
    digest = chain_hash(prev_hash, raw)
    return parse(station, epoch, seq, content, prev_hash, digest, sign(SIGNATURE_CONTEXT + digest))


def reissue(entry: Entry, *, epoch: int, seq: int, prev_hash: bytes, sign: Sign) -> Entry:
    """The same content under another place in the chain; origin, id and content hash stay."""
    raw = raw_text(entry.station, epoch, seq, entry.content)
    digest = chain_hash(prev_hash, raw)
    return parse(
        entry.station, epoch, seq, entry.content, prev_hash, digest, sign(SIGNATURE_CONTEXT + digest)
    )


def is_place(station: str, epoch: int, seq: int) -> bool:
    """Whether there may be such a place in a journal."""
    return _STATION.fullmatch(station) is not None and epoch >= 0 and seq >= 1


def parse(
    station: str, epoch: int, seq: int, content: str, prev_hash: bytes, digest: bytes, sig: bytes
) -> Entry:
    """Read an entry from its parts and check everything but the signature.

    Raises MalformedEntryError: not canonical, a missing or odd field, too large, or a hash that does not
    follow from `prev_hash` and the text.
    """
    if not is_place(station, epoch, seq):
        raise MalformedEntryError("station, epoch or seq out of range")
    try:
        size = len(content.encode())
    except UnicodeEncodeError:
        raise MalformedEntryError("not UTF-8") from None
    if size > MAX_RAW_BYTES:
        raise MalformedEntryError("too large")
    try:
        fields = json.loads(content, parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError) as error:
        raise MalformedEntryError(f"not JSON: {error}") from None
    if not isinstance(fields, dict) or not _is_canonical(fields, content):
        raise MalformedEntryError("not canonical")
    if chain_hash(prev_hash, raw_text(station, epoch, seq, content)) != digest:
        raise MalformedEntryError("the hash does not follow from the text")
    try:
        return _from_fields(fields, station, epoch, seq, content, prev_hash, digest, sig)
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedEntryError(f"field {error}") from None


_ENCODE = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode


def _is_canonical(fields: dict[str, Any], content: str) -> bool:
    """Whether `content`, which was read without floats and is UTF-8, is the one text of these fields.

    What JSON gave is plain data, so only a NUL is left to look for: it is there where its escape is, or seems
    to be.
    """
    if "\\u0000" in content:
        return canonical(fields) == content
    return _ENCODE(fields) == content


def _no_float(text: str) -> object:
    raise MalformedEntryError(f"a float in an entry: {text}")


def _from_fields(
    fields: dict[str, Any],
    station: str,
    epoch: int,
    seq: int,
    content: str,
    prev_hash: bytes,
    digest: bytes,
    sig: bytes,
) -> Entry:
    if fields["format"] != FORMAT:
        raise MalformedEntryError(f"format {fields['format']!r}")
    if not _is_shaped(fields):
        _check_shape(fields, _SHAPE, "entry")  # says what is wrong
    if not all(isinstance(user, str) for user in fields["actor"]["approvals"]):
        raise MalformedEntryError("approvals are user ids")
    origin = Origin(**fields["origin"])
    if not _STATION.fullmatch(origin.station) or origin.epoch < 0 or origin.seq < 1:
        raise MalformedEntryError("origin out of range")
    return Entry(
        station=station,
        epoch=epoch,
        seq=seq,
        origin=origin,
        entry_id=_matching(_ENTRY_ID, fields["entry_id"], "entry_id"),
        feeds=_feeds(fields["feeds"]),
        kind=_matching(_KIND, fields["kind"], "kind"),
        v=_count(fields["v"]),
        clocks=Clocks(**fields["clock"]),
        actor=Who(fields["actor"]["user"], tuple(fields["actor"]["approvals"]), fields["actor"]["practice"]),
        shift=fields["shift"],
        body=dict(fields["body"]),
        content=content,
        content_hash=hashlib.sha256(content.encode()).digest(),
        prev_hash=prev_hash,
        hash=digest,
        sig=sig,
    )


_TEXT, _COUNT, _MAYBE_TEXT, _MAYBE_COUNT = (str,), (int,), (str, type(None)), (int, type(None))
_SHAPE: Mapping[str, Any] = {
    "actor": {"approvals": (list,), "practice": (bool,), "user": _MAYBE_TEXT},
    "body": (dict,),
    "clock": {
        "boot": _TEXT,
        "mono_ms": _COUNT,
        "offset_age_ms": _MAYBE_COUNT,
        "offset_ms": _MAYBE_COUNT,
        "wall_at": _TEXT,
    },
    "entry_id": _TEXT,
    "feeds": (list,),
    "format": _COUNT,
    "kind": _TEXT,
    "origin": {"epoch": _COUNT, "hlc": _TEXT, "seq": _COUNT, "station": _TEXT},
    "shift": _MAYBE_TEXT,
    "v": _COUNT,
}
"""The fields of format 1, all of them and no others, with the types that JSON gives them."""


_FIELDS = tuple((name, part) for name, part in _SHAPE.items() if not isinstance(part, dict))
_PARTS = tuple((name, part, tuple(part.items())) for name, part in _SHAPE.items() if isinstance(part, dict))


def _is_shaped(fields: dict[str, Any]) -> bool:
    """What `_check_shape` asks, without a word about what is wrong: nearly every entry is as it should be."""
    if fields.keys() != _SHAPE.keys():
        return False
    for name, kinds in _FIELDS:
        if type(fields[name]) not in kinds:
            return False
    for name, part, inner in _PARTS:
        value = fields[name]
        if type(value) is not dict or value.keys() != part.keys():
            return False
        for each, kinds in inner:
            if type(value[each]) not in kinds:
                return False
    return True


def _check_shape(value: object, shape: Any, name: str) -> None:
    """Exact types: JSON's true is not a number here."""
    if not isinstance(shape, dict):
        if type(value) not in shape:
            raise MalformedEntryError(f"{name}: {value!r}")
    elif not isinstance(value, dict) or value.keys() != shape.keys():
        raise MalformedEntryError(f"{name}: missing or unknown fields")
    else:
        for key, inner in shape.items():
            _check_shape(value[key], inner, key)


def _matching(pattern: re.Pattern[str], value: object, name: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise MalformedEntryError(f"{name}: {value!r}")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise MalformedEntryError(f"v: {value!r}")
    return value


def _feeds(value: Sequence[object]) -> tuple[str, ...]:
    feeds = tuple(_matching(_FEED, feed, "feed") for feed in value)
    if not feeds or list(feeds) != sorted(set(feeds)):
        raise MalformedEntryError("feeds must be sorted, unique and not empty")
    return feeds
