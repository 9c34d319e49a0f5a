"""`pad.py`: filling up to a length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize import Encoding, TokenizerFileError
from lattice_tokenize.pad import Padding, read_padding


def encoding_of(length: int) -> Encoding:
    return Encoding(
        list(range(10, 10 + length)),
        tokens=[f"t{i}" for i in range(length)],
        offsets=[(i, i + 1) for i in range(length)],
        word_ids=list(range(length)),
        sequence_ranges={0: (0, length)},
    )


def test_right() -> None:
    encoding = encoding_of(3)
    Padding(5, pad_id=9, pad_type_id=1, pad_token="<p>").apply([encoding])
    assert encoding == Encoding(
        [10, 11, 12, 9, 9],
        type_ids=[0, 0, 0, 1, 1],
        tokens=["t0", "t1", "t2", "<p>", "<p>"],
        offsets=[(0, 1), (1, 2), (2, 3), (0, 0), (0, 0)],
        word_ids=[0, 1, 2, None, None],
        attention_mask=[1, 1, 1, 0, 0],
        special_tokens_mask=[0, 0, 0, 1, 1],
        sequence_ranges={0: (0, 3)},
    )


def test_left() -> None:
    encoding = encoding_of(2)
    Padding(3, "Left", pad_id=9, pad_type_id=1, pad_token="<p>").apply([encoding])
    assert encoding == Encoding(
        [9, 10, 11],
        type_ids=[1, 0, 0],
        tokens=["<p>", "t0", "t1"],
        offsets=[(0, 0), (0, 1), (1, 2)],
        word_ids=[None, 0, 1],
        attention_mask=[0, 1, 1],
        special_tokens_mask=[1, 0, 0],
        sequence_ranges={0: (1, 3)},
    )


@pytest.mark.parametrize(
    ("length", "multiple", "lengths", "padded"),
    [
        (None, None, (2, 5), (5, 5)),  # to the longest of the batch
        (None, 4, (2, 5), (8, 8)),
        (None, 4, (2, 4), (4, 4)),  # a multiple already
        (None, 0, (2, 5), (5, 5)),
        (6, None, (2, 9), (6, 9)),  # padding never cuts
        (6, 4, (2, 2), (8, 8)),
        (0, None, (3, 0), (3, 0)),
        (None, 4, (0, 0), (0, 0)),
        (None, 4, (), ()),
    ],
)
def test_length(
    length: int | None, multiple: int | None, lengths: tuple[int, ...], padded: tuple[int, ...]
) -> None:
    batch = list(map(encoding_of, lengths))
    Padding(length, pad_to_multiple_of=multiple).apply(batch)
    assert tuple(map(len, batch)) == padded


def test_overflowing_parts_are_padded_and_do_not_count() -> None:
    batch = [encoding_of(5), encoding_of(1)]
    batch[0].truncate(0)
    Padding().apply(batch)
    assert [len(encoding) for encoding in batch] == [1, 1]
    assert [len(part) for part in batch[0].overflowing] == [5]
    batch = [encoding_of(5)]
    batch[0].truncate(3)
    Padding(4, "Left").apply(batch)
    assert [part.ids for part in batch[0].overflowing] == [[0, 0, 13, 14]]


@given(
    st.lists(st.integers(0, 9), max_size=4),
    st.none() | st.integers(0, 12),
    st.none() | st.integers(0, 8),
    st.sampled_from(["Left", "Right"]),
)
def test_the_tokens_themselves_are_kept(
    lengths: list[int], length: int | None, multiple: int | None, direction: str
) -> None:
    batch = list(map(encoding_of, lengths))
    padding = Padding(length, direction, multiple, pad_id=7)
    padding.apply(batch)
    target = padding.target_length(max(lengths, default=0))
    for tokens, padded in zip(lengths, batch, strict=True):
        assert len(padded) == max(tokens, target)
        kept = [i for i, keep in zip(padded.ids, padded.attention_mask, strict=True) if keep]
        assert kept == encoding_of(tokens).ids
        assert [padded.ids[i] for i in range(*padded.sequence_ranges[0])] == kept
        columns = padded.ids, padded.type_ids, padded.tokens, padded.offsets, padded.word_ids
        assert {len(column) for column in columns} == {len(padded.special_tokens_mask)}
        # the way without encodings
        assert padding.fill(encoding_of(tokens).ids, 7, target) == padded.ids


@pytest.mark.parametrize(
    ("strategy", "length"), [("BatchLongest", None), ({"Fixed": 0}, 0), ({"Fixed": 12}, 12)]
)
@pytest.mark.parametrize("multiple", [None, 0, 8])
def test_reading_and_writing(strategy: object, length: int | None, multiple: int | None) -> None:
    value = {
        "strategy": strategy,
        "direction": "Left",
        "pad_to_multiple_of": multiple,
        "pad_id": 3,
        "pad_type_id": 1,
        "pad_token": "<pad>",
    }
    padding = read_padding(value)
    assert padding == Padding(length, "Left", multiple, 3, 1, "<pad>")
    assert list(padding.to_json().items()) == list(value.items())
    assert read_padding(None) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"strategy": "Longest"}, "padding.strategy"),
        ({"strategy": {"Fixed": -1}}, "padding.strategy.Fixed"),
        ({"strategy": {"Fixed": 1, "more": 1}}, "padding.strategy.more"),
        ({"pad_to_multiple_of": -1}, "padding.pad_to_multiple_of"),
        ({"pad_to_multiple_of": True}, "padding.pad_to_multiple_of"),
        ({"pad_id": -1}, "padding.pad_id"),
        ({"pad_id": 1 << 31}, "padding.pad_id"),
        ({"pad_token": None}, "padding.pad_token"),
        ({"direction": "left"}, "padding.direction"),
        ({"more": 1}, "padding.more"),
    ],
)
def test_what_cannot_be_read(change: dict[str, object], field: str) -> None:
    value = {
        "strategy": "BatchLongest",
        "direction": "Right",
        "pad_to_multiple_of": None,
        "pad_id": 0,
        "pad_type_id": 0,
        "pad_token": "[PAD]",
    }
    with pytest.raises(TokenizerFileError) as caught:
        read_padding({**value, **change})
    assert caught.value.field == field
