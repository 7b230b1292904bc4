"""Changing a setting of this station: who may change which."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.services.access import require
from domain.actor import Actor, Permission
from domain.errors import Refusal

PERSONAL = frozenset({"lang", "theme", "sound"})
"""How the window looks and sounds: anybody who is signed in."""

WHERE_THE_GATE_STANDS = frozenset({"gate.code", "gate.lane", "gate.performance", "gate.verdict_seconds"})
"""What gate staff choose when they take up their post."""


class SettingsStore(Protocol):
    """The settings as they are kept: sources, defaults, checks."""

    def text(self, name: str) -> str: ...
    def number(self, name: str) -> int: ...
    def store(self, name: str, value: str) -> None: ...
    def listed(self) -> Sequence[Mapping[str, str]]: ...


class StationSettings:
    """Implements app.services.facade.SettingsBook over the settings as they are kept."""

    def __init__(self, kept: SettingsStore) -> None:
        self._kept = kept

    def text(self, name: str) -> str:
        """The value in force. Raises Refusal SETTING_UNKNOWN, SETTING_INVALID."""
        return self._kept.text(name)

    def number(self, name: str) -> int:
        """The value of a setting that is a whole number."""
        return self._kept.number(name)

    def listed(self) -> Sequence[Mapping[str, str]]:
        """Every setting with its value, source, meaning, default and hint."""
        return self._kept.listed()

    def may_change(self, name: str, actor: Actor) -> bool:
        """Whether this person may change the setting."""
        if actor.user is None:
            return False
        if name in PERSONAL:
            return True
        if name in WHERE_THE_GATE_STANDS and actor.may(Permission.ADMIT):
            return True
        return actor.may(Permission.STATION)

    def store(self, name: str, value: str, actor: Actor) -> None:
        """Keep a value. Refuses NOT_SIGNED_IN, NOT_ALLOWED, SETTING_INVALID, SETTING_UNKNOWN,
        SETTING_SECRET."""
        if actor.user is None:
            raise Refusal("NOT_SIGNED_IN")
        if not self.may_change(name, actor):
            require(actor, Permission.STATION)
        self._kept.store(name, value)
