"""Hidden states -> hidden states: one layer as BERT and its relatives have it.

Attention, then a feed-forward network; what each gives is added to what it was given, and the sum
is normalised ("post-norm", Vaswani et al. 2017). Queries, keys and values come from one product.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .activation import ACTIVATIONS, Activation
from .attention import attention
from .kernels import kernels_in_use
from .layer_norm import LayerNorm
from .linear import Linear
from .weights import Weights

if TYPE_CHECKING:
    from .compiled import Kernels, Recordings

__all__ = ["LayerNames", "PostNormLayer", "PostNormLayers"]

# Tokens of a text up to which calling the kernels takes a good part of the time.
_SHORT = 64


@dataclass(frozen=True)
class LayerNames:
    """What a family calls the parts of a layer, after the name of the layer itself."""

    query: str
    key: str
    value: str
    attention_output: str
    attention_norm: str
    feed_forward_in: str
    feed_forward_out: str
    output_norm: str


@dataclass(frozen=True)
class PostNormLayer:
    """The weights of one layer; queries are scaled by the root of the head size in `qkv`."""

    num_heads: int
    qkv: Linear  # D -> 3D
    attention_output: Linear  # D -> D
    attention_norm: LayerNorm
    feed_forward_in: Linear  # D -> F
    activation: Activation
    feed_forward_out: Linear  # F -> D
    output_norm: LayerNorm

    def __call__(
        self,
        hidden: NDArray[np.float32],
        cu_seqlens: NDArray[np.int64],
        *,
        bias: Callable[[int], NDArray[np.float32]] | None = None,
    ) -> NDArray[np.float32]:
        """`(T, D)` -> a new array `(T, D)`.

        `bias`: length of a text -> `(H, length, length)`, added to the scores of attention.
        """
        tokens, hidden_size = hidden.shape
        shape = tokens, 3, self.num_heads, hidden_size // self.num_heads
        q, k, v = self.qkv(hidden).reshape(shape).swapaxes(0, 1)  # each (T, H, Dh), a view
        attended = attention(q, k, v, cu_seqlens, bias=bias)
        hidden = self.attention_norm(self.attention_output(attended, added=hidden))
        inner = self.feed_forward_in(hidden, activation=self.activation)
        return self.output_norm(self.feed_forward_out(inner, added=hidden))


@dataclass(frozen=True)
class PostNormLayers:
    """All layers of an encoder."""

    layers: list[PostNormLayer]
    _recordings: dict[Kernels, Recordings] = field(default_factory=dict, repr=False)

    def __call__(
        self,
        hidden: NDArray[np.float32],
        cu_seqlens: NDArray[np.int64],
        *,
        bias: Callable[[int], NDArray[np.float32]] | None = None,
    ) -> NDArray[np.float32]:
        """`(T, D)` -> `(T, D)`; see `PostNormLayer`."""
        steps = [partial(layer, cu_seqlens=cu_seqlens, bias=bias) for layer in self.layers]
        kernels = kernels_in_use()
        if kernels is not None and len(cu_seqlens) == 2 and len(hidden) <= _SHORT:
            made = self._recordings.setdefault(kernels, {})
            return kernels.in_one_call(steps, hidden, made)
        for step in steps:
            hidden = step(hidden)
        return hidden

    @classmethod
    def read(
        cls,
        weights: Weights,
        stack: str,
        names: LayerNames,
        *,
        num_layers: int,
        hidden_size: int,
        num_heads: int,
        inner_size: int,
        activation: str,
        eps: float,
    ) -> PostNormLayers:
        """Take the tensors of every layer; `stack` is where they lie, such as "encoder.layer"."""

        def linear(name: str, out: int = hidden_size, into: int = hidden_size) -> Linear:
            return Linear.read(weights, name, out, into)

        def norm(name: str) -> LayerNorm:
            return LayerNorm.read(weights, name, hidden_size, eps)

        def read_one(layer: str) -> PostNormLayer:
            query, key, value = (
                linear(f"{layer}.{name}") for name in (names.query, names.key, names.value)
            )
            scale = (hidden_size // num_heads) ** -0.5
            return PostNormLayer(
                num_heads=num_heads,
                qkv=Linear.side_by_side([query.scaled(scale), key, value]),
                attention_output=linear(f"{layer}.{names.attention_output}"),
                attention_norm=norm(f"{layer}.{names.attention_norm}"),
                feed_forward_in=linear(f"{layer}.{names.feed_forward_in}", out=inner_size),
                activation=ACTIVATIONS[activation],
                feed_forward_out=linear(f"{layer}.{names.feed_forward_out}", into=inner_size),
                output_norm=norm(f"{layer}.{names.output_norm}"),
            )

        return cls([read_one(f"{stack}.{index}") for index in range(num_layers)])
