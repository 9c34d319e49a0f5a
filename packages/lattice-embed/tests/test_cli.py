"""The command line, as a user types it."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from lattice_embed import NativeEmbeddingService
from lattice_embed.cli import is_closed_pipe, main

EXIT_MISTAKE, EXIT_USAGE = 1, 2


def run(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


def test_embed_prints_a_json_line_per_text(model: Path) -> None:
    result = run("embed", "one", "two\u2028lines", "--model", model)
    lines = [json.loads(line) for line in result.stdout.split("\n")[:-1]]
    assert [line["text"] for line in lines] == ["one", "two\u2028lines"]
    vectors = np.array([line["embedding"] for line in lines], np.float32)
    expected = NativeEmbeddingService(model).embed(["one", "two\u2028lines"])
    np.testing.assert_array_equal(vectors, expected)  # float32 survives its spelling


@pytest.mark.parametrize("content", ["a\n\nb", "a\n\nb\n", "a\r\n\r\nb\r\n"])
def test_every_line_of_a_file_or_of_standard_input_is_a_row(
    model: Path, tmp_path: Path, content: str
) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_bytes(content.encode())
    expected = NativeEmbeddingService(model).embed(["a", "", "b"])
    inputs: list[tuple[list[str], str | None]]
    inputs = [(["--file", str(lines)], None), (["--file", "-"], content), ([], content)]
    for arguments, stdin in inputs:
        output = tmp_path / "vectors.npy"
        result = run("embed", *arguments, "-o", output, "--model", model, stdin=stdin)
        assert result.exit_code == 0, result.output
        np.testing.assert_array_equal(np.load(output), expected)
        assert "3 vectors of 8 numbers" in result.stderr


def test_the_role_decides_the_instruction(model: Path) -> None:
    result = run("embed", "why", "--role", "query", "--model", model)
    expected = NativeEmbeddingService(model).embed_query("why")
    received = np.array(json.loads(result.stdout)["embedding"], np.float32)
    np.testing.assert_allclose(received, expected, atol=1e-6)


def test_output_is_written_whole_or_not_at_all(model: Path, tmp_path: Path) -> None:
    output = tmp_path / "none" / "vectors.npy"
    result = run("embed", "a", "-o", output, "--model", model)
    assert result.exit_code == EXIT_MISTAKE
    assert str(output) in result.stderr
    assert list(tmp_path.glob("**/.vectors*")) == []


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "told"),
    [
        (["embed", "a", "--file", "-"], "b", EXIT_USAGE, "not both"),
        (["embed", "a", "-o", "v.txt"], None, EXIT_USAGE, ".npy, .parquet"),
        (["embed"], "", EXIT_MISTAKE, "at least one text"),
        (["embed"], b"\xff\xfe", EXIT_MISTAKE, "UTF-8"),
        (["embed", "a", "--file", "none.txt"], None, EXIT_USAGE, "none.txt"),
        (["search", "q", "none.txt"], None, EXIT_USAGE, "none.txt"),
        (["search", "q"], None, EXIT_USAGE, "FILES"),
        (["pull", "all-minilm"[:-1]], None, EXIT_MISTAKE, "Did you mean all-minilm-l6-v2"),
        (["embed", "a", "--model", "./none"], None, EXIT_MISTAKE, "nothing at this path"),
        (["nonsense"], None, EXIT_USAGE, "nonsense"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    arguments: list[str], stdin: str | bytes | None, code: int, told: str
) -> None:
    result = run(*arguments, stdin=stdin)
    assert result.exit_code == code, result.output
    assert told in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["pull", "some-owner/some-name"],
        ["pull", "a-name-that-nobody-has-given"],
        ["embed", "a", "-o", "a-file-without-an-ending-that-would-say-its-format"],
        ["info", "."],
        ["embed", "a", "--role", "a-role-that-there-is-not"],
    ],
)
def test_a_mistake_fits_a_terminal_of_80_columns(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LATTICE_MODEL_DIR", "models")
    in_a_log = run(*arguments)
    assert max(map(len, in_a_log.stderr.splitlines())) > 80
    monkeypatch.setattr("lattice_embed.cli.mistakes._terminal_columns", lambda: 80)
    on_a_terminal = run(*arguments)
    assert max(map(len, on_a_terminal.stderr.splitlines())) <= 80
    assert on_a_terminal.stderr.split() == in_a_log.stderr.split()
    assert on_a_terminal.exit_code == in_a_log.exit_code != 0


def test_search_ranks_passages_and_says_where_they_are(model: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("# title\n\nfirst line\nsecond line\n\n---\n\nlast\n", encoding="utf-8")
    result = run("search", "ask: last", notes, "--model", model, "--json", "--top", "9")
    hits = [json.loads(line) for line in result.stdout.splitlines()]
    assert {(hit["line"], hit["text"]) for hit in hits} == {
        (1, "# title"),
        (3, "first line second line"),
        (8, "last"),
    }
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)
    service = NativeEmbeddingService(model, on_overflow="chunk")
    for hit in hits:
        expected = service.embed_passage(hit["text"]) @ service.embed_query("ask: last")
        assert hit["score"] == pytest.approx(float(expected), abs=1e-5)


def test_search_by_line(model: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("first\nsecond\n", encoding="utf-8")
    result = run("search", "q", notes, "--model", model, "--by", "line", "--json")
    assert {json.loads(line)["line"] for line in result.stdout.splitlines()} == {1, 2}


def test_search_counts_lines_as_an_editor_does(model: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    # a mark of Windows at the beginning; a form feed and U+2028 within lines
    notes.write_bytes("\ufefffirst\r\na \x0c b\u2028c\r\nthird\r\n".encode())
    result = run("search", "q", notes, "--model", model, "--by", "line", "--json")
    hits = [json.loads(line) for line in result.stdout.split("\n")[:-1]]
    assert {hit["line"]: hit["text"] for hit in hits} == {
        1: "first",
        2: "a \x0c b\u2028c",
        3: "third",
    }


def test_a_passage_cannot_command_the_terminal(model: Path, tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text("a\tb \x1b]0;title\x07 c", encoding="utf-8")
    shown = run("search", "q", tmp_path / "n.txt", "--model", model).stdout
    assert "a b \\x1b]0;title\\x07 c\n" in shown
    assert "\x1b" not in shown


def test_search_fits_a_terminal_of_80_columns(model: Path, tmp_path: Path) -> None:
    notes = tmp_path / "n.txt"
    notes.write_text("word " * 500, encoding="utf-8")
    result = run("search", "q", notes, "--model", model)
    body = [line for line in result.stdout.splitlines() if line.startswith("       ")]
    assert len(body) == 4
    assert max(map(len, body)) < 80
    assert body[-1].endswith(" ...")


def test_letters_that_are_two_columns_wide_fit_a_terminal_too(model: Path, tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text("語" * 200 + " word", encoding="utf-8")
    shown = run("search", "q", tmp_path / "n.txt", "--model", model).stdout.splitlines()[1:]
    assert [line.strip() for line in shown[:3]] == ["語" * 36] * 3
    assert shown[3].strip() == "語" * 34 + " ..."
    assert len(shown) == 4


def test_one_vector_is_told_as_one(model: Path, tmp_path: Path) -> None:
    assert "1 vector of 8" in run("embed", "a", "-o", tmp_path / "v.npy", "--model", model).stderr


def test_search_reads_all_of_a_long_passage(model: Path, tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text("a b c d e f g h " * 10, encoding="utf-8")
    (hit,) = run("search", "q", tmp_path / "n.txt", "--model", model, "--json").stdout.splitlines()
    service = NativeEmbeddingService(model, on_overflow="chunk")
    text = json.loads(hit)["text"]
    expected = float(service.embed_passage(text) @ service.embed_query("q"))
    assert json.loads(hit)["score"] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("command", ["embed", "similarity", "tokenize", "search"])
def test_letters_that_the_terminal_cannot_write(model: Path, tmp_path: Path, command: str) -> None:
    (tmp_path / "n.txt").write_text("語 naïve …", encoding="utf-8")
    arguments = ["語", str(tmp_path / "n.txt") if command == "search" else "naïve …"]
    outcome = subprocess.run(
        [sys.executable, "-m", "lattice_embed", command, *arguments, "--model", str(model)],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (outcome.returncode, outcome.stderr) == (0, b"")
    if command == "embed":
        assert json.loads(outcome.stdout.splitlines()[0])["text"] == "語"


@pytest.mark.parametrize("no_color", [None, "", "1"])
def test_no_color_is_obeyed(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_color: str | None
) -> None:
    (tmp_path / "n.txt").write_text("a text", encoding="utf-8")
    arguments = ["search", "q", str(tmp_path / "n.txt"), "--model", str(model)]
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    # as if it were a terminal
    stdout = CliRunner().invoke(main, arguments, color=True).stdout
    assert ("\x1b[" in stdout) == (not no_color)


def test_search_in_empty_files(model: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n\n---\n", encoding="utf-8")
    result = run("search", "q", tmp_path / "empty.txt", "--model", model)
    assert result.exit_code == EXIT_MISTAKE
    assert "no text to search" in result.stderr


def test_models_lists_the_catalog_within_80_columns() -> None:
    lines = run("models").stdout.splitlines()
    assert sum("all-minilm-l6-v2 *" in line for line in lines) == 1
    assert max(map(len, lines)) <= 80


def test_pull_prints_the_directory(model: Path) -> None:
    assert run("pull", model).stdout.strip() == str(model)


def test_a_reader_that_stops_early_is_no_error(model: Path) -> None:
    command = f'"{sys.executable}" -m lattice_embed embed --model "{model}" | head -c 10'
    lines = "some text\n" * 5000
    outcome = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        input=lines,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.stdout == '{"text": "'
    assert outcome.stderr == ""
    assert outcome.returncode == 0


def test_windows_calls_the_pipe_of_a_reader_that_stopped_an_invalid_argument(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    errors = (OSError(errno.EINVAL, ""), OSError(errno.EINVAL, "", "a file"), BrokenPipeError())
    for name, expected in (("posix", [False, False, True]), ("nt", [True, False, True])):
        with monkeypatch.context() as system:
            system.setattr("os.name", name)
            received = [is_closed_pipe(error) for error in errors]
        assert received == expected


def test_help_teaches_with_examples() -> None:
    for command in ([], *([name] for name in main.commands)):
        told = run(*command, "--help").stdout
        assert re.search(r"^ +lattice-embed \w", told, re.M), told
        assert "..." not in told.partition("Commands:")[2], "short enough for the list"
        assert max(map(len, told.splitlines())) <= 80
