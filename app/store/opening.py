"""Making a station's folder, and opening it again: the checks before the first question is asked.

A data folder holds `station.json` (which installation it belongs to; nothing secret), `station.db`, which is
encrypted, and `backups/`. The secrets of the installation are in the keystore.
"""

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from app.store import backup, migrate
from app.store.core import StoreCore
from app.store.engine import BUSY_MS, KEY_BYTES
from app.store.horizon import need_snapshot
from app.store.journal import Identity
from app.store.keys import KeyStore, Secrets, refuse_inside
from app.store.rebuild import rebuild
from app.store.recovery import WRAP
from app.store.replica import Verify, has_short, read_meta
from app.store.schema import META, OWN_EPOCH
from app.store.store import BACKUPS, StationStore
from domain.clock import Clock, Hlc
from domain.errors import Fault, Refusal
from domain.ids import RandomBytes, station_id
from domain.shift import FIRST_EPOCH
from domain.ticket_code import SigningKey

DATABASE = "station.db"
IDENTITY = "station.json"
MARK = "station.purged"
"""Says that the keys of this folder were forgotten on purpose."""
FORMAT = 1


@dataclass(frozen=True, slots=True)
class NewStation:
    """What a new station is called. `station` and `signing_seed` are made up where they are not given (an
    enrolment gives the id and the epoch). `prefix` begins its receipt numbers."""

    name: str
    prefix: str
    station: str | None = None
    epoch: int = FIRST_EPOCH
    signing_seed: bytes | None = field(default=None, repr=False)
    practice: bool = False


def store_exists(folder: Path) -> bool:
    """Whether a station was made in this folder."""
    return (folder / DATABASE).is_file()


def create_store(
    folder: Path,
    keystore: KeyStore,
    clock: Clock,
    random_bytes: RandomBytes,
    station: NewStation,
    *,
    verify: Verify | None = None,
) -> StationStore:
    """Make a station in a folder and open it. After a kill on the way it can be made again.

    Raises Refusal STORE_EXISTS, KEY_FOLDER_INSIDE_DATA; Fault STORE_READ_ONLY, DISK_FULL,
    KEYSTORE_UNAVAILABLE.
    """
    if store_exists(folder):
        raise Refusal("STORE_EXISTS", folder=str(folder))
    refuse_inside(keystore, folder)
    secrets = Secrets(
        installation=random_bytes(16).hex(),
        folder=str(folder.resolve()),
        store_key=random_bytes(KEY_BYTES),
        signing_seed=station.signing_seed or random_bytes(32),
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f"{DATABASE}.new"
        for leftover in folder.glob(f"{DATABASE}.new*"):
            leftover.unlink()
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        keystore.write(secrets)
        _fill(unfinished, secrets, station, random_bytes)
        write_identity(folder, secrets.installation)
        unfinished.replace(folder / DATABASE)
    except OSError as error:
        raise Fault("STORE_READ_ONLY", folder=str(folder)) from error
    return open_store(folder, keystore, clock, random_bytes, verify=verify)


def open_store(
    folder: Path,
    keystore: KeyStore,
    clock: Clock,
    random_bytes: RandomBytes,
    *,
    verify: Verify | None = None,
    busy_ms: int = BUSY_MS,
) -> StationStore:
    """Open a station's folder; an older file is copied to `backups/` and then brought up to date.

    Raises Fault STORE_MISSING, STORE_KEY_MISSING, STORE_PURGED, STORE_WRONG_KEY, STORE_NEWER, STORE_COPIED,
    STORE_READ_ONLY, STORE_DAMAGED, STORE_BUSY, DISK_FULL, KEYSTORE_UNAVAILABLE, KEYSTORE_DAMAGED.
    """
    secrets = secrets_of(folder, keystore)
    core = StoreCore(folder / DATABASE, secrets.store_key, busy_ms=busy_ms)
    try:
        if core.unlock():
            name = f"before-upgrade-{backup.stamp(clock.now())}.db"
            backup.back_up(core.path, core.key, folder / BACKUPS, clock.now(), name)
            with core.writing() as work:
                migrate.upgrade(work.connection)
                _compute_anew(work.connection)
                work.commit()
        secrets = _settled(core, secrets)
        identity = _identity(core, secrets)
        secrets = replace(secrets, folder=str(folder.resolve()))
        if secrets != keystore.read(secrets.installation):
            keystore.write(secrets)
        return StationStore(folder, core, identity, secrets, keystore, clock, random_bytes, verify=verify)
    except BaseException:
        core.close()
        raise


def discard_store(folder: Path, keystore: KeyStore) -> None:
    """Remove a closed store that was never finished, with its record in the keystore. Everything else in the
    folder stays: settings, logs, perhaps a hub."""
    installation = installation_of(folder)
    for path in (*folder.glob(f"{DATABASE}*"), folder / IDENTITY, folder / WRAP):
        path.unlink(missing_ok=True)
    if installation is not None:
        keystore.forget(installation)


def secrets_of(folder: Path, keystore: KeyStore) -> Secrets:
    """The record of the installation that the folder belongs to, unless the folder is a copy.

    Raises Fault STORE_MISSING, STORE_KEY_MISSING, STORE_PURGED, STORE_COPIED."""
    installation = installation_of(folder)
    if installation is None or not store_exists(folder):
        raise Fault("STORE_MISSING", folder=str(folder))
    secrets = keystore.read(installation)
    if secrets is None:
        raise Fault("STORE_PURGED" if (folder / MARK).exists() else "STORE_KEY_MISSING", folder=str(folder))
    home = Path(secrets.folder)
    is_elsewhere = store_exists(home) and not home.samefile(folder)
    if is_elsewhere and installation_of(home) == installation:
        raise Fault("STORE_COPIED", folder=str(folder), original=str(home))
    return secrets


def installation_of(folder: Path) -> str | None:
    """Which installation a folder belongs to, None for one that holds none. Raises Fault STORE_DAMAGED."""
    try:
        fields = json.loads((folder / IDENTITY).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise Fault("STORE_READ_ONLY", folder=str(folder)) from error
    except (OSError, ValueError) as error:
        raise Fault("STORE_DAMAGED") from error
    installation = fields.get("installation") if isinstance(fields, dict) else None
    if not isinstance(installation, str) or not installation.isalnum():
        raise Fault("STORE_DAMAGED")
    return installation


def write_identity(folder: Path, installation: str) -> None:
    """Note which installation a folder belongs to."""
    path = folder / IDENTITY
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"format": FORMAT, "installation": installation}) + "\n", encoding="utf-8")
    fresh.replace(path)


def mark_purged(folder: Path) -> None:
    """Note that the keys of this folder were forgotten on purpose."""
    (folder / MARK).touch(mode=0o600)


def _fill(path: Path, secrets: Secrets, station: NewStation, random_bytes: RandomBytes) -> None:
    """Make the tables and the first rows. Closing folds the write-ahead log into the one file."""
    core = StoreCore(path, secrets.store_key)
    try:
        core.unlock()
        with core.writing() as work:
            migrate.upgrade(work.connection)
            meta = {
                "installation": secrets.installation,
                "station": station.station or station_id(random_bytes),
                "name": station.name,
                "prefix": station.prefix,
                "epoch": str(station.epoch),
                "has_hub": "0",
                "practice": str(int(station.practice)),
                "hlc": str(Hlc(0)),
                "version": "1",
            }
            work.connection.execute(
                insert(META), [{"name": name, "value": value} for name, value in meta.items()]
            )
            public_key = SigningKey.from_seed(secrets.signing_seed).public
            work.connection.execute(
                insert(OWN_EPOCH), {"epoch": station.epoch, "public_key": public_key, "acked_seq": 0}
            )
            work.commit()
    finally:
        core.close()


def _compute_anew(connection: Connection) -> None:
    """After an upgrade: the tables as this program has them. Where they do not follow from the entries here
    alone they stay as the migrations left them until a snapshot brings them."""
    if has_short(connection):
        need_snapshot(connection)
    else:
        rebuild(connection, read_meta(connection, "station") or "")


def _settled(core: StoreCore, secrets: Secrets) -> Secrets:
    """After a kill in the middle of a change of keys: the one that the store speaks with."""
    if secrets.next_seed is None:
        return secrets
    with core.reading() as connection:
        epoch = int(read_meta(connection, "epoch") or 0)
        public = connection.execute(OWN_EPOCH.select().where(OWN_EPOCH.c.epoch == epoch)).one().public_key
    is_next = SigningKey.from_seed(secrets.next_seed).public == bytes(public)
    return replace(
        secrets, signing_seed=secrets.next_seed if is_next else secrets.signing_seed, next_seed=None
    )


def _identity(core: StoreCore, secrets: Secrets) -> Identity:
    """Who the file speaks as; refuses a file that belongs to another installation or another key."""
    with core.reading() as connection:
        if read_meta(connection, "installation") != secrets.installation:
            raise Fault("STORE_COPIED", folder=str(core.path.parent), original="")
        epoch = int(read_meta(connection, "epoch") or 0)
        key = SigningKey.from_seed(secrets.signing_seed)
        public = connection.execute(OWN_EPOCH.select().where(OWN_EPOCH.c.epoch == epoch)).one().public_key
        if bytes(public) != key.public:
            raise Fault("STORE_COPIED", folder=str(core.path.parent), original="")
        return Identity(read_meta(connection, "station") or "", epoch, key)
