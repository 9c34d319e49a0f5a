"""`token_limit.py`: the limits that sentence-transformers 6.2 reports for the same files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lattice_models import ConfigError
from lattice_models.token_limit import read_token_limit

SENTENCE = "sentence_bert_config.json"
TOKENIZER = "tokenizer_config.json"
VERY_LARGE = 1000000000000000019884624838656  # what tokenizers write for "no limit"


def write(directory: Path, files: dict[str, object]) -> Path:
    for name, content in files.items():
        (directory / name).write_text(json.dumps(content))
    return directory


@pytest.mark.parametrize(
    ("files", "limit", "source"),
    [
        ({}, 128, "config.json"),
        ({TOKENIZER: {"model_max_length": 64}}, 64, TOKENIZER),
        ({TOKENIZER: {"model_max_length": 999}}, 128, "config.json"),
        ({TOKENIZER: {"model_max_length": VERY_LARGE}}, 128, "config.json"),
        ({TOKENIZER: {"model_max_length": 1e30}}, 128, "config.json"),
        ({TOKENIZER: {"model_max_length": None}}, 128, "config.json"),
        ({TOKENIZER: {"model_max_length": 64.0}}, 64, TOKENIZER),
        ({TOKENIZER: {"max_len": 50}}, 50, TOKENIZER),
        ({TOKENIZER: {"max_length": 50}}, 128, "config.json"),
        ({SENTENCE: {"max_seq_length": 7}, TOKENIZER: {"model_max_length": 64}}, 7, SENTENCE),
        ({SENTENCE: {"max_seq_length": 500}, TOKENIZER: {"model_max_length": 64}}, 500, SENTENCE),
        ({SENTENCE: {"max_seq_length": None}, TOKENIZER: {"model_max_length": 64}}, 64, TOKENIZER),
        ({SENTENCE: {}, TOKENIZER: {"model_max_length": 64}}, 64, TOKENIZER),
        (
            {"sentence_roberta_config.json": {"max_seq_length": 9}},
            9,
            "sentence_roberta_config.json",
        ),
        (
            {SENTENCE: {}, "sentence_xlnet_config.json": {"max_seq_length": 9}},
            9,
            "sentence_xlnet_config.json",
        ),
    ],
)
def test_the_limit_and_the_file_that_sets_it(
    tmp_path: Path, files: dict[str, object], limit: int, source: str
) -> None:
    write(tmp_path, {"config.json": {"max_position_embeddings": 128}, **files})
    assert read_token_limit(tmp_path) == (limit, tmp_path / source)


def test_positions_under_the_name_of_nomic(tmp_path: Path) -> None:
    write(tmp_path, {"config.json": {"n_positions": 8192}})
    assert read_token_limit(tmp_path) == (8192, tmp_path / "config.json")


@pytest.mark.parametrize("value", [0, -1, True, "7", 7.5, [7]])
@pytest.mark.parametrize(
    ("name", "key"),
    [
        (SENTENCE, "max_seq_length"),
        (TOKENIZER, "model_max_length"),
        ("config.json", "max_position_embeddings"),
    ],
)
def test_a_limit_that_cannot_be_is_named(
    tmp_path: Path, name: str, key: str, value: object
) -> None:
    write(tmp_path, {name: {key: value}})
    with pytest.raises(ConfigError) as caught:
        read_token_limit(tmp_path)
    error = caught.value
    assert (error.field, error.received) == (f"{tmp_path / name}: {key}", repr(value))


def test_no_limit_anywhere_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {TOKENIZER: {"model_max_length": VERY_LARGE}, "config.json": {}})
    with pytest.raises(ConfigError) as caught:
        read_token_limit(tmp_path)
    assert (caught.value.field, caught.value.received) == (str(tmp_path), "none of them")
