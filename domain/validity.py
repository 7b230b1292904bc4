"""When a ticket is valid and how often it may be used: data, not code, so that a month pass for a ferry and
a seat in a theatre go the same way.

Calendar periods begin and end at local midnight of the venue's zone (or at `day_ends_hour`); rolling ones
end at the same local time as they began, so both are right on the days when clocks change.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from domain.clock import from_text, to_text

if TYPE_CHECKING:
    from domain.catalogue import Performance

DAY_MINUTES = 24 * 60
SIGNED_MARGIN = timedelta(hours=6)
"""How far a signed code for a performance reaches beyond its times, for stations that do not know better."""
FIRST_USE_WITHIN_DAYS = 366
"""How long after the sale a pass that starts at its first use is accepted on its signature alone."""

CODE_FROM_AT = datetime(2020, 1, 1, tzinfo=UTC)
CODE_UNTIL_AT = datetime(2051, 1, 1, tzinfo=UTC)
"""The times that fit into a ticket code (24 bits of minutes)."""


class ValidityKind(StrEnum):
    """What is bought."""

    SINGLE = "single"
    ENTRIES = "entries"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    DAYS = "days"
    RANGE = "range"


class ValidityStart(StrEnum):
    """From when the time of a pass counts."""

    PURCHASE = "purchase"
    FIRST_USE = "first_use"
    CALENDAR = "calendar"


class Reentry(StrEnum):
    """Whether coming back is part of the same visit: never, after a scan at the exit, or freely."""

    NEVER = "never"
    AFTER_EXIT = "after_exit"
    FREE = "free"


class FieldError(ValueError):
    """A field holds something that it cannot mean; `field` names it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Validity:
    """The rules of one product.

    `n`: entries (ENTRIES), days (DAYS), weeks (WEEK) or months (MONTH); 1 for the others.
    `range_from_at`, `range_until_at`: UTC, for RANGE, at least one. `uses_*`: limits, None = no limit.
    `min_gap_minutes`: delay between uses. `gates` (codes), `zones` (numbers), `weekdays` (ISO, 1 = Monday):
    empty = all. `hours`: local [from, until) in minutes of the day; from > until runs past midnight.
    `day_is_one_use`: the first scan of a day uses up the day, later ones that day are free.
    Raises FieldError.
    """

    kind: ValidityKind
    n: int = 1
    start: ValidityStart = ValidityStart.PURCHASE
    range_from_at: datetime | None = None
    range_until_at: datetime | None = None
    reentry: Reentry = Reentry.NEVER
    uses_per_day: int | None = None
    uses_per_week: int | None = None
    uses_total: int | None = None
    min_gap_minutes: int = 0
    gates: tuple[str, ...] = ()
    zones: tuple[int, ...] = ()
    hours: tuple[tuple[int, int], ...] = ()
    weekdays: tuple[int, ...] = ()
    day_is_one_use: bool = False

    def __post_init__(self) -> None:
        _check(self)

    @property
    def use_limit(self) -> int | None:
        """How many uses there are in all: 1 for SINGLE, n for ENTRIES, else `uses_total`."""
        if self.kind is ValidityKind.SINGLE:
            return 1
        if self.kind is ValidityKind.ENTRIES:
            return self.n if self.uses_total is None else min(self.n, self.uses_total)
        return self.uses_total

    @property
    def later_scans_free(self) -> bool:
        """Whether a pass may be scanned again on the same day without using anything up."""
        return self.day_is_one_use or self.reentry is Reentry.FREE


Window = tuple[datetime | None, datetime | None]
"""[from, until) in UTC; None = open."""


def local_day(at: datetime, zone: str, day_ends_hour: int = 0) -> date:
    """The local calendar day of an instant; hours before `day_ends_hour` belong to the day before."""
    return (_local(at, zone) - timedelta(hours=day_ends_hour)).date()


def day_bounds(day: date, days: int, zone: str, day_ends_hour: int = 0) -> tuple[datetime, datetime]:
    """[from, until) in UTC of `days` local days beginning with `day`."""
    return _boundary(day, zone, day_ends_hour), _boundary(day + timedelta(days=days), zone, day_ends_hour)


def window(
    validity: Validity,
    sold_at: datetime,
    first_use_at: datetime | None,
    performance: "Performance | None",
    zone: str,
    day_ends_hour: int = 0,
) -> Window:
    """From when until when a ticket is valid, as the catalogue says now.

    SINGLE and ENTRIES have no window of their own: the performance, if any, sets the times. A pass that
    starts at its first use is open-ended until then. A calendar period is the one that holds the
    performance, else the sale. `zone` is the venue's IANA zone. All times UTC.
    """
    kind = validity.kind
    if kind in (ValidityKind.SINGLE, ValidityKind.ENTRIES):
        return None, None
    if kind is ValidityKind.RANGE:
        return validity.range_from_at, validity.range_until_at
    if validity.start is ValidityStart.CALENDAR:
        anchor = performance.starts_at if performance is not None else sold_at
        return _calendar(validity, local_day(anchor, zone, day_ends_hour), zone, day_ends_hour)
    if validity.start is ValidityStart.PURCHASE:
        return sold_at, _after(validity, sold_at, zone)
    if first_use_at is None:
        return sold_at, None
    return first_use_at, _after(validity, first_use_at, zone)


def signed_window(
    validity: Validity,
    sold_at: datetime,
    performance: "Performance | None",
    zone: str,
    day_ends_hour: int = 0,
) -> Window:
    """The times that go into the ticket code, for gates that do not know the ticket.

    Wider than `window` where a gate knows more than the paper: a performance may be early or run late. No
    beginning where validity begins at the sale or the first use (a paper cannot be scanned before it was
    sold, and clocks differ); passes from first use end a year and their own length after the sale. What a
    code cannot carry (before 2020, after 2051) is open.
    """
    from_at, until_at = _signed(validity, sold_at, performance, zone, day_ends_hour)
    return (
        from_at if from_at is not None and from_at > CODE_FROM_AT else None,
        until_at if until_at is not None and until_at < CODE_UNTIL_AT else None,
    )


def _signed(
    validity: Validity,
    sold_at: datetime,
    performance: "Performance | None",
    zone: str,
    day_ends_hour: int,
) -> Window:
    kind = validity.kind
    if kind in (ValidityKind.SINGLE, ValidityKind.ENTRIES):
        if performance is None:
            return None, None
        first = min(performance.doors_at or performance.starts_at, performance.starts_at)
        last = performance.ends_at or performance.starts_at + SIGNED_MARGIN
        return first - SIGNED_MARGIN, last + SIGNED_MARGIN
    if kind is ValidityKind.RANGE or validity.start is ValidityStart.CALENDAR:
        return window(validity, sold_at, None, performance, zone, day_ends_hour)
    if validity.start is ValidityStart.PURCHASE:
        return None, _after(validity, sold_at, zone)
    return None, _after(validity, sold_at + timedelta(days=FIRST_USE_WITHIN_DAYS), zone)


def within_hours(validity: Validity, at: datetime, zone: str) -> bool:
    """Whether the local time and weekday are allowed. Hours past midnight belong to the day they began."""
    if not validity.hours and not validity.weekdays:
        return True
    local = _local(at, zone)
    minute, today = local.hour * 60 + local.minute, local.isoweekday()
    yesterday = (today - 2) % 7 + 1
    return any(
        (_day_allowed(validity, today) and start <= minute < (end if start < end else DAY_MINUTES))
        or (_day_allowed(validity, yesterday) and end < start and minute < end)
        for start, end in validity.hours or ((0, DAY_MINUTES),)
    )


def _day_allowed(validity: Validity, weekday: int) -> bool:
    return not validity.weekdays or weekday in validity.weekdays


def _local(at: datetime, zone: str) -> datetime:
    """Local wall time, naive on purpose: arithmetic on it is arithmetic on the clock on the wall."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _instant(wall: datetime, zone: str, fold: int) -> datetime:
    """The instant of a wall time. Where it comes twice, or is skipped, `fold` 0 and 1 give the two instants
    that PEP 495 names."""
    return wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def _boundary(day: date, zone: str, hour: int) -> datetime:
    return _instant(datetime.combine(day, time(hour)), zone, fold=0)


def _calendar(validity: Validity, day: date, zone: str, day_ends_hour: int) -> Window:
    if validity.kind is ValidityKind.WEEK:
        first = day - timedelta(days=day.weekday())
        return day_bounds(first, 7 * validity.n, zone, day_ends_hour)
    if validity.kind is ValidityKind.MONTH:
        first = day.replace(day=1)
        until = _add_months(first, validity.n)
        return _boundary(first, zone, day_ends_hour), _boundary(until, zone, day_ends_hour)
    return day_bounds(day, validity.n, zone, day_ends_hour)


def _after(validity: Validity, start: datetime, zone: str) -> datetime:
    """The end of a rolling period: the same wall time later, and the later instant where clocks change."""
    wall = _local(start, zone)
    if validity.kind is ValidityKind.MONTH:
        wall = datetime.combine(_add_months(wall.date(), validity.n), wall.time())
    else:
        wall += timedelta(days=validity.n * (7 if validity.kind is ValidityKind.WEEK else 1))
    return max(_instant(wall, zone, fold=0), _instant(wall, zone, fold=1))


def _add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def _check(validity: Validity) -> None:
    counted = (ValidityKind.ENTRIES, ValidityKind.DAYS, ValidityKind.WEEK, ValidityKind.MONTH)
    if validity.n < 1 or (validity.n > 1 and validity.kind not in counted):
        raise FieldError("n", f"{validity.n} for {validity.kind}")
    _check_range(validity)
    for name in ("uses_per_day", "uses_per_week", "uses_total"):
        limit = getattr(validity, name)
        if limit is not None and limit < 1:
            raise FieldError(name, "at least 1")
    if validity.day_is_one_use and validity.kind is ValidityKind.SINGLE:
        raise FieldError("day_is_one_use", "only for a pass")
    if validity.min_gap_minutes < 0:
        raise FieldError("min_gap_minutes", "not below 0")
    if any(not 0 <= zone < 16 for zone in validity.zones):
        raise FieldError("zones", "0 to 15")
    if any(not 1 <= day <= 7 for day in validity.weekdays):
        raise FieldError("weekdays", "1 (Monday) to 7")
    for start, end in validity.hours:
        if not (0 <= start < DAY_MINUTES and 0 <= end <= DAY_MINUTES and start != end):
            raise FieldError("hours", "00:00 to 24:00, not empty")


def _check_range(validity: Validity) -> None:
    first, last = validity.range_from_at, validity.range_until_at
    if validity.kind is not ValidityKind.RANGE:
        if first is not None or last is not None:
            raise FieldError("range_from_at" if first is not None else "range_until_at", "only for a range")
    elif first is None and last is None:
        raise FieldError("range_from_at", "a range needs a beginning or an end")
    elif first is not None and last is not None and first >= last:
        raise FieldError("range_until_at", "must be later than range_from_at")


def to_json(validity: Validity) -> dict[str, object]:
    """Plain data for entries and the catalogue file: `kind`, and every field that is not at its default.

    Times are ISO text in UTC, hours `"09:30-16:00"`.
    """
    plain: dict[str, object] = {"kind": validity.kind.value}
    default = Validity(ValidityKind.SINGLE)
    for name in _READERS:
        value = getattr(validity, name)
        if name != "kind" and value != getattr(default, name):
            plain[name] = _plain(name, value)
    return plain


def _plain(name: str, value: object) -> object:
    if name == "hours" and isinstance(value, tuple):
        return [f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}" for start, end in value]
    if isinstance(value, datetime):
        return to_text(value)
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def from_json(plain: Mapping[str, object]) -> Validity:
    """Inverse of `to_json`. Raises FieldError (a ValueError) naming the field that is unknown or wrong."""
    if "kind" not in plain:
        raise FieldError("kind", "missing")
    fields: dict[str, Any] = {}
    for name, value in plain.items():
        if name not in _READERS:
            raise FieldError(name, "unknown")
        fields[name] = _READERS[name](name, value)
    return Validity(**fields)


def _number(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise FieldError(name, f"a whole number, not {value!r}")
    return value


def _limit(name: str, value: object) -> int | None:
    return None if value is None else _number(name, value)


def _yes_no(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise FieldError(name, f"true or false, not {value!r}")
    return value


def _time(name: str, value: object) -> datetime | None:
    if value is None:
        return None
    try:
        if isinstance(value, str):
            return from_text(value)
    except ValueError:
        pass
    raise FieldError(name, f"a time with a zone, not {value!r}")


def _list(name: str, value: object) -> Sequence[object]:
    if not isinstance(value, (list, tuple)):
        raise FieldError(name, f"a list, not {value!r}")
    return value


def _numbers(name: str, value: object) -> tuple[int, ...]:
    return tuple(_number(name, item) for item in _list(name, value))


def _texts(name: str, value: object) -> tuple[str, ...]:
    items = _list(name, value)
    for item in items:
        if not isinstance(item, str) or not item:
            raise FieldError(name, f"a text, not {item!r}")
    return tuple(str(item) for item in items)


def _spans(name: str, value: object) -> tuple[tuple[int, int], ...]:
    spans = []
    for text in _texts(name, value):
        match = _SPAN.fullmatch(text)
        if match is None:
            raise FieldError(name, f"like 09:30-16:00, not {text!r}")
        start_hour, start_minute, end_hour, end_minute = map(int, match.groups())
        spans.append((start_hour * 60 + start_minute, end_hour * 60 + end_minute))
    return tuple(spans)


def _choice(choices: type[StrEnum]) -> Callable[[str, object], StrEnum]:
    def read(name: str, value: object) -> StrEnum:
        for choice in choices:
            if choice.value == value:
                return choice
        raise FieldError(name, f"one of {', '.join(choices)}, not {value!r}")

    return read


_SPAN = re.compile(r"([0-9]{2}):([0-5][0-9])-([0-9]{2}):([0-5][0-9])")

_READERS: Mapping[str, Callable[[str, object], object]] = {
    "kind": _choice(ValidityKind),
    "n": _number,
    "start": _choice(ValidityStart),
    "range_from_at": _time,
    "range_until_at": _time,
    "reentry": _choice(Reentry),
    "uses_per_day": _limit,
    "uses_per_week": _limit,
    "uses_total": _limit,
    "min_gap_minutes": _number,
    "gates": _texts,
    "zones": _numbers,
    "hours": _spans,
    "weekdays": _numbers,
    "day_is_one_use": _yes_no,
}
