"""The keystore was lost: open the store again with the organization's recovery key.

The wrap beside the store holds the whole record of the keystore, the seed of the signing key included. So
the station goes on as the one it was: same key, same epoch, no gap in its journal, and the hub knows its
password. It is for the folder as it was left; an older copy of a folder has to be put back with `restore`,
which begins a new epoch.
"""

from dataclasses import replace
from pathlib import Path

from app.store.core import StoreCore
from app.store.keys import KeyStore, Secrets, refuse_inside
from app.store.opening import DATABASE, MARK, installation_of, store_exists
from app.store.recovery import WRAP, read_wrap, unwrap
from domain.errors import Fault, Refusal
from domain.sealing import RecoveryKey


def recover(data: Path, keystore: KeyStore, key: RecoveryKey) -> Secrets:
    """Put the station's secrets back into the keystore; the store is tried with them before that.

    Raises Fault STORE_MISSING, RECOVERY_WRAP_MISSING, STORE_WRONG_KEY (the wrap belongs to another store);
    Refusal RECOVERY_NOT_NEEDED, RECOVERY_KEY_OTHER, RECOVERY_WRAP_DAMAGED, KEY_FOLDER_INSIDE_DATA.
    """
    refuse_inside(keystore, data)
    installation = installation_of(data)
    if installation is None or not store_exists(data):
        raise Fault("STORE_MISSING", folder=str(data))
    if keystore.read(installation) is not None:
        raise Refusal("RECOVERY_NOT_NEEDED")
    secrets = unwrap(read_wrap(data / WRAP), key)
    if secrets.installation != installation:
        raise Refusal("RECOVERY_WRAP_DAMAGED")
    core = StoreCore(data / DATABASE, secrets.store_key)
    try:
        core.unlock()
    finally:
        core.close()
    secrets = replace(secrets, folder=str(data.resolve()))
    keystore.write(secrets)
    (data / MARK).unlink(missing_ok=True)
    return secrets
