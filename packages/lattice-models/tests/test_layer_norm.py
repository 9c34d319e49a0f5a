"""`layer_norm.py` against the formula."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_models.layer_norm import LayerNorm, layer_norm
from lattice_models.weights import open_weights
from safetensors.numpy import save_file

pytestmark = pytest.mark.usefixtures("each_kernels")


def slow_layer_norm(
    row: list[float], weight: list[float], bias: list[float], eps: float
) -> list[float]:
    """(x - mean) / sqrt(variance + eps) * weight + bias, the variance divided by D, not D - 1."""
    mean = sum(row) / len(row)
    variance = sum((x - mean) ** 2 for x in row) / len(row)
    scale = math.sqrt(variance + eps)
    return [(x - mean) / scale * w + b for x, w, b in zip(row, weight, bias, strict=True)]


@pytest.mark.parametrize(
    ("row", "eps", "expected"),
    [
        ([1, 3], 0.0, [-1, 1]),  # mean 2, variance 1
        ([1, 3], 3.0, [-0.5, 0.5]),  # divided by sqrt(1 + 3)
        ([0, 0, 0, 4], 0.0, [-1 / math.sqrt(3)] * 3 + [math.sqrt(3)]),  # mean 1, variance 3
        ([5, 5], 1e-12, [0, 0]),  # a constant row has no direction
    ],
)
def test_literals(row: list[float], eps: float, expected: list[float]) -> None:
    ones, zeros = np.ones(len(row), np.float32), np.zeros(len(row), np.float32)
    normed = layer_norm(np.array([row], np.float32), ones, zeros, eps)
    assert normed[0].tolist() == pytest.approx(expected, abs=1e-6)


def test_weight_scales_before_bias_shifts() -> None:
    weight, bias = np.array([2, 3], np.float32), np.array([10, 20], np.float32)
    assert layer_norm(np.array([[1, 3]], np.float32), weight, bias, 0.0).tolist() == [[8, 23]]


@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(1, 5),
    size=st.integers(2, 40),
    spread=st.sampled_from([0.01, 1.0, 100.0]),
    mean=st.sampled_from([0.0, 3.0, -50.0]),
    eps=st.sampled_from([1e-12, 1e-5, 0.5]),
)
def test_same_as_the_formula_in_float64(
    seed: int, rows: int, size: int, spread: float, mean: float, eps: float
) -> None:
    rng = np.random.default_rng(seed)
    hidden = rng.normal(mean, spread, (rows, size)).astype(np.float32)
    weight, bias = rng.normal(0, 1, (2, size)).astype(np.float32)
    expected = [
        slow_layer_norm(row, weight.tolist(), bias.tolist(), eps) for row in hidden.tolist()
    ]
    # float32 keeps about 7 digits of x, so a mean far above the spread costs as many of them
    deviation = float(hidden.std(axis=1).min())
    tolerance = 3e-6 * (1 + float(np.abs(hidden).max()) / max(deviation, math.sqrt(eps)))
    assert np.abs(layer_norm(hidden, weight, bias, eps) - expected).max() < tolerance


def test_in_place_row_by_row_and_float32() -> None:
    hidden = np.array([[1, 3], [0, 100]], np.float32)
    normed = layer_norm(hidden, np.ones(2, np.float32), np.zeros(2, np.float32), 0.0)
    assert normed is hidden
    assert normed.dtype == np.dtype(np.float32)
    assert normed.tolist() == [[-1, 1], [-1, 1]]


@pytest.mark.parametrize(("weight", "bias"), [("weight", "bias"), ("gamma", "beta")])
def test_weights_are_found_under_new_and_old_names(tmp_path: Path, weight: str, bias: str) -> None:
    tensors = {f"n.{weight}": np.array([2, 3], np.float32), f"n.{bias}": np.ones(2, np.float32)}
    save_file(tensors, tmp_path / "model.safetensors")
    norm = LayerNorm.read(open_weights(tmp_path), "n", 2, eps=3.0)
    # mean 2, divided by sqrt(1 + 3): -0.5, 0.5; times 2, 3; plus 1
    assert norm(np.array([[1, 3]], np.float32)).tolist() == [[0, 2.5]]


def test_a_norm_may_have_no_bias(tmp_path: Path) -> None:
    save_file({"n.weight": np.array([2, 3], np.float32)}, tmp_path / "model.safetensors")
    norm = LayerNorm.read(open_weights(tmp_path), "n", 2, eps=3.0, bias=False)
    assert norm(np.array([[1, 3]], np.float32)).tolist() == [[-1, 1.5]]
