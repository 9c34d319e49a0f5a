"""A file known by its sha256 -> that file on disk, whichever source has it.

Sources are tried in order. What they send is hashed before it gets its name, so a download that
is cut off, or that is not what was pinned, never looks like the file.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from .file_hashes import sha256_of

__all__ = [
    "Attempt",
    "FetchOutcome",
    "FetchRun",
    "PinnedFile",
    "Source",
    "SourceError",
    "WrongBytesError",
    "fetch_files",
    "is_pinned_content",
    "sha256_of",
]

Result = TypeVar("Result")


class SourceError(Exception):
    """A source did not give the file; the message is the reason, for the user."""


class WrongBytesError(SourceError):
    """A source gave a file that is not the pinned one. It was not used."""


@dataclass(frozen=True)
class FetchRun:
    """One call of `fetch_files`: a folder for what arrives, and what has been tried already."""

    staging: Path
    _outcomes: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, key: Hashable, action: Callable[[], Result]) -> Result:
        """The result of `action`, or its `SourceError`, remembered under `key` for this run."""
        if key not in self._outcomes:
            try:
                self._outcomes[key] = action()
            except SourceError as error:
                self._outcomes[key] = error
        outcome = self._outcomes[key]
        if isinstance(outcome, SourceError):
            raise outcome
        result: Result = outcome
        return result


class Source(Protocol):
    """Where a file can come from. `str(source)` names the place for the user."""

    def stage(self, run: FetchRun) -> Path:
        """Bring the file to a local path, inside `run.staging` or in a cache of the source's own.

        Raises `SourceError`. The bytes are checked by the caller.
        """


@dataclass(frozen=True)
class PinnedFile:
    """`path` is relative to the directory of the set, with forward slashes."""

    path: str
    sha256: str
    size_bytes: int
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Attempt:
    """A source that did not give a file, and why."""

    file: PinnedFile
    source: Source
    error: SourceError


def is_pinned_content(path: Path, file: PinnedFile) -> bool:
    """Whether `path` holds exactly the bytes of `file`."""
    return (
        path.is_file() and path.stat().st_size == file.size_bytes and sha256_of(path) == file.sha256
    )


@dataclass(frozen=True)
class FetchOutcome:
    """What `fetch_files` did: the files that no source gave, and every attempt that failed."""

    missing: tuple[PinnedFile, ...]
    failed_attempts: tuple[Attempt, ...]

    def reasons(self) -> list[tuple[str, SourceError]]:
        """What a source said, once, behind the names of all files of which it said that."""
        groups: dict[tuple[str, str], list[Attempt]] = {}
        for attempt in self.failed_attempts:
            groups.setdefault((str(attempt.source), str(attempt.error)), []).append(attempt)
        return [
            (f"{', '.join(a.file.path for a in group)} from {source}: {error}", group[0].error)
            for (source, error), group in groups.items()
        ]


def fetch_files(files: Iterable[PinnedFile], directory: Path) -> FetchOutcome:
    """Bring `files` into `directory`, each from the first of its sources that has it.

    A file whose content is already right is left alone, and one that cannot be had does not keep
    the others from being brought.
    """
    import tempfile  # here, because nearly every start finds the files on the disk

    directory.mkdir(parents=True, exist_ok=True)
    attempts: list[Attempt] = []
    missing: list[PinnedFile] = []
    # beside the target, so that the last step is one rename on one file system
    with tempfile.TemporaryDirectory(prefix=".incoming-", dir=directory) as staging:
        run = FetchRun(Path(staging))
        for file in files:
            if is_pinned_content(directory / file.path, file):
                continue
            for source in file.sources:
                try:
                    _place(source.stage(run), file, directory, run)
                    break
                except SourceError as error:
                    attempts.append(Attempt(file, source, error))
            else:
                missing.append(file)
    return FetchOutcome(tuple(missing), tuple(attempts))


def _place(staged: Path, file: PinnedFile, directory: Path, run: FetchRun) -> None:
    received = sha256_of(staged)
    if received != file.sha256:
        raise WrongBytesError(
            f"sent other bytes than the pinned ones and was not used: expected sha256 "
            f"{file.sha256}, received {received} ({staged.stat().st_size:,} bytes)"
        )
    target = directory / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    if run.staging not in staged.parents:  # in the source's own cache, where it stays
        import shutil

        copy = run.staging / f"copy-{file.sha256}"
        shutil.copyfile(staged, copy)
        staged = copy
    staged.replace(target)
