"""One error tree: every error of this package's own is an `EmbedError`.

Each carries `field`, `expected` and `received`, and its message says all three and what to do.
Errors of the tokenizer and of the model pass through as they are (`TokenizeError`, `ModelError`).
"""

from __future__ import annotations

__all__ = [
    "EmbedError",
    "ModelFilesUnavailableError",
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
        return f"{message} {self.advice}" if self.advice else message


class UnknownModelError(EmbedError):
    """A name that is neither in the catalog, nor a hub id, nor a directory."""


class ModelFilesUnavailableError(EmbedError):
    """Files that no source could bring, or whose bytes were not the pinned ones."""


class TextsError(EmbedError):
    """An input that holds no texts."""
