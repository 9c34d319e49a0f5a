"""Engines that give wrong vectors, from the right ids."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from lattice_models.pooling import POOLINGS

from .mutant import Mutant, Patch, exchange, wrap

__all__ = ["WRONG_ENCODERS"]

_BERT = "lattice_models.bert"
_ENCODE = "lattice_models.sentence_encoder.SentenceEncoder.encode"


def _gelu(function: Any) -> Patch:
    def in_place(x: Any) -> Any:
        x[...] = function(x.astype(np.float64))
        return x

    return exchange(f"{_BERT}.gelu", in_place)


def _pooling(**functions: Any) -> Patch:
    return exchange("lattice_models.sentence_encoder.POOLINGS", {**POOLINGS, **functions})


def _mean_of(rows: Any) -> Any:
    """Mean over `rows(start, stop)` of each text."""

    def mean(hidden: Any, cu_seqlens: Any) -> Any:
        spans = pairwise(cu_seqlens)
        return np.stack([hidden[rows(a, b)].mean(axis=0, dtype=np.float64) for a, b in spans])

    return mean


def _padded_mean(hidden: Any, cu_seqlens: Any) -> Any:
    """The mean of a text that was padded by one token, of zeros."""
    lengths = np.diff(cu_seqlens)[:, None]
    return POOLINGS["mean"](hidden, cu_seqlens) * (lengths / (lengths + 1)) + 1e-3 / (lengths + 1)


def _vectors(change: Any) -> Patch:
    return wrap(_ENCODE, lambda f, *arguments: change(f(*arguments)))


def _one_number_off(vectors: Any) -> Any:
    """By so little that the cosine does not notice."""
    vectors = vectors.copy()
    vectors[:, 7] += 1e-6
    return vectors


def _config(**changes: Any) -> Patch:
    return wrap(
        "lattice_models.sentence_encoder.read_config",
        lambda f, directory: replace(f(directory), **changes),
    )


def _pipeline(**changes: Any) -> Patch:
    return wrap(
        "lattice_models.sentence_encoder.read_pipeline",
        lambda f, directory, **options: replace(f(directory, **options), **changes),
    )


def _attention(change: Any) -> Patch:
    return wrap(f"{_BERT}.attention", lambda f, qkv, cu, heads: change(f, qkv, cu, heads))


def _scale_queries(factor: float) -> Any:
    def change(f: Any, qkv: Any, cu_seqlens: Any, heads: int) -> Any:
        qkv = qkv.copy()
        qkv[:, : qkv.shape[1] // 3] *= factor
        return f(qkv, cu_seqlens, heads)

    return change


def _swap_queries_and_keys(f: Any, qkv: Any, cu_seqlens: Any, heads: int) -> Any:
    q, k, v = np.split(qkv, 3, axis=1)
    return f(np.concatenate([k, q, v], axis=1), cu_seqlens, heads)


def _interleave_heads(f: Any, qkv: Any, cu_seqlens: Any, heads: int) -> Any:
    tokens, size = len(qkv), qkv.shape[1] // 3 // heads
    mixed = qkv.reshape(tokens, 3, size, heads).swapaxes(2, 3).reshape(qkv.shape)
    return f(np.ascontiguousarray(mixed), cu_seqlens, heads)


def _causal(f: Any, qkv: Any, _: Any, heads: int) -> Any:
    """A token sees only those before it: one growing text per token."""
    rows = [f(qkv[:stop], np.array([0, stop]), heads)[-1] for stop in range(1, len(qkv) + 1)]
    return np.stack(rows)


def _positions(shift: int) -> Patch:
    def around(f: Any, self: Any, name: str, shape: tuple[int, ...]) -> Any:
        tensor = f(self, name, shape)
        return np.roll(tensor, shift, axis=0) if "position_embeddings" in name else tensor

    return wrap("lattice_models.weights.Weights.take", around)


def _tensor(part: str, change: Any) -> Patch:
    """Every tensor whose name holds `part` is changed when it is read."""

    def around(f: Any, self: Any, name: str, shape: tuple[int, ...]) -> Any:
        tensor = f(self, name, shape)
        return change(tensor) if part in name else tensor

    return wrap("lattice_models.weights.Weights.take", around)


def _one_layer_less(f: Any, self: Any, *arguments: Any) -> None:
    f(self, *arguments)
    self._layers.pop()


def _without_norm(f: Any, self: Any, *arguments: Any) -> None:
    f(self, *arguments)
    self._norm = lambda hidden: hidden


WRONG_ENCODERS = (
    Mutant("mean-for-cls", "vectors/made-bert-cls", _pooling(cls=POOLINGS["mean"]), "F9"),
    Mutant("cls-for-mean", "vectors/all-minilm", _pooling(mean=POOLINGS["cls"])),
    Mutant("last-token-for-cls", "vectors/made-bert-cls", _pooling(cls=_mean_of(lambda a, b: slice(b - 1, b)))),
    Mutant("second-token-for-cls", "vectors/made-bert-cls", _pooling(cls=_mean_of(lambda a, b: slice(a + 1, a + 2)))),
    Mutant("mean-over-padding", "vectors/all-minilm", _pooling(mean=_padded_mean)),
    Mutant("mean-without-special-tokens", "vectors/all-minilm", _pooling(mean=_mean_of(lambda a, b: slice(a + 1, max(b - 1, a + 2))))),
    Mutant("not-normalised", "vectors/", _pipeline(normalize=False)),
    Mutant("one-number-off", "vectors/", _vectors(_one_number_off), "F10"),
    Mutant("nan", "vectors/", _vectors(lambda v: np.where(np.arange(v.shape[1]) == 3, np.nan, v))),
    Mutant("all-zero", "vectors/", _vectors(np.zeros_like)),
    Mutant("negated", "vectors/", _vectors(np.negative)),
    Mutant("rounded-to-float16", "vectors/", _vectors(lambda v: v.astype(np.float16))),
    Mutant("one-dimension-short", "vectors/", _vectors(lambda v: v[:, :-1])),
    Mutant("eps-of-1e-12-everywhere", "vectors/made-bert-cls", _config(layer_norm_eps=1e-12)),
    Mutant("eps-of-1e-5-everywhere", "vectors/made-bert-cls", _config(layer_norm_eps=1e-5)),
    Mutant("tanh-gelu", "vectors/", _gelu(lambda x: 0.5 * x * (1 + np.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x**3))))),
    Mutant("sigmoid-gelu", "vectors/", _gelu(lambda x: x / (1 + np.exp(-1.702 * x)))),
    Mutant("relu", "vectors/", _gelu(lambda x: np.maximum(x, 0))),
    Mutant("positions-from-1", "vectors/", _positions(-1)),
    Mutant("positions-from-2", "vectors/", _positions(-2)),
    Mutant("no-positions", "order", _tensor("position_embeddings", lambda t: np.repeat(t.mean(axis=0, keepdims=True), len(t), axis=0))),
    Mutant("second-token-type", "vectors/", _tensor("token_type", lambda t: t[::-1])),
    Mutant("no-norm-of-embeddings", "vectors/", wrap(f"{_BERT}.Bert.__init__", _without_norm)),
    Mutant("one-layer-less", "vectors/", wrap(f"{_BERT}.Bert.__init__", _one_layer_less)),
    Mutant("scores-not-scaled", "vectors/", _attention(_scale_queries(16**0.5))),
    Mutant("scores-scaled-twice", "vectors/", _attention(_scale_queries(16**-0.5))),
    Mutant("queries-and-keys-swapped", "vectors/", _attention(_swap_queries_and_keys)),
    Mutant("heads-interleaved", "vectors/", _attention(_interleave_heads)),
    Mutant("causal-attention", "vectors/", _attention(_causal)),
    Mutant("no-query-bias", "vectors/", _tensor("self.query.bias", np.zeros_like)),
    Mutant("no-value-bias", "vectors/", _tensor("self.value.bias", np.zeros_like)),
    Mutant("norm-weights-ignored", "vectors/", _tensor("LayerNorm.weight", np.ones_like)),
    Mutant("norm-bias-ignored", "vectors/", _tensor("LayerNorm.bias", np.zeros_like)),
    Mutant("weights-in-bfloat16", "vectors/", _tensor("dense.weight", lambda t: (t.view(np.uint32) & 0xFFFF0000).view(np.float32))),
)  # fmt: skip
