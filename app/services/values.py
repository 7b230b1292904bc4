"""Gift cards: put into the world, spent, filled again."""

from collections.abc import Callable
from dataclasses import dataclass

from app.services.access import require
from app.services.afterwards import Away
from app.services.ports import Nudge, Store, Work
from app.services.views import ValueView
from domain.actor import Actor, Permission
from domain.clock import Clock
from domain.entry import CASH, Draft
from domain.errors import Refusal
from domain.ids import RandomBytes, uuid4
from domain.rights import Why
from domain.values import Offline, check_offline, value_hash


@dataclass(frozen=True, slots=True)
class Spent:
    """What was taken from a value; durable. `at_risk`: without the hub's word."""

    spend: str
    amount_minor: int
    at_risk: bool


class IssueValue:
    """Puts an amount on a code. Refuses NOT_ALLOWED, AMOUNT_INVALID, VOUCHER_INVALID, REASON_NEEDED and
    REVOKED."""

    def __init__(self, store: Store, nudge: Nudge, revoked: Callable[[], bool] = lambda: False) -> None:
        self._store = store
        self._nudge = nudge
        self._revoked = revoked

    def __call__(self, code: str, amount_minor: int, reason: str, actor: Actor) -> ValueView:
        """The value as it is known here now."""
        require(actor, Permission.SELL)
        if self._revoked():
            raise Refusal("REVOKED")
        if amount_minor <= 0:
            raise Refusal("AMOUNT_INVALID", text=str(amount_minor))
        if not reason.strip():
            raise Refusal("REASON_NEEDED")
        value = value_hash(code)
        with self._store.begin() as work:
            body = {
                "value": value,
                "currency": work.read.organization().currency,
                "amount_minor": amount_minor,
                "order": None,
                "reason": reason.strip(),
                "expires_at": None,
            }
            shift = work.read.running_shift(work.read.station().station)
            work.append(Draft("value_issued", (CASH,), body), actor, shift=shift)
            view = work.read.value(value)
            work.commit()
        self._nudge()
        if view is None:
            raise AssertionError("a value that was just issued is not there")
        return view


class SpendValue:
    """Takes an amount from a value: what the hub has set aside for this till, else, where the hub is away, up
    to the risk per value that the organization accepts.

    Refuses NOT_ALLOWED, NO_SHIFT, AMOUNT_INVALID, VOUCHER_INVALID (why), VALUE_SHORT (left_minor),
    VALUE_OFFLINE (risk_minor), VALUE_NEEDED (the hub is being asked: try again), REVOKED.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        random_bytes: RandomBytes,
        nudge: Nudge,
        away: Away,
        revoked: Callable[[], bool] = lambda: False,
    ) -> None:
        self._revoked = revoked
        self._store = store
        self._clock = clock
        self._random = random_bytes
        self._nudge = nudge
        self._away = away

    def __call__(self, code: str, amount_minor: int, actor: Actor, order: str | None = None) -> Spent:
        """One spending. Nothing is changed when it raises, but that the hub was asked."""
        require(actor, Permission.SELL)
        if self._revoked():
            raise Refusal("REVOKED")
        if amount_minor <= 0:
            raise Refusal("AMOUNT_INVALID", text=str(amount_minor))
        value = value_hash(code)
        with self._store.begin() as work:
            shift = work.read.running_shift(work.read.station().station)
            if shift is None:
                raise Refusal("NO_SHIFT")
            asked, at_risk = self._allowed(work, value, amount_minor)
            spend = uuid4(self._random)
            body = {
                "value": value,
                "spend": spend,
                "currency": work.read.organization().currency,
                "amount_minor": amount_minor,
                "order": order,
                "request": asked,
                "at_risk": at_risk,
            }
            work.append(Draft("value_spent", (CASH,), body), actor, shift=shift)
            work.commit()
        self._nudge()
        return Spent(spend, amount_minor, at_risk)

    def _allowed(self, work: Work, value: str, amount_minor: int) -> tuple[str | None, bool]:
        """The request by which it was set aside, or that it is taken at risk."""
        organization = work.read.organization()
        known = work.read.value(value)
        if known is not None and known.expires_at is not None and known.expires_at < self._clock.now():
            raise Refusal("VOUCHER_INVALID", why="expired")
        if not work.read.station().has_hub:
            if known is None:
                raise Refusal("VOUCHER_INVALID", why="unknown")
            if known.left_minor < amount_minor:
                raise _short(max(0, known.left_minor), known.currency)
            return None, False
        grant = work.rights.value_grant(value, amount_minor)
        if grant is not None:
            return grant.request, False
        if self._away():
            left = known.left_minor if known is not None else None
            risked = known.risked_minor if known is not None else 0
            accepted, currency = organization.value_risk_minor, organization.currency
            check_offline(Offline(left, risked, accepted, currency), amount_minor)
            return None, True
        self._refused(work, value, amount_minor)
        raise Refusal("VALUE_NEEDED")

    def _refused(self, work: Work, value: str, amount_minor: int) -> None:
        """What the hub said last; else it is asked, and that is committed."""
        said = work.rights.value_said(value)
        if said.left_minor is not None and said.why is not None and said.left_minor < amount_minor:
            raise _short(said.left_minor, work.read.organization().currency)
        if said.why == Why.UNKNOWN:
            raise Refusal("VOUCHER_INVALID", why=said.who or "unknown")
        if said.why is None:
            work.rights.ask_value(value, amount_minor, work.read.organization().currency)
            work.commit()
            self._nudge()


def _short(left_minor: int, currency: str) -> Refusal:
    return Refusal("VALUE_SHORT", left_minor=left_minor, currency=currency)
