"""7 money at the hub is the money in the journals · 8 a close recomputes equal."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from tests.simulation.invariants.picture import File, Link, Picture, counted


def check(picture: Picture, tell: Any) -> None:
    journals: dict[str, Link] = {}
    for file in picture.files:
        if not file.revoked:
            for link in file.journal:
                if not _is_lost(picture, link):
                    journals[link.entry_id] = counted(link, journals.get(link.entry_id, link))
    stations = {file.station for file in picture.files if not file.revoked}
    shown = {link.entry_id: link for link in picture.shown()}
    hub = {entry_id: link for entry_id, link in shown.items() if link.station in stations}
    for entry_id in journals.keys() & (shown.keys() - hub.keys()):
        del journals[entry_id]  # what counts under this id is of a station that was shut out later
    if not picture.world.flags["fork"]:
        here, there = _taken(journals.values()), _taken(hub.values())
        tell(7, _some(here) == _some(there), f"journals {_some(here)} and hub {_some(there)}")
        for file in picture.files:
            _closes(picture, file, tell)


def _is_lost(picture: Picture, link: Link) -> bool:
    """Whether it went with its disk. What came to the hub all the same (the reply was lost, a stick had it)
    counts as ever: once, however many disks keep it, since a station that joins again issues it again."""
    if link.entry_id not in picture.world.flags.get("lost", set()):
        return False
    return all(each.content != link.content for each in picture.by_id.get(link.entry_id, ()))


def _taken(links: Any) -> Counter[tuple[str, str | None, str]]:
    """Minor units by currency, shift and tender."""
    found: Counter[tuple[str, str | None, str]] = Counter()
    for link in links:
        body, shift = link.body, link.doc["shift"]
        if link.kind == "order_sold" and isinstance(body.get("receipt"), dict):
            for payment in body["payments"]:
                found[body["currency"], shift, payment["tender"]] += payment["amount_minor"]
        elif link.kind == "payment_taken" or (link.kind == "payment_resolved" and body["taken"]):
            found[body["currency"], shift, body["tender"]] += body["amount_minor"]
        elif link.kind in {"refund_paid", "order_voided", "exchanged"}:
            for payout in body["payouts"]:
                found[body["currency"], shift, payout["tender"]] -= payout["amount_minor"]
    return found


def _some(found: Counter[Any]) -> dict[Any, int]:
    return {name: minor for name, minor in found.items() if minor}


def _receipts(links: Any) -> set[tuple[int, int]]:
    """The numbers that were given out, each with its epoch (a shift may go on in the next one): with a sale,
    or with the payment of a reservation."""
    return {
        (link.body["receipt"]["epoch"], link.body["receipt"]["number"])
        for link in links
        if link.kind in {"order_sold", "payment_taken", "payment_resolved"}
        and isinstance(link.body.get("receipt"), dict)
    }


def _closes(picture: Picture, file: File, tell: Any) -> None:
    floats = {
        link.body["shift"]: link.body["float_minor"] for link in file.journal if link.kind == "shift_opened"
    }
    for at, link in enumerate(file.journal):
        if link.kind != "shift_closed" or link.doc["origin"]["epoch"] != link.epoch:
            continue
        shift = link.body["shift"]
        if (
            shift not in floats
        ):  # opened before its disk was lost: what was pulled back is not all in this file
            continue
        before = [each for each in file.journal[:at] if each.doc["shift"] == shift]
        tenders = {name: minor for name, minor in link.body["tenders"].items() if minor}
        said = (tenders, link.body["expected_minor"], link.body["receipts"]["count"])
        found = [_summed(some, floats[shift]) for some in _as_known(picture, before)]
        tell(8, said in found, f"{file.name} {shift}: {said}, {found[0]}")


def _as_known(picture: Picture, links: list[Link]) -> Iterator[list[Link]]:
    """What of a shift may have counted when it was closed: all of it; where an id has another content that
    counts (DUPLICATE_ID, the smaller), also without that, since it may have been known by then."""
    outvoted = [
        each
        for each in links
        if any(counted(each, other).content != each.content for other in picture.by_id.get(each.entry_id, ()))
    ]
    for count in range(len(outvoted) + 1):
        for gone in combinations([each.entry_id for each in outvoted], count):
            yield [each for each in links if each.entry_id not in gone]


def _summed(links: list[Link], float_minor: int) -> tuple[dict[str, int], int, int]:
    """Tenders, the cash that must be in the drawer, and how many receipts."""
    tenders: Counter[str] = Counter()
    for (_, _, tender), minor in _taken(links).items():
        tenders[tender] += minor
    return {n: m for n, m in tenders.items() if m}, float_minor + tenders["cash"], len(_receipts(links))
