"""The shift screen without a window: open, look at the numbers so far, count, close, and the reports."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Literal, Protocol

from app.services.after_sale import Afterwards
from app.services.facade import FileOpener, StationFacts
from app.services.printing import PrintShift
from app.services.shifts import CloseShift, OpenShift, ShiftNow
from app.services.views import ShiftView
from app.services.views_payments import PaymentStanding
from domain.actor import Actor
from domain.clock import Clock
from domain.errors import Refusal
from domain.money import Money
from domain.shift import difference
from ui.approval.presenter import AskApproval, nobody_to_ask
from ui.running import STORE, Beat, Latest, Runner, Timers, as_known
from ui.sell.facts import Trouble
from ui.sell.paper import PRINTER
from ui.sell.tender import read_amount
from ui.shift.doubts import DoubtFacts, Doubts, open_payments

REFRESH_MS = 5000

Which = Literal["now", "last"]


class ShiftServices(Protocol):
    """The part of `app.services.facade.Services` that shifts need."""

    @property
    def clock(self) -> Clock: ...
    @property
    def facts(self) -> StationFacts: ...
    @property
    def open_shift(self) -> OpenShift: ...
    @property
    def shift_now(self) -> ShiftNow: ...
    @property
    def close_shift(self) -> CloseShift: ...
    @property
    def print_shift(self) -> PrintShift: ...
    @property
    def opener(self) -> FileOpener: ...
    @property
    def afterwards(self) -> Afterwards: ...


class ShiftStage(StrEnum):
    """What the screen is about."""

    LOADING = "loading"
    BROKEN = "broken"
    NONE = "none"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """A report: X of the open shift or Z of the last one; `both` when the other one is there too."""

    shift: ShiftView
    which: Which
    both: bool
    has_hub: bool


@dataclass(frozen=True, slots=True)
class CountFacts:
    """The count as typed, and what closing with it would mean. `counted` None = nothing readable yet."""

    text: str = ""
    counted: Money | None = None
    difference: Money | None = None
    busy: bool = False
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class ReportPaper:
    """Where the PDF of the shown report is."""

    state: Literal["none", "working", "saved", "opened", "failed"] = "none"
    file: str = ""
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class _Loaded:
    currency: str
    zone: str
    has_hub: bool
    now: ShiftView | None
    last: ShiftView | None
    doubts: Sequence[PaymentStanding] = ()


class ShiftPageView(Protocol):
    """The window as the presenter sees it."""

    def show_stage(self, stage: ShiftStage, trouble: Trouble | None) -> None: ...
    def show_opening(self, currency: str, trouble: Trouble | None, *, busy: bool) -> None: ...
    def show_report(self, report: ReportFacts | None) -> None: ...
    def show_count(self, count: CountFacts, shift: ShiftView) -> None: ...
    def show_paper(self, paper: ReportPaper) -> None: ...
    def show_doubts(self, doubts: DoubtFacts) -> None: ...


class ShiftPresenter:
    """Everything that happens on the shift screen. One per station; views come and go."""

    def __init__(
        self,
        services: ShiftServices,
        runner: Runner,
        timers: Timers,
        actor: Callable[[], Actor],
        lang: Callable[[], str],
        ask: AskApproval = nobody_to_ask,
    ) -> None:
        """`ask` asks a supervisor where an act is over somebody's limit."""
        self._services, self._ask = services, ask
        self._runner = runner
        self._actor = actor
        self._lang = lang
        self._view: ShiftPageView | None = None
        self._beat = Beat(timers, REFRESH_MS, self.refresh)
        self._loads: Latest[_Loaded] = Latest(runner, STORE)
        self._loaded: _Loaded | None = None
        self._which: Which = "now"
        self._count = CountFacts()
        self._paper = ReportPaper()
        self._opening = False
        self._open_trouble: Trouble | None = None
        self.doubts = Doubts(services, runner, actor, self._show_doubts, self.refresh)

    def attach(self, view: ShiftPageView) -> None:
        """Show everything in this view from now on."""
        self._view = view
        self._show()

    def enter(self) -> None:
        """The screen is in front: look at the numbers now and every few seconds."""
        self._beat.start()

    def leave(self) -> None:
        """The screen is not in front any more: its page may be thrown away, so nothing is shown there."""
        self._view = None
        self._beat.stop()

    def now(self) -> datetime:
        """The present time of the station, UTC."""
        return self._services.clock.now()

    def zone(self) -> str:
        """The time zone of the organization."""
        return self._loaded.zone if self._loaded is not None else "UTC"

    @property
    def stage(self) -> ShiftStage:
        """What the screen is about."""
        if self._loaded is None:
            return ShiftStage.LOADING
        return ShiftStage.OPEN if self._loaded.now is not None else ShiftStage.NONE

    # Numbers

    def refresh(self) -> None:
        """Ask for the numbers again in the background."""
        self._loads.ask(partial(_load, self._services, self._actor()), self._have, self._load_failed)

    def choose_report(self, which: Which) -> None:
        """Show the X report of this shift or the last Z report."""
        if which != self._which:
            self._which, self._paper = which, ReportPaper()
            self._show()

    def _have(self, loaded: _Loaded) -> None:
        self._loaded = loaded
        self.doubts.look(loaded.doubts)
        if self._count.text:
            self._judge(self._count.text)
        self._show()

    def _load_failed(self, error: Exception) -> None:
        if self._view is not None and self._loaded is None:
            self._view.show_stage(ShiftStage.BROKEN, Trouble.of(as_known(error)))

    # Open

    def open_shift(self, text: str) -> None:
        """Open a shift with the float that was typed; nothing typed is an empty drawer."""
        loaded = self._loaded
        if loaded is None or loaded.now is not None or self._opening:
            return
        try:
            amount = read_amount(text or "0", loaded.currency)
        except Refusal as refusal:
            self._open_refused(refusal)
            return
        self._opening, self._open_trouble = True, None
        self._show()
        job = partial(self._services.open_shift, amount.minor, self._actor())
        self._runner.submit(STORE, job, self._opened, self._open_refused)

    def _opened(self, shift: ShiftView) -> None:
        self._opening = False
        self._which, self._paper, self._count = "now", ReportPaper(), CountFacts()
        if self._loaded is not None:
            self._have(replace(self._loaded, now=shift))

    def _open_refused(self, error: Exception) -> None:
        self._opening = False
        self._open_trouble = Trouble.of(as_known(error))
        self._show()
        self.refresh()

    # Count and close

    def type_count(self, text: str) -> None:
        """The count field holds this now."""
        if text != self._count.text and not self._count.busy:
            self._judge(text)
            self._show_count()

    def close_shift(self) -> None:
        """Close with the count as typed. One act: what it means was on screen before."""
        loaded = self._loaded
        if loaded is None or loaded.now is None or self._count.busy:
            return
        try:
            counted = read_amount(self._count.text, loaded.currency)
        except Refusal as refusal:
            self._count = replace(self._count, trouble=Trouble.of(refusal))
            self._show_count()
            return
        self._close(counted.minor)

    def _close(self, counted_minor: int, approval: str | None = None) -> None:
        self._count = replace(self._count, busy=True, trouble=None)
        self._show_count()
        job = partial(self._services.close_shift, counted_minor, self._actor(), approval)
        self._runner.submit(STORE, job, self._closed, partial(self._close_refused, counted_minor))

    def _closed(self, shift: ShiftView) -> None:
        self._count, self._paper, self._which = CountFacts(), ReportPaper(), "last"
        if self._loaded is not None:
            self._have(replace(self._loaded, now=None, last=shift))

    def _close_refused(self, counted_minor: int, error: Exception) -> None:
        known = as_known(error)
        self._count = replace(self._count, busy=False, trouble=Trouble.of(known))
        self._show_count()
        if not self._ask(known, partial(self._close, counted_minor)):
            self.refresh()

    def _judge(self, text: str) -> None:
        loaded = self._loaded
        self._count = CountFacts(text)
        if loaded is None or loaded.now is None or not text.strip():
            return
        try:
            counted = read_amount(text, loaded.currency)
        except Refusal:
            return
        over = Money(difference(counted.minor, loaded.now.expected.minor), loaded.currency)
        self._count = CountFacts(text, counted, over)

    # Paper

    def open_pdf(self) -> None:
        """Make the PDF of the shown report and show it with the program the system has for PDFs."""
        self._make("opened", None)

    def save_pdf(self, folder: str) -> None:
        """Put the PDF of the shown report into this folder."""
        self._make("saved", folder)

    def _make(self, state: Literal["saved", "opened"], folder: str | None) -> None:
        report = self._report()
        if report is None or self._paper.state == "working":
            return
        self._set_paper(ReportPaper("working"))
        job = partial(
            _report_file, self._services, report.shift, self._actor(), self._lang(), folder, state == "opened"
        )
        self._runner.submit(PRINTER, job, partial(self._made, state), self._make_failed)

    def _made(self, state: Literal["saved", "opened"], file: str) -> None:
        self._set_paper(ReportPaper(state, file))

    def _make_failed(self, error: Exception) -> None:
        self._set_paper(ReportPaper("failed", trouble=Trouble.of(as_known(error))))

    def _set_paper(self, paper: ReportPaper) -> None:
        self._paper = paper
        if self._view is not None:
            self._view.show_paper(paper)

    # Showing

    def _report(self) -> ReportFacts | None:
        loaded = self._loaded
        if loaded is None:
            return None
        shifts: Sequence[tuple[Which, ShiftView | None]] = (("now", loaded.now), ("last", loaded.last))
        there = [(which, shift) for which, shift in shifts if shift is not None]
        if not there:
            return None
        which, shift = next((found for found in there if found[0] == self._which), there[0])
        return ReportFacts(shift, which, len(there) > 1, loaded.has_hub)

    def _show(self) -> None:
        view, loaded = self._view, self._loaded
        if view is None:
            return
        if loaded is not None:
            view.show_report(self._report())
            view.show_paper(self._paper)
            view.show_doubts(self.doubts.facts)
            if loaded.now is None:
                view.show_opening(loaded.currency, self._open_trouble, busy=self._opening)
            else:
                self._show_count()
        view.show_stage(self.stage, None)

    def _show_doubts(self, doubts: DoubtFacts) -> None:
        if self._view is not None:
            self._view.show_doubts(doubts)

    def _show_count(self) -> None:
        if self._view is not None and self._loaded is not None and self._loaded.now is not None:
            self._view.show_count(self._count, self._loaded.now)


def _load(services: ShiftServices, actor: Actor) -> _Loaded:
    organization = services.facts.organization()
    return _Loaded(
        organization.currency,
        organization.zone,
        services.facts.station().has_hub,
        services.shift_now(actor),
        services.shift_now.last(actor),
        open_payments(services, actor),
    )


def _report_file(
    services: ShiftServices, shift: ShiftView, actor: Actor, lang: str, folder: str | None, shown: bool
) -> str:
    file = services.print_shift(shift, actor, lang, folder)
    if shown:
        services.opener.open(file)
    return file
