"""What a user typed for a model -> a directory, or a record; for anything else, what was meant.

a directory                   -> itself
a name of the catalog         -> its record, in any case, alias or hub id
any other owner/name          -> a record that pins nothing
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from .catalog import ModelRecord, find_model, near_models, unknown_model
from .errors import EmbedError

__all__ = ["check_is_model", "find_record", "given_directory", "suggestion"]

# owner/name as the hub allows it; a folder of that name cannot lead elsewhere
_HUB_ID = re.compile(r"(?!.*(--|\.\.))\w[\w.-]{0,95}/\w[\w.-]{0,95}\Z", re.ASCII)
# any of these says that a directory is a model's; the encoder may have a folder of its own
_MARKS = ("config.json", "modules.json")
_LONGEST_SHOWN = 80
_MOST_LOOKED_AT = 1000  # entries of a directory
_MOST_NAMED = 3


def given_directory(model: str | os.PathLike[str]) -> Path | None:
    """`model` as a directory, if it is one. Raises `EmbedError` for what is no name and no path."""
    if not isinstance(model, (str, os.PathLike)):
        raise EmbedError("model", "a name or a path", type(model).__name__)
    try:
        return Path(model) if os.fspath(model) and Path(model).is_dir() else None
    except (OSError, ValueError, TypeError):  # too long, not to be read, with a NUL, bytes
        return None


def check_is_model(directory: Path) -> None:
    """Raise `EmbedError` for a directory that is no model's, naming those of models in it."""
    if not _is_model(directory):
        raise EmbedError(
            f"model {_shown(str(directory))!r}",
            "a model directory (config.json, tokenizer.json, model.safetensors)",
            "a directory without config.json",
            _did_you_mean([str(directory / name) for name in _models_in(directory)])
            or "save_pretrained() of transformers or sentence-transformers writes one.",
        )


def find_record(model: str | os.PathLike[str]) -> ModelRecord:
    """The catalog's record of a name; for any other `owner/name`, one that pins nothing.

    Raises `UnknownModelError`, or `EmbedError` for a path.
    """
    name = os.fspath(model)
    record = find_model(name) if isinstance(model, str) else None
    if record is not None:
        return record
    if not isinstance(model, str) or _looks_like_path(name):
        advice = _did_you_mean(_near_directories(name))
        raise EmbedError(f"model {_shown(name)!r}", "a model directory", _what_is_at(name), advice)
    if _HUB_ID.match(name):
        return ModelRecord(name, name, 0, 0, "")
    raise unknown_model(_shown(name), _near_directories(name))


def suggestion(name: str) -> str:
    """What may have been meant by a hub id that leads to nothing; empty where nothing is near."""
    return _did_you_mean([*_near_directories(name), *near_models(name, cutoff=0.8)])


def _did_you_mean(names: list[str]) -> str:
    return f"Did you mean {' or '.join(names[:_MOST_NAMED])}?" if names else ""


def _shown(name: str) -> str:
    return name if len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}..."


def _looks_like_path(name: str) -> bool:
    return name.startswith((".", "/", "~")) or name.count("/") > 1 or "\\" in name


def _what_is_at(name: str) -> str:
    try:
        return "a file" if Path(name).exists() else "nothing at this path"
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return f"a path that cannot be followed ({reason})"


def _is_model(directory: Path) -> bool:
    return any((directory / mark).exists() for mark in _MARKS)


def _models_in(directory: Path) -> list[str]:
    """The names of folders with a model in them."""
    from itertools import islice

    try:
        with os.scandir(directory) as entries:
            names = [entry.name for entry in islice(entries, _MOST_LOOKED_AT) if entry.is_dir()]
    except (OSError, ValueError):
        return []
    return sorted(name for name in names if _is_model(directory / name))


def _near_directories(name: str) -> list[str]:
    """Model directories whose names are nearly that, where it would be."""
    import difflib  # here, because it is seldom needed

    path = Path(name)
    there = {model.lower(): model for model in _models_in(path.parent)}
    near = difflib.get_close_matches(path.name.lower(), there, n=_MOST_NAMED, cutoff=0.7)
    return [str(path.parent / there[model]) for model in near]
