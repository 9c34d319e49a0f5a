"""Engines that give wrong vectors with the families that turn their heads by rotary angles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from lattice_models.activation import ACTIVATIONS
from lattice_models.pooling import POOLINGS

from .mutant import Mutant, Patch, exchange, wrap

__all__ = ["WRONG_ROTARY_ENCODERS"]

_CONFIGS = {
    "qwen3": "Qwen3Config",
    "modernbert": "ModernBertConfig",
    "nomic_bert": "NomicBertConfig",
    "gemma3": "Gemma3Config",
}
# where a family turns its heads and attends, if not in its own module
_ATTENTION = {"qwen3": "grouped_attention", "gemma3": "grouped_attention"}


def _config(family: str, **changes: Any) -> Patch:
    target = f"lattice_models.{family}.{_CONFIGS[family]}.read"
    return wrap(target, lambda f, file: replace(f(file), **changes))


def _window(family: str, change: Callable[[int, int], tuple[int, int] | None]) -> Patch:
    """`change(before, after)` of the layers that have a window."""

    def around(f: Any, self: Any, layer: int) -> Any:
        window = f(self, layer)
        return change(*window) if window else None

    return wrap(f"lattice_models.{family}.{_CONFIGS[family]}.window", around)


def _types(family: str, change: Callable[[str], str]) -> Patch:
    """Which angles a layer turns by, apart from whether it has a window."""

    def around(f: Any, config: Any, weights: Any, index: int) -> Any:
        layer = f(config, weights, index)
        return replace(layer, layer_type=change(layer.layer_type))

    return wrap(f"lattice_models.{family}._layer", around)


def _other_type(layer_type: str) -> str:
    kinds = ("full_attention", "sliding_attention")
    return kinds[1 - kinds.index(layer_type)]


def _attention(family: str, change: Callable[..., Any]) -> Patch:
    return wrap(f"lattice_models.{_ATTENTION.get(family, family)}.attention", change)


def _without(*options: str) -> Callable[..., Any]:
    def around(f: Any, *arrays: Any, **given: Any) -> Any:
        return f(*arrays, **{key: value for key, value in given.items() if key not in options})

    return around


def _key_heads_in_turn(f: Any, q: Any, k: Any, v: Any, cu_seqlens: Any, **options: Any) -> Any:
    """Query heads take the key heads in turn, where neighbours share one."""
    shared = q.shape[1] // k.shape[1]
    tiled = (np.tile(part, (1, shared, 1)) for part in (k, v))
    return f(q, *tiled, cu_seqlens, **options)


def _first_key_head_alone(f: Any, q: Any, k: Any, v: Any, cu_seqlens: Any, **options: Any) -> Any:
    return f(q, k[:, :1], v[:, :1], cu_seqlens, **options)


def _rotate(family: str, change: Callable[..., Any]) -> Patch:
    return wrap(f"lattice_models.{_ATTENTION.get(family, family)}.rotate", change)


def _not_turned(f: Any, x: Any, turn: Any, **options: Any) -> Any:
    nowhere = turn._replace(cos=np.ones_like(turn.cos), sin=np.zeros_like(turn.sin))
    return f(x, nowhere, **options)


def _backwards(f: Any, x: Any, turn: Any, *, scale: float = 1.0) -> Any:
    """Queries alone, which have a scale: with the keys as well, nothing would change."""
    return f(x, turn._replace(sin=-turn.sin) if scale != 1 else turn, scale=scale)


def _neighbours(f: Any, x: Any, turn: Any, *, scale: float = 1.0) -> Any:
    """Pairs of neighbours, as GPT-J has them, in the place of halves."""
    size = x.shape[2]
    order = np.concatenate([np.arange(0, size, 2), np.arange(1, size, 2)])
    turned = f(np.ascontiguousarray(x[..., order]), turn, scale=scale)
    x[..., order] = turned
    return x


def _scaled(factor: float) -> Callable[..., Any]:
    def around(f: Any, x: Any, turn: Any, *, scale: float = 1.0) -> Any:
        return f(x, turn, scale=scale * factor if scale != 1 else scale)

    return around


def _positions(family: str, change: Callable[[Any], Any]) -> Patch:
    return wrap(
        f"lattice_models.{family}.positions_from_zero", lambda f, cu_seqlens: change(f(cu_seqlens))
    )


def _norm(family: str, change: Callable[..., Any]) -> Patch:
    """`change(norm, name)` of every norm that is read."""

    def around(f: Any, weights: Any, name: str, *arguments: Any, **options: Any) -> Any:
        return change(f(weights, name, *arguments, **options), name)

    kind = "RmsNorm" if family in ("qwen3", "gemma3") else "LayerNorm"
    return wrap(f"lattice_models.{family}.{kind}.read", around)


class _NoNorm:
    """In the place of one that is left out."""

    def __call__(self, x: Any, out: Any = None) -> Any:
        return x


def _left_out(*parts: str) -> Callable[..., Any]:
    return lambda norm, name: _NoNorm() if name.rpartition(".")[2] in parts else norm


def _layer_parts(family: str, change: Callable[[Any], dict[str, Any]]) -> Patch:
    """Parts of each layer, exchanged after they have been read."""

    def around(f: Any, *arguments: Any) -> Any:
        layer = f(*arguments)
        return replace(layer, **change(layer))

    return wrap(f"lattice_models.{family}._layer", around)


def _gate_and_up_swapped(layer: Any) -> dict[str, Any]:
    network = layer.feed_forward
    return {"feed_forward": replace(network, gate=network.up, up=network.gate)}


def _activation(name: str) -> Callable[[Any], dict[str, Any]]:
    return lambda layer: {"feed_forward": replace(layer.feed_forward, activation=ACTIVATIONS[name])}


def _pooling(**functions: Any) -> Patch:
    return exchange("lattice_models.sentence_encoder.POOLINGS", {**POOLINGS, **functions})


def _one_early(hidden: Any, cu_seqlens: Any) -> Any:
    return hidden[np.maximum(cu_seqlens[1:] - 2, cu_seqlens[:-1])].astype(np.float64)


def _words(change: Callable[[Any], Any]) -> Patch:
    """The table of words, changed when it is read."""

    def around(f: Any, self: Any, name: str, shape: tuple[int, ...]) -> Any:
        tensor = f(self, name, shape)
        return change(tensor) if name == "embed_tokens.weight" else tensor

    return wrap("lattice_models.weights.Weights.take", around)


def _type_1(f: Any, self: Any, name: str, shape: tuple[int, ...]) -> Any:
    tensor = f(self, name, shape)
    return tensor[::-1] if "token_type" in name else tensor


def _qwen3(name: str, patch: Patch, by: str = "") -> Mutant:
    return _mutant("made-qwen3", name, patch, by)


def _modernbert(name: str, patch: Patch, by: str = "") -> Mutant:
    return _mutant("made-modernbert", name, patch, by)


def _nomic(name: str, patch: Patch, by: str = "") -> Mutant:
    return _mutant("made-nomic-bert", name, patch, by)


def _gemma3(name: str, patch: Patch, by: str = "") -> Mutant:
    return _mutant("made-gemma3", name, patch, by)


def _mutant(subject: str, name: str, patch: Patch, by: str) -> Mutant:
    family = subject.removeprefix("made-")
    return Mutant(f"{family}-{name}", f"vectors/{subject}/{by}", patch, subjects=(subject,))


WRONG_ROTARY_ENCODERS = (
    _qwen3("last-token-one-early", _pooling(lasttoken=_one_early)),
    _qwen3("mean-for-last-token", _pooling(lasttoken=POOLINGS["mean"])),
    _qwen3("first-for-last-token", _pooling(lasttoken=POOLINGS["cls"])),
    _qwen3("not-causal", _attention("qwen3", _without("causal"))),
    _qwen3("base-of-10000", _config("qwen3", rope_theta=10_000.0)),
    _qwen3("not-turned", _rotate("qwen3", _not_turned), "order"),
    _qwen3("queries-turned-backwards", _rotate("qwen3", _backwards)),
    _qwen3("neighbours-are-pairs", _rotate("qwen3", _neighbours)),
    _qwen3("positions-stop-at-500", _positions("qwen3", lambda p: np.minimum(p, 500)), "prefix/51"),
    _qwen3("scale-of-hidden-over-heads", _rotate("qwen3", _scaled((20 / 8) ** 0.5))),
    _qwen3("no-query-norm", _norm("qwen3", _left_out("q_norm"))),
    _qwen3("no-key-norm", _norm("qwen3", _left_out("k_norm"))),
    _qwen3("no-final-norm", _norm("qwen3", _left_out("norm"))),
    _qwen3("norm-eps-of-1e-6", _config("qwen3", rms_norm_eps=1e-6)),
    _qwen3("norm-weights-around-1", _norm("qwen3", lambda norm, _: replace(norm, weight=norm.weight + 1))),
    _qwen3("key-heads-in-turn", _attention("qwen3", _key_heads_in_turn)),
    _qwen3("first-key-head-alone", _attention("qwen3", _first_key_head_alone)),
    _qwen3("gate-and-up-swapped", _layer_parts("qwen3", _gate_and_up_swapped)),
    _qwen3("gelu-for-silu", _layer_parts("qwen3", _activation("gelu"))),
    _qwen3("embeddings-scaled", _words(lambda t: t * np.float32(32**0.5))),
    _modernbert("one-base-for-all-layers", _config("modernbert", sliding_theta=160_000.0)),
    _modernbert("angles-of-the-other-layers", _types("modernbert", _other_type)),
    _modernbert("window-one-wider", _window("modernbert", lambda a, b: (a + 1, b + 1)), "prefix/1"),
    _modernbert("window-one-narrower", _window("modernbert", lambda a, b: (a - 1, b - 1)), "prefix/9"),
    _modernbert("window-of-the-whole-size", _window("modernbert", lambda a, b: (2 * a, 2 * b)), "prefix/"),
    _modernbert("window-after-alone", _window("modernbert", lambda _, b: (0, b))),
    _modernbert("no-window", _window("modernbert", lambda *_: None), "length"),
    _modernbert("every-second-layer-sees-all", _config("modernbert", global_attn_every_n_layers=2), "length"),
    _modernbert("gate-and-up-swapped", _layer_parts("modernbert", _gate_and_up_swapped)),
    _modernbert("silu-for-gelu", _layer_parts("modernbert", _activation("silu"))),
    _modernbert("no-final-norm", _norm("modernbert", _left_out("final_norm"))),
    _modernbert("norm-of-the-first-layer", _layer_parts("modernbert", lambda layer: {"attention_norm": layer.attention_norm or layer.feed_forward_norm})),
    _modernbert("norm-eps-of-1e-5", _config("modernbert", norm_eps=1e-5)),
    _nomic("base-of-10000", _config("nomic_bert", rope_theta=10_000.0)),
    _nomic("neighbours-are-pairs", _rotate("nomic_bert", _neighbours)),
    _nomic("gate-and-up-swapped", _layer_parts("nomic_bert", _gate_and_up_swapped)),
    _nomic("second-token-type", wrap("lattice_models.weights.Weights.take", _type_1)),
    _nomic("norms-swapped", _layer_parts("nomic_bert", lambda layer: {"attention_norm": layer.output_norm, "output_norm": layer.attention_norm})),
    _nomic("norm-eps-of-1e-12", _config("nomic_bert", layer_norm_eps=1e-12)),
    _gemma3("norms-not-around-1", _norm("gemma3", lambda norm, _: replace(norm, weight=norm.weight - 1))),
    _gemma3("embeddings-not-scaled", _words(lambda t: t / np.float32(6))),
    _gemma3("causal", _config("gemma3", use_bidirectional_attention=False)),
    _gemma3("bases-swapped", _types("gemma3", _other_type)),
    _gemma3("window-one-wider", _window("gemma3", lambda a, b: (a + 1, b + 1)), "prefix/"),
    _gemma3("window-one-narrower", _window("gemma3", lambda a, b: (a - 1, b - 1)), "prefix/"),
    _gemma3("window-on-each-side", _window("gemma3", lambda a, b: (2 * a, 2 * b)), "prefix/"),
    _gemma3("scale-of-head-size", _config("gemma3", query_pre_attn_scalar=16)),
    _gemma3("no-norm-after-attention", _norm("gemma3", _left_out("post_attention_layernorm"))),
    _gemma3("no-norm-after-feed-forward", _norm("gemma3", _left_out("post_feedforward_layernorm"))),
    _gemma3("no-query-norm", _norm("gemma3", _left_out("q_norm"))),
    _gemma3("exact-gelu", _layer_parts("gemma3", _activation("gelu"))),
    _gemma3("gate-and-up-swapped", _layer_parts("gemma3", _gate_and_up_swapped)),
    _gemma3("norm-eps-of-1e-6", _config("gemma3", rms_norm_eps=1e-6)),
    _gemma3("dense-left-out", wrap("lattice_models.dense.Dense.__call__", lambda f, self, vectors: vectors @ np.eye(self.weight.shape[1], self.weight.shape[0]))),
)  # fmt: skip
