"""A station that began alone and wants to join a hub: what it tells the administrator, format 1.

A file names the station, the root it believes (if any), and every epoch of its journal with the public key it
was written under; the present key signs it: `Ed25519("gatehouse-joining-1\\0" ‖ canonical JSON without
"sig")`. It holds no secret. When the station comes, it says where its journal ends and which numbers of the
catalogue it has made (`Announced`): the hub grants nothing of these events before the journal is in.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.entry import canonical
from domain.errors import Refusal
from domain.ticket_code import SigningKey, verify_signature

FORMAT = 1
KIND = "gatehouse-joining"
CONTEXT = b"gatehouse-joining-1\0"
MAX_TEXT = 256 * 1024


@dataclass(frozen=True, slots=True)
class EpochKey:
    """One epoch of a journal: the public key it is signed with, and its last seq so far."""

    epoch: int
    key: bytes
    seq: int


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """A checked request. `epochs` in order, the last one is the present; `root` None: it has none."""

    station: str
    name: str
    prefix: str
    root: bytes | None
    epochs: tuple[EpochKey, ...]

    @property
    def present(self) -> EpochKey:
        """The epoch in which the station goes on."""
        return self.epochs[-1]


@dataclass(frozen=True, slots=True)
class Announced:
    """What the station says when it joins: where its present epoch ends, and its catalogue's numbers."""

    epoch: int
    seq: int
    events: Sequence[int]
    numbers: Mapping[str, Sequence[int]]

    def to_json(self) -> dict[str, Any]:
        """As it goes to the hub."""
        return {
            "epoch": self.epoch,
            "events": list(self.events),
            "numbers": {name: list(numbers) for name, numbers in self.numbers.items()},
            "seq": self.seq,
        }


def write(request: JoinRequest, key: SigningKey) -> str:
    """The signed text. Raises ValueError when `key` is not the present epoch's."""
    if key.public != request.present.key:
        raise ValueError("the request is signed with the present key")
    fields: dict[str, Any] = {
        "epochs": [{"epoch": each.epoch, "key": each.key.hex(), "seq": each.seq} for each in request.epochs],
        "format": FORMAT,
        "kind": KIND,
        "name": request.name,
        "prefix": request.prefix,
        "root": request.root.hex() if request.root is not None else None,
        "station": request.station,
    }
    fields["sig"] = key.sign(CONTEXT + canonical(fields).encode()).hex()
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def read(text: str) -> JoinRequest:
    """Parse and check a request. Raises Refusal JOINING_INVALID."""
    fields = _load(text)
    try:
        sig = bytes.fromhex(fields["sig"])
        root = fields["root"]
        epochs = tuple(
            EpochKey(int(each["epoch"]), bytes.fromhex(each["key"]), int(each["seq"]))
            for each in fields["epochs"]
        )
        request = JoinRequest(
            station=str(fields["station"]),
            name=str(fields["name"]),
            prefix=str(fields["prefix"]),
            root=None if root is None else bytes.fromhex(root),
            epochs=epochs,
        )
        unsigned = canonical({name: value for name, value in fields.items() if name != "sig"})
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise Refusal("JOINING_INVALID") from None
    in_order = [each.epoch for each in epochs] == sorted({each.epoch for each in epochs})
    shaped = all(len(each.key) == 32 and each.epoch >= 1 and each.seq >= 0 for each in epochs)
    if not epochs or not in_order or not shaped:
        raise Refusal("JOINING_INVALID")
    if not verify_signature(request.present.key, sig, CONTEXT + unsigned.encode()):
        raise Refusal("JOINING_INVALID")
    return request


def _load(text: str) -> dict[str, Any]:
    if len(text) > MAX_TEXT:
        raise Refusal("JOINING_INVALID")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal("JOINING_INVALID") from None
    if not isinstance(fields, dict) or fields.get("kind") != KIND or fields.get("format") != FORMAT:
        raise Refusal("JOINING_INVALID")
    return fields
