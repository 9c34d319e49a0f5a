"""Keys -> vectors, in a SQLite file that several processes share.

The file is opened at the first use, by each process for itself. Whatever becomes of it, no method
raises because of it, and no vector comes back that is not the one that was put:

- a row that fails its checksum is dropped, and so computed again;
- a damaged file is set aside under another name, and a new one begun;
- a disk that is full, read-only or busy is left alone for a minute, and a file of a newer version
  or of another program for good; the log says so once.
"""

from __future__ import annotations

import logging
import math
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Literal, TypeVar

from .cache_file import (
    FILE_ERRORS,
    checksum_of,
    is_damage,
    live_bytes,
    open_cache_file,
    set_aside,
    transaction,
)
from .cache_key import KeySpace
from .errors import CacheFileError, EmbedError
from .model_files import cache_directory

__all__ = ["VectorCache", "default_cache_path", "evict"]

_WAIT_S = 10.0  # for another process that writes
_REST_S = 60.0
_KEYS_PER_QUERY = 500  # SQLite before 3.32 takes at most 999 parameters
# Uses are noted with the next rows that are written, and only for rows whose last note is older
# than this: reading stays reading.
_NOTED_S = 600
_MAX_UNNOTED = 4096
_MIN_MAX_BYTES = 1 << 20
_KEPT = 0.9  # of max_bytes after an eviction, so that not every call evicts
_PARTS = 16  # of max_bytes, of which a transaction writes at most one
_BESIDE_VECTOR_BYTES = 400  # of a row: its key three times, role, checksum, and what SQLite adds

Result = TypeVar("Result")
_log = logging.getLogger("lattice_embed")


def default_cache_path() -> Path:
    """`vectors/vectors.sqlite3` in the cache directory of the models."""
    return cache_directory() / "vectors" / "vectors.sqlite3"


class VectorCache:
    """At most `max_bytes` on disk (its log aside); the least recently used vectors go first.

    Safe to use from several threads and processes. A `put` is one transaction, or several where its
    vectors would take more than a sixteenth of `max_bytes`: a process that is killed loses at most
    the rows of the one that it was in.

    >>> from lattice_embed.cache_key import CacheIdentity
    >>> space = KeySpace(CacheIdentity("an example", None, 64 * "0"), 384)
    >>> with VectorCache() as cache:
    ...     cache.put(space, {space.key("one text"): bytes(4 * 384)})
    ...     found = cache.get(space, [space.key("one text"), space.key("another")])
    >>> len(found)
    1
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        max_bytes: int = 2 << 30,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`path`: of the file, `default_cache_path()` if not given. `clock`: seconds since 1970.

        Raises `EmbedError` if `max_bytes` is below 1 MiB.
        """
        if type(max_bytes) is not int or max_bytes < _MIN_MAX_BYTES:
            raise EmbedError("max_bytes", f"an int from {_MIN_MAX_BYTES} up", repr(max_bytes))
        self.path = (Path(path) if path is not None else default_cache_path()).expanduser()
        self.max_bytes = max_bytes
        self._clock = clock
        self._warned: set[str] = set()
        self._resting_until = {"get": 0.0, "put": 0.0}  # a full disk can still be read
        self._left_to_parent: list[sqlite3.Connection] = []
        self._begin()

    def get(self, space: KeySpace, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The vectors that are here, as the bytes of little-endian float32."""
        return self._with_file("get", lambda file: self._read(file, space, keys)) or {}

    def put(self, space: KeySpace, vectors: Mapping[bytes, bytes]) -> None:
        """Keep vectors, each the bytes of `space.dimensions` little-endian float32."""
        if vectors:
            self._with_file("put", lambda file: self._write(file, space, vectors))

    def close(self) -> None:
        """Note the uses and close the file; it is opened again when it is needed."""
        if self._connection is not None and os.getpid() == self._pid:
            self._with_file("put", self._note_uses)
            with self._lock:
                self._disconnect()

    def __del__(self) -> None:
        if getattr(self, "_pid", None) == os.getpid():
            self._disconnect()

    def __enter__(self) -> VectorCache:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- rows

    def _read(
        self, connection: sqlite3.Connection, space: KeySpace, keys: Sequence[bytes]
    ) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        damaged: list[tuple[bytes]] = []
        noted_s = self._clock() - _NOTED_S
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            part = keys[start : start + _KEYS_PER_QUERY]
            asked = set(part)
            marks = ",".join("?" * len(part))
            for key, vector, checksum, used_s in connection.execute(
                f"SELECT key, vector, checksum, used_s FROM vectors WHERE key IN ({marks})", part
            ):
                if key not in asked:
                    raise sqlite3.DatabaseError("its index leads to other rows")
                if (
                    isinstance(vector, bytes)
                    and len(vector) == 4 * space.dimensions
                    and checksum == checksum_of(key, vector)
                ):
                    found[key] = vector
                    if not isinstance(used_s, int) or used_s < noted_s:
                        self._unnoted.add(key)
                else:
                    damaged.append((key,))
        if damaged:
            self._warn("rows", f"cache {self.path}: damaged rows, which are computed again")
            with suppress(sqlite3.OperationalError), transaction(connection):
                connection.executemany("DELETE FROM vectors WHERE key = ?", damaged)
        if len(self._unnoted) > _MAX_UNNOTED:
            with suppress(sqlite3.OperationalError):
                self._note_uses(connection)
            self._unnoted.clear()
        return found

    def _write(
        self, connection: sqlite3.Connection, space: KeySpace, vectors: Mapping[bytes, bytes]
    ) -> None:
        dimensions, role = space.dimensions, space.short_label
        # SQLite takes Unicode only
        model = space.identity.model.encode("utf-8", "backslashreplace").decode()
        now_s = int(self._clock())
        rows = (
            (key, model, dimensions, vector, role, checksum_of(key, vector), now_s)
            for key, vector in vectors.items()
        )
        # B-tree pages are half full at least
        row_bytes = 2 * (4 * dimensions + len(model) + _BESIDE_VECTOR_BYTES)
        part_bytes = self.max_bytes // _PARTS
        while part := list(islice(rows, max(1, part_bytes // row_bytes))):
            with transaction(connection):
                connection.executemany(
                    "INSERT OR REPLACE INTO vectors"
                    " (key, model, dimensions, vector, role, checksum, used_s)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    part,
                )
                self._update_uses(connection)
                # the next part must find room: what a file has grown to, it keeps
                if live_bytes(connection) > self.max_bytes - part_bytes:
                    evict(connection, int(self.max_bytes * _KEPT))
            self._unnoted.clear()

    def _note_uses(self, connection: sqlite3.Connection) -> None:
        if self._unnoted:
            with transaction(connection):
                self._update_uses(connection)
            self._unnoted.clear()

    def _update_uses(self, connection: sqlite3.Connection) -> None:
        now_s = int(self._clock())
        connection.executemany(
            "UPDATE vectors SET used_s = ? WHERE key = ?", [(now_s, key) for key in self._unnoted]
        )

    # --- the file

    def _begin(self) -> None:
        """As a process begins, a child of this one too: locks and files are not inherited."""
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._unnoted: set[bytes] = set()

    def _with_file(
        self, kind: Literal["get", "put"], work: Callable[[sqlite3.Connection], Result]
    ) -> Result | None:
        """What `work` gives, or `None` while there is no file for this kind of work."""
        if os.getpid() != self._pid:
            if self._connection is not None:  # to close it here could disturb the parent
                self._left_to_parent.append(self._connection)
            self._begin()
        with self._lock:
            for attempt in range(2):
                if time.monotonic() < self._resting_until[kind]:
                    return None
                try:
                    return work(self._connect())
                except CacheFileError as error:
                    self._rest(kind, math.inf, str(error))
                except (*FILE_ERRORS, OSError, MemoryError) as error:
                    file = self._file
                    self._disconnect()
                    if attempt or not is_damage(error) or not self._set_aside(file, error):
                        reason = f"cache {self.path}: {error}; going on without it"
                        self._rest(kind, _REST_S, reason)
        return None

    def _connect(self) -> sqlite3.Connection:
        """The open connection, or a new one where the file has been moved or replaced."""
        if self._connection is not None and self._file != self._file_now():
            self._disconnect()
        if self._connection is None:
            self._file = self._file_now()
            self._connection = open_cache_file(self.path, timeout_s=_WAIT_S)
            if self._file is None:  # it is new
                self._file = self._file_now()
        return self._connection

    def _file_now(self) -> tuple[int, int] | None:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino

    def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _set_aside(self, file: tuple[int, int] | None, error: BaseException) -> bool:
        """Whether the damaged file is out of the way: by us, or by another process before us."""
        try:
            if file == self._file_now():
                aside = set_aside(self.path)
                self._warn("aside", f"cache {self.path}: {error}; set aside as {aside.name}")
        except OSError:
            return False
        return True

    def _rest(self, kind: Literal["get", "put"], duration_s: float, reason: str) -> None:
        self._resting_until[kind] = time.monotonic() + duration_s
        self._warn(reason, reason)

    def _warn(self, kind: str, message: str) -> None:
        """Each kind once; what comes again is no news."""
        level = logging.INFO if kind in self._warned else logging.WARNING
        self._warned.add(kind)
        _log.log(level, message)


def evict(connection: sqlite3.Connection, max_bytes: int) -> int:
    """Within a transaction, drop the least recently used rows; gives their number."""
    dropped = 0
    while (excess := live_bytes(connection) - max_bytes) > 0:
        oldest = connection.execute(
            "SELECT rowid, length(vector) FROM vectors ORDER BY used_s, rowid LIMIT 1000"
        ).fetchall()
        if not oldest:
            break
        rows, freed = [], 0
        for rowid, size in oldest:
            rows.append((rowid,))
            freed += size
            # by halves: a row takes more than its vector, and a page is free when its last row goes
            if freed >= excess / 2:
                break
        connection.executemany("DELETE FROM vectors WHERE rowid = ?", rows)
        dropped += len(rows)
    return dropped
