"""Input that nobody sends on purpose: random, or good input with something changed, cut, doubled, put in."""

import copy
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

ODD = "\x00\x1b\x7f\u202e\ufeff\ud800\U0001d7d8\u0401\u044f'\"\\<&>{}[]=,;:-+%\n\r\t"
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**64), 1.5, "", " ", "x" * 5000, "00", "-1", "1e9", ODD,
    [], {}, [[]], [None], {"": None}, "2026-13-45T99:99:99.000Z", "NaN",
)  # fmt: skip


def mutated_text(text: str, chance: random.Random) -> str:
    """One to four small changes to a text."""
    letters = list(text)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(letters) + 1)
        match chance.randrange(6):
            case 0:
                letters[at:at] = chance.choice(ODD)
            case 1:
                letters[at : at + 1] = chr(chance.randrange(32, 127))
            case 2:
                del letters[at : at + chance.choice([1, 1, 8, 200])]
            case 3:
                letters[at:at] = letters[at : at + chance.choice([1, 16, 400])]
            case 4:
                del letters[at:]
            case 5:
                other = chance.randrange(len(letters) + 1)
                letters[at:at] = letters[min(at, other) : max(at, other)][:64]
    return "".join(letters)


def mutated_bytes(data: bytes, chance: random.Random) -> bytes:
    """The same for bytes."""
    return mutated_text(data.decode("latin-1"), chance).encode("latin-1", "replace")


def mutated_value(value: Any, chance: random.Random) -> Any:
    """A JSON value with one to three places changed, removed or added."""
    changed = copy.deepcopy(value)
    for _ in range(chance.randint(1, 3)):
        holder = {"": changed}
        _change_somewhere(holder, chance)
        changed = holder.get("")
    return changed


def _change_somewhere(holder: Any, chance: random.Random) -> None:
    """Walk down a random way, then change what is there."""
    key: Any = ""
    while True:
        inner = holder[key]
        if isinstance(inner, dict) and inner and chance.random() < 0.8:
            holder, key = inner, chance.choice(list(inner))
        elif isinstance(inner, list) and inner and chance.random() < 0.8:
            holder, key = inner, chance.randrange(len(inner))
        else:
            break
    match chance.randrange(5):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1 if isinstance(holder[key], str):
            holder[key] = mutated_text(holder[key], chance)
        case 2 if isinstance(holder[key], int):
            holder[key] = holder[key] + chance.choice([-1, 1, 2**40])
        case 3 if isinstance(holder, dict):
            holder[chance.choice(["news", "code", "id", "sig"])] = copy.deepcopy(chance.choice(ODD_VALUES))
        case _:
            holder[key] = copy.deepcopy(chance.choice(ODD_VALUES))


@dataclass
class Tally:
    """What became of inputs: how many were taken, how many refused in words, and which took too long."""

    taken: int = 0
    refused: int = 0
    slow_ms: list[int] = field(default_factory=list)


def try_all(
    act: Callable[[Any], object],
    inputs: Iterable[Any],
    refusals: tuple[type[Exception], ...],
    limit_ms: int = 50,
) -> Tally:
    """Feed every input; anything raised that is no refusal comes out as it is. Time is the thread's own."""
    tally = Tally()
    for value in inputs:
        began = time.thread_time_ns()
        try:
            act(value)
            tally.taken += 1
        except refusals:
            tally.refused += 1
        took_ms = (time.thread_time_ns() - began) // 1_000_000
        if took_ms > limit_ms:
            tally.slow_ms.append(took_ms)
    return tally
