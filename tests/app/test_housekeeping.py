"""What a running station does for itself: every chore gets its turn, whatever becomes of the others."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from app.build_people import housekeeping
from app.housekeeping import Housekeeping
from app.settings import Settings
from domain.clock import to_ms
from domain.errors import Fault
from tests.store.station import Station


def test_one_chore_that_cannot_does_not_keep_the_others_from_theirs() -> None:
    done: list[str] = []

    def full() -> int:
        done.append("full")
        raise Fault("DISK_FULL", folder="x", bytes=1)

    def works() -> int:
        done.append("works")
        return 3

    keeping = Housekeeping([("full", full), ("works", works)])
    for _ in range(2):
        keeping.look()
    assert done == ["full", "works"] * 2


def test_it_looks_by_itself_again_and_again_until_it_is_stopped() -> None:
    looked, seen = threading.Event(), []

    def chore() -> int:
        seen.append(1)
        if len(seen) == 3:
            looked.set()
        return 0

    keeping = Housekeeping([("chore", chore)], first_s=0.001, every_s=0.001)
    keeping.start()
    keeping.start()
    assert looked.wait(10)
    keeping.stop()
    count = len(seen)
    keeping.stop()
    assert len(seen) == count


def test_one_that_was_never_started_is_stopped_all_the_same() -> None:
    Housekeeping([]).stop()


def test_a_long_chore_hears_of_the_end_and_no_other_is_begun() -> None:
    done: list[str] = []
    stopping = threading.Event()

    def long() -> int:
        while not stopping.is_set():
            done.append("piece")
            keeping.stop()
        return len(done)

    def never() -> int:
        done.append("begun")
        return 1

    keeping = Housekeeping([("long", long), ("next", never)], stopping=stopping)
    keeping.look()
    assert done == ["piece"]


def test_how_long_ago_things_are_is_not_said_by_a_wall_clock_that_somebody_has_just_set(
    tmp_path: Path,
) -> None:
    station = Station(tmp_path / "station", 1)
    store, asked = station.store, []
    sync, services = SimpleNamespace(is_away=lambda: False), SimpleNamespace(erase_due=lambda actor: 0)

    def noted(name: str) -> Callable[..., int]:
        def note(now_ms: int, days: int, **_: Any) -> int:
            asked.append((name, now_ms, days))
            return 0

        return note

    store.horizon.shorten = noted("shorten")  # type: ignore[method-assign]
    store.forgetting.forget = noted("forget")  # type: ignore[method-assign]
    keeping = housekeeping(store, services, sync, Settings(tmp_path, {}))  # type: ignore[arg-type]
    keeping.look()
    assert asked == [], "the hub has not said what time it is"
    store.note_hub_time(0)
    now_ms = to_ms(station.clock.now())
    station.clock.set_wall(station.clock.now().replace(year=2099))
    keeping.look()
    assert asked == [("shorten", now_ms, 14), ("forget", now_ms, 30)]
    store.close()
