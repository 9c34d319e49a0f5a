"""A model directory -> the document, whatever files describe the tokenizer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lattice_tokenize.errors import TokenizerFileError, UnsupportedComponentError
from lattice_tokenize.other_files.directory import read_directory

VOCAB_TXT = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\n"
VOCAB_JSON = json.dumps({"a": 0, "b": 1, "ab": 2})
# pieces <unk> (of the type UNKNOWN) and ▁
SENTENCEPIECE = b"\x0a\x09\x0a\x05<unk>\x18\x02" + b"\x0a\x05\x0a\x03\xe2\x96\x81"


def _write(path: Path, **files: Any) -> Path:
    for name, content in files.items():
        file = path / name.replace("__", ".")
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content)
            file.write_text(text, encoding="utf-8")
    return path


def test_tokenizer_json_is_preferred(tmp_path: Path) -> None:
    path = _write(tmp_path, tokenizer__json={"version": "1.0"}, vocab__txt=VOCAB_TXT)
    assert read_directory(path) == {"version": "1.0"}


def test_vocab_txt_alone_is_bert(tmp_path: Path) -> None:
    document = read_directory(_write(tmp_path, vocab__txt=VOCAB_TXT))
    assert document["model"]["type"] == "WordPiece"
    assert document["normalizer"]["lowercase"] is True


def test_the_configuration_decides(tmp_path: Path) -> None:
    fields = {"tokenizer_class": "BertTokenizer", "do_lower_case": False}
    path = _write(tmp_path, vocab__txt=VOCAB_TXT, tokenizer_config__json=fields)
    assert read_directory(path)["normalizer"]["lowercase"] is False


@pytest.mark.parametrize(
    "files",
    [
        {"tokenizer_config__json": {"tokenizer_class": "GPT2TokenizerFast"}},
        {"config__json": {"tokenizer_class": "GPT2Tokenizer"}},
        {"config__json": {"model_type": "gpt2"}},
        {
            "tokenizer_config__json": {"tokenizer_class": "PreTrainedTokenizerFast"},
            "config__json": {"model_type": "gpt2"},
        },
    ],
)
def test_where_the_class_is_told(tmp_path: Path, files: dict[str, Any]) -> None:
    path = _write(tmp_path, vocab__json=VOCAB_JSON, merges__txt="a b\n", **files)
    document = read_directory(path)
    assert document["model"]["merges"] == [["a", "b"]]
    assert document["added_tokens"][0] == {
        "id": 3,
        "content": "<|endoftext|>",
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }


@pytest.mark.parametrize("name", ["sentencepiece.bpe.model", "spiece.model", "own.model"])
def test_a_sentencepiece_model(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(SENTENCEPIECE)
    document = read_directory(tmp_path)
    assert document["model"]["vocab"] == [["<unk>", 0.0], ["▁", 0.0]]
    assert document["added_tokens"] == []
    _write(tmp_path, tokenizer_config__json={"tokenizer_class": "T5Tokenizer", "extra_ids": 1})
    document = read_directory(tmp_path)
    assert document["model"]["vocab"][-1] == ["<extra_id_0>", 0.0]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "expected tokenizer.json, vocab.txt, vocab.json with merges.txt, or a Sentence"),
        ({"vocab__json": VOCAB_JSON}, "a tokenizer_class in tokenizer_config.json"),
        ({"qwen__tiktoken": "YQ== 0"}, "a pattern and special tokens beside the ranks"),
        ({"a__model": b"x", "b__model": b"x"}, "expected one .model, received a.model, b.model"),
        (
            {"tokenizer_config__json": {"tokenizer_class": "BertTokenizer"}},
            "tokenizer.json, or the vocab.txt of a BertTokenizer, received neither",
        ),
        (
            {
                "tokenizer_config__json": {"tokenizer_class": "RobertaTokenizer"},
                "vocab__json": VOCAB_JSON,
            },
            "or the merges.txt of a RobertaTokenizer, received neither. Fetch merges.txt too.",
        ),
        (
            {"tokenizer_config__json": {"tokenizer_class": "XLMRobertaTokenizer"}},
            "or the sentencepiece.bpe.model of a XLMRobertaTokenizer",
        ),
        ({"tokenizer__json": "{"}, "tokenizer.json: line 1, column 2: expected JSON"),
        ({"config__json": "[]", "vocab__txt": VOCAB_TXT}, "config.json: expected a JSON object"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, files: dict[str, Any], message: str) -> None:
    with pytest.raises(TokenizerFileError) as caught:
        read_directory(_write(tmp_path, **files))
    assert message in str(caught.value)


def test_a_class_that_is_not_known(tmp_path: Path) -> None:
    fields = {"tokenizer_class": "WhisperTokenizer"}
    with pytest.raises(UnsupportedComponentError, match="save_pretrained"):
        read_directory(_write(tmp_path, tokenizer_config__json=fields, vocab__txt=VOCAB_TXT))


def test_a_path_that_is_no_directory(tmp_path: Path) -> None:
    with pytest.raises(TokenizerFileError, match="nothing at this path"):
        read_directory(tmp_path / "nowhere")
    with pytest.raises(TokenizerFileError, match="received a file"):
        read_directory(_write(tmp_path, x="") / "x")
