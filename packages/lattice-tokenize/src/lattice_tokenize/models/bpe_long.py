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
_BLOCK_RUNS = 1 << 15

# an entry of the heap is the rank of a pair, and where it begins
_PLACE_BITS = 40
_PLACE = (1 << _PLACE_BITS) - 1
# in cells whose symbol has become part of the one before it
_GONE = -1

Ints = npt.NDArray[np.int64]
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
    left = np.insert(symbols, np.append(0, np.cumsum(lengths)), NO_SYMBOL)
    while True:
        ranks = table.ranks(left[:-1], left[1:])
        pairs = _sure_pairs(walls, left, ranks)
        if len(pairs) * _WORTH <= len(left):
            break
        left[pairs] = table.merged.take(ranks.take(pairs))
        kept = np.ones(len(left), np.bool_)
        kept[pairs + 1] = False
        left = left[kept]
    left = _finish(table, left, ranks)
    ends = np.flatnonzero(left == NO_SYMBOL)
    return left[left != NO_SYMBOL], np.diff(ends) - 1


def _sure_pairs(walls: Walls, symbols: Ints, ranks: Ints) -> Ints:
    """Where the pairs begin that are merged whatever else happens, ascending; some of them.

    Neighbours of equal rank are one symbol again and again: of such a run every other pair is
    merged, from the left, as soon as the run is sure.
    """
    new_run = np.append(True, ranks[1:] != ranks[:-1])
    new_run |= ranks == NO_RANK
    bounds = np.append(np.flatnonzero(new_run), len(ranks))
    found = []
    for first in range(0, len(bounds) - 1, _BLOCK_RUNS):
        # with those as far away as walls are looked for
        start = max(0, first - _REACH)
        block = bounds[start : first + _BLOCK_RUNS + _REACH + 1]
        sure = _sure_runs(walls, symbols, ranks, block)[first - start :][:_BLOCK_RUNS]
        runs = np.flatnonzero(sure) + (first - start)
        begins = block.take(runs)
        counts = (block.take(runs + 1) - begins + 1) >> 1
        if len(counts) and int(counts.max()) > 1:
            before = np.cumsum(counts) - counts
            begins = np.repeat(begins - 2 * before, counts) + 2 * np.arange(int(counts.sum()))
        found.append(begins)
    return np.concatenate(found)


def _sure_runs(walls: Walls, symbols: Ints, ranks: Ints, bounds: Ints) -> Bools:
    """Which runs are sure, of those between `bounds`."""
    begins, ends = bounds[:-1], bounds[1:]
    run_ranks = ranks.take(begins)
    # the outermost pairs say nothing to the left, or to the right, but they are not merged
    from_left = walls.left_of(symbols.take(begins - 1, mode="clip"), symbols.take(begins))
    from_right = walls.right_of(symbols.take(ends), symbols.take(ends + 1, mode="clip"))
    sure = _wall_before(run_ranks, from_left)
    sure &= _wall_before(run_ranks[::-1], from_right[::-1])[::-1]
    sure &= run_ranks != NO_RANK
    return sure


def _wall_before(ranks: Ints, lowest: Ints) -> Bools:
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


def _finish(table: MergeTable, symbols: Ints, ranks: Ints) -> Ints:
    """Merge one by one, as `merge_in_order` does, in time that depends on what is left to merge.

    `ranks` of each symbol and the one behind it. Words need not be told apart: their ends are no
    merge's.
    """
    pairs = np.flatnonzero(ranks != NO_RANK)
    rows, merged_of = table.rows, table.merged_of
    heap = np.sort(ranks.take(pairs) << _PLACE_BITS | pairs).tolist()
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
    left: Ints = symbols[symbols != _GONE]
    return left
