"""One error tree: every error of this package's own is an `EmbedError`.

Each carries `field`, `expected` and `received`, and its message says all three and what to do.
Errors of the tokenizer and of the model pass through as they are (`TokenizeError`, `ModelError`).
"""

from __future__ import annotations

__all__ = [
    "CacheFileError",
    "EmbedError",
    "ModelFilesUnavailableError",
    "TextTooLongError",
    "TextsError",
    "UnknownModelError",
]


class EmbedError(ValueError):
    """Base of all errors of `lattice_embed`.

    >>> print(EmbedError("texts", "at least one text", "an empty list"))
    texts: expected at least one text, received an empty list.
    """

    def __init__(self, field: str, expected: str, received: str, advice: str = "") -> None:
        self.field = field
        self.expected = expected
        self.received = received
        self.advice = advice
        super().__init__(field, expected, received, advice)

    def __str__(self) -> str:
        message = f"{self.field}: expected {self.expected}, received {self.received}."
        between = "\n" if "\n" in self.received else " "
        return f"{message}{between}{self.advice}" if self.advice else message


class UnknownModelError(EmbedError):
    """A name that is neither in the catalog, nor a hub id, nor a directory."""


class ModelFilesUnavailableError(EmbedError):
    """Files that no source could bring, or whose bytes were not the pinned ones."""


class TextsError(EmbedError):
    """An input that holds no texts."""


class TextTooLongError(TextsError):
    """A text of more tokens than the model takes, where `on_overflow` is "error".

    `index` is its place among the texts, `token_count` what it has, `max_tokens` what it may have.
    """

    def __init__(self, index: int, token_count: int, max_tokens: int) -> None:
        self.index = index
        self.token_count = token_count
        self.max_tokens = max_tokens
        super().__init__(
            f"texts[{index}]",
            f"at most {max_tokens} tokens",
            f"{token_count}",
            'on_overflow="truncate" cuts it, "chunk" splits it.',
        )
        # as an exception is pickled: it is made again from these
        self.args = (index, token_count, max_tokens)


class CacheFileError(EmbedError):
    """A cache file that cannot be used, or that is not this release's to change."""
