"""The gate's claims for the use cases: asks the hub, takes in what it shows, asks again, in one budget."""

import random
import time
from collections.abc import Callable, Collection, Sequence

from app.store.replica import BAD_SIGNATURE, UNKNOWN_STATION
from app.store.store import StationStore
from domain.actor import SYSTEM
from domain.admission import LIVE, Claim, Confidence, ConfidenceMode
from domain.claims import CLAIM_BUDGET_MS, ClaimAnswer, ClaimAsked, ClaimOutcome
from domain.clock import Clock, from_text, to_ms
from domain.entry import Draft, Entry
from domain.ids import RandomBytes, uuid7
from sync.claim_line import ClaimLine
from sync.claims import Breaker, HubClaims, LostClaim

_ANSWERED = frozenset(
    {ClaimOutcome.GRANTED, ClaimOutcome.UNSEEN, ClaimOutcome.IN_PROGRESS, ClaimOutcome.REVOKED}
)
_NOT_YET = frozenset({UNKNOWN_STATION, BAD_SIGNATURE})
"""Why an entry that the hub shows is not believed here: the certificate of its station may be on its way."""
LOST = "LOST"
"""Why a claim is dropped that an earlier run of the program left behind."""


class StationClaims:
    """Implements app.services.ports.GateClaims over a hub."""

    def __init__(
        self,
        store: StationStore,
        dsn: str,
        password: str,
        clock: Clock,
        random_bytes: RandomBytes,
        seconds: Callable[[], float] = time.monotonic,
        took: Callable[[float], None] = lambda _ms: None,
    ) -> None:
        """`took` is told how many ms each scan waited for the hub's word."""
        self._store = store
        self._took = took
        self._clock = clock
        self._random = random_bytes
        self._seconds = seconds
        self._hub = HubClaims(
            lambda: ClaimLine.connect(dsn, password, seconds),
            Breaker(random.SystemRandom().random),
            store.shut.told,
            self._drop_lost,
            seconds,
        )

    def begin(self) -> None:
        """Open the line to the hub ahead of the first scan."""
        self._hub.begin()

    def close(self) -> None:
        """Close the line."""
        self._hub.close()

    def claim(self, asked: ClaimAsked, again: Callable[[], Sequence[str] | None]) -> ClaimAnswer:
        """See app.services.ports.GateClaims. The budget is one for all questions of a scan."""
        began = self._seconds()
        try:
            return self._claim(asked, again, began + CLAIM_BUDGET_MS / 1000)
        finally:
            self._took(1000 * (self._seconds() - began))

    def _claim(
        self, asked: ClaimAsked, again: Callable[[], Sequence[str] | None], until: float
    ) -> ClaimAnswer:
        entry_id = uuid7(to_ms(self._clock.now()), self._random)
        shown: set[str] = set()
        seen: Sequence[str] = asked.seen
        while True:
            told = tuple(sorted({*seen, *shown}))
            question = ClaimAsked(asked.feed, asked.serial, asked.gate, asked.lane, told)
            reply = self._hub.ask(question, entry_id, until)
            if reply.outcome is not ClaimOutcome.UNSEEN:
                confidence = LIVE if reply.outcome in _ANSWERED else self._offline()
                return ClaimAnswer(reply.outcome, entry_id, asked.feed, reply.held, reply.claimed, confidence)
            taken = self._store.replica.take_seen(reply.entries)
            unread = _let_in_unread(
                reply.entries, {name for name, code in taken.rejected if code in _NOT_YET}
            )
            if unread is not None:
                return ClaimAnswer(ClaimOutcome.IN_PROGRESS, claimed=unread, confidence=LIVE)
            shown.update(entry.entry_id for entry in reply.entries)
            wanted = again()
            if wanted is None:
                return ClaimAnswer(ClaimOutcome.UNSEEN, confidence=LIVE)
            seen = wanted

    def _offline(self) -> Confidence:
        return Confidence(ConfidenceMode.OFFLINE, self._clock.now())

    def _drop_lost(self, claims: Sequence[LostClaim]) -> None:
        """Give up what no admission here fulfilled; an admission in the journal ends its claim by itself."""
        with self._store.begin() as work:
            dropped = [claim for claim in claims if not work.read.has_own_entry(claim.entry_id)]
            for claim in dropped:
                work.append(_dropped(claim), SYSTEM)
            if dropped:
                work.commit()


def _let_in_unread(entries: Sequence[Entry], unread: Collection[str]) -> Claim | None:
    """The latest admission among entries that cannot be checked here yet: somebody may have gone in with the
    ticket, so it is looked at by a person."""
    found = [entry for entry in entries if entry.entry_id in unread and entry.kind == "admitted"]
    if not found:
        return None
    last = max(found, key=lambda entry: entry.origin.hlc)
    return Claim(str(last.body.get("gate") or ""), from_text(last.clocks.wall_at), last.station)


def _dropped(claim: LostClaim) -> Draft:
    event = int(claim.feed.removeprefix("event:"))
    body = {
        "claim": claim.entry_id, "serial": claim.serial, "event": event, "gate": claim.gate,
        "lane": claim.lane, "reason": LOST,
    }  # fmt: skip
    return Draft("claim_dropped", (claim.feed,), body)
