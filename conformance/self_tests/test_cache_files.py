"""Cache files that cases describe: the bytes that are made of them, and what is derived of them.

The literals are worked out here with hashlib, struct and sqlite3 from the format that
`cache_files.py` tells, not with what makes the files.
"""

from __future__ import annotations

import hashlib
import sqlite3
import struct
from pathlib import Path
from typing import Any

import pytest

from ..cache_files import NAME, derived_answer, fate_of, make_cache_file

TEXT = {
    "text": "one text",
    "model": "all-minilm-l6-v2",
    "key_version": "v2",
    "dimensions": 2,
    "role": "generic",
}
OTHER = {**TEXT, "text": "another"}
QUERY = {**TEXT, "role": "query"}
ROW = {**TEXT, "vector": [0.5, -1]}
OTHER_ROW = {**OTHER, "vector": [1, 2]}


def v1(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"file": {"version": 1, "rows": list(rows), **more}, "asked": [TEXT]}


def v0(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"file": {"version": 0, "rows": list(rows), **more}, "asked": [TEXT]}


def read(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(folder / NAME)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_a_file_of_today(tmp_path: Path) -> None:
    make_cache_file(tmp_path, v1(ROW, {**QUERY, "vector": [1, 0]}))
    generic = hashlib.sha256(b"one textall-minilm-l6-v2:v2:2").digest()
    query = hashlib.sha256(b"one textall-minilm-l6-v2:v2:2:query").digest()
    half = bytes.fromhex("0000003f000080bf")  # 0.5 and -1, little-endian
    (row, other) = read(tmp_path, "SELECT * FROM vectors ORDER BY rowid")
    checksum = hashlib.blake2b(generic + half, digest_size=8).digest()
    assert row[:6] == (generic, "all-minilm-l6-v2", 2, half, "generic", checksum)
    assert (other[0], other[4]) == (query, "query")
    assert read(tmp_path, "PRAGMA user_version") == [(1,)]
    assert read(tmp_path, "PRAGMA application_id") == [(int.from_bytes(b"LTVC", "big"),)]


def test_a_file_from_before_roles(tmp_path: Path) -> None:
    make_cache_file(tmp_path, v0(ROW))
    key = hashlib.sha256(b"one textall-minilm-l6-v2:v2:2").digest()
    half = struct.pack("<2f", 0.5, -1)
    assert read(tmp_path, "SELECT * FROM vectors") == [(key, "all-minilm-l6-v2", 2, half)]
    assert read(tmp_path, "PRAGMA user_version") == [(0,)]
    assert read(tmp_path, "PRAGMA application_id") == [(0,)]


def test_a_newer_file_is_ours_by_its_header(tmp_path: Path) -> None:
    make_cache_file(tmp_path, {"file": {"version": 2, "rows": [ROW]}, "asked": [TEXT]})
    assert read(tmp_path, "PRAGMA user_version") == [(2,)]
    assert read(tmp_path, "PRAGMA application_id") == [(0x4C545643,)]


def test_no_file(tmp_path: Path) -> None:
    make_cache_file(tmp_path, {"file": None, "asked": [TEXT]})
    assert list(tmp_path.iterdir()) == []


ROW_DAMAGE = {
    "bit": ("vector", struct.pack("<2f", 0.5, -1)[:-1] + b"\xbe"),
    "cut": ("vector", struct.pack("<1f", 0.5)),
    "text": ("vector", "text"),
    "nan": ("vector", struct.pack("<2f", float("nan"), -1)),
    "no-checksum": ("checksum", None),
    "zero-checksum": ("checksum", bytes(8)),
    "of-next-row": ("vector", struct.pack("<2f", 1, 2)),
}


@pytest.mark.parametrize("damage", ROW_DAMAGE)
def test_damage_to_a_row(tmp_path: Path, damage: str) -> None:
    make_cache_file(tmp_path, v1({**ROW, "damage": damage}, OTHER_ROW))
    column, held = ROW_DAMAGE[damage]
    assert read(tmp_path, f"SELECT {column} FROM vectors WHERE rowid = 1") == [(held,)]
    key, vector, checksum = read(tmp_path, "SELECT key, vector, checksum FROM vectors")[0]
    right = hashlib.blake2b(key + (vector if isinstance(vector, bytes) else b""), digest_size=8)
    assert checksum != right.digest(), "damage comes after the checksum"


def test_damage_to_a_file(tmp_path: Path) -> None:
    whole, damaged = tmp_path / "whole", tmp_path / "damaged"
    for folder in (whole, damaged):
        folder.mkdir()
    make_cache_file(whole, v1(ROW))
    content = (whole / NAME).read_bytes()
    for damage, wanted in [
        ("cut", content[: len(content) // 2]),
        ("no-header", bytes(16) + content[16:]),
        ("no-database", b"not a database\n" * 200),
        ("empty", b""),
    ]:
        make_cache_file(damaged, v1(ROW, damage=damage))
        assert (damaged / NAME).read_bytes() == wanted, damage
    make_cache_file(damaged, v1(ROW, damage="no-table"))
    assert read(damaged, "SELECT name FROM sqlite_master") == []
    assert read(damaged, "PRAGMA application_id") == [(0x4C545643,)]
    make_cache_file(damaged, v1(ROW, damage="of-another-program"))
    assert read(damaged, "PRAGMA application_id") == [(0,)]


# --- what is derived


FOUND: list[tuple[dict[str, Any], list[Any], str, int | None]] = [
    (v1(ROW), [[0.5, -1]], "used", 1),
    (v1(), [None], "used", 0),
    (v0(ROW), [[0.5, -1]], "migrated", 1),
    (v1(OTHER_ROW), [None], "used", 1),
    # a role and a number of dimensions of its own
    (v1({**QUERY, "vector": [0.5, -1]}), [None], "used", 1),
    (v1({**ROW, "dimensions": 3, "vector": [1, 2, 3]}), [None], "used", 1),
    # not as long as it says
    (v1({**ROW, "vector": [1, 2, 3]}), [None], "used", 0),
    (v1({**ROW, "damage": "bit"}, OTHER_ROW), [None], "used", 1),
    # what is not asked for stays until it is
    (v1(ROW, {**OTHER_ROW, "damage": "bit"}), [[0.5, -1]], "used", 2),
    # without checksums all of it is looked at when it is migrated
    (v0(ROW, {**OTHER_ROW, "damage": "nan"}), [[0.5, -1]], "migrated", 1),
    (v0({**ROW, "damage": "bit"}), [[0.5, -0.25]], "migrated", 1),
    (v0({**ROW, "damage": "of-next-row"}, OTHER_ROW), [[1, 2]], "migrated", 2),
    (v1(ROW, damage="cut"), [None], "set aside", 0),
    (v1(ROW, damage="empty"), [None], "begun", 0),
    (v1(ROW, damage="of-another-program"), [None], "left", None),
    ({"file": {"version": 2, "rows": [ROW]}, "asked": [TEXT]}, [None], "left", None),
    ({"file": None, "asked": [TEXT]}, [None], "begun", 0),
    # put before it is asked
    ({**v1({**ROW, "damage": "bit"}), "put": [ROW]}, [[0.5, -1]], "used", 1),
    ({**v1(ROW), "put": [{**ROW, "vector": [3, 4]}]}, [[3, 4]], "used", 1),
    ({**v0(OTHER_ROW), "put": [ROW]}, [[0.5, -1]], "migrated", 2),
    ({**v1(ROW, damage="cut"), "put": [ROW]}, [[0.5, -1]], "set aside", 1),
    ({**v1(ROW, damage="of-another-program"), "put": [ROW]}, [None], "left", None),
]


@pytest.mark.parametrize(("asked", "found", "file", "rows"), FOUND)
def test_what_is_derived(
    asked: dict[str, Any], found: list[Any], file: str, rows: int | None
) -> None:
    assert derived_answer(asked) == {"found": found, "file": file, "rows": rows}


# --- what has become of a file


def test_the_fate_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / NAME
    make_cache_file(tmp_path, v1(ROW))
    used = path.read_bytes()
    assert fate_of(tmp_path, v1(ROW), used) == {"file": "used", "rows": 1}
    assert fate_of(tmp_path, v0(ROW), b"other") == {"file": "migrated", "rows": 1}
    assert fate_of(tmp_path, {"file": None, "asked": []}, None) == {"file": "begun", "rows": 1}
    damaged = v1(ROW, damage="cut")
    assert fate_of(tmp_path, damaged, b"damaged") == {"file": "lost", "rows": 1}
    (tmp_path / "of any other name").write_bytes(b"damaged")
    assert fate_of(tmp_path, damaged, b"damaged") == {"file": "set aside", "rows": 1}
    assert fate_of(tmp_path, v1(ROW, damage="empty"), b"") == {"file": "begun", "rows": 1}
    path.unlink()
    assert fate_of(tmp_path, v1(ROW), used) == {"file": "lost", "rows": None}


def test_a_file_that_is_not_ours_must_be_there_byte_for_byte(tmp_path: Path) -> None:
    asked = v1(ROW, damage="of-another-program")
    make_cache_file(tmp_path, asked)
    before = (tmp_path / NAME).read_bytes()
    assert fate_of(tmp_path, asked, before) == {"file": "left", "rows": None}
    with (tmp_path / NAME).open("ab") as file:
        file.write(b"x")
    assert fate_of(tmp_path, asked, before) == {"file": "changed", "rows": None}


def test_v0_that_stays_v0_is_not_migrated(tmp_path: Path) -> None:
    make_cache_file(tmp_path, v0(ROW))
    before = (tmp_path / NAME).read_bytes()
    assert fate_of(tmp_path, v0(ROW), before)["file"] == "left"
