"""What every normalizer offers: str -> str, and the same with where each character came from."""

from __future__ import annotations

from typing import Protocol

from ..aligned_text import AlignedText
from ..inputs import checked_text

__all__ = ["Normalizer"]


class Normalizer(Protocol):
    """A frozen dataclass whose fields are those of its object in `tokenizer.json`.

    Both ways give the same text: `align(text).text == self(text.text)`.

    >>> from lattice_tokenize.normalizers import Prepend
    >>> normalizer: Normalizer = Prepend("_")
    >>> normalizer("word"), normalizer.align(AlignedText.of("word")).text
    ('_word', '_word')
    """

    def __call__(self, text: str) -> str:
        """The plain way, which is fast."""
        ...

    def align(self, text: AlignedText) -> AlignedText:
        """The way that keeps offsets."""
        ...

    def normalize_str(self, sequence: str) -> str:
        """The same as a call: what the oracle calls it."""
        return self(checked_text(sequence, "sequence"))
