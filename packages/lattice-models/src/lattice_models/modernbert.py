"""Packed token ids -> packed hidden states: ModernBERT (Warner et al. 2024).

Follows `ModernBertModel` of Hugging Face transformers. Most layers see a window of each text, every
third the whole of it, and the two kinds turn by angles of different bases. What a layer gives is
normalised before it is computed, not after ("pre-norm"), but for the first, which gets it so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .activation import ACTIVATIONS
from .attention import attention
from .config import ConfigFile
from .embeddings import positions_from_zero
from .errors import ConfigError
from .gated_feed_forward import GatedFeedForward
from .layer_norm import LayerNorm
from .layer_types import FULL, SLIDING, read_layer_types
from .linear import Linear
from .rotary import Rotary, Turn, read_theta, rotate
from .weights import Weights, open_weights

__all__ = ["ModernBert", "ModernBertConfig", "read_modernbert"]

# what they are here -> what they are called in a layer of the file
_LAYER = {
    "attention_norm": "attn_norm",
    "qkv": "attn.Wqkv",
    "attention_output": "attn.Wo",
    "feed_forward_norm": "mlp_norm",
    "gate_and_up": "mlp.Wi",
    "down": "mlp.Wo",
}
_WORDS, _WORDS_NORM = "embeddings.tok_embeddings.weight", "embeddings.norm"
_LAYERS, _FINAL_NORM = "layers.{}", "final_norm"
_PREFIXES = ("model.",)
_OTHER = ("head.", "decoder.", "classifier.")


@dataclass(frozen=True)
class ModernBertConfig:
    """The keys of `config.json` that change a vector."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    hidden_activation: str
    max_position_embeddings: int
    norm_eps: float
    norm_bias: bool
    attention_bias: bool
    mlp_bias: bool
    global_attn_every_n_layers: int  # where `layer_types` is `None`
    layer_types: tuple[str, ...] | None
    local_attention: int
    full_theta: float
    sliding_theta: float

    @classmethod
    def read(cls, file: ConfigFile) -> ModernBertConfig:
        """Read and check them; raises `ConfigError`."""
        layers = file.size("num_hidden_layers")
        config = cls(
            vocab_size=file.size("vocab_size"),
            hidden_size=file.size("hidden_size"),
            num_hidden_layers=layers,
            num_attention_heads=file.size("num_attention_heads"),
            intermediate_size=file.size("intermediate_size"),
            hidden_activation=file.choice("hidden_activation", ACTIVATIONS, "gelu"),
            max_position_embeddings=file.size("max_position_embeddings"),
            norm_eps=file.epsilon("norm_eps", 1e-5),
            norm_bias=file.get("norm_bias", bool, False),
            attention_bias=file.get("attention_bias", bool, False),
            mlp_bias=file.get("mlp_bias", bool, False),
            global_attn_every_n_layers=file.size("global_attn_every_n_layers", 3),
            layer_types=read_layer_types(file, layers),
            local_attention=file.size("local_attention", 128),
            full_theta=read_theta(file, "global_rope_theta", default=160_000.0, layer_type=FULL),
            sliding_theta=read_theta(
                file, "local_rope_theta", default=10_000.0, layer_type=SLIDING
            ),
        )
        file.refuse_remainder("hidden_size", "num_attention_heads")
        if config.head_size % 2:
            raise ConfigError(
                file.field("hidden_size"),
                "an even number of dimensions for each head",
                f"{config.head_size}, which is {config.hidden_size} by num_attention_heads",
            )
        return config

    @property
    def head_size(self) -> int:
        return self.hidden_size // self.num_attention_heads

    def layer_type(self, layer: int) -> str:
        if self.layer_types is None:
            return SLIDING if layer % self.global_attn_every_n_layers else FULL
        return self.layer_types[layer]

    def window(self, layer: int) -> tuple[int, int] | None:
        """How many tokens one sees before and after itself; `None` if it sees all."""
        reach = self.local_attention // 2
        return (reach, reach) if self.layer_type(layer) == SLIDING else None


@dataclass(frozen=True)
class _Layer:
    num_heads: int
    layer_type: str
    window: tuple[int, int] | None
    attention_norm: LayerNorm | None
    qkv: Linear  # D -> 3D
    attention_output: Linear  # D -> D
    feed_forward_norm: LayerNorm
    feed_forward: GatedFeedForward

    def __call__(
        self, hidden: NDArray[np.float32], cu_seqlens: NDArray[np.int64], turn: Turn
    ) -> NDArray[np.float32]:
        """`(T, D)` -> a new array `(T, D)`"""
        tokens, hidden_size = hidden.shape
        size = hidden_size // self.num_heads
        # the norms work in place
        normed = self.attention_norm(hidden.copy()) if self.attention_norm else hidden
        fused = self.qkv(normed).reshape(tokens, 3, self.num_heads, size)
        q, k, v = fused.swapaxes(0, 1)  # each (T, H, Dh), a view
        rotate(q, turn, scale=size**-0.5)
        rotate(k, turn)
        context = attention(q, k, v, cu_seqlens, window=self.window)
        attended = self.attention_output(context, added=hidden)
        normed = self.feed_forward_norm(attended.copy())
        return self.feed_forward(normed, added=attended)


class ModernBert:
    """The encoder."""

    def __init__(self, config: ModernBertConfig, weights: Weights) -> None:
        self.hidden_size = config.hidden_size
        self.vocab_size = config.vocab_size
        self.max_positions = config.max_position_embeddings
        self.words = weights.take(_WORDS, (config.vocab_size, config.hidden_size))
        self.words_norm = _norm(config, weights, _WORDS_NORM)
        self.layers = [_layer(config, weights, i) for i in range(config.num_hidden_layers)]
        self.rotaries = {
            FULL: Rotary(config.head_size, config.full_theta),
            SLIDING: Rotary(config.head_size, config.sliding_theta),
        }
        self.final_norm = _norm(config, weights, _FINAL_NORM)
        weights.finish(ignored=_OTHER)

    def __call__(
        self, ids: NDArray[np.integer], cu_seqlens: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """`ids` `(T,)`, `cu_seqlens` `(n+1,)` -> hidden states `(T, D)`."""
        hidden = self.words_norm(self.words[ids])
        positions = positions_from_zero(cu_seqlens)
        turns = {kind: rotary(positions) for kind, rotary in self.rotaries.items()}
        for layer in self.layers:
            hidden = layer(hidden, cu_seqlens, turns[layer.layer_type])
        return self.final_norm(hidden)


def _norm(config: ModernBertConfig, weights: Weights, name: str) -> LayerNorm:
    return LayerNorm.read(weights, name, config.hidden_size, config.norm_eps, bias=config.norm_bias)


def _layer(config: ModernBertConfig, weights: Weights, index: int) -> _Layer:
    hidden, inner = config.hidden_size, config.intermediate_size
    names = {part: f"{_LAYERS.format(index)}.{name}" for part, name in _LAYER.items()}

    def linear(part: str, out: int, into: int, *, bias: bool) -> Linear:
        return Linear.read(weights, names[part], out, into, bias=bias)

    both = linear("gate_and_up", 2 * inner, hidden, bias=config.mlp_bias)
    # views: the first half of the outputs goes through the activation
    gate, up = (
        Linear(both.weight[half], None if both.bias is None else both.bias[half])
        for half in (slice(inner), slice(inner, None))
    )
    return _Layer(
        num_heads=config.num_attention_heads,
        layer_type=config.layer_type(index),
        window=config.window(index),
        attention_norm=_norm(config, weights, names["attention_norm"]) if index else None,
        qkv=linear("qkv", 3 * hidden, hidden, bias=config.attention_bias),
        attention_output=linear("attention_output", hidden, hidden, bias=config.attention_bias),
        feed_forward_norm=_norm(config, weights, names["feed_forward_norm"]),
        feed_forward=GatedFeedForward(
            gate=gate,
            up=up,
            activation=ACTIVATIONS[config.hidden_activation],
            down=linear("down", hidden, inner, bias=config.mlp_bias),
        ),
    )


def read_modernbert(directory: Path, config: ConfigFile) -> ModernBert:
    """The model of a Hugging Face directory."""
    return ModernBert(ModernBertConfig.read(config), open_weights(directory, prefixes=_PREFIXES))
