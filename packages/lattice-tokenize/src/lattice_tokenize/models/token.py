"""What a model makes of a part of a word."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Token"]


class Token(NamedTuple):
    """One token of a word.

    `word[start:stop]` are the code points that it stands for. A token that is only some bytes of
    a code point covers the whole code point, so neighbours may overlap.

    >>> Token(7, "lat", 0, 3).value
    'lat'
    """

    id: int
    value: str
    start: int
    stop: int

    @property
    def offsets(self) -> tuple[int, int]:
        """`(start, stop)`."""
        return self.start, self.stop
