"""English words for the hub in trouble: revocation, files of waiting entries, TLS, backups."""

from ui.wording import Table

HUB: Table = {
    "CONTROL_DIFFERS": (
        "Sums differ from the hub's",
        "[{feed}, {name}: {here} here, {hub} at the hub.]",
        "Run `gatehouse verify` here and `gatehouse hub reproject` at the hub; go on selling meanwhile.",
    ),
    "READER_NAME": ("Not a name for a login", "{name}.", "Use small letters, digits and _, a letter first."),
    "RISK_INVALID": ("No such risk", "{risk} is not a number of places.", "Give a whole number from 1."),
    "SOLD_INVALID": ("No such count", "{sold} is not a number of places.", "Give a whole number from 0."),
    "POOL_NEEDED": (
        "Places of several kinds",
        "It holds places of {pools}; a count is about one of them.",
        "Say which one with --pool.",
    ),
    "INBOX_WAITING": (
        "Its disk was not read whole",
        "{count} entries of it wait in the inbox for what is missing before them.",
        "Bring the missing ones, or state a risk.",
    ),
    "RECLAIM_WAY": (
        "Say what is known of its sales",
        "{given} ways were given.",
        "Give one of --drained, --sold and --risk.",
    ),
    "STATION_UNKNOWN": ("No such station", "The hub does not know {station}.", "Look at `hub status`."),
    "STATION_REVOKED": ("Station revoked", "{station} was revoked for good.", "Join as a new station."),
    "PURGE_NAME_DIFFERS": ("That is not its name", "", "Type {name} to confirm."),
    "PURGE_WAITING": (
        "Something would be lost",
        "{count|entry waits|entries wait} for the hub.",
        "Let it exchange first, or say that they may be lost here.",
    ),
    "PURGE_INVALID": ("Not a valid order", "It was changed, or another root key signed it.", ""),
    "REVOCATION_INVALID": (
        "Not a valid revocation",
        "It was changed, or another root key signed it.",
        "Use the file that lay beside the root key.",
    ),
    "NOTHING_WAITING": ("Nothing waits", "The hub has everything of this station.", ""),
    "WAITING_OWN": (
        "A file of this very station",
        "Its entries are in the journal already.",
        "Import it at another station.",
    ),
    "WAITING_INVALID": (
        "Not a file of waiting entries",
        "[Wrong part: {field}.]",
        "Take the file as `sync export` wrote it. Nothing was imported.",
    ),
    "WAITING_FORGED": (
        "The file was changed",
        "Its signatures do not fit[ at entry {number}].",
        "Take the file as `sync export` wrote it. Nothing was imported.",
    ),
    "HUB_REFUSED": (
        "The hub does not take what was brought",
        "[It says {why}.]",
        "It stays here and is tried again.",
    ),
    "HUB_FORGOT": ("An act of the former hub", "It binds nobody after the restore.", "It was set aside."),
    "INBOX_FULL": ("The hub's inbox is full", "", "Have the inbox released, then it goes on by itself."),
    "HUB_TLS_MISSING": (
        "The hub does not encrypt",
        "{host} answers in plain text.",
        "Check the address; nothing was sent to it.",
    ),
    "HUB_TLS_CA": (
        "Not the organization's hub",
        "The certificate of {host} is not from the organization.",
        "Check the address, or enrol the station again.",
    ),
    "HUB_TLS_HOST": (
        "The certificate of another machine",
        "The one shown is not made out to {host}.",
        "Serve the hub with --name and this name.",
    ),
    "HUB_TLS_EXPIRED": (
        "The hub's certificate is out of its time",
        "{host} shows one that has ended or not begun.",
        "Check this machine's clock; start the hub again to renew it.",
    ),
    "TLS_FILES": ("The hub's certificates are damaged", "{path}.", "Bring them back from a backup."),
    "HUB_BACKUP_FAILED": (
        "No backup was made",
        "[It failed at the step {step}.]",
        "Check the space on the disk and the log of the hub.",
    ),
    "HUB_BACKUP_INVALID": ("Not a backup of a hub", "{path}.", "Choose a folder that `hub snapshot` made."),
    "HUB_RUNNING": ("The hub is running", "It cannot be replaced meanwhile.", "Stop it first."),
}
