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
from .post_norm_layer import LayerNames, PostNormLayer
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
    type_vocab_size: int
    layer_norm_eps: float

    @classmethod
    def read(cls, file: ConfigFile) -> BertConfig:
        """Read and check them; raises `ConfigError`."""
        file.refuse_unless("is_decoder", False)
        file.refuse_unless("add_cross_attention", False)
        file.refuse_unless("position_embedding_type", "absolute")
        config = cls(
            vocab_size=file.size("vocab_size"),
            hidden_size=file.size("hidden_size"),
            num_hidden_layers=file.size("num_hidden_layers"),
            num_attention_heads=file.size("num_attention_heads"),
            intermediate_size=file.size("intermediate_size"),
            hidden_act=file.choice("hidden_act", ACTIVATIONS, "gelu"),
            max_position_embeddings=file.size("max_position_embeddings"),
            type_vocab_size=file.size("type_vocab_size", 2),
            layer_norm_eps=file.epsilon("layer_norm_eps", 1e-12),
        )
        file.refuse_remainder("hidden_size", "num_attention_heads")
        return config


class Bert:
    """The encoder."""

    def __init__(self, config: BertConfig, weights: Weights) -> None:
        self.hidden_size = config.hidden_size
        self.vocab_size = config.vocab_size
        self.max_positions = config.max_position_embeddings
        self.embeddings = Embeddings.read(
            weights,
            hidden_size=config.hidden_size,
            vocab_size=config.vocab_size,
            positions=config.max_position_embeddings,
            types=config.type_vocab_size,
            eps=config.layer_norm_eps,
        )
        self.layers = PostNormLayer.read_all(
            weights,
            "encoder.layer",
            LAYER,
            num_layers=config.num_hidden_layers,
            hidden_size=config.hidden_size,
            num_heads=config.num_attention_heads,
            inner_size=config.intermediate_size,
            activation=config.hidden_act,
            eps=config.layer_norm_eps,
        )
        weights.finish(ignored=_OTHER)

    def __call__(
        self, ids: NDArray[np.integer], cu_seqlens: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """`ids` `(T,)`, `cu_seqlens` `(n+1,)` -> hidden states `(T, D)`."""
        hidden = self.embeddings(ids, positions_from_zero(cu_seqlens))
        for layer in self.layers:
            hidden = layer(hidden, cu_seqlens)
        return hidden


def read_bert(directory: Path, config: ConfigFile) -> Bert:
    """The model of a Hugging Face directory."""
    return Bert(BertConfig.read(config), open_weights(directory, prefixes=_PREFIXES))
