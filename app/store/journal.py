"""The station's own journal: appending inside a transaction, reading back, and the outbox over it.

The tip is always read inside the transaction, so two processes on one file cannot chain to the same entry.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects.sqlite import insert

from app.store import projection
from app.store.facts import last_wins
from app.store.prepared import Prepared
from app.store.schema import ENTRY_OUTCOME, JOURNAL, META, OWN_EPOCH, place
from domain.actor import Actor
from domain.clock import Clock, Hlc, to_ms, to_text
from domain.entry import (
    Clocks,
    Draft,
    Entry,
    MalformedEntryError,
    Who,
    genesis,
    parse,
    raw_text,
    reissue,
    seal,
)
from domain.errors import Fault, Refusal
from domain.ids import RandomBytes, uuid7
from domain.ticket_code import SigningKey
from sync.ports import Tip

HubTime = Callable[[], tuple[int, int] | None]
"""Hub time minus wall time in ms as last measured, and how old that is in ms; None before the first hello."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this file speaks as."""

    station: str
    epoch: int
    key: SigningKey

    @property
    def genesis(self) -> bytes:
        """What the first entry of the epoch chains to."""
        return genesis(self.station, self.epoch, self.key.public)


_HLC_SEEN = select(META.c.value).where(META.c.name == "hlc")
_TIP = Prepared(
    select(
        JOURNAL.c.epoch,
        JOURNAL.c.seq,
        JOURNAL.c.hash,
        JOURNAL.c.hlc,
        _HLC_SEEN.scalar_subquery().label("seen"),
    )
    .order_by(JOURNAL.c.position.desc())
    .limit(1)
)
_INSERT = Prepared(insert(JOURNAL))
_ENTRY = (
    JOURNAL.c.epoch,
    JOURNAL.c.seq,
    JOURNAL.c.content,
    JOURNAL.c.prev_hash,
    JOURNAL.c.hash,
    JOURNAL.c.sig,
)
_AFTER = Prepared(
    select(*_ENTRY)
    .where(JOURNAL.c.position > bindparam("after"), JOURNAL.c.position < bindparam("end"))
    .order_by(JOURNAL.c.position)
    .limit(bindparam("most"))
)
_HASH_AT = Prepared(select(JOURNAL.c.hash).where(JOURNAL.c.position == bindparam("at")))
_PRESENT = select(JOURNAL.c.seq).where(JOURNAL.c.entry_id == bindparam("wanted"))
_ACKED = Prepared(select(OWN_EPOCH.c.acked_seq).where(OWN_EPOCH.c.epoch == bindparam("of_epoch")))
_ACKNOWLEDGE = Prepared(
    update(OWN_EPOCH)
    .where(OWN_EPOCH.c.epoch == bindparam("of_epoch"), OWN_EPOCH.c.acked_seq < bindparam("seq"))
    .values(acked_seq=bindparam("seq"))
)
_OUTCOME = last_wins(ENTRY_OUTCOME, "at_ms")


class Journal:
    """Appends to the own journal on a connection that is inside a write transaction."""

    def __init__(
        self, identity: Identity, clock: Clock, random_bytes: RandomBytes, hub_time: HubTime
    ) -> None:
        self._identity = identity
        self._clock = clock
        self._random = random_bytes
        self._hub_time = hub_time
        self.closed: str | None = None
        """Why nothing may be written here: the code of a refusal."""
        self.practising = False
        """Whether every act here is practice, whoever does it."""

    def hub_ms(self) -> int:
        """The hub's time in ms as far as it is known, else this station's."""
        measured = self._hub_time()
        return to_ms(self._clock.now()) + (measured[0] if measured else 0)

    def append(
        self, connection: Connection, drafts: Sequence[Draft], actor: Actor, shift: str | None
    ) -> list[Entry]:
        """Seal, store and project drafts in order. All are checked before the first is written.

        Raises MalformedEntryError: unknown kind, a body that does not fit its shape, or too large; Refusal
        with the code in `closed`.
        """
        if self.closed is not None:
            raise Refusal(self.closed)
        for draft in drafts:
            projection.check_own(draft.kind, draft.v, draft.body)
        sealed = self._sealed(connection, drafts, actor, shift)
        for entry in sealed:
            _INSERT.run(connection, _row(entry))
            projection.apply(connection, entry)
        return sealed

    def reissue(self, connection: Connection, entries: Sequence[Entry]) -> list[Entry]:
        """Issue own entries of a former epoch again in this one: content, origin and ids stay. What is in
        this journal already is left out, so it may be repeated. Answers the new entries, which are stored
        only: whether they count hangs on what others wrote (see PageWriter.take_own)."""
        seq, digest, _ = self._end(connection)
        made = []
        for former in entries:
            if connection.execute(_PRESENT, {"wanted": former.entry_id}).first() is not None:
                continue
            seq += 1
            entry = reissue(
                former,
                epoch=self._identity.epoch,
                seq=seq,
                prev_hash=digest,
                sign=self._identity.key.sign,
            )
            digest = entry.hash
            _INSERT.run(connection, _row(entry))
            made.append(entry)
        return made

    def _sealed(
        self, connection: Connection, drafts: Sequence[Draft], actor: Actor, shift: str | None
    ) -> list[Entry]:
        seq, digest, hlc = self._end(connection)
        wall = self._clock.now()
        clocks = self._clocks()
        who = Who(actor.user, actor.approvals, actor.practice or self.practising)
        sealed = []
        for draft in drafts:
            seq, hlc = seq + 1, hlc.tick(to_ms(wall))
            entry = seal(
                draft,
                station=self._identity.station,
                epoch=self._identity.epoch,
                seq=seq,
                entry_id=draft.entry_id or uuid7(to_ms(wall), self._random),
                hlc=str(hlc),
                clocks=clocks,
                actor=who,
                shift=shift,
                prev_hash=digest,
                sign=self._identity.key.sign,
            )
            digest = entry.hash
            sealed.append(entry)
        return sealed

    def _end(self, connection: Connection) -> tuple[int, bytes, Hlc]:
        """Seq and hash of the tip, and the latest stamp seen, own or foreign."""
        last = _TIP.first(connection, {})
        if last is None:
            return 0, self._identity.genesis, Hlc.parse(connection.execute(_HLC_SEEN).scalar_one())
        epoch, seq, digest, hlc, seen = last
        latest = Hlc.parse(max(seen, hlc))
        if epoch != self._identity.epoch:
            return 0, self._identity.genesis, latest
        return seq, digest, latest

    def _clocks(self) -> Clocks:
        measured = self._hub_time()
        return Clocks(
            wall_at=to_text(self._clock.now()),
            mono_ms=self._clock.monotonic_ms(),
            boot=self._clock.boot_id(),
            offset_ms=measured[0] if measured else None,
            offset_age_ms=measured[1] if measured else None,
        )


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "position": place(entry.epoch, entry.seq),
        "epoch": entry.epoch,
        "seq": entry.seq,
        "entry_id": entry.entry_id,
        "kind": entry.kind,
        "v": entry.v,
        "hlc": entry.origin.hlc,
        "at_ms": Hlc.parse(entry.origin.hlc).ms,
        "user": entry.actor.user,
        "shift": entry.shift,
        "content": entry.content,
        "content_hash": entry.content_hash,
        "prev_hash": entry.prev_hash,
        "hash": entry.hash,
        "sig": entry.sig,
    }


def tip(connection: Connection, identity: Identity) -> Tip:
    """Where the journal ends now."""
    last = _TIP.first(connection, {})
    if last is None or last[0] != identity.epoch:
        return Tip(identity.epoch, 0, identity.genesis)
    return Tip(last[0], last[1], last[2])


def hash_at(connection: Connection, identity: Identity, seq: int) -> bytes | None:
    """The own hash at `seq` of the present epoch; genesis for 0, None beyond the tip."""
    if seq == 0:
        return identity.genesis
    found: bytes | None = _HASH_AT.scalar(connection, {"at": place(identity.epoch, seq)})
    return found


def acked_seq(connection: Connection, epoch: int) -> int:
    """How far the hub has confirmed."""
    found: int = _ACKED.scalar(connection, {"of_epoch": epoch})
    return found


def batch(
    connection: Connection, identity: Identity, after_seq: int, max_entries: int, max_bytes: int
) -> list[Entry]:
    """The next own entries in order, at least one if there is any, within the limits (bytes of raw text).

    Raises Fault STORE_DAMAGED where an entry is not what its hash says."""
    rows = _AFTER.rows(
        connection,
        {
            "after": place(identity.epoch, after_seq),
            "end": place(identity.epoch + 1, 0),
            "most": max(1, max_entries),
        },
    )
    entries: list[Entry] = []
    size = 0
    for row in rows:
        size += len(raw_text(identity.station, row.epoch, row.seq, row.content).encode())
        if entries and size > max_bytes:
            break
        entries.append(_read(identity.station, row))
    return entries


def _read(station: str, row: Any) -> Entry:
    try:
        return parse(station, row.epoch, row.seq, row.content, row.prev_hash, row.hash, row.sig)
    except MalformedEntryError:  # somebody with the key has been at the file: nothing of it goes anywhere
        raise Fault("STORE_DAMAGED") from None


def acknowledge(
    connection: Connection, identity: Identity, seq: int, outcomes: Mapping[str, str], now_ms: int
) -> None:
    """Note the hub's confirmation; it never goes back. Raises ValueError beyond the own tip."""
    if seq > tip(connection, identity).seq:
        raise ValueError("the hub confirms what was never written")
    _ACKNOWLEDGE.run(connection, {"of_epoch": identity.epoch, "seq": seq})
    if outcomes:
        connection.execute(
            _OUTCOME,
            [
                {"entry_id": entry_id, "outcome": outcome, "at_ms": now_ms}
                for entry_id, outcome in outcomes.items()
            ],
        )


def waiting(connection: Connection, epoch: int) -> int:
    """Own entries of the present epoch that the hub has not confirmed; they have no gaps."""
    last = _TIP.first(connection, {})
    return last[1] - acked_seq(connection, epoch) if last is not None and last[0] == epoch else 0
