"""An order to make a station's data unreadable, format 1: for a machine that was stolen or is given away.

Signed by the organization's root, so that neither a hub nor whoever breaks into one can wipe a station:

    Ed25519("gatehouse-purge-1\\0" ‖ UTF-8 of the canonical JSON)
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime

from domain.clock import from_text, to_text
from domain.entry import canonical
from domain.errors import Refusal
from domain.ticket_code import SigningKey, verify_signature

FORMAT = 1
CONTEXT = b"gatehouse-purge-1\0"
_STATION = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class PurgeOrder:
    """`station` is to forget the keys of its data. `text` is what was signed, `sig` the root's 64 bytes."""

    station: str
    ordered_at: datetime
    text: str
    sig: bytes

    def signed_by(self, root: bytes) -> bool:
        """Whether that root key gave the order."""
        return verify_signature(root, self.sig, CONTEXT + self.text.encode())


def issue(organization: str, station: str, ordered_at: datetime, root: SigningKey) -> PurgeOrder:
    """Sign with the root key."""
    text = _text(organization, station, ordered_at)
    return PurgeOrder(station, ordered_at, text, root.sign(CONTEXT + text.encode()))


def parse(text: str, sig: str) -> PurgeOrder:
    """Read an order without judging the signature. Raises Refusal PURGE_INVALID."""
    try:
        fields = json.loads(text)
        order = PurgeOrder(fields["station"], from_text(fields["ordered_at"]), text, bytes.fromhex(sig))
        good = (
            _STATION.fullmatch(order.station) is not None
            and _text(fields["organization"], order.station, order.ordered_at) == text
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise Refusal("PURGE_INVALID") from None
    if not good:
        raise Refusal("PURGE_INVALID")
    return order


def _text(organization: str, station: str, ordered_at: datetime) -> str:
    return canonical(
        {
            "format": FORMAT,
            "ordered_at": to_text(ordered_at),
            "organization": organization,
            "station": station,
        }
    )
