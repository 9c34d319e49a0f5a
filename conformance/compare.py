"""What was expected and what came -> whether it is right, and how far off it is.

Token ids are right or wrong. Vectors have a distance, and both the greatest difference of a number
and the cosine must keep their limits; NaN keeps none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Distance", "Verdict", "compare"]


@dataclass(frozen=True)
class Distance:
    """Of a vector from the truth, and the limits that it was held against."""

    max_abs_diff: float
    cosine: float
    max_abs_diff_limit: float
    cosine_limit: float

    def within(self) -> bool:
        # written so that NaN, which compares as false, is outside
        return self.max_abs_diff <= self.max_abs_diff_limit and self.cosine >= self.cosine_limit

    @property
    def share(self) -> float:
        """Of the limit that is nearer, how much is used: more than 1 is outside."""
        turned = (1 - self.cosine) / (1 - self.cosine_limit)
        return max(self.max_abs_diff / self.max_abs_diff_limit, turned)

    def __str__(self) -> str:
        return (
            f"max abs diff {self.max_abs_diff:.2e} (limit {self.max_abs_diff_limit:.2e}), "
            f"1 - cosine {1 - self.cosine:.1e} (limit {1 - self.cosine_limit:.1e})"
        )


@dataclass(frozen=True)
class Verdict:
    """`message` says what differs, and is empty where nothing does."""

    message: str = ""
    distance: Distance | None = None

    @property
    def right(self) -> bool:
        return not self.message


def compare(expect: dict[str, Any], answer: dict[str, Any], limit: dict[str, float]) -> Verdict:
    """Hold every key of `expect` against `answer`; keys that nobody asked for are not looked at."""
    distance = None
    for key, wanted in expect.items():
        if key not in answer:
            return Verdict(f"{key}: expected an answer, received none")
        if key == "vector":
            distance = _distance(wanted, answer[key], limit)
            if distance is None or not distance.within():
                return Verdict(f"vector: {distance or 'not as many numbers as expected'}", distance)
        elif type(answer[key]) is not type(wanted) or answer[key] != wanted:
            return Verdict(f"{key}: {_difference(wanted, answer[key])}", distance)
    return Verdict("", distance)


def _distance(wanted: list[float], received: Any, limit: dict[str, float]) -> Distance | None:
    try:
        vector = np.asarray(received, np.float64)
    except (TypeError, ValueError):
        return None
    truth = np.array(wanted, np.float64)
    if vector.shape != truth.shape:
        return None
    with np.errstate(all="ignore"):  # a zero vector has no cosine: NaN, which is outside
        return Distance(
            max_abs_diff=float(np.abs(vector - truth).max()),
            cosine=float(vector @ truth / (np.linalg.norm(vector) * np.linalg.norm(truth))),
            max_abs_diff_limit=limit["max_abs_diff"],
            cosine_limit=limit["min_cosine"],
        )


def _difference(wanted: Any, received: Any) -> str:
    if isinstance(wanted, list) and isinstance(received, list):
        pairs = zip(wanted, received, strict=False)
        first = next((i for i, (a, b) in enumerate(pairs) if a != b), None)
        if first is None:
            return f"expected {len(wanted)} items, received {len(received)}"
        shown = slice(max(0, first - 1), first + 4)
        return (
            f"from item {first} expected {wanted[shown]!r}, received {received[shown]!r} "
            f"({len(wanted)} and {len(received)} items)"
        )
    return f"expected {wanted!r}, received {received!r}"
