"""Lists of ids -> one packed batch without padding, the form in which models take them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .errors import TokenizeError
from .ragged import ragged_places

__all__ = ["PackedIds"]

_MAX_ID: Final = (1 << 31) - 1


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

    @classmethod
    def around(
        cls,
        ids: NDArray[np.integer[Any]],
        counts: NDArray[np.int64],
        kept: NDArray[np.int64],
        *,
        from_end: bool = False,
        prefix: Sequence[int] = (),
        suffix: Sequence[int] = (),
    ) -> PackedIds:
        """From texts that stand one after the other: `ids` `(T,)`, `counts` of each `(n,)`.

        Of each text the first `kept` ids `(n,)` are taken, or the last ones (`from_end`), and
        put between `prefix` and `suffix`.

        >>> ids, counts, kept = np.array([7, 8, 9, 7]), np.array([3, 1]), np.array([2, 1])
        >>> packed = PackedIds.around(ids, counts, kept, prefix=[101], suffix=[102])
        >>> packed.ids.tolist(), packed.cu_seqlens.tolist(), packed.truncated.tolist()
        ([101, 7, 8, 102, 101, 7, 102], [0, 4, 7], [True, False])
        """
        cu_seqlens = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(kept + (len(prefix) + len(suffix)), out=cu_seqlens[1:])
        if len(ids) and int(ids.max()) > _MAX_ID:
            raise TokenizeError("ids", f"ids up to {_MAX_ID}, as int32 holds them", str(ids.max()))
        truncated = kept < counts
        if truncated.any():
            begins = np.cumsum(counts) - (kept if from_end else counts)
            ids = ids.take(ragged_places(begins, kept))
        packed = np.empty(int(cu_seqlens[-1]), np.int32)
        is_text = np.ones(len(packed), np.bool_)
        around = [(cu_seqlens[:-1] + place, token_id) for place, token_id in enumerate(prefix)]
        around += [(cu_seqlens[1:] - place, i) for place, i in enumerate(reversed(suffix), 1)]
        for places, token_id in around:
            packed[places] = token_id
            is_text[places] = False
        packed[is_text] = ids
        return cls(packed, cu_seqlens, truncated)

    def __len__(self) -> int:
        """The number of texts, `n`."""
        return len(self.cu_seqlens) - 1

    def __iter__(self) -> Iterator[NDArray[np.int32]]:
        """The ids of each text, int32 `(t,)`, as views."""
        for start, stop in zip(self.cu_seqlens[:-1], self.cu_seqlens[1:], strict=True):
            yield self.ids[start:stop]
