"""What people do at the stations while there is trouble: the real use cases, called as a window would call
them."""

import random
from typing import TYPE_CHECKING, Any

from app.services.gate import GateAnswer, ScanInput
from app.services.sell import Item, SaleRequest, Tendered
from domain.actor import SYSTEM
from domain.admission import Direction
from domain.entry import Draft, event_feed
from domain.errors import Fault, Refusal
from domain.order import Tender
from tests.simulation import house, rare
from tests.simulation.after_sale import AfterSale
from tests.simulation.machine import Process
from tests.simulation.office_acts import OfficeActs
from tests.simulation.till_acts import TillActs
from tests.store.station import reprinted

if TYPE_CHECKING:
    from tests.simulation.world import World

AT_TILLS = {
    "sell", "sell_many", "print", "reprint", "shift", "edit_price", "edit_capacity", "edit_name",
    "cancel_event", "finish_event", "refund", "void", "exchange", "new_print", "reserve", "pay", "release",
    "overdue", "issue_value", "spend_value", "return_value", "later", "card", "card_answer",
    "clear_payment", "promo_sale", "edit_promo", "drawer", "name_guest", "confirm_date", "practice",
    "sell_matinee",
}  # fmt: skip
AT_GATES = {"admit", "admit_twice", "exit", "undo", "check", "stranger"}
EXPECTED = {"DISK_FULL", "STORE_READ_ONLY", "STORE_IO_ERROR"}


class Worker(AfterSale, TillActs, OfficeActs):
    """The person at one process: acts, waits, acts again, until the trouble is over."""

    def __init__(self, world: "World", process: Process) -> None:
        self.world, self.process, self.machine = world, process, process.machine
        self.chance: random.Random = process.chance
        kind = AT_GATES if self.machine.gate else AT_TILLS
        other = AT_TILLS if self.machine.gate else AT_GATES
        weights = {
            name: w for name, w in world.swarm.actions.items() if w and (name in kind or name not in other)
        }
        self.names, self.weights = list(weights), list(weights.values())
        self.later: list[tuple[int, str, Any, int]] = []

    def __call__(self) -> None:
        while self.world.phase == "trouble":
            self.world.scheduler.sleep(int(self.chance.expovariate(1 / self.world.swarm.gap_ms)) + 1)
            if self.world.phase != "trouble":
                return
            self.act(self.chance.choices(self.names, self.weights)[0])

    def act(self, name: str) -> None:
        """One act; a refusal is an answer, a fault of the disk is one too, anything else is a defect."""
        try:
            getattr(self, f"do_{name}")()
        except Refusal as refusal:
            self.world.counts[f"refused {refusal.code}"] += 1
            self.world.note(f"{self.machine.name} {name} refused {refusal.code}")
        except Fault as fault:
            if fault.code not in EXPECTED:
                self.world.bug(f"{self.machine.name} {name}", fault)
        except Exception as error:  # noqa: BLE001 - a defect of the program is what is looked for
            self.world.bug(f"{self.machine.name} {name}", error)

    def write(self, draft: Draft, actor: Any = SYSTEM) -> None:
        """An entry of a kind whose use case is a form or an import."""
        with self.process.store.begin() as work:
            work.append(draft, actor)
            work.commit()
        self.process.exchange.nudge()
        self.world.did(draft.kind, self.machine)

    # At the till.

    def do_sell(self, most: int = 2) -> None:
        product = self.chance.choice((house.FULL, house.FULL, house.FULL, house.STALLS, house.FAMILY,
                                      house.SEASON, house.DAY))  # fmt: skip
        performance = house.PERFORMANCE if product in house.SINGLE else None
        items = [Item(product, performance, self.chance.randint(1, most))]
        if self.chance.random() < 0.1:
            items.append(Item(house.DAY, None, 1))
        self.sell(items)

    def do_sell_many(self) -> None:
        self.do_sell(most=8)

    def do_sell_matinee(self) -> None:
        self.sell([Item(house.MATINEE, house.MATINEE_PERFORMANCE, self.chance.randint(1, 3))])

    def sell(self, items: list[Item]) -> None:
        process = self.process
        if not process.is_selling():
            process.open_shift(5_000, house.CASHIER)
            self.world.did("shift_opened", self.machine)
            return
        tender = [Tendered(Tender.CASH, 1_000_000)]
        if self.chance.random() < 0.3:
            tender.insert(0, Tendered(Tender.CARD, 500, "T-1"))
        before = self.world.before_sale(self.machine, process)
        sold = process.sell(SaleRequest(items, tender), house.CASHIER)
        self.world.sold(self.machine, process, sold, before)

    def do_print(self) -> None:
        for job in self._open_jobs()[:1]:
            self.process.print_order(job.order, house.CASHIER, what=job.what)
            self.world.did("ticket_printed", self.machine)

    def _open_jobs(self) -> Any:
        with self.process.store.read() as read:
            return read.print_jobs()

    def do_reprint(self) -> None:
        """What a reprint will write: a higher number, signed here, so that the older code is dead."""
        found = self.process.orders.find("", house.SUPERVISOR, 3)
        if not found or "ticket_reprinted" in self.machine.trouble.unknown_kinds:
            return  # a program that does not know a kind does not write it
        order = self.process.orders.show(self.chance.choice(found).order, house.SUPERVISOR)
        if not order.tickets:
            return
        ticket = self.chance.choice(order.tickets)
        draft = reprinted(order.order, ticket.serial, ticket.print_number + 1)
        key_id = self.process.sell._signer.key_id.hex()
        feed = event_feed(ticket.event.number)
        body = {**draft.body, "key_id": key_id, "event": ticket.event.number}
        self.write(Draft(draft.kind, (feed,), body), house.CASHIER)
        fresh = self.process.orders.show(order.order, house.SUPERVISOR)
        code = self.process.orders.codes(fresh).get(ticket.serial)
        if code is not None:
            self.world.tickets.append((ticket.serial, code))

    def do_shift(self) -> None:
        shift = self.process.shift_now(house.CASHIER)
        if shift is None:
            self.process.open_shift(self.chance.choice((0, 10_000)), house.CASHIER)
            self.world.did("shift_opened", self.machine)
        elif self.chance.random() < 0.5:
            self.process.close_shift(shift.expected.minor - self.chance.choice((0, 0, 50)), house.CASHIER)
            self.world.did("shift_closed", self.machine)

    def do_edit_price(self) -> None:
        number = self.chance.choice((house.FULL, house.STALLS))
        with self.process.store.read() as read:
            product = read.product(number)
        if product is not None:
            fields = {
                "price_minor": self.chance.randint(1, 50) * 100,
                "price_version": product.price_version + 1,
            }
            body = {"product": number, "event": house.EVENT, "base": None, "fields": fields}
            self.write(Draft("product_changed", ("org",), body))

    def do_edit_capacity(self) -> None:
        """Only ever more places: fewer is a request to the hub, which comes with the rights."""
        with self.process.store.read() as read:
            at = read.performance(house.PERFORMANCE)
            quota = read.quotas([house.QUOTA]).get(house.QUOTA)
        if self.machine is not self.world.editor or at is None or at.capacity is None or quota is None:
            return
        if self.chance.random() < 0.5:
            fields = {"capacity": at.capacity + self.chance.randint(1, 5)}
            body = {"performance": at.number, "event": house.EVENT, "base": None, "fields": fields}
            self.write(Draft("performance_changed", ("org",), body))
        else:
            fields = {"capacity": quota.capacity + 1}
            body = {"quota": quota.number, "event": house.EVENT, "base": None, "fields": fields}
            self.write(Draft("quota_changed", ("org",), body))

    def do_edit_name(self) -> None:
        name = f"Hamlet {self.chance.randint(1, 3)}"
        body = {"event": house.EVENT, "base": "same", "fields": {"name": name}}
        self.write(Draft("event_changed", ("org",), body))

    def do_cancel_event(self) -> None:
        self._end("event_cancelled", {"reason": "storm", "rule": "all"})

    def do_finish_event(self) -> None:
        self._end("event_finished", {})

    def _end(self, kind: str, more: dict[str, Any]) -> None:
        event = self.chance.choice(house.EVENTS)
        with self.process.store.read() as read:
            known = read.event(event)
        if known is not None and known.state.value == "published":
            self.write(Draft(kind, ("org",), {"event": event, **more}))

    # At the gate.

    def do_admit(self) -> None:
        code = self._code()
        if code is not None:
            self.scan(code)

    def do_admit_twice(self) -> None:
        """A copied code: shown again here, and at another gate in the same moment."""
        code = self._code()
        if code is None:
            return
        self.world.copies(code, self.machine)
        self.scan(code)

    def do_exit(self) -> None:
        code = self._code()
        if code is not None:
            self.scan(code, Direction.EXIT)

    def do_check(self) -> None:
        code = self._code()
        if code is not None:
            self._gate().check(ScanInput(code, "camera"), house.GATE)

    def do_stranger(self) -> None:
        self._gate().admit(ScanInput(f"not ours {self.chance.random()}", "camera"), house.GATE)
        self.world.did("refused", self.machine)

    def do_undo(self) -> None:
        """Mostly the last guest; the person at the gate may take back what they did themselves."""
        gate = self._gate()
        rows = [row for row in gate.last_scans(house.GATE, 5) if row.verdict == "ADMIT" and row.serial]
        if rows:
            serial = str(self.chance.choice(rows).serial)
            gate.undo(serial, "wrong person", house.GATE)
            self.world.did("admission_undone", self.machine)

    def scan(self, code: str, direction: Direction = Direction.ENTRY) -> None:
        known = self.world.known_void(self.machine, code)
        answer = self._gate().admit(ScanInput(code, "camera", direction), house.GATE)
        self.world.answered(self.machine, self.process, answer, known)
        if answer.opens and answer.entry_id and self.chance.random() < 0.3:
            self._opened(answer)

    def _opened(self, answer: GateAnswer) -> None:
        facts = answer.decision.facts
        event = facts.event.number if facts else None
        body = {"admission": answer.entry_id, "gate": answer.gate.code, "lane": answer.lane, "event": event}
        self.write(Draft("gate_opened", (event_feed(event) if event else "org",), body), house.GATE)

    def _gate(self) -> Any:
        return self.process.gates[self.chance.choice(("1", "1", "2"))]

    def _code(self) -> str | None:
        tickets = self.world.tickets
        if not tickets:
            return None
        recent = tickets[-12:] if self.chance.random() < 0.6 else tickets
        return self.chance.choice(recent)[1]

    # Anywhere.

    def do_resolve(self) -> None:
        rows = self.process.list_conflicts(house.SUPERVISOR)
        if rows:
            self.process.resolve(self.chance.choice(rows).conflict, "talked_to_guest", house.SUPERVISOR)
            self.world.did("conflict_resolved", self.machine)

    def do_carry(self) -> None:
        self.world.carry(self.machine, self.process)

    def do_start_note(self) -> None:
        body = {"version": "simulated", "python": "3", "system": "none"}
        self.write(Draft("app_started", ("org",), body))

    def do_rare(self) -> None:
        draft = rare.some(self.chance, self.process)
        if draft is not None:
            self.write(draft)

    def do_poison(self) -> None:
        rare.oversize(self.world, self.process)
        rare.poison(self.world, self.process)

    def do_duplicate_id(self) -> None:
        rare.duplicate_id(self.world, self.process)
