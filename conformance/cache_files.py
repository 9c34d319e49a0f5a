"""What a case of the stage "cache_file" describes -> the file on disk, and what an engine must make
of it: worked out from the format, with struct, hashlib and sqlite3 alone.

A cache of vectors is an SQLite file with one table, `vectors`:

    key         32 bytes, see cache_keys.py
    model       the name in the key
    dimensions  how many numbers
    vector      as many float32, little-endian
    role        "generic", "query" or "passage"
    checksum    8 bytes: blake2b of the key followed by the vector
    used_s      the last use, in seconds since 1970

The header has the application id "LTVC" and the user version 1. A file from before roles (v0) has
the first four columns, and zero for both numbers of the header.

- A row is given if its vector has its length and its checksum. Any other row is dropped when it is
  asked for, and can be put again.
- A v0 file is migrated: its rows stay, with a checksum, but for those whose vector is none.
- A file that is damaged, or no database, stays under another name, and a new one is begun.
- A file of a newer version or of another program stays as it is, and is not used.
"""

from __future__ import annotations

import hashlib
import math
import sqlite3
import struct
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from .cache_keys import derived_key

__all__ = ["DERIVATION", "NAME", "derived_answer", "fate_of", "make_cache_file"]

DERIVATION = "conformance/cache_files.py"
NAME = "vectors.sqlite3"

_APPLICATION = int.from_bytes(b"LTVC", "big")
_TODAY = 1
_V0_COLUMNS = (
    "key BLOB NOT NULL PRIMARY KEY, model TEXT NOT NULL, dimensions INTEGER NOT NULL, "
    "vector BLOB NOT NULL"
)
_COLUMNS = f"{_V0_COLUMNS}, role TEXT NOT NULL DEFAULT 'generic', checksum BLOB, used_s INTEGER"
_USED_S = 1_700_000_000
# what `damage` may be, and what becomes of such a file
_FATES = {
    "cut": "set aside",
    "no-header": "set aside",
    "no-database": "set aside",
    "no-table": "set aside",
    "empty": "begun",
    "of-another-program": "left",
}


class _Row(NamedTuple):
    """As it stands in the file; damage may have put anything into `vector` and `checksum`."""

    key: bytes
    model: str
    dimensions: int
    vector: Any
    role: str
    checksum: Any

    @property
    def is_vector(self) -> bool:
        return isinstance(self.vector, bytes) and len(self.vector) == 4 * self.dimensions

    @property
    def is_sound(self) -> bool:
        return self.is_vector and self.checksum == _checksum(self.key, self.vector)

    @property
    def numbers(self) -> list[float]:
        return list(struct.unpack(f"<{self.dimensions}f", self.vector))


def _checksum(key: bytes, vector: bytes) -> bytes:
    return hashlib.blake2b(key + vector, digest_size=8).digest()


def _row(described: dict[str, Any]) -> _Row:
    """As it was written, before any damage."""
    key = bytes.fromhex(derived_key(described))
    numbers = described["vector"]
    vector = struct.pack(f"<{len(numbers)}f", *numbers)
    model, dimensions = described["model"], described["dimensions"]
    return _Row(key, model, dimensions, vector, described["role"], _checksum(key, vector))


def _rows(file: dict[str, Any]) -> list[_Row]:
    """What the file holds."""
    whole = [_row(described) for described in file["rows"]]
    following = [*whole[1:], *whole[:1]]
    damages = [described.get("damage") for described in file["rows"]]
    return [_damaged(*both) for both in zip(whole, following, damages, strict=True)]


def _damaged(row: _Row, following: _Row, damage: str | None) -> _Row:
    nan = struct.pack("<f", math.nan)
    vector, checksum = {
        None: (row.vector, row.checksum),
        "bit": (row.vector[:-1] + bytes([row.vector[-1] ^ 1]), row.checksum),
        "cut": (row.vector[:-4], row.checksum),
        "text": ("text", row.checksum),
        "nan": (nan + row.vector[4:], row.checksum),
        "no-checksum": (row.vector, None),
        "zero-checksum": (row.vector, bytes(8)),
        "of-next-row": (following.vector, following.checksum),
    }[damage]
    return row._replace(vector=vector, checksum=checksum)


# --- the file


def make_cache_file(folder: Path, asked: dict[str, Any]) -> None:
    """Write `NAME` into a folder, unless the case has no file: one that was there is replaced."""
    path, file = folder / NAME, asked["file"]
    path.unlink(missing_ok=True)
    if file is None:
        return
    damage = file.get("damage")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA page_size=512")  # several pages in a small file
        if damage == "of-another-program":
            connection.execute("CREATE TABLE bookmarks (url TEXT)")
            connection.execute("INSERT INTO bookmarks VALUES ('https://example.org')")
        else:
            _write(connection, file)
        if damage == "no-table":
            connection.execute("DROP TABLE vectors")
        connection.commit()
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "no-header":
        path.write_bytes(bytes(16) + content[16:])
    elif damage == "no-database":
        path.write_bytes(b"not a database\n" * 200)
    elif damage == "empty":
        path.write_bytes(b"")


def _write(connection: sqlite3.Connection, file: dict[str, Any]) -> None:
    rows, version = _rows(file), file["version"]
    if version == 0:
        connection.execute(f"CREATE TABLE vectors ({_V0_COLUMNS})")
        connection.executemany("INSERT INTO vectors VALUES (?, ?, ?, ?)", [r[:4] for r in rows])
        return
    connection.execute(f"CREATE TABLE vectors ({_COLUMNS})")
    connection.execute("CREATE INDEX vectors_by_use ON vectors (used_s)")
    connection.executemany(
        f"INSERT INTO vectors VALUES (?, ?, ?, ?, ?, ?, {_USED_S})", [tuple(row) for row in rows]
    )
    connection.execute(f"PRAGMA application_id={_APPLICATION}")
    connection.execute(f"PRAGMA user_version={version}")


# --- what an engine must make of it


def derived_answer(asked: dict[str, Any]) -> dict[str, Any]:
    """The vectors of `asked`, each a list of numbers or `None`, after those of `put` were kept;
    what became of the `file`, and how many `rows` it has then.

    >>> text = {"text": "a", "model": "all-minilm-l6-v2", "key_version": "v2", "dimensions": 1}
    >>> row = {**text, "role": "generic", "vector": [0.5]}
    >>> derived_answer({"file": {"version": 0, "rows": [row]}, "asked": [row]})
    {'found': [[0.5]], 'file': 'migrated', 'rows': 1}
    """
    file = asked["file"]
    fate = _fate(file)
    if fate == "left":
        return {"found": [None for _ in asked["asked"]], "file": fate, "rows": None}
    held = _kept_rows(file) if fate in ("used", "migrated") else []
    rows = {row.key: row for row in held}
    rows.update((row.key, row) for row in map(_row, asked.get("put", ())))
    found: list[list[float] | None] = []
    for text in asked["asked"]:
        key = bytes.fromhex(derived_key(text))
        if key in rows and not rows[key].is_sound:
            del rows[key]
        found.append(rows[key].numbers if key in rows else None)
    return {"found": found, "file": fate, "rows": len(rows)}


def _fate(file: dict[str, Any] | None) -> str:
    if file is None:
        return "begun"
    if "damage" in file:
        return _FATES[file["damage"]]
    return {0: "migrated", _TODAY: "used"}.get(file["version"], "left")


def _kept_rows(file: dict[str, Any]) -> Iterable[_Row]:
    """The rows of a file that is used. Those of v0 get their checksums now."""
    if file["version"] == _TODAY:
        return _rows(file)
    vectors = [row for row in _rows(file) if row.is_vector and all(map(math.isfinite, row.numbers))]
    return [row._replace(checksum=_checksum(row.key, row.vector)) for row in vectors]


# --- what an engine has made of it


def fate_of(folder: Path, asked: dict[str, Any], before: bytes | None) -> dict[str, Any]:
    """`file` and `rows` of an answer. `before`: what the file held, `None` if there was none."""
    path, wanted = folder / NAME, _fate(asked["file"])
    if not path.is_file():
        return {"file": "lost", "rows": None}
    rows = _rows_of_today(path)
    if rows is None:
        return {"file": "left" if path.read_bytes() == before else "changed", "rows": None}
    if wanted in ("used", "migrated") or not before:
        return {"file": wanted, "rows": rows}
    beside = (other for other in folder.iterdir() if other != path and other.is_file())
    kept = any(other.read_bytes() == before for other in beside)
    return {"file": "set aside" if kept else "lost", "rows": rows}


def _rows_of_today(path: Path) -> int | None:
    """How many rows a file of today's version has, `None` for any other file."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            header = [
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("application_id", "user_version")
            ]
            if header != [_APPLICATION, _TODAY]:
                return None
            count: int = connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
            return count
    except sqlite3.Error:
        return None
