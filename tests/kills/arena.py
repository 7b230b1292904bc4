"""Two stations and their hub, lives of processes that end in a kill, and what must hold after each."""

import contextlib
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing import connection, get_context
from pathlib import Path
from typing import Any

import psycopg

from app.bootstrap import Station, enrol_station, open_station
from app.catalogue_files import read_catalogue
from app.settings import Settings
from domain.actor import SYSTEM
from sync.hub_server import Server
from tests.builders import NOW, FakeClock
from tests.kills.worker import Plan, work
from tests.postgres import Hub, until_today
from tests.services.house import CASHIER, CATALOGUE

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.kills.worker"])
LONGEST_S = 20.0
"""A life that has not come to its end by then is ended from outside."""


@dataclass
class Told:
    """What people were told by one station, over all of its lives."""

    orders: dict[str, str] = field(default_factory=dict)
    serials: Counter[str] = field(default_factory=Counter)
    admitted: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    files: list[str] = field(default_factory=list)

    def hear(self, line: str) -> None:
        """Take in one line of the pipe; the last one of a life may be cut off, then nobody heard it."""
        try:
            said = json.loads(line)
        except ValueError:
            return
        if "sold" in said:
            self.orders[said["sold"]] = said["receipt"]
            self.serials.update(said["serials"])
        elif "verdict" in said:
            self.verdicts[said["verdict"]] += 1
            self.admitted[said["serial"]] += said["opens"]
        self.files.extend(said.get("files", ()))


class Till:
    """A station that is opened, killed and opened again."""

    def __init__(self, hub: Hub, root: Path, prefix: str) -> None:
        _, text = hub.invite(f"Till {prefix}", prefix, now=NOW, valid_for=until_today(NOW))
        self.data = root / prefix
        self.keys = root / f"{prefix}-keys"
        self.lives = 0
        self.told = Told()
        enrol_station(self.data, self._settings, text, clock=FakeClock(NOW)).close()

    @property
    def _settings(self) -> Settings:
        return Settings(self.data, {"GATEHOUSE_KEY_DIR": str(self.keys)})

    @contextlib.contextmanager
    def opened(self) -> Iterator[Station]:
        """The station in this process, between two lives."""
        station = open_station(self.data, self._settings, clock=FakeClock(NOW))
        try:
            yield station
        finally:
            station.close()

    def live(
        self,
        seed: int,
        *,
        label: str | None = None,
        nth: int = 1,
        seconds: float = LONGEST_S,
        meanwhile: Callable[[], None] | None = None,
    ) -> bool:
        """One life; True when it ended at its label, not from outside. `seconds` count from the opening;
        `meanwhile` is called once after the first guest."""
        self.lives += 1
        plan = Plan(str(self.data), str(self.keys), self.lives, seed, label, nth)
        hearing, telling = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(target=work, args=(plan, telling), daemon=True)
        process.start()
        telling.close()
        heard, end, closed = b"", time.monotonic() + LONGEST_S, False
        while not closed and (left := end - time.monotonic()) > 0:
            if not connection.wait([hearing], left):
                break
            got = os.read(hearing.fileno(), 65536)
            heard, closed = heard + got, not got
            if got.startswith(b'{"opened"'):
                end = time.monotonic() + seconds
            if meanwhile is not None and b'"sold"' in heard:
                act, meanwhile = meanwhile, None
                act()
        by_itself = closed
        if process.is_alive() and process.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        while got := os.read(hearing.fileno(), 65536):
            heard += got
        process.join()
        hearing.close()
        assert process.exitcode == -signal.SIGKILL, f"ended with {process.exitcode}: {heard[-300:]!r}"
        for line in heard.decode().splitlines():
            self.told.hear(line)
        return by_itself

    def faults(self) -> list[str]:
        """What is wrong on the disk now: the file, the chain, something told and missing, or double."""
        with self.opened() as station:
            report = station.verify()
            found = [] if report.clean else [f"verify: {report}"]
            found += self._missing(station.store._core)
        found += [f"printed and gone: {file}" for file in self.told.files if not Path(file).is_file()]
        return found

    def _missing(self, core: Any) -> list[str]:
        with core.reading() as reading:
            rows = reading.exec_driver_sql
            orders = dict(rows("SELECT order_id, receipt FROM orders").fetchall())
            serials = Counter(row[0] for row in rows("SELECT serial FROM position"))
            ours = "station = (SELECT value FROM meta WHERE name = 'station')"
            numbers = [row[0] for row in rows(
                f"SELECT receipt_number FROM orders WHERE {ours} ORDER BY 1"
            )]  # fmt: skip
            passed = Counter(row[0] for row in rows("SELECT serial FROM gate_fact WHERE kind = 'admitted'"))
        found = [f"sold and gone: {order}" for order in self.told.orders.items() - orders.items()]
        found += [f"sold and gone: {serial}" for serial in self.told.serials if not serials[serial]]
        found += [f"sold twice: {serial}" for serial, count in serials.items() if count > 1]
        found += [f"told twice: {serial}" for serial, count in self.told.serials.items() if count > 1]
        found += [f"let in and gone: {serial}" for serial in +self.told.admitted if not passed[serial]]
        found += [f"let in twice: {serial}" for serial, count in passed.items() if count > 1]
        if numbers != list(range(1, len(numbers) + 1)):
            found.append(f"receipts with a gap: {numbers}")
        return found

    def sync(self) -> str | None:
        """Exchange everything once; answers what stopped it."""
        with self.opened() as station:
            assert station.exchange is not None
            return station.exchange.run_once().code

    def journal(self) -> list[str]:
        """Ids of all own entries, in order."""
        with self.opened() as station:
            return [entry.entry_id for entry in station.store.outbox.batch(0, 10**6, 10**9)]


class Arena:
    """The hub with two tills that sell the same performance."""

    def __init__(self, hub: Hub, root: Path) -> None:
        self.hub = hub
        self.tills = [Till(hub, root, "A"), Till(hub, root, "B")]
        file = root / "house.yaml"
        file.write_text(CATALOGUE.replace("capacity: 400", "capacity: 900000"), encoding="utf-8")
        with self.tills[0].opened() as station:
            station.import_catalogue(read_catalogue(file), SYSTEM)
        for till in (*self.tills, *self.tills):
            assert till.sync() is None
        for till in self.tills:
            with till.opened() as station:
                station.services.open_shift(10_000, CASHIER)
            assert till.sync() is None

    def at_the_hub(self) -> list[str]:
        """What is not exactly once at the hub, after everybody has synced."""
        codes = [till.sync() for till in (*self.tills, *self.tills)]
        found = [f"sync stopped: {code}" for code in codes if code is not None]
        with self.hub.admin() as admin:
            rows = admin.execute(
                "SELECT station, entry_id::text FROM hub.station_log WHERE station <> '00000000'"
            ).fetchall()
        there = [str(entry) for _, entry in rows]
        ours = [entry for till in self.tills for entry in till.journal()]
        found += [f"at the hub twice: {entry}" for entry, count in Counter(there).items() if count > 1]
        found += [f"not at the hub: {entry}" for entry in set(ours) - set(there)]
        found += [f"only at the hub: {entry}" for entry in set(there) - set(ours)]
        return found

    def crash(self, server: Server) -> None:
        """PostgreSQL dies at once and comes back."""
        server.stop("immediate")
        server.start()
        psycopg.connect(self.hub.dsn).close()
