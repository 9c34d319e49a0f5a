"""Text -> the characters of a Unicode form, each with what `AlignedText.transformed` asks of it.

Follows the crate `unicode-normalization-alignments` 0.1.12, which the oracle uses: characters are
decomposed, sorted by combining class within a run, and composed again. The first part of a
decomposition replaces its character (0), the others are new (1); these numbers travel with the
parts when they are sorted, and what composes takes its number along: `e` (0) and U+0301 (0) make
`é` (-1), which replaces the `e` and drops the accent.

The tables of the crate are those of Unicode 9; `NEWER` is what this Python might know and the
oracle does not. The time is that of the sorting, so a run of a million marks is no trouble.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from operator import itemgetter
from typing import Literal

from ..character_classes import CharacterClass
from . import normalization_tables

__all__ = ["NEWER", "Form", "combining_class", "decompose", "form_changes"]

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

NEWER = CharacterClass(normalization_tables.NEWER)


def combining_class(character: str) -> int:
    """The canonical combining class in the oracle's age of Unicode.

    >>> combining_class("\\u0301"), combining_class("a"), combining_class("\\u1ac1")
    (230, 0, 0)
    """
    combining = unicodedata.combining(character)
    return 0 if combining and ord(character) in NEWER else combining


def decompose(form: Literal["NFD", "NFKD"], character: str) -> str:
    """All parts of one character, in the oracle's age of Unicode.

    >>> [f"{ord(part):X}" for part in decompose("NFD", "ậ")]
    ['61', '323', '302']
    """
    parts = unicodedata.normalize(form, character)
    return character if parts != character and ord(character) in NEWER else parts


class _Parts(dict[str, list[tuple[int, str, int]]]):
    """A character -> its parts as (combining class, part, change), computed when first met."""

    def __init__(self, form: Literal["NFD", "NFKD"]) -> None:
        super().__init__()
        self._form = form

    def __missing__(self, character: str) -> list[tuple[int, str, int]]:
        parts = decompose(self._form, character)
        value = self[character] = [
            (combining_class(part), part, int(place > 0)) for place, part in enumerate(parts)
        ]
        return value


_CANONICAL, _COMPATIBLE = _Parts("NFD"), _Parts("NFKD")
_by_class = itemgetter(0)  # only by class: equal ones stay as they were


@lru_cache(maxsize=1 << 16)
def _compose(first: str, second: str) -> str | None:
    """The primary composite of two characters, if there is one."""
    composed = unicodedata.normalize("NFC", first + second)
    if len(composed) != 1 or ord(first) in NEWER or ord(second) in NEWER:
        return None
    if "가" <= composed <= "힣":
        return composed
    # the whole text may compose to one character by way of others: â and a dot below
    pair = f"{ord(first):04X} {ord(second):04X}"
    return composed if unicodedata.decomposition(composed) == pair else None


def _decomposed(text: str, parts: _Parts) -> list[tuple[int, str, int]]:
    """All parts of `text` in canonical order."""
    ordered: list[tuple[int, str, int]] = []
    run: list[tuple[int, str, int]] = []
    for character in text:
        for part in parts[character]:
            if part[0]:
                run.append(part)
                continue
            if run:
                ordered += sorted(run, key=_by_class)
                run = []
            ordered.append(part)
    return ordered + sorted(run, key=_by_class)


def _recomposed(parts: list[tuple[int, str, int]]) -> list[tuple[str, int]]:
    """`parts` with everything composed that may be."""
    result: list[tuple[str, int]] = []
    starter = -1  # where in the result the last character of class 0 stands
    blocked_by = 0  # the class of the last part that stayed behind it
    for combining, part, change in parts:
        # what has a class between the starter and this part, as high as its own, is in the way
        if starter >= 0 and (starter == len(result) - 1 or blocked_by < combining):
            composed = _compose(result[starter][0], part)
            if composed is not None:
                result[starter] = composed, result[starter][1] + change - 1
                continue
        result.append((part, change))
        if combining:
            blocked_by = combining
        else:
            starter, blocked_by = len(result) - 1, 0
    return result


def form_changes(form: Form, text: str) -> list[tuple[str, int]]:
    """The characters of `text` in the form, for `AlignedText.transformed`.

    >>> form_changes("NFC", "e\\u0301")
    [('é', -1)]
    >>> form_changes("NFKD", "ﬁ")
    [('f', 0), ('i', 1)]
    """
    parts = _decomposed(text, _COMPATIBLE if form in ("NFKC", "NFKD") else _CANONICAL)
    if form in ("NFC", "NFKC"):
        return _recomposed(parts)
    return [(part, change) for _, part, change in parts]
