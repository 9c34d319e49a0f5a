"""A file and the hash that it must have -> whether it has it, asked once and then remembered.

A file that was found right is not hashed again while its size and time stay what they were. What
is remembered lies in the cache directory, never beside the files, which may be somebody else's.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["Digest", "WrongFile", "wrong_files"]

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Digest:
    """`git` is the name that git gives to a content: the sha1 of "blob", its size and itself."""

    kind: Literal["sha256", "git"]
    value: str

    def of(self, path: Path) -> str:
        """The digest of the same kind of a file."""
        size = path.stat().st_size
        if self.kind == "sha256":
            return _hash(path, [hashlib.sha256()])[0]
        # a mirror of the hub may name a file by its plain sha1
        git, plain = _hash(path, [hashlib.sha1(b"blob %d\0" % size), hashlib.sha1()])
        return plain if plain == self.value else git

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


def _hash(path: Path, digests: list[hashlib._Hash]) -> list[str]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            for digest in digests:
                digest.update(block)
    return [digest.hexdigest() for digest in digests]


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

    `memory`: the folder in which is remembered what was right. `again`: hash every file, whatever
    is remembered. A memory that cannot be read or written only costs time.
    """
    place = hashlib.sha256(os.fsencode(directory.absolute())).hexdigest()[:16]
    record = memory / f"{directory.name}-{place}.json"
    remembered = _read(record)
    wrong, right = [], {}
    for name, digest in expected.items():
        path = directory / name
        try:
            status = path.stat()
            seen = [status.st_size, status.st_mtime_ns, digest.value]
            if again or remembered.get(name) != seen:
                received = digest.of(path)
                if received != digest.value:
                    wrong.append(WrongFile(path, str(digest), received))
                    continue
            right[name] = seen
        except OSError as error:
            wrong.append(WrongFile(path, str(digest), error.strerror or str(error)))
    if right != remembered:
        _write(record, right)
    return wrong


def _read(record: Path) -> dict[str, object]:
    try:
        content = json.loads(record.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _write(record: Path, content: object) -> None:
    partial = record.with_name(f"{record.name}.{os.getpid()}")
    try:
        record.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(content, indent=1), encoding="utf-8")
        partial.replace(record)
    except OSError:  # read-only or full: the next run hashes again
        return
