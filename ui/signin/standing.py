"""Looks now and then at what the signed-in person may still do: sessions end from afar, contact grows old."""

from collections.abc import Callable

from domain.actor import Actor
from domain.errors import GatehouseError, Refusal
from domain.sessions import WHEN_SHUT_OUT
from ui.running import Beat, Latest, Runner, Timers
from ui.session import Session

LOOK = "standing"
LOOK_MS = 10_000
FAULT = "standing"
OUT = ("SESSION_ENDED", "USER_DISABLED", "REVOKED")
"""What turns a person out at once."""
HALTED = ("REVOKED", "SELLING_STOPPED", "PASSWORD_NEEDED")
"""What stands in the strip until it is over, the gravest first."""


class StandingWatch:
    """Says in the strip what is out of reach for want of contact, and whoever was shut out is signed out."""

    def __init__(
        self,
        session: Session,
        runner: Runner,
        timers: Timers,
        turned_out: Callable[[GatehouseError], None],
        news: Callable[[Actor], bool] = lambda _actor: False,
    ) -> None:
        """`news` says whether a person has something to read in their account."""
        self._session, self._turned_out, self._news = session, turned_out, news
        self._answers: Latest[tuple[Actor, frozenset[str], bool]] = Latest(runner, LOOK)
        self._beat = Beat(timers, LOOK_MS, self.look)
        self._said = ""

    def start(self) -> None:
        """Begin to look."""
        self._beat.start()

    def stop(self) -> None:
        """Not any more."""
        self._beat.stop()
        self._answers.drop()

    def look(self) -> None:
        """Look now."""
        actor = self._session.actor()
        if actor.user is not None:
            self._answers.ask(lambda: (actor, codes(actor), self._news(actor)), self._known, self._failed)
        else:
            self._say("")

    def _known(self, answer: tuple[Actor, frozenset[str], bool]) -> None:
        actor, found, news = answer
        if self._session.actor() is not actor:
            return
        self._session.set_news(news)
        out = next((code for code in OUT if code in found), None)
        if out == "REVOKED" and any(actor.may(permission) for permission in WHEN_SHUT_OUT):
            out = None  # whoever looks after the machine stays; the strip says why nothing else goes
        if out is not None:
            self._say("")
            self._turned_out(Refusal(out))
        else:
            self._say(next((code for code in HALTED if code in found), ""))

    def _failed(self, _error: Exception) -> None:
        """The next look asks again; an act is refused in any case."""

    def _say(self, code: str) -> None:
        if code == self._said:
            return
        self._said = code
        if code:
            self._session.raise_fault(FAULT, Refusal(code))
        else:
            self._session.clear_fault(FAULT)


def codes(actor: Actor) -> frozenset[str]:
    """Codes of what is out of a person's reach just now."""
    return frozenset(actor.standing().stopped.values())
