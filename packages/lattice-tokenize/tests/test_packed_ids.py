"""`packed_ids.py`: ragged lists as one array."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize import PackedIds

DTYPES = [np.dtype(np.int32), np.dtype(np.int64), np.dtype(np.bool_)]


def test_two_texts() -> None:
    packed = PackedIds.from_lists([[101, 102], [101, 7592, 102]], [False, True])
    assert packed.ids.tolist() == [101, 102, 101, 7592, 102]
    assert packed.cu_seqlens.tolist() == [0, 2, 5]
    assert packed.truncated.tolist() == [False, True]
    assert [packed.ids.dtype, packed.cu_seqlens.dtype, packed.truncated.dtype] == DTYPES


def test_no_texts_are_a_batch_too() -> None:
    packed = PackedIds.from_lists([], [])
    assert (len(packed), packed.ids.tolist(), packed.cu_seqlens.tolist()) == (0, [], [0])
    assert [packed.ids.dtype, packed.cu_seqlens.dtype, packed.truncated.dtype] == DTYPES
    assert list(packed) == []


@given(st.lists(st.lists(st.integers(0, 2**31 - 1), max_size=5), max_size=6))
def test_iterating_gives_the_lists_back(lists: list[list[int]]) -> None:
    packed = PackedIds.from_lists(lists, [False] * len(lists))
    assert [row.tolist() for row in packed] == lists
    assert len(packed) == len(lists)


def test_rows_are_views() -> None:
    packed = PackedIds.from_lists([[1, 2], [3]], [False, False])
    assert all(row.base is packed.ids for row in packed)
