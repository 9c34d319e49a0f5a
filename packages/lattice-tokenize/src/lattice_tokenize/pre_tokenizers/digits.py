"""Text -> text with its numbers set apart, one by one or as they stand.

Follows `Digits` of Hugging Face tokenizers: every character of the general category N is one, so
also ½ and Ⅳ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ..aligned_text import AlignedText
from . import pre_tokenizer_tables as tables
from .delimiters import cut
from .pre_tokenizer import PreTokenizer

if TYPE_CHECKING:
    from ..patterns.engine import PatternEngine

__all__ = ["Digits"]


@cache
def _numbers(individual: bool) -> PatternEngine:
    from ..patterns.code_points import CodePoints
    from ..patterns.engine import PatternEngine
    from ..patterns.tree import Repeat, Set

    digit = Set(CodePoints.written(tables.NUMERIC))
    return PatternEngine(digit if individual else Repeat(digit, 1, None))


@dataclass(frozen=True)
class Digits(PreTokenizer):
    """Sets numbers apart, or each of their digits.

    >>> Digits(False)("a12b"), Digits(True)("a12b")
    (['a', '12', 'b'], ['a', '1', '2', 'b'])
    """

    individual_digits: bool

    def __call__(self, text: str) -> list[str]:
        return _numbers(self.individual_digits).pieces(text)

    def align(self, text: AlignedText) -> list[AlignedText]:
        """The same, with where each character came from."""
        matches = _numbers(self.individual_digits).spans(text.text)
        return [text.slice(*stretch) for stretch in cut(len(text), matches, "Isolated")]
