"""Importing a catalogue: everything is checked first, then everything is recorded in one transaction.

What has the code of something that exists already is changed, field by field; the rest is made anew. A file
with one wrong row changes nothing, and the refusal names file, row and field.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from app.services import catalogue_cells as cells
from app.services import promo_rows
from app.services.access import require
from app.services.catalogue_rows import CatalogueFile, Row
from app.services.ports import Nudge, Reads, Store, Work
from app.services.views import Organization
from domain import catalogue_fields as fields_of
from domain.actor import Actor, Permission
from domain.catalogue import Event, Performance, Product, Quota
from domain.catalogue_fields import FieldError
from domain.clock import Clock, to_text
from domain.entry import DESK, ORG, Draft
from domain.errors import Refusal
from domain.ids import RandomBytes, number32, uuid4
from domain.money import parse_amount
from domain.promo import Promo
from domain.retention import MOST_DAYS
from domain.states import EventState

T = TypeVar("T")

_FROM_NOW = re.compile(r"now([+-][0-9]{1,5})m")
_RELATIVE = re.compile(r"([+-][0-9]{1,4})d\s+([0-9]{1,2}):([0-9]{2})")
_ABSOLUTE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[ T]([0-9]{1,2}):([0-9]{2})")
MOST_ADMITTED = 500
"""People on one ticket: each takes a place in every pool, and all of them must fit into one entry."""

NAMES_PER_ENTRY = 300
"""Documents named by one entry: far from the size that an entry may have."""

EVENT_PARTS = ("code", "zone", "state", "quotas", "performances", "products", "promos", *cells.PRIVACY)
EVENT_TEXTS = ("name", "name_ru", "category", "venue", "venue_ru", "address", "address_ru", "description",
               "description_ru")  # fmt: skip
PERFORMANCE_FIELDS = ("code", "name", "name_ru", "starts", "doors", "minutes", "capacity", "sales_from",
                      "sales_until")  # fmt: skip
PRODUCT_FIELDS = ("code", "name", "name_ru", "price", "tax", "quotas", "performances", "max_per_order",
                  "admits", "validity", "channels", "concession", "concession_ru", "admits_at", "gates",
                  "sales_from", "sales_until")  # fmt: skip
ORGANIZATION_NUMBERS = {
    "smallest_coin": (1, 10_000),
    "day_ends_hour": (0, 23),
    "value_risk_minor": (0, 10_000_000),
    "retention_days": (0, MOST_DAYS),
}
ORGANIZATION_TEXTS = ("name", "name_ru", "address", "tax_id", "language")


@dataclass(slots=True)
class ImportResult:
    """What an import did: numbers of things made and changed, and codes of the events it touched."""

    created: int = 0
    changed: int = 0
    events: list[str] = field(default_factory=list)
    customers: int = 0


class ImportCatalogue:
    """Imports a catalogue file that has been read into rows."""

    def __init__(self, store: Store, clock: Clock, random_bytes: RandomBytes, nudge: Nudge) -> None:
        self._store = store
        self._clock = clock
        self._random = random_bytes
        self._nudge = nudge

    def __call__(self, file: CatalogueFile, actor: Actor) -> ImportResult:
        """Refuses CATALOGUE_INVALID (file, row, field, problem) and then changes nothing."""
        require(actor, Permission.IMPORT)
        with self._store.begin() as work:
            plan = _Plan(work.read, self._clock.now(), self._random)
            plan.read(file)
            work.append_many([*plan.drafts, *self._customers(work, plan.customers)], actor)
            work.commit()
        self._nudge()
        return plan.result

    def _customers(self, work: Work, customers: Sequence[dict[str, object]]) -> list[Draft]:
        """Put the customers as documents; answers the entries that name them."""
        named = []
        for customer in customers:
            document = uuid4(self._random)
            known_hash = work.put_document(document, "customer", DESK, customer)
            named.append({"document": document, "document_hash": known_hash, "kind": "customer"})
        return [
            Draft("document_written", (DESK,), {"documents": named[first : first + NAMES_PER_ENTRY]})
            for first in range(0, len(named), NAMES_PER_ENTRY)
        ]


class _Plan:
    """Turns rows into drafts; knows what exists, and what earlier rows of the file have made."""

    def __init__(self, read: Reads, now: datetime, random_bytes: RandomBytes) -> None:
        self._read = read
        self._now = now
        self._random = random_bytes
        self._organization = read.organization()
        self._events = {event.code: event for event in read.events()}
        self._gates = {gate.code: gate for gate in read.gates()}
        self.drafts: list[Draft] = []
        self.customers: list[dict[str, object]] = []
        self.result = ImportResult()

    def read(self, file: CatalogueFile) -> None:
        if file.organization is not None:
            self._read_organization(file.organization)
        for row in file.lists["events"]:
            self._read_event_shell(row)
        for row in file.lists["events"]:
            self._read_event_parts(row)
        for row in file.lists["gates"]:
            self._read_gate(row)
        known = list(self._read.documents("customer")) if file.lists["customers"] else []
        for row in file.lists["customers"]:
            cells.only(row, ("name", "email", "phone"))
            customer: dict[str, object] = {name: cells.text(row, name) for name in row.values}
            if customer not in known:
                known.append(customer)
                self.customers.append(customer)
        self.result.customers = len(self.customers)

    def _read_organization(self, row: Row) -> None:
        cells.only(row, (*ORGANIZATION_TEXTS, "zone", "currency", "tax_mode", *ORGANIZATION_NUMBERS))
        values: dict[str, object] = {
            name: cells.text(row, name) for name in ORGANIZATION_TEXTS if name in row.values
        }
        if "zone" in row.values:
            values["zone"] = cells.time_zone(row)
        if "currency" in row.values:
            values["currency"] = cells.currency(row)
        if "tax_mode" in row.values:
            values["tax_mode"] = cells.choice(row, "tax_mode", ("included", "added"))
        for name, (low, high) in ORGANIZATION_NUMBERS.items():
            if name in row.values:
                values[name] = cells.whole(row, name, low, high)
        present = {name: getattr(self._organization, name) for name in values}
        if values.get("currency", self._organization.currency) != self._organization.currency and any(
            self._read.products(event.number) for event in self._events.values()
        ):
            raise row.wrong("currency", "in_use", values["currency"])
        if changed := {name: value for name, value in values.items() if present[name] != value}:
            self.drafts.append(Draft("settings_changed", (ORG,), {"values": changed}))
            self.result.changed += 1
        merged = {name: getattr(self._organization, name) for name in Organization.__slots__} | values
        self._organization = Organization(**cast("Any", merged))

    def _read_event_shell(self, row: Row) -> None:
        """The event itself, before any product of the file may point at it."""
        cells.only(row, (*EVENT_PARTS, *EVENT_TEXTS))
        code = cells.code(row)
        if code in self.result.events:
            raise row.wrong("code", "duplicate", code)
        old = self._events.get(code)
        fields: dict[str, Any] = {"code": code, **cells.given_texts(row, EVENT_TEXTS)}
        if "zone" in row.values or old is None:
            fields["zone"] = cells.time_zone(row) if "zone" in row.values else self._organization.zone
        fields |= cells.privacy(row, MOST_DAYS)
        if old is None and not fields.get("name"):
            raise row.wrong("name", "missing")
        number = old.number if old else self._fresh({event.number for event in self._events.values()})
        state = old.state if old else EventState.DRAFT
        event = self._built(row, fields_of.event_from, number, _merged(old, fields), state)
        self._note("event", number, {}, old, event)
        self._events[code] = self._with_state(row, event)
        self.result.events.append(code)

    def _with_state(self, row: Row, event: Event) -> Event:
        if "state" not in row.values:
            return event
        wanted = EventState(cells.choice(row, "state", ("draft", "published", "cancelled", "finished")))
        if wanted is event.state:
            return event
        try:
            kind = {
                (EventState.DRAFT, EventState.PUBLISHED): "event_published",
                (EventState.PUBLISHED, EventState.FINISHED): "event_finished",
                (EventState.PUBLISHED, EventState.CANCELLED): "event_cancelled",
            }[event.state, wanted]
        except KeyError:
            raise row.wrong("state", "transition", f"{event.state.value} → {wanted.value}") from None
        body: dict[str, object] = {"event": event.number}
        if kind == "event_cancelled":
            body |= {"reason": "import", "rule": "all"}
        self.drafts.append(Draft(kind, (ORG,), body))
        return fields_of.event_from(event.number, fields_of.to_fields(event), wanted)

    def _read_event_parts(self, row: Row) -> None:
        event = self._events[cells.code(row)]
        performances = self._read_performances(row, event)
        quotas = self._read_quotas(row, event, performances)
        products = self._read_products(row, event, performances, quotas)
        self._read_promos(row, event, products)

    def _read_performances(self, row: Row, event: Event) -> Mapping[str, Performance]:
        known = {item.code: item for item in self._read.performances(event.number)}
        seen: set[str] = set()
        for item in row.rows("performances"):
            cells.only(item, PERFORMANCE_FIELDS)
            code = cells.code(item)
            if code in seen:
                raise item.wrong("code", "duplicate", code)
            seen.add(code)
            old = known.get(code)
            fields = {"code": code, **cells.given_texts(item, ("name", "name_ru"))}
            fields |= self._times(item, event, old)
            if "capacity" in item.values:
                fields["capacity"] = cells.whole(item, "capacity", 0, 10_000_000)
            number = old.number if old else self._fresh({made.number for made in known.values()})
            performance = self._built(
                item,
                fields_of.performance_from,
                number,
                event.number,
                _merged(old, fields),
            )
            self._note("performance", number, {"event": event.number}, old, performance)
            known[code] = performance
        return known

    def _times(self, item: Row, event: Event, old: Performance | None) -> dict[str, Any]:
        """Doors and end move with the start where the row does not say otherwise."""
        times: dict[str, Any] = {}
        starts_at = old.starts_at if old else None
        if "starts" in item.values:
            starts_at = self._moment(item, "starts", event.zone)
        if starts_at is None:
            raise item.wrong("starts", "missing")
        times["starts_at"] = to_text(starts_at)
        if "doors" in item.values:
            times["doors_at"] = to_text(starts_at - timedelta(minutes=cells.whole(item, "doors", 0, 1440)))
        elif old is not None and old.doors_at is not None:
            times["doors_at"] = to_text(starts_at - (old.starts_at - old.doors_at))
        if "minutes" in item.values:
            times["ends_at"] = to_text(
                starts_at + timedelta(minutes=cells.whole(item, "minutes", 1, 100_000))
            )
        elif old is not None and old.ends_at is not None:
            times["ends_at"] = to_text(starts_at + (old.ends_at - old.starts_at))
        return times | self._sales_window(item, event)

    def _sales_window(self, item: Row, event: Event) -> dict[str, Any]:
        window = {
            f"{name}_at": self._moment(item, name, event.zone)
            for name in ("sales_from", "sales_until")
            if name in item.values
        }
        if len(window) == 2 and window["sales_from_at"] >= window["sales_until_at"]:
            raise item.wrong("sales_until", "order")
        return {name: to_text(at) for name, at in window.items()}

    def _read_quotas(
        self, row: Row, event: Event, performances: Mapping[str, Performance]
    ) -> Mapping[str, Quota]:
        limits = {promo.pool for promo in self._read.promos(event.number)}
        every = self._read.event_quotas(event.number)
        known = {quota.name: quota for quota in every if quota.number not in limits}
        seen: set[str] = set()
        for item in row.rows("quotas"):
            cells.only(item, ("name", "capacity", "performance", "parent"))
            name = cells.text(item, "name")
            if name in seen:
                raise item.wrong("name", "duplicate", name)
            seen.add(name)
            old = known.get(name)
            fields: dict[str, Any] = {"name": name}
            if "capacity" in item.values or old is None:
                fields["capacity"] = cells.whole(item, "capacity", 0, 10_000_000)
            if "performance" in item.values:
                fields["performance"] = cells.pick(item, "performance", performances).number
            if "parent" in item.values:
                fields["parent"] = self._parent(item, name, known).number
            number = old.number if old else self._fresh({made.number for made in known.values()})
            quota = self._built(item, fields_of.quota_from, number, event.number, _merged(old, fields))
            self._note("quota", number, {"event": event.number}, old, quota)
            known[name] = quota
        return known

    @staticmethod
    def _parent(item: Row, name: str, known: Mapping[str, Quota]) -> Quota:
        """The quota around this one; never itself, nor one that lies inside it."""
        by_number = {quota.number: quota for quota in known.values()}
        parent: Quota = cells.pick(item, "parent", known)
        around: Quota | None = parent
        while around is not None:
            if around.name == name:
                raise item.wrong("parent", "cycle", parent.name)
            around = by_number.get(around.parent) if around.parent is not None else None
        return parent

    def _read_products(
        self, row: Row, event: Event, performances: Mapping[str, Performance], quotas: Mapping[str, Quota]
    ) -> Mapping[str, Product]:
        known = {product.code: product for product in self._read.products(event.number)}
        seen: set[str] = set()
        for item in row.rows("products"):
            cells.only(item, PRODUCT_FIELDS)
            code = cells.code(item)
            if code in seen:
                raise item.wrong("code", "duplicate", code)
            seen.add(code)
            old = known.get(code)
            fields = self._product_fields(item, event, code, old, performances, quotas)
            number = old.number if old else self._fresh({made.number for made in known.values()})
            product = self._built(item, fields_of.product_from, number, event.number, _merged(old, fields))
            if not performances and not product.is_pass:
                raise item.wrong("validity", "single_needs_performance")
            self._note("product", number, {"event": event.number}, old, product)
            known[code] = product
        return known

    def _read_promos(self, row: Row, event: Event, products: Mapping[str, Product]) -> None:
        known = {promo.code_hash: promo for promo in self._read.promos(event.number)}
        seen: set[str] = set()
        for item in row.rows("promos"):
            named = promo_rows.hash_of(item, event.number)
            if named in seen:
                raise item.wrong("code", "duplicate")
            seen.add(named)
            old = known.get(named)
            moment = partial(self._moment, item, zone=event.zone)
            fields = promo_rows.fields_of_promo(item, old, products, self._organization.currency, moment)
            fields["code_hash"] = named
            if item.values.get("limit") is not None:
                name = str(fields.get("name") or (old.name if old else ""))
                fields["pool"] = self._promo_limit(item, event, old, name)
            number = old.number if old else self._fresh({promo.number for promo in known.values()})
            promo = self._built(item, fields_of.promo_from, number, event.number, _merged(old, fields))
            self._note("promo", number, {"event": event.number}, old, promo)

    def _promo_limit(self, item: Row, event: Event, old: Promo | None, name: str) -> int:
        """The pool of a code's uses: a quota of the event that lies in no other and no product draws from."""
        uses = cells.whole(item, "limit", 0, promo_rows.MOST_USES)
        taken = {quota.number: quota for quota in self._read.event_quotas(event.number)}
        before = taken.get(old.pool) if old is not None and old.pool is not None else None
        number = before.number if before else self._fresh(set(taken))
        quota = Quota(number, name, event.number, uses)
        self._note("quota", number, {"event": event.number}, before, quota)
        return number

    def _product_fields(
        self,
        item: Row,
        event: Event,
        code: str,
        old: Product | None,
        performances: Mapping[str, Performance],
        quotas: Mapping[str, Quota],
    ) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "code": code,
            **cells.given_texts(item, ("name", "name_ru", "concession", "concession_ru")),
            **self._sales_window(item, event),
        }
        if old is None:
            for name in ("name", "price"):
                if name not in item.values:
                    raise item.wrong(name, "missing")
            fields["currency"] = self._organization.currency
        if "price" in item.values:
            fields["price_minor"] = self._price(item)
            if old is not None and old.price_minor != fields["price_minor"]:
                fields["price_version"] = old.price_version + 1
        if "tax" in item.values:
            fields["tax_rate_bp"] = cells.percent(item, "tax")
        for name, most in (("max_per_order", 10_000), ("admits", MOST_ADMITTED)):
            if name in item.values:
                fields[name] = cells.whole(item, name, 1, most)
        return fields | self._product_scope(item, performances, quotas)

    def _product_scope(
        self, item: Row, performances: Mapping[str, Performance], quotas: Mapping[str, Quota]
    ) -> dict[str, Any]:
        """What a product draws from and where it admits."""
        fields: dict[str, Any] = {}
        picks: tuple[tuple[str, Mapping[str, Any]], ...] = (
            ("quotas", quotas), ("performances", performances), ("admits_at", self._events),
        )  # fmt: skip
        for name, among in picks:
            if name in item.values:
                fields[name] = [
                    cells.pick_one(item, name, text, among).number for text in cells.texts(item, name)
                ]
        for name in ("channels", "gates"):
            if name in item.values:
                fields[name] = cells.texts(item, name)
        if "validity" in item.values:
            validity = item.values["validity"]
            if not isinstance(validity, Row):
                raise item.wrong("validity", "mapping")
            fields["validity"] = dict(validity.values)
        return fields

    def _price(self, item: Row) -> int:
        value = item.values["price"]
        shown = None if isinstance(value, (Row, list)) else value
        try:
            return parse_amount(str(value), self._organization.currency).minor
        except Refusal:
            raise item.wrong("price", "amount", shown) from None

    def _read_gate(self, row: Row) -> None:
        cells.only(row, ("code", "name", "name_ru", "events"))
        code = cells.code(row)
        old = self._gates.get(code)
        fields: dict[str, Any] = cells.given_texts(row, ("name", "name_ru"))
        if "events" in row.values:
            fields["events"] = [
                cells.pick_one(row, "events", text, self._events).number
                for text in cells.texts(row, "events")
            ]
        gate = self._built(row, fields_of.gate_from, code, _merged(old, fields))
        if old is None:
            self.drafts.append(
                Draft("gate_created", (ORG,), {"gate": code, "fields": fields_of.to_fields(gate)})
            )
            self.result.created += 1
        elif changed := fields_of.changed_fields(old, gate):
            self.drafts.append(
                Draft(
                    "gate_changed", (ORG,), {"gate": code, "base": fields_of.base_of(old), "fields": changed}
                )
            )
            self.result.changed += 1
        self._gates[code] = gate

    def _note(
        self,
        noun: str,
        number: int,
        extra: dict[str, object],
        old: Any,
        new: fields_of.Thing,
    ) -> None:
        """Record a new thing whole, a known one by what differs, an equal one not at all."""
        body: dict[str, object] = {noun: number, **extra}
        if old is None:
            self.drafts.append(Draft(f"{noun}_created", (ORG,), {**body, "fields": fields_of.to_fields(new)}))
            self.result.created += 1
        elif changed := fields_of.changed_fields(old, new):
            self.drafts.append(
                Draft(f"{noun}_changed", (ORG,), {**body, "base": fields_of.base_of(old), "fields": changed})
            )
            self.result.changed += 1

    def _built(self, row: Row, make: Callable[..., T], *values: object) -> T:
        try:
            return make(*values)
        except FieldError as error:
            raise row.wrong(_FILE_NAMES.get(error.field, error.field), "value") from None

    def _fresh(self, taken: set[int]) -> int:
        while (number := number32(self._random)) in taken:
            pass
        return number

    def _moment(self, row: Row, name: str, zone: str) -> datetime:
        """`+2d 19:30` counts from the day of import, `now+50m` from its minute (to the next ten), and
        `2026-12-24 19:30` is itself; wall times are those of the event's zone."""
        value = row.values[name]
        if value is None or isinstance(value, (Row, list)):
            raise row.wrong(name, "time")
        text = str(value).strip()
        local = ZoneInfo(zone)
        try:
            if found := _FROM_NOW.fullmatch(text):
                at = self._now + timedelta(minutes=int(found.group(1)) + 9)
                return at.replace(minute=at.minute // 10 * 10, second=0, microsecond=0)
            if found := _RELATIVE.fullmatch(text):
                days, hour, minute = (int(part) for part in found.groups())
                day = self._now.astimezone(local).date() + timedelta(days=days)
                return datetime(day.year, day.month, day.day, hour, minute, tzinfo=local)
            if found := _ABSOLUTE.fullmatch(text):
                year, month, day_, hour, minute = (int(part) for part in found.groups())
                return datetime(year, month, day_, hour, minute, tzinfo=local)
        except (ValueError, OverflowError):
            pass
        raise row.wrong(name, "time", text)


_FILE_NAMES = {"price_minor": "price", "tax_rate_bp": "tax", "starts_at": "starts", "doors_at": "doors"}


def _merged(old: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**(fields_of.to_fields(old) if old is not None else {}), **fields}
