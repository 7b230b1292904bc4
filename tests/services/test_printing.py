"""Paper: files, copies, the queue that survives a fault and a kill, shift reports."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

from app.bootstrap import open_station
from app.services.printing import SERIALS_PER_ENTRY
from app.settings import Settings
from devices.picture_files import decode_file
from domain.actor import Actor, Role
from domain.errors import DeviceFault, Fault, Refusal
from tests.builders import NOW, FakeClock
from tests.services.house import CASHIER, GATE, House


def text_of(pdf: str) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def codes_on(pdf: str) -> set[str]:
    return {one.text for one in decode_file(Path(pdf)) if len(one.text) == 152}


def test_tickets_and_receipt_are_written_and_recorded_and_the_job_is_done(
    house: House, tmp_path: Path
) -> None:
    sold = house.sell("full", "half")
    printed = house.services.print_order(sold.order.order, CASHIER, folder=str(tmp_path / "out"))
    assert [Path(file).name for file in printed.files] == ["K1-000001-tickets.pdf", "K1-000001-receipt.pdf"]
    assert set(printed.serials) == set(sold.codes)
    assert codes_on(printed.files[0]) == set(sold.codes.values())
    (entry,) = house.entries("ticket_printed")
    assert (entry.body["medium"], entry.body["receipt"]) == ("file", True)
    assert entry.body["serials"] == list(printed.serials)
    assert house.services.print_queue.waiting() == []
    assert house.services.find_orders.show(sold.order.order, CASHIER).printed


def test_printing_again_makes_the_very_same_codes(house: House) -> None:
    sold = house.sell("full")
    first = codes_on(house.services.print_order(sold.order.order, CASHIER).files[0])
    house.clock.advance(days=1)
    house.reopen()
    assert codes_on(house.services.print_order(sold.order.order, CASHIER).files[0]) == first


def test_a_receipt_says_copy_and_the_number_grows(house: House) -> None:
    order = house.sell("full").order.order
    texts = []
    for _ in range(3):
        printed = house.services.print_order(order, CASHIER, what="receipt")
        assert printed.serials == []
        texts.append(text_of(printed.files[0]))
    assert "COPY" not in texts[0]
    assert "COPY 1" in texts[1]
    assert "COPY 2" in texts[2]
    assert house.services.find_orders.show(order, CASHIER).receipt_prints == 3


def test_tickets_printed_before_do_not_make_the_first_receipt_a_copy(house: House) -> None:
    order = house.sell("full").order.order
    house.services.print_order(order, CASHIER, what="tickets")
    assert "COPY" not in text_of(house.services.print_order(order, CASHIER, what="receipt").files[0])


def test_half_of_what_was_asked_for_does_not_finish_the_job(house: House) -> None:
    order = house.sell("full").order.order
    house.services.print_order(order, CASHIER, what="receipt")
    house.services.print_order(order, CASHIER, what="tickets")
    assert [job.what for job in house.services.print_queue.waiting()] == ["tickets+receipt"]
    house.services.print_order(order, CASHIER)
    assert house.services.print_queue.waiting() == []


def run_job(house: House, actor: Actor = CASHIER, *, to_printer: bool = False) -> list[str]:
    (job,) = house.services.print_queue.waiting()
    return list(
        house.services.print_queue.run(job, actor, paper="A4", lang="en", to_printer=to_printer).files
    )


def test_a_folder_that_cannot_be_written_is_noted_on_the_job_and_trying_again_works(
    make_house: Callable[..., House], tmp_path: Path
) -> None:
    blocked = tmp_path / "prints"
    blocked.write_text("a file is in the way")
    house = make_house(env={"GATEHOUSE_PRINT_FOLDER": str(blocked)})
    sold = house.sell("full")
    for attempt in (1, 2):
        with pytest.raises(Fault) as caught:
            run_job(house)
        assert caught.value.code == "PRINT_FOLDER_NOT_WRITABLE"
        (job,) = house.services.print_queue.waiting()
        assert (job.state, job.last_code, job.attempts) == ("failed", "PRINT_FOLDER_NOT_WRITABLE", attempt)
    assert not house.services.find_orders.show(sold.order.order, CASHIER).printed
    blocked.unlink()
    assert all(Path(file).is_file() for file in run_job(house))
    assert house.services.print_queue.waiting() == []


def test_a_printer_that_is_not_there_leaves_the_files_and_a_failed_job(house: House, tmp_path: Path) -> None:
    house.reopen(GATEHOUSE_PRINT_PRINTER="no-such-printer", GATEHOUSE_PRINT_FOLDER=str(tmp_path / "out"))
    house.sell("full")
    with pytest.raises(DeviceFault) as caught:
        run_job(house, to_printer=True)
    (job,) = house.services.print_queue.waiting()
    assert (job.state, job.last_code) == ("failed", caught.value.code)
    assert len(list((tmp_path / "out").glob("*.pdf"))) == 2
    assert not house.entries("ticket_printed")


def test_whoever_may_not_print_changes_nothing_about_a_job(house: House) -> None:
    house.sell("full")
    with pytest.raises(Refusal, match="NOT_ALLOWED"):
        run_job(house, GATE)
    (job,) = house.services.print_queue.waiting()
    assert (job.state, job.last_code) == ("waiting", None)
    with pytest.raises(Refusal, match="ORDER_UNKNOWN"):
        house.services.print_order("00000000-0000-4000-8000-00000000ffff", CASHIER)


def test_prints_are_russian_where_asked_and_name_the_house(house: House) -> None:
    order = house.sell("full").order.order
    text = text_of(house.services.print_order(order, CASHIER, lang="ru").files[0])
    assert "Пьеса" in text
    assert "Old Theatre" in text


def test_more_tickets_than_an_entry_holds_are_all_recorded_as_printed(
    make_house: Callable[..., House],
) -> None:
    house = make_house()
    house.import_text("events: [{code: play, performances: [{code: play-1, capacity: 5000}]}]")
    order = house.sell(house.item("full", SERIALS_PER_ENTRY + 5), cash=10_000_000).order
    serials = [ticket.serial for ticket in order.tickets]
    house.services.print_order._record(order, serials, "tickets+receipt", "file", CASHIER)
    entries = house.entries("ticket_printed")
    assert [len(entry.body["serials"]) for entry in entries] == [SERIALS_PER_ENTRY, 5]
    assert [entry.body["receipt"] for entry in entries] == [True, False]
    view = house.services.find_orders.show(order.order, CASHIER)
    assert {ticket.printed for ticket in view.tickets} == {1}
    assert view.receipt_prints == 1


def test_x_and_z_reports_are_files_of_their_own(house: House, tmp_path: Path) -> None:
    house.sell("full")
    supervisor = Actor(user=CASHIER.user, roles=frozenset({Role.SUPERVISOR}))
    x = house.services.print_shift(house.services.shift_now(supervisor), CASHIER, "en", str(tmp_path))
    z = house.services.print_shift(house.services.close_shift(12_000, CASHIER), CASHIER, "ru", str(tmp_path))
    assert Path(x).name.startswith("X-")
    assert Path(z).name == "Z-000001-Till-K1.pdf"
    assert "20.00" in text_of(x)
    with pytest.raises(Refusal, match="NOT_ALLOWED"):
        house.services.print_shift(house.services.shift_now.last(CASHIER), GATE)


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, "tests")
from app.bootstrap import open_station
from app.services.sell import Item, SaleRequest, Tendered
from app.settings import Settings
from domain.order import Tender
from tests.builders import FakeClock
from tests.services.house import CASHIER

data, keys = Path(sys.argv[1]), sys.argv[2]
station = open_station(data, Settings(data, {"GATEHOUSE_KEY_DIR": keys}), clock=FakeClock())
with station.store.read() as read:
    at = read.performance_by_code("play-1")
    product = read.products(at.event)[0]
sold = station.services.sell(
    SaleRequest([Item(product.number, at.number, 3)], [Tendered(Tender.CASH, 6000)]), CASHIER
)
print("\\n".join([sold.order.order, *sorted(sold.codes.values())]), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_sale_killed_before_its_print_is_there_at_the_next_start_and_prints_the_same_codes(
    house: House,
) -> None:
    house.station.close()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(house.data), house.env["GATEHOUSE_KEY_DIR"]],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    order, *codes = killed.stdout.split()
    house.station = open_station(house.data, Settings(house.data, house.env), clock=FakeClock(NOW))
    view = house.services.find_orders.show(order, CASHIER)
    assert (len(view.tickets), view.printed) == (3, False)
    (job,) = house.services.print_queue.waiting()
    assert (job.order, job.state) == (order, "waiting")
    tickets, _receipt = run_job(house)
    assert codes_on(tickets) == set(codes)
    assert house.services.print_queue.waiting() == []
    assert house.station.verify().clean
