"""The house of a simulated organization: its catalogue as drafts, and the people who work there."""

from datetime import timedelta

from domain.catalogue import Gate
from domain.entry import Draft
from domain.validity import SIGNED_MARGIN, ValidityKind
from tests.builders import make_event, make_performance, make_product, make_promo, make_quota
from tests.services.house import ADMIN, CASHIER, GATE, SUPERVISOR
from tests.simulation.swarm import Swarm
from tests.store.station import made

EVENT, OTHER_EVENT = 100, 101
PERFORMANCE, QUOTA, OTHER_QUOTA = 200, 400, 401
FULL, STALLS, FAMILY, SEASON, DAY = 300, 301, 302, 303, 304
SINGLE = (FULL, STALLS, FAMILY)
MATINEE_EVENT, MATINEE_PERFORMANCE, MATINEE = 102, 201, 305
"""An event that ends early, so that its orders are forgotten: only where there is a horizon."""
EVENTS = (EVENT, OTHER_EVENT)
PROMO, PROMO_POOL, PROMO_CODE = 500, 402, "SPRING"

__all__ = ["ADMIN", "CASHIER", "GATE", "SUPERVISOR"]


def home(product: int) -> int:
    """The event that a product's tickets belong to."""
    if product == MATINEE:
        return MATINEE_EVENT
    return OTHER_EVENT if product in (SEASON, DAY) else EVENT


def catalogue(swarm: Swarm) -> list[Draft]:
    """Everything that the first station writes before anybody sells."""
    evening = make_performance(
        capacity=swarm.capacity, doors_at=swarm.begins_at - timedelta(hours=2),
        starts_at=swarm.begins_at + timedelta(hours=2), ends_at=swarm.begins_at + timedelta(days=6),
    )  # fmt: skip
    products = [
        make_product(number=FULL, code="FULL", price_minor=2000),
        make_product(number=STALLS, code="STALLS", price_minor=2500, quotas=(QUOTA,)),
        make_product(number=FAMILY, code="FAMILY", price_minor=6000, admits=3),
        make_product(
            number=SEASON, code="SEASON", event=OTHER_EVENT, kind=ValidityKind.MONTH, price_minor=9000,
            quotas=(OTHER_QUOTA,), admits_at=(EVENT,),
        ),
        make_product(number=DAY, code="DAY", event=OTHER_EVENT, price_minor=900, kind=ValidityKind.DAY),
    ]  # fmt: skip
    gates = [made(Gate(code=code, name=f"Door {code}")) for code in "ABC"]
    return [
        Draft("settings_changed", ("org",), {
            "values": {"name": "Old Theatre", "zone": "Europe/Berlin", "currency": "EUR"},
        }),
        made(make_event()),
        made(make_event(number=OTHER_EVENT, code="MUSEUM", name="Museum")),
        made(evening),
        made(make_quota(number=QUOTA, capacity=swarm.quota, performance=PERFORMANCE)),
        made(make_quota(number=OTHER_QUOTA, capacity=swarm.capacity, event=OTHER_EVENT, name="Passes")),
        made(make_quota(number=PROMO_POOL, capacity=3, name="Spring")),
        *(made(product) for product in products),
        made(make_promo(number=PROMO, pool=PROMO_POOL)),
        *gates,
        *(_matinee(swarm) if swarm.horizon_ms is not None else ()),
        Draft("event_published", ("org",), {"event": EVENT}),
        Draft("event_published", ("org",), {"event": OTHER_EVENT}),
        *(
            Draft("user_created", ("org",), {
                "user": who.user, "login": who.login, "roles": sorted(who.roles), "document": None,
                "document_hash": None,
            })
            for who in (CASHIER, GATE, ADMIN)
        ),
    ]  # fmt: skip


def _matinee(swarm: Swarm) -> list[Draft]:
    until = swarm.begins_at + timedelta(milliseconds=swarm.matinee_ms)
    ends_at = until if swarm.overnight else until - SIGNED_MARGIN
    afternoon = make_performance(
        number=MATINEE_PERFORMANCE, code="MATINEE-1", event=MATINEE_EVENT,
        capacity=200 if swarm.overnight else None,  # nobody is lent a place when it is over
        doors_at=ends_at - timedelta(hours=3), starts_at=ends_at - timedelta(hours=1),
        ends_at=ends_at, sales_until_at=until,
    )  # fmt: skip
    return [
        made(make_event(number=MATINEE_EVENT, code="MATINEE", name="Matinee")),
        made(afternoon),
        made(make_product(number=MATINEE, code="MATINEE", event=MATINEE_EVENT, price_minor=700)),
        Draft("event_published", ("org",), {"event": MATINEE_EVENT}),
    ]
