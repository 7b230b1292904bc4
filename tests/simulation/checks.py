"""All invariants, one after the other, on what a run left behind."""

from collections import Counter
from typing import TYPE_CHECKING

from tests.simulation.invariants import (
    convergence,
    documents,
    horizon,
    journals,
    money,
    places,
    rights,
    tickets,
)
from tests.simulation.invariants.picture import Picture

if TYPE_CHECKING:
    from tests.simulation.world import World

MOST_TOLD = 12


def check(world: "World") -> Counter[int]:
    """Check everything; violations go to the world. Answers how often each invariant was looked at."""
    checked: Counter[int] = Counter({13: world.counts["order_sold"], 18: world.counts["admitted"]})
    checked[35] += world.counts["shortened"]
    picture = Picture(world)

    def tell(number: int, holds: object, text: str) -> None:
        checked[number] += 1
        if not holds and len(world.violations) < MOST_TOLD:
            world.violated(number, text)

    for module in (journals, money, places, tickets, rights, documents, convergence, horizon):
        module.check(picture, tell)
    world.kinds.update(link.kind for link in picture.entries.values())
    for file in picture.files:
        file.close()
    if world.flags["restored"]:
        checked[24] += sum(checked.values())
    if world.faults["poison_entry"] or world.faults["unknown_kind"]:
        checked[30] += 1
    if world.flags["fork"]:
        checked[23] += 1
    if world.faults["old_program"]:
        checked[22] += 1
    return checked
