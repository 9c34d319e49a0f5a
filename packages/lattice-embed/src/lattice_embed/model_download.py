"""A model that is not on this machine, or not whole -> its files, from the first source with them.

the hub              every model
the package index    those of which the catalog knows every file
"""

from __future__ import annotations

import logging

from .catalog import ModelRecord, find_model
from .errors import ModelFilesUnavailableError
from .hub import ChangedFileError, download_model
from .hub_snapshots import named_snapshot, published_digest, repository_folder
from .model_files import (
    Place,
    models_directory,
    pinned_digests,
    place_of,
    places,
    usable_place,
)
from .model_names import suggestion
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
    problems, changed = [], []
    try:
        commit = download_model(record.hub_id, record.revision, pinned_digests(record))
        snapshot = named_snapshot(repository_folder(record.hub_id), commit)
        if snapshot is not None:
            place = place_of(snapshot, record)
            problems += place.problems()
            if not problems:
                return place
    except SourceError as error:
        changed = [error.filename] if isinstance(error, ChangedFileError) else []
        problems.append(_logged(f"hub {record.hub_id}: {error}", error))
    problems += _fetch_from_other_sources(record)
    found = usable_place(record)
    if found is None:
        here = [problem for place in places(record) for problem in place.problems()]
        raise _unavailable(record, list(dict.fromkeys([*here, *problems])), changed)
    return found


def _fetch_from_other_sources(record: ModelRecord) -> list[str]:
    """Bring a model for which the catalog has sources beside the hub; what went wrong."""
    if not record.files:
        return []
    directory = models_directory() / record.name
    try:
        return [_logged(*reason) for reason in fetch_files(record.files, directory).reasons()]
    except OSError as error:
        return [f"cannot write {error.filename or directory}: {error.strerror}"]


def _logged(problem: str, error: SourceError) -> str:
    """A source that is away is nothing to worry about where another has the files; a lie is."""
    level = logging.WARNING if isinstance(error, WrongBytesError) else logging.INFO
    _log.log(level, "%s", problem)
    return problem


def _unavailable(
    record: ModelRecord, problems: list[str], changed: list[str]
) -> ModelFilesUnavailableError:
    directory = models_directory() / record.name
    expected, lacking = "its files", tuple(file.path for file in record.files) or _USUAL_FILES
    advice = []
    if find_model(record.name) is None:  # it may have been meant as a path
        problems = [*problems, f"directory {record.name}: there is none"]
        advice.append(suggestion(record.name))
    nearest = min(places(record), key=lambda place: len(place.lacking()), default=None)
    if nearest is not None:
        directory, lacking = nearest.directory, nearest.lacking()
        expected = f"its files ({', '.join(lacking)})"
        changed = changed or _changed_on_the_hub(nearest)
    if changed:
        advice.append(
            f"The hub has another {' and '.join(changed)} at revision {record.revision} than this "
            "release knows. Update lattice-embed. Or, if you trust what is there now, bring it "
            f"into a directory (hf download {record.hub_id} --local-dir DIRECTORY) and give that "
            "as the model."
        )
    else:
        paths = "".join(f"\n  {directory / name}" for name in lacking)
        advice.append(
            f"Try again with a network, or put the files of {record.hub_id}, revision "
            f"{record.revision}, here:{paths}"
        )
        if nearest is not None and nearest.wrong_files():
            advice.append(f"Files that are wrong: lattice-embed verify --repair {record.name}")
    return ModelFilesUnavailableError(
        f"model {record.name}",
        expected,
        "none from any source:" + "".join(f"\n  {problem}" for problem in problems),
        "\n".join(filter(None, advice)),
    )


def _changed_on_the_hub(place: Place) -> list[str]:
    """Files that are what the hub publishes, and not what the catalog pins."""
    changed = []
    for wrong in place.wrong_files():
        published = published_digest(wrong.path)
        if published is not None and published.of(wrong.path) == published.value:
            changed.append(wrong.path.relative_to(place.directory).as_posix())
    return changed
