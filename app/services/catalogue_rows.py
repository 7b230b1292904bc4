"""A catalogue file as plain rows that remember where they stand, whatever the format of the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.errors import Refusal


@dataclass(frozen=True, slots=True)
class Row:
    """One object of a file: its values by field name, and the line it begins on (from 1)."""

    file: str
    line: int
    values: Mapping[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)

    def line_of(self, name: str) -> int:
        """The line of a field, or that of the object when the field is not there."""
        return self.lines.get(name, self.line)

    def rows(self, name: str) -> list["Row"]:
        """The objects in a list field; raises Refusal CATALOGUE_INVALID when it is something else."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, Row) for item in value):
            raise self.wrong(name, "list")
        return value

    def wrong(self, name: str, problem: str, value: object = None) -> Refusal:
        """The refusal that names file, row, field and what is wrong (a stable word)."""
        shown = None if value is None else str(value)[:80]
        return Refusal(
            "CATALOGUE_INVALID",
            file=self.file,
            row=self.line_of(name),
            field=name,
            problem=problem,
            value=shown,
        )


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """A file read: the organization's values if it has any, and the lists of objects."""

    organization: Row | None
    lists: Mapping[str, list[Row]]
