"""Text -> words, with punctuation set apart.

Follows `Punctuation` and `BertPreTokenizer` of Hugging Face tokenizers. Punctuation is all that
ASCII calls so, symbols included, and elsewhere the punctuation of an old Unicode.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from .. import unicode_tables
from ..aligned_text import AlignedText
from ..component import OptionlessComponent
from .delimiters import Behavior, cut
from .pre_tokenizer import PreTokenizer

if TYPE_CHECKING:
    from ..patterns.engine import PatternEngine

__all__ = ["BertPreTokenizer", "Punctuation"]


@cache
def _punctuation() -> PatternEngine:
    from ..patterns.code_points import CodePoints
    from ..patterns.engine import PatternEngine
    from ..patterns.tree import Set

    return PatternEngine(Set(CodePoints.written(unicode_tables.PUNCTUATION)))


@cache
def _bert_words() -> PatternEngine:
    from ..patterns.code_points import CodePoints
    from ..patterns.engine import PatternEngine
    from ..patterns.tree import Choice, Repeat, Set

    separators = CodePoints.written(unicode_tables.SEPARATORS)
    punctuation = CodePoints.written(unicode_tables.PUNCTUATION)
    plain = Repeat(Set(~(separators | punctuation)), 1, None)
    return PatternEngine(Choice((plain, Set(punctuation & ~separators))))


class BertPreTokenizer(PreTokenizer, OptionlessComponent):
    """Words and single punctuation marks; white space separates and is dropped.

    >>> BertPreTokenizer()("don't  stop!")
    ['don', "'", 't', 'stop', '!']
    """

    def __call__(self, text: str) -> list[str]:
        return _bert_words().matches(text)

    def align(self, text: AlignedText) -> list[AlignedText]:
        """The same, with where each character came from."""
        return [text.slice(*span) for span in _bert_words().spans(text.text)]


@dataclass(frozen=True)
class Punctuation(PreTokenizer):
    """Cuts at punctuation marks; `behavior` says on which side.

    >>> Punctuation("MergedWithPrevious")("Hi, you!?")
    ['Hi,', ' you!', '?']
    """

    behavior: Behavior = "Isolated"

    def __call__(self, text: str) -> list[str]:
        if self.behavior == "Isolated":
            return _punctuation().pieces(text)
        return [text[start:stop] for start, stop in self._stretches(text)]

    def align(self, text: AlignedText) -> list[AlignedText]:
        """The same, with where each character came from."""
        return [text.slice(*stretch) for stretch in self._stretches(text.text)]

    def _stretches(self, text: str) -> list[tuple[int, int]]:
        return cut(len(text), _punctuation().spans(text), self.behavior)
