"""Lanes -> lanes: the exponential and the activations, as `lattice_models.activation` has them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..activation import GELU_POLYNOMIAL, LARGEST_GELU_SQUARE
from .assembly import Kernel, Value

__all__ = ["ACTIVATIONS", "exponential"]

# 2 ** n is made of its bits, so n stays where they mean a normal number. A processor is slow with
# numbers that are nearly 0, such as a quotient by 2 ** 127: so the end is at 115.
_LEAST, _MOST = -125.0, 115.0
# Added and taken away again, it leaves a number rounded to a whole one; its last bits are that one.
_ROUNDER = 1.5 * 2**23
# 2 ** r for r from -1/2 to 1/2, from the constant up; off by 2e-9.
_POWERS = np.polynomial.Chebyshev.interpolate(np.exp2, 6, domain=[-0.5, 0.5]).convert(
    kind=np.polynomial.Polynomial
)

_LOG2_E = math.log2(math.e)


def power_of_two(kernel: Kernel, x: Value) -> Value:
    """2 ** x, off by about one unit in the last place; for x from -125 to 115, beyond as there."""
    x = kernel.least(kernel.most(x, _LEAST), _MOST)
    shifted = x + _ROUNDER
    rest = x - (shifted - _ROUNDER)
    series = kernel.constant(_POWERS.coef[-1], kernel.lanes)
    for coefficient in reversed(_POWERS.coef[:-1]):
        series = kernel.fused(series, rest, coefficient)
    whole = kernel.let(kernel.whole, f"bitcast {shifted} to {kernel.whole}")
    bits = kernel.let(kernel.whole, f"shl {whole}, splat (i32 23)") + (127 << 23)
    return series * kernel.let(kernel.lanes, f"bitcast {bits} to {kernel.lanes}")


def exponential(kernel: Kernel, x: Value) -> Value:
    """e ** x, off by about one unit in the last place; below -86 as there."""
    x = kernel.most(x, _LEAST / _LOG2_E)
    exponent = x * _LOG2_E
    # what rounding took from the product; 2 ** lost is 1 + lost ln 2
    log2_e = kernel.constant(_LOG2_E, kernel.lanes)
    lost = kernel.fused(x, log2_e, exponent * -1.0)
    lost = kernel.fused(x, kernel.constant(_LOG2_E - np.float32(_LOG2_E), kernel.lanes), lost)
    power = power_of_two(kernel, exponent)
    return kernel.fused(power * math.log(2), lost, power)


def _times_logistic(kernel: Kernel, x: Value, minus_f: Value) -> Value:
    """x σ(f); `minus_f` is times log2(e)."""
    return x / (power_of_two(kernel, minus_f) + 1.0)


def _gelu(kernel: Kernel, x: Value) -> Value:
    square = kernel.least(x * x, LARGEST_GELU_SQUARE)
    *lower, highest = (-_LOG2_E * coefficient for coefficient in GELU_POLYNOMIAL)
    g = kernel.constant(highest, kernel.lanes)
    for coefficient in reversed(lower):
        g = kernel.fused(g, square, coefficient)
    return _times_logistic(kernel, x, g * x)


def _gelu_tanh(kernel: Kernel, x: Value) -> Value:
    factor = -2 * _LOG2_E * (2 / math.pi) ** 0.5
    cubic = kernel.constant(factor * 0.044715, kernel.lanes)
    return _times_logistic(kernel, x, kernel.fused(x * x, cubic, factor) * x)


def _silu(kernel: Kernel, x: Value) -> Value:
    return _times_logistic(kernel, x, x * -_LOG2_E)


def _quick_gelu(kernel: Kernel, x: Value) -> Value:
    return _times_logistic(kernel, x, x * (-1.702 * _LOG2_E))


def _relu(kernel: Kernel, x: Value) -> Value:
    return kernel.most(x, 0.0)


# by the names of the functions in `lattice_models.activation`
ACTIVATIONS: dict[str, Callable[[Kernel, Value], Value]] = {
    "gelu": _gelu,
    "gelu_tanh": _gelu_tanh,
    "quick_gelu": _quick_gelu,
    "relu": _relu,
    "silu": _silu,
}
