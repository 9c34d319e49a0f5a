"""Hidden states -> what each token takes from its own text: attention as Qwen3 and Gemma 3 have it.

A key head serves several query heads (Ainslie et al. 2023). Every head of queries and of keys is
normalised, then turned by rotary angles. Follows Hugging Face transformers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .attention import attention
from .linear import Linear
from .rms_norm import RmsNorm
from .rotary import Turn, rotate
from .weights import Weights

__all__ = ["GroupedAttention"]

# what they are here -> what they are called in a layer of the file
_NAMES = {
    "query": "self_attn.q_proj",
    "key": "self_attn.k_proj",
    "value": "self_attn.v_proj",
    "query_norm": "self_attn.q_norm",
    "key_norm": "self_attn.k_norm",
    "output": "self_attn.o_proj",
}


@dataclass(frozen=True)
class GroupedAttention:
    """`scale` is that of the scores; `causal` and `window` say which tokens a token sees."""

    num_heads: int
    key_heads: int
    head_size: int
    scale: float
    causal: bool
    window: tuple[int, int] | None
    query: Linear  # D -> H Dh
    key: Linear  # D -> Hk Dh
    value: Linear  # D -> Hk Dh
    query_norm: RmsNorm  # over one head
    key_norm: RmsNorm
    output: Linear  # H Dh -> D

    def __call__(
        self,
        hidden: NDArray[np.float32],
        cu_seqlens: NDArray[np.int64],
        turn: Turn,
        *,
        added: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """`(T, D)` -> a new array `(T, D)`, with `added` `(T, D)`, if there is any."""
        of_queries = len(hidden), self.num_heads, self.head_size  # (T, H, Dh)
        of_keys = len(hidden), self.key_heads, self.head_size  # (T, Hk, Dh)
        q = self.query(hidden).reshape(of_queries)
        k = self.key(hidden).reshape(of_keys)
        v = self.value(hidden).reshape(of_keys)
        rotate(self.query_norm(q, out=q), turn, scale=self.scale)
        rotate(self.key_norm(k, out=k), turn)
        context = attention(q, k, v, cu_seqlens, causal=self.causal, window=self.window)
        return self.output(context, added=added)

    @classmethod
    def read(
        cls,
        weights: Weights,
        layer: str,
        *,
        hidden_size: int,
        num_heads: int,
        key_heads: int,
        head_size: int,
        scale: float,
        causal: bool,
        window: tuple[int, int] | None,
        bias: bool,
        eps: float,
        norms_around: float = 0.0,
    ) -> GroupedAttention:
        """Take the tensors below `layer`; `norms_around` as in `RmsNorm.read`."""

        def linear(part: str, out: int, into: int) -> Linear:
            return Linear.read(weights, f"{layer}.{_NAMES[part]}", out, into, bias=bias)

        def norm(part: str) -> RmsNorm:
            name = f"{layer}.{_NAMES[part]}"
            return RmsNorm.read(weights, name, head_size, eps, around=norms_around)

        return cls(
            num_heads=num_heads,
            key_heads=key_heads,
            head_size=head_size,
            scale=scale,
            causal=causal,
            window=window,
            query=linear("query", num_heads * head_size, hidden_size),
            key=linear("key", key_heads * head_size, hidden_size),
            value=linear("value", key_heads * head_size, hidden_size),
            query_norm=norm("query_norm"),
            key_norm=norm("key_norm"),
            output=linear("output", hidden_size, num_heads * head_size),
        )
