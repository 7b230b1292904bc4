"""The gate with nothing replaced: store, use cases, a camera on a picture of the ticket, lanes, window."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import qrcode
from pytestqt.qtbot import QtBot

from app.bootstrap import Station, create_station
from app.cli.demo_world import demo_rows
from app.cli.window import rows_without_people
from app.services.sell import Item, SaleRequest, Sold, Tendered
from app.settings import Settings
from devices.turnstile import SimulatedTurnstile
from domain.actor import SYSTEM
from domain.order import Tender
from ui.gate.page import GatePage
from ui.gate.presenter import GatePresenter
from ui.runner import TaskRunner

PATIENCE_MS = 20_000


class NoBugs:
    """Fails the test on anything unexpected in a lane."""

    def report(self, error: BaseException) -> None:
        raise error


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    environment = {"GATEHOUSE_KEYSTORE": "file", "GATEHOUSE_KEY_DIR": str(tmp_path / "keys")}
    flags = {"turnstile.port": "simulated", "camera.source": str(tmp_path / "ticket.png")}
    data = tmp_path / "data"
    made = create_station(data, Settings(data, environment, flags), "Gate", "G1")
    made.import_catalogue(rows_without_people(demo_rows()), SYSTEM)
    yield made
    made.close()


def sell_a_day_pass(station: Station) -> Sold:
    services = station.services
    with station.store.read() as read:
        products = [product for event in read.events() for product in read.products(event.number)]
    product = next(
        p
        for p in products
        if p.is_pass and p.sold_for(None) and not p.validity.hours and not p.validity.weekdays
    )
    services.open_shift(0, SYSTEM)
    paid = [Tendered(Tender.CASH, product.price_minor)]
    return services.sell(SaleRequest([Item(product.number, None, 1)], paid), SYSTEM)


def picture_of(code: str, path: Path) -> None:
    made = qrcode.QRCode(border=4, box_size=1, error_correction=qrcode.constants.ERROR_CORRECT_M)
    made.add_data(code)
    made.make()
    grey = np.where(np.array(made.get_matrix()), 0, 255).astype(np.uint8)
    cv2.imwrite(str(path), np.kron(grey, np.ones((6, 6), np.uint8)))


@pytest.mark.slow
def test_a_ticket_sold_here_and_held_to_the_camera_is_let_in_once_and_the_turnstile_opens_once(
    station: Station, tmp_path: Path, qtbot: QtBot
) -> None:
    sold = sell_a_day_pass(station)
    (code,) = sold.codes.values()
    picture_of(code, tmp_path / "ticket.png")
    runner = TaskRunner(NoBugs())
    sounds: list[str] = []
    presenter = GatePresenter(station.services, runner, lambda: SYSTEM, lambda: "en", sounds.append)
    page = GatePage(presenter)
    qtbot.addWidget(page)
    page.resize(1100, 700)
    page.show()
    page.on_enter()
    try:
        qtbot.waitUntil(lambda: page.verdict.facts().word == "Come in", timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: len(page.scans.shown()) == 1, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: page.numbers.admitted.texts()[1] == "1", timeout=PATIENCE_MS)
        turnstile = station.devices.open_turnstile()
        assert isinstance(turnstile, SimulatedTurnstile)
        assert len(turnstile.pulses) == 1
        assert sounds == ["admit"]
        page.handle_scan(code, "wedge")
        qtbot.waitUntil(lambda: page.verdict.facts().word == "Already let in", timeout=PATIENCE_MS)
        assert len(turnstile.pulses) == 1
        row = presenter.last_admission()
        assert row is not None
        presenter.undo(row, "mistake")
        qtbot.waitUntil(lambda: page.scans.shown()[0].undone, timeout=PATIENCE_MS)
    finally:
        page.on_leave()
        qtbot.waitUntil(lambda: runner.busy() == 0, timeout=PATIENCE_MS)
        runner.close()
    kinds = [row.kind for row in station.services.facts.journal(10)]
    assert {"admitted", "gate_opened", "admission_undone"} <= set(kinds)
    assert kinds.count("admitted") == 1
