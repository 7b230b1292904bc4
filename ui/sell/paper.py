"""Paper after a sale: printing, opening and saving on a lane of its own, so that selling never waits for it.

A printer or folder that fails is shown with a way to try again; the sale it belongs to is never touched.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal, Protocol

from app.services.facade import FileOpener, SettingsBook
from app.services.printing import Printed, PrintOrder, PrintQueue
from app.services.sell import Sold
from app.services.views import PrintJob
from domain.actor import Actor
from domain.errors import GatehouseError
from ui.running import Runner, as_known
from ui.sell.facts import Paper, Trouble

PRINTER = "printer"
"""The lane of everything that makes or moves paper."""

BOTH = "tickets+receipt"
REMEMBERED = 200
"""Orders whose paper state is remembered; older ones are asked from the store again."""

Doing = Literal["save", "open", "print"]
_AFTER_SALE: dict[str, Doing] = {"save": "save", "open": "open", "print": "print"}


class PaperServices(Protocol):
    """The use cases that make paper."""

    @property
    def print_order(self) -> PrintOrder: ...
    @property
    def print_queue(self) -> PrintQueue: ...
    @property
    def settings(self) -> SettingsBook: ...
    @property
    def opener(self) -> FileOpener: ...


class PaperDesk:
    """Makes tickets and receipts of orders; `changed(order)` tells that `state(order)` is another."""

    def __init__(
        self,
        services: PaperServices,
        runner: Runner,
        actor: Callable[[], Actor],
        lang: Callable[[], str],
        changed: Callable[[str], None],
    ) -> None:
        self._services = services
        self._runner = runner
        self._actor = actor
        self._lang = lang
        self._changed = changed
        self._papers: dict[str, Paper] = {}
        self._jobs: dict[str, PrintJob] = {}

    def state(self, order: str) -> Paper:
        """Where the paper of an order is."""
        return self._papers.get(order, Paper())

    def working(self) -> frozenset[str]:
        """Orders whose paper is being made now."""
        return frozenset(order for order, paper in self._papers.items() if paper.state == "working")

    def after_sale(self, sold: Sold) -> None:
        """Do what the settings say happens after a sale."""
        order = sold.order
        self.waiting_job(PrintJob(sold.print_job, order.order, BOTH, "waiting", 0, None, order.sold_at))

    def waiting_job(self, job: PrintJob) -> None:
        """Do the same for a job that was left over. A setting that does not fit is told like a fault."""
        self._jobs[job.order] = job
        try:
            doing = _AFTER_SALE.get(self._services.settings.text("print.after_sale"), "save")
        except GatehouseError as error:
            self._set(job.order, Paper("failed", trouble=Trouble.of(error)))
            return
        self._start(job.order, doing, partial(self._run_job, job, doing, self._actor(), self._lang()))

    def to_printer(self, order: str) -> None:
        """Send tickets and receipt to the system's printer."""
        self._again(order, "print")

    def open_pdf(self, order: str) -> None:
        """Show the tickets with the program the system has for PDFs; made first where they are not yet."""
        files = self.state(order).files
        if files:
            self._start(order, "open", partial(self._open, files))
        else:
            self._again(order, "open")

    def save(self, order: str, folder: str) -> None:
        """Put the PDFs into a folder that was chosen."""
        self._start(order, "save", partial(self._print, order, "save", folder, self._actor(), self._lang()))

    def retry(self, order: str) -> None:
        """Try again what failed last."""
        self._again(order, self.state(order).doing)

    def _again(self, order: str, doing: Doing) -> None:
        job = self._jobs.get(order)
        actor, lang = self._actor(), self._lang()
        if job is not None:
            self._start(order, doing, partial(self._run_job, job, doing, actor, lang))
        else:
            self._start(order, doing, partial(self._print, order, doing, None, actor, lang))

    def _start(self, order: str, doing: Doing, work: Callable[[], Sequence[str]]) -> None:
        before = self.state(order)
        if before.state == "working":
            return
        self._set(order, replace(before, state="working", doing=doing, trouble=None))
        self._runner.submit(PRINTER, work, partial(self._done, order, doing), partial(self._failed, order))

    def _run_job(self, job: PrintJob, doing: Doing, actor: Actor, lang: str) -> Sequence[str]:
        paper = self._services.settings.text("print.paper")
        made = self._services.print_queue.run(job, actor, paper=paper, lang=lang, to_printer=doing == "print")
        return self._shown(made, doing)

    def _print(self, order: str, doing: Doing, folder: str | None, actor: Actor, lang: str) -> Sequence[str]:
        made = self._services.print_order(
            order,
            actor,
            paper=self._services.settings.text("print.paper"),
            lang=lang,
            folder=folder,
            to_printer=doing == "print",
        )
        return self._shown(made, doing)

    def _shown(self, made: Printed, doing: Doing) -> Sequence[str]:
        return self._open(made.files) if doing == "open" else tuple(made.files)

    def _open(self, files: Sequence[str]) -> Sequence[str]:
        self._services.opener.open(files[0])
        return tuple(files)

    def _done(self, order: str, doing: Doing, files: Sequence[str]) -> None:
        self._jobs.pop(order, None)
        state: dict[Doing, Literal["saved", "opened", "printed"]] = {
            "save": "saved", "open": "opened", "print": "printed",
        }  # fmt: skip
        self._set(order, Paper(state[doing], doing, files))

    def _failed(self, order: str, error: Exception) -> None:
        trouble = Trouble.of(as_known(error))
        self._set(order, replace(self.state(order), state="failed", trouble=trouble))

    def _set(self, order: str, paper: Paper) -> None:
        self._papers.pop(order, None)
        self._papers[order] = paper
        while len(self._papers) > REMEMBERED:
            del self._papers[next(iter(self._papers))]
        self._changed(order)
