"""`sentence_encoder.py`: packed ids to vectors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lattice_models import (
    InputError,
    ModelFilesError,
    PoolingNotStatedError,
    SentenceEncoder,
    WeightsError,
    sentence_encoder,
)
from lattice_models.bert import Bert
from lattice_models.config import read_config
from numpy.typing import NDArray
from threadpoolctl import threadpool_info, threadpool_limits

WriteModel = Callable[..., Path]
Tensors = dict[str, NDArray[np.float32]]
TEXTS = st.lists(st.lists(st.integers(0, 39), min_size=1, max_size=70), min_size=1, max_size=12)


def encode(encoder: SentenceEncoder, texts: list[list[int]]) -> NDArray[np.float32]:
    return encoder.encode(
        [token for text in texts for token in text], np.cumsum([0, *map(len, texts)])
    )


def random_texts(number: int) -> list[list[int]]:
    rng = np.random.default_rng(2)
    return [rng.integers(0, 40, rng.integers(1, 80)).tolist() for _ in range(number)]


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks so small that a few texts make many, and go to several threads."""
    monkeypatch.setattr(sentence_encoder, "_CHUNK_TOKENS", 100)


@pytest.mark.parametrize("pooling", ["cls", "mean"])
@pytest.mark.parametrize("normalize", [True, False])
def test_vectors_are_pooled_hidden_states(
    tmp_path: Path, write_model: WriteModel, pooling: str, normalize: bool
) -> None:
    directory = write_model(tmp_path, pooling=pooling, normalize=normalize)
    encoder = SentenceEncoder.from_pretrained(directory)
    assert (encoder.pooling, encoder.normalize, encoder.dimensions) == (pooling, normalize, 12)
    bert = Bert.from_directory(directory, read_config(directory))
    texts = random_texts(5)
    vectors = encode(encoder, texts)
    assert (vectors.shape, vectors.dtype.name) == ((5, 12), "float32")
    for text, vector in zip(texts, vectors, strict=True):
        hidden = bert(np.array(text), np.array([0, len(text)])).astype(np.float64)
        expected = hidden[0] if pooling == "cls" else hidden.sum(axis=0) / len(text)
        if normalize:
            expected /= np.sqrt((expected**2).sum())
        assert np.abs(vector - expected).max() < 1e-6 * (1 if normalize else 5)


def test_options_win_over_the_files(model_directory: Path) -> None:
    encoder = SentenceEncoder.from_pretrained(str(model_directory), pooling="cls", normalize=False)
    assert (encoder.pooling, encoder.normalize) == ("cls", False)


@settings(max_examples=30)
@given(texts=TEXTS, seed=st.integers(0, 999))
def test_a_vector_does_not_depend_on_the_batch_or_its_order(
    encoder: SentenceEncoder, texts: list[list[int]], seed: int
) -> None:
    together = encode(encoder, texts)
    alone = np.concatenate([encode(encoder, [text]) for text in texts])
    order = np.random.default_rng(seed).permutation(len(texts))
    shuffled = encode(encoder, [texts[index] for index in order])
    assert np.abs(together - alone).max() <= 1e-6
    assert np.abs(shuffled - together[order]).max() <= 1e-6


@pytest.mark.usefixtures("small_chunks")
def test_many_chunks_give_the_vectors_of_one(encoder: SentenceEncoder) -> None:
    texts = random_texts(40)
    alone = np.concatenate([encode(encoder, [text]) for text in texts])
    assert np.abs(encode(encoder, texts) - alone).max() <= 1e-6


@pytest.mark.usefixtures("small_chunks")
def test_eight_threads_at_once_get_the_same_vectors(encoder: SentenceEncoder) -> None:
    texts = random_texts(20)
    expected = encode(encoder, texts)
    with ThreadPoolExecutor(8) as pool:
        for vectors in pool.map(lambda _: encode(encoder, texts), range(24)):
            assert np.abs(vectors - expected).max() <= 1e-6


def blas_threads() -> list[int]:
    return [info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"]


@pytest.fixture
def two_blas_threads() -> Iterator[None]:
    with threadpool_limits(limits=2, user_api="blas"):
        yield


@pytest.mark.usefixtures("small_chunks", "two_blas_threads")
def test_the_setting_of_blas_is_given_back(
    encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = blas_threads()
    encode(encoder, random_texts(10))
    assert blas_threads() == before

    def fail(*_: object) -> None:
        assert blas_threads() == [1] * len(before)
        raise MemoryError

    monkeypatch.setattr(Bert, "__call__", fail)
    with pytest.raises(MemoryError):
        encode(encoder, random_texts(10))
    assert blas_threads() == before


def test_no_texts_give_no_vectors(encoder: SentenceEncoder) -> None:
    vectors = encoder.encode([], [0])
    assert (vectors.shape, vectors.dtype.name) == ((0, 12), "float32")


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint8])
def test_any_integers_will_do_and_are_not_changed(encoder: SentenceEncoder, dtype: type) -> None:
    ids: NDArray[Any] = np.array([3, 1, 2], dtype)
    cu_seqlens: NDArray[Any] = np.array([0, 1, 3], dtype)
    vectors = encoder.encode(ids, cu_seqlens)
    assert np.array_equal(vectors, encode(encoder, [[3], [1, 2]]))
    assert (ids.tolist(), cu_seqlens.tolist()) == ([3, 1, 2], [0, 1, 3])


@pytest.mark.parametrize(
    ("ids", "cu_seqlens", "field"),
    [
        ([1, 40], [0, 2], "ids[1]"),
        ([1, -1], [0, 2], "ids[1]"),
        ([1, 2], [0, 1], "cu_seqlens"),
        ([1, 2], [0, 2, 1, 2], "cu_seqlens[2]"),
        ([1, 2], [0, 1, 1, 2], "cu_seqlens[2]"),
        ([1] * 81, [0, 81], "text 0"),
        ([1.0, 2.0], [0, 2], "ids"),
        (["a"], [0, 1], "ids"),
        ([], [], "cu_seqlens"),
        ([[1, 2]], [0, 2], "ids"),
        (None, [0], "ids"),
    ],
)
def test_what_is_no_packed_batch_is_refused(
    encoder: SentenceEncoder, ids: Any, cu_seqlens: Any, field: str
) -> None:
    with pytest.raises(InputError) as caught:
        encoder.encode(ids, cu_seqlens)
    assert caught.value.field == field


@pytest.mark.parametrize(("stated", "limit"), [(None, 80), (7, 7), (500, 80)])
def test_max_tokens_is_the_smaller_limit_and_only_positions_are_enforced(
    tmp_path: Path, write_model: WriteModel, stated: int | None, limit: int
) -> None:
    directory = write_model(tmp_path)
    (directory / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": stated}))
    encoder = SentenceEncoder.from_pretrained(directory)
    assert encoder.max_tokens == limit
    assert encode(encoder, [[1] * 80]).shape == (1, 12)


@pytest.mark.parametrize("damage", [np.nan, np.inf])
def test_a_damaged_weight_names_the_text_that_shows_it(
    tmp_path: Path, write_model: WriteModel, tensors: Tensors, damage: float
) -> None:
    tensors["embeddings.word_embeddings.weight"][5] = damage
    encoder = SentenceEncoder.from_pretrained(write_model(tmp_path, tensors=tensors))
    assert np.isfinite(encode(encoder, [[1, 2], [3]])).all()
    with pytest.raises(WeightsError) as caught:
        encode(encoder, [[1, 2], [3, 4, 1], [5], [6, 7]])
    error = caught.value
    assert error.field == "vector of text 2"
    assert (error.expected, error.received) == ("finite numbers", "NaN or infinity")


def test_a_path_that_is_no_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for name, received in (("file", "a file"), ("nowhere", "nothing at this path")):
        with pytest.raises(ModelFilesError) as caught:
            SentenceEncoder.from_pretrained(tmp_path / name)
        error = caught.value
        assert (error.field, error.received) == (str(tmp_path / name), received)
        assert error.expected == "a model directory"


def test_a_directory_without_config_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFilesError) as caught:
        SentenceEncoder.from_pretrained(tmp_path)
    assert caught.value.expected == "a model directory with config.json"


def test_pooling_must_be_stated_somewhere(tmp_path: Path, write_model: WriteModel) -> None:
    directory = write_model(tmp_path, pooling=None)
    with pytest.raises(PoolingNotStatedError):
        SentenceEncoder.from_pretrained(directory)
    assert SentenceEncoder.from_pretrained(directory, pooling="mean").pooling == "mean"


@pytest.mark.parametrize(("ids", "cu_seqlens"), [([[1], [2, 3]], [0, 3]), ([1, 2], [[0], [1, 2]])])
def test_ragged_input_is_named(
    tmp_path: Path, write_model: WriteModel, ids: Any, cu_seqlens: Any
) -> None:
    encoder = SentenceEncoder.from_pretrained(write_model(tmp_path))
    with pytest.raises(InputError, match="a ragged sequence"):
        encoder.encode(ids, cu_seqlens)
