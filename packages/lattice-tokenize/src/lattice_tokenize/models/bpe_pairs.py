"""Pairs of symbols, each with a rank -> the ranks of many pairs at once.

A cuckoo hash table: a pair lies in one of two slots, so that every lookup is two reads and no
loop. A slot is one uint64 of left (21 bits), right (21 bits) and rank (22 bits). XOR with the pair
that is looked for leaves the rank if it is this pair, and more than any rank if it is another or
none.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["NO_RANK", "NO_SYMBOL", "PairRanks", "pack_pairs", "unpack_pairs"]

_SYMBOL_BITS = 21
_RANK_BITS = 22
_LEFT, _RIGHT = np.uint64(_SYMBOL_BITS + _RANK_BITS), np.uint64(_RANK_BITS)

# stands for "nothing here" in arrays of symbols; no pair has it
NO_SYMBOL: Final = (1 << _SYMBOL_BITS) - 1
# the rank of a pair that is not there; those that are have a lower one
NO_RANK: Final = (1 << _RANK_BITS) - 1

_EMPTY = np.uint64((1 << 64) - 1)
# odd, with well mixed bits: the fractions of pi and of e
_FIRST, _SECOND = np.uint64(0x243F6A8885A308D3), np.uint64(0xB7E151628AED2A6B)
_MAX_ROUNDS = 200
# The arrays of so many pairs stay in the processor's second cache.
_BLOCK = 1 << 15

Ints = npt.NDArray[np.int64]
AnyInts = npt.NDArray[np.signedinteger[Any]]
Packed = npt.NDArray[np.uint64]


def pack_pairs(left: Ints, right: Ints, ranks: Ints) -> Packed:
    """Left, right and rank in one number each, which sort in this order."""
    entries: Packed = left.astype(np.uint64) << _LEFT
    entries |= right.astype(np.uint64) << _RIGHT
    entries |= ranks.astype(np.uint64)
    return entries


def unpack_pairs(entries: Packed) -> tuple[Ints, Ints, Ints]:
    """Left, right and rank of each."""
    left = (entries >> _LEFT).view(np.int64)
    right = (entries >> _RIGHT).view(np.int64) & NO_SYMBOL
    return left, right, entries.view(np.int64) & NO_RANK


class PairRanks:
    """The ranks of pairs, of which none comes twice; all int64 `(pairs,)`.

    >>> import numpy as np
    >>> ranks = PairRanks(np.array([5, 6]), np.array([6, 6]), np.array([0, 7]))
    >>> ranks(np.array([6, 5, 6]), np.array([6, 6, 5])).tolist()
    [7, 0, 4194303]
    """

    def __init__(self, left: Ints, right: Ints, ranks: Ints) -> None:
        entries = pack_pairs(left, right, ranks)
        pairs = pack_pairs(left, right, np.zeros_like(ranks))
        bits = max(4, (2 * len(entries)).bit_length())
        while (slots := _cuckoo(entries, pairs, bits)) is None:
            bits += 1
        self._first, self._second = slots
        self._shift = np.uint64(64 - bits)

    def __call__(self, left: AnyInts, right: AnyInts) -> Ints:
        """The rank of each pair, `NO_RANK` where it is not there. Both `(n,)`."""
        ranks = np.empty(len(left), np.int64)
        for first in range(0, len(left), _BLOCK):
            block = slice(first, first + _BLOCK)
            self._look_up(left[block], right[block], ranks[block].view(np.uint64))
        return ranks

    def _look_up(self, left: AnyInts, right: AnyInts, found: Packed) -> None:
        pair = np.left_shift(left, _LEFT, dtype=np.int64)
        pair |= np.left_shift(right, _RIGHT, dtype=np.int64)
        pair = pair.view(np.uint64)
        place = pair * _FIRST
        place >>= self._shift
        self._first.take(place.view(np.int64), out=found, mode="clip")
        found ^= pair
        np.multiply(pair, _SECOND, out=place)
        place >>= self._shift
        other = self._second.take(place.view(np.int64))
        other ^= pair
        np.minimum(found, other, out=found)
        np.minimum(found, np.uint64(NO_RANK), out=found)


def _cuckoo(entries: Packed, pairs: Packed, bits: int) -> tuple[Packed, Packed] | None:
    """All entries in two tables of `2**bits` slots; `None` if they do not settle."""
    shift = np.uint64(64 - bits)
    places = [(pairs * factor >> shift).view(np.int64) for factor in (_FIRST, _SECOND)]
    # which entry a slot holds; -1 for none
    owners = [np.full(1 << bits, -1, np.int64) for _ in range(2)]
    homeless = np.arange(len(entries))
    for turn in range(_MAX_ROUNDS):
        owner, place = owners[turn % 2], places[turn % 2][homeless]
        before = owner[place]
        owner[place] = homeless
        # of several that want a slot one has it now, and the one before goes to its other slot
        has_it = owner[place] == homeless
        homeless = np.where(has_it, before, homeless)
        homeless = homeless[homeless >= 0]
        if len(homeless) == 0:
            tables = []
            for owner in owners:
                table = np.full(1 << bits, _EMPTY)
                table[owner >= 0] = entries[owner[owner >= 0]]
                tables.append(table)
            return tables[0], tables[1]
    return None
