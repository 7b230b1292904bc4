"""Short texts of the sell screen: places left, why a tile cannot be sold, when a performance is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QObject

from app.formats import (
    DateStyle,
    format_date,
    format_money,
    format_time,
    format_weekday,
    local,
    relative_day,
)
from app.services.views import Offer, PerformanceRow
from domain.catalogue import Event, Performance, localized
from domain.clock import from_text
from domain.money import Money
from ui.messages import Message, sentence
from ui.sell.facts import Trouble


class SellCounts(QObject):
    """Counted nouns: the tool that collects strings knows plurals by `self.tr` only."""

    def left(self, places: int) -> str:
        """`12 left`."""
        return self.tr("%n left", "", places)

    def tickets(self, count: int) -> str:
        """`1 ticket`, `3 tickets`."""
        return self.tr("1 ticket") if count == 1 else self.tr("%n tickets", "", count)


@dataclass(frozen=True, slots=True)
class Manner:
    """How things are written here: the language of the window, and the present time for "today"."""

    lang: str
    now: Callable[[], datetime]
    zone: Callable[[], str]

    def say(self, trouble: Trouble) -> Message:
        """Title, reason and advice of something that went wrong."""
        return sentence(trouble.code, trouble.params, self.lang, zone=self.zone(), now=self.now())

    def money(self, money: Money) -> str:
        """An amount with its currency."""
        return format_money(money, self.lang)


def left_text(offer: Offer, zone: str, lang: str) -> str:
    """What stands at the foot of a tile: places left, or why it cannot be sold."""
    if offer.refusal is not None:
        return refusal_text(offer, zone, lang)
    here, in_all = offer.places.here, offer.places.in_all
    if here is None:
        return ""
    if in_all is not None and in_all > here:
        return QCoreApplication.translate("SellWords", "{here} left here, {all} in all").format(
            here=here, all=in_all
        )
    return SellCounts().left(here)


def refusal_text(offer: Offer, zone: str, lang: str) -> str:
    """Why an offer cannot be sold, as short as a tile needs it."""
    at = offer.refusal_params.get("at")
    when = _moment(from_text(at), zone, lang) if isinstance(at, str) else ""
    translate = QCoreApplication.translate
    match offer.refusal:
        case "SOLD_OUT":
            return translate("SellWords", "Sold out")
        case "SALES_NOT_BEGUN":
            return translate("SellWords", "On sale from {when}").format(when=when)
        case "SALES_OVER":
            return translate("SellWords", "Sales ended {when}").format(when=when)
        case "EVENT_DRAFT":
            return translate("SellWords", "Not published yet")
        case "EVENT_CANCELLED":
            return translate("SellWords", "Event cancelled")
        case "EVENT_FINISHED":
            return translate("SellWords", "Event over")
        case "NOT_SOLD_HERE":
            return translate("SellWords", "Not sold at the counter")
    return sentence(offer.refusal or "", offer.refusal_params, lang, zone=zone).title


def _moment(at: datetime, zone: str, lang: str) -> str:
    return f"{format_date(at, zone, lang, DateStyle.SHORT)}, {format_time(at, zone, lang)}"


def event_name(event: Event, lang: str) -> str:
    """The event in the language of the window."""
    return localized(event.name, event.name_ru, lang)


def performance_text(event: Event, performance: Performance | None, now: datetime, lang: str) -> str:
    """`The Seagull · today 19:30`; a pass has its event only."""
    name = event_name(event, lang)
    if performance is None:
        return name
    return f"{name} · {when_text(event, performance, now, lang)}"


def when_text(event: Event, performance: Performance, now: datetime, lang: str) -> str:
    """`today 19:30`, `Sat 28 Nov 19:30` in the zone of the event."""
    day = relative_day(performance.starts_at, now, event.zone, lang)
    return f"{day}{chr(0xA0)}{format_time(performance.starts_at, event.zone, lang)}"


def day_title(row: PerformanceRow, now: datetime, lang: str) -> str:
    """The heading over the performances of a day: `Today · 21 Nov`."""
    if row.performance is None:
        return ""
    at, zone = row.performance.starts_at, row.event.zone
    if local(at, zone).year != local(now, zone).year:
        return format_date(at, zone, lang)
    near = is_near(at, now, zone)
    title = relative_day(at, now, zone, lang) if near else format_weekday(at, zone, lang)
    return f"{title[:1].upper()}{title[1:]} · {format_date(at, zone, lang, DateStyle.SHORT)}"


def is_near(at: datetime, now: datetime, zone: str) -> bool:
    """Whether the day has a name of its own: yesterday to the coming six days."""
    return -1 <= (local(at, zone).date() - local(now, zone).date()).days < 7


def day_short(row: PerformanceRow, now: datetime, lang: str) -> str:
    """The day as a card has room for it: `Tomorrow`, `29 Nov`."""
    if row.performance is None:
        return ""
    at, zone = row.performance.starts_at, row.event.zone
    if not is_near(at, now, zone):
        return format_date(at, zone, lang, DateStyle.SHORT)
    near = relative_day(at, now, zone, lang)
    return near[:1].upper() + near[1:]


def board_left_text(row: PerformanceRow) -> str:
    """Places left of a performance, in words."""
    if row.capacity is None:
        return ""
    left = max(0, row.capacity - row.sold)
    if left == 0:
        return QCoreApplication.translate("SellWords", "Sold out")
    return SellCounts().left(left)


def tickets_text(count: int) -> str:
    """`3 tickets`."""
    return SellCounts().tickets(count)
