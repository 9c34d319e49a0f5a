"""Packed token ids -> one vector per text.

ids --chunks--> encoder --> hidden states --pooling--> --normalize--> float32 (n, D)
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .bert import Bert
from .config import read_config
from .errors import InputError, ModelFilesError, WeightsError
from .packing import Chunk, check_packed, chunks
from .pipeline_files import Pipeline, read_pipeline
from .pooling import POOLINGS, l2_normalize
from .threads import for_each

__all__ = ["SentenceEncoder"]

# Measured on two cores: smaller chunks starve the matrix products, larger ones leave the cache.
_CHUNK_TOKENS = 1024


def _array(name: str, values: ArrayLike) -> NDArray[np.integer]:
    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of unequal length
        raise InputError(name, "integers of one dimension", "a ragged sequence") from error
    # an empty list becomes float64
    return array if array.size else array.astype(np.int64)


class SentenceEncoder:
    """A sentence-transformers model without its tokenizer. Safe to use from several threads.

    >>> encoder = SentenceEncoder.from_pretrained(minilm)
    >>> vectors = encoder.encode([101, 2028, 102, 101, 2048, 2616, 102], [0, 3, 7])
    >>> vectors.shape, vectors.dtype.name
    ((2, 384), 'float32')
    """

    def __init__(self, model: Bert, pipeline: Pipeline) -> None:
        self._model = model
        self._pipeline = pipeline

    @classmethod
    def from_pretrained(
        cls,
        path: str | os.PathLike[str],
        *,
        pooling: str | None = None,
        normalize: bool | None = None,
    ) -> SentenceEncoder:
        """Load a Hugging Face model directory.

        `pooling` ("cls" or "mean") and `normalize` win over `modules.json` if given. Raises
        `ModelFilesError`, `ConfigError`, `WeightsError`; all are `ModelError`.
        """
        directory = Path(path)
        if not directory.is_dir():
            received = "a file" if directory.exists() else "nothing at this path"
            raise ModelFilesError(str(path), "a model directory", received)
        config = read_config(directory)
        pipeline = read_pipeline(directory, pooling=pooling, normalize=normalize)
        return cls(Bert.from_directory(directory, config), pipeline)

    @property
    def dimensions(self) -> int:
        """`D`, the length of a vector."""
        return self._model.config.hidden_size

    @property
    def max_tokens(self) -> int:
        """The most tokens that a text may have, special tokens included."""
        positions = self._model.config.max_position_embeddings
        return min(self._pipeline.max_tokens or positions, positions)

    @property
    def pooling(self) -> str:
        """How token vectors become one vector."""
        return self._pipeline.pooling

    @property
    def normalize(self) -> bool:
        """Whether vectors are scaled to length 1."""
        return self._pipeline.normalize

    def encode(self, ids: ArrayLike, cu_seqlens: ArrayLike) -> NDArray[np.float32]:
        """`ids` integers `(T,)` and `cu_seqlens` integers `(n+1,)` -> float32 `(n, D)`.

        A text may be as long as the position embeddings allow, also beyond `max_tokens`. Raises
        `InputError` for what is no packed batch, `WeightsError` if a vector is not finite.
        """
        packed_ids = _array("ids", ids)
        boundaries = _array("cu_seqlens", cu_seqlens)
        config = self._model.config
        check_packed(
            packed_ids,
            boundaries,
            vocab_size=config.vocab_size,
            max_tokens=config.max_position_embeddings,
        )
        starts = boundaries.astype(np.int64, copy=False)
        vectors = np.empty((len(starts) - 1, self.dimensions), np.float32)
        pool = POOLINGS[self._pipeline.pooling]

        def encode_chunk(chunk: Chunk) -> None:
            texts, chunk_ids, chunk_cu_seqlens = chunk
            with np.errstate(all="ignore"):  # what is not finite is looked for below
                pooled = pool(self._model(chunk_ids, chunk_cu_seqlens), chunk_cu_seqlens)
                vectors[texts] = l2_normalize(pooled) if self._pipeline.normalize else pooled

        work = list(chunks(packed_ids, starts, chunk_tokens=_CHUNK_TOKENS))
        for_each(encode_chunk, work)
        if not np.isfinite(vectors).all():
            text = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
            raise WeightsError(
                f"vector of text {text}",
                "finite numbers",
                "NaN or infinity",
                "The weights are damaged: download them again.",
            )
        return vectors
