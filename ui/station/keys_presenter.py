"""What the keys page shows: this station's own keys, and the certificates that a gate here trusts. No Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app import formats
from app.services.facade import Services
from app.services.invitations import InvitationCodes
from app.services.keys import KeyRow, OwnKeys
from domain.actor import Actor
from ui import messages
from ui.running import Latest, Runner, as_known

LOOK = "look"


@dataclass(frozen=True, slots=True)
class KeyModel:
    """A line of the table. `state` is good, soon, over or revoked; `until` is empty for an open one."""

    name: str
    key: str
    usage: Sequence[str]
    until: str
    days_left: int | None
    state: str
    own: bool


class KeysPageView(Protocol):
    """What the presenter tells the window."""

    def show_own(self, own: OwnKeys) -> None:
        """What this station speaks with."""
        ...

    def show_keys(self, rows: Sequence[KeyModel]) -> None:
        """What a gate here trusts."""
        ...

    def show_trouble(self, title: str, text: str) -> None:
        """Reading failed, or this station lacks something; empty title clears."""
        ...

    def show_codes(self, codes: InvitationCodes, zone: str) -> None:
        """An enrolment file as codes."""
        ...


class KeysPresenter:
    """State of the keys page; it only reads: own keys, certificates, an enrolment file to be shown."""

    def __init__(
        self,
        services: Services,
        runner: Runner,
        actor: Callable[[], Actor],
        language: Callable[[], str],
    ) -> None:
        self._services, self._actor, self._language = services, actor, language
        self._answers: Latest[tuple[OwnKeys, Sequence[KeyRow]]] = Latest(runner, LOOK)
        self._runner = runner
        self._view: KeysPageView | None = None

    def attach(self, view: KeysPageView) -> None:
        """A page was made."""
        self._view = view

    def enter(self) -> None:
        """The page is on screen: read everything again."""
        actor = self._actor()
        self._answers.ask(lambda: self._services.list_keys(actor), self._known, self._failed)

    def open_invitation(self, file: str) -> None:
        """Show an enrolment file as codes for another machine's camera."""
        actor, services = self._actor(), self._services

        def job() -> tuple[InvitationCodes, str]:
            return services.show_invitation(file, actor), services.facts.organization().zone

        self._runner.submit(LOOK, job, self._have_codes, self._failed)

    def _have_codes(self, answer: tuple[InvitationCodes, str]) -> None:
        if self._view is not None:
            self._view.show_trouble("", "")
            self._view.show_codes(*answer)

    def _known(self, answer: tuple[OwnKeys, Sequence[KeyRow]]) -> None:
        own, rows = answer
        if self._view is None:
            return
        self._view.show_own(own)
        self._view.show_keys([self._row(row) for row in rows])
        code = "" if own.wrapped else "NO_ROOT_KEY" if own.root is None else "NO_RECOVERY_WRAP"
        said = messages.sentence(code, {}, self._language()) if code else messages.Message("")
        self._view.show_trouble(said.title, said.text)

    def _row(self, row: KeyRow) -> KeyModel:
        until = ""
        if row.not_after is not None:
            until = formats.format_date(row.not_after, "UTC", self._language(), formats.DateStyle.SHORT)
        return KeyModel(row.name, row.key, row.usage, until, row.days_left, row.state, row.own)

    def _failed(self, error: Exception) -> None:
        if self._view is not None:
            said = messages.error_message(as_known(error), self._language())
            self._view.show_trouble(said.title, said.text)
