"""Texts and their role -> vectors, with this project's own tokenizer and encoder.

    texts, role --instruction--> LoadedModel.model_input --LoadedModel.vectors--> float32 (n, D)
        --precision--> (n, D)

`tokenize` returns what the encoder is given: both come from `_model_input`.
"""

from __future__ import annotations

import copy
import logging
import os
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import get_args

import numpy as np
from lattice_models import KernelChoice, SentenceEncoder, quantize
from lattice_tokenize import Tokenizer
from lattice_tokenize.inputs import checked_text
from numpy.typing import NDArray

from .cache_key import CacheIdentity
from .catalog import DEFAULT_MODEL, ModelRecord, find_model
from .embeddings import PRECISIONS, Embeddings, Precision
from .errors import EmbedError, TextTooLongError
from .loaded_model import LoadedModel, ModelLoader
from .model_files import LocalModel
from .model_fingerprint import settings_sha256, weights_sha256
from .model_names import given_directory
from .overflow import OVERFLOWS, ModelInput, OnOverflow
from .role import EmbeddingRole
from .service import EmbeddingService, Vectors, checked_batch

__all__ = ["NativeEmbeddingService"]

_log = logging.getLogger("lattice_embed")


class NativeEmbeddingService(EmbeddingService):
    """Embeds with this project's own tokenizer and encoder. Safe to use from several threads.

    >>> service = NativeEmbeddingService(minilm)  # or a catalog name, or a hub id
    >>> query = service.embed_query("how do I bake bread?")
    >>> passages = service.embed_passage(["Knead the dough and let it rise.", "Stocks fell."])
    >>> [f"{score:.1f}" for score in passages @ query]
    ['0.5', '0.1']
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = DEFAULT_MODEL,
        *,
        on_overflow: OnOverflow = "truncate",
        output_dim: int | None = None,
        precision: Precision = "float32",
        kernels: KernelChoice = "auto",
    ) -> None:
        """Nothing is read or downloaded before it is needed; `load` does it now.

        `model`: a name of the catalog, a hub id or a directory.

        `on_overflow`, for a text of more than `max_tokens` tokens: "truncate" cuts its end off,
        and says so once, as a warning of the logger `lattice_embed`. "error" raises
        `TextTooLongError`. "chunk" splits its tokens into the fewest windows that fit, as equal as
        can be, each between the special tokens and behind the instruction; its vector is the mean
        of theirs, weighted by the tokens that each holds, scaled to length 1 if the model's are.

        `output_dim`: keep only the first numbers of each vector, and scale what is left to length
        1 if the model's vectors are. Models trained for that (Matryoshka) lose little by it.

        `precision`: "float32"; "int8", 127 times each number of a vector of length 1; "binary",
        uint8 with a bit for each number, 1 where it is greater than 0, `(n, ceil(D / 8))`.

        `kernels`: "numpy", "compiled" or "auto", as `SentenceEncoder.from_pretrained` has them.

        Raises `EmbedError` for an option that is none of these. What is wrong with the model is
        raised when it is loaded, as `EmbedError`, `ModelError` or `TokenizeError`; the next call
        tries again.
        """
        for field, value, known in (
            ("on_overflow", on_overflow, OVERFLOWS),
            ("precision", precision, PRECISIONS),
            ("kernels", kernels, get_args(KernelChoice)),
        ):
            if value not in known:
                raise EmbedError(field, " or ".join(map(repr, known)), repr(value))
        directory = given_directory(model)
        name = directory.resolve().name if directory else os.fspath(model)
        self._record = None if directory else find_model(name)
        self._name = self._record.name if self._record else name
        self._on_overflow = on_overflow
        self._precision: Precision = precision
        self._output_dim = output_dim
        if output_dim is not None:
            self._check_output_dim(output_dim, self._record.dimensions if self._record else None)
        self._loader = ModelLoader(model, self._record, kernels)
        self._checked: LoadedModel | None = None
        self._lock = threading.Lock()
        self._told_of_a_cut = False

    @property
    def model_name(self) -> str:
        """The catalog's name of the model, its hub id, or the name of its directory."""
        return self._name

    @property
    def record(self) -> ModelRecord | None:
        """What the catalog says of the model, `None` of a directory and of other models."""
        return self._record

    @property
    def on_overflow(self) -> OnOverflow:
        """What happens to a text of more than `max_tokens` tokens."""
        return self._on_overflow

    @property
    def precision(self) -> Precision:
        """The kind of numbers that vectors are made of."""
        return self._precision

    @property
    def cache_identity(self) -> CacheIdentity | None:
        """What the vectors depend on, for a cache; `None` unless they are float32.

        Of other precisions, a cache keeps what `unquantized()` gives.
        """
        return self._identity if self._precision == "float32" else None

    @cached_property
    def _identity(self) -> CacheIdentity:
        # a vector of a text that was cut must not hide that it is too long
        variant = "" if self._on_overflow == "truncate" else self._on_overflow
        if self._record is not None and self._has_pinned_weights(self._record):
            return CacheIdentity(self._name, self._record.key_version, variant=variant)
        directory = self.local_model.directory
        weights, settings = weights_sha256(directory), settings_sha256(directory)
        return CacheIdentity(self._name, None, weights, settings, variant)

    def _has_pinned_weights(self, record: ModelRecord) -> bool:
        """By their hash, or by the commit that they lie under; a hand may have put others."""
        return record.sha256 is not None or self.local_model.revision == record.revision

    @property
    def dimensions(self) -> int:
        """`D`, how many numbers of the model's vector are kept; of "binary", how many bits."""
        if self._output_dim is not None:
            return self._output_dim
        return self._record.dimensions if self._record else self._load().encoder.dimensions

    @property
    def max_tokens(self) -> int:
        """The most tokens that the model is given, instruction and special tokens included."""
        return self._load().max_tokens

    @property
    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer. Do not change it."""
        return self._load().tokenizer

    @property
    def encoder(self) -> SentenceEncoder:
        """The model itself."""
        return self._load().encoder

    @property
    def local_model(self) -> LocalModel:
        """Where the model's files are on this machine."""
        return self._load().local

    def load(self) -> None:
        """Find, check and read the model's files now, and not when the first text comes.

        Called from several threads it is done once, and after an error it can be called again.
        """
        self._load()

    def unquantized(self) -> NativeEmbeddingService:
        """The same service with vectors of float32; both read the model once."""
        if self._precision == "float32":
            return self
        service = copy.copy(self)
        service._precision = "float32"
        return service

    def quantized(self, vectors: NDArray[np.float32]) -> Vectors:
        """What `precision` makes of vectors that `unquantized()` gave."""
        if self._precision == "float32":
            return vectors
        if self._precision == "int8":
            self._load()  # which refuses a model whose vectors do not have length 1
        return quantize(vectors, self._precision)

    def instruction(
        self, role: EmbeddingRole = EmbeddingRole.GENERIC, prompt: str | None = None
    ) -> str:
        """What is put before a text: `prompt` if it is given, else what the role asks for."""
        if prompt is not None:
            return checked_text(prompt, "prompt")
        try:
            known = EmbeddingRole(role)
        except ValueError:
            raise EmbedError("role", "a member of EmbeddingRole", repr(role)) from None
        return self._load().local.instructions.of(known)

    def embed_texts(
        self,
        texts: Sequence[str],
        *,
        role: EmbeddingRole = EmbeddingRole.GENERIC,
        prompt: str | None = None,
    ) -> Vectors:
        """The vectors `(n, D)` of at least one text; a text that comes twice is computed once."""
        checked = checked_batch(texts)
        embeddings = self._embed_checked(checked, role, prompt)
        if embeddings.truncated.any():
            self._tell_of_a_cut(embeddings)
        return embeddings.vectors

    def embed_detailed(
        self,
        texts: Sequence[str],
        *,
        role: EmbeddingRole = EmbeddingRole.GENERIC,
        prompt: str | None = None,
    ) -> Embeddings:
        """The vectors, and which texts were cut or split, and how many tokens each had.

        >>> embeddings = NativeEmbeddingService(minilm).embed_detailed(["short", "long " * 300])
        >>> embeddings.token_counts.tolist(), embeddings.truncated.tolist()
        ([3, 302], [False, True])
        """
        return self._embed_checked(checked_batch(texts), role, prompt)

    def tokenize(
        self,
        texts: Sequence[str],
        *,
        role: EmbeddingRole = EmbeddingRole.GENERIC,
        prompt: str | None = None,
    ) -> list[NDArray[np.int32]]:
        """For each text, the ids `(t,)` that the encoder is given.

        A text that is chunked has several entries, one for each of its windows.

        >>> NativeEmbeddingService(minilm).tokenize(["two words"], prompt="say: ")[0].tolist()
        [101, 2360, 1024, 2048, 2616, 102]
        """
        given = self._model_input(checked_batch(texts), self.instruction(role, prompt))
        return list(given.sequences)

    def token_counts(
        self,
        texts: Sequence[str],
        *,
        role: EmbeddingRole = EmbeddingRole.GENERIC,
        prompt: str | None = None,
    ) -> NDArray[np.int64]:
        """How many tokens each text has, int64 `(n,)`, as `embed_detailed` tells it.

        >>> NativeEmbeddingService(minilm).token_counts(["short", "long " * 300]).tolist()
        [3, 302]
        """
        instruction = self.instruction(role, prompt)
        return np.diff(self._load().packed(checked_batch(texts), instruction).cu_seqlens)

    def _embed_checked(
        self, texts: list[str], role: EmbeddingRole, prompt: str | None
    ) -> Embeddings:
        unique = list(dict.fromkeys(texts))
        try:
            given = self._model_input(unique, self.instruction(role, prompt))
        except TextTooLongError as error:
            place = texts.index(unique[error.index])
            raise TextTooLongError(place, error.token_count, error.max_tokens) from None
        vectors = self.quantized(self._load().vectors(given, output_dim=self._output_dim))
        if len(unique) == len(texts):
            return Embeddings(vectors, given.token_counts, given.truncated, given.chunks)
        places = {text: place for place, text in enumerate(unique)}
        rows = np.fromiter(map(places.__getitem__, texts), np.intp, count=len(texts))
        return Embeddings(
            vectors[rows], given.token_counts[rows], given.truncated[rows], given.chunks[rows]
        )

    def _model_input(self, texts: list[str], instruction: str) -> ModelInput:
        """What the encoder is given, for checked texts."""
        max_tokens = self.max_tokens
        given = self._load().model_input(
            texts, instruction, max_tokens=max_tokens, chunk=self._on_overflow == "chunk"
        )
        if self._on_overflow == "error" and given.truncated.any():
            index = int(given.truncated.argmax())
            raise TextTooLongError(index, int(given.token_counts[index]), max_tokens)
        return given

    def _load(self) -> LoadedModel:
        loaded = self._loader.load()
        if loaded is not self._checked:
            self._check_options(loaded.encoder)
            self._checked = loaded
        return loaded

    def _check_options(self, encoder: SentenceEncoder) -> None:
        if self._output_dim is not None:
            self._check_output_dim(self._output_dim, encoder.dimensions)
        if self._precision == "int8" and not encoder.normalize:
            raise EmbedError(
                "precision",
                "'int8' for a model whose vectors have length 1",
                "a model without that",
            )

    def _check_output_dim(self, output_dim: int, dimensions: int | None) -> None:
        least = (self._record.min_output_dim if self._record else None) or 1
        most_allowed = output_dim if dimensions is None else dimensions
        if type(output_dim) is not int or not least <= output_dim <= most_allowed:
            most = "up" if dimensions is None else f"to {dimensions}"
            raise EmbedError("output_dim", f"an int from {least} {most}", repr(output_dim))

    def _tell_of_a_cut(self, embeddings: Embeddings) -> None:
        with self._lock:
            if self._told_of_a_cut:
                return
            self._told_of_a_cut = True
        index = int(embeddings.truncated.argmax())
        _log.warning(
            "texts[%d] has %d tokens, and %s takes %d: its end was cut off. Other texts that are "
            'too long will be cut without a word; embed_detailed() tells which, on_overflow="chunk"'
            " reads all of them.",
            index,
            embeddings.token_counts[index],
            self._name,
            self.max_tokens,
        )
