"""The names of a repository's files -> those that a model is read from."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_embed import ModelFilesUnavailableError
from lattice_embed.repository_files import ModelFileNames, model_file_names

PLAIN = ["config.json", "tokenizer.json", "model.safetensors"]
ST = "sentence_transformers.models."


def choose(files: dict[str, Any], *, lacks_modules: bool = False) -> ModelFileNames:
    contents = {name: json.dumps(value).encode() for name, value in files.items()}
    return model_file_names(contents, contents.__getitem__, lacks_modules=lacks_modules)


def of(*names: str, **contents: Any) -> dict[str, Any]:
    return {**{name: {} for name in names}, **contents}


def modules(*pairs: tuple[str, object]) -> dict[str, Any]:
    return {"modules.json": [{"type": ST + kind, "path": path} for kind, path in pairs]}


def test_weights_come_last() -> None:
    names = choose({**of(*PLAIN, "1_Pooling/config.json"), **modules(("Pooling", "1_Pooling"))})
    assert names.missing == ()
    assert names.present[-1] == "model.safetensors"
    assert set(names.present) == {*PLAIN, "modules.json", "1_Pooling/config.json"}


def test_pickles_code_and_other_formats_are_not_read() -> None:
    traps = ("pytorch_model.bin", "model.pt", "modeling_own.py", "onnx/model.onnx", "a.pkl", "w.h5")
    names = choose(of(*PLAIN, *traps), lacks_modules=True)
    assert sorted(names.present) == sorted(PLAIN)


def test_an_empty_repository_lacks_everything() -> None:
    missing = ("modules.json", "config.json", "tokenizer.json", "model.safetensors")
    assert choose({}) == ModelFileNames((), missing)


@pytest.mark.parametrize(
    "tokenizer",
    [["vocab.txt"], ["vocab.json", "merges.txt"], ["sentencepiece.bpe.model"], ["spiece.model"]],
)
def test_another_tokenizer_is_read_where_there_is_no_tokenizer_json(tokenizer: list[str]) -> None:
    rest = ["config.json", "model.safetensors", "tokenizer_config.json"]
    names = choose(of(*rest, *tokenizer), lacks_modules=True)
    assert names.missing == ()
    assert {*tokenizer, "tokenizer_config.json"} <= set(names.present)
    assert set(tokenizer).isdisjoint(choose(of(*PLAIN, *tokenizer), lacks_modules=True).present)


def test_half_of_a_tokenizer_is_none() -> None:
    names = choose(of("config.json", "model.safetensors", "vocab.json"), lacks_modules=True)
    assert names.missing == ("tokenizer.json",)


def test_every_shard_of_an_index_is_needed() -> None:
    index = {"weight_map": {"a": "1.safetensors", "b": "2.safetensors", "c": "1.safetensors"}}
    files = {**of("config.json", "tokenizer.json"), "model.safetensors.index.json": index}
    names = choose({**files, "1.safetensors": 0}, lacks_modules=True)
    assert names.missing == ("2.safetensors",)
    names = choose({**files, "1.safetensors": 0, "2.safetensors": 0}, lacks_modules=True)
    assert names.missing == ()
    assert names.present[-3:] == (
        "model.safetensors.index.json",
        "1.safetensors",
        "2.safetensors",
    )


def test_an_index_beside_whole_weights_is_not_read() -> None:
    files = {**of(*PLAIN), "model.safetensors.index.json": "not an index"}
    assert "model.safetensors.index.json" not in choose(files, lacks_modules=True).present


def test_the_encoder_may_have_a_folder_of_its_own() -> None:
    """As in repositories of sentence-transformers before version 2."""
    own: dict[str, Any] = {
        f"0_Transformer/{name}": {} for name in (*PLAIN, "sentence_bert_config.json")
    }
    files = {**own, **modules(("Transformer", "0_Transformer"), ("Normalize", "2_Normalize"))}
    names = choose(files)
    assert names.missing == ()
    assert set(names.present) == {*own, "modules.json"}


def test_modules_with_weights_need_them() -> None:
    dense = modules(("Transformer", ""), ("Pooling", "1_Pooling"), ("Dense", "2_Dense"))
    files = {**of(*PLAIN, "1_Pooling/config.json"), **dense}
    assert choose(files).missing == ("2_Dense/config.json", "2_Dense/model.safetensors")
    with_pickle = {**files, "2_Dense/config.json": {}, "2_Dense/pytorch_model.bin": 0}
    assert choose(with_pickle).missing == ("2_Dense/model.safetensors",)


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../x",
        "1_Pooling/../..",
        "/etc",
        "//x",
        "C:\\x",
        "a\\..\\b",
        "a:b",
        "a\0",
        "a" * 256,
        "é" * 128,
        7,
        None,
        [],
    ],
)
def test_a_folder_elsewhere_is_refused(path: object) -> None:
    with pytest.raises(ModelFilesUnavailableError, match="a folder inside the repository"):
        choose({**of(*PLAIN), **modules(("Pooling", path))})


@pytest.mark.parametrize("path", ["", ".", "./", "1_Pooling/", "./1_Pooling", "a//b"])
def test_spellings_of_a_folder_inside(path: str) -> None:
    files = {**of(*PLAIN, "1_Pooling/config.json", "a/b/config.json"), **modules(("Pooling", path))}
    assert choose(files).missing == ()


@pytest.mark.parametrize(
    "shard", ["../a.safetensors", "/a.safetensors", "a.py", "", 3, None, "a/b"]
)
def test_a_shard_elsewhere_is_refused(shard: object) -> None:
    index = {"weight_map": {"a": "1.safetensors", "b": shard}}
    with pytest.raises(ModelFilesUnavailableError, match="weight_map: expected names"):
        choose({**of("config.json", "tokenizer.json"), "model.safetensors.index.json": index})


@pytest.mark.parametrize("index", [[], {}, {"weight_map": {}}, {"weight_map": ["a.safetensors"]}])
def test_an_index_that_is_none_is_refused(index: object) -> None:
    with pytest.raises(ModelFilesUnavailableError, match="weight_map"):
        choose({"model.safetensors.index.json": index})


KEYS = st.sampled_from(["path", "type", "weight_map"])
VALUES = st.recursive(
    st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(KEYS, x)
)


@given(VALUES)
def test_whatever_the_files_hold_there_is_an_answer(content: object) -> None:
    """Names that are asked for stay inside the repository."""
    for name in ("modules.json", "model.safetensors.index.json"):
        try:
            names = choose({name: content})
        except ModelFilesUnavailableError:
            continue
        for path in (*names.present, *names.missing):
            assert ".." not in path.split("/")
            assert not path.startswith("/")
