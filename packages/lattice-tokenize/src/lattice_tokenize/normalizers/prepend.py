"""Text -> a given string and the text; an empty text stays empty.

Follows `Prepend` of Hugging Face tokenizers.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..aligned_text import AlignedText
from .normalizer import Normalizer

__all__ = ["Prepend"]


@dataclass(frozen=True)
class Prepend(Normalizer):
    """Writes `prepend` before a text.

    >>> Prepend("▁")("word"), Prepend("▁")("")
    ('▁word', '')
    """

    prepend: str

    def __call__(self, text: str) -> str:
        return self.prepend + text if text else text

    def align(self, text: AlignedText) -> AlignedText:
        """The same; what is new comes from where the first character came from."""
        if text.text and not self.prepend:
            # the oracle writes the first character anew, and then nothing is before it
            starts, ends = list(text.starts), list(text.ends)
            starts[0] = ends[0] = text.origin
            return AlignedText(text.text, starts, ends, text.origin)
        return text.prepended(self.prepend)
