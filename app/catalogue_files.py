"""Catalogue files as people write them: YAML, JSON or CSV, read into plain rows that remember their line.

A JSON file is read by the YAML reader (JSON is a subset of it), so both know on which line a value stands.
A CSV has one product or one promo code per row, with the event and the performance repeated beside it.
Nothing is judged here but the form; what the values mean is checked by the import itself, which names file,
row and field.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from app.services.catalogue_rows import CatalogueFile, Row
from domain.errors import Fault, Refusal

MAX_BYTES = 20_000_000
MAX_NODES = 200_000
_WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")
LISTS = ("gates", "events", "users", "customers")
CSV_COLUMNS = {
    "event": ("event", "code"),
    "event_name": ("event", "name"),
    "event_name_ru": ("event", "name_ru"),
    "category": ("event", "category"),
    "venue": ("event", "venue"),
    "address": ("event", "address"),
    "zone": ("event", "zone"),
    "state": ("event", "state"),
    "performance": ("performance", "code"),
    "starts": ("performance", "starts"),
    "minutes": ("performance", "minutes"),
    "capacity": ("performance", "capacity"),
    "product": ("product", "code"),
    "name": ("product", "name"),
    "name_ru": ("product", "name_ru"),
    "price": ("product", "price"),
    "tax": ("product", "tax"),
    "promo": ("promo", "code"),
    "promo_name": ("promo", "name"),
    "promo_name_ru": ("promo", "name_ru"),
    "percent": ("promo", "percent"),
    "amount": ("promo", "amount"),
    "per": ("promo", "per"),
    "products": ("promo", "products"),
    "from": ("promo", "from"),
    "until": ("promo", "until"),
    "limit": ("promo", "limit"),
}


class _PlainLoader(yaml.SafeLoader):
    """Composes documents without anchors, aliases and merges, and gives up where one is far too large: a
    small file must not blow up in memory, and each value has one place where it stands."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """See yaml.composer. Raises MarkedYAMLError."""
        self._nodes += 1
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        problem = "alias" if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) else None
        if self._nodes > MAX_NODES:
            problem = "too_large"
        if problem is not None:
            raise _NotPlainError(problem=problem, problem_mark=event.start_mark)
        return super().compose_node(parent, index)


class _NotPlainError(yaml.MarkedYAMLError):
    """YAML that is well formed and not taken; `problem` is the word for the refusal."""


def read_catalogue(path: Path) -> CatalogueFile:
    """Read a file by its ending (.yaml, .yml, .json, .csv).

    Raises Fault FILE_UNREADABLE; Refusal CATALOGUE_INVALID with file, row and field; CATALOGUE_FORMAT for
    another ending.
    """
    ending = path.suffix.lower()
    if ending not in (".yaml", ".yml", ".json", ".csv"):
        raise Refusal("CATALOGUE_FORMAT", file=path.name)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Fault("FILE_TOO_LARGE", file=path.name)
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise Fault("FILE_UNREADABLE", file=path.name) from None
    return _from_csv(path.name, text) if ending == ".csv" else _from_yaml(path.name, text)


def _from_yaml(name: str, text: str) -> CatalogueFile:
    try:
        node = yaml.compose(text, Loader=_PlainLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = error.problem if isinstance(error, _NotPlainError) else "syntax"
        raise Refusal(
            "CATALOGUE_INVALID", file=name, row=line, field="", problem=problem, value=None
        ) from None
    except (yaml.YAMLError, RecursionError):
        raise Refusal("CATALOGUE_INVALID", file=name, row=1, field="", problem="syntax", value=None) from None
    if not isinstance(node, yaml.MappingNode):
        raise Refusal("CATALOGUE_INVALID", file=name, row=1, field="", problem="mapping", value=None)
    loader = yaml.SafeLoader("")
    top = _row(name, node, loader)
    for key in top.values:
        if key not in (*LISTS, "organization"):
            raise top.wrong(key, "unknown_field")
    organization = top.values.get("organization")
    if organization is not None and not isinstance(organization, Row):
        raise top.wrong("organization", "mapping")
    return CatalogueFile(organization, {key: top.rows(key) for key in LISTS})


def _row(file: str, node: yaml.MappingNode, loader: yaml.SafeLoader) -> Row:
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    line = node.start_mark.line + 1
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
        row = key_node.start_mark.line + 1
        if not key or key in values:
            problem = "duplicate_field" if key else "field_name"
            raise Refusal("CATALOGUE_INVALID", file=file, row=row, field=key, problem=problem, value=None)
        values[key] = _value(file, value_node, loader)
        lines[key] = row
    return Row(file, line, values, lines)


def _value(file: str, node: yaml.Node, loader: yaml.SafeLoader) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _row(file, node, loader)
    if isinstance(node, yaml.SequenceNode):
        return [_value(file, item, loader) for item in node.value]
    if isinstance(node, yaml.ScalarNode) and node.tag.endswith((":float", ":timestamp", ":binary")):
        return node.value  # prices and times are read from their exact text
    if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":int") and not _WHOLE.fullmatch(node.value):
        return node.value  # a code 007, a phone +49…, a time 19:30: never what YAML 1.1 makes of them
    try:
        value = loader.construct_object(node)
        return _joined(value) if isinstance(value, str) else value
    except (yaml.YAMLError, ValueError, LookupError):
        raise Refusal(
            "CATALOGUE_INVALID",
            file=file,
            row=node.start_mark.line + 1,
            field="",
            problem="syntax",
            value=None,
        ) from None


def _joined(text: str) -> str:
    """JSON writes what lies beyond the first plane as two escaped halves, which YAML leaves apart. Raises
    UnicodeDecodeError for half a character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _from_csv(name: str, text: str) -> CatalogueFile:
    dialect = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    reader = csv.reader(io.StringIO(text), delimiter=dialect)
    try:
        header = [column.strip().lower() for column in next(reader, [])]
        _check_header(name, header)
        return _grouped(name, ((reader.line_num, header, row) for row in reader if any(row)))
    except csv.Error:
        raise Refusal(
            "CATALOGUE_INVALID", file=name, row=reader.line_num, field="", problem="syntax", value=None
        ) from None


def _check_header(name: str, header: list[str]) -> None:
    def wrong(column: str, problem: str) -> Refusal:
        return Refusal("CATALOGUE_INVALID", file=name, row=1, field=column, problem=problem, value=None)

    for column in header:
        if column not in CSV_COLUMNS:
            raise wrong(column, "unknown_field")
        if header.count(column) > 1:
            raise wrong(column, "duplicate_field")
    needed = ("event", "promo") if "promo" in header else ("event", "event_name", "product", "price")
    for column in needed:
        if column not in header:
            raise wrong(column, "missing")


def _grouped(name: str, rows: Iterator[tuple[int, list[str], list[str]]]) -> CatalogueFile:
    """Rows of one event become one event with its performances and products, each once."""
    events: dict[str, dict[str, Any]] = {}
    for line, header, cells in rows:
        if len(cells) != len(header):
            raise Refusal(
                "CATALOGUE_INVALID", file=name, row=line, field="", problem="columns", value=len(cells)
            )
        parts: dict[str, dict[str, str]] = {"event": {}, "performance": {}, "product": {}, "promo": {}}
        for column, cell in zip(header, cells, strict=True):
            part, target = CSV_COLUMNS[column]
            if cell.strip():
                parts[part][target] = cell.strip()
        row = Row(name, line, parts["event"])
        code = parts["event"].get("code")
        if code is None:
            raise row.wrong("event", "missing")
        event = events.setdefault(
            code, {"line": line, "values": parts["event"], "performances": {}, "products": {}, "promos": {}}
        )
        if event["values"] != parts["event"]:
            raise row.wrong("event", "contradiction", code)
        for part, key in (("performance", "performances"), ("product", "products"), ("promo", "promos")):
            values = parts[part]
            if not values:
                continue
            found = event[key].setdefault(values.get("code", ""), Row(name, line, values))
            if found.values != values:
                raise row.wrong(part, "contradiction", values.get("code"))
    listed = [
        Row(
            name,
            event["line"],
            {
                **event["values"],
                "performances": list(event["performances"].values()),
                "products": list(event["products"].values()),
                "promos": list(event["promos"].values()),
            },
        )
        for event in events.values()
    ]
    return CatalogueFile(None, {"gates": [], "events": listed, "users": [], "customers": []})
