"""The hub's cache on this machine -> the snapshot of a revision that can be used as it is.

    models--owner--name/refs/main            the commit that "main" was, when it was last asked for
    models--owner--name/snapshots/<commit>/  links to blobs/, one for each file
    models--owner--name/.no_exist/<commit>/  what the repository is known not to have

Commits have no order, so a snapshot is never chosen by its name: it is the one that `refs` names,
else the newest by time. The time is that of the newest link, when the snapshot was written;
huggingface_hub's own listing shows that of the newest blob, which a commit that takes a change
back has in common with an older one. Nothing here opens a connection or writes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import ModelFilesUnavailableError
from .file_hashes import Digest
from .repository_files import ModelFileNames, model_file_names

__all__ = [
    "Snapshot",
    "blob_of",
    "directory_files",
    "is_commit",
    "named_snapshot",
    "newest_snapshot",
    "published_digest",
    "repository_folder",
]

_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True)
class Snapshot:
    """A commit's folder in the cache, and what it holds of the model."""

    commit: str
    directory: Path
    files: ModelFileNames

    @property
    def complete(self) -> bool:
        return not self.files.missing


def is_commit(revision: str) -> bool:
    """Whether a revision is a commit, which never comes to mean another one."""
    return _COMMIT.match(revision) is not None


def repository_folder(hub_id: str) -> Path:
    """Where the hub's cache keeps a repository (`HF_HUB_CACHE`, `HF_HOME`)."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE).expanduser() / f"models--{hub_id.replace('/', '--')}"


def named_snapshot(repository: Path, revision: str) -> Snapshot | None:
    """The snapshot of a commit, or of the commit that `refs` names; it may be incomplete."""
    commit = revision
    if not is_commit(revision):
        try:
            commit = (repository / "refs" / revision).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            return None
        if not is_commit(commit):  # damaged; above all it must not lead elsewhere
            return None
    return _read(repository, commit)


def newest_snapshot(repository: Path) -> Snapshot | None:
    """The complete snapshot that was written last."""
    try:
        commits = [path.name for path in (repository / "snapshots").iterdir() if path.is_dir()]
    except OSError:
        return None
    snapshots = [_read(repository, commit) for commit in commits]
    complete = [snapshot for snapshot in snapshots if snapshot.complete]
    return max(complete, key=_written_ns, default=None)


def _written_ns(snapshot: Snapshot) -> int:
    return max((snapshot.directory / name).lstat().st_mtime_ns for name in snapshot.files.present)


def _read(repository: Path, commit: str) -> Snapshot:
    directory = repository / "snapshots" / commit
    lacks_modules = (repository / ".no_exist" / commit / "modules.json").exists()
    return Snapshot(commit, directory, directory_files(directory, lacks_modules=lacks_modules))


def directory_files(directory: Path, *, lacks_modules: bool = False) -> ModelFileNames:
    """The files of a model in a directory, and those that it lacks."""

    def read(name: str) -> bytes:
        path = directory / name
        try:
            return path.read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            raise ModelFilesUnavailableError(
                str(path), "a file that can be read", reason
            ) from error

    return model_file_names(set(_names(directory)), read, lacks_modules=lacks_modules)


def _names(directory: Path) -> Iterator[str]:
    for folder, _, files in os.walk(directory):
        for file in files:
            path = Path(folder, file)
            blob = blob_of(path)
            # is_file() follows links: one that leads nowhere is no file
            if path.is_file() and not (blob and blob.suffix == ".incomplete"):
                yield path.relative_to(directory).as_posix()


def blob_of(path: Path) -> Path | None:
    """What a file of a snapshot is a link to. Not further: blobs may be links themselves."""
    try:
        target = Path(os.path.normpath(path.parent / path.readlink()))
    except OSError:
        return None
    return target if target.parent.name == "blobs" else None


def published_digest(path: Path) -> Digest | None:
    """What the hub says of the content of a file in its cache: blobs are named by it."""
    blob = blob_of(path)
    if blob is None:
        return None
    if _SHA256.match(blob.name):
        return Digest("sha256", blob.name)
    return Digest("git", blob.name) if is_commit(blob.name) else None
