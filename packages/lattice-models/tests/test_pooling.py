"""`pooling.py`: hidden states to one vector per text."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_models.pooling import POOLINGS, l2_normalize

HIDDEN = np.array([[1, 2], [3, 6], [5, 0], [7, 7]], np.float32)
CU_SEQLENS = np.array([0, 1, 4])


@pytest.mark.parametrize(
    ("pooling", "vectors"),
    [
        ("cls", [[1, 2], [3, 6]]),
        ("mean", [[1, 2], [5, 13 / 3]]),
    ],  # (3 + 5 + 7) / 3, (6 + 0 + 7) / 3
)
def test_literals(pooling: str, vectors: list[list[float]]) -> None:
    pooled = POOLINGS[pooling](HIDDEN, CU_SEQLENS)
    assert pooled.dtype == np.dtype(np.float64)
    assert pooled.tolist() == vectors


def test_these_poolings_and_no_others() -> None:
    assert sorted(POOLINGS) == ["cls", "mean"]


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_same_as_one_text_at_a_time(lengths: list[int], seed: int) -> None:
    hidden = np.random.default_rng(seed).normal(size=(sum(lengths), 3)).astype(np.float32)
    cu_seqlens = np.cumsum([0, *lengths])
    texts = [hidden[start:stop].astype(np.float64) for start, stop in pairwise(cu_seqlens)]
    expected_mean = [sum(text[1:], start=text[0]) / len(text) for text in texts]
    assert np.allclose(POOLINGS["mean"](hidden, cu_seqlens), expected_mean, rtol=0, atol=1e-14)
    assert np.array_equal(POOLINGS["cls"](hidden, cu_seqlens), [text[0] for text in texts])


def test_the_mean_does_not_lose_small_numbers_beside_large_ones() -> None:
    # in float32, 1e8 + 1 - 1e8 is 0
    hidden = np.array([[1e8], [1], [-1e8], [1]], np.float32)
    assert POOLINGS["mean"](hidden, np.array([0, 4])).tolist() == [[0.5]]


def test_hidden_states_are_not_changed() -> None:
    hidden = HIDDEN.copy()
    l2_normalize(POOLINGS["cls"](hidden, CU_SEQLENS))
    assert np.array_equal(hidden, HIDDEN)


def test_rows_are_scaled_to_length_one() -> None:
    vectors = np.array([[3.0, 4.0], [0.0, -2.0]])
    assert l2_normalize(vectors).tolist() == [[0.6, 0.8], [0.0, -1.0]]
    assert vectors.tolist() == [[0.6, 0.8], [0.0, -1.0]]


def test_rows_are_divided_by_at_least_1e_12() -> None:
    # as torch.nn.functional.normalize does
    assert l2_normalize(np.array([[1e-11], [1e-13]])).tolist() == [[1.0], [0.1]]


def test_a_zero_row_stays_zero() -> None:
    assert l2_normalize(np.zeros((1, 3))).tolist() == [[0, 0, 0]]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8))
def test_length_is_one_unless_the_row_is_tiny(row: list[float]) -> None:
    vector = np.array([row])
    before = float(np.sqrt((vector**2).sum()))
    length = float(np.sqrt((l2_normalize(vector) ** 2).sum()))
    assert length == pytest.approx(min(1.0, before / 1e-12), abs=1e-9)
