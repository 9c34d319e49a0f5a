"""`pipeline_files.py`: pooling, normalization and the token limit of a model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lattice_models import ConfigError, ModelError, PoolingNotStatedError, UnsupportedModelError
from lattice_models.pipeline_files import Pipeline, read_pipeline


def write(directory: Path, name: str, content: object) -> None:
    (directory / name).parent.mkdir(parents=True, exist_ok=True)
    (directory / name).write_text(json.dumps(content), encoding="utf-8")


def write_modules(directory: Path, *kinds: str, folder: object = "1_Pooling") -> None:
    paths = {"Pooling": folder}
    modules = [
        {"path": paths.get(kind, ""), "type": f"sentence_transformers.models.{kind}"}
        for kind in kinds
    ]
    write(directory, "modules.json", modules)


def refused(directory: Path, pooling: str | None = None) -> ModelError:
    with pytest.raises(ModelError) as caught:
        read_pipeline(directory, pooling=pooling, normalize=None)
    return caught.value


@pytest.mark.parametrize(
    ("pooling_config", "pooling"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
        ({"pooling_mode_mean_tokens": True, "word_embedding_dimension": 3}, "mean"),
        ({"pooling_mode": "cls"}, "cls"),  # sentence-transformers 5
        ({"pooling_mode": "mean"}, "mean"),
    ],
)
@pytest.mark.parametrize("normalize", [True, False])
def test_pooling_and_normalization_come_from_the_files(
    tmp_path: Path, pooling_config: object, pooling: str, normalize: bool
) -> None:
    write_modules(tmp_path, "Transformer", "Pooling", *["Normalize"] * normalize)
    write(tmp_path, "1_Pooling/config.json", pooling_config)
    read = read_pipeline(tmp_path, pooling=None, normalize=None)
    assert read == Pipeline(pooling, normalize, max_tokens=None)


@pytest.mark.parametrize("normalize", [True, False])
def test_what_is_given_wins_over_the_files(tmp_path: Path, normalize: bool) -> None:
    write_modules(tmp_path, "Transformer", "Pooling", *["Normalize"] * (not normalize))
    write(tmp_path, "1_Pooling/config.json", {"pooling_mode": "mean"})
    read = read_pipeline(tmp_path, pooling="cls", normalize=normalize)
    assert (read.pooling, read.normalize) == ("cls", normalize)


def test_there_is_no_default_pooling(tmp_path: Path) -> None:
    error = refused(tmp_path)
    assert isinstance(error, PoolingNotStatedError)
    assert error.field == str(tmp_path)
    assert "cls, mean" in error.advice


def test_pooling_given_without_files_is_not_normalized(tmp_path: Path) -> None:
    read = read_pipeline(tmp_path, pooling="cls", normalize=None)
    assert read == Pipeline("cls", normalize=False, max_tokens=None)


def test_an_unknown_pooling_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, pooling="max")
    assert isinstance(error, UnsupportedModelError)
    assert (error.field, error.expected, error.received) == ("pooling", "cls or mean", "'max'")


@pytest.mark.parametrize(
    ("pooling_config", "received"),
    [
        ({}, "none"),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}, "cls + mean"),
        ({"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": True}, "mean + max"),
    ],
)
def test_not_exactly_one_pooling_is_refused(
    tmp_path: Path, pooling_config: object, received: str
) -> None:
    write_modules(tmp_path, "Transformer", "Pooling")
    write(tmp_path, "1_Pooling/config.json", pooling_config)
    error = refused(tmp_path)
    assert isinstance(error, UnsupportedModelError)
    assert error.field == str(tmp_path / "1_Pooling" / "config.json")
    assert (error.expected, error.received) == ("one pooling mode", received)


@pytest.mark.parametrize(
    ("flag", "mode"),
    [
        ("max_tokens", "max"),
        ("mean_sqrt_len_tokens", "mean_sqrt_len_tokens"),
        ("weightedmean_tokens", "weightedmean"),
        ("lasttoken", "lasttoken"),
    ],
)
def test_poolings_that_are_not_implemented_are_refused_by_name(
    tmp_path: Path, flag: str, mode: str
) -> None:
    write_modules(tmp_path, "Transformer", "Pooling")
    write(tmp_path, "1_Pooling/config.json", {f"pooling_mode_{flag}": True})
    error = refused(tmp_path)
    assert isinstance(error, UnsupportedModelError)
    assert error.received == repr(mode)


def test_a_flag_that_is_no_boolean_is_named(tmp_path: Path) -> None:
    write_modules(tmp_path, "Transformer", "Pooling")
    write(tmp_path, "1_Pooling/config.json", {"pooling_mode_cls_token": 1})
    error = refused(tmp_path)
    assert error.field.endswith("config.json: pooling_mode_cls_token")
    assert error.received == "1"


@pytest.mark.parametrize(
    ("kinds", "received"),
    [
        ((), "nothing"),
        (("Transformer",), "Transformer"),
        (("Transformer", "Normalize"), "Transformer, Normalize"),
        (("Pooling", "Transformer"), "Pooling, Transformer"),
        (("Transformer", "Pooling", "Dense"), "Transformer, Pooling, Dense"),
        (
            ("Transformer", "Pooling", "Dense", "Normalize"),
            "Transformer, Pooling, Dense, Normalize",
        ),
    ],
)
def test_other_pipelines_are_refused(tmp_path: Path, kinds: tuple[str, ...], received: str) -> None:
    write_modules(tmp_path, *kinds)
    error = refused(tmp_path, pooling="mean")  # leaving a Dense out would be another model
    assert isinstance(error, UnsupportedModelError)
    assert (error.field, error.received) == (str(tmp_path / "modules.json"), received)


@pytest.mark.parametrize("content", [{}, "x", [1], [[]]])
def test_modules_that_are_no_list_of_objects_are_refused(tmp_path: Path, content: object) -> None:
    write(tmp_path, "modules.json", content)
    error = refused(tmp_path)
    assert isinstance(error, ConfigError)
    assert error.expected == "a list of objects"


@pytest.mark.parametrize("folder", ["../other", "a/../../other", "/etc", "..\\other", 5, None])
def test_a_folder_outside_the_model_is_refused(tmp_path: Path, folder: object) -> None:
    model = tmp_path / "model"
    write(tmp_path, "other/config.json", {"pooling_mode": "cls"})  # would be read if followed
    write_modules(model, "Transformer", "Pooling", folder=folder)
    error = refused(model)
    assert isinstance(error, ConfigError)
    assert error.field == f"{model / 'modules.json'}: path"
    assert error.received == repr(folder)


def test_a_missing_pooling_config_is_named(tmp_path: Path) -> None:
    write_modules(tmp_path, "Transformer", "Pooling")
    assert refused(tmp_path).field == str(tmp_path / "1_Pooling" / "config.json")


@pytest.mark.parametrize(
    ("content", "max_tokens"),
    [({"max_seq_length": 7}, 7), ({"max_seq_length": None}, None), ({}, None)],
)
def test_token_limit(tmp_path: Path, content: object, max_tokens: int | None) -> None:
    write(tmp_path, "sentence_bert_config.json", content)
    assert read_pipeline(tmp_path, pooling="cls", normalize=None).max_tokens == max_tokens


@pytest.mark.parametrize("value", [0, -1, True, "7", 7.0])
def test_a_token_limit_that_cannot_be_is_named(tmp_path: Path, value: object) -> None:
    write(tmp_path, "sentence_bert_config.json", {"max_seq_length": value})
    error = refused(tmp_path, pooling="cls")
    assert isinstance(error, ConfigError)
    assert error.field == f"{tmp_path / 'sentence_bert_config.json'}: max_seq_length"
    assert error.received == repr(value)
