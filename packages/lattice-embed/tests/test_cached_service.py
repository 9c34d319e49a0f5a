"""The same vectors as without a cache, each computed once."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lattice_embed import (
    EmbeddingRole,
    EmbedError,
    NativeEmbeddingService,
    TextsError,
    get_model,
)
from lattice_embed.cache_key import CacheIdentity, KeySpace
from lattice_embed.cached_service import CachedEmbeddingService
from lattice_embed.layered_cache import Cache, LayeredCache
from lattice_embed.memory_cache import MemoryCache
from lattice_embed.model_fingerprint import weights_sha256
from lattice_embed.vector_cache import VectorCache
from lattice_models import SentenceEncoder
from lattice_tokenize import TextError
from numpy.typing import NDArray

TEXTS = ["a lattice", "the same text", "", "x" * 300, "Ärger, naïve!"]


class Counting:
    """Vectors of 3 numbers that depend on everything; keeps what it was asked for."""

    dimensions = 3

    def __init__(self, identity: CacheIdentity | None = None) -> None:
        self.cache_identity: CacheIdentity | None = identity or CacheIdentity("m", None, "0" * 64)
        self.asked: list[list[str]] = []

    def embed_texts(
        self,
        texts: Sequence[str],
        *,
        role: EmbeddingRole = EmbeddingRole.GENERIC,
        prompt: str | None = None,
    ) -> NDArray[np.float32]:
        self.asked.append(list(texts))
        before = {"generic": 0, "query": 1, "passage": 2}[role.value] if prompt is None else prompt
        return np.array(
            [[len(t), crc32(f"{before} {t}".encode()) >> 8, 0.1] for t in texts], np.float32
        )


class Nothing:
    """A cache that keeps nothing."""

    def get(self, space: KeySpace, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        return {}

    def put(self, space: KeySpace, vectors: object) -> None: ...


@pytest.fixture(params=["memory", "disk", "both", "nothing"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cache]:
    disk = VectorCache(tmp_path / "vectors.sqlite3")
    caches: dict[str, Cache] = {
        "memory": MemoryCache(),
        "disk": disk,
        "both": LayeredCache(MemoryCache(), disk),
        "nothing": Nothing(),
    }
    yield caches[request.param]
    disk.close()


def test_all_bytes_are_those_of_the_inner_service(model: Path, cache: Cache) -> None:
    inner = NativeEmbeddingService(model)
    service = CachedEmbeddingService(inner, cache)
    for _ in range(2):
        for name in ("embed", "embed_query", "embed_passage"):
            received = getattr(service, name)(TEXTS)
            expected = getattr(inner, name)(TEXTS)
            assert received.dtype == np.float32
            assert received.tobytes() == expected.tobytes()
            assert received.flags.writeable
    assert service.dimensions == inner.dimensions
    assert service.embed("the same text").shape == (inner.dimensions,)


@pytest.mark.parametrize("precision", ["int8", "binary"])
@pytest.mark.parametrize("output_dim", [None, 5])
def test_all_precisions_share_the_vectors_of_float32(
    model: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch, precision: Any, output_dim: Any
) -> None:
    encoded: list[int] = []
    encode = SentenceEncoder.encode

    def count(self: SentenceEncoder, ids: Any, cu_seqlens: Any, **options: Any) -> Any:
        encoded.append(len(cu_seqlens) - 1)
        return encode(self, ids, cu_seqlens, **options)

    inner = NativeEmbeddingService(model, precision=precision, output_dim=output_dim)
    whole = NativeEmbeddingService(model, output_dim=output_dim)
    expected = {role: inner.embed_texts(TEXTS, role=role) for role in EmbeddingRole}
    floats = whole.embed_query(TEXTS)
    monkeypatch.setattr(SentenceEncoder, "encode", count)
    service = CachedEmbeddingService(inner, cache)
    for role in EmbeddingRole:
        for _ in range(2):  # computed, then from the cache
            received = service.embed_texts(TEXTS, role=role)
            assert received.dtype == expected[role].dtype
            np.testing.assert_array_equal(received, expected[role])
    if not isinstance(cache, Nothing):
        assert encoded == [len(TEXTS)] * 3
        np.testing.assert_array_equal(
            CachedEmbeddingService(whole, cache).embed_query(TEXTS), floats
        )
        assert len(encoded) == 3, "what int8 or binary has put is what float32 finds"
    assert service.dimensions == inner.dimensions
    assert service.embed("the same text").shape == expected[EmbeddingRole.GENERIC][0].shape


def test_a_cached_service_of_another_precision_can_stand_behind_a_cache(model: Path) -> None:
    inner = NativeEmbeddingService(model, precision="int8")
    twice = CachedEmbeddingService(CachedEmbeddingService(inner, MemoryCache()), MemoryCache())
    for _ in range(2):
        np.testing.assert_array_equal(twice.embed(TEXTS), inner.embed(TEXTS))


def test_int8_of_vectors_without_length_one_is_refused_from_the_cache_too(model: Path) -> None:
    modules = json.loads((model / "modules.json").read_text())
    (model / "modules.json").write_text(json.dumps(modules[:2]))
    memory = MemoryCache()
    CachedEmbeddingService(NativeEmbeddingService(model), memory).embed("a")
    service = CachedEmbeddingService(NativeEmbeddingService(model, precision="int8"), memory)
    with pytest.raises(EmbedError, match="precision: expected 'int8' for a model whose vectors"):
        service.embed("a")


def test_only_what_is_missing_is_computed(tmp_path: Path) -> None:
    inner = Counting()
    with VectorCache(tmp_path / "vectors.sqlite3") as disk:
        service = CachedEmbeddingService(inner, disk)
        first = service.embed(["a", "b", "a", "a"])
        assert inner.asked == [["a", "b"]]
        second = service.embed(["b", "c", "a", "c"])
        assert inner.asked == [["a", "b"], ["c"]]
    np.testing.assert_array_equal(first[[0, 0, 0]], first[[0, 2, 3]])
    np.testing.assert_array_equal(second[[0, 2]], first[[1, 0]])
    with VectorCache(tmp_path / "vectors.sqlite3") as disk:  # another process, later
        again = CachedEmbeddingService(inner, disk).embed(["c", "b"])
    np.testing.assert_array_equal(again, second[[1, 0]])
    assert len(inner.asked) == 2


def test_roles_and_prompts_do_not_meet() -> None:
    inner = Counting()
    service = CachedEmbeddingService(inner, MemoryCache())
    vectors = [
        service.embed("why"),
        service.embed_query("why"),
        service.embed_passage("why"),
        service.embed("why", prompt="ask: "),
        service.embed("why", prompt="tell: "),
        service.embed_query("why", prompt=""),
    ]
    assert len(inner.asked) == 6
    service.embed_query("why", prompt="tell: ")
    assert len(inner.asked) == 6, "a prompt goes in place of the role's"
    assert len({vector.tobytes() for vector in vectors}) == 6


def test_another_model_has_other_vectors() -> None:
    cache = MemoryCache()
    one, other = Counting(), Counting(CacheIdentity("m", None, "1" * 64))
    for inner in (one, other):
        CachedEmbeddingService(inner, cache).embed("a")
    assert one.asked == other.asked == [["a"]]


def test_a_service_that_cannot_say_what_its_vectors_depend_on_is_not_cached() -> None:
    inner = Counting()
    inner.cache_identity = None
    service = CachedEmbeddingService(inner, MemoryCache())
    service.embed(["a", "a"])
    service.embed(["a", "a"])
    assert inner.asked == [["a", "a"], ["a", "a"]]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    calls=st.lists(
        st.tuples(
            st.sampled_from(EmbeddingRole),
            st.lists(st.sampled_from(["", "a", "b", "a m", "0"]), min_size=1, max_size=6),
        ),
        max_size=8,
    )
)
def test_whatever_the_calls_the_vectors_are_the_same(
    calls: list[tuple[EmbeddingRole, list[str]]],
) -> None:
    inner, plain = Counting(), Counting()
    memory = MemoryCache(max_bytes=3 * 300)  # so small that vectors go all the time
    service = CachedEmbeddingService(inner, memory)
    for role, texts in calls:
        expected = plain.embed_texts(texts, role=role)
        np.testing.assert_array_equal(service.embed_texts(texts, role=role), expected)


# --- errors


@pytest.mark.parametrize("bad", [None, 3, b"bytes", ["nested"]])
def test_what_is_no_text_is_named_by_its_place(model: Path, bad: object) -> None:
    service = CachedEmbeddingService(NativeEmbeddingService(model), MemoryCache())
    service.embed(["fine"])
    with pytest.raises(TextError, match=r"texts\[1\]: expected a str"):
        service.embed(["fine", bad])  # type: ignore[list-item]  # the mistake under test


def test_an_odd_role_or_prompt_is_for_the_inner_service_to_judge() -> None:
    inner = Counting()
    service = CachedEmbeddingService(inner, MemoryCache())
    with pytest.raises(AttributeError):  # what this inner service says of a role that is none
        service.embed_texts(["a"], role="query")  # type: ignore[arg-type]  # the mistake under test
    service.embed(["a"], prompt=7)  # type: ignore[arg-type]  # the mistake under test
    service.embed(["a"], prompt=7)  # type: ignore[arg-type]  # the mistake under test
    assert inner.asked == [["a"]] * 3


def test_no_texts_and_no_sequence(model: Path) -> None:
    service = CachedEmbeddingService(NativeEmbeddingService(model), MemoryCache())
    with pytest.raises(TextsError, match="at least one text"):
        service.embed([])
    with pytest.raises(TextError, match=r"texts\[1\].*U\+D800"):
        service.embed(["fine", "\ud800"])


def test_an_error_names_the_place_in_the_call_not_among_the_missing() -> None:
    class Picky(Counting):
        def embed_texts(
            self,
            texts: Sequence[str],
            *,
            role: EmbeddingRole = EmbeddingRole.GENERIC,
            prompt: str | None = None,
        ) -> NDArray[np.float32]:
            if "long" in texts:
                raise TextError(f"texts[{list(texts).index('long')}]", "fewer tokens", "many")
            return super().embed_texts(texts, role=role, prompt=prompt)

    service = CachedEmbeddingService(Picky(), MemoryCache())
    service.embed(["a", "b"])
    with pytest.raises(TextError, match=r"texts\[2\]"):
        service.embed(["a", "b", "long", "c"])


@pytest.mark.parametrize(
    "vectors",
    [np.zeros((1, 4), np.float32), np.zeros((2, 3), np.float32), np.zeros((1, 3), np.int8)],
)
def test_an_inner_service_that_breaks_its_promise(
    vectors: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    inner, memory = Counting(), MemoryCache()
    monkeypatch.setattr(inner, "embed_texts", lambda *_, **__: vectors)
    with pytest.raises(EmbedError, match=r"inner service: expected float32 \(1, 3\)"):
        CachedEmbeddingService(inner, memory).embed("a")
    assert len(memory) == 0


def test_vectors_that_are_no_numbers_are_given_but_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inner, memory = Counting(), MemoryCache()
    rows = np.array([[1, 2, np.nan], [1, 2, 3], [np.inf, 2, 3]], np.float32)
    monkeypatch.setattr(inner, "embed_texts", lambda *_, **__: rows)
    received = CachedEmbeddingService(inner, memory).embed(["a", "b", "c"])
    np.testing.assert_array_equal(received, rows)
    assert len(memory) == 1


# --- threads


def test_a_text_asked_for_by_several_threads_is_computed_once() -> None:
    started, go_on = threading.Event(), threading.Event()

    class Slow(Counting):
        def embed_texts(
            self,
            texts: Sequence[str],
            *,
            role: EmbeddingRole = EmbeddingRole.GENERIC,
            prompt: str | None = None,
        ) -> NDArray[np.float32]:
            vectors = super().embed_texts(texts, role=role, prompt=prompt)
            started.set()
            assert go_on.wait(10)
            return vectors

    inner = Slow()
    service = CachedEmbeddingService(inner, MemoryCache())
    results: list[NDArray[np.float32]] = []
    first = threading.Thread(target=lambda: results.append(service.embed(["a", "b"])))
    first.start()
    assert started.wait(10)
    others = [
        threading.Thread(target=lambda: results.append(service.embed(["b", "a"])[::-1]))
        for _ in range(4)
    ]
    for thread in others:
        thread.start()
    go_on.set()
    for thread in [first, *others]:
        thread.join(10)
    assert len(results) == 5
    assert len({result.tobytes() for result in results}) == 1
    assert inner.asked == [["a", "b"]]


def test_a_failure_in_one_thread_is_not_that_of_another() -> None:
    started, go_on = threading.Event(), threading.Event()

    class FailsOnce(Counting):
        def embed_texts(
            self,
            texts: Sequence[str],
            *,
            role: EmbeddingRole = EmbeddingRole.GENERIC,
            prompt: str | None = None,
        ) -> NDArray[np.float32]:
            if not started.is_set():
                started.set()
                assert go_on.wait(10)
                raise RuntimeError("out of memory")
            return super().embed_texts(texts, role=role, prompt=prompt)

    service = CachedEmbeddingService(FailsOnce(), MemoryCache())
    failed: list[str] = []

    def fail() -> None:
        try:
            service.embed(["a"])
        except RuntimeError as error:
            failed.append(str(error))

    first = threading.Thread(target=fail)
    first.start()
    assert started.wait(10)
    results: list[NDArray[np.float32]] = []
    second = threading.Thread(target=lambda: results.append(service.embed(["a", "b"])))
    second.start()
    go_on.set()
    first.join(10)
    second.join(10)
    assert failed == ["out of memory"]
    np.testing.assert_array_equal(results[0], Counting().embed_texts(["a", "b"]))


def test_many_threads_and_few_texts() -> None:
    inner, plain = Counting(), Counting()
    service = CachedEmbeddingService(inner, MemoryCache())
    wrong: list[object] = []

    def work(seed: int) -> None:
        for step in range(200):
            texts = [str((seed + step * n) % 50) for n in range(5)]
            if not np.array_equal(service.embed(texts), plain.embed_texts(texts)):
                wrong.append(texts)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    asked = [text for texts in inner.asked for text in texts]
    assert len(asked) == len(set(asked)) == 50


# --- the identity of a real service


def test_a_changed_file_of_a_model_directory_meets_no_old_vectors(
    model: Path, tmp_path: Path
) -> None:
    def vectors() -> bytes:
        with VectorCache(tmp_path / "vectors.sqlite3") as disk:
            service = CachedEmbeddingService(NativeEmbeddingService(model), disk)
            received = service.embed_query(TEXTS).tobytes()
            assert received == NativeEmbeddingService(model).embed_query(TEXTS).tobytes()
            return received

    received = [vectors()]
    weights = bytearray((model / "model.safetensors").read_bytes())
    weights[-100] ^= 0x10
    (model / "model.safetensors").write_bytes(weights)
    received.append(vectors())
    pooling = model / "1_Pooling" / "config.json"
    pooling.write_text('{"pooling_mode_cls_token": true}')
    received.append(vectors())
    prompts = model / "config_sentence_transformers.json"
    prompts.write_text('{"prompts": {"query": "say: "}}')
    received.append(vectors())
    assert len(set(received)) == 4


def test_a_directory_with_the_name_of_a_catalog_model_is_not_that_model(model: Path) -> None:
    renamed = model.rename(model.with_name("all-minilm-l6-v2"))
    identity = NativeEmbeddingService(renamed).cache_identity
    assert identity is not None
    assert identity.model == "all-minilm-l6-v2"
    assert identity.key_version is None
    assert identity.weights_sha256
    assert identity.settings_sha256


def test_a_catalog_model_put_by_hand_is_known_by_its_name_only_if_its_weights_are_pinned(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATTICE_MODEL_DIR", str(tmp_path / "models"))
    shutil.copytree(model, tmp_path / "models" / "qwen3-embedding-4b")
    assert get_model("qwen3-4b").sha256 is None
    identity = NativeEmbeddingService("qwen3-4b").cache_identity
    assert identity is not None
    assert (identity.key_version, identity.weights_sha256) == (None, weights_sha256(model))
    pinned = NativeEmbeddingService("qwen3").cache_identity
    assert pinned == CacheIdentity("qwen3-embedding-0.6b", "v3"), "and nothing is read for it"
