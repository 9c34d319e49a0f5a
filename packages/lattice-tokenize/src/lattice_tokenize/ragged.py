"""Rows of different lengths, one after the other in one array: made, taken apart, put in order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "flat_rows",
    "gather_rows",
    "looked_up",
    "ragged_places",
    "rows_as_tuples",
    "sorted_rows",
]

Ints = NDArray[np.int64]
# The arrays of so many numbers stay in the processor's second cache.
_BLOCK = 1 << 16

AnyInts = NDArray[np.signedinteger[Any]]
Number = TypeVar("Number", bound=np.generic)


def looked_up(table: NDArray[Number], places: NDArray[np.integer[Any]]) -> NDArray[Number]:
    """`table[places]` for places of any integer type, none below 0: NumPy makes int64 of them
    first, which here is done to a block at a time.

    >>> looked_up(np.array([5, 6, 7]), np.array([2, 0], np.uint8)).tolist()
    [7, 5]
    """
    found = np.empty(len(places), table.dtype)
    for first in range(0, len(places), _BLOCK):
        block = slice(first, first + _BLOCK)
        np.take(table, places[block], out=found[block], mode="clip")
    return found


def gather_rows(
    steps: Sequence[tuple[Ints, AnyInts]], n: int, *, backwards: bool = False
) -> tuple[Ints, Ints]:
    """`steps` of (rows, their values), whose rows are rows of the step before -> the values of
    row 0, then of row 1, ... of `n`; and how many each has. `backwards`: the last step is first.

    >>> values, counts = gather_rows([(np.array([0, 2]), np.array([5, 6])),
    ...                               (np.array([2]), np.array([7]))], 3)
    >>> values.tolist(), counts.tolist()
    ([5, 6, 7], [1, 0, 2])
    """
    counts = np.zeros(n, np.int64)
    for step, (rows, _) in enumerate(steps, 1):
        counts[rows] = step
    stops = np.cumsum(counts)
    values = np.zeros(int(counts.sum()), np.int64)
    for step, (rows, found) in enumerate(steps):
        values[(stops - 1 - step if backwards else stops - counts + step).take(rows)] = found
    return values, counts


def rows_as_tuples(values: AnyInts, counts: Ints) -> list[tuple[int, ...]]:
    """The first `counts[0]` values, the next `counts[1]`, ...

    >>> rows_as_tuples(np.array([5, 6, 7]), np.array([1, 0, 2]))
    [(5,), (), (6, 7)]
    """
    flat = tuple(values.tolist())
    stops = np.cumsum(counts)
    starts = stops - counts
    return [flat[start:stop] for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]


def ragged_places(starts: Ints, counts: Ints) -> Ints:
    """The places `starts[0]`, `starts[0] + 1`, ... of the first row, then of the next, `(T,)`.

    >>> ragged_places(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    stops = np.cumsum(counts)
    places: Ints = np.repeat(starts - (stops - counts), counts)
    for first in range(0, len(places), _BLOCK):
        block = places[first : first + _BLOCK]
        block += np.arange(first, first + len(block))
    return places


def flat_rows(rows: Sequence[tuple[int, ...]]) -> tuple[Ints, Ints]:
    """The values of all rows, and how many each has.

    >>> values, counts = flat_rows([(5,), (), (6, 7)])
    >>> values.tolist(), counts.tolist()
    ([5, 6, 7], [1, 0, 2])
    """
    counts = np.fromiter(map(len, rows), np.int64, len(rows))
    return np.fromiter(chain.from_iterable(rows), np.int64, int(counts.sum())), counts


def sorted_rows(groups: Sequence[tuple[Ints, AnyInts, Ints]], n: int) -> tuple[Ints, Ints]:
    """`groups` of (rows, their values, how many each has) -> all values by row, and how many each
    of the `n` rows has; none if it is in no group.

    >>> values, counts = sorted_rows([(np.array([2, 0]), np.array([6, 7, 5]), np.array([2, 1]))], 3)
    >>> values.tolist(), counts.tolist()
    ([5, 6, 7], [1, 0, 2])
    """
    counts = np.zeros(n, np.int64)
    for rows, _, own in groups:
        counts[rows] = own
    starts = np.cumsum(counts) - counts
    values = np.zeros(int(counts.sum()), np.int64)
    for rows, found, own in groups:
        values[ragged_places(starts.take(rows), own)] = found
    return values, counts
