"""`pipeline_files.py`: what `modules.json` makes of the hidden states."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lattice_models import (
    ConfigError,
    ModelError,
    ModelFilesError,
    PoolingNotStatedError,
    UnsupportedModelError,
)
from lattice_models.pipeline_files import Pipeline, read_pipeline
from safetensors.numpy import save_file

# type -> where sentence-transformers 6.2 says that it keeps it
NEW_TYPES = {
    "Transformer": "base.modules.transformer.Transformer",
    "Pooling": "sentence_transformer.modules.pooling.Pooling",
    "Dense": "base.modules.dense.Dense",
    "LayerNorm": "sentence_transformer.modules.layer_norm.LayerNorm",
    "Normalize": "base.modules.normalize.Normalize",
    "Dropout": "sentence_transformer.modules.dropout.Dropout",
}


def write(directory: Path, name: str, content: object) -> None:
    (directory / name).parent.mkdir(parents=True, exist_ok=True)
    (directory / name).write_text(json.dumps(content), encoding="utf-8")


def write_modules(
    directory: Path, *kinds: str, folder: object = "1_Pooling", new: bool = False
) -> None:
    """`modules.json`; module number i is in folder i_Kind, but for the first."""
    modules = [
        {
            "idx": index,
            "path": folder if kind == "Pooling" else f"{index}_{kind}" if index else "",
            "type": "sentence_transformers." + (NEW_TYPES[kind] if new else f"models.{kind}"),
        }
        for index, kind in enumerate(kinds)
    ]
    write(directory, "modules.json", modules)
    write(directory, "config.json", {"max_position_embeddings": 80})


def write_dense(directory: Path, folder: str, into: int, out: int) -> None:
    write(directory, f"{folder}/config.json", {"in_features": into, "out_features": out})
    tensors = {"linear.weight": np.ones((out, into)), "linear.bias": np.ones(out)}
    save_file(tensors, directory / folder / "model.safetensors")


def write_layer_norm(directory: Path, folder: str, size: int) -> None:
    write(directory, f"{folder}/config.json", {"dimension": size})
    tensors = {"norm.weight": np.ones(size), "norm.bias": np.ones(size)}
    save_file(tensors, directory / folder / "model.safetensors")


def read(directory: Path, *, pooling: str | None = None, normalize: bool | None = None) -> Pipeline:
    return read_pipeline(directory, pooling=pooling, normalize=normalize)


def refused(directory: Path, pooling: str | None = None) -> ModelError:
    with pytest.raises(ModelError) as caught:
        read(directory, pooling=pooling)
    return caught.value


def printed(pipeline: Pipeline) -> list[str]:
    return [str(setting) for setting in pipeline.settings]


# what `Pooling.load` of sentence-transformers 6.2 makes of these, but for the refusals
@pytest.mark.parametrize(
    ("pooling_config", "pooling"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, ["cls"]),
        ({"pooling_mode_max_tokens": True}, ["max"]),
        ({"pooling_mode_mean_tokens": True}, ["mean"]),
        ({"pooling_mode_mean_sqrt_len_tokens": True}, ["mean_sqrt_len_tokens"]),
        ({"pooling_mode_weightedmean_tokens": True}, ["weightedmean"]),
        ({"pooling_mode_lasttoken": True}, ["lasttoken"]),
        (
            {
                "pooling_mode_mean_tokens": True,
                "pooling_mode_cls_token": True,
                "pooling_mode_max_tokens": True,
            },
            ["cls", "max", "mean"],
        ),
        ({"pooling_mode": "cls"}, ["cls"]),
        ({"pooling_mode": "weightedmean"}, ["weightedmean"]),
        ({"pooling_mode": ["mean", "cls"]}, ["mean", "cls"]),
        ({"pooling_mode": ["mean", "mean"]}, ["mean", "mean"]),
        ({"pooling_mode": ["cls"]}, ["cls"]),
        ({"pooling_mode": "cls", "pooling_mode_mean_tokens": True}, ["cls"]),
        ({"pooling_mode": "mean", "include_prompt": True}, ["mean"]),
    ],
)
@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("new", [True, False])
def test_pooling_and_normalization_come_from_the_files(
    tmp_path: Path, pooling_config: object, pooling: list[str], normalize: bool, new: bool
) -> None:
    write_modules(tmp_path, "Transformer", "Pooling", *["Normalize"] * normalize, new=new)
    write(tmp_path, "1_Pooling/config.json", pooling_config)
    pipeline = read(tmp_path)
    assert (list(pipeline.pooling), pipeline.normalize) == (pooling, normalize)
    assert (pipeline.modules, pipeline.encoder_folder) == ((), tmp_path)
    assert printed(pipeline) == [
        f"pooling = {'+'.join(pooling)} (1_Pooling/config.json)",
        f"normalize = {normalize} (modules.json)",
        "max_tokens = 80 (config.json)",
    ]
    assert pipeline.dimensions(7) == 7 * len(pooling)


@pytest.mark.parametrize("normalize", [True, False])
def test_what_is_given_wins_over_the_files(tmp_path: Path, normalize: bool) -> None:
    write_modules(tmp_path, "Transformer", "Pooling", *["Normalize"] * (not normalize))
    write(tmp_path, "1_Pooling/config.json", {"pooling_mode": "mean"})
    pipeline = read(tmp_path, pooling="cls+max", normalize=normalize)
    assert (pipeline.pooling, pipeline.normalize) == (("cls", "max"), normalize)
    assert printed(pipeline)[:2] == [
        "pooling = cls+max (given)",
        f"normalize = {normalize} (given)",
    ]


def test_modules_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    kinds = ["Normalize", "Dense", "LayerNorm", "Dropout", "Dense", "Normalize"]
    write_modules(tmp_path, "Transformer", "Pooling", *kinds)
    write(tmp_path, "1_Pooling/config.json", {"pooling_mode": ["cls", "max"]})
    write_dense(tmp_path, "3_Dense", 6, 4)
    write_layer_norm(tmp_path, "4_LayerNorm", 4)
    write_dense(tmp_path, "6_Dense", 4, 5)
    pipeline = read(tmp_path)
    assert [type(m).__name__ for m in pipeline.modules] == [
        "Normalize",
        "Dense",
        "LayerNorm",
        "Dense",
    ]
    assert pipeline.normalize
    assert pipeline.dimensions(3) == 5
    assert printed(pipeline) == [
        "pooling = cls+max (1_Pooling/config.json)",
        "Normalize = length 1 (modules.json)",
        "Dense = 6 -> 4, Tanh (3_Dense/config.json)",
        "LayerNorm = 4 (4_LayerNorm/config.json)",
        "Dense = 4 -> 5, Tanh (6_Dense/config.json)",
        "normalize = True (modules.json)",
        "max_tokens = 80 (config.json)",
    ]
    without = read(tmp_path, normalize=False)  # only the last Normalize
    assert printed(without)[:5] == printed(pipeline)[:5]
    assert printed(without)[5] == "normalize = False (given)"
    with pytest.raises(ConfigError) as caught:
        pipeline.dimensions(4)
    error = caught.value
    assert error.field == f"{tmp_path / '3_Dense' / 'config.json'}: in_features"
    assert (error.expected, error.received) == ("8", "6")


@pytest.mark.parametrize("key", ["embedding_dimension", "word_embedding_dimension"])
def test_a_hidden_size_that_contradicts_the_encoder_is_named(tmp_path: Path, key: str) -> None:
    write_modules(tmp_path, "Transformer", "Pooling")
    write(tmp_path, "1_Pooling/config.json", {"pooling_mode": ["cls", "mean"], key: 6})
    assert read(tmp_path).dimensions(6) == 12
    with pytest.raises(ConfigError) as caught:
        read(tmp_path).dimensions(7)
    assert caught.value.field == f"{tmp_path / '1_Pooling' / 'config.json'}: {key}"
    assert read(tmp_path, pooling="cls").dimensions(7) == 7


def test_the_encoder_may_have_a_folder_of_its_own(tmp_path: Path) -> None:
    write_modules(tmp_path, "Transformer", "Pooling")
    modules = json.loads((tmp_path / "modules.json").read_text())
    modules[0]["path"] = "0_Transformer"
    write(tmp_path, "modules.json", modules)
    write(tmp_path, "1_Pooling/config.json", {"pooling_mode": "cls"})
    (tmp_path / "config.json").unlink()
    assert refused(tmp_path).field == str(tmp_path / "0_Transformer")
    write(tmp_path, "0_Transformer/config.json", {"max_position_embeddings": 80})
    write(tmp_path, "0_Transformer/sentence_bert_config.json", {"max_seq_length": 7})
    pipeline = read(tmp_path)
    assert pipeline.encoder_folder == tmp_path / "0_Transformer"
    assert printed(pipeline)[-1] == "max_tokens = 7 (0_Transformer/sentence_bert_config.json)"


def test_there_is_no_default_pooling(tmp_path: Path) -> None:
    write(tmp_path, "config.json", {"max_position_embeddings": 80})
    error = refused(tmp_path)
    assert isinstance(error, PoolingNotStatedError)
    assert error.field == str(tmp_path)
    assert "cls, max, mean" in error.advice


# sentence-transformers takes the mean for these
@pytest.mark.parametrize(
    "pooling_config",
    [{}, {"pooling_mode_mean_tokens": False}, {"pooling_mode": []}, {"embedding_dimension": 3}],
)
def test_a_silent_pooling_file_is_no_default_either(tmp_path: Path, pooling_config: object) -> None:
    write_modules(tmp_path, "Transformer", "Pooling")
    write(tmp_path, "1_Pooling/config.json", pooling_config)
    error = refused(tmp_path)
    assert isinstance(error, PoolingNotStatedError)
    assert error.field == str(tmp_path / "1_Pooling" / "config.json")
    assert read(tmp_path, pooling="max").pooling == ("max",)


def test_modules_without_pooling_need_it_given(tmp_path: Path) -> None:
    write_modules(tmp_path, "Transformer")
    assert isinstance(refused(tmp_path), PoolingNotStatedError)
    assert read(tmp_path, pooling="cls").normalize is False


def test_pooling_given_without_files_is_not_normalized(tmp_path: Path) -> None:
    write(tmp_path, "config.json", {"max_position_embeddings": 80})
    pipeline = read(tmp_path, pooling="cls")
    assert (pipeline.pooling, pipeline.normalize) == (("cls",), False)
    assert printed(pipeline)[1] == "normalize = False (no modules.json)"
    assert read(tmp_path, pooling="cls", normalize=True).normalize


@pytest.mark.parametrize(
    ("pooling", "received"),
    [
        ("first", "'first'"),
        ("", "''"),
        ("cls+", "''"),
        ("cls+x", "'x'"),
        (5, "5"),
        ("CLS", "'CLS'"),
    ],
)
def test_an_unknown_pooling_is_refused(tmp_path: Path, pooling: str, received: str) -> None:
    write(tmp_path, "config.json", {"max_position_embeddings": 80})
    error = refused(tmp_path, pooling=pooling)
    assert isinstance(error, UnsupportedModelError)
    assert (error.field, error.received) == ("pooling", received)
    assert error.expected == (
        "cls or max or mean or mean_sqrt_len_tokens or weightedmean or lasttoken"
    )


@pytest.mark.parametrize("mode", ["cls+mean", "CLS", None, 5, ["x"], [["cls"]], {"cls": True}])
def test_a_mode_that_the_peer_does_not_know_is_refused(tmp_path: Path, mode: object) -> None:
    write_modules(tmp_path, "Transformer", "Pooling")
    write(tmp_path, "1_Pooling/config.json", {"pooling_mode": mode})
    error = refused(tmp_path)
    assert isinstance(error, UnsupportedModelError)
    assert error.field == f"{tmp_path / '1_Pooling' / 'config.json'}: pooling_mode"


def test_pooling_without_the_prompt_is_refused_by_name(tmp_path: Path) -> None:
    write_modules(tmp_path, "Transformer", "Pooling")
    write(tmp_path, "1_Pooling/config.json", {"pooling_mode": "mean", "include_prompt": False})
    error = refused(tmp_path)
    assert isinstance(error, UnsupportedModelError)
    assert error.field == f"{tmp_path / '1_Pooling' / 'config.json'}: include_prompt"


@pytest.mark.parametrize("value", ["false", 0, 1, None])
def test_a_flag_that_is_no_bool_is_named(tmp_path: Path, value: object) -> None:
    write_modules(tmp_path, "Transformer", "Pooling")
    write(tmp_path, "1_Pooling/config.json", {"pooling_mode_cls_token": value})
    error = refused(tmp_path)
    assert isinstance(error, ConfigError)
    assert error.field == f"{tmp_path / '1_Pooling' / 'config.json'}: pooling_mode_cls_token"


@pytest.mark.parametrize(
    ("kinds", "received"),
    [
        ((), "nothing"),
        (("Pooling",), "Pooling"),
        (("Pooling", "Transformer"), "Pooling, Transformer"),
        (("Transformer", "Normalize"), "Transformer, Normalize"),
        (("Transformer", "Normalize", "Pooling"), "Transformer, Normalize, Pooling"),
        (("Transformer", "Pooling", "Pooling"), "Transformer, Pooling, Pooling"),
        (("Transformer", "Transformer", "Pooling"), "Transformer, Transformer, Pooling"),
    ],
)
def test_other_orders_are_refused(tmp_path: Path, kinds: tuple[str, ...], received: str) -> None:
    write_modules(tmp_path, *kinds)
    error = refused(tmp_path, pooling="mean")
    assert isinstance(error, UnsupportedModelError)
    assert (error.field, error.received) == (str(tmp_path / "modules.json"), received)


@pytest.mark.parametrize(
    "type_",
    [
        "sentence_transformers.models.CNN",
        "sentence_transformers.models.WeightedLayerPooling",
        "sentence_transformers.sparse_encoder.models.Pooling",
        "custom_st.Pooling",
        "os.system",
        "Pooling",
        "",
        None,
        5,
        ["sentence_transformers.models.Pooling"],
    ],
)
def test_other_types_are_refused_by_name(tmp_path: Path, type_: object) -> None:
    write_modules(tmp_path, "Transformer", "Pooling")
    modules = json.loads((tmp_path / "modules.json").read_text())
    modules[1]["type"] = type_
    write(tmp_path, "modules.json", modules)
    error = refused(tmp_path, pooling="mean")  # leaving it out would be another model
    assert isinstance(error, UnsupportedModelError)
    assert error.field == f"{tmp_path / 'modules.json'}: type"
    assert error.received == repr(type_)


@pytest.mark.parametrize("key", ["module_input_name", "module_output_name"])
@pytest.mark.parametrize("kind", ["Dense", "LayerNorm", "Normalize"])
def test_modules_of_token_vectors_are_refused(tmp_path: Path, kind: str, key: str) -> None:
    write_modules(tmp_path, "Transformer", "Pooling", kind)
    write(tmp_path, "1_Pooling/config.json", {"pooling_mode": "mean"})
    write(tmp_path, f"2_{kind}/config.json", {key: "token_embeddings"})
    error = refused(tmp_path)
    assert isinstance(error, UnsupportedModelError)
    assert error.field == f"{tmp_path / f'2_{kind}' / 'config.json'}: {key}"


def test_names_of_sentence_vectors_are_taken(tmp_path: Path) -> None:
    write_modules(tmp_path, "Transformer", "Pooling", "Normalize")
    write(tmp_path, "1_Pooling/config.json", {"pooling_mode": "mean"})
    names = dict.fromkeys(("module_input_name", "module_output_name"), "sentence_embedding")
    write(tmp_path, "2_Normalize/config.json", names)
    assert read(tmp_path).normalize


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"transformer_task": "fill-mask"}, "transformer_task"),
        ({"module_output_name": "scores"}, "module_output_name"),
        ({"modality_config": {"text": {"method": "get_text"}}}, "modality_config.text.method"),
        (
            {"modality_config": {"text": {"method_output_name": "pooler_output"}}},
            "modality_config.text.method_output_name",
        ),
        ({"modality_config": 5}, "modality_config.text.method"),
    ],
)
def test_an_encoder_that_gives_something_else_is_refused(
    tmp_path: Path, content: object, field: str
) -> None:
    write_modules(tmp_path, "Transformer")
    write(tmp_path, "sentence_bert_config.json", content)
    error = refused(tmp_path, pooling="cls")
    assert isinstance(error, UnsupportedModelError)
    assert error.field == f"{tmp_path / 'sentence_bert_config.json'}: {field}"


def test_what_version_6_says_of_a_text_encoder_is_taken(tmp_path: Path) -> None:
    write_modules(tmp_path, "Transformer")
    content = {
        "transformer_task": "feature-extraction",
        "modality_config": {
            "text": {"method": "forward", "method_output_name": "last_hidden_state"}
        },
        "module_output_name": "token_embeddings",
    }
    write(tmp_path, "sentence_bert_config.json", content)
    assert read(tmp_path, pooling="cls").max_tokens == 80


@pytest.mark.parametrize("content", [{}, "x", [1], [[]]])
def test_modules_that_are_no_list_of_objects_are_refused(tmp_path: Path, content: object) -> None:
    write(tmp_path, "modules.json", content)
    error = refused(tmp_path)
    assert isinstance(error, ConfigError)
    assert error.expected == "a list of objects"


@pytest.mark.parametrize(
    "folder", ["../other", "a/../../other", "/etc", "..\\other", "\0", 5, None]
)
def test_a_folder_outside_the_model_is_refused(tmp_path: Path, folder: object) -> None:
    model = tmp_path / "model"
    write(tmp_path, "other/config.json", {"pooling_mode": "cls"})  # would be read if followed
    write_modules(model, "Transformer", "Pooling", folder=folder)
    error = refused(model)
    assert isinstance(error, ConfigError)
    assert error.field == f"{model / 'modules.json'}: path"
    assert error.received == repr(folder)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write_modules(tmp_path, "Transformer", "Pooling", "Dense")
    assert refused(tmp_path).field == str(tmp_path / "2_Dense" / "config.json")
    write_dense(tmp_path, "2_Dense", 3, 2)
    assert refused(tmp_path).field == str(tmp_path / "1_Pooling" / "config.json")
    (tmp_path / "config.json").unlink()
    error = refused(tmp_path)
    assert isinstance(error, ModelFilesError)
    assert error.expected == "a model directory with config.json"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 90)
    | st.sampled_from(["", "cls", "mean", "1_Pooling"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "path", "pooling_mode", "pooling_mode_cls_token", "in_features"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    file=st.sampled_from(
        [
            "modules.json",
            "1_Pooling/config.json",
            "2_Dense/config.json",
            "sentence_bert_config.json",
            "tokenizer_config.json",
        ]
    ),
    key=st.sampled_from(
        ["type", "path", "pooling_mode", "in_features", "bias", "max_seq_length", "modality_config"]
    ),
    content=JSON,
    whole=st.booleans(),
)
def test_any_json_is_an_answer(
    tmp_path: Path, file: str, key: str, content: object, whole: bool
) -> None:
    write_modules(tmp_path, "Transformer", "Pooling", "Dense")
    write(tmp_path, "1_Pooling/config.json", {"pooling_mode": "mean"})
    write_dense(tmp_path, "2_Dense", 3, 2)
    for name in ("sentence_bert_config.json", "tokenizer_config.json"):
        write(tmp_path, name, {})
    before = json.loads((tmp_path / file).read_text())
    if not whole:
        for entry in before if isinstance(before, list) else [before]:
            entry[key] = content
    write(tmp_path, file, content if whole else before)
    try:
        pipeline = read(tmp_path)
    except ModelError:
        return
    assert pipeline.pooling
    assert pipeline.max_tokens >= 1
