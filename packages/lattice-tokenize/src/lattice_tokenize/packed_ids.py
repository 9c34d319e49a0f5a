"""Lists of ids -> one packed batch without padding, the form in which models take them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

__all__ = ["PackedIds"]


@dataclass(frozen=True)
class PackedIds:
    """The token ids of `n` texts, one after the other: `T` ids in all.

    `ids`: int32 `(T,)`. `cu_seqlens`: int64 `(n+1,)`, cumulative lengths; text `i` owns
    `ids[cu_seqlens[i]:cu_seqlens[i+1]]`. `truncated`: bool `(n,)`, true where a text was cut.

    >>> packed = PackedIds.from_lists([[101, 102], [101, 7592, 102]], truncated=[False, False])
    >>> packed.cu_seqlens.tolist(), [row.tolist() for row in packed]
    ([0, 2, 5], [[101, 102], [101, 7592, 102]])
    """

    ids: NDArray[np.int32]
    cu_seqlens: NDArray[np.int64]
    truncated: NDArray[np.bool_]

    @classmethod
    def from_lists(cls, lists: Sequence[Sequence[int]], truncated: Sequence[bool]) -> PackedIds:
        cu_seqlens = np.zeros(len(lists) + 1, np.int64)
        np.cumsum([len(ids) for ids in lists], out=cu_seqlens[1:])
        ids = np.fromiter(chain.from_iterable(lists), np.int32, count=int(cu_seqlens[-1]))
        return cls(ids, cu_seqlens, np.array(truncated, np.bool_))

    def __len__(self) -> int:
        """The number of texts, `n`."""
        return len(self.cu_seqlens) - 1

    def __iter__(self) -> Iterator[NDArray[np.int32]]:
        """The ids of each text, int32 `(t,)`, as views."""
        for start, stop in zip(self.cu_seqlens[:-1], self.cu_seqlens[1:], strict=True):
            yield self.ids[start:stop]
