"""A model that is not on this machine, or not whole -> its files, from the first source with them.

the hub              every model
the package index    those of which the catalog knows every file
"""

from __future__ import annotations

import logging

from .catalog import ModelRecord
from .errors import ModelFilesUnavailableError
from .hub import download_model
from .hub_snapshots import named_snapshot, repository_folder
from .model_files import (
    Place,
    models_directory,
    pinned_digests,
    place_of,
    places,
    usable_place,
)
from .pinned_files import SourceError, WrongBytesError, fetch_files

__all__ = ["fetch_model"]

# what to bring where nothing of a model is known but its name
_USUAL_FILES: tuple[str, ...] = (
    "config.json",
    "modules.json",
    "1_Pooling/config.json",
    "tokenizer.json",
    "model.safetensors",
)
_log = logging.getLogger("lattice_embed")


def fetch_model(record: ModelRecord) -> Place:
    """Bring a model from the first source that has it.

    Raises `ModelFilesUnavailableError`, which says what every source said and how to bring the
    files by hand.
    """
    problems = []
    try:
        commit = download_model(record.hub_id, record.revision, pinned_digests(record))
        snapshot = named_snapshot(repository_folder(record.hub_id), commit)
        if snapshot is not None:
            place = place_of(snapshot, record)
            problems += place.problems()
            if not problems:
                return place
    except SourceError as error:
        problems.append(_logged(f"hub {record.hub_id}: {error}", error))
    problems += _fetch_from_other_sources(record)
    found = usable_place(record)
    if found is None:
        here = [problem for place in places(record) for problem in place.problems()]
        raise _unavailable(record, list(dict.fromkeys([*here, *problems])))
    return found


def _fetch_from_other_sources(record: ModelRecord) -> list[str]:
    """Bring a model for which the catalog has sources beside the hub; what went wrong."""
    if not record.files:
        return []
    directory = models_directory() / record.name
    try:
        failed = fetch_files(record.files, directory).failed_attempts
        return [_logged(str(attempt), attempt.error) for attempt in failed]
    except OSError as error:
        return [f"cannot write {error.filename or directory}: {error.strerror}"]


def _logged(problem: str, error: SourceError) -> str:
    """A source that is away is nothing to worry about where another has the files; a lie is."""
    level = logging.WARNING if isinstance(error, WrongBytesError) else logging.INFO
    _log.log(level, "%s", problem)
    return problem


def _unavailable(record: ModelRecord, problems: list[str]) -> ModelFilesUnavailableError:
    directory = models_directory() / record.name
    lacking = tuple(file.path for file in record.files) or _USUAL_FILES
    nearest = min(places(record), key=lambda place: len(place.lacking()), default=None)
    if nearest is not None:
        directory, lacking = nearest.directory, nearest.lacking()
    told = "".join(f"\n  {problem}" for problem in problems)
    paths = "".join(f"\n  {directory / name}" for name in lacking)
    advice = (
        f"Try again with a network, or put the files of {record.hub_id}, revision "
        f"{record.revision}, here:{paths}"
    )
    if nearest is not None and nearest.wrong_files():
        advice += f"\nFiles that are wrong: lattice-embed verify --repair {record.name}"
    return ModelFilesUnavailableError(
        f"model {record.name}",
        f"its files ({', '.join(lacking)})",
        f"none from any source:{told}",
        advice,
    )
