"""`packing.py`: what a packed batch is, and how it is cut into chunks."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_models import InputError
from lattice_models.packing import check_packed, chunks, even_chunk_tokens
from numpy.typing import NDArray

IDS = np.array([5, 6, 7, 8])


def refused(ids: NDArray[Any], cu_seqlens: object) -> InputError:
    with pytest.raises(InputError) as caught:
        check_packed(ids, np.asarray(cu_seqlens), vocab_size=10, max_tokens=3)
    return caught.value


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint16, np.uint64])
def test_right_batches_pass(dtype: type) -> None:
    for ids, cu_seqlens in [([], [0]), ([0], [0, 1]), ([9, 0, 1, 2], [0, 3, 4])]:
        check_packed(np.array(ids, dtype), np.array(cu_seqlens, dtype), vocab_size=10, max_tokens=3)


@pytest.mark.parametrize(
    ("cu_seqlens", "field", "expected", "received"),
    [
        ([0, 3], "cu_seqlens", "first 0 and last 4, the number of ids", "first 0 and last 3"),
        ([0, 2, 5], "cu_seqlens", "first 0 and last 4, the number of ids", "first 0 and last 5"),
        ([1, 4], "cu_seqlens", "first 0 and last 4, the number of ids", "first 1 and last 4"),
        ([0], "cu_seqlens", "first 0 and last 4, the number of ids", "first 0 and last 0"),
        ([4], "cu_seqlens", "first 0 and last 4, the number of ids", "first 4 and last 4"),
        # an empty text, at each place
        ([0, 2, 2, 4], "cu_seqlens[2]", "more than 2: every text has a token", "2"),
        ([0, 0, 2, 4], "cu_seqlens[1]", "more than 0: every text has a token", "0"),
        ([0, 2, 4, 4], "cu_seqlens[3]", "more than 4: every text has a token", "4"),
        # not ascending
        ([0, 3, 2, 4], "cu_seqlens[2]", "more than 3: every text has a token", "2"),
        ([0, 2**62, 4], "cu_seqlens[1]", "from 0 to 4", str(2**62)),
        ([0, -1, 2, 4], "cu_seqlens[1]", "from 0 to 4", "-1"),
        ([0, 4], "text 0", "at most 3 tokens, the position limit", "4"),
        ([], "cu_seqlens", "integers (n+1,)", "float64 (0,)"),
        ([[0, 4]], "cu_seqlens", "integers (n+1,)", "int64 (1, 2)"),
        ([0.0, 4.0], "cu_seqlens", "integers (n+1,)", "float64 (2,)"),
        (4, "cu_seqlens", "integers (n+1,)", "int64 ()"),
    ],
)
def test_wrong_boundaries_are_named(
    cu_seqlens: object, field: str, expected: str, received: str
) -> None:
    error = refused(IDS, cu_seqlens)
    assert (error.field, error.expected, error.received) == (field, expected, received)


def test_unsigned_boundaries_that_descend_are_seen() -> None:
    # 2 - 3 is 2**64 - 1 in unsigned numbers
    assert refused(IDS, np.array([0, 3, 2, 4], np.uint64)).field == "cu_seqlens[2]"


def test_boundaries_whose_differences_overflow_are_seen() -> None:
    # in int64 these differ by 2**63 - 1, 2**63 - 1 and 6: all positive, and their sum is 4
    error = refused(IDS, np.array([0, 2**63 - 1, 2**64 - 2, 4], np.uint64))
    assert (error.field, error.received) == ("cu_seqlens[1]", str(2**63 - 1))


def test_an_architecture_without_a_limit_takes_any_length() -> None:
    check_packed(np.zeros(99, int), np.array([0, 99]), vocab_size=1, max_tokens=None)


@pytest.mark.parametrize(
    ("ids", "field", "received"),
    [
        ([5, 10, 7], "ids[1]", "10"),
        ([5, 7, -1], "ids[2]", "-1"),
        ([99, -1, 99], "ids[0]", "99"),
    ],
)
def test_the_first_id_out_of_range_is_named(ids: list[int], field: str, received: str) -> None:
    error = refused(np.array(ids), [0, 3])
    assert (error.field, error.received) == (field, received)
    assert error.expected == "an id from 0 to 9"


@pytest.mark.parametrize(
    ("ids", "received"),
    [
        ([[1, 2]], "int64 (1, 2)"),
        ([1.0, 2.0], "float64 (2,)"),
        ([True, False], "bool (2,)"),
        (3, "int64 ()"),
    ],
)
def test_ids_that_are_no_row_of_integers_are_refused(ids: object, received: str) -> None:
    error = refused(np.asarray(ids), [0, 2])
    assert (error.field, error.expected, error.received) == ("ids", "integers (T,)", received)


def test_longest_text_of_all_is_the_one_that_is_named() -> None:
    with pytest.raises(InputError) as caught:
        check_packed(np.zeros(12, int), np.array([0, 1, 5, 12]), vocab_size=1, max_tokens=3)
    assert (caught.value.field, caught.value.received) == ("text 2", "7")


def test_chunks_by_hand() -> None:
    # lengths 2, 3, 1, 3 in chunks of 6 tokens: 3 + 3, then 2 + 1
    ids = np.array([10, 11, 20, 21, 22, 30, 40, 41, 42])
    found = [
        [array.tolist() for array in chunk]
        for chunk in chunks(ids, np.array([0, 2, 5, 6, 9]), chunk_tokens=6)
    ]
    assert found == [
        [[1, 3], [20, 21, 22, 40, 41, 42], [0, 3, 6]],
        [[0, 2], [10, 11, 30], [0, 2, 3]],
    ]


def test_a_text_longer_than_a_chunk_is_a_chunk() -> None:
    found = list(chunks(np.arange(9), np.array([0, 7, 8, 9]), chunk_tokens=4))
    assert [texts.tolist() for texts, _, _ in found] == [[0], [1, 2]]


def test_no_texts_make_no_chunk() -> None:
    assert list(chunks(np.array([], int), np.array([0]), chunk_tokens=4)) == []


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20), st.integers(1, 20))
def test_chunks_hold_every_text_once_longest_first_and_no_more_than_fit(
    lengths: list[int], chunk_tokens: int
) -> None:
    cu_seqlens = np.cumsum([0, *lengths])
    ids = np.arange(cu_seqlens[-1])  # every id is its place, so a row tells where it came from
    found = list(chunks(ids, cu_seqlens, chunk_tokens=chunk_tokens))
    order = [int(text) for texts, _, _ in found for text in texts]
    assert order == sorted(range(len(lengths)), key=lambda text: -lengths[text])
    for texts, chunk_ids, chunk_cu_seqlens in found:
        assert len(texts) == 1 or len(chunk_ids) <= chunk_tokens
        assert chunk_cu_seqlens[-1] == len(chunk_ids)
        for text, (start, stop) in zip(texts, pairwise(chunk_cu_seqlens), strict=True):
            whole = ids[cu_seqlens[text] : cu_seqlens[text + 1]]
            assert chunk_ids[start:stop].tolist() == whole.tolist()
    # and no chunk ends while the next text would still fit
    for (_, before, _), (after, _, _) in pairwise(found):
        assert len(before) + lengths[int(after[0])] > chunk_tokens


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=40),
    st.integers(60, 300),
    st.integers(1, 5),
    st.integers(1, 50),
)
def test_even_chunks_are_as_many_as_threads_want_and_as_small_as_can_be(
    lengths: list[int], most: int, threads: int, worth: int
) -> None:
    cu_seqlens = np.cumsum([0, *lengths])
    ids = np.arange(cu_seqlens[-1])

    def count(chunk_tokens: int) -> int:
        return len(list(chunks(ids, cu_seqlens, chunk_tokens=chunk_tokens)))

    found = even_chunk_tokens(cu_seqlens, most_tokens=most, threads=threads, worth_tokens=worth)
    assert 1 <= found <= most
    rounds = -(-len(ids) // (threads * most))
    wanted = min(rounds * threads, len(ids) // worth)
    if wanted < 2:
        assert found == most
    elif count(most) <= wanted:  # else not even the largest chunks are so few
        assert count(found) <= wanted
        smaller = range(max(1, -(-len(ids) // wanted)), found)
        assert all(count(tokens) > wanted for tokens in smaller)
    else:
        assert found == most


def test_two_threads_get_the_same_to_do() -> None:
    cu_seqlens = np.cumsum([0, *range(7, 82, 4)])  # 504 of the 817 would fit into the first
    most = even_chunk_tokens(cu_seqlens, most_tokens=504, threads=2, worth_tokens=100)
    found = [len(ids) for _, ids, _ in chunks(np.arange(817), cu_seqlens, chunk_tokens=most)]
    assert len(found) == 2
    assert max(found) < 1.1 * 817 / 2
