"""Names -> directories with the pinned files."""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from lattice_embed import (
    EmbedError,
    ModelFilesUnavailableError,
    ModelRecord,
    UnknownModelError,
)
from lattice_embed.catalog import _BY_NAME
from lattice_embed.model_files import is_present, locate_model
from lattice_embed.pinned_files import FetchRun, PinnedFile, SourceError
from lattice_embed.verification import repair_model, verify_model

FILES = {"config.json": b"{}", "1_Pooling/config.json": b"{ }", "model.safetensors": b"weights"}


@dataclass(frozen=True)
class Folder:
    """A source that copies from a folder."""

    path: Path
    name: str

    def stage(self, run: FetchRun) -> Path:
        if not (self.path / self.name).exists():
            raise SourceError("is gone")
        staged = run.staging / "staged"
        staged.write_bytes((self.path / self.name).read_bytes())
        return staged


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that serves the files of the catalog model "tiny"."""
    folder = tmp_path / "published"
    files = []
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        files.append(PinnedFile(name, digest, len(content), (Folder(folder, name),)))
    record = ModelRecord("tiny", "owner/tiny", 8, 20, "mean", files=tuple(files))
    monkeypatch.setitem(_BY_NAME, "tiny", record)
    return folder


def damage_unseen(path: Path) -> None:
    """Other bytes of the same size and time, as a failing disk gives them."""
    status = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def unpublish(published: Path) -> None:
    for name in FILES:
        (published / name).unlink()


def test_a_pulled_model_is_there_without_its_source(published: Path, tmp_path: Path) -> None:
    assert not is_present(_BY_NAME["tiny"])
    directory = locate_model("tiny").directory
    assert directory == tmp_path / "lattice-cache" / "models" / "tiny"
    unpublish(published)
    assert is_present(_BY_NAME["tiny"])
    assert locate_model("tiny").directory == directory
    assert {name: (directory / name).read_bytes() for name in FILES} == FILES


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[::-1])


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("harm", [damage, cut, Path.unlink])
def test_a_harmed_file_is_noticed_and_brought_again(
    published: Path, harm: Callable[[Path], None]
) -> None:
    weights = locate_model("tiny").directory / "model.safetensors"
    harm(weights)
    assert not is_present(_BY_NAME["tiny"])
    locate_model("tiny")
    assert weights.read_bytes() == FILES["model.safetensors"]


def test_a_harmed_file_is_not_used_if_it_cannot_be_brought(published: Path) -> None:
    damage(locate_model("tiny").directory / "model.safetensors")
    unpublish(published)
    with pytest.raises(ModelFilesUnavailableError, match=r"model\.safetensors") as caught:
        locate_model("tiny")
    assert "is gone" in caught.value.received
    assert "1_Pooling" not in str(caught.value), "only what is missing is named"


def test_a_source_that_lies_is_named_in_the_log(
    published: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damage(published / "model.safetensors")
    with pytest.raises(ModelFilesUnavailableError, match="sent other bytes than the pinned ones"):
        locate_model("tiny")
    file = _BY_NAME["tiny"].files[-1]
    honest = Folder(published.parent / "honest", file.path)
    honest.path.mkdir()
    (honest.path / file.path).write_bytes(FILES[file.path])
    record = _BY_NAME["tiny"]
    rescued = PinnedFile(file.path, file.sha256, file.size_bytes, (*file.sources, honest))
    object.__setattr__(record, "files", (*record.files[:-1], rescued))
    with caplog.at_level(logging.WARNING, logger="lattice_embed"):
        locate_model("tiny")
    assert "sent other bytes" in caplog.text


def test_a_model_of_the_hub_without_network_says_what_to_do() -> None:
    for name in ("bge-small", "some-owner/some-model"):
        with pytest.raises(ModelFilesUnavailableError, match="HF_HUB_OFFLINE"):
            locate_model(name)


def test_a_name_that_is_none() -> None:
    with pytest.raises(UnknownModelError, match="all-minilm-l6-v2"):
        locate_model("all-minilm-v2")


@pytest.mark.parametrize(
    "name",
    [
        "x" * 5000,
        "/" + "x" * 5000,
        "a/" + "b" * 5000,
        "~/" + "x/" * 2500,
        "nul\0byte",
        "/nul\0byte",
    ],
)
def test_a_name_that_the_system_refuses_gets_the_same_error_as_any_other(name: str) -> None:
    with pytest.raises(EmbedError) as caught:
        locate_model(name)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "name",
    ["", "owner/../other", "../x", "a/..", "a--b/c", "a/b--c", "a/b..c", "a b/c", "a/"],
)
def test_a_name_that_leads_elsewhere_is_none(name: str, tmp_path: Path) -> None:
    with pytest.raises(EmbedError):
        locate_model(name)
    assert not (tmp_path / "lattice-cache").exists()


@pytest.mark.parametrize("model", [7, None, b"model", ["minilm"]])
def test_a_model_must_be_a_name_or_a_path(model: object) -> None:
    with pytest.raises(EmbedError, match="model"):
        locate_model(model)  # type: ignore[arg-type]  # what a caller without types may give


def test_a_path_object_is_never_a_hub_id(tmp_path: Path) -> None:
    with pytest.raises(EmbedError, match="nothing at this path"):
        locate_model(Path("owner/model"))


@pytest.fixture
def beside(model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the working directory with `tiny-model` in it, and a folder that is no model."""
    monkeypatch.chdir(model.parent)
    folder = model.parent / "folder"
    (folder / "tiny-modem").mkdir(parents=True)
    model.rename(folder / model.name)
    return folder


def test_a_hub_id_may_have_been_meant_as_a_path(beside: Path) -> None:
    with pytest.raises(ModelFilesUnavailableError) as caught:
        locate_model("folder/Tiny-Models")
    assert "\n  directory folder/Tiny-Models: there is none.\n" in str(caught.value)
    assert caught.value.advice.startswith(f"Did you mean {Path('folder', 'tiny-model')}?\n")
    for unlike in ("folder/another", "owner/tiny-model"):
        with pytest.raises(ModelFilesUnavailableError) as caught:
            locate_model(unlike)
        assert "Did you mean" not in str(caught.value)


def test_a_hub_id_nearly_as_in_the_catalog() -> None:
    with pytest.raises(ModelFilesUnavailableError, match=r"Did you mean bge-small-en-v1\.5"):
        locate_model("BAAI/bge-smal")


def test_a_model_of_the_catalog_was_not_meant_as_a_path() -> None:
    with pytest.raises(ModelFilesUnavailableError) as caught:
        locate_model("BAAI/bge-small-en-v1.5")
    assert "directory" not in caught.value.received


def test_a_path_that_is_nearly_right(beside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("./folder/tiny_model", "./folder/tiny-model2/", "folder/../folder/tinymodel"):
        with pytest.raises(EmbedError, match="nothing at this path") as caught:
            locate_model(name)
        assert caught.value.advice == f"Did you mean {Path(name).parent / 'tiny-model'}?"
    monkeypatch.chdir(beside)
    with pytest.raises(UnknownModelError, match=r"Did you mean tiny-model\?"):
        locate_model("tiny-mode")


def test_a_directory_without_a_model(beside: Path) -> None:
    near = re.escape(str(Path("folder", "tiny-model")))
    with pytest.raises(
        EmbedError, match=rf"a directory without config\.json\. Did you mean {near}\?"
    ):
        locate_model("folder")
    with pytest.raises(EmbedError, match="save_pretrained"):
        locate_model(beside / "tiny-modem")
    with pytest.raises(EmbedError, match="received a file"):
        locate_model("./folder/tiny-model/config.json")


def test_a_place_that_cannot_be_written_is_told(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LATTICE_MODEL_DIR", str(tmp_path / "file"))
    with pytest.raises(ModelFilesUnavailableError, match=r"cannot write .*/file"):
        locate_model("tiny")


def test_a_file_of_another_source_is_verified_and_repaired(published: Path) -> None:
    directory = locate_model("tiny").directory
    damage_unseen(directory / "model.safetensors")
    (checked,) = verify_model("tiny")
    assert (checked.directory, checked.hashed) == (directory, len(FILES))
    assert str(directory / "model.safetensors") in checked.problems[0]
    (repaired,) = repair_model("tiny")
    assert repaired.problems == ()
    assert (directory / "model.safetensors").read_bytes() == FILES["model.safetensors"]


def test_what_cannot_be_repaired_is_told_and_stays(published: Path) -> None:
    weights = locate_model("tiny").directory / "model.safetensors"
    damage_unseen(weights)
    damaged = weights.read_bytes()
    unpublish(published)
    (checked,) = repair_model("tiny")
    assert "is gone" in checked.problems[-1]
    assert weights.read_bytes() == damaged
