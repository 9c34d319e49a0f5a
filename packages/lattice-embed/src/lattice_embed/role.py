"""What a text is for -> the instruction that is put before it.

Retrieval models are trained with different instructions for queries and passages; leaving them
out, or exchanging them, costs accuracy without any error to see.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from .errors import EmbedError

__all__ = ["EmbeddingRole", "Instructions", "read_instructions"]


class EmbeddingRole(Enum):
    """The role of a text: `GENERIC` puts no instruction before it."""

    GENERIC = "generic"
    QUERY = "query"
    PASSAGE = "passage"


@dataclass(frozen=True)
class Instructions:
    """The instruction of each role; empty where there is none."""

    query: str = ""
    passage: str = ""

    def of(self, role: EmbeddingRole) -> str:
        """
        >>> Instructions(query="query: ").of(EmbeddingRole.QUERY)
        'query: '
        """
        if role is EmbeddingRole.QUERY:
            return self.query
        return self.passage if role is EmbeddingRole.PASSAGE else ""


def read_instructions(directory: Path) -> Instructions:
    """The `prompts` of `config_sentence_transformers.json`, under either of their usual names."""
    path = directory / "config_sentence_transformers.json"
    if not path.exists():
        return Instructions()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise EmbedError(str(path), "JSON", str(error)) from error
    prompts = content.get("prompts", {}) if isinstance(content, dict) else None
    if not isinstance(prompts, dict) or not all(isinstance(p, str) for p in prompts.values()):
        raise EmbedError(f"{path}: prompts", "an object of strings", repr(prompts))
    return Instructions(
        query=str(prompts.get("query", "")),
        passage=str(prompts.get("passage", prompts.get("document", ""))),
    )
