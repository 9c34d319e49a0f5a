"""`config.py` and `json_file.py`: the sizes, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lattice_models import ConfigError, ModelError, ModelFilesError, UnsupportedModelError
from lattice_models.config import BertConfig, read_config
from lattice_models.json_file import JsonFile

SIZES = [
    "vocab_size",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "max_position_embeddings",
]


def write(directory: Path, content: object) -> Path:
    (directory / "config.json").write_text(json.dumps(content), encoding="utf-8")
    return directory


def refused(directory: Path, content: object) -> ModelError:
    with pytest.raises(ModelError) as caught:
        read_config(write(directory, content))
    return caught.value


def test_all_sizes_are_read(tmp_path: Path, config: dict[str, Any]) -> None:
    read = read_config(write(tmp_path, config))
    assert read == BertConfig(40, 12, 2, 3, 20, 80, 2, 1e-3)
    assert read.head_size == 4


def test_defaults_are_those_of_bert_config(tmp_path: Path, config: dict[str, Any]) -> None:
    del config["type_vocab_size"], config["layer_norm_eps"], config["hidden_act"]
    read = read_config(write(tmp_path, config))
    assert (read.type_vocab_size, read.layer_norm_eps) == (2, 1e-12)


def test_an_integer_eps_and_unknown_keys_are_no_error(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    read = read_config(write(tmp_path, {**config, "layer_norm_eps": 1, "gradient": "x"}))
    assert (read.layer_norm_eps, type(read.layer_norm_eps)) == (1.0, float)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model_type", "roberta"),
        ("hidden_act", "gelu_new"),
        ("hidden_act", "relu"),
        ("hidden_act", None),
        ("position_embedding_type", "relative_key"),
        ("is_decoder", True),
        ("add_cross_attention", True),
    ],
)
def test_what_would_compute_another_model_is_refused(
    tmp_path: Path, config: dict[str, Any], key: str, value: object
) -> None:
    error = refused(tmp_path, {**config, key: value})
    assert isinstance(error, UnsupportedModelError)
    assert (error.field, error.received) == (f"{tmp_path / 'config.json'}: {key}", repr(value))


def test_a_model_type_must_be_stated(tmp_path: Path, config: dict[str, Any]) -> None:
    del config["model_type"]
    error = refused(tmp_path, config)
    assert isinstance(error, UnsupportedModelError)
    assert (error.expected, error.received) == ("'bert'", "None")


@pytest.mark.parametrize("key", SIZES)
def test_a_missing_size_is_named(tmp_path: Path, config: dict[str, Any], key: str) -> None:
    del config[key]
    error = refused(tmp_path, config)
    assert isinstance(error, ConfigError)
    assert (error.field, error.received) == (f"{tmp_path / 'config.json'}: {key}", "nothing")


@pytest.mark.parametrize("value", [True, 1.0, "12", [12]])
@pytest.mark.parametrize("key", [*SIZES, "type_vocab_size"])
def test_a_size_of_the_wrong_type_is_named(
    tmp_path: Path, config: dict[str, Any], key: str, value: object
) -> None:
    error = refused(tmp_path, {**config, key: value})
    assert isinstance(error, ConfigError)
    assert error.field == f"{tmp_path / 'config.json'}: {key}"
    assert (error.expected, error.received) == ("a value of type int", repr(value))


@pytest.mark.parametrize("value", [0, -1])
@pytest.mark.parametrize("key", [*SIZES, "type_vocab_size"])
def test_a_size_must_be_positive(
    tmp_path: Path, config: dict[str, Any], key: str, value: int
) -> None:
    error = refused(tmp_path, {**config, key: value})
    assert error.field == f"{tmp_path / 'config.json'}: {key}"
    assert (error.expected, error.received) == ("a positive number", str(value))


def test_an_eps_that_is_no_number_is_named(tmp_path: Path, config: dict[str, Any]) -> None:
    error = refused(tmp_path, {**config, "layer_norm_eps": "1e-12"})
    assert error.expected == "a value of type float"
    assert error.field.endswith("config.json: layer_norm_eps")


@pytest.mark.parametrize("eps", [float("nan"), float("inf"), -1e-12, 10**400])
def test_an_eps_that_cannot_be_computed_with_is_named(
    tmp_path: Path, config: dict[str, Any], eps: float
) -> None:
    error = refused(tmp_path, {**config, "layer_norm_eps": eps})
    assert error.field.endswith("config.json: layer_norm_eps")
    assert error.received == str(eps)


def test_heads_must_divide_the_hidden_size(tmp_path: Path, config: dict[str, Any]) -> None:
    error = refused(tmp_path, {**config, "num_attention_heads": 5})
    assert isinstance(error, ConfigError)
    assert error.field.endswith(": hidden_size")
    assert (error.expected, error.received) == ("a multiple of num_attention_heads, 5", "12")


def test_a_directory_without_config_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFilesError) as caught:
        read_config(tmp_path)
    error = caught.value
    assert error.field == str(tmp_path)
    assert (error.expected, error.received) == ("a model directory with config.json", "one without")


@pytest.mark.parametrize("text", ["", "{", '{"a": }', "[" * 100_000, '{"a": 1}}'])
def test_malformed_json_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_config(tmp_path)
    assert (caught.value.field, caught.value.expected) == (str(path), "JSON")


def test_bytes_that_are_not_utf_8_are_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(b'{"model_type": "\xff"}')
    with pytest.raises(ConfigError):
        read_config(tmp_path)


@pytest.mark.parametrize(("content", "received"), [([], "list"), (None, "NoneType"), (3, "int")])
def test_json_that_is_no_object_is_refused(tmp_path: Path, content: object, received: str) -> None:
    error = refused(tmp_path, content)
    assert isinstance(error, ConfigError)
    assert (error.expected, error.received) == ("a JSON object", received)


def test_a_directory_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").mkdir()
    with pytest.raises(ModelFilesError) as caught:
        read_config(tmp_path)
    assert (caught.value.field, caught.value.expected) == (
        str(tmp_path / "config.json"),
        "a readable file",
    )


def test_values_keep_their_type(tmp_path: Path) -> None:
    file = JsonFile(write(tmp_path, {"flag": True, "text": "x"}) / "config.json")
    assert file.get("flag", bool) is True
    assert file.get("text", str) == "x"
    assert file.get("absent", int, 7) == 7
