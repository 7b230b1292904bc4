"""What people saw: sales and green lights that were answered, and what was known at that moment. Checked
at the end."""

from typing import TYPE_CHECKING, Any

from app.imports import ImportFolder, export_waiting
from app.services.afterwards import GivenBack
from app.services.exchanges import Exchanged
from app.services.gate import GateAnswer, ScanInput
from app.services.reservations import PaidNow
from app.services.sell import Sold
from domain.admission import Direction
from domain.errors import Fault, Refusal
from domain.ticket_code import decode
from tests.simulation import administrator, house
from tests.simulation.machine import Machine, Process

if TYPE_CHECKING:
    from tests.simulation.world import World


class Ledger:
    """The part of the world that remembers."""

    def before_sale(self: "World", machine: Machine, process: Process) -> Any:
        """When the sale starts, on true time."""
        return self.scheduler.now_ms

    def sold(self: "World", machine: Machine, process: Process, sold: Sold, started_ms: int) -> None:
        """A sale was answered."""
        from tests.simulation.world import Ack

        serials = tuple(ticket.serial for ticket in sold.order.tickets)
        self.acks.append(
            Ack(
                "sold",
                machine.name,
                self.scheduler.now_ms,
                sold.order.order,
                sold.order.entry_id,
                serials,
                {"station": machine.station, "due": sold.order.due.minor},
            )
        )
        for serial, code in sold.codes.items():
            self.tickets.append((serial, code))
        self.did("order_sold", machine, f"{sold.order.receipt} {len(serials)}")
        self._check_leases(machine, sold, started_ms)

    def _check_leases(self: "World", machine: Machine, sold: Sold, started_ms: int) -> None:
        """Invariant 13: every place comes from a lease that was alive and not given back when it began."""
        if machine.clock_was_set:
            return
        rows = machine.rows(
            "SELECT s.lease, s.slot FROM slot s JOIN position p ON p.serial = s.serial WHERE p.order_id = ?",
            (sold.order.order,),
        )
        for lease_id, slot in rows:
            span = self.hub.lease_span(lease_id)
            if span is None:
                if not self.flags["restored"]:
                    self.violated(13, f"{machine.name} sold place {slot} of {lease_id}, which nobody granted")
                continue
            if started_ms + self.hub_skew_ms > sum(span) and not self.flags.get("hub_clock"):
                self.violated(13, f"{machine.name} sold place {slot} of {lease_id} after its end")
            given_back = machine.rows(
                "SELECT 1 FROM lease_return WHERE lease = ? AND first <= ? AND last >= ?",
                (lease_id, slot, slot),
            )
            if given_back:
                self.violated(13, f"{machine.name} sold place {slot} of {lease_id}, given back before")

    def given_back(self: "World", machine: Machine, kind: str, back: GivenBack) -> None:
        """A refund or a void was answered."""
        self._remember("given back", machine, back.order.order, tuple(back.tickets))
        self.did(kind, machine, f"{back.amount.minor} {len(back.tickets)}")

    def exchanged(self: "World", machine: Machine, done: Exchanged) -> None:
        """Other tickets were handed out."""
        serials = tuple(ticket.serial for ticket in done.order.tickets)
        self._remember("sold", machine, done.order.order, serials, entry_id=done.order.entry_id)
        self.tickets.extend(done.codes.items())
        self.did("exchanged", machine, f"{len(serials)}")

    def paid(self: "World", machine: Machine, paid: PaidNow) -> None:
        """A reservation was paid: its tickets are out."""
        self.tickets.extend(paid.codes.items())
        self.did("payment_taken", machine, f"{paid.order.due.minor}")

    def _remember(
        self: "World", kind: str, machine: Machine, order: str, serials: tuple[str, ...],
        *, entry_id: str = "",
    ) -> None:  # fmt: skip
        from tests.simulation.world import Ack

        facts = {"station": machine.station}
        self.acks.append(Ack(kind, machine.name, self.scheduler.now_ms, order, entry_id, serials, facts))

    def known_void(self: "World", machine: Machine, code: str) -> str | None:
        """What the gate's own file says against a ticket right now: for invariant 18."""
        serial = decode(code).code.serial
        product = decode(code).code.product
        home = house.home(product)
        # Of which event a ticket is, is said by its product or its sale, not by its code.
        rows = machine.rows(
            "SELECT 1 FROM event_fact WHERE kind = 'event_cancelled' AND event = ?1"
            " AND (EXISTS (SELECT 1 FROM product WHERE number = ?2)"
            " OR EXISTS (SELECT 1 FROM position WHERE serial = ?3))",
            (home, product, serial),
        )
        if rows:
            return "cancelled"
        newer = machine.rows(
            "SELECT 1 FROM print_fact WHERE serial = ? AND print_number > ?",
            (serial, decode(code).code.print_number),
        )
        if newer:
            return "reprinted"
        back = "SELECT 1 FROM ticket_act WHERE serial = ? AND kind <> 'reservation_released'"
        return "refunded" if machine.rows(back, (serial,)) else None

    def answered(
        self: "World", machine: Machine, process: Process, answer: GateAnswer, void: str | None
    ) -> None:
        """A gate has shown its colour."""
        from tests.simulation.world import Ack

        if answer.entry_id is None:
            self.counts[f"gate {answer.decision.verdict.value}"] += 1
            return
        # By the way it was held to: who goes out on trust is told UNKNOWN, too, and nobody is kept inside.
        opened = "exited" if answer.direction is Direction.EXIT else "admitted"
        kind = opened if answer.opens else "refused"
        self.did(kind, machine, f"{(answer.serial or '')[:6]} {answer.decision.verdict.value}"
                                f" {answer.decision.confidence.mode.value}")  # fmt: skip
        if not answer.opens:
            return
        if void is not None and kind == "admitted":
            self.violated(18, f"{machine.name} was green for {answer.serial}, which it knew to be {void}")
        facts = {"live": answer.decision.confidence.mode.value == "live", "station": machine.station}
        self.acks.append(
            Ack(
                "green",
                machine.name,
                self.scheduler.now_ms,
                "",
                answer.entry_id,
                (answer.serial or "",),
                facts,
            )
        )

    def copies(self: "World", code: str, here: Machine) -> None:
        """The same code is held to another gate in the same moment."""
        others = [each for each in self.machines if each.gate and each.up and each is not here]
        if not others:
            return
        other = others[0] if len(others) == 1 else here.chance.choice(others)
        process = other.any()

        def show() -> None:
            known = self.known_void(other, code)
            try:
                answer = process.gates["2"].admit(ScanInput(code, "camera"), house.GATE)
            except Refusal as refusal:
                self.note(f"{other.name} copy refused {refusal.code}")
                return
            except Fault as fault:
                if fault.code not in {"DISK_FULL", "STORE_READ_ONLY"}:
                    self.bug(f"{other.name} copied code", fault)
                return
            self.answered(other, process, answer, known)

        process.spawn("copied code", show)
        self.count("same_moment")

    def carry(self: "World", machine: Machine, process: Process) -> None:
        """A stick with waiting entries goes from one machine to another."""
        others = [each for each in self.machines if each.up and each is not machine]
        if not others or machine.revoked:
            return  # what one that is shut out still wrote, only its courier would hear of
        text = export_waiting(process.store)
        other = machine.chance.choice(others)
        try:
            ImportFolder(other.any().store).take(text)
        except (Refusal, Fault) as error:
            self.note(f"{other.name} file refused {error.code}")
            return
        self.did("carried", machine, other.name)
        administrator.begin_releasing(self)
