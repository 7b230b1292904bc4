"""The demo world: a hub, two tills and a gate in a fresh folder, with demo data and demo people."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from app.bootstrap import Station, enrol_station
from app.catalogue_files import read_catalogue
from app.cli.hub_access import DATABASE, serve_hub
from app.clock import SystemClock, system_random
from app.paths import resource
from app.services.catalogue_rows import CatalogueFile
from app.settings import Settings
from domain.actor import SYSTEM, Actor, Role
from domain.certificates import EVERYTHING
from domain.errors import Fault
from sync import hub_admin
from sync.hub_server import Server
from sync.root_key import make_root_key

PINS: Mapping[str, str] = {
    "admin": "1111", "olga": "2222", "sam": "3333", "carla": "4444", "gleb": "5555", "sofia": "6666",
}  # fmt: skip
"""PINs of the demo people: they exist in demo worlds only, and are shown there."""

STATIONS = (("Till 1", "K1"), ("Till 2", "K2"), ("Gate A", "GA"))
PASSPHRASE = "demo only, not secret"  # noqa: S105 - opens nothing but the root key of a throw-away demo
DEMO = "demo"
CATALOGUE = ("demo", "catalogue.yaml")


def demo_rows() -> CatalogueFile:
    """The demo catalogue, read from the file that anybody can import."""
    return read_catalogue(resource(*CATALOGUE))


def add_demo_people(station: Station, rows: CatalogueFile) -> None:
    """Add the demo people with their PINs to a station that has none of them."""
    for row in rows.lists["users"]:
        roles = [Role(role) for role in row.values["roles"]]
        login = str(row.values["login"])
        station.services.add_user(login, str(row.values["name"]), roles, PINS[login], SYSTEM)
    station.store.set_local_setting(DEMO, "1")


def demo_hint(station: Station) -> str:
    """The people of a demo and their PINs, for its sign-in screen; empty anywhere else."""
    if station.store.local_setting(DEMO) is None:
        return ""
    return "Demo PINs: " + " · ".join(f"{login} {pin}" for login, pin in PINS.items())


def give_pins(station: Station) -> None:
    """On a station that learned of the demo people from the hub: their PINs, which never travel."""
    with station.store.read() as read:
        people = [person for person in read.people() if person.login in PINS]
    for person in people:
        station.services.set_pin(person.user, PINS[person.login], SYSTEM)
    station.store.set_local_setting(DEMO, "1")


class DemoWorld:
    """Hub, two tills and a gate below one folder. Use as a context: leaving it closes everything."""

    def __init__(self, folder: Path, note: Callable[[str], None] | None = None) -> None:
        self.folder = folder
        self._note = note or (lambda _text: None)
        self._stack = ExitStack()
        self.server: Server | None = None
        self.stations: dict[str, Station] = {}

    def __enter__(self) -> "DemoWorld":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        if self.server is not None:
            self.server.stop()

    @property
    def dsn(self) -> str:
        """The administrator's connection to the demo hub."""
        if self.server is None:
            raise AssertionError("the hub was not started")
        return self.server.dsn(DATABASE)

    def data(self, prefix: str) -> Path:
        """The data folder of a station, by its receipt prefix."""
        return self.folder / "stations" / prefix

    def settings(self, prefix: str) -> Settings:
        """The settings of a station: keys lie beside the data folders, nothing of the machine is touched."""
        environment = {"GATEHOUSE_KEY_DIR": str(self.folder / "keys")}
        return Settings(self.data(prefix), environment)

    def start_hub(self) -> None:
        """Start the PostgreSQL and make it the hub of the demo organization."""
        self.server = serve_hub(self.folder)
        clock = SystemClock()
        root_file = self.folder / "organization-root.pem"
        root = make_root_key(root_file, PASSPHRASE, system_random)
        hub_admin.init(
            self.dsn, name="Gatehouse demo", root=root.public, now=clock.now(), random_bytes=system_random
        )
        for name, prefix in STATIONS:
            _, text = hub_admin.invite(
                self.dsn, name=name, prefix=prefix, scope=EVERYTHING, root=root, now=clock.now(),
                random_bytes=system_random,
            )  # fmt: skip
            self._enrol(prefix, text)

    def _enrol(self, prefix: str, text: str) -> None:
        station = enrol_station(self.data(prefix), self.settings(prefix), text)
        self._stack.callback(station.close)
        self.stations[prefix] = station
        self._note(f"{prefix} has joined the hub")

    def fill(self) -> None:
        """Import the demo catalogue at the first till, tell the hub, and let the others hear of it."""
        rows = demo_rows()
        first = self.stations["K1"]
        add_demo_people(first, rows)
        first.import_catalogue(rows, SYSTEM)
        self.sync()
        for prefix, station in self.stations.items():
            if prefix != "K1":
                give_pins(station)

    def sync(self) -> None:
        """Everybody pushes, then everybody pulls."""
        for _ in range(2):
            for station in self.stations.values():
                if station.exchange is not None and (code := station.exchange.run_once().code):
                    raise Fault(code)

    def sign_in(self, prefix: str, login: str) -> Actor:
        """A demo person signs in at a station."""
        return self.stations[prefix].services.sign_in.by_login(login, PINS[login])
