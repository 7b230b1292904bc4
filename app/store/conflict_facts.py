"""The facts of one subject, read from the projections and handed to the domain to find conflicts in."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, select

from app.store import project_leases
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
    POSITION,
    PRINT_FACT,
    PRODUCT,
    QUOTA,
    SLOT,
)
from app.store.schema_rights import SLOT_FREED, TICKET_ACT, VALUE_FACT
from domain.admission_facts import Direction
from domain.catalogue import Event, Performance, Product
from domain.catalogue_fields import event_from, performance_from, product_from
from domain.clock import Hlc
from domain.conflict_acts import Patch, Witness, object_conflicts, user_conflicts
from domain.conflict_money import Booked, GivenBack, MoneyCase, money_conflicts, value_conflicts
from domain.conflict_sales import Place, Price, Sold, order_conflicts, pool_conflicts, seat_conflicts
from domain.conflict_tickets import Act, Back, Passage, TicketCase, ticket_conflicts
from domain.conflict_trust import entry_conflicts, station_conflicts
from domain.conflicts import Finding, SubjectKind
from domain.kinds_rights import GIVING_BACK
from domain.states import EventState


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
            return pool_conflicts(int(name), _capacity(connection, int(name)), _places(connection, int(name)))
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
    sold = connection.execute(select(POSITION).where(POSITION.c.serial == serial)).mappings().first()
    facts = (
        connection.execute(
            select(GATE_FACT)
            .where(GATE_FACT.c.serial == serial, GATE_FACT.c.live == 1, is_passage(GATE_FACT.c.kind))
            .order_by(GATE_FACT.c.hlc, GATE_FACT.c.entry_id)
        )
        .mappings()
        .all()
    )
    known = sold or next((fact for fact in facts if fact["product"]), None) or next(iter(facts), None)
    event = int(known["event"]) if known else 0
    events = sorted({event, *(fact["at_event"] for fact in facts)} - {0})
    return TicketCase(
        serial=serial,
        event=event,
        passages=tuple(_passage(fact) for fact in facts),
        sold_ms=sold["sold_ms"] if sold else None,
        admits=sold["admits"] if sold else 1,
        product=_product(connection, known["product"]) if known else None,
        listed_event=_event(connection, event),
        performance=_performance(connection, known["performance"]) if known else None,
        prints=_prints(connection, serial),
        cancellations=_cancellations(connection, events),
        backs=_backs(connection, serial),
    )


def _passage(fact: RowMapping) -> Passage:
    return Passage(
        entry_id=fact["entry_id"],
        hlc=fact["hlc"],
        at_ms=fact["at_ms"],
        gate=fact["gate"],
        direction=Direction.EXIT if fact["kind"] == EXITED else Direction.ENTRY,
        verdict=fact["verdict"],
        print_number=fact["print_number"] or 0,
        people=fact["people"],
        station=fact["station"],
        at_event=fact["at_event"],
    )


def _product(connection: Connection, number: int) -> Product | None:
    row = connection.execute(select(PRODUCT).where(PRODUCT.c.number == number)).first()
    return None if row is None else product_from(row.number, row.event, json.loads(row.fields))


def _event(connection: Connection, number: int) -> Event | None:
    row = connection.execute(select(EVENT).where(EVENT.c.number == number)).first()
    return None if row is None else event_from(row.number, json.loads(row.fields), EventState(row.state))


def _performance(connection: Connection, number: int) -> Performance | None:
    row = connection.execute(select(PERFORMANCE).where(PERFORMANCE.c.number == number)).first()
    return None if row is None else performance_from(row.number, row.event, json.loads(row.fields))


def _prints(connection: Connection, serial: str) -> tuple[Act, ...]:
    rows = connection.execute(
        select(PRINT_FACT.c.entry_id, PRINT_FACT.c.hlc, PRINT_FACT.c.print_number).where(
            PRINT_FACT.c.serial == serial, PRINT_FACT.c.print_number > 1
        )
    )
    return tuple(Act(row.entry_id, row.hlc, number=row.print_number) for row in rows)


def _cancellations(connection: Connection, events: Sequence[int]) -> tuple[Act, ...]:
    rows = connection.execute(
        select(EVENT_FACT.c.entry_id, EVENT_FACT.c.hlc, EVENT_FACT.c.event).where(
            EVENT_FACT.c.event.in_(events), EVENT_FACT.c.kind == "event_cancelled"
        )
    )
    return tuple(Act(row.entry_id, row.hlc, event=row.event) for row in rows)


def _backs(connection: Connection, serial: str) -> tuple[Back, ...]:
    rows = connection.execute(
        select(TICKET_ACT.c.entry_id, TICKET_ACT.c.seen).where(
            TICKET_ACT.c.serial == serial, TICKET_ACT.c.kind.in_(sorted(GIVING_BACK))
        )
    )
    return tuple(Back(row.entry_id, frozenset(json.loads(row.seen))) for row in rows)


def _money(connection: Connection, order: str, event: int) -> MoneyCase:
    """What came in for an order and what went back, entry by entry."""
    due = connection.execute(select(ORDER.c.due_minor).where(ORDER.c.order_id == order)).scalar()
    amounts: dict[str, Booked] = {}
    for row in connection.execute(select(PAYMENT).where(PAYMENT.c.order_id == order)):
        known = amounts.get(row.entry_id)
        sum_minor = row.amount_minor + (known.amount_minor if known else 0)
        amounts[row.entry_id] = Booked(row.entry_id, row.hlc, Hlc.parse(row.hlc).ms, sum_minor)
    releases: dict[str, Booked] = {}
    backs: dict[str, GivenBack] = {}
    acts = select(TICKET_ACT).where(TICKET_ACT.c.order_id == order).order_by(TICKET_ACT.c.serial)
    for row in connection.execute(acts):
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
    positions = _sold(connection, POSITION.c.order_id == order)
    events = sorted({sold.event for sold in positions})
    products = sorted({sold.product for sold in positions})
    return [
        *order_conflicts(order, positions, _cancellations(connection, events), _prices(connection, products)),
        *money_conflicts(_money(connection, order, min(events, default=0))),
    ]


def _prices(connection: Connection, products: Sequence[int]) -> list[Price]:
    rows = connection.execute(
        select(CATALOGUE_PATCH).where(
            CATALOGUE_PATCH.c.object == "product", CATALOGUE_PATCH.c.name.in_([str(n) for n in products])
        )
    )
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


def _places(connection: Connection, pool: int) -> list[Place]:
    rows = connection.execute(
        select(SLOT.c.lease, SLOT.c.slot, POSITION)
        .join(POSITION, POSITION.c.serial == SLOT.c.serial)
        .outerjoin(
            SLOT_FREED,
            and_(*(SLOT_FREED.c[name] == SLOT.c[name] for name in ("pool", "lease", "slot", "serial"))),
        )
        .where(SLOT.c.pool == pool, SLOT_FREED.c.slot.is_(None))
    )
    return [Place(row.lease, row.slot, _sold_from(row)) for row in rows]


def _witnesses(connection: Connection, subject: str) -> list[Witness]:
    rows = connection.execute(select(CONFLICT_WITNESS).where(CONFLICT_WITNESS.c.subject == subject))
    return [Witness(row.entry_id, row.hlc, row.at_ms, row.window) for row in rows]


def _object(connection: Connection, thing: str, name: str) -> list[Finding]:
    rows = connection.execute(
        select(CATALOGUE_PATCH).where(CATALOGUE_PATCH.c.object == thing, CATALOGUE_PATCH.c.name == name)
    ).all()
    patches = [
        Patch(
            row.entry_id, row.hlc, row.at_ms or 0, row.station or "", row.base or "", json.loads(row.fields)
        )
        for row in rows
        if not row.made
    ]  # fmt: skip
    event = max((row.event for row in rows), default=0) or (int(name) if thing == "event" else 0)
    return object_conflicts(thing, name, event, patches)
