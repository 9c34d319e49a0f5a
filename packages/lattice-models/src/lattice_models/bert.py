"""Packed token ids -> packed hidden states: the BERT encoder (Devlin et al. 2018).

Follows `BertModel` of Hugging Face transformers with `add_pooling_layer=False`, in evaluation mode.
Texts are packed without padding, and queries, keys and values come from one product.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .activation import gelu
from .attention import attention
from .config import BertConfig
from .layer_norm import layer_norm
from .weights import Weights, find_weights_file

__all__ = ["Bert"]

Array = NDArray[np.float32]

# Heads of other tasks that share the file; they take no part in the encoder.
_OTHER_HEADS = ("pooler.", "cls.", "embeddings.position_ids")

# OpenBLAS copies the right factor of a product into its own layout at each call. With few rows
# that copy is the whole cost, so up to here the weights stand on the left: 1.8 times as fast.
_FEW_ROWS = 64


@dataclass(frozen=True)
class _Linear:
    weight: Array  # (out, in), as checkpoints keep it
    bias: Array  # (out,)

    def __call__(self, x: Array) -> Array:
        """`(T, in)` -> `(T, out)`"""
        if len(x) <= _FEW_ROWS:
            y = np.ascontiguousarray((self.weight @ x.T).T)
        else:
            y = x @ self.weight.T
        y += self.bias
        return y


@dataclass(frozen=True)
class _LayerNorm:
    weight: Array  # (D,)
    bias: Array  # (D,)
    eps: float

    def __call__(self, x: Array) -> Array:
        return layer_norm(x, self.weight, self.bias, self.eps)


@dataclass(frozen=True)
class _Layer:
    qkv: _Linear
    attention_output: _Linear
    attention_norm: _LayerNorm
    intermediate: _Linear
    output: _Linear
    output_norm: _LayerNorm

    def __call__(self, hidden: Array, cu_seqlens: NDArray[np.int64], num_heads: int) -> Array:
        """`(T, D)` -> `(T, D)`"""
        context = attention(self.qkv(hidden), cu_seqlens, num_heads)
        attended = self.attention_output(context)
        attended += hidden
        hidden = self.attention_norm(attended)
        fed_forward = self.output(gelu(self.intermediate(hidden)))  # (T, F) inside
        fed_forward += hidden
        return self.output_norm(fed_forward)


class Bert:
    """The encoder. Read-only after loading, so safe to call from several threads."""

    def __init__(self, config: BertConfig, weights: Weights) -> None:
        self.config = config
        hidden, inner = config.hidden_size, config.intermediate_size

        def linear(name: str, out: int, into: int) -> _Linear:
            return _Linear(
                weights.take(f"{name}.weight", (out, into)), weights.take(f"{name}.bias", (out,))
            )

        def norm(name: str) -> _LayerNorm:
            return _LayerNorm(
                weights.take(f"{name}.weight", (hidden,)),
                weights.take(f"{name}.bias", (hidden,)),
                config.layer_norm_eps,
            )

        def layer(name: str) -> _Layer:
            query, key, value = (
                linear(f"{name}.attention.self.{part}", hidden, hidden)
                for part in ("query", "key", "value")
            )
            # the scale of the scores is put into the queries once, here
            scale = np.float32(config.head_size**-0.5)
            return _Layer(
                qkv=_Linear(
                    np.concatenate([query.weight * scale, key.weight, value.weight]),
                    np.concatenate([query.bias * scale, key.bias, value.bias]),
                ),
                attention_output=linear(f"{name}.attention.output.dense", hidden, hidden),
                attention_norm=norm(f"{name}.attention.output.LayerNorm"),
                intermediate=linear(f"{name}.intermediate.dense", inner, hidden),
                output=linear(f"{name}.output.dense", hidden, inner),
                output_norm=norm(f"{name}.output.LayerNorm"),
            )

        self._words = weights.take("embeddings.word_embeddings.weight", (config.vocab_size, hidden))
        positions = weights.take(
            "embeddings.position_embeddings.weight", (config.max_position_embeddings, hidden)
        )
        types = weights.take(
            "embeddings.token_type_embeddings.weight", (config.type_vocab_size, hidden)
        )
        self._positions = positions + types[0]  # a text alone is of type 0 throughout
        self._norm = norm("embeddings.LayerNorm")
        self._layers = [layer(f"encoder.layer.{i}") for i in range(config.num_hidden_layers)]
        weights.finish(ignored=_OTHER_HEADS)

    @classmethod
    def from_directory(cls, directory: Path, config: BertConfig) -> Bert:
        """Load the weights of a Hugging Face directory."""
        return cls(config, Weights(find_weights_file(directory), prefixes=("bert.",)))

    def __call__(self, ids: NDArray[np.integer], cu_seqlens: NDArray[np.int64]) -> Array:
        """`ids` `(T,)`, `cu_seqlens` `(n+1,)` -> hidden states float32 `(T, D)`."""
        lengths = np.diff(cu_seqlens)
        positions = np.arange(len(ids)) - np.repeat(cu_seqlens[:-1], lengths)
        hidden: Array = self._words[ids]
        hidden += self._positions[positions]
        hidden = self._norm(hidden)
        for layer in self._layers:
            hidden = layer(hidden, cu_seqlens, self.config.num_attention_heads)
        return hidden
