"""`linear.py` against sums of products."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from lattice_models import WeightsError
from lattice_models.linear import Linear
from lattice_models.weights import open_weights
from safetensors.numpy import save_file

pytestmark = pytest.mark.usefixtures("each_kernels")

WEIGHT = np.array([[1, 2], [3, 4], [5, 6]], np.float32)  # (out, in)
BIAS = np.array([10, 20, 30], np.float32)


def test_a_product_by_hand() -> None:
    # 1*1 + 2*10, 3*1 + 4*10, 5*1 + 6*10
    x = np.array([[1, 10]], np.float32)
    assert Linear(WEIGHT)(x).tolist() == [[21, 43, 65]]
    assert Linear(WEIGHT, BIAS)(x).tolist() == [[31, 63, 95]]


# around the 24 rows up to which the weights are cut, and the 64 at which the product turns around
@pytest.mark.parametrize("rows", [0, 1, 2, 24, 25, 63, 64, 65, 200])
# one piece; pieces of 48 and 16 weights at 24 rows, the last one shorter
@pytest.mark.parametrize(("out", "into"), [(5, 7), (100, 390), (35, 2000)])
def test_same_as_one_row_at_a_time(rows: int, out: int, into: int) -> None:
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(rows, into)), rng.normal(size=(out, into)) * into**-0.5
    bias = rng.normal(size=out)
    linear = Linear(weight.astype(np.float32), bias.astype(np.float32))
    y = linear(x.astype(np.float32))
    slow = np.array([weight @ row + bias for row in x]).reshape(rows, out)  # in float64
    assert (y.dtype.name, y.shape, y.flags.c_contiguous) == ("float32", (rows, out), True)
    assert np.abs(y - slow).max(initial=0) < 1e-5


def test_its_input_and_its_weights_are_not_changed() -> None:
    weight, bias, x = WEIGHT.copy(), BIAS.copy(), np.ones((2, 2), np.float32)
    linear = Linear(weight, bias)
    assert np.array_equal(linear(x), linear(x))
    assert np.array_equal(linear.scaled(2)(x), 2 * linear(x))
    assert (x == 1).all()
    assert np.array_equal(weight, WEIGHT)
    assert np.array_equal(bias, BIAS)


@pytest.mark.parametrize("bias", [BIAS, None])
def test_side_by_side_is_each_for_itself(
    bias: np.ndarray[tuple[int], np.dtype[np.float32]],
) -> None:
    first = Linear(WEIGHT, bias)
    second = Linear(WEIGHT[:1] * 7, None if bias is None else bias[:1])
    x = np.array([[1, 2], [3, 4]], np.float32)
    both = Linear.side_by_side([first, second])(x)
    assert np.array_equal(both, np.concatenate([first(x), second(x)], axis=1))


def test_reading_takes_weight_and_bias(tmp_path: Path) -> None:
    save_file(
        {"a.weight": WEIGHT, "a.bias": BIAS, "b.weight": WEIGHT}, tmp_path / "model.safetensors"
    )
    weights = open_weights(tmp_path)
    a = Linear.read(weights, "a", 3, 2)
    b = Linear.read(weights, "b", 3, 2, bias=False)
    weights.finish(ignored=[])
    assert np.array_equal(a.weight, WEIGHT)
    assert a.bias is not None
    assert np.array_equal(a.bias, BIAS)
    assert b.bias is None
    with pytest.raises(WeightsError, match=r"^b\.bias: expected a tensor of shape \(3,\)"):
        Linear.read(open_weights(tmp_path), "b", 3, 2)
