"""The bugs that are planted: one small change each, in sync, leases, claims, journal and projections, and
in the hub."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """`old` is there exactly once in the source of `module`."""

    name: str
    module: str
    old: str
    new: str


MUTANTS = (
    # Journal.
    Mutant(
        "an entry may be stamped like the one before",
        "domain.clock",
        "Hlc(self.ms, self.counter + 1)",
        "Hlc(self.ms, self.counter)",
    ),
    Mutant(
        "the clock may pull stamps back",
        "domain.clock",
        "return Hlc(wall_ms) if wall_ms > self.ms else Hlc(self.ms, self.counter + 1)",
        "return Hlc(wall_ms)",
    ),
    Mutant(
        "a batch forgets its first entry",
        "app.store.journal",
        '"after": place(identity.epoch, after_seq),',
        '"after": place(identity.epoch, after_seq + 1),',
    ),
    Mutant(
        "acked goes back",
        "app.store.journal",
        'OWN_EPOCH.c.acked_seq < bindparam("seq"))',
        "OWN_EPOCH.c.acked_seq >= 0)",
    ),
    Mutant(
        "issued again under a new name",
        "app.store.journal",
        "                former,\n                epoch=",
        "                entries[0],\n                epoch=",
    ),
    # Engine.
    Mutant(
        "an acknowledgement counts what was not sent",
        "sync.engine",
        "acknowledge = Acknowledge(acked.seq, ",
        "acknowledge = Acknowledge(acked.seq + 1, ",
    ),
    Mutant(
        "after hello the own count is believed",
        "sync.engine",
        "        self._hub_seq = event.reply.tip.seq\n",
        "        self._hub_seq = max(self._hub_seq, event.reply.tip.seq)\n",
    ),
    Mutant(
        "a gap is not asked about",
        "sync.engine",
        '        if code == "GAP":\n            self._lanes[lane].greeted = False\n',
        "",
    ),
    Mutant(
        "no pause between tries",
        "sync.engine",
        "due_ms = max(now_ms + int(self._random() * longest), self._next_retry_ms)",
        "due_ms = now_ms",
    ),
    Mutant(
        "a lost lane stays greeted",
        "sync.engine",
        "            state.greeted = False\n        if code in",
        "        if code in",
    ),
    Mutant(
        "another incarnation is not adopted",
        "sync.engine",
        'code in {"INCARNATION", "CURSOR"}',
        'code in {"CURSOR"}',
    ),
    Mutant(
        "a rest never ends by itself",
        "sync.engine",
        "ms = self._timing.active_ms if active else self._timing.idle_ms",
        "ms = 10**9",
    ),
    Mutant(
        "the second page is not fetched",
        "sync.engine",
        "if received and event.reply.waiting > received:\n            return [Pull(PULL_LIMIT)]",
        "if False:\n            return [Pull(PULL_LIMIT)]",
    ),
    Mutant(
        "tries are given up",
        "sync.engine",
        "return [Wait(lane, due_ms - now_ms, frozenset({Until.PERSON}))]",
        "return [Wait(lane, 10**9 if state.failures > 3 else due_ms - now_ms, frozenset({Until.PERSON}))]",
    ),
    Mutant(
        "a lane with nothing to push does not notice a restored hub",
        "sync.engine",
        "            self._lanes[Lane.UP].greeted = False\n            return [Adopt(incarnation)",
        "            return [Adopt(incarnation)",
    ),
    # Replica.
    Mutant(
        "a cursor moves before its page",
        "app.store.replica",
        "where=_CURSOR.excluded.position > FEED_CURSOR.c.position,",
        "where=_CURSOR.excluded.position < 0,",
    ),
    Mutant(
        "a certificate that comes late frees nothing",
        "app.store.replica",
        "        if station is not None:\n            self._try_again(station, counts)\n",
        "",
    ),
    Mutant(
        "others' stamps are not merged",
        "app.store.replica",
        "UPDATE meta SET value = ? WHERE name = 'hlc' AND value < ?",
        "UPDATE meta SET value = ? WHERE name = 'hlc' AND value < ? AND 0",
    ),
    # Leases.
    Mutant(
        "a lease never ends",
        "domain.leases",
        "return max(0, usable - passed) if passed >= 0 else 0",
        "return max(1, usable)",
    ),
    Mutant(
        "a lease ends too late",
        "domain.leases",
        "usable = self.ttl_ms - self.ttl_ms * DRIFT_PER_CENT // 100 - MARGIN_MS",
        "usable = self.ttl_ms * 3",
    ),
    Mutant(
        "what was given back is sold",
        "app.store.leases",
        "    if back:\n        free = tuple",
        "    if False:\n        free = tuple",
    ),
    Mutant(
        "an old set of leases counts",
        "app.store.lease_port",
        "stale = not said.fresh and said.version < leases.version(connection)",
        "stale = False",
    ),
    Mutant(
        "a used place is sold again",
        "app.store.leases",
        "free = range(max(row[LEASE.c.first], (last_used or 0) + 1), row[LEASE.c.last] + 1)",
        "free = range(row[LEASE.c.first], row[LEASE.c.last] + 1)",
    ),
    # Selling.
    Mutant(
        "a station with a hub sells from its own head",
        "app.services.sell",
        "        if self._has_hub:\n            source",
        "        if False:\n            source",
    ),
    # Claims.
    Mutant(
        "a claim that was refused is taken for granted",
        "sync.claims",
        "        if claims:\n            return ClaimReply(ClaimOutcome.IN_PROGRESS, claimed=claims[0])\n"
        '        if answer.plain().get("granted") is not True:\n'
        '            raise Fault("HUB_REPLY", field="granted")\n',
        "",
    ),
    Mutant(
        "what the hub shows is not taken in",
        "app.claims",
        "            self._store.replica.take_seen(reply.entries)\n",
        "",
    ),
    # Projections.
    Mutant(
        "an undo that comes first is forgotten",
        "app.store.project_gate",
        '{"live": int(undo is None)}',
        '{"live": 1}',
    ),
    Mutant(
        "a second sale of a place counts",
        "app.store.project_orders",
        "taken = connection.execute(_SLOT, slots).rowcount",
        "taken = connection.execute(_SLOT, slots).rowcount + 1",
    ),
    Mutant(
        "the newest print is the last to come",
        "app.store.project_tickets",
        "select(func.max(PRINT_FACT.c.print_number))",
        "select(func.min(PRINT_FACT.c.print_number))",
    ),
    Mutant(
        "a cancellation is judged by arrival",
        "domain.conflict_tickets",
        "if act.event in events and act.hlc < passage.hlc]",
        "if act.event in events]",
    ),
    Mutant(
        "a shift forgets its change",
        "app.services.sell",
        '"amount_minor": paid.amount_minor - back,',
        '"amount_minor": paid.amount_minor,',
    ),
    # The hub.
    Mutant(
        "hub: a request for places is answered twice",
        "tests.simulation.hub_places",
        "        if key in self._s.lease_request:\n            return\n",
        "",
    ),
    Mutant(
        "hub: grants while it recovers",
        "tests.simulation.hub_places",
        'if wanted is None or self._s.mode != "normal":',
        "if wanted is None:",
    ),
    Mutant(
        "hub: free places are counted without the leased",
        "tests.simulation.hub_places",
        "free = pool.capacity - pool.leased - pool.outside",
        "free = pool.capacity - pool.used - pool.outside",
    ),
    Mutant(
        "hub: a repeated push is appended again",
        "tests.simulation.hub_journal",
        "known = min(len(contents), tip.seq - first + 1)",
        "known = 0",
    ),
    Mutant(
        "hub: an alias is shown again",
        "tests.simulation.hub_journal",
        'kept = raw if state in {"ok", "duplicate"} else None',
        "kept = raw if entry_id else None",
    ),
    Mutant(
        "hub: a fork is taken for a repetition",
        "tests.simulation.hub_journal",
        'return None if before == prev and same else "FORK"',
        "return None",
    ),
    Mutant(
        "hub: claims are granted to everybody",
        "tests.simulation.hub_model",
        '"granted": not unseen and not others,',
        '"granted": True,',
    ),
    Mutant(
        "hub: a revoked station is served",
        "tests.simulation.hub_journal",
        "        if me.revoked_ms is not None:\n            return",
        "        if False:\n            return",
    ),
    Mutant(
        "hub: one bad entry blocks its batch",
        "tests.simulation.hub_journal",
        "            if code is not None:\n                self.state.quarantine",
        '            if code is not None or doc["v"] > 1:\n                raise AssertionError(code)\n'
        "            if code is not None:\n                self.state.quarantine",
    ),
    Mutant(
        "hub: a page skips an entry",
        "tests.simulation.hub_journal",
        "log = self.state.feeds[name].log[after[name] : after[name] + left]",
        "log = self.state.feeds[name].log[after[name] + (left < 500) : after[name] + left]",
    ),
)
