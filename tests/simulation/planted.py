"""The bugs that are planted: one small change each, in sync, leases, claims, journal and projections, and
in the hub."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """`old` is there exactly once in the source of `module`. `focus`: the swarm it is hunted in, '' = any."""

    name: str
    module: str
    old: str
    new: str
    focus: str = ""


MUTANTS = (
    # Journal.
    Mutant(
        "an entry may be stamped like the one before",
        "domain.clock",
        "Hlc(self.ms, self.counter + 1)",
        "Hlc(self.ms, self.counter)",
        "calm",
    ),
    Mutant(
        "the clock may pull stamps back",
        "domain.clock",
        "return Hlc(wall_ms) if wall_ms > self.ms else Hlc(self.ms, self.counter + 1)",
        "return Hlc(wall_ms)",
        "clocks",
    ),
    Mutant(
        "a batch forgets its first entry",
        "app.store.journal",
        '"after": place(identity.epoch, after_seq),',
        '"after": place(identity.epoch, after_seq + 1),',
        "calm",
    ),
    Mutant(
        "what was not sent counts as confirmed",
        "app.store.journal",
        '_ACKNOWLEDGE.run(connection, {"of_epoch": identity.epoch, "seq": seq})',
        '_ACKNOWLEDGE.run(connection, {"of_epoch": identity.epoch, "seq": tip(connection, identity).seq})',
        "lost",
    ),
    Mutant(
        "issued again under a new name",
        "app.store.journal",
        "                former,\n                epoch=",
        "                entries[0],\n                epoch=",
        "fork",
    ),
    # Forgetting.
    Mutant(
        "what is in a conflict is kept in short",
        "app.store.horizon",
        "if row[1] not in whole and",
        "if",
        "horizon",
    ),
    Mutant(
        "orders are forgotten while their tickets are good",
        "domain.horizon",
        "and order.until_ms < before_ms",
        "and order.until_ms is not None",
        "horizon",
    ),
    Mutant(
        "what is forgotten is not counted",
        "app.store.forgetting",
        "    _add_sums(connection, sums_of(connection, orders, serials))\n",
        "    sums_of(connection, orders, serials)\n",
        "horizon",
    ),
    # Engine.
    Mutant(
        "an acknowledgement counts what was not sent",
        "sync.engine",
        "acknowledge = Acknowledge(acked.seq, ",
        "acknowledge = Acknowledge(acked.seq + 1, ",
        "calm",
    ),
    Mutant(
        "after hello the own count is believed",
        "sync.engine",
        "        self._hub_seq = event.reply.tip.seq\n",
        "        self._hub_seq = max(self._hub_seq, event.reply.tip.seq)\n",
        "hub",
    ),
    Mutant(
        "cursors of the former hub are kept",
        "app.store.replica",
        "    connection.execute(delete(FEED_CURSOR))\n    write_meta",
        "    write_meta",
        "hub",
    ),
    Mutant(
        "no pause between tries",
        "sync.engine",
        "due_ms = max(now_ms + int(self._random() * longest), self._next_retry_ms)",
        "due_ms = now_ms",
        "network",
    ),
    Mutant(
        "a lost lane believes in its connection",
        "sync.engine",
        "state.connected = state.connected and not lost",
        "state.connected = True",
        "network",
    ),
    Mutant(
        "another incarnation is not adopted",
        "sync.engine",
        'code in {"INCARNATION", "CURSOR"}',
        'code in {"CURSOR"}',
        "hub",
    ),
    Mutant(
        "a rest never ends by itself",
        "sync.engine",
        "ms = self._timing.active_ms if active else self._timing.idle_ms",
        "ms = 10**9",
        "deaf",
    ),
    Mutant(
        "the second page is not fetched",
        "sync.engine",
        "if received and event.reply.waiting > received:\n            return [Pull(PULL_LIMIT)]",
        "if False:\n            return [Pull(PULL_LIMIT)]",
        "pages",
    ),
    Mutant(
        "tries are given up",
        "sync.engine",
        "return [Wait(lane, due_ms - now_ms, frozenset({Until.PERSON}))]",
        "return [Wait(lane, 10**9 if state.failures > 3 else due_ms - now_ms, frozenset({Until.PERSON}))]",
        "network",
    ),
    Mutant(
        "a lane with nothing to push does not notice a restored hub",
        "sync.engine",
        "            self._lanes[Lane.UP].greeted = False\n            return [Adopt(incarnation)",
        "            return [Adopt(incarnation)",
        "hub",
    ),
    # Replica.
    Mutant(
        "a cursor moves before its page",
        "app.store.replica",
        "where=_CURSOR.excluded.position > FEED_CURSOR.c.position,",
        "where=_CURSOR.excluded.position < 0,",
        "calm",
    ),
    Mutant(
        "a certificate that comes late frees nothing",
        "app.store.replica",
        "        if station is not None:\n            self._try_again(station, counts)\n",
        "",
        "newcomers",
    ),
    Mutant(
        "what came before a new certificate is forged for ever",
        "app.store.replica",
        "or_(REJECTED_ENTRY.c.code == UNKNOWN_STATION, REJECTED_ENTRY.c.code == BAD_SIGNATURE),",
        "REJECTED_ENTRY.c.code == UNKNOWN_STATION,",
        "newcomers",
    ),
    Mutant(
        "others' stamps are not merged",
        "app.store.replica",
        "UPDATE meta SET value = ? WHERE name = 'hlc' AND value < ?",
        "UPDATE meta SET value = ? WHERE name = 'hlc' AND value < ? AND 0",
        "clocks",
    ),
    # Leases.
    Mutant(
        "a lease never ends",
        "domain.leases",
        "return max(0, usable - passed) if passed >= 0 else 0",
        "return max(1, usable)",
        "asleep",
    ),
    Mutant(
        "a lease ends too late",
        "domain.leases",
        "usable = self.ttl_ms - self.ttl_ms * DRIFT_PER_CENT // 100 - MARGIN_MS",
        "usable = self.ttl_ms * 3",
        "asleep",
    ),
    Mutant(
        "what was given back is sold",
        "app.store.leases",
        "    if back:\n        free = tuple",
        "    if False:\n        free = tuple",
        "scarce",
    ),
    Mutant(
        "after a restart the counter of the former boot is believed",
        "domain.leases",
        "passed = now.mono_ms - self.sent.mono_ms if same_boot else now.wall_ms - self.sent.wall_ms",
        "passed = abs(now.mono_ms - self.sent.mono_ms)",
        "asleep",
    ),
    Mutant(
        "a used place is sold again",
        "app.store.leases",
        "free = range(max(row.first, (last_used or 0) + 1), row.last + 1)",
        "free = range(row.first, row.last + 1)",
        "scarce",
    ),
    # Selling.
    Mutant(
        "a station with a hub sells from its own head",
        "app.services.sale_parts",
        "        if self._has_hub:\n            source",
        "        if False:\n            source",
        "calm",
    ),
    # Claims.
    Mutant(
        "a claim that was refused is taken for granted",
        "sync.claims",
        "        if claims:\n            return ClaimReply(ClaimOutcome.IN_PROGRESS, claimed=claims[0])\n"
        '        if answer.plain().get("granted") is not True:\n'
        '            raise Fault("HUB_REPLY", field="granted")\n',
        "",
        "gates",
    ),
    Mutant(
        "what the hub shows is not taken in",
        "app.claims",
        "take_seen(reply.entries)",
        "take_seen(())",
        "gates",
    ),
    Mutant(
        "an admission that cannot be checked yet is passed over",
        "app.claims",
        "if unread is not None:",
        "if False:",
        "newcomers",
    ),
    # Projections.
    Mutant(
        "an undo that comes first is forgotten",
        "app.store.project_gate",
        '{"live": int(undo is None)}',
        '{"live": 1}',
        "old",
    ),
    Mutant(
        "a second sale of a place counts",
        "app.store.project_orders",
        "taken = _SLOT.many(connection, slots)",
        "taken = _SLOT.many(connection, slots) + 1",
        "scarce",
    ),
    Mutant(
        "the newest print is the last to come",
        "app.store.project_tickets",
        "select(func.max(PRINT_FACT.c.print_number))",
        "select(func.min(PRINT_FACT.c.print_number))",
        "prints",
    ),
    Mutant(
        "a cancellation is judged by arrival",
        "domain.conflict_tickets",
        "if act.event in events and act.hlc < passage.hlc]",
        "if act.event in events]",
        "prints",
    ),
    Mutant(
        "a shift forgets its change",
        "app.services.sell",
        '"amount_minor": paid.amount_minor - back,',
        '"amount_minor": paid.amount_minor,',
        "calm",
    ),
    # The hub.
    Mutant(
        "hub: what is given back is free twice",
        "tests.simulation.hub_places",
        "self._s.pools[lease.pool].leased -= len(going)",
        "self._s.pools[lease.pool].leased -= 2 * len(going)",
        "scarce",
    ),
    Mutant(
        "hub: grants while it recovers",
        "tests.simulation.hub_places",
        'if wanted is None or self._s.mode != "normal":',
        "if wanted is None:",
        "recovery",
    ),
    Mutant(
        "hub: free places are counted without the leased",
        "tests.simulation.hub_places",
        "free = pool.capacity - pool.leased - pool.outside",
        "free = pool.capacity - pool.used - pool.outside",
        "scarce",
    ),
    Mutant(
        "hub: a repeated push is appended again",
        "tests.simulation.hub_journal",
        "known = min(len(contents), tip.seq - first + 1)",
        "known = 0",
        "doubled",
    ),
    Mutant(
        "hub: an alias is shown again",
        "tests.simulation.hub_journal",
        'kept = raw if state in {"ok", "duplicate"} else None',
        "kept = raw if entry_id else None",
        "fork",
    ),
    Mutant(
        "hub: a place that is given back after a refund is free twice",
        "tests.simulation.hub_rights",
        "                pool.leased -= 1\n",
        "                pool.leased -= 2\n",
        "after",
    ),
    Mutant(
        "hub: claims are granted to everybody",
        "tests.simulation.hub_model",
        "                others.append(claim)",
        "                continue",
        "gates",
    ),
    Mutant(
        "hub: a revoked station is served",
        "tests.simulation.hub_journal",
        "        if me.revoked_ms is not None:\n            return",
        "        if False:\n            return",
        "revoke",
    ),
    Mutant(
        "hub: one bad entry blocks its batch",
        "tests.simulation.hub_journal",
        "            if code is not None:\n                self.state.quarantine",
        '            if code is not None or doc["v"] > 1:\n                raise AssertionError(code)\n'
        "            if code is not None:\n                self.state.quarantine",
        "poison",
    ),
    Mutant(
        "hub: a page skips an entry",
        "tests.simulation.hub_journal",
        "log = self.state.feeds[name].log[after[name] : after[name] + left]",
        "log = self.state.feeds[name].log[after[name] + (left < 500) : after[name] + left]",
        "calm",
    ),
)
