"""The network between stations and hub: every request and every reply may be late, lost or doubled.

`SimConnection` stands where psycopg's connection does, below the real HubClient; `SimLine` where the
gate's line for claims does. What a statement asks for is handed to the hub as a function with its
arguments.
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg

from domain.errors import Fault
from sync.claim_line import LateError
from tests.simulation.tasks import Scheduler, Waiters

TCP_TIMEOUT_MS = 15_000
CONNECT_TIMEOUT_MS = 5_000
WATCHDOG_MS = 3_000
"""How long somebody may stand idle in a transaction."""
TAKING_LOCKS = frozenset({"push", "claim", "bring", "put_documents"})
_FUNCTION = re.compile(rb"api_1\.(\w+)\(")
_LISTEN = re.compile(r'LISTEN "gatehouse ([^"]+)"')


class HubPort(Protocol):
    """A hub that answers calls: the model or PostgreSQL."""

    listeners: list[Callable[[Iterable[str]], None]]

    def call(self, role: str, function: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]: ...

    def in_vain(self, role: str, function: str, arguments: Sequence[Any]) -> str: ...


@dataclass
class Weather:
    """One station's way to the hub. Shares are of requests; `…_until_ms` are times of the world."""

    latency_ms: tuple[int, int] = (1, 12)
    lose_request: float = 0.0
    lose_reply: float = 0.0
    duplicate: float = 0.0
    straggle: float = 0.0
    busy: float = 0.0
    up_until_ms: int = 0
    down_until_ms: int = 0
    slow_until_ms: int = 0


def unwatched(_connection: object, _seconds: float) -> AbstractContextManager[None]:
    """The sync.deadline.Keeper of simulated lines: none. Whatever is waited for here ends by the time of the
    world, which stands still while the computer's goes on."""
    return nullcontext()


def lost() -> psycopg.OperationalError:
    return psycopg.OperationalError("the connection is gone")


class Network:
    """All lines of one run."""

    def __init__(
        self, world: Scheduler, hub: HubPort, chance: random.Random, count: Callable[[str], None]
    ) -> None:
        self.world, self.hub, self.chance, self.count = world, hub, chance, count
        self.weather: dict[str, Weather] = {}
        self.lines: list[SimConnection] = []
        self.shut_out: set[str] = set()
        self.hub_down_until_ms = 0
        self.hung_until_ms = 0
        self.longest_wait_ms = 0
        self.page = 1_000
        self.deaf = 0.0
        """The share of notifications that never come."""
        self.limit: int | None = None
        self.attempts: dict[str, list[int]] = {}
        self.told: Callable[[str, str, Sequence[Any], Any], None] = lambda *_: None
        hub.listeners.append(self._woken)

    @property
    def hub_down(self) -> bool:
        return self.hub_down_until_ms > self.world.now_ms

    def weather_of(self, role: str) -> Weather:
        return self.weather.setdefault(role, Weather())

    # What stations do.

    def connect(self, role: str, *, who: str = "") -> "SimConnection":
        """Open a line, or Fault as HubClient.connect raises it. `who`: whose tries are counted."""
        weather = self.weather_of(role)
        if who:
            self.attempts.setdefault(who, []).append(self.world.now_ms)
        self._latency(weather)
        blocked = max(weather.up_until_ms, weather.down_until_ms) > self.world.now_ms
        full = self.limit is not None and sum(line.role == role for line in self.lines) >= self.limit
        if blocked or self.hub_down or full:
            if blocked:
                self.world.sleep(self.chance.randint(50, CONNECT_TIMEOUT_MS))
            if full:
                self.count("connection_limit")
            raise Fault("HUB_UNREACHABLE")
        if role in self.shut_out:
            raise Fault("HUB_PASSWORD")
        line = SimConnection(self, role)
        self.lines.append(line)
        return line

    def request(
        self, line: "SimConnection", function: str, arguments: Sequence[Any]
    ) -> list[tuple[Any, ...]]:
        """One question and its answer; raises psycopg.OperationalError when either is lost."""
        weather = line.weather
        self._alive(line)
        draw = self.chance.random()
        if self._unsent(line, weather, draw, function, arguments):
            raise lost()
        self._latency(weather)
        self._alive(line)
        if self.chance.random() < weather.busy:
            self.count("lock_timeout")
            raise psycopg.errors.LockNotAvailable("busy")
        if function in TAKING_LOCKS and self.hung_until_ms > self.world.now_ms:
            began = self.world.now_ms
            self.count("waited_for_lock")
            if ended := self.hub.in_vain(line.role, function, arguments):
                self.count(ended)
            self.world.sleep(self.hung_until_ms - began)
            self.longest_wait_ms = max(self.longest_wait_ms, self.world.now_ms - began)
            self._alive(line)
        rows = self.execute(line.role, function, arguments)
        if self.chance.random() < weather.duplicate:
            self.count("duplicate")
            self.world.after(
                self.chance.randint(0, 5_000), lambda: self._again(line.role, function, arguments)
            )
        if self.chance.random() < weather.lose_reply or weather.down_until_ms > self.world.now_ms:
            self.count("lost_reply" if weather.down_until_ms <= self.world.now_ms else "partition_reply")
            self._die(line)
            raise lost()
        self._latency(weather)
        self._alive(line)
        return rows

    def _unsent(
        self, line: "SimConnection", weather: Weather, draw: float, function: str, arguments: Sequence[Any]
    ) -> bool:
        """Whether the request does not come through in time; a straggler comes through after all, later."""
        if weather.up_until_ms > self.world.now_ms:
            self.count("partition_request")
        elif draw < weather.lose_request:
            self.count("lost_request")
        elif draw < weather.lose_request + weather.straggle:
            self.count("straggler")
            late = self.chance.randint(100, 60_000)
            self.world.after(late, lambda: self._again(line.role, function, arguments))
        else:
            return False
        self._die(line)
        return True

    def _again(self, role: str, function: str, arguments: Sequence[Any]) -> None:
        """A request that its sender has given up arrives."""
        if not self.hub_down and role not in self.shut_out:
            self.execute(role, function, arguments)

    def execute(self, role: str, function: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
        rows = self.hub.call(role, function, arguments)
        self.told(role, function, arguments, rows)
        return rows

    def _die(self, line: "SimConnection") -> None:
        """The sender waits for the answer until TCP or the other side gives up."""
        try:
            self.world.sleep(self.chance.choice((5, 50, 500, 3_000, TCP_TIMEOUT_MS)))
        finally:
            line.break_off()

    def _alive(self, line: "SimConnection") -> None:
        if line.broken or self.hub_down:
            line.break_off()
            raise lost()

    def _latency(self, weather: Weather) -> None:
        ms = self.chance.randint(*weather.latency_ms)
        if weather.slow_until_ms > self.world.now_ms:
            self.count("slow")
            ms += self.chance.randint(500, 8_000)
        self.world.sleep(ms)

    # What befalls them.

    def cut(self, role: str | None = None) -> int:
        """Break all lines, or those of one station."""
        going = [line for line in self.lines if role in (None, line.role)]
        for line in going:
            line.break_off()
        return len(going)

    def _woken(self, feeds: Iterable[str]) -> None:
        told = set(feeds)
        for line in self.lines:
            if told & line.listening and not line.hint_due:
                if self.deaf and self.chance.random() < self.deaf:
                    self.count("lost_hint")
                    continue
                line.hint_due = True
                self.world.after(self.chance.randint(5, 1_500), line.hint)


class _Cursor:
    """As much of psycopg's cursor as HubClient uses."""

    def __init__(self, line: "SimConnection") -> None:
        self._line = line
        self._rows: list[tuple[Any, ...]] = []
        self.description: object = None

    def __enter__(self) -> "_Cursor":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def execute(self, statement: Any, arguments: Sequence[Any] | None) -> None:
        found = _FUNCTION.search(statement) if isinstance(statement, bytes) else None
        if found is None:
            listened = _LISTEN.fullmatch(statement.as_string(None))
            assert listened is not None
            self._line.listening.add(listened.group(1))
            return
        function = found.group(1).decode()
        plain = [getattr(value, "obj", value) for value in arguments or ()]
        if function == "push" and len(plain) == 4:
            plain = [*plain[:3], [], [], [], plain[3]]
        if function == "pull":
            plain[2] = min(plain[2], self._line.network.page)
        self._rows = self._line.network.request(self._line, function, plain)
        self.description = True

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows[0] if self._rows else None

    @contextmanager
    def copy(self, statement: str, arguments: Sequence[Any]) -> Iterator["_Cursor"]:
        """COPY … TO STDOUT: all rows come in one answer."""
        self.execute(statement.encode(), arguments)
        yield self

    def set_types(self, types: Sequence[str]) -> None:
        """The rows have them already."""

    def rows(self) -> Iterator[tuple[Any, ...]]:
        return iter(self._rows)


@dataclass(eq=False)
class SimConnection:
    """As much of psycopg.Connection as HubClient and the bells use."""

    network: Network
    role: str
    broken: bool = False
    hints: int = 0
    hint_due: bool = False
    listening: set[str] = field(default_factory=set)
    hint_waiters: Waiters = field(default_factory=list)

    @property
    def closed(self) -> bool:
        return self.broken

    @property
    def weather(self) -> Weather:
        return self.network.weather_of(self.role)

    def cursor(self, *, binary: bool = False) -> _Cursor:
        return _Cursor(self)

    def execute(self, statement: str, arguments: Sequence[Any]) -> _Cursor:
        cursor = _Cursor(self)
        cursor.execute(statement.encode(), arguments)
        return cursor

    def hint(self) -> None:
        """A notification arrives; several that were sent meanwhile are one."""
        self.hint_due = False
        self.hints += 1
        self.network.world.notify(self.hint_waiters)

    def has_hints(self) -> bool:
        return self.broken or self.hints > 0

    def notifies(self, *, timeout: float) -> Iterator[object]:
        if self.broken:
            raise lost()
        count, self.hints = self.hints, 0
        return iter(range(count))

    def break_off(self) -> None:
        if not self.broken:
            self.broken = True
            self.network.lines.remove(self)
            self.network.world.notify(self.hint_waiters)

    close = break_off


class SimLine:
    """sync.claim_line.ClaimLine over the simulated network: given up at its deadline."""

    def __init__(self, line: SimConnection, seconds: Callable[[], float]) -> None:
        self._line = line
        self._seconds = seconds

    def close(self) -> None:
        self._line.break_off()

    def call(self, statement: bytes, values: Sequence[bytes], until: float) -> object:
        found = _FUNCTION.search(statement)
        assert found is not None
        arguments: list[Any] = [value.decode() for value in values]
        if arguments:
            arguments[2] = [each for each in arguments[2][1:-1].split(",") if each]
        world, answer = self._line.network.world, []
        waiters: Waiters = []

        def ask() -> None:
            try:
                rows = self._line.network.request(self._line, found.group(1).decode(), arguments)
                answer.append(rows[0][0])
            except psycopg.errors.LockNotAvailable:
                answer.append(Fault("HUB_BUSY"))
            except psycopg.Error:
                answer.append(Fault("HUB_UNREACHABLE"))
            world.notify(waiters)

        owner = world.current.owner if world.current else None
        world.spawn("claim", ask, owner)
        left = int((until - self._seconds()) * 1000)
        if left <= 0 or not world.wait(waiters, left):
            raise LateError
        if isinstance(answer[0], Fault):
            raise answer[0]
        return answer[0]
