"""Puts together what is about people: signing in, roles, sessions, approvals, the trail."""

from dataclasses import dataclass

from app.services.approvals import Approve
from app.services.audit import Audit
from app.services.hashing import PinHasher
from app.services.people import AcceptCode, ChangePerson, InvitePerson, ListPeople
from app.services.ports import Nudge
from app.services.roles import Account, EditRoles, PeopleDesk, RoleRequests
from app.services.sessions import ScriptSessions, SessionDesk
from app.services.signin import SignIn
from app.services.standing import LiveRights
from app.store.store import StationStore
from domain.clock import Clock
from domain.ids import RandomBytes


@dataclass(frozen=True, slots=True)
class PeopleParts:
    """The parts, as the facade wants them."""

    sign_in: SignIn
    people: PeopleDesk
    sessions: SessionDesk
    scripts: ScriptSessions
    approve: Approve
    audit: Audit


def build_people(
    store: StationStore, hasher: PinHasher, clock: Clock, random_bytes: RandomBytes, nudge: Nudge
) -> PeopleParts:
    """All of it over one open store."""
    rights = LiveRights(store, store.people)
    sessions = SessionDesk(store, store.people, clock, random_bytes, nudge)
    sign_in = SignIn(store, store.pins, hasher, clock, rights, sessions)
    people = PeopleDesk(
        listed=ListPeople(store),
        invite=InvitePerson(store, clock, random_bytes, nudge),
        accept=AcceptCode(store, sign_in, hasher, clock, random_bytes, nudge),
        change=ChangePerson(store, nudge),
        roles=EditRoles(store, nudge),
        requests=RoleRequests(store, random_bytes, nudge),
        account=Account(store, store.pins, sign_in, hasher, clock, random_bytes, nudge),
    )
    scripts = ScriptSessions(store, store.people, clock, random_bytes, store.installation, nudge)
    approve = Approve(store, sign_in, clock, random_bytes)
    return PeopleParts(sign_in, people, sessions, scripts, approve, Audit(store))
