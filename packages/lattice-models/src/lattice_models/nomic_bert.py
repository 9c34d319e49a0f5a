"""Packed token ids -> packed hidden states: Nomic-BERT (Nussbaum et al. 2024).

Follows `NomicBertModel` of Hugging Face transformers: BERT with rotary angles in place of position
embeddings, a gated feed-forward network, and no biases. Published checkpoints carry the names and
the `config.json` of the authors' own code, which began as GPT-2's; transformers renames the tensors
and, where a key has another name, takes its default. Here both spellings of a key are read.

Differs on purpose: variants of the authors' code that no embedding model without experts uses, and
that transformers would compute as if they were not there, are refused.
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
from .errors import ConfigError, UnsupportedModelError
from .gated_feed_forward import GatedFeedForward
from .layer_norm import LayerNorm
from .linear import Linear
from .rotary import Rotary, Turn, read_theta, rotate
from .weights import Weights, open_weights

__all__ = ["NomicBert", "NomicBertConfig", "read_nomic_bert"]

# what they are here -> what they are called in a layer of the file
_LAYER = {
    "qkv": "attn.Wqkv",
    "attention_output": "attn.out_proj",
    "attention_norm": "norm1",
    "gate": "mlp.fc12",
    "up": "mlp.fc11",
    "down": "mlp.fc2",
    "output_norm": "norm2",
}
_WORDS, _TYPES = "embeddings.word_embeddings.weight", "embeddings.token_type_embeddings.weight"
_WORDS_NORM, _LAYERS = "emb_ln", "encoder.layers.{}"
_PREFIXES = ("bert.", "nomic_bert.")
_OTHER = ("pooler.", "cls.", "classifier.")

# key in transformers -> key of the authors
_AUTHORS_KEYS = {
    "hidden_size": "n_embd",
    "num_hidden_layers": "n_layer",
    "num_attention_heads": "n_head",
    "intermediate_size": "n_inner",
    "max_position_embeddings": "n_positions",
    "layer_norm_eps": "layer_norm_epsilon",
}

# keys of the authors' code -> the only value that is computed here
_FIXED: dict[str, bool | float | None] = {
    "prenorm": False,
    "parallel_block": False,
    "use_rms_norm": False,
    "causal": False,
    "qkv_proj_bias": False,
    "mlp_fc1_bias": False,
    "mlp_fc2_bias": False,
    "rotary_emb_fraction": 1.0,
    "rotary_emb_interleaved": False,
    "rotary_emb_scale_base": None,
}


@dataclass(frozen=True)
class NomicBertConfig:
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
    rope_theta: float

    @classmethod
    def read(cls, file: ConfigFile) -> NomicBertConfig:
        """Read and check them; raises `ConfigError`."""
        for key, supported in _FIXED.items():
            value = file.content.get(key, supported)
            if value != supported:
                raise UnsupportedModelError(file.field(key), repr(supported), repr(value))
        spelled = {
            key: key if key in file.content or other not in file.content else other
            for key, other in _AUTHORS_KEYS.items()
        }
        config = cls(
            vocab_size=file.size("vocab_size"),
            hidden_size=file.size(spelled["hidden_size"]),
            num_hidden_layers=file.size(spelled["num_hidden_layers"]),
            num_attention_heads=file.size(spelled["num_attention_heads"]),
            intermediate_size=file.size(spelled["intermediate_size"]),
            hidden_act=_activation(file),
            max_position_embeddings=_max_positions(file, spelled["max_position_embeddings"]),
            type_vocab_size=file.size("type_vocab_size", 2),
            layer_norm_eps=file.epsilon(spelled["layer_norm_eps"], 1e-12),
            rope_theta=read_theta(file, "rotary_emb_base", default=1000.0),
        )
        file.refuse_remainder(spelled["hidden_size"], spelled["num_attention_heads"])
        if config.head_size % 2:
            raise ConfigError(
                file.field(spelled["hidden_size"]),
                "an even number of dimensions for each head",
                f"{config.head_size}, of {config.num_attention_heads} heads",
            )
        return config

    @property
    def head_size(self) -> int:
        return self.hidden_size // self.num_attention_heads


def _activation(file: ConfigFile) -> str:
    if "activation_function" in file.content:  # a name for the whole network, not for its gate
        file.refuse_unless("activation_function", "swiglu")
        return "silu"
    return file.choice("hidden_act", ACTIVATIONS, "silu")


def _max_positions(file: ConfigFile, key: str) -> int:
    """With a scaling factor the authors stretch the angles of texts longer than in training."""
    if file.content.get("rotary_scaling_factor") is None:
        return file.size(key)
    return min(file.size(key), file.size("max_trained_positions", 2048))


@dataclass(frozen=True)
class _Layer:
    num_heads: int
    qkv: Linear  # D -> 3D
    attention_output: Linear  # D -> D
    attention_norm: LayerNorm
    feed_forward: GatedFeedForward
    output_norm: LayerNorm

    def __call__(
        self, hidden: NDArray[np.float32], cu_seqlens: NDArray[np.int64], turn: Turn
    ) -> NDArray[np.float32]:
        """`(T, D)` -> a new array `(T, D)`"""
        tokens, hidden_size = hidden.shape
        size = hidden_size // self.num_heads
        fused = self.qkv(hidden).reshape(tokens, 3, self.num_heads, size)
        q, k, v = fused.swapaxes(0, 1)  # each (T, H, Dh), a view
        rotate(q, turn, scale=size**-0.5)
        rotate(k, turn)
        context = attention(q, k, v, cu_seqlens)
        hidden = self.attention_norm(self.attention_output(context, added=hidden))
        return self.output_norm(self.feed_forward(hidden, added=hidden))


class NomicBert:
    """The encoder."""

    def __init__(self, config: NomicBertConfig, weights: Weights) -> None:
        self.hidden_size = config.hidden_size
        self.vocab_size = config.vocab_size
        self.max_positions = config.max_position_embeddings
        self.words = weights.take(_WORDS, (config.vocab_size, config.hidden_size))
        # a text alone is of type 0 throughout
        self.type_0 = weights.take(_TYPES, (config.type_vocab_size, config.hidden_size))[0]
        self.words_norm = _norm(config, weights, _WORDS_NORM)
        self.layers = [_layer(config, weights, i) for i in range(config.num_hidden_layers)]
        self.rotary = Rotary(config.head_size, config.rope_theta)
        weights.finish(ignored=_OTHER)

    def __call__(
        self, ids: NDArray[np.integer], cu_seqlens: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """`ids` `(T,)`, `cu_seqlens` `(n+1,)` -> hidden states `(T, D)`."""
        hidden: NDArray[np.float32] = self.words[ids]
        hidden += self.type_0
        hidden = self.words_norm(hidden)
        turn = self.rotary(positions_from_zero(cu_seqlens))
        for layer in self.layers:
            hidden = layer(hidden, cu_seqlens, turn)
        return hidden


def _norm(config: NomicBertConfig, weights: Weights, name: str) -> LayerNorm:
    return LayerNorm.read(weights, name, config.hidden_size, config.layer_norm_eps)


def _layer(config: NomicBertConfig, weights: Weights, index: int) -> _Layer:
    hidden, inner = config.hidden_size, config.intermediate_size
    names = {part: f"{_LAYERS.format(index)}.{name}" for part, name in _LAYER.items()}

    def linear(part: str, out: int, into: int) -> Linear:
        return Linear.read(weights, names[part], out, into, bias=False)

    return _Layer(
        num_heads=config.num_attention_heads,
        qkv=linear("qkv", 3 * hidden, hidden),
        attention_output=linear("attention_output", hidden, hidden),
        attention_norm=_norm(config, weights, names["attention_norm"]),
        feed_forward=GatedFeedForward(
            gate=linear("gate", inner, hidden),
            up=linear("up", inner, hidden),
            activation=ACTIVATIONS[config.hidden_act],
            down=linear("down", hidden, inner),
        ),
        output_norm=_norm(config, weights, names["output_norm"]),
    )


def read_nomic_bert(directory: Path, config: ConfigFile) -> NomicBert:
    """The model of a Hugging Face directory."""
    return NomicBert(NomicBertConfig.read(config), open_weights(directory, prefixes=_PREFIXES))
