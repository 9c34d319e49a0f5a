"""What a text is for -> the instruction that is put before it.

Retrieval models are trained with different instructions for queries and passages; leaving them
out, or exchanging them, costs accuracy without any error to see.

Follows `encode`, `encode_query` and `encode_document` of sentence-transformers. Differs on purpose:
a repository that names its passages' prompt "passage" or "corpus", and none "document", gets it;
there, an empty "document" that nobody wrote comes first.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from .errors import EmbedError

__all__ = ["PROMPTS_FILE", "EmbeddingRole", "Instructions", "read_instructions"]

PROMPTS_FILE = "config_sentence_transformers.json"
# the first that is there counts
_PASSAGE_NAMES = ("document", "passage", "corpus")


class EmbeddingRole(Enum):
    """The role of a text; `GENERIC` is for texts that are neither a query nor what is searched."""

    GENERIC = "generic"
    QUERY = "query"
    PASSAGE = "passage"


@dataclass(frozen=True)
class Instructions:
    """The instruction of each role; empty where there is none, as `generic` nearly always is."""

    query: str = ""
    passage: str = ""
    generic: str = ""

    def of(self, role: EmbeddingRole) -> str:
        """
        >>> Instructions(query="query: ").of(EmbeddingRole.QUERY)
        'query: '
        """
        return {
            EmbeddingRole.GENERIC: self.generic,
            EmbeddingRole.QUERY: self.query,
            EmbeddingRole.PASSAGE: self.passage,
        }[role]


def read_instructions(directory: Path) -> Instructions:
    """The `prompts` of `config_sentence_transformers.json`, and its `default_prompt_name`.

    Raises `EmbedError` for a file that is not as sentence-transformers writes it.
    """
    path = directory / PROMPTS_FILE
    if not path.exists():
        return Instructions()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise EmbedError(str(path), "JSON", str(error)) from error
    if not isinstance(content, dict):
        raise EmbedError(str(path), "an object", type(content).__name__)
    prompts = content.get("prompts", {})
    if not isinstance(prompts, dict) or not all(
        prompt is None or isinstance(prompt, str) for prompt in prompts.values()
    ):
        raise EmbedError(f"{path}: prompts", "an object of strings", repr(prompts)[:200])
    default = content.get("default_prompt_name")
    if default is not None and default not in (*prompts, "query", "document"):
        names = ", ".join(map(repr, prompts)) or "no prompts at all"
        raise EmbedError(f"{path}: default_prompt_name", f"one of {names}", repr(default)[:200])
    passage = next((prompts[name] for name in _PASSAGE_NAMES if name in prompts), None)
    return Instructions(
        query=prompts.get("query") or "",
        passage=passage or "",
        generic=prompts.get(default) or "",
    )
