"""The station's secrets, wrapped: for the organization's recovery key beside the store, and inside backups.

`station.recovery` lies in the data folder and holds the whole record of the keystore (the store's key, the
seed of the signing key, the password at the hub), sealed for the recovery key's public half. It opens nothing
by itself; with the recovery key it makes a station whole again whose keystore was lost: same key, same epoch.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.store.core import StoreCore
from app.store.keys import KeyStore, Secrets
from app.store.replica import read_meta, write_meta
from domain import recovery
from domain.entry import canonical
from domain.errors import Fault, Refusal
from domain.ids import RandomBytes
from domain.recovery import RecoveryPublic
from domain.sealing import BoxDamagedError, RecoveryKey, is_for, open_under, open_with, seal_for, seal_under

WRAP = "station.recovery"
FORMAT = 1
KIND = "gatehouse-station-secrets"
CONTEXT = "gatehouse-station-secrets-1"
META_NAME = "recovery"
FOR_KEY, UNDER_PASSPHRASE = "recovery", "passphrase"


class StoreRecovery:
    """What one open store knows of the recovery key. `store.recovery`."""

    def __init__(
        self, core: StoreCore, keystore: KeyStore, secrets: Secrets, random_bytes: RandomBytes
    ) -> None:
        self._core = core
        self._keystore = keystore
        self._secrets = secrets
        self._random = random_bytes
        self.path = core.path.parent / WRAP

    def public(self) -> RecoveryPublic | None:
        """The key that the secrets are wrapped for, None before one was adopted."""
        with self._core.reading() as connection:
            found = read_meta(connection, META_NAME)
        return recovery.parse_public(json.loads(found)) if found else None

    def adopt(self, public: RecoveryPublic) -> None:
        """From now on wrap for this key, which this station's root must have signed.

        Raises Refusal RECOVERY_KEY_OTHER; Fault STORE_READ_ONLY.
        """
        with self._core.writing() as work:
            if read_meta(work.connection, "root") != public.root.hex():
                raise Refusal("RECOVERY_KEY_OTHER")
            write_meta(work.connection, META_NAME, canonical(public.to_json()))
            work.commit()
        self.refresh()

    def refresh(self) -> None:
        """Wrap the secrets as they are now; nothing where no key is known."""
        public = self.public()
        if public is not None:
            write_wrap(self.path, seal_for(public.public, self._plain(), CONTEXT, self._random))

    def ensure(self) -> None:
        """Make the file again when it is gone."""
        if not self.path.exists():
            self.refresh()

    def is_there(self) -> bool:
        """Whether the secrets are wrapped for the key that is known here."""
        public = self.public()
        try:
            return public is not None and is_for(read_wrap(self.path), public.public)
        except (Fault, Refusal):
            return False

    def boxes(self, passphrase: str | None) -> Sequence[dict[str, Any]]:
        """What goes into the manifest of a backup: the secrets for the recovery key, if one is known, and
        under a passphrase, if one is given."""
        made: list[dict[str, Any]] = []
        public = self.public()
        if public is not None:
            made.append(
                {"box": seal_for(public.public, self._plain(), CONTEXT, self._random), "kind": FOR_KEY}
            )
        if passphrase is not None:
            box = seal_under(passphrase, self._plain(), CONTEXT, self._random)
            made.append({"box": box, "kind": UNDER_PASSPHRASE})
        return made

    def _plain(self) -> bytes:
        kept = self._keystore.read(self._secrets.installation) or self._secrets
        return kept.to_text().encode()


def write_wrap(path: Path, box: dict[str, str]) -> None:
    """Put a box beside the store; the old file stays whole until the new one is on disk. Raises Fault
    STORE_READ_ONLY."""
    fresh = path.with_suffix(".new")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            json.dump({"box": box, "format": FORMAT, "kind": KIND}, file, sort_keys=True, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise Fault("STORE_READ_ONLY", folder=str(path.parent)) from error


def read_wrap(path: Path) -> dict[str, Any]:
    """The box beside a store. Raises Fault RECOVERY_WRAP_MISSING, Refusal RECOVERY_WRAP_DAMAGED."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise Fault("RECOVERY_WRAP_MISSING", folder=str(path.parent)) from None
    except ValueError:
        raise Refusal("RECOVERY_WRAP_DAMAGED") from None
    if not isinstance(fields, dict) or (fields.get("kind"), fields.get("format")) != (KIND, FORMAT):
        raise Refusal("RECOVERY_WRAP_DAMAGED")
    box = fields.get("box")
    if not isinstance(box, dict):
        raise Refusal("RECOVERY_WRAP_DAMAGED")
    return box


def unwrap(box: dict[str, Any], key: RecoveryKey) -> Secrets:
    """The secrets in a box. Raises Refusal RECOVERY_KEY_OTHER, RECOVERY_WRAP_DAMAGED."""
    if not is_for(box, key.public):
        raise Refusal("RECOVERY_KEY_OTHER")
    try:
        return Secrets.from_text(open_with(key, box, CONTEXT).decode())
    except (BoxDamagedError, UnicodeDecodeError, Fault):
        raise Refusal("RECOVERY_WRAP_DAMAGED") from None


def unlock(box: dict[str, Any], passphrase: str) -> Secrets:
    """The secrets under a passphrase. Raises Refusal BACKUP_PASSPHRASE_WRONG."""
    try:
        return Secrets.from_text(open_under(passphrase, box, CONTEXT).decode())
    except (BoxDamagedError, UnicodeDecodeError, Fault):
        raise Refusal("BACKUP_PASSPHRASE_WRONG") from None
