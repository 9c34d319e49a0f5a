"""Packed token ids -> packed hidden states: DistilBERT (Sanh et al. 2019).

BERT under other names, without token types. Follows `DistilBertModel` of Hugging Face transformers
in evaluation mode. Sinusoidal position embeddings are in the checkpoint as any others.
"""

from __future__ import annotations

from pathlib import Path

from .activation import ACTIVATIONS
from .bert import Bert, BertConfig
from .config import ConfigFile
from .post_norm_layer import LayerNames
from .weights import open_weights

__all__ = ["read_distilbert"]

_STACK = "transformer.layer"
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


def _config(file: ConfigFile) -> BertConfig:
    """The keys that change a vector."""
    config = BertConfig(
        vocab_size=file.size("vocab_size"),
        hidden_size=file.size("dim"),
        num_hidden_layers=file.size("n_layers"),
        num_attention_heads=file.size("n_heads"),
        intermediate_size=file.size("hidden_dim"),
        hidden_act=file.choice("activation", ACTIVATIONS, "gelu"),
        max_position_embeddings=file.size("max_position_embeddings"),
        type_vocab_size=None,
        layer_norm_eps=_EPS,
    )
    file.refuse_remainder("dim", "n_heads")
    return config


def read_distilbert(directory: Path, config: ConfigFile) -> Bert:
    """The model of a Hugging Face directory; raises `ConfigError` and `WeightsError`."""
    return Bert(
        _config(config),
        open_weights(directory, prefixes=_PREFIXES),
        stack=_STACK,
        names=_LAYER,
        other=_OTHER,
    )
