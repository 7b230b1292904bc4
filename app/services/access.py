"""What every use case asks first: who is it, and may they; and whether a supervisor has to be asked."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from app.services.hashing import token_hash
from app.services.ports import Reads, Work
from domain.actor import SYSTEM, Actor, Permission
from domain.entry import canonical
from domain.errors import Param, Refusal
from domain.permissions import LIMITED, MONEY_LIMITS, Limit, is_within, permissions_of

InContact = Callable[[], bool]
"""Whether the hub was heard a moment ago, or there is none to be heard."""

APPROVAL_MINUTES = 2
APPROVAL_TAG = "approval-1"
KEEPS = frozenset({Permission.PEOPLE, Permission.ROLES})
"""Whoever has one of these can give anything."""


def require(actor: Actor, permission: Permission) -> None:
    """Raises Refusal NOT_SIGNED_IN, NOT_ALLOWED (the permission that is missing, and who has it), or what
    stops a person just now: SESSION_ENDED, USER_DISABLED, PASSWORD_NEEDED, SELLING_STOPPED."""
    require_any(actor, permission)


def require_any(actor: Actor, *permissions: Permission) -> None:
    """The same where one of several permissions is enough; a refusal names the first."""
    if actor.user is None:
        raise Refusal("NOT_SIGNED_IN")
    standing = actor.standing()
    held = [one for one in permissions if one in standing.permissions]
    if any(one not in standing.stopped for one in held):
        return
    if held:
        raise Refusal(standing.stopped[held[0]])
    if permissions[0] in standing.stopped:
        raise Refusal(standing.stopped[permissions[0]])
    raise not_allowed(actor, permissions[0])


def not_allowed(actor: Actor, permission: Permission) -> Refusal:
    """NOT_ALLOWED with who may: `roles` and `people` are texts, parted by commas, empty when nobody may."""
    may = actor.who_may(permission)
    return Refusal(
        "NOT_ALLOWED", permission=permission.value, roles=", ".join(may.roles), people=", ".join(may.people)
    )


@dataclass(frozen=True, slots=True)
class Need:
    """Something that may need an approval: `act` (a word such as `refund`), what it is done to (an order's
    id, a serial), the limit it counts against, and how much is asked."""

    act: str
    subject: str
    limit: Limit
    asked: int

    @property
    def permission(self) -> Permission:
        """What the actor must be allowed at all."""
        return LIMITED[self.limit]

    def bound(self, station: str, user: str) -> str:
        """What an approval of it is bound to, as canonical JSON."""
        return canonical(
            {
                "act": self.act,
                "asked": self.asked,
                "limit": self.limit.value,
                "station": station,
                "subject": self.subject,
                "user": user,
            }
        )


def authorise(work: Work, need: Need, actor: Actor, approval: str | None = None) -> Actor:
    """The actor to record an act with: themselves within their limit, else with who approved it.

    To be called inside the write transaction of the act: an approval is used up with it, or not at all.
    Refuses NOT_SIGNED_IN, NOT_ALLOWED, APPROVAL_NEEDED (permission, limit, asked, act, subject, people) and
    APPROVAL_INVALID (given for something else, used, too old, or none of ours).
    """
    require(actor, need.permission)
    limits = actor.standing().limits
    if is_within(limits, need.limit, need.asked):
        return actor
    if approval is None:
        most = limits.get(need.limit, 0) or 0
        raise Refusal("APPROVAL_NEEDED", **_params(work, need, most, actor))
    bound = need.bound(work.read.station().station, actor.user or "")
    by = work.people.take_approval(token_hash(approval, APPROVAL_TAG), bound, APPROVAL_MINUTES * 60_000)
    if by is None:
        raise Refusal("APPROVAL_INVALID")
    return replace(actor, approvals=(*actor.approvals, by))


def _params(work: Work, need: Need, most: int, actor: Actor) -> Mapping[str, Param]:
    who = actor.who_may(Permission.APPROVE)
    found: dict[str, Param] = {
        "permission": need.permission.value,
        "limit": most,
        "asked": need.asked,
        "act": need.act,
        "subject": need.subject,
        "bound": need.limit.value,
        "people": ", ".join(who.people),
    }
    if need.limit in MONEY_LIMITS:
        found |= {"limit_minor": most, "asked_minor": need.asked}
        found["currency"] = work.read.organization().currency
    return found


def require_hub(in_contact: InContact, actor: Actor) -> None:
    """Rights are given only while the hub is heard, since who gives them may have lost them elsewhere; they
    are taken at any time. The program itself (a demo, the first admin) is asked nothing. Refuses
    ROLES_NEED_HUB."""
    if actor.user != SYSTEM.user and not in_contact():
        raise Refusal("ROLES_NEED_HUB")


def always() -> bool:
    """In contact: a station that works by itself has nobody to ask."""
    return True


def check_roles(read: Reads, roles: Iterable[str], actor: Actor, taken: Iterable[str] = ()) -> None:
    """Whether the actor may give these roles and take those. Refuses ROLE_UNKNOWN (given ones only),
    NOT_ALLOWED: roles that manage people or roles take somebody who manages roles."""
    defined = read.roles()
    given = list(roles)
    for role in given:
        if role not in defined or defined[role].removed:
            raise Refusal("ROLE_UNKNOWN", name="".join(one for one in role[:32] if one.isprintable()))
    if KEEPS & permissions_of([*given, *taken], defined):
        require(actor, Permission.ROLES)
