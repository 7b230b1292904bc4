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
        tell(7, here + gone == there, f"journals {dict(here)} and hub {dict(there)}")
        for file in picture.files:
            _closes(file, tell)


def _taken(links: Any) -> Counter[tuple[str, str | None, str]]:
    """Minor units by currency, shift and tender."""
    found: Counter[tuple[str, str | None, str]] = Counter()
    for link in links:
        if link.kind == "order_sold" and isinstance(link.body.get("receipt"), dict):
            for payment in link.body["payments"]:
                found[link.body["currency"], link.doc["shift"], payment["tender"]] += payment["amount_minor"]
    return found


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
        receipts = len({each.body["receipt"]["number"] for each in before if each.kind == "order_sold"})
        tell(8, link.body["receipts"]["count"] == receipts, f"{file.name} {shift}: {receipts} receipts")
