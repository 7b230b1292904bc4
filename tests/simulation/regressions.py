"""Seeds that once showed a bug of the program, each with the swarm it was found in and what it was.

What a seed does changes whenever actions, faults or their weights do, so these guard less with time; each bug
has a test of its own beside them. Those that forget today did not when they were found: "whole".
"""

SEEDS: list[tuple[int, str]] = [
    (62, ""),  # a disk that takes nothing ended a lane of sync for good, once the hub had shut a station out
    (80, ""),  # a station with nothing to push did not notice that the hub was restored: recovery never ended
    (23, ""),  # an entry that this program cannot read stopped a station from joining again
    (0, "whole"),  # of two contents of one id each station believed the one that came first
    (4, ""),  # a gate opened for an older print of a ticket whose sale it had not read
    (5, "fork"),  # an entry that came before its station's new certificate was held to be forged for ever
    (4, "newcomers"),  # a gate opened over an admission that the hub showed and that it could not check yet
    (17, "newcomers"),  # the same
    (10, "hub"),  # a snapshot left out the second content of an id
    (22, "after"),  # who reserves without the right was told to have sold or reserved, by what came first
    (41, "after"),  # the same
    (2025, ""),  # a snapshot lost one content of an id that the organization and an event know differently
    (2078, ""),  # the same
    (5078, ""),  # an own entry that an older program could not read was missing in tables computed anew
    (5473, ""),  # the same when its station joined again: issued again, it was in no table
    (5346, ""),  # doubled or of a revoked station: what an entry was set aside as hung on what came first
    (5370, ""),  # a refund fell over a sale whose id had another content in the own journal
    (5948, ""),  # what the hub had confirmed while the disk took nothing was never asked for again
    (5966, ""),  # a snapshot lost what an entry known here did to a sale, if the organization had its id, too
    (7268, ""),  # of a cancelled event, let in on trust: its sale was known, its product was not
    (10339, ""),  # of a cancelled event that itself was outvoted, let in on trust: its facts were not asked
    (10547, "whole"),  # the same
    (10863, ""),  # the same
    (7325, ""),  # a second process on the folder did not know a certificate that the first had read
    (7517, ""),  # no bug: behind a gap that nobody fills any more, which the model of the hub did not release
    (11603, "whole"),  # a snapshot counted an admission that the organization's feed had taken back before
    (14279, ""),  # off a stick came what a hub put back to before its station's certificate could not check
    (14764, ""),  # a right that was given up came back when another content outvoted the entry that said so
    (15226, ""),  # a recovery did not end where the last station that it waited for was revoked
    (15645, ""),  # the hub's time was noted after the wall clock by which it was measured had been set
    (5152, ""),  # no bug: what a stick brought under an id that the hub knows with another content only
    (5314, ""),  # no bug: a place sold by two copies of one file, of which one gave it back
    (5512, ""),  # no bug: a shift closed without a sale that another content under its id outvotes
    (5819, ""),  # no bug: out of a cancelled event, with a ticket that was let in on trust
    (10560, ""),  # no bug: what a lost disk had sent after all, issued again: on two disks, counted twice
    (12308, ""),  # no bug: a stamp a year ahead, read before the own clock went as far ahead
    (12977, ""),  # the same
    (15681, ""),  # the same, back in the present while its stamps stay ahead
    (13666, ""),  # the same, of a station whose first stamp was of a clock far ahead
    (13194, ""),  # no bug: a terminal said yes to what it was asked before its station joined again
    (14857, ""),  # no bug: a shift that went on in the next epoch, whose receipts count from one again
]
