"""The model's rights and values: who alone may change an order, what is set aside on a gift card, places that
orders gave back; as revisions 0008 and 0012 have them in SQL."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from domain.clock import from_text, to_ms
from tests.simulation.hub_places import as_list, members
from tests.simulation.hub_state import HUB, HubState, Right, StationRow, Value, ValueGrant

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VALUE = re.compile(r"[0-9a-f]{64}")
CURRENCY = re.compile(r"[A-Z]{3}")
AMOUNT = re.compile(r"[1-9][0-9]{0,14}")
ACTS = {"pay", "release", "void", "refund", "exchange", "reprint", "hand_out"}
MARKING = {"void", "refund", "exchange", "reprint"}
FREEING = {"refund_paid", "order_voided", "exchanged", "reservation_released", "payment_failed"}
SOLD = {"order_sold", "order_reserved"}
EPOCH_STEP = 1_000_000_000


def right_fault(request: Any) -> str | None:
    """What is wrong with a request, as hub.right_fault."""
    for part in ("rights", "values"):
        asked = request.get(part)
        if asked is None:
            continue
        if not UUID.fullmatch(str(asked.get("id"))):
            return f"{part}.id"
        if not isinstance(asked.get("wants"), list) or len(asked["wants"]) > 50:
            return f"{part}.wants"
    for want in as_list(request.get("rights", {}).get("wants")):
        if not UUID.fullmatch(str(want.get("order"))) or want.get("act") not in ACTS:
            return "rights.wants"
    for want in as_list(request.get("values", {}).get("wants")):
        if not (
            VALUE.fullmatch(str(want.get("value")))
            and CURRENCY.fullmatch(str(want.get("currency")))
            and AMOUNT.fullmatch(str(want.get("amount_minor")))
        ):
            return "values.wants"
    return None


class Rights:
    """Works on the hub's state; `hub` is the model."""

    def __init__(self, hub: Any) -> None:
        self._hub = hub

    @property
    def _s(self) -> HubState:
        state: HubState = self._hub.state
        return state

    # Projection.

    def apply(self, ids: Sequence[str], docs: Sequence[dict[str, Any]]) -> None:
        """What a batch says about rights and values, after places were counted."""
        born: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for doc in docs:
            order = doc["body"].get("order")
            if doc["kind"] in SOLD and isinstance(order, str) and UUID.fullmatch(order):
                born[order].append(doc)
        for order in sorted(born):
            self._born(order, born[order])
        self._freed(ids, docs)
        for doc in docs:
            self._follow(doc)

    def _born(self, order: str, docs: Sequence[dict[str, Any]]) -> None:
        origins = [doc["origin"] for doc in docs]
        station, epoch = min(each["station"] for each in origins), min(each["epoch"] for each in origins)
        right = self._s.rights.setdefault(order, Right(order, station, epoch))
        for doc in docs:
            for position in (each for items in members(doc["body"], "positions") for each in as_list(items)):
                if isinstance(position, dict) and {"event", "serial"} <= set(position):
                    right.tickets.append((f"event:{position['event']}", str(position["serial"])))

    def _freed(self, ids: Sequence[str], docs: Sequence[dict[str, Any]]) -> None:
        for entry_id, doc in zip(ids, docs, strict=True):
            holder = doc["body"].get("order")
            if doc["kind"] not in FREEING or holder is None:
                continue
            given = [item for items in members(doc["body"], "positions") for item in members(items, "freed")]
            for item in (each for items in [*given, doc["body"].get("freed")] for each in as_list(items)):
                if isinstance(item, dict) and isinstance(item.get("lease"), str):
                    for slot in as_list(item.get("slots")):
                        key = (item["lease"], slot, str(holder))
                        self._s.freed.setdefault(key, (item.get("pool"), entry_id))
        orders = {doc["body"].get("order") for doc in docs}
        for key in sorted(key for key in self._s.freed if key[2] in orders):
            self._free(*key)

    def _free(self, lease_id: str, slot: int, holder: str) -> None:
        """As hub.free_slot."""
        said_pool, _entry = self._s.freed[lease_id, slot, holder]
        if self._s.slot_clash.pop((lease_id, slot, holder), None) is not None and said_pool in self._s.pools:
            self._s.pools[said_pool].outside -= 1
        known = self._s.lease_slot.get((lease_id, slot))
        if known is None or known[1] != holder:
            return
        del self._s.lease_slot[lease_id, slot]
        lease, pool = self._s.leases.get(lease_id), self._s.pools.get(known[0] or 0)
        if lease is not None and lease.pool == known[0] and self._hub.places.covers(lease, slot):
            lease.used -= 1
            lease.back += 1
            if pool is not None:
                pool.used -= 1
                pool.leased -= 1
        elif pool is not None:
            pool.outside -= 1
        if (slot, slot) not in self._s.lease_back[lease_id]:
            self._s.lease_back[lease_id].append((slot, slot))

    def _follow(self, doc: dict[str, Any]) -> None:
        kind, body, station = doc["kind"], doc["body"], doc["origin"]["station"]
        if kind == "right_released":
            self._give_up(body["rights"], station)
            self._end_grants(body["values"], station, "released")
        elif kind in {"value_issued", "value_spent", "value_returned"}:
            self._move(kind, body, station)
        elif station == HUB:
            self._told(kind, body)

    def _told(self, kind: str, body: dict[str, Any]) -> None:
        """What the hub said itself."""
        if kind == "right_granted":
            right = self._s.rights.setdefault(body["order"], Right(body["order"], HUB, 0, -1))
            if right.number < body["number"]:
                right.station, right.epoch, right.number = body["station"], body["epoch"], body["number"]
                right.act, right.request = body["act"], body["request"]
        elif kind == "right_written_off":
            self._give_up(body["rights"], body["station"])
        elif kind == "value_granted":
            key = (body["request"], body["value"])
            if key not in self._s.value_grants:
                self._s.value_grants[key] = ValueGrant(
                    *key, body["station"], body["epoch"], body["amount_minor"], body["currency"],
                    self._hub.now_ms(),
                )  # fmt: skip
                self._account(body["value"], body["currency"]).reserved += body["amount_minor"]
        elif kind == "value_written_off":
            self._end_grants(body["requests"], body["station"], "written_off")

    def _give_up(self, items: Iterable[dict[str, Any]], station: str) -> None:
        numbers: dict[str, int] = {}
        for item in items:
            numbers[item["order"]] = max(item["number"], numbers.get(item["order"], -1))
        for order, number in sorted(numbers.items()):
            right = self._s.rights.get(order)
            if right is None:
                self._s.rights[order] = Right(order, HUB, 0, number)
            elif right.number < number or (right.number == number and right.station == station):
                right.station, right.epoch, right.number = HUB, 0, number
                right.act = right.request = None
            else:
                continue
            for key in [key for key in self._s.marks if key[2] == order]:
                del self._s.marks[key]
        self._newer(station)

    def _newer(self, station: str) -> None:
        if station in self._s.stations:
            self._s.stations[station].right_version += 1

    def _account(self, value: str, currency: str) -> Value:
        return self._s.values.setdefault(value, Value(value, currency))

    def _end_grants(
        self, requests: Iterable[str], station: str, state: str, value: str | None = None
    ) -> None:
        named = set(requests)
        for grant in self._s.value_grants.values():
            if (
                grant.request in named
                and grant.station == station
                and grant.state == "held"
                and value in (None, grant.value)
            ):
                grant.state = state
                self._s.values[grant.value].reserved -= grant.amount
        self._newer(station)

    def _move(self, kind: str, body: dict[str, Any], station: str) -> None:
        account = self._account(body["value"], body["currency"])
        amount = body["amount_minor"]
        if kind == "value_issued":
            account.issued += amount
        else:
            account.spent += amount if kind == "value_spent" else -amount
        if body.get("expires_at") is not None:
            account.expires_ms = max(to_ms(from_text(body["expires_at"])), account.expires_ms or 0)
        if kind == "value_spent" and body.get("request") is not None:
            self._end_grants([body["request"]], station, "spent", body["value"])

    # Requests.

    def feeds_of(self, request: Any) -> list[str]:
        """Heads that an answer needs."""
        wants = (request.get("rights") or {}).get("wants") or []
        rights = [self._s.rights.get(want["order"]) for want in wants]
        return [feed for right in rights if right is not None for feed, _ in right.tickets]

    def grant(self, me: StationRow, request: Any) -> dict[str, Any] | None:
        """Answer a request once."""
        rights = request.get("rights") or {}
        values = request.get("values") or {}
        asked = rights.get("id") or values.get("id")
        if asked is None:
            return None
        wanted, amounts = rights.get("wants") or [], values.get("wants") or []
        if self._s.mode != "normal":
            no = {"granted": False, "why": "recovery"}
            return {
                "id": asked,
                "rights": [{"order": want["order"], **no} for want in wanted],
                "values": [{"value": want["value"], **no} for want in amounts],
            }
        if (me.station, asked) in self._s.right_request:
            return self._s.right_request[me.station, asked]  # type: ignore[no-any-return]
        acts: dict[str, dict[str, Any]] = {}
        for want in sorted(wanted, key=lambda each: (each["order"], each["act"])):
            acts.setdefault(want["order"], want)
        taken: dict[str, dict[str, Any]] = {}
        for want in amounts:
            taken.setdefault(want["value"], want)
        answer = {
            "id": asked,
            "rights": [self._grant_right(me, asked, acts[order]) for order in sorted(acts)],
            "values": [self._grant_value(me, asked, taken[value]) for value in sorted(taken)],
        }
        self._s.right_request[me.station, asked] = answer
        me.right_version += 1
        return answer

    def _next(self, number: int) -> int:
        epochs = [epoch for station, epoch in self._s.tips if station == HUB]
        return max(number, EPOCH_STEP * (max(epochs) - min(epochs))) + 1

    def _grant_right(self, me: StationRow, request: str, want: dict[str, Any]) -> dict[str, Any]:
        order, act = want["order"], want["act"]
        right = self._s.rights.get(order)
        no = {"order": order, "granted": False}
        feeds = ["cash", *sorted({feed for feed, _ in right.tickets})] if right is not None else []
        if right is None or len(feeds) == 1 or not (me.scope is None or set(feeds) <= set(me.scope)):
            return {**no, "why": "unknown"}
        if (right.station, right.epoch) == (me.station, me.epoch):
            return {"order": order, "granted": True, "number": right.number}
        if right.station != HUB:
            return {**no, "why": "held", "who": right.station}
        if act in MARKING:
            for ticket in right.tickets:
                for claim in sorted(self._s.claims_of.get(ticket, ())):
                    return {**no, "why": "at_gate", "who": self._s.claims[claim].gate}
            for feed, serial in sorted(set(right.tickets)):
                mark = (act, me.station, self._hub.now_ms())
                self._s.marks.setdefault((feed, serial, order), mark)
        number = self._next(right.number)
        body = {
            "act": act, "epoch": me.epoch, "number": number, "order": order, "request": request,
            "station": me.station,
        }  # fmt: skip
        self._hub.acts.sealed("right_granted", feeds, body)
        return {"order": order, "granted": True, "number": number}

    def _grant_value(self, me: StationRow, request: str, want: dict[str, Any]) -> dict[str, Any]:
        account = self._s.values.get(want["value"])
        amount = int(want["amount_minor"])
        answer = {"value": want["value"]}
        if account is None or account.issued == 0 or account.currency != want["currency"]:
            return {**answer, "granted": False, "why": "unknown"}
        left = max(0, account.issued - account.spent - account.reserved)
        if account.expires_ms is not None and account.expires_ms < self._hub.now_ms():
            return {**answer, "granted": False, "why": "expired"}
        if left < amount:
            return {**answer, "granted": False, "why": "short", "left_minor": left}
        body = {
            "amount_minor": amount, "currency": account.currency, "epoch": me.epoch, "request": request,
            "station": me.station, "value": account.value,
        }  # fmt: skip
        self._hub.acts.sealed("value_granted", ["cash"], body)
        return {**answer, "granted": True, "amount_minor": amount, "left_minor": left - amount}

    def right_set(self, me: StationRow) -> dict[str, Any]:
        """What was granted to a station and not given up."""
        mine = [
            right for right in self._s.rights.values()
            if (right.station, right.epoch) == (me.station, me.epoch) and right.number > 0
        ]  # fmt: skip
        amounts = [
            grant for grant in self._s.value_grants.values()
            if (grant.station, grant.epoch) == (me.station, me.epoch) and grant.state == "held"
        ]  # fmt: skip
        items: list[dict[str, Any]] = [
            {"order": each.order, "number": each.number, "act": each.act, "request": each.request}
            for each in sorted(mine, key=lambda each: each.order)
        ]
        items += [
            {
                "value": each.value,
                "request": each.request,
                "amount_minor": each.amount,
                "currency": each.currency,
            }
            for each in sorted(amounts, key=lambda each: (each.request, each.value))
        ]
        return {"version": self._s.stations[me.station].right_version, "items": items}

    def marked(self, feed: str, serial: str) -> list[dict[str, Any]]:
        """What a gate is told of a ticket that a till may be giving back."""
        found = [
            (since, order, act, station)
            for (of, ticket, order), (act, station, since) in self._s.marks.items()
            if (of, ticket) == (feed, serial)
        ]
        return [
            {
                "entry_id": order, "station": station, "gate": "", "lane": "", "act": act,
                "at": self._hub.at_text(since), "unconfirmed": False,
            }
            for since, order, act, station in sorted(found)
        ]  # fmt: skip

    def mark_again(self) -> None:
        """After a recovery: tickets of orders whose granted act marks them."""
        for right in self._s.rights.values():
            if right.number > 0 and right.station != HUB and right.act in MARKING:
                for feed, serial in right.tickets:
                    mark = (right.act, right.station, self._hub.now_ms())
                    self._s.marks.setdefault((feed, serial, right.order), mark)

    def write_off(self, station: str, risk: int, value_risk: int) -> tuple[int, int]:
        """An operator takes rights and amounts of a dead station back."""
        self._hub.lock_heads(["cash"])
        mine = sorted(
            (right.epoch, right.order, right.number)
            for right in self._s.rights.values() if right.station == station
        )[:risk]  # fmt: skip
        for epoch in sorted({each[0] for each in mine}):
            rights = [{"number": number, "order": order} for of, order, number in mine if of == epoch]
            self._hub.acts.sealed(
                "right_written_off", ["cash"],
                {"epoch": epoch, "rights": rights, "risk": risk, "station": station},
            )  # fmt: skip
        grants = self._s.value_grants.values()
        held = sorted(
            (each for each in grants if each.station == station and each.state == "held"),
            key=lambda each: (each.granted_ms, each.request, each.value),
        )
        going, so_far = [], 0
        for grant in held:
            so_far += grant.amount
            if so_far <= value_risk:
                going.append(grant)
        for epoch in sorted({each.epoch for each in going}):
            some = [each for each in going if each.epoch == epoch]
            self._hub.acts.sealed(
                "value_written_off", ["cash"],
                {
                    "amount_minor": sum(each.amount for each in some), "epoch": epoch,
                    "requests": sorted({each.request for each in some}), "station": station,
                },
            )  # fmt: skip
        return len(mine), sum(each.amount for each in going)
