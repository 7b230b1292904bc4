"""Parts of a station that a run needs now and then: put together when they are asked for."""

import hashlib
from typing import Any

from app.build_afterwards import build_sales
from app.build_people import PeopleParts, build_people
from app.services.after_sale import Afterwards
from app.services.erasure import ErasePerson
from app.services.hashing import PinHasher


class QuickHasher(PinHasher):
    """No guess is kept out here, so no hash has to be slow, nor random."""

    def __init__(self) -> None:
        self._pepper = None

    def hash(self, pin: str) -> str:
        return f"quick${hashlib.sha256(pin.encode()).hexdigest()}"

    def matches(self, verifier: str | None, pin: str) -> bool:
        return verifier == self.hash(pin)

    def is_keyed(self, verifier: str) -> bool:
        return True

    def hash_password(self, password: str, login: str) -> str:
        return self.hash(password)

    def matches_password(self, verifier: str | None, password: str) -> bool:
        return self.matches(verifier, password)


def afterwards(process: Any) -> Afterwards:
    """What may be done to orders after their sale."""
    found: Afterwards | None = getattr(process, "_afterwards", None)
    if found is None:
        found = build_sales(
            process.store, process.sell._signer, process.machine.clock, process.random_bytes,
            process.exchange, lambda: None,
        ).afterwards  # fmt: skip
        process._afterwards = found
    return found


def people(process: Any) -> PeopleParts:
    """Signing in, roles, sessions."""
    found: PeopleParts | None = getattr(process, "_people", None)
    if found is None:
        found = build_people(
            process.store, QuickHasher(), process.machine.clock, process.random_bytes, process.exchange.nudge
        )
        process._people = found
    return found


def erase_person(process: Any) -> ErasePerson:
    """The end of what is known about somebody."""
    return ErasePerson(process.store, process.exchange.nudge)
