"""A cache file -> what is in it, and the work that its owner may want done on it.

Unlike the service, which goes on without a cache that it cannot use, these say what is wrong: all
raise `CacheFileError`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .cache_file import (
    FILE_ERRORS,
    SCHEMA_VERSION,
    checksum_of,
    is_damage,
    live_bytes,
    open_cache_file,
    schema_version,
    set_aside,
    transaction,
)
from .errors import CacheFileError
from .vector_cache import evict

__all__ = [
    "CacheGroup",
    "CacheStatistics",
    "Verification",
    "clear",
    "migrate",
    "prune",
    "read_statistics",
    "verify",
]

_WAIT_S = 10.0


@dataclass(frozen=True)
class CacheGroup:
    """The vectors of one model, number of dimensions and role, or of a prompt by its hash."""

    model: str
    dimensions: int
    role: str
    rows: int


@dataclass(frozen=True)
class CacheStatistics:
    """`size_bytes`: of the file and its log. `live_bytes`: of the pages that hold something."""

    schema_version: int
    size_bytes: int
    live_bytes: int
    groups: tuple[CacheGroup, ...]

    @property
    def rows(self) -> int:
        return sum(group.rows for group in self.groups)


@dataclass(frozen=True)
class Verification:
    """`dropped` of `rows` failed their checksum; `set_aside`: the new name of a damaged file."""

    rows: int
    dropped: int
    set_aside: Path | None = None


def read_statistics(path: Path) -> CacheStatistics:
    """Look into a file without changing it."""
    with _named_errors(path), closing(_open_to_read(path)) as connection:
        version = schema_version(connection, path)
        role = "role" if version == SCHEMA_VERSION else "'generic'"
        groups = () if version is None else connection.execute(
            f"SELECT model, dimensions, {role} AS role, count(*) FROM vectors"
            " GROUP BY model, dimensions, role ORDER BY model, dimensions, role"
        )  # fmt: skip
        return CacheStatistics(
            version or 0,
            sum(part.stat().st_size for part in _parts(path)),
            live_bytes(connection),
            tuple(CacheGroup(*row) for row in groups),
        )


def migrate(path: Path) -> int:
    """Bring a file to today's schema; gives the version that it had."""
    with _named_errors(path):
        with closing(_open_to_read(path)) as connection:
            before = schema_version(connection, path) or 0
        open_cache_file(path, timeout_s=_WAIT_S).close()
        return before


def verify(path: Path) -> Verification:
    """Check the file and each row; drop the rows that are wrong, set aside a file that is."""
    rows = 0
    with _named_errors(path):
        try:
            with closing(_open(path)) as connection:
                problem = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
                if problem != "ok":
                    raise sqlite3.DatabaseError(problem)
                wrong = []
                for row in connection.execute(
                    "SELECT rowid, key, vector, dimensions, checksum FROM vectors"
                ):
                    rows += 1
                    if not _is_sound(*row[1:]):
                        wrong.append(row[:1])
                with transaction(connection):
                    connection.executemany("DELETE FROM vectors WHERE rowid = ?", wrong)
                return Verification(rows, len(wrong))
        except FILE_ERRORS as error:
            if not is_damage(error):
                raise
            return Verification(rows, 0, set_aside(path))


def prune(path: Path, max_bytes: int) -> int:
    """Drop the least recently used rows and shrink the file to `max_bytes`; gives their number."""
    with _named_errors(path), closing(_open(path)) as connection:
        with transaction(connection):
            dropped = evict(connection, max_bytes)
        _shrink(connection)
        return dropped


def clear(path: Path) -> int:
    """Drop all rows; gives their number. The file stays: other processes may have it open."""
    with _named_errors(path), closing(_open(path)) as connection:
        with transaction(connection):
            rows = int(connection.execute("DELETE FROM vectors").rowcount)
        _shrink(connection)
        return rows


def _is_sound(key: object, vector: object, dimensions: object, checksum: object) -> bool:
    return (
        isinstance(key, bytes)
        and isinstance(vector, bytes)
        and isinstance(dimensions, int)
        and len(vector) == 4 * dimensions
        and checksum == checksum_of(key, vector)
    )


def _shrink(connection: sqlite3.Connection) -> None:
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _parts(path: Path) -> list[Path]:
    parts = [path.with_name(path.name + ending) for ending in ("", "-wal", "-shm")]
    return [part for part in parts if part.exists()]


def _open(path: Path) -> sqlite3.Connection:
    _require(path)
    return open_cache_file(path, timeout_s=_WAIT_S)


def _open_to_read(path: Path) -> sqlite3.Connection:
    _require(path)
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=_WAIT_S, isolation_level=None
    )
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection


def _require(path: Path) -> None:
    if not path.is_file():
        received = "something else" if path.exists() else "nothing at this path"
        raise CacheFileError(f"cache {path}", "a file", received)


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except FILE_ERRORS as error:
        advice = (
            "`lattice-embed cache verify` sets it aside."
            if is_damage(error)
            else "Is another process at work on it, the disk full, or the folder read-only?"
        )
        raise CacheFileError(
            f"cache {path}", "a file that can be used", str(error), advice
        ) from error
    except OSError as error:
        raise CacheFileError(f"cache {path}", "a file that can be used", str(error)) from error
