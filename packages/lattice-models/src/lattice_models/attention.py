"""Queries, keys and values of packed texts -> what each token takes from its own text.

Scaled dot-product attention (Vaswani et al. 2017) without a mask: a text sees all of itself and
nothing of its neighbours, because each is a matrix of its own. Texts of equal length that lie side
by side share one stacked product.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["attention"]


def _runs_of_equal_length(cu_seqlens: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """(first row, number of texts, their length) for each run."""
    lengths = np.diff(cu_seqlens)
    starts = np.flatnonzero(np.diff(lengths, prepend=-1))
    for start, stop in zip(starts, [*starts[1:], len(lengths)], strict=True):
        yield int(cu_seqlens[start]), int(stop - start), int(lengths[start])


def attention(
    qkv: NDArray[np.float32], cu_seqlens: NDArray[np.int64], num_heads: int
) -> NDArray[np.float32]:
    """`qkv` `(T, 3D)`, queries already divided by the root of the head size -> `(T, D)`."""
    tokens, width = qkv.shape
    hidden_size = width // 3
    head_size = hidden_size // num_heads
    context = np.empty((tokens, hidden_size), np.float32)
    for row, texts, length in _runs_of_equal_length(cu_seqlens):
        rows = slice(row, row + texts * length)
        # (texts, length, 3, H, Dh) -> three times (texts, H, length, Dh), all views
        heads = qkv[rows].reshape(texts, length, 3, num_heads, head_size)
        q, k, v = heads.transpose(2, 0, 3, 1, 4)
        scores = q @ k.swapaxes(-1, -2)  # (texts, H, length, length)
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        total = scores.sum(axis=-1, keepdims=True)  # (texts, H, length, 1)
        out = context[rows].reshape(texts, length, num_heads, head_size).swapaxes(1, 2)
        np.matmul(scores, v, out=out)
        out /= total  # after the product: length x Dh divisions instead of length x length
    return context
