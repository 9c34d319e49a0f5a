"""`patterns/neighbours.py`: what it says is cut, is cut, and both sides may be matched alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lattice_tokenize.patterns.pattern import Pattern

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# pattern -> whether the end of a run of blanks is a cut
CERTAIN = {
    GPT2: True,
    QWEN: True,
    r" ?[a-z]+|\s+(?!\S)|[^a-z]": True,
    r"\s+(?!\S)|\s*[a-z]+|.|\n": False,  # a later branch takes all blanks from within a word
    r"\s*\n| ?a+|\s+(?!\S)|.": True,
    r"\s* !|\s+(?!\S)|[\s\S]": False,  # an earlier branch ends with the last blank
    r"\s+(?!\S)|a+?b?|[^a]": True,
    r"(?:ab|\s){1,3}|\s+(?!\S)|[\s\S]": False,
    r"[a-z]{2,3}|[a-z]|\W+?|[^a-z]": False,
    r"a(?!b)|[\s\S]": False,
    r"(?:a|ab)(?=c)|[\s\S]": False,
}
# nothing is claimed of these
UNCERTAIN = {
    "a+|b": "c is in no match",
    "(?>ab?)b|[\\s\\S]": "atomic",
    "(?<=a)b|[\\s\\S]": "looks back",
    "(?!ab)[ab]|[\\s\\S]": "looks further than one character",
    "a*|[^a]": "may be empty",
    "^a|[\\s\\S]": "anchor",
    "a|(?:b|(?!c)a)d|[\\s\\S]": "a lookahead with something before it outside",
    "aa|b": "one a alone is in no match",
}
TEXTS = st.text(st.sampled_from("abcstz' \n\r\t!.1é²\u3000"), max_size=10)


def cuts(pattern: str, text: str) -> list[int]:
    known = Pattern("Regex", pattern).cuts()
    assert known
    letters, found = known
    points = np.array([ord(character) for character in text], np.int64)
    letter = letters.take(points)
    places = [
        place for place in range(1, len(text)) if found.between[letter[place - 1], letter[place]]
    ]
    places += [
        place
        for place in range(1, len(text) - 1)
        if text[place] == " "
        and found.blank[letter[place - 1]]
        and not found.blank[letter[place + 1]]
    ]
    return sorted(set(places))


@pytest.mark.parametrize("pattern", CERTAIN)
def test_both_sides_of_a_cut_may_be_matched_alone(pattern: str) -> None:
    compiled = Pattern("Regex", pattern)

    @settings(max_examples=100)
    @given(TEXTS)
    def alone(text: str) -> None:
        whole = compiled.pieces(text)
        for place in cuts(pattern, text):
            assert compiled.pieces(text[:place]) + compiled.pieces(text[place:]) == whole

    alone()


@pytest.mark.parametrize("pattern", CERTAIN)
def test_runs_of_blanks(pattern: str) -> None:
    known = Pattern("Regex", pattern).cuts()
    assert known
    assert known[1].blank.any() == CERTAIN[pattern]


@pytest.mark.parametrize("pattern", UNCERTAIN)
def test_nothing_is_claimed_where_it_might_be_wrong(pattern: str) -> None:
    assert Pattern("Regex", pattern).cuts() is None


def test_places_that_are_cut() -> None:
    # not before the 2: a lookahead may stand behind the space
    places = [3, 5, 6, 12, 16, 19, 20, 22, 23, 24, 25]
    assert cuts(QWEN, "don't  (stop)\n\n  me, 2026!") == places
    assert cuts(GPT2, "a1 b  c") == [1, 2, 4, 5]
