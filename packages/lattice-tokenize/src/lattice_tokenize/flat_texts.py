"""Many texts as one array of code points: the form in which the fast ways hand parts and words on.

Nothing is done for one text alone, and nothing is copied into strings and back.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .ragged import ragged_places

__all__ = ["FlatTexts", "code_points", "text_of"]

Codes = NDArray[np.uint32]
Ints = NDArray[np.int64]


class FlatTexts(NamedTuple):
    """`n` texts, one after the other: `codes` uint32 `(T,)`, and `lengths` of each int64 `(n,)`.

    >>> texts = FlatTexts.of(["one", "", "two"])
    >>> texts.codes.tolist()[:3], texts.lengths.tolist()
    ([111, 110, 101], [3, 0, 3])
    >>> texts.take(np.array([2, 0])).texts()
    ['two', 'one']
    """

    codes: Codes
    lengths: Ints

    @classmethod
    def of(cls, texts: Sequence[str]) -> FlatTexts:
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        return cls(code_points("".join(texts)), lengths)

    @property
    def joined(self) -> str:
        return text_of(self.codes)

    def texts(self) -> list[str]:
        """The texts themselves."""
        joined, stops = self.joined, np.cumsum(self.lengths).tolist()
        return [joined[start:stop] for start, stop in pairwise((0, *stops))]

    def take(self, rows: Ints) -> FlatTexts:
        """The texts with these numbers, in this order."""
        if len(rows) == len(self.lengths) and bool((rows == np.arange(len(rows))).all()):
            return self
        lengths = self.lengths.take(rows)
        starts = (np.cumsum(self.lengths) - self.lengths).take(rows)
        return FlatTexts(self.codes.take(ragged_places(starts, lengths)), lengths)

    def letters(self, place: int) -> Codes:
        """The code point of each text at a place, from the end if it is below 0; 0 for none.

        >>> [chr(code) for code in FlatTexts.of(["one", "", "two"]).letters(-1)]
        ['e', '\\x00', 'o']
        """
        stops = np.cumsum(self.lengths)
        starts = stops - self.lengths
        places = stops + place if place < 0 else starts + place
        letters = np.zeros(len(places), np.uint32)
        there = np.flatnonzero((places >= starts) & (places < stops))
        letters[there] = self.codes.take(places.take(there))
        return letters

    def closed(self, code: int) -> Codes:
        """The code points, with one more behind each text.

        >>> text_of(FlatTexts.of(["one", "", "two"]).closed(ord("|")))
        'one||two|'
        """
        is_text = np.ones(len(self.codes) + len(self.lengths), np.bool_)
        is_text[np.cumsum(self.lengths + 1) - 1] = False
        codes = np.full(len(is_text), code, np.uint32)
        codes[is_text] = self.codes
        return codes


def code_points(text: str) -> Codes:
    # a lone surrogate can be in a piece that no text will ever match
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def text_of(codes: Codes) -> str:
    return codes.tobytes().decode("utf-32-le", "surrogatepass")
