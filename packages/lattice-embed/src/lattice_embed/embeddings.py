"""What a service says of texts: their vectors, and whether they were read as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from .service import Vectors

__all__ = ["PRECISIONS", "Embeddings", "Precision"]

Precision = Literal["float32", "int8", "binary"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


@dataclass(frozen=True)
class Embeddings:
    """The vectors of `n` texts, and what became of each text.

    `vectors`: `(n, D)`. `token_counts`: int64 `(n,)`, the tokens of each text with instruction and
    special tokens, before anything was cut. `truncated`: bool `(n,)`, whether its end was cut off.
    `chunks`: int64 `(n,)`, in how many windows it was read, 1 unless it was too long.
    """

    vectors: Vectors
    token_counts: NDArray[np.int64]
    truncated: NDArray[np.bool_]
    chunks: NDArray[np.int64]
