"""Hidden states of the tokens of a text -> one vector per text.

Follows `Pooling` and `Normalize` of sentence-transformers. Sums run in float64: they are short,
and a vector should not depend on how many texts were packed with it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["POOLINGS", "Vectors", "l2_normalize"]

Vectors = NDArray[np.float64]


def _cls(hidden: NDArray[np.float32], cu_seqlens: NDArray[np.int64]) -> Vectors:
    return hidden[cu_seqlens[:-1]].astype(np.float64)


def _last_token(hidden: NDArray[np.float32], cu_seqlens: NDArray[np.int64]) -> Vectors:
    return hidden[cu_seqlens[1:] - 1].astype(np.float64)


def _of_each_text(
    function: np.ufunc, hidden: NDArray[np.float32], cu_seqlens: NDArray[np.int64]
) -> Vectors:
    """All tokens of a text as one. (`reduceat` gives the same, in three times the time.)"""
    vectors = np.empty((len(cu_seqlens) - 1, hidden.shape[1]))
    for vector, (start, stop) in zip(vectors, pairwise(cu_seqlens.tolist()), strict=True):
        function.reduce(hidden[start:stop], axis=0, dtype=np.float64, out=vector)
    return vectors


def _max(hidden: NDArray[np.float32], cu_seqlens: NDArray[np.int64]) -> Vectors:
    return _of_each_text(np.maximum, hidden, cu_seqlens)


def _sum(hidden: NDArray[np.float32], cu_seqlens: NDArray[np.int64]) -> Vectors:
    return _of_each_text(np.add, hidden, cu_seqlens)


def _mean(hidden: NDArray[np.float32], cu_seqlens: NDArray[np.int64]) -> Vectors:
    sums = _sum(hidden, cu_seqlens)
    sums /= np.diff(cu_seqlens)[:, None]
    return sums


def _mean_sqrt_len(hidden: NDArray[np.float32], cu_seqlens: NDArray[np.int64]) -> Vectors:
    sums = _sum(hidden, cu_seqlens)
    sums /= np.sqrt(np.diff(cu_seqlens))[:, None]
    return sums


def _weighted_mean(hidden: NDArray[np.float32], cu_seqlens: NDArray[np.int64]) -> Vectors:
    """A token weighs as much as its position, counted from 1."""
    vectors = np.empty((len(cu_seqlens) - 1, hidden.shape[1]))
    for vector, (start, stop) in zip(vectors, pairwise(cu_seqlens), strict=True):
        weights = np.arange(1.0, stop - start + 1)
        np.einsum("t,td->d", weights / weights.sum(), hidden[start:stop], out=vector)
    return vectors


# How each pooling turns hidden states (T, D) of n >= 1 texts into float64 (n, D). The names, and
# the order in which a model's flags put several of them side by side, are sentence-transformers'.
POOLINGS: dict[str, Callable[[NDArray[np.float32], NDArray[np.int64]], Vectors]] = {
    "cls": _cls,
    "max": _max,
    "mean": _mean,
    "mean_sqrt_len_tokens": _mean_sqrt_len,
    "weightedmean": _weighted_mean,
    "lasttoken": _last_token,
}


def l2_normalize(vectors: Vectors) -> Vectors:
    """Scale the rows of `(n, D)` to length 1 in place; a zero row stays zero.

    >>> l2_normalize(np.array([[3.0, 4.0]])).tolist()
    [[0.6, 0.8]]
    """
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return vectors
