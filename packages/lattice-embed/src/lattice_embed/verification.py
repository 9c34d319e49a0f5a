"""A model on this machine -> what is wrong with its files, hashed again whatever is remembered.

Held against the catalog's hashes, and against those that the hub's cache names its blobs by. Of a
file that neither knows, only that it is there is checked.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .catalog import ModelRecord
from .hub import HubSource, download_model
from .hub_snapshots import directory_files, published_digest
from .model_download import fetch_model
from .model_files import (
    Place,
    pinned_digests,
    places,
)
from .model_names import find_record, given_directory
from .pinned_files import SourceError, fetch_files

__all__ = ["Verification", "repair_model", "verify_model"]


@dataclass(frozen=True)
class Verification:
    """`directory`: `None` where the model is not on this machine. `hashed`: how many files."""

    directory: Path | None
    hashed: int
    problems: tuple[str, ...]


def verify_model(model: str | os.PathLike[str]) -> list[Verification]:
    """Check every place in which `model`, a name or a directory, lies; without a connection.

    Raises `EmbedError` for what is no model's name.
    """
    directory = given_directory(model)
    if directory is not None:
        return [_verification(_given(directory))]
    found = [_verification(place) for place in places(find_record(model))]
    return found or [Verification(None, 0, (f"{model}: not on this machine",))]


def repair_model(model: str | os.PathLike[str]) -> list[Verification]:
    """Download again what is wrong or missing, then verify. What is right is left alone.

    A wrong file stays until the right one is here. Raises `ModelFilesUnavailableError` where the
    model is not on this machine and cannot be brought.
    """
    if given_directory(model) is not None:
        return verify_model(model)  # nobody knows where it came from
    record = find_record(model)
    told: list[str] = []
    anywhere = False
    for place in list(places(record)):
        anywhere = True
        if place.problems(again=True):
            told += _repair(place, record)
    if not anywhere:
        fetch_model(record)
    verified = verify_model(model)
    return [
        Verification(one.directory, one.hashed, (*one.problems, *(told if one.problems else ())))
        for one in verified
    ]


def _repair(place: Place, record: ModelRecord) -> Iterator[str]:
    """Bring again what is wrong there; yields why it could not be done."""
    try:
        if place.commit is not None:
            wrong = [f.path.relative_to(place.directory).as_posix() for f in place.wrong_files()]
            download_model(record.hub_id, place.commit, pinned_digests(record), again=wrong)
        elif record.files:
            hub = (HubSource(record.hub_id, record.revision, f.path) for f in record.files)
            files = [
                replace(file, sources=(source, *file.sources))
                for file, source in zip(record.files, hub, strict=True)
            ]
            yield from (told for told, _ in fetch_files(files, place.directory).reasons())
        else:
            yield f"{place.directory}: was filled by hand, so replace the files there by hand"
    except SourceError as error:
        yield f"hub {record.hub_id}: {error}"
    except OSError as error:
        yield f"cannot write {error.filename or place.directory}: {error.strerror}"


def _given(directory: Path) -> Place:
    files = directory_files(directory)
    digests = {name: published_digest(directory / name) for name in files.present}
    known = {name: digest for name, digest in digests.items() if digest is not None}
    return Place(directory, files, known)


def _verification(place: Place) -> Verification:
    return Verification(place.directory, len(place.digests), tuple(place.problems(again=True)))
