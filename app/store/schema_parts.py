"""What the tables of the station's file are made of: the one metadata, kinds of columns, kinds of tables."""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

METADATA = MetaData()
"""Knows all tables once app.store.schema is imported: take it from there."""

Part = Column[str] | Column[int] | Column[bytes] | Index | UniqueConstraint


def text_column(name: str, *, key: bool = False, empty: bool = False) -> "Column[str]":
    """Text; `key`: part of the primary key, `empty`: may be NULL."""
    return Column(name, Text, primary_key=key, nullable=empty)


def int_column(name: str, *, key: bool = False, empty: bool = False) -> "Column[int]":
    """A whole number; `key` and `empty` as with text."""
    return Column(name, Integer, primary_key=key, nullable=empty, autoincrement=False)


def blob_column(name: str) -> "Column[bytes]":
    """Bytes that are always there."""
    return Column(name, LargeBinary, nullable=False)


def table(name: str, *parts: Part) -> Table:
    """A STRICT table whose rows lie in the order of its primary key."""
    return Table(name, METADATA, *parts, sqlite_strict=True, sqlite_with_rowid=False)


def log(name: str, *parts: Part) -> Table:
    """A STRICT table with a rising `position`, for wide rows that are mostly appended."""
    position: Column[int] = Column("position", Integer, primary_key=True)
    return Table(name, METADATA, position, *parts, sqlite_strict=True)
