"""Builds a station by plain constructor calls. Tests, demo, command line and window all come through here."""

import json
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app import rejoining
from app.claims import StationClaims
from app.clock import SystemClock, system_random
from app.exchange import PROGRAM, Exchange, NoExchange
from app.gate_devices import DeviceSet, SystemOpener
from app.imports import ImportFolder
from app.paths import resource
from app.printing.renderer import FolderSink, PdfRenderer
from app.services.catalogue_import import ImportCatalogue
from app.services.conflicts import ListConflicts, ResolveConflict, ShowConflict
from app.services.facade import Services
from app.services.gate import GateAnswer, Gatekeeper, GateSetup, OpenTurnstile
from app.services.offers import Board, Offers
from app.services.orders import FindOrders
from app.services.ports import Reads
from app.services.printing import PrintOrder, PrintQueue, PrintShift
from app.services.sell import QuoteCart, SellOrder
from app.services.settings import StationSettings
from app.services.shifts import CloseShift, OpenShift, ShiftNow
from app.services.signin import AddUser, PinHasher, SetPin, SignIn
from app.services.station_facts import FactsOfStation
from app.settings import Settings
from app.settings_book import KeptSettings
from app.signer import StationSigner
from app.store.keys import FileKeyStore, KeyStore, default_keystore, system_keystore, user_keystore
from app.store.opening import NewStation, create_store, discard_store, open_store, store_exists
from app.store.store import StationStore
from app.store.verify import Report
from domain import enrolment
from domain.actor import SYSTEM, Actor
from domain.admission import GatePolicy, UnknownPolicy
from domain.catalogue import Gate
from domain.certificates import parse_chain
from domain.clock import Clock
from domain.entry import ORG, Draft
from domain.errors import Fault, Refusal
from domain.ids import RandomBytes
from sync.engine import Timing
from sync.enrolment import Joining, join, prepare, station_dsn
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

    def gatekeeper(self, gate: str | None, lane: str | None = None) -> Gatekeeper:
        """A gatekeeper for another gate or lane than the settings say; a fresh one each time."""
        exchange = self.exchange or NoExchange()
        return Gatekeeper(
            self.store,
            self.store.keys,
            self.services.clock,
            exchange.confidence,
            _gate_setup(
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
        """Begin to exchange with the hub in the background, where there is one."""
        if self.exchange is not None:
            self.exchange.start()
        if self.claims is not None:
            self.claims.begin()

    def note_start(self) -> None:
        """Write into the journal that the program was started here."""
        body = {
            "version": PROGRAM,
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.release()}",
        }
        with self.store.begin() as work:
            work.append(Draft("app_started", (ORG,), body), SYSTEM)
            work.commit()

    def verify(self) -> Report:
        """Check pages, chain, signatures and projections."""
        return self.store.verify()

    def backup(self, file: Path) -> int:
        """Copy the store to a file; answers its size in bytes. Raises Fault."""
        return self.store.back_up(file.parent, file.name).manifest.size

    def close(self) -> None:
        """Stop the exchange and the devices, close the store."""
        if self.exchange is not None:
            self.exchange.stop()
        if self.claims is not None:
            self.claims.close()
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
    store = open_store(data, open_keystore(settings), clock, random_bytes)
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
        if rejoining.is_again(store, file):
            pins = store.pins.verifiers()
            rejoining.set_aside(data, store)
            again = enrol_station(data, settings, text, clock=clock, random_bytes=random_bytes)
            again.store.pins.take_over(pins)
            return again
        if store.local_setting(JOINING) is None or store.identity.station != file.station:
            store.close()
            raise Refusal("STORE_EXISTS", folder=str(data))
        chain = parse_chain(json.loads(store.local_setting(JOINING) or ""))
        joining = Joining(store.signing_key.seed(), store.hub_password() or "", chain)
    else:
        joining = prepare(file, clock.now(), random_bytes)
        new = NewStation(file.name, file.prefix, file.station, file.epoch, joining.seed)
        store = create_store(data, keystore, clock, random_bytes, new)
        store.set_hub_password(joining.password)
        store.set_local_setting(JOINING, json.dumps([link.to_json() for link in joining.chain]))
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
    store.adopt_root(enrolled.root, enrolled.chain)
    store.set_local_setting(HUB_DSN, station_dsn(file, data / CA_FILE))
    store.set_local_setting(HUB_SCOPE, "*" if file.scope == "*" else json.dumps(file.scope))
    rejoining.issue_again(data, store)
    store.set_local_setting(JOINING, None)
    store.set_station(has_hub=True)
    store.close()
    return open_station(data, settings, clock=clock, random_bytes=random_bytes)


def build_station(
    store: StationStore, settings: Settings, clock: Clock, random_bytes: RandomBytes
) -> Station:
    """Put a station together around an open store. The one place where everything meets."""
    exchange = _exchange(store, settings, clock)
    claims = _claims(store, clock, random_bytes)
    sync = exchange or NoExchange(store.open_conflicts)
    with store.read() as read:
        practice = read.station().practice
    facts = FactsOfStation(store)
    signer = StationSigner(store.signing_key, practice=practice)
    files = FolderSink(Path(settings.text("print.folder") or store.folder / PRINTS))
    renderer = PdfRenderer(resource("fonts"), facts.organization, clock.now)
    devices = DeviceSet(settings, clock)
    hasher = PinHasher()
    print_order = PrintOrder(store, signer, renderer, files, devices.printer, sync.nudge)
    services = Services(
        clock=clock,
        facts=facts,
        sign_in=SignIn(store, store.pins, hasher, clock),
        add_user=AddUser(store, hasher, clock, random_bytes),
        set_pin=SetPin(store, hasher),
        board=Board(store, clock),
        offers=Offers(store, clock),
        quote=QuoteCart(store),
        sell=SellOrder(store, signer, clock, random_bytes, sync.nudge),
        find_orders=FindOrders(store, signer),
        print_order=print_order,
        print_queue=PrintQueue(store, print_order),
        print_shift=PrintShift(renderer, files),
        open_shift=OpenShift(store, random_bytes, sync.nudge),
        shift_now=ShiftNow(store),
        close_shift=CloseShift(store, sync.nudge),
        gatekeeper=Gatekeeper(
            store, store.keys, clock, sync.confidence, _gate_setup(
                settings, None, None, practice=practice, revoked=store.shut.is_shut
            ),
            sync.nudge,
            claims,
        ),
        open_turnstile=OpenTurnstile(store, devices.turnstile),
        list_conflicts=ListConflicts(store),
        show_conflict=ShowConflict(store),
        resolve_conflict=ResolveConflict(store, sync.nudge, sync.announce),
        sync=sync,
        devices=devices,
        settings=StationSettings(KeptSettings(settings)),
        opener=SystemOpener(),
    )  # fmt: skip
    return Station(
        services=services,
        store=store,
        settings=settings,
        exchange=exchange,
        files=files,
        import_catalogue=ImportCatalogue(store, clock, random_bytes, sync.nudge),
        devices=devices,
        claims=claims,
    )


def _claims(store: StationStore, clock: Clock, random_bytes: RandomBytes) -> StationClaims | None:
    dsn = store.local_setting(HUB_DSN)
    if dsn is None:
        return None
    return StationClaims(store, dsn, store.hub_password() or "", clock, random_bytes)


def _exchange(store: StationStore, settings: Settings, clock: Clock) -> Exchange | None:
    dsn = store.local_setting(HUB_DSN)
    if dsn is None:
        return None
    return Exchange(
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
        errands=Errands(ImportFolder(store)),
        lock_file=store.folder / SYNC_LOCK,
        leases=store.leases,
    )


def _gate_setup(
    settings: Settings,
    gate: str | None,
    lane: str | None,
    *,
    practice: bool,
    revoked: Callable[[], bool] = lambda: False,
) -> Callable[[Reads], GateSetup]:
    """Where this station stands, read from the settings each time so that a change is seen at once."""

    def setup(read: Reads) -> GateSetup:
        if revoked():
            raise Refusal("REVOKED")
        code = gate or settings.text("gate.code")
        known = next((one for one in read.gates() if one.code == code), Gate(code=code))
        late = settings.number("gate.late_minutes")
        chosen = settings.text("gate.performance")
        performance = read.performance_by_code(chosen) if chosen else None
        if chosen and performance is None:
            raise Refusal("PERFORMANCE_UNKNOWN", performance=chosen)
        admit_unknown = settings.text("gate.unknown") == "admit"
        return GateSetup(
            gate=known,
            lane=lane or settings.text("gate.lane"),
            events=_gate_events(read, settings) or known.events,
            performance=performance.number if performance else None,
            policy=GatePolicy(
                zone=read.organization().zone,
                unknown=UnknownPolicy.ADMIT_AND_FLAG if admit_unknown else UnknownPolicy.REFUSE,
                early_minutes=settings.number("gate.early_minutes"),
                late_minutes=late or None,
                practice=practice,
            ),
        )

    return setup


def _gate_events(read: Reads, settings: Settings) -> tuple[int, ...]:
    codes = [code.strip() for code in settings.text("gate.events").split(",") if code.strip()]
    found = {code: read.event_by_code(code) for code in codes}
    for code, event in found.items():
        if event is None:
            raise Refusal("EVENT_UNKNOWN", event=code)
    return tuple(event.number for event in found.values() if event is not None)
