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


def test_generic_texts_have_no_instruction_unless_it_is_told() -> None:
    instructions = Instructions(query="q: ", passage="p: ")
    said = [instructions.of(role) for role in EmbeddingRole]
    assert said == ["", "q: ", "p: "]


@pytest.mark.parametrize(
    ("content", "generic", "query", "passage"),
    [
        ({"prompts": {"query": "q: ", "document": "d: "}}, "", "q: ", "d: "),
        ({"prompts": {"query": "q: ", "passage": "p: ", "document": "d: "}}, "", "q: ", "d: "),
        ({"prompts": {"query": "q: ", "passage": "p: ", "document": ""}}, "", "q: ", ""),
        ({"prompts": {"query": None, "document": "d: "}}, "", "", "d: "),
        ({"prompts": {"query": "q: "}, "default_prompt_name": "query"}, "q: ", "q: ", ""),
        ({"prompts": {"other": "o: "}, "default_prompt_name": "other"}, "o: ", "", ""),
        ({"prompts": {}, "default_prompt_name": None}, "", "", ""),
    ],
)
def test_prompts_are_those_of_sentence_transformers(
    tmp_path: Path, content: object, generic: str, query: str, passage: str
) -> None:
    """What `encode`, `encode_query` and `encode_document` of version 6.2.0 put before a text."""
    assert read_instructions(write(tmp_path, content)) == Instructions(query, passage, generic)


@pytest.mark.parametrize("name", ["passage", "document", "corpus"])
def test_all_usual_names_of_the_passage_prompt(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"prompts": {"query": "q: ", name: "p: "}})
    assert read_instructions(tmp_path) == Instructions("q: ", "p: ")


@pytest.mark.parametrize("content", [{}, {"prompts": {}}])
def test_no_prompts_mean_no_instructions(tmp_path: Path, content: object) -> None:
    assert read_instructions(write(tmp_path, content)) == Instructions()


def test_no_file_means_no_instructions(tmp_path: Path) -> None:
    assert read_instructions(tmp_path) == Instructions()


@pytest.mark.parametrize(
    "content",
    [
        "{",
        [],
        {"prompts": 3},
        {"prompts": None},
        {"prompts": {"query": 3}},
        {"prompts": {"a": "a: "}, "default_prompt_name": "none"},
        {"default_prompt_name": ["query"]},
    ],
)
def test_a_malformed_file_is_named(tmp_path: Path, content: object) -> None:
    with pytest.raises(EmbedError, match=r"config_sentence_transformers\.json"):
        read_instructions(write(tmp_path, content))
