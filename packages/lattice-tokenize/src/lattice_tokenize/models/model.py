"""What every model offers: fast for many words, readable for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..flat_texts import FlatTexts
from .token import Token

__all__ = ["Model"]


class Model(Protocol):
    """A word of the pre-tokenizer -> tokens of a vocabulary."""

    @property
    def vocab(self) -> Mapping[str, int]:
        """Token -> id. No two tokens share an id; ids may have holes."""

    def ids(self, words: Sequence[str]) -> list[tuple[int, ...]]:
        """The ids of each word. Nothing is remembered, so give each distinct word once."""

    def flat_ids(self, words: FlatTexts) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The same for many words: int64 `(T,)`, and how many ids each has, int64 `(n,)`."""

    def tokenize(self, word: str) -> list[Token]:
        """The same ids, with what each stands for."""

    def id_to_token(self, token_id: int) -> str | None:
        """The token of an id, `None` where the vocabulary has a hole."""

    def to_json(self) -> dict[str, Any]:
        """The object that `read_model` would read as this model."""
