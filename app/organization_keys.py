"""The organization's two key files, and what they sign for a station that works by itself.

The root key certifies stations and revokes them; the recovery key opens a station whose keystore was lost.
Both are made together, lie outside every station's data folder and are locked with one passphrase. The public
half of the recovery key, signed by the root, also says what the organization is called by its hub.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.store.store import StationStore
from domain import recovery
from domain.certificates import EVERYTHING, STATION_USAGE, Certificate, Chain, issue
from domain.clock import from_ms, to_ms
from domain.errors import Fault, Refusal
from domain.ids import RandomBytes, uuid7
from domain.recovery import RecoveryPublic
from domain.sealing import RecoveryKey
from domain.ticket_code import SigningKey
from sync.enrolment import SELLS_FOR
from sync.root_key import make_root_key, write_key_file

ROOT_FILE = "organization-root.pem"


@dataclass(frozen=True, slots=True)
class OrganizationKeys:
    """The opened root key with the public half of the recovery key, and where the files lie."""

    root: SigningKey
    recovery: RecoveryPublic
    root_path: Path
    recovery_path: Path

    @property
    def organization(self) -> str:
        """The organization's id."""
        return self.recovery.organization


def default_folder(data: Path) -> Path:
    """Where key files go when nobody says where: beside the data folder, never in it."""
    return data.parent / f"{data.name}-organization-keys"


def recovery_path(root_path: Path) -> Path:
    """Where the recovery key of a root key lies: `organization-root.pem` → `organization-recovery.key`."""
    return root_path.with_name(f"{root_path.stem.removesuffix('-root')}-recovery.key")


def make_keys(root_path: Path, passphrase: str, now: datetime, random_bytes: RandomBytes) -> OrganizationKeys:
    """Make both files; neither may exist yet, and after a failure neither is left.

    Raises Refusal PASSPHRASE_SHORT, ROOT_KEY_EXISTS; Fault ROOT_KEY_UNWRITABLE.
    """
    path = recovery_path(root_path)
    if path.exists():
        raise Refusal("ROOT_KEY_EXISTS", path=str(path))
    root = make_root_key(root_path, passphrase, random_bytes)
    try:
        public = add_recovery_key(root_path, root, uuid7(to_ms(now), random_bytes), passphrase, random_bytes)
    except (Fault, Refusal):
        root_path.unlink(missing_ok=True)
        raise
    return OrganizationKeys(root, public, root_path, path)


def add_recovery_key(
    root_path: Path, root: SigningKey, organization: str, passphrase: str, random_bytes: RandomBytes
) -> RecoveryPublic:
    """Make the recovery key beside a root key that has none yet. Raises as `make_keys`."""
    key = RecoveryKey(random_bytes(32))
    public = recovery.state(organization, key.public, root)
    text = recovery.write(key, public, passphrase, random_bytes)
    write_key_file(recovery_path(root_path), text.encode())
    return public


def discard_keys(root_path: Path) -> None:
    """Remove both files, made a moment ago for something that could not be finished."""
    root_path.unlink(missing_ok=True)
    recovery_path(root_path).unlink(missing_ok=True)


def public_beside(root_path: Path) -> RecoveryPublic | None:
    """The public half of the recovery key beside a root key, None where there is none.

    Raises Refusal RECOVERY_KEY_INVALID.
    """
    try:
        return recovery.read_public(recovery_path(root_path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise Refusal("RECOVERY_KEY_INVALID") from None


def read_recovery_key(path: Path, passphrase: str) -> RecoveryKey:
    """Open a recovery key. Raises Fault RECOVERY_KEY_MISSING (`path`), Refusal RECOVERY_KEY_INVALID,
    RECOVERY_PASSPHRASE_WRONG."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Refusal("RECOVERY_KEY_INVALID") from None
    except OSError:
        raise Fault("RECOVERY_KEY_MISSING", path=str(path)) from None
    return recovery.read(text, passphrase)


def certify_alone(
    store: StationStore, keys: OrganizationKeys, now: datetime, random_bytes: RandomBytes
) -> Chain:
    """Certify a station that works by itself, at once by the root, and wrap its secrets for the recovery key.

    Raises Refusal HUB_CERTIFIES (a station of a hub is certified by enrolment), ROOT_KEY_WRONG (it believes
    another root already), PRACTICE_STANDS_ALONE.
    """
    with store.read() as read:
        station = read.station()
    if station.practice:
        raise Refusal("PRACTICE_STANDS_ALONE")
    if station.has_hub:
        raise Refusal("HUB_CERTIFIES")
    if store.root() not in {None, keys.root.public}:
        raise Refusal("ROOT_KEY_WRONG")
    begins = from_ms(to_ms(now))
    certificate = Certificate(
        id=uuid7(to_ms(now), random_bytes),
        organization=keys.organization,
        station=station.station,
        name=station.name,
        prefix=station.prefix,
        key=store.signing_key.public,
        usage=STATION_USAGE,
        scope=EVERYTHING,
        not_before=begins,
        not_after=begins + SELLS_FOR,
        issuer=keys.root.public,
    )
    chain = (issue(certificate, keys.root),)
    store.adopt_root(keys.root.public, chain)
    store.recovery.adopt(keys.recovery)
    return chain
