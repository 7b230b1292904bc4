"""Ready for doors: everything that must be in order on a station, each green, amber or red with advice.

The one list behind the health page, `gatehouse doctor` and `/health`. Names never change; words are made of
the advice's code. Nothing here opens a device or waits for the hub, but `try_device`, when it is asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.services.access import require_any
from app.services.keys import KeyRow, ListKeys, OwnKeys
from app.services.lease_view import ShowLeases
from app.services.ports import Store
from app.services.room import MEGABYTE, too_little
from domain.actor import Actor, Permission
from domain.clock import Clock, to_text
from domain.clock_check import ClockState, judge_clock
from domain.errors import DeviceFault, Fault, GatehouseError, Refusal

GREEN, AMBER, RED = "green", "amber", "red"
GOOD_DISK = 2 * 1024 * 1024 * 1024
FRESH_MS = 10 * 60_000
"""Contact with the hub within this time is as good as now."""
HOUR_MS = 3_600_000
BACKUP_DAYS = 7
SOON = timedelta(hours=24)
"""Performances this near should have places here."""

NAMES = (
    *("hub", "data age", "places", "clock", "disk", "backup", "print queue"),
    *("printer", "camera", "scanner", "turnstile", "sound"),
    *("certificate", "root key", "recovery key", "keystore", "restored"),
)
"""Every name there is, in the order shown; which of them a station has depends on what it is."""
NOT_SET_UP = "not set up"
DEVICES = ("printer", "camera", "scanner", "turnstile")


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `advice` carries the code whose words say what to do, None when nothing is to be done."""

    name: str
    state: str
    facts: str = ""
    advice: GatehouseError | None = None


@dataclass(frozen=True, slots=True)
class Readiness:
    """All checks. `state` is the worst of them; a station is ready while none is red."""

    checks: Sequence[Check]

    @property
    def state(self) -> str:
        """green, amber or red."""
        states = {check.state for check in self.checks}
        return RED if RED in states else AMBER if AMBER in states else GREEN

    def count(self, state: str) -> int:
        """How many checks are in a state."""
        return sum(check.state == state for check in self.checks)


class SyncSeen(Protocol):
    """The part of app.services.facade.SyncView that is looked at."""

    @property
    def mode(self) -> str: ...
    @property
    def code(self) -> str | None: ...
    @property
    def params(self) -> Mapping[str, object]: ...


class DeviceSeen(Protocol):
    """The part of app.services.facade.DeviceStatus that is looked at."""

    @property
    def device(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def code(self) -> str | None: ...
    @property
    def detail(self) -> str: ...


class HealthSource(Protocol):
    """What lies outside the store's tables. All of it is quick."""

    def sync(self) -> SyncSeen:
        """How the exchange with the hub stands."""
        ...

    def contact_age_ms(self) -> int | None:
        """Milliseconds since the hub was last met; None: never."""
        ...

    def offset_ms(self) -> int | None:
        """The hub's time minus ours, None while it was not measured."""
        ...

    def free_bytes(self) -> int | None:
        """Room on the disk; None when the system does not say."""
        ...

    def backed_up_at(self) -> datetime | None:
        """When a copy was last made."""
        ...

    def root_key_at_hand(self) -> tuple[str, datetime] | None:
        """Where the organization's root key lies on this machine, and since when."""
        ...

    def devices(self) -> Sequence[DeviceSeen]:
        """printer, camera, scanner, turnstile: each with its state."""
        ...

    def try_device(self, device: str) -> DeviceSeen:
        """Try one; may take seconds. Raises DeviceFault."""
        ...

    def setting(self, name: str) -> str:
        """A setting of this station."""
        ...

    def can_sound(self) -> bool:
        """Whether the system has what sounds need."""
        ...

    def must_enrol(self) -> bool:
        """Put back from a backup, and not enrolled again yet."""
        ...


class CheckReadiness:
    """What stands between this station and its guests."""

    def __init__(
        self, store: Store, source: HealthSource, keys: ListKeys, leases: ShowLeases, clock: Clock
    ) -> None:
        self._store = store
        self._source = source
        self._keys = keys
        self._leases = leases
        self._clock = clock
        self._tried: dict[str, tuple[str, Check]] = {}

    @property
    def source(self) -> HealthSource:
        """Where plain figures come from."""
        return self._source

    def __call__(self, actor: Actor) -> Readiness:
        """Everything, for whoever works here. Refuses NOT_SIGNED_IN, NOT_ALLOWED."""
        _allow(actor)
        return self.checked()

    def checked(self, hub: Check | None = None) -> Readiness:
        """The same for the machine's owner, who needs no sign-in. `hub`: what was found out about the hub in
        another way, in place of what the exchange of this process says."""
        return Readiness(sorted(self._all(hub), key=lambda check: NAMES.index(check.name)))

    def try_device(self, device: str, actor: Actor) -> Check:
        """Open a camera, a port, the turnstile, or ask for the printer; remembered until its settings
        change. Takes seconds."""
        _allow(actor)
        return self.tried(device)

    def tried(self, device: str) -> Check:
        """The same without sign-in."""
        seen = next((each for each in self._source.devices() if each.device == device), None)
        if seen is None or seen.state == "none":
            return Check(device, GREEN, NOT_SET_UP)
        try:
            check = Check(device, GREEN, self._source.try_device(device).detail)
        except DeviceFault as fault:
            spare = device == "printer" and self._source.setting("print.after_sale") != "print"
            check = Check(device, AMBER if spare else RED, seen.detail, fault)
        self._tried[device] = (seen.detail, check)
        return check

    def _all(self, hub: Check | None) -> Iterator[Check]:
        sync = self._source.sync()
        joined = sync.mode != "alone"
        yield hub or _hub(sync)
        if joined:
            yield self._data_age(live=sync.mode == "live")
            yield self._places()
        yield self._clock_check()
        if (free := self._source.free_bytes()) is not None:
            yield disk_check(free)
        yield self._backup()
        yield self._print_queue()
        for seen in self._source.devices():
            yield self._device(seen)
        yield self._sound()
        yield from self._own_keys()

    def _data_age(self, *, live: bool) -> Check:
        age = 0 if live else self._source.contact_age_ms()
        if age is None:
            return Check("data age", AMBER, "", Fault("NEVER_MET_HUB"))
        if age < FRESH_MS:
            return Check("data age", GREEN, "now" if live else f"{age // 60_000} min")
        with self._store.read() as read:
            most = read.organization().session_password_hours * HOUR_MS
        told = {"hours": age // HOUR_MS} if age >= 2 * HOUR_MS else {"minutes": age // 60_000}
        return Check(
            "data age", RED if age >= most else AMBER, f"{age // 60_000} min", Fault("DATA_OLD", **told)
        )

    def _places(self) -> Check:
        rows = self._leases()
        here = sum(row.here for row in rows)
        until = self._clock.now() + SOON
        soon = [row for row in rows if row.starts_at is not None and row.starts_at <= until]
        bare = sum(1 for row in soon if row.here == 0 and row.left > 0)
        if bare:
            return Check("places", AMBER, f"{here} here", Refusal("NO_PLACES_HERE", count=bare))
        return Check("places", GREEN, f"{here} here")

    def _clock_check(self) -> Check:
        now, offset_ms = self._clock.now(), self._source.offset_ms()
        facts = now.isoformat(timespec="seconds")
        if offset_ms is not None:
            facts += f", {offset_ms / 1000:+.1f} s to the hub"
        state = judge_clock(now, offset_ms)
        if state is ClockState.RIGHT:
            return Check("clock", GREEN, facts)
        if state is ClockState.OFF:
            return Check("clock", AMBER, facts, clock_off(offset_ms or 0))
        if offset_ms is None:
            return Check("clock", RED, facts, Fault("CLOCK_WRONG", now=now.isoformat()))
        return Check("clock", RED, facts, clock_off(offset_ms))

    def _backup(self) -> Check:
        at = self._source.backed_up_at()
        if at is None:
            return Check("backup", AMBER, "", Refusal("NO_BACKUP"))
        days = max(0, (self._clock.now() - at).days)
        if days > BACKUP_DAYS:
            return Check("backup", AMBER, to_text(at), Refusal("BACKUP_OLD", days=days))
        return Check("backup", GREEN, to_text(at))

    def _print_queue(self) -> Check:
        with self._store.read() as read:
            waiting = len(read.print_jobs())
        if waiting:
            return Check("print queue", AMBER, f"{waiting} waiting", Refusal("PRINTS_WAITING", count=waiting))
        return Check("print queue", GREEN)

    def _device(self, seen: DeviceSeen) -> Check:
        name = seen.device
        if seen.state == "none":
            if name == "printer" and self._source.setting("print.after_sale") == "print":
                return Check(name, RED, "", Fault("NO_PRINTER"))
            return Check(name, GREEN, NOT_SET_UP)
        if seen.state == "lost":
            return Check(name, RED, seen.detail, lost(seen))
        known = self._tried.get(name)
        if known is not None and (known[0] == seen.detail or seen.state == "listening"):
            return Check(name, GREEN, seen.detail) if seen.state == "listening" else known[1]
        if seen.state in ("listening", "ready"):
            return Check(name, GREEN, seen.detail)
        return Check(name, AMBER, seen.detail, Refusal("DEVICE_UNTRIED", device=name))

    def _sound(self) -> Check:
        if self._source.setting("sound") == "off":
            return Check("sound", AMBER, "off", Refusal("SOUND_OFF"))
        if not self._source.can_sound():
            return Check("sound", AMBER, "", Fault("SOUND_MISSING"))
        return Check("sound", GREEN)

    def _own_keys(self) -> Iterator[Check]:
        """Root key, certificate, and whether a lost keystore could be recovered."""
        own = self._keys.own()
        yield self._root(own)
        if own.root is not None:
            yield _certificate(own, self._keys.listed())
        if own.wrapped:
            yield Check("recovery key", GREEN, own.recovery or "")
        else:
            yield Check("recovery key", AMBER, "", Refusal("NO_RECOVERY_WRAP"))
        if own.keystore == "system":
            yield Check("keystore", GREEN, "system")
        else:
            yield Check("keystore", AMBER, "file", Refusal("KEYSTORE_IS_FILE"))
        if self._source.must_enrol():
            yield Check("restored", RED, "", Refusal("RESTORED_ENROL"))

    def _root(self, own: OwnKeys) -> Check:
        """Known, and not lying about: it is needed for enrolment, revocation and recovery only."""
        if own.root is None:
            return Check("root key", AMBER, "", Refusal("NO_ROOT_KEY"))
        if (found := self._source.root_key_at_hand()) is not None:
            path, made = found
            facts = f"{own.root}, {path}, made {made:%Y-%m-%d}"
            return Check("root key", AMBER, facts, Refusal("ROOT_KEY_AT_HAND", path=path))
        return Check("root key", GREEN, own.root)


def clock_off(offset_ms: int) -> Fault:
    """CLOCK_BEHIND or CLOCK_AHEAD: by `minutes`, or by `seconds` where it is less than two minutes."""
    off = abs(offset_ms)
    told = {"minutes": off // 60_000} if off >= 120_000 else {"seconds": off // 1000}
    return Fault("CLOCK_BEHIND", **told) if offset_ms > 0 else Fault("CLOCK_AHEAD", **told)


def lost(seen: DeviceSeen) -> DeviceFault:
    """The fault of a lost device, with its detail under the names that the words may ask for."""
    where = seen.detail
    return DeviceFault(
        seen.code or "DEVICE_LOST", device=seen.device, source=where, file=where, port=where, detail=where
    )


def _allow(actor: Actor) -> None:
    require_any(actor, Permission.STATION, Permission.ADMIT, Permission.SELL)


def _hub(sync: SyncSeen) -> Check:
    """As the exchange of this process sees it."""
    if sync.mode == "alone":
        return Check("hub", GREEN, "works by itself")
    if sync.mode in ("offline", "refused"):
        params = {name: value for name, value in sync.params.items() if isinstance(value, (str, int))}
        state = RED if sync.mode == "refused" else AMBER
        return Check("hub", state, sync.mode, Fault(sync.code or "HUB_UNREACHABLE", **params))
    if sync.code is not None:
        return Check("hub", AMBER, sync.mode, Fault(sync.code))
    return Check("hub", GREEN, sync.mode)


def disk_check(free: int) -> Check:
    """Room on the disk."""
    facts = f"{free // MEGABYTE} MB free"
    if (fault := too_little(free)) is not None:
        return Check("disk", RED, facts, fault)
    if free < GOOD_DISK:
        return Check("disk", AMBER, facts, Fault("DISK_LOW", megabytes=free // MEGABYTE))
    return Check("disk", GREEN, facts)


def _certificate(own: OwnKeys, rows: Sequence[KeyRow]) -> Check:
    mine = next((row for row in rows if row.own and row.key == own.key), None)
    if mine is None:
        return Check("certificate", AMBER, "", Refusal("CERTIFICATE_MISSING"))
    ends = None if mine.not_after is None else to_text(mine.not_after)
    facts = f"{mine.key}, {', '.join(mine.usage)}" + (f", until {ends}" if ends else "")
    if mine.state == "over":
        return Check("certificate", RED, facts, Refusal("CERTIFICATE_ENDED", not_after=ends or ""))
    if mine.state == "soon":
        return Check("certificate", AMBER, facts, Refusal("CERTIFICATE_ENDS", days=mine.days_left or 0))
    return Check("certificate", GREEN, facts)
