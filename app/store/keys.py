"""Where a station's secrets live: the system's keystore, else a file that only its owner may read.

Never in the data folder: a stolen data folder must be worth nothing. One record per installation holds the
key of the store, the seed of the station's signing key, and the password at the hub.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import keyring
import platformdirs
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError

from domain.errors import Fault, Refusal

FORMAT = 1
SERVICE = "gatehouse"
PIN_KEY_TAG = b"gatehouse-pin-key-1"
FOLDER_VARIABLE = "GATEHOUSE_KEY_DIR"
EPOCHS = "epoch-"


@dataclass(frozen=True, slots=True)
class Secrets:
    """One installation's record. `folder` is where its data lay when it was last opened: a second folder
    that claims the same installation is a copy. `store_key` and `signing_seed` are 32 bytes each."""

    installation: str
    folder: str
    store_key: bytes = field(repr=False)
    signing_seed: bytes = field(repr=False)
    hub_password: str | None = field(default=None, repr=False)
    next_seed: bytes | None = field(default=None, repr=False)
    """Only while the key is being changed: the store speaks with this one or still with the other."""
    pin_key: bytes | None = field(default=None, repr=False)
    """What PINs are keyed with, where they were made under another store key (see `pins_keyed_with`)."""

    @property
    def pins_keyed_with(self) -> bytes:
        """32 bytes that key the PINs of this station; they never leave the keystore."""
        return self.pin_key or hmac.new(self.store_key, PIN_KEY_TAG, hashlib.sha256).digest()

    def to_text(self) -> str:
        """JSON for the keystore."""
        return json.dumps(
            {
                "folder": self.folder,
                "format": FORMAT,
                "hub_password": self.hub_password,
                "installation": self.installation,
                **({"next_seed": self.next_seed.hex()} if self.next_seed else {}),
                **({"pin_key": self.pin_key.hex()} if self.pin_key else {}),
                "signing_seed": self.signing_seed.hex(),
                "store_key": self.store_key.hex(),
            },
            sort_keys=True,
        )

    @classmethod
    def from_text(cls, text: str) -> "Secrets":
        """Inverse of `to_text`. Raises Fault KEYSTORE_DAMAGED."""
        try:
            fields = json.loads(text)
            secrets = cls(
                installation=fields["installation"],
                folder=fields["folder"],
                store_key=bytes.fromhex(fields["store_key"]),
                signing_seed=bytes.fromhex(fields["signing_seed"]),
                hub_password=fields["hub_password"],
                next_seed=bytes.fromhex(fields["next_seed"]) if fields.get("next_seed") else None,
                pin_key=bytes.fromhex(fields["pin_key"]) if fields.get("pin_key") else None,
            )
        except (ValueError, KeyError, TypeError):
            raise Fault("KEYSTORE_DAMAGED") from None
        if len(secrets.store_key) != 32 or len(secrets.signing_seed) != 32:
            raise Fault("KEYSTORE_DAMAGED")
        return secrets


class KeyStore(Protocol):
    """Keeps one record per installation."""

    @property
    def where(self) -> str:
        """For `doctor`: `system` or `file`."""
        ...

    def read(self, installation: str) -> Secrets | None:
        """The record, None when there is none. Raises Fault KEYSTORE_UNAVAILABLE, KEYSTORE_DAMAGED."""
        ...

    def write(self, secrets: Secrets) -> None:
        """Make or replace a record, durably. Raises Fault KEYSTORE_UNAVAILABLE."""
        ...

    def forget(self, installation: str) -> None:
        """Remove a record; removing what is not there changes nothing."""
        ...

    def last_epoch(self, station: str) -> int:
        """The highest epoch that a station was ever given on this machine, 0 when none was noted."""
        ...

    def note_epoch(self, station: str, epoch: int) -> None:
        """Remember that; never a lower one. Raises Fault KEYSTORE_UNAVAILABLE."""
        ...


class FileKeyStore:
    """A folder of 0600 files, outside every data folder."""

    where = "file"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, installation: str) -> Secrets | None:
        """See KeyStore."""
        try:
            text = self._path(installation).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise Fault("KEYSTORE_UNAVAILABLE", where=self.where) from error
        return Secrets.from_text(text)

    def write(self, secrets: Secrets) -> None:
        """See KeyStore. The old record stays whole until the new one is on disk."""
        path = self._path(secrets.installation)
        fresh = path.with_suffix(".new")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.unlink(missing_ok=True)
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(secrets.to_text())
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            raise Fault("KEYSTORE_UNAVAILABLE", where=self.where) from error

    def forget(self, installation: str) -> None:
        """See KeyStore."""
        self._path(installation).unlink(missing_ok=True)

    def last_epoch(self, station: str) -> int:
        """See KeyStore."""
        try:
            return _epoch_in((self.folder / f"{EPOCHS}{station}").read_text(encoding="ascii"))
        except FileNotFoundError:
            return 0
        except (OSError, UnicodeDecodeError) as error:
            raise Fault("KEYSTORE_UNAVAILABLE", where=self.where) from error

    def note_epoch(self, station: str, epoch: int) -> None:
        """See KeyStore."""
        highest = max(epoch, self.last_epoch(station))
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.folder / f"{EPOCHS}{station}").write_text(str(highest), encoding="ascii")
        except OSError as error:
            raise Fault("KEYSTORE_UNAVAILABLE", where=self.where) from error

    def _path(self, installation: str) -> Path:
        if not installation.isalnum():
            raise ValueError("an installation is named by letters and digits")
        return self.folder / f"{installation}.json"


class SystemKeyStore:
    """The keystore of the system, through `keyring`."""

    where = "system"

    def __init__(self, backend: KeyringBackend) -> None:
        self._backend = backend

    def read(self, installation: str) -> Secrets | None:
        """See KeyStore."""
        try:
            text = self._backend.get_password(SERVICE, installation)
        except KeyringError as error:
            raise Fault("KEYSTORE_UNAVAILABLE", where=self.where) from error
        return None if text is None else Secrets.from_text(text)

    def write(self, secrets: Secrets) -> None:
        """See KeyStore."""
        try:
            self._backend.set_password(SERVICE, secrets.installation, secrets.to_text())
        except KeyringError as error:
            raise Fault("KEYSTORE_UNAVAILABLE", where=self.where) from error

    def forget(self, installation: str) -> None:
        """See KeyStore."""
        try:
            self._backend.delete_password(SERVICE, installation)
        except PasswordDeleteError:
            return
        except KeyringError as error:
            raise Fault("KEYSTORE_UNAVAILABLE", where=self.where) from error

    def last_epoch(self, station: str) -> int:
        """See KeyStore."""
        try:
            return _epoch_in(self._backend.get_password(SERVICE, EPOCHS + station) or "0")
        except KeyringError as error:
            raise Fault("KEYSTORE_UNAVAILABLE", where=self.where) from error

    def note_epoch(self, station: str, epoch: int) -> None:
        """See KeyStore."""
        highest = max(epoch, self.last_epoch(station))
        try:
            self._backend.set_password(SERVICE, EPOCHS + station, str(highest))
        except KeyringError as error:
            raise Fault("KEYSTORE_UNAVAILABLE", where=self.where) from error


def _epoch_in(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Fault("KEYSTORE_DAMAGED")
    return int(text)


def default_keystore(environ: Mapping[str, str]) -> KeyStore:
    """The folder that GATEHOUSE_KEY_DIR names, else the system's keystore if it has a real one, else files
    in the user's configuration folder."""
    if folder := environ.get(FOLDER_VARIABLE):
        return FileKeyStore(Path(folder))
    backend = keyring.get_keyring()
    return SystemKeyStore(backend) if _is_real(backend) else user_keystore()


def system_keystore() -> SystemKeyStore:
    """The keystore of the system. Raises Fault KEYSTORE_UNAVAILABLE where it has none."""
    backend = keyring.get_keyring()
    if not _is_real(backend):
        raise Fault("KEYSTORE_UNAVAILABLE", where=SystemKeyStore.where)
    return SystemKeyStore(backend)


def user_keystore() -> FileKeyStore:
    """Files in the user's configuration folder."""
    return FileKeyStore(Path(platformdirs.user_config_dir("gatehouse", appauthor=False)) / "keys")


def _is_real(backend: KeyringBackend) -> bool:
    return bool(backend.priority >= 1) and type(backend).__module__.startswith("keyring.backends.")


def refuse_inside(keystore: KeyStore, folder: Path) -> None:
    """Raises Refusal KEY_FOLDER_INSIDE_DATA when key files would lie in the data folder."""
    if isinstance(keystore, FileKeyStore):
        keys, data = keystore.folder.resolve(), folder.resolve()
        if keys == data or data in keys.parents:
            raise Refusal("KEY_FOLDER_INSIDE_DATA", folder=str(keystore.folder))


def set_hub_password(keystore: KeyStore, installation: str, password: str | None) -> None:
    """Change only the hub's password in a record. Raises Fault KEY_MISSING when there is no record."""
    secrets = keystore.read(installation)
    if secrets is None:
        raise Fault("STORE_KEY_MISSING")
    keystore.write(replace(secrets, hub_password=password))
