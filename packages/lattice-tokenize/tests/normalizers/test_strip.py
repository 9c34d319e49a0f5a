"""`strip.py`: marks, and white space at the ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.aligned_text import AlignedText
from lattice_tokenize.character_classes import MARKS
from lattice_tokenize.normalizers.strip import Strip, StripAccents

TEXT = st.text(
    st.one_of(
        st.sampled_from(" \t\n\x0b\x1c\x85\xa0\u200b\u3000a"),
        st.characters(min_codepoint=0x2F0, max_codepoint=0x37F),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=15,
)


def spans(text: AlignedText) -> list[tuple[int, int]]:
    return list(zip(text.starts, text.ends, strict=True))


@pytest.mark.parametrize(
    ("text", "stripped", "expected"),
    [
        ("e\u0301\xe9", "e\xe9", [(0, 1), (2, 3)]),
        ("\u0903a\u20dd", "a", [(1, 2)]),  # spacing and enclosing marks too
        ("\u0301\u0301a\u0301", "a", [(2, 3)]),
        ("\u1dfb\u1df9", "\u1df9", [(1, 2)]),  # U+1DF9 is of Unicode 10
        ("\u0301", "", []),
        ("abc", "abc", [(0, 1), (1, 2), (2, 3)]),
    ],
)
def test_strip_accents(text: str, stripped: str, expected: list[tuple[int, int]]) -> None:
    assert StripAccents()(text) == stripped
    aligned = StripAccents().align(AlignedText.of(text))
    assert (aligned.text, spans(aligned)) == (stripped, expected)


@given(TEXT)
def test_all_marks_of_the_bert_normalizer_go(text: str) -> None:
    assert not any(ord(character) in MARKS for character in StripAccents()(text))


WHITE = " \u3000a b\x85\x1c \n"


@pytest.mark.parametrize(
    ("left", "right", "text", "stripped", "first"),
    [
        (True, True, WHITE, "a b\x85\x1c", 2),  # U+001C is white space to str.strip only
        (True, False, WHITE, "a b\x85\x1c \n", 2),
        (False, True, WHITE, " \u3000a b\x85\x1c", 0),
        (False, False, WHITE, WHITE, 0),
        (True, True, "\x1ca\u200b ", "\x1ca\u200b", 0),
        (True, True, "\x85\xa0\u1680\u2028\u2029\u202f\u205fa\u180e", "a\u180e", 7),
        (True, True, " \t ", "", 0),
        (True, False, " \t ", "", 0),
        (False, True, " \t ", "", 0),
        (True, True, "", "", 0),
    ],
)
def test_strip(left: bool, right: bool, text: str, stripped: str, first: int) -> None:
    strip = Strip(strip_left=left, strip_right=right)
    assert strip(text) == stripped
    aligned = strip.align(AlignedText.of(text))
    assert aligned.text == stripped
    assert spans(aligned) == [(i, i + 1) for i in range(first, first + len(stripped))]


@given(TEXT, st.booleans(), st.booleans())
def test_both_ways_give_the_same_text(text: str, left: bool, right: bool) -> None:
    for normalizer in (Strip(strip_left=left, strip_right=right), StripAccents()):
        aligned = normalizer.align(AlignedText.of(text))
        assert aligned.text == normalizer(text)
        # what is left came from itself
        assert aligned.text == "".join(text[start] for start in aligned.starts)
