"""Money, dates, times and counted nouns as English and Russian readers write them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.formats import (
    DateStyle,
    counted,
    format_amount,
    format_date,
    format_datetime,
    format_day,
    format_money,
    format_number,
    format_rate,
    format_time,
    format_weekday,
    language_of,
    plural,
    relative_datetime,
    relative_day,
)
from domain.errors import Refusal
from domain.money import Money

EVENING = datetime(2026, 11, 21, 18, 30, 5, tzinfo=UTC)
BERLIN, MOSCOW = "Europe/Berlin", "Europe/Moscow"


@pytest.mark.parametrize(
    ("minor", "currency", "english", "russian"),
    [
        (1200, "EUR", "€12.00", "12,00 €"),
        (-50, "EUR", "−€0.50", "−0,50 €"),
        (123456789, "RUB", "₽1,234,567.89", "1 234 567,89 ₽"),
        (1200, "JPY", "¥1,200", "1 200 ¥"),
        (1234567, "KWD", "KWD 1,234.567", "1 234,567 KWD"),
        (0, "CHF", "CHF 0.00", "0,00 CHF"),
        (-1200, "CHF", "−CHF 12.00", "−12,00 CHF"),
    ],
)
def test_money_is_written_as_the_language_does(minor: int, currency: str, english: str, russian: str) -> None:
    assert format_money(Money(minor, currency), "en").replace("\u00a0", " ") == english
    assert format_money(Money(minor, currency), "ru").replace("\u00a0", " ") == russian


def test_an_amount_never_breaks_over_two_lines() -> None:
    assert " " not in format_money(Money(123456789, "RUB"), "ru")
    assert " " not in format_money(Money(1200, "CHF"), "en")


def test_an_amount_for_a_column_has_no_currency() -> None:
    assert format_amount(Money(123450, "EUR"), "en") == "1,234.50"
    assert format_amount(Money(-123450, "EUR"), "ru") == "−1\u00a0234,50"


def test_a_currency_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Refusal, match="CURRENCY_UNKNOWN"):
        format_money(Money(1, "XXQ"), "en")


@pytest.mark.parametrize(
    ("rate", "english", "russian"),
    [
        (1900, "19%", "19 %"),
        (550, "5.5%", "5,5 %"),
        (0, "0%", "0 %"),
        (1, "0.01%", "0,01 %"),
        (-700, "−7%", "−7 %"),
    ],
)
def test_rates_are_percent(rate: int, english: str, russian: str) -> None:
    assert format_rate(rate, "en") == english
    assert format_rate(rate, "ru").replace("\u00a0", " ") == russian


@pytest.mark.parametrize(
    ("style", "english", "russian"),
    [
        (DateStyle.FULL, "Saturday, 21 November 2026", "суббота, 21 ноября 2026"),
        (DateStyle.LONG, "21 November 2026", "21 ноября 2026"),
        (DateStyle.MEDIUM, "Sat 21 Nov 2026", "сб 21 ноя 2026"),
        (DateStyle.SHORT, "21 Nov", "21 ноя"),
        (DateStyle.NUMERIC, "21 Nov 2026", "21.11.2026"),
    ],
)
def test_dates_have_five_styles(style: DateStyle, english: str, russian: str) -> None:
    assert format_date(EVENING, BERLIN, "en", style).replace("\u00a0", " ") == english
    assert format_date(EVENING, MOSCOW, "ru", style).replace("\u00a0", " ") == russian


def test_all_months_and_weekdays_have_their_own_names() -> None:
    for language in ("en", "ru"):
        for style in (DateStyle.LONG, DateStyle.SHORT):
            months = {format_day(date(2026, month, 1), language, style) for month in range(1, 13)}
            assert len(months) == 12
        days = [EVENING + timedelta(days=day) for day in range(7)]
        assert len({format_weekday(day, BERLIN, language) for day in days}) == 7
    assert format_weekday(EVENING, BERLIN, "ru") == "суббота"


def test_day_and_time_are_those_of_the_zone() -> None:
    late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert format_datetime(late, BERLIN, "en").replace("\u00a0", " ") == "Sun 22 Nov 2026, 00:30"
    assert format_datetime(late, "America/New_York", "en").replace("\u00a0", " ") == "Sat 21 Nov 2026, 18:30"
    assert format_time(EVENING, BERLIN, "en") == "19:30"
    assert format_time(EVENING, MOSCOW, "ru", seconds=True) == "21:30:05"


def test_the_hour_follows_the_clock_change() -> None:
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert format_time(before, BERLIN, "en") == "01:30"
    assert format_time(before + timedelta(hours=1), BERLIN, "en") == "03:30"


def test_a_time_without_a_zone_and_an_unknown_zone_are_errors() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        format_time(EVENING.replace(tzinfo=None), BERLIN, "en")
    for zone in ("Mars/Olympus", "", "../etc"):
        with pytest.raises(ValueError, match="no such time zone"):
            format_time(EVENING, zone, "en")


@pytest.mark.parametrize(
    ("days", "english", "russian"),
    [
        (-2, "Thu 19 Nov 2026", "чт 19 ноя 2026"),
        (-1, "yesterday", "вчера"),
        (0, "today", "сегодня"),
        (1, "tomorrow", "завтра"),
        (2, "Monday", "понедельник"),
        (6, "Friday", "пятница"),
        (7, "Sat 28 Nov 2026", "сб 28 ноя 2026"),
    ],
)
def test_near_days_are_named(days: int, english: str, russian: str) -> None:
    then = EVENING + timedelta(days=days)
    assert relative_day(then, EVENING, BERLIN, "en").replace("\u00a0", " ") == english
    assert relative_day(then, EVENING, BERLIN, "ru").replace("\u00a0", " ") == russian


def test_today_ends_at_midnight_of_the_venue() -> None:
    now = datetime(2026, 11, 21, 22, 50, tzinfo=UTC)
    assert relative_datetime(now + timedelta(minutes=20), now, BERLIN, "en") == "tomorrow, 00:10"
    assert relative_datetime(now + timedelta(minutes=20), now, "UTC", "en") == "today, 23:10"


@pytest.mark.parametrize(
    ("number", "form"),
    [
        (0, "билетов"), (1, "билет"), (2, "билета"), (4, "билета"), (5, "билетов"), (11, "билетов"),
        (12, "билетов"), (14, "билетов"), (20, "билетов"), (21, "билет"), (22, "билета"), (25, "билетов"),
        (101, "билет"), (111, "билетов"), (112, "билетов"), (1001, "билет"), (-1, "билет"), (-3, "билета"),
    ],
)  # fmt: skip
def test_russian_nouns_follow_their_number(number: int, form: str) -> None:
    assert plural(number, "ru", ("билет", "билета", "билетов")) == form


def test_english_nouns_have_two_forms() -> None:
    forms = ("ticket", "tickets")
    assert [plural(number, "en", forms) for number in (0, 1, 2, 11)] == [
        "tickets",
        "ticket",
        "tickets",
        "tickets",
    ]
    assert counted(12345, "en", forms) == "12,345\u00a0tickets"
    assert counted(-5, "ru", ("билет", "билета", "билетов")) == "−5\u00a0билетов"
    assert format_number(1234567, "ru") == "1\u00a0234\u00a0567"


def test_the_wrong_number_of_forms_is_an_error() -> None:
    with pytest.raises(ValueError, match="plural forms"):
        plural(1, "ru", ("ticket", "tickets"))


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"),
        ("ru", "ru"),
        ("ru_RU", "ru"),
        ("ru-RU", "ru"),
        ("RU.UTF-8", "ru"),
        ("rup", "en"),
        ("de", "en"),
    ],
)
def test_any_language_tag_is_one_of_the_two(tag: str, language: str) -> None:
    assert language_of(tag) == language
