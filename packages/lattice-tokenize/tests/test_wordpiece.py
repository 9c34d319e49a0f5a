"""`wordpiece.py`: longest match first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize import wordpiece
from lattice_tokenize.wordpiece import WordPiece

VOCAB = {"[UNK]": 0, "un": 1, "##aff": 2, "##able": 3, "##a": 4, "una": 5, "##ff": 6}


def brute_force(vocab: dict[str, int], word: str, prefix: str) -> list[int]:
    """The definition: at each place, of all pieces that fit there, the longest."""
    ids: list[int] = []
    rest = word
    while rest:
        fitting = [
            piece.removeprefix(prefix) if ids else piece
            for piece in vocab
            if (piece.startswith(prefix) if ids else True)
        ]
        fitting = [piece for piece in fitting if piece and rest.startswith(piece)]
        if not fitting:
            return [vocab["?"]]
        longest = max(fitting, key=len)
        ids.append(vocab[prefix + longest if ids else longest])
        rest = rest[len(longest) :]
    return ids


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("unaffable", [5, 6, 3]),  # "una" wins over "un", though "##aff" would be longer later
        ("un", [1]),
        ("unable", [0]),  # una|ble: no way back to un|able
        ("aff", [0]),  # "##aff" does not begin a word
        ("unx", [0]),
        ("", []),
    ],
)
def test_longest_match_first_without_going_back(word: str, ids: list[int]) -> None:
    assert WordPiece(VOCAB, unk_token="[UNK]").ids([word]) == ids


def test_words_follow_each_other() -> None:
    assert WordPiece(VOCAB, unk_token="[UNK]").ids(["un", "x", "una"]) == [1, 0, 5]


def test_a_word_as_long_as_the_limit_is_still_matched() -> None:
    model = WordPiece({"[UNK]": 7, "a": 1, "##a": 2}, unk_token="[UNK]", max_input_chars_per_word=4)
    assert model.ids(["aaaa"]) == [1, 2, 2, 2]
    assert model.ids(["aaaaa"]) == [7]


def test_the_limit_is_100_characters_unless_told() -> None:
    model = WordPiece({"[UNK]": 0, "é": 1, "##é": 2}, unk_token="[UNK]")
    assert model.ids(["é" * 100]) == [1] + [2] * 99  # 200 bytes: the limit is of characters
    assert model.ids(["é" * 101]) == [0]


def test_another_prefix_is_obeyed() -> None:
    model = WordPiece({"?": 0, "a": 1, "@b": 2}, unk_token="?", continuing_subword_prefix="@")
    assert model.ids(["ab", "abb", "b"]) == [1, 2, 1, 2, 2, 0]


@pytest.mark.parametrize("prefix", ["##", "@", ""])
@given(
    pieces=st.sets(st.text("abc", min_size=1, max_size=4), max_size=12),
    inner=st.sets(st.text("abc", min_size=1, max_size=4), max_size=12),
    words=st.lists(st.text("abc", max_size=9), max_size=6),
)
def test_same_as_brute_force(
    prefix: str, pieces: set[str], inner: set[str], words: list[str]
) -> None:
    tokens = ["?", *sorted(pieces | {prefix + piece for piece in inner})]
    vocab = {token: token_id for token_id, token in enumerate(tokens)}
    model = WordPiece(vocab, unk_token="?", continuing_subword_prefix=prefix)
    expected = [token_id for word in words for token_id in brute_force(vocab, word, prefix)]
    assert model.ids(words) == expected
    assert model.ids(words) == expected  # and the same from memory


def test_a_full_memory_forgets_and_answers_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordpiece, "MAX_REMEMBERED_WORDS", 3)
    model = WordPiece({"[UNK]": 0, "a": 1, "##a": 2}, unk_token="[UNK]")
    for length in [1, 2, 3, 4, 5, 6, 7, 1, 4, 7]:
        assert model.ids(["a" * length]) == [1] + [2] * (length - 1)
        assert len(model._word_ids) <= 3


def test_over_long_words_are_not_remembered() -> None:
    # one text of garbage must not fill the memory with words of a megabyte
    model = WordPiece({"[UNK]": 0}, unk_token="[UNK]", max_input_chars_per_word=5)
    model.ids(["x" * 5, "x" * 6])
    assert list(model._word_ids) == ["xxxxx"]


def test_a_word_of_a_million_characters_is_answered() -> None:
    assert WordPiece(VOCAB, unk_token="[UNK]").ids(["a" * 1_000_000]) == [0]
