"""What keys this station speaks with and believes: for the page, the command line and `doctor`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.services.access import require_any
from domain.actor import Actor, Permission
from domain.certificates import Certificate
from domain.clock import Clock
from domain.joining import EpochKey
from domain.recovery import RecoveryPublic
from domain.ticket_code import key_id

SOON_DAYS = 30


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A certificate that is believed here. `key`: the 4-byte id that tickets carry, hexadecimal; `days_left`
    of selling: None = open, below 0 = over; `state`: good, soon, over or revoked."""

    station: str
    name: str
    prefix: str
    key: str
    usage: Sequence[str]
    not_before: datetime
    not_after: datetime | None
    days_left: int | None
    state: str
    own: bool


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """What this station speaks with. `root` and `recovery` are the first 8 bytes of the organization's public
    keys, hexadecimal, None where there are none; `keystore` is system or file; `wrapped`: its secrets lie
    sealed for the recovery key beside the store; `certified`: by the root that it believes."""

    station: str
    epoch: int
    key: str
    epochs: Sequence[EpochKey]
    organization: str | None
    root: str | None
    recovery: str | None
    keystore: str
    wrapped: bool
    certified: bool


class Wrapping(Protocol):
    """See app.store.recovery."""

    def public(self) -> RecoveryPublic | None: ...
    def is_there(self) -> bool: ...


class Believed(Protocol):
    """See app.store.trust."""

    def certified(self) -> Sequence[tuple[Certificate, bool]]: ...


class Epochs(Protocol):
    """See app.store.history."""

    def epochs(self) -> Sequence[EpochKey]: ...


class KeyHolder(Protocol):
    """A store, as far as keys go."""

    @property
    def keystore_kind(self) -> str: ...
    @property
    def recovery(self) -> Wrapping: ...
    @property
    def keys(self) -> Believed: ...
    @property
    def history(self) -> Epochs: ...

    def root(self) -> bytes | None: ...


class ListKeys:
    """Certificates, revocations, and what is this station's own."""

    def __init__(self, store: KeyHolder, station: str, clock: Clock) -> None:
        self._store = store
        self._station = station
        self._clock = clock

    def __call__(self, actor: Actor) -> tuple[OwnKeys, Sequence[KeyRow]]:
        """What this station speaks with, and what a gate here trusts. Refuses NOT_ALLOWED."""
        require_any(actor, Permission.KEYS, Permission.STATION)
        return self.own(), self.listed()

    def listed(self) -> Sequence[KeyRow]:
        """What a gate here trusts, own certificates first, then by name: for the machine's owner, who needs
        no sign-in (`doctor`, `keys list`)."""
        now = self._clock.now()
        rows = [self._row(each, revoked=revoked, now=now) for each, revoked in self._store.keys.certified()]
        return sorted(rows, key=lambda row: (not row.own, row.name, row.not_before))

    def own(self) -> OwnKeys:
        """What this station speaks with."""
        epochs = self._store.history.epochs()
        root, public = self._store.root(), self._store.recovery.public()
        present = key_id(epochs[-1].key).hex()
        mine = [row for row in self.listed() if row.own and row.key == present]
        return OwnKeys(
            station=self._station,
            epoch=epochs[-1].epoch,
            key=present,
            epochs=epochs,
            organization=public.organization if public else None,
            root=root[:8].hex() if root else None,
            recovery=public.public[:8].hex() if public else None,
            keystore=self._store.keystore_kind,
            wrapped=self._store.recovery.is_there(),
            certified=bool(mine),
        )

    def _row(self, certificate: Certificate, *, revoked: bool, now: datetime) -> KeyRow:
        ends = certificate.not_after
        days = None if ends is None else (ends - now).days
        state = "good"
        if revoked:
            state = "revoked"
        elif days is not None and days < 0:
            state = "over"
        elif days is not None and days < SOON_DAYS:
            state = "soon"
        return KeyRow(
            station=certificate.station,
            name=certificate.name,
            prefix=certificate.prefix,
            key=key_id(certificate.key).hex(),
            usage=sorted(certificate.usage),
            not_before=certificate.not_before,
            not_after=ends,
            days_left=days,
            state=state,
            own=certificate.station == self._station,
        )
