"""Random histories of a house as entries of real journals: what stations may write, in any order.

Nothing here is tidy on purpose: tickets are sold twice, undone twice, let in before they are sold, refunded
before they are sold, reservations are paid twice and given up, shifts are closed before they are opened,
catalogue patches clash.
"""

import random
from collections.abc import Callable

from domain.entry import Draft
from domain.ids import uuid4
from domain.ticket_code import SigningKey
from sync.enrolment import Enrolled
from sync.hub_client import HubClient
from sync.messages import PushReply
from tests.builders import make_event, make_gate, make_performance, make_product, make_promo, make_quota
from tests.journal import Journal
from tests.store import rights_drafts as after
from tests.store.station import (
    Sale,
    changed,
    made,
    printed,
    refused,
    reprinted,
    scanned,
    shift_closed,
    shift_opened,
    undone,
)

EVENTS = (100, 101)
TENDERS = ("cash", "card")


class History:
    """Drafts drawn from a seed; `written` puts them into journals."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.bytes: Callable[[int], bytes] = self.random.randbytes
        self.serials: list[str] = ["00000000000000aa"]
        self.sales: list[Sale] = []
        self.shifts = [uuid4(self.bytes) for _ in range(3)]
        self.users = [uuid4(self.bytes) for _ in range(2)]

    def written(self, journals: list[Journal], count: int) -> None:
        """Append `count` entries to these journals, each to one of them."""
        for draft in self._catalogue():
            self._add(journals, draft)
        acts = (
            [self._sale] * 6
            + [self._group] * 2
            + [self._scan] * 8
            + [self._undo] * 4
            + [self._refused] * 2
            + [self._print] * 3
            + [self._shift] * 2
            + [self._house] * 2
            + [self._patch] * 3
            + [self._reservation] * 3
            + [self._back] * 4
            + [self._payment_step] * 2
            + [self._value] * 2
            + [self._people] * 2
        )
        for _ in range(count):
            self.random.choice(acts)(journals)

    def _add(self, journals: list[Journal], draft: Draft) -> str:
        journal = self.random.choice(journals)
        return journal.add(draft.kind, draft.feeds, draft.body).entry_id

    def _catalogue(self) -> list[Draft]:
        drafts = [
            made(make_event()), made(make_event(number=101, code="OTHELLO", name="Othello")),
            made(make_performance()), made(make_quota()), made(make_gate()),
            made(make_product(quotas=(400,))),
            made(make_product(number=301, code="STUDENT", price_minor=1200)),
            made(make_quota(number=600, name="Spring", capacity=1000)), made(make_promo()),
            changed(make_promo(), percent_bp=2000),
            made(make_event(name="Hamlet, made twice")),
        ]  # fmt: skip
        self.random.shuffle(drafts)
        return drafts

    def _new_sale(self) -> Sale:
        rnd = self.random
        sale = Sale(
            self.bytes,
            count=rnd.randint(1, 4),
            number=len(self.sales) + 1,
            tender=rnd.choice(TENDERS),
            first_slot=10 * len(self.sales) + 1,
            practice=rnd.random() < 0.1,
            price_minor=rnd.choice((1200, 2000, 3333)),
            admits=rnd.choice((1, 1, 1, 4)),
        )
        if rnd.random() < 0.15:
            sale.serials[0] = rnd.choice(self.serials)
        if self.sales and rnd.random() < 0.1:
            sale.order, sale.payment = self.sales[-1].order, self.sales[-1].payment
        self.sales.append(sale)
        self.serials += sale.serials
        return sale

    def _sale(self, journals: list[Journal]) -> None:
        draft = self._new_sale().draft()
        if self.random.random() < 0.2:
            draft = after.with_promo(draft, len(self.sales))
        self._add(journals, draft)

    def _group(self, journals: list[Journal]) -> None:
        sale = self._new_sale()
        sale.serials += [self.bytes(8).hex() for _ in range(4 - len(sale.serials))]
        sale.count = 4
        parts = [sale.draft(part=(part, 2), serials=2) for part in (1, 2)]
        self.random.shuffle(parts)
        journal = [self.random.choice(journals)]
        for part in parts:
            self._add(journal, part)
        if self.random.random() < 0.3:
            self._add(journals, parts[0])

    def _reservation(self, journals: list[Journal]) -> None:
        """Kept places, some of them paid, once or twice, in part or before, some given up."""
        rnd, sale = self.random, self._new_sale()
        drafts = [after.reserved(sale)]
        for _ in range(rnd.choice((0, 1, 1, 2))):
            paid = after.paid(sale, rnd.randint(1, 500), rnd.choice("AB"), rnd.choice(TENDERS))
            if rnd.random() < 0.2:
                paid = Draft(paid.kind, paid.feeds, {**paid.body, "amount_minor": 700})
            drafts.append(paid)
        if rnd.random() < 0.4:
            drafts.append(after.let_go(sale))
        if rnd.random() < 0.3:
            rnd.shuffle(drafts)
        for draft in drafts:
            self._add(journals, draft)

    def _back(self, journals: list[Journal]) -> None:
        """Of a sale that was made, of one that comes later, or of one that never comes."""
        rnd = self.random
        late = not self.sales or rnd.random() < 0.2
        sale = self._new_sale() if late else rnd.choice(self.sales)
        some = [] if rnd.random() < 0.5 else [rnd.choice(sale.serials)]
        kind = rnd.choice(("refund_paid", "refund_paid", "order_voided", "exchanged"))
        seen = tuple(uuid4(self.bytes) for _ in range(rnd.choice((0, 0, 2))))
        self._add(journals, after.back(sale, *some, kind=kind, tender=rnd.choice(TENDERS), seen=seen))
        if late and rnd.random() < 0.7:
            self._add(journals, sale.draft())
        if rnd.random() < 0.2:
            self._add(journals, after.given_up((sale.order, 0)))

    def _payment_step(self, journals: list[Journal]) -> None:
        rnd, sale = self.random, self._new_sale()
        self._add(journals, after.reserved(sale))
        steps = after.steps(sale, rnd.randint(1, 500), "B", taken=rnd.random() < 0.5)
        for step in rnd.sample(steps, rnd.randint(1, len(steps))):
            self._add(journals, step)

    def _value(self, journals: list[Journal]) -> None:
        rnd = self.random
        value = rnd.choice(("ab", "cd")) * 32
        drafts = (
            after.issued(rnd.randint(1, 5000), value),
            after.spent(rnd.randint(1, 5000), self.bytes, value),
            after.returned(rnd.randint(1, 500), self.bytes, value),
        )
        self._add(journals, rnd.choice(drafts))

    def _people(self, journals: list[Journal]) -> None:
        rnd = self.random
        said = {"roles": ["gate", "cashier", "gate"]}, {"enabled": False}, {"roles": [], "enabled": True}
        role = {
            "role": rnd.choice(("usher", "cashier")),
            "permissions": ["sell", "admit"],
            "limits": rnd.choice(({}, {"refund": 5000}, {"refund": None})),
            **rnd.choice(({}, {"title": "Usher"}, {"removed": True})),
        }
        drafts = (
            Draft("user_changed", ("org",), {"user": rnd.choice(self.users), **rnd.choice(said)}),
            Draft("role_changed", ("org",), role),
        )
        self._add(journals, rnd.choice(drafts))

    def _scan(self, journals: list[Journal]) -> None:
        rnd = self.random
        kind = rnd.choice(("admitted", "admitted", "exited"))
        changes = {
            "gate": rnd.choice("AB"), "people": rnd.choice((1, 1, 2)), "at_event": rnd.choice(EVENTS),
            "event": rnd.choice((100, 100, 100, None)), "performance": rnd.choice((200, None)),
        }  # fmt: skip
        draft = scanned(kind, rnd.choice(self.serials), **changes)
        events = {number for number in (changes["event"], changes["at_event"]) if number}
        feeds = tuple(sorted(f"event:{number}" for number in events))
        entry_id = self._add(journals, Draft(draft.kind, feeds, draft.body))
        if rnd.random() < 0.3:
            self._add(journals, undone(entry_id, draft.body["serial"]))

    def _undo(self, journals: list[Journal]) -> None:
        """Of an admission that comes later, if ever, or of a refusal, which changes nothing."""
        serial = self.random.choice(self.serials)
        target = self._add(journals, refused(serial)) if self.random.random() < 0.5 else uuid4(self.bytes)
        self._add(journals, undone(target, serial))

    def _refused(self, journals: list[Journal]) -> None:
        if self.random.random() < 0.5:
            self._add(journals, refused(self.random.choice(self.serials), gate="B"))
        else:
            forged = refused(None, "FORGED", event=None, at_event=None)
            self._add(journals, Draft("refused", ("org",), forged.body))

    def _print(self, journals: list[Journal]) -> None:
        rnd = self.random
        serial = rnd.choice(self.serials)
        if rnd.random() < 0.5:
            self._add(journals, reprinted(uuid4(self.bytes), serial, rnd.randint(2, 4)))
        else:
            self._add(journals, printed(uuid4(self.bytes), rnd.choice(([], [serial]))))

    def _shift(self, journals: list[Journal]) -> None:
        shift, rnd = self.random.choice(self.shifts), self.random
        counted = rnd.randint(13_000, 15_000)
        more = {"counted_minor": counted, "difference_minor": counted - 14_000}
        closed = shift_closed(shift, rnd.randint(1, 5), **more)
        self._add(journals, rnd.choice((shift_opened(shift), closed)))

    def _house(self, journals: list[Journal]) -> None:
        rnd = self.random
        values = {rnd.choice(("name", "smallest_coin", "zone")): rnd.choice(("A", 5, None, {"x": [1]}))}
        user = {
            "user": rnd.choice(self.users),
            "login": rnd.choice(("anna", "otto")),
            "roles": ["gate", "cashier"],
        }
        drafts = (
            Draft("settings_changed", ("org",), {"values": values}),
            Draft("user_created", ("org",), user),
        )
        self._add(journals, rnd.choice(drafts))

    def _patch(self, journals: list[Journal]) -> None:
        rnd = self.random
        moved = {"event": rnd.choice(EVENTS)}
        drafts = (
            changed(make_product(), price_minor=rnd.randint(1, 9000), price_version=rnd.randint(2, 9)),
            changed(make_event(), name=rnd.choice(("Hamlet II", "Hamlet III"))),
            changed(make_performance(), capacity=rnd.choice((10, None, 500))),
            changed(make_gate(), name=rnd.choice(("East", "West"))),
            changed(make_product(number=999, code="GHOST"), name="never made"),
            Draft("event_published", ("org",), moved),
            Draft("event_finished", ("org",), moved),
            Draft("event_cancelled", ("org",), {**moved, "reason": "fire", "rule": "all"}),
        )
        self._add(journals, rnd.choice(drafts))


def journal_of(enrolled: Enrolled, rnd: random.Random) -> Journal:
    """The empty journal of a station that has joined."""
    return Journal(enrolled.station, SigningKey.from_seed(enrolled.seed), random_bytes=rnd.randbytes)


def push_at_random(pairs: list[tuple[Enrolled, Journal]], rnd: random.Random) -> None:
    """Bring all journals to the hub in batches of random size, turn and turn about."""
    clients = [HubClient.connect(enrolled.dsn, enrolled.password, "test") for enrolled, _ in pairs]
    sent = [0] * len(pairs)
    try:
        while open_ones := [at for at, (_, journal) in enumerate(pairs) if sent[at] < len(journal.entries)]:
            at = rnd.choice(open_ones)
            batch = pairs[at][1].entries[sent[at] : sent[at] + rnd.randint(1, 40)]
            reply = clients[at].push(batch)
            assert isinstance(reply, PushReply), reply
            assert not reply.outcomes, reply.outcomes
            sent[at] += len(batch)
    finally:
        for client in clients:
            client.close()
