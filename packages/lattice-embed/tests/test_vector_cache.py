"""Vectors on disk: found again, bounded, shared, and files of before."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from lattice_embed import EmbeddingRole, EmbedError
from lattice_embed.cache_file import SCHEMA_VERSION, open_cache_file, schema_version
from lattice_embed.cache_key import CacheIdentity, KeySpace, key_version_of
from lattice_embed.vector_cache import VectorCache

V0_FILE = Path(__file__).with_name("v0_cache.sqlite3")
SPACE = KeySpace(CacheIdentity("all-minilm-l6-v2", "v2"), 384)
QUERIES = KeySpace(SPACE.identity, 384, EmbeddingRole.QUERY)


def vector(number: int) -> bytes:
    return struct.pack("<384f", *([number / 256] * 384))


def rows(*numbers: int, space: KeySpace = SPACE) -> dict[bytes, bytes]:
    return {space.key(f"text {number}"): vector(number) for number in numbers}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a folder" / "vectors.sqlite3"


def in_own_process(work: str, *arguments: object) -> subprocess.Popen[str]:
    """This file run as a script, see its end."""
    command = [sys.executable, __file__, work, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def make_v0_cache() -> ModuleType:
    script = Path(__file__).parent.parent / "tools" / "make_v0_cache.py"
    spec = importlib.util.spec_from_file_location("make_v0_cache", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- rows


def test_what_was_put_is_found_by_whoever_opens_the_file(path: Path) -> None:
    with VectorCache(path) as cache:
        cache.put(SPACE, rows(1, 2))
        cache.put(QUERIES, rows(1, space=QUERIES))
        assert cache.get(SPACE, [*rows(2), *rows(3), *rows(1)]) == rows(1, 2)
    with VectorCache(path) as cache:
        assert cache.get(SPACE, list(rows(1, 2, 3))) == rows(1, 2)
        assert cache.get(QUERIES, [*rows(1, space=QUERIES)]) == rows(1, space=QUERIES)


def test_it_is_in_the_cache_directory_unless_told(tmp_path: Path) -> None:
    with VectorCache() as cache:
        cache.put(SPACE, rows(1))
    assert (tmp_path / "lattice-cache" / "vectors" / "vectors.sqlite3").is_file()


def test_more_keys_than_sqlite_takes_at_once(path: Path) -> None:
    many = {hashlib.sha256(bytes([n % 256, n // 256])).digest(): vector(n) for n in range(2500)}
    with VectorCache(path) as cache:
        cache.put(SPACE, many)
        assert cache.get(SPACE, list(many)) == many
        assert cache.get(SPACE, []) == {}


def test_a_closed_cache_is_opened_again_when_it_is_needed(path: Path) -> None:
    cache = VectorCache(path)
    cache.put(SPACE, rows(1))
    cache.close()
    cache.close()
    assert cache.get(SPACE, [*rows(1)]) == rows(1)
    cache.close()


# the blob, the checksum and the key of another row, each damaged as a bad disk might
DAMAGE = [
    "UPDATE vectors SET vector = zeroblob(length(vector)) WHERE rowid = 1",
    "UPDATE vectors SET vector = substr(vector, 5) WHERE rowid = 1",
    "UPDATE vectors SET vector = x'' WHERE rowid = 1",
    "UPDATE vectors SET vector = 'text' WHERE rowid = 1",
    "UPDATE vectors SET vector = 7 WHERE rowid = 1",
    "UPDATE vectors SET checksum = NULL WHERE rowid = 1",
    "UPDATE vectors SET checksum = 'text' WHERE rowid = 1",
    "UPDATE vectors SET checksum = zeroblob(8) WHERE rowid = 1",
    # a sound row under the key of another one
    "UPDATE vectors SET (vector, checksum) = (SELECT vector, checksum FROM vectors WHERE rowid = 2)"
    " WHERE rowid = 1",
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_row_is_dropped_and_can_be_put_again(
    path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    with VectorCache(path) as cache:
        cache.put(SPACE, rows(1, 2))
    with sqlite3.connect(path) as connection:
        assert connection.execute(damage).rowcount == 1
    connection.close()
    with VectorCache(path) as cache:
        assert cache.get(SPACE, [*rows(1, 2)]) == rows(2)
        assert "damaged rows, which are computed again" in caplog.text
        counted = sqlite3.connect(path)
        assert counted.execute("SELECT count(*) FROM vectors").fetchone() == (1,)
        counted.close()
        cache.put(SPACE, rows(1))
        assert cache.get(SPACE, [*rows(1, 2)]) == rows(1, 2)


def test_an_odd_time_of_use_is_no_damage(path: Path) -> None:
    with VectorCache(path) as cache:
        cache.put(SPACE, rows(1, 2))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE vectors SET used_s = 'noon' WHERE rowid = 1")
        connection.execute("UPDATE vectors SET used_s = NULL WHERE rowid = 2")
    connection.close()
    with VectorCache(path) as cache:
        assert cache.get(SPACE, [*rows(1, 2)]) == rows(1, 2)
        cache.put(SPACE, rows(3))


# --- size


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    def __call__(self) -> float:
        return self.now_s


def test_the_size_is_bounded_and_the_least_recently_used_go(path: Path) -> None:
    clock = Clock()
    with VectorCache(path, max_bytes=1 << 20, clock=clock) as cache:
        for batch in range(40):  # three times what fits
            clock.now_s += 3600
            cache.put(SPACE, rows(*range(50 * batch, 50 * batch + 50)))
            cache.get(SPACE, [*rows(7, 8, 9)])  # in use all the time
            assert path.stat().st_size <= 1 << 20
        found = cache.get(SPACE, [*rows(*range(2000))])
    numbers = {number for number in range(2000) if next(iter(rows(number))) in found}
    assert {7, 8, 9} <= numbers
    assert not set(range(50)) - {7, 8, 9} & numbers
    assert set(range(1800, 2000)) <= numbers
    assert 450 < len(numbers) < 700  # of 1.6 kB each


@pytest.mark.parametrize("dimensions", [1, 384, 1024, 2560])
def test_one_call_with_more_than_fits_stays_within_the_bound(path: Path, dimensions: int) -> None:
    space = KeySpace(SPACE.identity, dimensions)
    vector = bytes(4 * dimensions)
    row_bytes = len(vector) + 150
    many = {space.key(str(number)): vector for number in range(3_000_000 // row_bytes)}
    with VectorCache(path, max_bytes=1 << 20) as cache:
        for _ in range(2):
            cache.put(space, many)
            cache.put(space, {space.key("one more"): vector})
            assert path.stat().st_size <= 1 << 20
        assert len(cache.get(space, [*many])) * row_bytes > 400_000
        assert cache.get(space, [space.key("one more")])


def test_reading_does_not_write(path: Path) -> None:
    """Uses within some minutes of the last note are not noted."""
    clock = Clock()
    with VectorCache(path, clock=clock) as cache:
        cache.put(SPACE, rows(1, 2))
        clock.now_s += 60
        cache.get(SPACE, [*rows(1, 2)])
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT DISTINCT used_s FROM vectors").fetchall() == [(1_000_000,)]
    with VectorCache(path, clock=clock) as cache:
        clock.now_s += 3600
        cache.get(SPACE, [*rows(1)])
    seconds = connection.execute("SELECT used_s FROM vectors ORDER BY rowid").fetchall()
    connection.close()
    assert seconds == [(1_003_660,), (1_000_000,)]


def test_more_at_once_than_fits(path: Path) -> None:
    with VectorCache(path, max_bytes=1 << 20) as cache:
        cache.put(SPACE, rows(*range(3000)))
        assert 0 < len(cache.get(SPACE, [*rows(*range(3000))])) < 700


@pytest.mark.parametrize("size", [100, -1, 1e9, "1GB", None])
def test_a_bound_that_is_none(size: int) -> None:
    with pytest.raises(EmbedError, match="max_bytes: expected an int from 1048576 up, received"):
        VectorCache(max_bytes=size)


# --- files of before, and of after


def dump(path: Path) -> list[object]:
    connection = sqlite3.connect(path)
    columns = connection.execute("PRAGMA table_info(vectors)").fetchall()
    content = connection.execute(
        "SELECT key, model, dimensions, vector FROM vectors ORDER BY key"
    ).fetchall()
    connection.close()
    return [columns, content]


def test_the_script_writes_the_committed_v0_file(tmp_path: Path) -> None:
    script = Path(__file__).parent.parent / "tools" / "make_v0_cache.py"
    subprocess.run([sys.executable, script, tmp_path / "v0"], check=True)
    assert dump(tmp_path / "v0") == dump(V0_FILE)


def test_a_v0_file_migrates_and_hits(tmp_path: Path) -> None:
    """F7: what was computed before there were roles is found by texts without a role."""
    path = Path(shutil.copy(V0_FILE, tmp_path / "cache.sqlite3"))
    made = make_v0_cache()
    with VectorCache(path) as cache:
        for m, (model, key_version, dimensions) in enumerate(made.MODELS):
            space = KeySpace(CacheIdentity(model, key_version), dimensions)
            keys = [space.key(text) for text in made.TEXTS]
            expected = {k: made.vector_of(m, t, dimensions) for t, k in enumerate(keys)}
            assert cache.get(space, keys) == expected
            for role in (EmbeddingRole.QUERY, EmbeddingRole.PASSAGE):
                other = KeySpace(space.identity, dimensions, role)
                assert cache.get(other, [other.key(text) for text in made.TEXTS]) == {}
        cache.put(SPACE, rows(1))
        assert cache.get(SPACE, [*rows(1)]) == rows(1)


def test_a_migrated_file_is_like_a_new_one(tmp_path: Path) -> None:
    path = Path(shutil.copy(V0_FILE, tmp_path / "old"))
    schemas = []
    for name in (path, tmp_path / "new"):
        connection = open_cache_file(name, timeout_s=1)
        columns = connection.execute("PRAGMA table_info(vectors)").fetchall()
        indices = connection.execute("PRAGMA index_list(vectors)").fetchall()
        pragmas = [
            connection.execute(f"PRAGMA {pragma}").fetchone()
            for pragma in ("user_version", "application_id", "journal_mode")
        ]
        connection.close()
        schemas.append((columns, indices, pragmas))
    assert schemas[0] == schemas[1]
    assert schemas[0][2] == [(1,), (0x4C545643,), ("wal",)]


def test_rows_of_v0_that_are_no_vectors_are_left_behind(tmp_path: Path) -> None:
    path = Path(shutil.copy(V0_FILE, tmp_path / "cache.sqlite3"))
    nan = struct.pack("<384f", *([float("nan")] * 384))
    with sqlite3.connect(path) as connection:
        for key, dimensions, blob in [
            (b"short key", 384, vector(1)),
            (bytes(32), 384, vector(1)[:-1]),
            (bytes(31) + b"1", 384, nan),
            (bytes(31) + b"2", 0, b""),
            (bytes(31) + b"3", -384, vector(1)),
            (bytes(31) + b"4", "many", vector(1)),
            (bytes(31) + b"5", 384, "text"),
            ("text" * 8, 384, vector(1)),
        ]:
            connection.execute("INSERT INTO vectors VALUES (?, 'm', ?, ?)", (key, dimensions, blob))
    connection.close()
    open_cache_file(path, timeout_s=1).close()
    assert dump(path)[1] == dump(V0_FILE)[1]


def test_a_migration_that_fails_leaves_v0(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(shutil.copy(V0_FILE, tmp_path / "cache.sqlite3"))

    def fail(key: bytes, vector: bytes) -> bytes:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr("lattice_embed.cache_file.checksum_of", fail)
        with pytest.raises(sqlite3.OperationalError):
            open_cache_file(path, timeout_s=1)
    assert dump(path) == dump(V0_FILE)
    open_cache_file(path, timeout_s=1).close()
    assert dump(path)[1] == dump(V0_FILE)[1]


def _open_and_count(path: Path) -> None:
    space = KeySpace(CacheIdentity("all-minilm-l6-v2", key_version_of("all-minilm-l6-v2")), 384)
    with VectorCache(path) as cache:
        keys = [space.key(text) for text in make_v0_cache().TEXTS]
        print(len(cache.get(space, keys)))


def test_several_processes_migrate_at_once(tmp_path: Path) -> None:
    path = Path(shutil.copy(V0_FILE, tmp_path / "cache.sqlite3"))
    counting = [in_own_process("count", path) for _ in range(3)]
    assert [process.communicate(timeout=120)[0] for process in counting] == ["4\n"] * 3


@pytest.mark.parametrize("at", range(4))
def test_a_migration_while_the_version_is_read_does_not_confuse(tmp_path: Path, at: int) -> None:
    path = Path(shutil.copy(V0_FILE, tmp_path / "cache.sqlite3"))
    asked: list[str] = []

    class Disturbed(sqlite3.Connection):
        def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
            if sql.startswith(("PRAGMA ", "SELECT ")):
                if len(asked) == at:
                    with suppress(sqlite3.OperationalError):  # it waits for the one who reads
                        open_cache_file(path, timeout_s=0.05).close()
                asked.append(sql)
            return super().execute(sql, *arguments)

    connection = sqlite3.connect(path, factory=Disturbed, isolation_level=None)
    assert schema_version(connection, path) == (0 if at else SCHEMA_VERSION)
    assert not connection.in_transaction
    assert len(asked) == 4, "one question for each moment"
    connection.close()


FOREIGN = {
    "newer": f"PRAGMA application_id={0x4C545643}; PRAGMA user_version=2; CREATE TABLE v (a)",
    "another program": "CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('a')",
    "another table": "CREATE TABLE vectors (id INTEGER, embedding BLOB)",
    "another version": "CREATE TABLE vectors (key, model); PRAGMA user_version=9",
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_a_file_that_is_not_ours_is_left_as_it_is(
    path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.executescript(content)
    connection.close()
    before = path.read_bytes()
    with VectorCache(path) as cache:
        for _ in range(3):
            cache.put(SPACE, rows(1))
            assert cache.get(SPACE, [*rows(1)]) == {}
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert caplog.text.count("It is left as it is") == 1


# --- several at once


def _write_own_rows(path: Path, writer: int, count: int) -> None:
    with VectorCache(path) as cache:
        for number in range(writer * count, (writer + 1) * count):
            cache.put(SPACE, rows(number))


def test_four_processes_that_write_lose_nothing(path: Path) -> None:
    writers = [in_own_process("write", path, writer, 1000) for writer in range(4)]
    assert [writer.communicate(timeout=120)[0] for writer in writers] == [""] * 4
    assert [writer.returncode for writer in writers] == [0] * 4
    with VectorCache(path) as cache:
        assert cache.get(SPACE, [*rows(*range(4000))]) == rows(*range(4000))


def test_several_threads_share_one_cache(path: Path) -> None:
    wrong: list[object] = []
    with VectorCache(path, max_bytes=1 << 20) as cache:

        def work(seed: int) -> None:
            for step in range(60):
                some = rows(*((seed * 13 + step * 5 + n) % 900 for n in range(20)))
                cache.put(SPACE, some)
                found = cache.get(SPACE, list(some))
                wrong.extend(key for key, row in found.items() if row != some[key])

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong
        assert cache.get(SPACE, [*rows(*range(900))])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_forked_child_opens_the_file_for_itself(path: Path) -> None:
    script = """
import os, sys
from lattice_embed.cache_key import CacheIdentity, KeySpace
from lattice_embed.vector_cache import VectorCache
space = KeySpace(CacheIdentity("all-minilm-l6-v2", "v2"), 1)
cache = VectorCache(sys.argv[1])
cache.put(space, {space.key("parent"): b"1234"})
connection = cache._connection
child = os.fork()
cache.put(space, {space.key(str(child == 0)): b"5678"})
assert (cache._connection is connection) == (child != 0)
if child:
    assert os.waitpid(child, 0)[1] == 0
    keys = [space.key(text) for text in ("parent", "True", "False")]
    assert len(cache.get(space, keys)) == 3
else:
    os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script, path], check=True)


if __name__ == "__main__":
    if sys.argv[1] == "count":
        _open_and_count(Path(sys.argv[2]))
    else:
        _write_own_rows(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
