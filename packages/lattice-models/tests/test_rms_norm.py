"""`rms_norm.py` against the formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_models.rms_norm import RmsNorm, rms_norm

pytestmark = pytest.mark.usefixtures("each_kernels")


def slow_rms_norm(row: list[float], weight: list[float], eps: float) -> list[float]:
    """x / sqrt(mean of squares + eps) * weight."""
    scale = math.sqrt(sum(x * x for x in row) / len(row) + eps)
    return [x / scale * w for x, w in zip(row, weight, strict=True)]


@pytest.mark.parametrize(
    ("row", "eps", "expected"),
    [
        ([1, 7], 0.0, [0.2, 1.4]),  # mean square 25
        ([1, 7], 11.0, [1 / 6, 7 / 6]),  # divided by sqrt(25 + 11)
        ([5, 5], 0.0, [1, 1]),  # the mean stays, as a layer norm would not let it
        ([0, 0], 1e-6, [0, 0]),
    ],
)
def test_literals(row: list[float], eps: float, expected: list[float]) -> None:
    normed = rms_norm(np.array([row], np.float32), np.ones(2, np.float32), eps)
    assert normed[0].tolist() == pytest.approx(expected, rel=1e-6)


@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.sampled_from([(1, 1), (3, 5), (2, 40), (700, 90), (4, 3, 6), (50, 20, 64)]),
    spread=st.sampled_from([1e-3, 1.0, 100.0]),
    eps=st.sampled_from([1e-12, 1e-6, 0.5]),
)
def test_same_as_the_formula_in_float64(
    seed: int, shape: tuple[int, ...], spread: float, eps: float
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(0, spread, shape).astype(np.float32)
    weight = rng.normal(1, 0.3, shape[-1]).astype(np.float32)
    normed = rms_norm(x, weight, eps)
    assert (normed.dtype.name, normed.shape) == ("float32", shape)
    pairs = list(zip(x.reshape(-1, shape[-1]), normed.reshape(-1, shape[-1]), strict=True))
    for row, got in [*pairs[:: max(1, len(pairs) // 20)], pairs[-1]]:
        expected = slow_rms_norm(row.tolist(), weight.tolist(), eps)
        assert got.tolist() == pytest.approx(expected, rel=5e-7)


def test_into_a_new_array_or_into_the_same() -> None:
    x = np.array([[1, 7], [7, 1]], np.float32)
    norm = RmsNorm(np.ones(2, np.float32), 0.0)
    normed = norm(x)
    assert x.tolist() == [[1, 7], [7, 1]]
    assert norm(x, out=x) is x
    assert np.array_equal(x, normed)


def test_heads_that_are_views_of_a_fused_product() -> None:
    fused = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    head = fused[:, 1:2]  # (2, 1, 4)
    expected = rms_norm(head.copy(), np.ones(4, np.float32), 0.0)
    rms_norm(head, np.ones(4, np.float32), 0.0, out=head)
    assert np.array_equal(fused[:, 1:2], expected)
    assert fused[:, 0].tolist() == [[0, 1, 2, 3], [12, 13, 14, 15]]


def test_no_rows() -> None:
    assert rms_norm(np.empty((0, 4), np.float32), np.ones(4, np.float32), 0.0).shape == (0, 4)
