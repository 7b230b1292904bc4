"""PIN verifiers and the count of failed attempts, each durable before anybody acts on it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from app.store.core import StoreCore
from app.store.reads_base import at_or_none
from app.store.schema import PIN
from domain.clock import to_ms


class StorePins:
    """See app.services.ports.PinBook."""

    def __init__(self, core: StoreCore) -> None:
        self._core = core

    def verifier(self, user: str) -> str | None:
        """The verifier of a person, None when there is no PIN here."""
        row = self._row(user)
        return None if row is None else row.verifier

    def failures(self, user: str) -> tuple[int, datetime | None]:
        """Failed attempts since the last success, and until when the person is locked out."""
        row = self._row(user)
        return (0, None) if row is None else (row.failures, at_or_none(row.locked_until_ms))

    def held_until(self, user: str) -> tuple[str, int] | None:
        """The end of the lock on the monotonic clock: boot id and milliseconds; None when not locked."""
        row = self._row(user)
        return None if row is None or row.locked_boot is None else (row.locked_boot, row.locked_mono_ms)

    def failed(
        self, user: str, locked_until: datetime | None, held_until: tuple[str, int] | None = None
    ) -> int:
        """Count a failure durably; answers how many there are now."""
        lock = _lock(locked_until, held_until)
        with self._core.writing() as work:
            statement = insert(PIN)
            work.connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["user"], set_={"failures": PIN.c.failures + 1, **lock}
                ),
                {"user": user, "verifier": None, "failures": 1, **lock},
            )
            count: int = work.connection.execute(
                select(PIN.c.failures).where(PIN.c.user == user)
            ).scalar_one()
            work.commit()
        return count

    def lock(self, user: str, locked_until: datetime, held_until: tuple[str, int]) -> None:
        """Move a lock to another end without counting anything."""
        with self._core.writing() as work:
            work.connection.execute(
                PIN.update().where(PIN.c.user == user).values(**_lock(locked_until, held_until))
            )
            work.commit()

    def succeeded(self, user: str) -> None:
        """Forgive the failures."""
        with self._core.writing() as work:
            work.connection.execute(
                PIN.update().where(PIN.c.user == user).values(failures=0, **_lock(None, None))
            )
            work.commit()

    def verifiers(self) -> list[tuple[str, str | None, int]]:
        """Person, verifier and failures of everybody: for a store that takes this one's place."""
        with self._core.reading() as connection:
            rows = connection.execute(select(PIN.c.user, PIN.c.verifier, PIN.c.failures)).all()
        return [(row.user, row.verifier, row.failures) for row in rows]

    def take_over(self, verifiers: Sequence[tuple[str, str | None, int]]) -> None:
        """Keep the PINs of the store whose place this one has taken; those that are here already stay."""
        with self._core.writing() as work:
            for user, verifier, failures in verifiers:
                work.connection.execute(
                    insert(PIN).on_conflict_do_nothing(),
                    {"user": user, "verifier": verifier, "failures": failures, **_lock(None, None)},
                )
            work.commit()

    def _row(self, user: str) -> Any:
        with self._core.reading() as connection:
            return connection.execute(select(PIN).where(PIN.c.user == user)).first()


def _lock(until: datetime | None, held_until: tuple[str, int] | None) -> dict[str, str | int | None]:
    boot, mono_ms = held_until or (None, None)
    return {
        "locked_until_ms": None if until is None else to_ms(until),
        "locked_boot": boot,
        "locked_mono_ms": mono_ms,
    }
