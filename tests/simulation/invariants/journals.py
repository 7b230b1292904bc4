"""1 every entry is at the hub exactly once · 2 no gap · 3 chains and signatures · 6 what was acked stays ·
9 sold, paid and numbered once · 17 green is durable · 23 no fact is missing after a clone · 26 stamps
rise."""

import hashlib
from collections import Counter
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.simulation.invariants.picture import File, Link, Picture

TAKEN = "SELECT entry_id FROM replica_entry UNION SELECT entry_id FROM short_entry"
FOLLOWED_MS = 20 * 3_600_000


def check(picture: Picture, tell: Any) -> None:
    for file in picture.files:
        _chain(file, tell)
        _at_hub(picture, file, tell)
    _after_what_it_answers(picture, tell)
    _once_per_feed(picture, tell)
    _acknowledged(picture, tell)
    _sold_once(picture, tell)


def _chain(file: File, tell: Any) -> None:
    tip: dict[int, tuple[int, bytes, str]] = {}
    for link in file.journal:
        genesis = hashlib.sha256(
            f"gatehouse-genesis-1\0{link.station}\0{link.epoch}\0".encode() + file.keys[link.epoch]
        ).digest()
        seq, before, hlc = tip.get(link.epoch, (0, genesis, ""))
        tell(2, link.seq == seq + 1, f"{file.name}: {link.seq} follows {seq}")
        tell(3, _is_chained(link, before), f"{file.name}: {link.seq} is not chained")
        tell(3, _is_signed(link, file.keys[link.epoch]), f"{file.name}: {link.seq} is not signed")
        own = link.doc["origin"]["epoch"] == link.epoch
        tell(26, not own or link.hlc > hlc, f"{file.name}: {link.seq} is stamped {link.hlc} after {hlc}")
        tip[link.epoch] = (link.seq, link.hash, link.hlc if own else hlc)


def _is_chained(link: Link, before: bytes) -> bool:
    raw = f'{{"content":{link.content},"epoch":{link.epoch},"seq":{link.seq},"station":"{link.station}"}}'
    return link.prev == before and hashlib.sha256(before + raw.encode()).digest() == link.hash


def _is_signed(link: Link, key: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(link.sig, b"gatehouse-entry-1\0" + link.hash)
    except InvalidSignature:
        return False
    return True


def _at_hub(picture: Picture, file: File, tell: Any) -> None:
    """Live journals link by link; former ones by what they said."""
    lost = picture.world.flags.get("lost", set())
    brought = picture.hub["fork_inbox"] | picture.hub["inbox"]
    for link in file.journal:
        rows = picture.log.get((link.station, link.epoch), {})
        there = link.seq in rows and rows[link.seq][0] == link.hash
        if file.live and not file.revoked:
            tell(1, there, f"{file.name}: {link.seq} {link.kind} is not at the hub")
        elif not file.revoked and not there:
            known = link.entry_id in picture.by_id or link.hash in brought or link.entry_id in lost
            if picture.world.flags["restored"] and (file.lost or not picture.world.flags["fork"]):
                continue  # forgotten after it was acked, by a station that may not push: two disasters
            tell(
                23 if picture.world.flags["fork"] else 1,
                known,
                f"{file.name}: {link.kind} {link.seq} is nowhere",
            )
    for epoch, acked in file.acked.items():
        rows = picture.log.get((file.station, epoch), {})
        mine = {link.seq: link.hash for link in file.journal if link.epoch == epoch}
        kept = acked == 0 or (acked in rows and rows[acked][0] == mine.get(acked))
        forked = not file.live and picture.world.flags["fork"]
        forgotten = picture.world.flags["restored"] and (file.lost or file.revoked or not file.live)
        tell(
            6,
            kept or forked or forgotten,
            f"{file.name}: {acked} was acked in epoch {epoch} and is not there",
        )


def _after_what_it_answers(picture: Picture, tell: Any) -> None:
    """An entry that answers another one was written where that had been read: it is stamped later. Stamps
    that are days ahead of one's own clock are not followed, and a station whose clock went as far ahead after
    it had read one does not read it again: a run takes minutes, so what it wrote first, and when it says to
    have answered, tell where its clock was."""
    read = {file.station: {row[0] for row in file.rows(TAKEN)} for file in picture.living}
    for link in picture.entries.values():
        named = {"admission_undone": "admission", "gate_opened": "admission"}.get(link.kind)
        answered = [link.body.get(named)] if named else []
        # What was kept aside there was not read; that of a bad signature is read once its certificate comes.
        if link.kind == "conflict_resolved" and link.body["code"] != "BAD_SIGNATURE":
            answered = [each for each in link.body["seen"] if each in read.get(link.station, ())]
        for entry_id in answered:
            known = picture.by_id.get(str(entry_id), ())
            first = known[0].hlc if len(known) == 1 else ""  # of several contents of one id any may be meant
            here = (link, picture.entries.get((link.station, 1, 1), link))
            began = min(clock for each in here for clock in (int(each.hlc[:14]), _wall_ms(each)))
            ahead = bool(first) and int(first[:14]) - began > FOLLOWED_MS
            tell(26, ahead or link.hlc > first, f"{link.kind} {link.hlc} answers {first}")


def _wall_ms(link: Link) -> int:
    return int(datetime.fromisoformat(link.doc["clock"]["wall_at"]).timestamp() * 1000)


def _once_per_feed(picture: Picture, tell: Any) -> None:
    for name, rows in picture.feeds.items():
        seen = Counter((station, epoch, seq) for station, epoch, seq, _ in rows)
        twice = [place for place, count in seen.items() if count > 1]
        tell(1, not twice, f"{name} shows {twice[:3]} twice")
        contents = Counter(
            (link.entry_id, link.content)
            for place in seen
            if (link := picture.entries.get(place)) is not None
            # an id that two contents share (a broken program's) is kept as often as it comes
            and len({other.content for other in picture.by_id[link.entry_id]}) == 1
        )
        tell(1, not contents or max(contents.values()) == 1, f"{name} shows one entry in two places")


def _acknowledged(picture: Picture, tell: Any) -> None:
    """What a person was told is in a journal, and once."""
    lost = picture.world.flags.get("lost", set())
    written: Counter[str] = Counter()
    for file in picture.files:
        written.update({link.entry_id for link in file.journal})
    for ack in picture.world.acks:
        if not ack.entry_id:
            continue  # looked at with the rights
        tell(17, ack.entry_id in written, f"{ack.kind} of {ack.machine} at {ack.at_ms} is in no journal")
        revoked = any(file.revoked and file.name.startswith(ack.machine) for file in picture.files)
        if not revoked and ack.entry_id not in lost:
            brought = ack.entry_id in picture.by_id or picture.world.flags["fork"]
            tell(6, brought, f"{ack.kind} of {ack.machine} at {ack.at_ms} is not at the hub")


def _sold_once(picture: Picture, tell: Any) -> None:
    sales = [link for link in picture.shown() if link.kind == "order_sold" and _is_sale(link)]
    serials = Counter(position["serial"] for link in sales for position in link.body["positions"])
    payments = Counter(payment["payment"] for link in sales for payment in link.body["payments"])
    payments.update(link.body["payment"] for link in picture.shown() if link.kind == "payment_taken")
    tell(9, not serials or max(serials.values()) == 1, "a ticket is sold twice")
    tell(9, not payments or max(payments.values()) == 1, "a payment is booked twice")
    if picture.world.flags["fork"]:
        return
    numbers: dict[tuple[str, int], list[int]] = {}
    for file in picture.files:
        for receipt in _receipts(file):
            numbers.setdefault((receipt["prefix"], receipt["epoch"]), []).append(receipt["number"])
    for series, found in numbers.items():
        whole = sorted(found) == list(range(1, len(found) + 1))
        tell(9, whole, f"receipts of {series}: {sorted(found)[:9]}")


def _receipts(file: File) -> list[dict[str, Any]]:
    """Those of a file, each once: the payments of one reservation share theirs."""
    found, last = [], None
    for link in file.journal:
        if link.doc["origin"]["epoch"] != link.epoch or not _is_sale(link):
            continue
        later = link.kind in {"payment_taken", "payment_resolved"}
        if link.kind == "order_sold" or (later and link.body["receipt"] != last):
            found.append(link.body["receipt"])
        last = link.body["receipt"] if later else None
    return found


def _is_sale(link: Link) -> bool:
    return isinstance(link.body.get("receipt"), dict)
