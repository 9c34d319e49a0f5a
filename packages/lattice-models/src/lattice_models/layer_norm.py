"""Rows -> rows of mean 0 and variance 1, scaled and shifted (Ba, Kiros, Hinton 2016)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .kernels import kernels_in_use
from .weights import Weights

__all__ = ["LayerNorm", "layer_norm"]


def layer_norm(
    hidden: NDArray[np.float32],
    weight: NDArray[np.float32],
    bias: NDArray[np.float32] | None,
    eps: float,
) -> NDArray[np.float32]:
    """Normalise each row of `hidden` `(T, D)` in place; `weight` is `(D,)`, as is `bias`, if any.

    >>> rows = np.array([[1, 3]], np.float32)
    >>> layer_norm(rows, np.ones(2, np.float32), np.zeros(2, np.float32), eps=0.0).tolist()
    [[-1.0, 1.0]]
    """
    kernels = kernels_in_use()
    if kernels is not None:
        return kernels.layer_norm(hidden, weight, bias, eps)
    size = hidden.shape[1]
    # Sums as one dot product for each row: quicker than `mean` and `einsum`, and the same bits
    # whatever the other rows. What is shared by a whole row is rounded once, from float64.
    sums = np.matmul(hidden[:, None, :], np.ones((size, 1), np.float32))[:, 0]  # (T, 1)
    hidden -= (sums.astype(np.float64) / size).astype(np.float32)
    squares = np.matmul(hidden[:, None, :], hidden[:, :, None])[:, 0]
    hidden *= (1 / np.sqrt(squares.astype(np.float64) / size + eps)).astype(np.float32)
    hidden *= weight
    if bias is not None:
        hidden += bias
    return hidden


@dataclass(frozen=True)
class LayerNorm:
    """`layer_norm` with its weights: `weight` `(D,)`; `bias` `(D,)`, or `None`."""

    weight: NDArray[np.float32]
    bias: NDArray[np.float32] | None
    eps: float

    def __call__(self, hidden: NDArray[np.float32]) -> NDArray[np.float32]:
        """`(T, D)`, in place."""
        return layer_norm(hidden, self.weight, self.bias, self.eps)

    @classmethod
    def read(
        cls, weights: Weights, name: str, size: int, eps: float, *, bias: bool = True
    ) -> LayerNorm:
        """Take `name`.weight, and `name`.bias if there is one to be.

        Checkpoints that were converted from TensorFlow long ago call them gamma and beta.
        """
        scale, shift = ("gamma", "beta") if weights.has(f"{name}.gamma") else ("weight", "bias")
        weight = weights.take(f"{name}.{scale}", (size,))
        return cls(weight, weights.take(f"{name}.{shift}", (size,)) if bias else None, eps)
