"""The orders screen without a window: search, scan, one order whole, and its paper."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal, Protocol

from app.services.facade import FileOpener, SettingsBook, StationFacts
from app.services.orders import FindOrders
from app.services.printing import PrintOrder, PrintQueue
from app.services.views import OrderRow, OrderView
from domain.actor import Actor, Permission
from domain.clock import Clock
from domain.ticket_code import NotATicketCodeError, decode
from ui.running import STORE, Beat, Latest, Runner, Timers, as_known
from ui.sell.facts import Paper, Trouble
from ui.sell.paper import PaperDesk

REFRESH_MS = 5000
LIMIT = 50


class OrderServices(Protocol):
    """The part of `app.services.facade.Services` that the orders screen needs."""

    @property
    def clock(self) -> Clock: ...
    @property
    def facts(self) -> StationFacts: ...
    @property
    def find_orders(self) -> FindOrders: ...
    @property
    def print_order(self) -> PrintOrder: ...
    @property
    def print_queue(self) -> PrintQueue: ...
    @property
    def settings(self) -> SettingsBook: ...
    @property
    def opener(self) -> FileOpener: ...


@dataclass(frozen=True, slots=True)
class ListFacts:
    """The list: rows found, what was searched for, and which order is open. `more`: there may be others."""

    rows: Sequence[OrderRow]
    text: str
    chosen: str | None
    more: bool
    loaded: bool
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class DetailFacts:
    """One order. `print_refusal` says why its tickets cannot be printed here (a code), None when they can.
    `marked` is the serial of a ticket that was scanned or typed."""

    order: OrderView
    has_hub: bool
    print_refusal: Literal["NO_LIVE_TICKET", "CODE_ELSEWHERE", "NOT_ALLOWED"] | None
    paper: Paper
    marked: str | None


class OrdersView(Protocol):
    """The window as the presenter sees it."""

    def show_list(self, found: ListFacts) -> None: ...
    def show_detail(self, detail: DetailFacts | None) -> None: ...
    def show_notice(self, trouble: Trouble | None) -> None: ...


@dataclass(frozen=True, slots=True)
class _Found:
    rows: Sequence[OrderRow]
    zone: str


@dataclass(frozen=True, slots=True)
class _Shown:
    order: OrderView
    printable: bool
    has_hub: bool


class OrdersPresenter:
    """Everything that happens on the orders screen. One per station; views come and go."""

    def __init__(
        self,
        services: OrderServices,
        runner: Runner,
        timers: Timers,
        actor: Callable[[], Actor],
        lang: Callable[[], str],
    ) -> None:
        self._services = services
        self._runner = runner
        self._actor = actor
        self._view: OrdersView | None = None
        self._beat = Beat(timers, REFRESH_MS, self.refresh)
        self._searches: Latest[_Found] = Latest(runner, STORE)
        self._looks: Latest[_Shown] = Latest(runner, STORE)
        self._scans: Latest[tuple[_Shown, str | None]] = Latest(runner, STORE)
        self.paper = PaperDesk(services, runner, actor, lang, self._paper_changed)
        self._rows: Sequence[OrderRow] = ()
        self._zone = "UTC"
        self._text = ""
        self._loaded = False
        self._list_trouble: Trouble | None = None
        self._notice: Trouble | None = None
        self._shown: _Shown | None = None
        self._chosen: str | None = None
        self._marked: str | None = None

    def attach(self, view: OrdersView) -> None:
        """Show everything in this view from now on."""
        self._view = view
        self._show_list()
        self._show_detail()
        view.show_notice(self._notice)

    def enter(self) -> None:
        """The screen is in front: look now and every few seconds."""
        self._beat.start()

    def leave(self) -> None:
        """The screen is not in front any more: its page may be thrown away, so nothing is shown there."""
        self._view = None
        self._beat.stop()

    def now(self) -> datetime:
        """The present time of the station, UTC."""
        return self._services.clock.now()

    def zone(self) -> str:
        """The time zone of the organization, once the list is there."""
        return self._zone

    @property
    def text(self) -> str:
        """What is searched for."""
        return self._text

    # Searching

    def search(self, text: str) -> None:
        """Find by reference, receipt, ticket reference or serial; empty text: the latest."""
        self._text = text.strip()
        self._notice = None
        self._show_notice()
        self.refresh()

    def refresh(self) -> None:
        """Ask for the list, and the open order, again."""
        self._searches.ask(partial(self._find, self._text, self._actor()), self._found, self._search_failed)
        if self._chosen is not None:
            self._look(self._chosen)

    def _find(self, text: str, actor: Actor) -> _Found:
        rows = self._services.find_orders.find(text, actor, LIMIT)
        return _Found(rows, self._services.facts.organization().zone)

    def _found(self, found: _Found) -> None:
        rows = found.rows
        self._rows, self._zone, self._loaded, self._list_trouble = rows, found.zone, True, None
        self._show_list()
        if self._text and len(rows) == 1 and self._chosen != rows[0].order:
            self.open(rows[0].order)

    def _search_failed(self, error: Exception) -> None:
        self._rows, self._loaded = (), True
        self._list_trouble = Trouble.of(as_known(error))
        self._show_list()

    def scan(self, text: str) -> None:
        """A scanned ticket or receipt: open its order."""
        self._looks.drop()
        self._scans.ask(partial(self._by_code, text, self._actor()), self._scanned, self._look_failed)

    def _by_code(self, text: str, actor: Actor) -> tuple[_Shown, str | None]:
        order = self._services.find_orders.by_code(text, actor)
        return self._whole(order), serial_of(text)

    def _scanned(self, found: tuple[_Shown, str | None]) -> None:
        shown, self._marked = found
        self._notice = None
        self._show_notice()
        self._have(shown)

    def _look_failed(self, error: Exception) -> None:
        self._notice = Trouble.of(as_known(error))
        self._show_notice()

    # One order

    def open(self, order: str) -> None:
        """Show this order."""
        self._marked = None
        self._look(order)

    def close(self) -> bool:
        """Back to the list alone; False when no order was open."""
        was_open, self._chosen = self._chosen is not None, None
        self._shown = None
        self._looks.drop()
        self._show_list()
        self._show_detail()
        return was_open

    def _look(self, order: str) -> None:
        self._chosen = order
        actor = self._actor()
        self._looks.ask(partial(self._show_order, order, actor), self._have, self._look_failed)

    def _show_order(self, order: str, actor: Actor) -> _Shown:
        return self._whole(self._services.find_orders.show(order, actor))

    def _whole(self, order: OrderView) -> _Shown:
        codes = self._services.find_orders.codes(order)
        return _Shown(order, bool(codes), self._services.facts.station().has_hub)

    def _have(self, shown: _Shown) -> None:
        self._shown, self._chosen = shown, shown.order.order
        self._show_list()
        self._show_detail()

    # Paper

    def print_again(self) -> None:
        """Send the same print to the system's printer."""
        if self._shown is not None and self._print_refusal(self._shown) is None:
            self.paper.to_printer(self._shown.order.order)

    def open_pdf(self) -> None:
        """Show the tickets with the program the system has for PDFs."""
        if self._shown is not None and self._print_refusal(self._shown) is None:
            self.paper.open_pdf(self._shown.order.order)

    def save_pdf(self, folder: str) -> None:
        """Put the PDFs into this folder."""
        if self._shown is not None and self._print_refusal(self._shown) is None:
            self.paper.save(self._shown.order.order, folder)

    def retry_paper(self) -> None:
        """Try again what failed."""
        if self._shown is not None:
            self.paper.retry(self._shown.order.order)

    def _paper_changed(self, order: str) -> None:
        if self._shown is not None and self._shown.order.order == order:
            self._show_detail()
            if self.paper.state(order).state != "working":
                self._look(order)

    def _print_refusal(
        self, shown: _Shown
    ) -> Literal["NO_LIVE_TICKET", "CODE_ELSEWHERE", "NOT_ALLOWED"] | None:
        if not self._actor().may(Permission.PRINT):
            return "NOT_ALLOWED"
        if all(ticket.state == "cancelled" for ticket in shown.order.tickets):
            return "NO_LIVE_TICKET"
        return None if shown.printable else "CODE_ELSEWHERE"

    # Showing

    def _show_list(self) -> None:
        if self._view is not None:
            self._view.show_list(
                ListFacts(
                    self._rows,
                    self._text,
                    self._chosen,
                    len(self._rows) >= LIMIT,
                    self._loaded,
                    self._list_trouble,
                )
            )

    def _show_detail(self) -> None:
        if self._view is None:
            return
        shown = self._shown
        if shown is None:
            self._view.show_detail(None)
            return
        self._view.show_detail(
            DetailFacts(
                shown.order,
                shown.has_hub,
                self._print_refusal(shown),
                self.paper.state(shown.order.order),
                self._marked,
            )
        )

    def _show_notice(self) -> None:
        if self._view is not None:
            self._view.show_notice(self._notice)


def serial_of(text: str) -> str | None:
    """The serial inside a scanned ticket, None for any other text."""
    try:
        return decode(text.strip()).code.serial
    except NotATicketCodeError:
        return None
