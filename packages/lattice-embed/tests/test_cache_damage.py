"""Files that are damaged, disks that are full or read-only: the vectors stay right."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from lattice_embed.cache_key import CacheIdentity, KeySpace
from lattice_embed.vector_cache import VectorCache

SPACE = KeySpace(CacheIdentity("all-minilm-l6-v2", "v2"), 96)
COUNT = 200


def rows(count: int = COUNT) -> dict[bytes, bytes]:
    return {SPACE.key(f"text {n}"): struct.pack("<96f", *([n / 256] * 96)) for n in range(count)}


def filled(path: Path) -> bytes:
    with VectorCache(path) as cache:
        cache.put(SPACE, rows())
    content = path.read_bytes()
    assert len(content) > 80_000
    return content


def set_aside(path: Path) -> list[Path]:
    found = path.parent.glob(f"{path.name}.damaged-*")
    return [p for p in found if not p.name.endswith(("-wal", "-shm"))]


def check(path: Path) -> int:
    """Whatever the file holds: no error, no wrong vector, and new ones are kept. Gives the hits."""
    with VectorCache(path) as cache:
        found = cache.get(SPACE, list(rows()))
        assert found.items() <= rows().items()
        cache.put(SPACE, rows())
        again = cache.get(SPACE, list(rows()))
        assert again.items() <= rows().items()
        if len(again) < COUNT:  # it was damaged where only the second reading came by
            cache.put(SPACE, rows())
            assert cache.get(SPACE, list(rows())) == rows()
    return len(found)


@pytest.mark.parametrize(
    "content",
    [b"not a database" * 1000, b"\0" * 9000, b"xy", os.urandom(100), b"SQLite format 3\0" * 600],
    ids=["text", "zeros", "two bytes", "random", "header only"],
)
def test_what_is_no_database_is_set_aside(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "vectors.sqlite3"
    path.write_bytes(content)
    assert check(path) == 0
    (aside,) = set_aside(path)
    assert aside.read_bytes() == content
    assert caplog.text.count(f"set aside as {aside.name}") == 1
    assert check(path) == COUNT


def test_an_empty_file_is_a_beginning(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite3"
    path.touch()
    assert check(path) == 0
    assert check(path) == COUNT
    assert set_aside(path) == []


def test_a_file_cut_off_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite3"
    content = filled(path)
    path.write_bytes(content[: len(content) // 2])
    check(path)
    (aside,) = set_aside(path)
    assert aside.read_bytes() == content[: len(content) // 2]
    assert check(path) == COUNT


def test_damage_while_it_is_open(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite3"
    filled(path)
    with VectorCache(path) as cache:
        assert cache.get(SPACE, list(rows())) == rows()
        with path.open("r+b") as file:
            file.write(b"garbage" * 20_000)
        cache.put(SPACE, {bytes(32): bytes(4 * 96)})
        assert cache.get(SPACE, list(rows())).items() <= rows().items()
        cache.put(SPACE, rows())
        assert cache.get(SPACE, list(rows())) == rows()
    assert check(path) == COUNT


def test_a_file_that_is_deleted_while_it_is_open(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite3"
    filled(path)
    with VectorCache(path) as cache:
        assert cache.get(SPACE, list(rows())) == rows()
        for part in tmp_path.iterdir():
            part.unlink()
        assert cache.get(SPACE, list(rows())) == {}
        cache.put(SPACE, rows())
    assert check(path) == COUNT


def test_another_process_has_set_it_aside_before(tmp_path: Path) -> None:
    """Two caches meet the same damage: the new file of the first is not set aside by the second."""
    path = tmp_path / "vectors.sqlite3"
    filled(path)
    first, second = VectorCache(path), VectorCache(path)
    for cache in (first, second):
        assert cache.get(SPACE, list(rows())) == rows()
    with path.open("r+b") as file:
        file.write(b"garbage" * 20_000)
    for cache in (first, second):
        cache.put(SPACE, rows())
    for cache in (first, second):
        assert cache.get(SPACE, list(rows())) == rows()
        cache.close()
    assert len(set_aside(path)) == 1


def test_random_damage_never_gives_a_wrong_vector(tmp_path: Path) -> None:
    """Bytes over the file, its log and its header, cut-off files.

    LATTICE_CACHE_DAMAGES in the environment asks for more of them than 150.
    """
    pristine = filled(tmp_path / "pristine")
    generator = random.Random(20)
    for round_ in range(int(os.environ.get("LATTICE_CACHE_DAMAGES", "150"))):
        path = tmp_path / f"round {round_}" / "vectors.sqlite3"
        path.parent.mkdir()
        content = bytearray(pristine)
        kind = round_ % 5
        if kind == 0:
            content = content[: generator.randrange(len(content))]
        elif kind == 1:  # a page of garbage
            place = generator.randrange(len(content) // 512) * 512
            content[place : place + 512] = generator.randbytes(512)
        elif kind == 2:  # the header, which also says whose file it is
            for _ in range(generator.randrange(1, 6)):
                content[generator.randrange(100)] = generator.randrange(256)
        elif kind == 3:  # the schema and the roots of the trees
            for _ in range(20):
                content[100 + generator.randrange(30_000)] = generator.randrange(256)
        else:
            for _ in range(generator.randrange(1, 400)):
                content[generator.randrange(len(content))] ^= 1 << generator.randrange(8)
        path.write_bytes(content)
        if round_ % 3 == 0:
            path.with_name(path.name + "-wal").write_bytes(generator.randbytes(5000))
        with VectorCache(path) as cache:
            for _ in range(3):
                found = cache.get(SPACE, list(rows()))
                assert found.items() <= rows().items(), round_
                cache.put(SPACE, rows())
        shutil.rmtree(path.parent)


# --- disks


def as_a_user(script: str, *arguments: str | Path) -> str:
    """Run Python where the owner of a file means something: root may write everywhere."""
    drop = "import os\nif os.name == 'posix' and os.geteuid() == 0: os.setuid(65534)\n"
    imports = (
        "import logging, struct, sys, time, lattice_embed.vector_cache\n"
        "from lattice_embed.cache_key import CacheIdentity, KeySpace\n"
        "from lattice_embed.vector_cache import VectorCache\n"
        "logging.basicConfig(stream=sys.stdout)\n"
        "SPACE = KeySpace(CacheIdentity('all-minilm-l6-v2', 'v2'), 96)\n"
        "row = {SPACE.key('text 1'): struct.pack('<96f', *([1 / 256] * 96))}\n"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", imports + drop + script, *arguments],
        check=False,
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout


_USE = """
for _ in range(3):
    cache = cache if _ else VectorCache(sys.argv[1])
    cache.put(SPACE, row)
    found = cache.get(SPACE, list(row))
    assert found in ({}, row), found
cache.close()
"""


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize("present", [True, False], ids=["a file", "nothing yet"])
def test_a_read_only_folder(present: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:  # below tmp_path only its owner may look
        path = Path(folder) / "vectors.sqlite3"
        if present:
            filled(path)
            path.chmod(0o444)
        Path(folder).chmod(0o555)
        told = as_a_user(_USE, path)
        Path(folder).chmod(0o755)
        assert told.count("going on without it") == 1
        assert set_aside(path) == []


@pytest.mark.parametrize("place", ["a folder", "below a file"])
def test_a_path_that_cannot_be_a_file(
    tmp_path: Path, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path
    if place == "below a file":
        (tmp_path / "file").touch()
        path = tmp_path / "file" / "vectors.sqlite3"
    with VectorCache(path) as cache:
        for _ in range(3):
            cache.put(SPACE, rows())
            assert cache.get(SPACE, list(rows())) == {}
    assert caplog.text.count("going on without it") == 1


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
def test_a_full_disk(tmp_path: Path) -> None:
    """The system refuses every byte of a file above 300 kB."""
    path = tmp_path / "vectors.sqlite3"
    script = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
kept = 0
with VectorCache(sys.argv[1]) as cache:
    for start in range(0, 4000, 100):
        many = {SPACE.key(f"text {n}"): struct.pack("<96f", *([n / 256] * 96))
                for n in range(start, start + 100)}
        cache.put(SPACE, many)
        found = cache.get(SPACE, list(many))
        assert found in ({}, many), found
        kept += len(found)
assert 0 < kept < 4000, kept
"""
    told = subprocess.run(
        [sys.executable, "-c", _FULL_DISK_IMPORTS + script, path],
        check=False,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.count("going on without it") == 1, told.stdout
    assert set_aside(path) == []
    check(path)
    assert check(path) == COUNT


_FULL_DISK_IMPORTS = """
import logging, struct, sys
from lattice_embed.cache_key import CacheIdentity, KeySpace
from lattice_embed.vector_cache import VectorCache
logging.basicConfig(stream=sys.stdout)
SPACE = KeySpace(CacheIdentity('all-minilm-l6-v2', 'v2'), 96)
"""


def test_a_file_that_another_process_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Hits go on; what cannot be written in time is left out."""
    monkeypatch.setattr("lattice_embed.vector_cache._WAIT_S", 0.1)
    later = time.monotonic() + 61
    path = tmp_path / "vectors.sqlite3"
    filled(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with VectorCache(path) as cache:
        assert cache.get(SPACE, list(rows())) == rows()
        cache.put(SPACE, {bytes(32): bytes(4 * 96)})
        assert caplog.text.count("database is locked; going on without it") == 1
        assert cache.get(SPACE, list(rows())) == rows()
        other.execute("COMMIT")
        other.close()
        cache.put(SPACE, {bytes(32): bytes(4 * 96)})
        assert cache.get(SPACE, [bytes(32)]) == {}, "it does not try again at once"
        monkeypatch.setattr(time, "monotonic", lambda: later)
        cache.put(SPACE, {bytes(32): bytes(4 * 96)})
        assert len(cache.get(SPACE, [bytes(32)])) == 1
