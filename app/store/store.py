"""A station's store as one thing: made once, opened at each start, handed to use cases and to sync."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert

from app.store import backup, project_conflicts, project_roles, replica
from app.store.control import StoreControl
from app.store.core import StoreCore, Writing
from app.store.documents import StoreDocuments
from app.store.facts import bump_version
from app.store.figures import StoreFigures
from app.store.forgetting import StoreForgetting
from app.store.history import StoreHistory
from app.store.horizon import REASON, StoreHorizon, is_needed
from app.store.journal import Identity, Journal
from app.store.keys import KeyStore, Secrets, set_hub_password
from app.store.lease_port import StoreLeases
from app.store.people_book import StorePeopleBook
from app.store.pins import StorePins
from app.store.reads import StoreReads
from app.store.rebuild import rebuild_store
from app.store.recovery import StoreRecovery
from app.store.remembered import Remembered
from app.store.replica import Verify, read_meta, write_meta
from app.store.right_port import StoreRights
from app.store.schema import HELD_ENTRY, LOCAL_SETTING
from app.store.snapshot import StoreSnapshots
from app.store.synced import StoreOutbox, StoreReplica
from app.store.trail import TrailIndex
from app.store.trust import StoreKeys, own_certified, own_chain
from app.store.verify import Report, verify_store
from app.store.work import StationWork
from domain.certificates import Chain
from domain.clock import Clock, to_ms, to_text
from domain.entry import Entry, canonical
from domain.errors import Fault
from domain.ids import RandomBytes
from domain.ticket_code import SigningKey

BACKUPS = "backups"
BACKED_UP = "backed_up_at"
"""Local setting: when a copy was last asked for."""


REVOKED = "revoked"
RIGHTS = "rights"
REVOKED_CODE = "REVOKED"
RESTORED = "restored"
RESTORED_CODE = "RESTORED_ENROL"


class ShutOut:
    """Whether the hub, or a revocation that came another way, has shut this station out: kept over restarts,
    so that a revoked gate stays closed when the hub is out of reach."""

    def __init__(self, store: "StationStore") -> None:
        self._store = store
        self._shut = store.local_setting(REVOKED) is not None

    def told(self, code: str) -> None:
        """The hub refused this station with that code."""
        if code == REVOKED_CODE and not self._shut:
            self._shut = True
            self._store.set_local_setting(REVOKED, "1")

    def is_shut(self) -> bool:
        """Cheap: asked at every scan."""
        return self._shut or self._store.keys.own_is_revoked()


class StationStore:
    """Implements app.services.ports.Store. Beside it: `pins` (PinBook), `keys` (KeyRing), `outbox` and
    `replica` (sync.ports). Made by `app.store.opening.create_store` and `open_store`."""

    def __init__(
        self,
        folder: Path,
        core: StoreCore,
        identity: Identity,
        secrets: Secrets,
        keystore: KeyStore,
        clock: Clock,
        random_bytes: RandomBytes,
        *,
        verify: Verify | None = None,
    ) -> None:
        self.folder = folder
        self.identity = identity
        self.signing_key: SigningKey = identity.key
        self._core = core
        self._secrets = secrets
        self._keystore = keystore
        self._clock = clock
        self._random = random_bytes
        self._hub_offset: tuple[int, int] | None = None
        self._hub_counted_ms: int | None = None
        self._remembered = Remembered(core)
        self._journal = Journal(identity, clock, random_bytes, self._hub_time)
        with core.reading() as connection:
            self._journal.practising = read_meta(connection, "practice") == "1"
        self.keys = StoreKeys(core, identity.key)
        self.pins = StorePins(core)
        self.people = StorePeopleBook(core, clock)
        self.outbox = StoreOutbox(core, identity, clock)
        self.replica = StoreReplica(core, self.keys, clock, verify, identity.station)
        self.documents = StoreDocuments(core, clock)
        self.leases = StoreLeases(core, self._journal, clock, random_bytes)
        self.rights = StoreRights(core, self._journal, clock)
        self.control = StoreControl(core, identity)
        self.snapshots = StoreSnapshots(core, identity, self.keys, clock, random_bytes)
        self.horizon = StoreHorizon(core)
        self.forgetting = StoreForgetting(core)
        self._ask_for_snapshot()
        self.shut = ShutOut(self)
        self.recovery = StoreRecovery(core, keystore, secrets, random_bytes)
        self.recovery.ensure()
        self.history = StoreHistory(core, identity)
        self.figures = StoreFigures(core, identity)
        self.trail = TrailIndex(core, identity.station)
        self.must_enrol = self._is_restored()
        if self.must_enrol:
            self._journal.closed = RESTORED_CODE
        for catch_up in (self._release_held, self._compute_rights):
            with suppress(Fault):  # a disk that takes nothing must not keep the station from starting
                catch_up()

    @contextmanager
    def begin(self) -> Iterator[StationWork]:
        """A write transaction; leaving it without `commit()` undoes everything. Raises Fault."""
        with self._core.writing() as writing:
            yield StationWork(self._core, writing, self._journal, self._clock, self._random)

    @contextmanager
    def read(self) -> Iterator[StoreReads]:
        """A read-only snapshot."""
        with self._core.reading() as connection:
            yield StoreReads(connection, self._core.cache)

    def open_conflicts(self) -> int:
        """How many conflicts wait for a person."""
        return self._remembered.of(
            "conflicts", None, lambda found: StoreReads(found, self._core.cache).open_conflicts()
        )

    @property
    def installation(self) -> str:
        """The name of this installation in the keystore."""
        return self._secrets.installation

    @property
    def keystore_kind(self) -> str:
        """`system` or `file`: where the secrets are."""
        return self._keystore.where

    def pin_key(self) -> bytes:
        """What PINs are keyed with: 32 bytes that are in the keystore only."""
        return self._secrets.pins_keyed_with

    def keep_pin_key(self, key: bytes) -> None:
        """Go on with the PINs of the store whose place this one has taken. Raises Fault KEYSTORE_…."""
        secrets = self._keystore.read(self.installation) or self._secrets
        self._secrets = replace(secrets, pin_key=key)
        self._keystore.write(self._secrets)

    def hub_password(self) -> str | None:
        """The password at the hub, from the keystore. Raises Fault KEYSTORE_UNAVAILABLE."""
        secrets = self._keystore.read(self.installation)
        return secrets.hub_password if secrets else None

    def set_hub_password(self, password: str | None) -> None:
        """Keep the password at the hub in the keystore. Raises Fault KEYSTORE_UNAVAILABLE."""
        set_hub_password(self._keystore, self.installation, password)
        self.recovery.refresh()

    def note_hub_time(self, offset_ms: int) -> None:
        """Hub time minus wall time, as it was measured last; goes into every entry from now on. What is only
        said again is not added to a wall clock that may have been set since."""
        counted_ms = self._clock.monotonic_ms()
        if self._hub_counted_ms is None or offset_ms != self.hub_offset_ms():
            self._hub_counted_ms = to_ms(self._clock.now()) + offset_ms - counted_ms
        self._hub_offset = (offset_ms, counted_ms)
        self.people.note_contact()

    def hub_offset_ms(self) -> int | None:
        """Hub time minus wall time as this process last measured it, None before it ever did."""
        return None if self._hub_offset is None else self._hub_offset[0]

    def hub_now_ms(self) -> int | None:
        """The hub's time now: as this process last measured it, and what the counter says has passed since.
        A wall clock that somebody sets meanwhile does not move it. None before it was ever measured."""
        return None if self._hub_counted_ms is None else self._hub_counted_ms + self._clock.monotonic_ms()

    def set_station(
        self, *, name: str | None = None, prefix: str | None = None, has_hub: bool | None = None
    ) -> None:
        """Change what this installation is called, or that it has joined a hub."""
        flag = None if has_hub is None else str(int(has_hub))
        with self._core.writing() as work:
            for key, value in (("name", name), ("prefix", prefix), ("has_hub", flag)):
                if value is not None:
                    write_meta(work.connection, key, value)
            self._commit_slow(work)

    def adopt_root(self, root: bytes, chain: Chain) -> None:
        """From now on believe what this root key certifies; `chain` is this station's own certificate."""
        with self._core.writing() as work:
            write_meta(work.connection, "root", root.hex())
            text = canonical([link.to_json() for link in chain])
            write_meta(work.connection, "own_chain", text)
            self._commit_slow(work)
        self.keys.reload()

    def root(self) -> bytes | None:
        """The organization's root key, None before one was adopted."""
        with self._core.reading() as connection:
            found = read_meta(connection, "root")
        return bytes.fromhex(found) if found else None

    def own_chain(self) -> Chain | None:
        """This station's own certificate, None before one was adopted."""
        with self._core.reading() as connection:
            return own_chain(connection)

    def own_certified(self) -> Entry | None:
        """The hub's entry about that certificate, None where it has not come yet."""
        with self._core.reading() as connection:
            return own_certified(connection)

    def local_setting(self, name: str) -> str | None:
        """A setting of this station alone; nothing secret is kept here."""
        with self._core.reading() as connection:
            found: str | None = connection.execute(
                select(LOCAL_SETTING.c.value).where(LOCAL_SETTING.c.name == name)
            ).scalar()
        return found

    def set_local_setting(self, name: str, value: str | None) -> None:
        """Set a setting of this station alone; None removes it."""
        with self._core.writing() as work:
            if value is None:
                work.connection.execute(LOCAL_SETTING.delete().where(LOCAL_SETTING.c.name == name))
            else:
                fresh = insert(LOCAL_SETTING)
                work.connection.execute(
                    fresh.on_conflict_do_update(
                        index_elements=["name"], set_={"value": fresh.excluded.value}
                    ),
                    {"name": name, "value": value},
                )
            work.commit()

    def reissue(self, entries: Sequence[Entry]) -> int:
        """Issue own entries of a former epoch again in this one; answers how many were new."""
        return self.replica.write(
            lambda writer: writer.take_own(partial(self._journal.reissue, entries=entries))
        )

    def back_up(
        self, folder: Path | None = None, name: str | None = None, passphrase: str | None = None
    ) -> backup.BackupMade:
        """Copy the store, encrypted with the same key, into `folder` (default: beside it), with a manifest of
        the same name; `name` is the copy's, by default made from the time. The manifest holds the key sealed
        for the organization's recovery key, and under `passphrase`. Raises Fault."""
        target = folder or self.folder / BACKUPS
        keys = self.recovery.boxes(passphrase)
        now = self._clock.now()
        made = backup.back_up(self._core.path, self._core.key, target, now, name, keys)
        if target != self.folder / BACKUPS:  # a copy beside the store is seen by looking there
            with suppress(Fault):  # a store that takes no writes must not spoil a copy that was made
                self.set_local_setting(BACKED_UP, to_text(now))
        return made

    def verify(self) -> Report:
        """Check pages, chain, signatures and projections; see app.store.verify."""
        return verify_store(self._core, self.identity, self.keys, self._random)

    def rebuild(self) -> Report:
        """Compute all projections again where pages, chain and signatures are good; see app.store.rebuild.
        Where entries are kept in short the next exchange brings everything anew instead."""
        report = self.horizon.come_anew()
        if report is None:
            return rebuild_store(self._core, self.identity, self.keys)
        self.replica.wants_snapshot()
        return report

    def close(self) -> None:
        """Close all connections. Using the store afterwards raises RuntimeError."""
        self._core.close()

    def _hub_time(self) -> tuple[int, int] | None:
        if self._hub_offset is None:
            return None
        offset_ms, measured_ms = self._hub_offset
        return offset_ms, self._clock.monotonic_ms() - measured_ms

    def _commit_slow(self, work: Writing) -> None:
        bump_version(work.connection)
        work.commit()

    def _ask_for_snapshot(self) -> None:
        """What was wanted when the program ended is wanted still."""
        self.replica.wants_snapshot = partial(self.snapshots.ask, REASON)
        with self._core.reading() as connection:
            if is_needed(connection):
                self.replica.wants_snapshot()

    def _is_restored(self) -> bool:
        """Put back from a backup, and not enrolled again at its hub yet."""
        with self._core.reading() as connection:
            return read_meta(connection, RESTORED) is not None

    def _release_held(self) -> None:
        """After an update: project what an older program could not read."""
        with self._core.reading() as connection:
            held = connection.execute(select(func.count()).select_from(HELD_ENTRY)).scalar_one()
        if held:
            with self._core.writing() as work:
                if replica.release_held(work.connection, self.keys.believe):
                    self._commit_slow(work)

    def _compute_rights(self) -> None:
        """After an update: what everybody may do follows from facts and from this program's defaults."""
        digest = project_roles.defaults_digest()
        with self._core.reading() as connection:
            if read_meta(connection, RIGHTS) == digest:
                return
        with self._core.writing() as work:
            for user in project_roles.recompute(work.connection):
                project_conflicts.refresh(work.connection, project_roles.rejudge(work.connection, user))
            write_meta(work.connection, RIGHTS, digest)
            self._commit_slow(work)
