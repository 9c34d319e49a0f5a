"""Which instruction goes before a text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lattice_embed import EmbeddingRole, EmbedError
from lattice_embed.role import Instructions, read_instructions


def write(directory: Path, content: object) -> Path:
    path = directory / "config_sentence_transformers.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return directory


def test_generic_texts_have_no_instruction() -> None:
    instructions = Instructions(query="q: ", passage="p: ")
    said = [instructions.of(role) for role in EmbeddingRole]
    assert said == ["", "q: ", "p: "]


@pytest.mark.parametrize("name", ["passage", "document"])
def test_both_usual_names_of_the_passage_prompt(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"prompts": {"query": "q: ", name: "p: "}})
    assert read_instructions(tmp_path) == Instructions("q: ", "p: ")


@pytest.mark.parametrize("content", [{}, {"prompts": {}}])
def test_no_prompts_mean_no_instructions(tmp_path: Path, content: object) -> None:
    assert read_instructions(write(tmp_path, content)) == Instructions()


def test_no_file_means_no_instructions(tmp_path: Path) -> None:
    assert read_instructions(tmp_path) == Instructions()


@pytest.mark.parametrize("content", ["{", [], {"prompts": 3}, {"prompts": {"query": 3}}])
def test_a_malformed_file_is_named(tmp_path: Path, content: object) -> None:
    with pytest.raises(EmbedError, match=r"config_sentence_transformers\.json"):
        read_instructions(write(tmp_path, content))
