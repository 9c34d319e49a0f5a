"""`read_model`: which model an object of the file is."""

from __future__ import annotations

from typing import Any

import pytest
from lattice_tokenize.errors import TokenizerFileError, UnsupportedComponentError
from lattice_tokenize.models import MODELS, read_model

VOCAB = {"a": 1}
DOCUMENTS: dict[str, dict[str, Any]] = {
    "BPE": {
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": False,
        "vocab": {"a": 1, "b": 2, "ab": 3},
        "merges": [["a", "b"]],
    },
    "WordPiece": {
        "unk_token": "a",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": VOCAB,
    },
    "WordLevel": {"vocab": VOCAB, "unk_token": "a"},
    "Unigram": {"unk_id": 0, "vocab": [["a", 0.0]], "byte_fallback": False},
}


def test_every_kind_is_here() -> None:
    assert set(DOCUMENTS) == set(MODELS)


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("says_type", [True, False])
def test_read_and_write(kind: str, says_type: bool) -> None:
    """A file of the first versions has no type; it is written with one."""
    document = {"type": kind, **DOCUMENTS[kind]}
    given = document if says_type else DOCUMENTS[kind]
    model = read_model(given, "model")
    assert type(model).__name__ == kind
    assert list(model.to_json().items()) == list(document.items())


def test_absent_fields_of_bpe() -> None:
    model = read_model({"type": "BPE", "vocab": {"a": 1}, "merges": []}, "model")
    without = {**DOCUMENTS["BPE"], "vocab": {"a": 1}, "merges": []}
    assert model.to_json() == {"type": "BPE", **without}


def test_merges_as_lines_are_written_as_pairs() -> None:
    document = {**DOCUMENTS["BPE"], "merges": ["#version: 0.2", "a b"]}
    assert read_model(document, "model").to_json() == {"type": "BPE", **DOCUMENTS["BPE"]}


@pytest.mark.parametrize("kind", ["WordPiece", "WordLevel"])
def test_fields_that_must_be_there(kind: str) -> None:
    for name in DOCUMENTS[kind]:
        rest = {key: value for key, value in DOCUMENTS[kind].items() if key != name}
        with pytest.raises(TokenizerFileError, match=rf"^model\.{name}: .*received nothing"):
            read_model({"type": kind, **rest}, "model")


def test_an_unknown_type() -> None:
    with pytest.raises(UnsupportedComponentError, match=r"^model\.type: .*received 'Nope'"):
        read_model({"type": "Nope", "vocab": VOCAB, "merges": []}, "model")


@pytest.mark.parametrize("value", [None, 3, [], "BPE"])
def test_no_object(value: object) -> None:
    with pytest.raises(TokenizerFileError, match=r"^model: expected an object"):
        read_model(value, "model")
