"""Text -> text without marks, or without the white space around it.

Follows `StripAccents` and `Strip` of Hugging Face tokenizers. The marks are all those of Unicode 9,
spacing and enclosing ones too: more than `BertNormalizer` drops, which takes nonspacing marks only,
of an older age. Nothing is decomposed first. White space is the property White_Space of Unicode;
`str.strip` adds U+001C to U+001F.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..aligned_text import AlignedText
from ..character_classes import CharacterClass, CharacterMap
from ..component import OptionlessComponent
from . import normalization_tables
from .candidate_search import candidates
from .normalizer import Normalizer

__all__ = ["Strip", "StripAccents"]

_WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


_COMBINING = CharacterClass(normalization_tables.COMBINING)
_WITHOUT_MARKS = CharacterMap(
    lambda code_point: "" if code_point in _COMBINING else chr(code_point)
)


class StripAccents(Normalizer, OptionlessComponent):
    """Drops combining marks; letters that hold an accent keep it.

    >>> StripAccents()("e\\u0301é") == "eé"
    True
    """

    def __call__(self, text: str) -> str:
        if text.isascii() or not candidates(normalization_tables.COMBINING).search(text):
            return text
        return text.translate(_WITHOUT_MARKS)

    def align(self, text: AlignedText) -> AlignedText:
        """The same, with where each character came from."""
        return text.dropped(_WITHOUT_MARKS)


@dataclass(frozen=True)
class Strip(Normalizer):
    """Drops white space at the ends.

    >>> Strip(strip_left=True, strip_right=False)(" a ")
    'a '
    """

    strip_left: bool
    strip_right: bool

    def __call__(self, text: str) -> str:
        if self.strip_left:
            text = text.lstrip(_WHITE_SPACE)
        if self.strip_right:
            text = text.rstrip(_WHITE_SPACE)
        return text

    def align(self, text: AlignedText) -> AlignedText:
        """The same, with where each character came from."""
        start = len(text) - len(text.text.lstrip(_WHITE_SPACE)) if self.strip_left else 0
        stop = len(text.text.rstrip(_WHITE_SPACE)) if self.strip_right else len(text)
        if stop - start == len(text):
            return text
        kept = slice(start, max(start, stop))
        return AlignedText(text.text[kept], text.starts[kept], text.ends[kept], text.origin)
