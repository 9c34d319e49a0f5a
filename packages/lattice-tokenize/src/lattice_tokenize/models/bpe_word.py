"""One word, as symbols -> the symbols that byte pair encoding leaves.

`merge_in_order` is the readable way, after the queue of Hugging Face tokenizers; `merge_word` is
its fast twin for a word of a few dozen symbols.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise

from .bpe_pairs import NO_RANK
from .merge_table import MergeTable

__all__ = ["merge_in_order", "merge_word"]

_POSITION_BITS = 40


def merge_word(table: MergeTable, symbols: Sequence[int]) -> tuple[list[int], list[int]]:
    """The symbols that are left, and where in `symbols` each begins.

    As long as there is a pair to merge: of all, the one of lowest rank, the leftmost. Quadratic,
    but nothing is faster for a short word.

    >>> import numpy as np
    >>> table = MergeTable(np.array([5, 6]), np.array([6, 7]), np.array([8, 9]))
    >>> merge_word(table, [7, 5, 6, 7])
    ([7, 8, 7], [0, 1, 3])
    """
    while True:
        try:
            return _merge(table.rows.made, table.merged_of, symbols)
        except KeyError as missing:  # a row is made, and then there for all words to come
            table.rows[missing.args[0]]


def _merge(
    rows: Mapping[int, Mapping[int, int]], merged_of: Sequence[int], given: Sequence[int]
) -> tuple[list[int], list[int]]:
    symbols = list(given)
    firsts = list(range(len(symbols)))
    # of each symbol and the one behind it; the last has none, so that there is always a lowest
    ranks = [rows[left].get(right, NO_RANK) for left, right in pairwise(symbols)]
    ranks.append(NO_RANK)
    symbols.append(-1)
    while (best := min(ranks)) != NO_RANK:
        at = ranks.index(best)
        del symbols[at], ranks[at], firsts[at + 1]
        symbols[at] = new = merged_of[best]
        ranks[at] = rows[new].get(symbols[at + 1], NO_RANK)
        if at:
            ranks[at - 1] = rows[symbols[at - 1]].get(new, NO_RANK)
    del symbols[-1]
    return symbols, firsts


def merge_in_order(table: MergeTable, given: Sequence[int]) -> tuple[list[int], list[int]]:
    """The symbols that are left, and where in `given` each begins.

    With a heap of pairs and a linked list of symbols, in the oracle's order to the letter, which
    "the lowest rank first, the leftmost of equals" does not say where a right part adds no text:
    an entry of the heap is out of date if its pair has changed since, told by what the pair
    becomes.

    >>> import numpy as np
    >>> table = MergeTable(np.array([5, 6]), np.array([6, 7]), np.array([8, 9]))
    >>> merge_in_order(table, [7, 5, 6, 7])
    ([7, 8, 7], [0, 1, 3])
    """
    rows, merged_of = table.rows, table.merged_of
    end = len(given)
    symbols = list(given)
    after = list(range(1, end + 1))
    before = list(range(-1, end - 1))
    heap = []
    for at, (left, right) in enumerate(pairwise(symbols)):
        rank = rows[left].get(right)
        if rank is not None:
            heap.append(rank << _POSITION_BITS | at)
    heapify(heap)
    position_mask = (1 << _POSITION_BITS) - 1
    while heap:
        entry = heappop(heap)
        at = entry & position_mask
        left = symbols[at]
        gone = after[at]
        if left < 0 or gone == end:
            continue
        rank = rows[left].get(symbols[gone])
        if rank is None:
            continue
        new = merged_of[entry >> _POSITION_BITS]
        if merged_of[rank] != new:
            continue
        symbols[at] = new
        symbols[gone] = -1
        after[at] = behind = after[gone]
        ahead = before[at]
        if behind < end:
            before[behind] = at
            rank = rows[new].get(symbols[behind])
            if rank is not None:
                heappush(heap, rank << _POSITION_BITS | at)
        if ahead >= 0:
            rank = rows[symbols[ahead]].get(new)
            if rank is not None:
                heappush(heap, rank << _POSITION_BITS | ahead)
    firsts = [at for at, symbol in enumerate(symbols) if symbol >= 0]
    return [symbols[at] for at in firsts], firsts
