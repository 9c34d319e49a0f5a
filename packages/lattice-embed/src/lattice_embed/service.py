"""Texts and their role -> vectors.

    texts --instruction--> --tokenizer--> packed ids --encoder--> vectors

`tokenize` returns what the encoder is given: both come from the same function.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from lattice_models import SentenceEncoder
from lattice_tokenize import PackedIds, TextError, Tokenizer
from numpy.typing import NDArray

from .catalog import DEFAULT_MODEL
from .errors import TextsError
from .model_files import locate_model
from .role import EmbeddingRole

__all__ = ["EmbeddingService", "NativeEmbeddingService"]

Vectors = NDArray[np.float32]


class EmbeddingService(Protocol):
    """What turns texts into vectors; a `str` gives `(D,)`, a sequence of `n` gives `(n, D)`."""

    def embed(self, texts: str | Sequence[str]) -> Vectors: ...
    def embed_query(self, texts: str | Sequence[str]) -> Vectors: ...
    def embed_passage(self, texts: str | Sequence[str]) -> Vectors: ...


class NativeEmbeddingService:
    """Embeds with this project's own tokenizer and encoder. Safe to use from several threads.

    >>> service = NativeEmbeddingService(minilm)  # or a catalog name, or a hub id
    >>> query = service.embed_query("how do I bake bread?")
    >>> passages = service.embed_passage(["Knead the dough and let it rise.", "Stocks fell."])
    >>> [f"{score:.1f}" for score in passages @ query]
    ['0.5', '0.1']
    """

    def __init__(self, model: str | os.PathLike[str] = DEFAULT_MODEL) -> None:
        """`model`: a name of the catalog, a hub id or a directory.

        Downloads the model if it is not on this machine. Raises `EmbedError`, `ModelError` or
        `TokenizeError`.
        """
        local = locate_model(model)
        self.model_name = local.name
        self._instructions = local.instructions
        self._tokenizer = Tokenizer.from_pretrained(local.directory)
        self._encoder = SentenceEncoder.from_pretrained(local.directory)

    @property
    def dimensions(self) -> int:
        """`D`, the length of a vector."""
        return self._encoder.dimensions

    @property
    def max_tokens(self) -> int:
        """Longer texts are cut to this, instruction and special tokens included."""
        return self._encoder.max_tokens

    def embed(self, texts: str | Sequence[str]) -> Vectors:
        """Vectors without an instruction: for clustering, deduplication, classification."""
        return self._embed(texts, EmbeddingRole.GENERIC)

    def embed_query(self, texts: str | Sequence[str]) -> Vectors:
        """Vectors of what somebody searches for."""
        return self._embed(texts, EmbeddingRole.QUERY)

    def embed_passage(self, texts: str | Sequence[str]) -> Vectors:
        """Vectors of what is searched."""
        return self._embed(texts, EmbeddingRole.PASSAGE)

    def tokenize(
        self, texts: Sequence[str], *, role: EmbeddingRole = EmbeddingRole.GENERIC
    ) -> list[NDArray[np.int32]]:
        """For each text, the ids `(t,)` that the encoder is given."""
        return list(self._packed(texts, role))

    def _embed(self, texts: str | Sequence[str], role: EmbeddingRole) -> Vectors:
        if isinstance(texts, str):
            vector: Vectors = self._encode(self._packed([texts], role))[0]
            return vector
        return self._encode(self._packed(texts, role))

    def _encode(self, packed: PackedIds) -> Vectors:
        return self._encoder.encode(packed.ids, packed.cu_seqlens)

    def _packed(self, texts: Sequence[str], role: EmbeddingRole) -> PackedIds:
        if isinstance(texts, str):
            raise TextsError("texts", "a list of str", "one str", "Write [text].")
        if not len(texts):
            raise TextsError(
                "texts", "at least one text", "an empty list", "There is no vector of nothing."
            )
        instruction = self._instructions.of(role)
        if instruction:
            for index, text in enumerate(texts):
                if not isinstance(text, str):
                    raise TextError(f"texts[{index}]", "a str", type(text).__name__)
            texts = [instruction + text for text in texts]
        return self._tokenizer.encode_packed(texts, max_tokens=self._encoder.max_tokens)
