"""The settings as rows of a page: value, where it comes from, and whether it can be changed here. No Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.services.facade import SettingsBook
from domain.actor import Actor
from domain.errors import GatehouseError
from ui import messages

Control = Literal["choice", "number", "text"]
FIXED_SOURCES = frozenset({"flag", "environment", ".env"})
_NUMBER_ENDINGS = ("_ms", "_minutes", "_seconds", ".baud")


@dataclass(frozen=True, slots=True)
class SettingModel:
    """One setting. `options` are the values of a choice; `source` is flag, environment, .env, stored or
    default; `allowed`: whether the person who looks may change it."""

    name: str
    value: str
    source: str
    default: str
    control: Control
    options: tuple[str, ...] = ()
    allowed: bool = True

    @property
    def fixed(self) -> bool:
        """Whether it cannot be changed here: given when the program was started, or not this person's."""
        return self.source in FIXED_SOURCES or not self.allowed


def setting_rows(book: SettingsBook, names: Sequence[str], actor: Actor) -> list[SettingModel]:
    """The named settings in this order; names that this program does not know are left out."""
    listed = {row["name"]: row for row in book.listed()}
    return [_row(listed[name], allowed=book.may_change(name, actor)) for name in names if name in listed]


def refusal_words(error: GatehouseError, language: str) -> str:
    """Why a value was not kept. Empty where the control itself knows best what would fit (a number)."""
    if error.code == "SETTING_INVALID" and not error.params.get("hint"):
        return ""
    said = messages.error_message(error, language)
    return said.text or said.title


def _row(row: Mapping[str, str], *, allowed: bool) -> SettingModel:
    options = tuple(row["hint"].split("|")) if "|" in row["hint"] else ()
    number = row["name"].endswith(_NUMBER_ENDINGS)
    control: Control = "choice" if options else "number" if number else "text"
    return SettingModel(row["name"], row["value"], row["source"], row["default"], control, options, allowed)
