"""Text -> what a pattern cuts it into.

Follows `Split` of Hugging Face tokenizers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..aligned_text import AlignedText
from ..patterns.pattern import Pattern
from .delimiters import Behavior, cut
from .pre_tokenizer import PreTokenizer

__all__ = ["Split"]


@dataclass(frozen=True)
class Split(PreTokenizer):
    r"""Cuts at the matches of `pattern`, or, with `invert`, at what is between them.

    >>> Split(Pattern("Regex", r"\w+"), "Removed", invert=True)("what, now?")
    ['what', 'now']
    """

    pattern: Pattern = field(metadata={"read": Pattern.from_json})
    behavior: Behavior
    invert: bool

    def __call__(self, text: str) -> list[str]:
        if self.behavior == "Isolated":
            return self.pattern.pieces(text)
        return [text[start:stop] for start, stop in self._stretches(text)]

    def align(self, text: AlignedText) -> list[AlignedText]:
        """The same, with where each character came from."""
        return [text.slice(*stretch) for stretch in self._stretches(text.text)]

    def _stretches(self, text: str) -> list[tuple[int, int]]:
        matches = self.pattern.spans(text)
        return cut(len(text), matches, self.behavior, invert=self.invert)
