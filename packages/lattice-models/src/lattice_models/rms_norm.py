"""Rows -> rows of mean square 1, scaled (Zhang, Sennrich 2019): a layer norm that keeps the mean.

The squares are summed by one dot product for each row. That is the quickest way, and the most exact
in float32: BLAS keeps many partial sums, while `einsum` keeps few and is off three times as far.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .kernels import kernels_in_use
from .weights import Weights

__all__ = ["RmsNorm", "rms_norm"]

# Rows are worked on in blocks that stay in the cache of a core.
_BLOCK_ELEMENTS = 1 << 15


def rms_norm(
    x: NDArray[np.float32],
    weight: NDArray[np.float32],
    eps: float,
    out: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Normalise the last axis of `x` `(T, D)` or `(T, H, Dh)`; `weight` is as long as that axis.

    The result is a new array, or `out`, which may be `x` itself.

    >>> rms_norm(np.array([[3, 4]], np.float32), np.array([5, 10], np.float32), 12.5).tolist()
    [[3.0, 8.0]]
    """
    if out is None:
        out = np.empty_like(x)
    kernels = kernels_in_use()
    if kernels is not None:
        size = x.shape[-1]
        kernels.rms_norm(x.reshape(-1, size), weight, eps, out.reshape(-1, size))
        return out
    rows = max(1, _BLOCK_ELEMENTS // max(1, x[:1].size))
    for start in range(0, len(x), rows):
        block, normed = x[start : start + rows], out[start : start + rows]
        squares = np.matmul(block[..., None, :], block[..., None])[..., 0]
        # in float64, for one rounding in all: an error here is shared by the whole row
        scale = 1 / np.sqrt(squares.astype(np.float64) / x.shape[-1] + eps)
        np.multiply(block, scale.astype(np.float32), out=normed)
        normed *= weight
    return out


@dataclass(frozen=True)
class RmsNorm:
    """`rms_norm` with its `weight` `(D,)`."""

    weight: NDArray[np.float32]
    eps: float

    def __call__(
        self, x: NDArray[np.float32], out: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """`(..., D)` -> a new array of that shape, or `out`."""
        return rms_norm(x, self.weight, self.eps, out)

    @classmethod
    def read(
        cls, weights: Weights, name: str, size: int, eps: float, *, around: float = 0.0
    ) -> RmsNorm:
        """Take `name`.weight; some families store how far it is from 1, which is `around` then."""
        weight = weights.take(f"{name}.weight", (size,))
        return cls(weight + np.float32(around) if around else weight, eps)
