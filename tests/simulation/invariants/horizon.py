"""34 what is kept in short is others', old, at the hub, and says what the whole entry said · 36 what was
forgotten is counted: stations that forgot and stations that did not have the same sums, which are those of
the hub's log. (35, that forgetting changes no verdict, is looked at when it happens.)"""

import hashlib
import json
from collections import Counter
from typing import Any

from app.store import control
from tests.simulation import house
from tests.simulation.disk import reader
from tests.simulation.forgetting import WRONG_MS
from tests.simulation.invariants.picture import File, Link, Picture

OF_ORDERS = {
    "orders", "position", "payment", "payment_fact", "payout", "give_back", "receipt", "reservation",
    "right_fact", "ticket_act", "print_fact", "gate_fact", "ticket", "ticket_hold", "slot", "slot_freed",
}  # fmt: skip
"""Tables that an order goes out of with all that hangs on it. Every other one must be the same everywhere."""


def check(picture: Picture, tell: Any) -> None:
    if picture.world.swarm.horizon_ms is None:
        return
    for file in picture.living:
        _short(picture, file, tell)
        _forgotten(picture, file, tell)
    _sums(picture, tell)


def forgotten(picture: Picture, files: list[File]) -> set[str]:
    """Orders, and their tickets, that some of these files have forgotten as they may: others' orders of the
    event that is over. Whatever else is missing somewhere is a difference."""
    if picture.world.swarm.horizon_ms is None:
        return set()
    known: dict[str, tuple[str, set[int], set[str]]] = {}
    for file in files:
        for order, entry_id in file.rows("SELECT order_id, entry_id FROM orders"):
            rows = file.rows("SELECT event, serial FROM position WHERE order_id = ?", order)
            known[order] = (entry_id, {event for event, _ in rows}, {serial for _, serial in rows})
    found: set[str] = set()
    for file in files:
        over = {row[0] for row in file.rows("SELECT event FROM forgotten_event")}
        here = {row[0] for row in file.rows("SELECT order_id FROM orders")}
        for order in known.keys() - here:
            entry_id, events, serials = known[order]
            others = all(link.station != file.station for link in picture.by_id[entry_id])
            if others and events and events <= over:
                found |= {order, *serials}
    return found


def _short(picture: Picture, file: File, tell: Any) -> None:
    world = picture.world
    latest_ms = world.scheduler.now_ms + world.hub_ahead_ms + WRONG_MS - world.swarm.horizon_ms
    whole = {row[0] for row in file.rows("SELECT entry_id FROM replica_entry")}
    rows = file.rows("SELECT entry_id, station, content_hash, content FROM short_entry")
    for entry_id, station, digest, content in rows:
        doc = json.loads(content)
        name = f"{file.name}: {doc['kind']} {entry_id}"
        tell(34, station != file.station, f"{name} is its own, and kept in short")
        tell(34, "org" not in doc["feeds"], f"{name} is about the organization, and kept in short")
        tell(34, entry_id not in whole, f"{name} is kept whole and in short")
        tell(34, int(doc["origin"]["hlc"][:14]) < latest_ms, f"{name} is kept in short too early")
        at_hub = [link for link in picture.by_id.get(entry_id, ()) if _hash(link) == digest]
        tell(34, at_hub or world.flags["restored"], f"{name} is kept in short, and the hub has it not")
        for link in at_hub:
            tell(34, _says_the_same(doc, link.doc), f"{name} says in short what it did not say")


def _hash(link: Link) -> bytes:
    return hashlib.sha256(link.content.encode()).digest()


def _says_the_same(short: dict[str, Any], whole: dict[str, Any]) -> bool:
    """Every field that is left is as it was."""
    outside = all(whole[name] == value for name, value in short.items() if name != "body")
    inside = all(whole["body"][name] == value for name, value in short["body"].items() if name != "positions")
    tickets = [each["serial"] for each in short["body"].get("positions", ()) if "serial" in each]
    return outside and inside and tickets == [each["serial"] for each in whole["body"].get("positions", ())]


def _forgotten(picture: Picture, file: File, tell: Any) -> None:
    """What is gone is gone whole, and of what the hub shows nothing is gone but what may be."""
    over = {row[0] for row in file.rows("SELECT event FROM forgotten_event")}
    tell(35, over <= {house.MATINEE_EVENT}, f"{file.name} forgets of {over}")
    counted = file.rows("SELECT 1 FROM forgotten_sum LIMIT 1")
    tell(36, bool(over) == bool(counted), f"{file.name} forgets of {over}, counted {bool(counted)}")
    if picture.world.flags["duplicate_id"] or file.scope is not None:
        return
    held = {row[0] for row in file.rows("SELECT entry_id FROM held_entry")}
    here = {row[0] for row in file.rows("SELECT order_id FROM orders")}
    serials = {row[0] for row in file.rows("SELECT serial FROM position")}
    for link in _sales(picture):
        if link.entry_id in held or link.body["order"] in here:
            continue
        events = {each["event"] for each in link.body["positions"]}
        gone = link.station != file.station and events <= over
        tell(35, gone, f"{file.name} does not know {link.body['order']} of {sorted(events)}")
        left = serials & {each["serial"] for each in link.body["positions"]}
        tell(36, not left, f"{file.name} keeps tickets of {link.body['order']}, which it has forgotten")


def _sales(picture: Picture) -> list[Link]:
    return [
        link
        for link in picture.shown()
        if link.kind in {"order_sold", "order_reserved"}
        and link.doc["v"] == 1
        and (link.kind == "order_reserved" or isinstance(link.body.get("receipt"), dict))
    ]


def _sums(picture: Picture, tell: Any) -> None:
    flags = picture.world.flags
    if flags["restored"] or flags["fork"] or flags["revoked"] or flags["duplicate_id"]:
        return  # these hold different sets of entries, or ids with two contents
    at_hub = _added_up(picture)
    for file in picture.living:
        if file.scope is not None or file.rows("SELECT 1 FROM held_entry LIMIT 1"):
            continue
        with reader(file.path) as connection:
            mine = control.sums(connection)
        for (feed, name), amount in at_hub.items():
            said = mine.get(feed, {}).get(name, 0)
            tell(36, said == amount, f"{file.name}: {feed} {name} is {said}, {amount} at the hub")


def _added_up(picture: Picture) -> Counter[tuple[str, str]]:
    """What was sold, paid back and let in, from the entries at the hub."""
    found: Counter[tuple[str, str]] = Counter()
    shown = [link for link in picture.shown() if link.doc["v"] == 1]
    for link in _sales(picture):
        for each in link.body["positions"]:
            feed = f"event:{each['event']}"
            found[feed, "tickets"] += 1
            found[feed, "people"] += each["admits"]
        for payment in link.body.get("payments", ()):
            found["cash", f"paid:{link.body['currency']}:{payment['tender']}"] += payment["amount_minor"]
    for link in shown:
        if link.kind in {"refund_paid", "order_voided", "exchanged"}:
            for payout in link.body["payouts"]:
                name = f"given_back:{link.body['currency']}:{payout['tender']}"
                found["cash", name] += payout["amount_minor"]
        elif link.kind == "payment_taken" or (link.kind == "payment_resolved" and link.body["taken"]):
            found["cash", f"paid:{link.body['currency']}:{link.body['tender']}"] += link.body["amount_minor"]
        elif link.kind == "shift_closed":
            found["cash", "shifts_closed"] += 1
    return found
