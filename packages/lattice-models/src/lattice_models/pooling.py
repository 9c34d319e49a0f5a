"""Hidden states of the tokens of a text -> one vector per text.

Follows `Pooling` and `Normalize` of sentence-transformers. Sums run in float64: they are short,
and a vector should not depend on how many texts were packed with it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["POOLINGS", "l2_normalize"]

Vectors = NDArray[np.float64]


def _cls(hidden: NDArray[np.float32], cu_seqlens: NDArray[np.int64]) -> Vectors:
    return hidden[cu_seqlens[:-1]].astype(np.float64)


def _mean(hidden: NDArray[np.float32], cu_seqlens: NDArray[np.int64]) -> Vectors:
    sums: Vectors = np.add.reduceat(hidden, cu_seqlens[:-1], axis=0, dtype=np.float64)
    sums /= np.diff(cu_seqlens)[:, None]
    return sums


# How each pooling turns hidden states (T, D) of n >= 1 texts into float64 (n, D).
POOLINGS: dict[str, Callable[[NDArray[np.float32], NDArray[np.int64]], Vectors]] = {
    "cls": _cls,
    "mean": _mean,
}


def l2_normalize(vectors: Vectors) -> Vectors:
    """Scale the rows of `(n, D)` to length 1 in place; a zero row stays zero.

    >>> l2_normalize(np.array([[3.0, 4.0]])).tolist()
    [[0.6, 0.8]]
    """
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return vectors
