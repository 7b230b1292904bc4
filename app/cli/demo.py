"""`gatehouse demo`: the windows of a demo world, or the whole story without a display, step by step."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from app.cli.demo_world import PINS, STATIONS, DemoWorld
from app.clock import SystemClock
from app.formats import format_money
from app.services.gate import GateAnswer, ScanInput
from app.services.sell import Item, SaleRequest, Sold, Tendered
from devices.camera import CameraReader
from devices.camera_sources import open_source
from devices.pdf_pages import page_count, render_page
from devices.protocols import ScanEvent, Status
from domain.actor import Actor
from domain.admission import Verdict
from domain.errors import GatehouseError
from domain.order import Tender

T = TypeVar("T")
Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story: whether it went as it must, what was seen, and how long it took."""

    name: str
    ok: bool
    detail: str
    ms: int


class StoryError(Exception):
    """A step of the story did not go as it must."""


def play_story(out: Path, lang: str, note: Note | None) -> list[Step]:
    """Play the story in a fresh folder; PDFs and pictures go to `out`."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gatehouse-demo-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # a PostgreSQL that runs under another account must reach its own folder
        with DemoWorld(Path(folder)) as world:
            return _Story(world, out, lang, note).play()


def show_demo(out: Path, lang: str, note: Note) -> int:
    """Open the windows of two tills and a gate over one hub; returns when all of them are closed."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gatehouse-demo-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with DemoWorld(Path(folder), note) as world:
            world.start_hub()
            world.fill()
            for station in world.stations.values():
                station.close()
            note(
                "People of the demo and their PINs: " + ", ".join(f"{who} {pin}" for who, pin in PINS.items())
            )
            environment = {
                **os.environ,
                "GATEHOUSE_KEY_DIR": str(world.folder / "keys"),
                "GATEHOUSE_LANG": lang,
            }
            windows = [
                subprocess.Popen(
                    [
                        sys.executable,
                        "-m",
                        "app.main",
                        "open",
                        "--windowed",
                        "--data",
                        str(world.data(prefix)),
                    ],
                    env={**environment, "GATEHOUSE_PRINT_FOLDER": str(out.resolve() / prefix)},
                )
                for _, prefix in STATIONS
            ]
            codes = [window.wait() for window in windows]
    return max(codes)


class _Story:
    """The steps, each a method; what one leaves behind the next picks up."""

    def __init__(self, world: DemoWorld, out: Path, lang: str, note: Note | None) -> None:
        self._world = world
        self._out = out
        self._lang = lang
        self._note = note
        self._actors: dict[str, Actor] = {}
        self._sold: Sold | None = None
        self._codes: list[str] = []
        self._offline: list[Sold] = []

    def play(self) -> list[Step]:
        """All steps in order; the first that fails ends the story."""
        steps: list[Step] = []
        for name, act in (
            ("hub, two tills and a gate", self._start),
            ("catalogue and people", self._fill),
            ("open the shifts", self._open_shifts),
            ("sell", self._sell),
            ("print", self._print),
            ("photograph the printed code", self._photograph),
            ("tell the hub and the gate", self._tell),
            ("admit", self._admit),
            ("refuse the second time", self._refuse),
            ("refuse a forged code", self._forge),
            ("sell while the hub is down", self._sell_offline),
            ("admit an offline sale at an offline gate", self._admit_offline),
            ("admit one ticket at two offline gates", self._admit_twice),
            ("sync when the hub is back", self._sync),
            ("find one conflict, everywhere", self._conflict),
            ("resolve it, everywhere", self._resolve),
            ("close the shift", self._close_shift),
            ("verify every journal", self._verify),
        ):
            started = time.perf_counter()
            try:
                detail, ok = act(), True
            except (GatehouseError, StoryError) as error:
                detail, ok = str(error), False
            steps.append(Step(name, ok, detail, round((time.perf_counter() - started) * 1000)))
            if self._note:
                self._note(f"{'✓' if ok else '✗'} {name}: {detail} ({steps[-1].ms} ms)")
            if not ok:
                break
        return steps

    def _start(self) -> str:
        self._world.start_hub()
        return ", ".join(name for name, _ in STATIONS)

    def _fill(self) -> str:
        self._world.fill()
        for prefix, login in (("K1", "carla"), ("K2", "sam"), ("GA", "gleb")):
            self._actors[prefix] = self._world.sign_in(prefix, login)
        with self._world.stations["GA"].store.read() as read:
            return f"{len(read.events())} events known at the gate"

    def _open_shifts(self) -> str:
        for prefix in ("K1", "K2"):
            self._world.stations[prefix].services.open_shift(10000, self._actors[prefix])
        self._world.sync()  # from now on each till holds places of its own
        return "float 100.00 in both drawers, places leased to both"

    def _sell(self) -> str:
        self._sold = self._sale("K1", "seagull-1", (("stalls", 2), ("student", 1)), 10000)
        order = self._sold.order
        return (
            f"{order.receipt}, {len(order.tickets)} tickets, {format_money(order.due, self._lang)}, "
            f"change {format_money(self._sold.change, self._lang)}"
        )

    def _print(self) -> str:
        printed = self._world.stations["K1"].services.print_order(
            self._must(self._sold).order.order, self._actors["K1"], lang=self._lang, folder=str(self._out)
        )
        return ", ".join(Path(file).name for file in printed.files)

    def _photograph(self) -> str:
        """Each printed page becomes a picture, is held before the camera, and is read as a live frame is."""
        order = self._must(self._sold).order
        pages = photographed(self._out / f"{order.receipt}-tickets.pdf", self._out)
        expected = set(self._must(self._sold).codes.values())
        seen = [read_by_camera(page, expected) for page in pages]
        self._codes = [code for code in seen if code is not None]
        if set(self._codes) != expected:
            raise StoryError(f"read {len(self._codes)} codes of {len(expected)}")
        return f"{len(self._codes)} codes read by the camera from {', '.join(page.name for page in pages)}"

    def _tell(self) -> str:
        self._world.sync()
        waiting = sum(station.services.sync.view().waiting for station in self._world.stations.values())
        if waiting:
            raise StoryError(f"{waiting} entries still wait")
        return "nothing waits"

    def _admit(self) -> str:
        return self._expect(self._codes[0], Verdict.ADMIT)

    def _refuse(self) -> str:
        """Through another lane, so that it is not taken for the same code still held to the scanner."""
        return self._expect(self._codes[0], Verdict.ALREADY_USED, lane="2")

    def _forge(self) -> str:
        code = self._codes[1]
        return self._expect(code[:20] + ("A" if code[20] != "A" else "B") + code[21:], Verdict.FORGED)

    def _sell_offline(self) -> str:
        self._must(self._world.server).stop("immediate")
        self._offline = [
            self._sale("K1", "lanterns-1", (("seat", 1),), 5000),
            self._sale("K2", "seagull-1", (("balcony", 2),), 5000),
        ]
        waiting = [self._world.stations[prefix].services.sync.view().waiting for prefix in ("K1", "K2")]
        if not all(waiting):
            raise StoryError("nothing waits for the hub")
        receipts = ", ".join(sold.order.receipt for sold in self._offline)
        return f"{receipts}; {waiting[0]} and {waiting[1]} entries wait"

    def _admit_offline(self) -> str:
        sold = self._offline[1]
        return self._expect(next(iter(sold.codes.values())), Verdict.UNKNOWN, opens=True)

    def _admit_twice(self) -> str:
        """At the gate, and at the till's own door: neither can ask the other."""
        code = self._codes[1]
        self._expect(code, Verdict.ADMIT)
        door = self._world.stations["K2"].gatekeeper("DOOR")
        answer = door.admit(ScanInput(code, via="wedge"), self._actors["K2"])
        if not answer.opens:
            raise StoryError(f"{answer.decision.verdict.value} at the second gate")
        return "ADMIT at gate A and at gate DOOR"

    def _sync(self) -> str:
        self._must(self._world.server).start()
        self._world.sync()
        for prefix in ("K1", "K2", "GA"):
            with self._world.stations[prefix].store.read() as read:
                for sold in self._offline:
                    if read.order(sold.order.order) is None:
                        raise StoryError(f"{sold.order.receipt} is not known at {prefix}")
        return "both sales are known at both tills and at the gate"

    def _conflict(self) -> str:
        """Every station has derived the same conflict, and no other."""
        found = {}
        for prefix, station in self._world.stations.items():
            with station.store.read() as read:
                found[prefix] = [(row.conflict, row.code) for row in read.conflicts()]
        rows = found["K2"]
        if len(rows) != 1 or any(other != rows for other in found.values()):
            raise StoryError(f"conflicts: {found}")
        view = self._world.stations["K2"].services.show_conflict(rows[0][0], self._actors["K2"])
        sides = " and ".join(f"{side.station_name} ({side.gate})" for side in view.sides)
        return f"{rows[0][1]}: {sides}, order {view.order}"

    def _resolve(self) -> str:
        station, actor = self._world.stations["K2"], self._actors["K2"]
        (row,) = station.services.list_conflicts(actor)
        station.services.resolve_conflict(row.conflict, "copied_ticket", actor)
        self._world.sync()
        left = {prefix: one.services.sync.view().conflicts for prefix, one in self._world.stations.items()}
        if any(left.values()):
            raise StoryError(f"still open: {left}")
        return f"by {actor.login}; none is left at {', '.join(left)}"

    def _close_shift(self) -> str:
        station = self._world.stations["K1"]
        now = station.services.shift_now(self._actors["K1"])
        closed = station.services.close_shift(self._must(now).expected.minor, self._actors["K1"])
        file = station.services.print_shift(closed, self._actors["K1"], self._lang, str(self._out))
        return f"Z {closed.number}, {closed.receipts_count} receipts, {Path(file).name}"

    def _verify(self) -> str:
        entries = 0
        for prefix, station in self._world.stations.items():
            report = station.verify()
            if not report.clean:
                raise StoryError(f"{prefix}: {report.problems[0].code}")
            entries += report.entries
        return f"{entries} entries, chains and signatures hold"

    def _sale(self, prefix: str, performance: str, items: tuple[tuple[str, int], ...], cash: int) -> Sold:
        station = self._world.stations[prefix]
        with station.store.read() as read:
            at = self._must(read.performance_by_code(performance))
            products = {product.code: product.number for product in read.products(at.event)}
        return station.services.sell(
            SaleRequest(
                [Item(products[code], at.number, count) for code, count in items],
                [Tendered(Tender.CASH, cash)],
            ),
            self._actors[prefix],
        )

    def _expect(
        self, code: str, verdict: Verdict, *, lane: str | None = None, opens: bool | None = None
    ) -> str:
        station = self._world.stations["GA"]
        gatekeeper = station.gatekeeper(None, lane)
        answer: GateAnswer = gatekeeper.admit(ScanInput(code, via="camera"), self._actors["GA"])
        wanted = (verdict is Verdict.ADMIT) if opens is None else opens
        if answer.decision.verdict is not verdict or answer.opens is not wanted:
            raise StoryError(f"{answer.decision.verdict.value} instead of {verdict.value}")
        station.move(answer, self._actors["GA"])
        facts = answer.decision.facts
        what = f", {facts.product.name}" if facts else ""
        return f"{answer.decision.verdict.value}{what}, turnstile {'opens' if answer.opens else 'stays shut'}"

    @staticmethod
    def _must(value: T | None) -> T:
        if value is None:
            raise StoryError("an earlier step left nothing behind")
        return value


def photographed(pdf: Path, folder: Path) -> list[Path]:
    """Every page of a PDF as a picture in a folder, at a resolution that a webcam has, too."""
    from cv2 import imwrite

    pages = []
    for number in range(1, page_count(pdf) + 1):
        page = folder / f"{pdf.stem}-{number}.png"
        imwrite(str(page), render_page(pdf, number, width=1080))
        pages.append(page)
    return pages


def read_by_camera(picture: Path, expected: set[str], patience_s: float = 20.0) -> str | None:
    """The first of the expected codes that the camera reader sees in a picture; None when it sees none."""
    seen: list[str] = []
    found = threading.Event()

    def scanned(event: ScanEvent) -> None:
        if event.text in expected:
            seen.append(event.text)
            found.set()

    def changed(status: Status) -> None:
        del status

    camera = CameraReader("demo camera", open_source(str(picture)), SystemClock())
    camera.start(scanned, changed)
    try:
        found.wait(patience_s)
    finally:
        camera.close()
    return seen[0] if seen else None
