"""All reads of one snapshot together: what app.services.ports.Reads asks for."""

from app.store.reads_access import AccessReads
from app.store.reads_afterwards import AfterwardReads
from app.store.reads_catalogue import CatalogueReads
from app.store.reads_conflicts import ConflictReads
from app.store.reads_held import HeldReads
from app.store.reads_orders import OrderReads
from app.store.reads_people import PeopleReads
from app.store.reads_privacy import PrivacyReads
from app.store.reads_shifts import ShiftReads
from app.store.trail_reads import TrailReads


class StoreReads(
    CatalogueReads,
    OrderReads,
    ShiftReads,
    PeopleReads,
    AccessReads,
    TrailReads,
    PrivacyReads,
    ConflictReads,
    AfterwardReads,
    HeldReads,
):
    """Every question of the port; each group of them has a module of its own."""
