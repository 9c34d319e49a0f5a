"""Parts of texts that have been met -> their ids, looked up many at a time.

A part is known by a hash of its code points, and then compared with what is remembered, code point
by code point: a part that only has the hash of another is not found. All parts of a batch take the
same few passes of NumPy, so nothing here is done for one part alone.

Rows are only ever added. What a row says is written before its slot can lead to it, so that many
threads may look up while one adds; who finds a half-written slot compares, and finds nothing.
"""

from __future__ import annotations

import threading
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from .flat_texts import FlatTexts

__all__ = ["PartMemory", "part_hashes"]

Codes = NDArray[np.uint32]
Hashes = NDArray[np.uint64]
Ints = NDArray[np.int64]
Number = TypeVar("Number", bound=np.generic)

_BASE: Final = 0x9E3779B97F4A7C15  # any odd number has an inverse
_INVERSE: Final = pow(_BASE, -1, 1 << 64)
_MIX: Final = np.uint64(0xD6E8FEB86659FD93)
_NOT_ZERO: Final = np.uint64(0x632BE5AB)  # what is added to each code point
_FIRST_BITS: Final = 13

# A memory that is full takes some 100 MB.
MAX_ROWS: Final = 1 << 18
MAX_NUMBERS: Final = 1 << 22  # code points, or ids
# Longer parts are rarely seen twice.
MAX_REMEMBERED_LENGTH: Final = 64


class _Powers:
    """The powers of a number modulo 2**64, as many as have been asked for."""

    def __init__(self, number: int) -> None:
        self._number = np.uint64(number)
        self._powers = np.ones(1, np.uint64)

    def first(self, n: int) -> Hashes:
        if len(self._powers) < n:
            powers = np.full(max(n, 2 * len(self._powers)), self._number)
            powers[0] = 1
            self._powers = np.cumprod(powers, dtype=np.uint64)
        return self._powers[:n]


_powers, _inverses = _Powers(_BASE), _Powers(_INVERSE)


def part_hashes(codes: Codes, starts: Ints) -> Hashes:
    """A number for each part, uint64 `(P,)`, never 0: equal parts have equal ones.

    `codes` `(N,)` are the code points of all parts, one after the other, `starts` int64 `(P,)`.

    >>> codes = np.array([7, 8, 9, 7, 8], np.uint32)
    >>> first, second, third = part_hashes(codes, np.array([0, 2, 3]))
    >>> bool(first == third), bool(first == second)
    (True, False)
    """
    terms = codes.astype(np.uint64)
    terms += _NOT_ZERO
    terms *= _powers.first(len(codes))
    hashes: Hashes = np.add.reduceat(terms, starts)
    hashes *= _inverses.first(len(codes)).take(starts)
    hashes ^= hashes >> np.uint64(32)
    hashes *= _MIX
    hashes ^= hashes >> np.uint64(29)
    hashes |= np.uint64(1)
    return hashes


class PartMemory:
    """A hash table with rows of ragged arrays. Row 0 is of no part.

    >>> memory = PartMemory()
    >>> codes, starts = np.frombuffer("onetwo".encode("utf-32-le"), np.uint32), np.array([0, 3])
    >>> hashes = part_hashes(codes, starts)
    >>> memory.find(hashes, codes, starts).tolist()
    [0, 0]
    >>> ids, id_starts, id_counts = np.array([5, 6, 7]), np.array([0, 1]), np.array([1, 2])
    >>> memory.add(FlatTexts.of(["one", "two"]), hashes, ids, id_starts, id_counts).tolist()
    [1, 2]
    >>> memory.find(hashes, codes, starts).tolist()
    [1, 2]
    >>> memory.ids.take(memory.ids_start[2] + np.arange(memory.ids_count[2])).tolist()
    [6, 7]
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows = 1
        self._hash = np.zeros(1, np.uint64)  # of each row
        self._code_start = np.zeros(1, np.int64)
        self._code_count = np.zeros(1, np.int64)
        self.ids_start = np.zeros(1, np.int64)
        self.ids_count = np.zeros(1, np.int64)  # -1 for a part that cannot stand alone
        self._codes = np.zeros(1, np.uint32)
        self.ids = np.zeros(1, np.int64)
        self._used_codes = self._used_ids = 0
        # the hash and the row of each slot; 0 is free
        self._slots = np.zeros(1 << _FIRST_BITS, np.uint64), np.zeros(1 << _FIRST_BITS, np.int64)

    def __len__(self) -> int:
        """How many parts are remembered."""
        return self._rows - 1

    @property
    def is_full(self) -> bool:
        return self._rows > MAX_ROWS or max(self._used_codes, self._used_ids) > MAX_NUMBERS

    def find(self, hashes: Hashes, codes: Codes, starts: Ints) -> Ints:
        """The row of each part, int64 `(P,)`; 0 where it is not known."""
        slot_hash, slot_row = self._slots
        place = (hashes >> _shift(slot_hash)).view(np.int64)
        found = slot_hash.take(place)
        rows: Ints = slot_row.take(place)
        rows *= found == hashes
        # those whose slot is another's look further
        left = np.flatnonzero((found != hashes) & (found != 0))
        while left.size:
            place[left] = (place.take(left) + 1) & (len(slot_hash) - 1)
            found = slot_hash.take(place.take(left))
            here = left[found == hashes.take(left)]
            rows[here] = slot_row.take(place.take(here))
            left = left[(found != hashes.take(left)) & (found != 0)]
        lengths = np.diff(starts, append=len(codes))
        rows *= self._code_count.take(rows) == lengths
        # and now letter by letter
        shift = self._code_start.take(rows)
        shift -= starts
        places = np.repeat(shift, lengths)
        places += np.arange(len(codes))
        same = self._codes.take(places, mode="clip") == codes
        rows *= np.logical_and.reduceat(same, starts)
        return rows

    def add(
        self, parts: FlatTexts, hashes: Hashes, ids: Ints, id_starts: Ints, id_counts: Ints
    ) -> Ints:
        """The rows of new parts, int64 `(n,)`.

        Part `i` has `id_counts[i]` ids, from `ids[id_starts[i]]` on; -1 where it may not stand
        alone. What is too long to come again gets a row that is not found.
        """
        codes, code_counts = parts
        kept = code_counts <= MAX_REMEMBERED_LENGTH
        if not kept.all():
            codes = codes[np.repeat(kept, code_counts)]
            code_counts = code_counts * kept
        with self._lock:
            first, stop = self._rows, self._rows + len(code_counts)
            code_starts = self._used_codes + np.cumsum(code_counts) - code_counts
            self._codes = _written(self._codes, self._used_codes, codes)
            self.ids = _written(self.ids, self._used_ids, ids)
            self._code_start = _written(self._code_start, first, code_starts)
            self._code_count = _written(self._code_count, first, code_counts)
            self.ids_start = _written(self.ids_start, first, self._used_ids + id_starts)
            self.ids_count = _written(self.ids_count, first, id_counts)
            self._hash = _written(self._hash, first, hashes * kept)
            self._rows = stop
            self._used_codes += len(codes)
            self._used_ids += len(ids)
            rows = np.arange(first, stop)
            if 2 * stop > len(self._slots[0]):
                bits = (4 * stop).bit_length()
                slots = np.zeros(1 << bits, np.uint64), np.zeros(1 << bits, np.int64)
                findable = np.flatnonzero(self._hash[:stop])
                _claim(*slots, self._hash[findable], findable)
                self._slots = slots
            else:
                _claim(*self._slots, hashes[kept], rows[kept])
        return rows


def _shift(slot_hash: Hashes) -> np.uint64:
    """What leaves as many bits of a hash as number the slots."""
    shift: np.uint64 = np.uint64(65 - len(slot_hash).bit_length())
    return shift


def _written(array: NDArray[Number], start: int, values: NDArray[Number]) -> NDArray[Number]:
    """The array with `values` from `start` on, in a larger one if they do not fit."""
    stop = start + len(values)
    if stop > len(array):
        larger = np.zeros(2 * stop, array.dtype)
        larger[:start] = array[:start]
        array = larger
    array[start:stop] = values
    return array


def _claim(slot_hash: Hashes, slot_row: Ints, hashes: Hashes, rows: Ints) -> None:
    """Give each row a slot; of two with the same hash, only one gets it."""
    place = (hashes >> _shift(slot_hash)).view(np.int64)
    while rows.size:
        taken = slot_hash.take(place)
        free = taken == 0
        slot_row[place[free]] = rows[free]
        slot_hash[place[free]] = hashes[free]
        left = slot_hash.take(place) != hashes
        hashes, rows = hashes[left], rows[left]
        place = (place[left] + 1) & (len(slot_hash) - 1)
