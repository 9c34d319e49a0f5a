"""A packed batch -> chunks of a bounded number of tokens, texts of like length together.

Sorting brings equal lengths side by side, which attention stacks; the bound keeps what a chunk
needs in the cache, and memory independent of how many texts there are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .errors import InputError

__all__ = ["Chunk", "check_packed", "chunks", "even_chunk_tokens"]

# which texts (m,), their ids (t,), their cu_seqlens (m+1,)
Chunk = tuple[NDArray[np.int64], NDArray[np.integer], NDArray[np.int64]]


def check_packed(
    ids: NDArray[np.integer],
    cu_seqlens: NDArray[np.integer],
    *,
    vocab_size: int,
    max_tokens: int | None,
) -> None:
    """Raise `InputError` unless this is a packed batch that the model can take."""
    if ids.ndim != 1 or ids.dtype.kind not in "iu":
        raise InputError("ids", "integers (T,)", f"{ids.dtype} {ids.shape}")
    if cu_seqlens.ndim != 1 or cu_seqlens.dtype.kind not in "iu" or len(cu_seqlens) < 1:
        raise InputError("cu_seqlens", "integers (n+1,)", f"{cu_seqlens.dtype} {cu_seqlens.shape}")
    if cu_seqlens[0] != 0 or cu_seqlens[-1] != len(ids):
        raise InputError(
            "cu_seqlens",
            f"first 0 and last {len(ids)}, the number of ids",
            f"first {cu_seqlens[0]} and last {cu_seqlens[-1]}",
        )
    inside = (cu_seqlens >= 0) & (cu_seqlens <= len(ids))
    if not inside.all():  # also because differences of such numbers may overflow
        boundary = int(inside.argmin())
        raise InputError(
            f"cu_seqlens[{boundary}]", f"from 0 to {len(ids)}", str(cu_seqlens[boundary])
        )
    lengths = np.diff(cu_seqlens.astype(np.int64))
    if len(lengths) and lengths.min() < 1:
        text = int(lengths.argmin())
        raise InputError(
            f"cu_seqlens[{text + 1}]",
            f"more than {cu_seqlens[text]}: every text has a token",
            str(cu_seqlens[text + 1]),
        )
    if max_tokens is not None and len(lengths) and lengths.max() > max_tokens:
        text = int(lengths.argmax())
        raise InputError(
            f"text {text}", f"at most {max_tokens} tokens, the position limit", str(lengths[text])
        )
    if len(ids) and (ids.min() < 0 or ids.max() >= vocab_size):
        token = int(np.flatnonzero((ids < 0) | (ids >= vocab_size))[0])
        raise InputError(
            f"ids[{token}]", f"an id from 0 to {vocab_size - 1}", str(ids[token]),
            "The tokenizer belongs to another model.",
        )  # fmt: skip


def even_chunk_tokens(
    cu_seqlens: NDArray[np.int64], *, most_tokens: int, threads: int, worth_tokens: int
) -> int:
    """What `chunks` is to be given so that `threads` threads have the same to do.

    `most_tokens`: of a chunk. Less than `worth_tokens` for each are left in one chunk.

    >>> boundaries = np.arange(0, 1001, 10)  # a hundred texts
    >>> even_chunk_tokens(boundaries, most_tokens=600, threads=2, worth_tokens=100)
    500
    >>> even_chunk_tokens(boundaries, most_tokens=300, threads=3, worth_tokens=100)
    170
    """
    lengths = np.sort(np.diff(cu_seqlens))[::-1]
    total = int(lengths.sum())
    rounds = -(-total // (most_tokens * threads))
    wanted = min(rounds * threads, total // worth_tokens)
    if wanted < 2:
        return most_tokens
    ends = np.cumsum(lengths)

    def is_enough(tokens: int) -> bool:
        first = before = 0
        for _ in range(wanted):
            first = max(first + 1, int(np.searchsorted(ends, before + tokens, side="right")))
            if first >= len(ends):
                return True
            before = int(ends[first - 1])
        return False

    least = min(most_tokens, -(-total // wanted))
    return least + bisect_left(range(least, most_tokens), True, key=is_enough)


def chunks(
    ids: NDArray[np.integer], cu_seqlens: NDArray[np.int64], *, chunk_tokens: int
) -> Iterator[Chunk]:
    """Longest texts first; a chunk has at most `chunk_tokens` tokens, or one text."""
    lengths = np.diff(cu_seqlens)
    order = np.argsort(-lengths, kind="stable")
    first = 0
    while first < len(order):
        sums = np.cumsum(lengths[order[first : first + chunk_tokens]])
        count = max(1, int(np.searchsorted(sums, chunk_tokens, side="right")))
        texts = order[first : first + count]
        chunk_ids = np.concatenate([ids[cu_seqlens[t] : cu_seqlens[t + 1]] for t in texts])
        yield texts, chunk_ids, np.concatenate([[0], sums[:count]])
        first += count
