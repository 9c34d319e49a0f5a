"""`sentence_encoder.py`: packed ids to vectors."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lattice_models import (
    ConfigError,
    InputError,
    ModelFilesError,
    PoolingNotStatedError,
    SentenceEncoder,
    Setting,
    WeightsError,
    quantize,
    sentence_encoder,
)
from lattice_models.dense import read_dense, read_layer_norm
from lattice_models.families import read_encoder
from lattice_models.pipeline_files import Pipeline
from lattice_models.pooling import POOLINGS
from numpy.typing import NDArray
from safetensors.numpy import save_file
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
    for name in ("_CHUNK_TOKENS", "_COMPILED_CHUNK_TOKENS"):
        monkeypatch.setattr(sentence_encoder, name, 100)


@pytest.mark.parametrize("pooling", [*POOLINGS, "cls+mean", "lasttoken+max+cls"])
@pytest.mark.parametrize("normalize", [True, False])
def test_vectors_are_pooled_hidden_states(
    model_directory: Path, pooling: str, normalize: bool
) -> None:
    encoder = SentenceEncoder.from_pretrained(model_directory, pooling=pooling, normalize=normalize)
    size = 12 * (1 + pooling.count("+"))
    assert (encoder.pooling, encoder.normalize, encoder.dimensions) == (pooling, normalize, size)
    model = read_encoder(model_directory)
    texts = random_texts(5)
    vectors = encode(encoder, texts)
    assert (vectors.shape, vectors.dtype.name) == ((5, size), "float32")
    for text, vector in zip(texts, vectors, strict=True):
        whole = np.array([0, len(text)])
        hidden = model(np.array(text), whole)
        expected = np.concatenate([POOLINGS[m](hidden, whole)[0] for m in pooling.split("+")])
        if normalize:
            expected /= np.sqrt((expected**2).sum())
        assert np.abs(vector - expected).max() < 1e-6 * np.abs(expected).max()


def add_modules(directory: Path) -> None:
    """LayerNorm(12), Dense(12 -> 6) and Normalize after the pooling of a model."""
    modules = json.loads((directory / "modules.json").read_text())[:2]
    rng = np.random.default_rng(4)
    for folder, kind, config, tensors in (
        ("2_LayerNorm", "LayerNorm", {"dimension": 12}, {"norm.weight": (12,), "norm.bias": (12,)}),
        (
            "3_Dense",
            "Dense",
            {"in_features": 12, "out_features": 6},
            {"linear.weight": (6, 12), "linear.bias": (6,)},
        ),
        ("4_Normalize", "Normalize", {}, {}),
    ):
        modules.append({"path": folder, "type": f"sentence_transformers.models.{kind}"})
        (directory / folder).mkdir()
        (directory / folder / "config.json").write_text(json.dumps(config))
        arrays = {name: rng.normal(size=shape) for name, shape in tensors.items()}
        save_file(arrays, directory / folder / "model.safetensors")
    (directory / "modules.json").write_text(json.dumps(modules))


def test_modules_after_pooling(tmp_path: Path, write_model: WriteModel) -> None:
    directory = write_model(tmp_path)
    texts = random_texts(5)
    raw = SentenceEncoder.from_pretrained(directory, normalize=False)
    pooled = encode(raw, texts).astype(np.float64)
    add_modules(directory)
    encoder = SentenceEncoder.from_pretrained(directory)
    assert (encoder.dimensions, encoder.normalize) == (6, True)
    expected = read_dense(directory / "3_Dense")(read_layer_norm(directory / "2_LayerNorm")(pooled))
    expected /= np.sqrt((expected**2).sum(axis=1, keepdims=True))
    vectors = encode(encoder, texts)
    assert (vectors.shape, vectors.dtype.name) == ((5, 6), "float32")
    assert np.abs(vectors - expected).max() < 1e-6


def test_every_setting_names_its_source(tmp_path: Path, write_model: WriteModel) -> None:
    directory = write_model(tmp_path)
    (directory / "sentence_bert_config.json").write_text('{"max_seq_length": 7}')
    add_modules(directory)
    encoder = SentenceEncoder.from_pretrained(directory)
    assert encoder.settings == (
        Setting("architecture", "bert", "config.json"),
        Setting("weights", "float32", "model.safetensors"),
        Setting("dimensions", 6, "3_Dense/config.json"),
        Setting("pooling", "mean", "1_Pooling/config.json"),
        Setting("LayerNorm", "12", "2_LayerNorm/config.json"),
        Setting("Dense", "12 -> 6, Tanh", "3_Dense/config.json"),
        Setting("normalize", True, "modules.json"),
        Setting("max_tokens", 7, "sentence_bert_config.json"),
    )


def test_modules_that_do_not_fit_are_named(tmp_path: Path, write_model: WriteModel) -> None:
    directory = write_model(tmp_path)
    add_modules(directory)
    with pytest.raises(ConfigError) as caught:
        SentenceEncoder.from_pretrained(directory, pooling="mean+max")
    assert caught.value.field == f"{directory / '2_LayerNorm' / 'config.json'}: dimension"


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

    monkeypatch.setattr(type(encoder._encoder), "__call__", fail)
    with pytest.raises(MemoryError):
        encode(encoder, random_texts(10))
    assert blas_threads() == before


@dataclass
class Sensitive:
    """An encoder whose last bits depend on the whole call, as those of a real one may."""

    hidden_size: int = 4
    vocab_size: int = 40
    max_positions: int | None = None
    calls: list[tuple[int, str, list[int]]] = field(default_factory=list)

    def __call__(
        self, ids: NDArray[np.integer], cu_seqlens: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        self.calls.append((len(ids), threading.current_thread().name, blas_threads()))
        hidden = np.sin(np.outer(ids + 1, np.arange(1, 5))).astype(np.float32)
        hidden += np.float32(1e-7 * len(ids) + 1e-7 * max(blas_threads(), default=1))
        return hidden


def with_pipeline(model: Sensitive, *, threads: int | None = None) -> SentenceEncoder:
    pipeline = Pipeline(Path(), ("mean", "max"), (), True, 80, ())
    return SentenceEncoder(model, pipeline, settings=(), threads=threads)


@pytest.mark.usefixtures("small_chunks", "two_blas_threads")
def test_deterministic_gives_the_same_bits_whatever_is_around_a_text() -> None:
    encoder = with_pipeline(Sensitive())
    texts = random_texts(30)
    ids = np.concatenate([np.array(text) for text in texts])
    cu_seqlens = np.cumsum([0, *map(len, texts)])
    expected = encoder.encode(ids, cu_seqlens, deterministic=True)
    assert np.abs(encoder.encode(ids, cu_seqlens) - expected).max() <= 1e-4
    assert not np.array_equal(encoder.encode(ids, cu_seqlens), expected)  # so it is asked of it
    order = np.random.default_rng(0).permutation(len(texts))
    shuffled_ids = np.concatenate([np.array(texts[index]) for index in order])
    shuffled_cu_seqlens = np.cumsum([0, *(len(texts[index]) for index in order)])
    for threads in (1, 2, 3):
        with threadpool_limits(limits=threads, user_api="blas"):
            shuffled = encoder.encode(
                shuffled_ids, shuffled_cu_seqlens, deterministic=True, threads=threads
            )
            assert np.array_equal(shuffled, expected[order])
            for index, (start, stop) in enumerate(pairwise(cu_seqlens)):
                alone = encoder.encode(
                    ids[start:stop], [0, stop - start], deterministic=True, threads=threads
                )
                assert np.array_equal(alone[0], expected[index])
            tokens = encoder.encode_tokens(ids, cu_seqlens, deterministic=True, threads=threads)
            last = encoder.encode_tokens(ids[start:], [0, stop - start], deterministic=True)
            assert np.array_equal(tokens[start:], last)


@settings(max_examples=30)
@given(texts=TEXTS, seed=st.integers(0, 999))
def test_deterministic_bits_of_a_real_model(
    encoder: SentenceEncoder, texts: list[list[int]], seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(len(texts))

    def bits(chosen: list[list[int]]) -> NDArray[np.float32]:
        ids = [token for text in chosen for token in text]
        return encoder.encode(ids, np.cumsum([0, *map(len, chosen)]), deterministic=True)

    together = bits(texts)
    assert np.array_equal(bits([texts[index] for index in order]), together[order])
    for text, vector in zip(texts, together, strict=True):
        alone = bits([text])[0]
        assert np.array_equal(alone, vector)
        for precision in ("int8", "binary"):
            both = quantize(np.stack([alone, vector]), precision)
            assert np.array_equal(both[0], both[1])


@pytest.mark.usefixtures("small_chunks", "two_blas_threads")
@pytest.mark.parametrize(("at_load", "at_call", "used"), [(None, 1, 1), (1, None, 1), (3, 1, 1)])
def test_one_thread_means_the_calling_one(
    at_load: int | None, at_call: int | None, used: int
) -> None:
    model = Sensitive()
    texts = random_texts(20)
    encode_with = with_pipeline(model, threads=at_load).encode
    encode_with(
        [token for text in texts for token in text],
        np.cumsum([0, *map(len, texts)]),
        threads=at_call,
    )
    assert len(model.calls) > 2
    here = threading.current_thread().name
    assert {(name, tuple(blas)) for _, name, blas in model.calls} == {
        (here, (used,) * len(blas_threads()))
    }


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize(("at_load", "at_call"), [(None, 3), (3, None), (1, 3)])
def test_threads_are_as_many_as_asked_for(at_load: int | None, at_call: int | None) -> None:
    all_here = threading.Barrier(3, timeout=10)  # passes only where three run at once

    class Waiting(Sensitive):
        def __call__(
            self, ids: NDArray[np.integer], cu_seqlens: NDArray[np.int64]
        ) -> NDArray[np.float32]:
            all_here.wait()
            return super().__call__(ids, cu_seqlens)

    model = Waiting()
    ids, cu_seqlens = np.zeros(900, int), np.arange(0, 1000, 100)  # nine chunks
    with_pipeline(model, threads=at_load).encode(ids, cu_seqlens, threads=at_call)
    assert len(model.calls) == 9
    assert len({name for _, name, _ in model.calls}) == 3


@pytest.mark.parametrize("threads", [0, -1, 1.0, "2", True])
def test_threads_that_cannot_be_are_named(
    model_directory: Path, encoder: SentenceEncoder, threads: Any
) -> None:
    for call in (
        lambda: SentenceEncoder.from_pretrained(model_directory, threads=threads),
        lambda: encoder.encode([1], [0, 1], threads=threads),
        lambda: encoder.encode_tokens([1], [0, 1], threads=threads),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert (caught.value.field, caught.value.received) == ("threads", repr(threads))


@pytest.mark.parametrize("output_dim", [1, 5, 12, np.int64(5)])
def test_output_dim_keeps_the_first_numbers_and_their_length(
    model_directory: Path, encoder: SentenceEncoder, output_dim: int
) -> None:
    texts = random_texts(6)
    ids, cu_seqlens = np.concatenate([np.array(t) for t in texts]), np.cumsum([0, *map(len, texts)])
    raw = SentenceEncoder.from_pretrained(model_directory, normalize=False)
    whole = raw.encode(ids, cu_seqlens)
    cut = raw.encode(ids, cu_seqlens, output_dim=output_dim)
    assert np.array_equal(cut, whole[:, :output_dim])
    expected = cut / np.sqrt((cut.astype(np.float64) ** 2).sum(axis=1, keepdims=True))
    found = encoder.encode(ids, cu_seqlens, output_dim=output_dim)
    assert (found.shape, found.dtype.name) == ((6, output_dim), "float32")
    assert np.abs(found - expected).max() < 1e-6


@pytest.mark.parametrize("output_dim", [0, -1, 13, 1.0, "5", True])
def test_an_output_dim_that_cannot_be_is_named(encoder: SentenceEncoder, output_dim: Any) -> None:
    with pytest.raises(InputError) as caught:
        encoder.encode([1], [0, 1], output_dim=output_dim)
    error = caught.value
    assert (error.field, error.received) == ("output_dim", repr(output_dim))
    assert error.expected == "a whole number from 1 to 12"


@pytest.mark.usefixtures("small_chunks")
def test_token_vectors_are_the_hidden_states_in_the_order_of_the_ids(
    model_directory: Path, encoder: SentenceEncoder
) -> None:
    model = read_encoder(model_directory)
    texts = random_texts(15)
    ids, cu_seqlens = np.concatenate([np.array(t) for t in texts]), np.cumsum([0, *map(len, texts)])
    tokens = encoder.encode_tokens(ids, cu_seqlens)
    assert (tokens.shape, tokens.dtype.name) == ((len(ids), 12), "float32")
    expected = [model(np.array(text), np.array([0, len(text)])) for text in texts]
    assert np.abs(tokens - np.concatenate(expected)).max() < 1e-5
    assert encoder.encode_tokens([], [0]).shape == (0, 12)


def test_token_vectors_refuse_what_vectors_refuse(
    tmp_path: Path, write_model: WriteModel, tensors: Tensors
) -> None:
    tensors["embeddings.word_embeddings.weight"][5] = np.nan
    encoder = SentenceEncoder.from_pretrained(write_model(tmp_path, tensors=tensors))
    with pytest.raises(InputError):
        encoder.encode_tokens([1, 40], [0, 2])
    with pytest.raises(WeightsError) as caught:
        encoder.encode_tokens([1, 2, 3, 5], [0, 1, 2, 4])
    assert caught.value.field == "vector of token 2"  # 5 is seen by 3, its neighbour


def test_an_architecture_without_a_limit_takes_any_length() -> None:
    encoder = with_pipeline(Sensitive())
    assert encoder.max_tokens == 80
    assert encoder.encode(np.zeros(5000, int), [0, 5000]).shape == (1, 8)


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
    source = "sentence_bert_config.json" if limit == 7 else "config.json"
    assert encoder.settings[-1] == Setting("max_tokens", limit, source)
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
