"""The catalog's facts and names."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from lattice_embed import MODELS, EmbedError, UnknownModelError, get_model


@pytest.mark.parametrize(
    ("name", "hub_id"),
    [
        ("all-minilm-l6-v2", "sentence-transformers/all-MiniLM-L6-v2"),
        ("MiniLM", "sentence-transformers/all-MiniLM-L6-v2"),
        ("baai/BGE-small-en-v1.5", "BAAI/bge-small-en-v1.5"),
        ("bge-small", "BAAI/bge-small-en-v1.5"),
        ("e5-small", "intfloat/multilingual-e5-small"),
        ("qwen3", "Qwen/Qwen3-Embedding-0.6B"),
    ],
)
def test_names_aliases_and_hub_ids_in_any_case(name: str, hub_id: str) -> None:
    assert get_model(name).hub_id == hub_id


def test_bge_has_a_query_instruction_and_no_passage_instruction() -> None:
    """F8"""
    for size in ("small", "base", "large"):
        record = get_model(f"bge-{size}")
        wanted = "Represent this sentence for searching relevant passages: "
        assert (record.query_instruction, record.passage_instruction) == (wanted, "")
        assert record.pooling == "cls"


def test_e5_has_both_and_minilm_none() -> None:
    e5, minilm = get_model("e5-base"), get_model("minilm")
    assert (e5.query_instruction, e5.passage_instruction) == ("query: ", "passage: ")
    assert (minilm.query_instruction, minilm.passage_instruction) == ("", "")


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("all-minilm-l6-v2", (384, 256, "mean", "v2", None)),
        ("bge-small-en-v1.5", (384, 512, "cls", "v1.5", None)),
        ("bge-base-en-v1.5", (768, 512, "cls", "v1.5", None)),
        ("bge-large-en-v1.5", (1024, 512, "cls", "v1.5", None)),
        ("multilingual-e5-small", (384, 512, "mean", "v1.5", None)),
        ("multilingual-e5-base", (768, 512, "mean", "v1.5", None)),
        ("paraphrase-multilingual-minilm-l12-v2", (384, 128, "mean", "v2", None)),
        ("qwen3-embedding-0.6b", (1024, 8192, "lasttoken", "v3", 32)),
        ("qwen3-embedding-4b", (2560, 8192, "lasttoken", "v3", 32)),
    ],
)
def test_the_facts_of_the_model_cards(name: str, facts: tuple[object, ...]) -> None:
    r = get_model(name)
    assert (r.dimensions, r.max_tokens, r.pooling, r.key_version, r.min_output_dim) == facts


def test_qwen3_has_a_query_instruction_of_two_lines() -> None:
    wanted = (
        "Instruct: Given a web search query, retrieve relevant passages that answer the query\n"
        "Query: "
    )
    for name in ("qwen3", "qwen3-4b"):
        record = get_model(name)
        assert (record.query_instruction, record.passage_instruction) == (wanted, "")


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        get_model("minilm").dimensions = 3  # type: ignore[misc] # on purpose


def test_no_name_stands_for_two_models() -> None:
    names = [n.lower() for r in MODELS for n in {r.name, r.hub_id.lower(), *r.aliases}]
    assert len(names) == len(set(names))


def test_an_unknown_name_lists_the_near_ones() -> None:
    with pytest.raises(UnknownModelError, match=r"Did you mean bge-small-en-v1\.5") as caught:
        get_model("bge-smal")
    assert caught.value.field == "model"
    assert caught.value.received == "'bge-smal'"


def test_a_name_like_nothing_points_to_the_list() -> None:
    with pytest.raises(UnknownModelError, match="lattice-embed models"):
        get_model("%%%%")


@pytest.mark.parametrize("name", [None, 5, b"minilm", ["minilm"], Path("minilm")])
def test_what_is_no_name(name: Any) -> None:
    with pytest.raises(EmbedError, match=f"model: expected a name, received {type(name).__name__}"):
        get_model(name)


def test_records_are_well_formed() -> None:
    assert len({record.name for record in MODELS}) == len(MODELS) == 9
    for record in MODELS:
        assert record.name == record.name.lower()
        assert record.hub_id.count("/") == 1
        assert record.sha256 is None or re.fullmatch("[0-9a-f]{64}", record.sha256)
        assert re.fullmatch("[0-9a-f]{40}", record.revision), "a commit: main may change"
        for file in record.files:
            assert re.fullmatch("[0-9a-f]{64}", file.sha256)
            assert file.size_bytes > 0
            assert file.sources, "another place than the hub"
            if file.path == "model.safetensors":
                assert file.sha256 == record.sha256
