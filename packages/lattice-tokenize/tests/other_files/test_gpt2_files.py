"""vocab.json and merges.txt -> byte-level BPE documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lattice_tokenize.errors import TokenizerFileError, UnsupportedComponentError
from lattice_tokenize.other_files.gpt2_files import (
    BYTE_LEVEL_CLASSES,
    byte_level_document,
    read_merges,
    read_vocab_json,
)
from lattice_tokenize.other_files.tokenizer_config import ConfigToken, TokenizerConfig

VOCAB = {"a": 0, "b": 1, "ab": 2, "<|endoftext|>": 3, "<s>": 4, "</s>": 5}


def _document(tokenizer_class: str, **fields: Any) -> dict[str, Any]:
    config = TokenizerConfig(tokenizer_class=tokenizer_class, **fields)
    return byte_level_document(VOCAB, [["a", "b"]], config)


def _write(tmp_path: Path, name: str, content: str) -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode("utf-8"))
    return path


def test_vocab_json(tmp_path: Path) -> None:
    path = _write(tmp_path, "vocab.json", json.dumps(VOCAB))
    assert read_vocab_json(path) == VOCAB


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "tokens and their ids, received an empty object"),
        ("[]", "a JSON object, received a list"),
        ('{"a": 0,', "vocab.json: line 1, column 9: expected JSON"),
        ('{"a": "0"}', "vocab.json: 'a': expected an id from 0 to 2147483647, received '0'"),
        ('{"a": -1}', "received -1"),
        ('{"a": true}', "received True"),
        ('{"a": 1.0}', "received 1.0"),
        ('{"a": 2147483648}', "received 2147483648"),
        ('{"a": 0, "b": 0}', "'b': expected an id of its own, received 0, which 'a' has"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' + "9" * 5000 + "}", "vocab.json"),
    ],
)
def test_a_vocab_json_that_is_none(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(TokenizerFileError) as caught:
        read_vocab_json(_write(tmp_path, "vocab.json", content))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "content",
    ["a b\n", "a b", "#version: 0.2\na b\n", "#version: 0.2\r\na b\r\n", "a b\n#version twice\n"],
)
def test_merges(tmp_path: Path, content: str) -> None:
    assert read_merges(_write(tmp_path, "merges.txt", content), VOCAB) == [["a", "b"]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a b\n\n", "line 2: expected two tokens with one space between them, received an empty"),
        ("a  b\n", "line 1: expected two tokens"),
        ("a b c\n", "line 1: expected two tokens"),
        ("ab\n", "line 1: expected two tokens"),
        ("a b\na c\n", "line 2: expected a merge of tokens of vocab.json into one, received 'c'"),
        ("b a\n", "received 'ba', which is not there"),
        # a comment is one only where it begins with #version, as in the oracle
        ("# a\n", "received '#', which is not there"),
    ],
)
def test_merges_that_are_none(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(TokenizerFileError) as caught:
        read_merges(_write(tmp_path, "merges.txt", content), VOCAB)
    assert message in str(caught.value)


def test_gpt2() -> None:
    document = _document("GPT2Tokenizer")
    assert [token["content"] for token in document["added_tokens"]] == ["<|endoftext|>"]
    assert document["normalizer"] is None
    assert document["pre_tokenizer"] == {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": True,
        "use_regex": True,
    }
    assert document["post_processor"] == {
        "type": "TemplateProcessing",
        "single": [{"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {},
    }
    assert document["decoder"] == {**document["pre_tokenizer"], "add_prefix_space": True}
    assert document["model"] == {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": "",
        "end_of_word_suffix": "",
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": False,
        "vocab": VOCAB,
        "merges": [["a", "b"]],
    }


def test_gpt2_with_a_token_before_the_text() -> None:
    options = {"add_bos_token": True, "add_prefix_space": True}
    document = _document("GPT2Tokenizer", options=options)
    bos = {"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}
    assert document["post_processor"]["single"][0] == bos
    assert document["post_processor"]["special_tokens"]["<|endoftext|>"]["ids"] == [3]
    assert document["pre_tokenizer"]["add_prefix_space"] is True


@pytest.mark.parametrize(
    "name", ["RobertaTokenizer", "BartTokenizer", "LEDTokenizer", "LongformerTokenizer"]
)
def test_roberta(name: str) -> None:
    document = _document(name, options={"add_prefix_space": True, "trim_offsets": False})
    assert document["post_processor"] == {
        "type": "RobertaProcessing",
        "sep": ["</s>", 5],
        "cls": ["<s>", 4],
        "trim_offsets": False,
        "add_prefix_space": True,
    }
    # new tokens: unk, pad, mask, in the order of their names
    ids = {token["content"]: token["id"] for token in document["added_tokens"]}
    assert ids == {"<s>": 4, "</s>": 5, "<unk>": 6, "<pad>": 7, "<mask>": 8}


def test_clip() -> None:
    document = _document("CLIPTokenizer")
    assert [part["type"] for part in document["normalizer"]["normalizers"]] == [
        *("NFC", "Replace", "Lowercase")
    ]
    split, byte_level = document["pre_tokenizer"]["pretokenizers"]
    assert (split["behavior"], split["invert"]) == ("Removed", True)
    assert byte_level["use_regex"] is True
    assert document["post_processor"]["sep"] == ["<|endoftext|>", 3]
    assert document["post_processor"]["cls"] == ["<|startoftext|>", 6]
    assert document["model"]["end_of_word_suffix"] == "</w>"
    assert document["model"]["unk_token"] == "<|endoftext|>"


def test_qwen2_gives_special_tokens_the_flags_of_plain_ones() -> None:
    token = ConfigToken("<|endoftext|>", lstrip=True, normalized=True, special=True)
    other = ConfigToken("<tool>", normalized=True)
    document = _document("Qwen2Tokenizer", added={3: token, 9: other})
    end, tool = document["added_tokens"]
    assert (end["id"], end["lstrip"], end["normalized"]) == (3, False, False)
    # an id that a configuration claims is not believed
    assert (tool["id"], tool["normalized"], tool["special"]) == (6, True, False)
    assert document["normalizer"] == {"type": "NFC"}
    split, byte_level = document["pre_tokenizer"]["pretokenizers"]
    assert split["pattern"]["Regex"].endswith(r"|\s*[\r\n]+|\s+(?!\S)|\s+")
    assert byte_level["use_regex"] is False


def test_a_class_that_is_not_known() -> None:
    with pytest.raises(UnsupportedComponentError, match="tokenizer_class: expected one of GPT2"):
        _document("WhisperTokenizer")
    assert "GPT2Tokenizer" in BYTE_LEVEL_CLASSES
