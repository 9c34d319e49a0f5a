"""`activation.py`: gelu against the error function of the standard library."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_models.activation import gelu
from numpy.typing import NDArray

TOLERANCE = 3e-7


def slow_gelu(x: NDArray[np.float32]) -> NDArray[np.float64]:
    """x Φ(x) in float64, one number at a time; erfc keeps the digits of the left tail."""
    values = [value * math.erfc(-value / math.sqrt(2)) / 2 for value in x.ravel().tolist()]
    return np.array(values).reshape(x.shape)


def largest_error(x: NDArray[np.float32]) -> float:
    """As a part of |x|, or of 1 where that is more."""
    error = np.abs(gelu(x.copy()) - slow_gelu(x)) / np.maximum(1, np.abs(x))
    return float(error.max())


@pytest.mark.parametrize(
    ("x", "y"),
    # Φ(1) = 0.8413447461, Φ(2) = 0.9772498681, Φ(3) = 0.9986501020: any table of the normal law
    [(0, 0), (1, 0.8413447461), (-1, -0.1586552539), (2, 1.9544997361), (-3, -0.0040496941)],
)
def test_published_values(x: float, y: float) -> None:
    assert gelu(np.array([[x]], np.float32))[0, 0] == pytest.approx(y, abs=TOLERANCE)


def test_it_is_not_the_tanh_approximation() -> None:
    # which gives 1.954597694 at 2: 1e-4 away
    assert abs(float(gelu(np.array([[2]], np.float32))[0, 0]) - 1.954597694) > 9e-5


def test_error_on_a_dense_grid_is_that_of_float32() -> None:
    # float32 rounds to 6e-8 of a number, and a handful of roundings follow each other
    grid = np.linspace(-20, 20, 40_001, dtype=np.float32)[None]
    assert largest_error(grid) < TOLERANCE


def test_error_where_the_fit_ends() -> None:
    # the quotient of polynomials is good up to there, and grows without bound beyond
    edge = np.linspace(5, 6, 5_001, dtype=np.float32)[None]
    assert largest_error(edge) < TOLERANCE
    assert largest_error(-edge) < TOLERANCE


def test_far_out_it_is_the_number_itself_or_nothing() -> None:
    x = np.array([[6, 100, 1e30]], np.float32)
    assert np.array_equal(gelu(x.copy()), x)
    assert np.array_equal(gelu(-x), np.zeros_like(x))


def test_small_numbers_keep_their_digits() -> None:
    # near 0 gelu is x/2: the error must shrink with x
    x = np.geomspace(1e-30, 1e-2, 500, dtype=np.float32)[None]
    assert float(np.max(np.abs(gelu(x.copy()) - slow_gelu(x)) / slow_gelu(x))) < 3e-7


@given(
    st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=12),
    st.integers(1, 3),
)
def test_same_as_the_slow_one(values: list[float], rows: int) -> None:
    x = np.array([values] * rows, np.float32)
    assert largest_error(x) < TOLERANCE


@pytest.mark.parametrize("shape", [(1, 7), (3, 40_000), (70, 1000), (33, 1024), (32, 1024)])
def test_blocks_cover_every_row_once(shape: tuple[int, int]) -> None:
    # a block has 32,768 elements, or one row: these make one block, one per row, and a short last
    x = np.random.default_rng(0).normal(0, 2, shape).astype(np.float32)
    one_by_one = np.concatenate([gelu(row[None].copy()) for row in x])
    assert np.array_equal(gelu(x.copy()), one_by_one)


def test_no_rows() -> None:
    assert gelu(np.empty((0, 5), np.float32)).shape == (0, 5)


def test_in_place_and_float32() -> None:
    x = np.ones((2, 3), np.float32)
    assert gelu(x) is x
    assert x.dtype == np.dtype(np.float32)


def test_nan_is_not_hidden() -> None:
    y = gelu(np.array([[np.nan, 1.0]], np.float32))
    assert np.isnan(y).tolist() == [[True, False]]
