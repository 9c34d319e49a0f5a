"""`case.py`: lower case, character by character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.aligned_text import AlignedText
from lattice_tokenize.character_classes import lowercase
from lattice_tokenize.normalizers.case import Lowercase

LOWERCASE = Lowercase()
TEXT = st.text(
    st.one_of(
        st.characters(max_codepoint=0x52F),
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("ΣİẞǅA.\u0301\ua7dc\u1c89\U00010d50\U00010570"),
    ),
    max_size=15,
)


def spans(text: AlignedText) -> list[tuple[int, int]]:
    return list(zip(text.starts, text.ends, strict=True))


@pytest.mark.parametrize(
    ("text", "lower", "expected"),
    [
        ("HELLO", "hello", [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]),
        ("\u039f\u03a3", "\u03bf\u03c3", [(0, 1), (1, 2)]),  # str.lower would write a final sigma
        ("\u0130x", "i\u0307x", [(0, 1), (0, 1), (1, 2)]),
        ("\u01c5", "\u01c6", [(0, 1)]),
        ("\ua7dc", "\u019b", [(0, 1)]),  # Unicode 16
        ("\u1c89", "\u1c8a", [(0, 1)]),
        ("ẞß", "ßß", [(0, 1), (1, 2)]),
        ("", "", []),
    ],
)
def test_lowercase(text: str, lower: str, expected: list[tuple[int, int]]) -> None:
    assert LOWERCASE(text) == lower
    aligned = LOWERCASE.align(AlignedText.of(text))
    assert (aligned.text, spans(aligned)) == (lower, expected)


@given(TEXT)
def test_each_character_is_lowered_by_itself(text: str) -> None:
    assert LOWERCASE(text) == "".join(lowercase(ord(character)) for character in text)


@given(TEXT)
def test_both_ways_give_the_same_text(text: str) -> None:
    aligned = LOWERCASE.align(AlignedText.of(text))
    assert aligned.text == LOWERCASE(text)
    starts = [place for place, c in enumerate(text) for _ in lowercase(ord(c))]
    assert list(aligned.starts) == starts
