"""`attention.py` against loops, and against the padded form of other engines."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_models.attention import attention
from numpy.typing import NDArray


def slow_attention(
    qkv: NDArray[np.float32], cu_seqlens: NDArray[np.int64], num_heads: int
) -> NDArray[np.float64]:
    """One text, one head and one token at a time, in float64."""
    queries, keys, values = np.split(qkv.astype(np.float64), 3, axis=1)
    context = np.zeros_like(queries)
    size = queries.shape[1] // num_heads
    for start, stop in pairwise(cu_seqlens):
        for head in range(num_heads):
            columns = slice(head * size, (head + 1) * size)
            for token in range(start, stop):
                scores = [
                    float(queries[token, columns] @ keys[other, columns])
                    for other in range(start, stop)
                ]
                powers = [math.exp(score - max(scores)) for score in scores]
                for other, power in zip(range(start, stop), powers, strict=True):
                    context[token, columns] += power / sum(powers) * values[other, columns]
    return context


def padded_attention(
    qkv: NDArray[np.float32], lengths: list[int], num_heads: int
) -> NDArray[np.float64]:
    """The rectangle and the mask of other engines; the rows of padding are dropped at the end."""
    texts, longest, size = len(lengths), max(lengths), qkv.shape[1] // 3 // num_heads
    mask = np.arange(longest) < np.array(lengths)[:, None]  # (texts, longest)
    padded = np.zeros((texts, longest, qkv.shape[1]))
    padded[mask] = qkv
    q, k, v = padded.reshape(texts, longest, 3, num_heads, size).transpose(2, 0, 3, 1, 4)
    scores = np.einsum("bhqd,bhkd->bhqk", q, k)
    scores = np.where(mask[:, None, None, :], scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    context = np.einsum("bhqk,bhkd->bqhd", weights, v).reshape(texts, longest, -1)
    return np.asarray(context[mask])


def packed(lengths: list[int]) -> NDArray[np.int64]:
    return np.cumsum([0, *lengths])


def test_equal_scores_give_the_mean_of_the_values_of_the_own_text() -> None:
    # D = 1: columns are query, key, value; queries of 0 make all scores equal
    qkv = np.array([[0, 1, 2], [0, 5, 4], [0, 9, 100]], np.float32)
    assert attention(qkv, packed([2, 1]), 1).tolist() == [[3], [3], [100]]


def test_softmax_of_two_scores() -> None:
    # scores of the first token: 0 and ln 3, so weights 1/4 and 3/4
    qkv = np.array([[1, 0, 8], [0, math.log(3), 16]], np.float32)
    assert attention(qkv, packed([2]), 1)[:, 0].tolist() == pytest.approx([14, 12], rel=1e-6)


def test_heads_have_columns_of_their_own() -> None:
    # D = 2, two heads of size 1. Head 0 sees equal scores; head 1 is drawn to the second token.
    qkv = np.array([[0, 9, 7, 0, 1, 10], [0, 9, 7, 9, 3, 20]], np.float32)
    context = attention(qkv, packed([2]), 2)
    assert context[:, 0].tolist() == [2, 2]
    assert context[:, 1].tolist() == pytest.approx([20, 20], abs=1e-3)


def test_scores_are_not_scaled_again() -> None:
    # the queries come divided by the root of the head size already; here Dh = 4 would halve ln 3
    q, k = [1, 0, 0, 0], [math.log(3), 0, 0, 0]
    qkv = np.array([[*q, 0, 0, 0, 0, 8, 0, 0, 0], [*q, *k, 16, 0, 0, 0]], np.float32)
    assert float(attention(qkv, packed([2]), 1)[0, 0]) == pytest.approx(14, rel=1e-6)


@given(
    seed=st.integers(0, 2**32 - 1),
    lengths=st.lists(st.sampled_from([1, 1, 2, 3, 5]), min_size=1, max_size=5),
    num_heads=st.sampled_from([1, 2, 3]),
    head_size=st.sampled_from([1, 4]),
)
def test_same_as_loops_and_as_padding_with_a_mask(
    seed: int, lengths: list[int], num_heads: int, head_size: int
) -> None:
    shape = sum(lengths), 3 * num_heads * head_size
    qkv = np.random.default_rng(seed).normal(0, 1.5, shape).astype(np.float32)
    context = attention(qkv, packed(lengths), num_heads)
    assert context.dtype == np.dtype(np.float32)
    assert np.abs(context - slow_attention(qkv, packed(lengths), num_heads)).max() < 5e-6
    assert np.abs(context - padded_attention(qkv, lengths, num_heads)).max() < 5e-6


def test_large_scores_do_not_overflow() -> None:
    qkv = np.array([[200, 200, 1], [200, 199, 2]], np.float32)  # exp(40000) is infinite
    assert attention(qkv, packed([2]), 1).tolist() == [[1], [1]]


def test_a_text_sees_nothing_of_its_neighbours() -> None:
    rng = np.random.default_rng(0)
    qkv = rng.normal(size=(6, 12)).astype(np.float32)
    changed = qkv.copy()
    changed[:2] = changed[4:] = 50
    before = attention(qkv, packed([2, 2, 2]), 2)
    assert np.array_equal(attention(changed, packed([2, 2, 2]), 2)[2:4], before[2:4])


def test_its_input_is_not_changed() -> None:
    qkv = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
    copy = qkv.copy()
    attention(qkv, packed([3, 2]), 1)
    assert np.array_equal(qkv, copy)
