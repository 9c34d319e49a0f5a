"""Texts all the way to vectors, with a model small enough to be made here."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lattice_embed import EmbeddingRole, EmbedError, NativeEmbeddingService, TextsError
from lattice_models import (
    ModelError,
    ModelFilesError,
    PickleRefusedError,
    SentenceEncoder,
    WeightsError,
)
from lattice_tokenize import TextError, Tokenizer, TokenizerFileError

TEXTS = ["a lattice", "the same text", "", "x" * 300, "Ärger, naïve!"]


def test_a_list_gives_rows_and_a_string_gives_one_vector(model: Path) -> None:
    service = NativeEmbeddingService(model)
    vectors = service.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), service.dimensions)
    assert vectors.dtype == np.float32
    for text, vector in zip(TEXTS, vectors, strict=True):
        np.testing.assert_allclose(service.embed(text), vector, atol=1e-6)


def test_the_encoder_is_fed_what_tokenize_returns(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F6: the ids are recorded at the model's door."""
    fed: list[list[int]] = []
    encode = SentenceEncoder.encode

    def record(
        self: SentenceEncoder, ids: np.ndarray, cu_seqlens: np.ndarray, **options: Any
    ) -> np.ndarray:
        fed.extend(ids[a:b].tolist() for a, b in itertools.pairwise(cu_seqlens))
        return encode(self, ids, cu_seqlens, **options)

    monkeypatch.setattr(SentenceEncoder, "encode", record)
    service = NativeEmbeddingService(model)
    calls = {
        EmbeddingRole.GENERIC: service.embed,
        EmbeddingRole.QUERY: service.embed_query,
        EmbeddingRole.PASSAGE: service.embed_passage,
    }
    for role, call in calls.items():
        fed.clear()
        call(TEXTS)
        assert fed == [ids.tolist() for ids in service.tokenize(TEXTS, role=role)]


def test_an_instruction_is_a_prefix_of_the_text(model: Path) -> None:
    service = NativeEmbeddingService(model)
    plain = Tokenizer.from_pretrained(model)
    for role, prefix in [(EmbeddingRole.QUERY, "ask: "), (EmbeddingRole.PASSAGE, "say: ")]:
        (ids,) = service.tokenize(["why?"], role=role)
        assert ids.tolist() == plain.encode(f"{prefix}why?").ids
    np.testing.assert_array_equal(service.embed_query("why?"), service.embed("ask: why?"))
    assert np.abs(service.embed_query("why?") - service.embed_passage("why?")).max() > 1e-3


def test_over_long_texts_are_cut_to_max_tokens(model: Path) -> None:
    service = NativeEmbeddingService(model)
    (ids,) = service.tokenize(["a b c d " * 20])
    assert len(ids) == service.max_tokens == 20
    assert ids[-1] == 3, "the separator is kept"


def test_vectors_are_normalised_as_modules_json_says(model: Path) -> None:
    lengths = np.linalg.norm(NativeEmbeddingService(model).embed(TEXTS), axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-6)
    modules = json.loads((model / "modules.json").read_text())
    (model / "modules.json").write_text(json.dumps(modules[:2]))
    lengths = np.linalg.norm(NativeEmbeddingService(model).embed(TEXTS), axis=1)
    assert np.abs(lengths - 1).max() > 0.1


@pytest.mark.parametrize("texts", [[], ()])
def test_no_texts_are_an_error(model: Path, texts: list[str]) -> None:
    with pytest.raises(TextsError, match="at least one text"):
        NativeEmbeddingService(model).embed(texts)


@pytest.mark.parametrize("bad", [None, 3, b"bytes", ["nested"]])
@pytest.mark.parametrize("role", ["embed", "embed_query"])
def test_what_is_no_text_is_named_by_its_place(model: Path, role: str, bad: object) -> None:
    with pytest.raises(TextError, match=r"texts\[1\]: expected a str") as caught:
        getattr(NativeEmbeddingService(model), role)(["fine", bad])
    assert caught.value.received == type(bad).__name__


def test_a_lone_surrogate_is_named_by_its_place(model: Path) -> None:
    with pytest.raises(TextError, match=r"texts\[0\].*U\+D800 at index 2"):
        NativeEmbeddingService(model).embed(["ab\ud800c"])


def test_one_string_is_no_list_for_tokenize(model: Path) -> None:
    with pytest.raises(TextError, match=r"Write \[text\]"):
        NativeEmbeddingService(model).tokenize("one string")


def test_a_missing_directory(tmp_path: Path) -> None:
    for name in (tmp_path / "none", str(tmp_path / "none"), "./none"):
        with pytest.raises(EmbedError, match="nothing at this path"):
            NativeEmbeddingService(name).load()


def test_a_file_is_no_directory(model: Path) -> None:
    with pytest.raises(EmbedError, match="a file"):
        NativeEmbeddingService(model / "config.json").load()


def test_a_directory_without_config(model: Path) -> None:
    (model / "config.json").unlink()
    with pytest.raises(ModelFilesError, match=r"config\.json"):
        NativeEmbeddingService(model).load()


def test_a_directory_without_tokenizer(model: Path) -> None:
    (model / "tokenizer.json").unlink()
    with pytest.raises(TokenizerFileError, match=r"tokenizer\.json"):
        NativeEmbeddingService(model).load()


def test_truncated_weights(model: Path) -> None:
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    with pytest.raises(ModelFilesError, match=r"model\.safetensors.*cut off or changed"):
        NativeEmbeddingService(model).load()


@pytest.mark.parametrize("byte", [0, 7, 8, 9, 40])
def test_weights_with_a_flipped_bit_in_the_header(model: Path, byte: int) -> None:
    weights = model / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[byte] ^= 0x40
    weights.write_bytes(content)
    with pytest.raises(ModelError):
        NativeEmbeddingService(model).load()


def test_weights_that_give_nan(model: Path) -> None:
    weights = model / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-4:] = np.float32(np.nan).tobytes()
    weights.write_bytes(content)
    with pytest.raises(WeightsError, match="NaN"):
        NativeEmbeddingService(model).embed("any")


def test_a_pickle_is_refused_and_never_opened(model: Path) -> None:
    (model / "model.safetensors").unlink()
    trap = b"cos\nsystem\n(S'touch " + str(model / "ran").encode() + b"'\ntR."
    (model / "pytorch_model.bin").write_bytes(trap)
    with pytest.raises(PickleRefusedError, match=r"pytorch_model\.bin"):
        NativeEmbeddingService(model).load()
    assert not (model / "ran").exists()
