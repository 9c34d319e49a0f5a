"""The comparators can fail."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..compare import compare

LIMIT = {"max_abs_diff": 1e-6, "min_cosine": 1 - 1e-9}
UNIT = [0.6, 0.8, 0.0]


def verdict(vector: Any) -> bool:
    return compare({"vector": UNIT}, {"vector": vector}, LIMIT).right


def test_what_is_within_both_limits_is_right() -> None:
    assert verdict(UNIT)
    assert verdict([0.6 + 9e-7, 0.8, 0.0])


@pytest.mark.parametrize(
    "vector",
    [
        [0.6 + 2e-6, 0.8, 0.0],  # cosine 1 - 1e-12, which is within
        [0.6, 0.8],
        [0.6, 0.8, 0.0, 0.0],
        [UNIT],
        [],
        [math.nan, 0.8, 0.0],
        [math.inf, 0.8, 0.0],
        [0.0, 0.0, 0.0],
        [-0.6, -0.8, 0.0],
        "vector",
        None,
        ["a", "b", "c"],
    ],
)
def test_what_is_not_is_wrong(vector: Any) -> None:
    assert not verdict(vector)


def test_the_cosine_is_asserted_too() -> None:
    """Numbers so small that no difference between them exceeds the limit."""
    small = {"vector": [1e-7, 0.0]}
    assert not compare(small, {"vector": [0.0, 1e-7]}, LIMIT).right


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"ids": [1, 2, 4]}, "from item 2 expected [2, 3], received [2, 4]"),
        ({"ids": [1, 2]}, "expected 3 items, received 2"),
        ({"ids": [1, 2, 3, 4]}, "expected 3 items, received 4"),
        ({"ids": (1, 2, 3)}, "expected [1, 2, 3], received (1, 2, 3)"),
        ({"ids": None}, "received None"),
        ({}, "expected an answer, received none"),
    ],
)
def test_what_differs_is_shown(answer: dict[str, Any], told: str) -> None:
    result = compare({"ids": [1, 2, 3]}, answer, {})
    assert not result.right
    assert told in result.message


def test_keys_that_nobody_asked_for_do_not_matter() -> None:
    assert compare({"ids": [1]}, {"ids": [1], "more": 2}, {}).right


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=4)
)


@given(json_values, json_values)
def test_only_what_is_equal_is_right(wanted: Any, received: Any) -> None:
    same = type(wanted) is type(received) and wanted == received
    assert compare({"key": wanted}, {"key": received}, {}).right is same
