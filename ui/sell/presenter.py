"""The sell screen without a window: what is chosen, what is in the cart, and what every key does.

It keeps its state when the window's page is thrown away and made again (another language, another user), so
an open cart is never lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from app.services.sell import Sold
from app.services.views import Offer, Organization, PerformanceRow, ShiftView
from domain.actor import Actor
from domain.errors import Refusal
from domain.money import Money, format_plain
from domain.order import Tender
from ui.running import STORE, Beat, Latest, Runner, Timers, as_known
from ui.sell.cart import Cart, LineKey, check_count
from ui.sell.checkout import Checkout
from ui.sell.facts import (
    Choice,
    PayFacts,
    SaleDone,
    SellServices,
    SellView,
    Stage,
    Tile,
    Trouble,
    cart_facts,
    named,
)
from ui.sell.leftovers import Leftovers
from ui.sell.loading import Loaded, load, load_offers, sections
from ui.sell.paper import PaperDesk
from ui.sell.promo import PromoDesk
from ui.sell.tender import read_amount

REFRESH_MS = 5000
"""How often numbers are looked at again while the screen is open."""

FEW = 10
"""From here on a tile says that the last places are going."""

KEYS = 12  # F1…F12


class SellPresenter:
    """Everything that happens on the sell screen. One per station; views come and go."""

    def __init__(
        self,
        services: SellServices,
        runner: Runner,
        timers: Timers,
        actor: Callable[[], Actor],
        lang: Callable[[], str],
    ) -> None:
        self._services = services
        self._runner = runner
        self._actor = actor
        self._lang = lang
        self._view: SellView | None = None
        self._beat = Beat(timers, REFRESH_MS, self.refresh)
        self._loads: Latest[Loaded] = Latest(runner, STORE)
        self._offer_loads: Latest[Sequence[Offer]] = Latest(runner, STORE)
        self._cart = Cart()
        self.checkout = Checkout(services, runner, actor, self._cart, self)
        self.promo = PromoDesk(services, runner, actor, self._cart, self._show_cart, self._may_change)
        self.paper = PaperDesk(services, runner, actor, lang, self._paper_changed)
        self._stage = Stage.LOADING
        self._organization: Organization | None = None
        self._rows: Sequence[PerformanceRow] = ()
        self._choice: Choice | None = None
        self._offers: Sequence[Offer] = ()
        self._shift: ShiftView | None = None
        self._leftovers = Leftovers(self.paper)
        self._doubts = 0
        self._notice: Trouble | None = None
        self._hindrance: Trouble | None = None
        self._opening = False
        self._pay: PayFacts | None = None
        self._done: SaleDone | None = None

    # The window's page

    def attach(self, view: SellView) -> None:
        """Show everything in this view from now on."""
        self._view = view
        self._show_all()

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
        return self._organization.zone if self._organization is not None else "UTC"

    @property
    def stage(self) -> Stage:
        """What the cashier is doing."""
        return self._stage

    @property
    def chosen(self) -> PerformanceRow | None:
        """The row of the board that is chosen."""
        return next((row for row in self._rows if Choice.of(row) == self._choice), None)

    # Numbers

    def refresh(self) -> None:
        """Ask for everything again in the background; what is on screen stays until the answer is there."""
        job = partial(load, self._services, self._actor(), self._choice)
        self._loads.ask(job, self._loaded, self._load_failed)

    def choose(self, choice: Choice) -> None:
        """Show the products of this row of the board."""
        if self.checkout.busy:
            return
        self._choice = choice
        self._offers = ()
        self._notice = None
        job = partial(load_offers, self._services, self._actor(), choice)
        self._offer_loads.ask(job, self._offered, self._load_failed)
        self._show_board()
        self._show_notice()

    def _loaded(self, loaded: Loaded) -> None:
        self._organization, self._rows, self._shift = loaded.organization, loaded.rows, loaded.shift
        self._leftovers.look(loaded.waiting)
        self._doubts = loaded.doubts
        self._hinder(None if loaded.hindrance is None else Trouble.of(loaded.hindrance))
        if self._choice is None or self.chosen is None:
            self._choice = loaded.choice
        if self._choice == loaded.choice:
            self._offers = loaded.offers
        if self._stage in {Stage.LOADING, Stage.BROKEN, Stage.NO_SHIFT, Stage.SELLING}:
            self._set_stage(Stage.SELLING if self._shift is not None else Stage.NO_SHIFT)
        self._show_board()
        self._show_tiles()
        self._show_cart()
        self._show_unprinted()

    def _offered(self, offers: Sequence[Offer]) -> None:
        self._offers = offers
        self._show_tiles()

    def _load_failed(self, error: Exception) -> None:
        trouble = Trouble.of(as_known(error))
        if self._organization is None:
            self._stage = Stage.BROKEN
            if self._view is not None:
                self._view.show_stage(self._stage, trouble)
        else:
            self._say(trouble)

    # Cart

    def add(self, number: int) -> None:
        """One more of product `number` (1…), counted as the tiles stand."""
        if self._stage is Stage.DONE and not self.checkout.dead:
            self.next_sale()
        if self._may_change() and 1 <= number <= len(self._offers):
            self._try(partial(self._cart.add, self._offers[number - 1]))

    def take_off(self, number: int) -> None:
        """One less of product `number`."""
        if self._may_change() and 1 <= number <= len(self._offers):
            key = _key_of(self._offers[number - 1])
            self._try(partial(self._cart.set_count, key, self._cart.count_of(key) - 1))

    def set_count(self, key: LineKey, count: int) -> None:
        """A stepper of the cart asks for this count."""
        if not self._may_change():
            return
        offer = next((offer for offer in self._offers if _key_of(offer) == key), None)
        if offer is not None and count > self._cart.count_of(key):
            self._try(partial(self._checked, offer, key, count))
        else:
            self._try(partial(self._cart.set_count, key, count))

    def remove(self, key: LineKey) -> None:
        """Take a line out; can be undone."""
        if self._may_change():
            self._try(partial(self._cart.remove, key))

    def empty_cart(self) -> None:
        """Take all lines out; can be undone."""
        if self._may_change():
            self._try(self._cart.empty)

    def undo(self) -> None:
        """Bring back what was removed last."""
        if self._may_change():
            self._try(self._cart.undo)

    def _checked(self, offer: Offer, key: LineKey, count: int) -> None:
        check_count(offer, count)
        self._cart.set_count(key, count)

    def _may_change(self) -> bool:
        return self._stage is Stage.SELLING and not self.checkout.busy

    def _try(self, change: Callable[[], None]) -> None:
        self._notice = None
        try:
            change()
        except Refusal as refusal:
            self._notice = Trouble.of(refusal)
        self._show_notice()
        self._show_cart()
        self._show_tiles()

    # Keys that sell

    def press_enter(self) -> None:
        """Enter: opens the pay panel, takes the payment, or begins the next sale; never on an empty cart."""
        if self.checkout.dead or self.checkout.busy:
            return
        if self._stage is Stage.SELLING:
            self.open_pay()
        elif self._stage is Stage.PAYING:
            self.checkout.take()
        elif self._stage is Stage.DONE:
            self.next_sale()

    def sell_exact(self) -> None:
        """Ctrl+Enter: exact cash, print, next sale; with nothing chosen one of the first product."""
        if self.checkout.dead or self.checkout.busy or self._organization is None:
            return
        if self._stage is Stage.DONE:
            self.next_sale()
        if self._stage is Stage.SELLING and not self._cart.lines:
            self.add(1)
        if self._cart.lines and self._stage in {Stage.SELLING, Stage.PAYING}:
            self.checkout.sell_exact(self._organization)

    def open_pay(self) -> None:
        """Slide the pay panel in; nothing happens on an empty cart."""
        if self._stage is Stage.SELLING and self._cart.lines and not self.checkout.busy:
            organization = self._organization
            if organization is not None:
                self._notice = None
                self._show_notice()
                self.checkout.begin(organization)
                self._set_stage(Stage.PAYING)

    def close_pay(self) -> None:
        """Back to the cart, which is as it was."""
        if self._stage is Stage.PAYING and not self.checkout.busy:
            self.checkout.cancel()
            self._set_stage(Stage.SELLING)

    def pay_with(self, amount: Money) -> None:
        """A quick amount was pressed: cash, this much, now."""
        self.checkout.choose_tender(Tender.CASH)
        self.checkout.type_amount(format_plain(amount))
        self.press_enter()

    def next_sale(self) -> None:
        """Leave the done view. Enter comes here only when the dead time is over; a press or Esc at once."""
        if self._stage is Stage.DONE:
            self._set_stage(Stage.SELLING)
            self._show_last()

    def take_new_prices(self) -> None:
        """After PRICE_CHANGED: show the cart at the prices of now."""
        self._notice = None
        self._runner.submit(STORE, self._present_products, self._repriced, self._load_failed)

    def confirm_date(self) -> None:
        """After CLOCK_UNCONFIRMED: the date shown is right, said once per shift."""
        self._notice = None
        job = partial(self._services.confirm_date, self._actor())
        self._runner.submit(STORE, job, lambda _shift: self.refresh(), self._load_failed)

    def _present_products(self) -> Sequence[Offer]:
        choices = {(line.event.number, line.key[1]) for line in self._cart.lines}
        actor = self._actor()
        return [
            offer
            for event, performance in sorted(choices, key=str)
            for offer in self._services.offers(event, performance, actor)
        ]

    def _repriced(self, offers: Sequence[Offer]) -> None:
        self._cart.reprice(offer.product for offer in offers)
        if self._stage is Stage.PAYING and self._organization is not None:
            self.checkout.begin(self._organization)
        self._show_notice()
        self._show_cart()
        self.refresh()

    # What the checkout tells

    def pay_changed(self, pay: PayFacts) -> None:
        """See `CheckoutListener`."""
        if pay.trouble is not None:
            pay = replace(pay, trouble=self._named(pay.trouble))
        self._pay = pay
        if self._view is not None:
            self._view.show_pay(pay)

    def sale_begun(self) -> None:
        """See `CheckoutListener`."""
        self._notice = None
        self._show_notice()
        self._show_cart()

    def sale_made(self, sold: Sold, *, express: bool) -> None:
        """See `CheckoutListener`."""
        order = sold.order
        self._done = SaleDone(
            order.order, order.receipt, order.reference, order.due, sold.change, len(order.tickets),
            self.paper.state(order.order),
        )  # fmt: skip
        self.paper.after_sale(sold)
        self._set_stage(Stage.SELLING if express else Stage.DONE)
        self._show_cart()
        self._show_last()
        self.refresh()

    def sale_refused(self, trouble: Trouble, *, express: bool) -> None:
        """See `CheckoutListener`."""
        if self._stage is Stage.PAYING:
            self.checkout.tell(trouble)
        else:
            self._say(trouble)
        self._show_cart()
        self.refresh()

    # Shift

    def open_shift(self, text: str) -> None:
        """Open a shift with the float that was typed; nothing typed is an empty drawer."""
        organization = self._organization
        if organization is None or self._opening or self._stage is not Stage.NO_SHIFT:
            return
        try:
            amount = read_amount(text or "0", organization.currency)
        except Refusal as refusal:
            self._show_opening(Trouble.of(refusal))
            return
        self._opening = True
        self._show_opening(None)
        job = partial(self._services.open_shift, amount.minor, self._actor())
        self._runner.submit(STORE, job, self._shift_opened, self._shift_refused)

    def _shift_opened(self, shift: ShiftView) -> None:
        self._opening = False
        self._shift = shift
        self._set_stage(Stage.SELLING)
        self._show_cart()
        self.refresh()

    def _shift_refused(self, error: Exception) -> None:
        self._opening = False
        self._show_opening(Trouble.of(as_known(error)))
        self.refresh()

    # Paper

    def print_paper(self) -> None:
        """Send the last sale to the system's printer."""
        if self._done is not None:
            self.paper.to_printer(self._done.order)

    def open_pdf(self) -> None:
        """Show the tickets of the last sale."""
        if self._done is not None:
            self.paper.open_pdf(self._done.order)

    def save_paper(self, folder: str) -> None:
        """Put the PDFs of the last sale into this folder."""
        if self._done is not None:
            self.paper.save(self._done.order, folder)

    def retry_paper(self) -> None:
        """Try again what failed for the last sale."""
        if self._done is not None:
            self.paper.retry(self._done.order)

    def print_waiting(self) -> None:
        """Try all jobs again that a kill or a fault left behind."""
        self._leftovers.print_all()

    def _paper_changed(self, order: str) -> None:
        if self._done is not None and self._done.order == order:
            self._done = replace(self._done, paper=self.paper.state(order))
            if self._stage is Stage.DONE and self._view is not None:
                self._view.show_done(self._done)
            self._show_last()
        self._show_unprinted()

    # Showing

    def _set_stage(self, stage: Stage) -> None:
        changed, self._stage = self._stage is not stage, stage
        if changed and self._view is not None:
            self._view.show_stage(stage, None)
            if stage is Stage.NO_SHIFT:
                self._show_opening(None)
            if stage is Stage.DONE and self._done is not None:
                self._view.show_done(self._done)

    def _show_all(self) -> None:
        view = self._view
        if view is None:
            return
        self._show_board()
        self._show_tiles()
        self._show_cart()
        self._show_last()
        self._show_notice()
        self._show_unprinted()
        if self._stage is Stage.NO_SHIFT:
            self._show_opening(None)
        if self._stage is Stage.PAYING and self._pay is not None:
            view.show_pay(self._pay)
        if self._stage is Stage.DONE and self._done is not None:
            view.show_done(self._done)
        view.show_stage(self._stage, None)

    def _show_board(self) -> None:
        if self._view is not None and self._organization is not None:
            parts = sections(self._rows, self._services.clock.now())
            self._view.show_board(parts, self._choice)

    def _show_tiles(self) -> None:
        if self._view is not None and self._organization is not None:
            tiles = [self._tile(number, offer) for number, offer in enumerate(self._offers, 1)]
            self._view.show_tiles(tiles, self.chosen)

    def _tile(self, number: int, offer: Offer) -> Tile:
        here = offer.places.here
        return Tile(
            offer=offer,
            number=number if number <= KEYS else 0,
            in_cart=self._cart.count_of(_key_of(offer)),
            few=offer.refusal is None and here is not None and here <= FEW,
        )

    def _show_cart(self) -> None:
        organization = self._organization
        if self._view is None or organization is None:
            return
        promo = self.promo.facts(self._lang(), organization.currency)
        self._view.show_cart(cart_facts(self._cart, organization, promo, frozen=self.checkout.busy))

    def _show_last(self) -> None:
        if self._view is not None:
            self._view.show_last(self._done if self._stage is not Stage.DONE else None)

    def _say(self, trouble: Trouble) -> None:
        self._notice = trouble
        self._show_notice()

    def _hinder(self, trouble: Trouble | None) -> None:
        """Something stands in the way of every sale, or no longer does: said before one begins."""
        changed, self._hindrance = self._hindrance != trouble, trouble
        if changed:
            self._show_notice()

    def _show_notice(self) -> None:
        if self._view is not None:
            shown = self._notice or self._hindrance
            self._view.show_notice(self._named(shown) if shown is not None else None)

    def _named(self, trouble: Trouble) -> Trouble:
        return named(trouble, self._offers, self._cart.lines, self._lang())

    def _show_opening(self, trouble: Trouble | None) -> None:
        if self._view is not None and self._organization is not None:
            self._view.show_opening(self._organization.currency, trouble, busy=self._opening)

    def _show_unprinted(self) -> None:
        if self._view is not None:
            own = self._done.order if self._done is not None else None
            self._view.show_unprinted(self._leftovers.facts(own))
            self._view.show_doubts(self._doubts)


def _key_of(offer: Offer) -> LineKey:
    return offer.product.number, offer.performance.number if offer.performance else None
