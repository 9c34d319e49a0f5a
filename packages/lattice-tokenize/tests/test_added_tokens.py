"""`added_tokens.py`: tokens that are matched whole, with all their flags."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lattice_tokenize import AddedToken, EncodingOptionError
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


def found_in(text: str, *tokens: NumberedToken) -> list[tuple[str, int | None, tuple[int, int]]]:
    """The parts of a text, the id where it is a token, and where it came from."""
    return [
        (part.text, found.id if found else None, part.span(0, len(part)))
        for part, found in AddedTokens(tokens, None).align(text)
    ]


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


def test_a_token_shows_itself_as_in_the_oracle() -> None:
    token = AddedToken("x", lstrip=True)
    assert (str(token), repr(token)) == (
        "x",
        'AddedToken("x", rstrip=False, lstrip=True, single_word=False, normalized=True, '
        "special=False)",
    )
    assert AddedToken() == AddedToken("")
    assert pickle.loads(pickle.dumps(token)) == token


@pytest.mark.parametrize(
    ("options", "field"),
    [({"content": 5}, "content"), ({"lstrip": 1}, "lstrip"), ({"normalized": "no"}, "normalized")],
)
def test_what_no_token_can_have_is_named(options: dict[str, Any], field: str) -> None:
    with pytest.raises(EncodingOptionError) as caught:
        AddedToken(**options)
    assert caught.value.field == field


def test_a_token_that_begins_in_what_another_has_taken_overlaps_it() -> None:
    # as the oracle: the space belongs to both
    added = AddedTokens([as_written("c", 1, rstrip=True), as_written(" b", 2)], None)
    found = [(part.text, part.span(0, len(part))) for part, _ in added.align("c b x")]
    assert found == [("c ", (0, 2)), (" b", (1, 3)), (" x", (3, 5))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ab", [("ab", 1, (0, 2))]),
        ("a", [("a", 3, (0, 1))]),
        ("aba", [("ab", 1, (0, 2)), ("a", 3, (2, 3))]),
        ("abcab", [("ab", 1, (0, 2)), ("c", None, (2, 3)), ("ab", 1, (3, 5))]),
        ("abcd", [("abcd", 2, (0, 4))]),
    ],
)
def test_a_text_that_ends_sooner_than_the_longest_token(text: str, found: list[Any]) -> None:
    assert found_in(text, as_written("ab", 1), as_written("abcd", 2), as_written("a", 3)) == found


# The first takes all white space behind it, the second is made of some of that; the third is there
# because it is longer.
NEITHER: dict[str, Any] = {
    "c  ": [("c  ", 1, (0, 3)), ("  ", 2, (1, 3))],
    "c   ": [("c   ", 1, (0, 4)), ("  ", 2, (1, 3)), (" ", None, (3, 4))],
    "c    ": [("c    ", 1, (0, 5)), ("  ", 2, (1, 3)), ("  ", 2, (3, 5))],
    "c   x": [("c   ", 1, (0, 4)), ("  ", 2, (1, 3)), (" x", None, (3, 5))],
    "c  sp": [("c  ", 1, (0, 3)), ("  sp", 3, (1, 5))],
}
RIGHT: dict[str, Any] = {
    "c   ": [("c   ", 1, (0, 4)), ("   ", 2, (1, 4))],
    "c    ": [("c    ", 1, (0, 5)), ("    ", 2, (1, 5)), ("  ", 2, (3, 5))],
    "  c  ": [("  ", 2, (0, 2)), ("c  ", 1, (2, 5)), ("  ", 2, (3, 5))],
}
BOTH: dict[str, Any] = {
    "c  ": [("c  ", 1, (0, 3))],
    "c   ": [("c   ", 1, (0, 4))],
    "c    ": [("c    ", 1, (0, 5))],
    "c   x": [("c   ", 1, (0, 4)), ("x", None, (4, 5))],
    "  c  ": [("  ", 2, (0, 2)), ("c  ", 1, (2, 5))],
    "c  c  ": [("c  ", 1, (0, 3)), ("c  ", 1, (3, 6))],
    "c  sp": [("c  ", 1, (0, 3)), ("  sp", 3, (1, 5))],
}
LEFT: dict[str, Any] = {
    "c  ": [("c  ", 1, (0, 3))],
    "c  x": [("c  ", 1, (0, 3)), ("x", None, (3, 4))],
    # the oracle panics; here a token that has nothing left is passed over, and no text comes twice
    "c   ": [("c   ", 1, (0, 4))],
    "c   x": [("c   ", 1, (0, 4)), ("x", None, (4, 5))],
}


@pytest.mark.parametrize(
    ("flags", "text", "found"),
    [
        (flags, text, found)
        for flags, asked in (("", NEITHER), ("r", RIGHT), ("lr", BOTH), ("l", LEFT))
        for text, found in asked.items()
    ],
)
def test_tokens_of_white_space_that_another_has_taken(
    flags: str, text: str, found: list[Any]
) -> None:
    blank = as_written("  ", 2, lstrip="l" in flags, rstrip="r" in flags)
    assert found_in(text, as_written("c", 1, rstrip=True), blank, as_written("  sp", 3)) == found


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


@settings(max_examples=500)
@given(
    contents=st.sets(st.sampled_from(["a", "ab", "a  ", " ", "  ", " b", "   b", "b"]), min_size=1),
    flags=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=8, max_size=8),
    text=st.text("ab  ", max_size=8),
)
def test_readable_twin(contents: set[str], flags: list[tuple[bool, bool]], text: str) -> None:
    tokens = [
        as_written(content, token_id, lstrip=left, rstrip=right)
        for token_id, (content, (left, right)) in enumerate(
            zip(sorted(contents), flags, strict=False)
        )
    ]
    expected: list[tuple[str, int | None, tuple[int, int]]] = []
    done = place = 0  # what is before `place` has been searched
    while place < len(text):
        fitting = [found for found in tokens if text.startswith(found.token.content, place)]
        if not fitting:
            place += 1
            continue
        longest = max(fitting, key=lambda found: len(found.token.content))
        start, place = place, place + len(longest.token.content)
        stop = place
        if longest.token.lstrip:
            start = max(len(text[:start].rstrip(" ")), done)
        if longest.token.rstrip:
            stop = len(text) - len(text[stop:].lstrip(" "))
        if start < stop:
            if done < start:
                expected.append((text[done:start], None, (done, start)))
            expected.append((text[start:stop], longest.id, (start, stop)))
            done = stop
    if done < len(text):
        expected.append((text[done:], None, (done, len(text))))
    assert found_in(text, *tokens) == expected
