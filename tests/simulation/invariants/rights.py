"""14 one holder of each right and value · a ticket is given back once · nothing is paid twice and no card
overspent without a conflict; and what a person was told of a refund or a payment is in a journal."""

from collections import Counter, defaultdict
from typing import Any

from tests.simulation.invariants.picture import HUB, Link, Picture

GIVING = {"refund_paid", "order_voided", "exchanged"}
USING = GIVING | {"payment_taken", "reservation_released"}
BORN = {"order_sold", "order_reserved"}
Holder = tuple[str, int, int]
"""Station, epoch and number; the hub holds what nobody else does."""


def check(picture: Picture, tell: Any) -> None:
    flags = picture.world.flags
    shown = [link for link in picture.shown() if link.doc["v"] == 1]
    found = _conflicts(picture)
    apart = flags["fork"] or flags["restored"] or flags.get("lost_disk") or flags.get("rights_risk")
    if not apart and not flags["revoked"]:
        _one_holder(picture, tell)
    _given_back_once(shown, found, tell, sure=not apart)
    _paid_once(shown, found, tell, sure=not apart)
    _cards(shown, found, tell)
    if not flags["fork"]:
        _spent_once(shown, tell)
    _told(picture, tell)


def _conflicts(picture: Picture) -> dict[str, set[tuple[str, str]]]:
    return {
        file.name: set(file.rows("SELECT code, subject FROM conflict"))
        for file in picture.living if file.scope is None
    }  # fmt: skip


def _one_holder(picture: Picture, tell: Any) -> None:
    """In the order in which the hub shows them: whoever acts on an order holds its right at that moment, and
    the hub grants nothing that somebody holds."""
    holders: dict[str, Holder] = {}
    held: dict[tuple[str, str], tuple[str, int, int]] = {}
    started: dict[str, str] = {}
    for station, epoch, seq, _ in picture.feeds.get("cash", []):
        link = picture.entries[station, epoch, seq]
        origin = link.doc["origin"]
        who = (str(origin["station"]), int(origin["epoch"]))
        body = link.body
        if link.kind in BORN and isinstance(body.get("order"), str) and "key_id" in body:
            holders.setdefault(body["order"], (*who, 0))
        elif link.kind in {"right_released", "right_written_off"}:
            giver = who if link.kind == "right_released" else (body["station"], body["epoch"])
            _give_up(holders, body["rights"], giver, tell)
            for request in body.get("values", ()):
                for key in [key for key in held if key[0] == request]:
                    del held[key]
        elif link.kind == "right_granted" and station == HUB:
            before = holders.get(body["order"])
            tell(
                14,
                before is not None and before[0] == HUB,
                f"{body['order'][:8]} granted while {before} has it",
            )
            holders[body["order"]] = (body["station"], body["epoch"], body["number"])
        elif link.kind == "payment_started":
            if (now := holders.get(body["order"])) is not None and now[:2] == who:
                started[body["payment"]] = station
        elif link.kind in USING:
            now = holders.get(body["order"])
            # A terminal's yes is a fact and asks for no right: its start did, in an epoch before perhaps.
            is_fact = link.kind == "payment_taken" and started.get(body["payment"]) == station
            tell(
                14,
                is_fact or (now is not None and now[:2] == who),
                f"{link.kind} of {body['order'][:8]} by {who}, held by {now}",
            )
        elif link.kind == "value_granted" and station == HUB:
            held[body["request"], body["value"]] = (body["station"], body["epoch"], body["amount_minor"])
        elif link.kind == "value_spent" and body["request"] is not None:
            mine = held.pop((body["request"], body["value"]), None)
            fits = mine is not None and mine[:2] == who and body["amount_minor"] <= mine[2]
            tell(14, fits, f"{body['amount_minor']} of {body['value'][:8]} spent by {who}, set aside: {mine}")


def _give_up(
    holders: dict[str, Holder], rights: list[dict[str, Any]], giver: tuple[str, int], tell: Any
) -> None:
    for right in rights:
        now = holders.get(right["order"])
        if now is not None and right["number"] < now[2]:
            continue  # given up before: said twice it changes nothing
        theirs = now is not None and now[0] in (HUB, giver[0]) and now[1] <= giver[1]  # or of an epoch before
        fits = theirs and now is not None and now[2] == right["number"]
        tell(14, fits, f"{right['order'][:8]} number {right['number']} given up by {giver}, held by {now}")
        holders[right["order"]] = (HUB, 0, right["number"])


def _given_back_once(
    shown: list[Link], found: dict[str, set[tuple[str, str]]], tell: Any, *, sure: bool
) -> None:
    backs: dict[str, Counter[str]] = defaultdict(Counter)
    for link in shown:
        if link.kind in GIVING:
            backs[link.body["order"]].update(position["serial"] for position in link.body["positions"])
    for order, serials in backs.items():
        twice = max(serials.values()) > 1
        if sure:
            tell(14, not twice, f"a ticket of {order[:8]} is given back twice")
        for name, conflicts in found.items():
            flagged = ("REFUND_TWICE", f"order:{order}") in conflicts
            tell(14, flagged == twice, f"{name}: {order[:8]} given back twice {twice}, flagged {flagged}")


def _paid_once(shown: list[Link], found: dict[str, set[tuple[str, str]]], tell: Any, *, sure: bool) -> None:
    due: dict[str, int] = {}
    paid: dict[str, list[int]] = defaultdict(list)
    released = {link.body["order"] for link in shown if link.kind == "reservation_released"}
    for link in shown:
        if link.kind == "order_reserved":
            due[link.body["order"]] = due.get(link.body["order"], 0) + link.body["totals"]["due_minor"]
        elif link.kind == "payment_taken":
            paid[link.body["order"]].append(link.body["amount_minor"])
    for order, amounts in paid.items():
        if order not in due:
            continue
        twice = sum(amounts) > due[order]
        late = order in released
        if sure:
            tell(14, not twice, f"{order[:8]} is paid {amounts} for {due[order]}")
            tell(14, not late, f"{order[:8]} is paid and given up")
        for name, conflicts in found.items():
            for code, is_so in (("PAID_TWICE", twice), ("PAID_AFTER_RELEASE", late)):
                flagged = (code, f"order:{order}") in conflicts
                tell(14, flagged == is_so, f"{name}: {order[:8]} {code} {is_so}, flagged {flagged}")


def _cards(shown: list[Link], found: dict[str, set[tuple[str, str]]], tell: Any) -> None:
    left: Counter[str] = Counter()
    for link in shown:
        if link.kind in {"value_issued", "value_returned"}:
            left[link.body["value"]] += link.body["amount_minor"]
        elif link.kind == "value_spent":
            left[link.body["value"]] -= link.body["amount_minor"]
    for value, amount in left.items():
        for name, conflicts in found.items():
            flagged = ("VALUE_OVERSPENT", f"value:{value}") in conflicts
            tell(14, flagged == (amount < 0), f"{name}: {value[:8]} has {amount} left, flagged {flagged}")


def _spent_once(shown: list[Link], tell: Any) -> None:
    """Without a fork no grant of an amount is spent twice."""
    spent = Counter(
        (link.body["request"], link.body["value"])
        for link in shown if link.kind == "value_spent" and link.body["request"] is not None
    )  # fmt: skip
    tell(14, not spent or max(spent.values()) == 1, "an amount that was set aside is spent twice")


def _told(picture: Picture, tell: Any) -> None:
    """Money that a person has seen going back is in a journal."""
    given = {
        (link.body["order"], position["serial"])
        for file in picture.files for link in file.journal if link.kind in GIVING
        for position in link.body["positions"]
    }  # fmt: skip
    for ack in picture.world.acks:
        if ack.kind == "given back":
            whole = all((ack.order, serial) in given for serial in ack.serials)
            tell(14, whole, f"{ack.machine} gave back {ack.order[:8]}, and no journal says so")
