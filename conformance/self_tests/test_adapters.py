"""Adapters of other libraries: what they read of tokenizer.json, and what they say they cannot."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from ..engines import EngineBrokenError, UnsupportedError, open_engine
from ..engines.tokenizer_document import around, parts_of, plain_text, read_document


@pytest.mark.parametrize("name", ["onnxruntime", "tiktoken", "sentencepiece"])
def test_a_library_that_is_missing_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, f"conformance.engines.{name}", raising=False)
    with pytest.raises(EngineBrokenError, match=f"engine {name}: it needs .*, not installed"):
        open_engine(name)


@pytest.mark.parametrize("option", [{"pair": "b"}, {"max_tokens": 2}, {"as_filed": True}])
def test_what_a_library_cannot_do_is_unsupported(option: dict[str, Any]) -> None:
    assert plain_text({"text": "a"}) == "a"
    with pytest.raises(UnsupportedError, match=next(iter(option))):
        plain_text({"text": "a", **option})


@pytest.mark.parametrize(
    ("subject", "ids"),
    [
        ("made-bert-plain", ([2], [3])),  # [CLS] A [SEP]
        ("made-precompiled", ([], [2])),  # A </s>
        ("made-gpt2", ([], [])),
        ("made-words", ([], [])),
    ],
)
def test_the_ids_around_a_text(subject: str, ids: tuple[list[int], list[int]]) -> None:
    assert around(read_document(subject)) == ids


def test_the_ids_around_a_text_of_a_sequence_come_from_its_template() -> None:
    document = read_document("made-llama3")
    (begin,) = (t["id"] for t in document["added_tokens"] if t["content"] == "<|begin|>")
    assert around(document) == ([begin], [])


def test_nested_sequences_are_flat() -> None:
    one = {"type": "NFC"}
    nested = {"type": "Sequence", "normalizers": [one]}
    assert parts_of({"type": "Sequence", "normalizers": [nested, one]}, "normalizers") == [one, one]
    assert parts_of(None, "normalizers") == []
