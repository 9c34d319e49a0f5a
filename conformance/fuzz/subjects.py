"""The tokenizers that are fuzzed: those of the fixtures, generated ones, and bent ones.

A subject is opened twice, by the oracle and by the engine under test. Nothing but this module knows
which classes those are.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..cases import CASES
from ..fixtures import FIXTURES, folder_of
from .tokenizers_made import made_document

__all__ = ["OPENERS", "Open", "Subject", "from_fixture", "made", "names_of_fixtures"]

# tokenizer.json -> a tokenizer with the interface of `tokenizers.Tokenizer`
Open = Callable[[str], Any]


@dataclass(frozen=True)
class Subject:
    """`name`: what the command line calls it. `case_set`: where a failing text becomes a case."""

    name: str
    text: str
    case_set: str | None = None

    @cached_property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.text)
        return document


def names_of_fixtures() -> list[str]:
    """Those that have cases of the stage "tokenizer", without those that lie beside their cases."""
    folders = (path for path in (CASES / "tokenizer").iterdir() if path.is_dir())
    return sorted(path.name for path in folders if folder_of(path.name) == FIXTURES / path.name)


def from_fixture(name: str) -> Subject:
    """A folder of the fixtures, or the path of any tokenizer.json."""
    path = folder_of(name) / "tokenizer.json"
    case_set = name if path.is_file() and (CASES / "tokenizer" / name).is_dir() else None
    path = path if path.is_file() else Path(name)
    try:
        return Subject(name, path.read_bytes().decode(), case_set)
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(names_of_fixtures())
        raise ValueError(
            f"tokenizer: expected one of {known} (nox -s provision) or the path of a tokenizer.json"
            f", received {name!r} ({error})"
        ) from error


def made(seed: int, number: int) -> Subject:
    """The generated tokenizer of that number."""
    text = json.dumps(made_document(seed, number), ensure_ascii=False)
    return Subject(f"made {number} of seed {seed}", text)


def _lattice(text: str) -> Any:
    from lattice_tokenize import Tokenizer

    opener: Any = Tokenizer  # its interface is that of the oracle
    return opener.from_str(text)


def _tokenizers(text: str) -> Any:
    import tokenizers

    return tokenizers.Tokenizer.from_str(text)


OPENERS: dict[str, Open] = {"lattice": _lattice, "tokenizers": _tokenizers}
