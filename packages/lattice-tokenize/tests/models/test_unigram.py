"""`models/unigram.py`: the best path. Tokens and offsets are the oracle's."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.errors import TokenizerFileError, UnsupportedComponentError
from lattice_tokenize.models.unigram import Unigram, read_unigram

Pieces = list[tuple[str, float]]
U = ("<unk>", 0.0)
LETTERS: Pieces = [
    *(U, ("a", 0.0), ("b", 0.0), ("c", 0.0), ("d", 0.0)),
    *(("cd", 1.0), ("ab", 2.0), ("abc", 5.0), ("abcd", 10.0)),
]
TIES: Pieces = [U, ("a", -1.0), ("aa", -2.0), ("aaa", -3.0)]
LAUGHTER: Pieces = [
    *(U, ("h", -9.0), ("a", -9.0)),
    *(("ha", -1.0), ("hah", -2.0), ("ah", -2.0), ("aha", -1.0)),
]
# the fused "bc" is a piece, though as such it is worse than two unknown characters
FUSED: Pieces = [("a", 50.0), ("bc", 60.0), ("<unk>", 60.0)]
TWICE: Pieces = [U, ("a", -1.0), ("ab", -1.0), ("b", -1.0), ("ab", -5.0)]
KNOWN: Pieces = [("a", -1.0), ("aa", -9.0), ("b", -1.0)]


@pytest.mark.parametrize(
    ("pieces", "unk_id", "word", "tokens"),
    [
        (LETTERS, 0, "", []),
        (
            *(LETTERS, 0, "abcdacdxx"),
            [(8, "abcd", 0, 4), (1, "a", 4, 5), (5, "cd", 5, 7), (0, "xx", 7, 9)],
        ),
        (LETTERS, 0, "xxaéx", [(0, "xx", 0, 2), (1, "a", 2, 3), (0, "éx", 3, 5)]),
        # equal scores: the last piece is the longer one
        (TIES, 0, "aaaa", [(1, "a", 0, 1), (3, "aaa", 1, 4)]),
        (TIES, 0, "aa", [(2, "aa", 0, 2)]),
        (LAUGHTER, 0, "haha", [(3, "ha", 0, 2), (3, "ha", 2, 4)]),
        (LAUGHTER, 0, "hahaha", [(4, "hah", 0, 3), (6, "aha", 3, 6)]),
        # the unknown piece itself, written in the text
        (LETTERS, 0, "<unk>", [(0, "<unk>", 0, 5)]),
        (TIES, 0, "<unk><unk>", [(0, "<unk><unk>", 0, 10)]),
        (TIES, 0, "a<unk>☃", [(1, "a", 0, 1), (0, "<unk>☃", 1, 7)]),
        (FUSED, 2, "abca", [(0, "a", 0, 1), (1, "bc", 1, 3), (0, "a", 3, 4)]),
        (FUSED, 2, "b", [(2, "b", 0, 1)]),
        # the last of two equal pieces counts
        (TWICE, 0, "ab", [(1, "a", 0, 1), (3, "b", 1, 2)]),
        # the unknown piece is one that means something
        (KNOWN, 0, "aa", [(1, "aa", 0, 2)]),
        (KNOWN, 0, "aba", [(0, "a", 0, 1), (2, "b", 1, 2), (0, "a", 2, 3)]),
        (KNOWN, 0, "aaab", [(0, "aaa", 0, 3), (2, "b", 3, 4)]),
        ([U, ("", 5.0), ("a", -1.0)], 0, "a", [(2, "a", 0, 1)]),
    ],
)
def test_best_path(
    pieces: Pieces, unk_id: int, word: str, tokens: list[tuple[int, str, int, int]]
) -> None:
    model = Unigram(pieces, unk_id=unk_id)
    assert model.tokenize(word) == tokens
    ids = tuple(token[0] for token in tokens)
    assert model.ids([word]) == [ids]
    assert model.ids([word] * 10_000) == [ids] * 10_000  # enough for the table


BYTES: Pieces = [U, ("a", -1.0), ("<0xE3>", 0.0), ("<0x81>", 0.0), ("<0x82>", 0.0)]


@pytest.mark.parametrize(
    ("word", "tokens"),
    [
        (
            "aあa",
            [(1, "a", 0, 1), *((i, BYTES[i][0], 1, 2) for i in (2, 3, 4)), (1, "a", 2, 3)],
        ),
        ("ああ", [(i, BYTES[i][0], 0, 2) for i in (2, 3, 4, 2, 3, 4)]),
        ("aい", [(1, "a", 0, 1), (0, "い", 1, 2)]),  # <0x84> is missing
    ],
)
def test_bytes_for_what_is_unknown(word: str, tokens: list[tuple[int, str, int, int]]) -> None:
    model = Unigram(BYTES, unk_id=0, byte_fallback=True)
    assert model.tokenize(word) == tokens
    assert model.ids([word] * 10_000)[-1] == tuple(token[0] for token in tokens)


def test_without_unknown_piece() -> None:
    model = Unigram([("a", -1.0), ("ab", -1.0), ("b", -30.0)])
    assert model.ids(["ab", "ba"] * 5000)[:2] == [(1,), (2, 0)]
    for use in (lambda: model.ids(["abx"] * 10_000), lambda: model.tokenize("abx")):
        with pytest.raises(TokenizerFileError, match=r"model\.unk_id: .*'x' is in no piece"):
            use()


def test_an_unknown_character_counts_even_if_it_is_on_no_best_path_to_the_end() -> None:
    # "a" alone would be unknown: an error, though "ab" covers it
    with pytest.raises(TokenizerFileError):
        Unigram([("ab", 5.0), ("b", -2.0)]).tokenize("ab")


def test_ids_and_pieces() -> None:
    model = Unigram(TWICE, unk_id=0)
    assert model.vocab == {"<unk>": 0, "a": 1, "ab": 4, "b": 3}
    assert [model.id_to_token(i) for i in (2, 4, 5, -1)] == ["ab", "ab", None, None]


def test_a_word_of_a_hundred_thousand_characters() -> None:
    assert Unigram(TIES, unk_id=0).ids(["a" * 100_000]) == [(1, *[3] * 33_333)]


def model_json(vocab: list[Any], **fields: Any) -> dict[str, Any]:
    return {"type": "Unigram", "unk_id": None, "vocab": vocab, "byte_fallback": False, **fields}


def test_read_and_written() -> None:
    value = model_json([["<unk>", 0.0], ["a", -1.5], ["a", -2.5]], unk_id=0)
    assert read_unigram(value, "model").to_json() == value
    assert read_unigram({"vocab": []}, "model").to_json() == model_json([])


def test_scores_are_written_as_the_oracle_reads_them() -> None:
    model = read_unigram(model_json([["k", -7.4715776443481445], ["a", 0]]), "model")
    assert model.to_json()["vocab"] == [["k", -7.471577644348144], ["a", 0.0]]


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (model_json([], unk_id=0), "model.unk_id"),
        (model_json([["a", 0.0]], unk_id=1), "model.unk_id"),
        (model_json([["a", 0.0]], unk_id=-1), "model.unk_id"),
        (model_json([["a", 0.0]], byte_fallback=None), "model.byte_fallback"),
        (model_json([["a", 0.0], ["b", float("inf")]]), "model.vocab[1][1]"),
        (model_json([["a", 0.0], ["b", float("nan")]]), "model.vocab[1][1]"),
        (model_json([["a", True]]), "model.vocab[0][1]"),
        (model_json([["a", "1"]]), "model.vocab[0][1]"),
        (model_json([["a", 10**400]]), "model.vocab[0][1]"),
        (model_json([[1, 1.0]]), "model.vocab[0][0]"),
        (model_json([["a", 1, 2]]), "model.vocab[0]"),
        (model_json(["ab"]), "model.vocab[0]"),
        ({"type": "Unigram"}, "model.vocab"),
    ],
)
def test_refused(value: dict[str, Any], field: str) -> None:
    with pytest.raises(TokenizerFileError) as error:
        read_unigram(value, "model")
    assert error.value.field == field


def test_a_field_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnsupportedComponentError, match=r"model\.alpha"):
        read_unigram(model_json([], alpha=0.1), "model")


@given(
    pieces=st.sets(st.text("ab", min_size=1, max_size=3), max_size=8),
    word=st.text("ab", max_size=8),
    data=st.data(),
)
def test_no_path_is_better(pieces: set[str], word: str, data: st.DataObject) -> None:
    scores = {piece: data.draw(st.integers(-9, 9)) for piece in sorted(pieces | {"a", "b"})}
    model = Unigram([(piece, float(score)) for piece, score in scores.items()])
    best = sum(scores[token.value] for token in model.tokenize(word))
    for cuts in itertools.product([False, True], repeat=max(len(word) - 1, 0)):
        places = [0, *(i for i, cut in enumerate(cuts, 1) if cut), len(word)]
        parts = [word[a:b] for a, b in itertools.pairwise(places)] if word else []
        if all(part in scores for part in parts):
            assert sum(scores[part] for part in parts) <= best
