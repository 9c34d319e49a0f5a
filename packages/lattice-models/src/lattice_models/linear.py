"""Rows -> rows times a matrix, plus a bias: `torch.nn.Linear`."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .activation import Activation
from .kernels import kernels_in_use
from .weights import Weights

if TYPE_CHECKING:
    from .compiled import Kernels, Panels

__all__ = ["Linear"]

# OpenBLAS copies the right factor of a product into its own layout at each call. With few rows
# that copy is the whole cost, so up to here the weights stand on the left: 1.8 times as fast.
_FEW_ROWS = 64

# For small products OpenBLAS has kernels, with AVX-512, that copy nothing and sum along a row of
# the weights in many partial sums. So the weights are cut into pieces that are small enough: with 2
# to 24 rows up to 2.5 times as fast, and a third of the rounding error.
_VERY_FEW_ROWS = 24
_SMALL_PRODUCT = 450_000  # multiplications

# Threads that meet new weights together would each make a copy of them.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Linear:
    """`weight` `(out, in)`, as checkpoints keep it; `bias` `(out,)`, or `None`.

    >>> double = Linear(np.array([[2.0]], np.float32), np.array([1.0], np.float32))
    >>> double(np.array([[3.0], [4.0]], np.float32)).tolist()
    [[7.0], [9.0]]
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32] | None = None

    def __call__(
        self,
        x: NDArray[np.float32],
        *,
        activation: Activation | None = None,
        added: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """`(T, in)` -> a new array `(T, out)`: the product and `bias`.

        Then `added` `(T, out)`, if there is any, and then `activation`.
        """
        kernels = kernels_in_use()
        if kernels is not None:
            name = None if activation is None else activation.__name__
            return kernels.linear(x, self._panels_for(kernels), name, added)
        y = self._product(x)
        if self.bias is not None:
            y += self.bias
        if added is not None:
            y += added
        return y if activation is None else activation(y)

    def _product(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        rows = len(x)
        if 1 < rows <= _VERY_FEW_ROWS:
            return self._piece_by_piece(x)
        if rows <= _FEW_ROWS:
            return np.ascontiguousarray((self.weight @ x.T).T)
        y: NDArray[np.float32] = x @ self.weight.T
        return y

    def _panels_for(self, kernels: Kernels) -> Panels:
        """The weights as `kernels` want them, made once."""
        made: tuple[Kernels, Panels] | None = self.__dict__.get("_made")
        if made is None or made[0] is not kernels:
            with _one_at_a_time:
                made = self.__dict__.get("_made")
                if made is None or made[0] is not kernels:
                    made = kernels, kernels.panels(self.weight, self.bias)
                    self.__dict__["_made"] = made  # a frozen class, but this changes no result
        return made[1]

    def _piece_by_piece(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        (out, into), rows = self.weight.shape, len(x)
        piece = max(16, _SMALL_PRODUCT // (into * rows) // 16 * 16)
        y = np.empty((rows, out), np.float32)
        for start in range(0, out, piece):
            stop = start + piece
            np.matmul(x, self.weight[start:stop].T, out=y[:, start:stop])
        return y

    @classmethod
    def read(cls, weights: Weights, name: str, out: int, into: int, *, bias: bool = True) -> Linear:
        """Take `name`.weight, and `name`.bias if there is one to be."""
        weight = weights.take(f"{name}.weight", (out, into))
        return cls(weight, weights.take(f"{name}.bias", (out,)) if bias else None)

    def scaled(self, factor: float) -> Linear:
        """The same, with every output times `factor`."""
        by = np.float32(factor)
        return Linear(self.weight * by, None if self.bias is None else self.bias * by)

    @classmethod
    def side_by_side(cls, parts: Sequence[Linear]) -> Linear:
        """One product in place of several of the same rows; outputs stand beside each other.

        Either all parts have a bias or none has.
        """
        biases = [part.bias for part in parts if part.bias is not None]
        return cls(
            np.concatenate([part.weight for part in parts]),
            np.concatenate(biases) if biases else None,
        )
