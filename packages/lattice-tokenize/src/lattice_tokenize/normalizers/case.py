"""Text -> lower-case text.

Follows `Lowercase` of Hugging Face tokenizers: each character by itself, with the oracle's age of
Unicode. `str.lower` looks at the neighbours of a capital sigma and knows fewer letters.
"""

from __future__ import annotations

from .. import unicode_tables
from ..aligned_text import AlignedText
from ..character_classes import CharacterMap, lowercase
from ..component import OptionlessComponent
from .candidate_search import candidates
from .normalizer import Normalizer

__all__ = ["Lowercase"]

# where `str.lower` may be wrong: at a final sigma, and at letters newer than the oldest Python
_NOT_FOR_STR_LOWER = " ".join(
    ["3A3", *(pair.partition(":")[0] for pair in unicode_tables.LOWERCASE.split())]
)
_LOWERCASE = CharacterMap(lowercase)


class Lowercase(Normalizer, OptionlessComponent):
    """Lower case, character by character.

    >>> Lowercase()("ΟΔΟΣ")
    'οδοσ'
    """

    def __call__(self, text: str) -> str:
        if text.isascii() or not candidates(_NOT_FOR_STR_LOWER).search(text):
            return text.lower()
        return text.translate(_LOWERCASE)

    def align(self, text: AlignedText) -> AlignedText:
        """The same, with where each character came from."""
        lowered = self(text.text)
        if len(lowered) == len(text):  # no character has become two, as İ does
            return text.mapped(lowered)
        return text.transformed(
            (lower, int(place > 0))
            for character in text.text
            for place, lower in enumerate(_LOWERCASE[ord(character)])
        )
