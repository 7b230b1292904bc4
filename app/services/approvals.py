"""A supervisor's word on the spot: a PIN at somebody else's screen, for one act.

The answer is a token that is bound to the act, what it is done to, how much, whose act and which station. It
lasts two minutes, counts once, and is used up inside the transaction of the act, where the entry names who
approved (app.services.access.authorise).
"""

from datetime import timedelta

from app.services.access import APPROVAL_MINUTES, APPROVAL_TAG, Need, not_allowed
from app.services.hashing import token_hash
from app.services.ports import Store
from app.services.signin import SignIn
from app.services.views import Person
from app.services.views_people import ApprovalGiven
from domain.actor import Actor, Permission
from domain.clock import Clock
from domain.errors import Refusal
from domain.ids import RandomBytes
from domain.permissions import is_within

TOKEN_BYTES = 32


class Approve:
    """Takes a supervisor's login and PIN for an act that is over somebody's limit."""

    def __init__(self, store: Store, sign_in: SignIn, clock: Clock, random_bytes: RandomBytes) -> None:
        self._store = store
        self._sign_in = sign_in
        self._clock = clock
        self._random = random_bytes

    def approvers(self, need: Need) -> list[Person]:
        """Who of this station could approve it."""
        with self._store.read() as read:
            people = [one for one in read.people() if one.has_pin and one.enabled]
        return [person for person in people if self._fits(self._sign_in.as_actor(person), need)]

    def __call__(self, login: str, pin: str, need: Need, actor: Actor) -> ApprovalGiven:
        """The token for `actor`'s act. Slow on purpose: call it off the GUI thread.

        Refuses NOT_SIGNED_IN, WRONG_PIN, LOCKED_OUT, NO_PIN_HERE, USER_DISABLED, NOT_ALLOWED (to approve),
        APPROVER_LIMIT (over the approver's own limit too).
        """
        if actor.user is None:
            raise Refusal("NOT_SIGNED_IN")
        approver = self._sign_in.approver(login, pin)
        if not approver.may(Permission.APPROVE):
            raise not_allowed(approver, Permission.APPROVE)
        if approver.user == actor.user or not self._fits(approver, need):
            raise Refusal("APPROVER_LIMIT", permission=need.permission.value, asked=need.asked)
        token = self._random(TOKEN_BYTES).hex()
        with self._store.begin() as work:
            bound = need.bound(work.read.station().station, actor.user)
            work.people.put_approval(token_hash(token, APPROVAL_TAG), bound, approver.user or "")
            person = work.read.person(approver.user or "")
            work.commit()
        return ApprovalGiven(
            token=token,
            by=approver.user or "",
            by_name=person.name if person else approver.login,
            until_at=self._clock.now() + timedelta(minutes=APPROVAL_MINUTES),
        )

    @staticmethod
    def _fits(approver: Actor, need: Need) -> bool:
        standing = approver.standing()
        rights = standing.permissions - standing.stopped.keys()
        allowed = {Permission.APPROVE, need.permission} <= rights
        return allowed and is_within(standing.limits, need.limit, need.asked)
