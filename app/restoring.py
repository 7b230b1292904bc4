"""Put a backup back: in a fresh folder, in a new epoch, with nothing that was only lent.

The key of the backup comes from this machine's keystore, from the organization's recovery key, or from the
passphrase it was made with. A station without a hub goes on at once, in its next epoch with a new key. One
that belongs to a hub may be looked at, and sells again once the administrator has enrolled it again: the hub
alone knows which epoch comes next, and everything it has lent to the lost disk stays lent until then.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

from app.store import backup
from app.store.backup import Manifest
from app.store.keys import KeyStore, Secrets, refuse_inside
from app.store.new_epoch import put_back
from app.store.opening import store_exists
from app.store.recovery import FOR_KEY, UNDER_PASSPHRASE, unlock, unwrap
from domain.errors import Fault, Refusal
from domain.ids import RandomBytes
from domain.sealing import RecoveryKey

log = logging.getLogger("gatehouse.restore")

LEDGER = ".epoch"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back. `must_enrol`: it belongs to a hub and takes no entry before it is enrolled again."""

    station: str
    made_at: str
    entries: int
    must_enrol: bool


def restore(
    data: Path,
    copy: Path,
    keystore: KeyStore,
    random_bytes: RandomBytes,
    *,
    key: RecoveryKey | None = None,
    passphrase: str | None = None,
) -> Restored:
    """Make the store of a folder out of a backup. The backup itself is not touched.

    Raises Refusal STORE_EXISTS (a store lies there), KEY_FOLDER_INSIDE_DATA, BACKUP_LOCKED (no key fits),
    RECOVERY_KEY_OTHER, RECOVERY_WRAP_DAMAGED, BACKUP_PASSPHRASE_WRONG; Fault BACKUP_INVALID, STORE_….
    """
    if store_exists(data):
        raise Refusal("STORE_EXISTS", folder=str(data))
    refuse_inside(keystore, data)
    manifest_path = copy.with_name(copy.name + ".json")
    manifest = backup.read_manifest(manifest_path)
    secrets = _secrets(manifest, keystore, key, passphrase)
    backup.check_backup(manifest_path, secrets.store_key)
    last = max(keystore.last_epoch(manifest.station), _noted(copy), manifest.epoch)
    _, must_enrol = put_back(data, copy, secrets, keystore, random_bytes, last + 1)
    if not must_enrol:
        keystore.note_epoch(manifest.station, last + 1)
        _note(copy, last + 1)
    return Restored(manifest.station, manifest.made_at, manifest.seq, must_enrol)


def _secrets(
    manifest: Manifest, keystore: KeyStore, key: RecoveryKey | None, passphrase: str | None
) -> Secrets:
    """The keys of a backup, by whatever way there is."""
    boxes = {str(each.get("kind")): dict(each.get("box", {})) for each in manifest.keys}
    if key is not None and FOR_KEY in boxes:
        found = unwrap(boxes[FOR_KEY], key)
    elif passphrase is not None and UNDER_PASSPHRASE in boxes:
        found = unlock(boxes[UNDER_PASSPHRASE], passphrase)
    else:
        kept = keystore.read(manifest.installation)
        if kept is None:
            raise Refusal("BACKUP_LOCKED", file=manifest.file)
        return kept
    if found.installation != manifest.installation:
        raise Fault("BACKUP_INVALID", file=manifest.file)
    return found


def _noted(copy: Path) -> int:
    """The epoch that was begun from this very backup before, on whatever machine; 0 when never."""
    try:
        text = copy.with_name(copy.name + LEDGER).read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return 0
    except OSError:
        raise Fault("FILE_UNREADABLE", file=copy.name + LEDGER) from None
    if not text.isdigit() or len(text) > 9:
        raise Fault("BACKUP_INVALID", file=copy.name + LEDGER)
    return int(text)


def _note(copy: Path, epoch: int) -> None:
    """Remember it beside the backup, where that can be written: another machine will see it there."""
    try:
        copy.with_name(copy.name + LEDGER).write_text(str(epoch), encoding="ascii")
    except OSError:
        log.warning("epoch_not_noted", extra={"file": copy.name})
