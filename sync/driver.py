"""Drives the engine with real connections, threads and clocks: one worker thread per lane.

The store is used from both worker threads, through its ports only. Nothing here decides anything.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from domain.clock import Clock, to_ms, to_text
from domain.errors import GatehouseError
from sync.bell import Bell
from sync.control import SINCE_SCHEMA, ControlErrand
from sync.document_lane import DocumentLane
from sync.engine import Engine
from sync.errands import Errands
from sync.hub_client import HubClient
from sync.hub_snapshot import HubSnapshot
from sync.messages import Denied, HelloReply
from sync.ports import (
    LeaseRequest,
    Leases,
    Outbox,
    PageOutcome,
    Replica,
    RightRequest,
    Rights,
    SyncState,
    Tip,
)
from sync.snapshot_ports import Snapshots
from sync.steps import (
    Acknowledge,
    Action,
    Adopt,
    Answered,
    Connect,
    Connected,
    Event,
    Failed,
    Greet,
    Greeted,
    Lane,
    OutboxEmpty,
    Pull,
    Pulled,
    Push,
    Pushed,
    Snapshotted,
    Started,
    Until,
    Wait,
    Waited,
    Wake,
    Woke,
)

log = logging.getLogger("gatehouse.sync")

StateSink = Callable[[SyncState], None]


@dataclass(frozen=True, slots=True)
class SyncCounts:
    """What one round of sync did. `code` is None when both directions came to their end."""

    pushed: int
    pulled: int
    held: int
    conflicts: int
    rejected: int
    waiting: int
    code: str | None


class SyncDriver:
    """Keeps one station in sync until `stop()`, or does one round with `run_once()`."""

    def __init__(
        self,
        *,
        dsn: str,
        password: str,
        outbox: Outbox,
        replica: Replica,
        clock: Clock,
        engine: Engine,
        program: str,
        on_state: StateSink,
        errands: Errands | None = None,
        control: ControlErrand | None = None,
        leases: Leases | None = None,
        rights: Rights | None = None,
        documents: DocumentLane | None = None,
        snapshots: Snapshots | None = None,
        pushed: Callable[[float], None] = lambda _ms: None,
    ) -> None:
        """`pushed` is told how many ms each push took, from sending to the hub's answer."""
        self._pushed = pushed
        self._dsn = dsn
        self._password = password
        self._outbox = outbox
        self._replica = replica
        self._clock = clock
        self._engine = engine
        self._program = program
        self._on_state = on_state
        self._errands = errands
        self._control = control
        self._leases = leases
        self._rights = rights
        self._documents = documents
        self._snapshots = snapshots
        self._snapshot: tuple[int, int] | None = None
        self._hub_answers = False
        self._news = False
        self._hello: HelloReply | None = None
        self._clients: dict[Lane, HubClient] = {}
        self._bells = {lane: Bell() for lane in Lane}
        self._work: dict[Lane, queue.SimpleQueue[Action | None]] = {
            lane: queue.SimpleQueue() for lane in Lane
        }
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._last_state: SyncState | None = None

    def start(self) -> None:
        """Begin in the background. A driver is started once."""
        for lane in Lane:
            worker = threading.Thread(target=self._run_lane, args=(lane,), name=f"sync-{lane}", daemon=True)
            self._threads.append(worker)
            worker.start()
        self._let_in(Started())

    def stop(self, seconds: float = 20.0) -> bool:
        """End both lanes and close their connections; False when one was still busy after `seconds`."""
        self._stopping.set()
        for lane in Lane:
            self._work[lane].put(None)
            self._bells[lane].ring(None)
        end = time.monotonic() + seconds
        for worker in self._threads:
            worker.join(max(0.0, end - time.monotonic()))
        if any(worker.is_alive() for worker in self._threads):
            return False
        self._close()
        return True

    def nudge(self) -> None:
        """There is a new own entry. Cheap, from any thread."""
        self._bells[Lane.UP].ring(Until.NUDGE)

    def try_now(self, password: str | None = None) -> None:
        """Somebody wants another try at once, perhaps with another password."""
        if password is not None:
            self._password = password
        for bell in self._bells.values():
            bell.ring(Until.PERSON)

    def run_once(self) -> SyncCounts:
        """Push everything, pull everything, come back. Not while started; the driver is closed afterwards."""
        try:
            self._let_in(Started())
            for lane in Lane:
                self._finish(lane)
            if (self._leases or self._rights) is not None and self._engine.view().code is None:
                self._let_in(Waited(Lane.UP))  # what was pulled may be worth a request for places
                self._finish(Lane.UP)
            if self._documents is not None:
                self._documents.once(self._clients.get, self._clock.monotonic_ms())
            view = self._engine.view()
            return SyncCounts(
                pushed=view.pushed,
                pulled=view.pulled,
                held=view.held,
                conflicts=view.conflicts,
                rejected=view.rejected,
                waiting=self._waiting(),
                code=view.code,
            )
        finally:
            self._close()

    def _finish(self, lane: Lane) -> None:
        """Do what a lane asks for until it would wait."""
        while (action := self._work[lane].get()) is not None and not isinstance(action, Wait):
            if (event := self._perform(action)) is not None:
                self._follow(lane, event)

    def state(self) -> SyncState:
        """How sync stands now; reads the outbox."""
        with self._lock:
            view = self._engine.view()
        now_ms, now = self._clock.monotonic_ms(), self._clock.now()

        def at(ms: int) -> str:
            return to_text(now - timedelta(milliseconds=now_ms - ms))

        return SyncState(
            mode=view.mode,
            code=view.code,
            since_at=at(view.since_ms),
            last_contact_at=None if view.last_contact_ms is None else at(view.last_contact_ms),
            waiting=self._waiting(),
            held=view.held,
            conflicts=view.conflicts,
            offset_ms=view.offset_ms,
            incarnation=view.incarnation,
            schema=view.schema,
            pushed=view.pushed,
            pulled=view.pulled,
            documents=0 if self._documents is None else self._documents.waiting(),
            params=dict(view.params),
            snapshot=self._snapshot,
        )

    def _waiting(self) -> int:
        return self._outbox.tip().seq - self._outbox.acked_seq()

    def _let_in(self, event: Event) -> None:
        """Give the engine an event and hand out what it asks for."""
        with self._lock:
            for action in self._engine.step(self._clock.monotonic_ms(), event):
                self._work[action.lane].put(action)

    def _run_lane(self, lane: Lane) -> None:
        while not self._stopping.is_set() and (action := self._work[lane].get()) is not None:
            if isinstance(action, Wait):
                self._tell_state()
            event = self._perform(action)
            if event is not None and not self._stopping.is_set():
                self._follow(lane, event)

    def _follow(self, lane: Lane, event: Event) -> None:
        """Go on with what the engine makes of an event. What was to come after a thing that failed is void:
        the engine begins anew from there, and the lane would do two things by turns for ever."""
        if isinstance(event, Failed):
            with suppress(queue.Empty):
                while self._work[lane].get_nowait() is not None:
                    pass
                self._work[lane].put(None)  # somebody stops us meanwhile
        self._let_in(event)

    def _tell_state(self) -> None:
        """Whoever listens may write (that we are shut out); a disk that takes nothing ends no lane."""
        try:
            self._on_state(self.state())
        except GatehouseError as fault:
            log.info("sync_state_not_noted", extra={"code": fault.code})

    def _perform(self, action: Action) -> Event | None:
        """Do one thing; whatever goes wrong becomes an event, so that a lane never dies silently."""
        try:
            return self._do(action)
        except GatehouseError as fault:
            client = self._clients.get(action.lane)
            # What the hub said and we could not note is asked for again, from the greeting on.
            lost = client is None or client.lost or isinstance(action, Acknowledge)
            log.info("sync_failed", extra={"lane": action.lane.value, "code": fault.code, "lost": lost})
            return Failed(action.lane, fault.code, lost, fault.params)
        except Exception:
            log.exception("sync_bug", extra={"lane": action.lane.value})
            return Failed(action.lane, "SYNC_BUG", lost=True)

    def _do(self, action: Action) -> Event | None:
        event: Event | None = None
        match action:
            case Connect(lane):
                event = self._connect(lane)
            case Greet():
                event = self._greet()
            case Push():
                event = self._push(action)
            case Wake(feeds):
                self._clients[Lane.UP].wake(feeds)
                event = Woke()
            case Pull(limit):
                event = self._pull(limit)
            case Wait(lane, ms, until):
                event = self._wait(lane, ms, until)
            case Acknowledge():
                self._acknowledge(action)
            case Adopt(incarnation):
                self._replica.adopt_incarnation(incarnation)
                if self._documents is not None:
                    self._documents.start_over()
        return event

    def _connect(self, lane: Lane) -> Event:
        if (old := self._clients.pop(lane, None)) is not None:
            old.close()
        self._clients[lane] = HubClient.connect(self._dsn, self._password, f"gatehouse {lane}")
        return Connected(lane)

    def _greet(self) -> Event:
        sent_ms = to_ms(self._clock.now())
        reply = self._clients[Lane.UP].hello(self._outbox.tip(), self._replica.incarnation(), self._program)
        if isinstance(reply, Denied):
            return Answered(Lane.UP, reply.code, reply.params)
        own_hash = self._outbox.hash_at(reply.tip.seq)
        if own_hash is not None and own_hash != reply.tip.hash:
            # The hub is told what we have there, so that the other copy of this file hears of the fork too.
            self._clients[Lane.UP].hello(
                Tip(reply.tip.epoch, reply.tip.seq, own_hash), self._replica.incarnation(), self._program
            )
        self._hello = reply
        self._hub_answers = True
        return Greeted(reply, own_hash, self._offset(sent_ms, reply.standing.hub_ms))

    def _push(self, action: Push) -> Event:
        batch = self._outbox.batch(action.after_seq, action.max_entries, action.max_bytes)
        if not batch and self._hub_answers and self._gave_back():
            return self._push(action)
        request = self._leases.request() if self._leases is not None else None
        asked = self._rights.request() if self._rights is not None else None
        self._hub_answers = False
        if not batch and request is None and asked is None:
            if self._errands is not None and self._hello is not None:
                hello = self._hello
                if self._errands.run(self._clients[Lane.UP], hello.mode, hello.incarnation):
                    return self._greet()  # the hub may know our leases again
            if self._control is not None and self._hello is not None and self._hello.schema >= SINCE_SCHEMA:
                self._control.run(self._clients[Lane.UP])
            return OutboxEmpty(again_ms=self._again_ms())
        if self._leases is not None and request is not None and self._leases.put_off_ms() is None:
            self._news = False
        sent_ms, began = to_ms(self._clock.now()), time.perf_counter()
        reply = self._clients[Lane.UP].push(
            batch, request, self._before(action.after_seq, request, asked), asked
        )
        self._pushed(1000 * (time.perf_counter() - began))
        if isinstance(reply, Denied):
            return Answered(Lane.UP, reply.code, reply.params)
        self._hub_answers = True
        if asked is not None:
            self._bells[Lane.DOWN].ring(Until.HINT)  # a grant counts once it was read in its feeds
        return Pushed(
            reply,
            len(batch),
            frozenset(feed for entry in batch for feed in entry.feeds),
            self._outbox.hash_at(reply.acked.seq),
            self._offset(sent_ms, reply.standing.hub_ms),
            request=request.request if request else None,
        )

    def _again_ms(self) -> int | None:
        """When to ask for places again: something was pulled since the last request (somebody may have given
        places back), but that was a moment ago. Without news the poll asks in its own time."""
        return self._leases.put_off_ms() if self._leases is not None and self._news else None

    def _gave_back(self) -> bool:
        """Whether something was given back: places that are not sold from, rights that nobody uses."""
        leases = self._leases is not None and self._leases.give_back()
        rights = self._rights is not None and self._rights.give_back()
        return leases or rights

    def _before(self, seq: int, *requests: LeaseRequest | RightRequest | None) -> Tip | None:
        """Where the own journal stands at the hub: what a request without entries is sent behind."""
        known = self._outbox.hash_at(seq) if any(requests) else None
        return None if known is None else Tip(self._outbox.tip().epoch, seq, known)

    def _acknowledge(self, done: Acknowledge) -> None:
        self._outbox.acknowledge(done.seq, done.outcomes)
        if self._leases is not None and done.leases is not None:
            self._leases.hold(done.leases)
        if self._rights is not None and done.rights is not None:
            self._rights.hold(done.rights)

    def _pull(self, limit: int) -> Event:
        client = self._clients[Lane.DOWN]
        cursors = self._replica.cursors()
        client.listen(cursors)
        client.take_hints()
        sent_ms = to_ms(self._clock.now())
        reply = client.pull(self._replica.incarnation(), cursors, limit)
        if isinstance(reply, Denied):
            return Answered(Lane.DOWN, reply.code, reply.params)
        offset_ms = self._offset(sent_ms, reply.hub_ms)
        if self._snapshots is not None and (reason := self._snapshots.wanted(reply.waiting)):
            return self._take_snapshot(client, self._snapshots, reason)
        outcomes = [self._replica.apply(page) for page in reply.pages]
        client.listen(reply.heads)
        if self._leases is not None and any(each.applied for each in outcomes):
            self._news = True
            self._bells[Lane.UP].ring(Until.NUDGE)  # a new performance may want places
        total = PageOutcome(
            applied=sum(each.applied for each in outcomes),
            known=sum(each.known for each in outcomes),
            held=sum(each.held for each in outcomes),
            rejected=[item for each in outcomes for item in each.rejected],
        )
        return Pulled(reply, total, offset_ms)

    def _take_snapshot(self, client: HubClient, snapshots: Snapshots, reason: str) -> Event:
        """Everything at once in place of pages; what came since is pulled next."""

        def progress(done: int, steps: int) -> None:
            self._snapshot = (done, steps)
            self._on_state(self.state())

        try:
            taken = snapshots.take_snapshot(reason, HubSnapshot(client), progress, self._stopping.is_set)
        finally:
            self._snapshot = None
        if isinstance(taken, Denied):
            return Answered(Lane.DOWN, taken.code, taken.params)
        self._bells[Lane.UP].ring(Until.NUDGE)
        return Snapshotted(taken)

    def _offset(self, sent_ms: int, hub_ms: int) -> int:
        """Hub time minus the midpoint of sending and receiving."""
        return hub_ms - (sent_ms + to_ms(self._clock.now())) // 2

    def _rested(self, lane: Lane, until: frozenset[Until]) -> bool:
        """Let documents travel while nothing else does; False when the lane is needed before their end."""
        client = self._clients.get(lane)
        if self._documents is None or client is None or until.isdisjoint({Until.NUDGE, Until.HINT}):
            return True

        def go_on() -> bool:
            needed = self._waiting() > 0 if lane is Lane.UP else client.take_hints() > 0
            return not needed and not self._stopping.is_set()

        return self._documents.rest(lane, client, self._clock.monotonic_ms(), go_on)

    def _wait(self, lane: Lane, ms: int, until: frozenset[Until]) -> Event:
        if not self._rested(lane, until):
            return Waited(lane)
        client = self._clients.get(lane) if Until.HINT in until else None
        if client is not None and client.take_hints():
            return Waited(lane)
        self._bells[lane].wait(ms / 1000, until, client)
        if client is not None:
            client.take_hints()
        return Waited(lane)

    def _close(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        for bell in self._bells.values():
            bell.close()
