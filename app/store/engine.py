"""Connections to the encrypted file: one that writes, a few that only read.

The key is used raw (`PRAGMA key = "x'…'"`), so that opening costs no key derivation; every page is
AES-256 with an HMAC (SQLCipher 4), so a flipped bit is noticed when the page is read.
"""

from pathlib import Path

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool
from sqlcipher3 import dbapi2

KEY_BYTES = 32
BUSY_MS = 5_000
CACHE_KIB = 16 * 1024


def connect(path: Path, key: bytes, *, writing: bool, busy_ms: int = BUSY_MS) -> dbapi2.Connection:
    """A driver connection with the file unlocked and all settings made; nothing is read from it yet.

    Raises ValueError for a key that is not 32 bytes, and the driver's errors.
    """
    if len(key) != KEY_BYTES:
        raise ValueError("the key of the store is 32 bytes")
    connection = dbapi2.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=busy_ms / 1000,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("PRAGMA cipher_memory_security = OFF")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB if writing else CACHE_KIB // 4}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA recursive_triggers = ON")  # else REPLACE passes the journal's triggers by
    connection.execute("PRAGMA secure_delete = ON" if writing else "PRAGMA query_only = ON")
    return connection


def opened(path: Path, key: bytes, *, writing: bool, busy_ms: int = BUSY_MS) -> Engine:
    """An engine whose every connection is a new one to the file. It begins no transaction by itself: its
    user does, on the driver's connection (`BEGIN IMMEDIATE` to write, `BEGIN` for a snapshot)."""
    return create_engine(
        "sqlite://",
        module=dbapi2,
        creator=lambda: connect(path, key, writing=writing, busy_ms=busy_ms),
        poolclass=NullPool,
    )
