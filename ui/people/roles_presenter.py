"""Roles and what each allows, without a window: everybody may read them, some may change them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from app.services.facade import StationFacts
from app.services.roles import CHECKED, PeopleDesk
from app.services.views_people import RightsRow
from domain.actor import Actor, Permission
from domain.errors import Refusal
from domain.permissions import ALWAYS_ADMIN, LIMITED, MONEY_LIMITS, Limit, Role, RoleSet
from ui.messages import Message, error_message
from ui.running import STORE, Latest, Runner, as_known
from ui.sell.tender import read_amount


class RolesServices(Protocol):
    """The part of `app.services.facade.Services` that the page needs."""

    @property
    def people(self) -> PeopleDesk: ...
    @property
    def facts(self) -> StationFacts: ...


@dataclass(frozen=True, slots=True)
class RolesTable:
    """What the table shows. `may_change`: the person may edit; else `who` says who may."""

    roles: Sequence[RoleSet]
    rights: Sequence[RightsRow]
    currency: str
    may_change: bool
    who: Message | None = None


@dataclass(frozen=True, slots=True)
class RoleDraft:
    """A role as it is being edited; limits as they were typed, empty for none."""

    role: str
    title: str
    permissions: frozenset[Permission]
    limits: Mapping[Limit, str]


class RolesView(Protocol):
    """The window as the presenter sees it."""

    def show_roles(self, table: RolesTable) -> None: ...
    def show_kept(self) -> None:
        """What was edited is kept: its panel closes."""
        ...

    def show_refusal(self, message: Message, field: str) -> None:
        """`field` is a limit's name, `role`, or empty."""
        ...


class RolesPresenter:
    """One per station; the people page and one's own account show the same table."""

    def __init__(
        self,
        services: RolesServices,
        runner: Runner,
        actor: Callable[[], Actor],
        lang: Callable[[], str],
    ) -> None:
        self._services, self._runner, self._actor, self._lang = services, runner, actor, lang
        self._loads: Latest[tuple[Any, ...]] = Latest(runner, STORE)
        self._view: RolesView | None = None
        self._table: RolesTable | None = None
        self._busy = False

    def attach(self, view: RolesView) -> None:
        """Show everything in this view from now on."""
        self._view = view
        if self._table is not None:
            view.show_roles(self._table)

    def enter(self) -> None:
        """The page is in front: read everything."""
        self._loads.ask(partial(_load, self._services, self._actor()), self._have, self._failed)

    def leave(self) -> None:
        """The page is not in front any more."""
        self._view = None
        self._loads.drop()

    def keep(self, draft: RoleDraft) -> None:
        """Define a role as it was edited; permissions that nothing asks for yet stay as they were."""
        if self._busy or self._table is None:
            return
        before = next((role for role in self._table.roles if role.role == draft.role), None)
        permissions = draft.permissions
        if before is not None:
            permissions |= before.permissions - CHECKED
        if draft.role == Role.ADMIN:
            permissions |= ALWAYS_ADMIN
        limits: dict[Limit, int | None] = {}
        for limit, text in draft.limits.items():
            if LIMITED[limit] in permissions:
                try:
                    limits[limit] = read_limit(limit, text, self._table.currency)
                except Refusal as refusal:
                    self._say(refusal, limit.value)
                    return
        if before is not None:
            limits = {**{kept: before.limits[kept] for kept in before.limits if kept not in limits}, **limits}
        job = partial(
            self._services.people.roles, draft.role, permissions, limits, self._actor(), title=draft.title
        )
        self._act(job)

    def remove(self, role: str) -> None:
        """Take a role that was added away from everybody."""
        self._act(partial(self._services.people.roles.remove, role, self._actor()))

    def _act(self, job: Callable[[], object]) -> None:
        if not self._busy:
            self._busy = True
            self._runner.submit(STORE, job, self._kept, self._refused)

    def _kept(self, _role: object) -> None:
        self._busy = False
        if self._view is not None:
            self._view.show_kept()
        self.enter()

    def _refused(self, error: Exception) -> None:
        self._busy = False
        self._say(error, "role")

    def _have(self, loaded: tuple[Any, ...]) -> None:
        roles, rights, currency, may_change, who = loaded
        said = None if may_change else error_message(who, self._lang())
        self._table = RolesTable(roles, rights, currency, may_change, said)
        if self._view is not None:
            self._view.show_roles(self._table)

    def _failed(self, error: Exception) -> None:
        self._say(error, "")

    def _say(self, error: Exception, field: str) -> None:
        if self._view is not None:
            self._view.show_refusal(error_message(as_known(error), self._lang()), field)


def read_limit(limit: Limit, text: str, currency: str) -> int | None:
    """A limit as it was typed; None = without limit. Refuses AMOUNT_INVALID."""
    typed = text.strip().removesuffix("%").strip()
    if not typed:
        return None
    if limit in MONEY_LIMITS:
        return read_amount(typed, currency).minor
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 9):
        raise Refusal("AMOUNT_INVALID", text=text[:20])
    return int(typed)


def _load(services: RolesServices, actor: Actor) -> tuple[Any, ...]:
    roles = services.people.roles
    may = actor.who_may(Permission.ROLES)
    who = Refusal(
        "NOT_ALLOWED",
        permission=Permission.ROLES.value, roles=", ".join(may.roles), people=", ".join(may.people),
    )  # fmt: skip
    return (
        roles.listed(actor),
        roles.rights(actor),
        services.facts.organization().currency,
        actor.may(Permission.ROLES),
        who,
    )
