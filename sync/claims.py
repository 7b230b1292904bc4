"""Claims of a gate at the hub: a lane and a connection of its own, a budget, and a breaker.

The line is opened and looked after by a thread, so a scan never pays for connecting longer than its budget.
Whether the hub is in reach is learned from results: what fails or comes late opens the breaker, and while it
is open scans are answered OFFLINE at once; the thread probes with growing pauses and closes it by a new line.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.admission import Claim
from domain.claims import ClaimAsked, ClaimOutcome
from domain.clock import from_text
from domain.entry import Entry, MalformedEntryError, parse
from domain.errors import Fault
from sync.claim_line import ClaimLine, LateError
from sync.messages import Answer

FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 15.0
LOOK_S = 20.0
"""How often an idle line is looked at, and lost claims of our own are asked for."""
LOOK_LIMIT_S = 3.0

_CLAIM = b"SELECT api_1.claim($1, $2, $3::uuid[], $4::uuid, $5, $6)"
_OPEN = b"SELECT api_1.claims()"

log = logging.getLogger("gatehouse.claims")


@dataclass(frozen=True, slots=True)
class ClaimReply:
    """What one question came to. `held`: the hub holds the claim, or may. `entries`: what UNSEEN brought."""

    outcome: ClaimOutcome
    held: bool = False
    entries: Sequence[Entry] = ()
    claimed: Claim | None = None


@dataclass(frozen=True, slots=True)
class LostClaim:
    """A claim of this station that the hub has held for longer than any scan takes."""

    entry_id: str
    feed: str
    serial: str
    gate: str
    lane: str


class Breaker:
    """When to try the hub again: full jitter over a pause that doubles. `share` gives 0 ≤ x < 1."""

    def __init__(self, share: Callable[[], float]) -> None:
        self._share = share
        self._failures = 0
        self._next = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the hub is believed out of reach."""
        return self._failures > 0

    def failed(self, now: float) -> None:
        """A connection or an answer did not come."""
        pause = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2 ** min(self._failures, 10))
        self._failures += 1
        self._next = now + pause * self._share()

    def worked(self) -> None:
        """The hub answers."""
        self._failures = 0
        self._next = 0.0

    def pause(self, now: float) -> float:
        """Seconds until the next try."""
        return max(0.0, self._next - now)


class HubClaims:
    """The claims of one station. All lanes share one line and ask one after the other.

    `connect` opens a line (may take seconds), `told` hears the code when the hub refuses the station, `lost`
    is given the claims that an earlier run left behind. `begin` starts the thread; `ask` does so by itself.
    """

    def __init__(
        self,
        connect: Callable[[], ClaimLine],
        breaker: Breaker,
        told: Callable[[str], None],
        lost: Callable[[Sequence[LostClaim]], None],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect = connect
        self._breaker = breaker
        self._told = told
        self._lost = lost
        self._seconds = seconds
        self._lane = threading.Lock()
        self._state = threading.Condition()
        self._line: ClaimLine | None = None
        self._keeper: threading.Thread | None = None
        self._stopping = False

    def begin(self) -> None:
        """Open the line in the background, so that the first scan finds it."""
        with self._state:
            if self._keeper is None and not self._stopping:
                self._keeper = threading.Thread(target=self._keep, name="gate-claims", daemon=True)
                self._keeper.start()

    def close(self) -> None:
        """Close the line and end the thread."""
        with self._state:
            self._stopping = True
            self._state.notify_all()
        keeper = self._keeper
        if keeper is not None:
            keeper.join(LOOK_LIMIT_S)
        with self._lane:
            self._drop_line()

    def ask(self, asked: ClaimAsked, entry_id: str, until: float) -> ClaimReply:
        """Ask once; answers by `until` (on `seconds`) whatever the hub does. Never raises for the hub."""
        self.begin()
        if not self._lane.acquire(timeout=max(0.0, until - self._seconds())):
            return ClaimReply(ClaimOutcome.TIMED_OUT)
        try:
            line = self._line_by(until)
            if line is None:
                return ClaimReply(ClaimOutcome.OFFLINE)
            return self._ask(line, asked, entry_id, until)
        finally:
            self._lane.release()

    def _ask(self, line: ClaimLine, asked: ClaimAsked, entry_id: str, until: float) -> ClaimReply:
        seen = b"{" + ",".join(asked.seen).encode() + b"}"
        values = (asked.feed, asked.serial, seen, entry_id, asked.gate, asked.lane)
        coded = [value if isinstance(value, bytes) else value.encode() for value in values]
        try:
            return self._read(Answer(line.call(_CLAIM, coded, until)))
        except LateError:
            self._failed("LATE")
            return ClaimReply(ClaimOutcome.TIMED_OUT, held=True)
        except Fault as fault:
            if fault.code == "HUB_BUSY":  # waited for a lock in vain: rolled back, and the line is good
                return ClaimReply(ClaimOutcome.TIMED_OUT)
            self._failed(fault.code)
            return ClaimReply(ClaimOutcome.OFFLINE, held=True)

    def _read(self, answer: Answer) -> ClaimReply:
        if (denied := answer.denied()) is not None:
            self._told(denied.code)
            revoked = denied.code == "REVOKED"
            return ClaimReply(ClaimOutcome.REVOKED if revoked else ClaimOutcome.OFFLINE)
        entries = [_entry(item) for item in answer.items("unseen")]
        if entries:
            return ClaimReply(ClaimOutcome.UNSEEN, entries=entries)
        claims = [_claim(item) for item in answer.items("claims")]
        if claims:
            return ClaimReply(ClaimOutcome.IN_PROGRESS, claimed=claims[0])
        if answer.plain().get("granted") is not True:
            raise Fault("HUB_REPLY", field="granted")
        return ClaimReply(ClaimOutcome.GRANTED, held=True)

    def _line_by(self, until: float) -> ClaimLine | None:
        """The line; waited for until then when it was never tried, not while the breaker is open."""
        with self._state:
            while self._line is None and not self._breaker.is_open and not self._stopping:
                left = until - self._seconds()
                if left <= 0:
                    self._breaker.failed(self._seconds())
                    break
                self._state.wait(left)
            return self._line

    def _failed(self, code: str) -> None:
        """The line is of no more use. The lane is held."""
        log.info("the hub does not answer claims: %s", code)
        with self._state:
            self._breaker.failed(self._seconds())
            self._drop_line()
            self._state.notify_all()

    def _drop_line(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _keep(self) -> None:
        """The thread: a line when there is none, a look at it when it is idle."""
        look_at = 0.0
        while True:
            with self._state:
                now = self._seconds()
                pause = self._breaker.pause(now) if self._line is None else max(0.0, look_at - now)
                if pause and not self._stopping:
                    self._state.wait(pause)
                    continue
                if self._stopping:
                    return
                present = self._line
            if present is None and not self._open_line():
                continue
            look_at = self._seconds() + LOOK_S
            try:
                self._look()
            except Fault as fault:  # of the store: what the hub told could not be noted; the next look does
                log.info("claims cannot be looked after: %s", fault.code)

    def _open_line(self) -> bool:
        """Whether there is a line now. The lane is not taken: a scan without a line is answered at once."""
        try:
            line = self._connect()
        except Fault as fault:
            log.info("no line for claims: %s", fault.code)
            with self._state:
                self._breaker.failed(self._seconds())
                self._state.notify_all()
            return False
        with self._state:
            if self._stopping:
                line.close()
                return False
            self._line = line
            self._breaker.worked()
            self._state.notify_all()
        return True

    def _look(self) -> None:
        """Whether the hub still answers, and what it holds for us from an earlier run."""
        with self._lane:
            line = self._line
            if line is None:
                return
            try:
                answer = Answer(line.call(_OPEN, (), self._seconds() + LOOK_LIMIT_S))
                denied = answer.denied()
                found = [] if denied else [_lost(item) for item in answer.items("items")]
            except LateError:
                self._failed("LATE")
                return
            except Fault as fault:
                self._failed(fault.code)
                return
        if denied is not None:
            self._told(denied.code)
        if found:
            self._lost(found)


def _entry(item: Answer) -> Entry:
    try:
        return parse(
            item.text("station"),
            item.number("epoch"),
            item.number("seq"),
            item.text("content"),
            item.hash("prev_hash"),
            item.hash("hash"),
            bytes.fromhex(item.text("sig")),
        )
    except (MalformedEntryError, ValueError):
        raise Fault("HUB_REPLY", field="unseen") from None


def _claim(item: Answer) -> Claim:
    act = item.text_or_none("act") or ""
    return Claim(item.text("gate"), _at(item, "at"), item.text("station"), act)


def _at(item: Answer, name: str) -> datetime:
    try:
        return from_text(item.text(name))
    except ValueError:
        raise Fault("HUB_REPLY", field=name) from None


def _lost(item: Answer) -> LostClaim:
    fields: Mapping[str, str] = {
        name: item.text(name) for name in ("entry_id", "feed", "serial", "gate", "lane")
    }
    return LostClaim(**fields)
