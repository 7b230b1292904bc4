"""English words for health, clocks and monitoring."""

from ui.wording import Table

HEALTH: Table = {
    "NEVER_MET_HUB": (
        "The hub was never met",
        "",
        "Connect the network; selling and scanning go on meanwhile.",
    ),
    "DATA_OLD": (
        "The data is old",
        "Last contact with the hub[ {minutes|minute|minutes} ago][ {hours|hour|hours} ago].",
        "Look at the network; what was sold elsewhere since then is not known here.",
    ),
    "NO_PLACES_HERE": (
        "No places left at this till",
        "{count|performance|performances} of the next 24 hours.",
        "They come with the next exchange, if there are any.",
    ),
    "CLOCK_BEHIND": (
        "The clock is behind",
        "By[ {minutes|minute|minutes}][ {seconds|second|seconds}] against the hub.",
        "Set the clock of this computer.",
    ),
    "CLOCK_AHEAD": (
        "The clock is ahead",
        "By[ {minutes|minute|minutes}][ {seconds|second|seconds}] against the hub.",
        "Set the clock of this computer.",
    ),
    "CLOCK_UNCONFIRMED": (
        "Is this the right date?",
        "This computer shows {date}.[ That is {minutes|minute|minutes} off the hub\u2019s clock.]",
        "Set the clock, or confirm the date to go on selling.",
    ),
    "CERTIFICATE_NOT_FOR_SALE": (
        "This station may not sell",
        "Its certificate is for the journal only.",
        "Enrol it again as a till.",
    ),
    "NO_BACKUP": ("No backup yet", "", "Make one: `gatehouse backup FILE`, on another disk."),
    "BACKUP_OLD": (
        "The backup is old",
        "The last one is {days|day|days} old.",
        "Make one: `gatehouse backup FILE`, on another disk.",
    ),
    "PRINTS_WAITING": (
        "Not everything was printed",
        "{count|job|jobs} waiting.",
        "Print them from the Sell screen.",
    ),
    "DEVICE_UNTRIED": ("Not tried yet", "", "Press Test."),
    "DEVICE_LOST": ("The device is gone", "[{detail}.]", "Plug it in again."),
    "SOUND_OFF": ("Sounds are switched off", "", "Switch them on in Settings if this is a gate."),
    "SOUND_MISSING": (
        "No sounds",
        "A library of the system is missing.",
        "Install libpulse0; verdicts beep meanwhile.",
    ),
    "ADDRESS_INVALID": (
        "Not an address",
        "\u201c{text}\u201d.",
        "Write a port such as 9187, or 127.0.0.1:9187.",
    ),
    "ADDRESS_TAKEN": (
        "The address cannot be used",
        "{address} is taken or is not this machine\u2019s.",
        "Choose another port.",
    ),
    "HUB_NOT_CURRENT": (
        "The hub\u2019s schema is not current",
        "[It is at {schema}.]",
        "Run `gatehouse hub upgrade`.",
    ),
}
