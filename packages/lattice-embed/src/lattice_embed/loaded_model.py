"""The model that a user named -> its tokenizer and encoder, read from files when first needed.

texts --instruction--> --tokenizer--> ids --fit--> ModelInput --encoder--> vectors (w, D)
    --output_dim--> --merge--> (n, D)
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass

import numpy as np
from lattice_models import KernelChoice, SentenceEncoder
from lattice_tokenize import PackedIds, Tokenizer
from lattice_tokenize.post_processors import IdsTemplate, ids_template
from numpy.typing import NDArray

from .catalog import ModelRecord
from .model_files import LocalModel, locate_model
from .overflow import ModelInput, fit
from .repository_files import encoder_directory

__all__ = ["LoadedModel", "ModelLoader"]

_WITHOUT_LIMIT = 1 << 62  # tokens; the tokenizer's own limit is not the model's


@dataclass(frozen=True)
class LoadedModel:
    """`template`: where the tokenizer puts special tokens. `max_tokens`: with these."""

    local: LocalModel
    tokenizer: Tokenizer
    template: IdsTemplate
    encoder: SentenceEncoder
    max_tokens: int

    def packed(
        self, texts: list[str], instruction: str, *, add_special_tokens: bool = True
    ) -> PackedIds:
        """The ids of whole texts, each behind the instruction."""
        return self.tokenizer.encode_packed(
            [instruction + text for text in texts] if instruction else texts,
            max_tokens=_WITHOUT_LIMIT,
            add_special_tokens=add_special_tokens,
        )

    def model_input(
        self, texts: list[str], instruction: str, *, max_tokens: int, chunk: bool
    ) -> ModelInput:
        """What the encoder is given: texts of more than `max_tokens` are split, or else cut."""
        alone: list[int] = []
        if chunk and instruction:
            alone = self.packed([instruction], "", add_special_tokens=False).ids.tolist()
        return fit(
            self.packed(texts, instruction),
            self.template,
            max_tokens=max_tokens,
            chunk=chunk,
            instruction_ids=alone,
        )

    def vectors(self, given: ModelInput, *, output_dim: int | None) -> NDArray[np.float32]:
        """One `(D,)` for each text; of each window, the first `output_dim` numbers."""
        ids, cu_seqlens = given.sequences.ids, given.sequences.cu_seqlens
        windows = self.encoder.encode(ids, cu_seqlens, output_dim=output_dim)
        return given.merge(windows, normalize=self.encoder.normalize)


class ModelLoader:
    """Reads a model once, whichever thread asks first; after an error it can be asked again."""

    def __init__(
        self, model: str | os.PathLike[str], record: ModelRecord | None, kernels: KernelChoice
    ) -> None:
        """`record`: what the catalog says of the model, if it is one of its."""
        self._model = model
        self._record = record
        self._kernels: KernelChoice = kernels
        self._lock = threading.Lock()
        self._loaded: LoadedModel | None = None

    def load(self) -> LoadedModel:
        """Raises `EmbedError`, `ModelError` or `TokenizeError`."""
        # once it is there, it stays: reading it needs no lock
        if self._loaded is None:
            with self._lock:
                if self._loaded is None:
                    self._loaded = self._read()
        return self._loaded

    def _read(self) -> LoadedModel:
        local = locate_model(self._model)
        tokenizer = Tokenizer.from_pretrained(encoder_directory(local.directory))
        encoder = SentenceEncoder.from_pretrained(local.directory, kernels=self._kernels)
        limits = [encoder.max_tokens, *([self._record.max_tokens] if self._record else [])]
        template = ids_template(tokenizer.post_processor)
        return LoadedModel(local, tokenizer, template, encoder, min(limits))
