"""The list of people without a window: who there is, roles, invitations and resets, requests for roles."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

from app.services.erasure import ErasePerson
from app.services.facade import StationFacts
from app.services.roles import PeopleDesk
from app.services.views import Person
from app.services.views_people import CodeIssued, RoleRequestRow
from domain.actor import Actor
from domain.errors import GatehouseError, Refusal
from domain.permissions import RoleSet
from ui.messages import Message, error_message
from ui.people.words import ACTIVE, DISABLED, INVITED
from ui.running import STORE, Latest, Runner, as_known


class PeopleServices(Protocol):
    """The part of `app.services.facade.Services` that the page needs."""

    @property
    def people(self) -> PeopleDesk: ...
    @property
    def erase_person(self) -> ErasePerson: ...
    @property
    def facts(self) -> StationFacts: ...


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Somebody, as list and detail show them."""

    person: Person
    state: str
    is_me: bool
    asks_for: Sequence[RoleRequestRow] = ()


@dataclass(frozen=True, slots=True)
class PeopleList:
    """What the list shows: those that fit the search, and how many there are in all."""

    rows: Sequence[PersonFacts] = ()
    roles: Mapping[str, RoleSet] = field(default_factory=dict)
    requests: Sequence[RoleRequestRow] = ()
    chosen: str = ""
    searched: str = ""
    everybody: int = 0
    loaded: bool = False


class PeopleView(Protocol):
    """The window as the presenter sees it."""

    def show_list(self, found: PeopleList) -> None: ...
    def show_person(self, facts: PersonFacts | None, roles: Mapping[str, RoleSet]) -> None: ...
    def show_code(self, issued: CodeIssued | None, zone: str) -> None:
        """A one-time code, now and never again; None takes it away."""
        ...

    def show_busy(self, *, busy: bool) -> None: ...
    def show_invited(self) -> None:
        """The invitation was taken: its panel closes."""
        ...

    def show_message(self, kind: str, message: Message, field: str) -> None:
        """`kind` is success, refusal or fault, or empty to clear; `field` names what was refused."""
        ...


class PeoplePresenter:
    """One per station; views come and go."""

    def __init__(
        self,
        services: PeopleServices,
        runner: Runner,
        actor: Callable[[], Actor],
        lang: Callable[[], str],
    ) -> None:
        self._services, self._runner, self._actor, self._lang = services, runner, actor, lang
        self._loads: Latest[tuple[Any, ...]] = Latest(runner, STORE)
        self._view: PeopleView | None = None
        self._list = PeopleList()
        self._people: list[PersonFacts] = []
        self._zone = "UTC"
        self._busy = False

    def attach(self, view: PeopleView) -> None:
        """Show everything in this view from now on."""
        self._view = view
        self._show()

    def enter(self) -> None:
        """The page is in front: read everything."""
        self.refresh()

    def leave(self) -> None:
        """The page is not in front any more; a code that was shown is gone."""
        self._show_code(None)
        self._view = None
        self._loads.drop()

    def refresh(self) -> None:
        """Read again."""
        self._loads.ask(partial(_load, self._services, self._actor()), self._have, self._failed_load)

    def search(self, text: str) -> None:
        """Only those whose name, login or role has these letters."""
        self._list = replace(self._list, searched=text.strip())
        self._show()

    def choose(self, user: str) -> None:
        """Open somebody."""
        if user != self._list.chosen:
            self._show_code(None)
            self._say("", Message(""))
        self._list = replace(self._list, chosen=user)
        self._show()

    def close(self) -> bool:
        """Back to the list; False when nobody is open."""
        if not self._list.chosen:
            return False
        self.choose("")
        return True

    # --- acts

    def invite(self, login: str, name: str, roles: Sequence[str]) -> None:
        """Add somebody, with a code for them."""
        job = partial(self._services.people.invite, login.strip(), name, list(roles), self._actor())
        self._act(job, self._invited, "login")

    def new_code(self, user: str) -> None:
        """Another invitation where the first was not used, a reset for whoever forgot."""
        facts = self._of(user)
        if facts is not None:
            invite = self._services.people.invite
            act = invite.reset if facts.person.has_password else invite.again
            self._act(partial(act, user, self._actor()), self._code_made, "code")

    def set_roles(self, user: str, roles: Sequence[str]) -> None:
        """Exactly these roles."""
        change = self._services.people.change
        self._act(partial(change.roles, user, list(roles), self._actor()), self._changed, "roles")

    def rename(self, user: str, name: str) -> None:
        """Another name."""
        change = self._services.people.change
        self._act(partial(change.rename, user, name, self._actor()), self._changed, "name")

    def disable(self, user: str, reason: str) -> None:
        """Shut out."""
        change = self._services.people.change
        self._act(partial(change.disable, user, reason, self._actor()), self._changed, "state")

    def enable(self, user: str) -> None:
        """Let in again."""
        self._act(partial(self._services.people.change.enable, user, self._actor()), self._changed, "state")

    def erase(self, user: str, typed: str) -> None:
        """Erase what is known about somebody; their login has to be typed for it."""
        facts = self._of(user)
        if facts is None:
            return
        if typed.strip() != facts.person.login:
            self._refused("erase", Refusal("LOGIN_DIFFERS", login=facts.person.login))
            return
        job = partial(self._services.erase_person, facts.person.login, self._actor())
        self._act(job, self._changed, "erase")

    def answer(self, request: str, *, granted: bool, reason: str = "") -> None:
        """Grant or decline a request for a role; the person reads the reason."""
        answer = self._services.people.requests.answer
        job = partial(answer, request, self._actor(), granted=granted, reason=reason)
        self._act(job, self._changed, "requests")

    # --- inside

    def _act(self, job: Callable[[], Any], done: Callable[[Any], None], field: str) -> None:
        if self._busy:
            return
        self._set_busy(busy=True)
        self._say("", Message(""))
        self._runner.submit(STORE, job, partial(self._done, done), partial(self._refused, field))

    def _done(self, done: Callable[[Any], None], answer: Any) -> None:
        self._set_busy(busy=False)
        done(answer)
        self.refresh()

    def _invited(self, issued: CodeIssued) -> None:
        self._list = replace(self._list, chosen=issued.user, searched="")
        if self._view is not None:
            self._view.show_invited()
        self._show_code(issued)

    def _code_made(self, issued: CodeIssued) -> None:
        self._show_code(issued)

    def _changed(self, _answer: object) -> None:
        self._say("success", Message(""))

    def _refused(self, field: str, error: Exception) -> None:
        self._set_busy(busy=False)
        known = as_known(error)
        self._say("refusal" if isinstance(known, Refusal) else "fault", self._words(known), field)

    def _have(self, loaded: tuple[Any, ...]) -> None:
        people, roles, requests, self._zone = loaded
        me = self._actor().user
        waiting = [row for row in requests if row.granted is None]
        self._people = [
            PersonFacts(
                person, state_of(person), person.user == me,
                tuple(row for row in waiting if row.user == person.user),
            )
            for person in people
        ]  # fmt: skip
        self._list = replace(
            self._list,
            roles={role.role: role for role in roles},
            requests=waiting,
            everybody=len(people),
            loaded=True,
        )
        self._show()

    def _failed_load(self, error: Exception) -> None:
        self._say("fault", self._words(as_known(error)))

    def _of(self, user: str) -> PersonFacts | None:
        return next((facts for facts in self._people if facts.person.user == user), None)

    def _show(self) -> None:
        if self._view is None:
            return
        wanted = self._list.searched.casefold()
        fitting = [facts for facts in self._people if wanted in _letters(facts.person)]
        self._view.show_list(replace(self._list, rows=fitting))
        self._view.show_person(self._of(self._list.chosen), self._list.roles)

    def _show_code(self, issued: CodeIssued | None) -> None:
        if self._view is not None:
            self._view.show_code(issued, self._zone)

    def _set_busy(self, *, busy: bool) -> None:
        self._busy = busy
        if self._view is not None:
            self._view.show_busy(busy=busy)

    def _say(self, kind: str, message: Message, field: str = "") -> None:
        if self._view is not None:
            self._view.show_message(kind, message, field)

    def _words(self, error: GatehouseError) -> Message:
        return error_message(error, self._lang(), zone=self._zone)


def state_of(person: Person) -> str:
    """Shut out; invited as long as nothing is known here that they could sign in with; else active."""
    if not person.enabled:
        return DISABLED
    return ACTIVE if person.has_pin or person.has_password else INVITED


def _letters(person: Person) -> str:
    return f"{person.name} {person.login} {' '.join(person.roles)}".casefold()


def _load(services: PeopleServices, actor: Actor) -> tuple[Any, ...]:
    return (
        services.people.listed(actor),
        services.people.roles.listed(actor),
        services.people.requests.listed(actor),
        services.facts.organization().zone,
    )
