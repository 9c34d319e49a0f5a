"""The path of a cache file -> an open SQLite connection to it, at today's schema.

One table: `key` is that of `cache_key.py`, `vector` little-endian float32. `checksum` is over key
and vector, so that a vector under another's key is found out too. Files from before roles and
checksums (v0) are brought to today's schema in one transaction.

A file is only ever changed if it is ours: one that another program or a newer version made is left
as it is (`CacheFileError`), a damaged one is for the caller to set aside under another name.
"""

from __future__ import annotations

import hashlib
import math
import sqlite3
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import CacheFileError

__all__ = [
    "FILE_ERRORS",
    "SCHEMA_VERSION",
    "V0_TABLE",
    "checksum_of",
    "is_damage",
    "live_bytes",
    "open_cache_file",
    "schema_version",
    "set_aside",
    "transaction",
]

SCHEMA_VERSION = 1
_APPLICATION_ID = 0x4C_54_56_43  # "LTVC", in the header of the file
_KEY_BYTES = 32
_PAGE_BYTES = 8192  # five vectors of 384 numbers, or one of 1,024 and no overflow page

V0_TABLE = """CREATE TABLE vectors (
    key BLOB NOT NULL PRIMARY KEY,
    model TEXT NOT NULL,
    dimensions INTEGER NOT NULL,
    vector BLOB NOT NULL
)"""
_V0_COLUMNS = ["key", "model", "dimensions", "vector"]
_COLUMNS = [*_V0_COLUMNS, "role", "checksum", "used_s"]


#: What comes of reading or writing a file that is damaged, busy or out of reach.
FILE_ERRORS = (sqlite3.Error, UnicodeDecodeError)


def checksum_of(key: bytes, vector: bytes) -> bytes:
    """8 bytes that change with any bit of either."""
    return hashlib.blake2b(key + vector, digest_size=8).digest()


def is_damage(error: BaseException) -> bool:
    """Whether SQLite says that the file's content is wrong, not that it is busy or out of reach."""
    if isinstance(error, UnicodeDecodeError):  # a message that quotes a damaged schema
        return True
    if isinstance(error, sqlite3.OperationalError):
        # a schema that has lost a table or a column, or a header from a format of the future
        return str(error).startswith(("no such ", "unsupported file format", "table "))
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(
        error, sqlite3.ProgrammingError
    )


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the body or nothing. Waits for other writers first."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """All that the body reads is of the same moment, whatever other processes write meanwhile."""
    begins = not connection.in_transaction
    if begins:
        connection.execute("BEGIN")
    try:
        yield
    finally:
        if begins and connection.in_transaction:
            connection.execute("ROLLBACK")


def live_bytes(connection: sqlite3.Connection) -> int:
    """Size of the pages in use; freed pages are filled again before the file grows."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def schema_version(connection: sqlite3.Connection, path: Path) -> int | None:
    """0 or 1, or `None` for a file that holds nothing yet.

    Raises `CacheFileError` for a file that is not ours to change, and `sqlite3.DatabaseError` for
    one of ours that is damaged.
    """
    with _one_moment(connection):
        version, application = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("user_version", "application_id")
        )
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
        columns = [row[1] for row in connection.execute("PRAGMA table_info(vectors)")]
    if application == _APPLICATION_ID:
        if version > SCHEMA_VERSION:
            raise CacheFileError(
                f"cache {path}",
                f"schema version {SCHEMA_VERSION} or older",
                f"version {version}, made by a newer release",
                "It is left as it is. Update lattice-embed, or use another file.",
            )
        if version != SCHEMA_VERSION or columns != _COLUMNS:
            raise sqlite3.DatabaseError(f"version {version} with the columns {columns}")
        return SCHEMA_VERSION
    if (version, application) == (0, 0):
        if not tables:
            return None
        if columns == _V0_COLUMNS:
            return 0
    raise CacheFileError(
        f"cache {path}",
        "a cache file of lattice-embed",
        "a database of another program",
        "It is left as it is. Use another file.",
    )


def open_cache_file(path: Path, *, timeout_s: float) -> sqlite3.Connection:
    """Open, create or migrate; the connection is in autocommit mode and may change threads.

    Raises `CacheFileError`, `OSError`, or one of `FILE_ERRORS`, for which see `is_damage`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path, timeout=timeout_s, isolation_level=None, check_same_thread=False
    )
    try:
        # names in a damaged schema need not be Unicode
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        version = schema_version(connection, path)
        if version is None:
            connection.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        _use_write_ahead_log(connection, timeout_s)
        # what was committed survives the end of the process; a power cut may cost the last rows
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA journal_size_limit=16777216")
        if version != SCHEMA_VERSION:
            _migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _use_write_ahead_log(connection: sqlite3.Connection, timeout_s: float) -> None:
    """Where several processes change the mode of a new file at once, SQLite does not wait."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(0.01)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    connection.create_function("sound_vector", 3, _is_vector, deterministic=True)
    connection.create_function("checksum_of", 2, checksum_of, deterministic=True)
    with transaction(connection):
        version = schema_version(connection, path)
        if version == SCHEMA_VERSION:  # another process was faster
            return
        if version is None:
            connection.execute(V0_TABLE)
        connection.execute("DELETE FROM vectors WHERE NOT sound_vector(key, dimensions, vector)")
        for column in ("role TEXT NOT NULL DEFAULT 'generic'", "checksum BLOB", "used_s INTEGER"):
            connection.execute(f"ALTER TABLE vectors ADD COLUMN {column}")
        connection.execute(
            "UPDATE vectors SET checksum = checksum_of(key, vector), used_s = ?",
            (int(time.time()),),
        )
        connection.execute("CREATE INDEX vectors_by_use ON vectors (used_s)")
        connection.execute(f"PRAGMA application_id={_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def _is_vector(key: object, dimensions: object, vector: object) -> bool:
    """What v0 had no checksum for: the form at least, and numbers that are numbers."""
    return (
        isinstance(key, bytes)
        and len(key) == _KEY_BYTES
        and isinstance(dimensions, int)
        and isinstance(vector, bytes)
        and dimensions > 0
        and len(vector) == 4 * dimensions
        and all(map(math.isfinite, struct.unpack(f"<{dimensions}f", vector)))
    )


def set_aside(path: Path) -> Path:
    """Rename a damaged file and its log to `<name>.damaged-<time>`, and say to what."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    number = 0
    while (aside := path.with_name(f"{path.name}.damaged-{stamp}-{number}")).exists():
        number += 1
    # the log first: one that is left behind would be played into the file that comes next
    for ending in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    return aside
