"""A model directory -> what its vectors depend on, as two hashes: of its weights, of the rest.

Weights are large, so their hashes are remembered in the cache directory with size and time.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from .model_files import cache_directory
from .pinned_files import sha256_of

__all__ = ["settings_sha256", "weights_sha256"]

_SETTINGS = {".json", ".model", ".txt"}
_REMEMBERED = "weights_sha256.json"


def weights_sha256(directory: Path) -> str:
    """Of the names and contents of all `.safetensors` files, those of further layers too."""
    lines = [
        f"{name} {_remembered_sha256(path)}\n" for name, path in _files(directory, {".safetensors"})
    ]
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def settings_sha256(directory: Path) -> str:
    """Of the names and contents of configuration, tokenizer and vocabulary files."""
    lines = [f"{name} {_sha256(path)}\n" for name, path in _files(directory, _SETTINGS)]
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def _files(directory: Path, suffixes: set[str]) -> list[tuple[str, Path]]:
    """Files of the directory and of its folders, which hold one module each, by name."""
    found = [*directory.glob("*"), *directory.glob("*/*")]
    return sorted(
        (path.relative_to(directory).as_posix(), path)
        for path in found
        if path.suffix in suffixes and path.is_file()
    )


def _sha256(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError:  # then the engine has not read it either
        return "unreadable"


def _remembered_sha256(path: Path) -> str:
    status = path.stat()
    stamp = [status.st_size, status.st_mtime_ns, status.st_ino]
    memory = cache_directory() / _REMEMBERED
    known: object = {}
    with suppress(OSError, ValueError, RecursionError):
        known = json.loads(memory.read_text(encoding="utf-8"))
    if not isinstance(known, dict):
        known = {}
    place = str(path.resolve())
    entry = known.get(place)
    if isinstance(entry, list) and len(entry) == 4 and entry[:3] == stamp:
        return str(entry[3])
    sha256 = _sha256(path)
    with suppress(OSError):  # to be hashed again is all that is lost
        memory.parent.mkdir(parents=True, exist_ok=True)
        partial = memory.with_name(f"{memory.name}.{os.getpid()}")
        partial.write_text(json.dumps({**known, place: [*stamp, sha256]}), encoding="utf-8")
        partial.replace(memory)
    return sha256
