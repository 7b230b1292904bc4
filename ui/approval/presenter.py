"""Asking a supervisor for their PIN, without Qt: for any act that a use case refused with APPROVAL_NEEDED.

A screen calls `ask` with the refusal and what to do with the token; it then tries its act again with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from app.formats import format_money
from app.services.access import Need
from app.services.approvals import Approve
from app.services.views import Person
from app.services.views_people import ApprovalGiven
from domain.actor import Actor
from domain.errors import GatehouseError
from domain.money import Money
from domain.permissions import MONEY_LIMITS, Limit
from ui.messages import error_message, value_words
from ui.running import STORE, Runner, Timers, as_known
from ui.signin.countdown import Countdown, seconds_locked
from ui.signin.presenter import PersonTile
from ui.signin.service import tile

Granted = Callable[[str], None]
AskApproval = Callable[[GatehouseError, Granted], bool]
"""Ask a supervisor about a refusal; the act is tried again with the token that comes. False: it is no refusal
that anybody could approve."""


def nobody_to_ask(_error: GatehouseError, _granted: Granted) -> bool:
    """For screens without a panel: the refusal stands."""
    return False


class ApprovalServices(Protocol):
    """The part of `app.services.facade.Services` that approvals need."""

    @property
    def approve(self) -> Approve: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be approved, in words: the act, how much is asked, how much the person may by themselves."""

    act: str
    about: str
    asked: str
    limit: str


class ApprovalView(Protocol):
    """What the presenter tells the panel."""

    def show_asked(self, asked: Asked) -> None:
        """Open, with nobody chosen."""
        ...

    def show_people(self, people: Sequence[PersonTile]) -> None:
        """Who of this station could approve; empty: nobody."""
        ...

    def show_pin(self, person: PersonTile) -> None:
        """The PIN pad for this person."""
        ...

    def show_busy(self, *, busy: bool) -> None: ...

    def show_refusal(self, title: str, text: str, *, locked: bool) -> None:
        """Empty title clears; while `locked` no PIN is taken."""
        ...

    def show_done(self) -> None:
        """Approved: close."""
        ...


class ApprovalPresenter:
    """One question at a time; asking anew drops the one before."""

    def __init__(
        self,
        services: ApprovalServices,
        runner: Runner,
        timers: Timers,
        actor: Callable[[], Actor],
        lang: Callable[[], str],
        lane: str = STORE,
    ) -> None:
        self._services, self._runner = services, runner
        self._actor, self._lang, self._lane = actor, lang, lane
        self._view: ApprovalView | None = None
        self._need: Need | None = None
        self._granted: Granted | None = None
        self._people: list[PersonTile] = []
        self._person: PersonTile | None = None
        self._busy = False
        self._count = Countdown(timers, self._locked, self._clear)

    def attach(self, view: ApprovalView) -> None:
        """Show everything in this view from now on."""
        self._view = view

    def ask(self, error: GatehouseError, granted: Granted) -> bool:
        """Ask about a refusal. False when nobody could approve it, or there is no panel."""
        need = need_of(error)
        if need is None or self._view is None:
            return False
        self.give_up()
        self._need, self._granted = need, granted
        self._view.show_asked(asked_words(error, self._lang()))
        job = partial(self._services.approve.approvers, need)
        self._runner.submit(self._lane, job, partial(self._have_people, need), partial(self._failed, need))
        return True

    def choose(self, user_id: str) -> None:
        """A tile was pressed."""
        person = next((one for one in self._people if one.user_id == user_id), None)
        if person is not None and self._view is not None and not self._busy:
            self._person = person
            self._count.stop()
            self._clear()
            self._view.show_pin(person)

    def back(self) -> bool:
        """To the people again; False when they are on screen, or a PIN is being checked."""
        if self._person is None or self._busy or self._view is None:
            return False
        self._person = None
        self._count.stop()
        self._clear()
        self._view.show_people(self._people)
        return True

    def enter(self, pin: str) -> None:
        """The supervisor's PIN was typed."""
        need, person = self._need, self._person
        if need is None or person is None or self._busy or self._count.running or self._view is None:
            return
        self._busy = True
        self._view.show_busy(busy=True)
        job = partial(self._services.approve, person.login, pin, need, self._actor())
        self._runner.submit(self._lane, job, partial(self._approved, need), partial(self._failed, need))

    def give_up(self) -> None:
        """The panel was closed: nothing is approved, and a late answer counts no more."""
        self._count.stop()
        self._need, self._granted, self._person, self._people = None, None, None, []
        self._busy = False

    def _have_people(self, need: Need, people: Sequence[Person]) -> None:
        if need is not self._need or self._view is None:
            return
        me = self._actor().user
        self._people = [tile(one) for one in people if one.user != me]
        self._view.show_people(self._people)
        if len(self._people) == 1:
            self.choose(self._people[0].user_id)

    def _approved(self, need: Need, given: ApprovalGiven) -> None:
        if need is not self._need or self._view is None:
            return
        granted = self._granted
        self._view.show_busy(busy=False)
        self.give_up()
        self._view.show_done()
        if granted is not None:
            granted(given.token)

    def _failed(self, need: Need, error: Exception) -> None:
        if need is not self._need or self._view is None:
            return
        self._busy = False
        self._view.show_busy(busy=False)
        known = as_known(error)
        if seconds := seconds_locked(known):
            self._count.start(seconds)
        else:
            self._say(known, locked=False)

    def _locked(self, seconds: int) -> None:
        self._say(GatehouseError("LOCKED_OUT", seconds=seconds), locked=True)

    def _clear(self) -> None:
        if self._view is not None:
            self._view.show_refusal("", "", locked=False)

    def _say(self, error: GatehouseError, *, locked: bool) -> None:
        if self._view is not None:
            said = error_message(error, self._lang())
            self._view.show_refusal(said.title, said.reason or said.advice, locked=locked)


def need_of(error: GatehouseError) -> Need | None:
    """What a refusal asks an approval for; None for every other refusal."""
    params = error.params
    act, subject, bound, asked = (params.get(name) for name in ("act", "subject", "bound", "asked"))
    if error.code != "APPROVAL_NEEDED" or bound not in set(Limit):
        return None
    if not (isinstance(act, str) and isinstance(subject, str) and isinstance(asked, int)):
        return None
    return Need(act, subject, Limit(str(bound)), asked)


def asked_words(error: GatehouseError, lang: str) -> Asked:
    """The same for people."""
    params = error.params
    bound, act = str(params.get("bound", "")), str(params.get("act", ""))
    return Asked(
        act=value_words("act", act, lang),
        about=value_words("bound", bound, lang),
        asked=amount_words(bound, params.get("asked"), params.get("currency"), lang),
        limit=amount_words(bound, params.get("limit"), params.get("currency"), lang),
    )


def amount_words(limit: str, count: object, currency: object, lang: str) -> str:
    """So much of what a limit counts: money, a share, or a number of tickets or people."""
    if not isinstance(count, int):
        return ""
    if limit in MONEY_LIMITS and isinstance(currency, str):
        return format_money(Money(count, currency), lang)
    return f"{count}\u00a0%" if limit == Limit.DISCOUNT else str(count)
