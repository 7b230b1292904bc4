"""7 money at the hub is the money in the journals · 8 a close recomputes equal."""

from collections import Counter
from typing import Any

from tests.simulation.invariants.picture import File, Link, Picture, counted


def check(picture: Picture, tell: Any) -> None:
    lost = picture.world.flags.get("lost", set())
    journals: dict[str, Link] = {}
    for file in picture.files:
        if not file.revoked:
            for link in file.journal:
                if link.entry_id not in lost:
                    journals[link.entry_id] = counted(link, journals.get(link.entry_id, link))
    stations = {file.station for file in picture.files if not file.revoked}
    hub = {link.entry_id: link for link in picture.shown() if link.station in stations}
    if not picture.world.flags["fork"]:
        here, there = _taken(journals.values()), _taken(hub.values())
        gone = _taken(link for file in picture.files for link in file.journal if link.entry_id in lost and
                      link.entry_id in hub)  # fmt: skip
        here.update(gone)
        tell(7, _some(here) == _some(there), f"journals {_some(here)} and hub {_some(there)}")
        for file in picture.files:
            _closes(file, tell)


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


def _receipts(links: Any) -> set[int]:
    """The numbers that were given out: with a sale, or with the payment of a reservation."""
    return {
        link.body["receipt"]["number"]
        for link in links
        if link.kind in {"order_sold", "payment_taken", "payment_resolved"}
        and isinstance(link.body.get("receipt"), dict)
    }


def _closes(file: File, tell: Any) -> None:
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
        tenders: Counter[str] = Counter()
        for (_, _, tender), minor in _taken(before).items():
            tenders[tender] += minor
        said = Counter({name: minor for name, minor in link.body["tenders"].items() if minor})
        tell(
            8,
            said == Counter({n: m for n, m in tenders.items() if m}),
            f"{file.name} {shift}: {said} {tenders}",
        )
        expected = floats[shift] + tenders["cash"]
        tell(
            8, link.body["expected_minor"] == expected, f"{file.name} {shift}: {link.body['expected_minor']}"
        )
        receipts = len(_receipts(before))
        tell(8, link.body["receipts"]["count"] == receipts, f"{file.name} {shift}: {receipts} receipts")
