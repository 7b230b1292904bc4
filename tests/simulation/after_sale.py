"""What people do to orders after their sale, and with gift cards: refunds, voids, exchanges, reprints,
reservations paid at any till, cards spent at any till. Where the right is at another till or at the hub, it
is asked for, and the same act is tried again a little later, as a cashier would."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.services.afterwards import RefundRequest
from app.services.exchanges import ExchangeRequest
from app.services.sell import Item, Tendered
from domain.actor import SYSTEM
from domain.entry import CASH, Draft
from domain.errors import Refusal
from domain.ids import uuid4
from domain.order import Tender
from domain.values import value_hash
from tests.simulation import house
from tests.simulation.parts import afterwards

if TYPE_CHECKING:
    from tests.simulation.actions import Worker

ASKED = {"RIGHT_NEEDED", "VALUE_NEEDED"}
TRIES = 3
PATIENCE_MS = 2_500


class AfterSale:
    """A part of the worker."""

    def _soon(self: "Worker", name: str, act: Callable[[], object], tries: int = TRIES) -> None:
        """Act; where the hub has to be asked first, act again when it may have answered."""
        try:
            act()
        except Refusal as refusal:
            self.world.counts[f"refused {refusal.code}"] += 1
            why = refusal.params.get("why", "")
            self.world.note(f"{self.machine.name} {name} refused {refusal.code} {why}")
            if refusal.code in ASKED and tries and self.process.alive:
                self.later.append((self.world.scheduler.now_ms + PATIENCE_MS, name, act, tries - 1))

    def do_later(self: "Worker") -> None:
        """Try again what had to wait for the hub."""
        due = [each for each in self.later if each[0] <= self.world.scheduler.now_ms]
        for each in due[:1]:
            self.later.remove(each)
            self._soon(*each[1:])

    def _order(self: "Worker") -> Any:
        """One of the latest orders that this station knows of."""
        rows = self.process.orders.find("", house.SUPERVISOR, 12)
        return self.chance.choice(rows).order if rows else None

    def _some(self: "Worker", order: str) -> tuple[str, ...]:
        """No ticket in particular, or one of them."""
        if self.chance.random() < 0.5:
            return ()
        tickets = self.process.orders.show(order, house.SUPERVISOR).tickets
        return (self.chance.choice(tickets).serial,) if tickets else ()

    def do_refund(self: "Worker") -> None:
        order = self._order()
        if order is None:
            return
        request = RefundRequest(order, "ill", self._some(order))

        def act() -> None:
            back = afterwards(self.process).refund(request, house.SUPERVISOR)
            self.world.given_back(self.machine, "refund_paid", back)

        self._soon("refund", act)

    def do_void(self: "Worker") -> None:
        order = self._order()
        if order is None:
            return

        def act() -> None:
            back = afterwards(self.process).void(RefundRequest(order, "wrong day"), house.SUPERVISOR)
            self.world.given_back(self.machine, "order_voided", back)

        self._soon("void", act)

    def do_exchange(self: "Worker") -> None:
        order = self._order()
        if order is None:
            return
        product = self.chance.choice((house.FULL, house.STALLS, house.DAY))
        performance = house.PERFORMANCE if product in house.SINGLE else None
        request = ExchangeRequest(
            order, [Item(product, performance, 1)], "better seat", self._some(order),
            [Tendered(Tender.CASH, 1_000_000)],
        )  # fmt: skip

        def act() -> None:
            done = afterwards(self.process).exchange(request, house.SUPERVISOR)
            self.world.exchanged(self.machine, done)

        self._soon("exchange", act)

    def do_new_print(self: "Worker") -> None:
        order = self._order()
        serials = self._some(order) if order is not None else ()
        if not serials or "ticket_reprinted" in self.machine.trouble.unknown_kinds:
            return  # a program that does not know a kind does not write it

        def act() -> None:
            done = afterwards(self.process).reprint(serials[0], "torn", house.SUPERVISOR)
            self.world.tickets.append((done.ticket.serial, done.code))
            self.world.did("ticket_reprinted", self.machine)

        self._soon("new_print", act)

    # Reservations.

    def do_reserve(self: "Worker") -> None:
        minutes = self.chance.choice((1, 30, 600))
        until = self.machine.clock.now() + timedelta(minutes=minutes)
        product = self.chance.choice((house.FULL, house.STALLS))
        item = Item(product, house.PERFORMANCE, self.chance.randint(1, 2))
        done = afterwards(self.process).reserve.reserve([item], until, house.CASHIER)
        self.world.reserved.append(done.order.order)
        self.world.did("order_reserved", self.machine)

    def _reserved(self: "Worker") -> str | None:
        known = self.world.reserved[-6:]
        return self.chance.choice(known) if known else None

    def do_pay(self: "Worker") -> None:
        order = self._reserved()
        if order is None:
            return

        def act() -> None:
            paid = afterwards(self.process).pay(order, [Tendered(Tender.CASH, 1_000_000)], house.CASHIER)
            self.world.paid(self.machine, paid)

        self._soon("pay", act)

    def do_release(self: "Worker") -> None:
        order = self._reserved()
        if order is None:
            return

        def act() -> None:
            afterwards(self.process).release(order, house.CASHIER)
            self.world.did("reservation_released", self.machine)

        self._soon("release", act)

    def do_overdue(self: "Worker") -> None:
        """What the program does by itself every minute: nobody paid in time."""
        for _ in afterwards(self.process).release.overdue():
            self.world.did("reservation_released", self.machine)

    # Gift cards.

    def do_issue_value(self: "Worker") -> None:
        code = f"CARD{self.chance.randint(1, 6):04d}"
        afterwards(self.process).issue_value(code, self.chance.randint(1, 8) * 500, "gift", house.CASHIER)
        if code not in self.world.cards:
            self.world.cards.append(code)
        self.world.did("value_issued", self.machine)

    def do_spend_value(self: "Worker") -> None:
        if not self.world.cards:
            return
        code, amount = self.chance.choice(self.world.cards), self.chance.randint(1, 6) * 500

        def act() -> None:
            done = afterwards(self.process).spend_value(code, amount, house.CASHIER)
            self.world.spent.append((code, done.spend, amount))
            self.world.did("value_spent", self.machine, f"{amount} {'at risk' if done.at_risk else ''}")

        self._soon("spend_value", act)

    def do_return_value(self: "Worker") -> None:
        """Nothing in the program writes it yet; hubs and stations count it all the same."""
        if not self.world.spent:
            return
        code, spend, amount = self.world.spent.pop(self.chance.randrange(len(self.world.spent)))
        body = {
            "value": value_hash(code), "spend": spend, "currency": "EUR", "amount_minor": amount,
            "order": None, "reason": "not wanted",
        }  # fmt: skip
        self.write(Draft("value_returned", (CASH,), body), SYSTEM)

    def do_own_risk(self: "Worker") -> None:
        """How much may be taken from a card without the hub's word."""
        values = {"value_risk_minor": self.chance.choice((0, 500, 2_000))}
        self.write(Draft("settings_changed", ("org",), {"values": values}))


def new_id(worker: "Worker") -> str:
    """A random id of this process."""
    return uuid4(worker.process.random_bytes)
