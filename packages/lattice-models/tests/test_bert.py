"""`bert.py` against a float64 encoder in plain formulas, one text at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lattice_models import UnsupportedModelError
from lattice_models.bert import Bert, read_bert
from lattice_models.config import read_config
from numpy.typing import NDArray

WriteModel = Callable[..., Path]
Tensors = dict[str, NDArray[np.float32]]


def load(directory: Path) -> Bert:
    return read_bert(directory, read_config(directory))


def packed(texts: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    ids = np.array([token for text in texts for token in text], np.int64)
    return ids, np.cumsum([0, *map(len, texts)])


def slow_bert(tensors: Tensors, config: dict[str, Any], ids: list[int]) -> NDArray[np.float64]:
    """The encoder of Devlin et al. 2018, section 3, for one text: `(t, D)`."""

    def linear(name: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
        weight = tensors[f"{name}.weight"].astype(np.float64)
        return np.asarray(x @ weight.T + tensors[f"{name}.bias"])

    def norm(name: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
        centred = x - x.mean(axis=1, keepdims=True)
        scale = np.sqrt((centred**2).mean(axis=1, keepdims=True) + config["layer_norm_eps"])
        return np.asarray(centred / scale * tensors[f"{name}.weight"] + tensors[f"{name}.bias"])

    embeddings = "embeddings.{}_embeddings.weight"
    hidden = norm(
        "embeddings.LayerNorm",
        tensors[embeddings.format("word")].astype(np.float64)[ids]
        + tensors[embeddings.format("position")][: len(ids)]
        + tensors[embeddings.format("token_type")][0],
    )
    heads = config["num_attention_heads"]
    size = config["hidden_size"] // heads
    for index in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{index}"
        query, key, value = (
            linear(f"{layer}.attention.self.{part}", hidden) for part in ("query", "key", "value")
        )
        context = np.zeros_like(hidden)
        for head in range(heads):
            columns = slice(head * size, (head + 1) * size)
            weights = np.exp(query[:, columns] @ key[:, columns].T / math.sqrt(size))
            weights /= weights.sum(axis=1, keepdims=True)
            context[:, columns] = weights @ value[:, columns]
        attended = linear(f"{layer}.attention.output.dense", context)
        hidden = norm(f"{layer}.attention.output.LayerNorm", attended + hidden)
        inner = linear(f"{layer}.intermediate.dense", hidden)
        inner = np.array([[x * math.erfc(-x / math.sqrt(2)) / 2 for x in row] for row in inner])
        hidden = norm(f"{layer}.output.LayerNorm", linear(f"{layer}.output.dense", inner) + hidden)
    return hidden


@pytest.fixture(scope="module")
def bert(model_directory: Path) -> Bert:
    return load(model_directory)


# lengths that make fewer, exactly and more than the 64 rows at which products turn around
@pytest.mark.parametrize("lengths", [[1], [3, 3, 5], [64], [32, 32], [65], [80, 1, 80, 7, 7]])
def test_same_as_plain_formulas_one_text_at_a_time(
    bert: Bert, tensors: Tensors, config: dict[str, Any], lengths: list[int]
) -> None:
    rng = np.random.default_rng(1)
    texts = [rng.integers(0, config["vocab_size"], length).tolist() for length in lengths]
    hidden = bert(*packed(texts))
    expected = np.concatenate([slow_bert(tensors, config, text) for text in texts])
    assert hidden.dtype == np.dtype(np.float32)
    assert np.abs(hidden - expected).max() < 1e-5


@settings(max_examples=40)
@given(
    texts=st.lists(st.lists(st.integers(0, 39), min_size=1, max_size=12), min_size=1, max_size=6)
)
def test_a_text_is_what_it_is_alone(bert: Bert, texts: list[list[int]]) -> None:
    alone = np.concatenate([bert(*packed([text])) for text in texts])
    assert np.abs(bert(*packed(texts)) - alone).max() < 1e-5


def test_three_norms_of_a_layer_that_adds_nothing(tmp_path: Path, write_model: WriteModel) -> None:
    # With all products 0, what is left is the norm of (1, 3), three times. It makes (-1, 1) of it,
    # and divides a row (-x, x) by sqrt(x² + eps): with eps = 3, 1/x² becomes 3 (1/x²) + 1, so
    # 1 -> 4 -> 13 -> 40.
    config = {
        "model_type": "bert",
        "vocab_size": 1,
        "hidden_size": 2,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "intermediate_size": 1,
        "max_position_embeddings": 1,
        "type_vocab_size": 1,
        "layer_norm_eps": 3,
    }
    layer = "encoder.layer.0"
    shapes = {
        "embeddings.position_embeddings": (1, 2),
        "embeddings.token_type_embeddings": (1, 2),
        **{f"{layer}.attention.self.{part}": (2, 2) for part in ("query", "key", "value")},
        f"{layer}.attention.output.dense": (2, 2),
        f"{layer}.intermediate.dense": (1, 2),
        f"{layer}.output.dense": (2, 1),
    }
    tensors: Tensors = {
        f"{name}.weight": np.zeros(shape, np.float32) for name, shape in shapes.items()
    }
    for name, shape in shapes.items():
        if not name.startswith("embeddings"):
            tensors[f"{name}.bias"] = np.zeros(shape[:1], np.float32)
    tensors["embeddings.word_embeddings.weight"] = np.array([[1, 3]], np.float32)
    for norm in ("embeddings", f"{layer}.attention.output", f"{layer}.output"):
        tensors[f"{norm}.LayerNorm.weight"] = np.ones(2, np.float32)
        tensors[f"{norm}.LayerNorm.bias"] = np.zeros(2, np.float32)
    bert = load(write_model(tmp_path, config=config, tensors=tensors))
    x = 1 / math.sqrt(40)
    assert bert(*packed([[0]]))[0].tolist() == pytest.approx([-x, x], rel=1e-6)


def test_position_and_type_embeddings_are_added_once(
    bert: Bert, tmp_path: Path, tensors: Tensors, write_model: WriteModel
) -> None:
    # type 1 takes no part: changing it changes nothing
    tensors["embeddings.token_type_embeddings.weight"][1] = 1e3
    changed = load(write_model(tmp_path, tensors=tensors))
    batch = packed([[1, 2, 3], [4]])
    assert np.array_equal(changed(*batch), bert(*batch))


def test_calling_twice_gives_the_same_bits(bert: Bert) -> None:
    # kernels work in place: none may write into a weight
    batch = packed([list(range(30)), [5, 5], list(range(40))])
    assert np.array_equal(bert(*batch), bert(*batch))


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_half_and_double_precision_weights_are_read(
    tmp_path: Path, tensors: Tensors, config: dict[str, Any], write_model: WriteModel, dtype: type
) -> None:
    stored: dict[str, NDArray[Any]] = {
        name: tensor.astype(dtype) for name, tensor in tensors.items()
    }
    as_float32 = {name: tensor.astype(np.float32) for name, tensor in stored.items()}
    hidden = load(write_model(tmp_path, tensors=stored))(*packed([[1, 2, 3]]))
    assert np.abs(hidden - slow_bert(as_float32, config, [1, 2, 3])).max() < 1e-5


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("position_embedding_type", "relative_key"),
        ("position_embedding_type", "relative_key_query"),
        ("is_decoder", True),
        ("add_cross_attention", True),
    ],
)
def test_what_would_be_another_model_is_refused(
    tmp_path: Path, config: dict[str, Any], write_model: WriteModel, key: str, value: object
) -> None:
    with pytest.raises(UnsupportedModelError) as caught:
        load(write_model(tmp_path, config={**config, key: value}))
    error = caught.value
    assert (error.field, error.received) == (f"{tmp_path / 'config.json'}: {key}", repr(value))


def test_defaults_are_those_of_the_original(
    bert: Bert, tmp_path: Path, config: dict[str, Any], write_model: WriteModel
) -> None:
    # 2 types, gelu; the eps of 1e-12 shows beside the 1e-3 that the model was written with
    del config["type_vocab_size"], config["hidden_act"]
    batch = packed([[1, 2, 3]])
    assert np.array_equal(load(write_model(tmp_path, config=config))(*batch), bert(*batch))
    del config["layer_norm_eps"]
    assert load(write_model(tmp_path, config=config)).embeddings.norm.eps == 1e-12
