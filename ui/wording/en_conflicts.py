"""English words for conflicts: what it is, what it means, the suggested way out."""

from ui.wording import Table

CONFLICTS: Table = {
    "DUP_ADMISSION": (
        "Let in more than once",
        "One ticket opened more gates than its rules allow; the gates could not ask each other at the time.",
        "If two people are inside on it, ask both for the receipt; if one scan was a slip, undo it.",
    ),
    "ADMITTED_AFTER_CANCEL": (
        "Let in after the cancellation",
        "The gate had not heard that the event was cancelled.",
        "Tell the guest and the gate, then note what was done.",
    ),
    "ADMITTED_AFTER_REFUND": (
        "Let in although refunded",
        "The gate let the ticket in and a till gave its money back; neither knew of the other.",
        "Find out whether the guest was inside. If so, ask for the money again; if not, undo the admission.",
    ),
    "PAID_TWICE": (
        "Paid twice",
        "Two tills took money for the same order; they could not ask each other.",
        "Give one of the payments back, to whoever paid last.",
    ),
    "PAID_AFTER_RELEASE": (
        "Paid although given up",
        "The reservation was paid at one till and given up at another, so its places may be sold again.",
        "The guest has paid and may come in. Check that there is a place, or give the money back.",
    ),
    "REFUND_TWICE": (
        "Refunded twice",
        "Money for the same ticket was given back more than once.",
        "Ask the guest for the second amount, or write it off, and note what was done.",
    ),
    "VALUE_OVERSPENT": (
        "Gift card overspent",
        "More was taken from a gift card than was on it: a till took it while the hub was away.",
        "The difference is the risk that was accepted. Note it, or ask the guest for it.",
    ),
    "ADMITTED_AFTER_REPRINT": (
        "Old print let in",
        "A newer print had replaced this one; the gate had not heard of it.",
        "Two papers of one ticket are about. Take the old one in, and watch for the new one at the gates.",
    ),
    "UNKNOWN_TICKET": (
        "Let in without a known sale",
        "The signature was good, but no sale of this ticket has arrived here yet.",
        "Let the till that sold it sync: the conflict goes by itself. If no till has it, call a technician.",
    ),
    "SOLD_AFTER_CANCEL": (
        "Sold after the cancellation",
        "The till had not heard that the event was cancelled.",
        "Find the guest and give the money back.",
    ),
    "PRICE_STALE": (
        "Sold at an old price",
        "The till had not heard of the new price.",
        "The sale stands. Settle the difference only if the guest asks, and sync the till.",
    ),
    "SEAT_TWICE": (
        "One seat sold twice",
        "Several tickets name the same seat.",
        "Offer the later guest another seat, or the money back.",
    ),
    "LEASE_OVERRUN": (
        "More sold than there are places",
        "Together the tills have sold more than there is, or a till sold places that were not its own.",
        "Make room, or offer the latest guests another performance or the money back.",
    ),
    "LEASE_SLOT_REUSED": (
        "Places given out twice",
        "Two orders hold the same numbered places, as if a till's data had been copied or restored.",
        "Check whether two machines run with the same data folder, and count the places.",
    ),
    "USER_NOT_ALLOWED": (
        "Done without the right to",
        "The roles of this person do not allow what was done in their name.",
        "Ask the person. Change their roles, or their PIN if it was somebody else.",
    ),
    "CATALOGUE_CLASH": (
        "Changed twice at once",
        "Two people changed the same field without seeing each other's change; the later one holds.",
        "Decide which value is right, and set it once more if need be.",
    ),
    "CLOCK_SUSPECT": (
        "A clock is wrong",
        "This station's clock was more than ten minutes away from the hub's.",
        "Set its date and time, and switch automatic time on.",
    ),
}
