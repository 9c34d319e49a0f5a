"""Merges of byte pair encoding -> the rank of a pair of symbols: one by one, or many at once.

A symbol is a token id; the rank of a merge is its line in the file, and a lower rank goes first.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from .bpe_pairs import NO_RANK, NO_SYMBOL, PairRanks, pack_pairs, unpack_pairs

__all__ = ["MergeTable"]

Ints = npt.NDArray[np.int64]


class _Rows(dict[int, dict[int, int]]):
    """Left -> {right: rank}; each is made when it is first asked for.

    Asking writes entries in one step each, so threads can only repeat each other's work.
    """

    def __init__(self, left: Ints, right: Ints, ranks: Ints) -> None:
        """The merges by ascending `left`."""
        super().__init__()
        # the same in a plain dict, which is faster to ask than one with `__missing__`
        self.made: dict[int, dict[int, int]] = {}
        self._right, self._ranks = right, ranks
        begins = np.flatnonzero(np.diff(left, prepend=-1))
        places = begins.tolist()
        bounds = zip(places, [*places[1:], len(left)], strict=False)
        self._bounds = dict(zip(left[begins].tolist(), bounds, strict=False))

    def __missing__(self, left: int) -> dict[int, int]:
        begin, stop = self._bounds.get(left, (0, 0))
        right, ranks = self._right[begin:stop].tolist(), self._ranks[begin:stop].tolist()
        # of equal pairs the last one stays, as in the file
        self.made[left] = self[left] = row = dict(zip(right, ranks, strict=True))
        return row


class MergeTable:
    """All merges; `left`, `right` and `merged` are int64 `(merges,)`, one entry for each rank.

    Where a pair comes twice the later rank is the one that counts.

    >>> import numpy as np
    >>> table = MergeTable(np.array([5, 6]), np.array([6, 6]), np.array([7, 8]))
    >>> table.rows[5].get(6), table.ranks(np.array([6, 5]), np.array([6, 5])).tolist()
    (0, [1, 4194303])
    """

    def __init__(self, left: Ints, right: Ints, merged: Ints) -> None:
        self.left, self.right, self.merged = left, right, merged

    @cached_property
    def rows(self) -> _Rows:
        """For one pair at a time: `rows[left].get(right)` is its rank."""
        order = self._by_pair
        return _Rows(self.left[order], self.right[order], order)

    @cached_property
    def merged_of(self) -> list[int]:
        """Rank -> the symbol that the pair becomes."""
        symbols: list[int] = self.merged.tolist()
        return symbols

    @cached_property
    def counted(self) -> Ints:
        """The ranks that count, ascending: a pair's last."""
        order = self._by_pair
        pairs = (self.left << 32 | self.right)[order]
        last = np.append(pairs[1:] != pairs[:-1], True)[: len(order)]
        return np.sort(order[last])

    @cached_property
    def _by_pair(self) -> Ints:
        """All ranks, by left, then right, then rank."""
        if not self.fits:
            return np.argsort(self.left << 32 | self.right, kind="stable")
        # sorting numbers is ten times faster than sorting their places
        ranks = np.arange(len(self.left))
        return unpack_pairs(np.sort(pack_pairs(self.left, self.right, ranks)))[2]

    @cached_property
    def fits(self) -> bool:
        """Whether `ranks` may be asked: the numbers fit into a slot."""
        if len(self.merged) == 0:
            return True
        highest = max(int(part.max()) for part in (self.left, self.right, self.merged))
        return highest < NO_SYMBOL and len(self.merged) < NO_RANK

    @cached_property
    def ranks(self) -> PairRanks:
        """For many pairs at once; only where all of them fit."""
        return PairRanks(self.left[self.counted], self.right[self.counted], self.counted)
