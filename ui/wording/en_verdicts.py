"""English words of the verdicts: the word shown largest, the reason, what to do."""

from ui.wording import Table

VERDICTS: Table = {
    "UNREADABLE": ("Not a ticket", "This code is not one of ours.", "Scan the QR code on the ticket."),
    "PRACTICE": (
        "Practice ticket",
        "It was made for training and admits nobody.",
        "Ask for the real ticket.",
    ),
    "UNKNOWN_KEY": (
        "Unknown till",
        "Signed by a till that this gate has not heard of.",
        "Check the sync badge, then look up the order or call a supervisor.",
    ),
    "FORGED": (
        "Not genuine",
        "The signature does not hold[: {reason}].",
        "Do not let in. Keep the ticket and call a supervisor.",
    ),
    "WRONG_EVENT": (
        "Another event",
        "This ticket is for {event}[, {starts_at}].",
        "Show the way to the right door, or the right day.",
    ),
    "UNKNOWN": (
        "Unknown ticket",
        "Genuine, but this gate has no record of it.",
        "Check the sync badge, then look up the order.",
    ),
    "UNKNOWN_ADMITTED": (
        "Come in",
        "A genuine ticket, not known at this gate yet.",
        "Nothing to do: the sale arrives with the next sync.",
    ),
    "UNKNOWN_KEY_ADMITTED": (
        "Come in",
        "Signed by a till that this gate has not heard of.",
        "Let in by the rule of this gate. Tell a supervisor if it happens often.",
    ),
    "REPLACED": (
        "Replaced",
        "A newer print exists[, made {at}][ at {where}].",
        "Ask for the newer print; this one is void.",
    ),
    "CANCELLED": ("Cancelled", "{reason}[, {at}].", "Send the guest to the ticket counter."),
    "REFUNDED": ("Refunded", "The money was given back[ {at}].", "Send the guest to the ticket counter."),
    "UNPAID": ("Not paid", "{amount} is still to be paid.", "Take the money at the ticket counter."),
    "BLOCKED": ("Blocked", "This ticket is on the block list[: {reason}].", "Call a supervisor."),
    "TOO_EARLY": (
        "Too early",
        "Admission opens {opens_at}[, in {minutes|minute|minutes}].",
        "Ask the guest to come back then.",
    ),
    "TOO_LATE": (
        "Too late",
        "Admission closed {closed_at}[, {minutes|minute|minutes} ago].",
        "Send the guest to the ticket counter.",
    ),
    "WRONG_GATE": (
        "Another gate",
        "Not valid at gate {gate}[; valid at {gates}].",
        "Show the way to the right gate.",
    ),
    "OFF_HOURS": (
        "Not at this time",
        "Valid only at certain times[: {hours}][, on weekdays {weekdays}].",
        "Sell a ticket for now, or ask the guest to come back.",
    ),
    "ALREADY_USED": (
        "Already used",
        "It was let in[ at gate {gate}][, {at}][, by {by}].",
        "Ask for another ticket, or call a supervisor.",
    ),
    "ALREADY_INSIDE": (
        "Already inside",
        "It went in[ at gate {gate}][, {at}] and has not come out.",
        "Call a supervisor if the guest stands before you.",
    ),
    "NOT_INSIDE": ("Not inside", "No entry is recorded for it.", "Let the guest out and tell a supervisor."),
    "IN_PROGRESS": (
        "At another gate",
        "[Gate {gate} has just opened for it][A till is about to change it: {act}][, {at}].",
        "Wait a moment, then scan again.",
    ),
    "WAIT": ("Wait", "It was used a short time ago.", "Scan again in {seconds|second|seconds}."),
    "NO_ENTRIES_LEFT": (
        "No entries left",
        "All entries {period} are used[; the last {at}].",
        "[Valid again {again_at}. ]Offer a ticket at the counter.",
    ),
    "FULL": (
        "Full",
        "{occupancy} of {capacity} are inside.",
        "Wait until somebody comes out.",
    ),
    "ADMIT": ("Come in", "", ""),
    "EXIT": ("Goodbye", "", ""),
    "REPEAT": ("Already let in", "[{seconds|second|seconds} ago, on this lane.]", "One person per scan."),
}
