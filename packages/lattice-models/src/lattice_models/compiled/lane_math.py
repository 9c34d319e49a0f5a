"""Lanes -> lanes: the exponential and the activations, as `lattice_models.activation` has them."""

from __future__ import annotations

import math
from collections.abc import Callable

from ..activation import GELU_POLYNOMIAL, LARGEST_GELU_SQUARE
from .assembly import Kernel, Value

__all__ = ["ACTIVATIONS", "exponential"]

# 2 ** n is made of its bits, so n stays where they mean a normal number. A processor is slow with
# numbers that are nearly 0, such as a quotient by e ** 88: so the end is at 80.
_LEAST, _MOST = -87.0, 80.0
# ln 2 in two parts; the first has few digits, so that n times it is exact.
_LN2_HIGH = 0.693359375
_LN2_LOW = math.log(2) - _LN2_HIGH
# The series of exp up to here is off by less than 1e-8 between -ln(2) / 2 and ln(2) / 2.
_DEGREE = 7


def exponential(kernel: Kernel, x: Value) -> Value:
    """e ** x, off by at most one unit in the last place; below -87 as of -87, above 80 as of 80."""
    x = kernel.least(kernel.most(x, _LEAST), _MOST)
    n = kernel.call(kernel.lanes, f"llvm.rint.v{kernel.width}f32", x * (1 / math.log(2)))
    rest = kernel.fused(n, kernel.constant(-_LN2_HIGH, kernel.lanes), x)
    rest = kernel.fused(n, kernel.constant(-_LN2_LOW, kernel.lanes), rest)
    series = kernel.constant(1 / math.factorial(_DEGREE), kernel.lanes)
    for degree in reversed(range(_DEGREE)):
        series = kernel.fused(series, rest, 1 / math.factorial(degree))
    power = kernel.let(kernel.whole, f"fptosi {n} to {kernel.whole}") + 127
    bits = kernel.let(kernel.whole, f"shl {power}, splat (i32 23)")
    return series * kernel.let(kernel.lanes, f"bitcast {bits} to {kernel.lanes}")


def _times_logistic(kernel: Kernel, x: Value, minus_f: Value) -> Value:
    """x σ(f)"""
    return x / (exponential(kernel, minus_f) + 1.0)


def _gelu(kernel: Kernel, x: Value) -> Value:
    square = kernel.least(x * x, LARGEST_GELU_SQUARE)
    *lower, highest = (-coefficient for coefficient in GELU_POLYNOMIAL)
    g = kernel.constant(highest, kernel.lanes)
    for coefficient in reversed(lower):
        g = kernel.fused(g, square, coefficient)
    return _times_logistic(kernel, x, g * x)


def _gelu_tanh(kernel: Kernel, x: Value) -> Value:
    factor = -2 * (2 / math.pi) ** 0.5
    cubic = kernel.constant(factor * 0.044715, kernel.lanes)
    return _times_logistic(kernel, x, kernel.fused(x * x, cubic, factor) * x)


def _silu(kernel: Kernel, x: Value) -> Value:
    return _times_logistic(kernel, x, x * -1.0)


def _quick_gelu(kernel: Kernel, x: Value) -> Value:
    return _times_logistic(kernel, x, x * -1.702)


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
