"""`gated_feed_forward.py` against the formula."""

from __future__ import annotations

import numpy as np
import pytest
from lattice_models.activation import ACTIVATIONS
from lattice_models.gated_feed_forward import GatedFeedForward
from lattice_models.linear import Linear
from numpy.typing import NDArray

pytestmark = pytest.mark.usefixtures("each_kernels")


def linear(*rows: list[float]) -> Linear:
    return Linear(np.array(rows, np.float32))


def test_the_activation_is_that_of_the_gate() -> None:
    # relu(gate) * up: gates (2, -1), ups (3, 5); what is left is 2 * 3, and 10 times it comes out
    network = GatedFeedForward(
        gate=linear([2], [-1]), up=linear([3], [5]), activation=ACTIVATIONS["relu"],
        down=linear([10, 100]),
    )  # fmt: skip
    assert network(np.array([[1]], np.float32)).tolist() == [[60]]


@pytest.mark.parametrize("tokens", [0, 1, 70, 400])  # fewer and more rows than a block
def test_same_as_the_formula_in_float64(tokens: int) -> None:
    rng = np.random.default_rng(0)

    def weight(out: int, into: int) -> NDArray[np.float32]:
        values: NDArray[np.float64] = rng.normal(0, into**-0.5, (out, into))
        return values.astype(np.float32)

    gate, up, down = weight(300, 20), weight(300, 20), weight(20, 300)
    x = rng.normal(size=(tokens, 20)).astype(np.float32)
    network = GatedFeedForward(Linear(gate), Linear(up), ACTIVATIONS["silu"], Linear(down))
    gates = x.astype(np.float64) @ gate.T
    expected = (gates / (1 + np.exp(-gates)) * (x.astype(np.float64) @ up.T)) @ down.T
    copy = x.copy()
    assert network(x).shape == (tokens, 20)
    assert np.abs(network(x) - expected).max(initial=0) < 5e-6
    assert np.array_equal(x, copy)
