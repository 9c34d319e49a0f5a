"""What decides a vector, and the file that decided it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["GIVEN", "Setting", "file_in"]

GIVEN = "given"


@dataclass(frozen=True)
class Setting:
    """`source`: a file below the model directory, or "given" for an argument.

    >>> print(Setting("pooling", "mean", "1_Pooling/config.json"))
    pooling = mean (1_Pooling/config.json)
    """

    name: str
    value: str | int | bool
    source: str

    def __str__(self) -> str:
        return f"{self.name} = {self.value} ({self.source})"


def file_in(directory: Path, path: Path) -> str:
    """The name of `path` below `directory`, with slashes on every system."""
    return path.relative_to(directory).as_posix()
