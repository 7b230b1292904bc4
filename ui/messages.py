"""From codes to words: the sentences for every refusal, fault and verdict, in every language. No Qt here.

Parameters are made readable on the way: `*_minor` with `currency` becomes an amount under the name without
`_minor`, UTC times become times of the venue, names of permissions and the like are put into words.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.formats import DateStyle, counted, format_date, format_money, format_time, language_of, local
from domain.clock import from_text
from domain.errors import GatehouseError, Param
from domain.money import Money
from ui.wording import (
    Table,
    Values,
    Words,
    en_conflicts,
    en_faults,
    en_health,
    en_hub,
    en_keys,
    en_money,
    en_people,
    en_practice,
    en_refusals,
    en_verdicts,
    pseudo,
    ru_conflicts,
    ru_faults,
    ru_health,
    ru_hub,
    ru_keys,
    ru_money,
    ru_people,
    ru_practice,
    ru_refusals,
    ru_verdicts,
)

LANGUAGES = ("en", "ru")

_REFUSALS: dict[str, Table] = {
    "en": {**en_refusals.REFUSALS, **en_people.PEOPLE, **en_practice.PRACTICE, **en_money.MONEY},
    "ru": {**ru_refusals.REFUSALS, **ru_people.PEOPLE, **ru_practice.PRACTICE, **ru_money.MONEY},
}
_FAULTS: dict[str, Table] = {
    "en": {**en_faults.FAULTS, **en_health.HEALTH, **en_keys.KEYS, **en_hub.HUB},
    "ru": {**ru_faults.FAULTS, **ru_health.HEALTH, **ru_keys.KEYS, **ru_hub.HUB},
}
_CONFLICTS: dict[str, Table] = {"en": en_conflicts.CONFLICTS, "ru": ru_conflicts.CONFLICTS}
_VERDICTS: dict[str, Table] = {"en": en_verdicts.VERDICTS, "ru": ru_verdicts.VERDICTS}
_VALUES: dict[str, Values] = {
    "en": {**en_refusals.VALUES, **en_keys.VALUES, **en_people.VALUES, **en_money.VALUES},
    "ru": {**ru_refusals.VALUES, **ru_keys.VALUES, **ru_people.VALUES, **ru_money.VALUES},
}
_UNKNOWN: dict[str, Words] = {
    "en": ("Not possible", "Code {code}.", "Pass this code on to whoever helps you."),
    "ru": ("Не получилось", "Код {code}.", "Передайте этот код тому, кто вам помогает."),
}

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_FIELD = re.compile(r"\{([a-z_]+)((?:\|[^{}|]+)*)\}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


@dataclass(frozen=True, slots=True)
class Message:
    """What a person reads: what it is, why, and what to do; reason and advice may be empty."""

    title: str
    reason: str = ""
    advice: str = ""

    @property
    def text(self) -> str:
        """Reason and advice in one line."""
        return " ".join(part for part in (self.reason, self.advice) if part)


def sentence(
    code: str,
    params: Mapping[str, Param],
    lang: str,
    *,
    zone: str = "UTC",
    now: datetime | None = None,
) -> Message:
    """The words for a refusal, a fault or a conflict. `zone`: the venue's; `now` shortens times of today."""
    language = language_of(lang)
    tables = (_REFUSALS[language], _FAULTS[language], _CONFLICTS[language])
    words = next((table[code] for table in tables if code in table), None)
    if words is None:
        words, params = _UNKNOWN[language], {"code": code}
    return _shown(_filled(words, params, language, zone, now), lang)


def error_message(
    error: GatehouseError, lang: str, *, zone: str = "UTC", now: datetime | None = None
) -> Message:
    """The same, from the error itself."""
    return sentence(error.code, error.params, lang, zone=zone, now=now)


def verdict(
    name: str,
    params: Mapping[str, Param],
    lang: str,
    *,
    zone: str = "UTC",
    now: datetime | None = None,
) -> Message:
    """The words for a verdict: `title` is the word shown largest. Raises KeyError for an unknown verdict."""
    language = language_of(lang)
    own = _own_language(params, language)
    return _shown(_filled(_VERDICTS[language][name], own, language, zone, now), lang)


def value_words(kind: str, value: str, lang: str) -> str:
    """A name of the program in words: value_words("role", "cashier", "ru") gives "Кассир"; else itself."""
    return _VALUES[language_of(lang)].get(kind, {}).get(value, value)


def has_words(code: str, lang: str) -> bool:
    """Whether a refusal, fault or conflict has words of its own in this language."""
    language = language_of(lang)
    return code in _REFUSALS[language] or code in _FAULTS[language] or code in _CONFLICTS[language]


def words_of(lang: str) -> dict[str, Words]:
    """All entries of a language by code, verdicts as `verdict:<name>`; for the tests."""
    language = language_of(lang)
    verdicts = {f"verdict:{name}": words for name, words in _VERDICTS[language].items()}
    return {**_REFUSALS[language], **_FAULTS[language], **_CONFLICTS[language], **verdicts}


def _shown(message: Message, lang: str) -> Message:
    """The pseudo-locale is made from the English words."""
    if lang != pseudo.LANGUAGE:
        return message
    parts = (message.title, message.reason, message.advice)
    return Message(*(pseudo.pseudo(part) if part else "" for part in parts))


def _own_language(params: Mapping[str, Param], language: str) -> dict[str, Param]:
    """Where a parameter comes in both languages (`event`, `event_ru`), take the reader's."""
    made = dict(params)
    if language != "en":
        for name in params:
            other = params.get(f"{name}_{language}")
            if other:
                made[name] = other
    return made


def _filled(
    words: Words, params: Mapping[str, Param], language: str, zone: str, now: datetime | None
) -> Message:
    readable = _readable(params, language, zone, now)
    return Message(*(_fill(part, readable, params, language) for part in words))


def _readable(params: Mapping[str, Param], language: str, zone: str, now: datetime | None) -> dict[str, str]:
    made: dict[str, str] = {}
    currency = params.get("currency")
    for name, value in params.items():
        if value is None or value == "":
            continue
        if name.endswith("_minor") and isinstance(value, int) and isinstance(currency, str):
            made[name.removesuffix("_minor")] = format_money(Money(value, currency), language)
        elif isinstance(value, str) and _TIME.fullmatch(value):
            made[name] = _time_words(from_text(value), language, zone, now)
        elif name == "roles":
            made[name] = ", ".join(value_words("role", one, language) for one in str(value).split(", "))
        else:
            made[name] = value_words(name, str(value), language)
    return made


def _time_words(at: datetime, language: str, zone: str, now: datetime | None) -> str:
    time = format_time(at, zone, language)
    if now is not None and local(at, zone).date() == local(now, zone).date():
        return time
    return f"{format_date(at, zone, language, DateStyle.SHORT)}, {time}"


def _fill(template: str, readable: Mapping[str, str], params: Mapping[str, Param], language: str) -> str:
    def optional(part: re.Match[str]) -> str:
        names = [field.group(1) for field in _FIELD.finditer(part.group(1))]
        return part.group(1) if all(name in readable for name in names) else ""

    def field(found: re.Match[str]) -> str:
        name, forms = found.group(1), found.group(2).split("|")[1:]
        value = params.get(name)
        if forms and isinstance(value, int):
            return counted(value, language, forms)
        return readable.get(name, "…")

    return _FIELD.sub(field, _OPTIONAL.sub(optional, template)).strip()
