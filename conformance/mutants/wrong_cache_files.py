"""Caches that give vectors that were not put, lose those that were, or touch files of others."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager
from hashlib import blake2b
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from lattice_embed.cache_file import SCHEMA_VERSION, V0_TABLE
from lattice_embed.errors import CacheFileError

from .mutant import Mutant, Patch, exchange, together, wrap
from .wrong_cache_keys import with_every_role, without_dimensions, without_role

__all__ = ["WRONG_CACHE_FILES"]

_FILE, _CACHE = "lattice_embed.cache_file", "lattice_embed.vector_cache"


class _AnyBytes(bytes):
    """Equal to every checksum, and to none."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = bytes.__hash__


class _AnyLength(int):
    """Equal to every length, also four times over."""

    def __rmul__(self, other: int) -> _AnyLength:
        return self

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


def _read_any_length(f: Any, cache: Any, connection: Any, _: Any, keys: Any) -> Any:
    return f(cache, connection, SimpleNamespace(dimensions=_AnyLength()), keys)


def _of_vector_alone() -> Patch:
    def checksum(_: bytes, vector: bytes) -> bytes:
        return blake2b(vector, digest_size=8).digest()

    return _both("checksum_of", checksum)


def _both(name: str, replacement: Any) -> Patch:
    return together(
        exchange(f"{_FILE}.{name}", replacement), exchange(f"{_CACHE}.{name}", replacement)
    )


def _begin_anew(f: Any, connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("DROP TABLE IF EXISTS vectors")
    connection.execute(V0_TABLE)
    f(connection, path)


def _unreadable_v0(f: Any, connection: sqlite3.Connection, path: Path) -> Any:
    version = f(connection, path)
    if version == 0:
        raise CacheFileError(f"cache {path}", "today's version", "version 0", "It is left.")
    return version


def _newer_is_ours(f: Any, connection: sqlite3.Connection, path: Path) -> Any:
    newer = connection.execute("PRAGMA user_version").fetchone() == (2,)
    return SCHEMA_VERSION if newer else f(connection, path)


def _no_transaction(*_: Any) -> AbstractContextManager[None]:
    raise sqlite3.OperationalError("the rows stay")


def _unlinked(path: Path) -> Path:
    path.unlink()
    return path


def _kept_in_place(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def _file(name: str, patch: Patch, group: str = "", defect: str = "") -> Mutant:
    return Mutant(name, f"cache_file/vectors/{group}", patch, defect, subjects=("vectors",))


WRONG_CACHE_FILES = (
    _file("cache-that-ignores-the-checksum", exchange(f"{_CACHE}.checksum_of", lambda *_: _AnyBytes(8)), "row/"),
    _file("checksum-of-the-vector-alone", _of_vector_alone(), "today/"),
    _file("cache-that-ignores-the-length", wrap(f"{_CACHE}.VectorCache._read", _read_any_length), "row/too-"),
    _file("cache-that-keeps-damaged-rows", exchange(f"{_CACHE}.transaction", _no_transaction), "row/"),
    _file("cache-that-ignores-dimensions", without_dimensions, "dimensions/"),
    _file("cache-that-ignores-roles", without_role, "role/"),
    _file("v0-file-under-keys-with-a-role", with_every_role, "v0/", "F7"),
    _file("v0-file-begun-anew", wrap(f"{_FILE}._migrate", _begin_anew), "v0/", "F7"),
    _file("v0-file-left-unread", wrap(f"{_FILE}.schema_version", _unreadable_v0), "v0/", "F7"),
    _file("v0-file-migrated-unseen", exchange(f"{_FILE}._is_vector", lambda *_: True), "v0/"),
    _file("damaged-file-deleted", exchange(f"{_CACHE}.set_aside", _unlinked), "damaged/"),
    _file("damaged-file-emptied", exchange(f"{_CACHE}.set_aside", _kept_in_place), "damaged/"),
    _file("damaged-file-given-up", exchange(f"{_CACHE}.VectorCache._set_aside", lambda *_: False), "damaged/"),
    _file("damage-that-is-not-seen", exchange(f"{_CACHE}.is_damage", lambda _: False), "damaged/"),
    _file("newer-file-used", wrap(f"{_FILE}.schema_version", _newer_is_ours), "not-ours/newer"),
    _file("file-of-others-set-aside", exchange(f"{_FILE}.CacheFileError", sqlite3.DatabaseError), "not-ours/"),
)  # fmt: skip
