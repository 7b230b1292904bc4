"""The model's places: pools, leases, slots and claims, as the SQL of revisions 0002, 0003 and 0009 has
them."""

import re
from collections.abc import Sequence
from typing import Any

from tests.simulation.hub_acts import ranges
from tests.simulation.hub_state import Claim, HubState, Lease, Pool, StationRow

SERIAL = re.compile(r"[0-9a-f]{16}")
CONFIRMS_MS = 30_000
ASKED_FOR_MS = 30 * 24 * 3600 * 1000
SCARCE_MS, DAY_MS = 300_000, 72_000_000


class PoisonError(Exception):
    """An entry whose projection fails; the SQLSTATE that it fails with."""


def as_list(value: Any) -> list[Any]:
    """What `lax $[*]` makes of a value."""
    return value if isinstance(value, list) else [] if value is None else [value]


def members(value: Any, name: str) -> list[Any]:
    """`lax $.name` over a value or the items of a list."""
    return [item[name] for item in as_list(value) if isinstance(item, dict) and name in item]


def number(value: Any) -> int:
    """`::bigint` of a jsonb number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise PoisonError("22023")
    return value


def serials_of(body: dict[str, Any]) -> list[str]:
    found = [serial for items in members(body, "positions") for serial in members(items, "serial")]
    found += [serial for items in members(body, "serials") for serial in as_list(items)]
    found.append(body.get("serial"))
    return [serial for serial in found if isinstance(serial, str) and SERIAL.fullmatch(serial)]


Place = tuple[str, int, int | None, str, str, str]
"""(lease, slot, pool, holder, entry id, whose entry it is) of a place that an entry names."""


def slots_of(entry_id: str, doc: dict[str, Any]) -> list[Place]:
    """Every place that an entry names."""
    body = doc["body"]
    items = [
        slots for positions in members(body, "positions") for one in members(positions, "slots")
        for slots in as_list(one)
    ]  # fmt: skip
    items += [slots for one in members(body, "slots") for slots in as_list(one)]
    holder = body.get("order")
    holder = entry_id if holder is None else str(holder)
    found = []
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("lease"), str):
            continue
        pool = item.get("pool")
        found += [
            (item["lease"], slot, _text_number(pool), holder, entry_id, doc["origin"]["station"])
            for each in members(item, "slots")
            for slot in as_list(each)
            if isinstance(slot, int) and not isinstance(slot, bool)
        ]
    return found


def unfit(kind: str, body: dict[str, Any]) -> str | None:
    """The SQLSTATE with which the tables of reports do not take a broken body; the rest takes it."""
    if kind in {"order_sold", "order_reserved"} and not isinstance(body.get("order"), str):
        return "22P02"
    return "23502" if kind in {"admitted", "exited"} and "gate" not in body else None


def _text_number(value: Any) -> int | None:
    """`->> … ::bigint`."""
    if value is None:
        return None
    try:
        return int(str(value))
    except ValueError:
        raise PoisonError("22P02") from None


class Places:
    """Works on the hub's state; `now_ms` and `uuid` come from the model."""

    def __init__(self, hub: Any) -> None:
        self._hub = hub

    @property
    def _s(self) -> HubState:
        state: HubState = self._hub.state
        return state

    # Projection.

    def read(self, ids: Sequence[str], docs: Sequence[dict[str, Any]]) -> Any:
        """What a batch says, or PoisonError; nothing is changed yet."""
        pools, ends = [], []
        for entry_id, doc in zip(ids, docs, strict=True):
            kind, body = doc["kind"], doc["body"]
            thing, _, act = kind.partition("_")
            if thing in {"performance", "quota"} and act in {"created", "changed"}:
                fields = body.get("fields")
                said = fields.get("capacity") if isinstance(fields, dict) else None
                says = isinstance(fields, dict) and "capacity" in fields
                pools.append((number(body.get(thing)), entry_id, doc["origin"]["hlc"], act == "created",
                              number(body.get("event")), says, _text_number(said)))  # fmt: skip
            if kind in {"event_cancelled", "event_finished"}:
                ends.append((number(body.get("event")), kind))
        slots = sorted(
            (slot for entry_id, doc in zip(ids, docs, strict=True) for slot in slots_of(entry_id, doc)),
            key=lambda each: (each[0], each[1], each[4]),
        )
        returns = [
            (doc["body"].get("lease"), doc["body"].get("ranges"), doc["origin"]["station"], entry_id)
            for entry_id, doc in zip(ids, docs, strict=True) if doc["kind"] == "lease_returned"
        ]  # fmt: skip
        drops = [
            (str(doc["body"].get("claim")), doc["origin"]["station"])
            for doc in docs if doc["kind"] == "claim_dropped"
        ]  # fmt: skip
        return pools, ends, slots, returns, drops

    def apply(self, ids: Sequence[str], docs: Sequence[dict[str, Any]], said: Any) -> None:
        pools, ends, slots, returns, drops = said
        self._pools(pools, ends)
        self._slots(slots)
        for back in returns:
            self._return(*back)
        for entry_id, doc in zip(ids, docs, strict=True):
            serials = serials_of(doc["body"])
            if doc["kind"] != "claim_dropped":
                for feed in doc["feeds"]:
                    if feed.startswith("event:"):
                        for serial in serials:
                            self._s.ticket_seen[feed, serial].setdefault(entry_id)
            claim = self._s.claims.get(entry_id)
            if claim is not None and claim.station == doc["origin"]["station"]:
                self._end(claim)
        for claim_id, station in drops:
            if claim_id not in self._s.claim_ended:
                self._s.claim_ended[claim_id] = station
                claim = self._s.claims.get(claim_id)
                if claim is not None and claim.station == station:
                    self._end(claim)

    def _return(self, lease_id: str, found_ranges: Any, station: str, entry: str) -> None:
        """Places given back by their holder; of a lease that is not known the return waits for the grant."""
        lease = self._s.leases.get(lease_id)
        if lease is None and lease_id is not None and isinstance(found_ranges, list):
            self._s.early_back.setdefault((lease_id, entry), (station, found_ranges))
        elif lease is not None and lease.station == station:
            self.take_back(lease, [tuple(each) for each in found_ranges])

    def _end(self, claim: Claim) -> None:
        del self._s.claims[claim.entry_id]
        self._s.claims_of[claim.feed, claim.serial].discard(claim.entry_id)

    def _pools(self, patches: Sequence[Any], ends: Sequence[tuple[int, str]]) -> None:
        touched = set()
        for pool, entry_id, hlc, made, event, says, capacity in patches:
            if entry_id not in self._s.patches[pool]:
                self._s.patches[pool][entry_id] = (hlc, made, event, says, capacity)
                touched.add(pool)
        for pool in touched:
            known = [(hlc, entry, *rest) for entry, (hlc, *rest) in self._s.patches[pool].items()]
            made = sorted(each for each in known if each[2])
            if not made:
                continue
            saying = [each for each in known if each[4]]
            capacity = None
            if saying:
                first = [each for each in saying if not each[2]] or saying
                capacity = max(first, key=lambda each: (each[0], each[1]))[5]
            row = self._s.pools.setdefault(pool, Pool(pool, made[0][3], None))
            row.capacity, row.event = capacity, made[0][3]
        for event, kind in sorted(ends):
            self._s.ended.setdefault(event, kind)

    def covers(self, lease: Lease, slot: int) -> bool:
        inside = (
            slot in lease.slots
            if lease.slots is not None
            else (lease.first or 0) <= slot <= (lease.last or -1)
        )
        return inside and not any(first <= slot <= last for first, last in self._s.lease_back[lease.lease])

    def unused(self, lease: Lease) -> list[int]:
        back = self._s.lease_back[lease.lease]
        return [
            slot for slot in lease.every()
            if (lease.lease, slot) not in self._s.lease_slot
            and not any(first <= slot <= last for first, last in back)
        ]  # fmt: skip

    def take_back(self, lease: Lease, found_ranges: Sequence[Any]) -> int:
        going = [slot for slot in self.unused(lease) if any(a <= slot <= b for a, b in found_ranges)]
        back = self._s.lease_back[lease.lease]
        for each in found_ranges:
            if tuple(each) not in back:
                back.append((each[0], each[1]))
        lease.back += len(going)
        if lease.pool in self._s.pools:
            self._s.pools[lease.pool].leased -= len(going)
        self._s.stations[lease.station].lease_version += 1
        return len(going)

    def _slots(self, slots: Sequence[Place]) -> None:
        new = []
        for lease, slot, pool, holder, entry_id, station in slots:
            known = self._s.leases.get(lease)
            foreign = known is not None and known.station != station
            if not foreign and (lease, slot) not in self._s.lease_slot:
                self._s.lease_slot[lease, slot] = (pool, holder, entry_id)
                new.append((lease, slot, pool))
        for pool in {each[2] for each in slots if each[2] is not None}:
            self._s.pools.setdefault(pool, Pool(pool, 0, None))
        if len(slots) > len(new):
            self._clashes(slots)
        for lease_id, slot, pool in new:
            lease_row = self._s.leases.get(lease_id)
            covered = lease_row is not None and lease_row.pool == pool and self.covers(lease_row, slot)
            if covered and lease_row is not None:
                lease_row.used += 1
            if pool in self._s.pools:
                if covered:
                    self._s.pools[pool].used += 1
                else:
                    self._s.pools[pool].outside += 1

    def _clashes(self, slots: Sequence[Place]) -> None:
        """A second holder of a place, and whoever names the lease of another station."""
        fresh: dict[tuple[str, int, str], set[int]] = {}
        for lease, slot, pool, holder, entry_id, station in slots:
            known, row = self._s.leases.get(lease), self._s.lease_slot.get((lease, slot))
            foreign = known is not None and known.station != station
            if not foreign and (row is None or row[1] == holder):
                continue
            key = (lease, slot, holder)
            if key not in self._s.slot_clash:
                self._s.slot_clash[key] = entry_id
                fresh[key] = set()
            if key in fresh and pool is not None:
                fresh[key].add(pool)
        for pools in fresh.values():
            for pool in pools:
                self._s.pools[pool].outside += 1

    # Requests.

    def feeds_of(self, request: Any) -> list[str]:
        """Heads that a request for places needs."""
        wants = (request.get("leases") or {}).get("wants") or []
        pools = [self._s.pools.get(int(want["pool"])) for want in wants]
        return ["cash", *(f"event:{pool.event}" for pool in pools if pool is not None)]

    def sellers(self) -> int:
        now = self._hub.now_ms()
        living = {row.station for row in self._s.stations.values() if row.revoked_ms is None}
        asking = {
            station for (station, _), at in self._s.lease_request.items()
            if station in living and at > now - ASKED_FOR_MS
        }  # fmt: skip
        return max(len(asking), min(2, len(living)), 1)

    def grant(self, me: StationRow, request: Any) -> None:
        wanted = request.get("leases") if isinstance(request, dict) else None
        if wanted is None or self._s.mode != "normal":
            return
        key = (me.station, wanted["id"])
        if key in self._s.lease_request:
            return
        self._s.lease_request[key] = self._hub.now_ms()
        sellers = self.sellers()
        lines: dict[int, Any] = {}
        for want in wanted["wants"]:
            lines.setdefault(int(want["pool"]), want)
        told: dict[int, tuple[list[Any], list[Any]]] = {}
        for pool in sorted(lines):
            event, granted, renewed = self._grant_one(me, wanted["id"], pool, lines[pool], sellers)
            if granted or renewed:
                both = told.setdefault(event, ([], []))
                both[0].extend(granted)
                both[1].extend(renewed)
        if not told:
            return
        self._s.stations[me.station].lease_version += 1
        for event in sorted(told):
            body = {
                "event": event, "station": me.station, "epoch": me.epoch, "request": wanted["id"],
                "leases": told[event][0], "renewed": told[event][1],
            }  # fmt: skip
            self._hub.acts.sealed("lease_granted", ["cash", f"event:{event}"], body)

    def _grant_one(self, me: StationRow, request: str, number_: int, want: Any, sellers: int) -> Any:
        """(event, granted, renewed) as the act tells them."""
        pool = self._s.pools.get(number_)
        feed = f"event:{pool.event}" if pool else ""
        if pool is None or pool.capacity is None or pool.event in self._s.ended:
            return 0, [], []
        if me.scope is not None and feed not in me.scope:
            return 0, [], []
        unsold = pool.capacity - pool.outside - pool.used
        mine = [
            each for each in self._s.leases.values()
            if each.station == me.station and each.epoch == me.epoch and each.pool == pool.pool
        ]  # fmt: skip
        renewed = []
        if want.get("renew"):
            for lease in sorted(mine, key=lambda each: each.lease):
                if lease.size > lease.used + lease.back:
                    lease.request, lease.granted_ms = request, self._hub.now_ms()
                    lease.ttl_ms = _lease_ms(unsold, sellers)
                    renewed.append({"lease": lease.lease, "pool": pool.pool, "ttl_ms": lease.ttl_ms})
        holding = sum(each.size - each.used - each.back for each in mine)
        free = pool.capacity - pool.leased - pool.outside
        seats = self._seats(pool, want, free)
        count = len(seats) if seats is not None else min(
            int(want["count"]), _fair_share(unsold, sellers) - holding, free
        )  # fmt: skip
        if count <= 0:
            return pool.event, [], renewed
        lease_id = self._hub.uuid()
        lease = self._s.leases[lease_id] = Lease(
            lease_id, pool.pool, me.station, me.epoch, request,
            None if seats is not None else pool.last_slot + 1,
            None if seats is not None else pool.last_slot + count,
            None if seats is None else tuple(seats), count, _lease_ms(unsold, sellers), self._hub.now_ms(),
        )  # fmt: skip
        pool.leased += count
        if seats is None:
            pool.last_slot += count
        item = {
            "lease": lease_id, "pool": pool.pool, "seats": seats is not None, "ttl_ms": lease.ttl_ms,
            "ranges": ranges(seats) if seats is not None else [[lease.first, lease.last]],
        }  # fmt: skip
        return pool.event, [item], renewed

    def _seats(self, pool: Pool, want: Any, free: int) -> list[int] | None:
        asked = sorted({int(slot) for slot in want.get("slots") or []})
        if not asked:
            return None
        taken = {slot for (_, slot), (of, _, _) in self._s.lease_slot.items() if of == pool.pool}
        leases = [each for each in self._s.leases.values() if each.pool == pool.pool]
        left = [s for s in asked if s not in taken and not any(self.covers(each, s) for each in leases)]
        return left[: max(0, min(len(asked), 1000, free))]

    def lease_set(self, me: StationRow) -> dict[str, Any]:
        mine = [
            each for each in self._s.leases.values()
            if each.station == me.station and each.epoch == me.epoch and each.size > each.used + each.back
        ]  # fmt: skip
        return {
            "version": self._s.stations[me.station].lease_version,
            "items": [
                {
                    "lease": each.lease, "pool": each.pool, "first": each.first, "last": each.last,
                    "slots": None if each.slots is None else list(each.slots), "request": each.request,
                    "ttl_ms": each.ttl_ms,
                }
                for each in sorted(mine, key=lambda each: (each.pool, each.lease))
            ],
        }  # fmt: skip

    def reclaim(self, station: str, risk: int) -> dict[int, int]:
        """An operator takes places of a dead station back."""
        freed: dict[int, int] = {}
        acts = []
        known = {each.pool for each in self._s.leases.values() if each.station == station}
        feeds = [f"event:{self._s.pools[pool].event}" for pool in known if pool in self._s.pools]
        self._hub.lock_heads(["cash", *feeds])
        mine = [
            each for each in self._s.leases.values() if each.station == station
            and each.size > each.used + each.back
        ]  # fmt: skip
        for pool in sorted({each.pool for each in mine}):
            left, taken = risk, []
            for lease in sorted(
                (each for each in mine if each.pool == pool), key=lambda each: (-each.granted_ms, each.lease)
            ):
                if left <= 0:
                    break
                going = ranges(sorted(self.unused(lease), reverse=True)[:left])
                left -= self.take_back(lease, [tuple(each) for each in going])
                taken.append({"lease": lease.lease, "ranges": going})
            self._hub.uuid()  # of the row that notes it
            self._s.reclaimed.append((station, pool, max(0, risk - left)))
            freed[pool] = max(0, risk - left)
            event = self._s.pools[pool].event
            stated = {"way": "risk", "stated": risk}
            acts.append({"event": event, "station": station, "pool": pool, **stated, "leases": taken})
        for body in acts:
            self._hub.acts.sealed("lease_reclaimed", ["cash", f"event:{body['event']}"], body)
        return freed


def _lease_ms(unsold: int, sellers: int) -> int:
    return SCARCE_MS if unsold <= 2 * sellers else DAY_MS


def _fair_share(unsold: int, sellers: int) -> int:
    if unsold <= 0:
        return 0
    if unsold <= 2 * sellers:
        return 1
    parts = sellers + (1 if unsold > 20 * sellers else 0)
    return -(-unsold // parts)
