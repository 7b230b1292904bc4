"""The organization's recovery key, format 1: what opens a station again whose keystore was lost.

A file holds the public half with a statement that the root key has signed, so that nobody can slip another
key under a station, and the private half under a passphrase:

    Ed25519("gatehouse-recovery-1\\0" ‖ UTF-8 of the canonical JSON {format, organization, public, root})
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.entry import canonical
from domain.errors import Refusal
from domain.ids import RandomBytes
from domain.sealing import BoxDamagedError, RecoveryKey, open_under, seal_under
from domain.ticket_code import SigningKey, verify_signature

FORMAT = 1
KIND = "gatehouse-recovery-key"
CONTEXT = b"gatehouse-recovery-1\0"
PRIVATE = "gatehouse-recovery-private-1"


@dataclass(frozen=True, slots=True)
class RecoveryPublic:
    """The public half with whose it is; `sig` is the root's over `text`."""

    organization: str
    root: bytes
    public: bytes
    text: str
    sig: bytes

    def to_json(self) -> dict[str, str]:
        """Plain form for files."""
        return {"sig": self.sig.hex(), "text": self.text}


def state(organization: str, public: bytes, root: SigningKey) -> RecoveryPublic:
    """Sign whose recovery key this is."""
    text = canonical(
        {"format": FORMAT, "organization": organization, "public": public.hex(), "root": root.public.hex()}
    )
    return RecoveryPublic(organization, root.public, public, text, root.sign(CONTEXT + text.encode()))


def parse_public(value: object) -> RecoveryPublic:
    """Read and check `RecoveryPublic.to_json()`. Raises Refusal RECOVERY_KEY_INVALID."""
    if not isinstance(value, Mapping):
        raise Refusal("RECOVERY_KEY_INVALID")
    try:
        text, sig = value["text"], bytes.fromhex(value["sig"])
        fields = json.loads(text)
        found = RecoveryPublic(
            organization=str(fields["organization"]),
            root=bytes.fromhex(fields["root"]),
            public=bytes.fromhex(fields["public"]),
            text=text,
            sig=sig,
        )
        good = fields["format"] == FORMAT and len(found.public) == 32
    except (KeyError, TypeError, ValueError, RecursionError):
        raise Refusal("RECOVERY_KEY_INVALID") from None
    if not good or not verify_signature(found.root, sig, CONTEXT + text.encode()):
        raise Refusal("RECOVERY_KEY_INVALID")
    return found


def write(key: RecoveryKey, public: RecoveryPublic, passphrase: str, random_bytes: RandomBytes) -> str:
    """The text of the file."""
    fields = {
        "format": FORMAT,
        "kind": KIND,
        "private": seal_under(passphrase, key.private, PRIVATE, random_bytes),
        "public": public.to_json(),
    }
    return json.dumps(fields, sort_keys=True, indent=1) + "\n"


def read_public(text: str) -> RecoveryPublic:
    """What the file says without its passphrase. Raises Refusal RECOVERY_KEY_INVALID."""
    return parse_public(_load(text).get("public"))


def read(text: str, passphrase: str) -> RecoveryKey:
    """Open the file. Raises Refusal RECOVERY_KEY_INVALID, RECOVERY_PASSPHRASE_WRONG."""
    public, box = read_public(text), _load(text).get("private")
    if not isinstance(box, dict):
        raise Refusal("RECOVERY_KEY_INVALID")
    try:
        key = RecoveryKey(open_under(passphrase, box, PRIVATE))
    except BoxDamagedError:
        raise Refusal("RECOVERY_PASSPHRASE_WRONG") from None
    if key.public != public.public:
        raise Refusal("RECOVERY_KEY_INVALID")
    return key


def _load(text: str) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal("RECOVERY_KEY_INVALID") from None
    if not isinstance(fields, dict) or fields.get("kind") != KIND or fields.get("format") != FORMAT:
        raise Refusal("RECOVERY_KEY_INVALID")
    return fields
