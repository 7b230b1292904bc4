"""The practice bench without Qt: tickets to hold before the camera, a printer to jam, a network to cut."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.services.facade import Practice, PracticeTicket
from domain.errors import GatehouseError
from ui.running import STORE, Runner, as_known


@dataclass(frozen=True, slots=True)
class BenchModel:
    """What the page shows."""

    tickets: Sequence[PracticeTicket] = ()
    held: str | None = None
    jammed: bool = False
    cut: bool = False
    loaded: bool = False


class BenchView(Protocol):
    """What the presenter tells the widget."""

    def show_bench(self, model: BenchModel) -> None:
        """Show it anew."""
        ...

    def show_refusal(self, error: GatehouseError) -> None:
        """Something did not go."""
        ...


class BenchPresenter:
    """Asks the bench off the window's thread and shows what came of it."""

    def __init__(self, practice: Practice, runner: Runner) -> None:
        self._practice = practice
        self._runner = runner
        self._view: BenchView | None = None
        self.model = BenchModel()

    def attach(self, view: BenchView) -> None:
        """Show what there is, and ask again."""
        self._view = view
        view.show_bench(self.model)
        self.refresh()

    def detach(self) -> None:
        """The page goes."""
        self._view = None

    def refresh(self) -> None:
        """Ask the bench."""
        self._do(lambda: None)

    def hold(self, serial: str) -> None:
        """Hold a ticket before the camera; the one that is held is taken away."""
        if serial == self.model.held:
            self._do(self._practice.take_away)
        else:
            self._do(lambda: self._practice.hold(serial))

    def jam(self, jammed: bool) -> None:
        """Jam the printer, or clear it."""
        self._do(lambda: self._practice.jam_printer(jammed=jammed))

    def cut(self, cut: bool) -> None:
        """Cut the network, or mend it."""
        self._do(lambda: self._practice.cut_network(cut=cut))

    def _do(self, act: Callable[[], None]) -> None:
        def job() -> BenchModel:
            act()
            bench = self._practice
            return BenchModel(tuple(bench.tickets()), bench.held, bench.is_jammed, bench.is_cut, loaded=True)

        self._runner.submit(STORE, job, self._came, self._failed)

    def _came(self, model: BenchModel) -> None:
        self.model = model
        if self._view is not None:
            self._view.show_bench(model)

    def _failed(self, error: Exception) -> None:
        if self._view is not None:
            self._view.show_refusal(as_known(error))
