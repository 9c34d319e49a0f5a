"""The catalog's facts and names."""

from __future__ import annotations

import re

import pytest
from lattice_embed import MODELS, UnknownModelError, get_model


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


def test_an_unknown_name_lists_the_near_ones() -> None:
    with pytest.raises(UnknownModelError, match=r"Did you mean bge-small-en-v1\.5") as caught:
        get_model("bge-smal")
    assert caught.value.field == "model"
    assert caught.value.received == "'bge-smal'"


def test_a_name_like_nothing_points_to_the_list() -> None:
    with pytest.raises(UnknownModelError, match="lattice-embed models"):
        get_model("%%%%")


def test_records_are_well_formed() -> None:
    assert len({record.name for record in MODELS}) == len(MODELS) == 9
    for record in MODELS:
        assert record.name == record.name.lower()
        assert record.hub_id.count("/") == 1
        assert record.sha256 is None or re.fullmatch("[0-9a-f]{64}", record.sha256)
        assert record.revision == "main" or re.fullmatch("[0-9a-f]{40}", record.revision)
        for file in record.files:
            assert re.fullmatch("[0-9a-f]{64}", file.sha256)
            assert file.size_bytes > 0
            assert len(file.sources) >= 2, "the hub and another place"
            if file.path == "model.safetensors":
                assert file.sha256 == record.sha256
