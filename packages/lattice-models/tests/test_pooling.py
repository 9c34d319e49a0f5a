"""`pooling.py`: hidden states to one vector per text."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_models.pooling import POOLINGS, l2_normalize

HIDDEN = np.array([[1, -2], [3, 6], [-5, 0], [7, -7]], np.float32)
CU_SEQLENS = np.array([0, 3, 4])


# what `Pooling` of sentence-transformers 6.2 gives, in float64
@pytest.mark.parametrize(
    ("pooling", "first"),
    [
        ("cls", [1, -2]),
        ("max", [3, 6]),
        ("mean", [-0.3333333333333333, 1.3333333333333333]),
        ("mean_sqrt_len_tokens", [-0.5773502691896258, 2.3094010767585034]),
        ("weightedmean", [-1.3333333333333333, 1.6666666666666667]),
        ("lasttoken", [-5, 0]),
    ],
)
def test_literals(pooling: str, first: list[float]) -> None:
    pooled = POOLINGS[pooling](HIDDEN, CU_SEQLENS)
    assert pooled.dtype == np.dtype(np.float64)
    assert np.abs(pooled - [first, [7, -7]]).max() < 1e-15


def test_these_poolings_in_this_order() -> None:
    # in which sentence-transformers puts the vectors of several flags side by side
    order = ["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"]
    assert list(POOLINGS) == order


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_same_as_one_text_at_a_time(lengths: list[int], seed: int) -> None:
    hidden = np.random.default_rng(seed).normal(size=(sum(lengths), 3)).astype(np.float32)
    cu_seqlens = np.cumsum([0, *lengths])
    for start, stop in pairwise(cu_seqlens):
        text = hidden[start:stop].astype(np.float64)
        length = stop - start
        total = sum(text[1:], start=text[0])
        weighted = sum((position * row for position, row in enumerate(text, 1)), np.zeros(3))
        expected = {
            "cls": text[0],
            "max": [max(column) for column in text.T],
            "mean": total / length,
            "mean_sqrt_len_tokens": total / length**0.5,
            "weightedmean": weighted / (length * (length + 1) / 2),
            "lasttoken": text[-1],
        }
        index = int(np.flatnonzero(cu_seqlens == start)[0])
        for pooling, vector in expected.items():
            found = POOLINGS[pooling](hidden, cu_seqlens)[index]
            assert np.abs(found - vector).max() <= 1e-14, pooling


@pytest.mark.parametrize("pooling", POOLINGS)
def test_what_is_not_finite_stays_visible(pooling: str) -> None:
    hidden = np.array([[0, np.nan], [1, np.nan], [2, np.nan]], np.float32)
    assert np.isnan(POOLINGS[pooling](hidden, np.array([0, 3]))[0, 1])


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
