"""Overflow, prompts, duplicates, streams, threads: with a model small enough to be made here."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import pickle
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lattice_embed import (
    EmbeddingRole,
    Embeddings,
    EmbeddingService,
    EmbedError,
    NativeEmbeddingService,
    TextTooLongError,
    get_model,
)
from lattice_embed.model_files import locate_model
from lattice_embed.overflow import windows
from lattice_embed.service import Vectors
from lattice_models import InputError, ModelFilesError, SentenceEncoder
from lattice_models.compiled import compiled_kernels
from lattice_tokenize import TextError, Tokenizer

CLS, SEP = 2, 3
LONG = "a b c d e f g h i j k l m n o p q r s t u v w x y z"  # 26 tokens and two special ones


@pytest.fixture
def fed(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """Every sequence that an encoder is given."""
    sequences: list[list[int]] = []
    encode = SentenceEncoder.encode

    def record(
        self: SentenceEncoder, ids: np.ndarray, cu_seqlens: np.ndarray, **options: Any
    ) -> np.ndarray:
        sequences.extend(ids[a:b].tolist() for a, b in itertools.pairwise(cu_seqlens))
        return encode(self, ids, cu_seqlens, **options)

    monkeypatch.setattr(SentenceEncoder, "encode", record)
    return sequences


# ---- prompts


def test_an_explicit_prompt_wins_over_the_role(model: Path, fed: list[list[int]]) -> None:
    service, plain = NativeEmbeddingService(model), Tokenizer.from_pretrained(model)
    for prompt in ("do: ", ""):
        fed.clear()
        service.embed_query("why?", prompt=prompt)
        service.embed_passage(["why?"], prompt=prompt)
        service.embed("why?", prompt=prompt)
        service.embed_one("why?", role=EmbeddingRole.QUERY, prompt=prompt)
        list(service.embed_iter(["why?"], role=EmbeddingRole.QUERY, prompt=prompt))
        assert fed == [plain.encode(f"{prompt}why?").ids] * 5
        (ids,) = service.tokenize(["why?"], role=EmbeddingRole.QUERY, prompt=prompt)
        assert ids.tolist() == fed[0]


def test_a_lone_surrogate_is_placed_within_the_text_and_not_the_prompted_text(model: Path) -> None:
    with pytest.raises(TextError, match=r"texts\[0\].*index 2"):
        NativeEmbeddingService(model).embed_query(["ab\ud800c"])


@pytest.mark.parametrize("prompt", [3, b"p", "\udc00"])
def test_a_prompt_is_a_text(model: Path, prompt: Any) -> None:
    with pytest.raises(TextError, match="prompt"):
        NativeEmbeddingService(model).embed("a", prompt=prompt)


def test_a_role_is_a_role(model: Path) -> None:
    with pytest.raises(EmbedError, match="role: expected a member of EmbeddingRole"):
        NativeEmbeddingService(model).tokenize(["a"], role=3)  # type: ignore[arg-type] # on purpose


# ---- duplicates


def test_a_text_that_comes_twice_is_computed_once(model: Path, fed: list[list[int]]) -> None:
    service = NativeEmbeddingService(model)
    vectors = service.embed(["x", "y z", "x", "x", "y z"])
    assert len(fed) == 2
    assert len({vectors[row].tobytes() for row in (0, 2, 3)}) == 1
    assert vectors[1].tobytes() == vectors[4].tobytes()
    np.testing.assert_allclose(vectors[1], service.embed("y z"), atol=1e-6)
    counts = service.embed_detailed(["x", "y z", "x"]).token_counts
    assert counts.tolist() == [3, 4, 3]


# ---- over-long texts


def test_a_cut_is_told_once_in_the_log(model: Path, caplog: pytest.LogCaptureFixture) -> None:
    service = NativeEmbeddingService(model)
    service.embed(["a", LONG])
    service.embed(["a", LONG + " more"])
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "texts[1] has 28 tokens, and tiny-model takes 20" in record.getMessage()


def test_no_cut_is_not_told(model: Path, caplog: pytest.LogCaptureFixture) -> None:
    NativeEmbeddingService(model).embed(["a", "b"])
    NativeEmbeddingService(model).embed_detailed([LONG])  # its result says it
    assert caplog.records == []


@pytest.mark.parametrize("on_overflow", ["truncate", "chunk", "error"])
def test_the_result_says_which_texts_were_cut_and_how_long_they_were(
    model: Path, on_overflow: Any
) -> None:
    service = NativeEmbeddingService(model, on_overflow=on_overflow)
    texts = ["a", LONG, "", LONG, "b c"]
    if on_overflow == "error":
        with pytest.raises(TextTooLongError, match=r"texts\[1\]: expected at most 20 tokens") as e:
            service.embed_detailed(texts)
        assert (e.value.index, e.value.token_count, e.value.max_tokens) == (1, 28, 20)
        return
    embeddings = service.embed_detailed(texts)
    assert isinstance(embeddings, Embeddings)
    assert embeddings.vectors.shape == (5, service.dimensions)
    assert embeddings.token_counts.tolist() == [3, 28, 2, 28, 4]
    cut = on_overflow == "truncate"
    assert embeddings.truncated.tolist() == [False, cut, False, cut, False]
    assert embeddings.chunks.tolist() == ([1] * 5 if cut else [1, 2, 1, 2, 1])


def test_an_error_names_the_place_among_all_texts(model: Path) -> None:
    service = NativeEmbeddingService(model, on_overflow="error")
    with pytest.raises(TextTooLongError, match=r"texts\[3\]"):
        service.embed(["a", "a", "a", LONG])
    with pytest.raises(TextTooLongError, match=r"texts\[8\]") as caught:
        list(service.embed_iter([*["a"] * 8, LONG], batch_size=3))
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    with pytest.raises(TextTooLongError):
        service.tokenize([LONG])


def test_a_chunked_text_is_the_weighted_mean_of_its_windows(
    model: Path, fed: list[list[int]]
) -> None:
    """By hand: 26 letters in windows of 18 at most are two of 13; behind `ask: ` (`a ##s ##k :`),
    four tokens, there is room for 14, so two of 13 again."""
    letters = Tokenizer.from_pretrained(model).encode(LONG).ids[1:-1]
    encoder = SentenceEncoder.from_pretrained(model)
    service = NativeEmbeddingService(model, on_overflow="chunk")
    for role, before in [
        (EmbeddingRole.GENERIC, []),
        (EmbeddingRole.QUERY, Tokenizer.from_pretrained(model).encode("ask:").ids[1:-1]),
    ]:
        wanted = [[CLS, *before, *letters[i : i + 13], SEP] for i in (0, 13)]
        fed.clear()
        vectors = service.embed_texts(["short", LONG], role=role)
        assert fed[1:] == wanted
        tokens = service.tokenize(["short", LONG], role=role)
        assert [row.tolist() for row in tokens] == fed[: len(tokens)]
        vectors_of = [encoder.encode(np.array(ids), np.array([0, len(ids)])) for ids in wanted]
        parts = [rows[0].astype(np.float64) for rows in vectors_of]
        mean = (13 * parts[0] + 13 * parts[1]) / 26
        np.testing.assert_allclose(vectors[1], mean / np.linalg.norm(mean), atol=1e-6)
        assert vectors.dtype == np.float32


def test_windows_weigh_what_they_hold(model: Path) -> None:
    text = LONG + " a b c d e f g h i j k"  # 37 tokens: windows of 13, 12, 12
    ids = Tokenizer.from_pretrained(model).encode(text).ids[1:-1]
    encoder = SentenceEncoder.from_pretrained(model)
    vectors = []
    for start, stop in [(0, 13), (13, 25), (25, 37)]:
        window = [CLS, *ids[start:stop], SEP]
        vectors.append(encoder.encode(window, [0, len(window)])[0].astype(np.float64))
    mean = (13 * vectors[0] + 12 * vectors[1] + 12 * vectors[2]) / 37
    received = NativeEmbeddingService(model, on_overflow="chunk").embed(text)
    np.testing.assert_allclose(received, mean / np.linalg.norm(mean), atol=1e-6)


@pytest.mark.parametrize("length", range(1, 60))
def test_windows_cover_everything_once_and_are_even(length: int) -> None:
    for room in range(1, 20):
        places = windows(length, room)
        assert [i for start, stop in places for i in range(start, stop)] == list(range(length))
        sizes = {stop - start for start, stop in places}
        assert max(sizes) <= room
        assert max(sizes) - min(sizes) <= 1
        assert (len(places) - 1) * room < length, "as few as can be"


def test_a_prompt_that_leaves_no_room_is_an_error(model: Path) -> None:
    service = NativeEmbeddingService(model, on_overflow="chunk")
    with pytest.raises(EmbedError, match="prompt: expected an instruction that leaves room"):
        service.embed("a", prompt=LONG)


def test_the_catalogs_limit_holds_where_it_is_lower(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = replace(get_model("minilm"), max_tokens=5, dimensions=8)
    local = locate_model(model)
    monkeypatch.setattr("lattice_embed.native_service.find_model", lambda _: record)
    monkeypatch.setattr("lattice_embed.loaded_model.locate_model", lambda _: local)
    service = NativeEmbeddingService("any")
    assert service.max_tokens == 5
    assert [len(ids) for ids in service.tokenize([LONG, "a"])] == [5, 3]


# ---- shorter vectors and smaller numbers


def test_output_dim_keeps_the_first_numbers_and_the_length_of_one(model: Path) -> None:
    whole = NativeEmbeddingService(model).embed(["a", LONG]).astype(np.float64)
    service = NativeEmbeddingService(model, output_dim=3)
    wanted = whole[:, :3] / np.linalg.norm(whole[:, :3], axis=1, keepdims=True)
    np.testing.assert_allclose(service.embed(["a", LONG]), wanted, atol=1e-6)
    assert service.dimensions == 3
    assert service.embed("a").dtype == np.float32


def test_output_dim_without_normalize_is_only_cut(model: Path) -> None:
    do_not_normalize(model)
    whole = NativeEmbeddingService(model).embed(["a", LONG])
    short = NativeEmbeddingService(model, output_dim=3).embed(["a", LONG])
    np.testing.assert_allclose(short, whole[:, :3], atol=1e-6)


def do_not_normalize(model: Path) -> None:
    modules = json.loads((model / "modules.json").read_text())
    (model / "modules.json").write_text(json.dumps(modules[:2]))


@pytest.mark.parametrize("output_dim", [0, -1, 9, 2.0, "3", True])
def test_an_output_dim_that_cannot_be(model: Path, output_dim: Any) -> None:
    with pytest.raises(EmbedError, match="output_dim: expected an int from 1"):
        NativeEmbeddingService(model, output_dim=output_dim).load()


@pytest.mark.parametrize("name", [None, 3, b"minilm", ["minilm"]])
def test_a_model_is_a_name_or_a_path(name: Any) -> None:
    with pytest.raises(EmbedError, match="model: expected a name or a path"):
        NativeEmbeddingService(name)


@pytest.mark.parametrize("name", ["", "x" * 5000, "a\0b", "\udc00"])
def test_a_name_that_no_file_system_takes(name: str) -> None:
    service = NativeEmbeddingService(name)
    assert service.record is None


def test_the_catalog_knows_how_short_a_vector_may_be() -> None:
    with pytest.raises(EmbedError, match="from 32 to 1024"):
        NativeEmbeddingService("qwen3", output_dim=31)
    assert NativeEmbeddingService("qwen3", output_dim=32).dimensions == 32


def test_precisions(model: Path) -> None:
    whole = NativeEmbeddingService(model).embed(["a", "b"])
    int8 = NativeEmbeddingService(model, precision="int8").embed(["a", "b"])
    assert int8.dtype == np.int8
    assert int8.shape == (2, 8)
    cosines = (int8 * whole).sum(1) / np.linalg.norm(int8.astype(float), axis=1)
    assert cosines.min() > 0.9999
    bits = NativeEmbeddingService(model, precision="binary").embed("a")
    assert np.unpackbits(bits).tolist() == (whole[0] > 0).tolist()


def test_int8_needs_vectors_of_length_one(model: Path) -> None:
    do_not_normalize(model)
    service = NativeEmbeddingService(model, precision="int8")
    with pytest.raises(EmbedError, match="precision: expected 'int8' for a model whose vectors"):
        service.load()


def test_a_model_whose_encoder_has_a_folder_of_its_own(model: Path) -> None:
    wanted = NativeEmbeddingService(model).embed(["a", LONG])
    folder = model / "0_Transformer"
    folder.mkdir()
    for name in ("config.json", "tokenizer.json", "model.safetensors", "sentence_bert_config.json"):
        (model / name).rename(folder / name)
    modules = json.loads((model / "modules.json").read_text())
    modules[0]["path"] = folder.name
    (model / "modules.json").write_text(json.dumps(modules))
    np.testing.assert_array_equal(NativeEmbeddingService(model).embed(["a", LONG]), wanted)


def test_tokens_are_counted_as_they_are_embedded(model: Path) -> None:
    service = NativeEmbeddingService(model)
    for role in EmbeddingRole:
        counts = service.token_counts(["a", LONG, "a"], role=role)
        detailed = service.embed_detailed(["a", LONG, "a"], role=role)
        np.testing.assert_array_equal(counts, detailed.token_counts)
    assert service.token_counts(["a"], prompt="b c ").tolist() == [5]


@pytest.mark.parametrize("option", [{"on_overflow": "cut"}, {"precision": "int4"}])
def test_an_option_that_is_not_known_is_told_at_once(option: Any) -> None:
    with pytest.raises(EmbedError, match=r"'truncate' or 'chunk'|'int8' or 'binary'"):
        NativeEmbeddingService("minilm", **option)


# ---- one text, streams, awaiting


def test_embed_one(model: Path) -> None:
    service = NativeEmbeddingService(model)
    one = service.embed_one("why?", role=EmbeddingRole.PASSAGE)
    np.testing.assert_array_equal(one, service.embed_passage("why?"))
    with pytest.raises(TextError, match="text: expected a str, received list"):
        service.embed_one(["why?"])  # type: ignore[arg-type] # on purpose


def test_embed_iter_gives_one_vector_for_each_text_in_order(model: Path) -> None:
    service = NativeEmbeddingService(model)
    texts = [f"text {number % 7}" for number in range(50)]
    vectors = list(service.embed_iter(iter(texts), role=EmbeddingRole.QUERY, batch_size=8))
    np.testing.assert_allclose(vectors, service.embed_query(texts), atol=1e-6)
    assert list(service.embed_iter([])) == []


def test_embed_iter_reads_no_further_than_it_must(model: Path) -> None:
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield f"text {read}"

    vectors = NativeEmbeddingService(model).embed_iter(endless(), batch_size=4)
    assert read == 0
    for wanted in (4, 4, 4, 4, 8):
        next(vectors)
        assert read == wanted


def test_a_vector_that_is_kept_does_not_keep_its_batch(model: Path) -> None:
    """Who takes every hundredth vector of a corpus must not hold the whole of it."""
    vectors = NativeEmbeddingService(model).embed_iter(["a", "b", "c"])
    assert all(vector.base is None and vector.flags.writeable for vector in vectors)


def test_embed_iter_that_is_left_early_lets_go_of_its_texts(model: Path) -> None:
    ended = []

    def texts() -> Iterator[str]:
        try:
            while True:
                yield "text"
        finally:
            ended.append(True)

    service = NativeEmbeddingService(model)
    for _ in service.embed_iter(texts(), batch_size=4):
        break
    assert ended == [True]


def test_embed_iter_tells_mistakes_at_once_or_by_their_place(model: Path) -> None:
    service = NativeEmbeddingService(model)
    with pytest.raises(TextError, match=r"Write \[text\]"):
        service.embed_iter("one string")
    with pytest.raises(TextError, match="an iterable of str"):
        service.embed_iter(None)  # type: ignore[arg-type] # on purpose
    for size in (0, -1, 2.0, True):
        with pytest.raises(EmbedError, match="batch_size"):
            service.embed_iter(["a"], batch_size=size)  # type: ignore[arg-type] # on purpose
    texts: Any = ["a"] * 9 + [None]
    received: list[Vectors] = []
    with pytest.raises(TextError, match=r"texts\[9\]: expected a str, received NoneType"):
        received.extend(service.embed_iter(texts, batch_size=4))


def test_awaiting_works_off_the_event_loop(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []
    encode = SentenceEncoder.encode

    def record(self: SentenceEncoder, *arguments: Any, **options: Any) -> Any:
        threads.append(threading.current_thread())
        return encode(self, *arguments, **options)

    monkeypatch.setattr(SentenceEncoder, "encode", record)
    service = NativeEmbeddingService(model)

    async def ask() -> list[Vectors]:
        return list(
            await asyncio.gather(
                service.aembed("why?"),
                service.aembed_query(["why?"]),
                service.aembed_passage("why?"),
                service.aembed_one("why?", prompt="ask: "),
            )
        )

    generic, query, passage, one = asyncio.run(ask())
    assert len(threads) == 4
    assert threading.main_thread() not in threads
    np.testing.assert_array_equal(generic, service.embed("why?"))
    np.testing.assert_array_equal(query, service.embed_query(["why?"]))
    np.testing.assert_array_equal(passage, service.embed_passage("why?"))
    np.testing.assert_array_equal(one, query[0])


def test_a_service_of_ones_own_needs_two_methods() -> None:
    class Lengths(EmbeddingService):
        @property
        def dimensions(self) -> int:
            return 1

        def embed_texts(
            self, texts: Any, *, role: Any = EmbeddingRole.GENERIC, prompt: str | None = None
        ) -> Vectors:
            return np.array([[len((prompt or role.value) + text)] for text in texts], np.float32)

    service = Lengths()
    assert service.embed("ab").tolist() == [9]
    assert service.embed_query(["ab", "c"]).tolist() == [[7], [6]]
    assert [vector.tolist() for vector in service.embed_iter(["a", "bc"], prompt="x")] == [[2], [3]]
    assert asyncio.run(service.aembed_passage("a", prompt="xy")).tolist() == [3]


# ---- loading


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each time that weights are read."""
    seen: list[str] = []
    original = SentenceEncoder.from_pretrained

    def from_pretrained(path: Any, **options: Any) -> SentenceEncoder:
        seen.append(str(path))
        threading.Event().wait(0.05)  # so that another thread could come between
        return original(path, **options)

    monkeypatch.setattr(SentenceEncoder, "from_pretrained", from_pretrained)
    return seen


def test_nothing_is_read_before_it_is_needed(model: Path, loads: list[str]) -> None:
    service = NativeEmbeddingService(model)
    assert service.model_name == "tiny-model"
    assert NativeEmbeddingService("MiniLM").dimensions == 384
    assert loads == []
    assert service.dimensions == 8
    assert len(loads) == 1


def test_kernels_are_those_that_were_asked_for(model: Path) -> None:
    texts = ["one text", "and another"]
    plain = NativeEmbeddingService(model, kernels="numpy").embed(texts)
    assert np.array_equal(NativeEmbeddingService(model).embed(texts), plain)
    with pytest.raises(EmbedError, match=r"^kernels: expected 'auto' or 'numpy' or 'compiled'"):
        NativeEmbeddingService(model, kernels="gpu")  # type: ignore[arg-type]  # wrong on purpose
    fast = NativeEmbeddingService(model, kernels="compiled")
    if compiled_kernels() is None:
        with pytest.raises(InputError, match=r"^kernels: expected 'auto' or 'numpy'"):
            fast.embed(texts)
    else:
        vectors = fast.embed(texts)
        assert np.abs(vectors - plain).max() < 1e-6
        assert not np.array_equal(vectors, plain)


def test_threads_load_once(model: Path, loads: list[str]) -> None:
    service = NativeEmbeddingService(model)
    start = threading.Barrier(6)
    results: list[Vectors] = []

    def work() -> None:
        start.wait()
        results.append(service.embed("a text"))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    assert len({result.tobytes() for result in results}) == 1
    assert len(results) == 6


def test_a_load_that_failed_can_be_tried_again(model: Path) -> None:
    config = (model / "config.json").read_bytes()
    (model / "config.json").unlink()
    service = NativeEmbeddingService(model)
    for _ in range(2):
        with pytest.raises(ModelFilesError):
            service.embed("a")
    (model / "config.json").write_bytes(config)
    assert service.embed("a").shape == (8,)
