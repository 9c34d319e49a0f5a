"""Ranges of `unicode_tables` -> per-character tables for `str.translate`.

`CharacterMap` answers one code point at a time and remembers the answer, so a table of a million
code points costs only what the texts really contain.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property

from . import unicode_tables

__all__ = [
    "CHINESE",
    "MARKS",
    "PUNCTUATION",
    "REMOVED",
    "SEPARATORS",
    "WHITESPACE",
    "CharacterClass",
    "CharacterMap",
    "lowercase",
]


class CharacterClass:
    """A set of code points, held as sorted ranges.

    >>> 0x3099 in MARKS, 0x309B in MARKS  # the combining dakuten goes, the spacing one stays
    (True, False)
    """

    def __init__(self, ranges: str) -> None:
        self._ranges = ranges

    @cached_property
    def _bounds(self) -> tuple[list[int], list[int]]:
        """The first and the last code points; read when somebody asks, as many never do."""
        bounds = [part.partition("-") for part in self._ranges.split()]
        firsts = [int(first, 16) for first, _, _ in bounds]
        return firsts, [int(last or first, 16) for first, _, last in bounds]

    def __contains__(self, code_point: int) -> bool:
        firsts, lasts = self._bounds
        index = bisect_right(firsts, code_point) - 1
        return index >= 0 and code_point <= lasts[index]

    def pattern(self) -> str:
        """The class as the inside of a regular expression's brackets."""
        pairs = zip(*self._bounds, strict=True)
        return "".join(f"\\U{first:08X}-\\U{last:08X}" for first, last in pairs)

    def characters(self) -> str:
        """All characters of the class, for `str.strip`."""
        pairs = zip(*self._bounds, strict=True)
        return "".join(chr(c) for first, last in pairs for c in range(first, last + 1))


WHITESPACE = CharacterClass(unicode_tables.WHITESPACE)
REMOVED = CharacterClass(unicode_tables.REMOVED)
CHINESE = CharacterClass(unicode_tables.CHINESE)
MARKS = CharacterClass(unicode_tables.MARKS)
SEPARATORS = CharacterClass(unicode_tables.SEPARATORS)
PUNCTUATION = CharacterClass(unicode_tables.PUNCTUATION)

_NEW_LOWERCASE = {
    int(upper, 16): chr(int(lower, 16))
    for upper, _, lower in (pair.partition(":") for pair in unicode_tables.LOWERCASE.split())
}


def lowercase(code_point: int) -> str:
    """The lower-case form of one character, without regard to its neighbours.

    >>> lowercase(ord("Σ"))  # str.lower() would write a final "ς" at the end of a word
    'σ'
    """
    return _NEW_LOWERCASE.get(code_point) or chr(code_point).lower()


class CharacterMap(dict[int, str]):
    """A table for `str.translate` that computes an entry when it is first met."""

    def __init__(self, of_code_point: Callable[[int], str]) -> None:
        super().__init__()
        self._of_code_point = of_code_point

    def __missing__(self, code_point: int) -> str:
        value = self[code_point] = self._of_code_point(code_point)
        return value
