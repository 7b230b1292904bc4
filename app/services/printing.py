"""From a durable sale to paper: PDFs, files, the printer, and the queue that survives a kill."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.services.access import require
from app.services.orders import codes_of
from app.services.ports import CodeSigner, FileSink, Nudge, PaperPrinter, Store, TicketRenderer
from app.services.views import OrderView, PrintJob, ShiftView
from domain.actor import Actor, Permission
from domain.entry import CASH, Draft, event_feed
from domain.errors import Fault, Refusal

DONE, FAILED, WAITING = "done", "failed", "waiting"
SERIALS_PER_ENTRY = 1000
"""What an entry of at most 64 KiB holds."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What was made: the files, and the serials whose codes are on them."""

    files: Sequence[str]
    serials: Sequence[str]


class PrintOrder:
    """Makes the PDFs of an order and puts them where they belong. Records `ticket_printed` when it worked.

    The same facts give the same codes, so printing again after a kill makes the very same ticket; what kills
    an older code is a reprint with a new print number, which is another use case.
    """

    def __init__(
        self,
        store: Store,
        signer: CodeSigner,
        renderer: TicketRenderer,
        files: FileSink,
        printer: PaperPrinter,
        nudge: Nudge,
    ) -> None:
        self._store = store
        self._signer = signer
        self._renderer = renderer
        self._files = files
        self._printer = printer
        self._nudge = nudge

    def __call__(
        self,
        order: str,
        actor: Actor,
        *,
        what: str = "tickets+receipt",
        paper: str = "A4",
        lang: str = "en",
        folder: str | None = None,
        to_printer: bool = False,
        only: Collection[str] | None = None,
    ) -> Printed:
        """Render, save and, if asked, print; `only`: serials of the tickets. The sale itself is never
        touched. Refuses ORDER_UNKNOWN, CODE_ELSEWHERE; Fault and DeviceFault as disk and printer say."""
        require(actor, Permission.PRINT)
        with self._store.read() as read:
            view = read.order(order)
        if view is None:
            raise Refusal("ORDER_UNKNOWN", text=order)
        files: list[str] = []
        serials: list[str] = []
        if "tickets" in what:
            codes = codes_of(view, self._signer)
            if only is not None:
                codes = {serial: code for serial, code in codes.items() if serial in only}
            if not codes:
                raise Refusal("CODE_ELSEWHERE", station=view.station_name)
            content = self._renderer.tickets(view, codes, paper, lang)
            files.append(self._files.save(_ticket_file(view, only), content, folder))
            serials.extend(codes)
        if "receipt" in what:
            content = self._renderer.receipt(view, view.receipt_prints, lang)
            files.append(self._files.save(f"{view.receipt}-receipt.pdf", content, folder))
        if to_printer:
            for file in files:
                self._printer.print_pdf(file, view.receipt)
        self._record(view, serials, what, "printer" if to_printer else "file", actor)
        return Printed(files, serials)

    def _record(self, view: OrderView, serials: list[str], what: str, medium: str, actor: Actor) -> None:
        feeds = {event_feed(ticket.event.number) for ticket in view.tickets} or {CASH}
        drafts = [
            Draft(
                "ticket_printed",
                tuple(feeds),
                {
                    "order": view.order,
                    "serials": serials[start : start + SERIALS_PER_ENTRY],
                    "medium": medium,
                    "receipt": "receipt" in what and start == 0,
                },
            )
            for start in range(0, max(1, len(serials)), SERIALS_PER_ENTRY)
        ]
        with self._store.begin() as work:
            work.append_many(drafts, actor, shift=view.shift)
            for job in work.read.print_jobs():
                if job.order == view.order and _parts(job.what) <= _parts(what):
                    work.set_print_job(job.job, DONE)
            work.commit()
        self._nudge()


def _ticket_file(view: OrderView, only: Collection[str] | None) -> str:
    """The name of the PDF; single tickets do not replace that of the whole order."""
    if only is None:
        return f"{view.receipt}-tickets.pdf"
    names = [f"{one.reference}-{one.print_number}" for one in view.tickets if one.serial in only]
    return f"{view.receipt}-{'-'.join(names[:3])}.pdf"


def _parts(what: str) -> frozenset[str]:
    """`tickets+receipt` taken apart."""
    return frozenset(what.split("+"))


class PrintQueue:
    """What was sold and has not reached paper yet: after a kill, a jam or a folder that was not writable."""

    def __init__(self, store: Store, print_order: PrintOrder) -> None:
        self._store = store
        self._print = print_order

    def waiting(self) -> Sequence[PrintJob]:
        """Jobs that are not done."""
        with self._store.read() as read:
            return read.print_jobs()

    def run(self, job: PrintJob, actor: Actor, *, paper: str, lang: str, to_printer: bool) -> Printed:
        """Try one job again; a fault is noted on the job and raised."""
        require(actor, Permission.PRINT)
        try:
            return self._print(job.order, actor, what=job.what, paper=paper, lang=lang, to_printer=to_printer)
        except (Fault, Refusal) as error:
            with self._store.begin() as work:
                work.set_print_job(job.job, FAILED, error.code)
                work.commit()
            raise


class PrintShift:
    """The X or Z report of a shift as a PDF."""

    def __init__(self, renderer: TicketRenderer, files: FileSink) -> None:
        self._renderer = renderer
        self._files = files

    def __call__(self, shift: ShiftView, actor: Actor, lang: str = "en", folder: str | None = None) -> str:
        """The path of the file."""
        require(actor, Permission.SHIFT)
        station = shift.station_name or shift.station
        which = f"Z-{shift.number:06d}" if shift.number is not None else f"X-{shift.shift[:8]}"
        name = f"{which} {station}.pdf"
        return self._files.save(name, self._renderer.shift_report(shift, lang), folder)
