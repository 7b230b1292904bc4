"""15 every admission beyond the rules is in exactly one conflict, and no other · 16 of tickets whose gates
all reached the hub none is admitted beyond its rules · 21 sales after a cancellation are flagged. For
tickets that let one person in once; passes have rules of their own."""

import json
from collections import defaultdict
from typing import Any

from tests.simulation.invariants.picture import Link, Picture

ONCE = {300, 301, 305}
TOO_MANY = (
    "DUP_ADMISSION", "ADMITTED_AFTER_CANCEL", "ADMITTED_AFTER_REPRINT", "ADMITTED_AFTER_REFUND",
    "UNKNOWN_TICKET",
)  # fmt: skip
ON_TRUST = {"UNKNOWN", "UNKNOWN_KEY"}


def check(picture: Picture, tell: Any) -> None:
    entries = [link for link in picture.shown() if link.doc["v"] == 1 and _fits(link)]
    undone = {link.body["admission"] for link in entries if link.kind == "admission_undone"}
    cancelled = [(link.body["event"], link.hlc) for link in entries if link.kind == "event_cancelled"]
    prints: dict[str, list[tuple[int, str]]] = defaultdict(list)
    passages: dict[str, list[Link]] = defaultdict(list)
    backs: dict[str, list[set[str]]] = defaultdict(list)
    sold: dict[str, Link] = {}
    for link in entries:
        if link.kind == "ticket_reprinted":
            prints[link.body["serial"]].append((link.body["print_number"], link.hlc))
        elif link.kind in {"admitted", "exited"} and link.entry_id not in undone:
            passages[link.body["serial"]].append(link)
        elif link.kind in {"order_sold", "order_reserved"}:
            for position in link.body["positions"]:
                sold[position["serial"]] = link
        elif link.kind in {"refund_paid", "order_voided", "exchanged"}:
            for position in link.body["positions"]:
                backs[position["serial"]].append(set(position["seen"]))
    made = {link.body["product"] for link in entries if link.kind == "product_created"}
    listed = ONCE & made  # a product's entry may have lost its id to another content: no rule is known then
    files = [file for file in picture.living if file.scope is None]
    known = {file.name: _found(file) for file in files}
    for serial, found in passages.items():
        if not all(link.kind == "admitted" and link.body["product"] in listed for link in found):
            continue
        home = _home(serial, found, sold)
        expected = _judge(found, home, cancelled, prints[serial], backs[serial], known_sold=serial in sold)
        for name, conflicts in known.items():
            mine = conflicts.get(f"ticket:{serial}", {})
            tell(
                15,
                set(mine) == set(expected),
                f"{name}: {serial} has {set(mine)}, ought to have {set(expected)}",
            )
            for code, ids in expected.items():
                tell(15, ids <= mine.get(code, set()), f"{name}: {serial} {code} leaves out {ids}")
        _reached(picture, serial, found, expected, tell)
    _late_sales(entries, cancelled, known, tell)


def _fits(link: Link) -> bool:
    body = link.body
    match link.kind:
        case "order_sold":
            return isinstance(body.get("receipt"), dict)
        case "admitted" | "exited":
            return "gate" in body
        case _:
            return True


def _home(serial: str, found: list[Link], sold: dict[str, Link]) -> int | None:
    """The event of a ticket: by its sale, else as the gates had it that knew its product."""
    if serial in sold:
        return next(int(each["event"]) for each in sold[serial].body["positions"] if each["serial"] == serial)
    return next((int(link.body["event"]) for link in found if link.body["event"] is not None), None)


def _judge(
    found: list[Link],
    home: int | None,
    cancelled: list[tuple[int, str]],
    prints: list[tuple[int, str]],
    backs: list[set[str]],
    *,
    known_sold: bool,
) -> dict[str, set[str]]:
    """The admissions that were too many, by the reason that comes first."""
    expected: dict[str, set[str]] = defaultdict(set)
    used = False
    for link in sorted(found, key=lambda each: (each.hlc, each.entry_id)):
        events = {home, link.body["at_event"] or link.body["event"]}
        if any(event in events and hlc < link.hlc for event, hlc in cancelled):
            expected["ADMITTED_AFTER_CANCEL"].add(link.entry_id)
        elif any(0 < link.body["print_number"] < number and hlc < link.hlc for number, hlc in prints):
            expected["ADMITTED_AFTER_REPRINT"].add(link.entry_id)
        elif any(link.entry_id not in seen for seen in backs):
            expected["ADMITTED_AFTER_REFUND"].add(link.entry_id)
        elif used:
            expected["DUP_ADMISSION"].add(link.entry_id)
        else:
            used = True
            if not known_sold and link.body["verdict"] in ON_TRUST:
                expected["UNKNOWN_TICKET"].add(link.entry_id)
    return expected


def _found(file: Any) -> dict[str, dict[str, set[str]]]:
    conflicts: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for code, subject, entries in file.rows("SELECT code, subject, entries FROM conflict"):
        if code in TOO_MANY or code == "SOLD_AFTER_CANCEL":
            conflicts[subject][code] |= set(json.loads(entries))
    return conflicts


def _reached(
    picture: Picture, serial: str, found: list[Link], expected: dict[str, set[str]], tell: Any
) -> None:
    flags = picture.world.flags
    if flags["restored"] or flags["fork"] or flags["revoked"]:
        return
    asked = all(link.body["event"] is not None for link in found)  # a gate claims in the feed of the event
    live = asked and all(link.body["confidence"] == "live" for link in found)
    tell(
        16,
        not live or "DUP_ADMISSION" not in expected,
        f"{serial}: let in twice by gates that reached the hub",
    )


def _late_sales(entries: list[Link], cancelled: list[tuple[int, str]], known: Any, tell: Any) -> None:
    for link in entries:
        if link.kind not in {"order_sold", "order_reserved"}:
            continue
        events = {position["event"] for position in link.body["positions"]}
        late = any(event in events and hlc < link.hlc for event, hlc in cancelled)
        for name, conflicts in known.items():
            flagged = "SOLD_AFTER_CANCEL" in conflicts.get(f"order:{link.body['order']}", {})
            tell(
                21, flagged == late, f"{name}: order {link.body['order'][:8]} late {late}, flagged {flagged}"
            )
