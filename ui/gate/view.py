"""What the gate's presenter tells a window; and nobody, who listens while no page is on screen."""

from collections.abc import Sequence
from typing import Protocol

from app.services.facade import DeviceStatus
from ui.gate.model import Hit, Numbers, ScanLineModel, SetupModel, Trouble, VerdictModel


class GateView(Protocol):
    """What the presenter tells the window. The window decides nothing."""

    def show_listening(self) -> None:
        """Nobody stands here: ask for a code."""
        ...

    def show_deciding(self) -> None:
        """A scan takes longer than usual: whatever verdict stands there no longer counts."""
        ...

    def show_verdict(self, model: VerdictModel) -> None:
        """As large as the panel."""
        ...

    def show_troubles(self, troubles: Sequence[Trouble]) -> None:
        """The status line; empty clears it."""
        ...

    def show_scans(self, rows: Sequence[ScanLineModel]) -> None:
        """The last scans, newest first."""
        ...

    def show_numbers(self, numbers: Numbers) -> None:
        """The counters."""
        ...

    def show_devices(self, statuses: Sequence[DeviceStatus]) -> None:
        """What listens."""
        ...

    def show_setup(self, setup: SetupModel) -> None:
        """Where the gate stands, and what may be chosen."""
        ...

    def show_hits(self, hits: Sequence[Hit]) -> None:
        """Several tickets fit what was typed: offer them."""
        ...

    def refuse_entry(self, title: str, advice: str) -> None:
        """What was typed cannot be taken; said beside the field."""
        ...

    def refuse_setup(self, name: str, words: str) -> None:
        """A choice of the gate's setting cannot be kept; said beside it."""
        ...


class Nobody:
    """No page is on screen: what is said is lost, and said again when a page is attached."""

    def show_listening(self) -> None:
        """Nobody looks."""

    def show_deciding(self) -> None:
        """Nobody looks."""

    def show_verdict(self, model: VerdictModel) -> None:
        """Nobody looks."""

    def show_troubles(self, troubles: Sequence[Trouble]) -> None:
        """Nobody looks."""

    def show_scans(self, rows: Sequence[ScanLineModel]) -> None:
        """Nobody looks."""

    def show_numbers(self, numbers: Numbers) -> None:
        """Nobody looks."""

    def show_devices(self, statuses: Sequence[DeviceStatus]) -> None:
        """Nobody looks."""

    def show_setup(self, setup: SetupModel) -> None:
        """Nobody looks."""

    def show_hits(self, hits: Sequence[Hit]) -> None:
        """Nobody looks."""

    def refuse_entry(self, title: str, advice: str) -> None:
        """Nobody looks."""

    def refuse_setup(self, name: str, words: str) -> None:
        """Nobody looks."""
