"""Values: gift cards and vouchers that are spent like money, wherever their code is shown.

Only the hash of a code is ever stored or sent. A value is held by the hub; a till takes from it what the hub
has set aside, or, without the hub, up to a risk that the organization accepts for each card.
"""

import hashlib
import unicodedata
from dataclasses import dataclass

from domain.errors import Refusal

TAG = b"gatehouse-value-1\0"
SHORTEST_CODE = 8


def value_hash(code: str) -> str:
    """The name of a value: SHA-256 over its code, case and separators left out, in hexadecimal.

    Raises Refusal VOUCHER_INVALID (why) for a code that is too short to be one.
    """
    folded = unicodedata.normalize("NFKC", code).upper()
    plain = "".join(letter for letter in folded if letter.isalnum())
    if len(plain) < SHORTEST_CODE:
        raise Refusal("VOUCHER_INVALID", why="unknown")
    return hashlib.sha256(TAG + plain.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Offline:
    """What is known of a value while the hub is away: what is left by the entries here (None: never heard of
    it), what was taken offline from it already, and the risk that is accepted per value."""

    left_minor: int | None
    risked_minor: int
    risk_minor: int
    currency: str


def check_offline(offline: Offline, amount_minor: int) -> None:
    """Whether an amount may be taken without the hub. Raises Refusal VALUE_OFFLINE (risk_minor), VALUE_SHORT
    (left_minor)."""
    if offline.risked_minor + amount_minor > offline.risk_minor:
        raise Refusal("VALUE_OFFLINE", risk_minor=offline.risk_minor, currency=offline.currency)
    if offline.left_minor is not None and offline.left_minor < amount_minor:
        raise Refusal("VALUE_SHORT", left_minor=max(0, offline.left_minor), currency=offline.currency)
