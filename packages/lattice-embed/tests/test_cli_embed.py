"""`embed`: where texts come from, what is written, and what is left when it is stopped."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from filelock import FileLock
from lattice_embed import NativeEmbeddingService
from lattice_embed.cli import main

pyarrow: Any = import_module("pyarrow")  # has no types
parquet: Any = import_module("pyarrow.parquet")

EXIT_MISTAKE, EXIT_INTERRUPTED = 1, 130
TEXTS = ["a b", "", 'x, "y"\nz', "the same", "the same", "Ärger \u2028 naïve"]


def run(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


def vectors_of(path: Path) -> np.ndarray:
    if path.suffix == ".npy":
        vectors: np.ndarray = np.load(path)
        return vectors
    if path.suffix == ".parquet":
        return np.array(parquet.read_table(path)["embedding"].to_pylist(), np.float32)
    lines = path.read_text("utf-8").split("\n")[:-1]
    return np.array([json.loads(line)["embedding"] for line in lines], np.float32)


def texts_of(path: Path) -> list[str]:
    if path.suffix == ".parquet":
        texts: list[str] = parquet.read_table(path)["text"].to_pylist()
        return texts
    return [json.loads(line)["text"] for line in path.read_text("utf-8").split("\n")[:-1]]


def write_table(path: Path, column: str, texts: list[Any]) -> Path:
    """A file of its kind, by hand where the format is simple."""
    if path.suffix in (".jsonl", ".ndjson"):
        rows = [json.dumps({"id": i, column: text}) for i, text in enumerate(texts)]
        path.write_text("\n".join(rows) + "\n\n", "utf-8")
    elif path.suffix in (".csv", ".tsv"):
        comma = "," if path.suffix == ".csv" else "\t"
        quoted = ['"' + text.replace('"', '""') + '"' for text in texts]
        rows = [f"{i}{comma}{text}" for i, text in enumerate(quoted)]
        path.write_bytes(("\ufeff" + "\r\n".join([f"id{comma}{column}", *rows])).encode())
    else:
        table = pyarrow.table({"id": list(range(len(texts))), column: texts})
        parquet.write_table(table, path, row_group_size=2)
    return path


# ---- where texts come from


@pytest.mark.parametrize("suffix", [".jsonl", ".ndjson", ".csv", ".tsv", ".parquet"])
@pytest.mark.parametrize("column", ["text", "title"])
def test_a_column_of_a_table(model: Path, tmp_path: Path, suffix: str, column: str) -> None:
    table = write_table(tmp_path / f"table{suffix}", column, TEXTS)
    chosen = [] if column == "text" else ["--column", column]
    output = tmp_path / "out.jsonl"
    result = run("embed", "-f", table, *chosen, "-o", output, "--model", model)
    assert result.exit_code == 0, result.output
    assert texts_of(output) == TEXTS
    expected = NativeEmbeddingService(model).embed(TEXTS)
    np.testing.assert_array_equal(vectors_of(output), expected)


@pytest.mark.parametrize(
    ("name", "content", "arguments", "code", "told"),
    [
        ("a.jsonl", '{"text": "a"}\n{"b": ""}', [], 1, ":2: expected a column 'text', received b"),
        ("a.jsonl", '{"text": "a"}\n{"text"\n', [], 1, "a.jsonl:2: expected a JSON object"),
        ("a.jsonl", "[1]\n", [], 1, "a.jsonl:1: expected a JSON object, received a list"),
        ("a.jsonl", "[" * 100_000, [], 1, "a.jsonl:1: expected a JSON object"),
        ("a.jsonl", '{"text": null}\n', [], 1, ":1: text: expected a str, received NoneType"),
        ("a.jsonl", '{"text": "\\ud800"}\n', [], 1, "a.jsonl:1: text: expected Unicode text"),
        ("a.jsonl", b'{"text": "\xff"}\n', [], 1, "a.jsonl:1: expected UTF-8 text, received byte"),
        ("a.jsonl", "", [], 1, "expected at least one text"),
        ("a.csv", "id,text\n1,a\n2\n", [], 1, "a.csv:3: expected 2 fields as in the header"),
        ("a.csv", "id,b\n1,a\n", [], 1, "'text', received id, b. Choose one with --column"),
        ("a.csv", 'text\n"a\n', [], 1, "a.csv:2: unexpected end of data"),
        ("a.csv", "", [], 1, "expected a column 'text', received none"),
        ("a.parquet", "no parquet at all", [], 1, "expected a Parquet file"),
        ("a.parquet", "", [], 1, "expected a Parquet file"),
        ("a.txt", b"fine\n\xff\n", [], 1, "a.txt:2: expected UTF-8 text, received byte 0xff at"),
        ("a.txt", "a\n", ["--column", "text"], 2, "has lines, and no columns"),
        ("a.txt", "a\n", ["--restart"], 2, "--restart is for runs with --output"),
        ("a.txt", "a\n", ["--output-dim", "9"], 1, "expected an int from 1 to 8"),
        ("a.txt", "a\n", ["--on-overflow", "cut"], 2, "--on-overflow"),
        ("a.txt", "b " * 30, ["--on-overflow", "error"], 1, "texts[0]: expected at most 20 tok"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("with_output", [False, True])
def test_a_mistake_in_a_file_is_told_with_its_place(
    model: Path, tmp_path: Path, name: str, content: str | bytes, arguments: list[str], code: int,
    told: str, with_output: bool,
) -> None:  # fmt: skip
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    output = tmp_path / "out.npy"
    if with_output and "--restart" not in arguments:
        arguments = [*arguments, "-o", str(output)]
    result = run("embed", "-f", path, *arguments, "--model", model)
    assert result.exit_code == code, result.output
    assert told in result.stderr
    assert "Traceback" not in result.output
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == [name], "nothing is left"


@pytest.mark.parametrize("suffix", [".txt", ".jsonl", ".csv", ".tsv", ".parquet"])
def test_any_bytes_are_texts_or_a_mistake_that_is_told(
    model: Path, tmp_path: Path, suffix: str
) -> None:
    path = write_table(tmp_path / f"a{suffix}", "text", TEXTS) if suffix != ".txt" else None
    seed = path.read_bytes() if path else "\n".join(TEXTS).encode()
    chance = random.Random(3)
    codes = set()
    for _ in range(60):
        content = bytearray(seed)
        for _ in range(chance.randrange(1, 4)):
            place = chance.randrange(len(content))
            kind = chance.randrange(3)
            if kind == 0:
                content[place] = chance.randrange(256)
            elif kind == 1:
                del content[place : place + chance.randrange(1, 20)]
            else:
                content[place:place] = bytes(chance.randrange(256) for _ in range(4))
        (tmp_path / f"b{suffix}").write_bytes(content)
        result = run("embed", "-f", tmp_path / f"b{suffix}", "--model", model)
        assert result.exception is None or isinstance(result.exception, SystemExit), content
        codes.add(result.exit_code)
        if result.exit_code:
            assert result.stderr.startswith("Error: ")
    assert codes == {0, EXIT_MISTAKE}


def test_a_text_that_is_too_long_is_told_with_its_place_among_all(model: Path) -> None:
    lines = "\n".join([*["a"] * 300, "b " * 30])
    result = run("embed", "--on-overflow", "error", "--model", model, stdin=lines)
    assert result.exit_code == EXIT_MISTAKE
    assert "texts[300]: expected at most 20 tokens, received 32" in result.stderr


def test_a_null_of_a_parquet_column_is_told_with_its_row(model: Path, tmp_path: Path) -> None:
    table = write_table(tmp_path / "a.parquet", "text", ["a", None])
    result = run("embed", "-f", table, "--model", model)
    assert result.exit_code == EXIT_MISTAKE
    assert "row 2: text: expected a str, received NoneType" in result.stderr


@pytest.mark.parametrize("role", ["input", "output"])
def test_parquet_without_pyarrow_says_how_to_install_it(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    table = write_table(tmp_path / "a.parquet", "text", ["a"])
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    output = str(tmp_path / "o.parquet")
    arguments = ["-f", str(table)] if role == "input" else ["a", "-o", output]
    result = run("embed", *arguments, "--model", model)
    assert result.exit_code == EXIT_MISTAKE
    assert "pip install 'lattice-embed[parquet]'" in result.stderr


def test_a_byte_order_mark_is_no_part_of_the_first_line(model: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo")
    result = run("embed", "-f", tmp_path / "a.txt", "--model", model)
    assert [json.loads(line)["text"] for line in result.stdout.splitlines()] == ["one", "two"]


# ---- what is written


@pytest.mark.parametrize("suffix", [".npy", ".jsonl", ".parquet"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"precision": "int8"},
        {"precision": "binary", "output_dim": 5},
        {"on_overflow": "chunk", "output_dim": 3},
    ],
)
def test_every_output_holds_what_the_service_gives(
    model: Path, tmp_path: Path, suffix: str, options: dict[str, Any]
) -> None:
    output = tmp_path / f"out{suffix}"
    texts = [*TEXTS, "a b c d " * 10]
    table = write_table(tmp_path / "in.jsonl", "text", texts)
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    result = run("embed", "-f", table, "-o", output, "--role=query", *flags, "--model", model)
    assert result.exit_code == 0, result.output
    expected = NativeEmbeddingService(model, **options).embed_query(texts)
    np.testing.assert_array_equal(vectors_of(output), expected)
    if suffix == ".npy":
        assert np.load(output).dtype == expected.dtype
    else:
        assert texts_of(output) == texts
    told_of_cuts = "1 of 7 texts have more than 20 tokens" in result.stderr
    assert told_of_cuts == ("on_overflow" not in options)
    assert not list(tmp_path.glob("*partial*"))


def test_a_prompt_goes_before_each_text(model: Path) -> None:
    result = run("embed", "why", "--prompt", "say: ", "--role", "query", "--model", model)
    received = np.array(json.loads(result.stdout)["embedding"], np.float32)
    np.testing.assert_array_equal(received, NativeEmbeddingService(model).embed_passage("why"))


def test_a_large_npy_file_can_be_mapped(model: Path, tmp_path: Path) -> None:
    lines = "\n".join(f"line {number}" for number in range(1000))
    output = tmp_path / "out.npy"
    assert run("embed", "-o", output, "--model", model, stdin=lines).exit_code == 0
    mapped = np.load(output, mmap_mode="r")
    assert mapped.shape == (1000, 8)
    assert (tmp_path / "out.npy").stat().st_size == 128 + 1000 * 8 * 4


# ---- stopping and going on

PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets its jobs ignore it
import lattice_embed.cli.resumable_output as resumable_output
resumable_output._COMMIT_S = float(sys.argv.pop(1))
from lattice_embed.cli import main
main(prog_name="lattice-embed")
"""


def start(commit_s: float, *arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", PROGRAM, str(commit_s), *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, **options)


def wait_for(path: Path, count: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if path.exists() and json.loads(path.read_text())["count"] >= count:
            return
        time.sleep(0.005)
    raise AssertionError(f"{path} never came to {count}")


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "lines.txt"
    path.write_text("".join(f"line {n} a b c {'d ' * (n % 9)}\n" for n in range(1600)), "utf-8")
    return path


@pytest.mark.parametrize("suffix", [".npy", ".jsonl", ".parquet"])
def test_a_run_that_is_killed_goes_on_and_ends_as_if_it_had_not_been(
    model: Path, tmp_path: Path, lines: Path, suffix: str
) -> None:
    whole, output = tmp_path / f"whole{suffix}", tmp_path / f"out{suffix}"
    assert run("embed", "-f", lines, "-o", whole, "--model", model).exit_code == 0
    state, moment = tmp_path / f"out{suffix}.partial.json", random.Random(7)
    count, read = 0, lines.read_bytes().splitlines(keepends=True)
    for given in (500, 1100):
        # without the cache, which has all of them
        arguments = ("embed", "-o", output, "--model", model, "--no-cache")
        process = start(0, *arguments, stdin=subprocess.PIPE)
        assert process.stdin
        # the pipe stays open: however slow this test is, the run cannot come to its end
        process.stdin.write(b"".join(read[:given]))
        process.stdin.flush()
        wait_for(state, count + 1)
        time.sleep(moment.random() * 0.05)
        process.kill()
        process.communicate()
        assert process.returncode != 0
        assert not output.exists()
        before, count = count, json.loads(state.read_text())["count"]
        assert count > before, "it went on where it was"
    result = run("embed", "-f", lines, "-o", output, "--model", model, "--no-cache")
    assert result.exit_code == 0, result.output
    assert f"Going on behind {count:,} texts" in result.stderr
    np.testing.assert_array_equal(vectors_of(output), vectors_of(whole))
    if suffix != ".npy":
        assert texts_of(output) == texts_of(whole) == lines.read_text().splitlines()
    else:
        assert output.read_bytes() == whole.read_bytes()
    assert not list(tmp_path.glob("*partial*"))


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process on Windows")
def test_ctrl_c_keeps_what_was_done_and_says_how_to_go_on(model: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    texts = [f"line {number}" for number in range(300)]
    process = start(0, "embed", "-o", output, "--model", model, stdin=subprocess.PIPE)
    assert process.stdin
    process.stdin.write("".join(f"{text}\n" for text in texts[:150]).encode())
    process.stdin.flush()
    wait_for(tmp_path / "out.jsonl.partial.json", 128)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate()
    assert process.returncode == EXIT_INTERRUPTED
    assert b"128 texts are in" in stderr
    assert b"the same command goes on" in stderr
    assert b"Traceback" not in stderr
    result = run("embed", "-o", output, "--model", model, stdin="\n".join(texts))
    assert "Going on behind 128 texts" in result.stderr
    assert texts_of(output) == texts


@pytest.fixture
def stopped(model: Path, tmp_path: Path) -> Path:
    """The output of a run that was stopped by a text that is none."""
    rows = [json.dumps({"text": f"row {number}"}) for number in range(200)]
    (tmp_path / "in.jsonl").write_text("\n".join([*rows, '{"text": 3}']))
    output = tmp_path / "out.npy"
    result = run("embed", "-f", tmp_path / "in.jsonl", "-o", output, "--model", model)
    assert result.exit_code == EXIT_MISTAKE
    assert "in.jsonl:201: text: expected a str, received int" in result.stderr
    assert "128 texts are in" in result.stderr
    (tmp_path / "in.jsonl").write_text("\n".join(rows))
    return output


def test_a_mistake_that_was_mended_goes_on(model: Path, stopped: Path) -> None:
    result = run("embed", "-f", stopped.with_name("in.jsonl"), "-o", stopped, "--model", model)
    assert "Going on behind 128 texts" in result.stderr
    assert np.load(stopped).shape == (200, 8)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (["--role", "query"], "it was begun with instruction '', and this run has 'ask: '"),
        (["--precision", "int8"], "begun with precision 'float32'"),
        (["--output-dim", "4"], "begun with dimensions 8"),
        (["--on-overflow", "chunk"], "begun with on_overflow 'truncate'"),
    ],
)
def test_what_was_begun_otherwise_is_not_gone_on_with(
    model: Path, stopped: Path, change: list[str], told: str
) -> None:
    arguments = ("embed", "-f", stopped.with_name("in.jsonl"), "-o", stopped, "--model", model)
    before = stopped.with_name("out.npy.partial").read_bytes()
    result = run(*arguments, *change)
    assert result.exit_code == EXIT_MISTAKE
    assert told in result.stderr
    assert "--restart begins anew" in result.stderr
    assert stopped.with_name("out.npy.partial").read_bytes() == before
    assert run(*arguments, *change, "--restart").exit_code == 0
    assert len(np.load(stopped)) == 200


def test_other_weights_are_not_gone_on_with(model: Path, stopped: Path) -> None:
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\0")
    arguments = ("embed", "-f", stopped.with_name("in.jsonl"), "-o", stopped, "--model", model)
    result = run(*arguments)
    assert result.exit_code == EXIT_MISTAKE
    assert "begun with weights" in result.stderr


def test_other_settings_of_the_model_are_not_gone_on_with(model: Path, stopped: Path) -> None:
    (model / "sentence_bert_config.json").write_text('{"max_seq_length": 19}')
    arguments = ("embed", "-f", stopped.with_name("in.jsonl"), "-o", stopped, "--model", model)
    result = run(*arguments)
    assert result.exit_code == EXIT_MISTAKE
    assert "begun with settings" in result.stderr


def test_the_same_weights_at_another_time_are_gone_on_with(model: Path, stopped: Path) -> None:
    rows = [json.dumps({"text": f"row {number}"}) for number in range(200)]
    stopped.with_name("in.jsonl").write_text("\n".join(rows))
    os.utime(model / "model.safetensors", ns=(1, 1))
    arguments = ("embed", "-f", stopped.with_name("in.jsonl"), "-o", stopped, "--model", model)
    assert run(*arguments).exit_code == 0


@pytest.mark.parametrize("texts", [["another"] * 200, ["row 0", "row 1"]])
def test_another_input_is_not_gone_on_with(model: Path, stopped: Path, texts: list[str]) -> None:
    result = run("embed", "-o", stopped, "--model", model, stdin="\n".join(texts))
    assert result.exit_code == EXIT_MISTAKE
    assert "the input does not begin with them" in result.stderr


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"run": 3}', b"\xff", None])
def test_a_damaged_state_is_told_and_nothing_is_lost(
    model: Path, stopped: Path, content: bytes | None
) -> None:
    state, partial = (stopped.with_name(f"out.npy.partial{end}") for end in (".json", ""))
    if content is None:  # the data are shorter than they should be
        partial.write_bytes(partial.read_bytes()[:-1])
    else:
        state.write_bytes(content)
    before = partial.read_bytes()
    arguments = ("embed", "-f", stopped.with_name("in.jsonl"), "-o", stopped, "--model", model)
    result = run(*arguments)
    assert result.exit_code == EXIT_MISTAKE, result.output
    assert "--restart begins anew" in result.stderr
    assert partial.read_bytes() == before
    assert run(*arguments, "--restart").exit_code == 0


def test_a_restart_that_fails_at_once_leaves_nothing_to_go_on_with(
    model: Path, tmp_path: Path, stopped: Path
) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\xff")
    arguments = ("embed", "-o", stopped, "--model", model)
    assert run(*arguments, "-f", tmp_path / "bad.txt", "--restart").exit_code == EXIT_MISTAKE
    assert not list(tmp_path.glob("*.partial*"))
    result = run(*arguments, "-f", stopped.with_name("in.jsonl"))
    assert result.exit_code == 0
    assert "Going on" not in result.stderr


def test_two_runs_do_not_write_the_same_file(model: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.npy"
    with FileLock(tmp_path / "out.npy.partial.lock"):
        result = run("embed", "a", "-o", output, "--model", model)
    assert result.exit_code == EXIT_MISTAKE
    assert "another run is writing this file" in result.stderr
    assert run("embed", "a", "-o", output, "--model", model).exit_code == 0


def test_a_finished_file_is_replaced_only_by_a_finished_one(model: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    assert run("embed", "one", "-o", output, "--model", model).exit_code == 0
    before = output.read_bytes()
    (tmp_path / "bad.txt").write_bytes(b"fine\n" * 200 + b"\xff")
    result = run("embed", "-f", tmp_path / "bad.txt", "-o", output, "--model", model)
    assert result.exit_code == EXIT_MISTAKE
    assert output.read_bytes() == before
