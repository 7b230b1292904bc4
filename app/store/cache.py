"""What changes rarely and is asked for all the time: catalogue, people, settings, names of stations.

It is kept in memory under the version number that the file carries for it. A reader looks at the number
inside its own snapshot, so a change by another process is seen with the next question.
"""

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, bindparam, func, select

from app.services.views import Organization, Person, StationInfo
from app.store.prepared import Prepared, driver
from app.store.project_roles import role_from
from app.store.schema import (
    CERTIFICATE,
    DOCUMENT,
    EVENT,
    GATE,
    META,
    PERFORMANCE,
    PERSON,
    PIN,
    PRODUCT,
    PROMO,
    QUOTA,
    SETTING,
)
from app.store.schema_people import PERSON_STATE, ROLE_NOW
from domain.catalogue import Event, Gate, Performance, Product, Quota
from domain.catalogue_fields import (
    event_from,
    gate_from,
    performance_from,
    product_from,
    promo_from,
    quota_from,
)
from domain.permissions import RoleSet, default_roles, known_permissions
from domain.promo import Promo
from domain.states import EventState

T = TypeVar("T")
K = TypeVar("K", int, str)

_GATES = select(GATE).order_by(GATE.c.made, GATE.c.code)
NO_ORGANIZATION = Organization(name="", zone="UTC", currency="EUR")
"""Before the first settings are made."""


class SlowData:
    """One version of the rarely changing tables, loaded piece by piece on the connection at hand."""

    def __init__(self, version: int) -> None:
        self.version = version
        self._one: dict[tuple[str, int | str], Any] = {}
        self._all: dict[str, Any] = {}

    def event(self, connection: Connection, number: int) -> Event | None:
        """An event by its number."""
        return self._single(connection, EVENT, number, _event)

    def performance(self, connection: Connection, number: int) -> Performance | None:
        """A performance by its number."""
        return self._single(connection, PERFORMANCE, number, _performance)

    def product(self, connection: Connection, number: int) -> Product | None:
        """A product by its number."""
        return self._single(connection, PRODUCT, number, _product)

    def quota(self, connection: Connection, number: int) -> Quota | None:
        """A quota by its number."""
        return self._single(connection, QUOTA, number, _quota)

    def gates(self, connection: Connection) -> tuple[Gate, ...]:
        """All gates, in the order in which they were made."""
        return self._kept(
            "gates",
            lambda: tuple(gate_from(row.code, json.loads(row.fields)) for row in connection.execute(_GATES)),
        )

    def promos(self, connection: Connection) -> tuple[Promo, ...]:
        """All promo codes, by name."""
        return self._kept("promos", lambda: _promos(connection))

    def people(self, connection: Connection) -> Mapping[str, Person]:
        """Everybody by user id, in the order of names."""
        return self._kept("people", lambda: _people(connection))

    def logins(self, connection: Connection) -> Mapping[str, Person]:
        """Everybody by login; of two people with one login the earlier has it."""
        return self._kept(
            "logins", lambda: {person.login: person for person in reversed(_by_age(connection, self))}
        )

    def roles(self, connection: Connection) -> Mapping[str, RoleSet]:
        """All roles as they are defined now."""
        return self._kept("roles", lambda: _roles(connection))

    def passwords(self, connection: Connection) -> Mapping[str, str]:
        """Verifiers of passwords by user id, of those that are here."""
        return self._kept("passwords", lambda: _passwords(connection))

    def organization(self, connection: Connection) -> Organization:
        """The settings that hold for every station."""
        return self._kept("organization", lambda: _organization(connection))

    def station(self, connection: Connection) -> StationInfo:
        """This installation."""
        return self._kept("station", lambda: _station(connection))

    def station_names(self, connection: Connection) -> Mapping[str, str]:
        """Names of all stations known here, this one included."""
        return self._kept("stations", lambda: _station_names(connection, self))

    def _kept(self, name: str, load: Callable[[], T]) -> T:
        if name not in self._all:
            self._all[name] = load()
        found: T = self._all[name]
        return found

    def _single(
        self, connection: Connection, table: Table, number: int, build: Callable[[Any], T]
    ) -> T | None:
        key = (table.name, number)
        if key not in self._one:
            row = next(iter(_by_number(table).rows(connection, {"wanted": number})), None)
            self._one[key] = build(row) if row is not None else None
        found: T | None = self._one[key]
        return found


class SlowCache:
    """The latest version that a reader has loaded; shared by all readers of a store.

    Two threads may load the same thing twice; both find the same, so no lock is needed.
    """

    def __init__(self) -> None:
        self._current = SlowData(-1)

    @property
    def version(self) -> int:
        """The version that was last asked for; −1 before the first question."""
        return self._current.version

    def at(self, version: int) -> SlowData:
        """The data of this version, empty at first."""
        current = self._current
        if current.version != version:
            current = SlowData(version)
            self._current = current
        return current


@functools.cache
def _by_number(table: Table) -> Prepared:
    return Prepared(select(table).where(table.c.number == bindparam("wanted")))


def version_of(connection: Connection) -> int:
    """The version number in the file, as of the connection's snapshot."""
    return int(driver(connection).execute("SELECT value FROM meta WHERE name = 'version'").fetchone()[0])


def _event(row: Any) -> Event:
    return event_from(row.number, json.loads(row.fields), EventState(row.state))


def _performance(row: Any) -> Performance:
    return performance_from(row.number, row.event, json.loads(row.fields))


def _product(row: Any) -> Product:
    return product_from(row.number, row.event, json.loads(row.fields))


def _quota(row: Any) -> Quota:
    return quota_from(row.number, row.event, json.loads(row.fields))


def _promos(connection: Connection) -> tuple[Promo, ...]:
    rows = connection.execute(select(PROMO))
    found = [promo_from(row.number, row.event, json.loads(row.fields)) for row in rows]
    return tuple(sorted(found, key=lambda promo: (promo.name, promo.number)))


def _people(connection: Connection) -> dict[str, Person]:
    statement = (
        select(
            PERSON,
            DOCUMENT.c.content,
            PIN.c.verifier,
            PERSON_STATE.c.roles.label("roles_now"),
            PERSON_STATE.c.enabled,
            PERSON_STATE.c.permissions,
        )
        .outerjoin(DOCUMENT, (DOCUMENT.c.document == PERSON.c.document) & (DOCUMENT.c.tombstone == 0))
        .outerjoin(PIN, PIN.c.user == PERSON.c.user)
        .outerjoin(PERSON_STATE, PERSON_STATE.c.user == PERSON.c.user)
    )
    passwords = _passwords(connection)
    people = [
        Person(
            user=row.user,
            login=row.login,
            name=json.loads(row.content).get("name", row.login) if row.content else row.login,
            roles=tuple(json.loads(row.roles_now or row.roles)),
            has_pin=row.verifier is not None,
            enabled=row.enabled != 0,
            has_password=row.user in passwords,
            permissions=known_permissions(json.loads(row.permissions or "[]")),
        )
        for row in connection.execute(statement)
    ]
    return {person.user: person for person in sorted(people, key=lambda each: (each.name, each.user))}


def _roles(connection: Connection) -> dict[str, RoleSet]:
    edited = {row.role: role_from(row) for row in connection.execute(select(ROLE_NOW))}
    return default_roles() | edited


def _passwords(connection: Connection) -> dict[str, str]:
    contents = connection.execute(
        select(DOCUMENT.c.content).where(DOCUMENT.c.kind == "password_verifier", DOCUMENT.c.tombstone == 0)
    ).scalars()
    read = [json.loads(content) for content in contents if content]
    whole = [one for one in read if isinstance(one.get("user"), str) and isinstance(one.get("verifier"), str)]
    whole.sort(key=lambda one: str(one.get("set_at")))  # of two documents of one person the later counts
    return {one["user"]: one["verifier"] for one in whole}


def _by_age(connection: Connection, slow: SlowData) -> list[Person]:
    order = select(PERSON.c.user).order_by(PERSON.c.hlc, PERSON.c.entry_id)
    people = slow.people(connection)
    return [people[user] for user in connection.execute(order).scalars()]


def _organization(connection: Connection) -> Organization:
    known = set(Organization.__dataclass_fields__)
    values = {
        row.name: json.loads(row.value)
        for row in connection.execute(select(SETTING.c.name, SETTING.c.value))
        if row.name in known
    }
    plain = {name: getattr(NO_ORGANIZATION, name) for name in known}
    return Organization(**plain | values)


def _station(connection: Connection) -> StationInfo:
    meta = {row.name: row.value for row in connection.execute(select(META))}
    return StationInfo(
        station=meta["station"],
        name=meta["name"],
        prefix=meta["prefix"],
        epoch=int(meta["epoch"]),
        has_hub=meta["has_hub"] == "1",
        practice=meta["practice"] == "1",
    )


def _station_names(connection: Connection, slow: SlowData) -> dict[str, str]:
    newest = select(CERTIFICATE.c.station, CERTIFICATE.c.name, func.max(CERTIFICATE.c.hlc)).group_by(
        CERTIFICATE.c.station
    )
    names = {row.station: row.name for row in connection.execute(newest)}
    own = slow.station(connection)
    return names | {own.station: own.name}
