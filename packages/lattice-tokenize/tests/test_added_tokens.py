"""`added_tokens.py`: tokens that are matched whole, with all their flags."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize import AddedToken
from lattice_tokenize.added_tokens import AddedMatch, AddedTokens


def split(text: str, *tokens: AddedToken) -> list[str]:
    """The parts of a text, a token as its id in angle brackets."""
    parts = AddedTokens(tokens, str.lower).split(text)
    return [f"<{part.token.id}>" if isinstance(part, AddedMatch) else part for part in parts]


def as_written(content: str, **flags: Any) -> AddedToken:
    return AddedToken(content, 7, normalized=False, **flags)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("tokenizing", ["tokenizing"]),
        ("ing", ["<7>"]),
        ("play ing now", ["play ", "<7>", " now"]),
        ("-ing!", ["-", "<7>", "!"]),
        ("ings", ["ings"]),
        ("sing ing", ["sing ", "<7>"]),
        ("éing", ["éing"]),
        ("ing_", ["ing_"]),  # connector punctuation is part of a word
        ("ing9", ["ing9"]),
        ("ing\u0301", ["ing\u0301"]),  # so is a mark
        ("ing\u200d", ["ing\u200d"]),  # and the joiner
        ("ingⒶ", ["ingⓐ"]),  # alphabetic, though no letter
        ("ing²", ["<7>", "²"]),
        ("ing\u309b", ["<7>", "\u309b"]),
    ],
)
def test_single_word_matches_only_between_word_borders(text: str, parts: list[str]) -> None:
    assert split(text, AddedToken("ing", 7, single_word=True)) == parts


def test_without_single_word_a_token_matches_inside_a_word() -> None:
    assert split("tokenizing", as_written("ing")) == ["tokeniz", "<7>"]


@pytest.mark.parametrize(
    ("flags", "parts"),
    [
        ({}, ["a \t", "<7>", " \u3000b"]),
        ({"lstrip": True}, ["a", "<7>", " \u3000b"]),
        ({"rstrip": True}, ["a \t", "<7>", "b"]),
        ({"lstrip": True, "rstrip": True}, ["a", "<7>", "b"]),
    ],
)
def test_strip_flags_take_the_white_space_on_their_side(
    flags: dict[str, bool], parts: list[str]
) -> None:
    assert split("a \t<m> \u3000b", as_written("<m>", **flags)) == parts


def test_white_space_between_two_stripping_tokens_is_taken_once() -> None:
    token = as_written("<m>", lstrip=True, rstrip=True)
    assert split("<m>  <m> x", token) == ["<7>", "<7>", "x"]


def test_stripping_at_the_ends_of_the_text() -> None:
    assert split("  <m>  ", as_written("<m>", lstrip=True, rstrip=True)) == ["<7>"]


def test_stripping_does_not_reach_into_words_or_unlisted_characters() -> None:
    # U+001C and U+200B are no white space to the oracle's regular expressions
    token = as_written("<m>", lstrip=True, rstrip=True)
    assert split("a\x1c<m>\u200bb", token) == ["a\x1c", "<7>", "\u200bb"]


@pytest.mark.parametrize(
    ("normalized", "parts"),
    [
        (True, ["<7>", " ", "<7>", " x", "<7>", "x"]),  # as "foo", in the lower-cased text
        (False, ["foo ", "<7>", " xfoox"]),
    ],
)
def test_normalized_tokens_are_looked_for_in_the_normalized_text(
    normalized: bool, parts: list[str]
) -> None:
    assert split("foo FOO xFoox", AddedToken("FOO", 7, normalized=normalized)) == parts


def test_tokens_as_written_come_before_normalized_ones() -> None:
    # "a[M" would begin earlier, but is looked for in what "[M]" leaves
    tokens = AddedToken("a[m", 1), AddedToken("[M]", 2, normalized=False)
    assert split("a[M]", *tokens) == ["a", "<2>"]


def test_the_longest_token_wins_wherever_it_stands_in_the_list() -> None:
    short, long = AddedToken("ab", 1, normalized=False), AddedToken("abc", 2, normalized=False)
    assert split("xabcab", short, long) == split("xabcab", long, short) == ["x", "<2>", "<1>"]


def test_content_is_no_regular_expression() -> None:
    assert split("a.c abc", as_written("a.c")) == ["<7>", " abc"]


def test_of_two_tokens_with_one_normalized_spelling_the_first_wins() -> None:
    assert split("FOO", AddedToken("Foo", 1), AddedToken("foo", 2)) == ["<1>"]


def test_an_empty_token_is_never_found() -> None:
    assert split("ab", as_written("")) == ["ab"]


def test_flags_default_to_those_of_the_oracle() -> None:
    token = AddedToken("x", 1)
    flags = token.single_word, token.lstrip, token.rstrip, token.normalized, token.special
    assert flags == (False, False, False, True, False)


@given(st.text("abAB ", max_size=20))
def test_without_tokens_the_text_is_normalized_whole(text: str) -> None:
    assert split(text) == [text.lower()]


@given(
    contents=st.sets(st.text("ab<", min_size=1, max_size=3), min_size=1, max_size=4),
    text=st.text("ab<c", max_size=24),
)
def test_readable_twin_of_plain_tokens(contents: set[str], text: str) -> None:
    tokens = [
        AddedToken(content, token_id, normalized=False)
        for token_id, content in enumerate(sorted(contents))
    ]
    expected: list[str] = []
    start = place = 0  # text[start:place] holds no token
    while place < len(text):
        fitting = [token for token in tokens if text.startswith(token.content, place)]
        if fitting:
            longest = max(fitting, key=lambda token: len(token.content))
            expected += [text[start:place]] * (start < place) + [f"<{longest.id}>"]
            start = place = place + len(longest.content)
        else:
            place += 1
    expected += [text[start:]] * (start < len(text) or not text)
    assert split(text, *tokens) == expected
