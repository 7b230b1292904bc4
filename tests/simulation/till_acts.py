"""What else people do at a till: a terminal that says yes, no or nothing; promo codes that run out; the
drawer opened without a sale; an order under a name; a date that somebody confirms; practice."""

from typing import TYPE_CHECKING

from app.services.drawer import NoteDrawer
from app.services.guests import NameGuest
from app.services.may_sell import ConfirmDate
from app.services.payments import PaymentRequest
from app.services.sell import Item, SaleRequest, Tendered
from domain.actor import SYSTEM
from domain.entry import CASH, Draft
from domain.order import Tender
from tests.simulation import house
from tests.simulation.parts import afterwards

if TYPE_CHECKING:
    from tests.simulation.actions import Worker


class TillActs:
    """A part of the worker."""

    def do_card(self: "Worker") -> None:
        """A terminal is asked, for a cart or for a reservation; it will answer, or not."""
        order = self._reserved() if self.chance.random() < 0.3 else None
        items = () if order else [Item(house.FULL, house.PERFORMANCE, self.chance.randint(1, 2))]

        def act() -> None:
            begun = afterwards(self.process).start_payment(PaymentRequest(items, order), house.CASHIER)
            self.world.payments.append((self.machine.name, begun.standing.payment))
            self.world.did("payment_started", self.machine, f"{begun.standing.amount.minor}")

        self._soon("card", act)

    def do_card_answer(self: "Worker") -> None:
        """What the terminal says; mostly at the till that asked."""
        mine = [each for each in self.world.payments if each[0] == self.machine.name]
        if not mine:
            return
        payment = self.chance.choice(mine)[1]
        match self.chance.choice(("yes", "yes", "no", "silent", "late")):
            case "yes":
                self.world.paid(
                    self.machine, afterwards(self.process).take_payment(payment, "T-9", house.CASHIER)
                )
            case "no":
                afterwards(self.process).fail_payment(payment, "declined", house.CASHIER)
                self.world.did("payment_failed", self.machine)
            case "silent":
                afterwards(self.process).lose_payment(payment, "no answer", house.CASHIER)
                self.world.did("payment_unknown", self.machine)
            case _:
                for _ in afterwards(self.process).lose_payment.unanswered():
                    self.world.did("payment_unknown", self.machine)

    def do_clear_payment(self: "Worker") -> None:
        """Somebody has found out, at any till."""
        desk = afterwards(self.process).resolve_payment
        rows = desk.open(house.SUPERVISOR)
        if not rows:
            return
        payment, taken = self.chance.choice(rows).payment, self.chance.random() < 0.5

        def act() -> None:
            done = desk(payment, house.SUPERVISOR, taken=taken, reason="the bank says so")
            if taken:
                self.world.tickets.extend(done.codes.items())
            self.world.did("payment_resolved", self.machine, f"{taken}")

        self._soon("clear_payment", act)

    def do_promo_sale(self: "Worker") -> None:
        """With a code of which there are few."""
        if self.process.shift_now(house.CASHIER) is None:
            return
        item = Item(self.chance.choice((house.FULL, house.STALLS)), house.PERFORMANCE, 1)
        before = self.world.before_sale(self.machine, self.process)
        sold = self.process.sell(
            SaleRequest([item], [Tendered(Tender.CASH, 1_000_000)], promo=house.PROMO_CODE), house.CASHIER
        )
        self.world.sold(self.machine, self.process, sold, before)

    def do_edit_promo(self: "Worker") -> None:
        fields = {"name": f"Spring {self.chance.randint(1, 3)}"}
        body = {"promo": house.PROMO, "event": house.EVENT, "base": None, "fields": fields}
        self.write(Draft("promo_changed", ("org",), body))

    def do_drawer(self: "Worker") -> None:
        NoteDrawer(self.process.store, self.process.exchange.nudge)("change", house.SUPERVISOR)
        self.world.did("drawer_opened", self.machine)

    def do_name_guest(self: "Worker") -> None:
        order = self._order()
        if order is not None:
            named = NameGuest(self.process.store, self.process.random_bytes, self.process.exchange.nudge)
            named(order, f"Guest {self.chance.randint(1, 99)}", house.SUPERVISOR)
            self.world.did("guest_named", self.machine)

    def do_confirm_date(self: "Worker") -> None:
        """A clock that is far off: somebody has looked at the date."""
        exchange = self.process.exchange
        desk = ConfirmDate(
            self.process.store, self.machine.clock, lambda: exchange._last.offset_ms, exchange.nudge
        )
        desk(house.CASHIER)
        self.world.did("date confirmed", self.machine)

    def do_practice(self: "Worker") -> None:
        """What the real journal hears of the practice window."""
        shift = self.process.shift_now(house.CASHIER)
        body = {"shift": shift.shift if shift else None, "cashier": shift.cashier if shift else None}
        self.write(Draft("practice_opened", (CASH,), body), SYSTEM)
