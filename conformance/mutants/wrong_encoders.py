"""Engines that give wrong vectors, from the right ids."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from lattice_models.activation import ACTIVATIONS
from lattice_models.pooling import POOLINGS

from .mutant import Mutant, Patch, exchange, wrap

__all__ = ["WRONG_ENCODERS"]

_BERT = "lattice_models.bert"
_LAYER = "lattice_models.post_norm_layer"
_ENCODE = "lattice_models.sentence_encoder.SentenceEncoder.encode"


def _gelu(function: Any) -> Patch:
    def in_place(x: Any) -> Any:
        x[...] = function(x.astype(np.float64))
        return x

    return exchange(f"{_LAYER}.ACTIVATIONS", {**ACTIVATIONS, "gelu": in_place})


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
    return wrap(f"{_BERT}.BertConfig.read", lambda f, file: replace(f(file), **changes))


def _pipeline(**changes: Any) -> Patch:
    return wrap(
        "lattice_models.sentence_encoder.read_pipeline",
        lambda f, directory, **options: replace(f(directory, **options), **changes),
    )


def _attention(change: Any) -> Patch:
    return wrap(f"{_LAYER}.attention", change)


def _scale_queries(factor: float) -> Any:
    return lambda f, q, k, v, cu_seqlens, **options: f(q * factor, k, v, cu_seqlens, **options)


def _swap_queries_and_keys(f: Any, q: Any, k: Any, v: Any, cu_seqlens: Any, **options: Any) -> Any:
    return f(k, q, v, cu_seqlens, **options)


def _interleave_heads(f: Any, q: Any, k: Any, v: Any, cu_seqlens: Any, **options: Any) -> Any:
    tokens, heads, size = q.shape
    mixed = (part.reshape(tokens, size, heads).swapaxes(1, 2) for part in (q, k, v))
    return f(*map(np.ascontiguousarray, mixed), cu_seqlens, **options)


def _causal(f: Any, q: Any, k: Any, v: Any, _: Any, **options: Any) -> Any:
    """A token sees only those before it: one growing text per token."""
    texts = ((part[:stop] for part in (q, k, v)) for stop in range(1, len(q) + 1))
    return np.stack(
        [f(*text, np.array([0, stop]), **options)[-1] for stop, text in enumerate(texts, 1)]
    )


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
    self.layers.layers.pop()


def _without_norm(f: Any, self: Any, *arguments: Any) -> None:
    f(self, *arguments)
    self.embeddings = replace(self.embeddings, norm=lambda hidden: hidden)


def _positions_of(family: str, change: Any) -> Patch:
    return wrap(f"lattice_models.{family}.positions_after_padding", change)


def _padding_is_counted(f: Any, ids: Any, cu_seqlens: Any, padding_id: int) -> Any:
    return f(np.full_like(ids, padding_id + 1), cu_seqlens, padding_id)


def _from_0(f: Any, ids: Any, cu_seqlens: Any, padding_id: int) -> Any:
    return f(ids, cu_seqlens, padding_id) - padding_id - 1


def _score_bias(change: Any) -> Patch:
    def around(f: Any, self: Any, length: int) -> Any:
        return change(f(self, length))

    return wrap("lattice_models.mpnet.MPNet.score_bias", around)


def _buckets(change: Any) -> Patch:
    return wrap("lattice_models.mpnet.distance_buckets", change)


_ROBERTA, _DISTILBERT, _MPNET = ("made-roberta-encoder",), ("made-distilbert",), ("made-mpnet",)

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
    Mutant("padding-id-is-always-1", "vectors/made-roberta-encoder", _positions_of("roberta", lambda f, ids, cu, _: f(ids, cu, 1)), subjects=_ROBERTA),
    Mutant("roberta-positions-from-0", "vectors/made-roberta-encoder", _positions_of("roberta", _from_0), subjects=_ROBERTA),
    Mutant("padding-in-a-text-has-a-position", "vectors/made-roberta-encoder/added-tokens", _positions_of("roberta", _padding_is_counted), subjects=_ROBERTA),
    Mutant("padding-in-a-text-has-a-position-mpnet", "vectors/made-mpnet/added-tokens", _positions_of("mpnet", _padding_is_counted), subjects=_MPNET),
    Mutant("mpnet-positions-from-0", "vectors/made-mpnet", _positions_of("mpnet", _from_0), subjects=_MPNET),
    Mutant("eps-of-1e-5-distilbert", "vectors/made-distilbert", exchange("lattice_models.distilbert._EPS", 1e-5), subjects=_DISTILBERT),
    Mutant("no-bias-of-distances", "vectors/made-mpnet", _score_bias(np.zeros_like), subjects=_MPNET),
    Mutant("bias-of-distances-mirrored", "vectors/made-mpnet", _score_bias(lambda b: b.swapaxes(1, 2)), subjects=_MPNET),
    Mutant("bias-of-distances-scaled", "vectors/made-mpnet", _score_bias(lambda b: b * np.float32(8**-0.5)), subjects=_MPNET),
    Mutant("distances-without-direction", "vectors/made-mpnet", _buckets(lambda f, offsets: f(-np.abs(offsets))), subjects=_MPNET),
    Mutant("distances-end-one-bucket-early", "length", _buckets(lambda f, offsets: f(np.clip(offsets, -90, 90))), subjects=_MPNET),
)  # fmt: skip
