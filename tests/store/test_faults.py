"""A full disk, a folder that cannot be written, a torn page, a second process, a kill: plain answers, and
nothing half done."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from app.store.opening import open_store
from domain.errors import Fault
from tests.store.station import CASHIER, Sale, Station
from tests.store.test_journal import STARTED

ROOT = Path(__file__).resolve().parents[2]
needs_posix = pytest.mark.skipif(os.name == "nt", reason="POSIX rights and signals")

PROGRAM = """
import os, sys, time
from pathlib import Path
from app.store.keys import FileKeyStore
from app.store.opening import open_store
from domain.actor import Actor
from domain.entry import Draft
from domain.errors import Fault
from tests.builders import FakeClock, seeded_random_bytes
from tests.store.station import Sale

root, seed = Path(sys.argv[1]), int(sys.argv[2])
random = seeded_random_bytes(seed)
STARTED = Draft("app_started", ("org",), {"version": "1", "python": "3", "system": "x"})
actor = Actor(user="00000000-0000-4000-8000-000000000001")

def opened():
    return open_store(root / "data", FileKeyStore(root / "keys"), FakeClock(), random)
"""


def program(station: Station, body: str, seed: int = 9) -> subprocess.Popen:
    """Another process on the same folder."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM + textwrap.dedent(body), str(station.root), str(seed)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def output(station: Station, body: str) -> str:
    with program(station, body) as process:
        text, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return text.strip()


def code_of(act) -> str:
    with pytest.raises(Fault) as caught:
        act()
    return caught.value.code


def sell(station: Station, number: int = 1, count: int = 4) -> str:
    sale = Sale(station.random, number=number, count=count, first_slot=1 + (number - 1) * count)
    station.append(sale.draft())
    return sale.order


def test_a_full_disk_refuses_the_sale_and_keeps_all_others(theatre: Station) -> None:
    kept = sell(theatre)
    raw = theatre.store._core._writer.connection.driver_connection
    pages = raw.execute("PRAGMA page_count").fetchone()[0]
    raw.execute(f"PRAGMA max_page_count = {pages}")
    numbers = iter(range(2, 100))
    assert code_of(lambda: [sell(theatre, number, count=40) for number in numbers]) == "DISK_FULL"
    raw.execute("PRAGMA max_page_count = 1000000")
    again = sell(theatre, number=200)
    with theatre.store.read() as read:
        assert read.order(kept) is not None
        assert read.order(again) is not None
    assert theatre.store.verify().clean


@needs_posix
def test_a_disk_that_takes_no_more_bytes_is_full_or_failing_and_nothing_is_lost(theatre: Station) -> None:
    sell(theatre)
    tip = theatre.store.outbox.tip()
    theatre.store.close()
    code = output(
        theatre,
        """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        store = opened()
        size = (root / "data" / "station.db").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        try:
            for number in range(1, 500):
                with store.begin() as work:
                    work.append(Sale(random, number=number + 10, count=20).draft(), actor)
                    work.commit()
        except Fault as fault:
            print(fault.code)
        """,
    )
    assert code in {"DISK_FULL", "STORE_IO_ERROR"}
    store = theatre.reopen()
    assert store.outbox.tip().seq >= tip.seq
    assert store.verify().clean


@needs_posix
def test_a_folder_that_may_not_be_written_says_so(theatre: Station) -> None:
    sell(theatre)
    theatre.store.close()
    for path in (theatre.root, theatre.folder, theatre.keystore.folder):
        path.chmod(0o755)
    for path in [*theatre.folder.iterdir(), *theatre.keystore.folder.iterdir()]:
        path.chmod(0o644)
    for parent in theatre.root.parents:
        if parent.owner() == theatre.root.owner() and parent.name.startswith(("pytest-", "test_")):
            parent.chmod(0o755)
    if os.getuid() != 0:
        for path in theatre.folder.iterdir():
            path.chmod(0o444)
        theatre.folder.chmod(0o555)
    code = output(
        theatre,
        """
        if os.getuid() == 0:
            os.setuid(65534)
        try:
            store = opened()
            with store.begin() as work:
                work.append(STARTED, actor)
                work.commit()
        except Fault as fault:
            print(fault.code)
        """,
    )
    theatre.folder.chmod(0o755)
    assert code == "STORE_READ_ONLY"


def test_a_flipped_bit_is_noticed_and_named(theatre: Station) -> None:
    for number in range(1, 6):
        sell(theatre, number)
    theatre.store.close()
    path = theatre.folder / "station.db"
    content = bytearray(path.read_bytes())
    for page in range(2, len(content) // 4096):
        content[page * 4096 + 100] ^= 1
    path.write_bytes(content)
    assert code_of(theatre.reopen) == "STORE_DAMAGED"


def test_one_flipped_bit_deep_in_the_file_is_found_by_verify(theatre: Station) -> None:
    for number in range(1, 6):
        sell(theatre, number)
    theatre.store.close()
    path = theatre.folder / "station.db"
    content = bytearray(path.read_bytes())
    content[-2000] ^= 1
    path.write_bytes(content)
    report = theatre.reopen().verify()
    assert [problem.code for problem in report.problems] == ["PAGE_DAMAGED"]


def test_a_cut_off_file_is_damaged(theatre: Station) -> None:
    theatre.store.close()
    path = theatre.folder / "station.db"
    path.write_bytes(path.read_bytes()[: 4096 * 3])
    assert code_of(theatre.reopen) == "STORE_DAMAGED"


def test_a_second_process_that_writes_for_too_long_is_reported_as_busy(theatre: Station) -> None:
    second = open_store(theatre.folder, theatre.keystore, theatre.clock, theatre.random, busy_ms=50)

    def write() -> None:
        with second.begin() as work:
            work.append(STARTED, CASHIER)
            work.commit()

    with theatre.store.begin():
        assert code_of(write) == "STORE_BUSY"
    write()
    second.close()


def test_two_processes_write_one_chain(theatre: Station) -> None:
    body = """
        store = opened()
        for number in range(40):
            with store.begin() as work:
                work.append(STARTED, actor)
                work.commit()
        store.close()
        """
    before = theatre.store.outbox.tip().seq
    first, second = program(theatre, body, seed=11), program(theatre, body, seed=12)
    for _ in range(40):
        theatre.append(STARTED)
    for process in (first, second):
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert theatre.store.outbox.tip().seq == before + 120
    assert theatre.store.verify().clean


@needs_posix
@pytest.mark.parametrize("acknowledged", [1, 4, 9])
def test_a_kill_loses_nothing_that_was_acknowledged(theatre: Station, acknowledged: int) -> None:
    theatre.store.close()
    process = program(
        theatre,
        """
        store = opened()
        number = 0
        while True:
            number += 1
            sale = Sale(random, number=number, count=3, first_slot=number * 3)
            with store.begin() as work:
                work.append(sale.draft(), actor)
                work.add_print_job(sale.order, "tickets")
                work.commit()
            print(sale.order, flush=True)
        """,
    )
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(acknowledged)]
    process.send_signal(signal.SIGKILL)
    told += process.stdout.read().split()
    process.wait(timeout=30)
    process.stdout.close()
    store = theatre.reopen()
    with store.read() as read:
        missing = [order for order in told if read.order(order) is None]
        jobs = {job.order for job in read.print_jobs()}
    assert missing == []
    assert set(told) <= jobs
    assert store.verify().clean


@needs_posix
def test_a_kill_inside_a_transaction_leaves_nothing_of_it(theatre: Station) -> None:
    tip = theatre.store.outbox.tip()
    theatre.store.close()
    process = program(
        theatre,
        """
        store = opened()
        with store.begin() as work:
            work.append_many([Sale(random, number=n, count=30).draft() for n in range(1, 30)], actor)
            print("written", flush=True)
            time.sleep(60)
        """,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "written"
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    process.stdout.close()
    store = theatre.reopen()
    assert store.outbox.tip() == tip
    assert store.verify().clean


def test_a_closed_store_is_closed(theatre: Station) -> None:
    theatre.store.close()
    with pytest.raises(RuntimeError), theatre.store.read():
        pass
    with pytest.raises(RuntimeError), theatre.store.begin():
        pass
