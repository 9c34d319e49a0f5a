"""Which snapshot of the hub's cache is used, and when one counts as whole (F12)."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from lattice_embed import ModelFilesUnavailableError
from lattice_embed.file_hashes import Digest
from lattice_embed.hub_snapshots import (
    Snapshot,
    named_snapshot,
    newest_snapshot,
    published_digest,
)
from lattice_embed.model_files import locate_model

pytestmark = pytest.mark.skipif(
    os.utime not in os.supports_follow_symlinks, reason="links cannot be given a time here"
)

A, B, F = "a" * 40, "b" * 40, "f" * 40
MODULES = [{"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
FILES = {
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "modules.json": json.dumps(MODULES).encode(),
    "1_Pooling/config.json": b"{}",
    "model.safetensors": b"weights",
}


def git_name(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Repository:
    """`owner/model` in the cache that conftest.py gives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def snapshot(
        self, commit: str, time_s: int, files: dict[str, bytes] = FILES, *, blob_time_s: int = 0
    ) -> Path:
        """Links as huggingface_hub makes them, all made at `time_s`."""
        directory = self.folder / "snapshots" / commit
        for name, content in files.items():
            blob = self.folder / "blobs" / git_name(content)
            link = directory / name
            for path in (blob, link):
                path.parent.mkdir(parents=True, exist_ok=True)
            blob.write_bytes(content)
            os.utime(blob, (blob_time_s or time_s,) * 2)
            link.symlink_to(os.path.relpath(blob, link.parent))
            os.utime(link, (time_s,) * 2, follow_symlinks=False)
        return directory

    def reference(self, commit: str, name: str = "main") -> None:
        (self.folder / "refs").mkdir(parents=True, exist_ok=True)
        (self.folder / "refs" / name).write_text(commit)

    def newest(self) -> str | None:
        snapshot = newest_snapshot(self.folder)
        return snapshot.commit if snapshot else None

    def named(self, revision: str = "main") -> Snapshot | None:
        return named_snapshot(self.folder, revision)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "hub-cache" / "models--owner--model")


@pytest.mark.parametrize("order", [(A, B, F), (F, B, A), (B, F, A)])
def test_the_newest_by_time_is_used_where_nothing_is_named(
    repository: Repository, order: tuple[str, ...]
) -> None:
    for time_s, commit in enumerate(order, start=1000):
        repository.snapshot(commit, time_s)
    assert locate_model("owner/model").revision == order[-1]


@pytest.mark.parametrize("named", [A, B, F])
def test_the_one_that_refs_names_is_used_whatever_the_times(
    repository: Repository, named: str
) -> None:
    for time_s, commit in enumerate((B, F, A), start=1000):
        repository.snapshot(commit, time_s)
    repository.reference(F, "other")
    repository.reference(named)
    assert locate_model("owner/model").revision == named


def test_a_commit_that_takes_a_change_back_is_newer_than_the_change(
    repository: Repository,
) -> None:
    """Its blobs are those of the first commit, and as old; its links are not."""
    repository.snapshot(F, 1000)
    repository.snapshot(B, 2000, {**FILES, "config.json": b'{"other": 1}'})
    repository.snapshot(A, 3000, blob_time_s=1000)
    assert repository.newest() == A


def test_what_is_named_but_not_whole_is_not_used(
    repository: Repository, caplog: pytest.LogCaptureFixture
) -> None:
    repository.snapshot(A, 1000)
    (repository.snapshot(F, 2000) / "model.safetensors").unlink()
    repository.reference(F)
    assert locate_model("owner/model").revision == A
    assert f"refs names a snapshot that is not whole, so {A} is used" in caplog.text


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", ["lost", "dangling", "incomplete", "a folder"])
def test_a_snapshot_without_a_file_is_not_whole(
    repository: Repository, name: str, harm: str
) -> None:
    link = repository.snapshot(F, 2000) / name
    repository.snapshot(A, 1000)
    target = link.resolve()
    link.unlink()
    if harm == "dangling":
        link.symlink_to(target.with_name("0" * 40))
    elif harm == "incomplete":
        partial = target.with_name(f"{target.name}.incomplete")
        partial.write_bytes(b"half")
        link.symlink_to(partial)
    elif harm == "a folder":
        link.mkdir()
    assert repository.newest() == A
    snapshot = repository.named(F)
    assert snapshot is not None
    assert name in snapshot.files.missing


def test_every_shard_must_be_there(repository: Repository) -> None:
    index = json.dumps({"weight_map": {"a": "1.safetensors", "b": "2.safetensors"}}).encode()
    files = {name: content for name, content in FILES.items() if name != "model.safetensors"}
    files |= {"model.safetensors.index.json": index, "1.safetensors": b"1"}
    repository.snapshot(F, 2000, files)
    repository.snapshot(A, 1000, {**files, "2.safetensors": b"2"})
    assert repository.newest() == A


def test_without_modules_json_a_snapshot_is_whole_only_if_there_is_known_to_be_none(
    repository: Repository,
) -> None:
    """transformers alone does not download it, and then the pooling would be lost."""
    repository.snapshot(F, 1000, {k: v for k, v in FILES.items() if "modules" not in k})
    assert repository.newest() is None
    (repository.folder / ".no_exist" / F).mkdir(parents=True)
    (repository.folder / ".no_exist" / F / "modules.json").touch()
    assert repository.newest() == F


@pytest.mark.parametrize("content", ["", "../../elsewhere", "..", "/etc", "a/b", "\n", "\0"])
def test_a_reference_to_nothing_is_no_reference(repository: Repository, content: str) -> None:
    repository.snapshot(A, 1000)
    repository.reference(content)
    assert locate_model("owner/model").revision == A


def test_a_reference_ends_at_its_line(repository: Repository) -> None:
    repository.snapshot(F, 1000)
    repository.snapshot(A, 2000)
    repository.reference(f"{F}\n")
    assert locate_model("owner/model").revision == F


def test_no_cache_is_no_snapshot(repository: Repository) -> None:
    assert repository.newest() is None
    assert repository.named() is None


def test_a_damaged_blob_is_noticed_by_its_name(repository: Repository) -> None:
    directory = repository.snapshot(A, 1000)
    assert locate_model("owner/model").revision == A
    blob = (directory / "config.json").resolve()
    blob.write_bytes(b"[]")
    with pytest.raises(ModelFilesUnavailableError, match=r"config\.json: expected git") as caught:
        locate_model("owner/model")
    assert "lattice-embed verify --repair owner/model" in caught.value.advice


def test_hostile_modules_in_a_snapshot_are_refused(repository: Repository) -> None:
    modules = [{"path": "../../../secret", "type": "x.Pooling"}]
    files = {**FILES, "modules.json": json.dumps(modules).encode()}
    repository.snapshot(A, 1000, files)
    with pytest.raises(ModelFilesUnavailableError, match="a folder inside the repository"):
        locate_model("owner/model")


def test_a_file_that_cannot_be_read_is_told(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.snapshot(A, 1000)
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "modules.json":
            raise PermissionError(13, "Permission denied", str(path))
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ModelFilesUnavailableError, match="Permission denied"):
        locate_model("owner/model")


def test_what_a_blob_is_named_by(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    digests = {"c" * 64: Digest("sha256", "c" * 64), "c" * 40: Digest("git", "c" * 40), "x": None}
    for name, digest in digests.items():
        (tmp_path / "blobs" / name).touch()
        (tmp_path / f"link-{name}").symlink_to(f"blobs/{name}")
        assert published_digest(tmp_path / f"link-{name}") == digest
    assert published_digest(tmp_path / "blobs" / "x") is None
