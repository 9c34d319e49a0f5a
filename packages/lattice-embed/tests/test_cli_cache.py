"""`lattice-embed cache`, as a user types it."""

from __future__ import annotations

import io
import shutil
import sqlite3
import struct
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lattice_embed.cache_key import CacheIdentity, KeySpace
from lattice_embed.cli import main
from lattice_embed.vector_cache import VectorCache, default_cache_path

V0_FILE = Path(__file__).with_name("v0_cache.sqlite3")
COMMANDS = ["stats", "verify", "prune --to 1MB", "migrate", "clear --yes"]


def run(*arguments: str | Path, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(main, ["cache", *map(str, arguments)], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def fill(path: Path | None = None, *, model: str = "m", count: int = 3, prompt: str = "p") -> Path:
    identity = CacheIdentity(model, None, "0" * 64)
    space = KeySpace(identity, 384, prompt=prompt)
    vector = struct.pack("<384f", *([0.5] * 384))
    with VectorCache(path) as cache:
        cache.put(space, {space.key(str(n)): vector for n in range(count)})
        return cache.path


def test_stats_counts_by_model_and_role() -> None:
    path = fill()
    fill(model="another", count=12)
    lines = run("stats").stdout.splitlines()
    # sha256 of "p": 148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940
    assert [line.split() for line in lines[:3]] == [
        ["MODEL", "NUMBERS", "ROLE", "VECTORS"],
        ["another", "384", "prompt-148de9c5", "12"],
        ["m", "384", "prompt-148de9c5", "3"],
    ]
    assert lines[3].startswith("15 vectors, ")
    assert lines[3].endswith("schema version 1")
    assert path == default_cache_path()
    assert lines[4:] == [str(path)]


def test_stats_of_a_v0_file_leaves_it_v0() -> None:
    before = V0_FILE.read_bytes()
    result = run("stats", "--file", V0_FILE)
    assert "20 vectors" in result.stdout
    assert "schema version 0" in result.stdout
    assert V0_FILE.read_bytes() == before
    assert not list(V0_FILE.parent.glob("*-wal"))


def test_stats_of_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert "0 vectors" in run("stats", "-f", tmp_path / "empty").stdout


def test_names_cannot_paint_the_terminal(tmp_path: Path) -> None:
    path = fill(tmp_path / "c", model="[red]\x1b[31m\nname")
    output = run("stats", "-f", path).stdout
    assert "\x1b" not in output
    assert r"[red]\x1b[31m\nname" in output


def test_migrate(tmp_path: Path) -> None:
    path = shutil.copy(V0_FILE, tmp_path / "cache.sqlite3")
    assert run("migrate", "-f", path).stdout == "schema version 0 -> 1, 20 vectors\n"
    assert run("migrate", "-f", path).stdout == "schema version 1 -> 1, 20 vectors\n"
    assert run("verify", "-f", path).stdout == "20 of 20 vectors are sound\n"


def test_verify_drops_damaged_rows() -> None:
    path = fill()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE vectors SET vector = zeroblob(1536) WHERE rowid = 2")
        connection.execute("UPDATE vectors SET dimensions = 'many' WHERE rowid = 3")
    connection.close()
    first = run("verify")
    assert first.exit_code == 1
    assert first.stdout == "1 of 3 vectors are sound\n"
    assert first.stderr == f"Error: {path}: 2 damaged vectors dropped\n"
    second = run("verify")
    assert (second.exit_code, second.stdout) == (0, "1 of 1 vectors are sound\n")


def test_verify_sets_a_damaged_file_aside() -> None:
    path = fill(count=50)
    damaged = path.read_bytes()[:-30_000]
    path.write_bytes(damaged)
    result = run("verify")
    assert result.exit_code == 1
    (aside,) = path.parent.glob("*.damaged-*")
    assert f"renamed to {aside.name}" in result.stderr
    assert aside.read_bytes() == damaged
    assert not path.exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_of_something_else_is_left_as_it_is(tmp_path: Path, command: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 1000)
    result = run(*command.split(), "-f", path)
    assert result.exit_code == 1
    assert "expected a cache file of lattice-embed, received no SQLite file at all" in result.stderr
    assert path.read_text() == "not a database " * 1000


def test_the_file_of_the_cache_directory_is_set_aside_whatever_is_in_it() -> None:
    path = fill()
    path.write_text("not a database")
    assert "renamed to vectors.sqlite3.damaged-" in run("verify").stderr
    assert not path.exists()


def test_prune_makes_the_file_small_enough() -> None:
    path = fill(count=1000)
    assert path.stat().st_size > 1_500_000
    result = run("prune", "--to", "500kB")
    dropped = int(result.stdout.split()[0])
    assert 650 < dropped < 800
    assert 300_000 < path.stat().st_size <= 500_000
    assert f"{1000 - dropped} vectors" in run("stats").stdout
    run("prune", "--to", "0")
    assert "0 vectors" in run("stats").stdout


@pytest.mark.parametrize("size", ["", "lots", "-1", "1.5GB", "5 PB", "١MB", "9" * 30])
def test_a_size_that_is_none(size: str) -> None:
    path = fill()
    result = run("prune", "--to", size)
    assert result.exit_code == 2
    assert "--to: expected bytes, as 500MB or 2GB" in result.stderr
    assert "3 vectors" in run("stats", "-f", path).stdout


def test_one_vector_is_told_as_one() -> None:
    fill(count=1)
    assert "\n1 vector, " in run("stats").stdout
    assert run("verify").stdout == "1 of 1 vectors are sound\n"
    assert run("clear", "--yes").stdout == "1 vector dropped\n"


def test_clear_asks_first() -> None:
    path = fill()
    refused = run("clear", stdin="n\n")
    assert refused.exit_code == 1
    assert f"Drop all vectors of {path}?" in refused.stderr
    assert "3 vectors" in run("stats").stdout
    assert run("clear", stdin="y\n").stdout.endswith("3 vectors dropped\n")
    fill()
    assert run("clear", "--yes").stdout == "3 vectors dropped\n"
    assert "0 vectors" in run("stats").stdout


class CtrlC(io.BytesIO):
    def read1(self, size: int | None = -1) -> bytes:
        raise KeyboardInterrupt


def test_ctrl_c_at_the_question_of_clear_is_told_as_anywhere() -> None:
    fill()
    stopped = CliRunner().invoke(main, ["cache", "clear"], input=CtrlC())
    assert (stopped.exit_code, stopped.stderr.splitlines()[-1]) == (130, "Stopped.")
    assert "3 vectors" in run("stats").stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_there_yet(command: str) -> None:
    result = run(*command.split())
    assert result.exit_code == 1
    assert "Nothing has been cached there yet." in result.stderr
    assert not default_cache_path().exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_files_that_are_not_ours_are_not_changed(tmp_path: Path, command: str) -> None:
    path = tmp_path / "places.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE places (url TEXT)")
    connection.close()
    before = path.read_bytes()
    result = run(*command.split(), "-f", path)
    assert result.exit_code == 1
    assert "a database of another program" in result.stderr
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("command", ["verify", "prune --to 1MB", "clear --yes"])
def test_a_file_that_another_process_holds(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lattice_embed.cache_upkeep._WAIT_S", 0.1)
    path = fill()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    result = run(*command.split())
    other.close()
    assert result.exit_code == 1
    assert "database is locked" in result.stderr
    assert "Is another process at work on it" in result.stderr
    assert "3 vectors" in run("stats").stdout


def test_help_teaches() -> None:
    assert "lattice-embed cache prune --to 500MB" in run("--help").stdout
