"""`config.json` -> values that a family can compute with, each checked when it is read.

What is shared by all families: which file it is, and what a size, a small number and a name of a
known thing are. Keys that cannot change a vector are not read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from .errors import ConfigError, ModelFilesError, UnsupportedModelError
from .json_file import JsonFile

__all__ = ["ConfigFile", "read_config"]


class ConfigFile(JsonFile):
    """The object in `config.json`. A value without `default` must be stated."""

    def field(self, key: str) -> str:
        """How errors name `key`."""
        return f"{self.path}: {key}"

    def size(self, key: str, default: int | None = None, *, least: int = 1) -> int:
        """A number of things; at least one, unless `least` says otherwise."""
        value = self.get(key, int, default)
        if value < least:
            expected = "a positive number" if least == 1 else f"a number from {least} up"
            raise ConfigError(self.field(key), expected, str(value))
        return value

    def epsilon(self, key: str, default: float | None = None) -> float:
        """What a norm adds to the variance."""
        value = self.get(key, float, default)
        if not (math.isfinite(value) and value >= 0):
            raise ConfigError(self.field(key), "a finite number from 0 up", str(value))
        return value

    def choice(self, key: str, known: Iterable[str], default: str | None = None) -> str:
        """The name of something that this version implements."""
        value = self.content.get(key, default)
        if not isinstance(value, str) or value not in known:
            received = "nothing" if value is None else repr(value)
            raise UnsupportedModelError(self.field(key), f"one of {', '.join(known)}", received)
        return value

    def refuse_unless(self, key: str, supported: str | bool | int) -> None:
        """Only one value of `key` is implemented; a file that does not state it means that one."""
        value = self.content.get(key, supported)
        if value != supported or type(value) is not type(supported):
            raise UnsupportedModelError(self.field(key), repr(supported), repr(value))

    def refuse_remainder(self, key: str, divisor: str) -> None:
        """One size must be a multiple of another; both have been read."""
        whole, part = self.content[key], self.content[divisor]
        if whole % part:
            raise ConfigError(self.field(key), f"a multiple of {divisor}, {part}", str(whole))


def read_config(directory: Path) -> ConfigFile:
    """`config.json` of a model directory."""
    path = directory / "config.json"
    if not path.exists():
        raise ModelFilesError(
            str(directory),
            "a model directory with config.json",
            "one without",
            "Point to the directory that save_pretrained() wrote.",
        )
    return ConfigFile(path)
