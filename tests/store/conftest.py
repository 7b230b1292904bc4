"""Stations in temporary folders, closed at the end."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.store.station import Station


@pytest.fixture
def make_station(tmp_path: Path) -> Iterator[Callable[..., Station]]:
    stations: list[Station] = []

    def make(seed: int = 1, **settings: object) -> Station:
        stations.append(Station(tmp_path / f"station-{seed}", seed, **settings))
        return stations[-1]

    yield make
    for station in stations:
        station.store.close()


@pytest.fixture
def station(make_station: Callable[..., Station]) -> Station:
    return make_station()


@pytest.fixture
def theatre(station: Station) -> Station:
    station.open_theatre()
    return station
