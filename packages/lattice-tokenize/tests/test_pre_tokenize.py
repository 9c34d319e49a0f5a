"""`pre_tokenize.py`: words and punctuation marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.character_classes import PUNCTUATION, SEPARATORS
from lattice_tokenize.pre_tokenize import bert_pre_tokenize


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("   ", []),
        ("  lead trail  ", ["lead", "trail"]),
        ("don't stop!", ["don", "'", "t", "stop", "!"]),
        ("...", [".", ".", "."]),
        ("$5+4^`a|~", ["$", "5", "+", "4", "^", "`", "a", "|", "~"]),  # all of ASCII's symbols
        ("a_b", ["a", "_", "b"]),
        ("「東」", ["「", "東", "」"]),
        ("€5 x²", ["€5", "x²"]),  # symbols outside ASCII are no punctuation
        ("a\x85b\x0bc\u2028d\u3000e", ["a", "b", "c", "d", "e"]),
        ("a\x1cb", ["a\x1cb"]),  # str.split() would cut here
        ("a\u200bb", ["a\u200bb"]),  # zero width space is no white space
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert bert_pre_tokenize(text) == words


@given(st.text(max_size=30))
def test_words_are_the_text_without_its_white_space(text: str) -> None:
    words = bert_pre_tokenize(text)
    assert "".join(words) == "".join(c for c in text if ord(c) not in SEPARATORS)
    assert all(words)


@given(st.text(st.sampled_from("ab .!、\u3000\n¿"), max_size=20))
def test_a_word_is_one_mark_or_has_none(text: str) -> None:
    for word in bert_pre_tokenize(text):
        assert len(word) == 1 or not any(ord(c) in PUNCTUATION for c in word)


@given(st.text(st.sampled_from("ab .!"), max_size=20))
def test_readable_twin(text: str) -> None:
    words: list[str] = []
    inside = False  # whether the next letter continues the last word
    for character in text:
        if character in "ab" and inside:
            words[-1] += character
        elif character != " ":
            words.append(character)
        inside = character in "ab"
    assert bert_pre_tokenize(text) == words
