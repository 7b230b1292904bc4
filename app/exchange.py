"""The station's exchange with its hub as the rest of the program sees it: a badge, a nudge, a button."""

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import fasteners

from app.services.facade import SyncView
from domain.admission import ALONE, LIVE, Confidence, ConfidenceMode
from domain.clock import Clock, from_text
from domain.errors import Fault
from sync.control import ControlBook, ControlErrand
from sync.document_lane import DocumentLane
from sync.driver import SyncCounts, SyncDriver
from sync.engine import Engine, Timing
from sync.errands import Errands
from sync.ports import Leases, Outbox, Replica, Rights, SyncState
from sync.snapshot_ports import Snapshots

Changed = Callable[[SyncView], None]

PROGRAM = "gatehouse 0.1"
CONTROL_DIFFERS = "CONTROL_DIFFERS"
TURN_S = 2.0
"""How often a process looks whether it may exchange now."""


def view_of(state: SyncState, conflicts: int, alarm: Mapping[str, Any] | None = None) -> SyncView:
    """What windows show of a driver's state, and of the conflicts that are open here. `alarm`: control sums
    that differ from the hub's; shown where nothing else is the matter."""
    return SyncView(
        mode=state.mode,
        code=state.code or (None if alarm is None else CONTROL_DIFFERS),
        params=dict(state.params) if state.code or alarm is None else alarm,
        since_at=state.since_at,
        last_contact_at=state.last_contact_at,
        waiting=state.waiting,
        held=state.held,
        conflicts=conflicts,
        offset_ms=state.offset_ms,
        incarnation=state.incarnation,
        schema=state.schema,
        snapshot=state.snapshot,
        documents=state.documents,
    )


class NoExchange:
    """SyncControl of a station that works by itself."""

    def __init__(self, conflicts: Callable[[], int] = lambda: 0) -> None:
        self._conflicts = conflicts
        self._listeners: list[Changed] = []

    def view(self) -> SyncView:
        """Always `alone`."""
        return view_of(SyncState(), self._conflicts())

    def subscribe(self, changed: Changed) -> Callable[[], None]:
        """Only conflicts ever change."""
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed)

    def announce(self) -> None:
        """Tell everybody who listens."""
        for changed in list(self._listeners):
            changed(self.view())

    def sync_now(self) -> None:
        """There is nobody to exchange with."""

    def nudge(self) -> None:
        """There is nobody to tell."""

    def confidence(self) -> Confidence:
        """How sure a gate's decision is."""
        return ALONE

    def is_away(self) -> bool:
        """There is no hub to be out of reach."""
        return False


class Exchange:
    """SyncControl over a driver. `run_once` and `start` each make their own.

    Window, command line and other processes may share one data folder: the holder of the lock file is the one
    that exchanges. The others' entries are in the same journal, so nothing is lost by waiting.
    """

    def __init__(
        self,
        *,
        dsn: str,
        password: str,
        outbox: Outbox,
        replica: Replica,
        clock: Clock,
        timing: Timing,
        measured: Callable[[int], None],
        lock_file: Path,
        leases: Leases | None = None,
        rights: Rights | None = None,
        told: Callable[[str], None] = lambda _code: None,
        ordered: Callable[[Mapping[str, Any]], None] = lambda _params: None,
        errands: Errands | None = None,
        control: ControlBook | None = None,
        differs: Callable[[str], None] = lambda _feed: None,
        documents: DocumentLane | None = None,
        conflicts: Callable[[], int] = lambda: 0,
        snapshots: Snapshots | None = None,
        pushed: Callable[[float], None] = lambda _ms: None,
    ) -> None:
        """`differs` is told a feed whose control sums begin to differ: the hook for a new snapshot.
        `measured` is told the hub's time minus ours in ms whenever it was measured; `told` the code
        whenever the hub refuses this station (REVOKED, FORK, …), `ordered` what the hub said with it."""
        self._dsn = dsn
        self._password = password
        self._outbox = outbox
        self._replica = replica
        self._clock = clock
        self._timing = timing
        self._measured = measured
        self._told = told
        self._ordered = ordered
        self._leases = leases
        self._rights = rights
        self._conflicts = conflicts
        self._errands = errands
        self._control = control
        self._control_errand = None if control is None else ControlErrand(control, clock, differs)
        self._documents = documents
        self._snapshots = snapshots
        self._pushed = pushed
        self._process_lock = fasteners.InterProcessLock(lock_file)
        self._driver: SyncDriver | None = None
        self._waiter: threading.Thread | None = None
        self._stopping = threading.Event()
        self._listeners: list[Changed] = []
        self._lock = threading.Lock()
        self._last = SyncState(mode="offline")

    def start(self) -> None:
        """Keep exchanging in the background until `stop`; waits its turn while another process does."""
        if self._waiter is None:
            self._stopping.clear()
            self._waiter = threading.Thread(target=self._take_turn, name="sync-turn", daemon=True)
            self._waiter.start()

    def stop(self) -> None:
        """End the background exchange; what waits stays in the journal."""
        self._stopping.set()
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            waiter.join()
        driver, self._driver = self._driver, None
        if driver is not None:
            driver.stop()
            self._process_lock.release()

    def run_once(self) -> SyncCounts:
        """Push everything, pull everything, come back; `code` says what stopped it.

        Raises Fault SYNC_ELSEWHERE while another process of this station exchanges.
        """
        if self._driver is not None or not self._process_lock.acquire(blocking=False):
            raise Fault("SYNC_ELSEWHERE")
        try:
            driver = self._made()
            counts = driver.run_once()
            self._changed(driver.state())
            return counts
        finally:
            self._process_lock.release()

    def _take_turn(self) -> None:
        while not self._process_lock.acquire(blocking=False):
            if self._stopping.wait(TURN_S):
                return
        if self._stopping.is_set():
            self._process_lock.release()
            return
        driver = self._made()
        driver.start()
        self._driver = driver

    def view(self) -> SyncView:
        """The state now; what waits is read from the journal."""
        driver = self._driver
        if driver is not None:
            return self._shown(driver.state())
        waiting = self._outbox.tip().seq - self._outbox.acked_seq()
        return replace(self._shown(self._last), waiting=waiting)

    def _shown(self, state: SyncState) -> SyncView:
        return view_of(state, self._conflicts(), self._control.alarm() if self._control else None)

    def subscribe(self, changed: Changed) -> Callable[[], None]:
        """Call `changed` from a worker thread at each change; answers how to stop."""
        with self._lock:
            self._listeners.append(changed)

        def stop() -> None:
            with self._lock:
                if changed in self._listeners:
                    self._listeners.remove(changed)

        return stop

    def sync_now(self) -> None:
        """Ask the background exchange for another try at once."""
        if self._driver is not None:
            self._driver.try_now()

    def nudge(self) -> None:
        """There is something new in the journal."""
        if self._driver is not None:
            self._driver.nudge()

    def announce(self) -> None:
        """Something that windows show has changed here, without the hub."""
        self._tell(self.view())

    def confidence(self) -> Confidence:
        """Live while the last exchange worked, else offline since then."""
        state = self._last
        if state.mode == "live":
            return LIVE
        since = state.since_at if state.mode == "offline" else state.last_contact_at
        return Confidence(ConfidenceMode.OFFLINE, from_text(since) if since else None)

    def is_away(self) -> bool:
        """Whether the hub is believed out of reach."""
        driver = self._driver
        return (self._last if driver is None else driver.state()).mode in ("offline", "refused")

    def _made(self) -> SyncDriver:
        return SyncDriver(
            dsn=self._dsn,
            password=self._password,
            outbox=self._outbox,
            replica=self._replica,
            clock=self._clock,
            engine=Engine(random.SystemRandom().random, self._timing),
            program=PROGRAM,
            on_state=self._changed,
            errands=self._errands,
            control=self._control_errand,
            documents=self._documents,
            leases=self._leases,
            rights=self._rights,
            snapshots=self._snapshots,
            pushed=self._pushed,
        )

    def _changed(self, state: SyncState) -> None:
        self._last = state
        if state.offset_ms is not None:
            self._measured(state.offset_ms)
        if state.mode == "refused" and state.code is not None:
            self._told(state.code)
            self._ordered(state.params)
        self._tell(self._shown(state))

    def _tell(self, view: SyncView) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for changed in listeners:
            changed(view)
