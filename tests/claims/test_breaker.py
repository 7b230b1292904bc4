"""When a hub that failed is tried again, and what is said meanwhile: no hub, no clock."""

import threading
from collections.abc import Sequence

import pytest

from domain.claims import ClaimAsked, ClaimOutcome
from domain.errors import Fault
from sync.claim_line import LateError
from sync.claims import LONGEST_RETRY_S, Breaker, HubClaims
from tests.claims.gates import eventually

ASKED = ClaimAsked("event:1", "0123456789abcdef", "A", "1")
GRANTED = {"granted": True, "unseen": [], "claims": []}
CLAIM = {"gate": "B", "station": "aaaa0002", "at": "2026-11-21T18:44:56.000Z"}


class FakeLine:
    """Answers what it is told to; `api_1.claims` always says that there is nothing."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.closed = False

    def call(self, statement: bytes, values: Sequence[bytes], until: float) -> object:
        if not values:
            return {"items": []}
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.closed = True


class Lane:
    """Claims over lines that are there (a FakeLine) or not (a Fault, and when there are no more of them).

    The pause is the longest it may be; `open` holds the next line back while it is cleared.
    """

    def __init__(self, *lines: FakeLine | Fault) -> None:
        self.lines = list(lines)
        self.codes: list[str] = []
        self.open = threading.Event()
        self.open.set()
        self.claims = HubClaims(self._connect, Breaker(lambda: 1.0), self.codes.append, lambda _lost: None)  # type: ignore[arg-type]

    def _connect(self) -> FakeLine:
        self.open.wait(10)
        line = self.lines.pop(0) if self.lines else Fault("HUB_UNREACHABLE")
        if isinstance(line, Fault):
            raise line
        return line

    def ask(self) -> ClaimOutcome:
        return self.claims.ask(ASKED, "e1", self.claims._seconds() + 5).outcome


def test_the_pause_doubles_to_a_limit_and_starts_again_after_an_answer() -> None:
    breaker = Breaker(lambda: 1.0)
    assert not breaker.is_open
    pauses = []
    for _ in range(7):
        breaker.failed(100.0)
        pauses.append(breaker.pause(100.0))
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, LONGEST_RETRY_S, LONGEST_RETRY_S]
    assert breaker.pause(100.0 + LONGEST_RETRY_S) == 0
    breaker.worked()
    assert not breaker.is_open
    assert breaker.pause(100.0) == 0
    breaker.failed(100.0)
    assert breaker.pause(100.0) == 0.5


def test_a_hub_that_takes_no_connection_is_offline_at_once_the_second_time() -> None:
    lane = Lane(Fault("HUB_UNREACHABLE"), Fault("HUB_UNREACHABLE"))
    assert lane.ask() is ClaimOutcome.OFFLINE
    assert lane.claims.ask(ASKED, "e1", lane.claims._seconds()).outcome is ClaimOutcome.OFFLINE
    lane.claims.close()


def test_a_late_answer_closes_the_line_and_the_next_one_is_asked_on_a_new_line() -> None:
    first, second = FakeLine(LateError()), FakeLine(GRANTED)
    lane = Lane(first, second)
    lane.claims.begin()
    eventually(lambda: lane.claims._line is first)
    lane.open.clear()
    assert lane.ask() is ClaimOutcome.TIMED_OUT
    assert first.closed
    assert lane.ask() is ClaimOutcome.OFFLINE
    lane.open.set()
    eventually(lambda: lane.claims._line is second)
    assert lane.ask() is ClaimOutcome.GRANTED
    lane.claims.close()
    assert second.closed


def test_a_lock_waited_for_in_vain_is_a_time_out_and_the_line_stays() -> None:
    lane = Lane(FakeLine(Fault("HUB_BUSY"), GRANTED))
    assert lane.ask() is ClaimOutcome.TIMED_OUT
    assert lane.ask() is ClaimOutcome.GRANTED
    lane.claims.close()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"granted": False, "unseen": [], "claims": [CLAIM]}, ClaimOutcome.IN_PROGRESS),
        (
            {"granted": True, "unseen": [], "claims": [], "more": {"said": "by a newer hub"}},
            ClaimOutcome.GRANTED,
        ),
        ({"code": "REVOKED", "revoked_at": "2026-11-21T18:44:56.000Z"}, ClaimOutcome.REVOKED),
        ({"code": "NOT_IN_SCOPE", "feed": "event:1"}, ClaimOutcome.OFFLINE),
        ({"granted": False, "unseen": [], "claims": []}, ClaimOutcome.OFFLINE),
        ({"granted": True, "unseen": "none", "claims": []}, ClaimOutcome.OFFLINE),
        ({"granted": False, "unseen": [], "claims": [CLAIM | {"at": "soon"}]}, ClaimOutcome.OFFLINE),
        ({"granted": False, "unseen": [{"station": "x"}], "claims": []}, ClaimOutcome.OFFLINE),
        ([], ClaimOutcome.OFFLINE),
        (None, ClaimOutcome.OFFLINE),
    ],
)
def test_an_answer_is_read_strictly(answer: object, outcome: ClaimOutcome) -> None:
    lane = Lane(FakeLine(answer), Fault("HUB_UNREACHABLE"))
    assert lane.ask() is outcome
    assert lane.codes == ([answer["code"]] if isinstance(answer, dict) and "code" in answer else [])
    lane.claims.close()
