r"""Text -> what stands between white space.

Follows `WhitespaceSplit`, `Whitespace` and `CharDelimiterSplit` of Hugging Face tokenizers. The
first asks the standard library of Rust what white space is, the second the `regex` crate what a
word is: `\w+|[^\w\s]+`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from .. import unicode_tables
from ..aligned_text import AlignedText
from ..component import OptionlessComponent
from ..decoders.decoder import read_character
from . import pre_tokenizer_tables as tables
from .pre_tokenizer import PreTokenizer

if TYPE_CHECKING:
    from ..patterns.engine import PatternEngine

__all__ = ["CharDelimiterSplit", "Whitespace", "WhitespaceSplit"]

# U+001C..U+001F are no white space to the oracle, as they are to str.split()
_ASCII_SPACES = dict.fromkeys(map(ord, "\t\n\x0b\x0c\r"), " ")


@cache
def _between_spaces() -> PatternEngine:
    from ..patterns.code_points import CodePoints
    from ..patterns.engine import PatternEngine
    from ..patterns.tree import Repeat, Set

    return PatternEngine(Repeat(Set(~CodePoints.written(unicode_tables.SEPARATORS)), 1, None))


@cache
def _words() -> PatternEngine:
    from ..patterns.code_points import CodePoints
    from ..patterns.engine import PatternEngine
    from ..patterns.tree import Choice, Repeat, Set

    word, space = CodePoints.written(tables.WORD), CodePoints.written(tables.SPACE)
    return PatternEngine(
        Choice((Repeat(Set(word), 1, None), Repeat(Set(~(word | space)), 1, None)))
    )


class WhitespaceSplit(PreTokenizer, OptionlessComponent):
    """Cuts at white space, and drops it.

    >>> WhitespaceSplit()("a  b,c")
    ['a', 'b,c']
    """

    def __call__(self, text: str) -> list[str]:
        if text.isascii():
            return [word for word in text.translate(_ASCII_SPACES).split(" ") if word]
        return _between_spaces().matches(text)

    def align(self, text: AlignedText) -> list[AlignedText]:
        """The same, with where each character came from."""
        return [text.slice(*span) for span in _between_spaces().spans(text.text)]


class Whitespace(PreTokenizer, OptionlessComponent):
    """Runs of word characters and runs of others; white space is dropped.

    >>> Whitespace()("a_1  (b)...")
    ['a_1', '(', 'b', ')...']
    """

    def __call__(self, text: str) -> list[str]:
        return _words().matches(text)

    def align(self, text: AlignedText) -> list[AlignedText]:
        """The same, with where each character came from."""
        return [text.slice(*span) for span in _words().spans(text.text)]


@dataclass(frozen=True)
class CharDelimiterSplit(PreTokenizer):
    """Cuts at one character, and drops it.

    >>> CharDelimiterSplit("-")("-a--b c")
    ['a', 'b c']
    """

    delimiter: str = field(metadata={"read": read_character})

    def __call__(self, text: str) -> list[str]:
        return [word for word in text.split(self.delimiter) if word]

    def align(self, text: AlignedText) -> list[AlignedText]:
        """The same, with where each character came from."""
        words = []
        start = 0
        for word in text.text.split(self.delimiter):
            if word:
                words.append(text.slice(start, start + len(word)))
            start += len(word) + 1
        return words
