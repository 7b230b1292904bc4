"""What people do about people and documents: invite, let in, shut out, give roles, rename, erase; sessions,
PINs, texts that come and go."""

from typing import TYPE_CHECKING

from domain.actor import SYSTEM, Actor
from domain.documents import Reason
from domain.entry import DESK, Draft
from domain.errors import Refusal
from domain.permissions import DEFAULT_LIMITS, DEFAULT_RIGHTS, Role
from tests.simulation import house
from tests.simulation.after_sale import new_id
from tests.simulation.parts import erase_person, people

if TYPE_CHECKING:
    from tests.simulation.actions import Worker

ACTS = (
    "invite", "invite", "accept", "accept", "accept", "roles", "rename", "disable", "enable", "ask", "answer",
    "begin", "end", "pin", "guess", "role", "reset", "erase_person",
)  # fmt: skip
GIVEN = (Role.CASHIER, Role.GATE, Role.SUPERVISOR, Role.SUPPORT)
PASSWORD, PIN = "a long enough phrase", "2468"


class OfficeActs:
    """A part of the worker."""

    def do_people(self: "Worker") -> None:
        getattr(self, f"_people_{self.chance.choice(ACTS)}")()

    def _somebody(self: "Worker") -> Actor:
        """A person that this station knows, as they would be signed in."""
        everybody = people(self.process).people.listed(house.ADMIN)
        rows = [row for row in everybody if row.user != house.ADMIN.user]
        if not rows:
            raise Refusal("USER_UNKNOWN")
        return people(self.process).sign_in.as_actor(self.chance.choice(rows))

    def _people_invite(self: "Worker") -> None:
        number = self.chance.randint(1, 40)
        issued = people(self.process).people.invite(
            f"guest{number}", f"Guest Number {number}", [self.chance.choice(GIVEN).value], house.ADMIN
        )
        self.world.codes.append((issued.login, issued.code))
        self.world.did("user_created", self.machine)

    def _people_accept(self: "Worker") -> None:
        """Whoever was invited may come to any station; a code is good once."""
        if not self.world.codes:
            return
        login, code = self.chance.choice(self.world.codes)
        people(self.process).people.accept(login, code, PASSWORD, PIN)
        self.world.did("user_code_used", self.machine)

    def _people_reset(self: "Worker") -> None:
        who = self._somebody()
        issued = people(self.process).people.invite.reset(str(who.user), house.ADMIN)
        self.world.codes.append((issued.login, issued.code))
        self.world.did("user_code_issued", self.machine)

    def _people_roles(self: "Worker") -> None:
        who, roles = self._somebody(), self.chance.sample([role.value for role in GIVEN], 2)
        people(self.process).people.change.roles(str(who.user), roles, house.ADMIN)
        self.world.did("user_changed", self.machine)

    def _people_rename(self: "Worker") -> None:
        who = self._somebody()
        people(self.process).people.change.rename(
            str(who.user), f"Renamed {self.chance.randint(1, 99)}", house.ADMIN
        )
        self.world.did("user_renamed", self.machine)

    def _people_disable(self: "Worker") -> None:
        """In mid-shift, perhaps: what they do elsewhere meanwhile is a conflict."""
        who = self._somebody()
        people(self.process).people.change.disable(str(who.user), "left", house.ADMIN)
        self.world.did("user_changed", self.machine)

    def _people_enable(self: "Worker") -> None:
        who = self._somebody()
        people(self.process).people.change.enable(str(who.user), house.ADMIN)
        self.world.did("user_changed", self.machine)

    def _people_ask(self: "Worker") -> None:
        people(self.process).people.requests.ask(self.chance.choice(GIVEN).value, self._somebody())
        self.world.did("role_asked", self.machine)

    def _people_answer(self: "Worker") -> None:
        desk = people(self.process).people.requests
        waiting = [row for row in desk.listed(house.ADMIN) if row.granted is None]
        if waiting:
            desk.answer(self.chance.choice(waiting).request, house.ADMIN, granted=self.chance.random() < 0.6)
            self.world.did("role_answered", self.machine)

    def _people_begin(self: "Worker") -> None:
        people(self.process).sessions.begin(self._somebody())
        self.world.did("session_started", self.machine)

    def _people_end(self: "Worker") -> None:
        desk = people(self.process).sessions
        rows = desk.listed(house.ADMIN)
        if rows:
            desk.end(self.chance.choice(rows).session, house.ADMIN)
            self.world.did("session_ended", self.machine)

    def _people_pin(self: "Worker") -> None:
        """One's own PIN, at a station where one has one."""
        here = people(self.process).sign_in.people()
        if not here:
            return
        who = people(self.process).sign_in.as_actor(self.chance.choice(here))
        people(self.process).people.account.change_pin(PIN, PIN, who)
        self.world.did("user_pin_set", self.machine)

    def _people_guess(self: "Worker") -> None:
        """Somebody guesses until nobody may try any more for a while."""
        here = people(self.process).sign_in.people()
        if not here:
            return
        who = self.chance.choice(here)
        for at in range(6):
            try:
                people(self.process).sign_in(str(who.user), f"{1000 + at}")
            except Refusal as refusal:
                self.world.note(f"{self.machine.name} guess {refusal.code}")

    def _people_role(self: "Worker") -> None:
        role = self.chance.choice((Role.CASHIER, Role.SUPPORT))
        rights = set(DEFAULT_RIGHTS[role])
        rights.discard(self.chance.choice(sorted(rights)))
        people(self.process).people.roles(role.value, frozenset(rights), DEFAULT_LIMITS[role], house.ADMIN)
        self.world.did("role_changed", self.machine)

    def _people_erase_person(self: "Worker") -> None:
        who = self._somebody()
        if erase_person(self.process)(str(who.login), house.ADMIN):
            self.world.did("document_erased", self.machine)

    # Documents by themselves.

    def do_document(self: "Worker") -> None:
        """A text of support is written, or written anew at any station that follows its feed."""
        if self.machine.scope is not None:
            return
        with self.process.store.begin() as work:
            known = self.world.texts
            again = bool(known) and self.chance.random() < 0.5
            document = self.chance.choice(known) if again else new_id(self)
            text = {"text": f"words {self.chance.random()}"}
            digest = work.put_document(document, "support_text", DESK, text)
            named = {"document": document, "document_hash": digest, "kind": "support_text"}
            work.append(Draft("document_written", (DESK,), {"documents": [named]}), SYSTEM)
            work.commit()
        if not again:
            known.append(document)
        self.process.exchange.nudge()
        self.world.did("document_written", self.machine)

    def do_erase_document(self: "Worker") -> None:
        if not self.world.texts or self.machine.scope is not None:
            return
        document = self.chance.choice(self.world.texts)
        with self.process.store.begin() as work:
            work.erase_document(document, "support_text", DESK, Reason.REQUEST, SYSTEM)
            work.commit()
        self.process.exchange.nudge()
        self.world.did("document_erased", self.machine)
