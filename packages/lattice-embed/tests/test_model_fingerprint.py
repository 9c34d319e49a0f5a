"""What the vectors of a model directory depend on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from lattice_embed.model_fingerprint import settings_sha256, weights_sha256


def fingerprint(model: Path) -> tuple[str, str]:
    return weights_sha256(model), settings_sha256(model)


def test_every_file_that_is_read_counts(model: Path) -> None:
    seen = {fingerprint(model)}
    files = [path for path in model.rglob("*") if path.is_file()]
    assert len(files) == 7
    for number, path in enumerate(files):
        path.write_bytes(path.read_bytes() + b" ")
        seen.add(fingerprint(model))
        assert len(seen) == number + 2, path


def test_further_layers_and_vocabularies_count_and_other_files_do_not(model: Path) -> None:
    before = fingerprint(model)
    (model / "README.md").write_text("changed")
    (model / "pytorch_model.bin").write_bytes(b"never read")
    assert fingerprint(model) == before
    (model / "vocab.txt").write_text("[PAD]")
    (model / "2_Dense").mkdir()
    (model / "2_Dense" / "model.safetensors").write_bytes(b"1")
    weights, settings = fingerprint(model)
    assert weights != before[0]
    assert settings != before[1]


def test_the_folder_of_a_module_counts_however_deep_it_lies(model: Path) -> None:
    before = fingerprint(model)
    deep = model / "modules" / "dense" / "first"
    deep.mkdir(parents=True)
    (deep / "model.safetensors").write_bytes(b"1")
    (deep / "config.json").write_bytes(b"{}")
    there = fingerprint(model)
    assert there[0] != before[0]
    assert there[1] != before[1]
    (deep / "model.safetensors").write_bytes(b"2, new weights")
    assert weights_sha256(model) != there[0]


def test_a_folder_that_is_a_link_counts(model: Path, tmp_path: Path) -> None:
    before = weights_sha256(model)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "model.safetensors").write_bytes(b"1")
    try:
        (model / "2_Dense").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    except OSError:
        pytest.skip("the system lets nobody make links")
    assert weights_sha256(model) != before


def test_a_name_belongs_to_what_is_hashed(model: Path) -> None:
    before = settings_sha256(model)
    (model / "tokenizer.json").rename(model / "tokenizer_config.json")
    assert settings_sha256(model) != before


def test_a_file_is_hashed_once(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = fingerprint(model)
    with monkeypatch.context() as patch:
        patch.setattr("lattice_embed.file_hashes.sha256_of", pytest.fail)
        assert fingerprint(model) == first
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\0")  # of the same size
    os.utime(weights, ns=(0, 0))
    assert weights_sha256(model) != first[0]
    assert settings_sha256(model) == first[1]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"a": 1}', b"[" * 100_000])
def test_a_damaged_memory_is_written_anew(model: Path, tmp_path: Path, content: bytes) -> None:
    first = weights_sha256(model)
    (memory,) = (tmp_path / "lattice-cache" / "hashes").iterdir()
    memory.write_bytes(content)
    assert weights_sha256(model) == first
    assert "sha256 of model.safetensors" in json.loads(memory.read_text())


def test_an_odd_entry_is_not_believed(model: Path, tmp_path: Path) -> None:
    first = weights_sha256(model)
    (memory,) = (tmp_path / "lattice-cache" / "hashes").iterdir()
    status = (model / "model.safetensors").stat()
    stamp = [status.st_size, status.st_mtime_ns]
    for entry in (None, 7, [], [1, 2, "0" * 64], [*stamp], [*stamp, 3], [*stamp, "a", "b"], "text"):
        memory.write_text(json.dumps({"sha256 of model.safetensors": entry}))
        assert weights_sha256(model) == first


def test_a_cache_directory_that_cannot_be_written(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = weights_sha256(model)
    (tmp_path / "file").touch()
    monkeypatch.setenv("LATTICE_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert weights_sha256(model) == first
