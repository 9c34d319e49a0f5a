"""Packed token ids -> the first hidden states: word, position and type, summed and normalised.

Types tell the two texts of a pair apart. A text alone is of type 0 throughout, so that row is added
to every position when the weights are read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .layer_norm import LayerNorm
from .weights import Weights

__all__ = ["Embeddings", "positions_after_padding", "positions_from_zero"]


@dataclass(frozen=True)
class Embeddings:
    """`words` `(vocabulary, D)`, `positions` `(P, D)`, and the norm of their sum."""

    words: NDArray[np.float32]
    positions: NDArray[np.float32]
    norm: LayerNorm

    def __call__(
        self, ids: NDArray[np.integer], positions: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """`ids` and `positions` `(T,)` -> `(T, D)`."""
        hidden: NDArray[np.float32] = self.words[ids]
        hidden += self.positions[positions]
        return self.norm(hidden)

    @classmethod
    def read(
        cls,
        weights: Weights,
        *,
        hidden_size: int,
        vocab_size: int,
        positions: int,
        types: int | None,
        eps: float,
    ) -> Embeddings:
        """Take the tensors below `embeddings.`; `types` is `None` where the family has none."""
        table = "embeddings.{}_embeddings.weight".format
        words = weights.take(table("word"), (vocab_size, hidden_size))
        rows = weights.take(table("position"), (positions, hidden_size))
        if types is not None:
            rows = rows + weights.take(table("token_type"), (types, hidden_size))[0]
        return cls(words, rows, LayerNorm.read(weights, "embeddings.LayerNorm", hidden_size, eps))


def positions_from_zero(cu_seqlens: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of every token in its text, `(T,)`.

    >>> positions_from_zero(np.array([0, 3, 5])).tolist()
    [0, 1, 2, 0, 1]
    """
    positions: NDArray[np.int64] = np.arange(cu_seqlens[-1]) - np.repeat(
        cu_seqlens[:-1], np.diff(cu_seqlens)
    )
    return positions


def positions_after_padding(
    ids: NDArray[np.integer], cu_seqlens: NDArray[np.int64], padding_id: int
) -> NDArray[np.int64]:
    """Positions as fairseq counts them: the first is the one after `padding_id`.

    A padding token within a text stays at `padding_id` and is not counted, as in the original.

    >>> positions_after_padding(np.array([0, 7, 1, 8, 0, 9]), np.array([0, 4, 6]), 1).tolist()
    [2, 3, 1, 4, 2, 3]
    """
    counted = (ids != padding_id).astype(np.int64)
    ends = np.concatenate([[0], np.cumsum(counted)])  # tokens counted before each token, and all
    before = np.repeat(ends[cu_seqlens[:-1]], np.diff(cu_seqlens))
    positions: NDArray[np.int64] = (ends[1:] - before) * counted + padding_id
    return positions
