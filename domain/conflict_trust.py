"""Conflicts of trust: entries that cannot be believed, two files that speak as one station, one id used for
two different texts."""

from collections.abc import Sequence

from domain.conflict_acts import Witness, clock_conflicts
from domain.conflicts import Code, Finding, SubjectKind, finding, subject_of

OF_STATION = frozenset({Code.BAD_SIGNATURE, Code.REVOKED_STATION, Code.FORK})


def trust_window(code: Code, epoch: int) -> str:
    """The window of a witness against a station: one conflict for each epoch of its journal."""
    return f"{code.value}@{epoch}"


def station_conflicts(station: str, witnesses: Sequence[Witness]) -> list[Finding]:
    """CLOCK_SUSPECT per day, and BAD_SIGNATURE, REVOKED_STATION, FORK per epoch. Each stands on the first
    entry that shows it: what follows is the same thing to look at."""
    subject = subject_of(SubjectKind.STATION, station)
    firsts: dict[str, Witness] = {}
    clocks = []
    for witness in sorted(witnesses, key=lambda each: (each.hlc, each.entry_id)):
        if "@" in witness.window:
            firsts.setdefault(witness.window, witness)
        else:
            clocks.append(witness)
    found = [
        finding(Code(window.partition("@")[0]), subject, [one.entry_id], one.at_ms, window=window)
        for window, one in sorted(firsts.items())
    ]
    return [*clock_conflicts(station, clocks), *found]


def entry_conflicts(entry_id: str, witnesses: Sequence[Witness]) -> list[Finding]:
    """DUPLICATE_ID: different entries came under one id."""
    if not witnesses:
        return []
    at_ms = min(witness.at_ms for witness in witnesses)
    return [finding(Code.DUPLICATE_ID, subject_of(SubjectKind.ENTRY, entry_id), [entry_id], at_ms)]
