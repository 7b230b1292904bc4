"""The words of a ticket: its date or validity, its fields and its notes, in the ticket's language."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.formats import (
    DateStyle,
    format_date,
    format_datetime,
    format_money,
    format_rate,
    format_time,
    local,
)
from app.printing.labels import Labels
from app.printing.model import TicketPrint

_A_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class When:
    """The date block: a large `headline`, an even larger `clock` beside it, and a `note`; each may be empty.

    `eyebrow` is the small word above it.
    """

    headline: str
    clock: str = ""
    note: str = ""
    eyebrow: str = ""


@dataclass(frozen=True, slots=True)
class TicketField:
    """A named value on the ticket, with a smaller line below it."""

    name: str
    value: str
    below: str = ""


def when_of(ticket: TicketPrint, style: DateStyle = DateStyle.FULL) -> When:
    """Date and time of a performance, else the validity of a pass."""
    labels, zone, language = Labels(ticket.language), ticket.venue.time_zone, ticket.language
    if ticket.starts_at is not None:
        doors = ""
        if ticket.doors_at is not None:
            doors = labels("doors", time=format_time(ticket.doors_at, zone, language))
        date = capital(format_date(ticket.starts_at, zone, language, style))
        return When(date, format_time(ticket.starts_at, zone, language), doors)
    return _validity(ticket, labels)


def _validity(ticket: TicketPrint, labels: Labels) -> When:
    begin, end = ticket.valid_from_at, ticket.valid_until_at
    eyebrow = labels("valid")
    last = _last_day(ticket, end) if end else None
    if ticket.from_first_use:
        note = labels("valid_first_use_day", end=last or _moment(ticket, end)) if end else ""
        return When(labels("valid_first_use"), note=note, eyebrow=eyebrow)
    if begin and end:
        first = _first_day(ticket, begin)
        if first and first == last:
            return When(capital(_day(ticket, begin, DateStyle.FULL)), eyebrow=eyebrow)
        text = labels("valid_range", begin=first or _moment(ticket, begin), end=last or _moment(ticket, end))
        return When(text, eyebrow=eyebrow)
    if begin:
        text = labels("valid_from", begin=_first_day(ticket, begin) or _moment(ticket, begin))
        return When(text, eyebrow=eyebrow)
    if end:
        text = labels("valid_until_day", end=last) if last else ""
        return When(text or labels("valid_until_time", end=_moment(ticket, end)), eyebrow=eyebrow)
    return When(labels("valid_open"), eyebrow=eyebrow)


def _moment(ticket: TicketPrint, at: datetime | None) -> str:
    if at is None:
        return ""
    return format_datetime(at, ticket.venue.time_zone, ticket.language, DateStyle.LONG)


def _day(ticket: TicketPrint, at: datetime, style: DateStyle = DateStyle.LONG) -> str:
    return format_date(at, ticket.venue.time_zone, ticket.language, style)


def _first_day(ticket: TicketPrint, begin: datetime) -> str:
    """The day, when the validity begins with it; else empty."""
    at = local(begin, ticket.venue.time_zone)
    return _day(ticket, begin) if (at.hour, at.minute) == (0, 0) else ""


def _last_day(ticket: TicketPrint, end: datetime) -> str:
    """The last day, when the validity ends with it: people read "until 20 May" as with the 20th; else
    empty.
    """
    at = local(end, ticket.venue.time_zone)
    if (at.hour, at.minute) == (0, 0):
        return _day(ticket, end - _A_MOMENT)
    return _day(ticket, end) if (at.hour, at.minute) == (23, 59) else ""


def fields_of(ticket: TicketPrint) -> list[TicketField]:
    """What is said about the ticket, most important first; empty values are left out."""
    labels = Labels(ticket.language)
    found = [
        TicketField(labels("seat"), ticket.seat),
        TicketField(labels("zone"), ticket.zone),
        TicketField(labels("product"), ticket.product),
        TicketField(labels("admits"), str(ticket.admits) if ticket.admits > 1 else ""),
        TicketField(labels("price"), format_money(ticket.price, ticket.language), tax_words(ticket)),
        TicketField(labels("holder"), ticket.holder),
    ]
    return [field for field in found if field.value]


def tax_words(ticket: TicketPrint) -> str:
    """`incl. 20% tax €4.00`, empty where the tax is not known or nothing."""
    if ticket.tax is None or not ticket.tax.minor:
        return ""
    rate = format_rate(ticket.tax_rate, ticket.language) if ticket.tax_rate else ""
    tax = format_money(ticket.tax, ticket.language)
    return Labels(ticket.language)("tax_included", rate=rate, tax=tax).replace("  ", " ")


def notes_of(ticket: TicketPrint) -> list[str]:
    """The sentences below the ticket: how to use it, and what to do when it is lost."""
    labels = Labels(ticket.language)
    use = "note_pass" if ticket.is_pass else "note_ticket"
    return [labels(use), labels("note_lost")]


def place_words(ticket: TicketPrint) -> str:
    """`Ticket 2 of 4`, empty for the only one."""
    if ticket.of < 2:
        return ""
    return Labels(ticket.language)("ticket_n_of_m", place=ticket.place, of=ticket.of)


def print_words(ticket: TicketPrint) -> str:
    """That this is a later print and voids the others; empty on the first."""
    if ticket.print_number < 2:
        return ""
    return Labels(ticket.language)("print_n", number=ticket.print_number)


def capital(text: str) -> str:
    """The text with its first letter in upper case, the rest as it is."""
    return text[:1].upper() + text[1:]
