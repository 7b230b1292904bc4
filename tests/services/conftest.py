"""Stations in temporary folders, closed at the end."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.house import House


@pytest.fixture
def make_house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    houses: list[House] = []

    def make(*args: Any, **settings: Any) -> House:
        houses.append(House(tmp_path, *args, **settings))
        return houses[-1]

    yield make
    for house in houses:
        house.station.close()


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    return make_house()
