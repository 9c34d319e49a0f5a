"""`activation.py` against the functions of the standard library, and names against the oracle."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_models.activation import ACTIVATIONS, gelu, gelu_tanh, quick_gelu, relu, silu
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
    # the polynomial is good up to there, and only grows beyond
    edge = np.linspace(5, 6, 5_001, dtype=np.float32)[None]
    assert largest_error(edge) < TOLERANCE
    assert largest_error(-edge) < TOLERANCE


def test_far_out_it_is_the_number_itself_or_nothing() -> None:
    x = np.array([[6, 20, 100, 1e30]], np.float32)
    assert np.array_equal(gelu(x.copy()), x)
    assert float(np.abs(gelu(-x)).max()) < 2e-8  # gelu(-6) is -6e-9


def test_its_error_has_no_direction() -> None:
    # an error of one sign in all elements would add up in the product that follows
    x = np.random.default_rng(0).normal(-0.5, 1.2, (60, 1000)).astype(np.float32)
    assert abs(float((gelu(x.copy()) - slow_gelu(x)).mean())) < 1e-8


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


@pytest.mark.parametrize("shape", [(1, 7), (3, 70_000), (140, 1000), (65, 1024), (64, 1024)])
def test_blocks_cover_every_row_once(shape: tuple[int, int]) -> None:
    # a block has 65,536 elements, or one row: these make one block, one per row, and a short last
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


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value > -700 else 0.0


SLOW: dict[str, Callable[[float], float]] = {
    "gelu": lambda x: x * math.erfc(-x / math.sqrt(2)) / 2,
    "gelu_new": lambda x: x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    "quick_gelu": lambda x: x * _logistic(1.702 * x),
    "relu": lambda x: max(x, 0.0),
    "silu": lambda x: x * _logistic(x),
}

# transformers 5.23.0, ACT2FN[name] in float64
AT_MINUS_3_MINUS_1_2 = {
    "gelu": [-0.0040496941, -0.1586552539, 1.9544997361],
    "gelu_python": [-0.0040496941, -0.1586552539, 1.9544997361],
    "gelu_new": [-0.0036373921, -0.1588080094, 1.9545976941],
    "gelu_fast": [-0.0036373921, -0.1588080094, 1.9545976941],
    "gelu_accurate": [-0.0036373921, -0.1588080094, 1.9545976941],
    "gelu_pytorch_tanh": [-0.0036373921, -0.1588080094, 1.9545976941],
    "gelu_python_tanh": [-0.0036373921, -0.1588080094, 1.9545976941],
    "quick_gelu": [-0.0180713097, -0.1542042341, 1.9356586231],
    "relu": [0.0, 0.0, 2.0],
    "silu": [-0.1422776195, -0.2689414214, 1.7615941560],
    "swish": [-0.1422776195, -0.2689414214, 1.7615941560],
}


def test_names_mean_what_they_mean_to_the_oracle() -> None:
    assert list(AT_MINUS_3_MINUS_1_2) == list(ACTIVATIONS)
    for name, expected in AT_MINUS_3_MINUS_1_2.items():
        y = ACTIVATIONS[name](np.array([[-3, -1, 2]], np.float32))[0]
        assert y.tolist() == pytest.approx(expected, abs=TOLERANCE), name


@pytest.mark.parametrize("name", SLOW)
def test_error_of_each_is_that_of_float32(name: str) -> None:
    grid = np.linspace(-30, 30, 60_001, dtype=np.float32)[None]
    expected = np.array([[SLOW[name](x) for x in grid[0].tolist()]])
    error = np.abs(ACTIVATIONS[name](grid.copy()) - expected) / np.maximum(1, np.abs(grid))
    assert float(error.max()) < TOLERANCE


@pytest.mark.parametrize("function", [silu, quick_gelu, gelu_tanh])
def test_the_left_tail_keeps_its_digits(
    function: Callable[[NDArray[np.float32]], NDArray[np.float32]],
) -> None:
    # tanh(x) is -1 in float32 from -9 on, so that 1 + tanh would be nothing where gelu is not
    x = np.linspace(-4, -1, 300, dtype=np.float32)[None]
    slow = SLOW[{"gelu_tanh": "gelu_new"}.get(function.__name__, function.__name__)]
    expected = np.array([[slow(value) for value in x[0].tolist()]])
    assert float((np.abs(function(x.copy()) - expected) / np.abs(expected)).max()) < 3e-6


@pytest.mark.parametrize("function", [gelu, gelu_tanh, quick_gelu, relu, silu])
class TestEveryFunction:
    """What holds whatever the formula."""

    def test_far_out_it_is_the_number_itself_or_nothing(
        self, function: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    ) -> None:
        x = np.array([[200, 1e30, 3e38]], np.float32)
        assert np.array_equal(function(x.copy()), x)
        assert not np.any(function(-x))

    def test_nan_is_not_hidden(
        self, function: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    ) -> None:
        assert np.isnan(function(np.array([[np.nan, 1]], np.float32))).tolist() == [[True, False]]

    @pytest.mark.parametrize("shape", [(0, 5), (1, 7), (3, 40_000), (70, 1000)])
    def test_in_place_on_views_too(
        self, function: Callable[[NDArray[np.float32]], NDArray[np.float32]], shape: tuple[int, int]
    ) -> None:
        rows, columns = shape
        fused = np.random.default_rng(0).normal(0, 2, (rows, 2 * columns)).astype(np.float32)
        left, right = np.split(fused.copy(), 2, axis=1)
        half = fused[:, :columns]
        assert function(half) is half
        one_by_one = [function(row[None].copy()) for row in left]
        assert np.array_equal(half, np.concatenate([left[:0], *one_by_one]))
        assert np.array_equal(fused[:, columns:], right)
