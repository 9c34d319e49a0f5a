"""Rows -> rows: a feed-forward network in which one product opens and shuts the other.

`down(activation(gate(x)) * up(x))` (Shazeer 2020: SwiGLU with silu, GeGLU with gelu).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .activation import Activation
from .kernels import kernels_in_use
from .linear import Linear

__all__ = ["GatedFeedForward"]

# Rows are worked on in blocks, so that the product meets the activation still in the cache.
_BLOCK_ELEMENTS = 1 << 15


@dataclass(frozen=True)
class GatedFeedForward:
    """`gate` and `up` are `D -> F`, `down` is `F -> D`."""

    gate: Linear
    up: Linear
    activation: Activation
    down: Linear

    def __call__(
        self, x: NDArray[np.float32], *, added: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """`(T, D)` -> a new array `(T, D)`, with `added` `(T, D)`, if there is any."""
        gated, up = self.gate(x), self.up(x)  # (T, F)
        kernels = kernels_in_use()
        if kernels is not None:
            kernels.gate(gated, up, self.activation.__name__)
            return self.down(gated, added=added)
        rows = max(1, _BLOCK_ELEMENTS // gated.shape[1])
        for start in range(0, len(gated), rows):
            block = self.activation(gated[start : start + rows])
            block *= up[start : start + rows]
        return self.down(gated, added=added)
