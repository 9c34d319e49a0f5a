"""The model that a user named -> a directory with its files, checked.

a directory             -> itself
a name of the catalog   -> <cache>/models/<name>, or the hub's snapshot of the pinned revision
owner/name              -> the hub's snapshot
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from .catalog import ModelRecord, find_model, unknown_model
from .errors import EmbedError, ModelFilesUnavailableError
from .hub import check_hub, first_line
from .pinned_files import (
    PinnedFile,
    SourceError,
    WrongBytesError,
    fetch_files,
    is_pinned_content,
    sha256_of,
)
from .role import Instructions, read_instructions

__all__ = ["LocalModel", "cache_directory", "is_present", "locate_model"]

# Everything that the tokenizer and the encoder read; no pickles, no code.
_READ_FILES = ["*.json", "1_Pooling/config.json", "model.safetensors"]
_RECORD_NAME = "verified.json"
_log = logging.getLogger("lattice_embed")


@dataclass(frozen=True)
class LocalModel:
    """A model on this machine."""

    name: str
    directory: Path
    instructions: Instructions


def cache_directory() -> Path:
    """Where downloaded models lie: `LATTICE_CACHE_DIR`, else the user's cache folder."""
    from platformdirs import user_cache_path

    given = os.environ.get("LATTICE_CACHE_DIR")
    return Path(given).expanduser() if given else user_cache_path("lattice-embed")


def locate_model(model: str | os.PathLike[str]) -> LocalModel:
    """Find the files of `model`, downloading what is missing.

    Raises `UnknownModelError`, `ModelFilesUnavailableError`, or `EmbedError` for a path that is
    no directory.
    """
    path = Path(model)
    if path.is_dir():
        return LocalModel(path.resolve().name, path, read_instructions(path))
    name = os.fspath(model)
    record = find_model(name)
    if record is not None:
        directory = _pinned_directory(record) if record.files else _snapshot(record)
        return LocalModel(record.name, directory, record.instructions)
    if not isinstance(model, str) or _looks_like_path(name):
        received = "a file" if path.exists() else "nothing at this path"
        raise EmbedError(f"model {name!r}", "a model directory", received)
    if name.count("/") == 1:
        directory = _snapshot(ModelRecord(name, name, 0, 0, ""))
        return LocalModel(name, directory, read_instructions(directory))
    raise unknown_model(name)


def is_present(record: ModelRecord) -> bool:
    """Whether the model could be loaded now without any download."""
    if record.files:
        return not _unverified(record, cache_directory() / "models" / record.name)
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(record.hub_id, "model.safetensors", revision=record.revision)
    return isinstance(found, str)


def _looks_like_path(name: str) -> bool:
    return name.startswith((".", "/", "~")) or name.count("/") > 1 or "\\" in name


def _pinned_directory(record: ModelRecord) -> Path:
    directory = cache_directory() / "models" / record.name
    missing = _unverified(record, directory)
    if missing:
        outcome = fetch_files(missing, directory)
        if outcome.missing:
            tried = "".join(f"\n  {attempt}" for attempt in outcome.failed_attempts)
            raise ModelFilesUnavailableError(
                f"model {record.name}",
                f"its files ({', '.join(file.path for file in outcome.missing)})",
                f"none from any source:{tried}\n",
                f"Try again with a network, or put the files into {directory} by hand.",
            )
        for attempt in outcome.failed_attempts:
            lied = isinstance(attempt.error, WrongBytesError)
            _log.log(logging.WARNING if lied else logging.INFO, "%s", attempt)
        _remember(record, directory)
    return directory


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def _unverified(record: ModelRecord, directory: Path) -> list[PinnedFile]:
    """The files that are not there or not right.

    A file is hashed again only if its size or time differ from when it was last found right.
    """
    try:
        remembered = json.loads((directory / _RECORD_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        remembered = {}
    if not isinstance(remembered, dict):
        remembered = {}
    wrong = []
    for file in record.files:
        path = directory / file.path
        known = path.is_file() and remembered.get(file.path) == [*_stamp(path), file.sha256]
        if not known and not is_pinned_content(path, file):
            wrong.append(file)
    return wrong


def _remember(record: ModelRecord, directory: Path) -> None:
    verified = {file.path: [*_stamp(directory / file.path), file.sha256] for file in record.files}
    partial = directory / f"{_RECORD_NAME}.{os.getpid()}"
    partial.write_text(json.dumps(verified, indent=1), encoding="utf-8")
    partial.replace(directory / _RECORD_NAME)


def _snapshot(record: ModelRecord) -> Path:
    """The hub's snapshot of a revision; what its cache already has where the hub is silent."""
    from huggingface_hub import snapshot_download

    silence = None
    try:
        check_hub()
    except SourceError as error:
        silence = str(error)
    try:
        directory = Path(
            snapshot_download(
                record.hub_id,
                revision=record.revision,
                allow_patterns=_READ_FILES,
                local_files_only=silence is not None,
            )
        )
    except Exception as error:  # errors of its HTTP library come through as they are
        raise ModelFilesUnavailableError(
            f"model {record.hub_id}",
            "its files from the hub or from the hub's local cache",
            f"none: {silence or first_line(error)}",
            "Give the directory of a copy instead, or check the connection.",
        ) from error
    weights = directory / "model.safetensors"
    if record.sha256 and weights.exists():
        received = sha256_of(weights)
        if received != record.sha256:
            raise ModelFilesUnavailableError(
                f"{record.hub_id}: model.safetensors",
                f"sha256 {record.sha256}",
                f"{received} from the hub",
                "It is not the published model, or damaged: delete it from the hub's cache.",
            )
    return directory
