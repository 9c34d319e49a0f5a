"""Hashes are checked once, and again where a file may have changed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from lattice_embed.file_hashes import Digest, wrong_files

CONTENT = b"the content"
SHA256 = Digest("sha256", hashlib.sha256(CONTENT).hexdigest())
# printf 'the content' | git hash-object --stdin
GIT = Digest("git", "eb6185ee1be278ab561380b6bdaa16068e9b905c")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "file").write_bytes(CONTENT)
    return tmp_path / "model"


def wrong(directory: Path, digest: Digest = SHA256, *, again: bool = False) -> list[str]:
    memory = directory.parent / "memory"
    found = wrong_files(directory, {"file": digest}, memory=memory, again=again)
    return [file.received for file in found]


def change_unseen(path: Path) -> None:
    """Other bytes, with the size and the time of the old ones."""
    status = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("digest", [SHA256, GIT, Digest("git", hashlib.sha1(CONTENT).hexdigest())])
def test_a_right_file(directory: Path, digest: Digest) -> None:
    assert wrong(directory, digest) == []


@pytest.mark.parametrize("digest", [SHA256, GIT])
def test_a_wrong_file_is_told_with_what_it_is(directory: Path, digest: Digest) -> None:
    (directory / "file").write_bytes(CONTENT[::-1])
    (received,) = wrong(directory, digest)
    assert len(received) == len(digest.value)
    assert received != digest.value
    assert wrong(directory, digest) == [received], "what is wrong is never told from memory"


def test_what_was_right_is_remembered_until_its_size_or_time_changes(directory: Path) -> None:
    path = directory / "file"
    assert wrong(directory) == []
    change_unseen(path)
    assert wrong(directory) == [], "not hashed again: this is what remembering costs"
    assert wrong(directory, again=True) != []
    assert wrong(directory) != [], "and then it is remembered no more"
    path.write_bytes(CONTENT)
    assert wrong(directory) == []
    os.utime(path, ns=(0, 1))
    path.write_bytes(CONTENT[::-1])
    assert wrong(directory) != []


def test_another_expectation_is_not_met_by_what_is_remembered(directory: Path) -> None:
    assert wrong(directory) == []
    assert wrong(directory, Digest("sha256", "0" * 64)) == [SHA256.value]


def test_a_file_that_is_gone_is_told(directory: Path) -> None:
    (directory / "file").unlink()
    assert wrong(directory) == ["No such file or directory"]


@pytest.mark.parametrize("record", [b"", b"{", b"[]", b'{"sha256 of file": 3}', b"[" * 100_000])
def test_a_damaged_memory_only_costs_time(directory: Path, record: bytes) -> None:
    assert wrong(directory) == []
    (memory,) = (directory.parent / "memory").iterdir()
    memory.write_bytes(record)
    assert wrong(directory) == []


def test_a_memory_that_cannot_be_written_leaves_nothing_behind(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Path:
        raise PermissionError("another process has it open")

    monkeypatch.setattr(Path, "replace", refuse)
    assert wrong(directory) == []
    assert list((directory.parent / "memory").iterdir()) == []


def test_directories_of_the_same_name_are_told_apart(directory: Path, tmp_path: Path) -> None:
    assert wrong(directory) == []
    other = tmp_path / "other" / "model"
    other.mkdir(parents=True)
    (other / "file").write_bytes(CONTENT)
    stamp = (directory / "file").stat()
    change_unseen(other / "file")
    os.utime(other / "file", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    found = wrong_files(other, {"file": SHA256}, memory=tmp_path / "memory")
    assert [file.path for file in found] == [other / "file"]
