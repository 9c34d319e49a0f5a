"""`attention.py` against loops, and against the padded form of other engines."""

from __future__ import annotations

import math
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_models.attention import attention
from numpy.typing import NDArray

pytestmark = pytest.mark.usefixtures("each_kernels")

Array = NDArray[np.float32]
Heads = tuple[Array, Array, Array]


def slow_attention(
    heads: Heads,
    cu_seqlens: NDArray[np.int64],
    *,
    causal: bool = False,
    window: tuple[int, int] | None = None,
) -> NDArray[np.float64]:
    """One text, one head and one token at a time, in float64."""
    q, k, v = (x.astype(np.float64) for x in heads)
    context = np.zeros_like(q)
    shared = q.shape[1] // k.shape[1]
    for start, stop in pairwise(cu_seqlens):
        for head in range(q.shape[1]):
            for token in range(start, stop):
                before, after = window or (stop, stop)
                seen = range(
                    max(start, token - before), min(stop, token + (0 if causal else after) + 1)
                )
                scores = [float(q[token, head] @ k[other, head // shared]) for other in seen]
                powers = [math.exp(score - max(scores)) for score in scores]
                for other, power in zip(seen, powers, strict=True):
                    context[token, head] += power / sum(powers) * v[other, head // shared]
    return context.reshape(len(q), -1)


def padded_attention(
    heads: Heads, lengths: list[int], *, causal: bool, window: tuple[int, int] | None
) -> NDArray[np.float64]:
    """The rectangle and the mask of other engines; the rows of padding are dropped at the end."""
    texts, longest = len(lengths), max(lengths)
    real = np.arange(longest) < np.array(lengths)[:, None]  # (texts, longest)
    shared = heads[0].shape[1] // heads[1].shape[1]
    padded = []
    for x, times in zip(heads, (1, shared, shared), strict=True):
        room = np.zeros((texts, longest, *x.shape[1:]))
        room[real] = x
        padded.append(np.repeat(room, times, axis=2))
    q, k, v = padded
    distance = np.arange(longest) - np.arange(longest)[:, None]
    before, after = window or (longest, longest)
    seen = (distance >= -before) & (distance <= (0 if causal else after))
    scores = np.einsum("bqhd,bkhd->bhqk", q, k)
    scores = np.where(real[:, None, None, :] & seen, scores, -1e300)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    context = np.einsum("bhqk,bkhd->bqhd", weights, v).reshape(texts, longest, -1)
    return np.asarray(context[real])


def packed(lengths: list[int]) -> NDArray[np.int64]:
    return np.cumsum([0, *lengths])


def columns(*numbers: list[float]) -> Heads:
    """Queries, keys and values of one head of size 1, each given as a list."""
    q, k, v = (np.array(column, np.float32).reshape(-1, 1, 1) for column in numbers)
    return q, k, v


def random_heads(
    seed: int, tokens: int, num_heads: int, key_heads: int, head_size: int, spread: float = 1.5
) -> Heads:
    """Views of one fused product, as the encoders give them."""
    rng = np.random.default_rng(seed)
    fused = rng.normal(0, spread, (tokens, num_heads + 2 * key_heads, head_size))
    q, k, v = np.split(fused.astype(np.float32), [num_heads, num_heads + key_heads], axis=1)
    return q, k, v


def test_equal_scores_give_the_mean_of_the_values_of_the_own_text() -> None:
    # queries of 0 make all scores equal
    heads = columns([0, 0, 0], [1, 5, 9], [2, 4, 100])
    assert attention(*heads, packed([2, 1])).tolist() == [[3], [3], [100]]


def test_softmax_of_two_scores() -> None:
    # scores of the first token: 0 and ln 3, so weights 1/4 and 3/4
    heads = columns([1, 1], [0, math.log(3)], [8, 16])
    assert attention(*heads, packed([2]))[:, 0].tolist() == pytest.approx([14, 14], rel=1e-6)


def test_heads_are_computed_apart() -> None:
    # two heads of size 1: the first sees equal scores, the second is drawn to the second token
    q = np.array([[0, 9], [0, 9]], np.float32)[:, :, None]
    k = np.array([[7, 0], [7, 9]], np.float32)[:, :, None]
    v = np.array([[1, 10], [3, 20]], np.float32)[:, :, None]
    context = attention(q, k, v, packed([2]))
    assert context[:, 0].tolist() == [2, 2]
    assert context[:, 1].tolist() == pytest.approx([20, 20], abs=1e-3)


def test_a_key_head_serves_the_query_heads_that_follow_one_another() -> None:
    # 4 query heads and 2 key heads of size 1; all scores are equal, so values are averaged
    q, k = np.zeros((2, 4, 1), np.float32), np.ones((2, 2, 1), np.float32)
    v = np.array([[1, 10], [3, 30]], np.float32)[:, :, None]
    assert attention(q, k, v, packed([2])).tolist() == [[2, 2, 20, 20]] * 2


def test_scores_are_not_scaled_again() -> None:
    # the queries come scaled already; here dividing by the root of Dh = 4 would halve ln 3
    q, k, v = np.zeros((3, 2, 1, 4), np.float32)
    q[:, 0, 0], k[1, 0, 0], v[:, 0, 0] = 1, math.log(3), [8, 16]
    assert float(attention(q, k, v, packed([2]))[0, 0]) == pytest.approx(14, rel=1e-6)


@pytest.mark.parametrize(
    ("causal", "window", "expected"),
    [
        (True, None, [1, 1.5, 7 / 3, 15 / 4]),
        (False, (1, 1), [1.5, 7 / 3, 14 / 3, 6]),
        (False, (0, 2), [7 / 3, 14 / 3, 6, 8]),
        (False, (0, 0), [1, 2, 4, 8]),
        (True, (1, 1), [1, 1.5, 3, 6]),
        (True, (0, 0), [1, 2, 4, 8]),
        (False, (1 << 70, 1 << 70), [15 / 4] * 4),
        (False, (0, 1 << 70), [15 / 4, 14 / 3, 6, 8]),
        (False, (3, 3), [15 / 4] * 4),
        (False, (2, 3), [15 / 4, 15 / 4, 15 / 4, 14 / 3]),
    ],
)
def test_which_tokens_are_seen(
    causal: bool, window: tuple[int, int] | None, expected: list[float]
) -> None:
    # equal scores: the mean of what is seen of 1, 2, 4, 8; the text before is not
    heads = columns([0] * 5, [1] * 5, [99, 1, 2, 4, 8])
    context = attention(*heads, packed([1, 4]), causal=causal, window=window)
    assert context[1:, 0].tolist() == pytest.approx(expected, rel=1e-6)


def test_a_bias_is_added_to_the_scores_of_texts_of_its_length() -> None:
    asked = []

    def bias(length: int) -> Array:
        asked.append(length)
        wide = np.zeros((2, length, length), np.float32)
        wide[1, 0, 1] = math.log(3)  # head 1, query 0, key 1
        return wide

    q, k, v = np.zeros((3, 6, 2, 1), np.float32)
    v[:, :, 0] = np.array([8, 16, 8, 16, 0, 0])[:, None]
    context = attention(q, k, v, packed([2, 2, 2]), bias=bias)
    assert asked == [2]
    expected = [[12, 14], [12, 12]] * 2 + [[0, 0]] * 2
    assert context.tolist() == [pytest.approx(row, rel=1e-6) for row in expected]


@given(
    seed=st.integers(0, 2**32 - 1),
    lengths=st.lists(st.sampled_from([1, 1, 2, 3, 5, 9]), min_size=1, max_size=5),
    key_heads=st.sampled_from([1, 2, 3]),
    shared=st.sampled_from([1, 2]),
    head_size=st.sampled_from([1, 4]),
    causal=st.booleans(),
    window=st.none() | st.tuples(st.integers(0, 4), st.integers(0, 4)),
)
def test_same_as_loops_and_as_padding_with_a_mask(
    seed: int,
    lengths: list[int],
    key_heads: int,
    shared: int,
    head_size: int,
    causal: bool,
    window: tuple[int, int] | None,
) -> None:
    heads = random_heads(seed, sum(lengths), shared * key_heads, key_heads, head_size)
    context = attention(*heads, packed(lengths), causal=causal, window=window)
    assert context.dtype == np.dtype(np.float32)
    slow = slow_attention(heads, packed(lengths), causal=causal, window=window)
    assert np.abs(context - slow).max() < 5e-6
    padded = padded_attention(heads, lengths, causal=causal, window=window)
    assert np.abs(context - padded).max() < 5e-6


# around the number of queries in a block, and where texts or heads no longer fit into one tile
@pytest.mark.parametrize(
    ("lengths", "num_heads", "key_heads", "causal", "window"),
    [
        ([64], 2, 2, True, None),
        ([65, 65], 2, 1, True, None),
        ([130], 2, 2, False, (64, 64)),
        ([130], 4, 2, False, (3, 70)),
        ([300], 2, 1, True, (63, 5)),
        ([400], 3, 3, False, None),
        ([700], 2, 1, False, None),
        ([40] * 60, 3, 3, False, None),
        ([1500, 3], 1, 1, False, None),
        ([1500, 3], 2, 1, True, (128, 0)),
    ],
)
def test_tiles_do_not_show(
    lengths: list[int],
    num_heads: int,
    key_heads: int,
    causal: bool,
    window: tuple[int, int] | None,
) -> None:
    heads = random_heads(7, sum(lengths), num_heads, key_heads, 8, spread=0.8)
    context = attention(*heads, packed(lengths), causal=causal, window=window)
    padded = padded_attention(heads, lengths, causal=causal, window=window)
    assert np.abs(context - padded).max() < 5e-6


def test_tiles_take_their_part_of_a_bias() -> None:
    length, num_heads = 400, 4  # two blocks of queries, a tile for each head
    heads = random_heads(8, length, num_heads, num_heads, 2)
    bias = np.random.default_rng(9).normal(size=(num_heads, length, length)).astype(np.float32)
    q, k, v = (x.astype(np.float64) for x in heads)
    weights = np.exp(np.einsum("qhd,khd->hqk", q, k) + bias)
    weights /= weights.sum(axis=-1, keepdims=True)
    expected = np.einsum("hqk,khd->qhd", weights, v).reshape(length, -1)
    context = attention(*heads, packed([length]), bias=lambda _: bias)
    assert np.abs(context - expected).max() < 5e-6


def test_a_text_has_the_same_bits_whatever_stands_beside_it() -> None:
    lengths = [150, 7, 7, 7, 150, 150]
    heads = random_heads(3, sum(lengths), 4, 2, 8)
    cu_seqlens = packed(lengths)
    together = attention(*heads, cu_seqlens, causal=True)
    for start, stop in pairwise(cu_seqlens):
        q, k, v = (x[start:stop] for x in heads)
        alone = attention(q, k, v, packed([stop - start]), causal=True)
        assert np.array_equal(together[start:stop], alone)


@pytest.mark.parametrize("scale", [0.1, 10])  # with sums within the bounds, and beyond
def test_memory_grows_with_the_length_and_not_with_its_square(scale: float) -> None:
    peaks = []
    for length in (2048, 4096):
        q, k, v = random_heads(4, length, 2, 1, 4)
        q *= np.float32(scale)
        tracemalloc.start()
        attention(q, k, v, packed([length]))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2.1 * peaks[0]
    assert peaks[1] < 3 * 128 * 4096 * 2 * 4  # of 64 MB that all scores of a head would take


def test_large_scores_do_not_overflow() -> None:
    heads = columns([200, 200], [200, 199], [1, 2])  # exp(40000) is infinite
    assert attention(*heads, packed([2])).tolist() == [[1], [1]]


def test_queries_far_out_are_as_exact_as_the_others() -> None:
    # exp(±120) is no float32; sums are beyond the bounds from ±46 on
    far = [-120, -90, -47, -45, 0, 45, 47, 87, 90, 120]
    scores = np.add.outer(np.array(far, np.float32), np.linspace(-1, 1, 10, dtype=np.float32))
    q, k = (x[:, None] for x in (scores, np.eye(10, dtype=np.float32)))  # q @ k.T is scores
    v = np.random.default_rng(5).normal(size=(10, 1, 10)).astype(np.float32)
    weights = np.exp(scores.astype(np.float64))
    weights /= weights.sum(axis=1, keepdims=True)
    assert np.abs(attention(q, k, v, packed([10])) - weights @ v[:, 0]).max() < 1e-5


def test_nan_stays_where_it_is() -> None:
    q, k, v = random_heads(1, 4, 1, 1, 2)
    q[1] = np.nan
    seen = np.isnan(attention(q, k, v, packed([4])))
    assert seen.tolist() == [[False] * 2, [True] * 2, [False] * 2, [False] * 2]


def test_no_texts() -> None:
    empty = np.empty((0, 2, 3), np.float32)
    assert attention(empty, empty, empty, packed([])).shape == (0, 6)


def test_a_text_sees_nothing_of_its_neighbours() -> None:
    heads = random_heads(0, 6, 2, 2, 2)
    before = attention(*heads, packed([2, 2, 2]))
    for x in heads:
        x[:2] = x[4:] = 50
    assert np.array_equal(attention(*heads, packed([2, 2, 2]))[2:4], before[2:4])


def test_its_input_is_not_changed() -> None:
    heads = random_heads(0, 5, 2, 1, 3)
    copies = [x.copy() for x in heads]
    attention(*heads, packed([3, 2]), causal=True)
    assert all(np.array_equal(x, copy) for x, copy in zip(heads, copies, strict=True))
