"""Control sums: does what this station has of a feed add up to what the hub has?

Asked of the hub at most once for each position of a feed and not more often than every few minutes, once the
own journal is in. An answer is as of the hub's heads; each feed is compared when this station's cursor stands
exactly there. A difference means that a table here or there is not what its entries say.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from domain.clock import Clock
from domain.errors import Fault
from sync.hub_client import HubClient
from sync.messages import Answer, Denied

SINCE_SCHEMA = "0006"
"""A hub before this revision has no control sums."""
EVERY_MS = 5 * 60 * 1000

Sums = Mapping[str, int]
"""Name of a sum (`tickets`, `admitted`, `paid:EUR:cash` …) → amount; zero sums are left out."""


@dataclass(frozen=True, slots=True)
class FeedSums:
    """What the hub has in a feed as of a position; `held` entries of it the hub cannot read."""

    feed: str
    position: int
    held: int
    sums: Sums


@dataclass(frozen=True, slots=True)
class ControlAnswer:
    """The hub's sums, and where every journal ended there at that moment: (station, epoch) → seq."""

    incarnation: str
    feeds: Sequence[FeedSums]
    tips: Mapping[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class Difference:
    """One sum of a feed that is not the same here and at the hub."""

    feed: str
    name: str
    here: int
    hub: int


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of an answer: feeds that agree, sums that differ, and feeds whose position is yet to come."""

    agree: Sequence[str] = ()
    differ: Sequence[Difference] = ()
    later: Sequence[str] = ()


class ControlBook(Protocol):
    """The station's side."""

    def positions(self) -> Mapping[str, int]:
        """How far each followed feed has been read."""
        ...

    def note_answer(self, answer: ControlAnswer) -> None:
        """Keep an answer, for `verify`."""
        ...

    def compare(self, answer: ControlAnswer) -> Compared:
        """Hold it against what is here, and remember what differs."""
        ...

    def alarm(self) -> Mapping[str, Any] | None:
        """The first difference that stands: feed, name, here, hub. None when all agreed."""
        ...


class ControlErrand:
    """Asks and compares; `run` is called whenever the outbox is empty. `differs` is told once for each feed
    that begins to differ: whoever can takes a new snapshot."""

    def __init__(
        self,
        book: ControlBook,
        clock: Clock,
        differs: Callable[[str], None] = lambda _feed: None,
        every_ms: int = EVERY_MS,
    ) -> None:
        self._book = book
        self._clock = clock
        self._differs = differs
        self._every_ms = every_ms
        self._asked_ms: int | None = None
        self._waiting: ControlAnswer | None = None
        self._settled: dict[str, int] = {}
        self._told: set[str] = set()

    def run(self, client: HubClient) -> None:
        """Ask if it is time, compare what can be compared. Raises Fault by hub_errors, HUB_REFUSED."""
        if self._waiting is None and self._is_time():
            self._ask(client)
        if self._waiting is not None:
            self._compare(self._waiting)

    def _is_time(self) -> bool:
        return self._asked_ms is None or self._clock.monotonic_ms() - self._asked_ms >= self._every_ms

    def _ask(self, client: HubClient) -> None:
        feeds = [feed for feed, at in self._book.positions().items() if at and at != self._settled.get(feed)]
        if not feeds:
            return
        self._asked_ms = self._clock.monotonic_ms()
        answer = read_control(client.control(feeds))
        if isinstance(answer, Denied):
            raise Fault("HUB_REFUSED", why=answer.code)
        self._book.note_answer(answer)
        self._waiting = answer

    def _compare(self, answer: ControlAnswer) -> None:
        found = self._book.compare(answer)
        differ = {one.feed for one in found.differ}
        for one in answer.feeds:
            if one.feed in found.agree or one.feed in differ:
                self._settled[one.feed] = one.position
        for feed in sorted(differ - self._told):
            self._differs(feed)
        self._told = (self._told - set(found.agree)) | differ
        left = [one for one in answer.feeds if one.feed in found.later]
        self._waiting = ControlAnswer(answer.incarnation, left, answer.tips) if left else None


def read_control(value: object) -> ControlAnswer | Denied:
    """The answer of api_1.control. Raises Fault HUB_REPLY."""
    if isinstance(value, Denied):
        return value
    answer = Answer(value)
    return ControlAnswer(
        answer.text("incarnation"),
        [
            FeedSums(one.text("feed"), one.number("position"), one.number("held"), _sums(one))
            for one in answer.items("feeds")
        ],
        {(one.text("station"), one.number("epoch")): one.number("seq") for one in answer.items("tips")},
    )


def control_json(answer: ControlAnswer) -> Mapping[str, Any]:
    """As the hub sent it: what `read_control` reads."""
    return {
        "incarnation": answer.incarnation,
        "feeds": [
            {"feed": one.feed, "position": one.position, "held": one.held, "sums": dict(one.sums)}
            for one in answer.feeds
        ],
        "tips": [
            {"station": station, "epoch": epoch, "seq": seq} for (station, epoch), seq in answer.tips.items()
        ],
    }


def _sums(answer: Answer) -> Sums:
    plain = answer.inner("sums").plain()
    for value in plain.values():
        if not isinstance(value, int) or isinstance(value, bool):
            raise Fault("HUB_REPLY", field="sums")
    return dict(plain)
