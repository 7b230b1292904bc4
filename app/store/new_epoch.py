"""Beginning the next epoch of a store's own journal, and putting a backup back so that nothing is doubled.

What was written in former epochs stays in the file as it was, under the keys that signed it; the new epoch
begins with a key of its own at seq 1. So no (station, epoch, seq) is ever issued twice, whatever the lost
disk had written after the backup was made.
"""

import shutil
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, delete

from app.store import leases, migrate, rights, snapshot_fresh
from app.store.core import StoreCore
from app.store.facts import bump_version
from app.store.keys import KeyStore, Secrets
from app.store.opening import DATABASE, secrets_of, write_identity
from app.store.prepared import driver
from app.store.replica import read_meta, write_meta
from app.store.schema import FEED_CURSOR, LEASE, LEASE_REQUEST, LOCAL_SETTING, META, OWN_EPOCH
from app.store.schema_documents import DOCUMENT_CURSOR
from app.store.schema_rights import RIGHTS_KEPT
from app.store.store import RESTORED
from domain.errors import Fault
from domain.ids import RandomBytes
from domain.ticket_code import SigningKey

HUB_DSN = "hub_dsn"
_HUB_META = ("incarnation", leases.VERSION, rights.VERSION)


def begin(connection: Connection, epoch: int, public_key: bytes) -> None:
    """Go on in another epoch under another key; the former certificate speaks for the former key only."""
    connection.execute(OWN_EPOCH.insert(), [{"epoch": epoch, "public_key": public_key, "acked_seq": 0}])
    write_meta(connection, "epoch", str(epoch))
    connection.execute(delete(META).where(META.c.name == "own_chain"))


def drop_granted(connection: Connection) -> None:
    """What a hub has lent is not this file's any more: leases, requests, rights, values; and cursors, so that
    everything is read again."""
    for table in (LEASE, LEASE_REQUEST, *RIGHTS_KEPT, FEED_CURSOR, DOCUMENT_CURSOR):
        connection.execute(delete(table))
    connection.execute(delete(META).where(META.c.name.in_(_HUB_META)))


def put_back(
    folder: Path, copy: Path, secrets: Secrets, keystore: KeyStore, random_bytes: RandomBytes, least: int
) -> tuple[Secrets, bool]:
    """Make a store out of a checked copy, as another installation of the same station.

    Without a hub it begins its next epoch (at least `least`) with a new key. With one only the hub knows the
    number of the next epoch: the store may be read and takes no entry until it is enrolled again. Answers the
    record that was put into the keystore, and whether it must be enrolled. After a kill it can be done again.
    """
    target = folder / f"{DATABASE}.new"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(f"{DATABASE}.new*"):
            leftover.unlink()
        shutil.copyfile(copy, target)
        target.chmod(0o600)
    except OSError as error:
        raise Fault("STORE_READ_ONLY", folder=str(folder)) from error
    fresh = replace(secrets, installation=random_bytes(16).hex(), folder=str(folder.resolve()))
    core = StoreCore(target, secrets.store_key)
    try:
        is_older = core.unlock()
        with core.writing() as work:
            if is_older:
                migrate.upgrade(work.connection)
            fresh, must_enrol = _make_another(work.connection, fresh, random_bytes, least)
            work.commit()
    finally:
        core.close()
    keystore.write(fresh)
    write_identity(folder, fresh.installation)
    target.replace(folder / DATABASE)
    return fresh, must_enrol


def _make_another(
    connection: Connection, fresh: Secrets, random_bytes: RandomBytes, least: int
) -> tuple[Secrets, bool]:
    drop_granted(connection)
    for _ in snapshot_fresh.removal(driver(connection)):  # a backup may have been made in a snapshot's merge
        pass
    write_meta(connection, "installation", fresh.installation)
    if read_meta(connection, "has_hub") == "1":
        write_meta(connection, RESTORED, "1")
        connection.execute(delete(LOCAL_SETTING).where(LOCAL_SETTING.c.name == HUB_DSN))
        return replace(fresh, hub_password=None), True
    seed = random_bytes(32)
    epoch = max(int(read_meta(connection, "epoch") or 0) + 1, least)
    begin(connection, epoch, SigningKey.from_seed(seed).public)
    return replace(fresh, signing_seed=seed), False


def rotate(folder: Path, keystore: KeyStore, random_bytes: RandomBytes) -> int:
    """Give a closed store another signing key, in its next epoch; answers that.

    The keystore holds both keys until the store has changed, so a kill at any point leaves a store that
    opens. Raises Fault as opening does.
    """
    secrets = secrets_of(folder, keystore)
    seed = random_bytes(32)
    keystore.write(replace(secrets, next_seed=seed))
    core = StoreCore(folder / DATABASE, secrets.store_key)
    try:
        core.unlock()
        with core.writing() as work:
            station = read_meta(work.connection, "station") or ""
            epoch = max(int(read_meta(work.connection, "epoch") or 0), keystore.last_epoch(station)) + 1
            begin(work.connection, epoch, SigningKey.from_seed(seed).public)
            bump_version(work.connection)
            work.commit()
    finally:
        core.close()
    keystore.note_epoch(station, epoch)
    keystore.write(replace(secrets, signing_seed=seed))
    return epoch
