"""Practice: everything works as in earnest, everything is marked, and nothing of it is ever counted."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from app import joining, practice
from app.bootstrap import Station, open_keystore
from app.organization_keys import certify_alone, make_keys
from app.practice_start import practise_from
from app.practice_station import hint, open_practice
from app.services.gate import ScanInput
from app.services.hashing import PinHasher
from app.services.sell import Item, SaleRequest, Sold, Tendered
from devices.qr_decode import decode_frame
from domain.actor import SYSTEM, Actor, Role
from domain.admission import Verdict
from domain.errors import DeviceFault, Fault, Refusal
from domain.order import Tender
from domain.ticket_code import decode
from tests.printing.prints import page_texts
from tests.services.house import GATE, House


@pytest.fixture
def house(make_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch) -> House:
    # The same hasher with a cost that a hundred sign-ins can pay; its real cost has a test of its own.
    monkeypatch.setattr("app.bootstrap.PinHasher", partial(PinHasher, 1, 64))
    made = make_house()
    made.services.add_user("anna", "Anna Ivanova", [Role.ADMIN], "2580", SYSTEM)
    return made


@pytest.fixture
def stage(house: House) -> Iterator["Stage"]:
    made = Stage(house)
    yield made
    made.station.close()


class Stage:
    """The practice venue of a house."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.station = self.opened()
        self.services = self.station.services

    def opened(self, *, afresh: bool = False) -> Station:
        house = self.house
        return open_practice(
            house.data, house.settings, afresh=afresh, clock=house.clock, random_bytes=house.random
        )

    def who(self, login: str) -> Actor:
        pin = next(one.pin for one in practice.PEOPLE if one.login == login)
        return self.services.sign_in.by_login(login, pin)

    def sell(self, count: int = 1) -> Sold:
        if self.services.shift_now(self.who("cashier")) is None:
            self.services.open_shift(5000, self.who("cashier"))
        with self.station.store.read() as read:
            at = read.performance_by_code("play-1")
            product = next(one for one in read.products(at.event) if one.code == "full")
        wanted = SaleRequest([Item(product.number, at.number, count)], [Tendered(Tender.CASH, 2000 * count)])
        return self.services.sell(wanted, self.who("cashier"))

    def admit(self, code: str) -> Verdict:
        keeper = self.station.gatekeeper(None)
        return keeper.admit(ScanInput(code, via="camera"), self.who("gate")).decision.verdict


def digest(house: House) -> dict[str, str]:
    """What lies in the real station's folder, its practice venue left out."""
    return {
        str(path.relative_to(house.data)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(house.data.rglob("*"))
        if path.is_file() and practice.FOLDER not in path.relative_to(house.data).parts
        and path.suffix != ".db-shm"
    }  # fmt: skip


def test_the_catalogue_is_the_real_one_and_its_doors_open_soon(stage: Stage) -> None:
    with stage.house.station.store.read() as real, stage.station.store.read() as read:
        assert [event.number for event in read.events()] == [event.number for event in real.events()]
        here, there = read.performance_by_code("play-1"), real.performance_by_code("play-1")
        prices = [(one.code, one.price) for one in real.products(there.event)]
        assert [(one.code, one.price) for one in read.products(there.event)] == prices
        assert read.organization() == real.organization()
        later = read.performance_by_code("play-2")
    now = stage.house.clock.now()
    assert timedelta(minutes=35) <= here.starts_at - now <= timedelta(minutes=45)
    assert later.starts_at - here.starts_at == timedelta(days=1), "all of an event move together"


def test_what_is_sold_is_admitted_here_and_refused_as_practice_at_a_real_gate(stage: Stage) -> None:
    (code,) = stage.sell().codes.values()
    assert decode(code).code.practice
    assert stage.admit(code) is Verdict.ADMIT
    answer = stage.house.station.gatekeeper(None).admit(ScanInput(code, via="camera"), GATE)
    assert (answer.decision.verdict, answer.opens) == (Verdict.PRACTICE, False)


def test_a_real_ticket_is_unknown_where_one_practises(stage: Stage) -> None:
    real = stage.house.sell("full")
    assert stage.admit(next(iter(real.codes.values()))) in {Verdict.UNKNOWN_KEY, Verdict.UNKNOWN}


def test_a_day_of_practice_leaves_the_real_folder_as_it_was(stage: Stage) -> None:
    house = stage.house
    receipts = house.sell("full").order.receipt
    house.station.store.verify()
    before, tip = digest(house), house.station.store.outbox.tip()
    sold = stage.sell(3)
    stage.services.print_order(sold.order.order, stage.who("cashier"))
    stage.admit(next(iter(sold.codes.values())))
    stage.services.close_shift(11000, stage.who("cashier"))
    assert house.station.store.outbox.tip() == tip
    assert digest(house) == before
    assert receipts == "K1-000001"
    assert house.sell("full").order.receipt == "K1-000002", "its receipts go on"


def test_receipts_of_practice_have_a_series_of_their_own(stage: Stage) -> None:
    assert [stage.sell().order.receipt for _ in range(2)] == ["K1-P000001", "K1-P000002"]


def test_every_entry_of_practice_says_so(stage: Stage) -> None:
    stage.sell()
    entries = stage.station.store.outbox.batch(0, 500, 10_000_000)
    assert len(entries) > 10
    assert all(entry.actor.practice for entry in entries)
    assert stage.station.verify().clean


def test_a_shift_where_one_practises_counts_what_was_practised(stage: Stage) -> None:
    stage.sell(2)
    now = stage.services.shift_now(stage.who("cashier"))
    assert (now.expected.minor, now.receipts_count, now.practice) == (9000, 1, True)
    closed = stage.services.close_shift(9000, stage.who("cashier"))
    assert closed.difference.minor == 0
    file = stage.services.print_shift(closed, stage.who("cashier"), "en", None)
    assert "PRACTICE – NOT A REPORT" in "".join(page_texts(Path(file).read_bytes()))


def test_tickets_and_receipts_are_marked_and_land_in_the_practice_folder(stage: Stage) -> None:
    order = stage.sell().order.order
    printed = stage.services.print_order(order, stage.who("cashier"), to_printer=True)
    for file in printed.files:
        assert stage.station.store.folder in Path(file).parents
        assert "PRACTICE" in "".join(page_texts(Path(file).read_bytes()))
    assert len(list((stage.station.store.folder / "printed").iterdir())) == 2


def test_a_jammed_printer_fails_until_it_is_cleared(stage: Stage) -> None:
    order = stage.sell().order.order
    stage.services.practice.jam_printer(jammed=True)
    with pytest.raises(DeviceFault) as refused:
        stage.services.print_order(order, stage.who("cashier"), to_printer=True)
    assert refused.value.code == "PRINTER_GONE"
    stage.services.practice.jam_printer(jammed=False)
    stage.services.print_order(order, stage.who("cashier"), to_printer=True)


def test_the_network_can_be_cut_and_what_piles_up_is_counted(stage: Stage) -> None:
    assert stage.services.sync.view().mode == "live"
    seen = []
    stage.services.sync.subscribe(seen.append)
    stage.services.practice.cut_network(cut=True)
    stage.sell()
    view = stage.services.sync.view()
    assert (view.mode, view.since_at is not None) == ("offline", True)
    assert view.waiting >= 1
    assert seen[0].mode == "offline"
    stage.services.practice.cut_network(cut=False)
    assert (stage.services.sync.view().mode, stage.services.sync.view().waiting) == ("live", 0)


def test_a_ticket_held_before_the_camera_is_read_from_its_frames(stage: Stage) -> None:
    (serial, code), *_ = stage.sell().codes.items()
    bench = stage.services.practice
    assert [(one.serial, one.state) for one in bench.tickets()] == [(serial, "active")]
    bench.hold(serial)
    frame = stage.station.devices._camera_at("simulated")(FakeStop()).read()
    assert [found.text for found in decode_frame(frame)] == [code]
    bench.take_away()
    assert bench.held is None


class FakeStop:
    """Nobody stops it."""

    def wait(self, _seconds: float) -> bool:
        return False

    def is_set(self) -> bool:
        return False


def test_no_setting_can_reach_a_real_device(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.station.close()
    monkeypatch.setenv("GATEHOUSE_TURNSTILE_PORT", "/dev/ttyUSB7")
    monkeypatch.setenv("GATEHOUSE_PRINT_FOLDER", "/somewhere/else")
    monkeypatch.setenv("GATEHOUSE_SCANNER_PORT", "/dev/ttyACM3")
    again = stage.opened()
    assert again.settings.text("turnstile.port") == "simulated"
    assert again.settings.text("scanner.port") == again.settings.text("print.folder") == ""
    stage.station = again


def test_nobody_s_name_and_no_pin_is_taken_over(stage: Stage) -> None:
    with stage.station.store.read() as read:
        people = read.people()
    assert {one.login for one in people} == {one.login for one in practice.PEOPLE}
    assert "Anna Ivanova" not in {one.name for one in people}
    with pytest.raises(Refusal):
        stage.services.sign_in.by_login("anna", "2580")
    assert "1111" in hint(stage.station, "en")
    assert hint(stage.house.station, "en") == ""


def test_practice_lasts_a_day(stage: Stage) -> None:
    first = stage.station.store.identity.station
    stage.sell()
    stage.station.close()
    same = stage.opened()
    assert same.store.identity.station == first
    same.close()
    stage.house.clock.advance(hours=19)
    stage.station = stage.opened()
    assert stage.station.store.identity.station != first
    with stage.station.store.read() as read:
        assert read.find_orders("") == []


def test_it_can_begin_afresh_at_any_time_and_its_key_is_forgotten(stage: Stage) -> None:
    before = stage.station.store.installation
    stage.station.close()
    stage.station = stage.opened(afresh=True)
    assert stage.station.store.installation != before
    assert open_keystore(stage.house.settings).read(before) is None


def test_a_practice_venue_joins_no_hub_and_is_certified_by_nobody(stage: Stage, tmp_path: Path) -> None:
    keys = make_keys(tmp_path / "root.pem", "a long passphrase", stage.house.clock.now(), stage.house.random)
    with pytest.raises(Refusal) as refused:
        certify_alone(stage.station.store, keys, stage.house.clock.now(), stage.house.random)
    assert refused.value.code == "PRACTICE_STANDS_ALONE"
    with pytest.raises(Refusal) as refused:
        joining.request(stage.station.store)
    assert refused.value.code == "PRACTICE_STANDS_ALONE"
    stage.station = stage.opened()


def test_opening_it_from_the_window_starts_a_process_for_this_very_folder(tmp_path: Path) -> None:
    started: list[list[str]] = []
    practise_from(tmp_path, lambda command: started.append(list(command)))()
    assert started[0][-3:] == ["practice", "--data", str(tmp_path.resolve())]

    def refuses(_command: object) -> None:
        raise OSError(2, "no such program")

    with pytest.raises(Fault) as refused:
        practise_from(tmp_path, refuses)()
    assert refused.value.code == "PRACTICE_NOT_STARTED"
