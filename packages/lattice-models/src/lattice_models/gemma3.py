"""Packed token ids -> packed hidden states: Gemma 3 (2025) for text, as EmbeddingGemma uses it.

Follows `Gemma3TextModel` of Hugging Face transformers, also where `use_bidirectional_attention` is
not set. Most layers see a window of each text, every sixth the whole of it, and the two kinds turn
by angles of different bases. Attention and feed-forward network each have a norm before and after.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .activation import ACTIVATIONS
from .config import ConfigFile
from .embeddings import positions_from_zero
from .errors import ConfigError, UnsupportedModelError
from .gated_feed_forward import GatedFeedForward
from .grouped_attention import GroupedAttention
from .layer_types import FULL, SLIDING, read_layer_types
from .linear import Linear
from .rms_norm import RmsNorm
from .rotary import Rotary, Turn, read_theta
from .weights import Weights, open_weights

__all__ = ["Gemma3", "Gemma3Config", "read_gemma3"]

# what they are here -> what they are called in a layer of the file, beside those of its attention
_LAYER = {
    "attention_norm": "input_layernorm",
    "attended_norm": "post_attention_layernorm",
    "feed_forward_norm": "pre_feedforward_layernorm",
    "gate": "mlp.gate_proj",
    "up": "mlp.up_proj",
    "down": "mlp.down_proj",
    "fed_forward_norm": "post_feedforward_layernorm",
}
_WORDS, _LAYERS, _FINAL_NORM = "embed_tokens.weight", "layers.{}", "norm"
_PREFIXES = ("model.",)
_OTHER = ("lm_head.",)
_NORMS_AROUND = 1.0  # what the file stores of a norm's weights is how far they are from it


@dataclass(frozen=True)
class Gemma3Config:
    """The keys of `config.json` that change a vector."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    intermediate_size: int
    hidden_activation: str
    max_position_embeddings: int
    rms_norm_eps: float
    attention_bias: bool
    query_pre_attn_scalar: int
    use_bidirectional_attention: bool
    sliding_window: int
    sliding_window_pattern: int  # where `layer_types` is `None`
    layer_types: tuple[str, ...] | None
    full_theta: float
    sliding_theta: float

    @classmethod
    def read(cls, file: ConfigFile) -> Gemma3Config:
        """Read and check them; raises `ConfigError`."""
        if file.content.get("attn_logit_softcapping") is not None:
            raise UnsupportedModelError(
                file.field("attn_logit_softcapping"),
                "null",
                repr(file.content["attn_logit_softcapping"]),
            )
        layers = file.size("num_hidden_layers")
        config = cls(
            vocab_size=file.size("vocab_size"),
            hidden_size=file.size("hidden_size"),
            num_hidden_layers=layers,
            num_attention_heads=file.size("num_attention_heads"),
            num_key_value_heads=file.size("num_key_value_heads"),
            head_dim=file.size("head_dim", 256),  # a size of its own, not hidden_size / heads
            intermediate_size=file.size("intermediate_size"),
            hidden_activation=file.choice("hidden_activation", ACTIVATIONS, "gelu_pytorch_tanh"),
            max_position_embeddings=file.size("max_position_embeddings"),
            rms_norm_eps=file.epsilon("rms_norm_eps", 1e-6),
            attention_bias=file.get("attention_bias", bool, False),
            query_pre_attn_scalar=file.size("query_pre_attn_scalar", 256),
            use_bidirectional_attention=file.get("use_bidirectional_attention", bool, False),
            sliding_window=file.size("sliding_window", 4096),
            sliding_window_pattern=file.size("sliding_window_pattern", 6),
            layer_types=read_layer_types(file, layers),
            full_theta=read_theta(file, default=1e6, layer_type=FULL),
            sliding_theta=read_theta(
                file, "rope_local_base_freq", default=10_000.0, layer_type=SLIDING
            ),
        )
        file.refuse_remainder("num_attention_heads", "num_key_value_heads")
        if config.head_dim % 2:
            raise ConfigError(file.field("head_dim"), "an even number", str(config.head_dim))
        return config

    def layer_type(self, layer: int) -> str:
        if self.layer_types is None:
            return SLIDING if (layer + 1) % self.sliding_window_pattern else FULL
        return self.layer_types[layer]

    def window(self, layer: int) -> tuple[int, int] | None:
        """How many tokens one sees before and after itself; `None` if there is no such limit."""
        if self.layer_type(layer) == FULL:
            return None
        if self.use_bidirectional_attention:
            return self.sliding_window // 2, self.sliding_window // 2  # the file counts both sides
        return self.sliding_window - 1, 0  # it counts the token itself


@dataclass(frozen=True)
class _Layer:
    layer_type: str
    attention_norm: RmsNorm
    attention: GroupedAttention
    attended_norm: RmsNorm
    feed_forward_norm: RmsNorm
    feed_forward: GatedFeedForward
    fed_forward_norm: RmsNorm

    def __call__(
        self, hidden: NDArray[np.float32], cu_seqlens: NDArray[np.int64], turn: Turn
    ) -> NDArray[np.float32]:
        """`(T, D)` -> a new array `(T, D)`"""
        attended = self.attention(self.attention_norm(hidden), cu_seqlens, turn)
        attended = self.attended_norm(attended, out=attended)
        attended += hidden
        fed_forward = self.feed_forward(self.feed_forward_norm(attended))
        fed_forward = self.fed_forward_norm(fed_forward, out=fed_forward)
        fed_forward += attended
        return fed_forward


class Gemma3:
    """The encoder."""

    def __init__(self, config: Gemma3Config, weights: Weights) -> None:
        self.hidden_size = config.hidden_size
        self.vocab_size = config.vocab_size
        self.max_positions = config.max_position_embeddings
        self.words = weights.take(_WORDS, (config.vocab_size, config.hidden_size))
        self.layers = [_layer(config, weights, i) for i in range(config.num_hidden_layers)]
        self.rotaries = {
            FULL: Rotary(config.head_dim, config.full_theta),
            SLIDING: Rotary(config.head_dim, config.sliding_theta),
        }
        self.final_norm = _norm(config, weights, _FINAL_NORM)
        weights.finish(ignored=_OTHER)

    def __call__(
        self, ids: NDArray[np.integer], cu_seqlens: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """`ids` `(T,)`, `cu_seqlens` `(n+1,)` -> hidden states `(T, D)`."""
        # in float64: a factor rounded to float32 would be off for every number alike
        scale = self.hidden_size**0.5
        hidden = np.multiply(self.words[ids], scale, dtype=np.float64).astype(np.float32)
        positions = positions_from_zero(cu_seqlens)
        turns = {kind: rotary(positions) for kind, rotary in self.rotaries.items()}
        for layer in self.layers:
            hidden = layer(hidden, cu_seqlens, turns[layer.layer_type])
        return self.final_norm(hidden, out=hidden)


def _norm(config: Gemma3Config, weights: Weights, name: str) -> RmsNorm:
    return RmsNorm.read(
        weights, name, config.hidden_size, config.rms_norm_eps, around=_NORMS_AROUND
    )


def _layer(config: Gemma3Config, weights: Weights, index: int) -> _Layer:
    hidden, inner = config.hidden_size, config.intermediate_size
    layer = _LAYERS.format(index)
    names = {part: f"{layer}.{name}" for part, name in _LAYER.items()}

    def linear(part: str, out: int, into: int) -> Linear:
        return Linear.read(weights, names[part], out, into, bias=False)

    def norm(part: str) -> RmsNorm:
        return _norm(config, weights, names[part])

    return _Layer(
        layer_type=config.layer_type(index),
        attention_norm=norm("attention_norm"),
        attention=GroupedAttention.read(
            weights,
            layer,
            hidden_size=hidden,
            num_heads=config.num_attention_heads,
            key_heads=config.num_key_value_heads,
            head_size=config.head_dim,
            scale=config.query_pre_attn_scalar**-0.5,
            causal=not config.use_bidirectional_attention,
            window=config.window(index),
            bias=config.attention_bias,
            eps=config.rms_norm_eps,
            norms_around=_NORMS_AROUND,
        ),
        attended_norm=norm("attended_norm"),
        feed_forward_norm=norm("feed_forward_norm"),
        feed_forward=GatedFeedForward(
            gate=linear("gate", inner, hidden),
            up=linear("up", inner, hidden),
            activation=ACTIVATIONS[config.hidden_activation],
            down=linear("down", hidden, inner),
        ),
        fed_forward_norm=norm("fed_forward_norm"),
    )


def read_gemma3(directory: Path, config: ConfigFile) -> Gemma3:
    """The model of a Hugging Face directory."""
    return Gemma3(Gemma3Config.read(config), open_weights(directory, prefixes=_PREFIXES))
