"""Packed token ids -> one vector per text, or one per token.

ids --chunks--> encoder --> hidden states --pooling--> modules --> float32 (n, D)
"""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Literal, SupportsIndex, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .dense import Dense
from .encoder import Encoder
from .errors import InputError, ModelFilesError, WeightsError
from .families import read_encoder
from .json_file import JsonFile
from .kernels import using
from .packing import Chunk, check_packed, chunks, even_chunk_tokens
from .pipeline_files import Pipeline, read_pipeline
from .pooling import POOLINGS, Vectors, l2_normalize
from .settings import Setting, file_in
from .threads import available_cores, for_each, limited_blas
from .weights import open_weights

if TYPE_CHECKING:
    from .compiled import Kernels

__all__ = ["KernelChoice", "SentenceEncoder"]

# Measured on two cores: smaller chunks starve the matrix products, larger ones leave the cache.
_CHUNK_TOKENS = 1024
_COMPILED_CHUNK_TOKENS = 504  # whole tiles of rows
# Below, threads would wait for the same weights more than they compute.
_WORTH_A_THREAD_TOKENS = 128
# Compiling takes about half a second.
_WORTH_COMPILING_S = 0.5

KernelChoice = Literal["auto", "numpy", "compiled"]


class SentenceEncoder:
    """A sentence-transformers model without its tokenizer. Safe to use from several threads.

    >>> encoder = SentenceEncoder.from_pretrained(minilm)
    >>> vectors = encoder.encode([101, 2028, 102, 101, 2048, 2616, 102], [0, 3, 7])
    >>> vectors.shape, vectors.dtype.name
    ((2, 384), 'float32')
    """

    def __init__(
        self,
        encoder: Encoder,
        pipeline: Pipeline,
        *,
        settings: tuple[Setting, ...],
        threads: int | None = None,
        kernels: KernelChoice = "auto",
    ) -> None:
        self._encoder = encoder
        self._pipeline = pipeline
        self._dimensions = pipeline.dimensions(encoder.hidden_size)
        self._settings = settings
        self._threads = threads
        self._kernels = kernels
        self._seconds = 0.0  # of work, in all threads

    @classmethod
    def from_pretrained(
        cls,
        path: str | os.PathLike[str],
        *,
        pooling: str | None = None,
        normalize: bool | None = None,
        threads: int | None = None,
        kernels: KernelChoice = "auto",
    ) -> SentenceEncoder:
        """Load a Hugging Face model directory.

        `pooling` ("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken", or
        several as "cls+mean") and `normalize` win over `modules.json` if given. `threads` is how
        many `encode` uses; `None`: one for each core.

        `kernels`: "numpy"; "compiled", with llvmlite (`pip install lattice-models[compiled]`) and a
        processor that has AVX2, is faster, holds a second copy of the weights, and takes half a
        second to begin; "auto" works with NumPy for half a second and goes on with the others where
        they can be had. A number of a vector may differ by 1e-6 from one to the other.

        Raises `ModelFilesError`, `ConfigError`, `WeightsError`, `InputError`; all are `ModelError`.
        """
        directory = Path(path)
        if not directory.is_dir():
            received = "a file" if directory.exists() else "nothing at this path"
            raise ModelFilesError(str(path), "a model directory", received)
        threads = _threads(threads)
        _check_kernels(kernels)
        pipeline = read_pipeline(directory, pooling=pooling, normalize=normalize)
        encoder = read_encoder(pipeline.encoder_folder)
        settings = _settings(directory, encoder, pipeline)
        return cls(encoder, pipeline, settings=settings, threads=threads, kernels=kernels)

    @property
    def dimensions(self) -> int:
        """`D`, the length of a vector."""
        return self._dimensions

    @property
    def max_tokens(self) -> int:
        """The most tokens that a text may have, special tokens included."""
        positions = self._encoder.max_positions
        return min(self._pipeline.max_tokens, positions or self._pipeline.max_tokens)

    @property
    def pooling(self) -> str:
        """How token vectors become one vector; several poolings have "+" between them."""
        return "+".join(self._pipeline.pooling)

    @property
    def normalize(self) -> bool:
        """Whether vectors are scaled to length 1."""
        return self._pipeline.normalize

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What decides a vector, and from which file each setting came.

        >>> encoder = SentenceEncoder.from_pretrained(minilm, normalize=False)
        >>> for setting in encoder.settings:
        ...     print(setting)
        architecture = bert (config.json)
        weights = float32 (model.safetensors)
        dimensions = 384 (config.json)
        pooling = mean (1_Pooling/config.json)
        normalize = False (given)
        max_tokens = 256 (sentence_bert_config.json)
        """
        return self._settings

    def encode(
        self,
        ids: ArrayLike,
        cu_seqlens: ArrayLike,
        *,
        output_dim: int | None = None,
        deterministic: bool = False,
        threads: int | None = None,
    ) -> NDArray[np.float32]:
        """`ids` integers `(T,)` and `cu_seqlens` integers `(n+1,)` -> float32 `(n, D)`.

        A text may be as long as the architecture allows, also beyond `max_tokens`. `output_dim`
        keeps the first numbers of each vector (of a model trained for it: Matryoshka), and scales
        them to length 1 again if the model normalises. `deterministic` computes each text alone:
        the same bits whatever is in the batch, its order, or `threads`; slower for short texts.
        Otherwise a number may differ by 1e-6. `threads` wins over that of `from_pretrained`.

        Raises `InputError` for what is no packed batch, `WeightsError` if a vector is not finite.
        """
        packed_ids, starts = self._packed(ids, cu_seqlens)
        dimensions = self._output_dim(output_dim)
        vectors = np.empty((len(starts) - 1, dimensions), np.float32)

        def keep(chunk: Chunk, hidden: NDArray[np.float32]) -> None:
            texts, _, chunk_cu_seqlens = chunk
            vectors[texts] = self._sentence_vectors(hidden, chunk_cu_seqlens, dimensions)

        self._run(packed_ids, starts, keep, threads=threads, deterministic=deterministic)
        _check_finite(vectors, "vector of text")
        return vectors

    def encode_tokens(
        self,
        ids: ArrayLike,
        cu_seqlens: ArrayLike,
        *,
        deterministic: bool = False,
        threads: int | None = None,
    ) -> NDArray[np.float32]:
        """The hidden states before pooling, as float32 `(T, hidden size)`; see `encode`.

        >>> encoder = SentenceEncoder.from_pretrained(minilm)
        >>> encoder.encode_tokens([101, 2028, 102, 101, 2048, 2616, 102], [0, 3, 7]).shape
        (7, 384)
        """
        packed_ids, starts = self._packed(ids, cu_seqlens)
        vectors = np.empty((len(packed_ids), self._encoder.hidden_size), np.float32)

        def keep(chunk: Chunk, hidden: NDArray[np.float32]) -> None:
            texts, _, chunk_cu_seqlens = chunk
            for text, (start, stop) in zip(texts, pairwise(chunk_cu_seqlens), strict=True):
                vectors[starts[text] : starts[text + 1]] = hidden[start:stop]

        self._run(packed_ids, starts, keep, threads=threads, deterministic=deterministic)
        _check_finite(vectors, "vector of token")
        return vectors

    def _packed(
        self, ids: ArrayLike, cu_seqlens: ArrayLike
    ) -> tuple[NDArray[np.integer], NDArray[np.int64]]:
        packed_ids, boundaries = _array("ids", ids), _array("cu_seqlens", cu_seqlens)
        check_packed(
            packed_ids,
            boundaries,
            vocab_size=self._encoder.vocab_size,
            max_tokens=self._encoder.max_positions,
        )
        return packed_ids, boundaries.astype(np.int64, copy=False)

    def _output_dim(self, asked: int | None) -> int:
        if asked is None:
            return self._dimensions
        number = _whole_number(asked)
        if number is None or not 1 <= number <= self._dimensions:
            raise InputError(
                "output_dim", f"a whole number from 1 to {self._dimensions}", repr(asked)
            )
        return number

    def _sentence_vectors(
        self, hidden: NDArray[np.float32], cu_seqlens: NDArray[np.int64], dimensions: int
    ) -> Vectors:
        """`(T, hidden size)` -> `(n, dimensions)`"""
        pooled = [POOLINGS[mode](hidden, cu_seqlens) for mode in self._pipeline.pooling]
        vectors = pooled[0] if len(pooled) == 1 else np.concatenate(pooled, axis=1)
        for module in self._pipeline.modules:
            vectors = module(vectors)
        vectors = vectors[:, :dimensions]
        return l2_normalize(vectors) if self._pipeline.normalize else vectors

    def _run(
        self,
        ids: NDArray[np.integer],
        cu_seqlens: NDArray[np.int64],
        keep: Callable[[Chunk, NDArray[np.float32]], None],
        *,
        threads: int | None,
        deterministic: bool,
    ) -> None:
        """Give the hidden states of all texts to `keep`, piece by piece and in no order."""
        threads = self._threads if threads is None else _threads(threads)
        cores = threads or available_cores()
        by_numpy = self._kernels_now(deterministic=deterministic) is None
        chunk_tokens = even_chunk_tokens(
            cu_seqlens,
            most_tokens=_CHUNK_TOKENS if by_numpy else _COMPILED_CHUNK_TOKENS,
            threads=cores,
            worth_tokens=_WORTH_A_THREAD_TOKENS,
        )
        work_list = list(chunks(ids, cu_seqlens, chunk_tokens=chunk_tokens))
        helpers = cores - 1 if len(work_list) == 1 else 0

        def work(chunk: Chunk) -> None:
            kernels = self._kernels_now(deterministic=deterministic)
            start = perf_counter()
            # what is not finite is looked for at the end
            with np.errstate(all="ignore"), using(kernels, helpers=helpers):
                for piece in _one_by_one(chunk) if deterministic else [chunk]:
                    keep(piece, self._encoder(piece[1], piece[2]))
            self._seconds += perf_counter() - start

        # how a product is rounded may depend on how many threads share it, and on its shape
        with limited_blas(1) if deterministic else nullcontext():
            for_each(work, work_list, threads=threads)

    def _kernels_now(self, *, deterministic: bool) -> Kernels | None:
        """The compiled kernels, or `None` for NumPy."""
        if self._kernels == "auto" and not deterministic and self._seconds < _WORTH_COMPILING_S:
            return None
        return None if self._kernels == "numpy" else _compiled_kernels()


def _one_by_one(chunk: Chunk) -> Iterator[Chunk]:
    texts, ids, cu_seqlens = chunk
    for index, (start, stop) in enumerate(pairwise(cu_seqlens)):
        yield texts[index : index + 1], ids[start:stop], np.array([0, stop - start])


def _array(name: str, values: ArrayLike) -> NDArray[np.integer]:
    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of unequal length
        raise InputError(name, "integers of one dimension", "a ragged sequence") from error
    # an empty list becomes float64
    return array if array.size else array.astype(np.int64)


def _whole_number(value: SupportsIndex) -> int | None:
    try:
        return None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return None


def _compiled_kernels() -> Kernels | None:
    from .compiled import compiled_kernels  # which the first text does not wait for

    return compiled_kernels()


def _check_kernels(asked: str) -> None:
    if asked not in get_args(KernelChoice):
        names = ", ".join(map(repr, get_args(KernelChoice)))
        raise InputError("kernels", f"one of {names}", repr(asked))
    if asked == "compiled" and _compiled_kernels() is None:
        raise InputError(
            "kernels",
            "'auto' or 'numpy', without llvmlite or on a processor without AVX2",
            repr(asked),
            "Install it: pip install lattice-models[compiled]",
        )


def _threads(asked: int | None) -> int | None:
    if asked is None:
        return None
    number = _whole_number(asked)
    if number is None or number < 1:
        raise InputError("threads", "a whole number from 1 up", repr(asked))
    return number


def _check_finite(vectors: NDArray[np.float32], rows: str) -> None:
    if not np.isfinite(vectors).all():
        row = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
        raise WeightsError(
            f"{rows} {row}",
            "finite numbers",
            "NaN or infinity",
            "The weights are damaged: download them again.",
        )


def _settings(directory: Path, encoder: Encoder, pipeline: Pipeline) -> tuple[Setting, ...]:
    config = JsonFile(pipeline.encoder_folder / "config.json")
    weights = open_weights(pipeline.encoder_folder)
    config_name = file_in(directory, config.path)
    size_files = [config.path, *(m.source for m in pipeline.modules if isinstance(m, Dense))]
    settings = [
        Setting("architecture", config.get("model_type", str), config_name),
        Setting("weights", weights.stored_as, file_in(directory, weights.path)),
        Setting(
            "dimensions",
            pipeline.dimensions(encoder.hidden_size),
            file_in(directory, size_files[-1]),
        ),
        *pipeline.settings,
    ]
    if encoder.max_positions is not None and encoder.max_positions < pipeline.max_tokens:
        settings[-1] = Setting("max_tokens", encoder.max_positions, config_name)
    return tuple(settings)
