"""Stations that hostile hands get hold of; their hashing is cheap, but nothing else of them."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from app.services.hashing import PinHasher
from domain.actor import SYSTEM, Role
from tests.services.house import House


@pytest.fixture
def make_house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., House]]:
    monkeypatch.setattr("app.bootstrap.PinHasher", partial(PinHasher, 1, 64))
    houses: list[House] = []

    def make(*args: object, **settings: object) -> House:
        houses.append(House(tmp_path, *args, **settings))
        return houses[-1]

    yield make
    for house in houses:
        house.station.close()


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    made = make_house()
    made.services.add_user("anna", "Anna Ivanova", [Role.ADMIN, Role.SUPERVISOR], "2580", SYSTEM)
    return made
