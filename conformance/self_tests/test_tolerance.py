"""The limits of a case follow from what the oracle's own float32 errs there."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ..cases import Case, CaseSet, read_case_sets
from ..compare import Distance
from ..run import case_name
from ..tolerance import float32_error, limit_of

LIMIT = {"max_abs_diff": 3e-7, "min_cosine": 1 - 1e-11}
RULE = {"times": 3, "floor": 1.2e-7, "cosine_floor": 1e-12}


def limits(error: dict[str, float], **rule: Any) -> tuple[float, float]:
    case = Case("a/b", {"text": ""}, {"float32_error": error}, ("t",), "why")
    source = {"limit": {**LIMIT, "float32": {**RULE, **rule}}}
    limit = limit_of(CaseSet("vectors", "s", source, (case,)), case)
    return limit["max_abs_diff"], 1 - limit["min_cosine"]


@pytest.mark.parametrize(
    ("error", "difference", "cosine"),
    [
        ({"max_abs_diff": 6e-8, "cosine_distance": 3e-13}, 1.8e-7, 2.7e-12),
        ({"max_abs_diff": 1e-9, "cosine_distance": 0.0}, 1.2e-7, 1e-12),  # the floors
        ({"max_abs_diff": 2e-7, "cosine_distance": 2e-11}, 3e-7, 1e-11),  # never more than the set
    ],
)
def test_limits(error: dict[str, float], difference: float, cosine: float) -> None:
    limit, turned = limits(error)
    assert limit == pytest.approx(difference)
    assert turned == pytest.approx(cosine, rel=1e-3)


def test_without_a_rule_the_limits_are_those_of_the_set() -> None:
    case = Case("a/b", {"text": ""}, {"vector": [1.0]}, ("t",), "why")
    assert limit_of(CaseSet("vectors", "s", {"limit": LIMIT}, (case,)), case) == LIMIT
    assert limit_of(CaseSet("tokenizer", "s", {}, (case,)), case) == {}


def test_the_error_is_measured_and_has_two_digits() -> None:
    error = float32_error([0.6 + 1.2345e-7, 0.8], [0.6, 0.8])
    assert error["max_abs_diff"] == 1.2e-7
    # the part of the error across the vector, 0.8 * 1.2345e-7, squared and halved
    assert error["cosine_distance"] == pytest.approx((0.8 * 1.2345e-7) ** 2 / 2, rel=0.1)


@pytest.mark.parametrize(
    ("difference", "cosine", "share"), [(1e-7, 1.0, 0.5), (1e-8, 1 - 4e-12, 2), (4e-7, 1.0, 2)]
)
def test_the_share_is_that_of_the_nearer_limit(
    difference: float, cosine: float, share: float
) -> None:
    distance = Distance(difference, cosine, 2e-7, 1 - 2e-12)
    assert distance.share == pytest.approx(share, rel=1e-3)
    assert distance.within() is (share <= 1)


def test_not_a_number_is_outside() -> None:
    assert not Distance(math.nan, 1.0, 1e-7, 0.9).within()
    assert not Distance(0.0, math.nan, 1e-7, 0.9).within()


def test_a_report_shows_value_and_limit_of_both() -> None:
    shown = str(Distance(1.234e-7, 1 - 2e-13, 1.8e-7, 1 - 1e-12))
    assert shown == "max abs diff 1.23e-07 (limit 1.80e-07), 1 - cosine 2.0e-13 (limit 1.0e-12)"


def test_no_committed_case_has_more_than_its_set() -> None:
    seen = 0
    for case_set in read_case_sets("vectors") + read_case_sets("service"):
        for case in case_set.cases:
            limit, whole = limit_of(case_set, case), case_set.source["limit"]
            assert 0 < limit["max_abs_diff"] <= whole["max_abs_diff"], case_name(case_set, case)
            assert whole["min_cosine"] <= limit["min_cosine"] < 1, case_name(case_set, case)
            seen += 1
    assert seen > 0
