"""`ragged.py`: steps, groups and lists of rows -> rows, and back."""

from __future__ import annotations

import numpy as np
import pytest
from lattice_tokenize.ragged import flat_rows, gather_rows, rows_as_tuples, sorted_rows

STEPS = [
    (np.array([0, 2, 3]), np.array([1, 2, 3])),
    (np.array([2, 3]), np.array([4, 5])),
    (np.array([3]), np.array([6])),
]


@pytest.mark.parametrize(
    ("backwards", "rows"),
    [(False, [(1,), (), (2, 4), (3, 5, 6)]), (True, [(1,), (), (4, 2), (6, 5, 3)])],
)
def test_steps_to_rows(backwards: bool, rows: list[tuple[int, ...]]) -> None:
    assert rows_as_tuples(*gather_rows(STEPS, 4, backwards=backwards)) == rows


def test_no_steps() -> None:
    assert rows_as_tuples(*gather_rows([], 2)) == [(), ()]


def test_rows_are_flattened_and_taken_apart() -> None:
    rows = [(1,), (), (2, 4), (3, 5, 6)]
    values, counts = flat_rows(rows)
    assert values.dtype == counts.dtype == np.dtype(np.int64)
    assert rows_as_tuples(values, counts) == rows
    assert rows_as_tuples(*flat_rows([])) == []


def test_groups_are_put_in_order() -> None:
    groups = [
        (np.array([4, 0]), np.array([1, 2, 3]), np.array([2, 1])),
        (np.array([3, 1]), np.array([4]), np.array([0, 1])),
        (np.array([3]), np.array([5, 6]), np.array([2])),  # again: the last counts
    ]
    assert rows_as_tuples(*sorted_rows(groups, 6)) == [(3,), (4,), (), (5, 6), (1, 2), ()]
