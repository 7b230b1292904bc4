"""The model's own acts: sealed, and done again when stations bring them to a restored hub, as the SQL of
revisions 0009 and 0012 has them."""

import hashlib
import hmac
import json
from typing import Any

from domain.clock import from_text, to_ms
from domain.entry import canonical
from tests.simulation.hub_state import HUB, HubState, Lease, Pool

PLACES = {"lease_granted", "lease_reclaimed"}
RIGHTS = {"right_granted", "right_written_off", "value_granted", "value_written_off"}


def mac(kind: str, body: dict[str, Any]) -> str:
    """The seal of an act, with an empty key as in hub_database."""
    plain = {name: value for name, value in body.items() if name != "mac"}
    return hmac.new(b"", f"gatehouse-act-1\n{kind}\n{jsonb(plain)}".encode(), hashlib.sha256).hexdigest()


def jsonb(value: Any) -> str:
    """The text that PostgreSQL has for a jsonb: shorter keys first."""
    if isinstance(value, dict):
        items = sorted(value.items(), key=lambda item: (len(item[0].encode()), item[0].encode()))
        return "{" + ", ".join(f"{json.dumps(name)}: {jsonb(each)}" for name, each in items) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(jsonb, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def ranges(slots: list[int]) -> list[list[int]]:
    """Slot numbers as [[first, last], …]."""
    found: list[list[int]] = []
    for slot in sorted(slots):
        if found and found[-1][1] == slot - 1:
            found[-1][1] = slot
        else:
            found.append([slot, slot])
    return found


class Acts:
    """Works on the hub's state; `hub` is the model."""

    def __init__(self, hub: Any) -> None:
        self._hub = hub

    @property
    def _s(self) -> HubState:
        state: HubState = self._hub.state
        return state

    def sealed(self, kind: str, feeds: list[str], body: dict[str, Any]) -> str:
        """Append an act with its seal."""
        entry: str = self._hub.append_own(kind, feeds, canonical({**body, "mac": mac(kind, body)}))
        return entry

    def take(self, most: int | None = None) -> int:
        """Do again what stations brought of our own acts."""
        waiting = []
        for key, row in self._s.inbox.items():
            if key[0] == HUB and row["state"] == "waiting":
                doc = json.loads(row["content"])
                if doc["kind"] in PLACES or (doc["kind"] in RIGHTS and "mac" in doc["body"]):
                    waiting.append((key[1], key[2], key[3], doc, row))
        done = 0
        for _, _, _, doc, row in sorted(waiting, key=lambda each: each[:3])[:most]:
            own = doc["body"].get("mac") == mac(doc["kind"], doc["body"])
            if own and doc["entry_id"] not in self._s.entry_key:
                if doc["kind"] == "lease_granted":
                    self._grant_again(doc)
                elif doc["kind"] == "lease_reclaimed":
                    self._reclaim_again(doc)
                self._hub.issue_again(row["content"], doc)
                done += 1
            row["state"], row["code"] = ("released", None) if own else ("refused", "BAD_SIGNATURE")
        return done

    def _grant_again(self, doc: dict[str, Any]) -> None:
        body, at_ms = doc["body"], to_ms(from_text(doc["clock"]["wall_at"]))
        for item in body["leases"]:
            if item["lease"] not in self._s.leases:
                self._lease_again(body, item, at_ms)
        for item in body["renewed"]:
            lease = self._s.leases.get(item["lease"])
            if lease is not None and lease.granted_ms < at_ms:
                lease.request, lease.granted_ms, lease.ttl_ms = body["request"], at_ms, item["ttl_ms"]

    def _lease_again(self, body: dict[str, Any], item: dict[str, Any], at_ms: int) -> None:
        slots = [slot for first, last in item["ranges"] for slot in range(first, last + 1)]
        seats = item["seats"]
        lease = Lease(
            item["lease"], item["pool"], body["station"], body["epoch"], body["request"],
            None if seats else min(slots), None if seats else max(slots),
            tuple(sorted(slots)) if seats else None, len(slots), item["ttl_ms"], at_ms,
        )  # fmt: skip
        self._s.leases[lease.lease] = lease
        used = sum(
            of == lease.lease and pool == lease.pool and self._hub.places.covers(lease, slot)
            for (of, slot), (pool, _, _) in self._s.lease_slot.items()
        )
        lease.used = used
        pool = self._s.pools.setdefault(lease.pool, Pool(lease.pool, 0, None))
        pool.leased += lease.size
        pool.used += used
        pool.outside -= used
        pool.last_slot = max(pool.last_slot, lease.last or 0)
        if lease.station in self._s.stations:
            self._s.stations[lease.station].lease_version += 1
        for key, (station, back) in list(self._s.early_back.items()):
            if key[0] == lease.lease:
                if station in (lease.station, HUB):
                    self._hub.places.take_back(lease, [tuple(each) for each in back])
                del self._s.early_back[key]

    def _reclaim_again(self, doc: dict[str, Any]) -> None:
        for item in doc["body"]["leases"]:
            lease = self._s.leases.get(item["lease"])
            if lease is None:
                self._s.early_back.setdefault((item["lease"], doc["entry_id"]), (HUB, item["ranges"]))
            else:
                self._hub.places.take_back(lease, [tuple(each) for each in item["ranges"]])
