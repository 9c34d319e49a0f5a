"""A JSON file of a model directory -> its object, with errors that name the file and the key."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, TypeVar

from .errors import ConfigError, ModelFilesError

__all__ = ["JsonFile", "path_inside", "read_json"]

Value = TypeVar("Value", bool, int, float, str)


def read_json(path: Path) -> Any:
    """The parsed content of `path`."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelFilesError(str(path), "a readable file", error.strerror or "none") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(str(path), "JSON", str(error)) from error


def path_inside(directory: Path, name: object, *, field: str) -> Path:
    """The path `name`, which a file of the model gives in the style of POSIX, below `directory`.

    A link that it ends at is followed: the hub's cache is made of links.
    """
    if (
        not isinstance(name, str)
        or "\0" in name
        or ".." in PureWindowsPath(name).parts  # knows both kinds of slashes
        or PureWindowsPath(name).anchor
        or "\\" in name
    ):
        raise ConfigError(field, "a path inside the model directory", repr(name))
    return directory.joinpath(*PurePosixPath(name).parts)


class JsonFile:
    """The top-level object of one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        content = read_json(path)
        if not isinstance(content, dict):
            raise ConfigError(str(path), "a JSON object", type(content).__name__)
        self.content: dict[str, Any] = content

    def get(self, key: str, kind: type[Value], default: Value | None = None) -> Value:
        """The value of `key`, which must be of `kind`; an int may stand where a float is wanted."""
        value = self.content.get(key, default)
        if kind is float and type(value) is int and abs(value) < 1 << 53:
            value = float(value)
        if type(value) is not kind:
            received = "nothing" if value is None else repr(value)
            raise ConfigError(f"{self.path}: {key}", f"a value of type {kind.__name__}", received)
        return value
