"""The normal distribution function -> the coefficients in `lattice_models/activation.py`.

Fits Φ(x) - 1/2 = x P(x²) / Q(x²) on [0, LIMIT], least squares with weights that are raised where
the error is largest, until it is nearly the same everywhere (Lawson's method). Float64 throughout.
Of the limits and degrees that were tried, these leave no bias in float32 and end in exactly 1/2.

    python tools/fit_gelu.py
"""

from __future__ import annotations

import math

import numpy as np

LIMIT = 5.45
P_DEGREE, Q_DEGREE = 5, 6  # in x²
POINTS = 4000


def main() -> None:
    chebyshev = (1 - np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)) / 2
    x = np.maximum(np.sqrt(chebyshev) * LIMIT, 1e-6)
    scaled = (x / LIMIT) ** 2  # powers of a number up to 1 keep the system well conditioned
    wanted = np.array([math.erf(value / math.sqrt(2)) / 2 for value in x]) / x
    p_powers = scaled[:, None] ** np.arange(P_DEGREE + 1)
    q_powers = scaled[:, None] ** np.arange(Q_DEGREE + 1)
    system = np.concatenate([p_powers, -wanted[:, None] * q_powers[:, 1:]], axis=1)
    weights, denominator = np.ones(POINTS), np.ones(POINTS)
    best = (math.inf, np.empty(0), np.empty(0))
    for _ in range(80):
        scale = weights / denominator * x
        solution = np.linalg.lstsq(system * scale[:, None], wanted * scale, rcond=None)[0]
        p = solution[: P_DEGREE + 1]
        q = np.concatenate([[1.0], solution[P_DEGREE + 1 :]])
        denominator = np.abs(q_powers @ q)
        error = np.abs((p_powers @ p) / (q_powers @ q) - wanted) * x
        if error.max() < best[0]:
            best = (
                float(error.max()),
                p / LIMIT ** (2 * np.arange(P_DEGREE + 1)),
                q / LIMIT ** (2 * np.arange(Q_DEGREE + 1)),
            )
        weights = weights * np.sqrt(error / error.max() + 1e-3)
        weights /= weights.max()
    print(f"# largest error: {best[0]:.1e}")
    print("P =", ", ".join(f"{value:.9e}" for value in best[1]))
    print("Q =", ", ".join(f"{value:.9e}" for value in best[2]))


if __name__ == "__main__":
    main()
