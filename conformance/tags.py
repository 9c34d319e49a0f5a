"""`cases/tags.toml` -> what each tag means, and which defect its cases are there to find."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .cases import CASES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["Tag", "near_tags", "read_tags", "read_tags_file", "tags_file"]


@dataclass(frozen=True)
class Tag:
    """`guards`: F1 to F12, as docs/defects.md numbers them."""

    name: str
    means: str
    guards: tuple[str, ...] = ()


def tags_file(root: Path = CASES) -> Path:
    return root / "tags.toml"


def read_tags_file(root: Path = CASES) -> dict[str, dict[str, Any]]:
    """The file as it is; `lint.py` checks it against its schema."""
    return tomllib.loads(tags_file(root).read_bytes().decode())


def read_tags(root: Path = CASES) -> dict[str, Tag]:
    """The dictionary by name."""
    return {
        name: Tag(name, entry["means"], tuple(entry.get("guards", ())))
        for name, entry in read_tags_file(root).items()
    }


def near_tags(name: str, tags: dict[str, Tag]) -> list[str]:
    """Tags that somebody who wrote `name` may have meant, or else all of them."""
    return get_close_matches(name, tags, n=5, cutoff=0.4) or sorted(tags)
