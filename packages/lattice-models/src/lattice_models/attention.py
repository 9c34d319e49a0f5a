"""Queries, keys and values of packed texts -> what each token takes from its own text.

Scaled dot-product attention (Vaswani et al. 2017) without padding: a text sees nothing of its
neighbours, because each is a matrix of its own. Texts of equal length that lie side by side share
one stacked product. Scores are made, used and dropped in tiles that stay in the cache of a core:
some texts, or some heads of one, or some queries of a long text with only the keys that these see.
So memory grows with the length of a text, not with its square.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .kernels import kernels_in_use

if TYPE_CHECKING:
    from .compiled import Kernels

__all__ = ["Bias", "attention"]

Array = NDArray[np.float32]

# length -> (H, length, length), added to the scores of every text of that length
Bias = Callable[[int], Array]

_TILE_SCORES = 1 << 17  # 512 KB of float32
# Each product copies its keys into a layout of BLAS, which fewer queries would not pay for...
_FEWEST_QUERIES = 128
# ...but where not all keys are seen, many queries at once meet many keys for nothing.
_LIMITED_QUERIES = 64
# Above the one, a term that float32 rounds to 0 does not count; below the other nothing is
# infinite, nor will it be when multiplied by values.
_SMALLEST_SUM, _LARGEST_SUM = 1e-20, 1e20


def _runs_of_equal_length(cu_seqlens: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """(first row, number of texts, their length) for each run."""
    row = 0
    for length, run in groupby(np.diff(cu_seqlens).tolist()):
        texts = len(list(run))
        yield row, texts, length
        row += texts * length


def _query_blocks(
    length: int, left: int, right: int, heads_per_key: int
) -> Iterator[tuple[slice, slice, Array | None]]:
    """Queries, the keys that at least one of them sees, and -inf where a pair must not meet.

    The cut depends on the length alone, so a text gets the same sums in every batch.
    """
    limited = min(left, right) < length - 1
    rows = _TILE_SCORES // (length * heads_per_key)
    rows = _LIMITED_QUERIES if limited else max(rows, _FEWEST_QUERIES)
    for start in range(0, length, rows):
        stop = min(start + rows, length)
        first_key, last_key = max(0, start - left), min(length, stop + right)
        mask = None
        if limited:
            distance = np.arange(first_key, last_key) - np.arange(start, stop)[:, None]
            hidden = (distance < -left) | (distance > right)
            if hidden.any():
                mask = np.where(hidden, np.float32(-np.inf), np.float32(0))
        yield slice(start, stop), slice(first_key, last_key), mask


def _tiles(texts: int, heads: int, scores: int) -> Iterator[tuple[slice, slice]]:
    """Texts and key heads of one tile, where a text and a key head have `scores` scores."""
    head_step = min(heads, max(1, _TILE_SCORES // scores))
    text_step = max(1, _TILE_SCORES // (scores * heads))
    for text in range(0, texts, text_step):
        for head in range(0, heads, head_step):
            yield slice(text, text + text_step), slice(head, head + head_step)


def attention(
    q: Array,
    k: Array,
    v: Array,
    cu_seqlens: NDArray[np.int64],
    *,
    causal: bool = False,
    window: tuple[int, int] | None = None,
    bias: Bias | None = None,
) -> Array:
    """`q` `(T, H, Dh)`, `k` and `v` `(T, Hk, Dh)`, all float32 -> `(T, H * Dh)` float32.

    `q` comes multiplied by the scale of the scores. `Hk` divides `H`: each key head serves
    `H / Hk` query heads that follow one another. With `causal` a token sees none that come after
    it; `window` is how many tokens before and after itself it sees; `None`, all of them. The
    arrays may be views of one fused product; they are not changed.

    >>> ones = np.ones((3, 1, 1), np.float32)
    >>> values = np.array([2, 4, 9], np.float32).reshape(3, 1, 1)
    >>> attention(ones, ones, values, np.array([0, 2, 3])).tolist()
    [[3.0], [3.0], [9.0]]
    >>> attention(ones, ones, values, np.array([0, 3]), causal=True).tolist()
    [[2.0], [3.0], [5.0]]
    """
    kernels = kernels_in_use()
    if kernels is not None:
        return _compiled(kernels, q, k, v, cu_seqlens, causal=causal, window=window, bias=bias)
    tokens, num_heads, head_size = q.shape
    key_heads = k.shape[1]
    shared = num_heads // key_heads  # query heads per key head
    context = np.empty((tokens, num_heads * head_size), np.float32)
    for row, texts, length in _runs_of_equal_length(cu_seqlens):
        left, right = window or (length, length)
        right = 0 if causal else right
        in_text = slice(row, row + texts * length)
        by_query_head = texts, length, key_heads, shared, head_size
        by_key_head = texts, length, key_heads, 1, head_size
        # views (texts, Hk, heads of a key head, length, Dh), but for keys the last two swapped
        queries = q[in_text].reshape(by_query_head).transpose(0, 2, 3, 1, 4)
        keys = k[in_text].reshape(by_key_head).transpose(0, 2, 3, 4, 1)
        values = v[in_text].reshape(by_key_head).transpose(0, 2, 3, 1, 4)
        out = context[in_text].reshape(by_query_head).transpose(0, 2, 3, 1, 4)
        biases = None if bias is None else bias(length).reshape(key_heads, shared, length, length)
        for some_queries, some_keys, mask in _query_blocks(length, left, right, shared):
            block = (some_queries.stop - some_queries.start) * (some_keys.stop - some_keys.start)
            for t, h in _tiles(texts, key_heads, block * shared):
                few = queries[t, h, :, some_queries], keys[t, h, :, :, some_keys]
                added = None if biases is None else biases[h, :, some_queries, some_keys]
                weights, total = _weights(partial(_scores, *few, added, mask))
                tile = out[t, h, :, some_queries]
                np.matmul(weights, values[t, h, :, some_keys], out=tile)
                tile /= total  # after the product: Dh divisions a query instead of one a key
                del weights  # so that the next tile takes the same memory
    return context


def _compiled(
    kernels: Kernels,
    q: Array,
    k: Array,
    v: Array,
    cu_seqlens: NDArray[np.int64],
    *,
    causal: bool,
    window: tuple[int, int] | None,
    bias: Bias | None,
) -> Array:
    left, right = (min(side, len(q)) for side in window or (len(q), len(q)))
    right = 0 if causal else right
    if bias is None:
        return kernels.attention(q, k, v, cu_seqlens, left=left, right=right)
    parts = []
    for row, texts, length in _runs_of_equal_length(cu_seqlens):
        rows = slice(row, row + texts * length)
        starts = np.arange(0, texts * length + 1, length)
        parts.append(
            kernels.attention(
                q[rows], k[rows], v[rows], starts, left=left, right=right, bias=bias(length)
            )
        )
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _scores(queries: Array, keys: Array, bias: Array | None, mask: Array | None) -> Array:
    """`(some texts, some key heads, H / Hk, some queries, some keys)`"""
    scores = queries @ keys
    if bias is not None:
        scores += bias
    if mask is not None:
        scores += mask
    return scores


def _weights(scores: Callable[[], Array]) -> tuple[Array, Array]:
    """Scores `(..., keys)` -> their exponentials, up to a factor, and the sums of these `(..., 1)`.

    Softmax is the quotient of the two. It is safe once the largest score of a query is taken from
    all of them, lest an exponential be infinite or all be 0. But that is a third of the work, and
    scores are hardly ever that far from 0: so it is done only for queries whose sum comes out
    beyond the bounds. `scores` is called anew for them.
    """
    weights = scores()
    # sums as products: quicker than `sum`, which goes to work row by row
    ones = np.ones((weights.shape[-1], 1), np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        np.exp(weights, out=weights)
        total = weights @ ones
    beyond = ~((total > _SMALLEST_SUM) & (total < _LARGEST_SUM))  # also where it is NaN
    if beyond.any():
        shifted = scores()
        shifted -= shifted.max(axis=-1, keepdims=True)
        np.exp(shifted, out=shifted)
        np.copyto(weights, shifted, where=beyond)
        np.copyto(total, shifted @ ones, where=beyond)
    return weights, total
