"""The gate: a scan is identified, decided, recorded, and only then does metal move.

The decision is made inside the write transaction that records it, on facts read there, so two lanes of one
station can never admit one ticket twice. Against other stations' gates there is the hub's claim, asked for
before that transaction and only when the ticket would open. A green answer is durable before anybody sees it.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.services.access import require
from app.services.ports import GateClaims, KeyRing, Nudge, Reads, Store, Turnstile, Work
from app.services.views import GateCounters, ScanRow, TicketView
from domain.actor import Actor, Permission
from domain.admission import (
    Confidence,
    Decision,
    Direction,
    GatePolicy,
    Listed,
    RepeatGuard,
    Scan,
    SignatureStatus,
    TextKind,
    TicketFacts,
    Verdict,
    decide,
)
from domain.catalogue import Gate
from domain.claims import NO_CLAIM, ClaimAnswer, ClaimAsked, ClaimOutcome
from domain.clock import Clock, to_text
from domain.entry import ORG, Draft, event_feed
from domain.errors import Refusal
from domain.ids import normalize_reference, short_reference
from domain.ticket_code import NotATicketCodeError, SignedCode, decode


@dataclass(frozen=True, slots=True)
class GateSetup:
    """Where this station stands. `events` and `performance` narrow what is admitted; empty/None = all."""

    gate: Gate
    lane: str
    events: tuple[int, ...]
    performance: int | None
    policy: GatePolicy


@dataclass(frozen=True, slots=True)
class ScanInput:
    """What was held to the gate. `via` is camera, serial, wedge, manual or script; `at` None = now.

    `serial` stands for a ticket chosen from a search instead of a scanned text.
    """

    text: str = ""
    via: str = "manual"
    direction: Direction = Direction.ENTRY
    serial: str | None = None
    at: datetime | None = None
    people: int = 1


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """A decision with what became of it. `entry_id` names the recorded fact, None where nothing was written;
    `at` is when it was decided. `guest`: whose order it is, where the event lets its gates see that."""

    decision: Decision
    entry_id: str | None
    at: datetime
    serial: str | None
    reference: str | None
    gate: Gate
    lane: str
    direction: Direction
    guest: str | None = None

    @property
    def opens(self) -> bool:
        """Whether the turnstile is to open."""
        return self.decision.opens and self.decision.verdict is not Verdict.REPEAT


@dataclass(frozen=True, slots=True)
class _Identified:
    """A scanned text taken apart. `key` is what repeats are recognised by."""

    key: str
    code: SignedCode | None
    serial: str | None
    kind: TextKind
    signature: SignatureStatus
    code_hash: str | None


class Gatekeeper:
    """Decides scans: `check` uses nothing up, `admit` records what it decides.

    One instance serves one gate of one station and is called from one lane at a time.
    """

    def __init__(
        self,
        store: Store,
        keys: KeyRing,
        clock: Clock,
        confidence: Callable[[], Confidence],
        setup: Callable[[Reads], GateSetup],
        nudge: Nudge,
        claims: GateClaims | None = None,
    ) -> None:
        """`claims`: where the station has a hub."""
        self._store = store
        self._claims = claims
        self._keys = keys
        self._clock = clock
        self._confidence = confidence
        self._setup = setup
        self._nudge = nudge
        self._repeats = RepeatGuard()

    def check(self, scan: ScanInput, actor: Actor) -> GateAnswer:
        """What the gate would say. Writes nothing, and is not remembered as a sighting."""
        require(actor, Permission.CHECK)
        with self._store.read() as read:
            return self._decide(read, scan, self._identify(scan, actor, read), actor)

    def admit(self, scan: ScanInput, actor: Actor) -> GateAnswer:
        """Decide and record. Green means that the admission is on the disk. Refuses REVOKED."""
        require(actor, Permission.ADMIT)
        text_code = None if scan.serial else self._read_code(scan.text)
        if text_code is not None and (answer := self._repeat(text_code, scan)) is not None:
            return answer
        claim = self._claim(scan, text_code, actor)
        if claim.outcome is ClaimOutcome.REVOKED:
            raise Refusal("REVOKED")
        with self._store.begin() as work:
            identified = text_code or self._identify(scan, actor, work.read)
            answer = self._decide(work.read, scan, identified, actor, claim)
            entry_id = None
            if self._repeats.should_record(identified.key, answer.lane, answer.at, answer.decision):
                entry_id = self._record(work, scan, identified, answer, actor, claim)
            dropped = claim.held and not answer.decision.opens
            if dropped:
                work.append(_claim_dropped(answer, claim), actor)
            if entry_id is not None or dropped:
                work.commit()
        self._repeats.remember(identified.key, answer.lane, answer.at, answer.decision)
        if entry_id is not None or dropped:
            self._nudge()
        if entry_id is None:
            return answer
        return replace(answer, entry_id=entry_id)

    def undo(self, serial: str, reason: str, actor: Actor) -> ScanRow:
        """Take back the last admission of a ticket. Refuses NOTHING_TO_UNDO, NOT_ALLOWED (not one's own)."""
        if actor.user is None:
            raise Refusal("NOT_SIGNED_IN")
        with self._store.begin() as work:
            last = work.read.last_admission(serial)
            facts = work.read.facts(serial)
            if last is None:
                raise Refusal("NOTHING_TO_UNDO", serial=serial[:4])
            own = last.operator == actor.user
            require(actor, Permission.UNDO_OWN if own else Permission.UNDO_ANY)
            event = facts.event.number if facts else last.product.event if last.product else None
            feed = event_feed(event) if event else ORG
            body = {"admission": last.entry_id, "serial": serial, "event": event, "reason": reason}
            work.append(Draft("admission_undone", (feed,), body), actor)
            work.commit()
        self._repeats.forget(serial)
        self._nudge()
        return last

    def search(self, text: str, actor: Actor) -> Sequence[TicketView]:
        """Tickets with a typed short reference; with the permission to search. Refuses REFERENCE_INVALID."""
        require(actor, Permission.SEARCH)
        reference = normalize_reference(text)
        if reference is None:
            raise Refusal("REFERENCE_INVALID", text=text[:20])
        with self._store.read() as read:
            return read.tickets_by_reference(reference)

    def last_scans(self, actor: Actor, limit: int = 30) -> Sequence[ScanRow]:
        """The last scans of this gate, newest first."""
        require(actor, Permission.CHECK)
        with self._store.read() as read:
            return read.scans(self._setup(read).gate.code, limit)

    def counters(self, actor: Actor) -> tuple[GateCounters, GateCounters]:
        """Numbers of this gate, and of all gates."""
        require(actor, Permission.CHECK)
        with self._store.read() as read:
            setup, now = self._setup(read), self._clock.now()
            return (
                read.gate_counters(setup.events, setup.performance, setup.gate.code, now),
                read.gate_counters(setup.events, setup.performance, None, now),
            )

    def setup(self) -> GateSetup:
        """Where this station stands now."""
        with self._store.read() as read:
            return self._setup(read)

    def gates(self) -> Sequence[Gate]:
        """The gates there are, for choosing where this station stands."""
        with self._store.read() as read:
            return read.gates()

    def _repeat(self, identified: _Identified, scan: ScanInput) -> GateAnswer | None:
        setup = self.setup()
        at = scan.at or self._clock.now()
        decision = self._repeats.look(identified.key, setup.lane, at)
        if decision is None:
            return None
        return GateAnswer(
            decision, None, at, identified.serial, _reference(decision.facts, identified.serial),
            setup.gate, setup.lane, scan.direction,
        )  # fmt: skip

    def _read_code(self, text: str) -> _Identified | None:
        """A scanned text as one of our codes, or None when it is something else."""
        try:
            signed = decode(text.strip())
        except NotATicketCodeError:
            return None
        signature = self._signature(signed)
        digest = hashlib.sha256(text.strip().encode()).hexdigest()
        # A forger writes any serial: a bad signature must not shadow the real ticket's answers.
        key = digest if signature is SignatureStatus.BAD else signed.code.serial
        return _Identified(key, signed, signed.code.serial, TextKind.CODE, signature, digest)

    def _identify(self, scan: ScanInput, actor: Actor, read: Reads) -> _Identified:
        if scan.serial is not None:
            require(actor, Permission.SEARCH)
            return _Identified(scan.serial, None, scan.serial, TextKind.REFERENCE, SignatureStatus.NONE, None)
        if (code := self._read_code(scan.text)) is not None:
            return code
        if scan.via == "manual" and (reference := normalize_reference(scan.text)) is not None:
            require(actor, Permission.SEARCH)
            found = read.tickets_by_reference(reference)
            if len(found) == 1:
                serial = found[0].serial
                return _Identified(serial, None, serial, TextKind.REFERENCE, SignatureStatus.NONE, None)
            if found:
                raise Refusal("REFERENCE_AMBIGUOUS", count=len(found))
        digest = hashlib.sha256(scan.text.encode("utf-8", "replace")).hexdigest()
        return _Identified(digest, None, None, TextKind.OTHER, SignatureStatus.NONE, digest)

    def _signature(self, signed: SignedCode) -> SignatureStatus:
        public = self._keys.public_key(signed.code.key_id)
        if public is None:
            return SignatureStatus.UNKNOWN_KEY
        if not signed.signed_by(public):
            return SignatureStatus.BAD
        return SignatureStatus.REVOKED if self._keys.is_revoked(signed.code.key_id) else SignatureStatus.GOOD

    def _claim(self, scan: ScanInput, text_code: _Identified | None, actor: Actor) -> ClaimAnswer:
        """Ask the hub for a ticket that would open here; no transaction is open meanwhile."""
        if self._claims is None or scan.direction is not Direction.ENTRY:
            return NO_CLAIM

        def look() -> ClaimAsked | None:
            with self._store.read() as read:
                identified = text_code or self._identify(scan, actor, read)
                first = self._decide(read, scan, identified, actor)
                home = _home(read, first, identified, self._setup(read))
                if not first.opens or identified.serial is None or home is None:
                    return None
                seen = tuple(read.seen_entries(identified.serial))
                return ClaimAsked(event_feed(home), identified.serial, first.gate.code, first.lane, seen)

        def again() -> Sequence[str] | None:
            now = look()
            return None if now is None else now.seen

        asked = look()
        return NO_CLAIM if asked is None else self._claims.claim(asked, again)

    def _decide(
        self,
        read: Reads,
        scan: ScanInput,
        identified: _Identified,
        actor: Actor,
        claim: ClaimAnswer = NO_CLAIM,
    ) -> GateAnswer:
        setup = self._setup(read)
        at = scan.at or self._clock.now()
        facts = read.facts(identified.serial) if identified.serial else None
        product = identified.code.code.product if identified.code else None
        asked = Scan(
            gate=setup.gate,
            at=at,
            code=identified.code,
            serial=identified.serial,
            text_kind=identified.kind,
            signature=identified.signature,
            lane=setup.lane,
            direction=scan.direction,
            events=setup.events,
            performance=setup.performance,
            operator=actor.user or "",
            people=scan.people,
            listed=_listed(read, identified.code) if facts is None else None,
            seen=tuple(read.uses(identified.serial)) if facts is None and identified.serial else (),
            heard=read.heard(identified.serial, product) if facts is None and identified.serial else None,
            claimed=claim.claimed,
        )
        decision = decide(facts, asked, setup.policy, claim.confidence or self._confidence())
        named = facts is not None and facts.event.names_at_gate and identified.serial
        return GateAnswer(
            decision, None, at, identified.serial, _reference(facts, identified.serial), setup.gate,
            setup.lane, scan.direction, read.guest_of(identified.serial or "") if named else None,
        )  # fmt: skip

    def _record(
        self,
        work: Work,
        scan: ScanInput,
        identified: _Identified,
        answer: GateAnswer,
        actor: Actor,
        claim: ClaimAnswer,
    ) -> str:
        draft = _fact(work.read, scan, identified, answer, self._setup(work.read))
        if answer.decision.opens and claim.entry_id is not None:
            draft = replace(draft, entry_id=claim.entry_id)
        return work.append(draft, actor).entry_id


class OpenTurnstile:
    """Moves the metal for an admission that is already on the disk, and records that it did."""

    def __init__(self, store: Store, turnstile: Turnstile) -> None:
        self._store = store
        self._turnstile = turnstile

    def __call__(self, answer: GateAnswer, actor: Actor) -> None:
        """Raises DeviceFault when the turnstile does not answer; the admission stands all the same."""
        if not answer.opens or answer.entry_id is None:
            return
        self._turnstile.pulse(answer.direction.value)
        facts = answer.decision.facts
        event = facts.event.number if facts else None
        body = {
            "admission": answer.entry_id, "gate": answer.gate.code, "lane": answer.lane, "event": event,
        }  # fmt: skip
        with self._store.begin() as work:
            work.append(Draft("gate_opened", (event_feed(event) if event else ORG,), body), actor)
            work.commit()


def _listed(read: Reads, code: SignedCode | None) -> Listed | None:
    """What the catalogue says of a code whose ticket nobody here has heard of."""
    if code is None:
        return None
    product = read.product(code.code.product)
    event = read.event(product.event) if product else None
    if product is None or event is None:
        return None
    performance = read.performance(code.code.performance) if code.code.performance else None
    return Listed(product, event, performance)


def _home(read: Reads, answer: GateAnswer, identified: _Identified, setup: GateSetup) -> int | None:
    """The event whose feed guards a ticket: its product's, else the one that is let into here."""
    facts = answer.decision.facts
    listed = _listed(read, identified.code) if facts is None else None
    event = facts.event.number if facts else listed.event.number if listed else None
    return event or _at_event(read, setup, event)


def _claim_dropped(answer: GateAnswer, claim: ClaimAnswer) -> Draft:
    """Ends a claim that does not end in an admission; in the feed in which it was made."""
    feed = claim.feed or ""
    body = {
        "claim": claim.entry_id, "serial": answer.serial, "event": int(feed.removeprefix("event:")),
        "gate": answer.gate.code, "lane": answer.lane, "reason": answer.decision.verdict.value,
    }  # fmt: skip
    return Draft("claim_dropped", (feed,), body)


def _reference(facts: TicketFacts | None, serial: str | None) -> str | None:
    return short_reference(serial) if facts is not None and serial is not None else None


def _fact(
    read: Reads, scan: ScanInput, identified: _Identified, answer: GateAnswer, setup: GateSetup
) -> Draft:
    """The entry of a decision (`admitted`, `exited`, `refused`), in the ticket's home feed and the gate's."""
    decision, facts, code = answer.decision, answer.decision.facts, identified.code
    listed = _listed(read, code) if facts is None else None
    event = facts.event.number if facts else listed.event.number if listed else None
    at_event = _at_event(read, setup, event)
    feeds = tuple(event_feed(number) for number in (event, at_event) if number) or (ORG,)
    common: dict[str, object] = {
        "at_event": at_event,
        "gate": setup.gate.code,
        "lane": setup.lane,
        "verdict": decision.verdict.value,
        "via": scan.via,
        "confidence": decision.confidence.mode.value,
        "offline_since_at": to_text(decision.confidence.since_at) if decision.confidence.since_at else None,
    }
    if not decision.opens:
        body = {
            **common, "serial": identified.serial, "code_hash": identified.code_hash, "event": event,
            "direction": scan.direction.value,
        }  # fmt: skip
        return Draft("refused", feeds, body)
    product = facts.product.number if facts else code.code.product if code else 0
    shown = facts.performance if facts else listed.performance if listed else None
    body = {
        **common, "serial": identified.serial, "event": event, "product": product,
        "performance": shown.number if shown else None,
        "print_number": code.code.print_number if code else 0,
        "seen": read.seen_digest(identified.serial or ""), "people": scan.people,
    }  # fmt: skip
    return Draft("admitted" if scan.direction is Direction.ENTRY else "exited", feeds, body)


def _at_event(read: Reads, setup: GateSetup, home: int | None) -> int | None:
    """The event people are let into: the selected performance's, the gate's only one, or the ticket's own."""
    if setup.performance is not None and (performance := read.performance(setup.performance)) is not None:
        return performance.event
    if len(setup.events) == 1:
        return setup.events[0]
    return home if not setup.events or home in setup.events else setup.events[0]
