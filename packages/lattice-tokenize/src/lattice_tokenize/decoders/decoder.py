"""What every decoder is: tokens -> pieces of text.

Follows `Decoder` of Hugging Face tokenizers. A decoder takes a list of strings and gives a list of
strings, so that several can follow one another; the text is what they are joined to in the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ..errors import TokenizerFileError

__all__ = ["Decoder", "read_character"]


class Decoder(Protocol):
    """Undoes what the normalizer, the pre-tokenizer and the model did to the spelling."""

    def decode_chain(self, tokens: list[str]) -> list[str]:
        """One step. The list that comes in is not changed."""

    def decode(self, tokens: Iterable[str]) -> str:
        """The text of `tokens`."""
        return "".join(self.decode_chain(list(tokens)))


def read_character(value: object, path: str) -> str:
    """A string of one code point.

    >>> read_character("▁", "decoder.replacement")
    '▁'
    """
    if isinstance(value, str) and len(value) == 1:
        return value
    raise TokenizerFileError(path, "one character", repr(value))
