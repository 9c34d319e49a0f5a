"""How far a vector is from the truth. NaN is infinitely far."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..cases import Case, CaseSet

__all__ = ["Distance", "assert_near"]


@dataclass(frozen=True)
class Distance:
    """What was measured, and the limits that it was held against."""

    subject: str
    max_abs_diff: float
    cosine: float
    max_abs_diff_limit: float
    cosine_limit: float

    @classmethod
    def from_json(cls, text: str) -> Distance:
        return cls(**json.loads(text))


def assert_near(
    received: ArrayLike,
    case_set: CaseSet,
    case: Case,
    record_property: Callable[[str, object], None],
) -> None:
    """Assert both the greatest difference of a number and the cosine, and report them."""
    assert case.expect is not None, "the case has not been recorded"
    truth = np.array(case.expect["vector"], np.float64)
    vector = np.asarray(received, np.float64)
    assert vector.shape == truth.shape
    limit = case_set.source["limit"]
    distance = Distance(
        subject=f"{case_set.stage}/{case_set.subject}",
        max_abs_diff=float(np.abs(vector - truth).max()),
        cosine=float(vector @ truth / np.linalg.norm(vector) / np.linalg.norm(truth)),
        max_abs_diff_limit=limit["max_abs_diff"],
        cosine_limit=limit["min_cosine"],
    )
    record_property("distance", json.dumps(asdict(distance)))
    # written so that NaN, which compares as false, fails
    assert distance.max_abs_diff <= distance.max_abs_diff_limit, distance
    assert distance.cosine >= distance.cosine_limit, distance
