"""What one seed is about: who is there, how scarce things are, what goes wrong. Drawn at the start, at
random, with many things left out, since a fault that is always there hides what only happens without it."""

import random
from dataclasses import dataclass, field

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


def draw(chance: random.Random) -> Swarm:
    """Parameters for a seed."""
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
    return Swarm(
        tills=tills,
        gates=gates,
        capacity=capacity,
        quota=max(1, capacity // chance.choice((1, 2, 3))),
        scope=chance.random() < 0.25,
        trouble_ms=chance.choice((30, 80, 80, 200)) * gap_ms // everyone + 2_000,
        gap_ms=gap_ms,
        fault_gap_ms=gap_ms * chance.choice((1, 2, 6)),
        calm=calm,
        skews_ms=[0 if calm else chance.choice(wrong) for _ in range(everyone)],
        drifts_ppm=[chance.choice((0, 0, 50, -100, 2_000)) for _ in range(everyone)],
        actions=actions,
        faults=faults,
    )
