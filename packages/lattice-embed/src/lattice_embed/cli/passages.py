"""Text files -> the passages in them, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

__all__ = ["Passage", "read_passages"]


@dataclass(frozen=True)
class Passage:
    """A line or a paragraph; `line` counts from 1."""

    path: str
    line: int
    text: str


def read_passages(path: str, *, by: str) -> Iterator[Passage]:
    """The passages of one file, `by` "paragraph" (between blank lines) or "line".

    Those without any letter or digit, such as rules and fences, are left out.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    block: list[str] = []
    # split, not splitlines: a form feed or U+2028 ends no line of an editor
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.strip():
            block.append(line.strip())
        if block and (by == "line" or not line.strip()):
            first = number - len(block) + (1 if line.strip() else 0)
            passage = " ".join(block)
            if any(character.isalnum() for character in passage):
                yield Passage(path, first, passage)
            block = []
