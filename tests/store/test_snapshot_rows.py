"""Sales of a snapshot as plain tuples: the very rows that the ordinary projection makes."""

import os
import random

import pytest

from app.store.project_orders import rows_of_sale
from app.store.schema import METADATA
from app.store.snapshot_rows import tuples_of_sale
from domain.entry import Entry
from domain.ticket_code import SigningKey
from tests.hub.histories import History
from tests.journal import Journal
from tests.store.station import Sale


def by_name(entry: Entry) -> dict[str, list[dict[str, object]]]:
    found = {}
    for name, rows in tuples_of_sale(entry).items():
        columns = [column.name for column in METADATA.tables[name].c]
        found[name] = [dict(zip(columns, row, strict=True)) for row in rows]
    return found


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
        assert by_name(entry) == rows_of_sale(entry)


def test_a_later_part_of_a_large_order_counts_its_lines_on() -> None:
    draft = Sale(os.urandom, count=3).draft()
    body = {**draft.body, "part": {"number": 3, "of": 4}}
    entry = journal(4).add(draft.kind, draft.feeds, body)
    assert by_name(entry) == rows_of_sale(entry)
    assert [row["line"] for row in by_name(entry)["position"]] == [20_000, 20_001, 20_002]


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
    assert by_name(entry) == rows_of_sale(entry)


def test_a_time_that_no_calendar_has_is_refused_as_ever() -> None:
    draft = Sale(os.urandom, count=1).draft()
    entry = journal(6).add(draft.kind, draft.feeds, {**draft.body, "sold_at": "2027-02-30T10:00:00.000Z"})
    for made in (tuples_of_sale, rows_of_sale):
        with pytest.raises(ValueError, match="day"):
            made(entry)
