"""What the oracle's own float32 errs on a case -> how far an engine may be from its expectation.

Expectations are float64. Where source.json has `limit.float32`, each of its cases holds the error
of the oracle in float32, measured once, and its limits follow from that:

    greatest difference   times * error, at least `floor`, at most `limit.max_abs_diff`
    1 - cosine            times**2 * error, at least `cosine_floor`, at most 1 - `limit.min_cosine`

The cosine of vectors of length 1 falls with the square of their difference. Where source.json has
no `limit.float32` (those in bfloat16, for one), all its cases have the same limits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .cases import ERROR_KEY, Case, CaseSet

__all__ = ["float32_error", "limit_of"]


def float32_error(vector: list[float], truth: list[float]) -> dict[str, float]:
    """The measured distance, to two digits."""
    one, other = np.array(vector, np.float64), np.array(truth, np.float64)
    cosine = one @ other / (np.linalg.norm(one) * np.linalg.norm(other))
    error = {"max_abs_diff": np.abs(one - other).max(), "cosine_distance": max(0.0, 1 - cosine)}
    return {key: float(f"{value:.1e}") for key, value in error.items()}


def limit_of(case_set: CaseSet, case: Case) -> dict[str, float]:
    """`max_abs_diff` and `min_cosine`; empty for a set that has no vectors."""
    limit: dict[str, Any] = case_set.source.get("limit", {})
    if "float32" not in limit:
        return limit
    rule = limit["float32"]
    error = (case.expect or {})[ERROR_KEY]
    near = max(rule["floor"], rule["times"] * error["max_abs_diff"])
    turned = max(rule["cosine_floor"], rule["times"] ** 2 * error["cosine_distance"])
    return {
        "max_abs_diff": min(limit["max_abs_diff"], near),
        "min_cosine": max(limit["min_cosine"], 1 - turned),
    }
