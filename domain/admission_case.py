"""One scan as the rules look at it: the ticket, known or not, its window and what was used up so far.

A *visit* is the whole life of a SINGLE ticket, and one local day of a pass. Entering again within a visit
may be free: after an exit (AFTER_EXIT), or always (FREE, `day_is_one_use`). All counts are in people, since
a ticket may admit several.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from domain.admission_facts import (
    Direction,
    GatePolicy,
    Heard,
    Listed,
    Scan,
    TicketFacts,
    Use,
    Verdict,
    people_inside,
)
from domain.clock import EPOCH
from domain.validity import (
    Reentry,
    Validity,
    ValidityKind,
    ValidityStart,
    Window,
    day_bounds,
    local_day,
    window,
)

TIMED_BY_PERFORMANCE = (ValidityKind.SINGLE, ValidityKind.ENTRIES)
"""Kinds whose times come from their performance, not from a window of their own."""

ONE_ENTRY = Validity(ValidityKind.SINGLE)
ANY_ENTRY = Validity(ValidityKind.RANGE, range_from_at=EPOCH)
"""What an unknown code is held to when the catalogue here does not list its product either: a pass is then
limited by its signed times only."""


class Case:
    """A scan and its ticket, brought into one shape for the rules.

    `flag` is set by the rules when the policy lets an unknown ticket or key pass.
    """

    __slots__ = (
        "_counts",
        "_window",
        "admits",
        "entries",
        "facts",
        "flag",
        "leaving",
        "performance",
        "policy",
        "scan",
        "subject",
        "uses",
        "validity",
        "zone",
    )

    def __init__(self, facts: TicketFacts | None, scan: Scan, policy: GatePolicy) -> None:
        self.facts = facts
        self.scan = scan
        self.policy = policy
        self.subject: TicketFacts | Listed | None = facts if facts is not None else scan.listed
        self.performance = None if self.subject is None else self.subject.performance
        self.validity = self._validity()
        self.zone = policy.zone if self.subject is None else self.subject.event.zone
        self.uses = scan.seen if facts is None else facts.uses
        self.entries = [use for use in self.uses if use.direction is Direction.ENTRY]
        self.leaving = scan.direction is Direction.EXIT
        self.flag: Verdict | None = None
        self.admits = self._admits()
        self._counts: tuple[int, int] | None = None
        self._window: Window | None = None

    def _validity(self) -> Validity:
        if self.subject is not None:
            return self.subject.product.validity
        code = self.scan.code
        return ANY_ENTRY if code is not None and code.code.is_pass else ONE_ENTRY

    def _admits(self) -> int:
        if self.facts is not None:
            return self.facts.admits
        return 1 if self.subject is None else self.subject.product.admits

    @property
    def told(self) -> TicketFacts | Heard | None:
        """What speaks against the ticket, where its sale is not known too."""
        return self.scan.heard if self.facts is None else self.facts

    @property
    def single(self) -> bool:
        """One visit in all."""
        return self.validity.kind is ValidityKind.SINGLE

    @property
    def tracked(self) -> bool:
        """Whether it matters who is inside at the moment."""
        return self.validity.reentry is Reentry.AFTER_EXIT and self.policy.anti_passback

    def window(self) -> Window:
        """From when until when the ticket is valid: by the catalogue if it is known, else by its code."""
        if self._window is None:
            self._window = self._signed_window() if self.facts is None else self._known_window(self.facts)
        return self._window

    def window_after(self, opens: bool) -> Window:
        """The window as it is once this scan has been a first use."""
        begins_now = self.validity.start is ValidityStart.FIRST_USE and opens and not self.entries
        if self.facts is None or not begins_now:
            return self.window()
        return window(
            self.validity,
            self.facts.sold_at,
            self.scan.at,
            self.performance,
            self.zone,
            self.policy.day_ends_hour,
        )

    def _signed_window(self) -> Window:
        code = self.scan.code
        return (None, None) if code is None else (code.code.valid_from_at, code.code.valid_until_at)

    def _known_window(self, facts: TicketFacts) -> Window:
        first_use_at = self.entries[0].at if self.entries else None
        from_at, until_at = window(
            self.validity,
            facts.sold_at,
            first_use_at,
            self.performance,
            self.zone,
            self.policy.day_ends_hour,
        )
        if self._begins_by_itself:
            from_at = None
        return from_at, until_at

    @property
    def _begins_by_itself(self) -> bool:
        """A paper cannot be scanned before it was sold: only a till's clock can make it look so."""
        return (
            self.validity.kind is not ValidityKind.RANGE and self.validity.start is not ValidityStart.CALENDAR
        )

    def today(self) -> tuple[datetime, datetime]:
        """[from, until) in UTC of the local day of the scan."""
        hour = self.policy.day_ends_hour
        return day_bounds(self._day(self.scan.at), 1, self.zone, hour)

    def this_week(self) -> tuple[datetime, datetime]:
        """[from, until) in UTC of the local week (Monday first) of the scan."""
        hour = self.policy.day_ends_hour
        day = self._day(self.scan.at)
        return day_bounds(day - timedelta(days=day.weekday()), 7, self.zone, hour)

    @property
    def spent(self) -> int:
        """Uses charged so far, in people."""
        return self._count()[0]

    @property
    def cost(self) -> int:
        """What this entry would add to `spent`."""
        return self._count()[1]

    def _count(self) -> tuple[int, int]:
        if self._counts is None:
            now = Use(self.scan.at, self.scan.gate.code, people=self.scan.people)
            visits = self._visits(self.uses)
            visit = visits.get(self._visit_of(self.scan.at), ())
            spent = sum(self._charge(each) for each in visits.values())
            self._counts = spent, self._charge((*visit, now)) - self._charge(visit)
        return self._counts

    def spent_since(self, at: datetime) -> int:
        """Uses charged since an instant (the beginning of a day), in people."""
        visits = self._visits([use for use in self.uses if use.at >= at])
        return sum(self._charge(each) for each in visits.values())

    def _visits(self, uses: Sequence[Use]) -> Mapping[date | None, Sequence[Use]]:
        if not self._by_day:
            return {None: uses}
        days: dict[date | None, list[Use]] = {}
        for use in uses:
            days.setdefault(self._day(use.at), []).append(use)
        return days

    def _visit_of(self, at: datetime) -> date | None:
        return self._day(at) if self._by_day else None

    @property
    def _by_day(self) -> bool:
        """Days only matter where coming back on the same day may be free."""
        returns = self.validity.later_scans_free or self.validity.reentry is Reentry.AFTER_EXIT
        return returns and not self.single

    def _day(self, at: datetime) -> date:
        return local_day(at, self.zone, self.policy.day_ends_hour)

    def _charge(self, uses: Sequence[Use]) -> int:
        """How many people's entries of one visit use something up."""
        went_in = outside = 0
        returns_free = self.validity.reentry is Reentry.AFTER_EXIT
        for use in uses:
            if use.direction is Direction.EXIT:
                outside += use.people if returns_free else 0
                continue
            back = min(outside, use.people)
            outside -= back
            went_in += use.people - back
        return min(went_in, self.admits) if self.validity.later_scans_free else went_in

    def inside(self) -> int:
        """People inside on this visit. Who forgot to scan on leaving yesterday is not inside today; but
        whoever wants to leave may have come in yesterday."""
        if self.single or self.leaving:
            return people_inside(self.uses)
        since = self.today()[0]
        return people_inside(tuple(use for use in self.uses if use.at >= since))

    def left(self) -> int | None:
        """People's entries left in all before this scan, None = no limit."""
        limit = self.validity.use_limit
        return None if limit is None else max(0, limit * self.admits - self.spent)
