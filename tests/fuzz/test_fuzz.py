"""Whatever comes in from outside, the answer is a value or words, never a crash, and never a long wait.

20,000 inputs for ticket codes and the parsers beside them here, a million with GATEHOUSE_SOAK, or as many as
GATEHOUSE_FUZZ says.
"""

import base64
import hashlib
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app.catalogue_files import read_catalogue
from app.paths import resource
from app.services.gate import ScanInput
from devices.keyboard_layouts import LayoutRepair, TypedKey
from devices.line_assembler import LineAssembler
from devices.qr_decode import decode_frame
from domain import certificates, enrolment, entry, revocation, ticket_code, waiting_file
from domain.entry import MalformedEntryError
from domain.errors import Fault, Refusal
from domain.ticket_code import NotATicketCodeError, SigningKey
from sync.hub_client import read_pages
from sync.messages import read_hello, read_push
from tests.builders import NOW, make_code_text
from tests.counted import counted
from tests.fuzz.mutate import ODD, Tally, mutated_bytes, mutated_text, mutated_value, try_all
from tests.journal import Journal
from tests.services.house import GATE, House
from tests.unit.test_hub_messages import HELLO, PUSH

SOAK = bool(os.environ.get("GATEHOUSE_SOAK"))
CODES = int(os.environ.get("GATEHOUSE_FUZZ", "1000000" if SOAK else "20000"))
TEXTS = max(1_500, CODES // 20)
PICTURES = max(60, CODES // 333)
WORDS = (Refusal, Fault)


def sound(tally: Tally, count: int) -> None:
    """Everything was answered, in time."""
    counted("fuzz", inputs=count, taken=tally.taken, refused=tally.refused, slow=len(tally.slow_ms))
    assert tally.taken + tally.refused == count
    assert tally.slow_ms == []


def some_entries(count: int) -> list[entry.Entry]:
    journal = Journal("0000abcd", SigningKey.from_seed(bytes(32)))
    return [journal.add() for _ in range(count)]


def codes(count: int, chance: random.Random) -> Iterator[str]:
    good = [make_code_text(serial=chance.randbytes(8).hex()) for _ in range(20)]
    for number in range(count):
        if number % 4:
            yield mutated_text(chance.choice(good), chance)
        else:
            length = chance.choice([0, 1, 95, 151, 152, 153, 400])
            yield "".join(chance.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=" + ODD) for _ in range(length))


def test_no_text_breaks_the_decoder_of_ticket_codes() -> None:
    tally = try_all(ticket_code.decode, codes(CODES, random.Random(1)), (NotATicketCodeError,))
    sound(tally, CODES)
    assert tally.refused > CODES // 3


def test_every_changed_bit_cut_and_extension_of_a_code_is_refused_at_the_gate(tmp_path: Path) -> None:
    house = House(tmp_path)
    text = house.code()
    raw = ticket_code.decode(text)
    assert house.services.gatekeeper.check(ScanInput(text, "camera"), GATE).decision.opens
    bits = int.from_bytes(base64.b32decode(text + "=" * (-len(text) % 8)), "big")
    size = len(text) * 5 // 8
    changed = [
        base64.b32encode((bits ^ (1 << bit)).to_bytes(size, "big")).decode().rstrip("=")
        for bit in range(size * 8)
    ]
    changed += [text[:length] for length in range(len(text))]
    changed += [text + more for more in ("A", "7", "=", text)]
    opened = [
        each
        for each in changed
        if house.services.gatekeeper.check(ScanInput(each, "camera"), GATE).decision.opens
    ]
    assert raw.code.serial
    assert opened == []


def test_no_bytes_break_the_scanner_line() -> None:
    chance = random.Random(2)
    good = make_code_text().encode() + b"\r\n"
    lines = LineAssembler()
    at = 0

    def feed(data: bytes) -> None:
        nonlocal at
        at += chance.choice([0, 1, 80, 3000])
        for text in (*lines.feed(data, at), *lines.flush(at + 100)):
            text.encode()
            assert not set(text) & set("\x00\x1b\r\n")

    sound(try_all(feed, (mutated_bytes(good, chance) for _ in range(TEXTS * 4)), ()), TEXTS * 4)


def test_no_keys_break_the_wedge() -> None:
    chance = random.Random(3)
    repair = LayoutRepair()

    def burst(text: str) -> None:
        repair.text([TypedKey(letter, chance.randrange(0, 300)) for letter in text])

    sound(try_all(burst, codes(TEXTS, chance), ()), TEXTS)


def test_no_picture_breaks_the_reader() -> None:
    chance = np.random.default_rng(4)

    def picture() -> Any:
        height, width = (int(side) for side in chance.integers(1, 500, 2))
        noise = chance.integers(0, 256, (height, width, 3), dtype=np.uint8)
        match int(chance.integers(0, 4)):
            case 0:
                return noise
            case 1:
                return np.ascontiguousarray(noise[:, :, :1])
            case 2:
                return cv2.threshold(noise[:, :, 0].copy(), 127, 255, cv2.THRESH_BINARY)[1]
            case _:
                return np.zeros((height, width, 4), np.uint8)

    answered = [decode_frame(picture(), 20) for _ in range(PICTURES)]
    assert len(answered) == PICTURES


@pytest.mark.parametrize("ending", [".yaml", ".json", ".csv"])
def test_no_catalogue_file_breaks_the_import(ending: str, tmp_path: Path) -> None:
    chance = random.Random(5)
    good = {
        ".yaml": resource("demo", "catalogue.yaml").read_text(encoding="utf-8"),
        ".json": json.dumps(
            {"events": [{"code": "a", "name": "A", "products": [{"code": "p", "price": "1.00"}]}]}
        ),
        ".csv": "event,performance,product,price\nplay,play-1,full,20.00\n",
    }[ending]
    house = House(tmp_path, shift=False)
    file = tmp_path / f"file{ending}"

    def take(data: bytes) -> None:
        file.write_bytes(data)
        read_catalogue(file)

    count = TEXTS // 10
    sound(try_all(take, (mutated_bytes(good.encode(), chance) for _ in range(count)), WORDS, 2_000), count)
    before = house.seq
    for _ in range(20):
        file.write_bytes(mutated_bytes(good.encode(), chance))
        try:
            house.station.import_catalogue(read_catalogue(file), GATE)
        except WORDS:
            assert house.seq == before
        before = house.seq


@pytest.mark.parametrize(("read", "good"), [(read_hello, HELLO), (read_push, PUSH)])
def test_no_reply_of_the_hub_breaks_a_station(read: Any, good: Any) -> None:
    chance = random.Random(6)
    sound(try_all(read, (mutated_value(good, chance) for _ in range(TEXTS * 4)), (Fault,)), TEXTS * 4)


def test_no_page_of_the_hub_breaks_a_station() -> None:
    chance = random.Random(7)
    rows, running = [], bytes(32)
    for position, made in enumerate(some_entries(5), 1):
        running = hashlib.sha256(running + made.hash).digest()
        rows.append((
            "entry", "org", position, made.station, made.epoch, made.seq, made.content, made.prev_hash,
            made.hash, made.sig, running,
        ))  # fmt: skip
    assert len(read_pages(rows, {})[0].entries) == 5

    def damage(_: int) -> list[tuple[Any, ...]]:
        out = [list(row) for row in rows]
        row = chance.choice(out)
        at = chance.randrange(1, len(row))
        value = row[at]
        row[at] = (
            mutated_bytes(value, chance) if isinstance(value, bytes)
            else mutated_text(value, chance) if isinstance(value, str)
            else chance.choice([None, -1, 2**70, "1", value + 1])
        )  # fmt: skip
        return [tuple(row) for row in out]

    sound(try_all(lambda page: read_pages(page, {}), map(damage, range(TEXTS)), (Fault,)), TEXTS)


def test_no_text_breaks_the_reader_of_entries() -> None:
    chance = random.Random(8)
    good = some_entries(1)[0]

    def read(content: str) -> None:
        digest = entry.chain_hash(good.prev_hash, _or_nothing(content, good))
        entry.parse(good.station, good.epoch, good.seq, content, good.prev_hash, digest, good.sig)

    inputs = (
        mutated_text(good.content, chance) if chance.random() < 0.5
        else _canonical(mutated_value(json.loads(good.content), chance))
        for _ in range(TEXTS * 2)
    )  # fmt: skip
    tally = try_all(read, inputs, (MalformedEntryError,))
    sound(tally, TEXTS * 2)
    assert tally.refused > TEXTS


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _or_nothing(content: str, good: entry.Entry) -> str:
    raw = entry.raw_text(good.station, good.epoch, good.seq, content)
    return raw.encode("utf-8", "replace").decode()


def test_no_file_that_somebody_edited_breaks_its_reader() -> None:
    chance = random.Random(9)
    readers: dict[str, Any] = {
        "enrolment": lambda text: enrolment.read(text, NOW),
        "waiting": lambda text: waiting_file.read(text, bytes(32)),
    }
    fields = {
        "format": 1,
        "kind": "gatehouse-waiting",
        "certificates": [{"text": "{}", "sig": "00"}],
        "entries": [],
    }
    for read in readers.values():
        inputs = [json.dumps(mutated_value(fields, chance)) for _ in range(TEXTS)]
        inputs += [mutated_text(json.dumps(fields), chance) for _ in range(TEXTS)]
        sound(try_all(read, inputs, (Refusal,)), 2 * TEXTS)


@pytest.mark.parametrize("read", [certificates.parse, certificates.parse_chain, revocation.parse])
def test_no_certificate_or_revocation_breaks_its_reader(read: Any) -> None:
    chance = random.Random(10)
    good = {
        "text": json.dumps({"station": "0000abcd", "key": "ab" * 32, "usage": ["sell"]}),
        "sig": "ab" * 64,
    }
    inputs = [mutated_value(good, chance) for _ in range(TEXTS)] + [
        [mutated_value(good, chance)] for _ in range(TEXTS)
    ]
    sound(try_all(read, inputs, (Refusal,)), 2 * TEXTS)
