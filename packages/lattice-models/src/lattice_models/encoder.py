"""What every family of models is to the rest of the package: packed ids -> hidden states."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Encoder"]


class Encoder(Protocol):
    """A model with its weights. Read-only after loading, so safe to call from several threads."""

    @property
    def hidden_size(self) -> int:
        """`D`, the width of the hidden states."""

    @property
    def vocab_size(self) -> int:
        """Ids are below this."""

    @property
    def max_positions(self) -> int | None:
        """The most tokens that a text may have; `None` if the architecture sets no limit."""

    def __call__(
        self, ids: NDArray[np.integer], cu_seqlens: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """`ids` `(T,)`, `cu_seqlens` `(n+1,)` -> hidden states of the last layer `(T, D)`.

        The batch is taken as checked: ids below `vocab_size`, no text empty or too long.
        """
