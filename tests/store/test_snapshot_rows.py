"""Sales of a snapshot read from their text: the very rows that the ordinary projection makes, or none."""

import json
import os
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.store import replica
from app.store.facts import at_ms
from app.store.project_orders import rows_of_sale
from app.store.schema import METADATA
from app.store.snapshot_rows import Sale as Read
from app.store.snapshot_rows import match_sale, read_sale
from app.store.snapshot_text import object_of
from domain.entry import Entry, chain_hash, parse, raw_text
from domain.shapes import NUMBER, RECORD, TEXT, opt
from domain.ticket_code import SigningKey
from tests.hub.histories import History
from tests.journal import Journal
from tests.store.station import Sale


def read(entry: Entry) -> Read | None:
    found = match_sale(entry.content)
    return None if found is None else read_sale(found, entry.short_hash)


def by_name(sale: Read | None) -> dict[str, list[dict[str, object]]]:
    assert sale is not None
    found = {}
    for name, rows in sale.rows.items():
        columns = [column.name for column in METADATA.tables[name].c]
        found[name] = [dict(zip(columns, row, strict=True)) for row in rows]
    return found


def is_the_same(sale: Read, entry: Entry) -> bool:
    """Whether both ways read the same out of an entry."""
    actor = entry.actor
    said = (
        entry.entry_id,
        entry.origin.hlc,
        actor.user,
        actor.practice,
        at_ms(entry),
        entry.clocks.offset_ms,
    )
    return sale[:6] == said and by_name(sale) == rows_of_sale(entry)


def journal(seed: int) -> Journal:
    key = SigningKey.from_seed(bytes([seed]) * 32)
    return Journal("aaaa0001", key, random_bytes=random.Random(seed).randbytes)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_column_of_every_sale_of_an_untidy_history_is_the_same(seed: int) -> None:
    written = journal(seed)
    History(seed).written([written], 150)
    sales = [entry for entry in written.entries if entry.kind == "order_sold"]
    assert len(sales) > 20
    for entry in sales:
        sale = read(entry)
        assert sale is not None
        assert is_the_same(sale, entry)
    assert not any(match_sale(entry.content) for entry in written.entries if entry.kind != "order_sold")


def test_a_later_part_of_a_large_order_counts_its_lines_on() -> None:
    draft = Sale(os.urandom, count=3).draft()
    body = {**draft.body, "part": {"number": 3, "of": 4}}
    entry = journal(4).add(draft.kind, draft.feeds, body)
    found = by_name(read(entry))
    assert found == rows_of_sale(entry)
    assert [row["line"] for row in found["position"]] == [20_000, 20_001, 20_002]


def test_what_may_be_left_out_may_be_left_out() -> None:
    draft = Sale(os.urandom, count=1).draft()
    position = {
        **draft.body["positions"][0],
        "performance": None,
        "seat": "A-1",
        "valid_from_at": None,
        "valid_until_at": "2027-02-01T10:00:00.000Z",
    }
    body = {**draft.body, "positions": [position]}
    entry = journal(5).add(draft.kind, draft.feeds, body)
    assert by_name(read(entry)) == rows_of_sale(entry)


def test_a_time_that_no_calendar_has_is_left_to_the_ordinary_way() -> None:
    draft = Sale(os.urandom, count=1).draft()
    entry = journal(6).add(draft.kind, draft.feeds, {**draft.body, "sold_at": "2027-02-30T10:00:00.000Z"})
    assert read(entry) is None
    with pytest.raises(ValueError, match="day"):
        rows_of_sale(entry)


ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**32, 10**17, 10**18, 2**63, -(2**63), 1.5, "", "x", "null", "[]",
    "{}", 'say "it"', "back\\slash", "a\nb", "naïve 席", "\u2028", "\x7f", "x" * 201, [], ["a"], [1], [[1]],
    {}, {"a": 1},
    "2027-02-29T10:00:00.000Z", "2028-02-29T10:00:00.000Z", "0000000000000000", "K1",
)  # fmt: skip


def changed(value: Any, chance: random.Random) -> Any:
    """The same with something odd in one place."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(sorted(value))
        act = chance.random()
        rest = {name: inner for name, inner in value.items() if name != key}
        if act < 0.1:
            return rest
        if act < 0.2:
            return {**value, chance.choice(["a", "part", "promo", "zz"]): chance.choice(ODD)}
        return {**rest, key: changed(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        at = chance.randrange(len(value))
        return [*value[:at], changed(value[at], chance), *value[at + 1 :]]
    return chance.choice(ODD)


def other_values(text: str, chance: random.Random) -> str:
    """An odd value somewhere, written canonically."""
    fields = changed(json.loads(text), chance)
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def other_text(text: str, chance: random.Random) -> str:
    """A character more, less or another, at a place that matters."""
    places = [found.start() for found in re.finditer(r'[\[\]{}:,"0-9-]', text)]
    at = chance.choice(places) + chance.randrange(2)
    odd = chance.choice(['"', ",", " ", "0", "-", "1", "\\", "}", "]", "\t", "é", "\ud800", "\0", "null"])
    return text[:at] + odd * chance.randrange(2) + text[at + chance.randrange(2) :]


@pytest.mark.parametrize("change", [other_values, other_text])
def test_whatever_is_read_from_its_text_is_what_it_would_have_been_read_as(
    change: Callable[[str, random.Random], str],
) -> None:
    chance = random.Random(change.__name__)
    sales = list(_sales())
    taken = refused = 0
    for _ in range(4_000):
        text = change(chance.choice(sales).content, chance)
        found = match_sale(text)
        sale = None if found is None else read_sale(found, "")
        if sale is None:
            refused += 1
            continue
        taken += 1
        digest = chain_hash(bytes(32), raw_text("aaaa0001", 1, 1, text))
        entry = parse("aaaa0001", 1, 1, text, bytes(32), digest, bytes(64))
        assert replica.misfit(entry) is None
        whole = read_sale(found, entry.short_hash)
        assert whole is not None
        assert is_the_same(whole, entry)
    assert taken > 100
    assert refused > 1_000


def _sales() -> Iterator[Entry]:
    written = journal(7)
    History(7).written([written], 60)
    yield from (entry for entry in written.entries if entry.kind == "order_sold")
    draft = Sale(os.urandom, count=2).draft()
    body = {**draft.body, "part": {"number": 2, "of": 2}, "promo": 7}
    yield written.add(draft.kind, draft.feeds, body)


def test_a_pattern_is_only_made_of_what_it_knows() -> None:
    assert re.fullmatch(object_of({"a": TEXT, "b": opt(NUMBER)}, {}), '{"a":"x"}')
    assert re.fullmatch(object_of({"a": TEXT, "b": opt(NUMBER)}, {}), '{"a":"x","b":null}')
    assert not re.fullmatch(object_of({"a": TEXT, "b": opt(NUMBER)}, {}), '{"b":1,"a":"x"}')
    with pytest.raises(ValueError, match="a"):
        object_of({"a": opt(TEXT), "b": NUMBER}, {})
    with pytest.raises(KeyError):
        object_of({"a": RECORD}, {})
