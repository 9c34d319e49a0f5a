"""float32 vectors `(n, D)` -> shorter vectors, or smaller numbers.

Compare int8 numbers by their cosine, and bits by how many of them differ.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from .errors import EmbedError

__all__ = ["PRECISIONS", "Precision", "quantized", "shortened"]

Precision = Literal["float32", "int8", "binary"]
# how far float32 may carry the numbers of a vector of length 1 beyond 1
_ROUNDING = 1e-5
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


def shortened(
    vectors: NDArray[np.float32], output_dim: int, *, normalize: bool
) -> NDArray[np.float32]:
    """The first `output_dim` numbers of each vector; `normalize` scales them to length 1.

    >>> shortened(np.array([[3, 4, 12]], np.float32), 2, normalize=True).round(1).tolist()
    [[0.6000000238418579, 0.800000011920929]]
    """
    short = vectors[:, :output_dim]
    if not normalize:
        return np.ascontiguousarray(short)
    lengths: NDArray[np.float32] = np.linalg.norm(short, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    return short / lengths


def quantized(vectors: NDArray[np.float32], precision: Precision) -> NDArray[Any]:
    """ "int8": int8 `(n, D)`, 127 times the number, rounded half to even, of vectors of length 1.

    "binary": uint8 `(n, ceil(D / 8))`, a bit for each number, 1 where it is greater than 0, the
    first in the highest bit. "float32": the vectors themselves. Raises `EmbedError` where a number
    is too great for int8.

    >>> quantized(np.array([[0.6, -0.8, 0.0]], np.float32), "int8").tolist()
    [[76, -102, 0]]
    """
    if precision == "binary":
        return np.packbits(vectors > 0, axis=1)
    if precision == "int8":
        greatest = float(np.abs(vectors).max(initial=0))
        if greatest > 1 + _ROUNDING:
            raise EmbedError(
                "precision",
                "'int8' for a model whose vectors have length 1",
                f"a number of {greatest:.3g} in a vector",
            )
        int8: NDArray[np.int8] = np.rint(vectors.astype(np.float64) * 127).astype(np.int8)
        return int8
    return vectors
