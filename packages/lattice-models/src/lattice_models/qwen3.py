"""Packed token ids -> packed hidden states: Qwen3 (Yang et al. 2025), as Qwen3-Embedding uses it.

Follows `Qwen3Model` of Hugging Face transformers: a decoder, so a token sees itself and what comes
before it. The head that predicts tokens is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .activation import ACTIVATIONS
from .config import ConfigFile
from .embeddings import positions_from_zero
from .errors import ConfigError
from .gated_feed_forward import GatedFeedForward
from .grouped_attention import GroupedAttention
from .layer_types import FULL, SLIDING, read_layer_types
from .linear import Linear
from .rms_norm import RmsNorm
from .rotary import Rotary, Turn, read_theta
from .weights import Weights, open_weights

__all__ = ["Qwen3", "Qwen3Config", "read_qwen3"]

# what they are here -> what they are called in a layer of the file, beside those of its attention
_LAYER = {
    "attention_norm": "input_layernorm",
    "feed_forward_norm": "post_attention_layernorm",
    "gate": "mlp.gate_proj",
    "up": "mlp.up_proj",
    "down": "mlp.down_proj",
}
_WORDS, _LAYERS, _FINAL_NORM = "embed_tokens.weight", "layers.{}", "norm"
_PREFIXES = ("model.",)
_OTHER = ("lm_head.",)


@dataclass(frozen=True)
class Qwen3Config:
    """The keys of `config.json` that change a vector."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    intermediate_size: int
    hidden_act: str
    max_position_embeddings: int
    rms_norm_eps: float
    rope_theta: float
    attention_bias: bool
    sliding_window: int | None  # counts the token itself
    max_window_layers: int  # the first layer with a window, where `layer_types` is `None`
    layer_types: tuple[str, ...] | None

    @classmethod
    def read(cls, file: ConfigFile) -> Qwen3Config:
        """Read and check them; raises `ConfigError`."""
        heads = file.size("num_attention_heads")
        layers = file.size("num_hidden_layers")
        windowed = (
            file.get("use_sliding_window", bool, False)
            and file.content.get("sliding_window", 4096) is not None
        )
        config = cls(
            vocab_size=file.size("vocab_size"),
            hidden_size=file.size("hidden_size"),
            num_hidden_layers=layers,
            num_attention_heads=heads,
            num_key_value_heads=file.size("num_key_value_heads"),
            head_dim=file.size("head_dim", 128),  # a size of its own, not hidden_size / heads
            intermediate_size=file.size("intermediate_size"),
            hidden_act=file.choice("hidden_act", ACTIVATIONS, "silu"),
            max_position_embeddings=file.size("max_position_embeddings"),
            rms_norm_eps=file.epsilon("rms_norm_eps", 1e-6),
            rope_theta=read_theta(file, default=10_000.0),
            attention_bias=file.get("attention_bias", bool, False),
            sliding_window=file.size("sliding_window", 4096) if windowed else None,
            max_window_layers=file.size("max_window_layers", 28, least=0),
            layer_types=read_layer_types(file, layers),
        )
        file.refuse_remainder("num_attention_heads", "num_key_value_heads")
        if config.head_dim % 2:
            raise ConfigError(file.field("head_dim"), "an even number", str(config.head_dim))
        if SLIDING in (config.layer_types or ()) and not windowed:
            raise ConfigError(
                file.field("layer_types"),
                f"{FULL}, without use_sliding_window and a sliding_window",
                SLIDING,
            )
        return config

    def window(self, layer: int) -> tuple[int, int] | None:
        """How many tokens one sees before and after itself; `None` if it sees all before it."""
        if self.layer_types is None:
            sliding = layer >= self.max_window_layers
        else:
            sliding = self.layer_types[layer] == SLIDING
        return (self.sliding_window - 1, 0) if sliding and self.sliding_window else None


@dataclass(frozen=True)
class _Layer:
    attention_norm: RmsNorm
    attention: GroupedAttention
    feed_forward_norm: RmsNorm
    feed_forward: GatedFeedForward

    def __call__(
        self, hidden: NDArray[np.float32], cu_seqlens: NDArray[np.int64], turn: Turn
    ) -> NDArray[np.float32]:
        """`(T, D)` -> a new array `(T, D)`"""
        attended = self.attention(self.attention_norm(hidden), cu_seqlens, turn, added=hidden)
        return self.feed_forward(self.feed_forward_norm(attended), added=attended)


class Qwen3:
    """The encoder."""

    def __init__(self, config: Qwen3Config, weights: Weights) -> None:
        self.hidden_size = config.hidden_size
        self.vocab_size = config.vocab_size
        self.max_positions = config.max_position_embeddings
        self.words = weights.take(_WORDS, (config.vocab_size, config.hidden_size))
        self.layers = [_layer(config, weights, i) for i in range(config.num_hidden_layers)]
        self.rotary = Rotary(config.head_dim, config.rope_theta)
        self.final_norm = RmsNorm.read(
            weights, _FINAL_NORM, config.hidden_size, config.rms_norm_eps
        )
        weights.finish(ignored=_OTHER)

    def __call__(
        self, ids: NDArray[np.integer], cu_seqlens: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """`ids` `(T,)`, `cu_seqlens` `(n+1,)` -> hidden states `(T, D)`."""
        hidden: NDArray[np.float32] = self.words[ids]
        turn = self.rotary(positions_from_zero(cu_seqlens))
        for layer in self.layers:
            hidden = layer(hidden, cu_seqlens, turn)
        return self.final_norm(hidden, out=hidden)


def _layer(config: Qwen3Config, weights: Weights, index: int) -> _Layer:
    hidden, inner, eps = config.hidden_size, config.intermediate_size, config.rms_norm_eps
    layer = _LAYERS.format(index)
    names = {part: f"{layer}.{name}" for part, name in _LAYER.items()}

    def linear(part: str, out: int, into: int) -> Linear:
        return Linear.read(weights, names[part], out, into, bias=False)

    def norm(part: str) -> RmsNorm:
        return RmsNorm.read(weights, names[part], hidden, eps)

    return _Layer(
        attention_norm=norm("attention_norm"),
        attention=GroupedAttention.read(
            weights,
            layer,
            hidden_size=hidden,
            num_heads=config.num_attention_heads,
            key_heads=config.num_key_value_heads,
            head_size=config.head_dim,
            scale=config.head_dim**-0.5,
            causal=True,
            window=config.window(index),
            bias=config.attention_bias,
            eps=eps,
        ),
        feed_forward_norm=norm("feed_forward_norm"),
        feed_forward=GatedFeedForward(
            gate=linear("gate", inner, hidden),
            up=linear("up", inner, hidden),
            activation=ACTIVATIONS[config.hidden_act],
            down=linear("down", hidden, inner),
        ),
    )


def read_qwen3(directory: Path, config: ConfigFile) -> Qwen3:
    """The model of a Hugging Face directory."""
    return Qwen3(Qwen3Config.read(config), open_weights(directory, prefixes=_PREFIXES))
