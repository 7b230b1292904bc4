"""What the simulation asks of a hub, whichever it is: the model in Python or the SQL in PostgreSQL."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from domain.revocation import SignedRevocation
from tests.simulation.hub_state import Invitation


class Standing(NamedTuple):
    """Where a station stands at the hub: its present epoch, how far that goes, whether it is forked."""

    epoch: int
    seq: int
    forked: bool


class Hub(Protocol):
    """A hub that answers stations (`call`) and obeys an administrator."""

    listeners: list[Callable[[Iterable[str]], None]]

    def call(self, role: str, function: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
        """What a station asks: rows as the driver would give them."""
        ...

    def in_vain(self, role: str, function: str, arguments: Sequence[Any]) -> str:
        """The same while somebody else stands in a transaction with locks: what ended it, and then nothing of
        it may stay; empty where nothing did."""
        ...

    # What the simulation looks at.

    def organization(self) -> str: ...

    def mode(self) -> str: ...

    def heads(self) -> dict[str, int]: ...

    def lease_span(self, lease: str) -> tuple[int, int] | None:
        """When a lease was granted (hub time, ms) and for how long."""
        ...

    def epochs(self, station: str) -> list[int]:
        """All epochs of a station that the hub has heard of."""
        ...

    def standings(self) -> dict[str, Standing]: ...

    def dump(self) -> dict[str, Any]: ...

    # What an administrator does.

    def invite(self, invited: Invitation) -> None: ...

    def revoke(self, signed: SignedRevocation) -> None: ...

    def reclaim(self, station: str, risk: int) -> dict[int, int]: ...

    def write_off_rights(self, station: str, risk: int, value_risk: int) -> tuple[int, int]:
        """Rights and an amount that a dead station held go back; how many and how much."""
        ...

    def write_off(self, station: str, risk: int) -> bool:
        """Stop waiting for a station after a restore; whether it was waited for."""
        ...

    def release_inbox(self) -> None: ...

    def backup(self) -> Any: ...

    def restore(self, copy: Any, revocations: Sequence[SignedRevocation]) -> None:
        """Put an older copy back, as after a disaster: revocations are told again, recovery begins."""
        ...

    def promote(self) -> None: ...

    def close(self) -> None: ...
