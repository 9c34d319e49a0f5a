"""`WordPiece`: pieces back to words."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.decoders import WordPiece


@pytest.mark.parametrize(
    ("tokens", "clean", "plain"),
    [
        ([], "", ""),
        (["a", "##b", "##c"], "abc", "abc"),
        (["a", "b"], "a b", "a b"),
        (["##a", "##b"], "##ab", "##ab"),  # the first token keeps its prefix
        (["a", "##b##c"], "ab##c", "ab##c"),  # only one prefix goes
        (["a", "## ##"], "a ##", "a ##"),
        (["a", "#"], "a #", "a #"),
        (["a", ",", "b", "?", "!", "."], "a, b?!.", "a , b ? ! ."),
        (["ca", "n't"], "can't", "ca n't"),
        (["i", "'m"], "i'm", "i 'm"),
        (["we", "'ve", "'re", "'s"], "we've're's", "we 've 're 's"),
        (["x", "'", "s"], "x ' s", "x ' s"),  # cleaned token by token: " ' " spans two
        (["a", "' "], "a'", "a ' "),
        (["i", "do not"], "i don't", "i do not"),
        (["i", "do", "not"], "i do not", "i do not"),
        (["a", "n't ", "!"], "an't !", "a n't  !"),  # the space of a token's own end stays
        ([" ."], ".", " ."),
        (["a", ""], "a ", "a "),
    ],
)
def test_decoding(tokens: list[str], clean: str, plain: str) -> None:
    assert WordPiece("##", cleanup=True).decode(tokens) == clean
    assert WordPiece("##", cleanup=False).decode(tokens) == plain


def test_another_prefix() -> None:
    assert WordPiece("@", cleanup=False).decode(["a", "@b", "##c"]) == "ab ##c"


@given(st.lists(st.text("xyz", min_size=1, max_size=4), max_size=6))
def test_whole_words_are_joined_by_spaces(words: list[str]) -> None:
    assert WordPiece("##", cleanup=True).decode(words) == " ".join(words)


@given(st.text("xyz", min_size=1, max_size=9), st.sets(st.integers(1, 8)))
def test_the_pieces_of_a_word_make_the_word(word: str, cuts: set[int]) -> None:
    bounds = [0, *sorted(cut for cut in cuts if cut < len(word)), len(word)]
    pieces = [word[start:stop] for start, stop in pairwise(bounds)]
    tokens = [pieces[0], *(f"##{piece}" for piece in pieces[1:])]
    assert WordPiece("##", cleanup=True).decode(tokens) == word
