"""What goes to whoever helps: enough to help, and nothing of anybody's."""

import json
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from app import logs
from app.bootstrap import Station, create_station, open_keystore
from app.bundle import Mask, write_bundle
from app.catalogue_files import read_catalogue
from app.doctor import examine
from app.organization_keys import certify_alone, make_keys
from app.paths import resource
from app.services.sell import Item, SaleRequest, Tendered
from app.settings import Settings
from domain.actor import SYSTEM, Actor, Role
from domain.entry import DESK, Draft
from domain.errors import Fault
from domain.ids import uuid4
from domain.order import Tender
from tests.builders import FakeClock, seeded_random_bytes, utc

PASSWORD = "tr0ub4dor&3"
STREAM = f"rtsp://anna:{PASSWORD}@10.0.0.7/door"
PASSPHRASE = "ember thistle walnut"
SECRETS = {
    "GATEHOUSE_PIN": "258046",
    "GATEHOUSE_SESSION": "s3ssion-t0ken-of-a-script",
    "GATEHOUSE_HUB_DSN": f"postgresql://admin:{PASSWORD}@hub.example/gatehouse",
    "GATEHOUSE_ROOT_PASSPHRASE": PASSPHRASE,
    "GATEHOUSE_BACKUP_PASSPHRASE": "another passphrase",
    "GATEHOUSE_USER": "katarina",
    "GATEHOUSE_CAMERA_SOURCE": STREAM,
}
GUEST = {"name": "Wilhelmina Ångström", "email": "wilhelmina@example.org", "phone": "+49 30 901820"}

pytestmark = pytest.mark.logs_expected


class Busy:
    """A station on an evening: people, sales, a guest's data, a log that was written with no care."""

    def __init__(self, root: Path) -> None:
        self.data = root / "data"
        environment = {"GATEHOUSE_KEY_DIR": str(root / "keys"), **SECRETS}
        self.settings = Settings(self.data, environment)
        clock, random = FakeClock(utc("2026-11-21 16:20")), seeded_random_bytes(7)
        self.station: Station = create_station(
            self.data, self.settings, "Kasse Nord", "K1", clock=clock, random_bytes=random
        )
        keys = make_keys(root / "root.pem", PASSPHRASE, clock.now(), random)
        certify_alone(self.station.store, keys, clock.now(), random)
        self.station.import_catalogue(read_catalogue(resource("demo", "catalogue.yaml")), SYSTEM)
        roles = [Role.CASHIER, Role.SUPERVISOR]
        self.user = self.station.services.add_user("katarina", "Katarina Brandvold", roles, "258046", SYSTEM)
        self.actor = Actor(self.user, "katarina", frozenset(roles))
        with self.station.store.begin() as work:
            guest = uuid4(random)
            digest = work.put_document(guest, "customer", DESK, GUEST)
            named = {"document": guest, "kind": "customer", "document_hash": digest}
            body = {"documents": [named]}
            work.append(Draft("document_written", (DESK,), body), SYSTEM)
            work.commit()
        self.codes = self._sell()
        self._log()

    def _sell(self) -> list[str]:
        services = self.station.services
        services.open_shift(10_000, self.actor)
        row = next(row for row in services.board(self.actor) if row.performance is not None)
        assert row.performance is not None
        offer = next(
            one for one in services.offers(row.event.number, row.performance.number, self.actor)
            if one.refusal is None
        )  # fmt: skip
        item = Item(offer.product.number, row.performance.number, 3)
        sold = services.sell(SaleRequest([item], [Tendered(Tender.CASH, 1_000_000)]), self.actor)
        return list(sold.codes.values())

    def _log(self) -> None:
        logs.configure(self.data, "debug", stderr=False)
        log = structlog.get_logger()
        log.info("sold", user=self.user, order="o-1")
        log.info(f"scanned {self.codes[0]} of Wilhelmina Ångström")
        log.warning("no hub", dsn=SECRETS["GATEHOUSE_HUB_DSN"], who="katarina")
        path = self.data / logs.LOG_FOLDER / logs.LOG_NAME
        with path.open("a", encoding="utf-8") as file:  # what an older program wrote, before it masked
            file.write(json.dumps({"level": "info", "event": "mail", "to": GUEST["email"]}) + "\n")
            file.write(
                json.dumps({"level": "info", "event": f"code {self.codes[1]}", "pin": "258046"}) + "\n"
            )
            file.write(f"half a line of {GUEST['name']}")

    def bundled(self, path: Path) -> dict[str, str]:
        checks = examine(self.data, self.settings, open_keystore(self.settings))
        names = write_bundle(path, self.data, self.settings, checks, self.station)
        with zipfile.ZipFile(path) as file:
            assert sorted(file.namelist()) == names
            return {name: file.read(name).decode() for name in names}


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Busy]:
    before = logging.getLogger().level
    made = Busy(tmp_path)
    yield made
    made.station.close()
    logs.configure(None, "warning", stderr=False)
    logging.getLogger().setLevel(before)
    structlog.reset_defaults()


def test_it_holds_what_helps(busy: Busy, tmp_path: Path) -> None:
    parts = busy.bundled(tmp_path / "help.zip")
    assert set(parts) == {
        "devices.json", "doctor.json", "log.jsonl", "metrics.txt", "settings.json", "sync.json",
        "tables.json", "versions.json",
    }  # fmt: skip
    tables = json.loads(parts["tables.json"])
    assert tables["position"] == 3
    assert tables["journal"] > 3
    versions = json.loads(parts["versions.json"])
    assert versions["store_revision"]["file"] == versions["store_revision"]["program"]
    assert "sqlalchemy" in {name.lower() for name in versions["packages"]}
    assert any(json.loads(line)["event"] == "sold" for line in parts["log.jsonl"].splitlines())
    assert {check["name"] for check in json.loads(parts["doctor.json"])} >= {"disk", "clock", "station"}
    assert parts["metrics.txt"].endswith("# EOF\n")


def test_nobodys_name_code_or_secret_is_in_it(busy: Busy, tmp_path: Path) -> None:
    path = tmp_path / "help.zip"
    whole = "\n".join(busy.bundled(path).values())
    keys = [
        busy.station.store.signing_key.seed().hex(),
        busy.station.store.pin_key().hex(),
        busy.station.store._core.key.hex(),
    ]
    hidden = [
        *busy.codes, *keys, *SECRETS.values(), PASSWORD, *GUEST.values(), "Katarina", "Brandvold",
        "Wilhelmina", "Ångström", "hub.example", "Kasse Nord", str(Path.home()) + "/",
    ]  # fmt: skip
    found = [word for word in hidden if word.lower() in whole.lower()]
    assert found == []
    serials = [ticket["serial"] for ticket in _tickets(busy)]
    assert [serial for serial in serials if serial in whole] == []


def _tickets(busy: Busy) -> list[dict[str, str]]:
    with busy.station.store.read() as read:
        order = read.last_sale(read.station().station)
        assert order is not None
        view = read.order(order)
    assert view is not None
    return [{"serial": ticket.serial} for ticket in view.tickets]


def test_only_its_owner_may_read_it(busy: Busy, tmp_path: Path) -> None:
    path = tmp_path / "help.zip"
    busy.bundled(path)
    assert path.stat().st_mode & 0o077 == 0
    assert list(tmp_path.glob("*.part")) == []


def test_a_place_that_cannot_be_written_is_said(busy: Busy, tmp_path: Path) -> None:
    with pytest.raises(Fault, match="FILE_NOT_WRITABLE"):
        write_bundle(tmp_path / "no" / "help.zip", busy.data, busy.settings, [], busy.station)


def test_a_station_that_does_not_open_is_helped_too(tmp_path: Path) -> None:
    data = tmp_path / "data"
    settings = Settings(data, {"GATEHOUSE_KEY_DIR": str(tmp_path / "keys")})
    checks = examine(data, settings, open_keystore(settings))
    names = write_bundle(tmp_path / "help.zip", data, settings, checks, None)
    assert names == ["devices.json", "doctor.json", "log.jsonl", "settings.json", "versions.json"]


def test_a_mask_takes_whole_words_only() -> None:
    mask = Mask.of(["Ann", "Li", "O'Brien (desk)"])
    assert mask.text("ann sold to O'BRIEN (DESK); annual Li") == "••• sold to •••; annual Li"
    assert Mask.of([]).text("nothing") == "nothing"
