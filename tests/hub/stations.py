"""Real stations for tests: a store on the disk, joined by an enrolment file, synced on demand."""

from pathlib import Path
from typing import Any

from app.bootstrap import Station, enrol_station, open_station
from app.settings import Settings
from domain.actor import SYSTEM
from domain.certificates import Scope
from domain.entry import Draft, Entry
from tests.postgres import Hub

ORGANIZATION = {"name": "Old Theatre", "zone": "Europe/Berlin", "currency": "EUR"}


class RealStation:
    """One installation; `sync()` is one round with the hub, answering the code that stopped it or None."""

    def __init__(self, folder: Path, text: str) -> None:
        self.folder = folder
        self.settings = Settings(folder, {"GATEHOUSE_KEY_DIR": str(folder.parent / f"{folder.name}-keys")})
        self.station: Station = enrol_station(folder, self.settings, text)

    @property
    def store(self) -> Any:
        return self.station.store

    @property
    def id(self) -> str:
        return self.store.identity.station

    def write(self, number: int, kind: str = "settings_changed", feed: str = "org") -> Entry:
        """One own entry, told apart by its number."""
        with self.store.begin() as work:
            entry = work.append(Draft(kind, (feed,), {"values": {f"n{number}": number}}), SYSTEM)
            work.commit()
        return entry

    def sync(self) -> str | None:
        return self.station.exchange.run_once().code

    def reopen(self) -> None:
        self.station.close()
        self.station = open_station(self.folder, self.settings)

    def settings_seen(self) -> set[str]:
        """Names of the organization's settings: what of others' entries has come into force here."""
        from sqlalchemy import select

        from app.store.schema import SETTING

        with self.store._core.reading() as connection:
            return set(connection.execute(select(SETTING.c.name)).scalars())

    def close(self) -> None:
        self.station.close()


def joined(hub: Hub, tmp_path: Path, name: str, prefix: str, scope: Scope = "*") -> RealStation:
    """A new station at a hub."""
    _, text = hub.invite(name, prefix, scope)
    return RealStation(tmp_path / prefix, text)
