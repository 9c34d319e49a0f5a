"""`added_tokens.py`: tokens that are matched whole, with all their flags."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize import AddedToken
from lattice_tokenize.added_tokens import AddedTokens, NumberedToken, with_ids
from lattice_tokenize.normalizers import Lowercase


def split(text: str, *tokens: NumberedToken, **options: bool) -> list[str]:
    """The parts of a text, a token as its id in angle brackets; both ways of splitting agree."""
    added = AddedTokens(tokens, Lowercase(), **options)
    parts = [part if isinstance(part, str) else f"<{part.id}>" for part in added.split(text)]
    aligned = [f"<{found.id}>" if found else part.text for part, found in added.align(text)]
    assert aligned == parts
    return parts


def token(content: str, token_id: int = 7, **flags: Any) -> NumberedToken:
    return NumberedToken(token_id, AddedToken(content, **flags))


def as_written(content: str, token_id: int = 7, **flags: Any) -> NumberedToken:
    return token(content, token_id, normalized=False, **flags)


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
    assert split(text, token("ing", 7, single_word=True)) == parts


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
    strips = as_written("<m>", lstrip=True, rstrip=True)
    assert split("<m>  <m> x", strips) == ["<7>", "<7>", "x"]


def test_stripping_at_the_ends_of_the_text() -> None:
    assert split("  <m>  ", as_written("<m>", lstrip=True, rstrip=True)) == ["<7>"]


def test_stripping_does_not_reach_into_words_or_unlisted_characters() -> None:
    # U+001C and U+200B are no white space to the oracle's regular expressions
    strips = as_written("<m>", lstrip=True, rstrip=True)
    assert split("a\x1c<m>\u200bb", strips) == ["a\x1c", "<7>", "\u200bb"]


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
    assert split("foo FOO xFoox", token("FOO", 7, normalized=normalized)) == parts


def test_tokens_as_written_come_before_normalized_ones() -> None:
    # "a[M" would begin earlier, but is looked for in what "[M]" leaves
    tokens = token("a[m", 1), token("[M]", 2, normalized=False)
    assert split("a[M]", *tokens) == ["a", "<2>"]


def test_the_longest_token_wins_wherever_it_stands_in_the_list() -> None:
    short, long = token("ab", 1, normalized=False), token("abc", 2, normalized=False)
    assert split("xabcab", short, long) == split("xabcab", long, short) == ["x", "<2>", "<1>"]


def test_content_is_no_regular_expression() -> None:
    assert split("a.c abc", as_written("a.c")) == ["<7>", " abc"]


def test_of_two_tokens_with_one_normalized_spelling_the_first_wins() -> None:
    assert split("FOO", token("Foo", 1), token("foo", 2)) == ["<1>"]


def test_an_empty_token_is_never_found() -> None:
    assert split("ab", as_written("")) == ["ab"]


def test_flags_default_to_those_of_the_oracle() -> None:
    plain, special = AddedToken("x"), AddedToken("x", special=True)
    assert (plain.single_word, plain.lstrip, plain.rstrip) == (False, False, False)
    assert (plain.normalized, special.normalized) == (True, False)


def test_a_token_that_begins_in_what_another_has_taken_overlaps_it() -> None:
    # as the oracle: the space belongs to both
    added = AddedTokens([as_written("c", 1, rstrip=True), as_written(" b", 2)], None)
    found = [(part.text, part.span(0, len(part))) for part, _ in added.align("c b x")]
    assert found == [("c ", (0, 2)), (" b", (1, 3)), (" x", (3, 5))]


def test_special_tokens_can_be_ordinary_text() -> None:
    tokens = as_written("<s>", special=True), as_written("<m>", 8)
    assert split("<s><m>", *tokens, encode_special_tokens=True) == ["<s>", "<8>"]


def test_where_parts_came_from() -> None:
    added = AddedTokens([as_written("<m>", lstrip=True), token("FOO", 8)], Lowercase())
    found = [(part.text, part.span(0, len(part))) for part, _ in added.align("İ <m>xFoo")]
    assert found == [("i\u0307", (0, 1)), (" <m>", (1, 5)), ("x", (5, 6)), ("foo", (6, 9))]


def test_a_content_that_is_known_keeps_its_id_and_any_other_gets_the_next() -> None:
    earlier = [NumberedToken(9, AddedToken("old"))]
    changed = AddedToken("old", lstrip=True)
    tokens = [AddedToken("a"), AddedToken("new"), changed, AddedToken(""), AddedToken("more")]
    assert with_ids(tokens, earlier, {"a": 0, "b": 1}) == [
        (0, AddedToken("a")),
        (9, changed),
        (10, AddedToken("new")),
        (11, AddedToken("more")),
    ]


def test_many_tokens_are_found_in_time_that_grows_with_the_text() -> None:
    many = [as_written(f"<{number}>", number) for number in range(100_000)]
    text = "word <77777> <x> " * 1000
    assert split(text, *many).count("<77777>") == 1000


@given(st.text("abAB ", max_size=20))
def test_without_tokens_the_text_is_normalized_whole(text: str) -> None:
    assert split(text) == ([text.lower()] if text else [])


@given(
    contents=st.sets(st.text("ab<", min_size=1, max_size=3), min_size=1, max_size=4),
    text=st.text("ab<c", max_size=24),
)
def test_readable_twin_of_plain_tokens(contents: set[str], text: str) -> None:
    tokens = [as_written(content, token_id) for token_id, content in enumerate(sorted(contents))]
    expected: list[str] = []
    start = place = 0  # text[start:place] holds no token
    while place < len(text):
        fitting = [found for found in tokens if text.startswith(found.token.content, place)]
        if fitting:
            longest = max(fitting, key=lambda found: len(found.token.content))
            expected += [text[start:place]] * (start < place) + [f"<{longest.id}>"]
            start = place = place + len(longest.token.content)
        else:
            place += 1
    expected += [text[start:]] * (start < len(text))
    assert split(text, *tokens) == expected
