"""`embed` and `search` keep vectors, and use those that earlier runs kept."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lattice_embed import EmbeddingRole, Embeddings, NativeEmbeddingService, VectorCache
from lattice_embed.cache_upkeep import read_statistics
from lattice_embed.cli import main
from lattice_embed.vector_cache import default_cache_path

LONG = " ".join("abcdefghijklmnopqrstuvwxyz")


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


def kept() -> int:
    path = default_cache_path()
    return read_statistics(path).rows if path.exists() else 0


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that a model is asked for."""
    texts: list[str] = []
    embed = NativeEmbeddingService._embed_checked

    def watched(
        service: NativeEmbeddingService, given: list[str], role: EmbeddingRole, prompt: str | None
    ) -> Embeddings:
        texts.extend(given)
        return embed(service, given, role, prompt)

    monkeypatch.setattr(NativeEmbeddingService, "_embed_checked", watched)
    return texts


def test_embed_computes_a_text_once(model: Path, encoded: list[str]) -> None:
    first = run("embed", "one", "two", "--model", model)
    again = run("embed", "two", "three", "one", "--model", model)
    assert encoded == ["one", "two", "three"]
    lines = again.stdout.splitlines()
    assert [lines[2], lines[0]] == first.stdout.splitlines()
    assert kept() == 3


@pytest.mark.parametrize("ending", [".npy", ".jsonl"])
def test_a_file_from_the_cache_is_the_same_file(model: Path, tmp_path: Path, ending: str) -> None:
    texts = tmp_path / "in.txt"
    texts.write_text("".join(f"line {number}\n" for number in range(300)))
    contents = []
    for number, options in enumerate(((), (), ("--no-cache",))):
        output = tmp_path / f"out{number}{ending}"
        run("embed", "-f", texts, "-o", output, "--model", model, *options)
        contents.append(output.read_bytes())
    assert contents[0] == contents[1] == contents[2]


def test_roles_and_ways_with_long_texts_are_kept_apart(model: Path, encoded: list[str]) -> None:
    for options in ((), ("--role", "query"), ("--on-overflow", "chunk"), ("--output-dim", "4")):
        for _ in range(2):
            run("embed", LONG, "--model", model, *options)
    assert encoded == [LONG] * 4


def test_what_was_cut_is_told_whether_or_not_it_is_computed(
    model: Path, encoded: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    told = [run("embed", LONG, "short", "--model", model).stderr for _ in range(2)]
    assert encoded == [LONG, "short"]
    assert told[0] == told[1]
    assert "1 of 2 texts have more than 20 tokens and were cut" in told[0]
    assert caplog.text == "", "and not twice"


def test_without_the_cache_nothing_is_kept_or_taken(model: Path, encoded: list[str]) -> None:
    for _ in range(2):
        run("embed", "one", "--no-cache", "--model", model)
    assert encoded == ["one", "one"]
    assert not default_cache_path().exists()


def test_a_search_embeds_a_file_once(model: Path, tmp_path: Path, encoded: list[str]) -> None:
    (tmp_path / "notes.txt").write_text("the first\n\nthe second\n")
    arguments = ("search", "first?", tmp_path / "notes.txt", "--model", model, "--json")
    first, again = run(*arguments).stdout, run(*arguments).stdout
    assert first == again
    assert {json.loads(line)["text"] for line in first.splitlines()} == {"the first", "the second"}
    assert encoded == ["first?", "the first", "the second"]
    assert run(*arguments, "--no-cache").stdout == first
    assert len(encoded) == 6


def test_one_run_does_not_flood_the_cache(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lattice_embed.cli.cached.MOST_ADDED", 300)
    texts = tmp_path / "in.txt"
    texts.write_text("".join(f"line {number}\n" for number in range(1000)))
    arguments = ("embed", "-f", texts, "--model", model)
    run(*arguments, "-o", tmp_path / "a.npy")
    assert kept() == 256, "whole batches of 128"
    run(*arguments, "-o", tmp_path / "b.npy")
    assert kept() == 512, "what is there does not count"
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


def test_a_cache_that_cannot_be_used_is_told_and_the_command_goes_on(model: Path) -> None:
    default_cache_path().parent.mkdir(parents=True)
    default_cache_path().write_bytes(b"no database " * 1000)
    assert json.loads(run("embed", "one", "--model", model).stdout)["text"] == "one"
    assert [p.name for p in default_cache_path().parent.glob("*.damaged-*")] != []
    with VectorCache() as cache:
        assert cache.path == default_cache_path()
    assert kept() == 1


def test_help_tells_of_it() -> None:
    for command in ("embed", "search"):
        assert re.search(r"--cache / --no-cache", run(command, "--help").stdout)
