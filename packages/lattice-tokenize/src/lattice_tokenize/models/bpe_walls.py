"""Pairs of neighbours that no merge below a rank can tear apart.

Say symbols `a`, `b` stand side by side. If `b` goes to the left, it is with a merge `(y, b)` in
which `y` ends as `a` does: whatever `a` has become, its last character is the same. So the lowest
rank of all merges with `b` on the right, and on the left a token with the last character of `a`,
says how long `b` stays; and likewise how long `a` does, seen from `b`'s first character.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .bpe_pairs import NO_SYMBOL, PairRanks, pack_pairs, unpack_pairs
from .merge_table import MergeTable

__all__ = ["Walls"]

Ints = npt.NDArray[np.int64]
AnyInts = npt.NDArray[np.signedinteger[Any]]


class Walls:
    """The walls of a table that fits.

    >>> import numpy as np
    >>> walls = Walls(MergeTable(np.array([5, 6]), np.array([6, 7]), np.array([8, 9])))
    >>> walls.hold, walls.left_of(np.array([5, 9]), np.array([6, 6])).tolist()
    (True, [0, 4194303])
    """

    def __init__(self, table: MergeTable) -> None:
        ranks = table.counted
        left, right, merged = table.left[ranks], table.right[ranks], table.merged[ranks]
        highest = max(int(part.max(initial=0)) for part in (left, right, merged))
        self._first = _end_of(merged, left, highest)
        self._last = _end_of(merged, right, highest)
        made = np.full(highest + 1, -1)
        made[merged] = ranks
        # every merge comes after those that make its parts, and tokens end as their parts do, so
        # all that is said above is true
        self.hold = bool(
            (np.maximum(made[left], made[right]) < ranks).all()
            and (self._first[merged] == self._first[left]).all()
            and (self._last[merged] == self._last[right]).all()
        )
        self._sizes = _sizes(left, right, merged, highest)
        self.longest = int(self._sizes.max())
        self._takes_right = _lowest(self._last[left], right, ranks)
        self._takes_left = _lowest(left, self._first[right], ranks)

    def sizes(self, symbols: AnyInts) -> Ints:
        """Of how many symbols that are no merge's each is made; `longest` is the most."""
        return self._sizes.take(symbols, mode="clip")

    def left_of(self, before: AnyInts, symbols: AnyInts) -> Ints:
        """The lowest rank that takes a symbol to the left, away from what is behind it."""
        return self._takes_right(self._last.take(before, mode="clip"), symbols)

    def right_of(self, symbols: AnyInts, behind: AnyInts) -> Ints:
        """The lowest rank that takes a symbol to the right."""
        return self._takes_left(symbols, self._first.take(behind, mode="clip"))


def _end_of(merged: Ints, parts: Ints, highest: int) -> Ints:
    """Symbol -> the one that is no merge's at its end, if `parts` are the parts at this end.

    The last entry is for all symbols above `highest`, which no merge has.
    """
    end = np.arange(highest + 2)
    end[-1] = NO_SYMBOL
    end[merged] = parts
    while True:
        farther = end.take(end, mode="clip")
        if bool((farther == end).all()):
            return end
        end = farther


def _sizes(left: Ints, right: Ints, merged: Ints, highest: int) -> Ints:
    """How many symbols that are no merge's each is made of; the last entry as in `_end_of`."""
    sizes = np.ones(highest + 2, np.int64)
    while True:
        longer = np.ones_like(sizes)
        longer[merged] = sizes.take(left) + sizes.take(right)
        if bool((longer == sizes).all()):
            return sizes
        sizes = longer


def _lowest(left: Ints, right: Ints, ranks: Ints) -> PairRanks:
    """The lowest rank of each pair."""
    left, right, ranks = unpack_pairs(np.sort(pack_pairs(left, right, ranks)))
    first = np.append(True, (left[1:] != left[:-1]) | (right[1:] != right[:-1]))[: len(ranks)]
    return PairRanks(left[first], right[first], ranks[first])
