"""Money, dates, times and numbered nouns as people of a language write them.

Pure functions without Qt, so that printed things, the command line and the windows agree to the letter.
Languages are `en` and `ru`; a longer tag is cut (`ru_RU` is `ru`), anything else is written as English.
Times come in as aware UTC times and go out in the zone that is named, which is the venue's, not the
machine's.
"""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.money import Money, exponent

NBSP = "\u00a0"
MINUS = "\u2212"

_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "RUB": "₽", "JPY": "¥", "UAH": "₴", "ILS": "₪", "INR": "₹"}

_MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    "ru": (
        "января", "февраля", "марта", "апреля", "мая", "июня",
        "июля", "августа", "сентября", "октября", "ноября", "декабря",
    ),
}  # fmt: skip
_SHORT_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "ru": ("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"),
}
_WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "ru": ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
}
_SHORT_WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "ru": ("пн", "вт", "ср", "чт", "пт", "сб", "вс"),
}
_NEAR_DAYS = {
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
    "ru": {-1: "вчера", 0: "сегодня", 1: "завтра"},
}


class DateStyle(StrEnum):
    """How much of a date is written."""

    FULL = "full"  # Saturday, 21 November 2026 · суббота, 21 ноября 2026
    LONG = "long"  # 21 November 2026 · 21 ноября 2026
    MEDIUM = "medium"  # Sat 21 Nov 2026 · сб 21 ноя 2026
    SHORT = "short"  # 21 Nov · 21 ноя
    NUMERIC = "numeric"  # 21 Nov 2026 · 21.11.2026


def language_of(tag: str) -> str:
    """`en` or `ru` for any language tag: `ru-RU` and `ru_RU.UTF-8` are `ru`, all that is not Russian is
    `en`.
    """
    return "ru" if tag.lower().replace("-", "_").split("_")[0].split(".")[0] == "ru" else "en"


def format_amount(money: Money, language: str) -> str:
    """The amount without its currency, for columns: `1,234.50` · `1 234,50` (with no-break spaces)."""
    digits = exponent(money.currency)
    whole, part = divmod(abs(money.minor), 10**digits)
    russian = language_of(language) == "ru"
    grouped = f"{whole:,}".replace(",", NBSP) if russian else f"{whole:,}"
    fraction = f"{',' if russian else '.'}{part:0{digits}d}" if digits else ""
    return f"{MINUS if money.minor < 0 else ''}{grouped}{fraction}"


def format_money(money: Money, language: str) -> str:
    """The amount with its currency, never broken over two lines: `€1,234.50` · `1 234,50 ₽`.

    A currency without a sign of its own is written by its code: `CHF 12.00` · `12,00 CHF`.
    """
    amount = format_amount(money, language)
    symbol = _SYMBOLS.get(money.currency, money.currency)
    if language_of(language) == "ru":
        return f"{amount}{NBSP}{symbol}"
    sign, amount = (MINUS, amount[1:]) if amount.startswith(MINUS) else ("", amount)
    gap = NBSP if len(symbol) > 1 else ""
    return f"{sign}{symbol}{gap}{amount}"


def format_rate(basis_points: int, language: str) -> str:
    """A rate in hundredths of a percent: 1900 is `19%` · `19 %`, 550 is `5.5%` · `5,5 %`."""
    whole, part = divmod(abs(basis_points), 100)
    russian = language_of(language) == "ru"
    fraction = f"{',' if russian else '.'}{part:02d}".rstrip("0") if part else ""
    return f"{MINUS if basis_points < 0 else ''}{whole}{fraction}{NBSP if russian else ''}%"


def format_date(at: datetime, zone: str, language: str, style: DateStyle = DateStyle.MEDIUM) -> str:
    """The day of a UTC time in the zone. Raises ValueError for a naive time or an unknown zone."""
    return format_day(local(at, zone).date(), language, style)


def format_day(day: date, language: str, style: DateStyle = DateStyle.MEDIUM) -> str:
    """A calendar day that has no zone (a business day), in the given style."""
    lang = language_of(language)
    month, short = _MONTHS[lang][day.month - 1], _SHORT_MONTHS[lang][day.month - 1]
    match style:
        case DateStyle.FULL:
            return f"{_WEEKDAYS[lang][day.weekday()]}, {day.day}{NBSP}{month} {day.year}"
        case DateStyle.LONG:
            return f"{day.day}{NBSP}{month} {day.year}"
        case DateStyle.MEDIUM:
            return f"{_SHORT_WEEKDAYS[lang][day.weekday()]} {day.day}{NBSP}{short} {day.year}"
        case DateStyle.SHORT:
            return f"{day.day}{NBSP}{short}"
        case DateStyle.NUMERIC:
            return f"{day:%d.%m}.{day.year}" if lang == "ru" else f"{day.day}{NBSP}{short} {day.year}"


def format_weekday(at: datetime, zone: str, language: str) -> str:
    """The weekday's full name, as inside a sentence: `Saturday` · `суббота`."""
    return _WEEKDAYS[language_of(language)][local(at, zone).weekday()]


def format_time(at: datetime, zone: str, language: str, *, seconds: bool = False) -> str:
    """24-hour time in the zone: `19:30`, with seconds `19:30:05`; the same in both languages."""
    del language
    return local(at, zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def format_datetime(at: datetime, zone: str, language: str, style: DateStyle = DateStyle.MEDIUM) -> str:
    """Day and time: `Sat 21 Nov 2026, 19:30` · `сб 21 ноя 2026, 19:30`."""
    return f"{format_date(at, zone, language, style)}, {format_time(at, zone, language)}"


def relative_day(at: datetime, now: datetime, zone: str, language: str) -> str:
    """`yesterday`, `today`, `tomorrow`, the weekday of the coming six days, else the date."""
    lang = language_of(language)
    day = local(at, zone).date()
    distance = (day - local(now, zone).date()).days
    if distance in _NEAR_DAYS[lang]:
        return _NEAR_DAYS[lang][distance]
    return _WEEKDAYS[lang][day.weekday()] if 1 < distance < 7 else format_day(day, lang)


def relative_datetime(at: datetime, now: datetime, zone: str, language: str) -> str:
    """`today, 19:30` and the like; see `relative_day`."""
    return f"{relative_day(at, now, zone, language)}, {format_time(at, zone, language)}"


def plural(number: int, language: str, forms: Sequence[str]) -> str:
    """The form of a noun after a number (CLDR rules for whole numbers).

    English takes (one, other): ticket, tickets. Russian takes (one, few, many): билет, билета, билетов.
    Raises ValueError when the number of forms is not the language's.
    """
    russian = language_of(language) == "ru"
    if len(forms) != (3 if russian else 2):
        raise ValueError(f"{len(forms)} plural forms for {language!r}")
    count = abs(number)
    if not russian:
        return forms[0] if count == 1 else forms[1]
    if count % 10 == 1 and count % 100 != 11:
        return forms[0]
    if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14):
        return forms[1]
    return forms[2]


def format_number(number: int, language: str) -> str:
    """A whole number with the language's thousands separator: `12,345` · `12 345`."""
    grouped = f"{abs(number):,}"
    if language_of(language) == "ru":
        grouped = grouped.replace(",", NBSP)
    return f"{MINUS if number < 0 else ''}{grouped}"


def counted(number: int, language: str, forms: Sequence[str]) -> str:
    """Number and noun: `1 ticket`, `5 билетов`."""
    return f"{format_number(number, language)}{NBSP}{plural(number, language, forms)}"


def local(at: datetime, zone: str) -> datetime:
    """The aware time in the named IANA zone. Raises ValueError for a naive time or an unknown zone."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(_zone(zone))


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (LookupError, OSError, ValueError) as error:
        raise ValueError(f"no such time zone: {name!r}") from error
