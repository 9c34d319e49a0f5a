"""x -> gelu(x) = x Φ(x), with Φ the distribution function of the normal law.

NumPy has no Φ and no error function. Φ(x) is 1/2 + x P(x²) / Q(x²) here, with coefficients from
`tools/fit_gelu.py`; the fit's own error, 8e-10, is far below the rounding of float32.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["gelu"]

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
