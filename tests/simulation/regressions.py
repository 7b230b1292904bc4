"""Seeds that once showed a bug of the program, each with the swarm it was found in and what it was.

What a seed does changes whenever actions, faults or their weights do, so these guard less with time; each bug
has a test of its own beside them.
"""

SEEDS: list[tuple[int, str]] = [
    (62, ""),  # a disk that takes nothing ended a lane of sync for good, once the hub had shut a station out
    (80, ""),  # a station with nothing to push did not notice that the hub was restored: recovery never ended
    (23, ""),  # an entry that this program cannot read stopped a station from joining again
    (0, ""),  # of two contents of one id each station believed the one that came first
    (4, ""),  # a gate opened for an older print of a ticket whose sale it had not read
    (5, "fork"),  # an entry that came before its station's new certificate was held to be forged for ever
    (4, "newcomers"),  # a gate opened over an admission that the hub showed and that it could not check yet
    (17, "newcomers"),  # the same
    (10, "hub"),  # a snapshot left out the second content of an id
    (22, "after"),  # who reserves without the right was told to have sold or reserved, by what came first
    (41, "after"),  # the same
]
