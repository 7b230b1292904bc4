"""Builds a station by plain constructor calls. Tests, demo, command line and window all come through here."""

import json
import platform
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from app import joining as joining_alone
from app import rejoining
from app.build_afterwards import build_sales
from app.build_health import Selling, build_readiness, build_selling
from app.build_people import build_people, housekeeping
from app.claims import StationClaims
from app.clock import SystemClock, system_random
from app.exchange import PROGRAM, Exchange, NoExchange
from app.gate_devices import DeviceSet, SystemOpener
from app.gate_setup import gate_setup
from app.housekeeping import Housekeeping
from app.imports import ImportFolder
from app.measured import CLAIM, PUSH, Measured
from app.overdue import OverdueWatch
from app.paths import resource
from app.practice import PINNED
from app.practice_bench import PracticeBench
from app.practice_start import practise_from
from app.printing.renderer import FolderSink, PdfRenderer
from app.purging import Purging
from app.services.catalogue_import import ImportCatalogue
from app.services.conflicts import ListConflicts, ResolveConflict, ShowConflict
from app.services.facade import Services
from app.services.gate import GateAnswer, Gatekeeper, OpenTurnstile
from app.services.held import ListHeld
from app.services.keys import ListKeys
from app.services.lease_view import ShowLeases
from app.services.offers import Board, Offers
from app.services.orders import FindOrders
from app.services.printing import PrintOrder, PrintQueue, PrintShift
from app.services.promos import FindPromo
from app.services.settings import StationSettings
from app.services.shifts import CloseShift, OpenShift, ShiftNow
from app.services.signin import PinHasher
from app.services.station_facts import FactsOfStation
from app.settings import Settings
from app.settings_book import KeptSettings
from app.signer import StationSigner
from app.store.backup import Manifest
from app.store.keys import FileKeyStore, KeyStore, default_keystore, system_keystore, user_keystore
from app.store.opening import NewStation, create_store, discard_store, open_store, store_exists
from app.store.store import StationStore
from app.store.verify import Report
from app.waiting_entries import WaitingEntries
from domain import enrolment
from domain.actor import SYSTEM, Actor
from domain.certificates import parse_chain
from domain.clock import Clock
from domain.enrolment import EnrolmentFile
from domain.entry import ORG, Draft
from domain.errors import Fault, Refusal
from domain.ids import RandomBytes
from sync.document_lane import DocumentLane
from sync.documents import DocumentExchange
from sync.engine import Timing
from sync.enrolment import Enrolled, Joining, join, prepare, station_dsn
from sync.errands import Errands

PRINTS = "prints"
HUB_DSN = "hub_dsn"
HUB_SCOPE = "hub_scope"
JOINING = "joining"
CA_FILE = "hub-ca.pem"
SYNC_LOCK = "sync.lock"


@dataclass(frozen=True, slots=True)
class Station:
    """A station that is open: its use cases, and what the command line needs beside them."""

    services: Services
    store: StationStore
    settings: Settings
    exchange: Exchange | None
    files: FolderSink
    import_catalogue: ImportCatalogue
    devices: DeviceSet
    claims: StationClaims | None
    overdue: OverdueWatch
    housekeeping: Housekeeping
    measured: Measured

    def gatekeeper(self, gate: str | None, lane: str | None = None) -> Gatekeeper:
        """A gatekeeper for another gate or lane than the settings say; a fresh one each time."""
        exchange = self.exchange or NoExchange()
        return Gatekeeper(
            self.store,
            self.store.keys,
            self.services.clock,
            exchange.confidence,
            gate_setup(
                self.settings,
                gate,
                lane,
                practice=self.services.facts.station().practice,
                revoked=self.store.shut.is_shut,
            ),
            exchange.nudge,
            self.claims,
        )

    def move(self, answer: GateAnswer, actor: Actor) -> None:
        """Open the turnstile for an answer, where there is one. Raises DeviceFault."""
        if self.devices.has_turnstile:
            self.services.open_turnstile(answer, actor)

    def start_sync(self) -> None:
        """Begin to work in the background: the exchange with the hub, where there is one, and giving up what
        nobody paid in time."""
        self.overdue.start()
        self.housekeeping.start()
        if self.exchange is not None:
            self.exchange.start()
        if self.claims is not None:
            self.claims.begin()

    def note_start(self) -> None:
        """Write into the journal that the program was started here, where it takes entries."""
        if self.store.must_enrol:
            return
        body = {
            "version": PROGRAM,
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.release()}",
        }
        with self.store.begin() as work:
            work.append(Draft("app_started", (ORG,), body), SYSTEM)
            work.commit()

    def verify(self) -> Report:
        """Check pages, chain, signatures, projections, and control sums against the hub's last answer."""
        report = self.store.verify()
        report.control(self.store.control.again())
        return report

    def backup(self, file: Path) -> Manifest:
        """Copy the store to a file; answers what is in it. Raises Fault."""
        passphrase = self.settings.text("backup_passphrase") or None
        return self.store.back_up(file.parent, file.name, passphrase).manifest

    def close(self) -> None:
        """Stop the exchange and the devices, close the store."""
        self.overdue.stop()
        self.housekeeping.stop()
        if self.exchange is not None:
            self.exchange.stop()
        if self.claims is not None:
            self.claims.close()
        self.measured.keep()
        self.devices.stop()
        self.store.close()


def open_keystore(settings: Settings) -> KeyStore:
    """The keystore that the settings ask for."""
    folder = settings.text("key_dir")
    if folder:
        return FileKeyStore(Path(folder).expanduser())
    match settings.text("keystore"):
        case "system":
            return system_keystore()
        case "file":
            return user_keystore()
        case _:
            return default_keystore({})


def create_station(
    data: Path,
    settings: Settings,
    name: str,
    prefix: str,
    *,
    clock: Clock | None = None,
    random_bytes: RandomBytes = system_random,
) -> Station:
    """Make a station that works by itself, and open it. Raises Refusal STORE_EXISTS, PREFIX_INVALID."""
    if not (prefix.isascii() and prefix.isalnum() and prefix == prefix.upper() and len(prefix) <= 8):
        raise Refusal("PREFIX_INVALID", prefix=prefix)
    clock = clock or SystemClock()
    store = create_store(data, open_keystore(settings), clock, random_bytes, NewStation(name, prefix))
    return build_station(store, settings, clock, random_bytes)


def discard_station(station: Station) -> None:
    """Close and remove a station that was made a moment ago and could not be finished."""
    station.close()
    discard_store(station.store.folder, open_keystore(station.settings))


def open_station(
    data: Path,
    settings: Settings,
    *,
    clock: Clock | None = None,
    random_bytes: RandomBytes = system_random,
) -> Station:
    """Open the station in a data folder. Raises Fault STORE_MISSING and what the store raises."""
    clock = clock or SystemClock()
    keystore = open_keystore(settings)
    store = open_store(data, keystore, clock, random_bytes)
    with suppress(Fault):  # what an enrolment left that was broken off: it can wait for the next start
        if store.local_setting(JOINING) is not None and store.local_setting(HUB_DSN) is not None:
            _settle_in(data, store)
        rejoining.carry_over(data, store, keystore, clock)
    return build_station(store, settings, clock, random_bytes)


def enrol_station(
    data: Path,
    settings: Settings,
    text: str,
    *,
    clock: Clock | None = None,
    random_bytes: RandomBytes = system_random,
) -> Station:
    """Join a hub with the text of an enrolment file, and open the station.

    The station's key and password are on the disk before the hub is asked, so that an answer that was lost
    can be asked for again with the same file. Raises Refusal ENROLMENT_…, STORE_EXISTS; Fault HUB_….
    """
    clock = clock or SystemClock()
    keystore = open_keystore(settings)
    file = enrolment.read(text, clock.now())
    if store_exists(data):
        store = open_store(data, keystore, clock, random_bytes)
        joining_alone.refuse_practice(store)
        if joining_alone.is_lone(store, file):
            return _join_alone(data, settings, store, file, clock, random_bytes)
        if rejoining.is_again(store, file):
            rejoining.set_aside(data, store)
            return enrol_station(data, settings, text, clock=clock, random_bytes=random_bytes)
        begun = _begun(store, file, clock, random_bytes)
        if begun is None:
            store.close()
            raise Refusal("STORE_EXISTS", folder=str(data))
        joining = begun
    else:
        if file.joins:
            raise Refusal("JOINING_NEEDS_JOURNAL", station=file.station)
        joining = prepare(file, clock.now(), random_bytes)
        new = NewStation(file.name, file.prefix, file.station, file.epoch, joining.seed)
        store = create_store(data, keystore, clock, random_bytes, new)
        _note_begun(store, joining)
    try:
        enrolled = join(file, joining, data / CA_FILE)
    except Refusal:
        store.close()
        discard_store(data, keystore)
        rejoining.put_back(data)
        (data / CA_FILE).unlink(missing_ok=True)
        raise
    except Fault:
        store.close()
        raise
    _adopt(data, store, file, enrolled)
    _settle_in(data, store)
    store.close()
    return open_station(data, settings, clock=clock, random_bytes=random_bytes)


def _begun(
    store: StationStore, file: EnrolmentFile, clock: Clock, random_bytes: RandomBytes
) -> Joining | None:
    """What this file has begun here and was broken off; None where the store is not of its making."""
    if store.identity.station != file.station:
        return None
    kept = store.local_setting(JOINING)
    if kept is not None:
        return Joining(store.signing_key.seed(), store.hub_password() or "", parse_chain(json.loads(kept)))
    is_empty = store.root() is None and store.outbox.tip().seq == 0
    if not is_empty or store.identity.epoch != file.epoch:
        return None
    joining = prepare(file, clock.now(), random_bytes, store.signing_key.seed())
    _note_begun(store, joining)
    return joining


def _note_begun(store: StationStore, joining: Joining) -> None:
    store.set_hub_password(joining.password)
    store.set_local_setting(JOINING, json.dumps([link.to_json() for link in joining.chain]))


def _adopt(data: Path, store: StationStore, file: EnrolmentFile, enrolled: Enrolled) -> None:
    """What a station that has just enrolled keeps of it; with the last of it the next start can settle in."""
    store.adopt_root(enrolled.root, enrolled.chain)
    if file.recovery is not None:
        store.recovery.adopt(file.recovery)
    store.set_local_setting(HUB_SCOPE, "*" if file.scope == "*" else json.dumps(file.scope))
    store.set_station(prefix=file.prefix)
    store.set_local_setting(HUB_DSN, station_dsn(file, data / CA_FILE))


def _settle_in(data: Path, store: StationStore) -> None:
    """What is left to do once the hub has said yes. May be repeated."""
    rejoining.issue_again(data, store)
    store.set_station(has_hub=True)
    store.set_local_setting(JOINING, None)


def _join_alone(
    data: Path,
    settings: Settings,
    store: StationStore,
    file: EnrolmentFile,
    clock: Clock,
    random_bytes: RandomBytes,
) -> Station:
    """A station that began alone: its journal goes with it. See app.joining."""
    try:
        enrolled = joining_alone.join_hub(store, file, data / CA_FILE, clock.now(), random_bytes)
    except (Fault, Refusal):
        store.close()
        raise
    _adopt(data, store, file, enrolled)
    _settle_in(data, store)
    store.close()
    return open_station(data, settings, clock=clock, random_bytes=random_bytes)


def build_station(
    store: StationStore, settings: Settings, clock: Clock, random_bytes: RandomBytes
) -> Station:
    """Put a station together around an open store. The one place where everything meets."""
    measured = Measured(store.folder, clock)
    exchange = _exchange(store, settings, clock, measured)
    claims = _claims(store, clock, random_bytes, measured)
    with store.read() as read:
        practising = read.station().practice
    signer = StationSigner(store.signing_key, practice=practising)
    bench = None
    if practising:
        settings.pin(PINNED)
        bench = PracticeBench(store, signer, clock)
    sync = exchange or (bench.exchange if bench else NoExchange(store.open_conflicts))
    files = FolderSink(Path(settings.text("print.folder") or store.folder / PRINTS))
    devices = bench.devices(settings) if bench else DeviceSet(settings, clock)
    selling = build_selling(store, clock, sync.nudge)
    services = _services(store, settings, clock, random_bytes, sync, claims, signer, files, devices, selling)
    services = replace(services, practice=bench, practise=None if bench else practise_from(store.folder))
    return Station(
        services=services,
        store=store,
        settings=settings,
        exchange=exchange,
        files=files,
        import_catalogue=ImportCatalogue(store, clock, random_bytes, sync.nudge),
        devices=devices,
        claims=claims,
        overdue=OverdueWatch(services.afterwards.overdue),
        housekeeping=housekeeping(store, services, sync, settings),
        measured=measured,
    )  # fmt: skip


def _services(
    store: StationStore,
    settings: Settings,
    clock: Clock,
    random_bytes: RandomBytes,
    sync: Exchange | NoExchange,
    claims: StationClaims | None,
    signer: StationSigner,
    files: FolderSink,
    devices: DeviceSet,
    selling: Selling,
) -> Services:
    """What windows get."""
    facts = FactsOfStation(store)
    renderer = PdfRenderer(resource("fonts"), facts.organization, clock.now)
    hasher = PinHasher(pepper=store.pin_key)
    people = build_people(store, hasher, clock, random_bytes, sync.nudge)
    print_order = PrintOrder(store, signer, renderer, files, devices.printer, sync.nudge)
    sales = build_sales(store, signer, clock, random_bytes, sync, selling.may_sell)
    return Services(
        clock=clock,
        facts=facts,
        sign_in=people.sign_in,
        people=people.people,
        sessions=people.sessions,
        scripts=people.scripts,
        approve=people.approve,
        audit=people.audit,
        add_user=people.add_user,
        set_pin=people.set_pin,
        erase_person=people.erase_person,
        export_person=people.export_person,
        board=Board(store, clock),
        offers=Offers(store, clock, sync.is_away),
        find_promo=FindPromo(store, clock),
        sell=sales.sell, afterwards=sales.afterwards,
        confirm_date=selling.confirm_date,
        check_readiness=build_readiness(store, settings, clock, sync, devices),
        find_orders=FindOrders(store, signer),
        print_order=print_order, print_queue=PrintQueue(store, print_order),
        print_shift=PrintShift(renderer, files),
        open_shift=OpenShift(store, random_bytes, sync.nudge),
        shift_now=ShiftNow(store), close_shift=CloseShift(store, sync.nudge),
        gatekeeper=_gatekeeper(store, settings, clock, sync, claims),
        open_turnstile=OpenTurnstile(store, devices.turnstile),
        list_conflicts=ListConflicts(store), show_conflict=ShowConflict(store),
        resolve_conflict=ResolveConflict(store, sync.nudge, sync.announce),
        sync=sync,
        waiting_files=WaitingEntries(store, sync.announce),
        list_held=ListHeld(store), show_leases=ShowLeases(store, clock),
        list_keys=ListKeys(store, store.identity.station, clock),
        show_invitation=people.show_invitation,
        name_guest=people.name_guest,
        note_drawer=people.note_drawer,
        event_privacy=people.event_privacy,
        erase_due=people.erase_due,
        devices=devices,
        settings=StationSettings(KeptSettings(settings)),
        opener=SystemOpener(),
    )  # fmt: skip


def _gatekeeper(
    store: StationStore,
    settings: Settings,
    clock: Clock,
    sync: Exchange | NoExchange,
    claims: StationClaims | None,
) -> Gatekeeper:
    """The gate and lane that the settings name."""
    with store.read() as read:
        practice = read.station().practice
    setup = gate_setup(settings, None, None, practice=practice, revoked=store.shut.is_shut)
    return Gatekeeper(store, store.keys, clock, sync.confidence, setup, sync.nudge, claims)


def _claims(
    store: StationStore, clock: Clock, random_bytes: RandomBytes, measured: Measured
) -> StationClaims | None:
    dsn = store.local_setting(HUB_DSN)
    if dsn is None:
        return None
    took = partial(measured.took, CLAIM)
    return StationClaims(store, dsn, store.hub_password() or "", clock, random_bytes, took=took)


def _exchange(store: StationStore, settings: Settings, clock: Clock, measured: Measured) -> Exchange | None:
    dsn = store.local_setting(HUB_DSN)
    if dsn is None:
        return None
    exchange = Exchange(
        dsn=dsn,
        password=store.hub_password() or "",
        outbox=store.outbox,
        replica=store.replica,
        clock=clock,
        timing=Timing(
            active_ms=settings.number("sync.active_seconds") * 1000,
            idle_ms=settings.number("sync.idle_seconds") * 1000,
        ),
        measured=store.note_hub_time,
        conflicts=store.open_conflicts,
        told=store.shut.told,
        ordered=Purging(store, open_keystore(settings)).ordered,
        errands=Errands(ImportFolder(store)),
        documents=DocumentLane(DocumentExchange(store.documents)),
        lock_file=store.folder / SYNC_LOCK,
        leases=store.leases,
        rights=store.rights,
        control=store.control,
        differs=lambda _feed: store.snapshots.ask("control_sums"),
        snapshots=store.snapshots,
        pushed=partial(measured.took, PUSH),
    )
    exchange.subscribe(measured.state)
    return exchange
