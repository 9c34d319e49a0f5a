"""Writers that are killed at any moment -> what they were told is kept must be there.

    python killed_writers.py FOLDER KILLS [SEED]

Each child opens the one cache file, puts batches of rows and says on a pipe which `put` has
returned; at a random time it is killed (SIGKILL). Every tenth one is killed while it migrates a
large v0 file. Prints what was counted, and ends with an error if a row is
missing, wrong, or there without the others of its transaction.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from pathlib import Path

from lattice_embed.cache_file import V0_TABLE, open_cache_file
from lattice_embed.cache_key import CacheIdentity, KeySpace
from lattice_embed.vector_cache import VectorCache

SPACE = KeySpace(CacheIdentity("all-minilm-l6-v2", "v2"), 96)
BATCH = 20
V0_ROWS = 3000


def row(name: str) -> tuple[bytes, bytes]:
    """A key and the vector that belongs to it."""
    key = SPACE.key(name)
    small = bytes(byte & 0x3F for byte in hashlib.sha256(key).digest())  # no infinity, no NaN
    return key, small * 12  # 384 bytes: 96 numbers


def batch(child: int, number: int) -> dict[bytes, bytes]:
    return dict(row(f"{child} {number} {n}") for n in range(BATCH))


def kill_after(work_s: float, child: int) -> None:
    time.sleep(work_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def write_until_killed(path: Path, child: int, told: int) -> None:
    cache = VectorCache(path)
    number = 0
    while True:
        cache.put(SPACE, batch(child, number))
        os.write(told, number.to_bytes(4, "little"))
        number += 1


def kill_a_writer(path: Path, child: int, generator: random.Random) -> tuple[int, bool]:
    """Gives the number of batches that are there, and whether one more was than had been told."""
    reading, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            write_until_killed(path, child, told)
        finally:
            os._exit(1)
    os.close(told)
    with os.fdopen(reading, "rb") as pipe:
        if child % 3 == 0:  # while it opens the file
            kept = 0
            kill_after(generator.uniform(0, 0.03), pid)
        else:  # while it writes
            kept = generator.randrange(1, 8)
            assert len(pipe.read(4 * kept)) == 4 * kept
            kill_after(generator.uniform(0, 0.004), pid)
        kept += len(pipe.read()) // 4
    with VectorCache(path) as cache:
        for number in range(kept):
            expected = batch(child, number)
            assert cache.get(SPACE, list(expected)) == expected, (child, number)
        last = batch(child, kept)  # committed, but killed before it could tell; or not at all
        found = cache.get(SPACE, list(last))
        assert found in ({}, last), (child, len(found))
    return kept + bool(found), bool(found)


def migration_s(v0: Path, path: Path) -> float:
    shutil.copy(v0, path)
    start = time.perf_counter()
    open_cache_file(path, timeout_s=10).close()
    return time.perf_counter() - start


def kill_a_migration(v0: Path, path: Path, generator: random.Random, usual_s: float) -> bool:
    """Gives whether it was still v0 afterwards."""
    shutil.copy(v0, path)
    pid = os.fork()
    if pid == 0:
        try:
            open_cache_file(path, timeout_s=10)
        finally:
            os._exit(0)
    kill_after(generator.uniform(0, 3 * usual_s), pid)
    connection = sqlite3.connect(path)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    expected = dict(row(f"v0 {n}") for n in range(V0_ROWS))
    with VectorCache(path) as cache:
        assert cache.get(SPACE, list(expected)) == expected
    for part in path.parent.glob(f"{path.name}*"):
        part.unlink()
    return bool(version == 0)


def main() -> None:
    folder, kills = Path(sys.argv[1]), int(sys.argv[2])
    generator = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    v0 = folder / "v0.sqlite3"
    connection = sqlite3.connect(v0)
    connection.execute(V0_TABLE)
    connection.executemany(
        "INSERT INTO vectors VALUES (?, 'all-minilm-l6-v2', 96, ?)",
        [row(f"v0 {n}") for n in range(V0_ROWS)],
    )
    connection.commit()
    connection.close()
    path = folder / "vectors.sqlite3"
    usual_s = migration_s(v0, folder / "usual.sqlite3")
    batches = untold = still_v0 = 0
    for child in range(kills):
        if child % 10 == 9:
            still_v0 += kill_a_migration(v0, folder / "migrated.sqlite3", generator, usual_s)
            continue
        there, was_untold = kill_a_writer(path, child, generator)
        batches += there
        untold += was_untold
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    rows = connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
    connection.close()
    assert rows == batches * BATCH, (rows, batches * BATCH)
    assert not list(folder.glob("*.damaged-*"))
    print(
        f"{kills} kills, {rows} rows kept, {untold} killed after a commit and before its answer,"
        f" {still_v0} of {kills // 10} migrations undone"
    )


if __name__ == "__main__":
    main()
