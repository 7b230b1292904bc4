"""What one seed is about: who is there, how scarce things are, what goes wrong. Drawn at the start, at
random, with many things left out, since a fault that is always there hides what only happens without it."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.builders import NOW

ACTIONS = {
    "sell": 10.0,
    "sell_many": 1.5,
    "print": 1.0,
    "reprint": 0.7,
    "admit": 10.0,
    "admit_twice": 2.0,
    "exit": 1.0,
    "undo": 0.7,
    "shift": 1.2,
    "edit_price": 0.4,
    "edit_capacity": 0.3,
    "edit_name": 0.3,
    "resolve": 0.6,
    "carry": 0.3,
    "cancel_event": 0.06,
    "finish_event": 0.03,
    "start_note": 0.2,
    "rare": 0.6,
    "poison": 0.1,
    "stranger": 0.2,
    "duplicate_id": 0.1,
    "check": 0.5,
}
WIDE = {
    "refund": 0.8,
    "void": 0.4,
    "exchange": 0.5,
    "new_print": 0.5,
    "reserve": 0.8,
    "pay": 1.0,
    "release": 0.3,
    "overdue": 0.2,
    "issue_value": 0.5,
    "spend_value": 1.0,
    "return_value": 0.2,
    "own_risk": 0.1,
    "later": 2.0,
    "people": 1.0,
    "card": 0.8,
    "card_answer": 0.8,
    "clear_payment": 0.4,
    "promo_sale": 0.6,
    "edit_promo": 0.1,
    "drawer": 0.1,
    "name_guest": 0.2,
    "confirm_date": 0.2,
    "practice": 0.05,
    "document": 0.4,
    "erase_document": 0.15,
}
"""What happens in some runs besides."""
FAULTS = {
    "weather": 3.0,
    "partition": 3.0,
    "one_way": 2.0,
    "flap": 1.0,
    "slow": 1.0,
    "cut": 2.0,
    "hub_crash": 1.0,
    "limit": 0.5,
    "kill": 3.0,
    "kill_step": 4.0,
    "suspend": 1.5,
    "reboot": 1.0,
    "second": 1.0,
    "full": 1.0,
    "read_only": 1.0,
    "wall": 1.5,
    "hub_clock": 0.6,
    "promote": 0.4,
    "restore": 0.4,
    "clone": 0.35,
    "lost_disk": 0.3,
    "revoke": 0.3,
    "reclaim": 0.4,
    "old_version": 0.6,
    "re_enrol": 0.3,
    "upgrade": 0.2,
    "hung": 0.6,
    "move": 0.3,
}


@dataclass
class Swarm:
    """The parameters of one seed."""

    tills: int
    gates: int
    capacity: int
    quota: int
    scope: bool
    trouble_ms: int
    gap_ms: int
    fault_gap_ms: int
    calm: bool
    skews_ms: list[int]
    drifts_ppm: list[int]
    actions: dict[str, float] = field(default_factory=dict)
    faults: dict[str, float] = field(default_factory=dict)
    far_behind: int = 20_000
    """From how many waiting entries on a station takes a snapshot."""
    slow_snapshots: bool = False
    page: int = 1_000
    """How many entries the hub gives at once."""
    weather: tuple[str, ...] = ("lose_request", "lose_reply", "duplicate", "straggle", "busy")
    """What a bad way to the hub does, two of them at a time."""
    deaf: float = 0.0
    """The share of the hub's notifications that are lost."""
    begins_at: datetime = NOW
    documents: bool = False
    """Whether documents travel: a question more at each rest."""
    jump: tuple[str, datetime] | None = None
    """A moment of the wall clocks in the first minute or two: summer time begins or ends, a day ends."""
    horizon_ms: int | None = None
    """For how long others' entries are kept whole, and their orders after an event; None: for ever."""
    matinee_ms: int = 0
    """After the beginning: when the event is over that is forgotten later."""
    overnight: bool = False
    """It is sold before it ends, as usual, and everybody sleeps until its tickets are good no more; else it
    is sold as long as they are, so that it is forgotten while others still sell."""


JUMPS = (
    ("dst", datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
    ("dst", datetime(2026, 10, 25, 1, 0, tzinfo=UTC)),
    ("midnight", datetime(2026, 11, 21, 23, 0, tzinfo=UTC)),
)
"""In the zone of the simulated house."""

FOCUSES: dict[str, dict[str, Any]] = {
    "calm": {"faults": {}, "calm": True},
    "gates": {
        "tills": 1, "gates": 3, "capacity": 60, "quota": 30, "faults": {}, "scope": False,
        "actions": {"sell": 6.0, "admit": 6.0, "admit_twice": 12.0, "undo": 1.0},
    },
    "away": {
        "tills": 1, "gates": 3, "capacity": 60, "quota": 30, "scope": False,
        "faults": {"partition": 3.0, "one_way": 3.0, "kill": 1.0},
        "actions": {
            "sell": 6.0, "admit": 6.0, "admit_twice": 9.0, "undo": 3.0, "reprint": 3.0, "cancel_event": 0.3,
        },
    },
    "scarce": {
        "tills": 4, "gates": 0, "capacity": 9, "quota": 4, "scope": False,
        "faults": {"weather": 2.0, "partition": 2.0, "cut": 2.0, "kill": 1.0},
        "actions": {"sell": 9.0, "sell_many": 2.0, "shift": 4.0, "edit_capacity": 0.3},
    },
    "network": {
        "faults": {
            "weather": 4.0, "partition": 3.0, "one_way": 3.0, "cut": 4.0, "flap": 2.0, "hub_crash": 2.0,
        },
    },
    "hub": {"tills": 3, "faults": {"restore": 3.0, "promote": 2.0, "partition": 1.0, "cut": 1.0}},
    "fork": {"tills": 3, "faults": {"clone": 2.0, "lost_disk": 1.0, "restore": 0.5, "cut": 1.0}},
    "clocks": {"faults": {"wall": 4.0, "reboot": 1.0, "kill": 1.0, "hub_clock": 0.5}},
    "revoke": {"tills": 3, "gates": 2, "faults": {"revoke": 4.0, "partition": 1.0, "cut": 1.0}},
    "poison": {
        "faults": {"old_version": 2.0, "kill": 1.0, "cut": 1.0},
        "actions": {
            "sell": 6.0, "admit": 4.0, "poison": 4.0, "duplicate_id": 3.0, "rare": 3.0, "edit_price": 1.0,
        },
    },
    "lost": {
        "tills": 3, "gates": 0, "gap_ms": 150, "fault_gap_ms": 300,
        "faults": {"lost_disk": 5.0, "weather": 3.0},
        "actions": {"sell": 9.0, "start_note": 3.0},
    },
    "doubled": {
        "tills": 3, "weather": ("duplicate", "straggle"), "faults": {"weather": 1.0}, "fault_gap_ms": 400,
    },
    "old": {
        "tills": 2, "gates": 2, "capacity": 60, "quota": 30, "scope": False,
        "faults": {"old_version": 4.0, "kill": 1.0}, "actions": {"sell": 6.0, "admit": 8.0, "undo": 6.0},
    },
    "pages": {"page": 3, "far_behind": 20_000},
    "deaf": {"deaf": 1.0, "faults": {}, "tills": 2, "gates": 2},
    "newcomers": {
        "tills": 2, "gates": 3, "capacity": 60, "quota": 30, "scope": False,
        "faults": {"re_enrol": 4.0, "lost_disk": 2.0, "weather": 1.0, "cut": 1.0},
        "actions": {"sell": 8.0, "admit": 6.0, "admit_twice": 6.0, "carry": 2.0, "print": 1.0},
    },
    "asleep": {
        "tills": 3, "gates": 0, "capacity": 4, "quota": 4, "scope": False, "gap_ms": 30_000,
        "fault_gap_ms": 60_000, "faults": {"suspend": 3.0, "reboot": 3.0, "partition": 5.0},
        "actions": {"sell": 2.0, "edit_capacity": 3.0, "start_note": 8.0},
    },
    "prints": {
        "tills": 2, "gates": 2, "capacity": 60, "quota": 30, "scope": False, "faults": {"partition": 1.0},
        "actions": {"sell": 6.0, "admit": 9.0, "reprint": 4.0, "cancel_event": 0.4},
    },
    "recovery": {
        "tills": 4, "gates": 0, "capacity": 30, "quota": 12, "scope": False,
        "faults": {"restore": 3.0, "partition": 3.0, "cut": 1.0}, "actions": {"sell": 9.0, "shift": 3.0},
    },
    "after": {
        "tills": 3, "gates": 1, "documents": True,
        "actions": {"sell": 4.0, "admit": 3.0, "shift": 4.0, **WIDE},
        "faults": {"partition": 1.0, "cut": 2.0, "kill": 1.0, "write_off": 0.4},
    },
}  # fmt: skip
"""Swarms for hunting a planted bug of one kind; what is not named is drawn."""
AS_DRAWN = ("", "horizon", "whole")
"""Nothing is named: some seeds forget, all do, none does."""


def draw(chance: random.Random, focus: str = "", *, brief: bool = False) -> Swarm:
    """Parameters for a seed; `brief`: half as much trouble as it would have."""
    drawn = _drawn(chance)
    if focus in AS_DRAWN and chance.random() < 0.4:
        drawn.actions |= {name: weight * chance.choice((0, 1, 1, 2)) for name, weight in WIDE.items()}
        drawn.documents = chance.random() < 0.5
        if drawn.faults:
            drawn.faults |= {"write_off": 0.5}
    if focus not in AS_DRAWN:
        named = FOCUSES[focus]
        drawn = replace(drawn, **named)
        everyone = drawn.tills + drawn.gates
        drawn.trouble_ms = 80 * drawn.gap_ms // everyone + 2_000
        drawn.skews_ms = [drawn.skews_ms[at % len(drawn.skews_ms)] for at in range(everyone)]
        drawn.drifts_ppm = [drawn.drifts_ppm[at % len(drawn.drifts_ppm)] for at in range(everyone)]
    if brief:
        drawn.trouble_ms //= 2
    return drawn


SETTING_UP_MS = 18_000
"""About how long it takes until everybody has read the catalogue."""


def with_horizon(drawn: Swarm, chance: random.Random, *, always: bool = False) -> Swarm:
    """Some seeds forget (tests.simulation.forgetting). Drawn apart, so that the others go as they went."""
    if not always and chance.random() >= 1 / 6:
        return drawn
    drawn.horizon_ms = chance.choice((200, 2_000, 10_000, 30_000))
    drawn.matinee_ms = SETTING_UP_MS + int(drawn.trouble_ms * chance.choice((0.3, 0.6, 1.0, 1.5)))
    drawn.overnight = chance.random() < 0.4
    drawn.actions |= {"sell_matinee": chance.choice((3.0, 6.0, 12.0))}
    drawn.faults.pop("upgrade", None)  # the older file has no table for what is kept in short
    if "restore" in drawn.faults:
        _outlasting_backups(drawn, chance)
    return drawn


def _outlasting_backups(drawn: Swarm, chance: random.Random) -> None:
    """What a backup forgets, others must have whole still: either no disk of the hub is lost, or the horizon
    is further away than the oldest backup, by clocks that are not behind."""
    if chance.random() < 0.5:
        del drawn.faults["restore"]
        return
    drawn.horizon_ms = 200_000
    drawn.skews_ms = [max(0, skew) for skew in drawn.skews_ms]
    for name in ("wall", "hub_clock"):
        drawn.faults.pop(name, None)


def _drawn(chance: random.Random) -> Swarm:
    scarce = chance.random() < 0.6
    tills, gates = chance.choice((1, 2, 2, 3, 4)), chance.choice((0, 1, 2, 2, 3))
    capacity = chance.randint(1, 14) if scarce else chance.randint(20, 200)
    everyone = tills + gates
    actions = {
        name: weight * chance.choice((0, 1, 1, 2)) if name not in {"sell", "admit"} else weight
        for name, weight in ACTIONS.items()
    }
    calm = chance.random() < 0.08
    faults = {} if calm else {name: w for name, w in FAULTS.items() if chance.random() < 0.4}
    gap_ms = chance.choice((150, 400, 1_000))
    wrong = (0, 0, 0, 0, 0, 2_000, -90_000, 3_600_000, -3_600_000, 86_400_000 * 400)
    drawn = Swarm(
        tills=tills,
        gates=gates,
        capacity=capacity,
        quota=max(1, capacity // chance.choice((1, 2, 3))),
        scope=chance.random() < 0.25,
        trouble_ms=chance.choice((60, 120, 160, 300)) * gap_ms // everyone + 2_000,
        gap_ms=gap_ms,
        fault_gap_ms=gap_ms * chance.choice((1, 2, 6)),
        calm=calm,
        skews_ms=[0 if calm else chance.choice(wrong) for _ in range(everyone)],
        drifts_ppm=[chance.choice((0, 0, 50, -100, 2_000)) for _ in range(everyone)],
        actions=actions,
        faults=faults,
    )
    if chance.random() < 0.05:  # slow enough for leases to end
        drawn.gap_ms, drawn.fault_gap_ms, drawn.trouble_ms = 15_000, 40_000, 900_000 // everyone + 300_000
    if chance.random() < 0.1:
        drawn.page = chance.choice((2, 7, 25))
    if chance.random() < 0.15:
        drawn.deaf = chance.choice((0.2, 1.0))
    if chance.random() < 0.15:
        drawn.far_behind, drawn.slow_snapshots = chance.randint(8, 60), chance.random() < 0.5
    if chance.random() < 0.15:
        drawn.jump = chance.choice(JUMPS)
        drawn.begins_at = drawn.jump[1] - timedelta(seconds=chance.randint(4, 40))
    return drawn
