"""What callers give -> checked texts, pairs of texts, and lists of words.

An input is a text or a pair of them; with `is_pretokenized`, a list of words stands for each text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from .errors import TextError

__all__ = ["Input", "checked_text", "checked_texts", "read_input", "read_sequence"]


class Input(NamedTuple):
    """One input: its first text, or the words of it, and perhaps a second."""

    first: list[str]
    second: list[str] | None
    is_pretokenized: bool


def checked_text(text: object, field: str) -> str:
    """`text`, if it is a `str` that can be written as UTF-8; `TextError` otherwise."""
    if not isinstance(text, str):
        raise TextError(field, "a str", type(text).__name__)
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise TextError(
                field,
                "Unicode text",
                f"a lone surrogate U+{ord(text[error.start]):04X} at index {error.start}",
                "Decode the bytes that it came from with errors='replace'.",
            ) from None
    return text


def checked_texts(texts: object, field: str) -> list[str]:
    """`texts` as a list, each text checked."""
    if isinstance(texts, str):
        raise TextError(field, "a sequence of str", "one str", "Write [text].")
    if not isinstance(texts, Iterable):
        raise TextError(field, "a sequence of str", type(texts).__name__)
    return [checked_text(text, f"{field}[{index}]") for index, text in enumerate(texts)]


def read_sequence(value: object, field: str, is_pretokenized: bool) -> list[str]:
    """A text as a list of one, or its words."""
    if not is_pretokenized:
        return [checked_text(value, field)]
    return checked_texts(value, field)


def read_input(value: Any, field: str, is_pretokenized: bool) -> Input:
    """One element of a batch: a pair is a tuple of two, or a list of two."""
    pair = isinstance(value, (tuple, list)) and len(value) == 2
    if pair and is_pretokenized:
        # two words are one text, two lists of words are a pair
        pair = not any(isinstance(part, str) for part in value)
    if not pair:
        return Input(read_sequence(value, field, is_pretokenized), None, is_pretokenized)
    first, second = (
        read_sequence(part, f"{field}[{index}]", is_pretokenized)
        for index, part in enumerate(value)
    )
    return Input(first, second, is_pretokenized)
