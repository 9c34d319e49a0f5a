"""`models/word_level.py`: the whole word or nothing."""

from __future__ import annotations

import pytest
from lattice_tokenize.errors import TokenizerFileError
from lattice_tokenize.models import Token, WordLevel

MODEL = WordLevel({"[UNK]": 0, "a": 7, "é😀": 3}, unk_token="[UNK]")


def test_words() -> None:
    assert MODEL.ids(["a", "é😀", "aa", "[UNK]"]) == [(7,), (3,), (0,), (0,)]


def test_tokens() -> None:
    assert MODEL.tokenize("é😀") == [Token(3, "é😀", 0, 2)]
    assert MODEL.tokenize("bé") == [Token(0, "[UNK]", 0, 2)]


def test_an_unknown_token_that_is_no_token_is_an_error_where_it_is_needed() -> None:
    model = WordLevel({"a": 1}, unk_token="q")
    assert model.ids(["a"]) == [(1,)]
    for ask in (model.ids, lambda words: model.tokenize(words[0])):
        with pytest.raises(TokenizerFileError, match=r"^model\.unk_token: .*received 'q'"):
            ask(["b"])


def test_id_to_token_and_json() -> None:
    assert [MODEL.id_to_token(i) for i in (7, 1)] == ["a", None]
    assert MODEL.to_json() == {
        "type": "WordLevel",
        "vocab": {"[UNK]": 0, "é😀": 3, "a": 7},
        "unk_token": "[UNK]",
    }
    assert list(MODEL.to_json()["vocab"]) == ["[UNK]", "é😀", "a"]
