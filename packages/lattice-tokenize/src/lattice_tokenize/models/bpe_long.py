"""Long words, as symbols -> the symbols that byte pair encoding leaves, many merges at a time.

Byte pair encoding does one merge after the other, but those that are far apart do not see each
other. A merge of rank r is done, whatever else happens, if nothing can take its left symbol to
the left, or its right symbol to the right, before it is r's turn. Nothing can, if on the way to a
*wall* no pair has a lower rank; a wall is a place across which no merge below r goes, or the end
of the word. For what is between could only change by a merge across the wall.

This needs `Walls.hold`, true of every trained file. How far away walls are looked for is a matter
of speed alone; what remains, if it is little, is merged one by one.
"""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np
import numpy.typing as npt

from .bpe_pairs import NO_RANK, NO_SYMBOL
from .bpe_walls import Walls
from .merge_table import MergeTable

__all__ = ["merge_long_words"]

# How many runs of equal pairs away a wall is looked for.
_REACH = 3
# Rounds go on as long as one in so many symbols goes.
_WORTH = 64
# The arrays of so many runs stay in the processor's second cache.
_BLOCK = 1 << 15

# an entry of the heap is the rank of a pair, and where it begins
_PLACE_BITS = 40
_PLACE = (1 << _PLACE_BITS) - 1
# in cells whose symbol has become part of the one before it
_GONE = -1

Ints = npt.NDArray[np.int64]
# Arrays as long as the text are of the smaller type: they leave the cache later.
Symbols = npt.NDArray[np.int32]
Ranks = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


def merge_long_words(
    table: MergeTable, walls: Walls, symbols: Ints, lengths: Ints
) -> tuple[Ints, Ints]:
    """The symbols left of each word, and how many.

    `symbols` is int64 `(T,)`, all words one after the other, `lengths` int64 `(n,)`; so is what
    comes back.

    >>> import numpy as np
    >>> table = MergeTable(np.array([5, 6]), np.array([6, 7]), np.array([8, 9]))
    >>> symbols, lengths = np.array([5, 6, 7, 6, 7]), np.array([3, 2])
    >>> [part.tolist() for part in merge_long_words(table, Walls(table), symbols, lengths)]
    [[8, 7, 9], [2, 1]]
    """
    # something before, between and behind the words that nothing is merged with
    walled = np.append(0, np.cumsum(lengths))
    left = np.insert(symbols.astype(np.int32), walled, NO_SYMBOL)
    while True:
        ranks = _ranks(table, left)
        found = _sure_pairs(walls, left, ranks)
        if sum(map(len, found)) * _WORTH <= len(left):
            break
        left = _merged(table, left, ranks, found)
    left = _finish(table, left, ranks)
    inner = left != NO_SYMBOL
    return left[inner].astype(np.int64), np.diff(np.flatnonzero(~inner)) - 1


def _ranks(table: MergeTable, symbols: Symbols) -> Ranks:
    """The rank of each symbol and the one behind it."""
    ranks = np.empty(len(symbols) - 1, np.int32)
    for first in range(0, len(ranks), _BLOCK):
        block = symbols[first : first + _BLOCK + 1]
        ranks[first : first + _BLOCK] = table.ranks(block[:-1], block[1:])
    return ranks


def _merged(table: MergeTable, symbols: Symbols, ranks: Ranks, found: list[Ints]) -> Symbols:
    """What is left when the pairs that were found are merged."""
    kept = np.ones(len(symbols), np.bool_)
    for pairs in found:
        for first in range(0, len(pairs), _BLOCK):
            some = pairs[first : first + _BLOCK]
            symbols[some] = table.merged.take(ranks.take(some))
            kept[some + 1] = False
    left: Symbols = symbols[kept]
    return left


def _sure_pairs(walls: Walls, symbols: Symbols, ranks: Ranks) -> list[Ints]:
    """Where the pairs begin that are merged whatever else happens, ascending; some of them.

    Neighbours of equal rank are one symbol again and again: of such a run every other pair is
    merged, from the left. What its last symbol is taken away by may take those before it too, but
    no more than fit into one symbol.
    """
    found = []
    bounds = np.zeros(1, np.int64)  # of runs; those before `done` are looked at no more
    done = 0
    for first in range(0, len(ranks), _BLOCK):
        block = ranks[first : first + _BLOCK + 1]
        new_run = (block[1:] != block[:-1]) | (block[1:] == NO_RANK)
        bounds = np.append(bounds, np.flatnonzero(new_run) + (first + 1))
        if first + _BLOCK < len(ranks):
            stop = len(bounds) - 1 - _REACH  # as far as walls are looked for
        else:
            bounds = np.append(bounds, len(ranks))
            stop = len(bounds) - 1
        if stop > done:
            found.append(_sure_in_runs(walls, symbols, ranks, bounds, slice(done, stop)))
            known = max(0, stop - _REACH)
            bounds, done = bounds[known:], stop - known
    return found


def _sure_in_runs(walls: Walls, symbols: Symbols, ranks: Ranks, bounds: Ints, own: slice) -> Ints:
    """The same for some of the runs between `bounds`; the others are those around them."""
    begins, ends = bounds[:-1], bounds[1:]
    run_ranks = ranks.take(begins)
    # the outermost pairs say nothing to the left, or to the right, but they are not merged
    from_left = walls.left_of(symbols.take(begins - 1, mode="clip"), symbols.take(begins))
    from_right = walls.right_of(symbols.take(ends), symbols.take(ends + 1, mode="clip"))
    sizes = ends - begins + 1  # in symbols
    sizes -= (walls.longest - 1) * ~_wall_before(run_ranks[::-1], from_right[::-1])[::-1]
    sizes *= _wall_before(run_ranks, from_left) & (run_ranks != NO_RANK)
    runs = np.flatnonzero(sizes[own] > 1)
    begins, counts = begins[own].take(runs), sizes[own].take(runs) >> 1
    if len(counts) == 0 or int(counts.max()) == 1:
        return begins
    before = np.cumsum(counts) - counts
    pairs: Ints = np.repeat(begins - 2 * before, counts)
    for first in range(0, len(pairs), _BLOCK):
        some = pairs[first : first + _BLOCK]
        some += np.arange(2 * first, 2 * (first + len(some)), 2)
    return pairs


def _wall_before(ranks: Ranks, lowest: Ints) -> Bools:
    """Whether going back from a run there is a wall, and on the way no lower rank.

    `lowest`: of the merges that take a run's outer symbol away from it.
    """
    found = lowest > ranks
    way = np.ones(len(ranks), np.bool_)
    for distance in range(1, _REACH + 1):
        way = way[1:]
        way &= ranks[:-distance] > ranks[distance:]
        found[distance:] |= way & (lowest[:-distance] > ranks[distance:])
    return found


def _finish(table: MergeTable, symbols: Symbols, ranks: Ranks) -> Symbols:
    """Merge one by one, as `merge_in_order` does, in time that depends on what is left to merge.

    `ranks` of each symbol and the one behind it. Words need not be told apart: their ends are no
    merge's.
    """
    pairs = np.flatnonzero(ranks != NO_RANK)
    if len(pairs) == 0:
        return symbols
    rows, merged_of = table.rows, table.merged_of
    heap = np.sort(ranks.take(pairs).astype(np.int64) << _PLACE_BITS | pairs).tolist()
    cells = symbols.data
    # neighbours, where they are not the cells next to it
    before: dict[int, int] = {}
    after: dict[int, int] = {}
    while heap:
        entry = heappop(heap)
        at = entry & _PLACE
        if cells[at] == _GONE:
            continue
        gone = after.get(at, at + 1)
        rank = rows[cells[at]].get(cells[gone])
        if rank is None or rank != entry >> _PLACE_BITS:
            continue  # another pair stands here now
        new = merged_of[rank]
        cells[at], cells[gone] = new, _GONE
        after[at] = behind = after.get(gone, gone + 1)
        before[behind] = at
        rank = rows[new].get(cells[behind])
        if rank is not None:
            heappush(heap, rank << _PLACE_BITS | at)
        ahead = before.get(at, at - 1)
        rank = rows[cells[ahead]].get(new)
        if rank is not None:
            heappush(heap, rank << _PLACE_BITS | ahead)
    left: Symbols = symbols[symbols != _GONE]
    return left
