"""Practice: a venue of its own beside the real one, for rehearsing; nothing in it counts anywhere.

It lies in `practice` inside the station's data folder with an installation, keys and a journal of its own. It
never syncs, cannot join a hub and is certified by nobody. Its catalogue is a copy of the real one, moved in
time so that there is something to sell and to admit to now; nobody's name, PIN or address is copied. A
practice venue lasts a day: the next one begins afresh.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from app.services.ports import Reads, Work
from app.services.views import Organization
from app.settings import Settings
from app.store.keys import KeyStore
from app.store.opening import NewStation, create_store, discard_store, store_exists
from app.store.store import StationStore
from domain import catalogue_fields as fields_of
from domain.actor import SYSTEM, Role
from domain.catalogue import Event, Performance, Product
from domain.clock import Clock, from_text, to_text
from domain.entry import ORG, Draft
from domain.errors import Fault
from domain.ids import RandomBytes
from domain.states import EventState

FOLDER = "practice"
SEEDED = "practice_seeded_at"
LASTS = timedelta(hours=18)
BEGINS_IN = timedelta(minutes=45)
"""How far ahead the next performance of each event lies in a fresh practice venue."""

PINNED: Mapping[str, str] = {
    "camera.source": "simulated",
    "scanner.port": "",
    "turnstile.port": "simulated",
    "print.folder": "",
    "print.printer": "",
    "gate.performance": "",
    "gate.events": "",
}
"""Settings that nothing can change in practice: no real device moves, no file lands elsewhere."""

CARRIED = ("lang", "theme", "sound", "log", "key_dir", "keystore", "print.paper", "gate.code")
"""Settings of the real station that its practice venue begins with."""


@dataclass(frozen=True, slots=True)
class PracticePerson:
    """Somebody who can sign in where one practises. The PIN is shown on the sign-in screen: PINs of real
    people are not taken over, since whoever may begin afresh at will could guess at them for ever."""

    login: str
    name: str
    roles: tuple[Role, ...]
    pin: str


PEOPLE = (
    PracticePerson("cashier", "Carla", (Role.CASHIER,), "1111"),
    PracticePerson("gate", "Gleb", (Role.GATE,), "2222"),
    PracticePerson("supervisor", "Sam", (Role.SUPERVISOR,), "3333"),
    PracticePerson("admin", "Anna", (Role.ADMIN, Role.ORGANIZER), "4444"),
)


@dataclass(frozen=True, slots=True)
class Seed:
    """What a practice venue takes over: what things are called and cost, and nothing about people."""

    station: str
    prefix: str
    organization: Organization
    catalogue: tuple[Draft, ...]
    settings: Mapping[str, str]


def folder_of(data: Path) -> Path:
    """Where the practice venue of a station lies; that of a practice venue is itself."""
    return data if data.name == FOLDER else data / FOLDER


def seed_from(read: Reads, settings: Settings, now: datetime) -> Seed:
    """What to practise with, from the real station."""
    station = read.station()
    return Seed(
        station=station.name,
        prefix=station.prefix,
        organization=read.organization(),
        catalogue=tuple(_catalogue(read, now)),
        settings={name: settings.text(name) for name in CARRIED},
    )


def create_practice(
    folder: Path, keystore: KeyStore, clock: Clock, random_bytes: RandomBytes, seed: Seed
) -> StationStore:
    """Make the practice venue's store with its catalogue; people are added by whoever can hash PINs.

    Raises what app.store.opening.create_store raises, and Fault SETTINGS_NOT_WRITABLE.
    """
    new = NewStation(seed.station, seed.prefix, practice=True)
    store = create_store(folder, keystore, clock, random_bytes, new)
    with store.begin() as work:
        _write_catalogue(work, seed)
        work.commit()
    kept = Settings(folder)
    for name, value in seed.settings.items():
        kept.store(name, value)
    return store


def finished(store: StationStore, now: datetime) -> None:
    """Note that the practice venue is complete."""
    store.set_local_setting(SEEDED, to_text(now))


def is_fresh(store: StationStore, now: datetime) -> bool:
    """Whether a practice venue is complete and of today."""
    seeded = store.local_setting(SEEDED)
    return seeded is not None and timedelta(0) <= now - from_text(seeded) < LASTS


def throw_away(folder: Path, keystore: KeyStore) -> None:
    """Remove a practice venue with everything in it: store, key, prints, logs. Raises Fault PRACTICE_IN_USE
    where another window has it open (as far as the system tells)."""
    if folder.name != FOLDER:
        raise ValueError(f"{folder} is no practice folder")
    try:
        if store_exists(folder):
            discard_store(folder, keystore)
        if folder.exists():
            shutil.rmtree(folder)
    except OSError:
        raise Fault("PRACTICE_IN_USE", folder=str(folder)) from None


def _write_catalogue(work: Work, seed: Seed) -> None:
    present = work.read.organization()
    values = {
        name: getattr(seed.organization, name)
        for name in Organization.__slots__
        if getattr(seed.organization, name) != getattr(present, name)
    }
    drafts: list[Draft] = [Draft("settings_changed", (ORG,), {"values": values})] if values else []
    work.append_many([*drafts, *seed.catalogue], SYSTEM)


def _catalogue(read: Reads, now: datetime) -> Iterator[Draft]:
    """The catalogue as entries that make it anew, under the same numbers, so that screens look alike."""
    events = [event for event in read.events() if event.state in {EventState.DRAFT, EventState.PUBLISHED}]
    for event in events:
        yield _made("event", event.number, {}, event)
        yield Draft("event_published", (ORG,), {"event": event.number})
    for event in events:
        yield from _parts(read, event, now)
    for gate in read.gates():
        yield Draft("gate_created", (ORG,), {"gate": gate.code, "fields": fields_of.to_fields(gate)})


def _parts(read: Reads, event: Event, now: datetime) -> Iterator[Draft]:
    performances = read.performances(event.number)
    by = _moved_by(performances, now)
    inside = {"event": event.number}
    for performance in performances:
        yield _made("performance", performance.number, inside, _moved(performance, by))
    for quota in read.event_quotas(event.number):
        yield _made("quota", quota.number, inside, quota)
    for product in read.products(event.number):
        yield _made("product", product.number, inside, _on_sale(product))
    for promo in read.promos(event.number):
        yield _made("promo", promo.number, inside, replace(promo, from_at=None, until_at=None))


def _made(noun: str, number: int, inside: Mapping[str, object], thing: fields_of.Thing) -> Draft:
    return Draft(
        f"{noun}_created", (ORG,), {noun: number, **inside, "fields": dict(fields_of.to_fields(thing))}
    )


def _moved_by(performances: Sequence[Performance], now: datetime) -> timedelta:
    """By how much the performances of an event move: the next one (else the last) begins soon."""
    if not performances:
        return timedelta(0)
    ordered = sorted(performances, key=lambda one: one.starts_at)
    chosen = next((one for one in ordered if (one.ends_at or one.starts_at) > now), ordered[-1])
    begins = (now + BEGINS_IN).replace(second=0, microsecond=0)
    return begins - timedelta(minutes=begins.minute % 5) - chosen.starts_at


def _moved(performance: Performance, by: timedelta) -> Performance:
    return replace(
        performance,
        starts_at=performance.starts_at + by,
        ends_at=performance.ends_at and performance.ends_at + by,
        doors_at=performance.doors_at and performance.doors_at + by,
        sales_from_at=None,
        sales_until_at=None,
    )


def _on_sale(product: Product) -> Product:
    return replace(product, sales_from_at=None, sales_until_at=None)
