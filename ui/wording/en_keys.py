"""English words for keys, their loss and recovery, restores, and joining with a history."""

from ui.wording import Table

KEYS: Table = {
    "RECOVERY_KEY_INVALID": (
        "Not a recovery key",
        "The file cannot be read as one, or it was changed.",
        "Use `organization-recovery.key` as it was made.",
    ),
    "RECOVERY_KEY_MISSING": ("The recovery key is missing", "{path}.", "Bring the file."),
    "RECOVERY_PASSPHRASE_WRONG": (
        "Wrong passphrase",
        "The recovery key did not open.",
        "Type the one it was made with.",
    ),
    "RECOVERY_KEY_OTHER": (
        "The recovery key of another organization",
        "This data was not sealed for it.",
        "Use the key of the organization that made the station.",
    ),
    "RECOVERY_WRAP_MISSING": (
        "Nothing to recover from",
        "There is no `station.recovery` beside the data[ in {folder}].",
        "Restore a backup.",
    ),
    "RECOVERY_WRAP_DAMAGED": (
        "The sealed key is damaged",
        "It was changed, or belongs to another station.",
        "Restore a backup.",
    ),
    "RECOVERY_NOT_NEEDED": (
        "The key is not lost",
        "This machine opens the data as it is.",
        "Nothing was changed.",
    ),
    "BACKUP_LOCKED": (
        "The backup is locked",
        "This machine has no key for {file}.",
        "Give the recovery key (--recovery-key), or the passphrase in GATEHOUSE_BACKUP_PASSPHRASE.",
    ),
    "BACKUP_PASSPHRASE_WRONG": (
        "Wrong passphrase",
        "The backup did not open.",
        "Type the one it was made with, or use the recovery key.",
    ),
    "RESTORED_ENROL": (
        "Restored from a backup",
        "The station belongs to a hub and was not enrolled again yet.",
        "Have an administrator run `hub enrol NAME --again`, then join with that file.",
    ),
    "HUB_CERTIFIES": (
        "The hub certifies this station",
        "It joined with an enrolment file.",
        "Enrol it again to change its key.",
    ),
    "ROOT_KNOWN": (
        "There is a root key already",
        "This station believes one.",
        "Use that key; another one would make its certificate worthless.",
    ),
    "ROTATE_AT_HUB": (
        "The key is changed at the hub",
        "{station} belongs to one.",
        "Run `hub enrol “{station}” --again` there, then `enrol` here.",
    ),
    "JOINED_ALREADY": ("This station has a hub", "It has joined already.", ""),
    "JOINING_INVALID": (
        "Not a request to join",
        "The file cannot be read as one, or it was changed.",
        "Write it again with `keys request`.",
    ),
    "JOINING_NEEDS_JOURNAL": (
        "This file is for a station with a history",
        "Station {station} is not in this folder.",
        "Use it where that station is, or ask for a file for a new station.",
    ),
    "JOINING_OTHER_ORGANIZATION": (
        "A station of another organization",
        "{station} believes another root key, and this hub has a history of its own.",
        "Two histories are not mixed. Join as a new station and import its catalogue there.",
    ),
    "JOINING_COLLISION": (
        "A number is taken",
        "The hub knows another {thing} {number}.",
        "Nothing was changed. Join as a new station and import the catalogue there.",
    ),
    "NO_ROOT_KEY": (
        "No root key yet",
        "Nobody vouches for this station's key, and a lost key cannot be recovered.",
        "Run `gatehouse keys root --out FOLDER` and keep the two files elsewhere.",
    ),
    "NO_RECOVERY_WRAP": (
        "A lost key could not be recovered",
        "The station's key is not sealed for a recovery key.",
        "Run `gatehouse keys root`; a station of a hub is enrolled again.",
    ),
    "CERTIFICATE_MISSING": (
        "No certificate for this key",
        "The station changed its key, and nobody vouches for the new one.",
        "Run `gatehouse keys root --root-key FILE`.",
    ),
    "CERTIFICATE_ENDS": (
        "The certificate ends soon",
        "{days|day|days} left to sell with it.",
        "Change the key: `keys rotate`, or enrol the station again at its hub.",
    ),
    "CERTIFICATE_ENDED": (
        "The certificate has ended",
        "It was good until {not_after}.",
        "Change the key: `keys rotate`, or enrol the station again at its hub.",
    ),
    "ROOT_KEY_AT_HAND": (
        "The root key lies on this machine",
        "{path}.",
        "Move both key files to a safe place; they are needed for enrolment, revocation and recovery only.",
    ),
}

VALUES = {
    "thing": {
        "station": "station",
        "event": "event",
        "performance": "performance",
        "product": "product",
        "quota": "quota",
    }
}
