"""A model directory -> what its vectors depend on, as two hashes: of its weights, of the rest."""

from __future__ import annotations

import hashlib
from pathlib import Path

from .file_hashes import RememberedHashes
from .model_files import hashes_directory

__all__ = ["settings_sha256", "weights_sha256"]

_WEIGHTS = {".safetensors"}
_SETTINGS = {".json", ".model", ".txt"}


def weights_sha256(directory: Path) -> str:
    """Of the names and contents of all `.safetensors` files, those of further layers too."""
    return _sha256(directory, _WEIGHTS)


def settings_sha256(directory: Path) -> str:
    """Of the names and contents of configuration, tokenizer and vocabulary files."""
    return _sha256(directory, _SETTINGS)


def _sha256(directory: Path, suffixes: set[str]) -> str:
    """Files of the directory and of all its folders, which may hold modules, by name."""
    found = {*directory.glob("*/*"), *directory.rglob("*")}  # the first follows links to folders
    names = sorted(
        path.relative_to(directory).as_posix()
        for path in found
        if path.suffix in suffixes and path.is_file()
    )
    with RememberedHashes(directory, hashes_directory()) as hashes:
        lines = [f"{name} {_told(hashes, name)}\n" for name in names]
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def _told(hashes: RememberedHashes, name: str) -> str:
    try:
        return hashes.sha256(name)
    except OSError:  # then the engine has not read it either
        return "unreadable"
