"""`models/ragged.py`: steps of tokens -> rows of tokens."""

from __future__ import annotations

import numpy as np
import pytest
from lattice_tokenize.models.ragged import gather_rows, rows_as_tuples

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
