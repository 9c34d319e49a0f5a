"""Lanes -> lanes: the exponential and the activations, as `lattice_models.activation` has them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..activation import GELU_POLYNOMIAL
from .assembly import Kernel, Value

__all__ = ["ACTIVATIONS", "exponential", "power_of_two"]

# 2 ** n comes of adding n to the exponent of a number near 1, which must stay one. A processor is
# slow with numbers that are nearly 0, such as a quotient by 2 ** 127: so the end is at 115.
_LEAST, _MOST = -125.0, 115.0
# Added and taken away again, it leaves a number rounded to a whole one; its last bits are that one.
_ROUNDER = 1.5 * 2**23


def _polynomial_for(function: Callable[[Any], Any], least: float, most: float) -> list[float]:
    """Its coefficients, from the constant up."""
    series = np.polynomial.Chebyshev.interpolate(function, 6, domain=[least, most])
    return [float(number) for number in series.convert(kind=np.polynomial.Polynomial).coef]


# each is off by 2e-9
_POWERS_OF_2 = _polynomial_for(np.exp2, -0.5, 0.5)
_POWERS_OF_2_FROM_0 = _polynomial_for(np.exp2, 0, 1)
_POWERS_OF_E = _polynomial_for(np.exp, -0.35, 0.35)

_LOG2_E = math.log2(math.e)
# ln 2 in two parts, the first of so few bits that a whole number up to 128 times it is exact
_LN_2_HIGH = round(math.log(2) * 2**16) / 2**16
_LN_2_LOW = math.log(2) - _LN_2_HIGH


def power_of_two(kernel: Kernel, x: Value) -> Value:
    """2 ** x, off by about one unit in the last place; for x from -125 to 115.

    Beyond 115 as there; below -125 as there, or less.
    """
    x = kernel.least(x, _MOST)
    if kernel.width == 16:  # AVX-512 has an instruction for what comes before, and one for after
        power = _polynomial(kernel, _POWERS_OF_2_FROM_0, kernel.fraction(x))
        return kernel.scaled(power, x)
    x = kernel.most(x, _LEAST)
    shifted = x + _ROUNDER
    rest = x - (shifted - _ROUNDER)
    return _times_power_of_two(kernel, _polynomial(kernel, _POWERS_OF_2, rest), shifted)


def exponential(kernel: Kernel, x: Value) -> Value:
    """e ** x, off by about one unit in the last place; for x from -86 to 79, below as there."""
    x = kernel.most(x, _LEAST / _LOG2_E)
    shifted = kernel.fused(x, kernel.constant(_LOG2_E, kernel.lanes), _ROUNDER)
    whole = shifted - _ROUNDER
    rest = kernel.fused(whole, kernel.constant(-_LN_2_HIGH, kernel.lanes), x)
    rest = kernel.fused(whole, kernel.constant(-_LN_2_LOW, kernel.lanes), rest)
    return _times_power_of_two(kernel, _polynomial(kernel, _POWERS_OF_E, rest), shifted)


def _polynomial(kernel: Kernel, coefficients: Sequence[float], x: Value) -> Value:
    """From the constant up."""
    *lower, highest = coefficients
    total = kernel.constant(highest, kernel.lanes)
    for coefficient in reversed(lower):
        total = kernel.fused(total, x, coefficient)
    return total


def _times_power_of_two(kernel: Kernel, x: Value, shifted: Value) -> Value:
    """`x` times 2 to the whole number that `shifted` has in its last bits."""
    bits, power = (
        kernel.let(kernel.whole, f"bitcast {lanes} to {kernel.whole}") for lanes in (x, shifted)
    )
    bits += kernel.let(kernel.whole, f"shl {power}, splat (i32 23)")
    return kernel.let(kernel.lanes, f"bitcast {bits} to {kernel.lanes}")


def _times_logistic(kernel: Kernel, x: Value, minus_f: Value) -> Value:
    """x σ(f); `minus_f` is times log2(e)."""
    return x / (power_of_two(kernel, minus_f) + 1.0)


def _gelu(kernel: Kernel, x: Value) -> Value:
    minus_g = [-_LOG2_E * coefficient for coefficient in GELU_POLYNOMIAL]
    return _times_logistic(kernel, x, _polynomial(kernel, minus_g, x * x) * x)


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
