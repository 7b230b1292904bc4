"""Turns what SQLite reports about the world (disk, rights, damage) into Faults, by its result codes only."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from domain.errors import Fault

_PRIMARY = 0xFF

_CODES = {
    3: "STORE_READ_ONLY",  # SQLITE_PERM
    5: "STORE_BUSY",  # SQLITE_BUSY
    6: "STORE_BUSY",  # SQLITE_LOCKED
    8: "STORE_READ_ONLY",  # SQLITE_READONLY
    10: "STORE_IO_ERROR",  # SQLITE_IOERR
    11: "STORE_DAMAGED",  # SQLITE_CORRUPT
    13: "DISK_FULL",  # SQLITE_FULL
    14: "STORE_READ_ONLY",  # SQLITE_CANTOPEN: the file is there, its companions cannot be made
    26: "STORE_DAMAGED",  # SQLITE_NOTADB: at open it is the wrong key, later a page that does not decrypt
}
"""Result code (https://www.sqlite.org/rescode.html) → Fault code."""


def result_code(error: BaseException) -> int | None:
    """SQLite's primary result code of an error of the driver or of SQLAlchemy, None for anything else."""
    original = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", None)
    return code & _PRIMARY if isinstance(code, int) else None


def as_fault(error: BaseException, **params: str) -> Fault | None:
    """The Fault that stands for an error of the environment; None for a defect of the program."""
    code = _CODES.get(result_code(error) or 0)
    return Fault(code, **params) if code else None


@contextmanager
def environment(**params: str) -> Iterator[None]:
    """Raises Fault in place of driver errors whose cause lies outside the program; others pass."""
    try:
        yield
    except (DBAPIError, dbapi2.Error) as error:
        fault = as_fault(error, **params)
        if fault is None:
            raise
        raise fault from error
