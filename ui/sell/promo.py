"""A promo code on the cart, without a window: asked for, found, refused, taken off again."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Protocol

from app.services.promos import FindPromo, PromoOffer
from domain.actor import Actor
from domain.money import Money
from ui.running import STORE, Latest, Runner, as_known
from ui.sell.cart import Cart
from ui.sell.facts import PromoFacts, Trouble


class PromoServices(Protocol):
    """What looking a code up needs."""

    @property
    def find_promo(self) -> FindPromo: ...


class PromoDesk:
    """One code per cart. It stays on the cart until the sale, or until somebody takes it off."""

    def __init__(
        self,
        services: PromoServices,
        runner: Runner,
        actor: Callable[[], Actor],
        cart: Cart,
        changed: Callable[[], None],
        may_change: Callable[[], bool],
    ) -> None:
        self._services = services
        self._finds: Latest[PromoOffer] = Latest(runner, STORE)
        self._actor = actor
        self._cart = cart
        self._changed = changed
        self._may_change = may_change
        self._facts = PromoFacts()

    def apply(self, code: str) -> None:
        """Look a code up for the cart as it is now."""
        code = code.strip()
        asking = self._facts.state == "asking"
        if not code or not self._cart.lines or asking or not self._may_change():
            return
        self._facts = PromoFacts("asking")
        self._changed()
        job = partial(self._services.find_promo, code, self._cart.priced_tickets(), self._actor())
        self._finds.ask(job, partial(self._found, code), self._refused)

    def take_off(self) -> None:
        """Sell without it after all."""
        if not self._may_change():
            return
        self._cart.drop_promo()
        self._facts = PromoFacts()
        self._changed()

    def facts(self, lang: str, currency: str) -> PromoFacts:
        """What to show now, for the cart as it is."""
        promo = self._cart.promo
        if promo is None:
            return self._facts if self._facts.state != "on" else PromoFacts()
        off = Money(sum(self._cart.discounts()), currency)
        names = {"promo": promo.name, "promo_ru": promo.name_ru or promo.name}
        nothing = Trouble("PROMO_NOT_FOR_THESE", names) if self._cart.lines and not off.minor else None
        return replace(self._facts, state="on", name=promo.named(lang), off=off, trouble=nothing)

    def _found(self, code: str, offer: PromoOffer) -> None:
        self._cart.use_promo(code, offer.promo)
        self._facts = PromoFacts("on", left=offer.left[0] if offer.left is not None else None)
        self._changed()

    def _refused(self, error: Exception) -> None:
        self._facts = PromoFacts(trouble=Trouble.of(as_known(error)))
        self._changed()
