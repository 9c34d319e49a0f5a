"""Packed token ids -> packed hidden states: BERT (Devlin et al. 2018).

Follows `BertModel` of Hugging Face transformers with `add_pooling_layer=False`, in evaluation mode.
Differs on purpose: a decoder, and position embeddings that are not absolute, are refused; the
original computes the latter as absolute ones without a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .activation import ACTIVATIONS
from .config import ConfigFile
from .embeddings import Embeddings, positions_from_zero
from .post_norm_layer import LayerNames, PostNormLayers
from .weights import Weights, open_weights

__all__ = ["LAYER", "Bert", "BertConfig", "read_bert"]

LAYER = LayerNames(
    query="attention.self.query",
    key="attention.self.key",
    value="attention.self.value",
    attention_output="attention.output.dense",
    attention_norm="attention.output.LayerNorm",
    feed_forward_in="intermediate.dense",
    feed_forward_out="output.dense",
    output_norm="output.LayerNorm",
)

# what stands before every name where a task head shares the file
_PREFIXES = ("bert.",)
# those heads, and buffers that older checkpoints keep; they take no part in the encoder
_OTHER = ("pooler.", "cls.", "classifier.", "qa_outputs.", "embeddings.position_ids")


@dataclass(frozen=True)
class BertConfig:
    """The keys of `config.json` that change a vector."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_act: str
    max_position_embeddings: int
    type_vocab_size: int | None  # `None` where the family has no token types
    layer_norm_eps: float

    @classmethod
    def read(cls, file: ConfigFile) -> BertConfig:
        """Read and check them; raises `ConfigError`."""
        file.refuse_unless("is_decoder", False)
        file.refuse_unless("add_cross_attention", False)
        file.refuse_unless("position_embedding_type", "absolute")
        return cls.read_sizes(file, type_vocab_size=file.size("type_vocab_size", 2))

    @classmethod
    def read_sizes(cls, file: ConfigFile, *, type_vocab_size: int | None) -> BertConfig:
        """The keys that families with BERT's layers share."""
        config = cls(
            vocab_size=file.size("vocab_size"),
            hidden_size=file.size("hidden_size"),
            num_hidden_layers=file.size("num_hidden_layers"),
            num_attention_heads=file.size("num_attention_heads"),
            intermediate_size=file.size("intermediate_size"),
            hidden_act=file.choice("hidden_act", ACTIVATIONS, "gelu"),
            max_position_embeddings=file.size("max_position_embeddings"),
            type_vocab_size=type_vocab_size,
            layer_norm_eps=file.epsilon("layer_norm_eps", 1e-12),
        )
        file.refuse_remainder("hidden_size", "num_attention_heads")
        return config

    def read_embeddings(self, weights: Weights) -> Embeddings:
        """Take their tensors."""
        return Embeddings.read(
            weights,
            hidden_size=self.hidden_size,
            vocab_size=self.vocab_size,
            positions=self.max_position_embeddings,
            types=self.type_vocab_size,
            eps=self.layer_norm_eps,
        )

    def read_layers(
        self, weights: Weights, *, stack: str = "encoder.layer", names: LayerNames = LAYER
    ) -> PostNormLayers:
        """Take the tensors of every layer."""
        return PostNormLayers.read(
            weights,
            stack,
            names,
            num_layers=self.num_hidden_layers,
            hidden_size=self.hidden_size,
            num_heads=self.num_attention_heads,
            inner_size=self.intermediate_size,
            activation=self.hidden_act,
            eps=self.layer_norm_eps,
        )


class Bert:
    """The encoder. `stack` and `names`: what the layers are called; `other`: heads of tasks."""

    def __init__(
        self,
        config: BertConfig,
        weights: Weights,
        *,
        stack: str = "encoder.layer",
        names: LayerNames = LAYER,
        other: tuple[str, ...] = _OTHER,
    ) -> None:
        self.hidden_size = config.hidden_size
        self.vocab_size = config.vocab_size
        self.max_positions = config.max_position_embeddings
        self.embeddings = config.read_embeddings(weights)
        self.layers = config.read_layers(weights, stack=stack, names=names)
        weights.finish(ignored=other)

    def __call__(
        self, ids: NDArray[np.integer], cu_seqlens: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """`ids` `(T,)`, `cu_seqlens` `(n+1,)` -> hidden states `(T, D)`."""
        hidden = self.embeddings(ids, positions_from_zero(cu_seqlens))
        return self.layers(hidden, cu_seqlens)


def read_bert(directory: Path, config: ConfigFile) -> Bert:
    """The model of a Hugging Face directory."""
    return Bert(BertConfig.read(config), open_weights(directory, prefixes=_PREFIXES))
