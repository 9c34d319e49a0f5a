"""Text -> text as BERT vocabularies want it.

Follows `BertNormalizer` of Hugging Face tokenizers: clean_text, handle_chinese_chars,
strip_accents, lowercase, in this order. Its nonspacing marks are of an older Unicode than its
decomposition (`MARKS`), so a few that are reordered are not dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..aligned_text import AlignedText
from ..character_classes import CHINESE, MARKS, REMOVED, WHITESPACE, CharacterMap
from .case import Lowercase
from .decomposition import combining_class, decompose
from .normalizer import Normalizer
from .unicode_forms import NFD

__all__ = ["BertNormalizer"]

_nfd, _lowercase = NFD(), Lowercase()

# the steps one by one, for the aligned way
_WITHOUT_REMOVED = CharacterMap(lambda c: "" if c in REMOVED else chr(c))
_SPACES = CharacterMap(lambda c: " " if c in WHITESPACE else chr(c))
_SPACED = CharacterMap(lambda c: f" {chr(c)} " if c in CHINESE else chr(c))
_WITHOUT_MARKS = CharacterMap(lambda c: "" if c in MARKS else chr(c))


class _OrderMattersError(Exception):
    """A mark stays, and its place may depend on its neighbours."""


@dataclass(frozen=True, kw_only=True)
class BertNormalizer(Normalizer):
    """The normalizer of BERT vocabularies. `strip_accents` of `None` means: as `lowercase`.

    >>> normalizer = BertNormalizer(clean_text=True, handle_chinese_chars=True, lowercase=True)
    >>> normalizer("Crème\\tbrûlée 東京")
    'creme brulee  東  京 '
    """

    clean_text: bool
    handle_chinese_chars: bool
    strip_accents: bool | None = None
    lowercase: bool

    @cached_property
    def _whole(self) -> CharacterMap:
        return CharacterMap(self._normalize_character)

    @cached_property
    def _before_nfd(self) -> CharacterMap:
        return CharacterMap(self._clean_character)

    @cached_property
    def _after_nfd(self) -> CharacterMap:
        return CharacterMap(self._fold_character)

    @property
    def _strips(self) -> bool:
        return self.lowercase if self.strip_accents is None else self.strip_accents

    def _clean_character(self, code_point: int) -> str:
        if self.clean_text and code_point in REMOVED:
            return ""
        if self.clean_text and code_point in WHITESPACE:
            return " "
        if self.handle_chinese_chars and code_point in CHINESE:
            return f" {chr(code_point)} "
        return chr(code_point)

    def _fold_character(self, code_point: int) -> str:
        character = chr(code_point)
        if self._strips and code_point in MARKS:
            return ""
        return _lowercase(character) if self.lowercase else character

    def _normalize_character(self, code_point: int) -> str:
        """What one character becomes whatever its neighbours are."""
        result = []
        for cleaned in self._clean_character(code_point):
            for part in decompose("NFD", cleaned) if self._strips else cleaned:
                folded = self._fold_character(ord(part))
                if self._strips and folded and combining_class(part):
                    raise _OrderMattersError
                result.append(folded)
        return "".join(result)

    def __call__(self, text: str) -> str:
        # one pass, because marks are dropped, and nothing else of a decomposition is ever moved
        try:
            return text.translate(self._whole)
        except _OrderMattersError:
            return _nfd(text.translate(self._before_nfd)).translate(self._after_nfd)

    def align(self, text: AlignedText) -> AlignedText:
        """The same, with where each character came from."""
        if self.clean_text:
            text = text.dropped(_WITHOUT_REMOVED)
            text = text.mapped(text.text.translate(_SPACES))
        if self.handle_chinese_chars:
            text = _spaced(text)
        if self._strips:
            text = _nfd.align(text).dropped(_WITHOUT_MARKS)
        return _lowercase.align(text) if self.lowercase else text


def _spaced(text: AlignedText) -> AlignedText:
    """Each Chinese character between two spaces."""
    if len(text.text.translate(_SPACED)) == len(text):
        return text
    return text.transformed(
        # the space before takes the place of the character; the others come from there too
        (part, int(place > 0))
        for character in text.text
        for place, part in enumerate(_SPACED[ord(character)])
    )
