"""Text -> normalized text.

Follows `BertNormalizer` of Hugging Face tokenizers: clean_text, handle_chinese_chars,
strip_accents, lowercase, in this order.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

import regex

from .character_classes import (
    CHINESE,
    MARKS,
    NFD_STARTERS,
    REMOVED,
    WHITESPACE,
    CharacterMap,
    lowercase,
)

__all__ = ["BertNormalizer", "nfd"]

_RUN_OR_STARTER = regex.compile(f"[{NFD_STARTERS.pattern()}]|[^{NFD_STARTERS.pattern()}]+")
_STARTER = regex.compile(f"[{NFD_STARTERS.pattern()}]")


def nfd(text: str) -> str:
    """Canonical decomposition with the oracle's age of Unicode.

    Characters that the oracle does not know as decomposable or combining are starters to it, so
    cutting the text at them is exact.

    >>> [f"{ord(c):X}" for c in nfd("が")]
    ['304B', '3099']
    """
    if unicodedata.is_normalized("NFD", text):
        return text
    if not _STARTER.search(text):
        return unicodedata.normalize("NFD", text)
    return "".join(
        run if NFD_STARTERS.__contains__(ord(run[0])) else unicodedata.normalize("NFD", run)
        for run in _RUN_OR_STARTER.findall(text)
    )


@dataclass(frozen=True)
class BertNormalizer:
    """The normalizer of BERT vocabularies.

    >>> normalizer = BertNormalizer(
    ...     clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=True)
    >>> normalizer("Crème\\tbrûlée 東京")
    'creme brulee  東  京 '
    """

    clean_text: bool
    handle_chinese_chars: bool
    strip_accents: bool
    lowercase: bool
    _before_nfd: CharacterMap = field(init=False, repr=False, compare=False)
    _after_nfd: CharacterMap = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_before_nfd", CharacterMap(self._clean_character))
        object.__setattr__(self, "_after_nfd", CharacterMap(self._fold_character))

    def _clean_character(self, code_point: int) -> str:
        if self.clean_text and code_point in REMOVED:
            return ""
        if self.clean_text and code_point in WHITESPACE:
            return " "
        if self.handle_chinese_chars and code_point in CHINESE:
            return f" {chr(code_point)} "
        return chr(code_point)

    def _fold_character(self, code_point: int) -> str:
        if self.strip_accents and code_point in MARKS:
            return ""
        return lowercase(code_point) if self.lowercase else chr(code_point)

    def __call__(self, text: str) -> str:
        text = text.translate(self._before_nfd)
        if self.strip_accents and not text.isascii():
            text = nfd(text)
        return text.translate(self._after_nfd)
