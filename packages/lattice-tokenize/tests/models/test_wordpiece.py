"""`models/wordpiece.py`: longest match first. Tokens and offsets are the oracle's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.errors import TokenizerFileError, UnsupportedComponentError
from lattice_tokenize.models.token import Token
from lattice_tokenize.models.wordpiece import WordPiece, read_wordpiece

VOCAB = {"[UNK]": 0, "un": 1, "##aff": 2, "##able": 3, "##a": 4, "una": 5, "##ff": 6}
MODEL: dict[str, Any] = {
    "type": "WordPiece",
    "unk_token": "[UNK]",
    "continuing_subword_prefix": "##",
    "max_input_chars_per_word": 100,
    "vocab": VOCAB,
}


def brute_force(vocab: dict[str, int], word: str, prefix: str) -> tuple[int, ...]:
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
            return (vocab["?"],)
        longest = max(fitting, key=len)
        ids.append(vocab[prefix + longest if ids else longest])
        rest = rest[len(longest) :]
    return tuple(ids)


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("unaffable", (5, 6, 3)),  # "una" wins over "un", though "##aff" would be longer later
        ("un", (1,)),
        ("unable", (0,)),  # una|ble: no way back to un|able
        ("aff", (0,)),  # "##aff" does not begin a word
        ("##aff", (2,)),  # unless it is written so
        ("unx", (0,)),
        ("", ()),
    ],
)
def test_longest_match_first_without_going_back(word: str, ids: tuple[int, ...]) -> None:
    model = WordPiece(VOCAB)
    assert model.ids([word]) == [ids]
    assert tuple(token.id for token in model.tokenize(word)) == ids


def test_tokens_say_what_they_stand_for() -> None:
    model = WordPiece({"[UNK]": 0, "é": 1, "##😀": 2})
    assert model.tokenize("é😀") == [Token(1, "é", 0, 1), Token(2, "##😀", 1, 2)]


def test_an_unknown_word_is_one_token() -> None:
    assert WordPiece(VOCAB).tokenize("unx😀") == [Token(0, "[UNK]", 0, 4)]


def test_a_word_as_long_as_the_limit_is_still_matched() -> None:
    model = WordPiece({"[UNK]": 7, "a": 1, "##a": 2}, max_input_chars_per_word=4)
    assert model.ids(["aaaa", "aaaaa"]) == [(1, 2, 2, 2), (7,)]
    assert model.tokenize("aaaaa") == [Token(7, "[UNK]", 0, 5)]


def test_too_long_a_word_is_unknown_even_if_it_is_a_piece() -> None:
    assert WordPiece({"[UNK]": 0, "abc": 1}, max_input_chars_per_word=2).ids(["abc"]) == [(0,)]


def test_the_limit_is_of_characters_not_of_bytes() -> None:
    model = WordPiece({"[UNK]": 0, "é": 1, "##é": 2})
    assert model.ids(["é" * 100, "é" * 101]) == [(1, *[2] * 99), (0,)]


def test_an_unknown_token_outside_the_vocabulary_matters_only_when_needed() -> None:
    model = WordPiece({"a": 0})
    assert model.ids(["a"]) == [(0,)]
    for use in (lambda: model.ids(["b"]), lambda: model.tokenize("b")):
        with pytest.raises(TokenizerFileError, match=r"model\.unk_token.*'\[UNK\]'"):
            use()
    with pytest.raises(TokenizerFileError, match=r"model\.unk_token"):
        model.ids(["b"] * 10_000)


def test_a_word_of_a_million_characters_is_answered() -> None:
    assert WordPiece(VOCAB).ids(["a" * 1_000_000]) == [(0,)]


def test_ids_with_holes() -> None:
    model = WordPiece({"[UNK]": 5, "a": 2**31 - 1})
    assert model.ids(["a"] * 9000) == [(2**31 - 1,)] * 9000
    assert [model.id_to_token(i) for i in (5, 6, 2**31 - 1)] == ["[UNK]", None, "a"]


def test_read_and_written() -> None:
    model = read_wordpiece(MODEL, "model")
    assert model.vocab == VOCAB
    assert model.to_json() == MODEL
    backwards = MODEL | {"vocab": dict(reversed(VOCAB.items()))}
    assert list(read_wordpiece(backwards, "model").to_json()["vocab"]) == list(VOCAB)


@pytest.mark.parametrize(
    "field", ["unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab"]
)
def test_all_fields_are_needed(field: str) -> None:
    value = {name: MODEL[name] for name in MODEL if name != field}
    with pytest.raises(TokenizerFileError, match=rf"model\.{field}: .* received nothing"):
        read_wordpiece(value, "model")


def test_a_field_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnsupportedComponentError, match=r"model\.dropout"):
        read_wordpiece(MODEL | {"dropout": 0.1}, "model")


def test_shared_ids_are_refused() -> None:
    with pytest.raises(TokenizerFileError, match=r"model\.vocab\['b'\]: .*1, which is 'a'"):
        read_wordpiece(MODEL | {"vocab": {"[UNK]": 0, "a": 1, "b": 1}}, "model")


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
    assert model.ids(words) == [brute_force(vocab, word, prefix) for word in words]
