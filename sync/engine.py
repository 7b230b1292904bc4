"""The sync engine: decides what to do next and does nothing itself.

    actions = engine.step(now_ms, event)

Two lanes, each with a connection of its own, so that a download goes on when upload fails and the reverse:
UP says hello and pushes the own journal, DOWN pulls what others did. In each lane exactly one action is under
way; its event comes back and calls for the next one. `now_ms` is any clock that only goes forward; randomness
(0 ≤ r < 1) is an argument, so a simulation replays every run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from domain.errors import Param
from sync.hub_errors import Kind, kind_of
from sync.messages import HelloReply, PushReply
from sync.ports import LeaseSet, PageOutcome, RightSet
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


@dataclass(frozen=True, slots=True)
class Timing:
    """All waits, in milliseconds."""

    active_ms: int = 2_000
    idle_ms: int = 15_000
    active_for_ms: int = 60_000
    first_retry_ms: int = 500
    longest_retry_ms: int = 60_000
    between_retries_ms: int = 500
    refused_ms: int = 300_000


MAX_ENTRIES = 200
MAX_BYTES = 256 * 1024
PULL_LIMIT = 500


@dataclass(slots=True)
class _LaneState:
    """How one lane stands."""

    connected: bool = False
    greeted: bool = False
    good: bool = False
    failures: int = 0
    code: str | None = None
    params: Mapping[str, Param] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        return self.code is not None and kind_of(self.code) is Kind.REFUSED


@dataclass(frozen=True, slots=True)
class View:
    """What may be shown: times are the engine's milliseconds, counts are since it began."""

    mode: str
    code: str | None
    params: Mapping[str, Param]
    since_ms: int
    last_contact_ms: int | None
    offset_ms: int | None
    incarnation: str | None
    schema: str | None
    pushed: int
    pulled: int
    held: int
    conflicts: int
    rejected: int


class Engine:
    """One station's side of sync. Not thread-safe: whoever drives it lets one event in at a time."""

    def __init__(self, random: Callable[[], float], timing: Timing | None = None) -> None:
        self._random = random
        self._timing = timing or Timing()
        self._lanes = {Lane.UP: _LaneState(), Lane.DOWN: _LaneState()}
        self._hub_seq = 0
        self._max_entries = MAX_ENTRIES
        self._max_bytes = MAX_BYTES
        self._to_wake: frozenset[str] = frozenset()
        self._adopted_in_a_row = 0
        self._next_retry_ms = 0
        self._active_until_ms = 0
        self._again_ms: int | None = None
        self._shown: tuple[str, str | None] = ("connecting", None)
        self._since_ms = 0
        self._last_contact_ms: int | None = None
        self._hello: HelloReply | None = None
        self._offset_ms: int | None = None
        self._incarnation: str | None = None
        self._counts = dict.fromkeys(("pushed", "pulled", "held", "conflicts", "rejected"), 0)

    def step(self, now_ms: int, event: Event) -> list[Action]:
        """Take in what happened and say what to do next: for the event's lane, at once and in this order."""
        actions = self._next(now_ms, event)
        shown = self._mode()
        if shown != self._shown:
            self._shown, self._since_ms = shown, now_ms
        return actions

    def view(self) -> View:
        """How sync stands now."""
        mode, code = self._shown
        troubled = next((lane for lane in self._lanes.values() if lane.code == code), None)
        return View(
            mode=mode,
            code=code,
            params={} if code is None or troubled is None else troubled.params,
            since_ms=self._since_ms,
            last_contact_ms=self._last_contact_ms,
            offset_ms=self._offset_ms,
            incarnation=self._incarnation,
            schema=None if self._hello is None else self._hello.schema,
            **self._counts,
        )

    def _mode(self) -> tuple[str, str | None]:
        up, down = self._lanes[Lane.UP], self._lanes[Lane.DOWN]
        for lane in (up, down):
            if lane.refused:
                return ("refused", lane.code)
        for lane in (up, down):
            if lane.code is not None:
                return ("offline", lane.code)
        return ("live" if up.good and down.good else "connecting", None)

    def _next(self, now_ms: int, event: Event) -> list[Action]:
        actions: list[Action]
        match event:
            case Started():
                actions = [Connect(Lane.UP), Connect(Lane.DOWN)]
            case Connected(lane) | Waited(lane):
                self._lanes[lane].connected |= isinstance(event, Connected)
                actions = [self._resume(lane)]
            case Failed(lane, code, lost, params):
                actions = self._failed(now_ms, lane, code, params, lost=lost)
            case Answered(lane, code, params):
                self._last_contact_ms = now_ms
                actions = self._denied(now_ms, lane, code, params)
            case OutboxEmpty():
                self._again_ms = event.again_ms
                actions = self._outbox_empty(now_ms)
            case Woke():
                actions = [self._rest(now_ms, Lane.UP, Until.NUDGE)]
            case Snapshotted():
                actions = self._snapshotted(now_ms, event)
            case Greeted() | Pushed() | Pulled():
                self._last_contact_ms = now_ms
                self._offset_ms = self._offset_ms if event.offset_ms is None else event.offset_ms
                actions = self._answered(now_ms, event)
        return actions

    def _answered(self, now_ms: int, event: Greeted | Pushed | Pulled) -> list[Action]:
        match event:
            case Greeted():
                return self._greeted(now_ms, event)
            case Pushed():
                return self._pushed(now_ms, event)
            case Pulled():
                return self._pulled(now_ms, event)

    def _resume(self, lane: Lane) -> Action:
        """What a lane does when nothing keeps it."""
        state = self._lanes[lane]
        if not state.connected:
            return Connect(lane)
        if lane is Lane.DOWN:
            return Pull(PULL_LIMIT)
        return self._push() if state.greeted else Greet()

    def _push(self) -> Push:
        return Push(self._hub_seq, self._max_entries, self._max_bytes)

    def _greeted(self, now_ms: int, event: Greeted) -> list[Action]:
        if event.own_hash != event.reply.tip.hash:
            return self._failed(now_ms, Lane.UP, "FORK", {"seq": event.reply.tip.seq}, lost=False)
        self._hello = event.reply
        self._incarnation = event.reply.incarnation
        self._hub_seq = event.reply.tip.seq
        self._max_entries = min(MAX_ENTRIES, max(1, event.reply.standing.max_batch))
        self._max_bytes = min(MAX_BYTES, max(1, event.reply.standing.max_bytes))
        self._lanes[Lane.UP].greeted = True
        said = event.reply.standing.leases
        held = LeaseSet(said.version, said.items, fresh=True)
        rights = event.reply.standing.rights
        granted = RightSet(rights.version, rights.items, fresh=True)
        return [Acknowledge(self._hub_seq, {}, leases=held, rights=granted), self._push()]

    def _pushed(self, now_ms: int, event: Pushed) -> list[Action]:
        acked, standing = event.reply.acked, event.reply.standing
        if event.own_hash != acked.hash:
            return self._failed(now_ms, Lane.UP, "FORK", {"seq": acked.seq}, lost=False)
        if acked.seq < self._hub_seq + event.sent:
            return self._failed(now_ms, Lane.UP, "HUB_REPLY", {"field": "acked.seq"}, lost=False)
        self._succeeded(Lane.UP)
        if event.sent:
            self._active(now_ms)
        self._counts["pushed"] += event.sent
        self._hub_seq = acked.seq
        self._to_wake |= event.feeds
        self._max_entries = min(MAX_ENTRIES, max(1, standing.max_batch), self._max_entries * 2)
        self._max_bytes = min(MAX_BYTES, max(1, standing.max_bytes))
        held = LeaseSet(standing.leases.version, standing.leases.items, answered=event.request)
        rights = RightSet(standing.rights.version, standing.rights.items, answer=event.reply.right_answer)
        acknowledge = Acknowledge(acked.seq, self._outcomes(event.reply), leases=held, rights=rights)
        if standing.retry_after_ms:
            return [acknowledge, Wait(Lane.UP, standing.retry_after_ms, frozenset())]
        return [acknowledge, self._push()]

    def _outcomes(self, reply: PushReply) -> Mapping[str, str]:
        """As the outbox wants them: quarantined counts as held, an alias as stored."""
        outcomes = {}
        for each in reply.outcomes:
            if each.outcome != "alias":
                kept = "conflict" if each.outcome == "conflict" else "held"
                self._counts["conflicts" if kept == "conflict" else "held"] += 1
                if each.entry_id is not None:
                    outcomes[each.entry_id] = kept
        return outcomes

    def _outbox_empty(self, now_ms: int) -> list[Action]:
        """Listeners are told once the outbox is empty: one hint for a burst of batches."""
        self._succeeded(Lane.UP)
        if self._to_wake:
            feeds, self._to_wake = self._to_wake, frozenset()
            return [Wake(feeds)]
        return [self._rest(now_ms, Lane.UP, Until.NUDGE)]

    def _pulled(self, now_ms: int, event: Pulled) -> list[Action]:
        self._succeeded(Lane.DOWN)
        self._adopted_in_a_row = 0
        self._incarnation = event.reply.incarnation
        received = event.reply.received
        self._count(event.outcome)
        if received:
            self._active(now_ms)
        if received and event.reply.waiting > received:
            return [Pull(PULL_LIMIT)]
        return [self._rest(now_ms, Lane.DOWN, Until.HINT)]

    def _snapshotted(self, now_ms: int, event: Snapshotted) -> list[Action]:
        """What the hub got meanwhile is pulled at once."""
        self._succeeded(Lane.DOWN)
        self._last_contact_ms = now_ms
        self._count(event.outcome)
        return [Pull(PULL_LIMIT)]

    def _count(self, outcome: PageOutcome) -> None:
        self._counts["pulled"] += outcome.applied + outcome.held
        self._counts["held"] += outcome.held
        self._counts["rejected"] += len(outcome.rejected)

    def _denied(self, now_ms: int, lane: Lane, code: str, params: Mapping[str, Param]) -> list[Action]:
        incarnation = params.get("incarnation")
        if code in {"INCARNATION", "CURSOR"} and isinstance(incarnation, str) and not self._adopted_in_a_row:
            self._adopted_in_a_row += 1
            # A restored hub forgot what it had confirmed; a lane with nothing to push would not notice.
            self._lanes[Lane.UP].greeted = False
            return [Adopt(incarnation), Pull(PULL_LIMIT)]
        if code == "GAP":
            self._lanes[lane].greeted = False
        return self._failed(now_ms, lane, code, params, lost=False)

    def _failed(
        self, now_ms: int, lane: Lane, code: str, params: Mapping[str, Param], *, lost: bool
    ) -> list[Action]:
        """Wait with full jitter and try again, for ever; what a person has to cure waits long."""
        state = self._lanes[lane]
        state.failures += 1
        state.code, state.params, state.good = code, params, False
        self._adopted_in_a_row = 0
        if lost or state.refused:
            state.connected = state.connected and not lost
            state.greeted = False
        if code in {"HUB_ERROR", "HUB_BUSY"} and lane is Lane.UP:
            self._max_entries = max(1, self._max_entries // 2)
        timing = self._timing
        if state.refused:
            return [Wait(lane, timing.refused_ms, frozenset({Until.PERSON}))]
        longest = min(timing.longest_retry_ms, timing.first_retry_ms * 2 ** min(state.failures - 1, 20))
        due_ms = max(now_ms + int(self._random() * longest), self._next_retry_ms)
        self._next_retry_ms = due_ms + timing.between_retries_ms
        return [Wait(lane, due_ms - now_ms, frozenset({Until.PERSON}))]

    def _succeeded(self, lane: Lane) -> None:
        state = self._lanes[lane]
        state.failures, state.code, state.params, state.good = 0, None, {}, True

    def _rest(self, now_ms: int, lane: Lane, until: Until) -> Wait:
        """The poll that goes on behind nudges and hints."""
        active = now_ms < self._active_until_ms
        ms = self._timing.active_ms if active else self._timing.idle_ms
        if lane is Lane.UP and self._again_ms is not None:
            ms = min(ms, self._again_ms)
        return Wait(lane, ms, frozenset({until, Until.PERSON}))

    def _active(self, now_ms: int) -> None:
        self._active_until_ms = now_ms + self._timing.active_for_ms
