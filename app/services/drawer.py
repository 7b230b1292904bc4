"""The drawer opened without a sale: written down with a reason, since that is where money goes astray."""

from app.services.access import require
from app.services.people import clean_reason
from app.services.ports import Nudge, Store
from domain.actor import Actor, Permission
from domain.entry import CASH, Draft
from domain.errors import Refusal


class NoteDrawer:
    """Notes that somebody opens the drawer of the open shift although nothing is sold."""

    def __init__(self, store: Store, nudge: Nudge) -> None:
        self._store = store
        self._nudge = nudge

    def __call__(self, reason: str, actor: Actor) -> str:
        """The shift. Refuses NOT_ALLOWED, NO_SHIFT, REASON_NEEDED, REASON_TOO_LONG."""
        require(actor, Permission.DRAWER)
        said = clean_reason(reason)
        if not said:
            raise Refusal("REASON_NEEDED")
        with self._store.begin() as work:
            shift = work.read.open_shift(work.read.station().station)
            if shift is None:
                raise Refusal("NO_SHIFT")
            body = {"shift": shift.shift, "drawer": shift.drawer, "reason": said}
            work.append(Draft("drawer_opened", (CASH,), body), actor, shift=shift.shift)
            work.commit()
        self._nudge()
        return shift.shift
