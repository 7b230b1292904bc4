"""How long a sign-in lasts: a short session (the idle lock, a PIN) inside a long one (contact with the hub).

A station that has joined a hub hears of people who left and of roles that changed only by contact. So after a
day without it a person gives the password again, and after three days nothing more is sold; both spans are
the organization's. A station that works by itself has no such limits.

The wall clock cannot be trusted to say how long it was: the longest of three counts, namely the wall clock,
the clock that nobody can set (while this boot lasts), and the stamp of the newest entry, which never goes
back.
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.permissions import Permission

HOUR_MS = 3_600_000
PASSWORD_HOURS = 24
SELLING_HOURS = 72
MOST_HOURS = 24 * 365
SCRIPT_HOURS = 12
"""How long a script's session lasts without being renewed."""

STANDS_AT_THE_GATE = frozenset(
    {Permission.CHECK, Permission.ADMIT, Permission.UNDO_OWN, Permission.OVERRIDE, Permission.SEARCH}
)
"""What never stops for a session: a gate that scans goes on."""

TAKES_MONEY = frozenset(
    {
        Permission.SELL,
        Permission.REFUND,
        Permission.VOID,
        Permission.EXCHANGE,
        Permission.DISCOUNT,
        Permission.COMP,
    }
)

WHEN_SHUT_OUT = frozenset({Permission.KEYS, Permission.STATION})
"""What is left at a station that was revoked: carrying its entries away, and looking after the machine."""


class Purpose(StrEnum):
    """Who a session is for."""

    WINDOW = "window"
    SCRIPT = "script"


class Ending(StrEnum):
    """Why a session is over."""

    SIGNED_OUT = "signed_out"
    FROM_AFAR = "from_afar"
    DISABLED = "disabled"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """The organization's spans, in hours without contact."""

    password_hours: int = PASSWORD_HOURS
    selling_hours: int = SELLING_HOURS


@dataclass(frozen=True, slots=True)
class Moment:
    """A time on three clocks: wall, monotonic within a boot, and the newest stamp at the time."""

    wall_ms: int
    mono_ms: int
    boot: str
    stamp_ms: int = 0

    def passed_ms(self, now: "Moment") -> int:
        """Milliseconds from this moment to `now`, at least 0."""
        counted = max(now.wall_ms, now.stamp_ms) - max(self.wall_ms, self.stamp_ms)
        if self.boot == now.boot:
            counted = max(counted, now.mono_ms - self.mono_ms)
        return max(0, counted)


def hours_left(since: Moment | None, now: Moment, hours: int) -> float | None:
    """How long a span still lasts, negative when it is over; None = it has not begun to count."""
    return None if since is None else hours - since.passed_ms(now) / HOUR_MS


def shut_out() -> dict[Permission, str]:
    """What is out of reach at a station that was revoked: nearly everything, for everybody."""
    return dict.fromkeys(frozenset(Permission) - WHEN_SHUT_OUT, "REVOKED")


def stopped(
    policy: SessionPolicy, contact: Moment | None, proved: Moment | None, now: Moment, *, has_password: bool
) -> dict[Permission, str]:
    """What is out of reach just now, with the code of the refusal: PASSWORD_NEEDED, SELLING_STOPPED.

    `contact` is the last contact with the hub (None: works by itself, or never met it), `proved` when the
    person last gave the password here. Whoever has no password is not asked for one.
    """
    if contact is None:
        return {}
    found: dict[Permission, str] = {}
    if contact.passed_ms(now) > policy.selling_hours * HOUR_MS:
        found.update(dict.fromkeys(TAKES_MONEY, "SELLING_STOPPED"))
    latest = min(contact.passed_ms(now), proved.passed_ms(now) if proved else contact.passed_ms(now))
    if has_password and latest > policy.password_hours * HOUR_MS:
        rest = frozenset(Permission) - STANDS_AT_THE_GATE - found.keys()
        found.update(dict.fromkeys(rest, "PASSWORD_NEEDED"))
    return found
