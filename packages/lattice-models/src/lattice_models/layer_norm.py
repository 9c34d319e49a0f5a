"""Rows -> rows of mean 0 and variance 1, scaled and shifted (Ba, Kiros, Hinton 2016)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["layer_norm"]


def layer_norm(
    hidden: NDArray[np.float32],
    weight: NDArray[np.float32],
    bias: NDArray[np.float32],
    eps: float,
) -> NDArray[np.float32]:
    """Normalise each row of `hidden` `(T, D)` in place; `weight` and `bias` are `(D,)`.

    >>> rows = np.array([[1, 3]], np.float32)
    >>> layer_norm(rows, np.ones(2, np.float32), np.zeros(2, np.float32), eps=0.0).tolist()
    [[-1.0, 1.0]]
    """
    hidden -= hidden.mean(axis=1, keepdims=True)
    variance = np.einsum("td,td->t", hidden, hidden) / np.float32(hidden.shape[1])
    hidden *= (1 / np.sqrt(variance + np.float32(eps)))[:, None]
    hidden *= weight
    hidden += bias
    return hidden
