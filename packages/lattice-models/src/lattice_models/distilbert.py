"""Packed token ids -> packed hidden states: DistilBERT (Sanh et al. 2019).

BERT's layers under other names, without token types. Follows `DistilBertModel` of Hugging Face
transformers in evaluation mode. Sinusoidal position embeddings are in the checkpoint as any others.
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

__all__ = ["DistilBert", "DistilBertConfig", "read_distilbert"]

_LAYER = LayerNames(
    query="attention.q_lin",
    key="attention.k_lin",
    value="attention.v_lin",
    attention_output="attention.out_lin",
    attention_norm="sa_layer_norm",
    feed_forward_in="ffn.lin1",
    feed_forward_out="ffn.lin2",
    output_norm="output_layer_norm",
)
_PREFIXES = ("distilbert.",)
_OTHER = (
    "vocab_transform.",
    "vocab_layer_norm.",
    "vocab_projector.",
    "pre_classifier.",
    "classifier.",
    "qa_outputs.",
    "embeddings.position_ids",
)
_EPS = 1e-12  # a constant of the original; config.json has no key for it


@dataclass(frozen=True)
class DistilBertConfig:
    """The keys of `config.json` that change a vector."""

    vocab_size: int
    dim: int
    n_layers: int
    n_heads: int
    hidden_dim: int
    activation: str
    max_position_embeddings: int

    @classmethod
    def read(cls, file: ConfigFile) -> DistilBertConfig:
        """Read and check them; raises `ConfigError`."""
        config = cls(
            vocab_size=file.size("vocab_size"),
            dim=file.size("dim"),
            n_layers=file.size("n_layers"),
            n_heads=file.size("n_heads"),
            hidden_dim=file.size("hidden_dim"),
            activation=file.choice("activation", ACTIVATIONS, "gelu"),
            max_position_embeddings=file.size("max_position_embeddings"),
        )
        file.refuse_remainder("dim", "n_heads")
        return config


class DistilBert:
    """The encoder."""

    def __init__(self, config: DistilBertConfig, weights: Weights) -> None:
        self.hidden_size = config.dim
        self.vocab_size = config.vocab_size
        self.max_positions = config.max_position_embeddings
        self.embeddings = Embeddings.read(
            weights,
            hidden_size=config.dim,
            vocab_size=config.vocab_size,
            positions=config.max_position_embeddings,
            types=None,
            eps=_EPS,
        )
        self.layers = PostNormLayer.read_all(
            weights,
            "transformer.layer",
            _LAYER,
            num_layers=config.n_layers,
            hidden_size=config.dim,
            num_heads=config.n_heads,
            inner_size=config.hidden_dim,
            activation=config.activation,
            eps=_EPS,
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


def read_distilbert(directory: Path, config: ConfigFile) -> DistilBert:
    """The model of a Hugging Face directory."""
    return DistilBert(DistilBertConfig.read(config), open_weights(directory, prefixes=_PREFIXES))
