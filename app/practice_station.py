"""Making and opening the practice venue of a station. See app.practice for what it is."""

from pathlib import Path

from app import practice
from app.bootstrap import Station, build_station, open_keystore, open_station
from app.clock import SystemClock, system_random
from app.settings import Settings
from app.store.opening import store_exists
from domain.actor import NOBODY, SYSTEM
from domain.clock import Clock
from domain.entry import CASH, Draft
from domain.errors import GatehouseError
from domain.ids import RandomBytes


def open_practice(
    data: Path,
    settings: Settings,
    *,
    afresh: bool = False,
    clock: Clock | None = None,
    random_bytes: RandomBytes = system_random,
) -> Station:
    """The practice venue of the station in a data folder; made where there is none of today, or `afresh`.

    Raises Fault STORE_MISSING (there is no station to practise for), PRACTICE_IN_USE, what the store says.
    """
    clock = clock or SystemClock()
    folder = practice.folder_of(data)
    keystore = open_keystore(settings)
    if not afresh and store_exists(folder):
        station = open_station(folder, Settings(folder), clock=clock, random_bytes=random_bytes)
        if practice.is_fresh(station.store, clock.now()):
            return station
        station.close()
    real = open_station(data, settings, clock=clock, random_bytes=random_bytes)
    try:
        with real.store.read() as read:
            seed = practice.seed_from(read, settings, clock.now())
    finally:
        real.close()
    practice.throw_away(folder, keystore)
    return _made(folder, settings, seed, clock, random_bytes)


def note_practice(
    data: Path,
    settings: Settings,
    *,
    clock: Clock | None = None,
    random_bytes: RandomBytes = system_random,
) -> None:
    """Write into the real journal that the practice window is opened now, and whose shift is open meanwhile:
    money taken for a ticket that no gate admits should be seen. A station that takes no entry notes nothing.

    Raises what the store raises.
    """
    real = open_station(data, settings, clock=clock, random_bytes=random_bytes)
    try:
        if real.store.must_enrol:
            return
        with real.store.begin() as work:
            shift = work.read.open_shift(work.read.station().station)
            body = {"shift": shift.shift if shift else None, "cashier": shift.cashier if shift else None}
            work.append(Draft("practice_opened", (CASH,), body), NOBODY)
            work.commit()
    finally:
        real.close()


def hint(station: Station, lang: str) -> str:
    """The people of a practice venue and their PINs, for its sign-in screen; empty anywhere else."""
    if station.services.practice is None:
        return ""
    words = "Учебные PIN-коды" if lang == "ru" else "PINs for practice"
    return f"{words}: " + " · ".join(f"{person.name} {person.pin}" for person in practice.PEOPLE)


def _made(
    folder: Path, settings: Settings, seed: practice.Seed, clock: Clock, random_bytes: RandomBytes
) -> Station:
    keystore = open_keystore(settings)
    store = practice.create_practice(folder, keystore, clock, random_bytes, seed)
    station = build_station(store, Settings(folder), clock, random_bytes)
    try:
        for person in practice.PEOPLE:
            station.services.add_user(person.login, person.name, person.roles, person.pin, SYSTEM)
        practice.finished(store, clock.now())
    except GatehouseError:
        station.close()
        practice.throw_away(folder, keystore)
        raise
    return station
