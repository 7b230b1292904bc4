"""Seeds that once showed a bug of the program, each with what it was."""

SEEDS = [
    62,  # a disk that takes nothing ended a lane of sync for good, when the hub had shut the station out
    80,  # a station with nothing to push did not notice that the hub was restored: recovery never ended
    121,  # the same: what the hub had forgotten was not pushed again
    23,  # an entry that this program cannot read stopped a station from joining again
    31,  # the same spoiled the catalogue of the station that issued it again
    0,  # of two contents of one id each station believed the one that came first
    2,  # the same, with money on both sides
]
