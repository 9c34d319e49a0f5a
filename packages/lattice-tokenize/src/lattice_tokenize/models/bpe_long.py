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

import numpy as np
import numpy.typing as npt

from .bpe_pairs import NO_RANK, NO_SYMBOL
from .bpe_walls import Walls
from .bpe_word import merge_in_order
from .merge_table import MergeTable

__all__ = ["merge_long_words"]

# How many runs of equal pairs away a wall is looked for.
_REACH = 3
# Rounds go on as long as one in so many symbols goes.
_WORTH = 64

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
    left = _finish(table, left, np.flatnonzero(ranks != NO_RANK))
    ends = np.flatnonzero(left == NO_SYMBOL)
    return left[left != NO_SYMBOL], np.diff(ends) - 1


def _sure_pairs(walls: Walls, symbols: Ints, ranks: Ints) -> Ints:
    """Where the pairs begin that are merged whatever else happens, ascending; some of them.

    Neighbours of equal rank are one symbol again and again: of such a run every other pair is
    merged, from the left, as soon as the run is sure.
    """
    new_run = np.append(True, ranks[1:] != ranks[:-1])
    new_run |= ranks == NO_RANK
    begins = np.flatnonzero(new_run)
    run_ranks = ranks.take(begins)
    ends = np.append(begins[1:], len(ranks))
    # the outermost pairs say nothing to the left, or to the right, but they are not merged
    from_left = walls.left_of(symbols.take(begins - 1, mode="clip"), symbols.take(begins))
    from_right = walls.right_of(symbols.take(ends), symbols.take(ends + 1, mode="clip"))
    sure = _wall_before(run_ranks, from_left)
    sure &= _wall_before(run_ranks[::-1], from_right[::-1])[::-1]
    sure &= run_ranks != NO_RANK
    chosen = np.flatnonzero(sure)
    begins, ends = begins.take(chosen), ends.take(chosen)
    counts = (ends - begins + 1) >> 1
    if len(counts) == 0 or int(counts.max()) == 1:
        return begins
    before = np.cumsum(counts) - counts
    return np.repeat(begins - 2 * before, counts) + 2 * np.arange(int(counts.sum()))


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


def _finish(table: MergeTable, symbols: Ints, pairs: Ints) -> Ints:
    """Merge one by one in the words that have `pairs`."""
    ends = np.flatnonzero(symbols == NO_SYMBOL)
    parts = []
    done = 0
    for word in np.unique(np.searchsorted(ends, pairs)).tolist():
        begin, end = int(ends[word - 1]) + 1, int(ends[word])
        parts.append(symbols[done:begin])
        parts.append(np.array(merge_in_order(table, symbols[begin:end].tolist())[0], np.int64))
        done = end
    return np.concatenate([*parts, symbols[done:]])
