"""Words of the pages about people: roles, limits, states. No Qt objects."""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from app.formats import format_money
from domain.money import Money, format_plain
from domain.permissions import MONEY_LIMITS, Limit, RoleSet
from ui.messages import value_words
from ui.widgets.labels import MeaningName

translate = QCoreApplication.translate

INVITED, ACTIVE, DISABLED = "invited", "active", "disabled"


def role_name(role: str, roles: Mapping[str, RoleSet], lang: str) -> str:
    """A role as people call it: its own title where somebody gave one."""
    known = roles.get(role)
    return known.title if known is not None and known.title else value_words("role", role, lang)


def state_look(state: str) -> tuple[str, MeaningName, str]:
    """Word, meaning and icon of a person's state."""
    looks: dict[str, tuple[str, MeaningName, str]] = {
        INVITED: (translate("People", "Invited"), "info", "mail"),
        ACTIVE: (translate("People", "Active"), "admit", "check"),
        DISABLED: (translate("People", "Shut out"), "refuse", "ban"),
    }
    return looks[state]


def limit_text(limit: Limit, most: int | None, currency: str, lang: str) -> str:
    """How far a limit reaches: "€50.00", "10 %", "3", or "without limit"."""
    if most is None:
        return translate("People", "without limit")
    if limit in MONEY_LIMITS:
        return format_money(Money(most, currency), lang)
    return f"{most}\u00a0%" if limit is Limit.DISCOUNT else str(most)


def limit_typed(limit: Limit, most: int | None, currency: str) -> str:
    """The same as it is typed into a field; empty for no limit."""
    if most is None:
        return ""
    return format_plain(Money(most, currency)) if limit in MONEY_LIMITS else str(most)
