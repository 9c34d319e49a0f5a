"""One error tree: every error of this package is a `TokenizeError`.

Each carries `field` (what was wrong, as a path), `expected` and `received`, and its message says
all three and what to do.
"""

from __future__ import annotations

__all__ = [
    "EncodingOptionError",
    "TextError",
    "TokenizeError",
    "TokenizerFileError",
    "UnsupportedComponentError",
]


class TokenizeError(ValueError):
    """Base of all errors of `lattice_tokenize`.

    >>> error = TokenizeError("texts[2]", "a str", "an int", "Convert it with str() first.")
    >>> print(error)
    texts[2]: expected a str, received an int. Convert it with str() first.
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


class TextError(TokenizeError):
    """A text that is no text: not a `str`, or one that holds a lone surrogate."""


class EncodingOptionError(TokenizeError):
    """An option of `encode` or `encode_packed` that cannot be obeyed."""


class TokenizerFileError(TokenizeError):
    """A tokenizer file that is missing, malformed, or contradicts itself."""


class UnsupportedComponentError(TokenizerFileError):
    """A component or field of `tokenizer.json` that this version does not implement."""
