"""A call of every use case, and the permissions it asks for: the table that test_rights walks through."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from app.catalogue_files import read_catalogue
from app.services.access import Need
from app.services.afterwards import RefundRequest
from app.services.exchanges import ExchangeRequest
from app.services.gate import ScanInput
from app.services.payments import PaymentRequest
from app.services.sell import SaleRequest
from app.services.signin import AddUser, PinHasher, SetPin
from app.services.views import PrintJob
from app.services.views_people import AuditQuery
from domain.actor import Actor, Permission, Role
from domain.permissions import Limit
from domain.sessions import SessionPolicy
from tests.services.house import ADMIN, SUPERVISOR, House, somebody

P = Permission
STRANGER = "00000000-0000-4000-8000-0000000000ff"
NO_SUCH = "00000000-0000-4000-8000-00000000eeee"


@dataclass(frozen=True)
class Case:
    """A use case (`covers`: its place in the facade), the permissions of which one is enough, and those of
    which one is needed beside them."""

    name: str
    covers: str
    call: Callable[[House, Actor], object]
    needs: tuple[Permission, ...]
    also: tuple[Permission, ...] = ()


def import_nothing(house: House, actor: Actor) -> object:
    file: Path = house.root / "nothing.yaml"
    file.write_text("events: []")
    return house.station.import_catalogue(read_catalogue(file), actor)


def undo_own(house: House, actor: Actor) -> object:
    answer = house.gate.admit(ScanInput(house.code(), "camera"), somebody(Role.GATE))
    with house.station.store.read() as read:
        assert read.last_admission(answer.serial).operator == somebody(Role.GATE).user
    return house.gate.undo(answer.serial, "test", actor)


def undo_any(house: House, actor: Actor) -> object:
    answer = house.gate.admit(ScanInput(house.code(), "camera"), somebody(Role.GATE, number=99))
    return house.gate.undo(answer.serial, "test", actor)


HASHER = PinHasher(1, 64)


def close_own(house: House, actor: Actor) -> object:
    with_no_shift(house)
    house.services.open_shift(0, actor)
    return house.services.close_shift(0, actor)


def close_anothers(house: House, actor: Actor) -> object:
    with_no_shift(house)
    house.services.open_shift(0, somebody(Role.CASHIER, number=77))
    return house.services.close_shift(0, actor)


def begun_by(house: House, actor: Actor) -> str:
    """A payment begun in a shift of this person, who sells for once whatever they may otherwise; its id."""
    with_no_shift(house)
    seller = replace(actor, roles=actor.roles | {Role.CASHIER})
    house.services.open_shift(0, seller)
    request = PaymentRequest([house.item("full")])
    return house.services.afterwards.start_payment(request, seller).standing.payment


def clear_up_own(house: House, actor: Actor) -> object:
    payment = begun_by(house, actor if actor.user else SUPERVISOR)
    return house.services.afterwards.resolve_payment(payment, actor, taken=False, reason="x")


def clear_up_anothers(house: House, actor: Actor) -> object:
    payment = begun_by(house, somebody(Role.CASHIER, number=77))
    return house.services.afterwards.resolve_payment(payment, actor, taken=False, reason="x")


def with_no_shift(house: House) -> None:
    if house.services.shift_now(SUPERVISOR) is not None:
        house.services.close_shift(0, SUPERVISOR)


def fresh(house: House, *roles: Role) -> str:
    """A new person; the id."""
    return house.services.people.invite(f"p{house.seq}", "P", list(roles), ADMIN).user


def a_request(house: House) -> str:
    """Somebody has asked for the role of a cashier."""
    user = fresh(house, Role.GATE)
    me = Actor(user=user, roles=frozenset({Role.GATE}))
    return house.services.people.requests.ask("cashier", me).request


def a_session(house: House) -> str:
    user = fresh(house, Role.GATE)
    return house.services.sessions.begin(Actor(user=user, roles=frozenset({Role.GATE})))


QUERY = AuditQuery(limit=5)
CASES = (
    Case("sell", "sell.__call__", lambda h, a: h.sell("full", actor=a), (P.SELL,)),
    Case(
        "refund",
        "afterwards.refund.__call__",
        lambda h, a: h.services.afterwards.refund(RefundRequest(NO_SUCH, "x"), a),
        (P.REFUND,),
    ),
    Case(
        "void",
        "afterwards.void.__call__",
        lambda h, a: h.services.afterwards.void(RefundRequest(NO_SUCH, "x"), a),
        (P.VOID,),
    ),
    Case(
        "exchange",
        "afterwards.exchange.__call__",
        lambda h, a: h.services.afterwards.exchange(ExchangeRequest(NO_SUCH, [], "x"), a),
        (P.EXCHANGE,),
    ),
    Case(
        "reprint",
        "afterwards.reprint.__call__",
        lambda h, a: h.services.afterwards.reprint("x", "x", a),
        (P.REPRINT,),
    ),
    Case(
        "reserve",
        "afterwards.reserve.reserve",
        lambda h, a: h.services.afterwards.reserve.reserve([], h.clock.now(), a),
        (P.SELL,),
    ),
    Case(
        "sell beside reservations",
        "afterwards.reserve.__call__",
        lambda h, a: h.services.afterwards.reserve(SaleRequest([], []), a),
        (P.SELL,),
    ),
    Case(
        "pay a reservation",
        "afterwards.pay.__call__",
        lambda h, a: h.services.afterwards.pay(NO_SUCH, [], a),
        (P.SELL,),
    ),
    Case(
        "release a reservation",
        "afterwards.release.__call__",
        lambda h, a: h.services.afterwards.release(NO_SUCH, a),
        (P.SELL,),
    ),
    Case(
        "issue a gift card",
        "afterwards.issue_value.__call__",
        lambda h, a: h.services.afterwards.issue_value("GIFT-CARD-0001", 1, "x", a),
        (P.SELL,),
    ),
    Case(
        "spend a gift card",
        "afterwards.spend_value.__call__",
        lambda h, a: h.services.afterwards.spend_value("GIFT-CARD-0001", 1, a),
        (P.SELL,),
    ),
    Case(
        "start a payment",
        "afterwards.start_payment.__call__",
        lambda h, a: h.services.afterwards.start_payment(PaymentRequest(order=NO_SUCH), a),
        (P.SELL,),
    ),
    Case(
        "take a payment",
        "afterwards.take_payment.__call__",
        lambda h, a: h.services.afterwards.take_payment(NO_SUCH, "", a),
        (P.SELL,),
    ),
    Case(
        "fail a payment",
        "afterwards.fail_payment.__call__",
        lambda h, a: h.services.afterwards.fail_payment(NO_SUCH, "x", a),
        (P.SELL,),
    ),
    Case(
        "lose a payment",
        "afterwards.lose_payment.__call__",
        lambda h, a: h.services.afterwards.lose_payment(NO_SUCH, "x", a),
        (P.SELL,),
    ),
    Case("clear up one's own payment", "afterwards.resolve_payment.__call__", clear_up_own, (P.SELL,)),
    Case(
        "clear up another's payment",
        "afterwards.resolve_payment.__call__",
        clear_up_anothers,
        (P.SELL,),
        (P.OTHER_SHIFTS,),
    ),
    Case(
        "list open payments",
        "afterwards.resolve_payment.open",
        lambda h, a: h.services.afterwards.resolve_payment.open(a),
        (P.SELL,),
    ),
    Case(
        "look up a promo code",
        "find_promo.__call__",
        lambda h, a: h.services.find_promo("SPRING", [], a),
        (P.SELL,),
    ),
    Case("list held entries", "list_held.__call__", lambda h, a: h.services.list_held(a), (P.CHECK,)),
    Case("open shift", "open_shift.__call__", lambda h, a: h.services.open_shift(0, a), (P.SHIFT,)),
    Case("shift now", "shift_now.__call__", lambda h, a: h.services.shift_now(a), (P.SHIFT,)),
    Case("last shift", "shift_now.last", lambda h, a: h.services.shift_now.last(a), (P.SHIFT,)),
    Case("close one's own shift", "close_shift.__call__", close_own, (P.SHIFT,)),
    Case("close another's shift", "close_shift.__call__", close_anothers, (P.SHIFT,), (P.OTHER_SHIFTS,)),
    Case("print", "print_order.__call__", lambda h, a: h.services.print_order(NO_SUCH, a), (P.PRINT,)),
    Case(
        "run print job",
        "print_queue.run",
        lambda h, a: h.services.print_queue.run(
            PrintJob(1, NO_SUCH, "tickets", "waiting", 0, None, h.clock.now()),
            a,
            paper="A4",
            lang="en",
            to_printer=False,
        ),
        (P.PRINT,),
    ),
    Case(
        "print shift",
        "print_shift.__call__",
        lambda h, a: h.services.print_shift(h.services.shift_now(somebody(Role.CASHIER)), a),
        (P.SHIFT,),
    ),
    Case("board", "board.__call__", lambda h, a: h.services.board(a), (P.CHECK,)),
    Case(
        "offers",
        "offers.__call__",
        lambda h, a: h.services.offers(h.event("museum").number, None, a),
        (P.CHECK,),
    ),
    Case(
        "find orders",
        "find_orders.find",
        lambda h, a: h.services.find_orders.find("", a),
        (P.ORDERS, P.SEARCH),
    ),
    Case(
        "show order",
        "find_orders.show",
        lambda h, a: h.services.find_orders.show(NO_SUCH, a),
        (P.ORDERS, P.SEARCH),
    ),
    Case(
        "order by text",
        "find_orders.by_text",
        lambda h, a: h.services.find_orders.by_text("x", a),
        (P.ORDERS, P.SEARCH),
    ),
    Case(
        "order by code",
        "find_orders.by_code",
        lambda h, a: h.services.find_orders.by_code(h.code(), a),
        (P.ORDERS, P.SEARCH),
    ),
    Case("check", "gatekeeper.check", lambda h, a: h.gate.check(ScanInput(h.code()), a), (P.CHECK,)),
    Case(
        "admit", "gatekeeper.admit", lambda h, a: h.gate.admit(ScanInput(h.code(), "camera"), a), (P.ADMIT,)
    ),
    Case("search", "gatekeeper.search", lambda h, a: h.gate.search("0000-0000", a), (P.SEARCH,)),
    Case("last scans", "gatekeeper.last_scans", lambda h, a: h.gate.last_scans(a), (P.CHECK,)),
    Case("counters", "gatekeeper.counters", lambda h, a: h.gate.counters(a), (P.CHECK,)),
    Case("undo one's own", "gatekeeper.undo", undo_own, (P.UNDO_OWN,)),
    Case("undo another's", "gatekeeper.undo", undo_any, (P.UNDO_ANY,)),
    Case("import", "import_catalogue.__call__", import_nothing, (P.IMPORT,)),
    Case(
        "list conflicts", "list_conflicts.__call__", lambda h, a: h.services.list_conflicts(a), (P.CONFLICTS,)
    ),
    Case(
        "show conflict",
        "show_conflict.__call__",
        lambda h, a: h.services.show_conflict(NO_SUCH, a),
        (P.CONFLICTS,),
    ),
    Case(
        "resolve conflict",
        "resolve_conflict.__call__",
        lambda h, a: h.services.resolve_conflict(NO_SUCH, "accepted", a),
        (P.CONFLICTS,),
    ),
    Case(
        "add user",
        "add_user.__call__",
        lambda h, a: AddUser(h.station.store, HASHER, h.clock, h.random)(f"u{h.seq}", "U", [], None, a),
        (P.PEOPLE,),
    ),
    Case(
        "set another's PIN",
        "set_pin.__call__",
        lambda h, a: SetPin(h.station.store, HASHER)(STRANGER, "2580", a),
        (P.PEOPLE,),
    ),
    Case(
        "erase person",
        "erase_person.__call__",
        lambda h, a: h.services.erase_person("nobody", a),
        (P.PEOPLE,),
    ),
    Case(
        "export person",
        "export_person.__call__",
        lambda h, a: h.services.export_person("nobody", a),
        (P.PEOPLE,),
    ),
    Case(
        "ready for doors",
        "check_readiness.__call__",
        lambda h, a: h.services.check_readiness(a),
        (P.STATION, P.ADMIT, P.SELL),
    ),
    Case(
        "try a device",
        "check_readiness.try_device",
        lambda h, a: h.services.check_readiness.try_device("scanner", a),
        (P.STATION, P.ADMIT, P.SELL),
    ),
    Case("confirm the date", "confirm_date.__call__", lambda h, a: h.services.confirm_date(a), (P.SELL,)),
    Case("list people", "people.listed.__call__", lambda h, a: h.services.people.listed(a), (P.PEOPLE,)),
    Case(
        "person by login",
        "people.listed.by_login",
        lambda h, a: h.services.people.listed.by_login("x", a),
        (P.PEOPLE,),
    ),
    Case(
        "invite",
        "people.invite.__call__",
        lambda h, a: h.services.people.invite(f"i{h.seq}", "I", ["gate"], a),
        (P.PEOPLE,),
    ),
    Case(
        "invite an admin",
        "people.invite.__call__",
        lambda h, a: h.services.people.invite(f"i{h.seq}", "I", ["admin"], a),
        (P.PEOPLE,),
        (P.ROLES,),
    ),
    Case(
        "invite again",
        "people.invite.again",
        lambda h, a: h.services.people.invite.again(fresh(h, Role.GATE), a),
        (P.PEOPLE,),
    ),
    Case(
        "reset a gate person",
        "people.invite.reset",
        lambda h, a: h.services.people.invite.reset(fresh(h, Role.GATE), a),
        (P.APPROVE, P.PEOPLE),
    ),
    Case(
        "reset an organizer",
        "people.invite.reset",
        lambda h, a: h.services.people.invite.reset(fresh(h, Role.ORGANIZER), a),
        (P.APPROVE, P.PEOPLE),
        (P.PEOPLE,),
    ),
    Case(
        "give roles",
        "people.change.roles",
        lambda h, a: h.services.people.change.roles(fresh(h, Role.GATE), ["cashier"], a),
        (P.PEOPLE,),
    ),
    Case(
        "make an admin",
        "people.change.roles",
        lambda h, a: h.services.people.change.roles(fresh(h, Role.GATE), ["admin"], a),
        (P.PEOPLE,),
        (P.ROLES,),
    ),
    Case(
        "shut out",
        "people.change.disable",
        lambda h, a: h.services.people.change.disable(fresh(h, Role.GATE), "", a),
        (P.PEOPLE,),
    ),
    Case(
        "let in again",
        "people.change.enable",
        lambda h, a: h.services.people.change.enable(fresh(h, Role.GATE), a),
        (P.PEOPLE,),
    ),
    Case(
        "rename another",
        "people.change.rename",
        lambda h, a: h.services.people.change.rename(fresh(h, Role.GATE), "New", a),
        (P.PEOPLE,),
    ),
    Case(
        "define a role",
        "people.roles.__call__",
        lambda h, a: h.services.people.roles("usher", frozenset({P.ADMIT}), {}, a),
        (P.ROLES,),
    ),
    Case(
        "remove a role",
        "people.roles.remove",
        lambda h, a: h.services.people.roles.remove("x", a),
        (P.ROLES,),
    ),
    Case(
        "ask for a role",
        "people.requests.ask",
        lambda h, a: h.services.people.requests.ask("usher", a),
        (P.CHECK,),
    ),
    Case(
        "requests for roles",
        "people.requests.listed",
        lambda h, a: h.services.people.requests.listed(a),
        (P.PEOPLE,),
    ),
    Case(
        "answer a request",
        "people.requests.answer",
        lambda h, a: h.services.people.requests.answer(a_request(h), a, granted=True),
        (P.PEOPLE,),
    ),
    Case("list sessions", "sessions.listed", lambda h, a: h.services.sessions.listed(a), (P.PEOPLE,)),
    Case(
        "end another's session",
        "sessions.end",
        lambda h, a: h.services.sessions.end(a_session(h), a),
        (P.PEOPLE,),
    ),
    Case(
        "hours of sessions",
        "sessions.set_policy",
        lambda h, a: h.services.sessions.set_policy(SessionPolicy(), a),
        (P.SETTINGS,),
    ),
    Case("a script's session", "scripts.start", lambda h, a: h.services.scripts.start(a), (P.CHECK,)),
    Case("list keys", "list_keys.__call__", lambda h, a: h.services.list_keys(a), (P.KEYS, P.STATION)),
    Case(
        "note the drawer",
        "note_drawer.__call__",
        lambda h, a: h.services.note_drawer("change", a),
        (P.DRAWER,),
    ),
    Case(
        "put an order under a name",
        "name_guest.__call__",
        lambda h, a: h.services.name_guest(NO_SUCH, "Ada", a),
        (P.ORDERS,),
    ),
    Case(
        "what events say of their guests' data",
        "event_privacy.listed",
        lambda h, a: h.services.event_privacy.listed(a),
        (P.CATALOGUE, P.PEOPLE),
    ),
    Case(
        "say it",
        "event_privacy.__call__",
        lambda h, a: h.services.event_privacy("play", a, retention_days=9),
        (P.CATALOGUE,),
    ),
    Case(
        "end what was kept long enough",
        "erase_due.__call__",
        lambda h, a: h.services.erase_due(a),
        (P.CATALOGUE, P.PEOPLE),
    ),
    Case(
        "an enrolment file as codes",
        "show_invitation.__call__",
        lambda h, a: h.services.show_invitation("/nowhere", a),
        (P.KEYS,),
    ),
    Case("audit", "audit.__call__", lambda h, a: h.services.audit(QUERY, a), (P.AUDIT,)),
    Case("audit kinds", "audit.kinds", lambda h, a: h.services.audit.kinds(a), (P.AUDIT,)),
    Case("audit export", "audit.export", lambda h, a: h.services.audit.export(QUERY, "csv", a), (P.AUDIT,)),
    Case("patterns", "audit.suspicions", lambda h, a: h.services.audit.suspicions(a), (P.AUDIT,)),
)
SIGNED_IN: dict[str, Callable[[House, Actor], object]] = {
    "people.roles.listed": lambda h, a: h.services.people.roles.listed(a),
    "people.roles.rights": lambda h, a: h.services.people.roles.rights(a),
    "people.requests.notices": lambda h, a: h.services.people.requests.notices(a),
    "people.requests.seen": lambda h, a: h.services.people.requests.seen(["x"], a),
    "people.account.show": lambda h, a: h.services.people.account.show(a),
    "people.account.change_pin": lambda h, a: h.services.people.account.change_pin("1", "2580", a),
    "people.account.change_password": lambda h, a: h.services.people.account.change_password("1", "x", a),
    "sessions.begin": lambda h, a: h.services.sessions.begin(a),
    "sessions.mine": lambda h, a: h.services.sessions.mine(a),
    "approve.__call__": lambda h, a: h.services.approve("x", "1", NEED, a),
}
"""One's own affairs: whoever is signed in may, whatever their roles."""

NEED = Need("close_shift", NO_SUCH, Limit.DIFFERENCE, 1)
ELSEWHERE = {
    "scripts.end": "the token itself is asked for, see test_sessions",
    "open_turnstile.__call__": "moves what an admission has opened, see test_gate",
    "sell.drafts_for": "a part of sales and exchanges, which ask",
    "afterwards.reserve.drafts_for": "the same",
    "afterwards.reserve.drafts_to_reserve": "a part of reservations and payments, which ask",
    "settings.may_change": "below",
    "settings.store": "below",
}
