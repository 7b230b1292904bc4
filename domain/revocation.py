"""A revocation, format 1: from which of its entries on a station is no longer believed.

Signed by the organization's root, so that neither a hub nor whoever breaks into one can silence a station:

    Ed25519("gatehouse-revocation-1\\0" ‖ UTF-8 of the canonical JSON)
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.clock import from_text, to_text
from domain.entry import HUB, canonical
from domain.errors import Refusal
from domain.ticket_code import SigningKey, verify_signature

FORMAT = 1
CONTEXT = b"gatehouse-revocation-1\0"

_STATION = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Revocation:
    """Entries of `station` after (`epoch`, `last_trusted_seq`) are not believed; times are aware UTC."""

    organization: str
    station: str
    epoch: int
    last_trusted_seq: int
    revoked_at: datetime

    def text(self) -> str:
        """The canonical JSON that is signed."""
        return canonical(
            {
                "epoch": self.epoch,
                "format": FORMAT,
                "last_trusted_seq": self.last_trusted_seq,
                "organization": self.organization,
                "revoked_at": to_text(self.revoked_at),
                "station": self.station,
            }
        )


@dataclass(frozen=True, slots=True)
class SignedRevocation:
    """A revocation with the exact text that was signed and the root's 64-byte signature."""

    revocation: Revocation
    text: str
    sig: bytes

    def signed_by(self, root: bytes) -> bool:
        """Whether that root key made the signature."""
        return verify_signature(root, self.sig, CONTEXT + self.text.encode())

    def to_json(self) -> dict[str, str]:
        """Plain form for entries and files."""
        return {"sig": self.sig.hex(), "text": self.text}

    def body(self) -> dict[str, Any]:
        """The body of the hub's `station_revoked` entry."""
        return {
            "last_trusted_seq": self.revocation.last_trusted_seq,
            "revocation": self.to_json(),
            "station": self.revocation.station,
        }


def issue(revocation: Revocation, root: SigningKey) -> SignedRevocation:
    """Sign with the root key."""
    text = revocation.text()
    return parse({"sig": root.sign(CONTEXT + text.encode()).hex(), "text": text})


def parse(value: object) -> SignedRevocation:
    """Read `SignedRevocation.to_json()` without judging the signature.

    Raises Refusal REVOCATION_INVALID for anything else.
    """
    try:
        fields = json.loads(value["text"]) if isinstance(value, Mapping) else {}
        revocation = Revocation(
            organization=fields["organization"],
            station=fields["station"],
            epoch=fields["epoch"],
            last_trusted_seq=fields["last_trusted_seq"],
            revoked_at=from_text(fields["revoked_at"]),
        )
        signed = SignedRevocation(revocation, value["text"], bytes.fromhex(value["sig"]))  # type: ignore[index]
        good = _holds_together(signed)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise Refusal("REVOCATION_INVALID") from None
    if not good:
        raise Refusal("REVOCATION_INVALID")
    return signed


def _holds_together(signed: SignedRevocation) -> bool:
    what = signed.revocation
    numbers = (what.epoch, what.last_trusted_seq)
    return (
        all(type(number) is int and number >= 0 for number in numbers)
        and _STATION.fullmatch(what.station) is not None
        and what.station != HUB
        and what.text() == signed.text
    )
