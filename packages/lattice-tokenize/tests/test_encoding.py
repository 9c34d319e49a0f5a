"""`encoding.py` and `token_positions.py`: the columns, and what can be asked of them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize import Encoding, EncodingOptionError


def encoding_of(length: int, first_id: int = 10, type_id: int = 0) -> Encoding:
    """A text of `length` words of one character each."""
    return Encoding(
        list(range(first_id, first_id + length)),
        type_ids=[type_id] * length,
        tokens=[f"t{i}" for i in range(length)],
        offsets=[(i, i + 1) for i in range(length)],
        word_ids=list(range(length)),
    )


def tree(encoding: Encoding) -> Any:
    """The ids of an encoding and of all that overflows."""
    return encoding.ids, [tree(part) for part in encoding.overflowing]


# `[CLS] t0 t1 t2 [SEP] u0 u1 [SEP]`
PAIR = Encoding(
    [101, 10, 11, 12, 102, 20, 21, 102],
    type_ids=[0, 0, 0, 0, 0, 1, 1, 1],
    tokens=["[CLS]", "t0", "t1", "t2", "[SEP]", "u0", "u1", "[SEP]"],
    offsets=[(0, 0), (0, 1), (1, 2), (2, 3), (0, 0), (0, 1), (1, 2), (0, 0)],
    word_ids=[None, 0, 1, 2, None, 0, 1, None],
    special_tokens_mask=[1, 0, 0, 0, 1, 0, 0, 1],
    sequence_ranges={0: (1, 4), 1: (5, 7)},
)


def test_nothing() -> None:
    nothing = Encoding()
    assert len(nothing) == 0
    columns = nothing.ids, nothing.type_ids, nothing.tokens, nothing.offsets, nothing.overflowing
    assert not any(columns)
    assert nothing.n_sequences == 1
    assert nothing.sequence_ids == []


def test_representation() -> None:
    assert repr(PAIR) == (
        "Encoding(num_tokens=8, attributes=[ids, type_ids, tokens, offsets, attention_mask, "
        "special_tokens_mask, overflowing])"
    )


def test_tokens_of_a_pair() -> None:
    assert PAIR.n_sequences == 2
    assert PAIR.sequence_ids == [None, 0, 0, 0, None, 1, 1, None]
    answers = [
        (PAIR.token_to_sequence(i), PAIR.token_to_chars(i), PAIR.token_to_word(i)) for i in range(9)
    ]
    nothing = (None, None, None)
    assert answers == [
        *(nothing, (0, (0, 1), 0), (0, (1, 2), 1), (0, (2, 3), 2), nothing),
        *((1, (0, 1), 0), (1, (1, 2), 1), nothing, nothing),
    ]


def test_words_and_characters_of_a_pair() -> None:
    assert [PAIR.char_to_token(i, 1) for i in range(3)] == [5, 6, None]
    assert [PAIR.word_to_tokens(i, 1) for i in range(3)] == [(5, 6), (6, 7), None]
    assert [PAIR.char_to_word(i) for i in range(4)] == [0, 1, 2, None]
    assert [PAIR.word_to_chars(i) for i in range(4)] == [(0, 1), (1, 2), (2, 3), None]


def test_words_that_do_not_ascend() -> None:
    encoding = Encoding(
        [1, 2, 3, 4, 5],
        offsets=[(0, 2), (1, 3), (3, 3), (3, 5), (5, 6)],
        word_ids=[0, None, 0, 2, 1],
    )
    assert [encoding.word_to_tokens(i) for i in range(4)] == [(0, 3), None, (3, 4), None]
    assert [encoding.char_to_token(i) for i in range(7)] == [0, 0, 1, 3, 3, 4, None]


def test_a_text_that_is_not_known_is_the_whole() -> None:
    encoding = encoding_of(3)
    assert encoding.word_to_tokens(1, 7) == (1, 2)
    assert encoding.sequence_ids == [0, 0, 0]
    encoding.set_sequence_id(1)
    assert encoding.sequence_ids == [0, 0, 0]  # one text, whatever it is called
    assert encoding.token_to_sequence(0) == 1


def test_the_token_behind_the_last_is_of_the_text() -> None:
    """As the oracle has it, where no text is known."""
    encoding = encoding_of(3)
    assert encoding.token_to_sequence(3) == 0
    assert encoding.token_to_sequence(4) is None
    assert encoding.token_to_chars(3) is None
    assert encoding.token_to_word(3) is None


@pytest.mark.parametrize(
    "ask",
    [
        lambda encoding: encoding.token_to_chars(-1),
        lambda encoding: encoding.token_to_word(-1),
        lambda encoding: encoding.token_to_sequence(-1),
        lambda encoding: encoding.char_to_token(-1),
        lambda encoding: encoding.char_to_word(0, -1),
        lambda encoding: encoding.word_to_tokens(-1),
        lambda encoding: encoding.word_to_chars(0, -1),
        lambda encoding: encoding.set_sequence_id(-1),
        lambda encoding: encoding.truncate(-1),
        lambda encoding: encoding.truncate(2, stride=-1),
        lambda encoding: encoding.truncate(2, direction="up"),
        lambda encoding: encoding.pad(9, direction="Right"),
    ],
)
def test_what_cannot_be_asked(ask: Callable[[Encoding], object]) -> None:
    encoding = encoding_of(3)
    with pytest.raises(EncodingOptionError):
        ask(encoding)
    assert encoding == encoding_of(3)


def test_the_old_name_of_word_ids() -> None:
    with pytest.warns(DeprecationWarning, match="use Encoding.word_ids instead"):
        assert PAIR.words == PAIR.word_ids


@pytest.mark.parametrize(
    ("direction", "stride", "parts"),
    [
        ("right", 0, ([10, 11, 12], [[13, 14, 15], [16]])),
        ("right", 1, ([10, 11, 12], [[12, 13, 14], [14, 15, 16]])),
        ("right", 2, ([10, 11, 12], [[11, 12, 13], [12, 13, 14], [13, 14, 15], [14, 15, 16]])),
        ("left", 0, ([14, 15, 16], [[11, 12, 13], [10]])),
        ("left", 1, ([14, 15, 16], [[12, 13, 14], [10, 11, 12]])),
    ],
)
def test_truncation(direction: str, stride: int, parts: tuple[list[int], list[list[int]]]) -> None:
    encoding = encoding_of(7)
    encoding.set_sequence_id(1)
    encoding.truncate(3, stride, direction)
    assert (encoding.ids, [part.ids for part in encoding.overflowing]) == parts
    assert encoding.sequence_ranges == {}  # which text it was is forgotten
    for part in (encoding, *encoding.overflowing):
        places = [token_id - 10 for token_id in part.ids]
        assert part.word_ids == places
        assert part.tokens == [f"t{place}" for place in places]
        assert part.offsets == [(place, place + 1) for place in places]


def test_truncation_to_nothing_keeps_the_whole_as_overflowing() -> None:
    encoding = encoding_of(3)
    encoding.truncate(0, stride=5)
    assert len(encoding) == 0
    assert encoding.overflowing == [encoding_of(3)]


def test_what_fits_is_not_truncated() -> None:
    encoding = encoding_of(3)
    encoding.truncate(3, stride=9)
    assert encoding == encoding_of(3)


def test_a_stride_without_progress_is_refused() -> None:
    with pytest.raises(EncodingOptionError, match="stride: expected less than 2"):
        encoding_of(3).truncate(2, stride=2)


def test_padding_left() -> None:
    encoding = encoding_of(2)
    encoding.set_sequence_id(1)
    encoding.pad(4, direction="left", pad_id=9, pad_type_id=1, pad_token="<p>")
    assert encoding == Encoding(
        [9, 9, 10, 11],
        type_ids=[1, 1, 0, 0],
        tokens=["<p>", "<p>", "t0", "t1"],
        offsets=[(0, 0), (0, 0), (0, 1), (1, 2)],
        word_ids=[None, None, 0, 1],
        special_tokens_mask=[1, 1, 0, 0],
        attention_mask=[0, 0, 1, 1],
        sequence_ranges={1: (2, 4)},
    )


def test_padding_right() -> None:
    encoding = encoding_of(3)
    encoding.truncate(2)
    encoding.pad(3)
    assert encoding.ids == [10, 11, 0]
    assert encoding.tokens == ["t0", "t1", "[PAD]"]
    assert encoding.overflowing[0].ids == [12, 0, 0]
    encoding.pad(1)
    assert encoding.ids == [10, 11, 0]


def test_merging() -> None:
    first, second = encoding_of(2), encoding_of(2, 20, 1)
    merged = Encoding.merge([first, second])
    assert merged.ids == [10, 11, 20, 21]
    assert merged.type_ids == [0, 0, 1, 1]
    assert merged.offsets == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert merged.word_ids == [0, 1, 0, 1]
    apart = Encoding.merge([first, second], growing_offsets=False)
    assert apart.offsets == [(0, 1), (1, 2), (0, 1), (1, 2)]
    assert (first, second) == (encoding_of(2), encoding_of(2, 20, 1))


def test_merging_puts_all_overflowing_parts_together() -> None:
    first, second = encoding_of(5), encoding_of(4, 20, 1)
    first.truncate(2)
    second.truncate(3)
    merged = Encoding.merge([first, second])
    both: Any = ([12, 13, 23], [])
    assert tree(merged) == (
        [10, 11, 20, 21, 22],
        [
            ([12, 13, 20, 21, 22], [both]),
            both,
            ([14, 20, 21, 22], [([14, 23], [])]),
            ([14, 23], []),
            ([10, 11, 23], [both, ([14, 23], [])]),
        ],
    )
    assert merged.overflowing[1].offsets == [(2, 3), (3, 4), (7, 8)]


def test_merging_moves_the_ranges_of_texts() -> None:
    first, second = encoding_of(2), encoding_of(3)
    first.set_sequence_id(0)
    second.set_sequence_id(1)
    special = Encoding([1])
    merged = Encoding.merge([special, first, special, second])
    assert merged.sequence_ids == [None, 0, 0, None, 1, 1, 1]


def test_equality() -> None:
    assert encoding_of(2) == encoding_of(2)
    assert encoding_of(2) != encoding_of(3)
    assert encoding_of(2) != encoding_of(2, type_id=1)
    other = encoding_of(2)
    other.set_sequence_id(0)
    assert encoding_of(2) != other
    assert encoding_of(2) != [10, 11]


def test_pickling_has_the_state_of_the_oracle() -> None:
    encoding = encoding_of(2)
    encoding.set_sequence_id(1)
    encoding.pad(3, direction="left", pad_token="é")
    state = encoding.__getstate__()
    assert state.decode() == (
        '{"ids":[0,10,11],"type_ids":[0,0,0],"tokens":["é","t0","t1"],"words":[null,0,1],'
        '"offsets":[[0,0],[0,1],[1,2]],"special_tokens_mask":[1,0,0],"attention_mask":[0,1,1],'
        '"overflowing":[],"sequence_ranges":{"1":{"start":1,"end":3}}}'
    )
    again = Encoding()
    again.__setstate__(state)
    assert again == encoding


@pytest.mark.parametrize(
    "clone", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))]
)
def test_copies(clone: Callable[[Encoding], Encoding]) -> None:
    encoding = encoding_of(5)
    encoding.truncate(2, stride=1)
    other = clone(encoding)
    assert other == encoding
    assert all(type(offsets) is tuple for offsets in other.offsets)
    other.pad(9)
    assert len(encoding) == len(encoding.overflowing[0]) == 2


def lazy(calls: list[int]) -> Encoding:
    def complete() -> Encoding:
        calls.append(1)
        return copy.copy(PAIR)

    return Encoding(
        list(PAIR.ids),
        type_ids=list(PAIR.type_ids),
        special_tokens_mask=list(PAIR.special_tokens_mask),
        complete=complete,
    )


def test_what_is_known_at_once_does_not_complete() -> None:
    calls: list[int] = []
    encoding = lazy(calls)
    assert (encoding.ids, encoding.type_ids) == (PAIR.ids, PAIR.type_ids)
    assert encoding.special_tokens_mask == PAIR.special_tokens_mask
    assert encoding.attention_mask == [1] * 8
    assert len(encoding) == 8
    repr(encoding)
    assert calls == []


@pytest.mark.parametrize(
    "name",
    ["tokens", "offsets", "word_ids", "overflowing", "sequence_ranges", "sequence_ids"],
)
def test_the_rest_is_completed_once(name: str) -> None:
    calls: list[int] = []
    encoding = lazy(calls)
    assert getattr(encoding, name) == getattr(PAIR, name)
    assert encoding == PAIR
    assert calls == [1]


@pytest.mark.parametrize(
    "change",
    [
        lambda encoding: encoding.pad(9, direction="left"),
        lambda encoding: encoding.truncate(3),
        lambda encoding: encoding.truncate(0),
        lambda encoding: encoding.set_sequence_id(1),
    ],
)
def test_changes_complete_first(change: Callable[[Encoding], None]) -> None:
    encoding, whole = lazy([]), copy.copy(PAIR)
    change(encoding)
    change(whole)
    assert encoding == whole


def test_completion_by_several_threads() -> None:
    encoding = lazy([])
    seen: list[object] = []
    threads = [Thread(target=lambda: seen.append(encoding.tokens)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [PAIR.tokens] * 8


@given(
    st.integers(0, 40), st.integers(1, 12), st.integers(0, 11), st.sampled_from(["right", "left"])
)
def test_parts_cover_everything_and_overlap_by_the_stride(
    length: int, max_length: int, stride: int, direction: str
) -> None:
    stride = min(stride, max_length - 1)
    encoding = encoding_of(length)
    encoding.truncate(max_length, stride, direction)
    parts = [part.ids for part in (encoding, *encoding.overflowing)]
    if direction == "left":
        parts = [[-token_id for token_id in reversed(part)] for part in parts]
    rebuilt = list(parts[0])
    for part in parts[1:]:
        assert part[:stride] == rebuilt[len(rebuilt) - stride :]
        assert len(part) > stride
        rebuilt += part[stride:]
    assert [abs(token_id) for token_id in rebuilt] == (
        list(range(10, 10 + length)) if direction == "right" else list(range(9 + length, 9, -1))
    )
    assert all(len(part) == max_length for part in parts[:-1])
