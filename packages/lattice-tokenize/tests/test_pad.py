"""`pad.py`: filling up to a length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize import Encoding
from lattice_tokenize.pad import Padding


def encoding_of(length: int) -> Encoding:
    return Encoding(
        ids=list(range(10, 10 + length)),
        type_ids=[0] * length,
        tokens=[f"t{i}" for i in range(length)],
        attention_mask=[1] * length,
        special_tokens_mask=[0] * length,
    )


def test_right() -> None:
    padding = Padding(5, pad_id=9, pad_type_id=1, pad_token="<p>")
    assert padding.apply(encoding_of(3), 3) == Encoding(
        ids=[10, 11, 12, 9, 9],
        type_ids=[0, 0, 0, 1, 1],
        tokens=["t0", "t1", "t2", "<p>", "<p>"],
        attention_mask=[1, 1, 1, 0, 0],
        special_tokens_mask=[0, 0, 0, 1, 1],
    )


def test_left() -> None:
    padding = Padding(3, "Left", pad_id=9, pad_type_id=1, pad_token="<p>")
    assert padding.apply(encoding_of(2), 2) == Encoding(
        ids=[9, 10, 11],
        type_ids=[1, 0, 0],
        tokens=["<p>", "t0", "t1"],
        attention_mask=[0, 1, 1],
        special_tokens_mask=[1, 0, 0],
    )


@pytest.mark.parametrize(
    ("length", "multiple", "tokens", "longest", "padded"),
    [
        (None, None, 2, 5, 5),  # to the longest of the batch
        (None, 4, 2, 5, 8),
        (None, 4, 2, 4, 4),  # a multiple already
        (6, None, 2, 9, 6),  # a fixed length does not ask for the longest
        (6, 4, 2, 2, 8),
        (2, None, 5, 5, 5),  # padding never cuts
        (0, None, 3, 3, 3),
    ],
)
def test_length(
    length: int | None, multiple: int | None, tokens: int, longest: int, padded: int
) -> None:
    padding = Padding(length, pad_to_multiple_of=multiple)
    assert len(padding.apply(encoding_of(tokens), longest)) == padded


@given(
    st.integers(0, 9),
    st.none() | st.integers(0, 12),
    st.none() | st.integers(1, 8),
    st.sampled_from(["Left", "Right"]),
)
def test_the_tokens_themselves_are_kept(
    tokens: int, length: int | None, multiple: int | None, direction: str
) -> None:
    encoding = encoding_of(tokens)
    padded = Padding(length, direction, multiple).apply(encoding, tokens)
    assert [i for i, kept in zip(padded.ids, padded.attention_mask, strict=True) if kept] == (
        encoding.ids
    )
    assert sum(padded.attention_mask) == tokens
    lists = padded.ids, padded.type_ids, padded.tokens, padded.special_tokens_mask
    assert {len(values) for values in lists} == {len(padded)}
    assert encoding == encoding_of(tokens)  # what came in is not changed
