"""A station with people, for tests of the screens about people; its hasher takes no time."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.build_people import build_people
from app.services.hashing import PinHasher
from app.services.signin import SetPin
from domain.actor import Actor
from domain.errors import Refusal
from tests.services.house import ADMIN, House
from ui.running import InlineRunner, ManualTimers

PIN = "2580"
HOSTILE = "Zoë <b>admin</b> &amp; \U0001f3ad 'OR 1=1"
LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh van der Long-Name the Third"[:80]


class Staff:
    """Services of one station; `me` acts."""

    def __init__(self, root: Path) -> None:
        self.house = House(root)
        store = self.house.station.store
        self.hasher = PinHasher(1, 64, store.pin_key)
        parts = build_people(store, self.hasher, self.house.clock, self.house.random, lambda: None)
        self.services = replace(
            self.house.services,
            sign_in=parts.sign_in, people=parts.people, sessions=parts.sessions, scripts=parts.scripts,
            approve=parts.approve, audit=parts.audit, set_pin=SetPin(store, self.hasher),
        )  # fmt: skip
        self.runner, self.timers = InlineRunner(), ManualTimers()
        self.me: Actor = ADMIN
        self.root = self.me = self.somebody("root", "admin")

    def somebody(self, login: str, *roles: str, name: str = "") -> Actor:
        """Invited and accepted: signed in."""
        issued = self.services.people.invite(login, name or login.title(), list(roles), self.me)
        return self.services.people.accept(login, issued.code, f"long secret of {login}", PIN)

    def actor(self) -> Actor:
        return self.me

    def lang(self) -> str:
        return "en"

    def refused(self, code: str, call: Any, *args: Any, **more: Any) -> Refusal:
        with pytest.raises(Refusal) as caught:
            call(*args, **more)
        assert caught.value.code == code, caught.value
        return caught.value

    def close(self) -> None:
        self.house.station.close()


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    made = Staff(tmp_path)
    yield made
    made.close()
