"""Rows -> rows, each number for itself: what stands between the two halves of a feed-forward layer.

All but relu are x σ(f(x)), with σ the logistic function: one exponential, which NumPy computes many
at a time, and one division.

gelu(x) is x Φ(x), with Φ the distribution function of the normal law, which NumPy does not have.
Φ(x) is σ(x G(x²)) here, with a polynomial G from `tools/fit_gelu.py`; the fit's own error in gelu,
7e-8 at most, is about that of one rounding of float32, and evens out to a mean of 0.

For the tanh approximation of gelu σ gives the same as the usual x (1 + tanh(g(x))) / 2, and keeps
the digits of the left tail.

All work in place, and on views such as one half of a product.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ACTIVATIONS",
    "GELU_POLYNOMIAL",
    "Activation",
    "gelu",
    "gelu_tanh",
    "quick_gelu",
    "relu",
    "silu",
]

Activation = Callable[[NDArray[np.float32]], NDArray[np.float32]]

# G, from the constant up
GELU_POLYNOMIAL = (
    *(1.595769303e00, 7.266739078e-02, -6.570467027e-05, -1.106002676e-04),
    *(7.950945661e-06, -2.675306022e-07, 3.623162131e-09),
)

# Rows are worked on in blocks that stay in the second cache of a core. With smaller ones, threads
# wait more often for each other at the interpreter's lock.
_BLOCK_ELEMENTS = 1 << 17


def _times_logistic(
    x: NDArray[np.float32], minus_f: Callable[[NDArray[np.float32], NDArray[np.float32]], None]
) -> NDArray[np.float32]:
    """x σ(f(x)) in place; `minus_f` puts -f of its first argument into the second."""
    rows = max(1, _BLOCK_ELEMENTS // x.shape[1])
    room = np.empty((rows, x.shape[1]), np.float32)
    with np.errstate(over="ignore"):  # an infinite exponential leaves 0, as it should be
        for start in range(0, x.shape[0], rows):
            block = x[start : start + rows]
            divisor = room[: len(block)]
            minus_f(block, divisor)
            np.exp(divisor, out=divisor)
            divisor += np.float32(1)
            block /= divisor
    return x


def gelu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Apply the exact GELU (not its tanh approximation) to `x` `(T, F)` in place.

    >>> gelu(np.array([[-1.0, 0.0, 1.0]], np.float32)).round(4).tolist()
    [[-0.15870000422000885, 0.0, 0.8413000106811523]]
    """
    first, *middle, last = (np.float32(-coefficient) for coefficient in GELU_POLYNOMIAL)

    def minus(block: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        square = np.square(block)
        np.multiply(square, last, out=out)
        for coefficient in reversed(middle):
            out += coefficient
            out *= square
        out += first
        out *= block

    return _times_logistic(x, minus)


def silu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Apply x σ(x) to `x` `(T, F)` in place.

    >>> silu(np.array([[-1.0, 0.0, 1.0]], np.float32)).round(4).tolist()
    [[-0.2689000070095062, 0.0, 0.7311000227928162]]
    """

    def minus(block: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        np.negative(block, out=out)

    return _times_logistic(x, minus)


def quick_gelu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Apply x σ(1.702 x) to `x` `(T, F)` in place."""

    def minus(block: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        np.multiply(block, np.float32(-1.702), out=out)

    return _times_logistic(x, minus)


def gelu_tanh(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Apply x σ(2 sqrt(2/π) (x + 0.044715 x³)) to `x` `(T, F)` in place.

    >>> gelu_tanh(np.array([[-1.0, 0.0, 1.0]], np.float32)).round(4).tolist()
    [[-0.15880000591278076, 0.0, 0.8411999940872192]]
    """
    factor = -2 * (2 / np.pi) ** 0.5

    def minus(block: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        np.multiply(block, block, out=out)
        out *= np.float32(factor * 0.044715)
        out += np.float32(factor)
        out *= block

    return _times_logistic(x, minus)


def relu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Put 0 in place of what is below it in `x` `(T, F)`."""
    np.maximum(x, np.float32(0), out=x)
    return x


# Names in config.json -> what they mean in Hugging Face transformers, which has several ways to
# compute one function.
ACTIVATIONS: dict[str, Activation] = {
    "gelu": gelu,
    "gelu_python": gelu,
    "gelu_new": gelu_tanh,
    "gelu_fast": gelu_tanh,
    "gelu_accurate": gelu_tanh,
    "gelu_pytorch_tanh": gelu_tanh,
    "gelu_python_tanh": gelu_tanh,
    "quick_gelu": quick_gelu,
    "relu": relu,
    "silu": silu,
    "swish": silu,
}
