"""Normalized text -> words.

Follows `BertPreTokenizer` of Hugging Face tokenizers.
"""

from __future__ import annotations

from .character_classes import PUNCTUATION, SEPARATORS, CharacterMap

__all__ = ["bert_pre_tokenize"]


def _set_apart(code_point: int) -> str:
    if code_point in SEPARATORS:
        return " "
    return f" {chr(code_point)} " if code_point in PUNCTUATION else chr(code_point)


_APART = CharacterMap(_set_apart)


def bert_pre_tokenize(text: str) -> list[str]:
    """Words and single punctuation marks; white space separates and is dropped.

    >>> bert_pre_tokenize("don't  stop!")
    ['don', "'", 't', 'stop', '!']
    """
    # split() without an argument would also cut at U+001C..U+001F, which the oracle keeps
    return [word for word in text.translate(_APART).split(" ") if word]
