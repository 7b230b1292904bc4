"""English words for practice."""

from ui.wording import Table

PRACTICE: Table = {
    "PRACTICE_STANDS_ALONE": (
        "This is practice",
        "A practice venue joins no hub and gets no keys.",
        "Do this at the real station.",
    ),
    "PRACTICE_IN_USE": (
        "Practice is open elsewhere",
        "Files in {folder} are in use.",
        "Close the other practice window first.",
    ),
    "PRACTICE_NOT_STARTED": (
        "Practice does not open",
        "The system did not start the program.",
        "Start it by hand: gatehouse practice",
    ),
}
