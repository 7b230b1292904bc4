"""The facts of one subject, read from the projections and handed to the domain to find conflicts in."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select

from app.store import pool_places, project_leases
from app.store.prepared import Prepared
from app.store.project_roles import timeline_of
from app.store.project_tickets import EXITED, is_passage
from app.store.schema import (
    CATALOGUE_PATCH,
    CONFLICT_WITNESS,
    EVENT,
    EVENT_FACT,
    GATE_FACT,
    ORDER,
    PAYMENT,
    PERFORMANCE,
    POOL_TALLY,
    POSITION,
    PRINT_FACT,
    PRODUCT,
    QUOTA,
)
from app.store.schema_rights import TICKET_ACT, VALUE_FACT
from domain.admission_facts import Direction
from domain.catalogue import Event, Performance, Product
from domain.catalogue_fields import event_from, performance_from, product_from
from domain.clock import Hlc
from domain.conflict_acts import Patch, Witness, object_conflicts, user_conflicts
from domain.conflict_money import Booked, GivenBack, MoneyCase, money_conflicts, value_conflicts
from domain.conflict_sales import (
    Place,
    Price,
    Sold,
    excess_of,
    order_conflicts,
    pool_conflicts,
    seat_conflicts,
)
from domain.conflict_tickets import Act, Back, Passage, TicketCase, ticket_conflicts
from domain.conflict_trust import entry_conflicts, station_conflicts
from domain.conflicts import Finding, SubjectKind
from domain.kinds_rights import GIVING_BACK
from domain.states import EventState


def _by(table: Table, column: str) -> Prepared:
    return Prepared(select(table).where(table.c[column] == bindparam("wanted")))


_POSITION = _by(POSITION, "serial")
_POSITIONS_OF = Prepared(
    select(POSITION)
    .where(POSITION.c.order_id == bindparam("wanted"))
    .order_by(POSITION.c.hlc, POSITION.c.entry_id)
)
_PASSAGES = Prepared(
    select(GATE_FACT)
    .where(GATE_FACT.c.serial == bindparam("wanted"), GATE_FACT.c.live == 1, is_passage(GATE_FACT.c.kind))
    .order_by(GATE_FACT.c.hlc, GATE_FACT.c.entry_id)
)
_OF_PRODUCT, _OF_EVENT, _OF_PERFORMANCE = (
    _by(PRODUCT, "number"), _by(EVENT, "number"), _by(PERFORMANCE, "number")
)  # fmt: skip
_PRINTS = Prepared(
    select(PRINT_FACT.c.entry_id, PRINT_FACT.c.hlc, PRINT_FACT.c.print_number).where(
        PRINT_FACT.c.serial == bindparam("wanted"), PRINT_FACT.c.print_number > 1
    )
)
_CANCELLED = Prepared(
    select(EVENT_FACT.c.entry_id, EVENT_FACT.c.hlc, EVENT_FACT.c.event).where(
        EVENT_FACT.c.event == bindparam("wanted"), EVENT_FACT.c.kind == "event_cancelled"
    )
)
_ACTS = Prepared(
    select(TICKET_ACT.c.entry_id, TICKET_ACT.c.seen, TICKET_ACT.c.kind).where(
        TICKET_ACT.c.serial == bindparam("wanted")
    )
)
_DUE = Prepared(select(ORDER.c.due_minor).where(ORDER.c.order_id == bindparam("wanted")))
_PAYMENTS = _by(PAYMENT, "order_id")
_ACTS_OF_ORDER = Prepared(
    select(TICKET_ACT).where(TICKET_ACT.c.order_id == bindparam("wanted")).order_by(TICKET_ACT.c.serial)
)
_PATCHES = Prepared(
    select(CATALOGUE_PATCH).where(
        CATALOGUE_PATCH.c.object == bindparam("thing"), CATALOGUE_PATCH.c.name == bindparam("wanted")
    )
)
_USED = Prepared(select(POOL_TALLY.c.used).where(POOL_TALLY.c.pool == bindparam("wanted")))
_WITNESSES = _by(CONFLICT_WITNESS, "subject")


def derive(connection: Connection, subject: str) -> list[Finding]:  # noqa: PLR0911  one for each kind of subject
    """All conflicts of a subject, from the facts that are in the tables now."""
    kind, _, name = subject.partition(":")
    match SubjectKind(kind):
        case SubjectKind.TICKET:
            return ticket_conflicts(ticket_case(connection, name))
        case SubjectKind.ORDER:
            return _order(connection, name)
        case SubjectKind.SEAT:
            performance, _, seat = name.partition(":")
            return seat_conflicts(
                int(performance),
                seat,
                _sold(connection, POSITION.c.performance == int(performance), POSITION.c.seat == seat),
            )
        case SubjectKind.POOL:
            return _pool(connection, int(name))
        case SubjectKind.USER:
            return user_conflicts(name, timeline_of(connection, name), _witnesses(connection, subject))
        case SubjectKind.STATION:
            return station_conflicts(name, _witnesses(connection, subject))
        case SubjectKind.ENTRY:
            return entry_conflicts(name, _witnesses(connection, subject))
        case SubjectKind.LEASE:
            pool, _, lease = name.partition(":")
            return project_leases.derive(connection, int(pool), lease)
        case SubjectKind.OBJECT:
            thing, _, number = name.partition(":")
            return _object(connection, thing, number)
        case SubjectKind.VALUE:
            return value_conflicts(
                name,
                _booked(connection, name, "value_issued", "value_returned"),
                _booked(connection, name, "value_spent"),
            )


def ticket_case(connection: Connection, serial: str) -> TicketCase:
    """Everything about one ticket that can be part of a conflict."""
    sold = next(iter(_POSITION.rows(connection, {"wanted": serial})), None)
    facts = _PASSAGES.rows(connection, {"wanted": serial})
    known = sold or next((fact for fact in facts if fact.product), None) or next(iter(facts), None)
    event = int(known.event) if known else 0
    events = sorted({event, *(fact.at_event for fact in facts)} - {0})
    return TicketCase(
        serial=serial,
        event=event,
        passages=tuple(_passage(fact) for fact in facts),
        sold_ms=sold.sold_ms if sold else None,
        admits=sold.admits if sold else 1,
        product=_product(connection, known.product) if known else None,
        listed_event=_event(connection, event),
        performance=_performance(connection, known.performance) if known else None,
        prints=_prints(connection, serial),
        cancellations=_cancellations(connection, events),
        backs=_backs(connection, serial),
    )


def _passage(fact: Any) -> Passage:
    return Passage(
        entry_id=fact.entry_id,
        hlc=fact.hlc,
        at_ms=fact.at_ms,
        gate=fact.gate,
        direction=Direction.EXIT if fact.kind == EXITED else Direction.ENTRY,
        verdict=fact.verdict,
        print_number=fact.print_number or 0,
        people=fact.people,
        station=fact.station,
        at_event=fact.at_event,
    )


def _product(connection: Connection, number: int) -> Product | None:
    row = next(iter(_OF_PRODUCT.rows(connection, {"wanted": number})), None)
    return None if row is None else product_from(row.number, row.event, json.loads(row.fields))


def _event(connection: Connection, number: int) -> Event | None:
    row = next(iter(_OF_EVENT.rows(connection, {"wanted": number})), None)
    return None if row is None else event_from(row.number, json.loads(row.fields), EventState(row.state))


def _performance(connection: Connection, number: int) -> Performance | None:
    row = next(iter(_OF_PERFORMANCE.rows(connection, {"wanted": number})), None)
    return None if row is None else performance_from(row.number, row.event, json.loads(row.fields))


def _prints(connection: Connection, serial: str) -> tuple[Act, ...]:
    rows = _PRINTS.rows(connection, {"wanted": serial})
    return tuple(Act(row.entry_id, row.hlc, number=row.print_number) for row in rows)


def _cancellations(connection: Connection, events: Sequence[int]) -> tuple[Act, ...]:
    rows = [row for event in events for row in _CANCELLED.rows(connection, {"wanted": event})]
    return tuple(Act(row.entry_id, row.hlc, event=row.event) for row in rows)


def _backs(connection: Connection, serial: str) -> tuple[Back, ...]:
    rows = [row for row in _ACTS.rows(connection, {"wanted": serial}) if row.kind in GIVING_BACK]
    return tuple(Back(row.entry_id, frozenset(json.loads(row.seen))) for row in rows)


def _money(connection: Connection, order: str, event: int) -> MoneyCase:
    """What came in for an order and what went back, entry by entry."""
    due = _DUE.scalar(connection, {"wanted": order})
    amounts: dict[str, Booked] = {}
    for row in _PAYMENTS.rows(connection, {"wanted": order}):
        known = amounts.get(row.entry_id)
        sum_minor = row.amount_minor + (known.amount_minor if known else 0)
        amounts[row.entry_id] = Booked(row.entry_id, row.hlc, Hlc.parse(row.hlc).ms, sum_minor)
    releases: dict[str, Booked] = {}
    backs: dict[str, GivenBack] = {}
    for row in _ACTS_OF_ORDER.rows(connection, {"wanted": order}):
        if row.kind in GIVING_BACK:
            before = backs[row.entry_id].serials if row.entry_id in backs else ()
            backs[row.entry_id] = GivenBack(row.entry_id, row.hlc, row.at_ms, (*before, row.serial))
        else:
            releases[row.entry_id] = Booked(row.entry_id, row.hlc, row.at_ms, 0)
    return MoneyCase(
        order, event, due, tuple(amounts.values()), tuple(releases.values()), tuple(backs.values())
    )


def _booked(connection: Connection, value: str, *kinds: str) -> list[Booked]:
    rows = connection.execute(
        select(VALUE_FACT).where(VALUE_FACT.c.value == value, VALUE_FACT.c.kind.in_(kinds))
    )
    return [Booked(row.entry_id, row.hlc, row.at_ms, row.amount_minor) for row in rows]


def _sold(connection: Connection, *where: Any) -> list[Sold]:
    rows = connection.execute(select(POSITION).where(*where).order_by(POSITION.c.hlc, POSITION.c.entry_id))
    return [_sold_from(row) for row in rows]


def _sold_from(row: Any) -> Sold:
    return Sold(
        entry_id=row.entry_id,
        hlc=row.hlc,
        order=row.order_id,
        serial=row.serial,
        at_ms=row.sold_ms,
        event=row.event,
        product=row.product,
        price_version=row.price_version,
    )


def _order(connection: Connection, order: str) -> list[Finding]:
    positions = [_sold_from(row) for row in _POSITIONS_OF.rows(connection, {"wanted": order})]
    events = sorted({sold.event for sold in positions})
    products = sorted({sold.product for sold in positions})
    return [
        *order_conflicts(order, positions, _cancellations(connection, events), _prices(connection, products)),
        *money_conflicts(_money(connection, order, min(events, default=0))),
    ]


def _prices(connection: Connection, products: Sequence[int]) -> list[Price]:
    rows = [
        row
        for number in products
        for row in _PATCHES.rows(connection, {"thing": "product", "wanted": str(number)})
    ]
    prices = []
    for row in rows:
        version = json.loads(row.fields).get("price_version")
        if isinstance(version, int):
            prices.append(Price(row.entry_id, row.hlc, int(row.name), version))
    return prices


def _capacity(connection: Connection, pool: int) -> int | None:
    """What a performance or quota holds in people; None = no limit, or not known here yet."""
    for table in (PERFORMANCE, QUOTA):
        fields = connection.execute(select(table.c.fields).where(table.c.number == pool)).scalar()
        if fields is not None:
            capacity = json.loads(fields).get("capacity")
            return capacity if isinstance(capacity, int) else None
    return None


def _pool(connection: Connection, pool: int) -> list[Finding]:
    """Only the places that the rule looks at are read: a large pool has few of them."""
    excess = excess_of(_capacity(connection, pool), _USED.scalar(connection, {"wanted": pool}) or 0)
    pool_places.settle(connection, pool, oversold=excess > 0)
    rows = pool_places.shared(connection, pool)
    if excess:
        rows += pool_places.last(connection, pool, excess)
    places = {(row.lease, row.slot, row.serial): Place(row.lease, row.slot, _sold_from(row)) for row in rows}
    return pool_conflicts(pool, excess, list(places.values()))


def _witnesses(connection: Connection, subject: str) -> list[Witness]:
    rows = _WITNESSES.rows(connection, {"wanted": subject})
    return [Witness(row.entry_id, row.hlc, row.at_ms, row.window) for row in rows]


def _object(connection: Connection, thing: str, name: str) -> list[Finding]:
    rows = _PATCHES.rows(connection, {"thing": thing, "wanted": name})
    patches = [
        Patch(
            row.entry_id, row.hlc, row.at_ms or 0, row.station or "", row.base or "", json.loads(row.fields)
        )
        for row in rows
        if not row.made
    ]  # fmt: skip
    event = max((row.event for row in rows), default=0) or (int(name) if thing == "event" else 0)
    return object_conflicts(thing, name, event, patches)
