"""float32 vectors -> int8 or one bit per number, each text by itself.

The scale of int8 is fixed. sentence-transformers takes it from the smallest and the largest number
of each dimension in the batch, so a text alone and the same text in a batch come out differently.
Bits are those of its "ubinary".
"""

from __future__ import annotations

from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray

from .errors import InputError

__all__ = ["quantize"]

# How far float32 may carry the numbers of a vector of length 1 beyond 1.
_ROUNDING = 1e-5


@overload
def quantize(vectors: NDArray[np.floating], precision: Literal["int8"]) -> NDArray[np.int8]: ...
@overload
def quantize(vectors: NDArray[np.floating], precision: Literal["binary"]) -> NDArray[np.uint8]: ...
@overload
def quantize(
    vectors: NDArray[np.floating], precision: str
) -> NDArray[np.int8] | NDArray[np.uint8]: ...
def quantize(vectors: NDArray[np.floating], precision: str) -> NDArray[np.int8] | NDArray[np.uint8]:
    """`vectors` floats `(n, D)` -> int8 `(n, D)`, or uint8 `(n, ceil(D / 8))` of bits.

    "int8": 127 times the number, rounded to nearest and half to even, for vectors of length 1.
    "binary": whether the number is above 0, eight to a byte, the first in the highest bit.

    The same vector gives the same bytes. The vectors of a text alone and in a batch may differ by
    their last bits and so, for one number in some hundred thousand, by one step; take them from
    `encode(deterministic=True)` where that matters. Raises `InputError`.

    >>> quantize(np.array([[0.6, -0.8, 0.0]]), "int8").tolist()
    [[76, -102, 0]]
    >>> quantize(np.array([[0.6, -0.8, 0.0]]), "binary").tolist()
    [[128]]
    """
    if precision not in ("int8", "binary"):
        raise InputError("precision", "'int8' or 'binary'", repr(precision))
    if not isinstance(vectors, np.ndarray) or vectors.ndim != 2 or vectors.dtype.kind != "f":
        received = (
            f"{vectors.dtype} {vectors.shape}"
            if isinstance(vectors, np.ndarray)
            else type(vectors).__name__
        )
        raise InputError("vectors", "an array of floats (n, D)", received)
    if not np.isfinite(vectors).all():
        raise InputError("vectors", "finite numbers", "NaN or infinity")
    if precision == "binary":
        return np.packbits(vectors > 0, axis=1)
    if vectors.size and np.abs(vectors).max() > 1 + _ROUNDING:
        raise InputError(
            "vectors",
            "numbers from -1 to 1, as vectors of length 1 have",
            str(np.abs(vectors).max()),
            "Use a pipeline that normalises, or normalize=True.",
        )
    return np.rint(vectors.astype(np.float64) * 127).astype(np.int8)
