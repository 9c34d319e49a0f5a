"""The normal distribution function -> the coefficients in `lattice_models/activation.py`.

Fits g(x²) in Φ(x) = σ(x g(x²)) by a polynomial on [0, LIMIT]: least squares for the error that gelu
gets from it, with weights that are raised where that is largest, until it is nearly the same
everywhere (Lawson's method). One more equation, of more weight than all others, says that over
normally distributed numbers the errors of gelu even out: else they would add up in the product that
follows. Float64 throughout.

Degree 6 is the lowest whose largest error is about that of one rounding in float32. Its highest
coefficient is positive, so beyond LIMIT g grows, as it should; with degree 7 it turns around.

    python tools/fit_gelu.py
"""

from __future__ import annotations

import math

import numpy as np

LIMIT = 5.6  # gelu(-LIMIT) is -6e-8
DEGREE = 6  # in x²
POINTS = 4000
CERTAIN = 1e5  # the weight of the equation for the mean; those of others are up to 1


def main() -> None:
    chebyshev = (1 - np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)) / 2
    x = np.maximum(np.sqrt(chebyshev) * LIMIT, 1e-3)
    scaled = (x / LIMIT) ** 2  # powers of a number up to 1 keep the system well conditioned
    powers = scaled[:, None] ** np.arange(DEGREE + 1)
    below, above = (
        np.array([math.erfc(sign * value / math.sqrt(2)) / 2 for value in x]) for sign in (-1, 1)
    )
    wanted = (np.log(below) - np.log(above)) / x
    slope = x * x * below * above  # of gelu, as g changes
    how_often = np.exp(-x * x / 2) * np.gradient(x)
    for_mean = CERTAIN * slope * how_often / how_often.sum()
    weights = np.ones(POINTS)
    best = (math.inf, np.empty(0))
    for _ in range(400):
        scale = slope * weights
        left = np.vstack([powers * scale[:, None], for_mean @ powers])
        right = np.append(wanted * scale, for_mean @ wanted)
        solution = np.linalg.lstsq(left, right, rcond=None)[0]
        error = np.abs(powers @ solution - wanted) * slope
        if error.max() < best[0]:
            best = (float(error.max()), solution / LIMIT ** (2 * np.arange(DEGREE + 1)))
        weights = weights * np.sqrt(error / error.max() + 1e-4)
        weights /= weights.max()
    print(f"# largest error: {best[0]:.1e}")
    print("G =", ", ".join(f"{value:.9e}" for value in best[1]))


if __name__ == "__main__":
    main()
