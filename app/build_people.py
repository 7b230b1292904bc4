"""Puts together what is about people: signing in, roles, sessions, approvals, the trail."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from app.exchange import Exchange, NoExchange
from app.housekeeping import Housekeeping
from app.invitations import read_path
from app.printing.qr import text_matrix
from app.services.approvals import Approve
from app.services.audit import Audit
from app.services.drawer import NoteDrawer
from app.services.erasure import ErasePerson
from app.services.event_privacy import EraseDue, EventPrivacy
from app.services.facade import Services
from app.services.guests import NameGuest
from app.services.hashing import PinHasher
from app.services.invitations import ShowInvitation
from app.services.people import AcceptCode, ChangePerson, InvitePerson, ListPeople
from app.services.person_export import ExportPerson
from app.services.ports import Nudge
from app.services.roles import Account, EditRoles, PeopleDesk, RoleRequests
from app.services.sessions import ScriptSessions, SessionDesk
from app.services.signin import AddUser, SetPin, SignIn
from app.services.standing import LiveRights
from app.settings import Settings
from app.store.store import StationStore
from domain.actor import SYSTEM
from domain.clock import Clock
from domain.entry import CASH, DESK
from domain.ids import RandomBytes

SCOPE = "hub_scope"
"""Local setting: the feeds this station follows, `*` for all."""


@dataclass(frozen=True, slots=True)
class PeopleParts:
    """The parts, as the facade wants them."""

    sign_in: SignIn
    people: PeopleDesk
    sessions: SessionDesk
    scripts: ScriptSessions
    approve: Approve
    audit: Audit
    add_user: AddUser
    set_pin: SetPin
    erase_person: ErasePerson
    export_person: ExportPerson
    show_invitation: ShowInvitation
    name_guest: NameGuest
    note_drawer: NoteDrawer
    event_privacy: EventPrivacy
    erase_due: EraseDue


def build_people(
    store: StationStore, hasher: PinHasher, clock: Clock, random_bytes: RandomBytes, nudge: Nudge
) -> PeopleParts:
    """All of it over one open store."""
    rights = LiveRights(store, store.people, store.shut.is_shut)
    sessions = SessionDesk(store, store.people, clock, random_bytes, nudge)
    sign_in = SignIn(store, store.pins, hasher, clock, rights, sessions)
    people = PeopleDesk(
        listed=ListPeople(store),
        invite=InvitePerson(store, clock, random_bytes, nudge, rights.in_contact),
        accept=AcceptCode(store, sign_in, hasher, clock, random_bytes, nudge),
        change=ChangePerson(store, random_bytes, nudge, rights.in_contact),
        roles=EditRoles(store, nudge, rights.in_contact),
        requests=RoleRequests(store, random_bytes, nudge, rights.in_contact),
        account=Account(store, store.pins, sign_in, hasher, clock, random_bytes, nudge),
    )
    scripts = ScriptSessions(store, store.people, clock, random_bytes, store.installation, nudge)
    approve = Approve(store, sign_in, clock, random_bytes)
    return PeopleParts(
        sign_in=sign_in,
        people=people,
        sessions=sessions,
        scripts=scripts,
        approve=approve,
        audit=Audit(store, store.trail),
        add_user=AddUser(store, hasher, clock, random_bytes, rights.in_contact),
        set_pin=SetPin(store, hasher),
        erase_person=ErasePerson(store, nudge),
        export_person=ExportPerson(store),
        show_invitation=ShowInvitation(read_path, text_matrix, clock),
        name_guest=NameGuest(store, random_bytes, nudge),
        note_drawer=NoteDrawer(store, nudge),
        event_privacy=EventPrivacy(store, clock, nudge),
        erase_due=EraseDue(store, clock, nudge, partial(sees_guests, store)),
    )


def sees_guests(store: StationStore) -> bool:
    """Whether this station gets the documents about guests: an office does, a station that is only a gate
    does not, one that works by itself has all there are."""
    scope = store.local_setting(SCOPE)
    return scope is None or scope == "*" or not {CASH, DESK}.isdisjoint(json.loads(scope))


def housekeeping(
    store: StationStore, services: Services, sync: Exchange | NoExchange, settings: Settings
) -> Housekeeping:
    """What this station does for itself now and then. Data that has been kept long enough is ended where the
    hub is heard, so that what others said about an event counts first, and by the hub's time."""

    def erase_due() -> int:
        return 0 if sync.is_away() else services.erase_due(SYSTEM)

    def index_trail() -> int:
        return store.trail.catch_up() if store.trail.in_use() else 0

    stopping = threading.Event()

    def by_hub_time(forget: Callable[..., int], days: str) -> int:
        now_ms = store.hub_now_ms()
        if sync.is_away() or now_ms is None:
            return 0
        return forget(now_ms, settings.number(days), stopping=stopping.is_set)

    return Housekeeping(
        [
            ("erase_due", erase_due),
            ("index_trail", index_trail),
            ("shorten", lambda: by_hub_time(store.horizon.shorten, "replica.entry_days")),
            ("forget", lambda: by_hub_time(store.forgetting.forget, "replica.event_days")),
        ],
        stopping=stopping,
    )
