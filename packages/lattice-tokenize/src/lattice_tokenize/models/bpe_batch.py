"""Many words, as symbols -> the symbols that byte pair encoding leaves, all words at once.

In every round each word does its next merge: the pair of lowest rank, the leftmost of equals.
Then only the two pairs around the new symbol are looked up. What a round costs is some thirty
NumPy calls over an entry for each word that is not finished.

All words stand one after the other in one array of cells, each a symbol; links say which cells of
a word are still there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .bpe_pairs import NO_RANK, NO_SYMBOL
from .bpe_word import merge_word
from .merge_table import MergeTable

__all__ = ["MAX_SYMBOLS", "merge_words"]

# Longer words would need rounds for themselves alone.
MAX_SYMBOLS = 255
# The arrays of a block stay in the processor's second cache.
_BLOCK_CELLS = 1 << 16
# Below this many words NumPy's calls cost more than they save.
_FEW_WORDS = 8

# a key is the rank of the pair that begins in a cell, and the cell
_CELL_BITS = 40
_CELL = (1 << _CELL_BITS) - 1
_NO_KEY = NO_RANK << _CELL_BITS

Ints = npt.NDArray[np.int64]


def merge_words(table: MergeTable, symbols: Ints, lengths: Ints) -> tuple[Ints, Ints]:
    """The symbols left of each word, and how many.

    `symbols` is int64 `(T,)`, all words one after the other, `lengths` int64 `(n,)`; so is what
    comes back. It is fastest if the longest words, which are finished last, come first.

    >>> import numpy as np
    >>> table = MergeTable(np.array([5, 6]), np.array([6, 7]), np.array([8, 9]))
    >>> [part.tolist() for part in merge_words(table, np.array([5, 6, 7, 6, 7]), np.array([3, 2]))]
    [[8, 7, 9], [2, 1]]
    """
    cells = np.append(symbols, NO_SYMBOL)
    stops = np.cumsum(lengths)
    first = begin = 0
    while first < len(lengths):
        last = int(np.searchsorted(stops, begin + _BLOCK_CELLS, side="right"))
        last = max(last, first + 1)
        end = int(stops[last - 1])
        # and one cell more, for "no neighbour"
        block = np.append(symbols[begin:end], NO_SYMBOL)
        _merge_block(table, block, stops[first:last] - begin, lengths[first:last])
        cells[begin:end] = block[:-1]
        first, begin = last, end
    kept = cells != NO_SYMBOL
    kept_before = np.append(0, np.cumsum(kept))
    return cells[kept], kept_before[stops] - kept_before[stops - lengths]


def _merge_block(table: MergeTable, symbol: Ints, stops: Ints, lengths: Ints) -> None:
    """Merge in place; `NO_SYMBOL` where a symbol is gone. The last cell is no symbol's."""
    nowhere = len(symbol) - 1
    cells = np.arange(nowhere + 1)
    after, before = cells + 1, cells - 1
    after[stops - 1] = nowhere
    unfinished = lengths > 1
    starts, ends = (stops - lengths)[unfinished], stops[unfinished]
    before[starts] = nowhere
    key = np.full(nowhere + 1, NO_RANK)
    key[:-1] = table.ranks(symbol[:-1], symbol[1:])
    key[stops - 1] = NO_RANK
    key <<= _CELL_BITS
    key |= cells
    while len(starts):
        # a word that has left the list is finished: its keys do no harm to the word before it
        best = np.minimum.reduceat(key[: int(ends[-1])], starts)
        active = best < _NO_KEY
        starts, ends, best = starts[active], ends[active], best[active]
        n = len(best)
        if n < _FEW_WORDS:
            break
        here = best & _CELL
        best >>= _CELL_BITS
        gone = after.take(here)
        behind = after.take(gone)
        # the two pairs around the new symbols: where they begin, and their right cells
        begin = np.concatenate((before.take(here), here))
        right = np.concatenate((here, behind))
        symbol[here] = table.merged.take(best)
        symbol[gone] = NO_SYMBOL
        after[here] = behind
        before[behind] = here
        changed = table.ranks(symbol.take(begin), symbol.take(right))
        changed <<= _CELL_BITS
        changed |= begin
        key[begin] = changed
        key[gone] = _NO_KEY
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        rest = symbol[start:end]
        left, _ = merge_word(table, rest[rest != NO_SYMBOL].tolist())
        rest[:] = NO_SYMBOL
        rest[: len(left)] = left
