"""A file -> the hash of its content, computed once and then remembered.

It is computed again when the size or the time of the file is another. What is remembered lies in
the cache directory, never beside the files, which may be somebody else's.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["Digest", "RememberedHashes", "WrongFile", "sha256_of", "wrong_files"]

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Digest:
    """`git` is the name that git gives to a content: the sha1 of "blob", its size and itself."""

    kind: Literal["sha256", "git"]
    value: str

    def of(self, path: Path) -> str:
        """The digest of the same kind of a file."""
        if self.kind == "sha256":
            return sha256_of(path)
        size = path.stat().st_size
        # a mirror of the hub may name a file by its plain sha1
        git, plain = _hash(path, [hashlib.sha1(b"blob %d\0" % size), hashlib.sha1()])
        return plain if plain == self.value else git

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    return _hash(path, [hashlib.sha256()])[0]


def _hash(path: Path, digests: list[hashlib._Hash]) -> list[str]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            for digest in digests:
                digest.update(block)
    return [digest.hexdigest() for digest in digests]


class RememberedHashes:
    """The hashes of the files of one directory. Use it in a `with` block, which writes them down.

    A memory that cannot be read or written only costs time.
    """

    def __init__(self, directory: Path, memory: Path) -> None:
        """`memory`: the folder in which is remembered."""
        place = hashlib.sha256(os.fsencode(directory.absolute())).hexdigest()[:16]
        self._directory = directory
        self._record = memory / f"{directory.name}-{place}.json"
        self._before = _read(self._record)
        self._now = dict(self._before)

    def sha256(self, name: str) -> str:
        """The sha256 of a file. Raises `OSError`."""
        return self._remembered("sha256", name) or self._hash_now(Digest("sha256", ""), name)

    def received(self, name: str, expected: Digest, *, again: bool = False) -> str:
        """The digest of a file, of the kind that `expected` is. Raises `OSError`.

        That it is not the expected one is never said from memory; `again`: nor that it is.
        """
        if not again and self._remembered(expected.kind, name) == expected.value:
            return expected.value
        return self._hash_now(expected, name)

    def _remembered(self, kind: str, name: str) -> str | None:
        entry = self._now.get(f"{kind} of {name}")
        if isinstance(entry, list) and entry[:2] == self._stamp(name) and len(entry) == 3:
            return entry[2] if isinstance(entry[2], str) else None
        return None

    def _hash_now(self, digest: Digest, name: str) -> str:
        stamp = self._stamp(name)  # of before: what changes meanwhile will be hashed again
        value = digest.of(self._directory / name)
        self._now[f"{digest.kind} of {name}"] = [*stamp, value]
        return value

    def _stamp(self, name: str) -> list[int]:
        status = (self._directory / name).stat()
        return [status.st_size, status.st_mtime_ns]

    def __enter__(self) -> RememberedHashes:
        return self

    def __exit__(self, *_: object) -> None:
        if self._now != self._before:
            _write(self._record, self._now)


@dataclass(frozen=True)
class WrongFile:
    """A file whose content is not the expected one."""

    path: Path
    expected: str
    received: str

    def __str__(self) -> str:
        return f"{self.path}: expected {self.expected}, received {self.received}"


def wrong_files(
    directory: Path, expected: Mapping[str, Digest], *, memory: Path, again: bool = False
) -> list[WrongFile]:
    """Those files of `directory` that have another content than `expected` says.

    `memory`: the folder in which hashes are remembered. `again`: hash every file, whatever is
    remembered.
    """
    wrong = []
    with RememberedHashes(directory, memory) as hashes:
        for name, digest in expected.items():
            try:
                received = hashes.received(name, digest, again=again)
            except OSError as error:
                received = error.strerror or str(error)
            if received != digest.value:
                wrong.append(WrongFile(directory / name, str(digest), received))
    return wrong


def _read(record: Path) -> dict[str, object]:
    try:
        content = json.loads(record.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _write(record: Path, content: object) -> None:
    partial = record.with_name(f"{record.name}.{os.getpid()}")
    with suppress(OSError):  # read-only or full: the next run hashes again
        record.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_text(json.dumps(content, indent=1), encoding="utf-8")
            partial.replace(record)
        finally:
            partial.unlink(missing_ok=True)
