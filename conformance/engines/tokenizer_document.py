"""tokenizer.json -> what engines of other formats need to know of it, or why they cannot have it.

Neither tiktoken nor SentencePiece reads tokenizer.json. What they cannot express is unsupported,
and what they express otherwise (no NFC in tiktoken, for one) is theirs: the cases show it.
"""

from __future__ import annotations

import json
from typing import Any

from ..fixtures import folder_of
from .protocol import UnsupportedError

__all__ = ["around", "parts_of", "plain_text", "read_document"]

Fields = dict[str, Any]


def read_document(subject: str) -> Fields:
    """The tokenizer.json of a subject."""
    document: Fields = json.loads((folder_of(subject) / "tokenizer.json").read_bytes())
    return document


def plain_text(asked: Fields) -> str:
    """The text of a question that asks for nothing else."""
    for option in ("pair", "max_tokens", "as_filed"):
        if asked.get(option) is not None:
            raise UnsupportedError(f"{option}: the library has no such thing")
    text: str = asked["text"]
    return text


def parts_of(component: Fields | None, inside: str) -> list[Fields]:
    """The components of a Sequence, whose field for them is `inside`, or the one, or none."""
    if component is None:
        return []
    if component["type"] != "Sequence":
        return [component]
    return [part for nested in component[inside] for part in parts_of(nested, inside)]


def around(document: Fields) -> tuple[list[int], list[int]]:
    """The ids that the post-processor puts before a text and after it.

    The libraries leave them to the program that calls them, which the adapter is.
    """
    before: list[int] = []
    after: list[int] = []
    for part in parts_of(document["post_processor"], "processors"):
        kind = part["type"]
        if kind == "TemplateProcessing":
            where = before
            for piece in part["single"]:
                if "Sequence" in piece:
                    where = after
                else:
                    where += part["special_tokens"][piece["SpecialToken"]["id"]]["ids"]
        elif kind in ("BertProcessing", "RobertaProcessing"):
            before, after = [part["cls"][1], *before], [*after, part["sep"][1]]
        elif kind != "ByteLevel":  # which moves offsets alone
            raise UnsupportedError(f"post_processor: {kind}")
    return before, after
