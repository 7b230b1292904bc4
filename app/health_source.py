"""What app.services.health asks of the machine: disk, backups, devices, sound, how the exchange stands."""

import ctypes.util
import importlib.util
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from app import organization_keys
from app.disk import free_on
from app.services.facade import DeviceStatus, GateDevices, SyncControl, SyncView
from app.settings import Settings
from app.store.store import BACKED_UP, BACKUPS, StationStore
from domain.clock import from_text

SHOWN = ("printer", "camera", "scanner", "turnstile")


class StationHealth:
    """Implements app.services.health.HealthSource over an open station."""

    def __init__(
        self, store: StationStore, settings: Settings, sync: SyncControl, devices: GateDevices
    ) -> None:
        self._store = store
        self._settings = settings
        self._sync = sync
        self._devices = devices
        self._sounds: bool | None = None
        self._free: Callable[[], int | None] = free_on(store.folder)

    def sync(self) -> SyncView:
        """How the exchange with the hub stands."""
        return self._sync.view()

    def contact_age_ms(self) -> int | None:
        """Milliseconds since the hub was last met, on the clock that nobody can set where this boot knows."""
        contact = self._store.people.contact()
        return None if contact is None else contact.passed_ms(self._store.people.moment())

    def offset_ms(self) -> int | None:
        """As this process has measured it."""
        return self._store.hub_offset_ms()

    def free_bytes(self) -> int | None:
        """Room where the store lies."""
        return self._free()

    def backed_up_at(self) -> datetime | None:
        """The latest copy: asked for anywhere, or made beside the store before an upgrade."""
        noted = self._store.local_setting(BACKED_UP)
        beside = (self._store.folder / BACKUPS).glob("*.json")
        found = [datetime.fromtimestamp(manifest.stat().st_mtime, UTC) for manifest in beside]
        return max([*found, *([from_text(noted)] if noted else [])], default=None)

    def root_key_at_hand(self) -> tuple[str, datetime] | None:
        """In the folder beside the data, or in the data folder itself."""
        data = self._store.folder
        for folder in (organization_keys.default_folder(data), data):
            path = folder / organization_keys.ROOT_FILE
            if path.exists():
                return str(path), datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return None

    def devices(self) -> Sequence[DeviceStatus]:
        """As last heard of; nothing is opened."""
        return [one for one in self._devices.statuses() if one.device in SHOWN]

    def try_device(self, device: str) -> DeviceStatus:
        """Raises DeviceFault."""
        return self._devices.test(device)

    def setting(self, name: str) -> str:
        """A setting of this station."""
        return self._settings.text(name)

    def can_sound(self) -> bool:
        """Whether the system has what sounds need; looked for once, since that takes a moment."""
        if self._sounds is None:
            self._sounds = can_sound()
        return self._sounds

    def must_enrol(self) -> bool:
        """Put back from a backup, and not enrolled again yet."""
        return self._store.must_enrol


def can_sound(platform: str = sys.platform) -> bool:
    """QtMultimedia is there, and on Linux the sound server's library that it needs."""
    if importlib.util.find_spec("PySide6.QtMultimedia") is None:
        return False
    return not platform.startswith("linux") or ctypes.util.find_library("pulse") is not None
