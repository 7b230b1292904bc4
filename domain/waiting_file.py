"""The file that carries a station's waiting entries to another one, format 1: when a laptop dies.

It holds the station's certificate, the hash that its first entry follows, and consecutive entries as they are
in the journal: chained and signed. The station signs the whole too, so that an entry left out is noticed:
`Ed25519("gatehouse-waiting-1\\0" ‖ canonical JSON without "sig")`.

Where it is known, the hub's own entry about that certificate (`certified`) goes along: a hub that was put
back to a day before it, and whoever has not heard of it, learn from it whose entries these are.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain import certificates
from domain.certificates import Chain, check_chain
from domain.entry import HUB, SIGNATURE_CONTEXT, Entry, MalformedEntryError, canonical, parse
from domain.errors import Refusal
from domain.ticket_code import SigningKey, verify_signature

FORMAT = 1
KIND = "gatehouse-waiting"
CONTEXT = b"gatehouse-waiting-1\0"
CERTIFIED = "certificate_issued"
MAX_TEXT = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A checked file: whose it is and what it carries, in order and without a gap. `certified`: the hub's
    entry about the chain."""

    station: str
    name: str
    epoch: int
    chain: Chain
    entries: Sequence[Entry]
    certified: Entry | None = None


def write(entries: Sequence[Entry], chain: Chain, key: SigningKey, certified: Entry | None = None) -> str:
    """The text of a file. `entries` are consecutive own entries of one epoch, at least one."""
    fields: dict[str, Any] = {
        "certificates": [link.to_json() for link in chain],
        "entries": [
            {"content": entry.content, "hash": entry.hash.hex(), "sig": entry.sig.hex()} for entry in entries
        ],
        "epoch": entries[0].epoch,
        "first_seq": entries[0].seq,
        "format": FORMAT,
        "kind": KIND,
        "prev_hash": entries[0].prev_hash.hex(),
        "station": entries[0].station,
    }
    if certified is not None:
        fields["certified"] = {
            "content": certified.content,
            "epoch": certified.epoch,
            "hash": certified.hash.hex(),
            "prev_hash": certified.prev_hash.hex(),
            "seq": certified.seq,
        }
    fields["sig"] = key.sign(CONTEXT + canonical(fields).encode()).hex()
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def read(text: str, root: bytes) -> WaitingFile:
    """Parse and check a file of a station that `root` has certified; all of it or nothing.

    Raises Refusal WAITING_INVALID (`field`) for anything that is not such a file, CERTIFICATE_FORGED
    (`field`) for a station of another organization, WAITING_FORGED (`number`: the entry, counted from 1;
    0 = the file as a whole) when something was changed, left out or put in.
    """
    fields = _load(text)
    try:
        chain = certificates.parse_chain(fields["certificates"])
        station, epoch, seq = fields["station"], fields["epoch"], fields["first_seq"]
        prev_hash, sig = bytes.fromhex(fields["prev_hash"]), bytes.fromhex(fields["sig"])
        items = [
            (item["content"], bytes.fromhex(item["hash"]), bytes.fromhex(item["sig"]))
            for item in fields["entries"]
        ]
        unsigned = canonical({name: value for name, value in fields.items() if name != "sig"})
        well_formed = type(epoch) is int and type(seq) is int and len(items) > 0
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refusal("WAITING_INVALID", field="entries") from None
    leaf = check_chain(root, chain)
    if not well_formed or leaf.station != station:
        raise Refusal("WAITING_INVALID", field="station")
    entries: list[Entry] = []
    for number, (content, digest, signature) in enumerate(items, start=1):
        try:
            entry = parse(station, epoch, seq, content, prev_hash, digest, signature)
        except (MalformedEntryError, TypeError):
            raise Refusal("WAITING_FORGED", number=number) from None
        if not verify_signature(leaf.key, signature, SIGNATURE_CONTEXT + digest):
            raise Refusal("WAITING_FORGED", number=number)
        entries.append(entry)
        seq, prev_hash = seq + 1, digest
    if not verify_signature(leaf.key, sig, CONTEXT + unsigned.encode()):
        raise Refusal("WAITING_FORGED", number=0)
    return WaitingFile(station, leaf.name, epoch, chain, entries, _certified(fields, epoch))


def _certified(fields: dict[str, Any], epoch: int) -> Entry | None:
    """The hub's entry about the very chain of the file. It is unsigned as all of the hub's are: what it says
    is signed by the root, and nothing else that it could say is taken from a file."""
    given = fields.get("certified")
    if given is None:
        return None
    try:
        before, digest = bytes.fromhex(given["prev_hash"]), bytes.fromhex(given["hash"])
        entry = parse(HUB, given["epoch"], given["seq"], given["content"], before, digest, b"")
        about = (entry.kind, entry.body["epoch"], entry.body["certificates"])
    except (KeyError, TypeError, ValueError, AttributeError, MalformedEntryError):
        raise Refusal("WAITING_INVALID", field="certified") from None
    if about != (CERTIFIED, epoch, fields["certificates"]):
        raise Refusal("WAITING_INVALID", field="certified")
    return entry


def _load(text: str) -> dict[str, Any]:
    if len(text) > MAX_TEXT:
        raise Refusal("WAITING_INVALID", field="size")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal("WAITING_INVALID", field="json") from None
    if not isinstance(fields, dict) or fields.get("kind") != KIND or fields.get("format") != FORMAT:
        raise Refusal("WAITING_INVALID", field="kind")
    return fields
