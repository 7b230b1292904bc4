"""10 never more sold than a pool holds · 11 with risks taken, not more than stated, and flagged · 12 a
place is used once · 27 the hub's counters are what its log adds up to."""

from collections import Counter, defaultdict
from typing import Any

from tests.simulation.invariants.picture import Link, Picture

Holders = dict[tuple[int, str, int], set[tuple[str, str]]]
"""Pool, lease and slot → orders and tickets that were ever sold in it."""


def check(picture: Picture, tell: Any) -> None:
    capacity, sold, holders = _told(picture.shown())
    flags = picture.world.flags
    conflicts = _conflicts(picture)
    safe = not flags["fork"] and not flags["restored"] and not flags.get("lost_disk")
    for pool, places in sold.items():
        limit = capacity.get(pool)
        if limit is None:
            continue
        beyond = len(places) - limit
        risk = flags["risk"][pool]
        if safe:
            tell(
                11 if risk else 10, beyond <= risk, f"pool {pool}: {len(places)} sold of {limit}, risk {risk}"
            )
        for name, subjects in conflicts.items():
            flagged = ("LEASE_OVERRUN", f"pool:{pool}") in subjects
            tell(11, flagged == (beyond > 0), f"{name}: pool {pool} is {beyond} beyond, flagged {flagged}")
    reused = _by_two(holders)
    if safe and not flags["risk"]:
        tell(12, not reused, f"places used twice: {sorted(reused)[:3]}")
    # A place that was given back is nobody's any more: with one order left in it there is nothing to settle.
    now = {
        place: {each for each in held if (*place[1:], each[1]) in sold[place[0]]}
        for place, held in holders.items()
    }
    for name, subjects in conflicts.items():
        for pool, lease, _slot in _by_two(now):
            tell(
                12, ("LEASE_SLOT_REUSED", f"pool:{pool}") in subjects, f"{name}: {lease} reused, not flagged"
            )
    _hub_counts(picture, tell)


def _by_two(holders: Holders) -> set[tuple[int, str, int]]:
    """Places that tickets of several orders stand in."""
    return {place for place, held in holders.items() if len({order for order, _ in held}) > 1}


def _told(links: list[Link]) -> Any:
    """Capacities, places sold, and who holds them, as all entries together say."""
    said: dict[int, list[tuple[bool, str, str, int]]] = defaultdict(list)
    sold: dict[int, set[tuple[str, int, str]]] = defaultdict(set)
    holders: Holders = defaultdict(set)
    for link in links:
        thing, _, act = link.kind.partition("_")
        if (
            thing in {"performance", "quota"}
            and act in {"created", "changed"}
            and isinstance(link.body[thing], int)
        ):
            value = link.body["fields"].get("capacity")
            if isinstance(value, int):
                said[link.body[thing]].append((act == "changed", link.hlc, link.entry_id, value))
        if _takes_places(link):
            for position in link.body["positions"]:
                for slots in position["slots"]:
                    for slot in slots["slots"]:
                        sold[slots["pool"]].add((slots["lease"], slot, position["serial"]))
                        holder = (link.body["order"], position["serial"])
                        holders[slots["pool"], slots["lease"], slot].add(holder)
    for link in links:
        for pool, lease, slot, serial in _freed(link):
            sold[pool].discard((lease, slot, serial))
    capacity = {pool: max(values)[3] for pool, values in said.items()}
    return capacity, sold, holders


def _takes_places(link: Link) -> bool:
    whole = isinstance(link.body.get("receipt"), dict) or link.kind == "order_reserved"
    return link.kind in {"order_sold", "order_reserved"} and whole and link.doc["v"] == 1


def _freed(link: Link) -> list[tuple[int, str, int, str]]:
    """Places that tickets gave back."""
    if link.kind not in {"refund_paid", "order_voided", "exchanged", "reservation_released"}:
        return []
    items = [
        (slots, position["serial"]) for position in link.body["positions"] for slots in position["freed"]
    ]
    named = [slots for slots in link.body.get("freed") or () if "serial" in slots]
    items += [(slots, slots["serial"]) for slots in named]  # the use of a promo code
    return [
        (slots["pool"], slots["lease"], slot, serial) for slots, serial in items for slot in slots["slots"]
    ]


def _conflicts(picture: Picture) -> dict[str, set[tuple[str, str]]]:
    return {
        file.name: set(file.rows("SELECT code, subject FROM conflict"))
        for file in picture.living if file.scope is None
    }  # fmt: skip


def _pool_of(picture: Picture, place: tuple[str, int]) -> int:
    """Of a place that two stood in; its first holder may have given it back, and is not in `slots` then."""
    slots, leases = picture.hub["slots"], picture.hub["leases"]
    return int(slots[place][0] if place in slots else leases[place[0]]["pool"])


def _hub_counts(picture: Picture, tell: Any) -> None:
    """What the hub keeps of a pool, from its leases and slots."""
    leases = picture.hub["leases"]
    for pool, (leased, used, outside) in picture.hub["pools"].items():
        mine = [each for each in leases.values() if each["pool"] == pool]
        tell(27, leased == sum(each["size"] - each["back"] for each in mine), f"pool {pool}: {leased} leased")
        tell(27, used == sum(each["used"] for each in mine), f"pool {pool}: {used} used")
        slots = Counter(of for of, _ in picture.hub["slots"].values())[pool]
        clashes = sum(1 for key in picture.hub["clashes"] if _pool_of(picture, key) == pool)
        tell(27, used + outside == slots + clashes, f"pool {pool}: {used} + {outside} of {slots} + {clashes}")
        tell(
            27,
            all(each["used"] + each["back"] <= each["size"] for each in mine),
            f"pool {pool}: a lease overflows",
        )
