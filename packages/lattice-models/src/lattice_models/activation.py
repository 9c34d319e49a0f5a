"""Rows -> rows, each number for itself: what stands between the two halves of a feed-forward layer.

gelu(x) is x Φ(x), with Φ the distribution function of the normal law. NumPy has no Φ and no error
function. Φ(x) is 1/2 + x P(x²) / Q(x²) here, with coefficients from `tools/fit_gelu.py`; the fit's
own error, 8e-10, is far below the rounding of float32.

The others are x σ(f(x)), with σ the logistic function. For the tanh approximation of gelu that is
the same as the usual x (1 + tanh(g(x))) / 2, and keeps the digits of the left tail.

All work in place, and on views such as one half of a product.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["ACTIVATIONS", "Activation", "gelu", "gelu_tanh", "quick_gelu", "relu", "silu"]

Activation = Callable[[NDArray[np.float32]], NDArray[np.float32]]

_LIMIT = np.float32(5.45)  # from here on Φ is 0 or 1 in float32
_P = np.array(
    [
        3.989422856e-01,
        3.391858410e-02,
        4.907330665e-03,
        1.843934774e-04,
        8.969144061e-06,
        7.302654213e-08,
    ],
    np.float32,
)
_Q = np.array(
    [
        1.000000000e00,
        2.516880541e-01,
        2.924861775e-02,
        2.021226777e-03,
        8.769886471e-05,
        2.227696060e-06,
        3.900127980e-09,
    ],
    np.float32,
)

# Rows are worked on in blocks whose four arrays stay in the cache of a core.
_BLOCK_ELEMENTS = 1 << 15


def _horner(
    u: NDArray[np.float32], coefficients: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    np.multiply(u, coefficients[-1], out=out)
    for coefficient in coefficients[-2:0:-1]:
        out += coefficient
        out *= u
    out += coefficients[0]


def gelu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Apply the exact GELU (not its tanh approximation) to `x` `(T, F)` in place.

    >>> gelu(np.array([[-1.0, 0.0, 1.0]], np.float32)).round(4).tolist()
    [[-0.15870000422000885, 0.0, 0.8413000106811523]]
    """
    rows = max(1, _BLOCK_ELEMENTS // x.shape[1])
    x_buffer, u_buffer, p_buffer, q_buffer = np.empty((4, rows, x.shape[1]), np.float32)
    for start in range(0, x.shape[0], rows):
        block = x[start : start + rows]
        clipped, u, p, q = (b[: len(block)] for b in (x_buffer, u_buffer, p_buffer, q_buffer))
        np.clip(block, -_LIMIT, _LIMIT, out=clipped)
        np.multiply(clipped, clipped, out=u)
        _horner(u, _P, p)
        _horner(u, _Q, q)
        p /= q
        p *= clipped
        p += np.float32(0.5)  # Φ(x)
        block *= p
    return x


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
