"""Catalogue files as people write them: what is wrong with their form, and where."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import catalogue_files
from app.catalogue_files import MAX_NODES, read_catalogue
from app.paths import resource
from domain.errors import Fault, GatehouseError, Refusal


def written(folder: Path, text: str | bytes, name: str = "file.yaml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def wrong(path: Path) -> tuple[int, str, str]:
    with pytest.raises(Refusal) as caught:
        read_catalogue(path)
    assert caught.value.code == "CATALOGUE_INVALID"
    params = caught.value.params
    assert params["file"] == path.name
    return params["row"], params["field"], params["problem"]


@pytest.mark.parametrize(
    ("text", "row", "field", "problem"),
    [
        ("", 1, "", "mapping"),
        ("- a\n- b\n", 1, "", "mapping"),
        ("just text", 1, "", "mapping"),
        ("events:\n  - {code: a\n", 3, "", "syntax"),
        ("events:\n\t- a\n", 2, "", "syntax"),
        ("events: []\n---\nevents: []\n", 2, "", "syntax"),
        ("evnts: []\n", 1, "evnts", "unknown_field"),
        ("gates: []\nevents: []\nevents: []\n", 3, "events", "duplicate_field"),
        ("events:\n  - {[a]: 1}\n", 2, "", "field_name"),
        ("events: 5\n", 1, "events", "list"),
        ("events: [5]\n", 1, "events", "list"),
        ("organization: Us\n", 1, "organization", "mapping"),
        ("events:\n  - {code: !!python/name:os.system a}\n", 2, "", "syntax"),
        ("events:\n  - {code: !!bool maybe}\n", 2, "", "syntax"),
        ("base: &b {code: a}\n", 1, "", "alias"),
        ("events: [&a {code: a}, *a]\n", 1, "", "alias"),
        ("events: &a [*a]\n", 1, "", "alias"),
        ("gates: [*nobody]\n", 1, "", "alias"),
    ],
)
def test_a_file_of_the_wrong_form_names_its_line(
    tmp_path: Path, text: str, row: int, field: str, problem: str
) -> None:
    assert wrong(written(tmp_path, text)) == (row, field, problem)


def test_a_bomb_of_aliases_costs_nothing(tmp_path: Path) -> None:
    lines = ['a0: &a0 ["x","x","x","x","x","x","x","x","x"]']
    lines += [f"a{at}: &a{at} [{','.join([f'*a{at - 1}'] * 9)}]" for at in range(1, 12)]
    assert wrong(written(tmp_path, "\n".join(lines)))[2] == "alias"


def test_a_file_with_too_many_values_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_NODES == 200_000
    monkeypatch.setattr(catalogue_files, "MAX_NODES", 50)
    text = "gates:\n" + "".join(f"  - {{code: g{at}}}\n" for at in range(40))
    row, _, problem = wrong(written(tmp_path, text))
    assert problem == "too_large"
    assert row > 10


def test_deep_nesting_is_a_plain_refusal(tmp_path: Path) -> None:
    assert wrong(written(tmp_path, "events: " + "[" * 5000 + "]" * 5000))[2] == "syntax"


def test_a_file_over_twenty_megabytes_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(catalogue_files.MAX_BYTES + 1)
    with pytest.raises(Fault, match="FILE_TOO_LARGE"):
        read_catalogue(path)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"events: \xe9\n"])
def test_what_is_no_text_is_unreadable(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Fault, match="FILE_UNREADABLE"):
        read_catalogue(written(tmp_path, content))


def test_a_missing_file_a_folder_and_another_ending_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    for name in ("missing.yaml", "folder.yaml"):
        with pytest.raises(Fault, match="FILE_UNREADABLE"):
            read_catalogue(tmp_path / name)
    with pytest.raises(Refusal, match="CATALOGUE_FORMAT"):
        read_catalogue(written(tmp_path, "x", "file.xlsx"))


def test_json_is_read_with_its_lines(tmp_path: Path) -> None:
    path = written(tmp_path, '\ufeff{"events": [\n {"code": "a",\n  "name": "A"}]}', "file.json")
    (event,) = read_catalogue(path).lists["events"]
    assert (event.values, event.line_of("name"), event.line_of("zone")) == ({"code": "a", "name": "A"}, 3, 2)


def test_times_prices_and_odd_numbers_keep_their_exact_text(tmp_path: Path) -> None:
    text = "events: [{a: 12.50, b: 2026-12-24, c: 19:30, d: 0123, e: +49, f: 1_000, g: 12, h: 0}]"
    (event,) = read_catalogue(written(tmp_path, text)).lists["events"]
    assert event.values == {
        "a": "12.50", "b": "2026-12-24", "c": "19:30", "d": "0123", "e": "+49", "f": "1_000", "g": 12, "h": 0,
    }  # fmt: skip


HEADER = "event,event_name,performance,starts,product,name,price\n"
ROW = "a,A,p,2030-01-01 10:00,x,X,5\n"


@pytest.mark.parametrize(
    ("text", "row", "field", "problem"),
    [
        ("", 1, "event", "missing"),
        ("event,event_name,product\n", 1, "price", "missing"),
        ("event,event,event_name,product,price\n", 1, "event", "duplicate_field"),
        ("event,event_name,product,price,colour\n", 1, "colour", "unknown_field"),
        (HEADER + "a,A,p,2030-01-01 10:00,x,X\n", 2, "", "columns"),
        (HEADER + ",A,p,2030-01-01 10:00,x,X,5\n", 2, "event", "missing"),
        (HEADER + ROW + "\na,B,p,2030-01-01 10:00,y,Y,5\n", 4, "event", "contradiction"),
        (HEADER + ROW + "a,A,p,2030-01-01 10:00,x,X,6\n", 3, "product", "contradiction"),
        (HEADER + ROW + "a,A,p,2031-01-01 10:00,y,Y,6\n", 3, "performance", "contradiction"),
        (HEADER + 'a,"' + "A" * 200_000 + '",p,2030-01-01 10:00,x,X,5\n', 2, "", "syntax"),
    ],
)  # fmt: skip
def test_a_table_of_the_wrong_form_names_its_row_and_column(
    tmp_path: Path, text: str, row: int, field: str, problem: str
) -> None:
    assert wrong(written(tmp_path, text, "season.csv")) == (row, field, problem)


def test_rows_of_one_event_become_one_event(tmp_path: Path) -> None:
    rows = "a,A,p1,2030-01-01 10:00,x,X,5\na,A,p2,2030-01-02 10:00,x,X,5\na,A,,,y,Y,6\n"
    (event,) = read_catalogue(written(tmp_path, HEADER + rows, "season.csv")).lists["events"]
    assert [row.values["code"] for row in event.rows("performances")] == ["p1", "p2"]
    assert [(row.values["code"], row.line) for row in event.rows("products")] == [("x", 2), ("y", 4)]


def test_the_demo_catalogue_can_be_read() -> None:
    rows = read_catalogue(resource("demo", "catalogue.yaml"))
    assert len(rows.lists["events"]) >= 5
    assert rows.lists["users"]


@given(
    st.one_of(st.text(max_size=200), st.binary(max_size=200)), st.sampled_from(["f.yaml", "f.json", "f.csv"])
)
def test_whatever_a_file_holds_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: str | bytes, name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    said = None
    try:
        read_catalogue(path)
    except GatehouseError as error:
        said = error.code
    assert said in (None, "CATALOGUE_INVALID", "FILE_UNREADABLE")
