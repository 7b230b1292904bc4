"""One's own account without a window: name, roles, what one may do, requests, notices, PIN and password."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from app.services.facade import StationFacts
from app.services.roles import CHECKED, PeopleDesk
from app.services.views_people import MyAccount
from domain.actor import Actor, Permission
from domain.errors import Refusal
from domain.permissions import LIMITED, Limit, RoleSet
from ui.messages import Message, error_message
from ui.running import STORE, Latest, Runner, as_known


class AccountServices(Protocol):
    """The part of `app.services.facade.Services` that the page needs."""

    @property
    def people(self) -> PeopleDesk: ...
    @property
    def facts(self) -> StationFacts: ...


@dataclass(frozen=True, slots=True)
class Right:
    """Something the person may do, and up to how much by themselves (None: without limit, or none counts)."""

    permission: Permission
    limit: Limit | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """The page whole. `unseen`: notices that were not read before."""

    account: MyAccount
    rights: Sequence[Right]
    roles: Mapping[str, RoleSet]
    currency: str
    zone: str
    unseen: frozenset[str]


class AccountView(Protocol):
    """The window as the presenter sees it."""

    def show_account(self, facts: AccountFacts) -> None: ...
    def show_busy(self, *, busy: bool) -> None: ...
    def show_kept(self, what: str) -> None:
        """`name`, `pin`, `password` or `role` was taken: its fields are emptied."""
        ...

    def show_message(self, kind: str, message: Message, field: str) -> None:
        """`kind` is refusal, fault, or empty to clear; `field` as in `show_kept`."""
        ...


class AccountPresenter:
    """One per station; it shows whoever is signed in."""

    def __init__(
        self,
        services: AccountServices,
        runner: Runner,
        actor: Callable[[], Actor],
        lang: Callable[[], str],
        renamed: Callable[[str], None],
        told: Callable[[], None],
        lane: str = STORE,
    ) -> None:
        """`renamed` and `told` tell the frame: another name, and that all notices have been read. PINs and
        passwords are looked at on `lane`."""
        self._services, self._runner, self._actor, self._lang = services, runner, actor, lang
        self._renamed, self._told, self._lane = renamed, told, lane
        self._loads: Latest[tuple[Any, ...]] = Latest(runner, STORE)
        self._view: AccountView | None = None
        self._unseen: frozenset[str] = frozenset()
        self._busy = False

    def attach(self, view: AccountView) -> None:
        """Show everything in this view from now on."""
        self._view = view

    def enter(self) -> None:
        """The page is in front: read again."""
        self._loads.ask(partial(_load, self._services, self._actor()), self._have, self._failed)

    def leave(self) -> None:
        """The page is not in front any more; what was new is so no longer."""
        self._view = None
        self._unseen = frozenset()
        self._loads.drop()

    def rename(self, name: str) -> None:
        """Another name for oneself."""
        actor = self._actor()
        job = partial(self._services.people.change.rename, actor.user or "", name, actor)
        self._act("name", STORE, job)

    def ask_for(self, role: str) -> None:
        """Ask for a role; admins are told."""
        self._act("role", STORE, partial(self._services.people.requests.ask, role, self._actor()))

    def change_pin(self, old: str, new: str, again: str) -> None:
        """A new PIN at this station."""
        if new != again:
            self._refused("pin", Refusal("PIN_DIFFERS"))
            return
        self._act(
            "pin", self._lane, partial(self._services.people.account.change_pin, old, new, self._actor())
        )

    def change_password(self, proof: str, new: str, again: str) -> None:
        """A new password; `proof` is the one so far, or the PIN where there was none."""
        if new != again:
            self._refused("password", Refusal("PASSWORD_DIFFERS"))
            return
        change = self._services.people.account.change_password
        self._act("password", self._lane, partial(change, proof, new, self._actor()))

    # --- inside

    def _act(self, what: str, lane: str, job: Callable[[], Any]) -> None:
        if self._busy:
            return
        self._set_busy(busy=True)
        self._say("", Message(""), what)
        self._runner.submit(lane, job, partial(self._kept, what), partial(self._refused, what))

    def _kept(self, what: str, answer: Any) -> None:
        self._set_busy(busy=False)
        if what == "name":
            self._renamed(answer.name)
        if self._view is not None:
            self._view.show_kept(what)
        self.enter()

    def _refused(self, what: str, error: Exception) -> None:
        self._set_busy(busy=False)
        known = as_known(error)
        kind = "refusal" if isinstance(known, Refusal) else "fault"
        self._say(kind, error_message(known, self._lang()), what)

    def _failed(self, error: Exception) -> None:
        self._refused("", error)

    def _have(self, loaded: tuple[Any, ...]) -> None:
        account, roles, currency, zone, actor = loaded
        if self._view is None or actor.user != self._actor().user:
            return
        fresh = {notice.notice for notice in account.notices if not notice.seen}
        self._unseen |= fresh
        self._view.show_account(
            AccountFacts(
                account, rights_of(account), {role.role: role for role in roles}, currency, zone, self._unseen
            )
        )
        if fresh:
            seen = partial(self._services.people.requests.seen, sorted(fresh), actor)
            self._runner.submit(STORE, seen, self._seen, self._failed)

    def _seen(self, _nothing: object) -> None:
        self._told()

    def _set_busy(self, *, busy: bool) -> None:
        self._busy = busy
        if self._view is not None:
            self._view.show_busy(busy=busy)

    def _say(self, kind: str, message: Message, field: str) -> None:
        if self._view is not None:
            self._view.show_message(kind, message, field)


def rights_of(account: MyAccount) -> list[Right]:
    """What somebody may do, in the order of the table of all rights."""
    limit_of = {permission: limit for limit, permission in LIMITED.items()}
    rights = []
    for permission in Permission:
        if permission in account.person.permissions & CHECKED:
            limit = limit_of.get(permission)
            most = account.limits.get(limit, 0) if limit is not None else None
            rights.append(Right(permission, limit, most))
    return rights


def _load(services: AccountServices, actor: Actor) -> tuple[Any, ...]:
    organization = services.facts.organization()
    return (
        services.people.account.show(actor),
        services.people.roles.listed(actor),
        organization.currency,
        organization.zone,
        actor,
    )
