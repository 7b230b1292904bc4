"""The settings page without a window: reads rows, keeps values, says inline what was refused."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from app.services.facade import Services
from domain.actor import Actor
from ui import messages
from ui.running import Runner, as_known
from ui.station.book import SettingModel, refusal_words, setting_rows

LOOK = "look"

GROUPS: Mapping[str, tuple[str, ...]] = {
    "look": ("lang", "theme", "sound"),
    "print": ("print.after_sale", "print.paper", "print.printer", "print.folder"),
    "gate": (
        "gate.code",
        "gate.lane",
        "gate.events",
        "gate.unknown",
        "gate.unknown_key",
        "gate.early_minutes",
        "gate.late_minutes",
        "gate.verdict_seconds",
    ),
}
"""The groups of the page and their settings, in the order in which they are shown."""


class SettingsView(Protocol):
    """What the presenter tells the window."""

    def show_settings(self, rows: Sequence[SettingModel]) -> None:
        """Fill or refill the rows."""
        ...

    def refuse(self, name: str, words: str) -> None:
        """Say beside the control why its value was not taken."""
        ...


class SettingsPresenter:
    """State of the settings page."""

    def __init__(
        self,
        services: Services,
        runner: Runner,
        actor: Callable[[], Actor],
        language: Callable[[], str],
        applied: Callable[[str, str], None] = lambda _name, _value: None,
    ) -> None:
        """`applied(name, value)` is told after a value was kept, so that the window can follow at once
        (language, theme, sound)."""
        self._services = services
        self._runner = runner
        self._actor = actor
        self._language = language
        self._applied = applied
        self._view: SettingsView
        self._open = False

    def attach(self, view: SettingsView) -> None:
        """A page was made."""
        self._view = view

    def enter(self) -> None:
        """The page is on screen: read the settings."""
        self._open = True
        self._read()

    def leave(self) -> None:
        """Another page comes; answers that are still on the way are not shown."""
        self._open = False

    def _read(self) -> None:
        names = [name for group in GROUPS.values() for name in group]
        actor = self._actor()
        self._runner.submit(
            LOOK, lambda: setting_rows(self._services.settings, names, actor), self._known, self._not_read
        )

    def keep(self, name: str, value: str) -> None:
        """Keep a value."""

        def kept(_nothing: None) -> None:
            self._read()
            self._applied(name, value)

        def refused(error: Exception) -> None:
            if self._open:
                self._view.refuse(name, refusal_words(as_known(error), self._language()))

        actor = self._actor()
        self._runner.submit(LOOK, lambda: self._services.settings.store(name, value, actor), kept, refused)

    def _known(self, rows: Sequence[SettingModel]) -> None:
        if self._open:
            self._view.show_settings(rows)

    def _not_read(self, error: Exception) -> None:
        known = as_known(error)
        said = messages.error_message(known, self._language())
        if self._open:
            self._view.refuse(str(known.params.get("name", "")), said.text or said.title)
